//! `cabildo compare`: a benchmark as a table, JSON or CSV, by the same code as the dialogue.

use std::io::Write as _;
use std::path::Path;

use serde::Serialize;

use super::Failure;
use crate::domain::benchmark::{self, Benchmark};
use crate::domain::facts::Facts;
use crate::domain::figure::Figure;
use crate::domain::fold;
use crate::domain::municipality::MunicipalityId;
use crate::domain::pack::{Comparability, Topic, localized};
use crate::domain::peer_group::Family;
use crate::domain::place::{Context, Decision};
use crate::engine::topics;

/// Arguments of `cabildo compare`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Name, key or postcode of the municipality.
    place: String,
    /// Topics (COMIDA), their ids, or codes of series; without any, the main topics.
    topics: Vec<String>,
    /// Peer rule, 1 to 5.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
    family: u8,
    /// Another municipality to show beside it; may be given several times.
    #[arg(long, value_name = "PLACE", num_args = 1..)]
    with: Vec<String>,
    /// One JSON object.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Comma-separated values, a row a topic.
    #[arg(long)]
    csv: bool,
}

/// What is printed of one municipality.
#[derive(Debug, Serialize)]
struct Comparison {
    municipality: String,
    name: String,
    state: String,
    family: FamilyInfo,
    topics: Vec<TopicInfo>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    with: Vec<Self>,
}

#[derive(Debug, Serialize)]
struct FamilyInfo {
    /// Number of the rule.
    rule: u8,
    version: String,
    /// Members, the municipality included.
    size: usize,
}

#[derive(Debug, Serialize)]
struct TopicInfo {
    topic: String,
    series: String,
    value: Option<serde_json::Number>,
    year: u16,
    unit: String,
    direction: &'static str,
    rank: Option<u32>,
    /// Members with a figure.
    size: usize,
    median: Option<serde_json::Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    percentile: Option<f64>,
    best: Option<BestInfo>,
    /// Members with the same value as the municipality.
    tied_with: u32,
    gap: Option<serde_json::Number>,
    peers: Vec<PeerInfo>,
    trend: Vec<TrendInfo>,
    source: SourceInfo,
    status: &'static str,
}

#[derive(Debug, Serialize)]
struct BestInfo {
    municipality: String,
    value: serde_json::Number,
}

#[derive(Debug, Serialize)]
struct PeerInfo {
    municipality: String,
    distance: f64,
    value: Option<serde_json::Number>,
}

