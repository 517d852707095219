//! What stands on the page of a municipality.

use super::{Block, Document, Outcomes, Practice, Subject, Work};
use crate::channels::render::{grouped, number};
use crate::domain::benchmark::{self, Benchmark, Change, TrendPoint};
use crate::domain::figure::Figure;
use crate::domain::indicator::Reading;
use crate::domain::municipality::MunicipalityId;
use crate::domain::pack::{Comparability, Localized, Series, Topic, localized};
use crate::domain::time::{DAY, HOUR};

/// Writes in one language about one municipality.
struct Writer<'a> {
    it: Subject<'a>,
    blocks: Vec<Block>,
}

/// The page of a municipality. Without `work` there is no database, and the page says so. `category` gives the
/// name of a category by its code.
pub fn page(
    it: Subject<'_>,
    work: Option<&Work>,
    practices: &[Practice],
    category: &dyn Fn(&str) -> Option<String>,
) -> Document {
    let mut writer = Writer { it, blocks: Vec::new() };
    let title = writer.head();
    writer.figures();
    match work {
        Some(work) => {
            writer.cases(&work.outcomes, category);
            writer.demands(work);
            writer.promises(work);
        }
        None => writer.small("report-no-database", &[]),
    }
    // Where nothing was looked for, nothing is said.
    if !practices.is_empty() {
        writer.practices(practices);
    }
    Document { language: it.locale.to_owned(), title, blocks: writer.blocks }
}

impl<'a> Writer<'a> {
    fn text(&self, key: &str, args: &[(&str, &str)]) -> String {
        cabildo_messages::text(self.it.locale, key, args).unwrap_or_else(|| {
            tracing::error!(message.key = key, "a message is missing or lacks an argument");
            String::new()
        })
    }

    fn heading(&mut self, key: &str) {
        self.blocks.push(Block::Heading(self.text(key, &[])));
    }

    fn paragraph(&mut self, key: &str, args: &[(&str, &str)]) {
        self.blocks.push(Block::Paragraph(self.text(key, args)));
    }

    fn small(&mut self, key: &str, args: &[(&str, &str)]) {
        self.blocks.push(Block::Small(self.text(key, args)));
    }

