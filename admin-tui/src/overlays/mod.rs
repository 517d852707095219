//! What lies over a screen, as a stack: the top one takes the keys first.

pub mod canned;
pub mod changed;
pub mod commands;
pub mod confirm;
pub mod conflict;
pub mod form;
pub mod pager;
pub mod picker;
pub mod prompt;
pub mod reading;
pub mod sign_in;
pub mod similar;
pub mod strip;

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use uuid::Uuid;

use crate::acts::Run;
use crate::api::{Act, Answer, Deed, Failure};
use crate::chart_data::Chart;
use crate::demand_acts::{Decided, Purpose, Seek};
use crate::demand_data::Demand;
use crate::keymap::Command;
use crate::paint::Paint;
use crate::safe::{Code, SafeText};
use crate::screens::queue_draw::AROUND;
use crate::shared::Shared;

/// Something over the screen.
#[derive(Debug)]
pub enum Overlay {
    /// Palette and help.
    Commands(commands::State),
    /// What may follow a prefix.
    Strip(strip::State),
    /// One of several.
    Picker(picker::State),
    /// A line of text.
    Prompt(prompt::State),
    /// A second key.
    Confirm(confirm::State),
    /// Somebody else was first.
    Conflict(conflict::State),
    /// Somebody else changed a demand first.
    Changed(changed::State),
    /// Lines that an act on a demand needs.
    Form(Box<form::State>),
    /// Cases that are like one.
    Similar(similar::State),
    /// Canned replies.
    Canned(canned::State),
    /// A long text: the raw message, the log.
    Pager(pager::State),
    /// The sign-in, which covers everything.
    SignIn(Box<sign_in::State>),
}

/// What a key led to.
#[derive(Debug)]
pub enum Outcome {
    /// The overlay stays.
    Stay,
    /// It goes.
    Close,
    /// It goes, and this is done.
    Then(Choice),
    /// It stays, and this is done.
    Also(Choice),
}

/// What somebody chose.
#[derive(Clone, Debug)]
pub enum Choice {
    /// A command.
    Run(Command),
    /// Acts on a case, under a name.
    Acts(Uuid, SafeText, Vec<Act>),
    /// More has to be written.
    Ask(Wanted),
    /// It was written.
    Written(Wanted, SafeText),
    /// One of the offices that answers instead of ours.
    NotOurs(Uuid, Code),
    /// A queue.
    Queue(Code),
    /// A saved view.
    View(Uuid, SafeText),
    /// The language of replies.
    Language(String),
    /// The same, though somebody else writes there.
    Anyway(Uuid, SafeText, Vec<Act>),
    /// A case is closed as the same as the one of this number.
    Original(Uuid, SafeText),
    /// What is written is sent, though somebody else writes.
    SendAnyway,
    /// A canned reply into the text that is being written.
    Insert(SafeText),
    /// A macro on a case.
    Macro(Uuid, u8),
    /// My side of a conflict.
    Mine(Box<Run>),
    /// A note on a case.
    Note(Uuid),
    /// Signs in.
    SignIn(Box<cabildo_staff_api::NewSession>),
    /// Chooses a password.
    SetUp(Box<cabildo_staff_api::NewPassword>),
    /// What is decided besides cases: its name, what, on which version, and what takes it back.
    Deed(SafeText, Box<Deed>, i64, Option<Box<Deed>>),
    /// Something about demands, asked about once more where it can't be taken back.
    Demand(Box<Decided>),
    /// Lines that an act on a demand needs, with what is known already.
    Form(Box<Purpose>, Vec<SafeText>),
    /// What is to become of a step of a promise, of the demand and by its place.
    Step(Box<Demand>, usize),
    /// A photo of a list is kept in a file: of the demand with this id and code, by its own id.
    Picture(Uuid, SafeText, Uuid),
    /// A chart is written into a file.
    Chart(Chart),
    /// Another demand is looked for, to merge into.
    Seek(Box<Seek>),
    /// The whole number of a leader, with a reason.
    Reveal(Uuid, SafeText),
    /// A case is opened.
    OpenCase(Uuid),
}

