//! Highlights: cards about what worked in a municipality. Nothing here tells who read one or said what about it.
use crate::act::PreviewChannel;
use crate::desk::Person;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which cards are listed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HighlightQuery {
    /// `draft`, `in_review`, `published` or `withdrawn`; all unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Keys of municipalities, with commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<String>,
    /// The cursor that the page before gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Uuid>,
    /// Rows, 1 to 200; 50 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of cards, the newest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightList {
    /// The rows.
    #[serde(default)]
    pub items: Vec<HighlightRow>,
    /// Cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Uuid>,
}

/// A card as a list shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightRow {
    /// Its id.
    pub id: Uuid,
    /// The number by which people read it (`VER 12`).
    pub code: u32,
    /// `draft`, `in_review`, `published` or `withdrawn`.
    pub state: String,
    /// Counts the changes.
    pub version: i64,
    /// Official key.
    pub municipality: String,
    /// Its name.
    pub municipality_name: String,
    /// Code of the theme: `education`, `health`, `social_security`, `housing`, `services`, `food`, `livelihoods`,
    /// `financing`, `communication` or `procurement`.
    pub theme: String,
    /// Topic of the pack whose figure moved.
    pub topic: String,
    /// What it is called.
    pub title: String,
    /// When it was proposed, Unix ms.
    pub created_at: i64,
    /// When it changed last, Unix ms.
    pub updated_at: i64,
    /// When it was published, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<i64>,
}

/// The figure that moved: from the data in use, never written by hand.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightIndicator {
    /// Code of the series.
    pub series: String,
    /// What it counts, in words.
    pub label: String,
    /// Its unit.
    pub unit: String,
    /// Whether lower is better.
    pub lower_is_better: bool,
    /// The year before.
    pub before_year: i32,
    /// The figure before, in exact decimals.
    pub before: String,
    /// The year after.
    pub after_year: i32,
    /// The figure after, in exact decimals.
    pub after: String,
    /// The source, as it is named in messages.
    pub source: String,
}

/// What staff write of a card.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightText {
    /// Code of the theme.
    pub theme: String,
    /// What it is called, 3 to 60 characters.
    pub title: String,
    /// What was done, 10 to 160 characters: no names of people.
    pub done: String,
    /// What it cost, in words, at most 40 characters; empty: nobody knows.
    #[serde(default)]
    pub cost: String,
    /// The office that can be asked, at most 60 characters: no person's telephone.
    pub contact: String,
    /// What went wrong or was learned, at most 400 characters; people read it where there is room (Telegram).
    #[serde(default)]
    pub learned: String,
    /// Links to evidence, `https` only; shown where there is room.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 5))]
    pub evidence: Vec<String>,
    /// Goal of sustainable development, 1 to 17.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 17))]
    pub sdg: Option<u8>,
}

/// A personal datum that the check found in a card.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightFinding {
    /// The field: `title`, `done`, `cost`, `contact`, `learned` or `evidence`.
    pub field: String,
    /// `phone`, `curp`, `rfc`, `ine`, `email` or `address`.
    pub kind: String,
    /// Where it begins, in characters of the field (of `evidence`: of the lines one below the other).
    pub start: u32,
    /// Where it ends, not included.
    pub end: u32,
}

/// Somebody who did something to a card, and when.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightSign {
    /// Who; absent where the account is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Person>,
    /// When, Unix ms.
    pub at: i64,
}

/// A card whole.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Highlight {
    /// What a list shows of it.
    pub row: HighlightRow,
    /// The figure that moved; absent where the data in use has it no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indicator: Option<HighlightIndicator>,
    /// What staff wrote.
    pub text: HighlightText,
    /// Whether the caller may edit it now, and submit it while it is a draft.
    pub editable: bool,
    /// Whether the caller may withdraw it now.
    #[serde(default)]
    pub withdrawable: bool,
    /// Whether it is published and shown to nobody: the data in use have other figures than were approved.
    #[serde(default)]
    pub outdated: bool,
    /// Whether the caller may approve or reject it now.
    pub approvable: bool,
    /// What an approval names: it changes with every word and figure.
    pub hash: String,
    /// The one that proposed it.
    pub author: HighlightSign,
    /// Those that edited it, each once, the first first.
    #[serde(default)]
    pub editors: Vec<HighlightSign>,
    /// Those that approved it as it is; an edit clears them.
    #[serde(default)]
    pub approvals: Vec<HighlightSign>,
    /// Personal data that the check found.
    #[serde(default)]
    pub findings: Vec<HighlightFinding>,
    /// The second person who looked at the findings and found that they may be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleared: Option<HighlightSign>,
    /// Why it was rejected or withdrawn last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it is on each kind of channel, in each language.
    #[serde(default)]
    pub previews: Vec<HighlightPreview>,
    /// Whether it helped those who read it.
    pub feedback: HighlightFeedback,
    /// Municipalities that took it over, the first first.
    #[serde(default)]
    pub adoptions: Vec<HighlightAdoption>,
}

/// A card as it is read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightPreview {
    /// Language.
    pub language: String,
    /// The text and what one message of it costs, by channel.
    #[serde(default)]
    pub channels: Vec<PreviewChannel>,
}

