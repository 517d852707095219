//! The indicators of a municipality beside its peers, from the figures in memory.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use cabildo_staff_api::report as wire;

use super::StaffState;
use super::auth::Rule;
use super::extract::Params;
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use crate::domain::benchmark::{Benchmark, Member, benchmark, trend};
use crate::domain::facts::Facts;
use crate::domain::indicator::Reading;
use crate::domain::pack::{Comparability, Direction, Localized};
use crate::domain::peer_group::Family;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/staff/v1/municipalities/{municipality}/benchmarks",
            Rule::SignedIn,
            "getBenchmarks",
            "The indicators of a municipality beside its peers",
            list,
        )
        .asks("family", Kind::Number(1, 5), "Peer rule; 1 unless it is said.")
        .asks("language", Kind::Text(16), "Language of the words; the country pack's unless it is said.")
        .gives::<wire::Benchmarks>(200),
    ]
}

/// A text in a language, else the pack's own, else any.
fn words(texts: &Localized, language: &str, facts: &Facts) -> String {
    let own = texts.get(language).or_else(|| texts.get(&facts.manifest.pack.locale));
    own.or_else(|| texts.values().next()).cloned().unwrap_or_default()
}

async fn list(
    State(state): State<Arc<StaffState>>,
    Path(key): Path<String>,
    Params(asked): Params<wire::BenchmarkQuery>,
) -> Result<Json<wire::Benchmarks>, Problem> {
    let facts = state.service.facts.load();
    let id = facts.by_key(&key).ok_or(Code::NotFound)?;
    let family = Family::new(asked.family.unwrap_or(1))
        .filter(|it| facts.peer_groups.offered().contains(it))
        .ok_or_else(|| Problem::parameter("family", "this country does not offer it"))?;
    let language = asked.language.unwrap_or_default();
    let topics = facts.manifest.topics.iter();
    let indicators = topics
        .filter_map(|topic| Some((topic, benchmark(&facts, id, topic, family)?)))
        .map(|(topic, found)| {
            let points = trend(&facts, id, topic).into_iter();
            wire::Benchmark {
                trend: points
                    .filter(|it| it.comparable != Comparability::No)
                    .map(|it| wire::YearValue {
                        year: i32::from(it.year),
                        value: it.reading.value().map(|it| it.to_string()),
                    })
                    .collect(),
                ..write(&facts, &found, &language)
            }
        })
        .collect();
    let municipality = facts.municipality(id);
    Ok(Json(wire::Benchmarks {
        municipality: key,
        name: municipality.display_name().to_owned(),
        state: facts.state_of(id).name.clone(),
        family: family.number(),
        indicators,
    }))
}

fn write(facts: &Facts, it: &Benchmark<'_>, language: &str) -> wire::Benchmark {
    let peer = |member: &Member| {
        let municipality = facts.municipality(member.municipality);
        wire::Peer {
            municipality: municipality.key.clone(),
            name: municipality.display_name().to_owned(),
            value: member.value.to_string(),
        }
    };
    wire::Benchmark {
        topic: it.topic.id.clone(),
        series: it.code.to_owned(),
        label: words(&it.topic.label, language, facts),
        unit: it.series.unit.clone(),
        lower_is_better: it.series.direction == Direction::Lower,
        year: i32::from(it.year),
        value: it.reading.value().map(|it| it.to_string()),
        missing: missing(it.reading),
        rank: it.place.map(|it| it.rank),
        size: it.place.map(|_| it.size() as u32),
        median: it.median().map(|it| it.to_string()),
        verdict: it
            .place
            .map(|place| verdict(place.rank, it.size() as u32, it.out_of_ten().is_some()).to_owned()),
        best: it.best().as_ref().map(peer),
        peers: it.members.iter().map(peer).collect(),
        trend: Vec::new(),
    }
}

/// Why there is no figure.
fn missing(reading: Reading) -> Option<String> {
    match reading {
        Reading::Value(_) => None,
        other => Some(other.status().to_owned()),
    }
}

/// The third of the group that a rank lies in; a good rank does not make a bad figure good.
fn verdict(rank: u32, size: u32, bad: bool) -> &'static str {
    match (3 * rank.saturating_sub(1)).checked_div(size) {
        Some(0) | None if bad => "mid",
        Some(0) | None => "good",
        Some(1) => "mid",
        Some(_) => "poor",
    }
}

#[cfg(test)]
mod tests {
    use super::verdict;

    #[test]
    fn a_third_is_good_a_third_poor() {
        let words: Vec<&str> = (1..=9).map(|rank| verdict(rank, 9, false)).collect();
        assert_eq!(words, ["good", "good", "good", "mid", "mid", "mid", "poor", "poor", "poor"]);
        assert_eq!(
            (verdict(1, 1, false), verdict(1, 2, false), verdict(2, 2, false)),
            ("good", "good", "mid")
        );
        assert_eq!([verdict(1, 9, true), verdict(5, 9, true), verdict(9, 9, true)], ["mid", "mid", "poor"]);
    }
}
