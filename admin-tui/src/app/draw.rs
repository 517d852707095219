//! How the console is drawn: the lines around the body, then the screen, then what lies over it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{App, SMALLEST};
use crate::api::Link;
use crate::keymap::{Command, Layer};
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::screens::Screen;
use crate::theme::Role;

/// Lines that a sentence takes at most.
const SENTENCE: u16 = 4;

impl App {
    /// Draws all of it; gives where the terminal's cursor is to stand.
    pub fn draw(&mut self, buffer: &mut Buffer) -> Option<Position> {
        let area = *buffer.area();
        self.shared.size = (area.width, area.height);
        let last = self.screens.len() - 1;
        self.screens[last].prepare(&self.shared);
        let mut paint = Paint::new(buffer, self.shared.theme);
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            paint.block(area, &self.shared.words.say("too-small"), Role::Plain);
            return None;
        }
        self.draw_lines(&mut paint, area);
        self.screen().draw(&mut paint, &self.shared);
        self.draw_status(&mut paint, area);
        for overlay in &self.overlays {
            overlay.draw(&mut paint, &self.shared);
        }
        paint.cursor()
    }

    fn draw_lines(&self, paint: &mut Paint<'_>, area: Rect) {
        let shared = &self.shared;
        let words = shared.words;
        let width = area.width;
        let (live, role) = self.live();
        let name = shared.me.as_ref().map(|it| it.person.short()).unwrap_or_default();
        let right = words.clock(shared.now).with(" ").with(name).with(" ");
        let right_width = (live.width() + 1 + right.width()) as u16;
        let (title, mut counts) = self.screen().headline(shared);
        let room = width.saturating_sub(right_width + 1);
        let used = paint.text(1, 0, room, &title, Role::Title);
        // A count that is cut would be another one.
        let mut left = usize::from(room.saturating_sub(used + 1));
        let fitting = counts.iter().take_while(|it| {
            let fits = it.0.width() <= left;
            left = left.saturating_sub(it.0.width());
            fits
        });
        counts.truncate(fitting.count());
        paint.parts(1 + used, 0, room.saturating_sub(used + 1), &counts);
        let x = width.saturating_sub(right_width);
        let used = paint.text(x, 0, right_width, &live, role);
        paint.text(x + used + 1, 0, right_width - used - 1, &right, Role::Plain);

        let (parts, end) = self.screen().second_line(shared);
        let end_width = end.width() as u16 + 2;
        paint.parts(0, 1, width.saturating_sub(end_width), &parts);
        paint.right(0, 1, width.saturating_sub(1), &end, Role::Quiet);

        self.draw_footer(paint, area.height - 1, width);
    }

    /// What was said last: a sentence that is longer than its line takes lines of the body, and is never cut there.
    fn draw_status(&self, paint: &mut Paint<'_>, area: Rect) {
        let (shared, words) = (&self.shared, self.shared.words);
        let (width, y) = (area.width, area.height - 2);
        if let Some(status) = &shared.status {
            let left = shared.undo_left();
            let undo = left.map(|it| words.fill("undo-for", &[("seconds", SafeText::number(it))]));
            let kept = undo.as_ref().map_or(0, |it| it.width() as u16 + 2);
            let room = width.saturating_sub(2 + kept);
            let lines = status.text.wrap(usize::from(room));
            // What lies over the screen comes down to that line.
            if lines.len() < 2 || !self.overlays.is_empty() {
                let used = paint.text(1, y, room, &status.text, status.role);
                if let Some(undo) = undo {
                    paint.text(used + 3, y, kept, &undo, Role::Key);
                }
                return;
            }
            let height = (lines.len() as u16).min(SENTENCE);
            let top = y + 1 - height;
            paint.clear(Rect::new(0, top, width, height));
            paint.block(Rect::new(1, top, room, height), &status.text, status.role);
            if let Some(undo) = undo {
                paint.text(room + 3, y, kept, &undo, Role::Key);
            }
        }
    }

    /// The keys that work now, as many as fit; palette and help at the end, always.
    fn draw_footer(&self, paint: &mut Paint<'_>, y: u16, width: u16) {
        let mut keys = self.footer();
        let fixed = if self.screen().layer().takes_letters() { 1 } else { 2 };
        let last = keys.split_off(keys.len().saturating_sub(fixed));
        let cells = |it: &(SafeText, SafeText)| (it.0.width() + it.1.width()) as u16 + 3;
        let mut left = width.saturating_sub(1 + last.iter().map(cells).sum::<u16>());
        let fitting = keys.into_iter().take_while(|it| {
            let fits = cells(it) <= left;
            left = left.saturating_sub(cells(it));
            fits
        });
        let mut x = 1;
        for (key, says) in fitting.collect::<Vec<_>>().into_iter().chain(last) {
            x += paint.text(x, y, width.saturating_sub(x), &key, Role::Key) + 1;
            x += paint.text(x, y, width.saturating_sub(x), &says, Role::Quiet) + 2;
        }
    }

    /// The keys of the footer and what they do.
    pub fn footer(&self) -> Vec<(SafeText, SafeText)> {
        let layer: Layer = self.screen().layer();
        let shared = &self.shared;
        let covered =
            matches!(self.screen(), Screen::Case(it) if it.composer.is_none() && it.covered(shared));
        let opens = covered.then_some(&Command::Open);
        let allowed = opens.into_iter().chain(layer.footer()).filter(|it| {
            // What is written to citizens has no place in a note.
            shared.allows(**it) && !(**it == Command::Insert && self.screen().notes())
        });
        let keys = allowed.filter_map(|command| {
            let chord = shared.keymap.first(layer, *command)?;
            // A note is kept and never sent.
            let key = match command {
                Command::Send if self.screen().notes() => "key-keep".to_owned(),
                other => format!("key-{}", other.name()),
            };
            Some((chord.text(), shared.words.say(&key)))
        });
        keys.collect()
    }

    /// The state of the line, in a word and a mark.
    fn live(&self) -> (SafeText, Role) {
        let shared = &self.shared;
        let words = shared.words;
        match shared.link {
            Link::Starting => (words.say("link-starting"), Role::Quiet),
            Link::Live => (words.say("link-live"), Role::Plain),
            Link::Closed => (words.say("link-closed"), Role::Quiet),
            Link::Down { .. } => {
                let down = shared.now - shared.down_since.unwrap_or(shared.now);
                let retry = SafeText::number((shared.retry_at - shared.now).max(0) / 1_000);
                let args = [("time", words.minutes(down)), ("retry", retry)];
                (words.fill("link-down", &args), Role::Breach)
            }
        }
    }
}
