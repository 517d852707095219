//! Who sees what of demands over the staff API, on both engines: pages, roles, places, the feed, hostile text that
//! comes back as data. Nobody reads who supports.

use cabildo_bot::store::demands::Change;
use cabildo_tests::demands::{
    OTHER, TLAPA, act, both, code, complains, fields, phone, promise, public, read, says, signs, told,
    walk_in, written,
};
use cabildo_tests::demands_on_both;
use cabildo_tests::hostile;
use cabildo_tests::serving::PATIENCE;
use cabildo_tests::staff::{Person, call, get, person};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

demands_on_both!(pages_go_on_where_they_ended, |serving| {
    let ana = both(serving, TLAPA).await;
    let mut ids = Vec::new();
    for number in 700..705 {
        ids.push(written(serving, TLAPA, number, 900, "Luz en la calle principal").await);
        serving.clock.advance(1);
    }
    for (sort, expected) in [("oldest", ids.clone()), ("newest", ids.iter().rev().copied().collect())] {
        let (mut read, mut after) = (Vec::new(), String::new());
        loop {
            let path = format!("/staff/v1/demands?queue=moderation&sort={sort}&limit=2{after}");
            let (status, page) = get(serving, &path, &ana).await;
            assert_eq!((status, &page["total"]), (200, &json!(5)), "{page}");
            read.extend(fields(&page["items"], "id"));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(read, expected.iter().map(Uuid::to_string).collect::<Vec<_>>(), "{sort}");
    }
    for wrong in ["queue=mine", "sort=due", "after=x", "limit=0", "who=me"] {
        let answer = get(serving, &format!("/staff/v1/demands?{wrong}"), &ana).await;
        assert_eq!(code(&answer), (400, "invalid_parameter"), "{wrong}");
    }
});

demands_on_both!(roles_and_places_are_kept_apart, |serving| {
    let ana = both(serving, TLAPA).await;
    let elsewhere = both(serving, OTHER).await;
    let id = public(serving, &ana, 801, 900).await;
    let leading = Change::Leading { municipality: TLAPA.to_owned(), words: "Lupe, comité".to_owned() };
    says(serving, &phone(8_010), leading).await;
    says(serving, &phone(8_010), Change::Written { demand_id: id, text: "Gracias a todas".to_owned() }).await;

    // Of another municipality there is nothing.
    assert_eq!(code(&get(serving, &format!("/staff/v1/demands/{id}"), &elsewhere).await), (404, "not_found"));
    let (_, counts) = get(serving, "/staff/v1/demand-counts", &elsewhere).await;
    assert!(counts["queues"].as_array().is_some_and(|it| it.iter().all(|it| it["count"] == 0)), "{counts}");
    for path in [
        "demands?queue=collecting".to_owned(),
        format!("demands?queue=collecting&municipality={TLAPA}"),
        "author-messages".to_owned(),
        "leaders".to_owned(),
        format!("commitments?municipality={TLAPA}"),
    ] {
        let (status, page) = get(serving, &format!("/staff/v1/{path}"), &elsewhere).await;
        assert_eq!((status, page["items"].as_array().map(Vec::len)), (200, Some(0)), "{path}: {page}");
    }
    for path in ["demands?queue=collecting", "author-messages", "leaders"] {
        let page = get(serving, &format!("/staff/v1/{path}"), &ana).await.1;
        assert_eq!(page["items"].as_array().map(Vec::len), Some(1), "{path}: {page}");
    }
    let offices = format!("/staff/v1/demand-offices?municipality={TLAPA}");
    assert_eq!(code(&get(serving, &offices, &elsewhere).await), (403, "not_allowed"));
    let acts: &[(&str, Value)] = &[
        ("publish", json!({})),
        ("reject", json!({ "reason": "x" })),
        ("hand-over", json!({ "office": "public_works" })),
        ("answer", json!({ "verdict": "rejected", "reason": "x" })),
        ("promise", json!({ "promise": promise("stuck", 1) })),
        ("update-promise", json!({ "promise_version": 1, "promise": promise("stuck", 1) })),
        ("merge", json!({ "into": id, "reason": "x" })),
        ("unmerge", json!({ "reason": "x" })),
        ("clear-flags", json!({ "flags": ["range"], "reason": "x" })),
        ("add-acta", json!({ "folio": "1", "heads": 1, "held_on": "2026-09-13" })),
        ("void-acta", json!({ "acta": id, "reason": "x" })),
        ("call-acta", json!({ "acta": id, "called": 1, "confirmed": 1 })),
        ("decide-message", json!({ "message": id, "message_version": 1, "decision": "sent" })),
        ("endorse", json!({ "organisation": "x" })),
        ("unendorse", json!({ "organisation": "x" })),
        ("link-cases", json!({ "cases": [id] })),
        ("unlink-case", json!({ "case": id })),
    ];
    let version = read(serving, &ana, id).await["row"]["version"].clone();
    for (name, body) in acts {
        let answer = act(serving, &elsewhere, id, name, body.clone()).await;
        assert_eq!(code(&answer), (404, "not_found"), "{name}");
    }

    // Each role does its own.
    let place = format!("municipality:{TLAPA}");
    let worker = person(serving, &[("caseworker", &place)]).await;
    let moderator = person(serving, &[("moderator", &place)]).await;
    let analyst = person(serving, &[("analyst", "country")]).await;
    for name in
        ["publish", "reject", "merge", "unmerge", "clear-flags", "decide-message", "endorse", "unendorse"]
    {
        let body = acts.iter().find(|it| it.0 == name).expect("an act").1.clone();
        assert_eq!(code(&act(serving, &worker, id, name, body).await), (403, "not_allowed"), "{name}");
    }
    for name in ["hand-over", "answer", "promise", "update-promise"] {
        let body = acts.iter().find(|it| it.0 == name).expect("an act").1.clone();
        assert_eq!(code(&act(serving, &moderator, id, name, body).await), (403, "not_allowed"), "{name}");
    }
    for path in
        [format!("demands/{id}"), "demands".to_owned(), "demand-counts".to_owned(), "leaders".to_owned()]
    {
        let answer = get(serving, &format!("/staff/v1/{path}"), &analyst).await;
        assert_eq!(code(&answer), (403, "not_allowed"), "{path}");
    }
    assert_eq!(get(serving, "/staff/v1/commitments", &analyst).await.0, 200, "promises are figures");
    // Roles of two places don't add up: who moderates elsewhere does not moderate here.
    let mixed = person(serving, &[("caseworker", &place), ("moderator", "municipality:20570")]).await;
    let answer = act(serving, &mixed, id, "endorse", json!({ "organisation": "x" })).await;
    assert_eq!(code(&answer), (403, "not_allowed"));
    assert_eq!(read(serving, &ana, id).await["row"]["version"], version, "nothing was done");
});

demands_on_both!(nobody_reads_who_supports, |serving| {
    let ana = both(serving, TLAPA).await;
    let id = public(serving, &ana, 811, 900).await;
    let mut contacts = Vec::new();
    for number in 0..30 {
        let address = phone(200 + number);
        signs(serving, &address, id).await;
        contacts.push(address.clone());
        let store = &serving.app.service().store;
        contacts
            .push(store.find_contact("kannel", &address).await.expect("a store").expect("one").to_string());
    }
    told(serving).await;
    let demand = read(serving, &ana, id).await;
    assert_eq!(demand["row"]["support"]["total"], 33);
    let author = &demand["author"];
    assert_eq!((&author["shown"], &author["verified"]), (&json!("+***-**-00"), &json!(false)), "{author}");
    // Thirty-three of one place: it may be shown once ten are surely from elsewhere.
    assert_eq!(demand["regions"], json!({ "items": [], "others": true }));
    for number in 0..12 {
        let home = Some(OTHER.to_owned());
        says(serving, &phone(300 + number), Change::Signed { demand_id: id, home, for_code: None }).await;
    }
    let regions = read(serving, &ana, id).await["regions"].clone();
    assert_eq!(regions["others"], true);
    let shown: Vec<(&str, u64)> = regions["items"]
        .as_array()
        .expect("regions")
        .iter()
        .map(|it| (it["municipality"].as_str().expect("a key"), it["at_least"].as_u64().expect("a number")))
        .collect();
    assert_eq!(shown, [], "of 45, thirty to forty-four are of one place: the others may be one");
    for number in 0..20 {
        let home = Some(OTHER.to_owned());
        says(serving, &phone(330 + number), Change::Signed { demand_id: id, home, for_code: None }).await;
    }
    let regions = read(serving, &ana, id).await["regions"].clone();
    assert_eq!(regions["items"].as_array().map(Vec::len), Some(1), "{regions}");
    assert_eq!(regions["items"][0]["at_least"], 30, "{regions}");

    for path in [format!("demands/{id}"), "demands?queue=collecting".to_owned(), "leaders".to_owned()] {
        let text = get(serving, &format!("/staff/v1/{path}"), &ana).await.1.to_string();
        for it in &contacts {
            assert!(!text.contains(it.trim_start_matches('+')), "{path} names a supporter");
        }
    }
    // Nor does the feed, whoever follows it.
    let store = &serving.app.service().store;
    let mut after = 0;
    loop {
        let some = store.list_events(after, 500).await.expect("events");
        let Some(last) = some.last() else { break };
        after = last.seq;
        for it in some {
            assert!(
                it.demand_id.is_none() || it.contact_id.is_none() && it.inbox_id.is_none(),
                "{}",
                it.kind
            );
        }
    }
});

demands_on_both!(the_feed_tells_of_demands_to_those_who_read_them, |serving| {
    let ana = both(serving, TLAPA).await;
    let elsewhere = both(serving, OTHER).await;
    let analyst = person(serving, &[("analyst", "country")]).await;
    let follow = async |who: &Person| {
        let request = call(serving, Method::GET, "/staff/v1/events?after=0", Some(&who.token));
        request.send().await.expect("an answer")
    };
    let (mut hers, mut others, mut figures) =
        (follow(&ana).await, follow(&elsewhere).await, follow(&analyst).await);
    let id = public(serving, &ana, 821, 900).await;
    // Something that all of them hear, after it.
    for place in [TLAPA, OTHER] {
        let who = if place == TLAPA { &ana } else { &elsewhere };
        complains(serving, who, walk_in(place, 40, "named")).await;
    }
    let heard = async |response: &mut reqwest::Response, until: &str| {
        let mut text = String::new();
        let read = async {
            while !text.contains(until) {
                let chunk = response.chunk().await.expect("a chunk").expect("no end");
                text.push_str(&String::from_utf8_lossy(&chunk));
            }
        };
        tokio::time::timeout(PATIENCE, read).await.expect("heard in time");
        text
    };
    let text = heard(&mut hers, "case_opened").await;
    let data = text.lines().find(|it| it.starts_with("data:") && it.contains("demand_published"));
    let event: Value =
        serde_json::from_str(data.expect("an event").trim_start_matches("data:")).expect("JSON");
    assert_eq!((&event["demand_id"], &event["municipality"]), (&json!(id), &json!(TLAPA)));
    assert!(event.get("contact_id").is_none() && event.get("inbox_id").is_none(), "{event}");
    for response in [&mut others, &mut figures] {
        let text = heard(response, "case_opened").await;
        assert!(!text.contains("demand_") && !text.contains(&id.to_string()), "{text}");
    }
});

demands_on_both!(hostile_text_comes_back_as_data_or_not_at_all, |serving| {
    let ana = both(serving, TLAPA).await;
    let mut kept = 0;
    for (number, (what, text)) in (1_000..).zip(hostile::texts()) {
        // A citizen's words lie in the store as they came; no engine takes U+0000.
        let words: String = text.chars().filter(|it| *it != '\0').take(90).collect();
        let id = written(serving, TLAPA, number, 900, &words).await;
        let demand = read(serving, &ana, id).await;
        assert_eq!(demand["row"]["text"], json!(words), "{what}");
        let name: String = text.chars().take(100).collect();
        let answer = act(serving, &ana, id, "endorse", json!({ "organisation": name })).await;
        match answer.0 {
            200 => {
                kept += 1;
                assert_eq!(read(serving, &ana, id).await["endorsements"], json!([name.trim()]), "{what}");
            }
            _ => assert_eq!(code(&answer), (422, "invalid"), "{what}: {}", answer.1),
        }
        let reason: String = text.chars().take(110).collect();
        let answer = act(serving, &ana, id, "reject", json!({ "reason": reason })).await;
        if answer.0 == 200 {
            assert_eq!(read(serving, &ana, id).await["row"]["reason"], json!(reason.trim()), "{what}");
        } else {
            assert_eq!(code(&answer), (422, "invalid"), "{what}: {}", answer.1);
            // No control character gets to a phone.
            assert!(reason.trim().is_empty() || reason.chars().any(char::is_control), "{what}");
        }
    }
    assert!(kept > 5, "{kept}");
    let long = "x".repeat(200_000);
    let id = public(serving, &ana, 851, 900).await;
    for (name, body) in [
        ("endorse", json!({ "organisation": long })),
        ("merge", json!({ "into": id, "reason": long })),
        ("add-acta", json!({ "folio": long, "heads": 1, "held_on": "2026-09-13" })),
        ("promise", json!({ "promise": { "title": long, "owner": "x", "state": "stuck", "percent": 1 } })),
    ] {
        assert_eq!(code(&act(serving, &ana, id, name, body).await), (422, "invalid"), "{name}");
    }
});
