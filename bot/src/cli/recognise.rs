//! `cabildo recognise`: who improved most in its family in a year, by a published rule.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;

use serde::Serialize;

use super::Failure;
use crate::domain::csv_guard::guarded;
use crate::domain::facts::Facts;
use crate::domain::figure::Figure;
use crate::domain::pack::localized;
use crate::domain::peer_group::Family;
use crate::domain::recognition::{self, Judged, NotJudged, Recognised};

/// The most threads that look at once.
const MOST_THREADS: usize = 64;

/// Arguments of `cabildo recognise`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A topic (CASA), its id, or the code of a series; may be given several times. Without any: the main
    /// topics whose years may be compared without a warning.
    #[arg(long, value_name = "TOPIC")]
    series: Vec<String>,
    /// The year that is judged against the one before it; without it the newest.
    #[arg(long, value_name = "YEAR")]
    year: Option<u16>,
    /// Peer rule, 1 to 5.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
    family: u8,
    /// How the list is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Language of the text; without it that of the data pack.
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// How many threads look at once; the list is the same with any number. Without it as many as the
    /// machine has.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// Comma-separated values, a row a municipality.
    Csv,
    /// One JSON object.
    Json,
}

/// The lists as JSON.
#[derive(Serialize)]
struct Lists<'a> {
    rule: &'static str,
    release: &'a str,
    family: FamilyInfo<'a>,
    series: Vec<List<'a>>,
}

#[derive(Serialize)]
struct FamilyInfo<'a> {
    rule: u8,
    version: &'a str,
}

#[derive(Serialize)]
struct List<'a> {
    series: &'a str,
    unit: &'a str,
    direction: &'static str,
    year: u16,
    before: u16,
    /// The earlier year from which on the figure must have got better, too.
    earlier: Option<u16>,
    /// What a reader must know of the years.
    notes: Vec<&'a str>,
    source: &'a str,
    municipalities: Vec<Row<'a>>,
}

/// Figures are texts, so that each digit is the published one.
#[derive(Serialize)]
struct Row<'a> {
    position: usize,
    municipality: &'a str,
    name: &'a str,
    state: &'a str,
    values: Vec<Value>,
    change: String,
    family_change: String,
    advantage: String,
    deviations: Option<String>,
    family_size: u32,
}

#[derive(Serialize)]
struct Value {
    year: u16,
    value: String,
}

/// Runs the command.
pub fn run(arguments: &Arguments, pack: Option<&Path>) -> Result<(), Failure> {
    let facts = super::load_facts(pack, None)?;
    let locale = super::locale(&facts, arguments.language.as_deref())?;
    let family = super::family(&facts, arguments.family)?;
    let judged = asked(&facts, arguments, locale)?;
    let machine = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let threads = arguments.threads.unwrap_or(machine);
    let threads = threads.min(NonZeroUsize::new(MOST_THREADS).unwrap_or(threads));
    let lists: Vec<(&Judged<'_>, Vec<Recognised>)> =
        judged.iter().map(|it| (it, recognition::recognised(&facts, it, family, threads))).collect();
    let mut out = std::io::stdout().lock();
    match arguments.format {
        Format::Text => write_text(&facts, family, locale, &lists, &mut out)?,
        Format::Csv => write_csv(&facts, family, &lists, &mut out)?,
        Format::Json => {
            let text = serde_json::to_string(&as_json(&facts, family, locale, &lists))
                .map_err(|problem| Failure::software(format!("The list can't be written: {problem}.")))?;
            writeln!(out, "{text}")?;
        }
    }
    out.flush()?;
    Ok(())
}

/// The series that are asked for.
fn asked<'a>(facts: &'a Facts, arguments: &Arguments, locale: &str) -> Result<Vec<Judged<'a>>, Failure> {
    if arguments.series.is_empty() {
        let usual = recognition::usual(facts, arguments.year);
        if usual.is_empty() {
            return Err(Failure::data("No series of this pack may be compared with the year before."));
        }
        return Ok(usual);
    }
    arguments.series.iter().map(|text| one(facts, text, arguments.year, locale)).collect()
}

fn one<'a>(facts: &'a Facts, text: &str, year: Option<u16>, locale: &str) -> Result<Judged<'a>, Failure> {
    let topic = super::compare::topic(facts, text)
        .ok_or_else(|| Failure::data(format!("There is no topic or series {text}.")))?;
    // Of the series of a topic the newest one, or the one that has the year.
    let newest = recognition::judged(facts, topic.series.first().map_or("", String::as_str), year);
    let found = newest.or_else(|problem| {
        topic.series.iter().skip(1).find_map(|it| recognition::judged(facts, it, year).ok()).ok_or(problem)
    });
    found.map_err(|problem| {
        let why = match problem {
            NotJudged::NoSeries => "the pack has no figures of it".to_owned(),
            NotJudged::Describes => "it only describes: no figure is better than another".to_owned(),
            NotJudged::NoYears => "it has no figures of that year and of one before it".to_owned(),
            NotJudged::Break(note) => {
                let note = note.map_or("", |it| localized(it, locale));
                format!("its years can't be compared. {note}")
            }
        };
        Failure::data(format!("There is no list for {text}: {}.", why.trim_end_matches(['.', ' '])))
    })
}

