//! What staff set up and keep: offices, categories, calendars, canned replies, views, drafts.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// An account, by its shown name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    /// The account.
    pub id: Uuid,
    /// The shown name.
    pub name: String,
}

/// Those a case of a municipality can be given to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Colleagues {
    /// The accounts, by shown name; 500 at most.
    #[serde(default)]
    pub items: Vec<Person>,
}

/// An office.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Office {
    /// Its document; absent: it is the country pack's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Official key.
    pub municipality: String,
    /// Its code.
    pub code: String,
    /// Its name by language.
    pub name: BTreeMap<String, String>,
    /// Its public telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// `municipal`, `state` or `federal`.
    pub level: String,
    /// When it works, in lines such as `mon-fri 09:00-14:00 16:00-18:00`.
    #[serde(default)]
    pub hours: Vec<String>,
    /// Code of the municipal office that follows its cases, where it is not municipal itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<String>,
    /// Counts the writes; 0: the country pack's.
    pub version: i64,
}

/// Writes an office, over the country pack's of the same code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfficeWrite {
    /// The version that was seen; 0: the country pack's, or none.
    pub version: i64,
    /// Its name by language.
    pub name: BTreeMap<String, String>,
    /// Its public telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// `municipal`, `state` or `federal`.
    pub level: String,
    /// When it works, in lines such as `mon-fri 09:00-14:00 16:00-18:00`.
    #[serde(default)]
    pub hours: Vec<String>,
    /// Code of the municipal office that follows its cases, where it is not municipal itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<String>,
}

/// Offices of a municipality.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Offices {
    /// The offices.
    pub items: Vec<Office>,
}

/// A category of cases.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Category {
    /// Its document; absent: it is the country pack's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// Official key.
    pub municipality: String,
    /// Its code.
    pub code: String,
    /// Its name by language; at most 24 characters.
    pub name: BTreeMap<String, String>,
    /// Words that people use for it, by language.
    #[serde(default)]
    pub keywords: BTreeMap<String, Vec<String>>,
    /// What is asked besides what, where and who may see it: three at most.
    #[serde(default)]
    pub questions: Vec<CategoryQuestion>,
    /// Code of the office that answers.
    pub office: String,
    /// Working days until a person has read it.
    pub receipt_days: u32,
    /// Working days until a person answers.
    pub first_answer_days: u32,
    /// Working days until each further news.
    pub update_days: u32,
    /// Working days until it is solved.
    pub solution_days: u32,
    /// `open`, `confidential` or `restricted`.
    pub confidentiality: String,
    /// Topics of the comparison after which a complaint is about this.
    #[serde(default)]
    pub topics: Vec<String>,
    /// Sustainable Development Goal target (`6.1`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdg: Option<String>,
    /// Place in the menu, rising.
    pub order: u16,
    /// Kept out of the menu.
    #[serde(default)]
    pub hidden: bool,
    /// Whether it is asked where.
    #[serde(default)]
    pub asks_where: bool,
    /// Counts the writes; 0: the country pack's.
    pub version: i64,
}

/// A question of a category.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CategoryQuestion {
    /// Its code, unique in the category.
    pub code: String,
    /// What is asked, by language.
    pub text: BTreeMap<String, String>,
}

/// Writes a category, over the country pack's of the same code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CategoryWrite {
    /// The version that was seen; 0: the country pack's, or none.
    pub version: i64,
    /// Its name by language; at most 24 characters.
    pub name: BTreeMap<String, String>,
    /// Words that people use for it, by language.
    #[serde(default)]
    pub keywords: BTreeMap<String, Vec<String>>,
    /// What is asked besides what, where and who may see it: three at most.
    #[serde(default)]
    pub questions: Vec<CategoryQuestion>,
    /// Code of the office that answers.
    pub office: String,
    /// Working days until a person has read it.
    pub receipt_days: u32,
    /// Working days until a person answers.
    pub first_answer_days: u32,
    /// Working days until each further news.
    pub update_days: u32,
    /// Working days until it is solved.
    pub solution_days: u32,
    /// `open`, `confidential` or `restricted`.
    pub confidentiality: String,
    /// Topics of the comparison after which a complaint is about this.
    #[serde(default)]
    pub topics: Vec<String>,
    /// Sustainable Development Goal target (`6.1`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdg: Option<String>,
    /// Place in the menu, rising.
    pub order: u16,
    /// Kept out of the menu.
    #[serde(default)]
    pub hidden: bool,
    /// Whether it is asked where.
    #[serde(default)]
    pub asks_where: bool,
}

