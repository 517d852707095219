//! Puts a reply into words for a kind of channel.
//!
//! The dialogue is the same everywhere; what differs is here: an SMS answer fits one segment of
//! GSM-7, a USSD screen 160 plain characters, Telegram has room, HTML and buttons.

mod broadcast;
mod cases;
mod charts;
mod comparing;
pub mod correction;
mod demands;
mod fixed;
mod group;
mod highlights;
mod link;
mod meaning;
mod places;
mod privacy;
mod telegram;
mod ussd;
mod words;
mod years;

use serde::{Deserialize, Serialize};

use super::sms::segments;
use crate::domain::channel::ChannelKind;
use crate::domain::chart::Picture;
use crate::domain::facts::Facts;
use crate::engine::reply::Reply;
pub use broadcast::{broadcast, broadcast_correction};
pub use cases::{STAFF_SEGMENTS, case_merged, case_news, case_news_why, follow_up, opened_for, staff_text};
pub use charts::chart;
pub use demands::{ANSWER_SEGMENTS, demand_answer, demand_state};
pub use highlights::{highlight_card, highlight_figure, highlight_picture, highlight_text};
pub use privacy::decided as privacy_decided;
use words::Words;
pub(crate) use words::{grouped, number};

/// What a rendered reply is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyKind {
    /// A figure or a fact that was asked for.
    Answer,
    /// A question that waits for an answer.
    Question,
    /// Something the person should know.
    Notice,
    /// An act was done.
    Confirmation,
    /// It could not be done, or was not understood.
    Error,
}

/// A key that the person may answer with, and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is sent back (`1`, `COMIDA`); empty: the location, by the channel's own button.
    pub key: String,
    /// What a button shows.
    pub label: String,
}

/// A reply in words, ready to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// What it is for.
    pub kind: ReplyKind,
    /// The text, in the channel's own form (HTML for Telegram).
    pub text: String,
    /// Key of the municipality it is about.
    pub municipality: Option<String>,
    /// What may be answered with a key.
    pub choices: Vec<Choice>,
    /// For a channel with buttons: replace the keyboard's message instead of sending a new one.
    pub edit: bool,
    /// What it costs: segments of an SMS, 1 elsewhere.
    #[serde(default = "one")]
    pub segments: u32,
    /// The chart that a channel with pictures shows above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
}

fn one() -> u32 {
    1
}

/// What a text needs to know beside the reply.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The loaded pack.
    pub facts: &'a Facts,
    /// Locale of the person.
    pub locale: &'a str,
    /// Kind of the channel.
    pub channel: ChannelKind,
    /// Who answers, as people know it.
    pub service: &'a str,
}

/// A reply in words before the channel's own form: the same text in shorter and shorter wordings.
struct Draft {
    kind: ReplyKind,
    /// From the fullest to the shortest.
    wordings: Vec<String>,
    municipality: Option<String>,
    choices: Vec<Choice>,
}

impl Draft {
    fn new(kind: ReplyKind, wordings: Vec<String>) -> Self {
        Self { kind, wordings, municipality: None, choices: Vec::new() }
    }

    /// Offers to share the location, on a channel with such a button.
    fn asking_location(mut self, label: String) -> Self {
        self.choices.push(Choice { key: String::new(), label });
        self
    }

    fn about(mut self, key: &str) -> Self {
        self.municipality = Some(key.to_owned());
        self
    }

    fn offering(mut self, choices: Vec<Choice>) -> Self {
        self.choices = choices;
        self
    }
}

/// Puts `reply` into words.
pub fn render(reply: &Reply, setting: Setting<'_>) -> Rendered {
    let words = Words::new(setting);
    let rendered = worded(draft(reply, &words), &words);
    match words.channel {
        ChannelKind::Telegram => Rendered { picture: charts::picture(reply, &words), ..rendered },
        ChannelKind::Sms | ChannelKind::Ussd => rendered,
    }
}

/// A draft in the channel's own form.
fn worded(draft: Draft, words: &Words<'_>) -> Rendered {
    match words.channel {
        ChannelKind::Sms => {
            let (text, segments) = shortest_fitting(&draft.wordings);
            finished(draft, text, segments)
        }
        ChannelKind::Ussd => {
            let text = ussd::screen(&draft);
            finished(draft, text, 1)
        }
        ChannelKind::Telegram => {
            let text = telegram::html(&draft, words);
            finished(draft, text, 1)
        }
    }
}

fn finished(draft: Draft, text: String, segments: u32) -> Rendered {
    Rendered {
        kind: draft.kind,
        text,
        municipality: draft.municipality,
        choices: draft.choices,
        edit: false,
        segments,
        picture: None,
    }
}

fn draft(reply: &Reply, words: &Words<'_>) -> Draft {
    match reply {
        Reply::Headline { place, family } => comparing::headline(words, place, *family),
        Reply::Topic { place, topic, family } => comparing::topic(words, place, topic, *family),
        Reply::Several { places, topic } => comparing::several(words, places, topic),
        Reply::Peers { place, family, .. } => group::peers(words, place, *family),
        Reply::Families => group::families(words),
        Reply::Ranks { place, family, page } => group::ranks(words, place, *family, *page),
        Reply::Areas { place, topic } => group::areas(words, place, topic),
        Reply::Trend { place, topic } => years::trend(words, place, topic),
        Reply::TrendNote { place, topic } => years::trend_note(words, place, topic),
        Reply::Best { place, topic, family, practice } => {
            group::best(words, (place, topic, *family), practice.as_ref())
        }
        Reply::Behind { place, topic, family } => group::behind(words, place, topic, *family),
        Reply::Definition { topic } => meaning::definition(words, topic),
        Reply::Term { id } => meaning::term(words, id),
        Reply::SeriesDefinition { series } => meaning::series_definition(words, series),
        Reply::Source { topic, page } => meaning::source(words, topic, *page),
        Reply::Topics { page } => meaning::topics(words, *page),
        Reply::Which { name, same, places, first, total } => {
            let name = name.as_deref().map(|name| (name, *same));
            places::which(words, name, places, *first, *total)
        }
        Reply::AskPlace => places::ask(words),
        Reply::Newer { place } => places::newer(words, place),
        Reply::Nearest { place, km } => places::nearest(words, place, *km),
        Reply::HomeSet { place } => places::home_set(words, place),
        Reply::NotOpen { feature } => fixed::not_open(words, feature),
        Reply::Languages => fixed::languages(words),
        Reply::LanguageSet { locale } => fixed::language_set(words, locale),
        Reply::Link(reply) => link::link(words, reply),
        Reply::Case(reply) => cases::case(words, reply),
        Reply::Demand(reply) => demands::demand(words, reply),
        Reply::Highlight(reply) => highlights::highlight(words, reply),
        Reply::Privacy(reply) => privacy::privacy(words, reply),
        Reply::Say(say) => fixed::say(words, *say),
    }
}

/// The first wording that fits one SMS, else the last, as it is sent and with its segments. No text
/// is ever longer than three.
fn shortest_fitting(wordings: &[String]) -> (String, u32) {
    let mut last = (String::new(), 0);
    for wording in wordings {
        let text = segments::transliterate(wording);
        let segments = segments::segment(&text).segments;
        if segments <= 1 {
            return (text, segments as u32);
        }
        last = (text, segments);
    }
    let (text, segments) = last;
    if segments <= 3 {
        return (text, segments as u32);
    }
    let text: String = segments::parts(&text).into_iter().take(3).collect();
    let segments = segments::segment(&text).segments as u32;
    (text, segments)
}
