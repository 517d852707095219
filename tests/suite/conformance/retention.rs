//! What is kept long enough ends, what is needed still stays, and erased people stay erased.

use cabildo_bot::config::Retention;
use cabildo_bot::domain::case::{CaseState, Confidentiality};
use cabildo_bot::domain::time::{DAY, UnixMillis};
use cabildo_bot::retention::{Ended, Job};
use cabildo_bot::store::audit::{Filter, New as Audit};
use cabildo_bot::store::cases::{Act, Change, Closing, FeedbackKind, NewCase, WalkIn};
use cabildo_bot::store::desk::drafts::DraftKind;
use cabildo_bot::store::{Location, Store, erasures, snapshot};
use cabildo_tests::cases::{TLAPA, Town, officer};
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
    town.write(ANA, vec![Change::Joined { case_id: joined, text: words, began_at: None }])
        .await
        .expect("joined");
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
    for id in [open, closed, joined] {
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
    for sql in [
        "SELECT COUNT(*) FROM drafts",
        "SELECT COUNT(*) FROM followups WHERE state IN ('waiting', 'asked') AND contact_id NOT IN (SELECT id FROM contacts WHERE key_version > 0)",
    ] {
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
    town.write(LUZ, vec![Change::Joined { case_id: open, text: None, began_at: None }])
        .await
        .expect("joined");
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

/// The texts of a case's thread.
async fn thread(test: &TestStore, case: Uuid) -> Vec<String> {
    let all = test.store.list_case_messages(case, None, 99, true).await.expect("a thread");
    all.into_iter().filter_map(|it| it.text).collect()
}

/// Two phones are one person from now on.
async fn link(test: &TestStore, town: &Town<'_>, phones: [&str; 2]) {
    let one = town.contact(phones[0]).await.simple();
    let people = match &test.location {
        Location::File(_) => format!("INSERT INTO people (id, created_at) VALUES (x'{one}', 0)"),
        _ => format!("INSERT INTO people (id, created_at) VALUES ('{one}', 0)"),
    };
    test.texts(&format!("{people} RETURNING CAST(created_at AS TEXT)")).await;
    for phone in phones {
        let id = town.contact(phone).await.simple();
        let sql = match &test.location {
            Location::File(_) => format!("UPDATE contacts SET person_id = x'{one}' WHERE id = x'{id}'"),
            _ => format!("UPDATE contacts SET person_id = '{one}' WHERE id = '{id}'"),
        };
        assert_eq!(test.texts(&format!("{sql} RETURNING channel_id")).await.len(), 1);
    }
}

both!(her_words_go_from_a_case_that_she_left_and_from_where_she_wrote_with_another_contact, |test| {
    let mut town = Town::new(&test.store);
    let name = vec![("name".to_owned(), CANARY.to_owned()), ("since".to_owned(), "lunes".to_owned())];
    let new = NewCase { answers: name, ..town.case(&format!("fuga {CANARY}")) };
    let sealed = NewCase { confidentiality: Confidentiality::Confidential, ..new.clone() };
    let sealed = NewCase { id: Uuid::from_u128(78), folio: town.folio(), ..sealed };
    let left = town.open(ANA, new).await;
    let hidden = town.open(ANA, sealed).await;
    let corrected = |case_id| Change::Corrected { case_id, text: format!("mejor {CANARY}") };
    town.write(ANA, vec![corrected(left)]).await.expect("corrected");
    for case_id in [left, hidden] {
        let text = "yo también".to_owned();
        let too = if case_id == left {
            Change::Joined { case_id, text: Some(text), began_at: None }
        } else {
            // Nobody joins what she can't see; staff join it with hers.
            let twin = NewCase { confidentiality: Confidentiality::Confidential, ..town.case("otra") };
            let twin = town.open(EVA, twin).await;
            town.act(officer(1), twin, Act::Merge { into: case_id }).await.expect("merged");
            Change::Written { case_id, text }
        };
        town.write(EVA, vec![too]).await.expect("joined");
        town.write(ANA, vec![Change::Left { case_id }]).await.expect("left");
        let answers = town.full(case_id).await.answers;
        assert_eq!(answers, [("since".to_owned(), "lunes".to_owned())], "her name goes with her");
    }
    // Her chat joined a case of Eva's; she writes to it, and corrects that, from her phone.
    let joined = town.open(EVA, town.case("no hay luz")).await;
    town.write(ANA, vec![Change::Joined { case_id: joined, text: None, began_at: None }])
        .await
        .expect("joined");
    town.write(LUZ, Vec::new()).await.expect("written");
    link(&test, &town, [ANA, LUZ]).await;
    let words = Change::Written { case_id: joined, text: format!("sigo {CANARY}") };
    town.write(LUZ, vec![words]).await.expect("written");
    town.write(ANA, vec![corrected(joined)]).await.expect("corrected");
    let mut hers = test.store.contacts_of(town.contact(ANA).await).await.expect("contacts");
    hers.sort_unstable();
    let mut both = [town.contact(ANA).await, town.contact(LUZ).await];
    both.sort_unstable();
    assert_eq!(hers, both);
    for id in [left, hidden, joined] {
        close(&town, id).await;
    }
    town.pass(24);
    for phone in [LUZ, ANA] {
        let contact = town.contact(phone).await;
        assert_eq!(test.store.erase_contact(contact, None, town.now).await, Ok(true));
    }
    assert_eq!(found(&test, CANARY).await, Vec::<String>::new());
    assert_eq!(thread(&test, left).await, ["", "yo también"]);
    assert_eq!(thread(&test, hidden).await, ["", "yo también"]);
    assert_eq!(thread(&test, joined).await, ["no hay luz", ""]);
});

both!(what_others_said_in_her_case_stays_when_she_is_erased, |test| {
    let mut town = Town::new(&test.store);
    let new = NewCase { answers: vec![("name".to_owned(), CANARY.to_owned())], ..town.case(CANARY) };
    let shared = town.open(ANA, new).await;
    let too =
        Change::Joined { case_id: shared, text: Some("a mi tampoco me llega".to_owned()), began_at: None };
    town.write(EVA, vec![too]).await.expect("joined");
    let eva = town.contact(EVA).await;
    let (_, reply) = town.reply(eva, "vamos el lunes", false);
    town.act(officer(1), shared, reply).await.expect("answered");
    let photos = "INSERT INTO media (id, inbox_id, channel_id, ordinal, kind, provider_ref, state, tries, \
                  not_before, created_at, expires_at, case_id) SELECT i.id, i.id, i.channel_id, 0, 'photo', \
                  'x', 'wanted', 0, 0, 0, 0, m.case_id FROM inbox AS i JOIN case_messages AS m \
                  ON m.inbox_id = i.id RETURNING kind";
    assert_eq!(test.texts(photos).await.len(), 2);
    close(&town, shared).await;
    town.pass(24);
    let ana = town.contact(ANA).await;
    assert_eq!(test.store.erase_contact(ana, None, town.now).await, Ok(true));
    assert_eq!(found(&test, CANARY).await, Vec::<String>::new());
    let texts = thread(&test, shared).await;
    assert_eq!(texts, ["", "a mi tampoco me llega", "vamos el lunes"]);
    let full = town.full(shared).await;
    assert_eq!(
        (full.place.as_deref(), full.location),
        (Some("San José"), None),
        "others must be found still"
    );
    assert!(full.answers.is_empty());
    assert_eq!(test.number("SELECT COUNT(*) FROM media").await, 1);
    assert_eq!(test.number("SELECT COUNT(*) FROM cases WHERE contact_id IS NOT NULL").await, 0);
    assert_eq!(test.number("SELECT COUNT(*) FROM case_texts WHERE body LIKE '%tampoco%'").await, 1);
    // What Eva still has to say finds its words.
    let again = Change::Written { case_id: shared, text: "sigue igual".to_owned() };
    town.write(EVA, vec![again]).await.expect("written");
    assert_eq!(town.full(shared).await.closed_at, None);
});

both!(whoever_has_an_open_case_again_in_that_moment_stays, |test| {
    let mut town = Town::new(&test.store);
    let case = town.open(ANA, told(&town, "fuga")).await;
    close(&town, case).await;
    let contact = town.contact(ANA).await;
    let list = test.folder().join(erasures::FILE_NAME);
    let later = town.now.plus(91 * DAY);
    let limits = Retention::default().limits(later);
    let page = test.store.closed_cases(&limits, (i64::MIN, Uuid::nil())).await.expect("a page");
    assert_eq!(page.len(), 1);
    // All of it was found due, and then she writes.
    town.now = later;
    let words = Change::Written { case_id: case, text: "sigue la fuga".to_owned() };
    town.write(ANA, vec![words]).await.expect("written");
    assert_eq!(test.store.reduce_cases(&page, &limits).await, Ok(0));
    assert_eq!(test.store.erase_silent(&[contact], &limits, Some(&list)).await, Ok(0));
    assert_eq!(test.store.erase_contact(contact, Some(&list), later).await, Ok(false));
    assert!(erasures::read_list(&list).expect("the list").is_empty());
    assert_eq!(test.store.find_contact("kannel", ANA).await, Ok(Some(contact)));
    assert_eq!(thread(&test, case).await, ["fuga mi numero es 757 476 1234", "sigue la fuga"]);
    // A case that staff opened for her keeps her as well, however long she is silent.
    close(&town, case).await;
    let walk_in = WalkIn {
        case: town.case("dijo en la ventanilla"),
        contact_id: Some(contact),
        inbox_id: None,
        receipt: None,
        reporter: None,
        staff_id: officer(1),
        at: town.now,
    };
    test.store.add_walk_in(walk_in).await.expect("opened");
    let limits = Retention::default().limits(later.plus(91 * DAY));
    assert_eq!(test.store.erase_silent(&[contact], &limits, Some(&list)).await, Ok(0));
    // Who only wrote is not silent.
    town.write(EVA, Vec::new()).await.expect("written");
    let eva = town.contact(EVA).await;
    let limits = Retention::default().limits(town.now.plus(DAY));
    assert_eq!(test.store.erase_silent(&[eva], &limits, None).await, Ok(0));
    let limits = Retention::default().limits(town.now.plus(91 * DAY));
    assert_eq!(test.store.erase_silent(&[eva], &limits, None).await, Ok(1));
});

both!(a_closed_case_keeps_its_person_until_she_could_read_what_became_of_it, |test| {
    let town = Town::new(&test.store);
    let case = town.open(ANA, town.case("no hay agua")).await;
    close(&town, case).await;
    let contact = town.contact(ANA).await;
    let at = town.now.plus(DAY);
    assert_eq!(test.store.erase_contact(contact, None, at.plus(-1)).await, Ok(false));
    assert_eq!(test.store.erase_contact(contact, None, at).await, Ok(true));
});

both!(an_erasure_that_was_listed_and_not_done_erases_nobody_later, |test| {
    let mut town = Town::new(&test.store);
    for phone in [ANA, EVA, LUZ] {
        town.write(phone, Vec::new()).await.expect("written");
    }
    let listed = async |phone, with_cases| {
        let contact_id = town.contact(phone).await;
        erasures::Erasure {
            contact_id,
            channel_id: "kannel".to_owned(),
            address_key: vec![1; 32],
            key_version: 1,
            refusal_key: vec![1; 32],
            stopped_at: None,
            erased_at: START.0 + 90 * DAY,
            with_cases,
        }
    };
    let listed = [listed(ANA, false).await, listed(EVA, true).await, listed(LUZ, false).await];
    // The database was away; then one writes, for another one staff opens a case.
    town.now = START.plus(91 * DAY);
    town.open(ANA, town.case("no hay agua")).await;
    let walk_in = WalkIn {
        case: town.case("dijo en la ventanilla"),
        contact_id: Some(listed[1].contact_id),
        inbox_id: None,
        receipt: None,
        reporter: None,
        staff_id: officer(1),
        at: town.now,
    };
    test.store.add_walk_in(walk_in).await.expect("opened");
    assert_eq!(test.store.apply_erasures(&listed).await, Ok(1));
    for (phone, there) in [(ANA, true), (EVA, true), (LUZ, false)] {
        assert_eq!(test.store.find_contact("kannel", phone).await.expect("read").is_some(), there, "{phone}");
    }
    // They are erased in time all the same, and the list then names them twice.
    let list = test.folder().join(erasures::FILE_NAME);
    erasures::Erasure::append_all(&listed, &list).expect("written");
    let again = erasures::Erasure { erased_at: START.0 + 200 * DAY, ..listed[0].clone() };
    erasures::merge_list(std::slice::from_ref(&again), &list).expect("merged");
    assert_eq!(test.store.apply_erasures(&erasures::read_list(&list).expect("the list")).await, Ok(1));
    assert_eq!(test.store.find_contact("kannel", ANA).await, Ok(None));
});

both!(an_erasure_that_a_crash_cut_is_finished, |test| {
    let town = Town::new(&test.store);
    town.write(ANA, Vec::new()).await.expect("written");
    let contact = town.contact(ANA).await;
    assert_eq!(test.store.erase_contact(contact, None, town.now).await, Ok(true));
    assert_eq!(test.number("SELECT COUNT(*) FROM erasures WHERE NOT emptied").await, 0);
    // As if a crash had come before the messages.
    let id = contact.simple();
    let literal =
        if matches!(test.location, Location::File(_)) { format!("x'{id}'") } else { format!("'{id}'") };
    let undone = format!("UPDATE inbox SET text = '{CANARY}', contact_id = {literal} RETURNING state");
    assert_eq!(test.texts(&undone).await.len(), 1);
    let open = if matches!(test.location, Location::File(_)) { "0" } else { "FALSE" };
    test.texts(&format!("UPDATE erasures SET emptied = {open} RETURNING channel_id")).await;
    test.store.finish_erasures().await.expect("finished");
    assert_eq!(found(&test, CANARY).await, Vec::<String>::new());
    assert_eq!(test.number("SELECT COUNT(*) FROM erasures WHERE NOT emptied").await, 0);
});

both!(opinions_lose_their_numbers_and_decided_requests_their_words, |test| {
    let mut town = Town::new(&test.store);
    let opinion = Change::Feedback {
        kind: FeedbackKind::Suggestion,
        municipality: TLAPA.to_owned(),
        text: "llamen al 757 476 1234 para pintar".to_owned(),
    };
    town.write(ANA, vec![opinion]).await.expect("written");
    let contact = town.contact(ANA).await.simple();
    let literal = |id: &dyn std::fmt::Display| match &test.location {
        Location::File(_) => format!("x'{id}'"),
        _ => format!("'{id}'"),
    };
    for (number, state) in [(1_u128, "open"), (2, "done")] {
        let sql = format!(
            "INSERT INTO privacy_requests (id, contact_id, channel_kind, kind, state, municipality, text, reason, \
             received_at, first_alarm_at, second_alarm_at, due_at, decided_at, version) VALUES ({}, {}, 'sms', \
             'correction', '{state}', '', '{CANARY}', 'x', 0, 0, 0, 0, {}, 1) RETURNING state",
            literal(&Uuid::from_u128(number).simple()),
            literal(&contact),
            START.0
        );
        assert_eq!(test.texts(&sql).await, [state]);
    }
    assert_eq!(run(&test, START.plus(90 * DAY), true).await, Ended::default());
    let at = START.plus(90 * DAY + 1);
    town.now = at;
    town.write(ANA, Vec::new()).await.expect("she still writes");
    let would = run(&test, at, true).await.kept;
    assert_eq!((would.requests, would.feedback), (1, 1));
    let ended = test.store.retain(&Retention::default().limits(at), true, None).await.expect("a run");
    assert_eq!((ended.requests, ended.feedback, ended.contacts), (1, 1, 0));
    assert_eq!(run(&test, at, true).await, Ended::default());
    assert_eq!(test.texts("SELECT text FROM feedback").await, ["llamen al # para pintar"]);
    assert_eq!(test.store.last_retention().await, Ok(0));
    test.store.note_retention(20_000, at).await.expect("noted");
    assert_eq!(test.store.last_retention().await, Ok(20_000));
    let words = "SELECT state FROM privacy_requests WHERE text <> '' AND reason IS NOT NULL";
    assert_eq!(test.texts(words).await, ["open"]);
});