/// Categories of a municipality.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Categories {
    /// The categories, in the order of the menu.
    pub items: Vec<Category>,
}

/// Days on which a municipality does not work, besides those of country and state.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Calendar {
    /// Official key.
    pub municipality: String,
    /// The days.
    pub days: Vec<CalendarDay>,
    /// Counts the writes; 0: none yet.
    pub version: i64,
}

/// A day on which a municipality does not work.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalendarDay {
    /// The day, ISO 8601 (`2026-02-02`).
    pub date: String,
    /// What it is called.
    pub name: String,
}

/// Writes a municipality's calendar.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalendarWrite {
    /// The version that was seen; 0: none yet.
    pub version: i64,
    /// The days.
    pub days: Vec<CalendarDay>,
}

/// A reply that is written once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CannedReply {
    /// Its id.
    pub id: Uuid,
    /// Official key; empty: of all.
    pub municipality: String,
    /// The letter that picks it.
    pub letter: String,
    /// What it is called.
    pub title: String,
    /// The text by language, with place-holders (`{folio}`).
    #[serde(default)]
    pub texts: BTreeMap<String, String>,
    /// Place-holders that it uses.
    #[serde(default)]
    pub placeholders: Vec<String>,
    /// SMS segments by language, place-holders counted as they stand.
    #[serde(default)]
    pub segments: BTreeMap<String, u64>,
    /// Counts the writes.
    pub version: i64,
}

/// Writes a canned reply.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CannedWrite {
    /// The version that was seen; 0 for a new one.
    pub version: i64,
    /// Official key; empty: of all.
    pub municipality: String,
    /// The letter that picks it: one letter or digit.
    pub letter: String,
    /// What it is called.
    pub title: String,
    /// The text by language.
    #[serde(default)]
    pub texts: BTreeMap<String, String>,
}

/// Canned replies.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CannedReplies {
    /// The replies, by letter.
    #[serde(default)]
    pub items: Vec<CannedReply>,
    /// The place-holders that there are.
    #[serde(default)]
    pub placeholders: Vec<String>,
}

/// A filter with a name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct View {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The filter, as the query of a list (`state=open&label=bache`).
    pub filter: String,
    /// Counts the writes.
    pub version: i64,
}

/// Writes a view of who asks.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViewWrite {
    /// The version that was seen; 0 for a new one.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// The filter, as the query of a list.
    pub filter: String,
}

/// Saved views of who asks.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Views {
    /// The views, by name.
    #[serde(default)]
    pub items: Vec<View>,
}

/// Removes a document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Removal {
    /// The version that was seen.
    pub version: i64,
}

/// What was removed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Removed {
    /// Its id.
    pub id: Uuid,
}

/// A text that was not sent yet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Draft {
    /// The case.
    pub case: Uuid,
    /// `reply` or `note`.
    pub kind: String,
    /// The text.
    pub text: String,
    /// Counts the writes.
    pub version: i64,
    /// When it was last written, Unix ms.
    pub updated_at: i64,
}

/// Keeps a draft.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DraftWrite {
    /// The text; empty: the draft is removed.
    pub text: String,
}

/// Drafts of who asks.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Drafts {
    /// The drafts.
    #[serde(default)]
    pub items: Vec<Draft>,
}

/// Labels that are in use.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Labels {
    /// The labels, the most used first.
    #[serde(default)]
    pub items: Vec<Label>,
}

/// A label.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Label {
    /// The label.
    pub label: String,
    /// How many carry it of the open ones among the newest 2,000 cases of the municipality.
    pub cases: i64,
}

crate::quiet!(
    Person,
    Colleagues,
    Office,
    OfficeWrite,
    Offices,
    Category,
    CategoryQuestion,
    CategoryWrite,
    Categories,
    Calendar,
    CalendarDay,
    CalendarWrite,
    CannedReply,
    CannedWrite,
    CannedReplies,
    View,
    ViewWrite,
    Views,
    Removal,
    Removed,
    Draft,
    DraftWrite,
    Drafts,
    Labels,
    Label
);