#[derive(Debug, Serialize)]
struct TrendInfo {
    year: u16,
    series: String,
    value: Option<serde_json::Number>,
    status: &'static str,
    /// Whether it may be compared with the newest year.
    comparable: bool,
    /// Set where it may be compared only with a warning, or not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[derive(Debug, Serialize)]
struct SourceInfo {
    tag: String,
    institution: String,
    publication: String,
    year: u16,
    licence: String,
    url: String,
    release: String,
    checksum: String,
}

/// Runs the command.
pub fn run(arguments: &Arguments, pack: Option<&Path>) -> Result<(), Failure> {
    let facts = super::load_facts(pack, None)?;
    let family = super::family(&facts, arguments.family)?;
    let mut others = Vec::new();
    let mut topic_words = arguments.topics.clone();
    let place = find(&facts, &arguments.place)?;
    // `--with A B agua`: what is no place is a topic that came after the option.
    for text in &arguments.with {
        match (others.is_empty(), topic(&facts, text)) {
            (false, Some(_)) => topic_words.push(text.clone()),
            _ => others.push(find(&facts, text)?),
        }
    }
    let asked = asked_topics(&facts, &topic_words)?;
    let mut comparison = compare(&facts, place, &asked, family);
    comparison.with = others.into_iter().map(|id| compare(&facts, id, &asked, family)).collect();
    let mut out = std::io::stdout().lock();
    if arguments.json {
        let text = serde_json::to_string(&comparison)
            .map_err(|problem| Failure::software(format!("The comparison can't be written: {problem}.")))?;
        writeln!(out, "{text}")?;
    } else if arguments.csv {
        write_csv(&comparison, &mut out)?;
    } else {
        write_table(&facts, &comparison, &mut out)?;
    }
    out.flush()?;
    Ok(())
}

/// The one municipality that a text names.
pub(super) fn find(facts: &Facts, text: &str) -> Result<MunicipalityId, Failure> {
    let name = |id: MunicipalityId| {
        let it = facts.municipality(id);
        format!("{} {}, {}", it.key, it.name, facts.state_of(id).abbreviation)
    };
    // Here a key is a key, even where it is a postcode of another place too: tables have keys.
    if let Some(id) = facts.by_key(text.trim()) {
        return Ok(id);
    }
    match facts.places.find(text, Context::default()) {
        Decision::Match(candidate) => Ok(candidate.municipality),
        Decision::Choose(candidates) => {
            let list: Vec<String> = candidates.iter().take(10).map(|it| name(it.municipality)).collect();
            Err(Failure::data(format!(
                "Several places have that name: add the state, or give the key.\n  {}",
                list.join("\n  ")
            )))
        }
        Decision::None => Err(Failure::data(
            "No place has that name: check the spelling, add the state, or give its key.".to_owned(),
        )),
    }
}

/// The topic of a word, an id or a series' code; a series without a topic becomes one.
pub(super) fn topic(facts: &Facts, text: &str) -> Option<Topic> {
    let words = fold::words(text);
    let named = topics::alone(facts, &words).or_else(|| topics::with_slip(facts, &words));
    if let Some(topic) = named.as_deref().or(Some(text)).and_then(|id| facts.topic(id)) {
        return Some(topic.clone());
    }
    let series = facts.series(text)?;
    Some(Topic {
        id: text.to_owned(),
        main: false,
        words: [("es-MX".to_owned(), vec![text.to_owned()])].into(),
        series: vec![text.to_owned()],
        label: series.name.clone(),
        absolute: [].into(),
        definition: series.name.clone(),
        by_sex: None,
        category: None,
    })
}

fn asked_topics(facts: &Facts, words: &[String]) -> Result<Vec<Topic>, Failure> {
    if words.is_empty() {
        let all = &facts.manifest.topics;
        let main: Vec<Topic> = all.iter().filter(|topic| topic.main).cloned().collect();
        return Ok(if main.is_empty() { all.clone() } else { main });
    }
    // "pobreza extrema" is one topic whether the shell made one word of it or two.
    if let Some(one) = topic(facts, &words.join(" ")) {
        return Ok(vec![one]);
    }
    words
        .iter()
        .map(|text| {
            topic(facts, text).ok_or_else(|| {
                let known: Vec<&str> = facts.manifest.topics.iter().map(|it| it.id.as_str()).collect();
                Failure::data(format!("There is no topic or series {text}. Topics: {}.", known.join(", ")))
            })
        })
        .collect()
}

fn number(figure: Figure) -> serde_json::Number {
    let text = figure.to_string();
    text.parse::<i64>()
        .map(serde_json::Number::from)
        .ok()
        .or_else(|| serde_json::Number::from_f64(text.parse().unwrap_or_default()))
        .unwrap_or_else(|| serde_json::Number::from(0))
}

fn compare(facts: &Facts, id: MunicipalityId, asked: &[Topic], family: Family) -> Comparison {
    let municipality = facts.municipality(id);
    let peers = facts.peer_groups.peers(id, family);
    Comparison {
        municipality: municipality.key.clone(),
        name: municipality.name.clone(),
        state: facts.state_of(id).name.clone(),
        family: FamilyInfo {
            rule: family.number(),
            version: facts.manifest.peers.version.clone(),
            size: peers.len() + 1,
        },
        topics: asked
            .iter()
            .filter_map(|topic| {
                Some(topic_info(facts, &benchmark::benchmark(facts, id, topic, family)?, family))
            })
            .collect(),
        with: Vec::new(),
    }
}

fn topic_info(facts: &Facts, it: &Benchmark<'_>, family: Family) -> TopicInfo {
    let key = |id: MunicipalityId| facts.municipality(id).key.clone();
    let peers = facts
        .peer_groups
        .peers(it.municipality, family)
        .into_iter()
        .map(|peer| PeerInfo {
            municipality: key(peer.municipality),
            distance: peer.distance,
            value: facts.reading(it.code, it.year, peer.municipality).value().map(number),
        })
        .collect();
    let trend = benchmark::trend(facts, it.municipality, it.topic)
        .into_iter()
        .map(|point| TrendInfo {
            year: point.year,
            series: point.code.to_owned(),
            value: point.reading.value().map(number),
            status: point.reading.status(),
            comparable: point.comparable != Comparability::No,
            note: point.note.map(|note| localized(note, "es-MX").to_owned()),
        })
        .collect();
    TopicInfo {
        topic: it.topic.words.get("es-MX").and_then(|words| words.first()).unwrap_or(&it.topic.id).clone(),
        series: it.code.to_owned(),
        value: it.reading.value().map(number),
        year: it.year,
        unit: it.series.unit.clone(),
        direction: it.series.direction.code(),
        rank: it.place.map(|place| place.rank),
        size: it.size(),
        median: it.median().map(number),
        percentile: it.place.and_then(|place| place.percentile),
        best: it
            .best()
            .map(|best| BestInfo { municipality: key(best.municipality), value: number(best.value) }),
        tied_with: it.place.map_or(0, |place| place.tied_with),
        gap: it.gap().map(number),
        peers,
        trend,
        source: SourceInfo {
            tag: it.series.tag.clone(),
            institution: it.series.institution.clone(),
            publication: it.series.publication.clone(),
            year: it.year,
            licence: it.series.licence.clone(),
            url: it.series.url.clone(),
            release: facts.manifest.pack.release.clone(),
            checksum: it
                .series
                .years
                .get(&it.year.to_string())
                .map(|it| it.checksum.clone())
                .unwrap_or_default(),
        },
        status: it.reading.status(),
    }
}

fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |it| it.to_string())
}

