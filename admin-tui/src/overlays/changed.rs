//! Somebody else changed a demand first: what changed, and what becomes of mine.

use crossterm::event::{KeyCode, KeyEvent};

use super::{Choice, Outcome, middle};
use crate::demand_acts::Decided;
use crate::demand_data::DemandRow;
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::Shared;
use crate::theme::Role;
use crate::words::Words;

/// Both sides.
#[derive(Debug)]
pub struct State {
    mine: Box<Decided>,
    theirs: Box<DemandRow>,
}

impl State {
    /// Mine did not happen since the demand is as it is now.
    pub fn new(mine: Box<Decided>, theirs: Box<DemandRow>) -> Self {
        Self { mine, theirs }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, shared: &mut Shared) -> Outcome {
        // It came up by itself: a key that was on its way was meant for what was there before.
        if shared.too_soon() {
            return super::unused(shared, "key-too-soon");
        }
        match key.code {
            KeyCode::Char('k') | KeyCode::Esc => Outcome::Close,
            KeyCode::Char('m') => {
                // Both sides were seen: there is nothing left to ask.
                let mine = Decided {
                    version: self.theirs.version,
                    before: Some(self.theirs.clone()),
                    sure: None,
                    ..(*self.mine).clone()
                };
                Outcome::Then(Choice::Demand(Box::new(mine)))
            }
            _ => super::unused(shared, "key-not-here"),
        }
    }

    fn differences(&self, words: Words) -> Vec<(SafeText, SafeText, SafeText)> {
        let Some(was) = &self.mine.before else { return Vec::new() };
        let now = &self.theirs;
        let flags = |it: &DemandRow| SafeText::number(it.support.flagged);
        let paper = |it: &DemandRow| SafeText::number(it.support.paper);
        let fields = [
            ("field-state", words.code("demand", &was.state), words.code("demand", &now.state)),
            ("field-office", was.office.text(), now.office.text()),
            ("field-demand", was.text.cut(40), now.text.cut(40)),
            ("field-paper", paper(was), paper(now)),
            ("field-flagged", flags(was), flags(now)),
        ];
        let changed = fields.into_iter().filter(|it| it.1 != it.2);
        changed.map(|(name, was, now)| (words.say(name), was, now)).collect()
    }

    /// Draws it.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let words = shared.words;
        let differences = self.differences(words);
        let area = middle(paint, 76, differences.len().max(1) as u16 + 7);
        let title = words.fill("conflict-title", &[("folio", self.theirs.code.clone())]);
        let inner = paint.frame(area, &title, Role::Soon);
        let mut y = inner.y;
        paint.text(inner.x, y, inner.width, &words.say("conflict-theirs"), Role::Quiet);
        if differences.is_empty() {
            y += 1;
            paint.text(inner.x + 2, y, inner.width - 2, &words.say("changed-unseen"), Role::Plain);
        }
        for (name, was, now) in differences {
            y += 1;
            let text = name.with(": ").with(was).with(" -> ").with(now);
            paint.text(inner.x + 2, y, inner.width - 2, &text, Role::Plain);
        }
        y += 1;
        paint.text(inner.x, y, inner.width, &words.say("conflict-mine"), Role::Quiet);
        y += 1;
        paint.text(inner.x + 2, y, inner.width - 2, &self.mine.name, Role::Plain);
        paint.text(inner.x, y + 2, inner.width, &words.say("changed-foot"), Role::Key);
    }
}
