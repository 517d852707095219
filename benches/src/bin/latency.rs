//! Far ends that a mean hides: p50, p95 and p99 of a place lookup, an engine step and a whole answer
//! (step and words), over every written form of the corpus and a dialogue after each.
//!
//! `cargo run --release -p cabildo-benches --bin latency`

use std::hint::black_box;
use std::io::Write as _;
use std::time::Instant;

use cabildo_bot::channels::render::{Setting, render};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::place::Context;
use cabildo_bot::domain::time::UnixMillis;
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::engine::{Inbound, demands, step};

/// What is written after a place was found.
const DIALOGUE: [&str; 8] =
    ["comida", "mejores", "quien", "tendencia", "mas", "familia 2", "fuente", "ayuda"];
const FORMS: &str = include_str!("../../../tests/fixtures/places/forms.csv");

fn main() -> std::io::Result<()> {
    let facts = cabildo_benches::facts();
    let forms: Vec<&str> = FORMS
        .lines()
        .skip(1)
        .filter_map(|line| line.rsplitn(4, ',').nth(3))
        .map(|written| written.trim_matches('"'))
        .collect();
    let (mut lookups, mut steps, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..3 {
        for form in &forms {
            let start = Instant::now();
            black_box(facts.places.find(black_box(form), Context::default()));
            lookups.push(start.elapsed().as_nanos());
            let mut conversation = Conversation::default();
            for (turn, text) in std::iter::once(form).chain(&DIALOGUE).enumerate() {
                let inbound = Inbound {
                    channel: ChannelKind::Sms,
                    text: (*text).to_owned(),
                    location: None,
                    payload: None,
                    at: UnixMillis(1_700_000_000_000 + (round * 100 + turn as i64) * 1_000),
                    link: None,
                    cases: None,
                    demands: demands::Known::default(),
                    cards: std::sync::Arc::default(),
                    privacy: None,
                };
                let start = Instant::now();
                let done = step(black_box(&conversation), black_box(&inbound), &facts);
                steps.push(start.elapsed().as_nanos());
                for reply in &done.replies {
                    let setting = Setting {
                        facts: &facts,
                        locale: "es-MX",
                        channel: ChannelKind::Sms,
                        service: "Cabildo",
                    };
                    black_box(render(reply, setting));
                }
                answers.push(start.elapsed().as_nanos());
                conversation = done.next;
            }
        }
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:<14} {:>9} {:>9} {:>9} {:>9}   microseconds", "", "count", "p50", "p95", "p99")?;
    for (name, mut nanos) in [("place lookup", lookups), ("engine step", steps), ("step and words", answers)]
    {
        nanos.sort_unstable();
        let at = |percent: usize| nanos[(nanos.len() - 1) * percent / 100] as f64 / 1_000.0;
        writeln!(out, "{name:<14} {:>9} {:>9.1} {:>9.1} {:>9.1}", nanos.len(), at(50), at(95), at(99))?;
    }
    Ok(())
}
