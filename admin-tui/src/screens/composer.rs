//! The text that is being written: a message to the citizen, or a note among staff. Which of both it is was decided
//! by the key that opened it and can't change while it is open.

use cabildo_staff_api::act::PreviewRequest;
use crossterm::event::KeyEvent;
use ratatui::layout::Rect;
use ratatui_textarea::{CursorMove, TextArea};
use uuid::Uuid;

use crate::api::{Answer, Ask, Failure};
use crate::data::{Case, Preview};
use crate::event::Redraw;
use crate::paint::Paint;
use crate::safe::{SafeText, cluster_width, clusters};
use crate::shared::{Owner, Shared};
use crate::theme::Role;
use crate::widgets;

/// How long the text rests before it is asked what it costs, ms.
const REST: i64 = 150;

/// The text.
#[derive(Debug)]
pub struct Composer {
    /// The case.
    pub case: Uuid,
    /// Whether it is a note among staff.
    pub note: bool,
    /// Language of the text.
    pub language: String,
    /// What it would be and cost; of an older text while [`Composer::waits`].
    pub cost: Option<Preview>,
    area: TextArea<'static>,
    cost_at: Option<i64>,
    asked: Option<u64>,
    /// Whether the language was chosen by hand.
    chosen: bool,
}

impl Composer {
    /// Opens with a draft.
    pub fn new(shared: &mut Shared, case: Uuid, note: bool) -> Self {
        let text = shared.drafts.get(&(case, note)).map(|it| it.text.clone()).unwrap_or_default();
        let mut composer = Self {
            case,
            note,
            language: shared.citizens_language(case),
            cost: None,
            area: area(&text),
            cost_at: None,
            asked: None,
            chosen: false,
        };
        composer.changed(shared);
        composer
    }

    /// The language that was chosen for it.
    pub fn choose_language(&mut self, shared: &mut Shared, language: String) {
        self.chosen = true;
        self.language = language;
        self.price(shared);
    }

    /// The language of who gets it, once that is known; one that was chosen stays.
    pub fn learn_language(&mut self, shared: &mut Shared, language: String) {
        if !self.chosen && self.language != language {
            self.language = language;
            self.price(shared);
            shared.redraw(Redraw::Soon);
        }
    }

    /// What is written.
    pub fn text(&self) -> SafeText {
        SafeText::typed(&self.area.lines().join("\n"))
    }

    /// Writes all of it anew.
    pub fn set(&mut self, shared: &mut Shared, text: &SafeText) {
        self.area = area(text);
        self.changed(shared);
    }

    /// Takes a key.
    pub fn key(&mut self, shared: &mut Shared, key: KeyEvent) {
        if self.area.input(key) {
            self.clean();
            self.changed(shared);
        }
    }

    /// A terminal can send any character as a key, and two sound texts that meet may be a third: the lines are always
    /// what [`Composer::text`] makes of them.
    fn clean(&mut self) {
        let raw = self.area.lines().join("\n");
        let clean = SafeText::typed(&raw);
        if clean.as_str() != raw {
            self.area = area(&clean);
        }
    }

    /// Takes pasted text or a canned reply, where the cursor is.
    pub fn insert(&mut self, shared: &mut Shared, text: &SafeText) {
        self.area.insert_str(text.as_str());
        self.clean();
        self.changed(shared);
    }

    fn changed(&mut self, shared: &mut Shared) {
        shared.write_draft(self.case, self.note, self.text());
        self.price(shared);
    }

    /// What it costs is asked again: the text changed, or the line is back.
    pub fn price(&mut self, shared: &mut Shared) {
        self.cost_at = (!self.note).then_some(shared.now + REST);
        if let Some(at) = self.cost_at {
            shared.wake_at(at);
        }
    }

