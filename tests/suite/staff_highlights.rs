//! The staff API's cards over real HTTP, on both engines: who may write, clear and publish one, what an approval is
//! bound to, who sees what of it, and each act once.

use cabildo_bot::store::audit::Filter;
use cabildo_tests::demands::{code, fields, refusal};
use cabildo_tests::demands_on_both;
use cabildo_tests::serving::Serving;
use cabildo_tests::staff::{Person, call, get, key, person, send, write};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

const HUIXTAN: &str = "07038";

/// What is written of a card.
pub(crate) fn text() -> Value {
    json!({ "theme": "housing", "title": "Piso firme por faenas",
        "done": "412 pisos con tequio y material del municipio", "cost": "4.1 mdp",
        "contact": "Obras Publicas", "learned": "La lluvia atrasa las faenas",
        "evidence": ["https://huixtan.gob.mx/pisos"], "sdg": 11 })
}

pub(crate) fn proposal(text: &Value) -> Value {
    json!({ "municipality": HUIXTAN, "topic": "casa", "text": text })
}

pub(crate) async fn propose(serving: &Serving, who: &Person, text: &Value) -> Uuid {
    let (status, made) = write(serving, Method::POST, "/staff/v1/highlights", who, &proposal(text)).await;
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().expect("an id").parse().expect("a UUID")
}

pub(crate) async fn read(serving: &Serving, who: &Person, id: Uuid) -> Value {
    let (status, card) = get(serving, &format!("/staff/v1/highlights/{id}"), who).await;
    assert_eq!(status, 200, "{card}");
    card
}

/// An act on the card as it is now, unless the body names a version or a hash.
pub(crate) async fn act(
    serving: &Serving,
    who: &Person,
    id: Uuid,
    name: &str,
    mut body: Value,
) -> (u16, Value) {
    let reader = person(serving, &[("editor", "country")]).await;
    let card = read(serving, &reader, id).await;
    if body.get("version").is_none() {
        body["version"] = card["row"]["version"].clone();
    }
    if matches!(name, "approve" | "clear") && body.get("hash").is_none() {
        body["hash"] = card["hash"].clone();
    }
    write(serving, Method::POST, &format!("/staff/v1/highlights/{id}/{name}"), who, &body).await
}

/// An act that must succeed; gives the state that it led to.
pub(crate) async fn done(serving: &Serving, who: &Person, id: Uuid, name: &str, body: Value) -> String {
    let (status, answer) = act(serving, who, id, name, body).await;
    assert_eq!(status, 200, "{name}: {answer}");
    answer["state"].as_str().expect("a state").to_owned()
}

/// Somebody who writes everywhere, and somebody who approves everywhere.
pub(crate) async fn two(serving: &Serving) -> (Person, Person) {
    (person(serving, &[("editor", "country")]).await, person(serving, &[("approver", "country")]).await)
}

