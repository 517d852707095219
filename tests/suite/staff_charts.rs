//! Charts of a municipality as pictures, over the staff API.

use cabildo_bot::charts;
use cabildo_bot::domain::chart::{Among, ChartSpec, OfficeTime};
use cabildo_bot::domain::peer_group::Family;
use cabildo_tests::cases::{TLAPA, Town, officer};
use cabildo_tests::serving::Serving;
use cabildo_tests::staff::{Person, call, person};
use reqwest::Method;

const SMS: &str = "[channels.kannel]\ntype = \"kannel\"\nkey = \"0123456789abcdef0123456789abcdef\"\n";

/// Status, type and bytes of a chart.
async fn chart(serving: &Serving, query: &str, who: &Person) -> (u16, String, Vec<u8>) {
    let path = format!("/staff/v1/municipalities/{TLAPA}/chart?{query}");
    let answer = call(serving, Method::GET, &path, Some(&who.token)).send().await.expect("an answer");
    let kind = answer.headers().get("content-type").and_then(|it| it.to_str().ok()).unwrap_or_default();
    let (status, kind) = (answer.status().as_u16(), kind.to_owned());
    (status, kind, answer.bytes().await.expect("bytes").to_vec())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_chart_is_the_picture_that_the_dialogue_sends() {
    let serving = Serving::start(SMS).await;
    let ana = person(&serving, &[("caseworker", "state:12")]).await;
    let facts = serving.app.service().facts.load_full();
    let (release, place) = (facts.manifest.pack.release.clone(), TLAPA.to_owned());
    let (topic, family) = ("agua".to_owned(), Family::new(3).expect("a family"));
    let spec = |among| ChartSpec::Distribution {
        release: release.clone(),
        place: place.clone(),
        topic: topic.clone(),
        among,
    };
    for (query, locale, spec) in [
        (
            "topic=agua",
            "es-MX",
            ChartSpec::Bars {
                release: release.clone(),
                place: place.clone(),
                topic: topic.clone(),
                family: Family::NEAREST,
            },
        ),
        (
            "kind=trend&topic=agua&language=en",
            "en",
            ChartSpec::Trend { release: release.clone(), place: place.clone(), topic: topic.clone() },
        ),
        ("kind=family&topic=agua&family=3", "es-MX", spec(Among::Family(family))),
        ("kind=country&topic=agua", "es-MX", spec(Among::Country)),
    ] {
        let (status, kind, png) = chart(&serving, query, &ana).await;
        assert_eq!((status, kind.as_str()), (200, "image/png"), "{query}");
        assert!(png == charts::draw(&spec, &facts, locale).expect("a picture"), "{query}");
    }
    for (query, status) in
        [("topic=nada", 400), ("kind=trend", 400), ("kind=pie&topic=agua", 400), ("topic=agua&family=9", 400)]
    {
        assert_eq!(chart(&serving, query, &ana).await.0, status, "{query}");
    }
    serving.app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answer_times_are_counted_in_working_days_and_point_at_nobody() {
    let serving = Serving::start(SMS).await;
    let service = serving.app.service();
    let (ana, other) = (
        person(&serving, &[("caseworker", "municipality:12066")]).await,
        person(&serving, &[("caseworker", "state:20")]).await,
    );
    let facts = service.facts.load_full();
    let drawn = |offices| {
        let day = |at: cabildo_bot::domain::time::UnixMillis| {
            cabildo_bot::domain::calendar::iso_day("America/Mexico_City", at).expect("a day")
        };
        let now = serving.clock.now();
        let between = (day(now.plus(-365 * cabildo_bot::domain::time::DAY)), day(now));
        charts::draw(&ChartSpec::Times { place: TLAPA.to_owned(), between, offices }, &facts, "es-MX")
            .expect("a picture")
    };
    // Thirty were answered by the office of water, nine by another one.
    let desk = service.desk.load();
    let water = desk.category(TLAPA, "water").expect("a category");
    let streets = desk.category(TLAPA, "streets").expect("a category");
    let office = desk.answering(TLAPA, &water.office).expect("an office");
    assert_ne!(water.office, streets.office);
    let town = Town::new(&service.store);
    for number in 0..39 {
        let phone = format!("+5255{number:08}");
        let mut case = town.case("No hay agua");
        let category = if number < 30 { water } else { streets };
        category.code.clone_into(&mut case.category);
        category.office.clone_into(&mut case.office);
        let id = town.open(&phone, case).await;
        let (_, reply) = town.reply(town.contact(&phone).await, "Va una cuadrilla", false);
        if number == 0 {
            assert!(chart(&serving, "kind=times", &ana).await.2 == drawn(Vec::new()), "nobody was answered");
        }
        town.act(officer(1), id, reply).await.expect("answered");
    }
    let limit = water.clocks.first_answer;
    let waterworks = OfficeTime {
        office: office.name["es-MX"].clone(),
        answered: 30,
        median_tenths: Some(0),
        limit: Some(limit),
    };
    let (status, kind, png) = chart(&serving, "kind=times", &ana).await;
    assert_eq!((status, kind.as_str()), (200, "image/png"));
    assert!(png == drawn(vec![waterworks]), "the nine of the other office are told of by nothing");
    assert_eq!(chart(&serving, "kind=times", &other).await.0, 403);
    serving.app.shutdown().await;
}
