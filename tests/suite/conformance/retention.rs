//! What is kept long enough ends, what is needed still stays, and erased people stay erased.

use cabildo_bot::config::Retention;
use cabildo_bot::domain::case::{CaseState, Confidentiality};
use cabildo_bot::domain::time::{DAY, UnixMillis};
use cabildo_bot::retention::{Ended, Job};
use cabildo_bot::store::audit::{Filter, New as Audit};
use cabildo_bot::store::cases::{Act, Change, Closing, NewCase};
use cabildo_bot::store::desk::drafts::DraftKind;
use cabildo_bot::store::{Location, Store, erasures, snapshot};
use cabildo_tests::cases::{Town, officer};
use cabildo_tests::stores::{START, TestStore};
use uuid::Uuid;

const ANA: &str = "+525500000001";
const EVA: &str = "+525500000002";
const LUZ: &str = "+525500000003";
const CANARY: &str = "canarioamarillo";

/// Where a word lies in clear: in the files of `SQLite`, in every text of every table of `PostgreSQL`.
async fn found(test: &TestStore, word: &str) -> Vec<String> {
    match &test.location {
        Location::File(path) => {
            snapshot::checkpoint(path).await.expect("a log that is cut");
            let mut holding = Vec::new();
            for end in ["", "-wal"] {
                let bytes = std::fs::read(format!("{}{end}", path.display())).unwrap_or_default();
                if bytes.windows(word.len()).any(|it| it == word.as_bytes()) {
                    holding.push(format!("the file{end}"));
                }
            }
            holding
        }
        _ => {
            let columns = test
                .texts(
                    "SELECT table_name || '.' || column_name FROM information_schema.columns \
                     WHERE table_schema = 'public' AND data_type = 'text'",
                )
                .await;
            let mut holding = Vec::new();
            for column in columns {
                let (table, name) = column.split_once('.').expect("a column");
                let sql = format!("SELECT COUNT(*) FROM {table} WHERE {name} LIKE '%{word}%'");
                if test.number(&sql).await > 0 {
                    holding.push(column);
                }
            }
            holding
        }
    }
}

/// One run at an instant.
async fn run(test: &TestStore, now: UnixMillis, dry: bool) -> Ended {
    let (list, backups) = (test.folder().join(erasures::FILE_NAME), test.folder().join("backups"));
    let rules = Retention::default();
    let (store, location) = (&test.store, &test.location);
    let job = Job { store, location, rules: &rules, list: &list, backups: (&backups, 35) };
    job.run(now, dry).await.expect("a run")
}

async fn close(town: &Town<'_>, id: Uuid) {
    let with =
        Box::new(Closing { reason: Some("listo, llame al 757 476 1234".to_owned()), ..Closing::default() });
    town.act(officer(1), id, Act::SetState { to: CaseState::Resolved, with }).await.expect("closed");
}

fn told(town: &Town<'_>, text: &str) -> NewCase {
    NewCase {
        place: Some(format!("casa de {text}")),
        answers: vec![("name".to_owned(), text.to_owned())],
        ..town.case(&format!("{text} mi numero es 757 476 1234"))
    }
}

