//! Charts: how many people reported something, by topic, office and day, how many first answers came in time, and who
//! disputed a closing. Bars stand beside the table that they are drawn from; groups of ten or fewer are in neither.

use ratatui::layout::Rect;

use super::detail::{moved, room};
use crate::api::{Answer, Ask, Failure};
use crate::chart_data::{Chart, KINDS, Series, SeriesPoint, TIMES};
use crate::event::Redraw;
use crate::keymap::Command;
use crate::overlays::{Choice, Overlay, Wanted, picker, prompt};
use crate::paint::Paint;
use crate::safe::{Code, SafeText};
use crate::shared::{Owner, Shared};
use crate::theme::Role;

/// By what it is grouped.
pub const GROUPS: [&str; 3] = ["topic", "office", "day"];
/// Stretches of time, days.
pub const RANGES: [u32; 3] = [7, 30, 90];
/// Lines of the bars by day.
const SPARK: u16 = 4;

/// The screen.
#[derive(Debug)]
pub struct State {
    municipality: Code,
    group: usize,
    range: usize,
    series: Option<Series>,
    asked: Option<u64>,
    failed: Option<SafeText>,
    top: usize,
}

impl State {
    /// The charts of a municipality; an empty key: it has to be said which.
    pub fn new(shared: &mut Shared, municipality: Code) -> Self {
        let mut state =
            Self { municipality, group: 0, range: 1, series: None, asked: None, failed: None, top: 0 };
        state.fetch(shared);
        state
    }

    /// Fetches it.
    pub fn fetch(&mut self, shared: &mut Shared) {
        if shared.me.is_none() || self.municipality.as_str().is_empty() {
            return;
        }
        // Names of categories and offices.
        shared.want_desk(&self.municipality);
        let (group, days) = (Code::new(GROUPS[self.group]), RANGES[self.range]);
        let ask = Ask::Series(self.municipality.clone(), group, days);
        self.asked = Some(shared.ask(Owner::Screen, ask));
    }

    /// The municipality.
    pub fn municipality(&self) -> Option<Code> {
        Some(self.municipality.clone()).filter(|it| !it.as_str().is_empty())
    }

    /// Another municipality, by its official key.
    pub fn set_municipality(&mut self, shared: &mut Shared, municipality: Code) {
        self.municipality = municipality;
        (self.series, self.failed, self.top) = (None, None, 0);
        self.fetch(shared);
    }

    /// The second line, and its right end.
    pub fn second_line(&self, shared: &Shared) -> (Vec<(SafeText, Role)>, SafeText) {
        let words = shared.words;
        let name = self.series.as_ref().map(|it| it.name.clone()).unwrap_or_default();
        let group = words.code("chart-by", &Code::new(GROUPS[self.group]));
        let days = words.fill("chart-days", &[("days", SafeText::number(RANGES[self.range]))]);
        let parts = vec![
            (SafeText::own(" ").with(name).with("  "), Role::Title),
            (group.with("  "), Role::Plain),
            (days, Role::Plain),
        ];
        let people = self.series.as_ref().map(|it| match it.people {
            Some(people) => words.fill("chart-people", &[("people", SafeText::number(people))]),
            None => words.fill("chart-people-few", &[]),
        });
        (parts, people.unwrap_or_default())
    }

    /// Takes an answer that may be its own.
    pub fn answer(
        &mut self,
        shared: &mut Shared,
        number: u64,
        answer: &Result<Answer, Failure>,
    ) -> Option<Redraw> {
        if self.asked != Some(number) {
            return None;
        }
        self.asked = None;
        match answer {
            Ok(Answer::Series(series)) => (self.series, self.failed) = (Some((**series).clone()), None),
            Ok(_) => {}
            // The body says it, in place of what is not there.
            Err(failure) if failure.code == "not_found" => {
                (self.series, self.failed) = (None, Some(shared.words.say("municipality-none")));
            }
            Err(failure) => {
                let said = shared.explain(failure);
                (self.series, self.failed) = (None, Some(said.clone()));
                shared.complain(said);
            }
        }
        self.top = self.top.min(self.last(shared));
        Some(Redraw::Now)
    }

    /// Does a command; gives whether it was one of its own.
    pub fn command(&mut self, shared: &mut Shared, overlays: &mut Vec<Overlay>, command: Command) -> bool {
        if let Some(top) = moved(command, self.top, shared) {
            self.top = top.min(self.last(shared));
            return true;
        }
        match command {
            Command::Range | Command::Group => {
                if command == Command::Range {
                    self.range = (self.range + 1) % RANGES.len();
                } else {
                    self.group = (self.group + 1) % GROUPS.len();
                }
                (self.series, self.top) = (None, 0);
                self.fetch(shared);
                true
            }
            Command::SaveChart => {
                let Some(municipality) = self.municipality() else { return true };
                save(shared, Chart { municipality, kind: TIMES, topic: None });
                true
            }
            Command::Place => {
                let prompt = prompt::State::new(Wanted::Municipality, &self.municipality.text());
                overlays.push(Overlay::Prompt(prompt));
                true
            }
            _ => false,
        }
    }

