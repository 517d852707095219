//! The audit trail: six ways of tampering are found.

use cabildo_bot::store::audit::{AuditKey, Filter, Flaw, Head, New, append_head, read_heads};
use cabildo_bot::store::{Error, Location, Store};
use cabildo_tests::stores::{START, TestStore};
use serde_json::json;
use uuid::Uuid;

fn entry(number: i64) -> New {
    New {
        actor_id: (number % 2 == 0).then_some(Uuid::from_u128(7)),
        act: if number % 3 == 0 { "case_read" } else { "case_answered" },
        target_kind: "case",
        target_id: (number % 5).to_string(),
        detail: json!({ "number": number }),
        at: START.plus(number),
    }
}

async fn fill(store: &Store, count: i64) {
    for number in 1..=count {
        assert_eq!(store.add_audit(entry(number)).await, Ok(number));
    }
}

/// The first flaw of a trail.
async fn flaw(test: &TestStore, heads: &[Head]) -> Option<(i64, Flaw)> {
    test.store.verify_audit(heads).await.expect("a check").flaw
}

both!(the_trail_is_listed_and_sound, |test| {
    let store = &test.store;
    assert_eq!(store.get_audit_head().await, Ok(Head { seq: 0, mac: Vec::new() }));
    assert_eq!(flaw(&test, &[]).await, None);
    fill(store, 12).await;
    let check = store.verify_audit(&[]).await.expect("a check");
    assert_eq!((check.entries, check.flaw), (12, None));
    assert_eq!(Ok(check.head), store.get_audit_head().await);
    let seqs = async |filter: Filter, limit: u32| -> Vec<i64> {
        store.list_audit(&filter, limit).await.expect("read").into_iter().map(|it| it.seq).collect()
    };
    assert_eq!(seqs(Filter::default(), 3).await, [12, 11, 10]);
    assert_eq!(seqs(Filter { before: Some(10), ..Filter::default() }, 2).await, [9, 8]);
    let actor = Filter { actor_id: Some(Uuid::from_u128(7)), ..Filter::default() };
    assert_eq!(seqs(actor.clone(), 2).await, [12, 10]);
    let act = Some("case_read".to_owned());
    assert_eq!(seqs(Filter { act: act.clone(), ..actor }, 9).await, [12, 6]);
    assert_eq!(seqs(Filter { act, ..Filter::default() }, 9).await, [12, 9, 6, 3]);
    let target = Some(("case".to_owned(), "2".to_owned()));
    assert_eq!(seqs(Filter { target, ..Filter::default() }, 9).await, [12, 7, 2]);
});

both!(many_writers_leave_no_gap, |test| {
    let mut tasks = tokio::task::JoinSet::new();
    for number in 1..=60 {
        let store = test.store.clone();
        tasks.spawn(async move { store.add_audit(entry(number)).await.expect("added") });
    }
    let mut seqs = tasks.join_all().await;
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=60).collect::<Vec<_>>());
    assert_eq!(flaw(&test, &[]).await, None);
});

both!(an_edit_is_found, |test| {
    fill(&test.store, 9).await;
    test.texts("UPDATE audit SET act = 'case_closed' WHERE seq = 4 RETURNING act").await;
    assert_eq!(flaw(&test, &[]).await, Some((4, Flaw::Changed)));
});

both!(a_deletion_is_found, |test| {
    fill(&test.store, 9).await;
    test.texts("DELETE FROM audit WHERE seq = 4 RETURNING act").await;
    assert_eq!(flaw(&test, &[]).await, Some((4, Flaw::Gap)));
});

both!(a_swap_is_found, |test| {
    fill(&test.store, 9).await;
    for step in ["SET seq = 100 WHERE seq = 4", "SET seq = 4 WHERE seq = 6", "SET seq = 6 WHERE seq = 100"] {
        test.texts(&format!("UPDATE audit {step} RETURNING act")).await;
    }
    assert_eq!(flaw(&test, &[]).await, Some((4, Flaw::Changed)));
});

both!(an_insertion_is_found, |test| {
    fill(&test.store, 9).await;
    test.texts(
        "INSERT INTO audit (seq, at, actor_id, act, target_kind, target_id, detail, mac) \
         SELECT 10, at, actor_id, act, target_kind, target_id, detail, mac FROM audit WHERE seq = 9 RETURNING act",
    )
    .await;
    test.texts("UPDATE audit_head SET seq = 10 RETURNING name").await;
    assert_eq!(flaw(&test, &[]).await, Some((10, Flaw::Changed)));
});

