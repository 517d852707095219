//! Canned replies: a letter shows one as this citizen would get it, Enter sends it, Tab writes on in it.

use cabildo_staff_api::act::PreviewRequest;
use crossterm::event::{KeyCode, KeyEvent};
use uuid::Uuid;

use super::{Choice, Outcome, middle};
use crate::api::{Act, Answer, Ask, Failure};
use crate::data::{Canned, Preview};
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::{Owner, Shared};
use crate::theme::Role;

/// The list.
#[derive(Debug)]
pub struct State {
    case: Uuid,
    items: Vec<Canned>,
    language: String,
    at: usize,
    /// Whether it goes into a text that is being written.
    insert: bool,
    asked: Option<u64>,
    /// Who gets it is asked for, where it is not known yet.
    case_asked: Option<u64>,
    preview: Option<Preview>,
}

impl State {
    /// The replies of a case's municipality, in the citizen's language.
    pub fn new(shared: &mut Shared, case: Uuid, language: String, insert: bool) -> Self {
        let items = shared.desk_of(case).map(|it| it.canned.clone()).unwrap_or_default();
        let known = shared.cases.contains_key(&case) || shared.offline();
        let case_asked = (!known).then(|| shared.ask(Owner::Screen, Ask::Case(case)));
        let mut state = Self { case, items, language, at: 0, insert, asked: None, case_asked, preview: None };
        state.ask(shared);
        state
    }

    fn text(&self) -> Option<&SafeText> {
        self.items.get(self.at).and_then(|it| it.text(&self.language))
    }

    /// Asks what the chosen one would be and cost.
    fn ask(&mut self, shared: &mut Shared) {
        self.preview = None;
        self.asked = None;
        if let Some(text) = self.text()
            && !shared.offline()
        {
            let text = text.as_str().to_owned();
            let asked = PreviewRequest { text, case: Some(self.case), language: Some(self.language.clone()) };
            self.asked = Some(shared.ask(Owner::Screen, Ask::Preview(asked)));
        }
    }

    /// Takes an answer that may be its own.
    pub fn answer(&mut self, shared: &mut Shared, number: u64, answer: &Result<Answer, Failure>) -> bool {
        if self.case_asked == Some(number) {
            self.case_asked = None;
            if let Ok(Answer::Case(case)) = answer {
                shared.learn_case((**case).clone());
                let language = shared.citizens_language(self.case);
                if language != self.language {
                    self.language = language;
                    self.ask(shared);
                }
            }
            return true;
        }
        if self.asked != Some(number) {
            return false;
        }
        self.asked = None;
        if let Ok(Answer::Preview(preview)) = answer {
            self.preview = Some(preview.clone());
        }
        true
    }

    /// Titles and texts, for the line mode.
    pub fn texts(&self) -> Vec<SafeText> {
        let texts = self.items.iter().map(|it| {
            let text = it.text(&self.language).cloned().unwrap_or_default();
            it.title.clone().with(": ").with(text.one_line())
        });
        texts.collect()
    }

    /// The reply of a place in the list.
    pub fn reply(&self, shared: &Shared, at: usize) -> Option<Choice> {
        let item = self.items.get(at)?;
        let name = shared.words.fill("act-canned", &[("title", item.title.clone())]);
        let text = item.text(&self.language)?.clone();
        let act = Act::Reply { text, language: Some(self.language.clone()) };
        Some(Choice::Acts(self.case, name, vec![act]))
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, shared: &mut Shared) -> Outcome {
        let before = self.at;
        match key.code {
            KeyCode::Esc => return Outcome::Close,
            KeyCode::Down => self.at = (self.at + 1).min(self.items.len().saturating_sub(1)),
            KeyCode::Up => self.at = self.at.saturating_sub(1),
            KeyCode::Tab => {
                let chosen = self.text().cloned();
                return chosen.map_or(Outcome::Stay, |it| Outcome::Then(Choice::Insert(it)));
            }
            KeyCode::Enter => return self.send(shared),
            KeyCode::Char(letter) => {
                let hit = |it: &Canned| it.letter.as_str().chars().eq([letter]);
                let folded =
                    |it: &Canned| it.letter.as_str().to_lowercase().chars().eq(letter.to_lowercase());
                let found = self.items.iter().position(hit).or_else(|| self.items.iter().position(folded));
                match found {
                    Some(at) => self.at = at,
                    None => return super::unused(shared, "key-not-here"),
                }
            }
            _ => {}
        }
        if self.at != before {
            self.ask(shared);
        }
        Outcome::Stay
    }

    fn send(&mut self, shared: &mut Shared) -> Outcome {
        let Some(text) = self.text() else { return Outcome::Stay };
        if self.insert {
            return Outcome::Then(Choice::Insert(text.clone()));
        }
        let holes = self.preview.as_ref().is_some_and(|it| !it.missing.is_empty());
        if holes {
            return super::unused(shared, "compose-holes");
        }
        if shared.too_soon() {
            return super::unused(shared, "key-too-soon");
        }
        // Nothing goes before it was seen who gets it.
        if !shared.cases.contains_key(&self.case) && !shared.offline() {
            if self.case_asked.is_none() {
                self.case_asked = Some(shared.ask(Owner::Screen, Ask::Case(self.case)));
            }
            return super::unused(shared, "compose-to-wait");
        }
        self.reply(shared, self.at).map_or(Outcome::Stay, Outcome::Then)
    }

    /// Draws it.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let words = shared.words;
        let area = middle(paint, 78, 20);
        let to = shared.cases.get(&self.case).and_then(|it| it.opener().map(|it| it.shown.clone()));
        let title = match to {
            Some(to) => words.fill("canned-title-to", &[("to", to)]),
            None => words.say("canned-title"),
        };
        let inner = paint.frame(area, &title, Role::Title);
        if self.items.is_empty() {
            paint.block(inner, &words.say("canned-none"), Role::Plain);
            return;
        }
        let room = usize::from(inner.height / 2);
        let top = (self.at + 1).saturating_sub(room);
        let mut y = inner.y;
        for (at, item) in self.items.iter().enumerate().skip(top).take(room) {
            paint.text(inner.x, y, 1, &SafeText::own(if at == self.at { ">" } else { " " }), Role::Key);
            paint.text(inner.x + 2, y, 2, &item.letter, Role::Key);
            paint.text(inner.x + 5, y, inner.width.saturating_sub(5), &item.title, Role::Plain);
            y += 1;
        }
        paint.rule(inner.x, y, inner.width, None);
        y += 1;
        let shown = self.preview.as_ref().and_then(|it| it.channels.first());
        let text = shown.map(|it| it.text.clone()).or_else(|| self.text().cloned()).unwrap_or_default();
        let mut rest = inner;
        rest.y = y;
        rest.height = inner.bottom().saturating_sub(y + 2);
        paint.block(rest, &text, Role::Plain);
        let y = inner.bottom().saturating_sub(2);
        if let Some(preview) = &self.preview {
            let cost = crate::widgets::cost_line(words, preview);
            let role = if preview.missing.is_empty() { Role::Quiet } else { Role::Breach };
            paint.text(inner.x, y, inner.width, &cost, role);
        } else if self.asked.is_some() {
            paint.text(inner.x, y, inner.width, &words.say("loading"), Role::Quiet);
        }
        let foot = words.say(if self.insert { "canned-foot-insert" } else { "canned-foot" });
        paint.text(inner.x, y + 1, inner.width, &foot, Role::Key);
    }
}
