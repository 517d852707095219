//! Replies: what is said, before a channel's rendering puts it into words.
//!
//! A reply names municipalities by key, topics by id and families by number; the figures are read
//! from the facts when it is rendered, so that a text and `cabildo compare` can't differ.

use serde::{Deserialize, Serialize};

use crate::domain::peer_group::Family;

/// What is said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The answer to a bare name.
    Headline {
        /// Key of the municipality.
        place: String,
        /// Peer rule.
        family: Family,
    },
    /// One topic of a municipality.
    Topic {
        /// Key of the municipality.
        place: String,
        /// Topic.
        topic: String,
        /// Peer rule.
        family: Family,
    },
    /// Two or three municipalities on one topic.
    Several {
        /// Keys, in the order in which they were named.
        places: Vec<String>,
        /// Topic.
        topic: String,
    },
    /// The rule of the peer group and who is in it.
    Peers {
        /// Key of the municipality.
        place: String,
        /// Peer rule.
        family: Family,
        /// The topic that is talked about, for a picture; absent: the headline's.
        #[serde(default)]
        topic: Option<String>,
    },
    /// The choice of peer rules.
    Families,
    /// The ranks of a municipality, a page of topics.
    Ranks {
        /// Key of the municipality.
        place: String,
        /// Peer rule.
        family: Family,
        /// Page, from 0.
        page: usize,
    },
    /// The figure beside those of the state and the country.
    Areas {
        /// Key of the municipality.
        place: String,
        /// Topic.
        topic: String,
    },
    /// All years.
    Trend {
        /// Key of the municipality.
        place: String,
        /// Topic.
        topic: String,
    },
    /// What the years of a trend can't tell: the method note.
    TrendNote {
        /// Topic.
        topic: String,
        /// Key of the municipality.
        place: String,
    },
    /// The best of the peer group.
    Best {
        /// Key of the municipality.
        place: String,
        /// Topic.
        topic: String,
        /// Peer rule.
        family: Family,
        /// The card of the best of them that has one.
        #[serde(default)]
        practice: Option<Practice>,
    },
    /// The group furthest behind: women or men where published, else municipalities.
    Behind {
        /// Key of the municipality.
        place: String,
        /// Topic.
        topic: String,
        /// Peer rule.
        family: Family,
    },
    /// A plain definition.
    Definition {
        /// Topic.
        topic: String,
    },
    /// Definition of a word of the answers that is no topic.
    Term {
        /// Its id.
        id: String,
    },
    /// The definition of a series that no topic answers.
    SeriesDefinition {
        /// Code of the series.
        series: String,
    },
    /// Where a figure comes from, a page of it.
    Source {
        /// Topic.
        topic: String,
        /// Page, from 0.
        page: usize,
    },
    /// Several places have what was written: which one?
    Which {
        /// The name that the likeliest candidates share; absent when they differ.
        name: Option<String>,
        /// How many bear that name.
        same: usize,
        /// Keys of the candidates shown.
        places: Vec<String>,
        /// Number of the first one shown, from 1.
        first: usize,
        /// All candidates.
        total: usize,
    },
    /// Which municipality?
    AskPlace,
    /// A municipality newer than the data.
    Newer {
        /// Key of the municipality.
        place: String,
    },
    /// The head town nearest to a shared location: is it there?
    Nearest {
        /// Key of the municipality.
        place: String,
        /// Distance to its head town, in whole km.
        km: u32,
    },
    /// The home municipality is now this one.
    HomeSet {
        /// Key of the municipality.
        place: String,
    },
    /// The topics one can ask about, a page of them.
    Topics {
        /// Page, from 0.
        page: usize,
    },
    /// A word whose feature is not open.
    NotOpen {
        /// Id of the feature.
        feature: String,
    },
    /// The languages to choose from.
    Languages,
    /// The language is now this one.
    LanguageSet {
        /// BCP 47 tag.
        locale: String,
    },
    /// Of joining a phone and a Telegram chat.
    Link(super::link::LinkReply),
    /// Of a case.
    Case(super::cases::CaseReply),
    /// Of a demand, or of news.
    Demand(Box<super::demands::DemandReply>),
    /// Of a card.
    Highlight(super::highlights::HighlightReply),
    /// Of the person's own data.
    Privacy(super::privacy::PrivacyReply),
    /// A fixed text.
    Say(Say),
}

