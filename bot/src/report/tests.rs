use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::case::CaseState;
use crate::domain::demand::{DemandState, Progress, Promise, Support, Votes};
use crate::domain::time::{DAY, HOUR, UnixMillis};
use crate::embedded;

const NOW: UnixMillis = UnixMillis(1_767_614_400_000);
/// Tags, attributes, entities, links, cells, rules, marks that turn the direction, a null.
const HOSTILE: &str = "<script>alert(1)</script>\"' onload=x <img src=x onerror=y> &lt; [a](javascript:b) ![c](http://e.example/p) \
    | x | `d` **e** _f_ https://e.example www.e.example a@e.example \u{202e}x\u{0}\n\n# h\n- g ]]> --> {{7*7}} ${x}";

fn demand(code: u16, text: &str) -> Demand {
    Demand {
        id: Uuid::from_u128(u128::from(code)),
        code: Code::new(code).expect("a code"),
        version: 3,
        state: DemandState::Collecting,
        municipality: "12066".to_owned(),
        topic: "agua".to_owned(),
        office: None,
        office_name: None,
        text: text.to_owned(),
        by_leader: false,
        threshold: 300,
        support: Support { phone: 250, flagged: 7, verified: 19, paper: 40, new_senders: 9 },
        told: Support { phone: 250, flagged: 7, verified: 19, paper: 40, new_senders: 9 },
        merged_into: None,
        created_at: NOW,
        updated_at: NOW,
        published_at: Some(NOW),
        collect_until: None,
        reached_at: None,
        handed_at: None,
        answer_due: None,
        silent_at: None,
        answered_at: None,
        archive_at: None,
        over_at: None,
        reason: None,
    }
}

