//! How long it takes to tell what a text costs as an SMS, to cut it and to write it plainly.

use cabildo_bot::channels::sms::segments::{parts, segment, transliterate};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn segmentation(criterion: &mut Criterion) {
    let one = "Tlapa de Comonfort: 71.8 de cada 100 personas en pobreza (2020). Lugar 7 de 21 parecidos; a la \
               mitad: 78.3. Responde COMIDA, AGUA o MAS.";
    let accents = "Población en situación de pobreza: ¿cuántos años más? “Así está” — según la medición…";
    let long = one.repeat(3);
    let emoji = "👩\u{200D}🌾 agua ".repeat(20);
    let mut group = criterion.benchmark_group("segmentation");
    for (kind, text) in
        [("gsm7_one", one), ("gsm7_three", &long), ("ucs2_accents", accents), ("ucs2_emoji", &emoji)]
    {
        group.bench_function(format!("segment/{kind}"), |it| it.iter(|| segment(black_box(text))));
        group.bench_function(format!("parts/{kind}"), |it| it.iter(|| parts(black_box(text))));
        group
            .bench_function(format!("transliterate/{kind}"), |it| it.iter(|| transliterate(black_box(text))));
    }
    group.finish();
}

criterion_group!(timings, segmentation);
criterion_main!(timings);
