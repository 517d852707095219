//! The address keys are replaced while messages come in: nobody is there twice, nobody is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cabildo_bot::store::{AddressKeys, Location, Store};
use cabildo_tests::postgres;
use cabildo_tests::stores::{START, TestStore, inbound};
use uuid::Uuid;

fn number(index: usize) -> String {
    format!("+5255{index:08}")
}

/// Phones that keep writing until they are told to stop, each number over and over, and new ones.
async fn phones(store: Store, known: usize, stop: Arc<AtomicBool>, phone: usize) -> usize {
    let mut round = 0;
    while !stop.load(Ordering::SeqCst) {
        // Two phones share each number, so that first messages of one person meet.
        let index = if round % 3 == 0 { known + round / 3 } else { (round * 7 + phone) % known };
        let new = inbound(&number(index), &format!("{phone}-{round}"), "x");
        let id = Uuid::from_u128(((phone as u128 + 1) << 64) + round as u128);
        let contact = Uuid::from_u128(((phone as u128 + 100) << 64) + round as u128);
        store.accept_inbound(new, id, contact).await.expect("kept");
        round += 1;
    }
    round
}

/// Adds this many contacts, replaces the keys under load, and checks who is there.
async fn rotate(test: &mut TestStore, contacts: usize) {
    let store = test.store.clone();
    let mut tasks = tokio::task::JoinSet::new();
    for part in 0..8 {
        let store = store.clone();
        tasks.spawn(async move {
            for index in (part..contacts).step_by(8) {
                let id = Uuid::from_u128(index as u128 + 1);
                let new = inbound(&number(index), &index.to_string(), "x");
                store.accept_inbound(new, id, id).await.expect("kept");
            }
        });
    }
    tasks.join_all().await;
    let old = AddressKeys::load_or_make(&test.key_file(), false).expect("the keys");
    let hash = old.message_hash("+52", "x", "1").expect("a hash");
    let first = store.find_contact("kannel", &number(0)).await.expect("found");
    assert!(first.is_some());

    let stop = Arc::new(AtomicBool::new(false));
    let mut writing = tokio::task::JoinSet::new();
    for phone in 0..4 {
        writing.spawn(phones(store.clone(), contacts, Arc::clone(&stop), phone));
    }
    let newer = old.rotated().expect("new keys");
    newer.replace_file(&test.key_file()).expect("written");
    assert_eq!(newer.current(), 2);
    let progressed = |count: i64| count > contacts as i64;
    while !progressed(test.number("SELECT COUNT(*) FROM contacts").await) {}
    store.learn_keys(&newer, START).await.expect("learned");
    // In the middle both versions are known and the old one writes.
    let before = test.number("SELECT COUNT(*) FROM inbox").await;
    while test.number("SELECT COUNT(*) FROM inbox").await < before + 40 {}
    assert_eq!(store.count_old_addresses().await, Ok(0));
    store.adopt_keys(&newer);
    let before = test.number("SELECT COUNT(*) FROM inbox").await;
    while test.number("SELECT COUNT(*) FROM inbox").await < before + 40 {}
    assert!(store.count_old_addresses().await.expect("counted") > 0);
    assert_eq!(store.find_contact("kannel", &number(0)).await.expect("found"), first);
    while store.reseal_addresses(100).await.expect("sealed anew") > 0 {}
    stop.store(true, Ordering::SeqCst);
    let rounds: Vec<usize> = writing.join_all().await;
    while store.reseal_addresses(100).await.expect("sealed anew") > 0 {}
    assert_eq!(store.list_key_versions().await, Ok(vec![2]));

    // Every number that wrote is there once, and every address opens.
    let newest = rounds.iter().map(|it| it.div_ceil(3)).max().unwrap_or(0);
    let people = contacts + newest;
    assert_eq!(test.number("SELECT COUNT(*) FROM contacts").await, people as i64);
    for index in (0..people).step_by(37) {
        let id = store.find_contact("kannel", &number(index)).await.expect("found").expect("a contact");
        assert_eq!(store.get_contact(id).await.expect("opened").address, number(index));
    }
    assert_eq!(store.find_contact("kannel", &number(0)).await.expect("found"), first);
    // A message without an id is known again for ever.
    assert_eq!(newer.message_hash("+52", "x", "1").expect("a hash"), hash);
    let pruned = newer.pruned(&store.list_key_versions().await.expect("versions"));
    assert_eq!(pruned.list_versions(), [2]);
    assert_eq!(pruned.message_hash("+52", "x", "1").expect("a hash"), hash);
    pruned.replace_file(&test.key_file()).expect("written");
    test.reopen().await;
    assert_eq!(test.store.find_contact("kannel", &number(0)).await.expect("found"), first);
}

both!(keys_are_replaced_under_load, |mut test| {
    rotate(&mut test, 2_000).await;
});

/// On demand: `cargo test -p cabildo-tests --test suite -- --ignored rotate_100_000`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes"]
async fn rotate_100_000_addresses_under_load() {
    let mut test = TestStore::sqlite().await;
    rotate(&mut test, 100_000).await;
    test.finish().await;
}

both!(a_version_that_addresses_need_must_be_in_the_file, |mut test| {
    test.store
        .accept_inbound(inbound("+5255", "a", "x"), Uuid::from_u128(1), Uuid::from_u128(2))
        .await
        .expect("kept");
    test.store.close().await;
    let newer =
        AddressKeys::load_or_make(&test.key_file(), false).expect("the keys").rotated().expect("new keys");
    let problem = Store::open_with_keys(&test.location, newer.pruned(&[]), START).await.expect_err("refused");
    assert_eq!(problem.exit_code(), 78);
    newer.replace_file(&test.key_file()).expect("written");
    test.reopen().await;
    assert_eq!(test.store.count_old_addresses().await, Ok(1));
});

#[tokio::test]
async fn a_postgres_whose_keys_are_gone_is_refused_and_no_file_is_left() {
    let Some(database) = postgres::database().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let keys = folder.path().join("keys.toml");
    let location = Location::Postgres(database.url.clone());
    Store::open(&location, &keys, START).await.expect("the first start makes them").close().await;
    std::fs::remove_file(&keys).expect("removed");
    let problem = Store::open(&location, &keys, START).await.expect_err("refused");
    assert_eq!(problem.exit_code(), 78);
    assert!(problem.to_string().contains("missing"), "{problem}");
    assert!(!keys.exists());
    database.drop().await;
}
