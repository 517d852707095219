//! The staff API's demands over real HTTP, on both engines: each act once, conflicts, promises, merges and
//! leaders. Who sees what of them is in `staff_demands_seen.rs`.

use cabildo_bot::domain::time::HOUR;
use cabildo_bot::store::audit::Filter;
use cabildo_bot::store::demands::Change;
use cabildo_bot::store::media::{Fetched, MediaKind, NewMedia};
use cabildo_tests::demands::{
    OTHER, TLAPA, act, both, code, complains, count, done, fields, phone, promise, public, read, refusal,
    says, says_at, signs, told, walk_in, written,
};
use cabildo_tests::demands_on_both;
use cabildo_tests::staff::{Person, call, get, key, person, send, write};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

demands_on_both!(a_demand_is_led_from_moderation_to_a_followed_promise, |serving| {
    let ana = both(serving, TLAPA).await;
    let id = written(serving, TLAPA, 317, 4, "Agua potable en San José").await;
    assert_eq!((count(serving, &ana, "moderation").await, count(serving, &ana, "collecting").await), (1, 0));

    assert_eq!(done(serving, &ana, id, "publish", json!({ "office": "public_works" })).await, "collecting");
    assert_eq!((count(serving, &ana, "moderation").await, count(serving, &ana, "collecting").await), (0, 1));
    let demand = read(serving, &ana, id).await;
    assert_eq!((&demand["row"]["code"], &demand["row"]["missing"]), (&json!("317"), &json!(1)), "{demand}");
    // An hour ahead of the clock that hands over what is reached.
    let signed = Change::Signed { demand_id: id, home: Some(TLAPA.to_owned()), for_code: None };
    says_at(serving, &phone(50), signed, serving.clock.now().plus(HOUR)).await;
    let demand = read(serving, &ana, id).await;
    let row = &demand["row"];
    assert_eq!((&row["state"], &row["mark"], &row["missing"]), (&json!("reached"), &json!("L"), &json!(0)));
    let support =
        json!({ "total": 4, "phone": 4, "verified": 0, "paper": 0, "flagged": 0, "new_senders": 4 });
    assert_eq!(row["support"], support);
    assert_eq!(demand["days"], json!([]), "a day that goes on would count each one");
    assert_eq!(demand["regions"], json!({ "items": [], "others": true }), "four people point at somebody");

    let away = act(serving, &ana, id, "hand-over", json!({ "office": "nowhere" })).await;
    assert_eq!((code(&away), &away.1["field"]), ((422, "invalid"), &json!("office")));
    assert_eq!(
        done(serving, &ana, id, "hand-over", json!({ "office": "public_works" })).await,
        "with_authority"
    );
    let row = read(serving, &ana, id).await["row"].clone();
    let term = row["answer_due"].as_i64().expect("a term") - serving.clock.now().0;
    assert!((26..=40).contains(&(term / 86_400_000)), "twenty working days: {term}");
    assert!(row["office_name"].as_str().is_some_and(|it| !it.is_empty() && it != "public_works"), "{row}");

    let said = json!({ "verdict": "accepted", "reason": "Hay recurso para el pozo", "cost": 1_500_000_000,
        "due_on": "2027-06-30" });
    let path = format!("/staff/v1/demands/{id}/answer/preview");
    let preview = send(call(serving, Method::POST, &path, Some(&ana.token)).json(&said)).await;
    assert_eq!(preview.0, 200, "{}", preview.1);
    let channel = &preview.1["channels"][0];
    assert_eq!((&channel["channel"], &channel["kind"]), (&json!("kannel"), &json!("sms")));
    assert!(channel["text"].as_str().is_some_and(|it| it.contains("Hay recurso para el pozo")), "{channel}");
    assert!(channel["segments"].as_u64().is_some_and(|it| (1..=2).contains(&it)), "{channel}");
    assert_eq!((&preview.1["people"], &channel["recipients"]), (&json!(4), &json!(0)));
    let price = channel["price"].as_i64().expect("a price");
    assert_eq!(preview.1["price"], json!(price * 4));
    // What takes more than two segments in an alphabet that an SMS lacks is told before it is sent.
    let mut long = said.clone();
    long["reason"] = json!("水".repeat(180));
    let wrong = send(call(serving, Method::POST, &path, Some(&ana.token)).json(&long)).await;
    assert_eq!((code(&wrong), &wrong.1["field"]), ((422, "invalid"), &json!("reason")));
    let wrong = act(serving, &ana, id, "answer", long).await;
    assert_eq!(code(&wrong), (422, "invalid"));
    for (field, value) in
        [("verdict", json!("maybe")), ("due_on", json!("mañana")), ("cost", json!(u64::MAX))]
    {
        let mut wrong = said.clone();
        wrong[field] = value;
        let wrong = act(serving, &ana, id, "answer", wrong).await;
        assert_eq!((code(&wrong), &wrong.1["field"]), ((422, "invalid"), &json!(field)));
    }
    assert_eq!(done(serving, &ana, id, "answer", said).await, "answered");
    let demand = read(serving, &ana, id).await;
    let answer = &demand["answer"];
    assert_eq!((&answer["verdict"], &answer["cost"]), (&json!("accepted"), &json!(1_500_000_000)));
    assert_eq!(answer["by"]["id"], json!(ana.id));

    let wrong = act(serving, &ana, id, "promise", json!({ "promise": promise("soon", 0) })).await;
    assert_eq!(code(&wrong), (422, "invalid"));
    let opened = json!({ "promise": promise("not_started", 0) });
    assert_eq!(done(serving, &ana, id, "promise", opened).await, "followed");
    let demand = read(serving, &ana, id).await;
    let commitment = &demand["commitment"];
    assert_eq!(commitment["promise"], promise("not_started", 0));
    let next = json!({ "promise_version": commitment["version"], "promise": promise("in_progress", 40) });
    assert_eq!(done(serving, &ana, id, "update-promise", next.clone()).await, "followed");
    let late = act(serving, &ana, id, "update-promise", next).await;
    assert_eq!(refusal(&late), "commitment_is_newer");
    let (_, list) = get(serving, &format!("/staff/v1/commitments?municipality={TLAPA}"), &ana).await;
    assert_eq!(list["items"][0]["promise"], promise("in_progress", 40), "{list}");
    assert_eq!(list["items"][0]["demand"], json!(id));
    let (_, offices) = get(serving, &format!("/staff/v1/demand-offices?municipality={TLAPA}"), &ana).await;
    let office = &offices["items"][0];
    assert_eq!((&office["office"], &office["answered"]), (&json!("public_works"), &json!(1)), "{offices}");
    assert_eq!((&office["in_time"], &office["silent"]), (&json!(1), &json!(0)), "{offices}");

    let demand = read(serving, &ana, id).await;
    let kinds = fields(&demand["changes"], "kind");
    let trail = serving.app.service().store.list_audit(&Filter::default(), 200).await.expect("the trail");
    for name in [
        "demand_published",
        "demand_handed_over",
        "demand_answered",
        "commitment_opened",
        "commitment_updated",
    ] {
        assert_eq!(kinds.iter().filter(|it| *it == name).count(), 1, "{name}: {kinds:?}");
        let kept = trail.iter().filter(|it| it.act == name && it.actor_id == Some(ana.id));
        assert_eq!(kept.count(), 1, "{name}");
    }
    let told = fields(&demand["notices"], "kind");
    for kind in ["published", "handed_over", "answered", "progress"] {
        assert!(told.iter().any(|it| it == kind), "{kind}: {told:?}");
    }
});

