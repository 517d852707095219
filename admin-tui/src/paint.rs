//! The only door to the screen: it takes [`SafeText`] and nothing else that has letters in it.
//!
//! A test reads the sources and refuses a text type of the drawing library in any other file.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::widgets::{Bar, BarChart, Sparkline, Widget as _};

use crate::safe::{SafeText, cluster_width, clusters};
use crate::theme::{Role, Theme};

/// What is drawn on.
#[derive(Debug)]
pub struct Paint<'a> {
    buffer: &'a mut Buffer,
    theme: Theme,
    cursor: Option<Position>,
}

impl<'a> Paint<'a> {
    /// Draws on a buffer.
    pub fn new(buffer: &'a mut Buffer, theme: Theme) -> Self {
        Self { buffer, theme, cursor: None }
    }

    /// All of the screen.
    pub fn area(&self) -> Rect {
        *self.buffer.area()
    }

    /// Where the terminal's cursor is to stand, if it is shown.
    pub fn cursor(&self) -> Option<Position> {
        self.cursor
    }

    /// Shows the terminal's cursor.
    pub fn show_cursor(&mut self, x: u16, y: u16) {
        self.cursor = Some(Position { x, y });
    }

    /// Empties a part of the screen.
    pub fn clear(&mut self, area: Rect) {
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }

    /// A text on one line, cut where it does not fit; gives the cells that it took.
    pub fn text(&mut self, x: u16, y: u16, width: u16, text: &SafeText, role: Role) -> u16 {
        self.part(x, y, width, text, 0..text.as_str().len(), role)
    }

    /// A part of a text by bytes, such as a line of [`SafeText::wrap`].
    pub fn part(
        &mut self,
        x: u16,
        y: u16,
        width: u16,
        text: &SafeText,
        part: Range<usize>,
        role: Role,
    ) -> u16 {
        let style = self.theme.style(role);
        let noted = style.patch(self.theme.style(Role::Cleaned));
        let (start, mut used) = (part.start, 0_u16);
        for (at, cluster) in clusters(&text.as_str()[part]) {
            let cells = cluster_width(cluster) as u16;
            if used + cells > width {
                // The last cell tells that there is more.
                if width > 0 {
                    self.cell(x + used.min(width - 1), y, "…", style);
                }
                return width;
            }
            let style = if text.is_note(start + at) { noted } else { style };
            if cluster == "\n" {
                self.cell(x + used, y, " ", style);
                used += 1;
                continue;
            }
            if cells == 0 {
                continue;
            }
            self.cell(x + used, y, cluster, style);
            if cells == 2 {
                self.cell(x + used + 1, y, " ", style);
            }
            used += cells;
        }
        used
    }

    /// A text that ends at the right edge of its field.
    pub fn right(&mut self, x: u16, y: u16, width: u16, text: &SafeText, role: Role) {
        let cells = (text.width() as u16).min(width);
        self.text(x + width - cells, y, cells, text, role);
    }

    /// A text over several lines; gives how many it took.
    pub fn block(&mut self, area: Rect, text: &SafeText, role: Role) -> u16 {
        let lines = text.wrap(usize::from(area.width));
        for (line, part) in lines.iter().take(usize::from(area.height)).enumerate() {
            self.part(area.x, area.y + line as u16, area.width, text, part.clone(), role);
        }
        (lines.len() as u16).min(area.height)
    }

    /// Parts side by side.
    pub fn parts(&mut self, x: u16, y: u16, width: u16, parts: &[(SafeText, Role)]) -> u16 {
        let mut used = 0;
        for (text, role) in parts {
            used += self.text(x + used, y, width.saturating_sub(used), text, *role);
        }
        used
    }

    /// A rule over a line, with an optional name in it.
    pub fn rule(&mut self, x: u16, y: u16, width: u16, name: Option<&SafeText>) {
        let style = self.theme.style(Role::Quiet);
        for at in x..x + width {
            self.cell(at, y, "-", style);
        }
        if let Some(name) = name {
            let name = SafeText::own(" ").with(name).with(" ");
            self.text(x + 2, y, width.saturating_sub(3), &name, Role::Title);
        }
    }

    /// Figures as bars side by side, the newest at the right; what does not fit is left out.
    pub fn sparkline(&mut self, area: Rect, figures: &[u64], role: Role) {
        let skipped = figures.len().saturating_sub(usize::from(area.width));
        let bars = Sparkline::default().data(&figures[skipped..]).style(self.theme.style(role));
        bars.render(area, self.buffer);
    }

    /// Figures as bars one below the other, a line each, the longest for `most`.
    pub fn bars(&mut self, area: Rect, figures: &[u64], most: u64, role: Role) {
        if most == 0 || figures.is_empty() || area.width == 0 {
            return;
        }
        // The figures stand in a table beside them.
        let bars: Vec<Bar<'_>> =
            figures.iter().map(|it| Bar::default().value(*it).text_value(String::new())).collect();
        let style = self.theme.style(role);
        let chart = BarChart::horizontal(bars).bar_width(1).bar_gap(0).max(most).bar_style(style);
        chart.render(area, self.buffer);
    }

    /// A frame around an area that is emptied.
    pub fn frame(&mut self, area: Rect, name: &SafeText, role: Role) -> Rect {
        self.clear(area);
        if area.width < 4 || area.height < 3 {
            return area;
        }
        let style = self.theme.style(role);
        let (right, bottom) = (area.right() - 1, area.bottom() - 1);
        for x in area.left()..area.right() {
            self.cell(x, area.y, "-", style);
            self.cell(x, bottom, "-", style);
        }
        for y in area.top()..area.bottom() {
            let edge = if y == area.y || y == bottom { "+" } else { "|" };
            self.cell(area.x, y, edge, style);
            self.cell(right, y, edge, style);
        }
        let name = SafeText::own(" ").with(name).with(" ");
        self.text(area.x + 2, area.y, area.width - 4, &name, role);
        Rect::new(area.x + 2, area.y + 1, area.width - 4, area.height - 2)
    }

    /// Lays a role over a part of the screen that is drawn already.
    pub fn tint(&mut self, area: Rect, role: Role) {
        self.buffer.set_style(area, self.theme.style(role));
    }

    fn cell(&mut self, x: u16, y: u16, symbol: &str, style: Style) {
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_symbol(symbol).set_style(style);
        }
    }
}