/// How many said what at least, in steps of fifteen, so that no look counts one person; absent: fewer, or nobody.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightFeedback {
    /// It helped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yes: Option<u64>,
    /// It helped a little.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half: Option<u64>,
    /// It did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no: Option<u64>,
}

/// A municipality that took a practice over.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightAdoption {
    /// Official key.
    pub municipality: String,
    /// Its name.
    pub municipality_name: String,
    /// The one it learned it from: that of the card, or an earlier one of this list.
    pub learned_from: String,
    /// Its name.
    pub learned_from_name: String,
    /// Since when, ISO 8601.
    pub adopted_on: String,
    /// Who reported it, and when.
    pub reported: HighlightSign,
}

/// What an act on a card led to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightDone {
    /// The card.
    pub id: Uuid,
    /// The number by which people read it.
    pub code: u32,
    /// Its version now.
    pub version: i64,
    /// Code of its state now.
    pub state: String,
}

/// Proposes a card.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightProposal {
    /// Official key.
    pub municipality: String,
    /// Topic of the pack whose figure moved.
    pub topic: String,
    /// What is written.
    pub text: HighlightText,
}

/// Writes a card anew; it is a draft again and what was approved or cleared is not any more.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightEdit {
    /// The version that was seen.
    pub version: i64,
    /// What is written.
    pub text: HighlightText,
}

/// Hands a card in for review.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightSubmit {
    /// The version that was seen.
    pub version: i64,
}

/// A second person says that what the check found is nobody's in particular, or may be shown; or, by approving, that
/// the card may be published.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightSignature {
    /// The version that was seen.
    pub version: i64,
    /// The hash that was seen.
    pub hash: String,
}

/// Rejects a card in review, or withdraws a card.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightRefusal {
    /// The version that was seen.
    pub version: i64,
    /// Why, at most 400 characters; staff reads it.
    pub reason: String,
}

/// Reports that a municipality took a practice over.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightAdoptionReport {
    /// The version of the card that was seen.
    pub version: i64,
    /// Official key.
    pub municipality: String,
    /// The one it learned it from; that of the card unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned_from: Option<String>,
    /// Since when, ISO 8601.
    pub adopted_on: String,
}

/// What a card that is not proposed yet would be.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightCheck {
    /// The figure that moved.
    pub indicator: HighlightIndicator,
    /// Personal data that the check found.
    #[serde(default)]
    pub findings: Vec<HighlightFinding>,
    /// What it is on each kind of channel, in each language.
    #[serde(default)]
    pub previews: Vec<HighlightPreview>,
    /// Whether it fits: at most two segments as an SMS, in each language.
    pub fits: bool,
}

/// Begins a broadcast of a card: to who has news of its topic in municipalities like its own, with its text in every
/// language. It is a draft, and goes the way of every broadcast.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightBroadcast {
    /// The version of the card that was seen: it is what goes out.
    pub version: i64,
    /// Ids of the channels that it may take.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 20))]
    pub channels: Vec<String>,
    /// Not before this, Unix ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_at: Option<i64>,
}

/// Which municipalities that a story could be asked of are listed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HighlightCandidateQuery {
    /// Keys of municipalities or states, with commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<String>,
}

/// Municipalities that a story could be asked of.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightCandidates {
    /// Version of the rule that found them.
    pub rule: String,
    /// They, by series and key.
    #[serde(default)]
    pub items: Vec<HighlightCandidate>,
}

/// A municipality whose figure moved as few do.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightCandidate {
    /// Official key.
    pub municipality: String,
    /// Its name.
    pub municipality_name: String,
    /// Topic of the pack that the series belongs to.
    pub topic: String,
    /// The figure that moved.
    pub indicator: HighlightIndicator,
    /// The median change of its group, in exact decimals.
    pub group_change: String,
    /// Its rank in its group by the newest figure; 1 is the best.
    pub rank: u32,
    /// Members of the group with that figure, itself included.
    pub size: u32,
}

/// Whom a card is for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightAudience {
    /// Version of the rule of peer groups.
    pub rule: String,
    /// Municipalities like the one of the card, the nearest first.
    #[serde(default)]
    pub municipalities: Vec<HighlightPlace>,
    /// How many contacts in them have news of the topic, in steps of five; `<11` where they are fewer.
    pub subscribers: String,
}

/// A municipality.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HighlightPlace {
    /// Official key.
    pub municipality: String,
    /// Its name.
    pub municipality_name: String,
    /// The name of its state.
    pub state_name: String,
}

crate::quiet!(
    HighlightQuery,
    HighlightList,
    HighlightRow,
    HighlightIndicator,
    HighlightText,
    HighlightFinding,
    HighlightSign,
    Highlight,
    HighlightPreview,
    HighlightFeedback,
    HighlightAdoption,
    HighlightDone,
    HighlightProposal,
    HighlightEdit,
    HighlightSubmit,
    HighlightSignature,
    HighlightRefusal,
    HighlightAdoptionReport,
    HighlightCheck,
    HighlightBroadcast,
    HighlightCandidateQuery,
    HighlightCandidates,
    HighlightCandidate,
    HighlightAudience,
    HighlightPlace,
);