demands_on_both!(a_card_goes_from_a_suggestion_to_its_publication_by_two_people, |serving| {
    let (ana, bea) = two(serving).await;
    let (_, candidates) = get(serving, "/staff/v1/highlight-candidates", &ana).await;
    assert_eq!(candidates["rule"], "candidates-1");
    let of = |topic: &str| {
        let all = candidates["items"].as_array().expect("a list").iter();
        all.filter(|it| it["topic"] == topic).cloned().collect::<Vec<_>>()
    };
    assert_eq!((of("casa").len(), of("servicios").len()), (7, 10));
    let huixtan = of("casa").into_iter().find(|it| it["municipality"] == HUIXTAN).expect("Huixtán");
    let indicator = &huixtan["indicator"];
    assert_eq!((&indicator["before"], &indicator["after"]), (&json!("39.3"), &json!("17.7")));
    assert_eq!((&indicator["before_year"], &indicator["after_year"]), (&json!(2015), &json!(2020)));
    assert_eq!(
        (&huixtan["group_change"], &huixtan["rank"], &huixtan["size"]),
        (&json!("-5.9"), &json!(1), &json!(21))
    );

    // What it would be, before it is proposed.
    let check = call(serving, Method::POST, "/staff/v1/highlights/check", Some(&ana.token));
    let (status, would) = send(check.json(&proposal(&text()))).await;
    assert_eq!((status, &would["fits"], &would["findings"]), (200, &json!(true), &json!([])), "{would}");
    assert_eq!(would["indicator"]["series"], "coneval_ic_cv");
    let sms = &would["previews"].as_array().expect("languages").iter().find(|it| it["language"] == "es-MX");
    let sms = &sms.expect("Spanish")["channels"][0];
    assert!(sms["text"].as_str().is_some_and(|it| it.contains("De 39.3 a 17.7%")), "{sms}");
    assert!(sms["segments"].as_u64().is_some_and(|it| it <= 2) && sms["encoding"] == "gsm7", "{sms}");

    // The figure must be there and have got better, and nobody writes it by hand.
    for (field, value) in
        [("topic", json!("dinero")), ("topic", json!("none")), ("municipality", json!("99999"))]
    {
        let mut wrong = proposal(&text());
        wrong[field] = value;
        let wrong = write(serving, Method::POST, "/staff/v1/highlights", &ana, &wrong).await;
        assert_eq!((code(&wrong), &wrong.1["field"]), ((422, "invalid"), &json!(field)));
    }
    let mut wrong = proposal(&text());
    wrong["text"]["before"] = json!("99.9");
    let wrong = write(serving, Method::POST, "/staff/v1/highlights", &ana, &wrong).await;
    assert_eq!(code(&wrong), (422, "invalid"));
    let mut long = text();
    long["done"] = json!("水".repeat(160));
    let long = write(serving, Method::POST, "/staff/v1/highlights", &ana, &proposal(&long)).await;
    assert_eq!((code(&long), &long.1["field"]), ((422, "invalid"), &json!("done")));

    let id = propose(serving, &ana, &text()).await;
    let card = read(serving, &ana, id).await;
    assert_eq!((&card["row"]["code"], &card["row"]["state"]), (&json!(10), &json!("draft")));
    assert_eq!(
        (&card["editable"], &card["approvable"], &card["text"]),
        (&json!(true), &json!(false), &text())
    );
    assert_eq!(done(serving, &ana, id, "submit", json!({})).await, "in_review");
    let seen = read(serving, &bea, id).await;
    assert_eq!((&seen["editable"], &seen["approvable"]), (&json!(false), &json!(true)));

    // An edit after what was seen: neither the version nor the hash that was seen holds.
    let mut cheaper = text();
    cheaper["cost"] = json!("3.9 mdp");
    assert_eq!(done(serving, &ana, id, "edit", json!({ "text": cheaper })).await, "draft");
    assert_eq!(done(serving, &ana, id, "submit", json!({})).await, "in_review");
    let stale = json!({ "version": seen["row"]["version"], "hash": seen["hash"] });
    let late = act(serving, &bea, id, "approve", stale).await;
    assert_eq!(code(&late), (409, "version_conflict"));
    assert_eq!(late.1["current"]["state"], "in_review", "{}", late.1);
    let late = act(serving, &bea, id, "approve", json!({ "hash": seen["hash"] })).await;
    assert_eq!(code(&late), (409, "version_conflict"));

    // Who wrote it does not approve it, whatever else she is; nor does who edited it.
    let both = person(serving, &[("editor", "country"), ("approver", "country")]).await;
    assert_eq!(done(serving, &both, id, "edit", json!({ "text": text() })).await, "draft");
    assert_eq!(done(serving, &ana, id, "submit", json!({})).await, "in_review");
    let own = act(serving, &both, id, "approve", json!({})).await;
    assert_eq!((code(&own), &own.1["detail"]), ((403, "not_allowed"), &json!("highlight_own")));
    assert_eq!(code(&act(serving, &ana, id, "approve", json!({})).await), (403, "not_allowed"));

    // The same approval twice is one.
    let card = read(serving, &bea, id).await;
    let body = json!({ "version": card["row"]["version"], "hash": card["hash"] });
    let path = format!("/staff/v1/highlights/{id}/approve");
    let once = key();
    let approve = || {
        let request = call(serving, Method::POST, &path, Some(&bea.token));
        send(request.header("Idempotency-Key", once.clone()).json(&body))
    };
    let first = approve().await;
    assert_eq!((first.0, &first.1["state"]), (200, &json!("published")), "{}", first.1);
    assert_eq!(approve().await, first);
    let card = read(serving, &ana, id).await;
    assert_eq!(card["approvals"][0]["by"]["id"], json!(bea.id));
    assert_eq!(card["editors"].as_array().map(Vec::len), Some(2));
    assert_eq!(card["feedback"], json!({}));
    let after = act(serving, &ana, id, "edit", json!({ "text": cheaper })).await;
    assert_eq!(refusal(&after), "highlight_is_published");

    let trail = serving.app.service().store.list_audit(&Filter::default(), 200).await.expect("the trail");
    let count = |act: &str| trail.iter().filter(|it| it.act == act && it.target_id == id.to_string()).count();
    assert_eq!(
        ["proposed", "submitted", "edited", "approved"].map(|it| count(&format!("highlight_{it}"))),
        [1, 3, 2, 1]
    );
    // Nothing of what was written stands in it.
    let (_, entries) =
        get(serving, "/staff/v1/audit", &person(serving, &[("auditor", "country")]).await).await;
    assert!(!entries.to_string().contains("tequio"), "{entries}");

    // It is read at once, and not any more once it is withdrawn.
    let shown = || serving.app.service().store.list_published_highlights(None, 9);
    assert_eq!(shown().await.expect("cards").len(), 1);
    let (_, audience) = get(serving, &format!("/staff/v1/highlights/{id}/audience"), &bea).await;
    let places = fields(&audience["municipalities"], "municipality");
    // Its own peers and those whose peer it is.
    assert!(places.len() > 20 && !places.contains(&HUIXTAN.to_owned()), "{audience}");
    assert_eq!(audience["subscribers"], "<11");
    let reason = json!({ "reason": "El programa terminó" });
    assert_eq!(done(serving, &bea, id, "withdraw", reason.clone()).await, "withdrawn");
    assert_eq!(refusal(&act(serving, &bea, id, "withdraw", reason).await), "highlight_state");
    assert!(shown().await.expect("cards").is_empty());
});

