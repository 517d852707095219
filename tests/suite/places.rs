//! Finding a municipality: written forms with the key that is meant.
#![expect(clippy::print_stdout, reason = "the failures and the timings are what these tests report")]

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
            let found = key(&decision) == Some(&place.key)
                || offered(&decision).iter().take(5).any(|it| *it == place.key);
            assert!(found, "{text}: {decision:?}");
        }
    }
}

#[test]
#[ignore = "a measurement, for a release build: cargo test --release -p cabildo-tests places -- --ignored --nocapture"]
fn how_long_a_lookup_takes() {
    let forms = forms();
    find("tlapa");
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
    println!("{} lookups", nanos.len());
    println!("p50 {:?} p90 {:?} p99 {:?} max {:?}", at(0.5), at(0.9), at(0.99), at(1.0));
    let start = Instant::now();
    std::hint::black_box(cabildo_bot::embedded::facts().expect("the embedded pack"));
    println!("loading the pack: {:?}", start.elapsed());
}

fn named(decision: &Decision) -> Vec<&str> {
    key(decision).map_or_else(|| offered(decision), |it| vec![it])
}

fn words(text: &str) -> Vec<String> {
    cabildo_bot::domain::fold::words(text)
}

#[test]
fn the_usual_forms_decide() {
    for (text, expected) in [
        ("tlapa", "12066"),
        ("Tlapa, Gro.", "12066"),
        ("GRO TLAPA", "12066"),
        ("neza", "15058"),
        ("cancun", "23005"),
        ("Sta. Ma. Huatulco", "20413"),
        ("Sn Fco del Rincon", "11031"),
        ("santiago", "19049"),
        ("Guerrero, Coahuila", "05012"),
        ("Coahuila Guerrero", "05012"),
        ("tabasco zac", "32044"),
        ("San Juan del Estado, Oax", "20193"),
        ("quintana roo yucatan", "31060"),
        ("ecatepec edomex", "15033"),
        ("sanluispotosi", "24028"),
        ("san luispotosi", "24028"),
        ("Mu?oz de Domingo Arenas", "29011"),
        ("MuÃ±oz de Domingo Arenas", "29011"),
        ("bayarta", "14067"),
        ("queretaro", "22014"),
        ("keretaro", "22014"),
        ("ñuu savi", "12083"),
        ("San Juan Mixtepec Dto. 08", "20208"),
        ("san pedro mixtepec distrito 22", "20318"),
        ("S.L.P.", "24028"),
        ("Cancún, Quintana Roo, México", "23005"),
        ("Heroica Cd. de Cananea", "26019"),
        ("HUAJUAPAM DE LEON", "20039"),
        ("Mtz. de la Torre Ver", "30102"),
        ("12-066", "12066"),
    ] {
        assert_eq!(named(&find(text)), [expected], "{text}");
    }
}

#[test]
fn doubt_asks_the_likeliest_first() {
    for (text, first) in [
        ("benito juarez", vec!["23005", "09014", "26071"]),
        ("el salto", vec!["14070", "10023"]),
        ("san juan mixtepec oaxaca", vec!["20208", "20209"]),
        ("san pedro mixtepec", vec!["20318", "20319"]),
        ("cholula", vec!["21119", "21140"]),
        ("06010", vec!["06010", "09015"]),
        ("tuxtla", vec!["07101"]),
    ] {
        let decision = find(text);
        assert!(matches!(decision, Decision::Choose(_)), "{text}: {decision:?}");
        assert!(offered(&decision).starts_with(&first), "{text}: {:?}", offered(&decision));
    }
    let oaxaca = FACTS.municipality(FACTS.by_key("12014").expect("a key")).state;
    let decision = FACTS.places.find("benito juarez", Context { state: Some(oaxaca) });
    assert_eq!(offered(&decision).first(), Some(&"12014"), "the remembered state comes first");
}

#[test]
fn keys_and_postcodes_decide_where_there_is_one_reading() {
    for (text, expected) in [
        ("12066", "12066"),
        ("1001", "01001"),
        ("cp 06010", "09015"),
        ("clave 6010", "06010"),
        ("41304", "12066"),
    ] {
        assert_eq!(named(&find(text)), [expected], "{text}");
    }
    assert_eq!(find("99999"), Decision::None);
    assert_eq!(find("1"), Decision::None);
    assert_eq!(find("5512345678"), Decision::None);
}

#[test]
fn exact_means_without_a_slip_or_a_part() {
    let exact = |text: &str| FACTS.places.find_exact(text, Context::default());
    assert_eq!(key(&exact("paras")), Some("19040"));
    assert_eq!(key(&exact("Tlapa de Comonfort, Gro")), Some("12066"));
    for text in ["parar", "parra", "tlapaa", "hola", "agua", "comida", ""] {
        assert_eq!(exact(text), Decision::None, "{text}");
    }
}

