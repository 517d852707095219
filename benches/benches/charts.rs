//! How long it takes to draw each kind of chart, from the figures to the PNG.

use cabildo_bot::charts::{ChartSpec, draw};
use cabildo_bot::domain::chart::{Among, OfficeTime};
use cabildo_bot::domain::demand::{Code, DemandState};
use cabildo_bot::domain::peer_group::Family;
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn specs(release: &str) -> Vec<(&'static str, ChartSpec)> {
    let (release, place, topic) = (release.to_owned(), "12066".to_owned(), "comida".to_owned());
    let family = Family::default();
    let Ok(code) = Code::new(317) else { panic!("317 is a code") };
    let distribution = |among| ChartSpec::Distribution {
        release: release.clone(),
        place: place.clone(),
        topic: topic.clone(),
        among,
    };
    let offices = (0..6).map(|index| OfficeTime {
        office: format!("Oficina {index}"),
        answered: 40,
        median_tenths: Some(30 + index * 12),
        limit: Some(8),
    });
    vec![
        (
            "bars",
            ChartSpec::Bars { release: release.clone(), place: place.clone(), topic: topic.clone(), family },
        ),
        ("trend", ChartSpec::Trend { release: release.clone(), place: place.clone(), topic: topic.clone() }),
        ("distribution_family", distribution(Among::Family(family))),
        ("distribution_country", distribution(Among::Country)),
        (
            "progress",
            ChartSpec::Progress {
                code,
                place: place.clone(),
                text: "Que arreglen la bomba del pozo de San José".to_owned(),
                total: 584,
                missing: 37,
                state: DemandState::Collecting,
                on: Some("2026-11-26".to_owned()),
            },
        ),
        (
            "times",
            ChartSpec::Times {
                place: place.clone(),
                between: ("2026-01-01".to_owned(), "2026-11-26".to_owned()),
                offices: offices.collect(),
            },
        ),
    ]
}

fn charts(criterion: &mut Criterion) {
    let facts = cabildo_benches::facts();
    let mut group = criterion.benchmark_group("charts");
    for (name, spec) in specs(&facts.manifest.pack.release) {
        group.bench_function(name, |it| {
            it.iter(|| match draw(black_box(&spec), &facts, "es-MX") {
                Ok(png) => png.len(),
                Err(problem) => panic!("{name}: {problem}"),
            });
        });
    }
    group.finish();
}

criterion_group!(timings, charts);
criterion_main!(timings);