    fn columns(&self, keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| self.text(key, &[])).collect()
    }

    fn localized(&self, text: &'a Localized) -> &'a str {
        localized(text, self.it.locale)
    }

    /// Name and state, as a list shows them.
    fn place(&self, id: MunicipalityId) -> String {
        let facts = self.it.facts;
        format!("{}, {}", facts.municipality(id).display_name(), facts.state_of(id).abbreviation)
    }

    fn head(&mut self) -> String {
        let (facts, id) = (self.it.facts, self.it.municipality);
        let place = facts.municipality(id);
        let args = [
            ("name", place.name.as_str()),
            ("state", facts.state_of(id).name.as_str()),
            ("key", place.key.as_str()),
        ];
        let title = self.text("report-title", &args);
        let (release, day) = (facts.manifest.pack.release.as_str(), self.it.day);
        self.small("report-made", &[("day", day), ("release", release)]);
        if let Some(people) = place.population {
            let people = grouped(i64::from(people));
            let source = facts.manifest.pack.population_source.as_str();
            self.paragraph("report-population", &[("people", &people), ("source", source)]);
        }
        title
    }

    fn figures(&mut self) {
        let (facts, id, family) = (self.it.facts, self.it.municipality, self.it.family);
        self.heading("report-figures");
        let place = facts.municipality(id);
        if place.newer_than_data {
            let parents = place.counted_in.iter().filter_map(|key| facts.by_key(key));
            let parents: Vec<String> = parents.map(|it| self.place(it)).collect();
            self.paragraph("report-newer", &[("places", &parents.join("; "))]);
            return;
        }
        let topics: Vec<&Topic> = facts.manifest.topics.iter().filter(|topic| topic.main).collect();
        let topics = if topics.is_empty() { facts.manifest.topics.iter().collect() } else { topics };
        let rows: Vec<Benchmark<'_>> =
            topics.iter().filter_map(|topic| benchmark::benchmark(facts, id, topic, family)).collect();
        if let Some(it) = benchmark::extremes(facts, id, family).filter(|it| it.ranked > 1) {
            let ranks = (it.best.1.to_string(), it.worst.1.to_string());
            let (best, worst) = (self.topic(it.best.0), self.topic(it.worst.0));
            let args =
                [("best", &*best), ("best-rank", &*ranks.0), ("worst", &*worst), ("worst-rank", &*ranks.1)];
            self.paragraph("report-extremes", &args);
        }
        let head = self.columns(&[
            "report-column-topic",
            "report-column-value",
            "report-column-year",
            "report-column-median",
            "report-column-rank",
            "report-column-trend",
            "report-column-source",
        ]);
        let cells = rows.iter().map(|it| self.row(it)).collect();
        self.blocks.push(Block::Table(head, cells));
        self.notes(&rows);
        let peers = facts.peer_groups.peers(id, family);
        let (count, number) = (peers.len().to_string(), family.number().to_string());
        // A whole state is too long a list for a page.
        let names: Vec<String> = peers.iter().take(20).map(|peer| self.place(peer.municipality)).collect();
        let args = [
            ("count", count.as_str()),
            ("family", number.as_str()),
            ("version", facts.manifest.peers.version.as_str()),
            ("names", &names.join("; ")),
        ];
        self.small("report-peers", &args);
        self.sources(&rows);
    }

    /// A topic's word.
    fn topic(&self, topic: &Topic) -> String {
        let words = topic.words.get(self.it.locale).or_else(|| topic.words.get(cabildo_messages::FALLBACK));
        words.and_then(|words| words.first()).unwrap_or(&topic.id).to_lowercase()
    }

    fn value(&self, series: &Series, figure: Figure) -> String {
        let key = if series.unit == "%" { "value-percent" } else { "value-plain" };
        self.text(key, &[("number", &number(series, figure))])
    }

    fn row(&self, it: &Benchmark<'a>) -> Vec<String> {
        let topic = self.text(
            "report-topic",
            &[("topic", &self.topic(it.topic)), ("label", self.localized(&it.topic.label))],
        );
        let value = match it.reading {
            Reading::Value(figure) => self.value(it.series, figure),
            other => self.text(&format!("report-status-{}", other.status()), &[]),
        };
        let median = it.median().map(|median| self.value(it.series, median)).unwrap_or_default();
        let rank = it.place.map(|place| {
            let (rank, size) = (place.rank.to_string(), it.size().to_string());
            let rank = self.text("report-rank", &[("rank", &rank), ("size", &size)]);
            match it.out_of_ten() {
                Some(tenths) => {
                    let absolute =
                        if it.topic.absolute.is_empty() { &it.topic.label } else { &it.topic.absolute };
                    let args =
                        [("tenths", tenths.to_string()), ("what", self.localized(absolute).to_owned())];
                    let args: Vec<(&str, &str)> =
                        args.iter().map(|(name, it)| (*name, it.as_str())).collect();
                    format!("{rank}, {}", self.text("report-out-of-ten", &args))
                }
                None => rank,
            }
        });
        vec![
            topic,
            value,
            it.year.to_string(),
            median,
            rank.unwrap_or_default(),
            self.trend(it),
            it.series.tag.clone(),
        ]
    }

    /// What may be said of the change since the year before.
    fn trend(&self, it: &Benchmark<'_>) -> String {
        let points = benchmark::trend(self.it.facts, self.it.municipality, it.topic);
        let having: Vec<(&TrendPoint<'_>, Figure)> =
            points.iter().filter_map(|point| Some((point, point.reading.value()?))).collect();
        let [.., (from, before), (to, after)] = having.as_slice() else {
            return match having.as_slice() {
                [(only, _)] => self.text("report-trend-one-year", &[("year", &only.year.to_string())]),
                _ => String::new(),
            };
        };
        let year = from.year.to_string();
        let (compare, _) =
            benchmark::comparability(self.it.facts, (from.code, from.year), (to.code, to.year));
        if compare == Comparability::No {
            return self.text("report-trend-broken", &[("year", &year)]);
        }
        let key = match benchmark::change(self.it.facts, self.it.municipality, it.series, *before, *after) {
            Change::Better => "report-trend-better",
            Change::Worse => "report-trend-worse",
            Change::Rose => "report-trend-rose",
            Change::Fell => "report-trend-fell",
            Change::Unclear => "report-trend-unclear",
        };
        let mark = if compare == Comparability::Warn { "*" } else { "" };
        let was = self.value(it.series, *before);
        format!("{}{mark}", self.text(key, &[("year", &year), ("was", &was)]))
    }

    /// Why changes with a mark must be read with care, and what is called a change.
    fn notes(&mut self, rows: &[Benchmark<'_>]) {
        let mut notes: Vec<String> = Vec::new();
        for it in rows {
            let points = benchmark::trend(self.it.facts, self.it.municipality, it.topic);
            for pair in points.windows(2).rev().take(1) {
                let [from, to] = pair else { continue };
                let (compare, note) =
                    benchmark::comparability(self.it.facts, (from.code, from.year), (to.code, to.year));
                let Some(note) = note.filter(|_| compare == Comparability::Warn) else { continue };
                let (from, to) = (from.year.to_string(), to.year.to_string());
                let args = [
                    ("topic", self.topic(it.topic)),
                    ("from", from),
                    ("to", to),
                    ("note", localized(note, self.it.locale).to_owned()),
                ];
                let args: Vec<(&str, &str)> = args.iter().map(|(name, it)| (*name, it.as_str())).collect();
                notes.push(self.text("report-note", &args));
            }
        }
        if !notes.is_empty() {
            self.blocks.push(Block::Small(notes.join(" ")));
        }
        let rule = rows.iter().map(|it| it.series).find(|it| it.unit == "%");
        if let Some(series) = rule {
            let args = [
                ("points", series.min_change.to_string()),
                ("points-small", series.min_change_small.to_string()),
                ("people", grouped(i64::from(series.small_population))),
            ];
            let args: Vec<(&str, &str)> = args.iter().map(|(name, it)| (*name, it.as_str())).collect();
            self.small("report-change-rule", &args);
        }
    }

    /// Each source once.
    fn sources(&mut self, rows: &[Benchmark<'_>]) {
        let mut sources: Vec<String> = Vec::new();
        for series in rows.iter().map(|it| it.series) {
            let args = [
                ("tag", series.tag.as_str()),
                ("institution", series.institution.as_str()),
                ("publication", series.publication.as_str()),
                ("licence", series.licence.as_str()),
            ];
            let source = self.text("report-source", &args);
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        self.blocks.push(Block::Small(sources.join(" ")));
    }

    fn cases(&mut self, outcomes: &Outcomes, category: &dyn Fn(&str) -> Option<String>) {
        self.heading("report-cases");
        let Some(people) = outcomes.people() else {
            self.paragraph("report-cases-few", &[]);
            return;
        };
        self.paragraph("report-cases-people", &[("people", &grouped_of(people))]);
        if let Some(waits) = outcomes.waits() {
            let (median, p90) = (self.wait(waits.median), self.wait(waits.p90));
            self.paragraph("report-cases-waits", &[("median", &median), ("p90", &p90)]);
        }
        if let Some(kept) = outcomes.kept() {
            self.paragraph("report-cases-kept", &[("percent", &kept.to_string())]);
        }
        let (states, categories) = (outcomes.states(), outcomes.categories());
        let states = states
            .groups
            .iter()
            .map(|(state, count)| (self.text(&format!("console-state-{}", state.code()), &[]), *count));
        let states: Vec<(String, u64)> = states.collect();
        let categories = categories.groups.iter();
        let categories =
            categories.map(|(code, count)| (category(code).unwrap_or_else(|| code.clone()), *count));
        let categories: Vec<(String, u64)> = categories.collect();
        for (column, groups) in [("report-column-state", states), ("report-column-category", categories)] {
            let head = self.columns(&[column, "report-column-people"]);
            let at_least = |count: u64| self.text("report-at-least", &[("people", &grouped_of(count))]);
            let rows: Vec<Vec<String>> =
                groups.into_iter().map(|(name, count)| vec![name, at_least(count)]).collect();
            if !rows.is_empty() {
                self.blocks.push(Block::Table(head, rows));
            }
        }
        self.small("report-cases-rule", &[]);
        if outcomes.cut {
            self.small("report-cases-cut", &[]);
        }
    }

    /// A time: hours up to two days, else days.
    fn wait(&self, millis: i64) -> String {
        let (key, unit) = if millis < 2 * DAY { ("report-hours", HOUR) } else { ("report-days", DAY) };
        let count = (millis + unit - 1) / unit;
        self.text(key, &[("count", &grouped(count))])
    }

    fn demands(&mut self, work: &Work) {
        self.heading("report-demands");
        if work.demands.is_empty() {
            self.paragraph("report-demands-none", &[]);
            return;
        }
        let head = self.columns(&[
            "report-column-code",
            "report-column-demand",
            "report-column-topic",
            "report-column-support",
            "report-column-paper",
            "report-column-state",
        ]);
        let row = |it: &crate::domain::demand::Demand| {
            let topic = self.it.facts.topic(&it.topic).map_or_else(|| it.topic.clone(), |it| self.topic(it));
            let (total, threshold) = (grouped_of(it.support.total()), grouped_of(it.threshold));
            vec![
                it.code.to_string(),
                it.text.clone(),
                topic,
                self.text("report-support", &[("total", &total), ("threshold", &threshold)]),
                grouped_of(it.support.paper),
                self.text(&format!("demand-state-{}", it.state.code()), &[]),
            ]
        };
        let rows = work.demands.iter().map(row).collect();
        self.blocks.push(Block::Table(head, rows));
        self.small("report-demands-rule", &[]);
    }

    fn promises(&mut self, work: &Work) {
        self.heading("report-promises");
        if work.promises.is_empty() {
            self.paragraph("report-promises-none", &[]);
            return;
        }
        let head = self.columns(&[
            "report-column-code",
            "report-column-promise",
            "report-column-owner",
            "report-column-due",
            "report-column-state",
        ]);
        let rows = work.promises.iter().map(|(code, it)| {
            let percent = it.promise.percent.to_string();
            let state = self.text(&format!("demand-progress-{}", it.promise.state.code()), &[]);
            vec![
                code.map(|it| it.to_string()).unwrap_or_default(),
                it.promise.title.clone(),
                it.promise.owner.clone(),
                it.promise.due_on.clone().unwrap_or_default(),
                self.text("report-promise-state", &[("state", &state), ("percent", &percent)]),
            ]
        });
        let rows = rows.collect();
        self.blocks.push(Block::Table(head, rows));
    }

    fn practices(&mut self, practices: &[Practice]) {
        self.heading("report-practices");
        let head = self.columns(&["report-column-place", "report-column-practice", "report-column-moved"]);
        let rows =
            practices.iter().map(|it| vec![it.place.clone(), it.title.clone(), it.moved.clone()]).collect();
        self.blocks.push(Block::Table(head, rows));
    }
}

fn grouped_of(count: u64) -> String {
    grouped(i64::try_from(count).unwrap_or(i64::MAX))
}