fn promise(title: &str) -> Commitment {
    Commitment {
        id: Uuid::from_u128(9),
        demand_id: Uuid::from_u128(317),
        municipality: "12066".to_owned(),
        promise: Promise {
            title: title.to_owned(),
            owner: "Agua potable".to_owned(),
            due_on: Some("2027-06-30".to_owned()),
            state: Progress::InProgress,
            percent: 40,
            milestones: Vec::new(),
        },
        votes: Votes { yes: 1, no: 2, half: 3 },
        told: Votes { yes: 1, no: 2, half: 3 },
        version: 1,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn written(key: &str, locale: &str, work: Option<&Work>, practices: &[Practice]) -> Document {
    let facts = embedded::facts().expect("the embedded pack");
    let municipality = facts.by_key(key).expect("a municipality");
    let subject =
        Subject { facts: &facts, municipality, family: Family::default(), locale, day: "2026-01-05" };
    page(subject, work, practices, &|code| (code == "water").then(|| "Agua".to_owned()))
}

#[test]
fn the_figures_are_those_of_the_dialogue() {
    let page = written("12066", "es-MX", None, &[]);
    assert_eq!(page.title, "Tlapa de Comonfort, Guerrero (12066)");
    let text = markdown::markdown(&page);
    for part in [
        "| pobreza: en pobreza | 71.8% | 2020 | 78.3% | 7 de 21, pero 7 de cada 10 son pobres |",
        "| comida: sin buena alimentación | 38.3% | 2020 | 31.3% | 17 de 21 | no se compara con 2015: cambió la medición | CONEVAL |",
        "Mejor lugar: escuela (4). Peor lugar: comida (17).",
        "solo hay dato de 2020",
        "familia 1, versión MX-2020.1",
        "Yajalón, Chis",
        "sin base de datos",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("buenas prácticas"), "nobody looked: {text}");
    let english = markdown::markdown(&written("12066", "en", None, &[]));
    assert!(english.contains("| 71.8% | 2020 | 78.3% | 7 of 21, but 7 of every 10 are poor |"), "{english}");
}

#[test]
fn absences_are_said_and_are_no_zero() {
    let newer = markdown::markdown(&written("12085", "es-MX", None, &[]));
    assert!(newer.contains("Es municipio nuevo") && newer.contains("Cuajinicuilapa"), "{newer}");
    assert!(!newer.contains('%'), "{newer}");
    let without = markdown::markdown(&written("04012", "es-MX", None, &[]));
    assert!(without.contains("| sin dato | 2020 |"), "{without}");
    assert!(!without.contains("| 0% |"));
}

#[test]
fn every_municipality_has_a_page_in_every_language_and_no_text_is_missing() {
    let facts = embedded::facts().expect("the embedded pack");
    let work =
        Work { promises: vec![(None, promise("x"))], demands: vec![demand(317, "x")], ..Work::default() };
    for id in facts.ids().step_by(61) {
        for locale in ["es-MX", "en"] {
            let subject = Subject {
                facts: &facts,
                municipality: id,
                family: Family::default(),
                locale,
                day: "2026-01-05",
            };
            let page = page(subject, Some(&work), &[], &|_| None);
            for block in &page.blocks {
                match block {
                    Block::Heading(text) | Block::Paragraph(text) | Block::Small(text) => {
                        assert!(!text.is_empty());
                    }
                    Block::Table(head, rows) => {
                        assert!(head.iter().all(|it| !it.is_empty()));
                        assert!(rows.iter().all(|it| it.len() == head.len()));
                    }
                }
            }
        }
    }
}

#[test]
fn a_hostile_text_stays_a_text() {
    let practice =
        Practice { place: HOSTILE.to_owned(), title: HOSTILE.to_owned(), moved: HOSTILE.to_owned() };
    let work = Work {
        outcomes: Outcomes::default(),
        demands: vec![demand(317, HOSTILE)],
        promises: vec![(Code::new(317).ok(), promise(HOSTILE))],
    };
    let page = written("12066", "es-MX", Some(&work), &[practice]);
    let plain = written(
        "12066",
        "es-MX",
        Some(&Work {
            outcomes: Outcomes::default(),
            demands: vec![demand(317, "x")],
            promises: vec![(Code::new(317).ok(), promise("x"))],
        }),
        &[Practice { place: "x".to_owned(), title: "x".to_owned(), moved: "x".to_owned() }],
    );
    let (html, markdown) = (html::html(&page), markdown::markdown(&page));
    // The page has the tags that it has with harmless texts, and no others.
    let tags = |html: &str| html.matches('<').count();
    assert_eq!(tags(&html), tags(&html::html(&plain)));
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39; onload=x"));
    // Once, not twice.
    assert!(html.contains("&amp;lt;") && !html.contains("&amp;amp;"));
    for text in [&html, &markdown] {
        assert!(!text.contains(['\u{202e}', '\u{0}']));
    }
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("href"));
    // In Markdown it is one cell of one line.
    let rows = |text: &str| text.lines().filter(|it| it.starts_with('|')).count();
    assert_eq!(rows(&markdown), rows(&markdown::markdown(&plain)));
    assert_eq!(markdown.lines().filter(|it| it.starts_with('#')).count(), 6);
    for part in [
        r"\<script\>",
        r"\[a\](javascript:b)",
        r"\!\[c\](http\://e.example/p)",
        r"\| x \|",
        r"\`d\` \*\*e\*\* \_f\_",
        r"https\://e.example www\.e.example a\@e.example",
        r"\$\{x\}",
    ] {
        assert!(markdown.contains(part), "{part}\n{markdown}");
    }
}

/// A case of somebody, answered after some hours or not at all, owed after 24.
fn reports(outcomes: &mut Outcomes, who: u128, state: CaseState, category: &str, answered: Option<i64>) {
    let opened = NOW.plus(-30 * DAY);
    let clocks = (answered.map(|hours| opened.plus(hours * HOUR)), Some(opened.plus(DAY)));
    outcomes.add((state, category, "water_office", Uuid::from_u128(who)), opened, clocks, NOW);
}

#[test]
fn people_are_counted_once_and_small_groups_are_not_told() {
    let mut few = Outcomes::default();
    // Many reports of a few people, and duplicates of many.
    for at in 0..200 {
        reports(&mut few, at % 10, CaseState::Received, "water", None);
        reports(&mut few, 1_000 + at, CaseState::Duplicate, "water", None);
    }
    assert_eq!((few.people(), few.waits(), few.kept()), (None, None, None));
    let mut many = Outcomes::default();
    for at in 0..60 {
        reports(&mut many, at, CaseState::Resolved, "water", Some(i64::try_from(at).expect("small")));
    }
    for at in 60..63 {
        reports(&mut many, at, CaseState::Received, "violence", None);
    }
    assert_eq!(many.people(), Some(60));
    let waits = many.waits().expect("many");
    assert_eq!((waits.median, waits.p90), (29 * HOUR, 53 * HOUR));
    // 25 of 63 within a day.
    assert_eq!(many.kept(), Some(39));
    let work = Work { outcomes: many, ..Work::default() };
    let text = markdown::markdown(&written("12066", "es-MX", Some(&work), &[]));
    assert!(text.contains("Reportaron al menos 60 personas") && text.contains("la mitad en 29 h"), "{text}");
    assert!(text.contains("nueve de cada diez en 3 días"), "{text}");
    let (_, cases) = text.split_once("Reportes").expect("the section");
    assert!(!cases.contains("violence") && !cases.contains("63"), "{text}");
}

proptest! {
    /// Nothing that was gathered changes what is shown but in steps of more than ten people.
    #[test]
    fn what_is_shown_are_steps_of_people(sizes in proptest::collection::vec(0_u128..60, 1..6)) {
        let mut outcomes = Outcomes::default();
        let mut who = 0;
        for (at, size) in sizes.iter().enumerate() {
            for _ in 0..*size {
                who += 1;
                reports(&mut outcomes, who, CaseState::Received, &at.to_string(), None);
            }
        }
        for (code, shown) in outcomes.categories().groups {
            let size = sizes[code.parse::<usize>().expect("a place")];
            prop_assert!(shown % 15 == 0 && shown > 10 && u128::from(shown) <= size);
        }
        prop_assert!(outcomes.people().is_none_or(|it| it % 15 == 0 && u128::from(it) <= who));
    }

    #[test]
    fn any_text_leaves_the_table_whole(text: String) {
        let table = Block::Table(vec!["a".to_owned(), "b".to_owned()], vec![vec![text.clone(), text.clone()]]);
        let blocks = vec![Block::Paragraph(text.clone()), table];
        let page = Document { language: "es-MX".to_owned(), title: text, blocks };
        let html = html::html(&page);
        prop_assert_eq!(html.matches("<td").count(), 2);
        prop_assert_eq!(html.matches('<').count(), html.matches('>').count());
        let markdown = markdown::markdown(&page);
        prop_assert_eq!(markdown.lines().count(), 7);
    }
}