both!(a_cut_is_found_by_the_exported_head, |test| {
    fill(&test.store, 9).await;
    let heads = test.folder().join("heads.log");
    append_head(&heads, &test.store.get_audit_head().await.expect("a head"), START.0).expect("written");
    test.texts("DELETE FROM audit WHERE seq > 6 RETURNING act").await;
    assert_eq!(flaw(&test, &[]).await, Some((7, Flaw::Cut)), "by the head in the database");
    // Whoever cuts may as well move that head.
    test.texts(
        "UPDATE audit_head SET seq = 6, mac = (SELECT mac FROM audit WHERE seq = 6) WHERE name = 'head' \
         RETURNING name",
    )
    .await;
    assert_eq!(flaw(&test, &[]).await, None);
    let heads = read_heads(&heads).expect("read");
    assert_eq!(flaw(&test, &heads).await, Some((7, Flaw::Cut)));
});

both!(an_old_copy_that_went_on_is_found_by_the_exported_head, |test| {
    fill(&test.store, 9).await;
    let heads = test.folder().join("heads.log");
    append_head(&heads, &test.store.get_audit_head().await.expect("a head"), START.0).expect("written");
    // The copy has six entries and goes on with others, by a service that has the key.
    test.texts("DELETE FROM audit WHERE seq > 6 RETURNING act").await;
    test.texts(
        "UPDATE audit_head SET seq = 6, mac = (SELECT mac FROM audit WHERE seq = 6) WHERE name = 'head' \
         RETURNING name",
    )
    .await;
    for number in 101..=110 {
        test.store.add_audit(entry(number)).await.expect("added");
    }
    append_head(&heads, &test.store.get_audit_head().await.expect("a head"), START.0).expect("written");
    assert_eq!(flaw(&test, &[]).await, None);
    let heads = read_heads(&heads).expect("read");
    assert_eq!(heads.len(), 2);
    assert_eq!(flaw(&test, &heads).await, Some((9, Flaw::OtherHistory)));
});

both!(the_key_belongs_to_its_database_and_to_its_owner, |mut test| {
    fill(&test.store, 3).await;
    test.reopen().await;
    assert_eq!(flaw(&test, &[]).await, None);
    let path = test.key_file().with_file_name("audit-key.toml");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let kept = std::fs::read(&path).expect("the key");
    assert!(
        !format!("{:?}", AuditKey::load(&path))
            .contains(&String::from_utf8_lossy(&kept[70..90]).into_owned())
    );
    std::fs::remove_file(&path).expect("removed");
    let refused = Store::open(&test.location, &test.key_file(), START).await.map(|_| ());
    assert_eq!(refused.expect_err("refused").exit_code(), 78);
    AuditKey::load_or_make(&path).expect("another key");
    let refused = Store::open(&test.location, &test.key_file(), START).await.map(|_| ());
    assert_eq!(refused.expect_err("refused").exit_code(), 78);
    std::fs::write(&path, kept).expect("put back");
    test.reopen().await;
});

#[tokio::test]
async fn without_the_key_nothing_is_added_or_believed() {
    let test = TestStore::sqlite().await;
    let Location::File(path) = &test.location else { panic!("a file") };
    let store = Store::open_without_keys(path).await.expect("a store");
    assert!(matches!(store.add_audit(entry(1)).await, Err(Error::Other(_))));
    assert!(matches!(store.verify_audit(&[]).await, Err(Error::Other(_))));
    store.close().await;
    test.finish().await;
}

/// Reported, not asserted: `CABILDO_LONG=1 cargo test ... a_million -- --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_million_entries_are_checked_on_demand() {
    if std::env::var_os("CABILDO_LONG").is_none() {
        return;
    }
    for test in [Some(TestStore::sqlite().await), TestStore::postgres().await].into_iter().flatten() {
        let count = 1_000_000;
        let mut tasks = tokio::task::JoinSet::new();
        for part in 0..250 {
            let store = test.store.clone();
            tasks.spawn(async move {
                for number in 1..=count / 250 {
                    store.add_audit(entry(part * (count / 250) + number)).await.expect("added");
                }
            });
        }
        tasks.join_all().await;
        let began = std::time::Instant::now();
        let check = test.store.verify_audit(&[]).await.expect("a check");
        println!("{:?}: {} entries in {:?}", test.store.engine(), check.entries, began.elapsed());
        assert_eq!((check.entries, check.flaw), (count, None));
        test.finish().await;
    }
}
