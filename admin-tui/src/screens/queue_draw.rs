//! How the list, its preview and the names of queues are drawn, by the size of the window.

use ratatui::layout::Rect;

use super::queue::{Source, State};
use crate::data::{Case, Row};
use crate::paint::Paint;
use crate::safe::SafeText;
use crate::shared::Shared;
use crate::theme::Role;
use crate::widgets;

/// Lines around the body: two above, two below.
pub const AROUND: u16 = 4;
/// Lines of the preview under a list.
const UNDER: u16 = 6;

/// Where things are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panes {
    /// Queues and views.
    pub views: Option<Rect>,
    /// The list, with its heading.
    pub list: Rect,
    /// The case under the cursor.
    pub preview: Option<Rect>,
    /// Whether the preview lies under the list.
    pub under: bool,
}

/// The panes of a window: three from 120 columns on, two from 100, a preview under the list from 80, and the list
/// alone where there is less, or fewer than 24 lines.
pub fn panes(size: (u16, u16)) -> Panes {
    let (width, height) = size;
    let body = Rect::new(0, 2, width, height.saturating_sub(AROUND));
    if width < 80 || height < 24 {
        return Panes { views: None, list: body, preview: None, under: false };
    }
    if width < 100 {
        let list = Rect { height: body.height.saturating_sub(UNDER), ..body };
        let preview = Rect { y: list.bottom(), height: UNDER, ..body };
        return Panes { views: None, list, preview: Some(preview), under: true };
    }
    let left = if width < 120 { 0 } else { 20 };
    let right = if width < 120 { 36 } else { (width - left) * 2 / 5 };
    let views = (left > 0).then(|| Rect { width: left - 1, ..body });
    let list = Rect { x: left, width: width - left - right - 1, ..body };
    let preview = Rect { x: width - right, width: right, ..body };
    Panes { views, list, preview: Some(preview), under: false }
}

/// Rows that a list shows.
pub fn list_height(size: (u16, u16)) -> usize {
    usize::from(panes(size).list.height.saturating_sub(1))
}

/// Widths of the columns; 0: there is no room for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    due: u16,
    place: u16,
    text: u16,
    age: u16,
    who: u16,
}

const MARKS: u16 = 7;
const FOLIO: u16 = 8;
/// The text keeps so many cells before other columns get room.
const TEXT: u16 = 24;

impl Columns {
    /// What fits; who goes first when space is short, then age, place and what is owed.
    fn of(width: u16) -> Self {
        let mut columns = Self { due: 0, place: 0, text: 0, age: 0, who: 0 };
        let mut left = width.saturating_sub(MARKS + FOLIO);
        for (cell, cells) in [
            (&mut columns.due, 7_u16),
            (&mut columns.place, if width >= 110 { 20 } else { 13 }),
            (&mut columns.age, 5),
            (&mut columns.who, 4),
        ] {
            if left < TEXT + cells {
                break;
            }
            *cell = cells;
            left -= cells;
        }
        columns.text = left;
        columns
    }
}

/// The second line of the screen.
pub fn second_line(state: &State, shared: &Shared) -> (Vec<(SafeText, Role)>, SafeText) {
    let words = shared.words;
    if let Some(find) = &state.find {
        let text = find.text();
        let mut parts = vec![(SafeText::own(" /"), Role::Key), (text.clone(), Role::Plain)];
        if !text.is_empty() {
            parts.push((SafeText::own("  ").with(words.say("line-clear")), Role::Quiet));
        }
        return (parts, row_number(state, shared));
    }
    let mut parts = vec![(SafeText::own(" "), Role::Plain)];
    let source = match &state.source {
        Source::View(_, name) => name.clone(),
        _ if state.searched().is_some() && !state.mine => words.say("queue-all"),
        Source::Queue(code) => words.code("queue", code),
        Source::All => words.say("queue-all"),
    };
    parts.push((words.fill("list-source", &[("queue", source)]), Role::Plain));
    if !state.filter.is_empty() {
        parts.push((
            SafeText::own("  ").with(words.fill("list-filter", &[("filter", state.filter.clone())])),
            Role::Marked,
        ));
    }
    if let Some(searched) = state.searched() {
        parts.push((SafeText::own("  /").with(searched), Role::Marked));
    }
    let order = words.say(if state.due_first { "sort-due" } else { "sort-newest" });
    parts.push((SafeText::own("  ").with(words.fill("list-sort", &[("order", order)])), Role::Quiet));
    if state.fresh > 0 {
        let count = SafeText::number(state.fresh as u64);
        parts.push((SafeText::own("  ").with(words.fill("list-fresh", &[("count", count)])), Role::Soon));
    }
    if let Some(seconds) = state.waiting(shared.now) {
        let seconds = SafeText::number(seconds);
        parts.push((
            SafeText::own("  ").with(words.fill("loading-for", &[("seconds", seconds)])),
            Role::Quiet,
        ));
    }
    (parts, row_number(state, shared))
}

