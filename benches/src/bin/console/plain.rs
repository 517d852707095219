//! The same window as `ratatui` alone makes it: a list of the same size and nothing behind it.

use ratatui::crossterm::event::{self, Event, KeyCode};
use ratatui::layout::{Constraint, Layout};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{List, ListState, Paragraph};

use crate::Problem;

/// Rows of the list.
const ROWS: usize = 5_000;

/// Runs until `q`.
///
/// # Errors
/// There is no terminal.
pub fn run() -> Result<(), Problem> {
    let mut terminal = ratatui::try_init()?;
    let done = list(&mut terminal);
    ratatui::try_restore()?;
    done
}

fn list(terminal: &mut ratatui::DefaultTerminal) -> Result<(), Problem> {
    let rows: Vec<String> = (0..ROWS)
        .map(|it| {
            format!("  R !   3:10 {it:06} Centro        Tubo roto frente a la primaria  {}m  -", it % 60)
        })
        .collect();
    let mut state = ListState::default().with_selected(Some(0));
    loop {
        terminal.draw(|frame| {
            let parts = Layout::vertical([Constraint::Length(2), Constraint::Min(1), Constraint::Length(2)]);
            let [above, body, below] = parts.areas(frame.area());
            let [left, middle, right] =
                Layout::horizontal([Constraint::Length(20), Constraint::Min(1), Constraint::Length(40)])
                    .areas(body);
            let at = state.selected().unwrap_or(0);
            frame.render_widget(Paragraph::new(format!(" Queue\n row {}/{ROWS}", at + 1)), above);
            frame.render_widget(Paragraph::new("Unassigned\nMine\nDue"), left);
            // Only what can be seen is made, as the console does.
            let height = usize::from(middle.height);
            let first = at.saturating_sub(height / 2).min(ROWS - height.min(ROWS));
            let shown = rows[first..(first + height).min(ROWS)].iter().map(|it| Line::from(it.as_str()));
            let mut here = ListState::default().with_selected(Some(at - first));
            let list = List::new(shown).highlight_style(Style::new().reversed());
            frame.render_stateful_widget(list, middle, &mut here);
            frame.render_widget(Paragraph::new(rows[at].as_str()), right);
            frame.render_widget(Paragraph::new(" \n j/k move  q leave"), below);
        })?;
        let Event::Key(key) = event::read()? else { continue };
        match key.code {
            KeyCode::Char('j') => state.select_next(),
            KeyCode::Char('k') => state.select_previous(),
            KeyCode::Char('G') => state.select(Some(ROWS - 1)),
            KeyCode::Char('g') => state.select(Some(0)),
            KeyCode::Char('q') => return Ok(()),
            _ => {}
        }
        state.select(state.selected().map(|it| it.min(ROWS - 1)));
    }
}