demands_on_both!(what_stands_beside_the_life_of_a_demand_is_done_once, |serving| {
    let ana = both(serving, TLAPA).await;
    let store = &serving.app.service().store;
    let id = public(serving, &ana, 401, 900).await;

    // Paper is counted apart.
    let acta = json!({ "folio": "A-1", "heads": 70, "held_on": "2026-09-13", "place": "Cancha" });
    done(serving, &ana, id, "add-acta", acta.clone()).await;
    assert_eq!(refusal(&act(serving, &ana, id, "add-acta", acta.clone()).await), "acta_folio_is_taken");
    for (field, value) in [("heads", json!(0)), ("held_on", json!("2026-13-01")), ("folio", json!(" "))] {
        let mut wrong = acta.clone();
        wrong[field] = value;
        let wrong = act(serving, &ana, id, "add-acta", wrong).await;
        assert_eq!((code(&wrong), &wrong.1["field"]), ((422, "invalid"), &json!(field)));
    }
    let demand = read(serving, &ana, id).await;
    let support = &demand["row"]["support"];
    assert_eq!((&support["paper"], &support["total"]), (&json!(70), &json!(3)), "{demand}");
    let list = demand["actas"][0]["id"].clone();
    done(serving, &ana, id, "call-acta", json!({ "acta": list, "called": 10, "confirmed": 9 })).await;
    let more = json!({ "acta": list, "called": 9, "confirmed": 10 });
    assert_eq!(code(&act(serving, &ana, id, "call-acta", more).await), (422, "invalid"));
    let too_many = json!({ "acta": list, "called": 71, "confirmed": 1 });
    assert_eq!(refusal(&act(serving, &ana, id, "call-acta", too_many).await), "acta_form");
    let void = json!({ "acta": list, "reason": "se capturó dos veces" });
    done(serving, &ana, id, "void-acta", void.clone()).await;
    assert_eq!(code(&act(serving, &ana, id, "void-acta", void).await), (404, "not_found"));
    let demand = read(serving, &ana, id).await;
    assert_eq!(demand["row"]["support"]["paper"], 0);
    let acta = &demand["actas"][0];
    assert_eq!((&acta["called"], &acta["confirmed"]), (&json!(10), &json!(9)));
    assert!(acta["voided_at"].is_number() && acta["by"]["id"] == json!(ana.id), "{acta}");

    // A picture of a list.
    serving.clock.advance(1);
    let words = "Comité del agua".to_owned();
    let leading = Change::Leading { municipality: TLAPA.to_owned(), words };
    let (message, _) = says(serving, &phone(4_010), leading).await;
    let photo = NewMedia { kind: MediaKind::Photo, sizes: vec![("file".to_owned(), 7)], seconds: None };
    store.add_media(message, "kannel", vec![photo], serving.clock.now()).await.expect("noted");
    let media = store.claim_media(serving.clock.now(), 1).await.expect("claimed").remove(0);
    let kept = Fetched::Kept { mime: "image/jpeg", sha256: vec![1; 32], content: b"picture".to_vec() };
    assert_eq!(store.settle_media(media.id, media.tries, kept, serving.clock.now()).await, Ok(true));
    let with = json!({ "folio": "A-2", "heads": 5, "held_on": "2026-09-13", "picture": media.id });
    done(serving, &ana, id, "add-acta", with).await;
    let acta = read(serving, &ana, id).await["actas"][1].clone();
    assert_eq!(acta["picture"], true);
    let path = format!("/staff/v1/demands/{id}/actas/{}/picture", acta["id"].as_str().expect("an id"));
    let picture = call(serving, Method::GET, &path, Some(&ana.token)).send().await.expect("an answer");
    assert_eq!(picture.headers()["x-content-type-options"], "nosniff");
    assert_eq!(picture.bytes().await.expect("bytes").as_ref(), b"picture");
    let none = json!({ "folio": "A-3", "heads": 5, "held_on": "2026-09-13", "picture": Uuid::from_u128(5) });
    assert_eq!(code(&act(serving, &ana, id, "add-acta", none).await), (422, "invalid"));

    // Organisations sign in public.
    done(serving, &ana, id, "endorse", json!({ "organisation": " Comité del Agua A.C. " })).await;
    assert_eq!(read(serving, &ana, id).await["endorsements"], json!(["Comité del Agua A.C."]));
    done(serving, &ana, id, "unendorse", json!({ "organisation": "Comité del Agua A.C." })).await;
    assert_eq!(read(serving, &ana, id).await["endorsements"], json!([]));

    // A message of the author waits for a moderator.
    says(serving, &phone(4_010), Change::Written { demand_id: id, text: "Nos vemos el lunes".to_owned() })
        .await;
    let (_, waiting) = get(serving, "/staff/v1/author-messages", &ana).await;
    let message = &waiting["items"][0];
    assert_eq!((&message["demand"], &message["text"]), (&json!(id), &json!("Nos vemos el lunes")));
    let decide = |decision: &str| json!({ "message": message["id"], "message_version": message["version"], "decision": decision });
    assert_eq!(code(&act(serving, &ana, id, "decide-message", decide("refused")).await), (422, "invalid"));
    done(serving, &ana, id, "decide-message", decide("sent")).await;
    let again = act(serving, &ana, id, "decide-message", decide("sent")).await;
    assert_eq!(refusal(&again), "author_message_is_decided");
    assert_eq!(get(serving, "/staff/v1/author-messages", &ana).await.1["items"], json!([]));

    // Numbers in a row are flagged, shown apart, and counted once somebody looked.
    for number in 0..16 {
        signs(serving, &format!("+5275799900{number:02}"), id).await;
    }
    told(serving).await;
    let demand = read(serving, &ana, id).await;
    let support = &demand["row"]["support"];
    assert_eq!((&support["flagged"], &support["total"]), (&json!(16), &json!(3)), "{support}");
    assert_eq!(demand["flags"], json!({ "velocity": 0, "range": 15, "new_senders": 0 }));
    assert_eq!(count(serving, &ana, "flagged").await, 1);
    let clear = |flags: Value| json!({ "flags": flags, "reason": "llamamos a cinco" });
    for wrong in [json!([]), json!(["machines"])] {
        assert_eq!(code(&act(serving, &ana, id, "clear-flags", clear(wrong)).await), (422, "invalid"));
    }
    done(serving, &ana, id, "clear-flags", clear(json!(["velocity"]))).await;
    assert_eq!(count(serving, &ana, "flagged").await, 1);
    done(serving, &ana, id, "clear-flags", clear(json!(["range"]))).await;
    assert_eq!(count(serving, &ana, "flagged").await, 0);
    let support = read(serving, &ana, id).await["row"]["support"].clone();
    assert_eq!((&support["flagged"], &support["total"]), (&json!(0), &json!(19)), "{support}");

    // A moderator refuses one.
    let bad = written(serving, TLAPA, 402, 900, "Fuera el comisario Juan").await;
    let silent = act(serving, &ana, bad, "reject", json!({ "reason": "" })).await;
    assert_eq!(code(&silent), (422, "invalid"));
    assert_eq!(
        done(serving, &ana, bad, "reject", json!({ "reason": "Nombra a una persona" })).await,
        "rejected"
    );
    let again = act(serving, &ana, bad, "publish", json!({})).await;
    assert_eq!(refusal(&again), "demand_transition");

    let trail = store.list_audit(&Filter::default(), 200).await.expect("the trail");
    for name in [
        "demand_acta_added",
        "demand_acta_called",
        "demand_acta_voided",
        "demand_endorsed",
        "demand_unendorsed",
        "demand_message_decided",
        "demand_flags_cleared",
        "demand_rejected",
        "media_read",
    ] {
        assert!(trail.iter().any(|it| it.act == name && it.actor_id == Some(ana.id)), "{name}");
    }
});

