//! How long it takes to find the municipality that a text names.

use cabildo_bot::domain::place::Context;
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn place_lookup(criterion: &mut Criterion) {
    let facts = cabildo_benches::facts();
    let mut group = criterion.benchmark_group("place_lookup");
    for (kind, text) in cabildo_benches::WRITTEN {
        group.bench_function(kind, |it| it.iter(|| facts.places.find(black_box(text), Context::default())));
    }
    group.finish();
}

criterion_group!(timings, place_lookup);
criterion_main!(timings);
