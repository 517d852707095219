//! The figures of the console's charts over the staff API, on both engines: groups of ten or fewer are in none of
//! them, and neither is what would tell them by the difference.

use cabildo_tests::demands::{OTHER, TLAPA, both, code, complains, walk_in};
use cabildo_tests::demands_on_both;
use cabildo_tests::staff::{get, person};
use serde_json::{Value, json};

fn points(series: &Value) -> Vec<(&str, &Value)> {
    let points = series["points"].as_array().expect("points");
    points.iter().map(|it| (it["key"].as_str().expect("a key"), &it["people"])).collect()
}

demands_on_both!(charts_tell_no_small_group, |serving| {
    let ana = both(serving, TLAPA).await;
    let luz = person(serving, &[("analyst", &format!("municipality:{TLAPA}"))]).await;
    for number in 0..80 {
        let mut new = walk_in(TLAPA, 1_000 + number, "hidden_from_public");
        if number >= 61 {
            new["category"] = json!("lighting");
        }
        complains(serving, &ana, new).await;
        if number == 60 {
            let (status, few) =
                get(serving, &format!("/staff/v1/reports/cases?municipality={TLAPA}"), &luz).await;
            assert_eq!((status, &few["people"], &few["others"]), (200, &json!(60), &json!(true)), "{few}");
            assert!(points(&few).is_empty(), "all of them but one group of one: {few}");
        }
    }
    let path = |query: &str| format!("/staff/v1/reports/cases?municipality={TLAPA}{query}");
    let (status, topics) = get(serving, &path(""), &luz).await;
    assert_eq!((status, &topics["people"]), (200, &json!(75)), "{topics}");
    assert_eq!((&topics["group"], &topics["days"]), (&json!("topic"), &json!(30)));
    // Nineteen ask about lights: to tell the sixty beside them would tell these by the difference.
    assert_eq!(points(&topics), Vec::<(&str, &Value)>::new(), "{topics}");
    for number in 80..90 {
        let mut new = walk_in(TLAPA, 1_000 + number, "hidden_from_public");
        new["category"] = json!("lighting");
        complains(serving, &ana, new).await;
    }
    let (_, topics) = get(serving, &path("&days=7"), &luz).await;
    assert_eq!(points(&topics), [("water", &json!(60))], "{topics}");
    let water = &topics["points"][0];
    assert!(water["kept_percent"].is_null() && water["disputed"].is_null(), "nothing is due yet: {water}");
    let (_, days) = get(serving, &path("&group=day&days=7"), &luz).await;
    let days = points(&days);
    assert_eq!(days.len(), 7);
    assert!(days.iter().all(|it| it.1.is_null()), "one day with all of them: {days:?}");
    let (_, offices) = get(serving, &path("&group=office&days=90"), &luz).await;
    assert_eq!(offices["group"], "office");

    for (query, status) in [("&days=8", 400), ("&days=0", 400), ("&group=people", 400), ("&who=me", 400)] {
        assert_eq!(code(&get(serving, &path(query), &luz).await).0, status, "{query}");
    }
    let nowhere = get(serving, "/staff/v1/reports/cases?municipality=99999", &luz).await;
    assert_eq!(code(&nowhere), (404, "not_found"));
    let away = get(serving, &format!("/staff/v1/reports/cases?municipality={OTHER}"), &luz).await;
    assert_eq!(code(&away), (403, "not_allowed"));
});
