//! What the report of a municipality reads: not more than it shows, and nothing that is closed.

use cabildo_bot::domain::case::{CaseState, Confidentiality};
use cabildo_bot::domain::peer_group::Family;
use cabildo_bot::domain::time::{DAY, HOUR};
use cabildo_bot::report::{self, Subject, markdown};
use cabildo_bot::store::cases::Act;
use cabildo_tests::cases::{TLAPA, Town, officer};

fn phone(number: u32) -> String {
    format!("+5255{number:08}")
}

both!(outcomes_are_the_open_cases_of_a_place_and_time_page_by_page, |test| {
    let mut town = Town::new(&test.store);
    let old = town.open(&phone(1), town.case("uno")).await;
    town.pass(24 * 400);
    let since = town.now;
    let mut ids = Vec::new();
    for number in 2..7 {
        ids.push(town.open(&phone(number), town.case("otra")).await);
        town.pass(1);
    }
    let mut sealed = town.case("lo que nadie lee");
    sealed.confidentiality = Confidentiality::Confidential;
    let mut restricted = town.case("menos");
    restricted.confidentiality = Confidentiality::Restricted;
    let mut elsewhere = town.case("en otra parte");
    "20570".clone_into(&mut elsewhere.municipality);
    for (number, case) in [(8, sealed), (9, restricted), (10, elsewhere)] {
        town.open(&phone(number), case).await;
    }
    let (_, reply) = town.reply(town.contact(&phone(2)).await, "Va una cuadrilla", false);
    town.act(officer(1), ids[0], reply).await.expect("answered");
    town.act(officer(1), ids[1], Act::SetState { to: CaseState::Resolved, with: Box::default() })
        .await
        .expect("closed");
    let page = async |since, before, limit| {
        test.store.list_case_outcomes(TLAPA, since, before, limit).await.expect("a page")
    };
    let all = page(since, None, 99).await;
    ids.reverse();
    assert_eq!(all.iter().map(|it| it.id).collect::<Vec<_>>(), ids);
    assert_eq!(page(since.plus(-500 * DAY), None, 99).await.last().map(|it| it.id), Some(old));
    let first = page(since, None, 2).await;
    let second = page(since, first.last().map(|it| it.id), 99).await;
    assert_eq!([first, second].concat(), all);
    let answered = &all[4];
    assert_eq!(answered.contact_id, Some(town.contact(&phone(2)).await));
    assert_eq!((answered.opened_at, answered.first_answer_at), (since, Some(town.now)));
    assert_eq!(answered.first_answer_due, Some(since.plus(DAY)));
    assert_eq!((answered.category.as_str(), all[3].state), ("water", CaseState::Resolved));
    assert!(page(town.now.plus(HOUR), None, 99).await.is_empty());
});

both!(a_page_counts_people_and_points_at_nobody, |test| {
    let mut town = Town::new(&test.store);
    for number in 0..33 {
        let mut case = town.case("No hay agua");
        if number >= 30 {
            "streetlights".clone_into(&mut case.category);
        }
        let id = town.open(&phone(number), case).await;
        if number < 20 {
            town.pass(1);
            let (_, reply) = town.reply(town.contact(&phone(number)).await, "Va una cuadrilla", false);
            town.act(officer(1), id, reply).await.expect("answered");
        }
    }
    town.pass(48);
    let work = report::read(&test.store, TLAPA, town.now).await.expect("read");
    assert!(!work.outcomes.cut && work.demands.is_empty() && work.promises.is_empty());
    let facts = cabildo_bot::embedded::facts().expect("the embedded pack");
    let municipality = facts.by_key(TLAPA).expect("a municipality");
    let subject = Subject {
        facts: &facts,
        municipality,
        family: Family::default(),
        locale: "es-MX",
        day: "2026-01-05",
    };
    let page = report::page(subject, Some(&work), &[], &|code| Some(format!("tema {code}")));
    let text = markdown::markdown(&page);
    assert!(text.contains("Reportaron al menos 30 personas"), "{text}");
    assert!(text.contains("la mitad en 1 h o menos") && text.contains("60%"), "{text}");
    let (_, cases) = text.split_once("Reportes").expect("the section");
    assert!(!cases.contains("streetlights") && !cases.contains("33"), "{text}");
    let empty = report::read(&test.store, "20570", town.now).await.expect("read");
    let text = markdown::markdown(&report::page(subject, Some(&empty), &[], &|_| None));
    assert!(text.contains("Menos de 15 personas"), "{text}");
});