both!(what_a_person_asked_to_erase_is_nowhere_and_the_counts_stay, |test| {
    let mut town = Town::new(&test.store);
    let open = town.open(ANA, told(&town, CANARY)).await;
    let closed = NewCase { confidentiality: Confidentiality::Confidential, ..told(&town, CANARY) };
    let closed = town.open(ANA, closed).await;
    let joined = town.open(EVA, town.case("no hay luz")).await;
    let words = Some(format!("yo tampoco {CANARY}"));
    town.write(ANA, vec![Change::Joined { case_id: joined, text: words }]).await.expect("joined");
    let other = town.open(LUZ, town.case("otra cosa")).await;
    let contact = town.contact(ANA).await;
    let (_, reply) = town.reply(contact, &format!("vamos a ver {CANARY}"), false);
    town.act(officer(1), open, reply).await.expect("answered");
    let note = Act::Note { message_id: Uuid::from_u128(5), text: format!("nota {CANARY}") };
    town.act(officer(1), open, note).await.expect("noted");
    let draft =
        test.store.put_draft(Uuid::from_u128(9), officer(1), open, DraftKind::Reply, CANARY, town.now);
    draft.await.expect("a draft");
    let corrected = Change::Corrected { case_id: open, text: format!("mejor dicho {CANARY}") };
    town.write(ANA, vec![corrected]).await.expect("corrected");
    for id in [open, closed] {
        close(&town, id).await;
    }
    let sealed = test
        .texts("SELECT body FROM case_messages WHERE case_id IN (SELECT id FROM cases WHERE key_sealed IS NOT NULL)")
        .await;
    assert!(!sealed.is_empty() && !found(&test, CANARY).await.is_empty(), "the canary is there before");
    let before = test.number("SELECT COUNT(*) FROM cases").await;
    let messages = test.number("SELECT COUNT(*) FROM case_messages").await;

    // A copy of before, such as a backup.
    let copy = test.folder().join("copy").join("cabildo.db");
    if let Location::File(path) = &test.location {
        std::fs::create_dir_all(copy.parent().expect("a folder")).expect("a folder");
        std::fs::write(&copy, b"").expect("an empty file");
        snapshot::copy(path, &copy).await.expect("a copy");
    }
    town.pass(24);
    let list = test.folder().join(erasures::FILE_NAME);
    test.store.erase_contact(contact, Some(&list), town.now).await.expect("erased");

    assert_eq!(found(&test, CANARY).await, Vec::<String>::new());
    for body in &sealed {
        assert_eq!(found(&test, body).await, Vec::<String>::new(), "sealed words");
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM cases WHERE key_sealed IS NOT NULL").await, 0);
    for sql in
        ["SELECT COUNT(*) FROM drafts", "SELECT COUNT(*) FROM followups WHERE state IN ('waiting', 'asked')"]
    {
        assert_eq!(test.number(sql).await, 0, "{sql}");
    }
    // Rows and counts are as before; others lose nothing.
    assert_eq!(test.number("SELECT COUNT(*) FROM cases").await, before);
    assert_eq!(test.number("SELECT COUNT(*) FROM case_messages").await, messages);
    assert_eq!(town.full(joined).await.joined, 2);
    let thread = test.store.list_case_messages(joined, None, 9, true).await.expect("a thread");
    let texts: Vec<String> = thread.into_iter().filter_map(|it| it.text).collect();
    assert_eq!(texts, ["no hay luz", ""]);
    let thread = test.store.list_case_messages(other, None, 9, true).await.expect("a thread");
    assert_eq!(thread[0].text.as_deref(), Some("otra cosa"));
    // Whoever writes into the emptied confidential case seals it under a new key.
    let full = town.full(closed).await;
    let note = Act::Note { message_id: Uuid::from_u128(6), text: "otra nota".to_owned() };
    town.act_at(officer(1), closed, full.version, note).await.expect("noted");
    assert!(found(&test, "otra nota").await.is_empty());
    let thread = test.store.list_case_messages(closed, None, 9, true).await.expect("a thread");
    assert!(thread.iter().any(|it| it.text.as_deref() == Some("otra nota")), "{thread:?}");

    // The copy of before forgets, too.
    if matches!(test.location, Location::File(_)) {
        let older = Store::open_without_keys(&copy).await.expect("the copy");
        let listed = erasures::read_list(&list).expect("the list");
        assert!(listed[0].with_cases);
        assert_eq!(older.apply_erasures(&listed).await, Ok(1));
        assert_eq!(older.apply_erasures(&listed).await, Ok(0));
        older.close().await;
        snapshot::checkpoint(&copy).await.expect("a log that is cut");
        let bytes = std::fs::read(&copy).expect("the copy");
        assert!(!bytes.windows(CANARY.len()).any(|it| it == CANARY.as_bytes()));
        for body in &sealed {
            assert!(!bytes.windows(body.len()).any(|it| it == body.as_bytes()));
        }
    }
});

both!(silence_ends_what_is_kept_and_an_open_case_keeps_it, |test| {
    let mut town = Town::new(&test.store);
    // Ana never had a case and stopped, Eva opened one that stays open, Luz joined it.
    town.stop(ANA).await;
    let open = town.open(EVA, town.case("no hay agua")).await;
    town.write(LUZ, vec![Change::Joined { case_id: open, text: None }]).await.expect("joined");
    let contacts = [town.contact(ANA).await, town.contact(EVA).await, town.contact(LUZ).await];

    assert_eq!(run(&test, START.plus(90 * DAY), true).await, Ended::default());
    let later = START.plus(90 * DAY + 1);
    let would = run(&test, later, true).await;
    assert_eq!((would.kept.contacts, would.kept.messages_in), (1, 1), "{would:?}");
    assert!(!test.folder().join(erasures::FILE_NAME).exists(), "counting changes nothing");
    let ended = run(&test, later, false).await;
    assert_eq!(ended.kept.contacts, 1);
    assert_eq!(test.store.find_contact("kannel", ANA).await, Ok(None));
    for phone in [EVA, LUZ] {
        assert!(test.store.find_contact("kannel", phone).await.expect("read").is_some(), "a case keeps her");
    }
    // Nothing is left to do, and a second run does nothing.
    assert_eq!(run(&test, later, true).await, Ended::default());
    assert_eq!(run(&test, later, false).await, Ended::default());

    // Her refusal outlives that: whoever comes back has it still.
    town.now = later.plus(DAY);
    town.write(ANA, Vec::new()).await.expect("written");
    let back = town.contact(ANA).await;
    assert!(!contacts.contains(&back));
    let contact = test.store.get_contact(back).await.expect("a contact");
    assert!(contact.stopped_at.is_some());

    // 90 days after the close of the case both go, and the case is freed of what leads to them.
    let told = NewCase { answers: Vec::new(), ..told(&town, "fuga") };
    let confidential = NewCase { confidentiality: Confidentiality::Confidential, ..told.clone() };
    let confidential = NewCase { id: Uuid::from_u128(77), folio: town.folio(), ..confidential };
    let confidential = town.open(EVA, confidential).await;
    let plain = town.open(EVA, told).await;
    for id in [open, confidential, plain] {
        close(&town, id).await;
    }
    let closed = town.now;
    assert_eq!(run(&test, closed.plus(90 * DAY), true).await.kept.cases, 0);
    let at = closed.plus(90 * DAY + 1);
    let ended = run(&test, at, false).await;
    assert_eq!(
        (ended.kept.contacts, ended.kept.cases, ended.kept.confidential_cases),
        (3, 2, 1),
        "{ended:?}"
    );
    assert_eq!(run(&test, at, true).await, Ended::default());
    assert_eq!(test.number("SELECT COUNT(*) FROM contacts WHERE key_version > 0").await, 0);
    assert_eq!(test.number("SELECT COUNT(*) FROM inbox WHERE text <> ''").await, 0);
    assert_eq!(test.number("SELECT COUNT(*) FROM outbox WHERE body <> ''").await, 0);
    let thread = test.store.list_case_messages(plain, None, 9, true).await.expect("a thread");
    assert_eq!(thread[0].text.as_deref(), Some("fuga mi numero es #"));
    let thread = test.store.list_case_messages(confidential, None, 9, true).await.expect("a thread");
    assert_eq!(thread[0].text.as_deref(), Some(""));
    let full = town.full(plain).await;
    assert_eq!((full.place.as_deref(), full.location), (Some("casa de fuga"), None));
    assert!(found(&test, "757 476").await.is_empty());
    // The case is found by its words still, and by no number.
    assert_eq!(test.number("SELECT COUNT(*) FROM case_texts WHERE body LIKE '%fuga%'").await, 1);
    let entries = test.store.list_audit(&Filter::default(), 9).await.expect("the trail");
    assert!(entries.iter().any(|it| it.act == "retention_run"), "{entries:?}");
});

both!(many_contacts_end_in_small_pages_and_a_run_that_broke_off_goes_on, |test| {
    let town = Town::new(&test.store);
    for index in 0..1_203 {
        town.write(&format!("+52551{index:07}"), Vec::new()).await.expect("written");
    }
    let keeps = "+525519999999";
    town.open(keeps, town.case("abierto")).await;
    let at = START.plus(90 * DAY + 1);
    // As one that was broken off: contacts are erased, their messages not emptied.
    let list = test.folder().join(erasures::FILE_NAME);
    let half: Vec<String> = (0..400).map(|it| format!("+52551{it:07}")).collect();
    for phone in &half[..3] {
        let id = test.store.find_contact("kannel", phone).await.expect("read").expect("a contact");
        test.store.erase_contact(id, Some(&list), at).await.expect("erased");
    }
    let ended = run(&test, at, false).await;
    assert_eq!((ended.kept.contacts, ended.kept.messages_in), (1_200, 1_200));
    assert_eq!(run(&test, at, true).await, Ended::default());
    assert_eq!(test.number("SELECT COUNT(*) FROM contacts WHERE key_version > 0").await, 1);
    assert_eq!(erasures::read_list(&list).expect("the list").len(), 1_203);
    // What a case held back is looked at again once it is closed.
    let id = test.texts("SELECT folio FROM cases").await;
    assert_eq!(id.len(), 1);
    let mut town = Town::new(&test.store);
    town.now = at;
    let case = test.store.find_contact("kannel", keeps).await.expect("read").expect("a contact");
    let facts = test.store.case_facts(case, at).await.expect("facts");
    close(&town, facts.mine[0].id).await;
    let ended = run(&test, at.plus(90 * DAY + 1), false).await;
    assert_eq!((ended.kept.contacts, ended.kept.messages_in, ended.kept.cases), (1, 1, 1));
});

both!(old_entries_of_the_trail_go_and_it_stays_sound, |test| {
    let entry = |at| Audit {
        actor_id: Some(officer(1)),
        act: "case_read",
        target_kind: "case",
        target_id: "1".to_owned(),
        detail: serde_json::json!({}),
        at,
    };
    for day in 0..1_100 {
        test.store.add_audit(entry(START.plus(day * DAY))).await.expect("added");
    }
    let heads = vec![test.store.get_audit_head().await.expect("a head")];
    let first = cabildo_bot::store::audit::Head { seq: 1, mac: vec![9; 32] };
    // Five years and a bit after the thousandth day.
    let now = START.plus((5 * 366 + 1_050) * DAY);
    let would = run(&test, now, true).await;
    assert_eq!(would.kept.audit_entries, 1_050);
    assert_eq!(run(&test, now, false).await.kept.audit_entries, 1_050);
    assert_eq!(run(&test, now, true).await.kept.audit_entries, 0);
    assert_eq!(test.number("SELECT MIN(seq) FROM audit").await, 1_051);
    let check = test.store.verify_audit(&heads).await.expect("checked");
    assert_eq!(check.flaw, None);
    // A head of what is gone says nothing any more.
    assert_eq!(test.store.verify_audit(&[first]).await.expect("checked").flaw, None);
    // Whoever moves the beginning without the key is found.
    let moved = test
        .texts(
            "UPDATE audit_cut SET seq = 1052, mac = (SELECT mac FROM audit WHERE seq = 1052) RETURNING name",
        )
        .await;
    assert_eq!(moved, ["cut"]);
    assert!(test.store.verify_audit(&heads).await.expect("checked").flaw.is_some());
});

both!(backups_that_are_too_old_go_with_the_rest, |test| {
    let folder = test.folder().join("backups");
    std::fs::create_dir_all(&folder).expect("a folder");
    for name in ["cabildo-20260101T000000.000Z.db.age", "cabildo-20260201T000000.000Z.db.age"] {
        std::fs::write(folder.join(name), b"x").expect("a file");
    }
    // 2026-02-10 00:00 UTC.
    let now = UnixMillis(1_770_681_600_000);
    assert_eq!(run(&test, now, true).await.backups, 1);
    assert_eq!(run(&test, now, false).await.backups, 1);
    assert_eq!(std::fs::read_dir(&folder).expect("a folder").count(), 1);
});
