//! How long the dialogue takes for one message: from the text to the replies, before they are put
//! into words.

use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::time::UnixMillis;
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::engine::{Inbound, step};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn inbound(text: &str) -> Inbound {
    Inbound {
        channel: ChannelKind::Sms,
        text: text.to_owned(),
        location: None,
        payload: None,
        at: UnixMillis(1_700_000_000_000),
        link: None,
        cases: None,
        demands: cabildo_bot::engine::demands::Known::default(),
        cards: std::sync::Arc::default(),
        privacy: None,
    }
}

fn engine_step(criterion: &mut Criterion) {
    let facts = cabildo_benches::facts();
    let new = Conversation::default();
    let home = Conversation { home: Some("12066".to_owned()), ..Conversation::default() };
    let mut group = criterion.benchmark_group("engine_step");
    for (kind, conversation, text) in [
        ("greeting", &new, "hola"),
        ("headline", &new, "tlapa"),
        ("topic", &home, "comida"),
        ("best", &home, "mejores"),
        ("help", &home, "ayuda"),
        ("stop", &home, "alto"),
        ("unknown", &home, "xyzzy plugh 12 ¿?"),
    ] {
        let inbound = inbound(text);
        group.bench_function(kind, |it| {
            it.iter(|| step(black_box(conversation), black_box(&inbound), &facts));
        });
    }
    group.finish();
}

criterion_group!(timings, engine_step);
criterion_main!(timings);