fn row_number(state: &State, shared: &Shared) -> SafeText {
    let row = if state.ids.is_empty() { 0 } else { state.above + state.at as u64 + 1 };
    let args = [("row", SafeText::number(row)), ("total", state.total.text())];
    shared.words.fill("list-row", &args)
}

/// Counts of the queues, for the first line.
pub fn counts(state: &State, shared: &Shared) -> Vec<(SafeText, Role)> {
    let mut parts = Vec::new();
    for (code, count) in &state.queues.queues {
        let here = state.source == Source::Queue(code.clone());
        let text = SafeText::own("  ")
            .with(shared.words.code("queue", code))
            .with(" ")
            .with(SafeText::number(*count));
        parts.push((text, if here { Role::Title } else { Role::Plain }));
    }
    parts
}

/// Draws the body.
pub fn draw(state: &State, paint: &mut Paint<'_>, shared: &Shared) {
    let panes = panes(shared.size);
    if let Some(area) = panes.views {
        draw_views(state, paint, shared, area);
    }
    draw_list(state, paint, shared, panes.list);
    if let Some(area) = panes.preview {
        if panes.under {
            paint.rule(area.x, area.y, area.width, None);
            let inner = Rect { y: area.y + 1, height: area.height - 1, ..area };
            draw_preview(state, paint, shared, inner, false);
        } else {
            for y in area.y..area.bottom() {
                paint.text(area.x - 1, y, 1, &SafeText::own("|"), Role::Quiet);
            }
            let inner = Rect { x: area.x + 1, width: area.width - 1, ..area };
            draw_preview(state, paint, shared, inner, true);
        }
    }
    if let Some(find) = &state.find {
        find.draw(paint, 2, 1, shared.size.0.saturating_sub(20), true);
    }
}

fn draw_views(state: &State, paint: &mut Paint<'_>, shared: &Shared, area: Rect) {
    let words = shared.words;
    let mut y = area.y;
    paint.text(area.x + 1, y, area.width - 1, &words.say("views-title"), Role::Title);
    let queues = state.queues.queues.iter().map(|(code, count)| {
        (words.code("queue", code), SafeText::number(*count), state.source == Source::Queue(code.clone()))
    });
    let views = state.queues.views.iter().map(|(id, name, count)| {
        (name.clone(), count.text(), matches!(state.source, Source::View(view, _) if view == *id))
    });
    for (name, count, here) in queues.chain(views) {
        y += 1;
        if y >= area.bottom() {
            break;
        }
        let role = if here { Role::Title } else { Role::Plain };
        paint.text(area.x, y, 1, &SafeText::own(if here { ">" } else { " " }), Role::Key);
        paint.text(area.x + 1, y, area.width.saturating_sub(7), &name, role);
        paint.right(area.x, y, area.width, &count, role);
    }
    for y in area.y..area.bottom() {
        paint.text(area.right(), y, 1, &SafeText::own("|"), Role::Quiet);
    }
}