demands_on_both!(a_card_with_personal_data_waits_for_a_second_person, |serving| {
    let (ana, bea) = two(serving).await;
    let mut with = text();
    with["contact"] = json!("Dudas al 55 1234 5678");
    let id = propose(serving, &ana, &with).await;
    let card = read(serving, &ana, id).await;
    let found = json!([{ "field": "contact", "kind": "phone", "start": 9, "end": 21 }]);
    assert_eq!((&card["findings"], card.get("cleared")), (&found, None));
    assert_eq!(refusal(&act(serving, &ana, id, "submit", json!({})).await), "highlight_personal_data");
    let own = act(serving, &ana, id, "clear", json!({})).await;
    assert_eq!((code(&own), &own.1["detail"]), ((403, "not_allowed"), &json!("highlight_own")));
    let other = act(serving, &bea, id, "clear", json!({ "hash": "0".repeat(64) })).await;
    assert_eq!(code(&other), (409, "version_conflict"));
    assert_eq!(done(serving, &bea, id, "clear", json!({})).await, "draft");
    assert_eq!(read(serving, &ana, id).await["cleared"]["by"]["id"], json!(bea.id));
    assert_eq!(done(serving, &ana, id, "submit", json!({})).await, "in_review");
    // What was cleared was cleared in the words that were seen.
    with["contact"] = json!("Dudas al 55 8765 4321");
    assert_eq!(done(serving, &ana, id, "edit", json!({ "text": with })).await, "draft");
    assert_eq!(refusal(&act(serving, &ana, id, "submit", json!({})).await), "highlight_personal_data");
    assert_eq!(done(serving, &ana, id, "edit", json!({ "text": text() })).await, "draft");
    assert_eq!(done(serving, &ana, id, "submit", json!({})).await, "in_review");
    assert_eq!(done(serving, &bea, id, "reject", json!({ "reason": "Falta el costo" })).await, "draft");
    assert_eq!(read(serving, &ana, id).await["reason"], "Falta el costo");
});

