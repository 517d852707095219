//! What staff keep beside the cases: documents, drafts, groups of texts, held sends.

use cabildo_bot::channels::render::{Rendered, ReplyKind};
use cabildo_bot::domain::purpose::Purpose;
use cabildo_bot::domain::time::{HOUR, UnixMillis};
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::store::desk::Within;
use cabildo_bot::store::desk::drafts::DraftKind;
use cabildo_bot::store::desk::entries::{Kind, Write};
use cabildo_bot::store::desk::held::{HELD_FOR, Part, Send, TakenBack};
use cabildo_bot::store::desk::unknown::Outcome as Became;
use cabildo_bot::store::inbox::{Change, Outcome};
use cabildo_bot::store::outbox::NewOutbound;
use cabildo_bot::store::{Error, Store};
use cabildo_tests::stores::{START, inbound};
use uuid::Uuid;

const ME: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);
const CASE: Uuid = Uuid::from_u128(3);

fn at(ms: i64) -> UnixMillis {
    UnixMillis(START.0 + ms)
}

fn office(municipality: &str, code: &str, version: i64) -> Write {
    Write {
        id: Uuid::from_u128(municipality.parse::<u128>().unwrap_or(0) * 100 + code.len() as u128),
        kind: Kind::Office,
        municipality: municipality.to_owned(),
        owner_id: Uuid::nil(),
        code: code.to_owned(),
        body: format!(r#"{{"version":{version}}}"#),
        by: ME,
        version,
        at: at(version),
    }
}

/// A contact that wrote, with the home that its conversation remembers; nobody understood it.
async fn misunderstood(store: &Store, phone: &str, id: u128, text: &str, home: Option<&str>) -> (Uuid, Uuid) {
    let (message, contact) = (Uuid::from_u128(id), Uuid::from_u128(id + 1_000_000));
    let version = match store.find_contact("kannel", phone).await.expect("a store") {
        Some(contact) => store.find_conversation(contact).await.expect("a conversation").version,
        None => 0,
    };
    let conversation = Conversation { home: home.map(str::to_owned), ..Conversation::default() };
    let outcome = Outcome {
        state: serde_json::to_string(&conversation).expect("JSON"),
        version,
        changes: vec![Change::NotUnderstood],
        replies: Vec::new(),
        counters: None,
        folded_into: None,
        at: at(id as i64),
    };
    let mut message_in = inbound(phone, &id.to_string(), text);
    message_in.received_at = at(id as i64);
    store.answer_inbound(message_in, message, contact, outcome).await.expect("kept");
    (message, store.find_contact("kannel", phone).await.expect("a store").expect("a contact"))
}

fn outbound(id: u128, contact_id: Uuid, until: UnixMillis) -> NewOutbound {
    let rendered = Rendered {
        kind: ReplyKind::Notice,
        text: "mañana".to_owned(),
        municipality: None,
        choices: Vec::new(),
        edit: false,
        segments: 1,
        picture: None,
    };
    NewOutbound {
        id: Uuid::from_u128(id),
        contact_id,
        purpose: Purpose::Reply,
        campaign: None,
        rendered,
        not_before: until,
        at: START,
    }
}

fn send(id: u128, municipality: &str, messages: Vec<NewOutbound>) -> Send {
    Send {
        id: Uuid::from_u128(id),
        case_id: Some(CASE),
        municipality: municipality.to_owned(),
        staff_id: ME,
        message_id: None,
        undo: "{}".to_owned(),
        version: 2,
        messages,
        until: at(HELD_FOR),
        at: START,
    }
}

both!(a_document_is_written_by_who_saw_its_last_version, |test| {
    let store = &test.store;
    let empty = store.desk_stamp().await.expect("a stamp");
    let first = store.put_entry(office("12066", "water", 0)).await.expect("written");
    assert_eq!((first.version, first.updated_by, first.created_at), (1, ME, START.0));
    let again = store.put_entry(office("12066", "water", 0)).await;
    assert_eq!(again, Err(Error::Conflict), "there is one already");
    let second = store.put_entry(office("12066", "water", 1)).await.expect("written");
    assert_eq!((second.id, second.version, second.updated_at), (first.id, 2, at(1).0));
    assert_eq!(
        store.put_entry(office("12066", "water", 1)).await,
        Err(Error::Conflict),
        "somebody was first"
    );
    store.put_entry(office("20570", "water", 0)).await.expect("written");
    let codes = |found: Vec<cabildo_bot::store::desk::entries::Entry>| {
        found.into_iter().map(|it| format!("{}/{}", it.municipality, it.code)).collect::<Vec<_>>()
    };
    assert_eq!(
        codes(store.list_entries(Kind::Office).await.expect("a list")),
        ["12066/water", "20570/water"]
    );
    assert_eq!(codes(store.list_entries_of(Kind::Office, "20570").await.expect("a list")), ["20570/water"]);
    assert!(store.list_entries(Kind::Category).await.expect("a list").is_empty());
    assert_eq!(store.find_entry(Kind::Office, first.id).await, Ok(Some(second.clone())));
    assert_eq!(store.find_entry(Kind::Canned, first.id).await, Ok(None), "another kind");
    let before = store.desk_stamp().await.expect("a stamp");
    assert_ne!(before, empty);
    assert_eq!(store.delete_entry(Kind::Office, first.id, 1).await, Err(Error::Conflict));
    store.delete_entry(Kind::Office, first.id, 2).await.expect("removed");
    assert_ne!(store.desk_stamp().await.expect("a stamp"), before);
    assert_eq!(store.find_entry(Kind::Office, first.id).await, Ok(None));
});

both!(each_has_her_own_views, |test| {
    let store = &test.store;
    for (id, owner, name) in [(1, ME, "baches"), (2, ME, "agua"), (3, OTHER, "baches")] {
        let mut view = office("", name, 0);
        (view.id, view.kind, view.owner_id) = (Uuid::from_u128(id), Kind::View, owner);
        store.put_entry(view).await.expect("written");
    }
    let mine = store.list_entries_owned(Kind::View, ME).await.expect("a list");
    assert_eq!(mine.iter().map(|it| it.code.as_str()).collect::<Vec<_>>(), ["agua", "baches"]);
});

both!(a_draft_is_sealed_and_the_last_writing_stays, |test| {
    let store = &test.store;
    let secret = "canario: la señora del 12";
    store.put_draft(Uuid::from_u128(10), ME, CASE, DraftKind::Reply, "una", at(1)).await.expect("kept");
    store.put_draft(Uuid::from_u128(11), ME, CASE, DraftKind::Reply, secret, at(2)).await.expect("kept");
    let late = store.put_draft(Uuid::from_u128(12), ME, CASE, DraftKind::Reply, "vieja", at(1)).await;
    assert_eq!(late, Err(Error::Conflict), "an older writing that came late");
    store.put_draft(Uuid::from_u128(13), ME, CASE, DraftKind::Note, "nota", at(3)).await.expect("kept");
    store.put_draft(Uuid::from_u128(14), OTHER, CASE, DraftKind::Reply, "otra", at(4)).await.expect("kept");
    let drafts = store.list_drafts_of(ME, CASE).await.expect("drafts");
    let shown: Vec<_> = drafts.iter().map(|it| (it.kind.as_str(), it.text.as_str(), it.version)).collect();
    assert_eq!(shown, [("note", "nota", 1), ("reply", secret, 2)]);
    assert!(!format!("{drafts:?}").contains("canario"));
    let stored = test.texts("SELECT text FROM drafts").await;
    assert!(stored.iter().all(|it| it.starts_with('\u{1}')), "sealed");
    assert_eq!(store.list_other_writers(CASE, ME, at(0)).await, Ok(vec![(OTHER, at(4).0)]));
    assert_eq!(store.list_other_writers(CASE, ME, at(5)).await, Ok(Vec::new()));
    store.delete_draft(ME, CASE, DraftKind::Reply).await.expect("removed");
    let left = store.list_drafts(ME).await.expect("drafts");
    assert_eq!(left.iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), ["nota"]);
});