#[test]
fn words_that_are_no_place_find_none() {
    for text in [
        "hola",
        "hola que tal",
        "asdfghjkl",
        "no hay agua en mi colonia",
        "",
        "?",
        "de la",
        "el",
        "...",
        "gracias por todo",
    ] {
        assert_eq!(find(text), Decision::None, "{text}");
    }
}

#[test]
fn a_place_inside_a_text_is_mentioned_with_its_words() {
    for (text, start, end, first, everyday) in [
        ("agua prieta agua", 0, 2, "26002", false),
        ("tlapa agua", 0, 1, "12066", false),
        ("compara tlapa con ometepec agua", 1, 2, "12066", false),
        ("queja en salto de agua", 2, 5, "07077", false),
        ("no hay agua en tlapa gro desde el lunes", 4, 6, "12066", false),
        ("en el centro no hay luz", 2, 3, "27004", true),
        ("no hay agua en la paz bcs", 4, 7, "03003", false),
        ("queja en victoria", 2, 3, "28041", false),
        ("baches en la calle ometepec", 4, 5, "12046", true),
        ("agua en cp 41304", 3, 4, "12066", false),
    ] {
        let mention = FACTS.places.mention(&words(text), Context::default()).expect(text);
        assert_eq!((mention.start, mention.end), (start, end), "{text}");
        assert_eq!(named(&mention.decision).first(), Some(&first), "{text}");
        assert_eq!(mention.everyday, everyday, "{text}");
    }
    for text in ["no hay agua", "hola", "comida mejores", ""] {
        assert_eq!(FACTS.places.mention(&words(text), Context::default()), None, "{text}");
    }
}

#[test]
fn a_location_finds_the_nearest_head_town() {
    let (near, km) = FACTS.places.nearest(17.5461, -98.5764).expect("a place");
    assert_eq!(FACTS.municipality(near).key, "12066");
    assert!(km < 5.0, "{km}");
    assert_eq!(FACTS.places.nearest(f64::NAN, 0.0), None);
    assert_eq!(FACTS.places.nearest(91.0, 0.0), None);
}

#[test]
fn another_country_needs_no_code() {
    use cabildo_bot::domain::municipality::{Municipality, MunicipalityId, State};
    use cabildo_bot::domain::place::{Alias, AliasKind, PlaceIndex};
    let state = |key: &str, name: &str| State {
        key: key.to_owned(),
        name: name.to_owned(),
        abbreviation: name.to_owned(),
        aliases: Vec::new(),
    };
    let commune = |key: &str, state, name: &str, people| Municipality {
        key: key.to_owned(),
        state,
        name: name.to_owned(),
        short_name: None,
        head_town: None,
        population: Some(people),
        position: None,
        newer_than_data: false,
        counted_in: Vec::new(),
        time_zone: String::new(),
        told_apart_by: None,
    };
    let index = PlaceIndex::new(
        &[
            commune("01101", 0, "Iquique", 199_587),
            commune("01107", 0, "Alto Hospicio", 142_086),
            commune("13119", 1, "Maipú", 503_635),
            commune("13120", 1, "Ñuñoa", 241_467),
        ],
        &[state("01", "Región de Tarapacá"), state("13", "Región Metropolitana de Santiago")],
        &[Alias {
            municipality: MunicipalityId(3), alias: "Plaza Ñuñoa".to_owned(), kind: AliasKind::Town
        }],
        &[],
    );
    for (text, row) in [
        ("ñuñoa", 3),
        ("nunoa", 3),
        ("plaza nunoa", 3),
        ("maipu metropolitana de santiago", 2),
        ("tarapaca, iquique", 0),
        ("comuna de alto hospisio", 1),
        ("1107", 1),
    ] {
        match index.find(text, Context::default()) {
            Decision::Match(it) => assert_eq!(it.municipality, MunicipalityId(row), "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_safe(text in "\\PC{0,60}|[a-zñáéíóú ?.,0-9]{0,120}|(san |de |la |santa |maria |x){0,40}") {
        let _ = find(&text);
        let _ = FACTS.places.find_exact(&text, Context { state: Some(3) });
        let words = words(&text);
        if let Some(mention) = FACTS.places.mention(&words, Context::default()) {
            proptest::prop_assert!(mention.start < mention.end && mention.end <= words.len());
        }
        if let Decision::Choose(them) = find(&text) {
            proptest::prop_assert!(!them.is_empty() && them.len() <= 60);
        }
    }
}