fn write_csv(comparison: &Comparison, out: &mut impl std::io::Write) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(out);
    let failed = |problem: csv::Error| {
        Failure::new(super::exit::IO, format!("The table can't be written: {problem}."))
    };
    writer
        .write_record([
            "municipality",
            "name",
            "topic",
            "series",
            "year",
            "unit",
            "direction",
            "value",
            "rank",
            "size",
            "median",
            "percentile",
            "best_municipality",
            "best_value",
            "status",
            "source",
            "licence",
        ])
        .map_err(failed)?;
    for place in std::iter::once(comparison).chain(&comparison.with) {
        for topic in &place.topics {
            let empty = String::new;
            writer
                .write_record([
                    place.municipality.clone(),
                    place.name.clone(),
                    topic.topic.clone(),
                    topic.series.clone(),
                    topic.year.to_string(),
                    topic.unit.clone(),
                    topic.direction.to_owned(),
                    topic.value.as_ref().map_or_else(empty, ToString::to_string),
                    topic.rank.map_or_else(empty, |it| it.to_string()),
                    topic.size.to_string(),
                    topic.median.as_ref().map_or_else(empty, ToString::to_string),
                    topic.percentile.map_or_else(empty, |it| it.to_string()),
                    topic.best.as_ref().map_or_else(empty, |it| it.municipality.clone()),
                    topic.best.as_ref().map_or_else(empty, |it| it.value.to_string()),
                    topic.status.to_owned(),
                    format!("{}, {}", topic.source.tag, topic.source.publication),
                    topic.source.licence.clone(),
                ])
                .map_err(failed)?;
        }
    }
    writer.flush()?;
    Ok(())
}

fn write_table(facts: &Facts, comparison: &Comparison, out: &mut impl std::io::Write) -> Result<(), Failure> {
    for place in std::iter::once(comparison).chain(&comparison.with) {
        writeln!(out, "{} {}, {}", place.municipality, place.name, place.state)?;
        let family = &place.family;
        writeln!(out, "family {} ({}), {} municipalities", family.rule, family.version, family.size)?;
        writeln!(
            out,
            "{:<18} {:>10} {:>5} {:>8} {:>9} {:>5}  {:<34} source",
            "topic", "value", "year", "rank", "median", "pct", "best"
        )?;
        for topic in &place.topics {
            let best = topic.best.as_ref().and_then(|best| {
                let id = facts.by_key(&best.municipality)?;
                let name = facts.municipality(id).display_name();
                Some(format!("{} {}, {}", best.value, name, facts.state_of(id).abbreviation))
            });
            let value = topic.value.as_ref().map_or_else(|| topic.status.to_owned(), ToString::to_string);
            let rank = topic.rank.map(|rank| format!("{rank}/{}", topic.size));
            writeln!(
                out,
                "{:<18} {:>10} {:>5} {:>8} {:>9} {:>5}  {:<34} {}",
                topic.topic,
                value,
                topic.year,
                or_dash(rank),
                or_dash(topic.median.as_ref()),
                or_dash(topic.percentile.map(|it| format!("{it:.0}"))),
                or_dash(best),
                topic.source.tag
            )?;
        }
    }
    Ok(())
}
