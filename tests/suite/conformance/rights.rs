//! What a person asks for about her data: codes, requests and their clock.

use cabildo_bot::channels::render::{Rendered, ReplyKind};
use cabildo_bot::domain::privacy::{CODE_LASTS, CODES_A_DAY, Deadlines, Right};
use cabildo_bot::domain::time::{DAY, UnixMillis};
use cabildo_bot::store::audit::{Filter, New as Audit};
use cabildo_bot::store::desk::Within;
use cabildo_bot::store::inbox::{self, Outcome};
use cabildo_bot::store::outbox::NewReply;
use cabildo_bot::store::privacy::{Change, Decide, NewRequest, Request, RequestState, Standing};
use cabildo_bot::store::staff::Answer;
use cabildo_bot::store::{AddressKeys, Error, Store};
use cabildo_tests::cases::{Town, officer};
use cabildo_tests::stores::{TestStore, inbound};
use uuid::Uuid;

const ANA: &str = "+525500000001";
const EVA: &str = "+525500000002";

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A message of a phone that changes something of its rights.
async fn write(
    store: &Store,
    phone: &str,
    number: u128,
    at: UnixMillis,
    change: Change,
) -> Result<(), Error> {
    let known = store.find_contact("kannel", phone).await?;
    let version = match known {
        Some(known) => store.find_conversation(known).await?.version,
        None => 0,
    };
    let message = inbox::NewInbound { received_at: at, ..inbound(phone, &format!("p{number}"), "x") };
    let outcome = Outcome {
        state: "{}".to_owned(),
        version,
        changes: vec![inbox::Change::Privacy(Box::new(change))],
        replies: Vec::new(),
        at,
        counters: None,
        folded_into: None,
    };
    let contact = known.unwrap_or(id(number + 10_000));
    store.answer_inbound(message, id(number), contact, outcome).await.map(drop)
}

fn sent(store: &Store, number: u128, right: Right, code: &str) -> Change {
    let rendered = Rendered {
        kind: ReplyKind::Notice,
        text: format!("Tu clave es {code}"),
        municipality: None,
        choices: Vec::new(),
        edit: false,
        segments: 1,
        picture: None,
    };
    let key = store.privacy_hash(right, code).expect("a hash");
    Change::CodeSent { right, key, told: NewReply { id: id(number + 20_000), rendered } }
}

fn asked(number: u128, right: Right, place: &str, due: UnixMillis) -> Change {
    Change::Asked(NewRequest {
        id: id(number),
        right,
        channel: "sms",
        municipality: place.to_owned(),
        locale: None,
        text: "mi colonia es otra".to_owned(),
        answered: right == Right::Access,
        deadlines: Deadlines { first_alarm: due.plus(-10 * DAY), second_alarm: due.plus(-5 * DAY), due },
        erase_at: (right == Right::Erasure).then_some(due.plus(-19 * DAY)),
    })
}

async fn standing(test: &TestStore, phone: &str, code: &str, at: UnixMillis) -> Standing {
    let contact = test.store.find_contact("kannel", phone).await.expect("read");
    test.store.check_privacy_code(contact, Some(code), at).await.expect("checked")
}

