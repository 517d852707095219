//! The report of a municipality: one page of its figures beside its peers', of what was reported and
//! demanded there, of what was promised, and of what worked in places like it.
//!
//! A page is made of blocks of plain text ([`page`]); only what writes them escapes, once
//! ([`html`], [`markdown`]). Only [`read`] and [`practices`] ask the database, and nothing a clock.

pub mod html;
pub mod markdown;
mod page;
mod read;
mod times;
mod work;

pub use page::page;
pub use read::{practices, read};
pub use times::times;
pub use work::Outcomes;

use crate::domain::demand::{Code, Commitment, Demand};
use crate::domain::facts::Facts;
use crate::domain::municipality::MunicipalityId;
use crate::domain::peer_group::Family;

/// A page: plain texts, not escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// BCP 47 tag of its language.
    pub language: String,
    /// Its title.
    pub title: String,
    /// What stands on it, in order.
    pub blocks: Vec<Block>,
}

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// The heading of what follows.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// A paragraph that is less important: sources and rules.
    Small(String),
    /// A table: its head, and rows of as many cells.
    Table(Vec<String>, Vec<Vec<String>>),
}

/// What a page is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The figures.
    pub facts: &'a Facts,
    /// The municipality.
    pub municipality: MunicipalityId,
    /// With whom it is compared.
    pub family: Family,
    /// Language of the page, one of the catalogue's.
    pub locale: &'a str,
    /// The day of the page, as an ISO date.
    pub day: &'a str,
}

/// What the database holds about the municipality.
#[derive(Clone, Debug, Default)]
pub struct Work {
    /// Cases of the last year, counted.
    pub outcomes: Outcomes,
    /// Public demands, the newest first.
    pub demands: Vec<Demand>,
    /// Promises with the code of the demand that each answers, the newest first.
    pub promises: Vec<(Option<Code>, Commitment)>,
}

/// A practice of a municipality like this one, as it was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Practice {
    /// The municipality that did it, with its state.
    pub place: String,
    /// What was done, in a sentence.
    pub title: String,
    /// The figure that moved, with its years, values and source.
    pub moved: String,
}

/// What nobody should read in a text of somebody else's: line breaks become blanks, marks that turn the
/// direction of what follows and other controls go.
fn printable(text: &str) -> String {
    let turns = |it: char| matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}');
    let mut out = String::with_capacity(text.len());
    for it in text.chars() {
        if matches!(it, '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}') {
            out.push(' ');
        } else if !it.is_control() && !turns(it) {
            out.push(it);
        }
    }
    out
}

#[cfg(test)]
mod tests;