fn draw_list(state: &State, paint: &mut Paint<'_>, shared: &Shared, area: Rect) {
    let words = shared.words;
    let columns = Columns::of(area.width);
    let heads = [
        (MARKS, "head-state", false),
        (columns.due, "head-due", true),
        (FOLIO, "head-folio", false),
        (columns.place, "head-place", false),
        (columns.text, "head-text", false),
        (columns.age, "head-age", true),
        (columns.who, "head-who", true),
    ];
    let mut x = area.x;
    for (width, key, right) in heads {
        if width > 0 {
            let (text, room) = (words.say(key), width.saturating_sub(1));
            if right {
                paint.right(x, area.y, room, &text, Role::Quiet);
            } else {
                paint.text(x, area.y, room, &text, Role::Quiet);
            }
        }
        x += width;
    }
    if state.ids.is_empty() {
        let text = if let Some(failed) = &state.failed {
            failed.clone()
        } else if !state.loaded {
            words.say("loading")
        } else if state.filter.is_empty()
            && state.searched().is_none()
            && matches!(state.source, Source::Queue(_))
        {
            let waiting = state.queues.queues.iter().find(|it| it.0 == "waiting").map_or(0, |it| it.1);
            words.fill("queue-empty", &[("waiting", SafeText::number(waiting))])
        } else {
            words.say("filter-empty")
        };
        let room = Rect { x: area.x + 1, y: area.y + 2, width: area.width.saturating_sub(2), height: 3 };
        paint.block(room, &text, Role::Plain);
        return;
    }
    let rows = usize::from(area.height.saturating_sub(1));
    for (line, id) in state.ids.iter().enumerate().skip(state.top).take(rows) {
        let y = area.y + 1 + (line - state.top) as u16;
        if let Some(row) = shared.rows.get(id) {
            let here = line == state.at;
            draw_row(state, paint, shared, Rect { y, height: 1, ..area }, columns, row, here);
            if here {
                paint.tint(Rect { y, height: 1, ..area }, Role::Cursor);
            }
        }
    }
}

fn draw_row(
    state: &State,
    paint: &mut Paint<'_>,
    shared: &Shared,
    area: Rect,
    columns: Columns,
    row: &Row,
    here: bool,
) {
    let (mut x, y) = (area.x, area.y);
    let pending = shared.acts.runs_on(row.id);
    let gone = state.gone.contains(&row.id);
    paint.text(x, y, 1, &SafeText::own(if here { ">" } else { " " }), Role::Key);
    let mark = if pending {
        "~"
    } else if gone {
        "-"
    } else {
        " "
    };
    paint.text(x + 1, y, 1, &SafeText::own(mark), Role::Pending);
    paint.text(x + 2, y, 1, &row.mark(), Role::Plain);
    let (urgency, role) = widgets::urgency(shared, row);
    paint.text(x + 4, y, 2, &urgency, role);
    x += MARKS;
    if columns.due > 0 {
        let (due, role) = widgets::due(shared, row);
        paint.right(x, y, columns.due - 1, &due, role);
        x += columns.due;
    }
    paint.text(x, y, FOLIO - 1, &row.folio, Role::Plain);
    x += FOLIO;
    if columns.place > 0 {
        paint.text(x, y, columns.place - 1, &place(row), Role::Plain);
        x += columns.place;
    }
    let text = message(shared, row);
    let role = if pending { Role::Pending } else { Role::Plain };
    paint.text(x, y, columns.text.saturating_sub(1), &text, role);
    x += columns.text;
    if columns.age > 0 {
        paint.right(x, y, columns.age - 1, &shared.words.age(shared.now - row.opened_at), Role::Quiet);
        x += columns.age;
    }
    if columns.who > 0 {
        let (who, role) = widgets::who(shared, row);
        paint.right(x, y, columns.who - 1, &who, role);
    }
}

fn place(row: &Row) -> SafeText {
    row.place.clone().unwrap_or_else(|| row.municipality_name.clone())
}

/// The last message, or why it is not shown.
fn message(shared: &Shared, row: &Row) -> SafeText {
    match &row.preview {
        Some(text) if text.right_to_left() => SafeText::own("RTL ").with(text),
        Some(text) => text.clone(),
        None if row.sealed() => shared.words.code("confidentiality", &row.confidentiality),
        None => SafeText::default(),
    }
}

/// Folio, place, who wrote and how it stands.
fn heading(shared: &Shared, row: &Row, case: Option<&Case>) -> SafeText {
    let mut parts = vec![row.folio.clone(), place(row), row.municipality_name.clone()];
    if let Some(citizen) = case.and_then(Case::opener) {
        parts.push(citizen.channel.clone());
        parts.push(citizen.shown.clone());
    }
    parts.push(shared.words.code("state", &row.state));
    if row.joined > 1 {
        parts.push(shared.words.fill("people", &[("count", SafeText::number(row.joined))]));
    }
    parts.dedup();
    SafeText::join(&parts, "  ")
}

