//! Addresses are not readable from the database, and a wrong key file or a changed row is noticed.

use std::path::Path;

use cabildo_bot::store::{AddressKeys, Error, Location, OpenError, Store};
use cabildo_tests::stores::{START, TestStore, inbound};
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use uuid::Uuid;

const NUMBER: &str = "+525512345678";
const CONTACT: Uuid = Uuid::from_u128(2);

async fn with_a_contact(test: &TestStore) {
    let new = inbound(NUMBER, "a", "hola");
    test.store.accept_inbound(new, Uuid::from_u128(1), CONTACT).await.expect("kept");
}

/// All bytes of all files under a folder.
fn bytes_under(folder: &Path, all: &mut Vec<u8>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            bytes_under(&path, all);
        } else {
            all.extend(std::fs::read(path).expect("a file"));
        }
    }
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|it| it == needle)
}

#[tokio::test]
async fn no_number_is_in_the_files_of_the_database() {
    let mut test = TestStore::sqlite().await;
    with_a_contact(&test).await;
    let mut new = inbound("+525598765432", "", "hola");
    new.external_id = None;
    test.store.accept_inbound(new, Uuid::from_u128(3), Uuid::from_u128(4)).await.expect("kept");
    let data = test.folder().join("data");
    assert!(data.join("cabildo.db-wal").metadata().expect("the log").len() > 0);
    let mut bytes = Vec::new();
    bytes_under(&data, &mut bytes);
    test.reopen().await;
    bytes_under(&data, &mut bytes);
    // The channel is there, so this looks at the right bytes.
    assert!(holds(&bytes, b"kannel"));
    for digits in ["5512345678", "5598765432", "hola"] {
        assert!(!holds(&bytes, digits.as_bytes()), "{digits}");
    }
    // Nor are the keys, which lie elsewhere.
    let keys = std::fs::read_to_string(test.key_file()).expect("the keys");
    for line in keys.lines().filter(|it| it.contains("= \"")) {
        let key = line.split('"').nth(1).expect("a key");
        assert!(!holds(&bytes, key.as_bytes()));
    }
    assert!(!data.join("address-keys.toml").exists());
    test.finish().await;
}

both!(a_changed_address_is_an_error_and_no_address, |test| {
    with_a_contact(&test).await;
    let row: (Vec<u8>,) = match &test.location {
        Location::Postgres(url) => {
            let mut connection = PgConnection::connect(url).await.expect("a connection");
            let sql = "SELECT address_value FROM contacts";
            sqlx::query_as(sql).fetch_one(&mut connection).await.expect("a row")
        }
        Location::File(path) => {
            let url = format!("sqlite://{}", path.display());
            let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
            let sql = "SELECT address_value FROM contacts";
            sqlx::query_as(sql).fetch_one(&mut connection).await.expect("a row")
        }
        Location::Memory => panic!("a test of files"),
    };
    let mut value = row.0;
    value[30] ^= 1;
    let sql = "UPDATE contacts SET address_value = $1";
    match &test.location {
        Location::Postgres(url) => {
            let mut connection = PgConnection::connect(url).await.expect("a connection");
            sqlx::query(sql).bind(value).execute(&mut connection).await.expect("changed");
        }
        Location::File(path) => {
            let url = format!("sqlite://{}", path.display());
            let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
            sqlx::query(sql).bind(value).execute(&mut connection).await.expect("changed");
        }
        Location::Memory => panic!("a test of files"),
    }
    let problem = test.store.get_contact(CONTACT).await.expect_err("tampered");
    assert!(matches!(&problem, Error::Other(it) if it.contains("does not open")), "{problem}");
    assert!(!problem.to_string().contains("5512345678"));
});

both!(keys_of_another_database_are_refused, |mut test| {
    with_a_contact(&test).await;
    test.store.close().await;
    let other = AddressKeys::make().expect("keys");
    let problem = Store::open_with_keys(&test.location, other, START).await.expect_err("refused");
    assert!(matches!(problem, OpenError::Keys(_)), "{problem}");
    assert_eq!(problem.exit_code(), 78);
    test.reopen().await;
    assert_eq!(test.store.get_contact(CONTACT).await.expect("the contact").address, NUMBER);
});

#[tokio::test]
async fn a_database_whose_keys_are_gone_is_refused_and_no_new_ones_are_made() {
    let test = TestStore::sqlite().await;
    test.store.close().await;
    std::fs::remove_file(test.key_file()).expect("removed");
    let problem = Store::open(&test.location, &test.key_file(), START).await.expect_err("refused");
    assert_eq!(problem.exit_code(), 78);
    assert!(problem.to_string().contains("missing"), "{problem}");
    assert!(!test.key_file().exists());
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let test = TestStore::sqlite().await;
    with_a_contact(&test).await;
    for name in ["cabildo.db", "cabildo.db-wal", "cabildo.db-shm"] {
        let mode = std::fs::metadata(test.folder().join("data").join(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    test.finish().await;
}

#[tokio::test]
async fn memory_works_and_forgets() {
    let store = Store::open_in_memory(START).await.expect("a store");
    let new = inbound(NUMBER, "a", "hola");
    store.accept_inbound(new, Uuid::from_u128(1), CONTACT).await.expect("kept");
    assert_eq!(store.find_contact("kannel", NUMBER).await, Ok(Some(CONTACT)));
    store.close().await;
    assert!(matches!(store.count_inbound("received").await, Err(Error::Unavailable(_))));
    let store = Store::open_in_memory(START).await.expect("a store");
    assert_eq!(store.find_contact("kannel", NUMBER).await, Ok(None));
}

#[cfg(unix)]
#[tokio::test]
async fn folders_and_files_are_for_this_account_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("new").join("data");
    let mut config = cabildo_bot::config::Config::from_toml("").expect("a configuration");
    config.data.dir = Some(data.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (facts, clock) = (cabildo_tests::serving::facts(), cabildo_bot::clock::Clock::fixed(START));
    let app = cabildo_bot::app::App::start(&config, facts, clock, listener).await.expect("a start");
    app.service().accept(inbound(NUMBER, "a", "hola")).await.expect("kept");
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    let mut seen = 0;
    for entry in std::fs::read_dir(&data).expect("a folder") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        seen += 1;
    }
    // The database, its log and index, the spool, the keys of addresses and that of the audit trail.
    assert_eq!(seen, 6);
    app.shutdown().await;

    let test = TestStore::sqlite().await;
    for made in ["data", "keys"] {
        assert_eq!(mode(&test.folder().join(made)), 0o700, "{made}");
    }
    test.finish().await;
}