    fn last(&self, shared: &Shared) -> usize {
        let room = room(shared).saturating_sub(1 + usize::from(self.spark()));
        let rows = self.series.as_ref().map_or(0, |it| it.points.len() + 1);
        rows.saturating_sub(room)
    }

    const fn by_day(&self) -> bool {
        self.group == 2
    }

    const fn spark(&self) -> u16 {
        if self.by_day() { SPARK } else { 0 }
    }

    /// Draws the body.
    pub fn draw(&self, paint: &mut Paint<'_>, shared: &Shared) {
        let words = shared.words;
        let width = shared.size.0;
        let Some(series) = &self.series else {
            let text = match &self.failed {
                Some(failed) => failed.clone(),
                None if self.municipality.as_str().is_empty() => words.say("charts-nowhere"),
                None => words.say("loading"),
            };
            paint.block(Rect::new(1, 3, width.saturating_sub(2), 3), &text, Role::Plain);
            return;
        };
        let end = 2 + room(shared) as u16;
        let mut y = 2;
        if self.by_day() {
            let figures: Vec<u64> = series.points.iter().map(|it| it.people.unwrap_or(0)).collect();
            paint.sparkline(Rect::new(1, y, width.saturating_sub(2), SPARK), &figures, Role::Plain);
            y += SPARK;
        }
        // Name, people, in time, disputed, and what is left for the bars.
        let name = if width < 80 { 18 } else { 28 };
        let columns = [name, 8, 9, 10];
        let heads = ["chart-head-name", "chart-head-people", "chart-head-kept", "chart-head-disputed"];
        let mut x = 1;
        for (head, cells) in heads.into_iter().zip(columns) {
            paint.text(x, y, cells - 1, &words.say(head), Role::Quiet);
            x += cells;
        }
        y += 1;
        let bars = Rect::new(x, y, width.saturating_sub(x + 1), end.saturating_sub(y));
        let mut values = Vec::new();
        for (cells, value) in rows(series, self.group, shared).into_iter().skip(self.top) {
            if y >= end {
                break;
            }
            let mut x = 1;
            for (text, cells) in cells.iter().zip(columns) {
                paint.text(x, y, cells - 1, text, Role::Plain);
                x += cells;
            }
            values.push(value);
            y += 1;
        }
        let most = series.points.iter().filter_map(|it| it.people).max().unwrap_or(0);
        paint.bars(bars, &values, most, Role::Plain);
        if y < end {
            let text = words.say(if series.points.iter().any(|it| it.people.is_some()) {
                "charts-how"
            } else {
                "charts-few"
            });
            paint.block(Rect::new(1, y, width.saturating_sub(2), end - y), &text, Role::Quiet);
        }
    }
}

/// Has the service draw a chart, which is then written into a file.
pub fn save(shared: &mut Shared, chart: Chart) {
    let (name, language) = (chart.file_name(), shared.words.tag());
    shared.ask(Owner::Chart(name), Ask::Chart(chart, language));
}

/// Asks which chart of a topic is to be written into a file.
pub fn pick(shared: &Shared, municipality: &Code, topic: &SafeText) -> Overlay {
    let words = shared.words;
    let item = |kind: &'static str| {
        let topic = Some(Code::new(topic.as_str()));
        let chart = Chart { municipality: municipality.clone(), kind, topic };
        (words.code("chart-of", &Code::new(kind)), Choice::Chart(chart), false)
    };
    Overlay::Picker(picker::State::new(words.say("pick-chart"), KINDS.map(item)))
}

/// The lines of the table: name, people, in time, disputed, and the length of the bar; the newest day first.
pub fn rows(series: &Series, group: usize, shared: &Shared) -> Vec<([SafeText; 4], u64)> {
    let dash = || SafeText::own("-");
    let least = |it: u64| SafeText::own(">=").with(SafeText::number(it));
    let line = |it: &SeriesPoint| {
        let name = match GROUPS[group] {
            "topic" => shared.category(&series.municipality, &it.key),
            "office" => shared.office(&series.municipality, &it.key),
            _ => it.key.text(),
        };
        let people = it.people.map_or_else(|| SafeText::own("-"), least);
        let kept = it.kept.map_or_else(dash, |it| SafeText::number(it).with(" %"));
        ([name, people, kept, it.disputed.map_or_else(dash, least)], it.people.unwrap_or(0))
    };
    let mut rows: Vec<_> = series.points.iter().map(line).collect();
    if GROUPS[group] == "day" {
        rows.reverse();
    } else if series.others {
        rows.push(([shared.words.say("chart-others"), dash(), dash(), dash()], 0));
    }
    rows
}