both!(a_code_is_worth_something_to_its_number_for_its_purpose_and_once, |test| {
    let at = Town::new(&test.store).now;
    assert!(test.store.check_privacy_code(None, None, at).await.expect("checked").may_give);
    write(&test.store, ANA, 1, at, sent(&test.store, 1, Right::Erasure, "482913")).await.expect("sent");
    write(&test.store, EVA, 2, at, sent(&test.store, 2, Right::Access, "111111")).await.expect("sent");
    // It goes to the number, by a message of its own, and lies nowhere in clear.
    let contact = test.store.find_contact("kannel", ANA).await.expect("read").expect("a contact");
    assert_eq!(test.number("SELECT COUNT(*) FROM outbox WHERE way = 'push' AND state = 'queued'").await, 2);
    for column in ["outbox.body", "privacy_codes.kind", "events.kind"] {
        let (table, name) = column.split_once('.').expect("a column");
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {name} LIKE '%482913%'");
        assert_eq!(test.number(&sql).await, 0, "{column}");
    }
    let claimed = Town::new(&test.store).due_texts().await;
    assert!(claimed.contains(&"Tu clave es 482913".to_owned()), "{claimed:?}");

    let fits = standing(&test, ANA, "482913", at).await;
    assert_eq!((fits.right, fits.waits), (Some(true), Some(Right::Erasure)));
    assert_eq!(standing(&test, ANA, "482914", at).await.right, Some(false));
    assert_eq!(standing(&test, EVA, "482913", at).await.right, Some(false), "another number's");
    assert_eq!(standing(&test, ANA, "482913", at.plus(CODE_LASTS)).await.right, Some(false), "over");
    write(&test.store, ANA, 3, at, Change::CodeUsed).await.expect("used");
    assert_eq!(standing(&test, ANA, "482913", at).await.right, Some(false), "used");
    let again = write(&test.store, ANA, 4, at, Change::CodeUsed).await;
    assert_eq!(again, Err(Error::Conflict));
    test.store.erase_contact(contact, None, at).await.expect("erased");
    assert_eq!(test.number("SELECT COUNT(*) FROM privacy_codes").await, 1);
});

both!(three_wrong_codes_end_it_and_so_do_five_codes_a_day, |test| {
    let at = Town::new(&test.store).now;
    write(&test.store, ANA, 1, at, sent(&test.store, 1, Right::Access, "482913")).await.expect("sent");
    for number in 2..5 {
        assert!(!standing(&test, ANA, "482913", at).await.too_many);
        write(&test.store, ANA, number, at, Change::CodeWrong).await.expect("noted");
    }
    assert!(standing(&test, ANA, "482913", at).await.too_many);
    // Another code does not help within the ten minutes.
    write(&test.store, ANA, 5, at, sent(&test.store, 5, Right::Access, "222222")).await.expect("sent");
    assert!(standing(&test, ANA, "222222", at).await.too_many);
    let later = at.plus(CODE_LASTS);
    write(&test.store, ANA, 6, later, sent(&test.store, 6, Right::Access, "333333")).await.expect("sent");
    let fits = standing(&test, ANA, "333333", later).await;
    assert_eq!((fits.too_many, fits.right, fits.may_give), (false, Some(true), true));
    for number in 0..(CODES_A_DAY as u128 - 3) {
        let change = sent(&test.store, 7 + number, Right::Access, "444444");
        write(&test.store, ANA, 7 + number, later, change).await.expect("sent");
    }
    assert!(!standing(&test, ANA, "444444", later).await.may_give);
    assert!(standing(&test, ANA, "444444", later.plus(DAY)).await.may_give);
});