    /// Time passed: the service is asked what the text costs, once it rests.
    pub fn tick(&mut self, shared: &mut Shared) {
        let Some(at) = self.cost_at else { return };
        if at > shared.now {
            return shared.wake_at(at);
        }
        if self.asked.is_some() {
            // One at a time: the next goes when the answer is here.
            return;
        }
        self.cost_at = None;
        let text = self.text();
        if text.is_empty() || shared.offline() {
            if self.cost.take().is_some() {
                shared.redraw(Redraw::Soon);
            }
            return;
        }
        let language = Some(self.language.clone());
        let asked = PreviewRequest { text: text.as_str().to_owned(), case: Some(self.case), language };
        self.asked = Some(shared.ask(Owner::Screen, Ask::Preview(asked)));
    }

    /// Takes an answer that may be its own.
    pub fn answer(&mut self, shared: &mut Shared, number: u64, answer: &Result<Answer, Failure>) -> bool {
        if self.asked != Some(number) {
            return false;
        }
        self.asked = None;
        self.cost = match answer {
            Ok(Answer::Preview(preview)) => Some(preview.clone()),
            _ => None,
        };
        self.tick(shared);
        true
    }

    /// Whether the cost is not of the text as it is now.
    pub fn waits(&self) -> bool {
        self.asked.is_some() || self.cost_at.is_some()
    }

    /// Draws it into an area with a frame of its own kind.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared, area: Rect) {
        let words = shared.words;
        let case = shared.cases.get(&self.case);
        let (title, role) = if self.note {
            (words.say("compose-note"), Role::Note)
        } else {
            let to = match case.map(Case::opener) {
                None => words.say("compose-to-sought"),
                Some(None) => words.say("compose-to-nobody"),
                Some(Some(it)) => it.channel.clone().with(" ").with(&it.shown),
            };
            let language = SafeText::line(&self.language);
            (words.fill("compose-reply", &[("to", to), ("language", language)]), Role::Title)
        };
        let inner = paint.frame(area, &title, role);
        let room = inner.height.saturating_sub(1);
        let text = self.text();
        let lines = text.wrap(usize::from(inner.width));
        let (line, column) = self.cursor(&text, &lines);
        let top = (line + 1).saturating_sub(usize::from(room));
        for (at, part) in lines.iter().skip(top).take(usize::from(room)).enumerate() {
            paint.part(inner.x, inner.y + at as u16, inner.width, &text, part.clone(), Role::Plain);
        }
        paint.show_cursor(inner.x + column.min(inner.width.saturating_sub(1)), inner.y + (line - top) as u16);
        let y = inner.bottom().saturating_sub(1);
        if self.note {
            paint.text(inner.x, y, inner.width, &words.say("compose-note-foot"), Role::Note);
            return;
        }
        let (cost, role) = match &self.cost {
            _ if shared.offline() => (words.say("compose-offline"), Role::Soon),
            Some(cost) if !cost.missing.is_empty() => (widgets::cost_line(words, cost), Role::Breach),
            Some(cost) => (widgets::cost_line(words, cost), Role::Quiet),
            None => (words.say("compose-empty"), Role::Quiet),
        };
        let cost = if self.waits() && self.cost.is_some() { cost.with(" …") } else { cost };
        paint.text(inner.x, y, inner.width, &cost, role);
    }

    /// Line and column of the cursor among the lines on the screen.
    fn cursor(&self, text: &SafeText, lines: &[std::ops::Range<usize>]) -> (usize, u16) {
        let at = self.area.cursor();
        let before: usize = self.area.lines().iter().take(at.0).map(|it| it.len() + 1).sum();
        let own = self.area.lines().get(at.0);
        let within: usize = own.map_or(0, |it| it.chars().take(at.1).map(char::len_utf8).sum());
        let byte = (before + within).min(text.as_str().len());
        let line = lines.iter().rposition(|it| it.start <= byte).unwrap_or(0);
        let start = lines.get(line).map_or(0, |it| it.start);
        let cells: usize =
            clusters(&text.as_str()[start..byte.max(start)]).map(|it| cluster_width(it.1)).sum();
        (line, cells as u16)
    }
}

fn area(text: &SafeText) -> TextArea<'static> {
    let mut area = TextArea::new(text.as_str().split('\n').map(str::to_owned).collect());
    area.move_cursor(CursorMove::Bottom);
    area.move_cursor(CursorMove::End);
    area
}
