//! What the charts of the console are drawn from: people of a place and time by topic, office and day, and nothing of
//! what is closed.

use cabildo_bot::domain::case::Confidentiality;
use cabildo_bot::domain::time::DAY;
use cabildo_bot::store::cases::SeriesGroup;
use cabildo_tests::cases::{TLAPA, Town, officer};

fn phone(number: u32) -> String {
    format!("+5255{number:08}")
}

both!(a_series_counts_people_of_a_place_and_time_and_not_cases, |test| {
    let mut town = Town::new(&test.store);
    town.open(&phone(1), town.case("hace mucho")).await;
    town.pass(24 * 40);
    let since = town.now;
    let mut first = None;
    for number in 2..6 {
        let id = town.open(&phone(number), town.case("No hay agua")).await;
        first.get_or_insert(id);
    }
    // Who reports ten things is one.
    town.open(&phone(2), town.case("Sigue sin agua")).await;
    let (_, reply) = town.reply(town.contact(&phone(2)).await, "Va una cuadrilla", false);
    town.act(officer(1), first.expect("a case"), reply).await.expect("answered");
    town.pass(30);
    let mut lamps = town.case("Sin luz");
    "streetlights".clone_into(&mut lamps.category);
    "public_works".clone_into(&mut lamps.office);
    town.open(&phone(2), lamps).await;
    let mut sealed = town.case("lo que nadie lee");
    sealed.confidentiality = Confidentiality::Confidential;
    town.open(&phone(8), sealed).await;
    let mut elsewhere = town.case("en otra parte");
    "20570".clone_into(&mut elsewhere.municipality);
    town.open(&phone(9), elsewhere).await;

    let read = async |group| test.store.case_series(TLAPA, group, since, town.now).await.expect("read");
    let (people, topics) = read(SeriesGroup::Topic).await;
    assert_eq!(people, 4, "the one with two topics is one of them");
    let counts: Vec<(&str, u64)> = topics.iter().map(|it| (it.key.as_str(), it.people)).collect();
    assert_eq!(counts, [("streetlights", 1), ("water", 4)]);
    let water = &topics[1];
    assert_eq!(
        (water.owed, water.kept, water.owed_to),
        (5, 1, 4),
        "all are due by now, one was answered in time"
    );
    assert_eq!(water.disputed, 0);
    let (_, offices) = read(SeriesGroup::Office).await;
    assert_eq!(offices.iter().map(|it| it.people).sum::<u64>(), 5);
    assert!(offices.iter().any(|it| it.key == "public_works" && it.people == 1), "{offices:?}");
    let (_, days) = read(SeriesGroup::Day).await;
    let days: Vec<(&str, u64)> = days.iter().map(|it| (it.key.as_str(), it.people)).collect();
    assert_eq!(days, [("0", 4), ("1", 1)]);
    let later = test.store.case_series(TLAPA, SeriesGroup::Day, town.now.plus(DAY), town.now).await;
    assert_eq!(later.expect("read"), (0, Vec::new()));
});
