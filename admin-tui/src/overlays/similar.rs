//! Cases that are like one, the likest first, and why: one key closes this one as the same, with the undo of any act.

use crossterm::event::{KeyCode, KeyEvent};
use uuid::Uuid;

use super::{Choice, Outcome, middle};
use crate::api::demands::{Answer as DemandAnswer, Ask as DemandAsk};
use crate::api::{Answer, Ask, Failure};
use crate::demand_data::{Likeness, Similar};
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::{Owner, Shared};
use crate::theme::Role;
use crate::triage;
use crate::words::Words;

/// Lines of one of them.
const LINES: u16 = 3;

/// The list.
#[derive(Debug)]
pub struct State {
    case: Uuid,
    asked: Option<u64>,
    items: Vec<Similar>,
    failed: Option<SafeText>,
    at: usize,
}

impl State {
    /// Those that are like a case.
    pub fn new(shared: &mut Shared, case: Uuid) -> Self {
        let ask = Ask::Demands(Box::new(DemandAsk::Similar(case)));
        let asked = Some(shared.ask(Owner::Screen, ask));
        Self { case, asked, items: Vec::new(), failed: None, at: 0 }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, shared: &mut Shared) -> Outcome {
        let last = self.items.len().saturating_sub(1);
        let here = self.items.get(self.at);
        match key.code {
            KeyCode::Esc | KeyCode::Char('q') => return Outcome::Close,
            KeyCode::Down | KeyCode::Char('j') => self.at = (self.at + 1).min(last),
            KeyCode::Up | KeyCode::Char('k') => self.at = self.at.saturating_sub(1),
            KeyCode::Char('m') if shared.too_soon() => return super::unused(shared, "key-too-soon"),
            KeyCode::Char('m') if !shared.may("work_cases") => {
                return super::unused(shared, "failed-not_allowed");
            }
            KeyCode::Char('m') => {
                let Some(it) = here else { return super::unused(shared, "similar-none") };
                let (name, act) = triage::duplicate(shared, &it.row);
                return Outcome::Then(Choice::Acts(self.case, name, vec![act]));
            }
            KeyCode::Enter => {
                let Some(it) = here else { return super::unused(shared, "similar-none") };
                return Outcome::Then(Choice::OpenCase(it.row.id));
            }
            _ => return super::unused(shared, "key-not-here"),
        }
        Outcome::Stay
    }

    /// Takes an answer that may be its own.
    pub fn answer(&mut self, shared: &mut Shared, number: u64, answer: &Result<Answer, Failure>) -> bool {
        if self.asked != Some(number) {
            return false;
        }
        self.asked = None;
        match answer {
            Ok(Answer::Demands(it)) => {
                if let DemandAnswer::Similar(items) = &**it {
                    shared.learn(items.iter().map(|it| it.row.clone()));
                    self.items.clone_from(items);
                    shared.changed_at = shared.now;
                }
            }
            Ok(_) => {}
            Err(failure) => self.failed = Some(shared.explain(failure)),
        }
        true
    }

    /// Draws it.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let words = shared.words;
        let rows = self.items.len() as u16 * LINES;
        let area = middle(paint, 100, rows.clamp(2, 21) + 3);
        let inner = paint.frame(area, &words.say("do-similar-cases"), Role::Title);
        let room = inner.height.saturating_sub(1);
        if self.items.is_empty() {
            let text = match &self.failed {
                Some(failed) => failed.clone(),
                None if self.asked.is_some() => words.say("loading"),
                None => words.say("similar-none"),
            };
            paint.block(ratatui::layout::Rect { height: room, ..inner }, &text, Role::Plain);
        }
        let fit = usize::from(room / LINES).max(1);
        let top = (self.at + 1).saturating_sub(fit);
        for (line, (at, it)) in self.items.iter().enumerate().skip(top).take(fit).enumerate() {
            let y = inner.y + line as u16 * LINES;
            paint.text(inner.x, y, 1, &SafeText::own(if at == self.at { ">" } else { " " }), Role::Key);
            let row = &it.row;
            let mut head = row.folio.clone().with("  ").with(words.code("state", &row.state));
            if it.likely {
                head = head.with("  ").with(words.say("similar-likely"));
            }
            paint.text(inner.x + 2, y, inner.width.saturating_sub(2), &head, Role::Title);
            let text = row.preview.clone().unwrap_or_default().one_line();
            paint.text(inner.x + 4, y + 1, inner.width.saturating_sub(4), &text, Role::Plain);
            let why = why(words, &it.likeness);
            paint.text(inner.x + 4, y + 2, inner.width.saturating_sub(4), &why, Role::Quiet);
        }
        let foot = words.say("similar-foot");
        paint.text(inner.x, inner.bottom().saturating_sub(1), inner.width, &foot, Role::Quiet);
    }
}

/// How like they are, and by what.
pub fn why(words: Words, it: &Likeness) -> SafeText {
    let args = [
        ("score", SafeText::number(it.score)),
        ("text", SafeText::number(it.text)),
        ("place", SafeText::number(it.place)),
        ("time", SafeText::number(it.time)),
    ];
    let said = words.fill("similar-why", &args);
    match it.metres {
        Some(metres) => said.with(", ").with(SafeText::number(metres)).with(" m"),
        None => said,
    }
}
