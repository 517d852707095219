//! Whether two complaints are about the same: a score from 0 to 1 whose parts have names.
//!
//! What is compared is what a person tells: what it is (concepts of the pack's [`Lexicon`]), where (names and
//! numbers of the text and of the answer to the question where, and pins), and when. The work is bounded,
//! whatever is written: no more than [`WORDS`] words of a text are read.

mod cluster;
mod colonia;
mod lexicon;
mod words;

pub use cluster::{Cluster, clusters};
pub use colonia::shared_colonia;
pub use lexicon::Lexicon;
pub use words::Told;

use super::time::{DAY, UnixMillis};
use words::Name;

/// Words of a text that are read.
pub const WORDS: usize = 48;
/// The least score of two complaints that are likely the same.
pub const SAME: f32 = 0.5;
/// Within this distance two pins are one place, in metres.
pub const NEAR: f64 = 250.0;
/// Beyond this distance they are two.
const FAR: f64 = 600.0;
/// How long ago a case may have been opened to be a likely duplicate, in ms.
pub const WINDOW: i64 = 30 * DAY;
/// What a word that is in no list counts for, where both have it.
const BARE: f32 = 0.7;
/// Where nothing is said of it.
const UNKNOWN: f32 = 0.25;

/// What is compared of a complaint.
#[derive(Clone)]
pub struct Complaint<'a> {
    /// Code of its category.
    pub category: &'a str,
    /// What happens, in the person's words.
    pub text: &'a str,
    /// Colonia and reference.
    pub place: Option<&'a str>,
    /// Latitude and longitude in degrees.
    pub point: Option<(f64, f64)>,
    /// When it was told.
    pub at: UnixMillis,
}

/// How like two complaints are, and why. All parts are from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// Everything together.
    pub score: f32,
    /// The same without the time.
    pub matter: f32,
    /// What it is.
    pub text: f32,
    /// Its category.
    pub category: f32,
    /// Where, in words.
    pub place: f32,
    /// Metres between the pins, where both have one.
    pub metres: Option<f64>,
    /// When.
    pub time: f32,
}

impl Likeness {
    /// Whether the two are likely the same.
    pub fn likely(&self) -> bool {
        self.score >= SAME
    }
}

/// How like two complaints are.
pub fn likeness(one: &Told, other: &Told) -> Likeness {
    let text = matter(one, other);
    let category = if one.category == other.category { 1.0 } else { 0.6 };
    let place = places(&one.names, &other.names) * apart(one, other);
    let metres = one.point.zip(other.point).map(|(one, other)| haversine(one, other));
    let located = match metres {
        Some(it) if it <= NEAR => place.max(1.0 - 0.15 * (it / NEAR) as f32),
        Some(it) if it >= FAR => 0.0,
        Some(it) => place * (1.0 - (it - NEAR) / (FAR - NEAR)) as f32,
        None => place,
    };
    let passing = one.concepts.iter().any(|it| it.passing && other.concepts.contains(it));
    let time = times(one.at.since(other.at).abs(), passing);
    let matter = text * category * located;
    Likeness { score: matter * time, matter, text, category, place, metres, time }
}

/// What of it is the same: concepts by their weights.
fn matter(one: &Told, other: &Told) -> f32 {
    if one.solved != other.solved {
        return 0.0;
    }
    // A word of both that is in no list, and no name of a place, says what it is, too.
    let said = |name: &&Name| other.names.iter().any(|it| it.bare && it.like(name) > 0.0);
    let bare = one.names.iter().filter(|it| it.bare).filter(said).count().min(2) as f32 * BARE;
    let weigh = |it: &Told| it.concepts.iter().fold(bare, |sum, it| sum + it.weight);
    let (a, b) = (weigh(one), weigh(other));
    if a == 0.0 || b == 0.0 {
        // Nothing is known of one of them: only its category.
        return UNKNOWN;
    }
    let shared = one.concepts.iter().filter(|it| other.concepts.contains(it));
    let common = shared.fold(bare, |sum, it| sum + it.weight);
    let dice = 2.0 * common / (a + b);
    let contained = common / a.min(b).max(0.8);
    // Where each tells something that the other does not, they are two matters sooner than one.
    let astray = ((a - common).min(b - common) / 0.7).clamp(0.0, 1.0);
    (0.5 * dice + 0.5 * contained) * (1.0 - 0.45 * astray)
}

/// Where, in words: how much of what the one that tells less says of it the other says, too.
fn places(one: &[Name], other: &[Name]) -> f32 {
    let weigh = |names: &[Name]| names.iter().map(|it| it.weight).sum::<f32>();
    let (a, b) = (weigh(one), weigh(other));
    if a == 0.0 || b == 0.0 {
        return UNKNOWN;
    }
    let found = |it: &Name, them: &[Name]| {
        them.iter().map(|name| it.like(name) * it.weight.min(name.weight)).fold(0.0, f32::max)
    };
    let common = one.iter().fold(0.0, |sum, it| sum + found(it, other));
    let contained = (common / a.min(b)).min(1.0);
    let dice = 2.0 * common / (a + b);
    let evidence = (common / 0.6).min(1.0);
    // Names that only one of them has, on both sides: another corner, another street of the colonia.
    let strange = |names: &[Name], them: &[Name]| {
        let alone = |it: &&Name| it.weight >= 1.0 && found(it, them) == 0.0;
        names.iter().filter(alone).count() as f32
    };
    let astray = strange(one, other).min(strange(other, one)).min(1.0);
    let numbers = |names: &[Name]| names.iter().any(|it| it.number);
    let shared = one.iter().any(|it| it.number && found(it, other) > 0.0);
    let numbered = if numbers(one) && numbers(other) && !shared { 0.4 } else { 1.0 };
    ((0.8 * contained + 0.2 * dice) * (1.0 - 0.35 * astray)).min(1.0) * evidence * numbered
}

/// Words of which two complaints about the same have no different ones.
fn apart(one: &Told, other: &Told) -> f32 {
    let differ = |set: &usize| {
        let of = |it: &Told| it.marks.iter().filter(|(at, _)| at == set).map(|it| it.1).collect::<Vec<_>>();
        let (a, b) = (of(one), of(other));
        !a.is_empty() && !b.is_empty() && !a.iter().any(|it| b.contains(it))
    };
    if one.marks.iter().any(|(set, _)| differ(set)) { 0.3 } else { 1.0 }
}

/// What a time between two complaints leaves of their likeness.
fn times(gap: i64, passing: bool) -> f32 {
    let (whole, none) = if passing { (7 * DAY, 25 * DAY) } else { (21 * DAY, 60 * DAY) };
    let over = (gap - whole).max(0) as f32 / (none - whole) as f32;
    (1.0 - over).max(0.0)
}

/// Metres between two points, in degrees, on a sphere.
pub fn haversine(one: (f64, f64), other: (f64, f64)) -> f64 {
    const RADIUS: f64 = 6_371_000.0;
    let (from, to) = (one.0.to_radians(), other.0.to_radians());
    let (north, east) = ((to - from) / 2.0, (other.1 - one.1).to_radians() / 2.0);
    let h = north.sin().powi(2) + from.cos() * to.cos() * east.sin().powi(2);
    2.0 * RADIUS * h.clamp(0.0, 1.0).sqrt().asin()
}