both!(texts_that_say_the_same_are_one_group, |test| {
    let store = &test.store;
    misunderstood(store, "+525511110001", 1, "¿A qué hora abren?", Some("12066")).await;
    let (last, writer) = misunderstood(store, "+525511110002", 2, "a que hora abren", Some("12066")).await;
    misunderstood(store, "+525511110003", 3, "a que hora abren", Some("20570")).await;
    misunderstood(store, "+525511110004", 4, "zzz \u{202e}\u{1b}[31m", None).await;
    store.group_unknown().await.expect("grouped");
    store.group_unknown().await.expect("grouped once");
    let everywhere = store.list_unknown(Became::Waiting, &Within::country(), None, 10).await.expect("a list");
    let shown: Vec<_> = everywhere.iter().map(|it| (it.municipality.as_str(), it.messages)).collect();
    assert_eq!(shown, [("", 1), ("20570", 1), ("12066", 2)], "the newest first");
    assert_eq!(everywhere[0].text.as_deref(), Some("zzz \u{202e}\u{1b}[31m"), "as it came: data");
    let mine =
        store.list_unknown(Became::Waiting, &Within::municipality("12066"), None, 10).await.expect("a list");
    assert_eq!(mine.len(), 1, "no other municipality's, and none without");
    let group = &mine[0];
    assert_eq!((group.inbox_id, group.first_at, group.last_at), (Some(last), at(1).0, at(2).0));
    let page = store.list_unknown(Became::Waiting, &Within::country(), None, 1).await.expect("a list");
    let before = Some((page[0].last_at, page[0].id));
    let next = store.list_unknown(Became::Waiting, &Within::country(), before, 10).await.expect("a list");
    assert_eq!(next, everywhere[1..]);

    let writers = store.list_unknown_writers(group.id, at(2), 10).await.expect("writers");
    assert_eq!(writers, [(writer, last)], "who wrote before is not answered");
    assert_eq!(store.list_unknown_writers(group.id, at(0), 10).await.map(|it| it.len()), Ok(2));
    let words = store.list_unknown_words(group.id, at(2), 10).await.expect("words");
    assert_eq!(words, [(writer, last, "a que hora abren".to_owned())]);
    store.decide_unknown(group.id, group.version, Became::Answered, ME).await.expect("decided");
    let again = store.decide_unknown(group.id, group.version, Became::Dismissed, ME).await;
    assert_eq!(again, Err(Error::Conflict));
    let absent = store.decide_unknown(Uuid::from_u128(99), 1, Became::Dismissed, ME).await;
    assert_eq!(absent, Err(Error::NotFound));
    let decided = store.find_unknown(group.id).await.expect("a store").expect("a group");
    assert_eq!((decided.state.as_str(), decided.decided_by), ("answered", Some(ME)));
    // The same text again: it waits anew.
    misunderstood(store, "+525511110005", 5, "A que hora ABREN", Some("12066")).await;
    store.group_unknown().await.expect("grouped");
    let anew = store.find_unknown(group.id).await.expect("a store").expect("a group");
    assert_eq!((anew.state.as_str(), anew.messages), ("waiting", 3));
});