both!(a_request_waits_for_its_person_and_its_term, |test| {
    let town = Town::new(&test.store);
    let at = town.now;
    let due = at.plus(28 * DAY);
    write(&test.store, ANA, 1, at, asked(1, Right::Correction, "12066", due.plus(1))).await.expect("asked");
    write(&test.store, EVA, 2, at, asked(2, Right::Correction, "20570", due)).await.expect("asked");
    write(&test.store, ANA, 3, at, asked(3, Right::Access, "", due)).await.expect("asked");
    write(&test.store, ANA, 4, at, asked(4, Right::Erasure, "12066", due.plus(2))).await.expect("asked");
    assert_eq!(test.number("SELECT COUNT(*) FROM privacy_requests WHERE text LIKE '%colonia%'").await, 0);

    let ids = |all: Vec<Request>| all.iter().map(|it| it.id.as_u128()).collect::<Vec<_>>();
    let list = async |state, within: Within, after, limit| {
        ids(test.store.list_requests(state, &within, after, limit).await.expect("a list"))
    };
    assert_eq!(list(RequestState::Open, Within::country(), None, 9).await, [2, 1, 4]);
    assert_eq!(list(RequestState::Open, Within::country(), None, 2).await, [2, 1]);
    let after = Some((due.plus(1).0, id(1)));
    assert_eq!(list(RequestState::Open, Within::country(), after, 9).await, [4]);
    assert_eq!(list(RequestState::Open, Within::municipality("20570"), None, 9).await, [2]);
    assert_eq!(list(RequestState::Open, Within::municipality("12"), None, 9).await, [1, 4]);
    assert_eq!(list(RequestState::Done, Within::country(), None, 9).await, [3]);
    // One whose home is not known is for the country alone.
    assert!(list(RequestState::Done, Within::municipality("12066"), None, 9).await.is_empty());
    let one = test.store.find_request(id(1)).await.expect("read").expect("a request");
    assert_eq!((one.text.as_str(), one.version, one.due_at), ("mi colonia es otra", 1, due.plus(1).0));

    let contact = town.contact(ANA).await;
    let open =
        async |right| test.store.find_open_request(contact, right).await.expect("read").map(|it| it.id);
    assert_eq!(open(Right::Correction).await, Some(id(1)));
    assert_eq!(open(Right::Access).await, None);
    let kept = test.store.kept_of(contact, at).await.expect("counts");
    assert_eq!((kept.contacts, kept.cases, kept.open, kept.consent), (1, 0, 0, 0));
    assert_eq!(kept.stopped_at, Some(at.0), "nothing goes out unasked any more");

    for (days, first, second, overdue) in [(17, 0, 0, 0), (19, 3, 0, 0), (24, 3, 3, 0), (29, 3, 3, 3)] {
        let waiting = test.store.count_waiting_requests(at.plus(days * DAY)).await.expect("counted");
        assert_eq!((waiting.first, waiting.second, waiting.overdue), (first, second, overdue), "{days} days");
    }

    assert!(!kept.held);

    // The erasure waits until no case of hers is open.
    let case = town.open(ANA, town.case("no hay agua")).await;
    let due_erasures = async |at| test.store.due_erasures(at, 9).await.expect("read").len();
    assert_eq!(test.store.open_folios(contact).await.expect("read").0.len(), 1);
    assert_eq!(due_erasures(at.plus(10 * DAY)).await, 0);
    town.act(
        officer(1),
        case,
        cabildo_bot::store::cases::Act::SetState {
            to: cabildo_bot::domain::case::CaseState::ClosedUnfixed,
            with: Box::new(cabildo_bot::store::cases::Closing {
                reason: Some("no se puede".to_owned()),
                ..Default::default()
            }),
        },
    )
    .await
    .expect("closed");
    assert_eq!(due_erasures(at.plus(10 * DAY)).await, 1);
    assert_eq!(due_erasures(at).await, 0);
    test.store.finish_request(id(4), None, at.plus(10 * DAY)).await.expect("finished");
    assert_eq!(due_erasures(at.plus(10 * DAY)).await, 0);
    let done = test.store.find_request(id(4)).await.expect("read").expect("a request");
    assert_eq!((done.state.as_str(), done.text.as_str()), ("done", ""));
});