demands_on_both!(a_role_holds_in_its_places_only, |serving| {
    let (ana, bea) = two(serving).await;
    let here = person(serving, &[("editor", "state:07")]).await;
    let away = person(serving, &[("editor", "state:12")]).await;
    let away_too = person(serving, &[("approver", "municipality:12066")]).await;
    let refused = write(serving, Method::POST, "/staff/v1/highlights", &away, &proposal(&text())).await;
    assert_eq!(code(&refused), (403, "not_allowed"));
    let id = propose(serving, &here, &text()).await;
    let path = format!("/staff/v1/highlights/{id}");
    assert_eq!(code(&get(serving, &path, &away).await), (404, "not_found"));
    let count = async |who: &Person, query: &str| {
        let (_, list) = get(serving, &format!("/staff/v1/highlights{query}"), who).await;
        list["items"].as_array().expect("a list").len()
    };
    assert_eq!((count(&here, "").await, count(&away, "").await, count(&bea, "").await), (1, 0, 1));
    assert_eq!(code(&act(serving, &away, id, "submit", json!({})).await), (404, "not_found"));
    done(serving, &here, id, "submit", json!({})).await;
    assert_eq!(code(&act(serving, &away_too, id, "approve", json!({})).await), (404, "not_found"));
    done(serving, &bea, id, "approve", json!({})).await;

    // What is published is read everywhere, and worked on where it belongs.
    assert_eq!((count(&away, "").await, count(&away, "?state=draft").await), (1, 0));
    assert_eq!(count(&away, "?municipality=12").await, 0);
    let reason = json!({ "reason": "porque sí" });
    assert_eq!(code(&act(serving, &away, id, "withdraw", reason.clone()).await), (403, "not_allowed"));
    // A municipality reports for itself that it took it over.
    let adopts = |place: &str| json!({ "municipality": place, "adopted_on": "2026-05-01" });
    assert_eq!(
        code(
            &act(serving, &ana, id, "adopt", json!({ "municipality": "99999", "adopted_on": "2026-05-01" }))
                .await
        ),
        (422, "invalid")
    );
    assert_eq!(code(&act(serving, &away, id, "adopt", adopts("20570")).await), (403, "not_allowed"));
    let soon = json!({ "municipality": "12066", "adopted_on": "2199-01-01" });
    let soon = act(serving, &away, id, "adopt", soon).await;
    assert_eq!((code(&soon), &soon.1["field"]), ((422, "invalid"), &json!("adopted_on")));
    assert_eq!(done(serving, &away, id, "adopt", adopts("12066")).await, "published");
    assert_eq!(refusal(&act(serving, &ana, id, "adopt", adopts("12066")).await), "highlight_is_adopted");
    let mut chained = adopts("20570");
    chained["learned_from"] = json!("12066");
    assert_eq!(done(serving, &ana, id, "adopt", chained).await, "published");
    let card = read(serving, &away, id).await;
    assert_eq!(fields(&card["adoptions"], "municipality"), ["12066", "20570"]);
    assert_eq!(fields(&card["adoptions"], "learned_from"), [HUIXTAN, "12066"]);
    assert_eq!(
        code(&get(serving, &path, &person(serving, &[("caseworker", "country")]).await).await),
        (403, "not_allowed")
    );
});