both!(a_send_can_be_taken_back_while_it_is_held, |test| {
    let store = &test.store;
    let (_, contact) = misunderstood(store, "+525511110001", 1, "hola hola hola", None).await;
    let until = at(HELD_FOR);
    for id in [100, 200] {
        let messages = vec![outbound(id + 1, contact, until)];
        assert_eq!(store.add_held(send(id, "12066", messages)).await, Ok(1));
    }
    let lines = |part, within: Within, now| async move {
        let found = store.list_outbox(part, &within, None, 10, now).await.expect("a list");
        found.into_iter().map(|it| it.id.as_u128()).collect::<Vec<_>>()
    };
    assert_eq!(lines(Part::Held, Within::country(), at(1)).await, [201, 101]);
    assert!(lines(Part::Held, Within::municipality("20570"), at(1)).await.is_empty(), "not of others");
    let taken = store.take_back_held(Uuid::from_u128(100), at(HELD_FOR - 1)).await.expect("a store");
    let TakenBack::Done(held) = taken else { panic!("{taken:?}") };
    assert_eq!((held.case_id, held.version), (Some(CASE), 2));
    assert_eq!(store.take_back_held(Uuid::from_u128(100), at(2)).await, Ok(TakenBack::Before));
    assert_eq!(store.take_back_held(Uuid::from_u128(200), until).await, Ok(TakenBack::TooLate));
    assert_eq!(store.take_back_held(Uuid::from_u128(300), until).await, Ok(TakenBack::NotThere));
    let states = test.texts("SELECT state FROM outbox WHERE purpose = 'reply' ORDER BY id").await;
    assert_eq!(states, ["cancelled", "queued"]);
    assert!(lines(Part::Held, Within::country(), until).await.is_empty());
    assert_eq!(lines(Part::Sent, Within::country(), until).await, [201]);
    assert!(lines(Part::Failed, Within::country(), until).await.is_empty());
    let found = store.find_held_of(Uuid::from_u128(201)).await.expect("a store").expect("a send");
    assert_eq!(found.id, Uuid::from_u128(200));
    assert_eq!(store.find_held(found.id).await, Ok(Some(found.clone())));
    let of_case = store.list_held_of_case(CASE, 10).await.expect("a list");
    assert_eq!(of_case.iter().map(|it| it.state.as_str()).collect::<Vec<_>>(), ["sent", "taken_back"]);
});

both!(a_send_to_many_is_one_and_pages_lose_no_line, |test| {
    let store = &test.store;
    let mut messages = Vec::new();
    for id in 1..=3_u32 {
        let phone = format!("+52551111000{id}");
        let (_, contact) = misunderstood(store, &phone, u128::from(id), "lo mismo otra vez", None).await;
        messages.push(outbound(u128::from(id) + 500, contact, at(HELD_FOR)));
    }
    // A contact that left the channel gets nothing.
    store.note_membership("kannel", "+525511110003", true, at(10)).await.expect("noted");
    assert_eq!(store.add_held(send(100, "12066", messages)).await, Ok(2));
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = store.list_outbox(Part::Held, &Within::country(), before, 1, at(1)).await.expect("a list");
        let Some(line) = page.first() else { break };
        before = Some((line.held_id, line.id));
        seen.push(line.id.as_u128());
    }
    assert_eq!(seen, [502, 501]);
});

both!(looks_at_numbers_are_counted_by_the_hour, |test| {
    let store = &test.store;
    for (id, now, count) in [(1, at(0), 1), (2, at(1), 2), (3, at(HOUR), 2), (4, at(HOUR + 1), 2)] {
        assert_eq!(store.note_reveal(Uuid::from_u128(id), ME, now).await, Ok(count), "{id}");
    }
    assert_eq!(store.note_reveal(Uuid::from_u128(5), OTHER, at(HOUR)).await, Ok(1));
});