/// Which card tells how a municipality did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Practice {
    /// Number of the card.
    pub code: u32,
    /// Key of the municipality.
    pub place: String,
}

/// Texts without arguments from the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Say {
    /// Greeting and what to write.
    Greeting,
    /// Answer to thanks alone.
    Thanks,
    /// What it costs.
    Cost,
    /// Who answers.
    Who,
    /// Help, first page.
    Help,
    /// Help, second page: reports, the service itself.
    HelpMore,
    /// Help, third page: what else compares.
    HelpCompare,
    /// How to compare, and of which place?
    CompareHow,
    /// Main menu.
    Menu,
    /// Privacy notice given once to a new contact.
    Notice,
    /// Privacy, first page.
    Privacy,
    /// Privacy, second page.
    PrivacyMore,
    /// Broadcasts are stopped.
    Stopped,
    /// They already were.
    AlreadyStopped,
    /// Broadcasts are on again.
    Started,
    /// They were not stopped.
    AlreadyStarted,
    /// Stop messages?
    AskStop,
    /// Nothing was stopped.
    NotStopped,
    /// The dialogue was left.
    Cancelled,
    /// There is nothing more.
    NoMore,
    /// The digit is none of those offered.
    NoSuchChoice,
    /// Not understood, first hint.
    Hint,
    /// Not understood, second hint.
    SecondHint,
    /// Not understood: kept for a person.
    KeptForPerson,
    /// No place of that name.
    NoSuchPlace,
    /// The location is far from every head town.
    FarAway,
    /// Not that place: write its name.
    NotThere,
    /// Peer rule that this country does not have.
    NoSuchFamily,
    /// No such topic.
    NoSuchTopic,
    /// A picture, a voice or a file: not read yet.
    OnlyText,
    /// Many messages came at once: kept, and not answered one by one.
    Folded,
    /// Too many answers in an hour or a day: silence for a while.
    Pause,
}

impl Say {
    /// Every fixed text.
    pub const ALL: [Self; 32] = [
        Self::Greeting,
        Self::Thanks,
        Self::Cost,
        Self::Who,
        Self::Help,
        Self::HelpMore,
        Self::HelpCompare,
        Self::CompareHow,
        Self::Menu,
        Self::Notice,
        Self::Privacy,
        Self::PrivacyMore,
        Self::Stopped,
        Self::AlreadyStopped,
        Self::Started,
        Self::AlreadyStarted,
        Self::AskStop,
        Self::NotStopped,
        Self::Cancelled,
        Self::NoMore,
        Self::NoSuchChoice,
        Self::Hint,
        Self::SecondHint,
        Self::KeptForPerson,
        Self::NoSuchPlace,
        Self::FarAway,
        Self::NotThere,
        Self::NoSuchFamily,
        Self::NoSuchTopic,
        Self::OnlyText,
        Self::Folded,
        Self::Pause,
    ];

    /// Key of its message.
    pub fn key(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Thanks => "thanks",
            Self::Cost => "cost",
            Self::Who => "who-answers",
            Self::Help => "help",
            Self::HelpMore => "help-more",
            Self::HelpCompare => "help-compare",
            Self::CompareHow => "compare-how",
            Self::Menu => "menu",
            Self::Notice => "notice",
            Self::Privacy => "privacy",
            Self::PrivacyMore => "privacy-more",
            Self::Stopped => "stopped",
            Self::AlreadyStopped => "already-stopped",
            Self::Started => "started",
            Self::AlreadyStarted => "already-started",
            Self::AskStop => "ask-stop",
            Self::NotStopped => "not-stopped",
            Self::Cancelled => "cancelled",
            Self::NoMore => "no-more",
            Self::NoSuchChoice => "no-such-choice",
            Self::Hint => "hint",
            Self::SecondHint => "second-hint",
            Self::KeptForPerson => "kept-for-person",
            Self::NoSuchPlace => "no-such-place",
            Self::FarAway => "far-away",
            Self::NotThere => "not-there",
            Self::NoSuchFamily => "no-such-family",
            Self::NoSuchTopic => "no-such-topic",
            Self::OnlyText => "only-text",
            Self::Folded => "folded",
            Self::Pause => "pause",
        }
    }
}
