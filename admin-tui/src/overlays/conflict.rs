//! Somebody else was first: both changes, field by field, and what becomes of mine.

use crossterm::event::{KeyCode, KeyEvent};

use super::{Choice, Outcome, middle};
use crate::acts::Run;
use crate::data::Row;
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::Shared;
use crate::theme::Role;
use crate::words::Words;

/// Both sides.
#[derive(Debug)]
pub struct State {
    run: Box<Run>,
    theirs: Box<Row>,
}

/// What a field is called, was, became by them, and becomes by me.
type Difference = (SafeText, SafeText, SafeText);

impl State {
    /// Mine did not happen since the case is as it is now.
    pub fn new(run: Box<Run>, theirs: Box<Row>) -> Self {
        Self { run, theirs }
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent, shared: &mut Shared) -> Outcome {
        // It came up by itself: a key that was on its way was meant for what was there before.
        if shared.too_soon() {
            return super::unused(shared, "key-too-soon");
        }
        match key.code {
            KeyCode::Char('k') | KeyCode::Esc => Outcome::Close,
            KeyCode::Char('m') => Outcome::Then(Choice::Mine(self.run.clone())),
            KeyCode::Char('n') => Outcome::Then(Choice::Note(self.run.case)),
            _ => super::unused(shared, "key-not-here"),
        }
    }

    fn differences(&self, words: Words) -> Vec<Difference> {
        let (was, now) = (&self.run.before, &*self.theirs);
        let who = |it: &Row| it.assignee.as_ref().map_or_else(|| words.say("nobody"), |it| it.name.clone());
        let fields = [
            ("field-state", words.code("state", &was.state), words.code("state", &now.state)),
            ("field-who", who(was), who(now)),
            ("field-priority", words.code("priority", &was.priority), words.code("priority", &now.priority)),
            ("field-office", was.office.text(), now.office.text()),
            (
                "field-message",
                was.preview.clone().unwrap_or_default().cut(40),
                now.preview.clone().unwrap_or_default().cut(40),
            ),
        ];
        let changed = fields.into_iter().filter(|it| it.1 != it.2);
        changed.map(|(name, was, now)| (words.say(name), was, now)).collect()
    }

    /// Draws it.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let words = shared.words;
        let differences = self.differences(words);
        let area = middle(paint, 76, differences.len().max(1) as u16 + 7);
        let title = words.fill("conflict-title", &[("folio", self.theirs.folio.clone())]);
        let inner = paint.frame(area, &title, Role::Soon);
        let mut y = inner.y;
        paint.text(inner.x, y, inner.width, &words.say("conflict-theirs"), Role::Quiet);
        if differences.is_empty() {
            y += 1;
            paint.text(inner.x + 2, y, inner.width - 2, &words.say("conflict-unseen"), Role::Plain);
        }
        for (name, was, now) in differences {
            y += 1;
            let text = name.with(": ").with(was).with(" -> ").with(now);
            paint.text(inner.x + 2, y, inner.width - 2, &text, Role::Plain);
        }
        y += 1;
        paint.text(inner.x, y, inner.width, &words.say("conflict-mine"), Role::Quiet);
        y += 1;
        paint.text(inner.x + 2, y, inner.width - 2, &self.run.name, Role::Plain);
        paint.text(inner.x, y + 2, inner.width, &words.say("conflict-foot"), Role::Key);
    }
}