fn draw_preview(state: &State, paint: &mut Paint<'_>, shared: &Shared, area: Rect, tall: bool) {
    let words = shared.words;
    let Some(row) = state.target().and_then(|it| shared.rows.get(&it)) else { return };
    let case = shared.cases.get(&row.id).filter(|_| !row.sealed());
    let heading = heading(shared, row, case);
    let mut y = area.y;
    y += paint.block(Rect { height: if tall { 3 } else { 1 }, ..area }, &heading, Role::Title);
    if row.sealed() {
        paint.block(Rect { y, height: 2, ..area }, &words.say("sealed-open"), Role::Quiet);
        return;
    }
    if let Some(case) = case.filter(|_| tall) {
        if !case.labels.is_empty() {
            let labels = words.fill("labels-are", &[("labels", SafeText::join(&case.labels, ", "))]);
            y += paint.block(Rect { y, height: 2, ..area }, &labels, Role::Quiet);
        }
        if let Some((person, _)) = case.writers.first() {
            let text = words.fill("also-here", &[("name", person.name.clone())]);
            y += paint.block(Rect { y, height: 1, ..area }, &text, Role::Soon);
        }
        y += 1;
    }
    let keys = macros_line(shared);
    let bottom = area.bottom() - u16::from(!keys.is_empty());
    let thread = state.thread.as_ref().filter(|it| it.0 == row.id && tall);
    if let Some((_, entries)) = thread {
        // The end of the thread, as far as there is room.
        let mut lines: Vec<(SafeText, Role)> = Vec::new();
        for entry in entries {
            let head = words.code("from", &entry.from).with(" ").with(words.day(entry.at));
            let role = if entry.from == "note" { Role::Note } else { Role::Quiet };
            lines.push((head, role));
            let text = entry.pages.first().cloned().unwrap_or_else(|| words.say("erased"));
            for part in text.wrap(usize::from(area.width)) {
                lines.push((text.slice(part), Role::Plain));
            }
        }
        let room = usize::from(bottom.saturating_sub(y));
        let skip = lines.len().saturating_sub(room);
        for (text, role) in lines.iter().skip(skip) {
            paint.text(area.x, y, area.width, text, *role);
            y += 1;
        }
    } else {
        let room = Rect { y, height: bottom.saturating_sub(y), ..area };
        paint.block(room, &message(shared, row), Role::Plain);
    }
    if !keys.is_empty() {
        paint.text(area.x, bottom, area.width, &keys, Role::Key);
    }
}

/// The macros, as many as there are.
fn macros_line(shared: &Shared) -> SafeText {
    let names: Vec<SafeText> = shared
        .settings
        .macros
        .iter()
        .map(|it| SafeText::number(it.number).with(" ").with(&it.title))
        .collect();
    SafeText::join(&names, "   ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_go_in_their_order() {
        let all = Columns::of(120);
        assert!(all.who > 0 && all.age > 0 && all.place > 0 && all.due > 0);
        let gone = |width: u16| {
            let it = Columns::of(width);
            [it.who, it.age, it.place, it.due].iter().filter(|it| **it == 0).count()
        };
        let counts: Vec<usize> = (30..120).rev().map(gone).collect();
        assert!(counts.is_sorted(), "{counts:?}");
        for width in 30..200 {
            let it = Columns::of(width);
            assert_eq!(MARKS + FOLIO + it.due + it.place + it.text + it.age + it.who, width);
            let kept = [it.who > 0, it.age > 0, it.place > 0, it.due > 0];
            assert!(kept.is_sorted(), "{width}: {kept:?}");
        }
    }

    #[test]
    fn the_panes_follow_the_table() {
        let shown = |width, height| {
            let it = panes((width, height));
            (it.views.is_some(), it.preview.is_some(), it.under)
        };
        assert_eq!(shown(60, 16), (false, false, false));
        assert_eq!(shown(80, 23), (false, false, false));
        assert_eq!(shown(80, 24), (false, true, true));
        assert_eq!(shown(100, 30), (false, true, false));
        assert_eq!(shown(120, 40), (true, true, false));
    }
}