both!(a_decision_is_kept_once_with_its_entry, |test| {
    let at = Town::new(&test.store).now;
    write(&test.store, ANA, 1, at, asked(1, Right::Correction, "12066", at.plus(28 * DAY)))
        .await
        .expect("asked");
    write(&test.store, EVA, 2, at, asked(2, Right::Erasure, "12066", at.plus(28 * DAY)))
        .await
        .expect("asked");
    let decide = async |number, version, state| {
        let audit = Audit {
            actor_id: Some(officer(1)),
            act: "privacy_decided",
            target_kind: "privacy_request",
            target_id: id(number).to_string(),
            detail: serde_json::json!({}),
            at,
        };
        let write =
            test.store.staff_write(None, audit, |_: &Request| Answer { status: 200, body: String::new() });
        let reason = "ya quedo".to_owned();
        let it = Decide { id: id(number), version, state, reason, by: officer(1), told: None, at };
        test.store.decide_request(it, write).await
    };
    assert_eq!(decide(1, 2, RequestState::Done).await.map(|it| it.version), Err(Error::Conflict));
    assert_eq!(decide(9, 1, RequestState::Done).await.map(|it| it.version), Err(Error::NotFound));
    let done = decide(1, 1, RequestState::Done).await.expect("decided");
    assert_eq!((done.state.as_str(), done.reason.as_deref(), done.version), ("done", Some("ya quedo"), 2));
    assert_eq!(decide(1, 2, RequestState::Refused).await.map(|it| it.version), Err(Error::Conflict));
    assert_eq!(test.number("SELECT COUNT(*) FROM privacy_requests WHERE reason LIKE '%quedo%'").await, 0);
    // An erasure is due at once, and open until it is done.
    assert_eq!(test.store.due_erasures(at, 9).await.expect("read").len(), 0);
    let hastened = decide(2, 1, RequestState::Done).await.expect("decided");
    assert_eq!((hastened.state.as_str(), hastened.erase_at), ("open", Some(at.0)));
    assert_eq!(test.store.due_erasures(at, 9).await.expect("read").len(), 1);
    let entries = test.store.list_audit(&Filter::default(), 9).await.expect("the trail");
    assert_eq!(entries.iter().filter(|it| it.act == "privacy_decided").count(), 2);
});

both!(keys_of_cases_drafts_and_requests_are_sealed_anew, |test| {
    use cabildo_bot::domain::case::Confidentiality;
    use cabildo_bot::store::cases::NewCase;
    use cabildo_bot::store::desk::drafts::DraftKind;
    let town = Town::new(&test.store);
    let at = town.now;
    let closed = NewCase { confidentiality: Confidentiality::Confidential, ..town.case("me pega") };
    let case = town.open(ANA, closed).await;
    write(&test.store, ANA, 1, at, asked(1, Right::Correction, "12066", at.plus(28 * DAY)))
        .await
        .expect("asked");
    let draft = test.store.put_draft(id(3), officer(1), case, DraftKind::Note, "borrador", at);
    draft.await.expect("a draft");
    let old = AddressKeys::load_or_make(&test.key_file(), false).expect("the keys");
    let newer = old.rotated().expect("new keys");
    newer.replace_file(&test.key_file()).expect("written");
    test.store.learn_keys(&newer, at).await.expect("learned");
    test.store.adopt_keys(&newer);
    while test.store.reseal_addresses(10).await.expect("sealed anew") > 0 {}
    let (mut anew, mut place) = (0, cabildo_bot::store::rotation::TextPlace::default());
    while let Some(count) = test.store.reseal_texts(1, &mut place).await.expect("sealed anew") {
        anew += count;
    }
    assert_eq!(anew, 3);
    for sql in
        ["SELECT key_sealed FROM cases", "SELECT text FROM drafts", "SELECT text FROM privacy_requests"]
    {
        let texts = test.texts(sql).await;
        assert!(texts.iter().all(|it| it.starts_with("\u{1}2.")), "{sql}: {texts:?}");
    }
    let thread = test.store.list_case_messages(case, None, 9, true).await.expect("a thread");
    assert_eq!(thread[0].text.as_deref(), Some("me pega"));
    let drafts = test.store.list_drafts_of(officer(1), case).await.expect("drafts");
    assert_eq!(drafts[0].text, "borrador");
    let request = test.store.find_request(id(1)).await.expect("read").expect("a request");
    assert_eq!(request.text, "mi colonia es otra");
    // A key that only a case needed would be missed: it counts.
    let versions = test.store.list_text_versions().await.expect("versions");
    assert!(versions.contains(&2) && versions.contains(&1), "messages keep the old one: {versions:?}");
});