demands_on_both!(many_with_one_complaint_become_a_demand_that_can_be_merged_and_parted, |serving| {
    let ana = both(serving, TLAPA).await;
    let mut cases = Vec::new();
    for number in 0..3 {
        cases.push(complains(serving, &ana, walk_in(TLAPA, 60 + number, "named")).await);
    }
    let hidden = complains(serving, &ana, walk_in(TLAPA, 70, "hidden_from_all")).await;
    let elsewhere = both(serving, OTHER).await;
    let away = complains(serving, &elsewhere, walk_in(OTHER, 71, "named")).await;
    let new = |cases: Value| {
        json!({ "municipality": TLAPA, "topic": "agua", "office": "public_works", "text": "Agua diario en San José",
            "cases": cases })
    };
    let open =
        async |who: &Person, body: Value| write(serving, Method::POST, "/staff/v1/demands", who, &body).await;
    for wrong in [json!([]), json!([hidden]), json!([away]), json!([Uuid::from_u128(9)])] {
        let answer = open(&ana, new(wrong.clone())).await;
        assert_eq!((code(&answer), &answer.1["field"]), ((422, "invalid"), &json!("cases")), "{wrong}");
    }
    for (field, value) in [
        ("topic", json!("nada")),
        ("office", json!("nowhere")),
        ("text", json!("corto")),
        ("text", json!("dos líneas\nde texto largo")),
        ("text", json!("x".repeat(81))),
        ("text", json!("Agua diario en San José \u{1f6b0}")),
        ("text", json!("Agua diario, llamen al 757 123 4567")),
    ] {
        let mut wrong = new(json!(cases));
        wrong[field] = value;
        let answer = open(&ana, wrong).await;
        assert_eq!((code(&answer), &answer.1["field"]), ((422, "invalid"), &json!(field)));
    }
    assert_eq!(code(&open(&elsewhere, new(json!(cases))).await), (403, "not_allowed"));

    // Twice at once is once.
    let same = key();
    let body = new(json!(cases[..2]));
    let post = || {
        let request = call(serving, Method::POST, "/staff/v1/demands", Some(&ana.token));
        request.header("Idempotency-Key", &same).json(&body)
    };
    let (one, two) = tokio::join!(send(post()), send(post()));
    assert_eq!(one.0, 201, "{}", one.1);
    assert_eq!(one, two);
    assert_eq!(count(serving, &ana, "collecting").await, 1);
    let id: Uuid = one.1["id"].as_str().and_then(|it| it.parse().ok()).expect("an id");
    let demand = read(serving, &ana, id).await;
    assert!(demand["author"].is_null());
    // Nobody is joined: each is asked.
    assert_eq!(demand["row"]["support"]["total"], 0);
    assert_eq!(fields(&demand["notices"], "kind").iter().filter(|it| *it == "invited").count(), 1);
    assert_eq!((demand["cases"].as_array().map(Vec::len), &demand["linked"]), (Some(2), &json!(2)));
    assert!(demand["row"]["threshold"].as_u64().is_some_and(|it| it >= 25), "of the people who live there");
    let path = |case: &Value| format!("/staff/v1/cases/{}/demands", case.as_str().expect("an id"));
    assert_eq!(get(serving, &path(&cases[0]), &ana).await.1["items"][0]["id"], json!(id));
    assert_eq!(get(serving, &path(&cases[2]), &ana).await.1["items"], json!([]));

    done(serving, &ana, id, "link-cases", json!({ "cases": [cases[2]], "invite": true })).await;
    done(serving, &ana, id, "unlink-case", json!({ "case": cases[0] })).await;
    let demand = read(serving, &ana, id).await;
    assert_eq!(demand["linked"], 2);
    let ids = fields(&demand["cases"], "id");
    assert!(!ids.contains(&cases[0].as_str().expect("an id").to_owned()), "{ids:?}");
    assert_eq!(
        code(&act(serving, &ana, id, "link-cases", json!({ "cases": [hidden] })).await),
        (422, "invalid")
    );

    // One that staff opened goes on in another at once; one of a citizen when she agrees.
    let other = public(serving, &ana, 501, 900).await;
    signs(serving, &phone(90), id).await;
    signs(serving, &phone(90), other).await;
    assert_eq!(read(serving, &ana, other).await["row"]["support"]["total"], 3, "not told for one alone");
    told(serving).await;
    let into = |other: Uuid| json!({ "into": other, "reason": "piden lo mismo" });
    assert_eq!(refusal(&act(serving, &ana, id, "merge", into(id)).await), "merge_same");
    assert_eq!(done(serving, &ana, other, "merge", into(id)).await, "collecting", "her author is asked");
    assert_eq!(refusal(&act(serving, &ana, other, "merge", into(id)).await), "merge_is_asked");
    assert_eq!(read(serving, &ana, other).await["merges"][0]["state"], "asked");
    assert_eq!(done(serving, &ana, id, "merge", into(other)).await, "merged");
    let root = read(serving, &ana, other).await;
    assert_eq!(root["row"]["support"]["total"], 4, "who signed both is one");
    let child = read(serving, &ana, id).await;
    assert_eq!((&child["row"]["state"], &child["row"]["merged_into"]), (&json!("merged"), &json!(other)));
    let back = json!({ "reason": "no era lo mismo" });
    assert_eq!(done(serving, &ana, id, "unmerge", back.clone()).await, "collecting");
    assert_eq!(read(serving, &ana, id).await["row"]["support"]["total"], 1);
    assert_eq!(read(serving, &ana, other).await["row"]["support"]["total"], 4);
    assert_eq!(refusal(&act(serving, &ana, id, "unmerge", back).await), "demand_transition");
    let far = written(serving, OTHER, 502, 900, "Pozo en otra parte del mundo").await;
    assert_eq!(code(&act(serving, &ana, id, "merge", into(far)).await), (404, "not_found"));
});