/// A text that an act needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Why it is closed without being put right; whether as spam.
    Reason(Uuid),
    /// The date of the work.
    Date(Uuid),
    /// The number of the case that is about the same.
    Original(Uuid),
    /// What the other office must know.
    HandOver(Uuid, Code),
    /// A new label.
    Label(Uuid),
    /// The telephone of an office that has none.
    Referral(Uuid, Code),
    /// The filter of the list.
    Filter,
    /// What the author of feedback is asked.
    Question(Uuid, i64),
    /// The answer to a text that was not understood.
    Answer(Uuid, i64),
    /// The category of the case that such a text becomes.
    Category(Uuid, i64),
    /// The municipality of the charts, by its official key.
    Municipality,
}

impl Wanted {
    /// Its title in the catalogue.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Reason(_) => "want-reason",
            Self::Date(_) => "want-date",
            Self::Original(_) => "want-original",
            Self::HandOver(..) => "want-hand-over",
            Self::Label(_) => "want-label",
            Self::Referral(..) => "want-referral",
            Self::Filter => "want-filter",
            Self::Question(..) => "want-question",
            Self::Answer(..) => "want-answer",
            Self::Category(..) => "want-category",
            Self::Municipality => "want-municipality",
        }
    }
}

impl Overlay {
    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, shared: &mut Shared) -> Outcome {
        match self {
            Self::Commands(it) => it.key(key, shared),
            Self::Strip(it) => it.key(key, shared),
            Self::Picker(it) => it.key(key, shared),
            Self::Prompt(it) => it.key(key),
            Self::Confirm(it) => it.key(key, shared),
            Self::Conflict(it) => it.key(key, shared),
            Self::Canned(it) => it.key(key, shared),
            Self::Changed(it) => it.key(key, shared),
            Self::Form(it) => it.key(key, shared),
            Self::Similar(it) => it.key(key, shared),
            Self::Pager(it) => it.key(key, shared),
            Self::SignIn(it) => it.key(key, shared),
        }
    }

    /// Takes pasted text, where letters are taken at all.
    pub fn paste(&mut self, text: &SafeText) {
        match self {
            Self::Commands(it) => it.input.paste(text),
            Self::Prompt(it) => it.input.paste(text),
            Self::SignIn(it) => it.paste(text),
            Self::Form(it) => it.paste(text),
            _ => {}
        }
    }

    /// Takes an answer that may be its own; gives whether it was.
    pub fn answer(&mut self, shared: &mut Shared, number: u64, answer: &Result<Answer, Failure>) -> bool {
        match self {
            Self::Canned(it) => it.answer(shared, number, answer),
            Self::Form(it) => it.answer(shared, number, answer),
            Self::Similar(it) => it.answer(shared, number, answer),
            _ => false,
        }
    }

    /// Draws it.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        match self {
            Self::Commands(it) => it.draw(paint, shared),
            Self::Strip(it) => it.draw(paint, shared),
            Self::Picker(it) => it.draw(paint, shared),
            Self::Prompt(it) => it.draw(paint, shared),
            Self::Confirm(it) => it.draw(paint, shared),
            Self::Conflict(it) => it.draw(paint, shared),
            Self::Canned(it) => it.draw(paint, shared),
            Self::Changed(it) => it.draw(paint, shared),
            Self::Form(it) => it.draw(paint, shared),
            Self::Similar(it) => it.draw(paint, shared),
            Self::Pager(it) => it.draw(paint, shared),
            Self::SignIn(it) => it.draw(paint, shared),
        }
    }
}

/// A key did nothing: why, in the words under the key.
fn unused(shared: &mut Shared, key: &'static str) -> Outcome {
    let said = shared.words.say(key);
    shared.say(said);
    Outcome::Stay
}

/// A place in the middle of the body: what is said of a key stays in sight under it.
pub fn middle(paint: &Paint<'_>, width: u16, height: u16) -> Rect {
    let area = paint.area();
    let (width, height) = (width.min(area.width), height.min(area.height.saturating_sub(AROUND)));
    Rect::new((area.width - width) / 2, (area.height - height) / 2, width, height)
}