fn row<'a>(facts: &'a Facts, position: usize, it: &Recognised) -> Row<'a> {
    let municipality = facts.municipality(it.municipality);
    let value = |(year, figure): &(u16, Figure)| Value { year: *year, value: figure.to_string() };
    Row {
        position,
        municipality: &municipality.key,
        name: &municipality.name,
        state: &facts.state_of(it.municipality).abbreviation,
        values: it.values.iter().map(value).collect(),
        change: it.progress.own.to_string(),
        family_change: it.progress.group.to_string(),
        advantage: it.progress.advantage().to_string(),
        deviations: it.progress.deviations().map(|it| it.to_string()),
        family_size: it.progress.size,
    }
}

fn as_json<'a>(
    facts: &'a Facts,
    family: Family,
    locale: &str,
    lists: &[(&Judged<'a>, Vec<Recognised>)],
) -> Lists<'a> {
    let list = |(judged, found): &(&Judged<'a>, Vec<Recognised>)| {
        let (before, year) = judged.pair();
        List {
            series: judged.code,
            unit: &judged.series.unit,
            direction: judged.series.direction.code(),
            year,
            before,
            earlier: judged.years.first().copied().filter(|_| judged.has_earlier()),
            notes: judged.notes.iter().map(|it| localized(it, locale)).collect(),
            source: &judged.series.tag,
            municipalities: (1..).zip(found).map(|(position, it)| row(facts, position, it)).collect(),
        }
    };
    Lists {
        rule: recognition::RULE,
        release: &facts.manifest.pack.release,
        family: FamilyInfo { rule: family.number(), version: &facts.manifest.peers.version },
        series: lists.iter().map(list).collect(),
    }
}

fn write_csv(
    facts: &Facts,
    family: Family,
    lists: &[(&Judged<'_>, Vec<Recognised>)],
    out: &mut impl Write,
) -> Result<(), Failure> {
    let failed =
        |problem: csv::Error| Failure::new(super::exit::IO, format!("The list can't be written: {problem}."));
    let mut writer = csv::Writer::from_writer(out);
    let head = [
        "rule",
        "release",
        "family",
        "series",
        "position",
        "municipality",
        "name",
        "state",
        "earlier_year",
        "earlier_value",
        "before_year",
        "before_value",
        "year",
        "value",
        "change",
        "family_change",
        "advantage",
        "deviations",
        "family_size",
        "source",
    ];
    writer.write_record(head).map_err(failed)?;
    for (judged, found) in lists {
        let (before, year) = judged.pair();
        for (position, it) in (1..).zip(found) {
            let row = row(facts, position, it);
            let value = |year: u16| {
                row.values.iter().find(|it| it.year == year).map(|it| it.value.clone()).unwrap_or_default()
            };
            let earlier = judged.years.first().copied().filter(|_| judged.has_earlier());
            let record = [
                recognition::RULE.to_owned(),
                facts.manifest.pack.release.clone(),
                family.number().to_string(),
                judged.code.to_owned(),
                row.position.to_string(),
                row.municipality.to_owned(),
                guarded(row.name),
                guarded(row.state),
                earlier.map(|it| it.to_string()).unwrap_or_default(),
                earlier.map(value).unwrap_or_default(),
                before.to_string(),
                value(before),
                year.to_string(),
                value(year),
                row.change,
                row.family_change,
                row.advantage,
                row.deviations.unwrap_or_default(),
                row.family_size.to_string(),
                judged.series.tag.clone(),
            ];
            writer.write_record(record).map_err(failed)?;
        }
    }
    writer.flush()?;
    Ok(())
}

fn write_text(
    facts: &Facts,
    family: Family,
    locale: &str,
    lists: &[(&Judged<'_>, Vec<Recognised>)],
    out: &mut impl Write,
) -> Result<(), Failure> {
    let text = |key: &str, args: &[(&str, &str)]| super::text(locale, key, args);
    let (number, version) = (family.number().to_string(), facts.manifest.peers.version.as_str());
    let release = facts.manifest.pack.release.as_str();
    writeln!(out, "{}", text("recognise-title", &[])?)?;
    let rule =
        [("rule", recognition::RULE), ("family", &*number), ("version", version), ("release", release)];
    writeln!(out, "{}", text("recognise-rule", &rule)?)?;
    for (judged, found) in lists {
        let (before, year) = judged.pair();
        let (before, year) = (before.to_string(), year.to_string());
        let years = [
            ("name", localized(&judged.series.name, locale)),
            ("unit", judged.series.unit.as_str()),
            ("before", before.as_str()),
            ("year", year.as_str()),
            ("source", judged.series.tag.as_str()),
        ];
        writeln!(out, "\n{}", text("recognise-series", &years)?)?;
        for note in &judged.notes {
            writeln!(out, "{}", localized(note, locale))?;
        }
        if !judged.has_earlier() {
            writeln!(out, "{}", text("recognise-no-earlier", &[])?)?;
        }
        if found.is_empty() {
            writeln!(out, "{}", text("recognise-nobody", &[])?)?;
        }
        for (position, it) in (1..).zip(found) {
            let row = row(facts, position, it);
            let values: Vec<String> =
                row.values.iter().map(|it| format!("{} ({})", it.value, it.year)).collect();
            let (position, values) = (format!("{position:>3}"), values.join(", "));
            let size = row.family_size.to_string();
            let args = [
                ("position", position.as_str()),
                ("name", row.name),
                ("state", row.state),
                ("key", row.municipality),
                ("values", values.as_str()),
                ("change", row.change.as_str()),
                ("family", row.family_change.as_str()),
                ("size", size.as_str()),
                ("advantage", row.advantage.as_str()),
            ];
            writeln!(out, "{}", text("recognise-row", &args)?)?;
        }
    }
    Ok(())
}