demands_on_both!(who_saw_an_old_version_gets_the_demand_as_it_is, |serving| {
    let (ana, eva) = (both(serving, TLAPA).await, both(serving, TLAPA).await);
    let id = public(serving, &ana, 601, 900).await;
    let version = read(serving, &eva, id).await["row"]["version"].clone();
    // A support is no change.
    signs(serving, &phone(80), id).await;
    assert_eq!(read(serving, &eva, id).await["row"]["version"], version);
    let endorse = json!({ "version": version, "organisation": "Comité" });
    let same = key();
    let path = format!("/staff/v1/demands/{id}/endorse");
    let post = |who: &Person| {
        call(serving, Method::POST, &path, Some(&who.token)).header("Idempotency-Key", &same).json(&endorse)
    };
    let (one, two) = tokio::join!(send(post(&ana)), send(post(&ana)));
    assert_eq!(one.0, 200, "{}", one.1);
    assert_eq!(one, two);
    let late = send(post(&eva)).await;
    assert_eq!(code(&late), (409, "version_conflict"));
    assert_eq!(late.1["current"], read(serving, &eva, id).await["row"]);
    let keyless = call(serving, Method::POST, &path, Some(&ana.token)).json(&endorse);
    assert_eq!(code(&send(keyless).await), (400, "idempotency_key_missing"));
    let mut more = endorse.clone();
    more["supporters"] = json!(true);
    assert_eq!(code(&act(serving, &ana, id, "endorse", more).await), (422, "invalid"));
});

