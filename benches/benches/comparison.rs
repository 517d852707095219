//! How long it takes to compare a municipality with its peers, from the columns in memory.

use cabildo_bot::domain::benchmark::{benchmark, extremes, trend};
use cabildo_bot::domain::peer_group::Family;
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn comparison(criterion: &mut Criterion) {
    let facts = cabildo_benches::facts();
    let Some((tlapa, topic)) = facts.by_key("12066").zip(facts.manifest.topics.first()) else {
        panic!("the embedded pack has no 12066 or no topic");
    };
    let mut group = criterion.benchmark_group("comparison");
    for number in 1..=5 {
        let Some(family) = Family::new(number) else { continue };
        group.bench_function(format!("one_topic/family_{number}"), |it| {
            it.iter(|| benchmark(&facts, black_box(tlapa), topic, family));
        });
    }
    group.bench_function("every_topic", |it| {
        it.iter(|| {
            let topics = facts.manifest.topics.iter();
            topics.filter_map(|topic| benchmark(&facts, black_box(tlapa), topic, Family::default())).count()
        });
    });
    group.bench_function("best_and_worst", |it| {
        it.iter(|| extremes(&facts, black_box(tlapa), Family::default()).is_some());
    });
    group.bench_function("trend", |it| it.iter(|| trend(&facts, black_box(tlapa), topic).len()));
    group.finish();
}

criterion_group!(timings, comparison);
criterion_main!(timings);
