//! Finding a municipality: written forms with the key that is meant.

use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::Instant;

use cabildo_bot::domain::facts::Facts;
use cabildo_bot::domain::place::{Context, Decision};

const FORMS: &str = include_str!("../fixtures/places/forms.csv");

static FACTS: LazyLock<Facts> = LazyLock::new(|| cabildo_bot::embedded::facts().expect("the embedded pack"));

struct Form {
    written: String,
    key: String,
    kind: String,
    held_out: bool,
}

fn forms() -> Vec<Form> {
    csv::Reader::from_reader(FORMS.as_bytes())
        .records()
        .map(|row| {
            let row = row.expect("a row");
            Form {
                written: row[0].to_owned(),
                key: row[1].to_owned(),
                kind: row[2].to_owned(),
                held_out: &row[3] == "held_out",
            }
        })
        .collect()
}

fn find(text: &str) -> Decision {
    FACTS.places.find(text, Context::default())
}

fn key(decision: &Decision) -> Option<&str> {
    match decision {
        Decision::Match(it) => Some(&FACTS.municipality(it.municipality).key),
        _ => None,
    }
}

fn offered(decision: &Decision) -> Vec<&str> {
    match decision {
        Decision::Choose(them) => {
            them.iter().map(|it| FACTS.municipality(it.municipality).key.as_str()).collect()
        }
        _ => Vec::new(),
    }
}

#[derive(Default)]
struct Score {
    forms: usize,
    matched: usize,
    offered: usize,
    wrong: usize,
    report: String,
}

fn measure(forms: &[Form]) -> Score {
    let mut score = Score { forms: forms.len(), ..Score::default() };
    for form in forms {
        let decision = find(&form.written);
        let page: Vec<&str> = offered(&decision).into_iter().take(5).collect();
        if key(&decision) == Some(form.key.as_str()) {
            score.matched += 1;
        } else if page.contains(&form.key.as_str()) {
            score.offered += 1;
            if std::env::var_os("CABILDO_SHOW_OFFERED").is_some() {
                println!(
                    "offered [{}] {:?} is {}, found {page:?} of {}",
                    form.kind,
                    form.written,
                    form.key,
                    offered(&decision).len()
                );
            }
        } else {
            let silently = matches!(decision, Decision::Match(_));
            score.wrong += usize::from(silently);
            let label = if silently { "WRONG" } else { "missed" };
            let found = key(&decision).map_or(page.clone(), |it| vec![it]);
            let names: Vec<String> = found
                .iter()
                .filter_map(|it| FACTS.by_key(it))
                .map(|it| format!("{} {}", FACTS.municipality(it).key, FACTS.municipality(it).name))
                .collect();
            let meant =
                FACTS.by_key(&form.key).map(|it| FACTS.municipality(it).name.as_str()).unwrap_or_default();
            writeln!(
                score.report,
                "{label} [{}] {:?} is {} {meant}, found {names:?}",
                form.kind, form.written, form.key
            )
            .expect("writing to a string");
        }
    }
    score
}

fn check(name: &str, score: &Score) {
    let good = score.matched + score.offered;
    println!("{}", score.report);
    println!(
        "{name}: {} forms, {} matched, {} offered in the first five, {} missed, {} silently wrong",
        score.forms,
        score.matched,
        score.offered,
        score.forms - good - score.wrong,
        score.wrong
    );
    assert!(good * 100 >= score.forms * 98, "{name}: {good} of {} right or offered", score.forms);
    assert!(score.wrong * 100 <= score.forms, "{name}: {} of {} silently wrong", score.wrong, score.forms);
}

#[test]
fn written_forms_are_found_or_offered_in_the_tuning_set() {
    let forms: Vec<Form> = forms().into_iter().filter(|it| !it.held_out).collect();
    assert!(forms.len() >= 600);
    check("tune", &measure(&forms));
}

#[test]
fn written_forms_are_found_or_offered_in_the_held_out_set() {
    let forms: Vec<Form> = forms().into_iter().filter(|it| it.held_out).collect();
    assert!(forms.len() >= 60);
    check("held out", &measure(&forms));
}

#[test]
fn every_official_name_with_its_state_is_found() {
    for id in FACTS.ids() {
        let place = FACTS.municipality(id);
        let state = FACTS.state_of(id);
        for text in [
            format!("{}, {}", place.name, state.abbreviation),
            format!("{} {}", place.name, state.name),
            format!("{} {}", state.name, place.name),
        ] {
            let decision = find(&text);
            let found =
                key(&decision) == Some(&place.key) || offered(&decision).contains(&place.key.as_str());
            assert!(found, "{text}: {decision:?}");
        }
    }
}

#[test]
#[ignore = "a measurement, for a release build: cargo test --release -p cabildo-tests places -- --ignored --nocapture"]
fn how_long_a_lookup_takes() {
    let forms = forms();
    let mut nanos: Vec<(u128, &str)> = Vec::new();
    for _ in 0..5 {
        for form in &forms {
            let start = Instant::now();
            std::hint::black_box(find(&form.written));
            nanos.push((start.elapsed().as_nanos(), &form.written));
        }
    }
    nanos.sort_unstable();
    let at = |share: f64| nanos[((nanos.len() - 1) as f64 * share) as usize];
    println!("p50 {:?} p90 {:?} p99 {:?} max {:?}", at(0.5), at(0.9), at(0.99), at(1.0));
    let start = Instant::now();
    std::hint::black_box(cabildo_bot::embedded::facts().expect("the embedded pack"));
    println!("loading the pack: {:?}", start.elapsed());
}