demands_on_both!(a_leader_is_verified_after_a_call, |serving| {
    let ana = both(serving, TLAPA).await;
    let store = &serving.app.service().store;
    let mut contacts = Vec::new();
    for number in [10, 11] {
        let leading = Change::Leading { municipality: TLAPA.to_owned(), words: format!("Lupe {number}") };
        contacts.push(says(serving, &phone(number), leading).await.1);
        // Who asks in the same millisecond comes in no order.
        serving.clock.advance(1);
    }
    let (_, page) = get(serving, "/staff/v1/leaders?limit=1", &ana).await;
    let first = page["items"][0].clone();
    assert_eq!((&first["state"], &first["words"]), (&json!("asked"), &json!("Lupe 10")), "{page}");
    let next = page["next"].as_str().expect("another page");
    let (_, page) = get(serving, &format!("/staff/v1/leaders?after={next}"), &ana).await;
    let second = page["items"][0].clone();
    assert_eq!(second["words"], "Lupe 11");
    let path = |leader: &Value, act: &str| {
        format!("/staff/v1/leaders/{}/{act}", leader["id"].as_str().expect("an id"))
    };

    // To call her, her number is shown for a reason.
    let reveal = path(&first, "reveal");
    let ask = |who: &Person, reason: &str| {
        send(call(serving, Method::POST, &reveal, Some(&who.token)).json(&json!({ "reason": reason })))
    };
    assert_eq!(code(&ask(&ana, " ").await), (422, "invalid"));
    assert_eq!(ask(&ana, "verificar").await, (200, json!({ "address": phone(10), "in_hour": 1 })));
    let moderator = person(serving, &[("moderator", "country")]).await;
    assert_eq!(code(&ask(&moderator, "verificar").await), (403, "not_allowed"));
    let elsewhere = both(serving, OTHER).await;
    assert_eq!(code(&ask(&elsewhere, "verificar").await), (404, "not_found"));
    let decide = async |who: &Person, leader: &Value, body: Value| {
        write(serving, Method::POST, &path(leader, "decide"), who, &body).await
    };
    let yes = json!({ "version": 1, "decision": "verified" });
    assert_eq!(code(&decide(&elsewhere, &first, yes.clone()).await), (404, "not_found"));
    let (status, decided) = decide(&ana, &first, yes.clone()).await;
    assert_eq!((status, &decided["state"]), (200, &json!("verified")), "{decided}");
    assert_eq!(store.is_verified_contact(contacts[0]).await, Ok(true));
    let late = decide(&ana, &first, yes).await;
    assert_eq!((code(&late), &late.1["current"]["state"]), ((409, "version_conflict"), &json!("verified")));
    let no = |reason: Option<&str>| json!({ "version": 1, "decision": "refused", "reason": reason });
    assert_eq!(code(&decide(&ana, &second, no(None)).await), (422, "invalid"));
    let (_, refused) = decide(&ana, &second, no(Some("No contestó"))).await;
    assert_eq!((&refused["state"], &refused["reason"]), (&json!("refused"), &json!("No contestó")));
    assert_eq!(store.is_verified_contact(contacts[1]).await, Ok(false));
    assert_eq!(get(serving, "/staff/v1/leaders", &ana).await.1["items"], json!([]));
    let (_, page) = get(serving, "/staff/v1/leaders?state=refused", &ana).await;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(1));

    // What a verified number signs from then on counts as verified: what it had signed is told to nobody by that.
    // She is known from a demand or a case.
    let id = public(serving, &ana, 831, 900).await;
    let author = read(serving, &ana, id).await["author"]["contact"].as_str().expect("an id").to_owned();
    let verify = async |who: &Person, contact: &str, body: Value| {
        let path = format!("/staff/v1/contacts/{contact}/verify");
        write(serving, Method::POST, &path, who, &body).await
    };
    let from = json!({ "demand": id, "reason": "contestó y dijo su demanda" });
    assert_eq!(code(&verify(&elsewhere, &author, from.clone()).await), (404, "not_found"));
    let other = contacts[1].to_string();
    assert_eq!(code(&verify(&ana, &other, from.clone()).await), (404, "not_found"), "not its author");
    assert_eq!(code(&verify(&ana, &author, json!({ "reason": "porque sí" })).await), (422, "invalid"));
    let fresh = verify(&ana, &author, from.clone()).await;
    assert_eq!(fresh, (200, json!({ "contact": author, "fresh": true })));
    assert_eq!(verify(&ana, &author, from).await.1["fresh"], false);
    told(serving).await;
    let demand = read(serving, &ana, id).await;
    let support = &demand["row"]["support"];
    assert_eq!((&support["verified"], &support["phone"]), (&json!(0), &json!(3)), "{support}");
    assert_eq!(demand["author"]["verified"], true);
    let made = complains(serving, &ana, walk_in(TLAPA, 45, "named")).await;
    let person = store.find_contact("kannel", &phone(45)).await.expect("a store").expect("one").to_string();
    let from = json!({ "case": made, "reason": "vino a la ventanilla" });
    assert_eq!(verify(&ana, &person, from).await.0, 200);
    let hidden = complains(serving, &ana, walk_in(TLAPA, 46, "hidden_from_all")).await;
    let person = store.find_contact("kannel", &phone(46)).await.expect("a store").expect("one").to_string();
    let from = json!({ "case": hidden, "reason": "vino a la ventanilla" });
    assert_eq!(code(&verify(&ana, &person, from).await), (404, "not_found"), "nobody sees her number");
    let trail = store.list_audit(&Filter::default(), 200).await.expect("the trail");
    for (name, times) in [("leader_decided", 2), ("number_revealed", 1), ("number_verified", 3)] {
        assert_eq!(trail.iter().filter(|it| it.act == name).count(), times, "{name}");
    }
});
