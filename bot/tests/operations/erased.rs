//! Who was erased stays so: a person is erased, and an older backup comes back by the real commands.

use std::path::Path;

use cabildo_bot::clock::Clock;
use cabildo_bot::store::{AddressKeys, Location, Store, erasures};
use sqlx::{Connection as _, SqliteConnection};
use uuid::Uuid;

use super::{CANARY, Site, backup_of, bytes_under, get, holds, message, run, said};

/// The store of a data folder, outside of any service.
async fn store_in(folder: &Path) -> Store {
    let location = Location::File(folder.join("cabildo.db"));
    Store::open(&location, &folder.join("address-keys.toml"), Clock::System.now()).await.expect("a store")
}

/// Where in the tables of a database these bytes are: `table.column`.
async fn tables_with(database: &Path, needles: &[Vec<u8>]) -> Vec<String> {
    let url = format!("sqlite://{}", database.display());
    let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT s.name, c.name FROM sqlite_schema AS s JOIN pragma_table_xinfo(s.name) AS c WHERE s.type = 'table'",
    )
    .fetch_all(&mut connection)
    .await
    .expect("columns");
    assert!(columns.len() > 100, "{} columns", columns.len());
    let mut found = Vec::new();
    for (table, column) in columns {
        let sql =
            format!("SELECT CAST(\"{column}\" AS BLOB) FROM \"{table}\" WHERE \"{column}\" IS NOT NULL");
        // A table of the search has columns that can't be read.
        let rows: Result<Vec<(Vec<u8>,)>, _> =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&mut connection).await;
        let rows = rows.unwrap_or_default();
        if rows.iter().any(|(value,)| needles.iter().any(|it| holds(value, it))) {
            found.push(format!("{table}.{column}"));
        }
    }
    connection.close().await.expect("closed");
    found.sort();
    found
}

/// Texts in and out that open under the keys of a data folder.
async fn texts_in(folder: &Path) -> Vec<String> {
    let keys = AddressKeys::load_or_make(&folder.join("address-keys.toml"), false).expect("the keys");
    let url = format!("sqlite://{}", folder.join("cabildo.db").display());
    let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
    let mut texts = Vec::new();
    for (part, sql) in [
        ("", "SELECT id, text FROM inbox WHERE text <> ''"),
        ("body", "SELECT id, body FROM outbox WHERE body <> ''"),
        ("state", "SELECT contact_id, state FROM conversations WHERE state <> '{}'"),
    ] {
        let rows: Vec<(Uuid, String)> = sqlx::query_as(sql).fetch_all(&mut connection).await.expect("rows");
        texts.extend(rows.iter().map(|(id, it)| keys.open_part(part, *id, it).expect("a text of this row")));
    }
    connection.close().await.expect("closed");
    texts
}

#[test]
fn who_was_erased_stays_erased_when_an_older_backup_comes_back() {
    let site = Site::new();
    let data = site.path().join("data");
    let serving = site.serve();
    let own = "/webhooks/sms/telco?key=k0123456789abcdef&from=%2B525512345678&id=own&text=tlapa+canariomio";
    assert!(get(&serving.address, own).is_some_and(|it| it.starts_with("HTTP/1.1 200")));
    assert!(message(&serving.address, 7, 2).is_some());
    serving.kill();
    let made = site.run(&["backup"]);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    let file = backup_of(&site);
    // Elsewhere nobody knows of the erasure yet.
    let apart = site.path().join("apart.db.age");
    std::fs::copy(&file, &apart).expect("copied");

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    let address = format!("+52{CANARY}");
    let key = AddressKeys::load_or_make(&data.join("address-keys.toml"), false)
        .and_then(|keys| keys.lookup("telco", &address).map_err(Into::into))
        .expect("a key");
    runtime.block_on(async {
        let store = store_in(&data).await;
        let id = store.find_contact("telco", &address).await.expect("found").expect("a contact");
        let list = data.join(erasures::FILE_NAME);
        store.erase_contact(id, Some(&list), Clock::System.now()).await.expect("erased");
        store.close().await;
    });

    let list = data.join(erasures::FILE_NAME).to_string_lossy().into_owned();
    let restore = |file: &Path, into: &str, more: &[&str]| {
        let file = file.to_string_lossy().into_owned();
        let mut arguments = vec!["restore", &file, "--into", into, "--identity", "identity.txt"];
        arguments.extend(more);
        let restored = run(site.path(), &arguments);
        assert_eq!(restored.status.code(), Some(0), "{}", said(&restored));
        std::fs::copy(data.join("address-keys.toml"), site.path().join(into).join("address-keys.toml"))
            .expect("the keys");
        said(&restored)
    };
    let told = restore(&file, "new", &["--erasures", &list]);
    assert!(told.contains("1 erased persons were in it and are erased again"), "{told}");
    // Without the list she is there: the search finds what it looks for.
    let told = restore(&apart, "known", &[]);
    assert!(told.contains("0 erased persons"), "{told}");

    let (new, known) = (site.path().join("new"), site.path().join("known"));
    let needles = vec![key, CANARY.as_bytes().to_vec(), b"canariomio".to_vec()];
    runtime.block_on(async {
        let texts = texts_in(&known).await;
        assert!(texts.iter().any(|it| it.contains("canariomio")), "{texts:?}");
        assert_eq!(tables_with(&known.join("cabildo.db"), &needles).await, ["contacts.address_key"]);
        let texts = texts_in(&new).await;
        assert!(!texts.is_empty() && !texts.iter().any(|it| it.contains("canariomio")), "{texts:?}");
        // The list itself finds her by a keyed hash, should she be brought back once more.
        assert_eq!(tables_with(&new.join("cabildo.db"), &needles).await, ["erasures.address_key"]);
        let store = store_in(&new).await;
        assert_eq!(store.find_contact("telco", &address).await, Ok(None));
        assert!(
            store.find_contact("telco", "+525500000007").await.expect("found").is_some(),
            "the other one"
        );
        store.close().await;
    });
    for needle in &needles[1..] {
        assert!(!holds(&bytes_under(&new), needle), "{:?} in a file", String::from_utf8_lossy(needle));
    }

    // A service on it takes her message of that time for a repeat, and her next one for somebody's first.
    let config = std::fs::read_to_string(site.path().join("cabildo.toml")).expect("a configuration");
    std::fs::write(
        site.path().join("cabildo.toml"),
        config.replace(&format!("{data:?}"), &format!("{new:?}")),
    )
    .expect("written");
    let serving = site.serve();
    let again = get(&serving.address, own).expect("an answer");
    assert!(again.starts_with("HTTP/1.1 200") && again.ends_with("\r\n\r\n"), "{again}");
    let next = message(&serving.address, CANARY[2..].parse().expect("a number"), 3).expect("an answer");
    assert!(next.contains("71.8%"), "{next}");
    let log = serving.kill();
    assert!(!log.contains(CANARY) && !log.contains("canariomio"), "{log}");
}
