//! The statements and migrations of both engines agree.

use std::collections::BTreeMap;

use cabildo_bot::store::{Engine, Location, Store, batch, migrate, statements};
use cabildo_tests::postgres;
use cabildo_tests::stores::TestStore;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, SqlSafeStr as _};

async fn sqlite_connection(test: &TestStore) -> SqliteConnection {
    let Location::File(path) = &test.location else { panic!("a file") };
    SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.expect("a connection")
}

async fn postgres_connection(test: &TestStore) -> PgConnection {
    let Location::Postgres(url) = &test.location else { panic!("a URL") };
    PgConnection::connect(url).await.expect("a connection")
}

#[tokio::test]
async fn every_statement_prepares_on_sqlite() {
    let test = TestStore::sqlite().await;
    let mut connection = sqlite_connection(&test).await;
    for statement in statements() {
        let sql = statement.on(Engine::Sqlite);
        (&mut connection)
            .prepare(sql.into_sql_str())
            .await
            .unwrap_or_else(|problem| panic!("{sql}\n{problem}"));
    }
    connection.execute(batch::SQLITE_SETUP).await.expect("the table of a batch");
    for step in batch::SQLITE_STEPS {
        (&mut connection)
            .prepare(step.into_sql_str())
            .await
            .unwrap_or_else(|problem| panic!("{step}\n{problem}"));
    }
    test.finish().await;
}

#[tokio::test]
async fn every_statement_prepares_on_postgres() {
    let Some(test) = TestStore::postgres().await else { return };
    let mut connection = postgres_connection(&test).await;
    let hot = [batch::POSTGRES, batch::POSTGRES_SETUP];
    for sql in statements().map(|it| it.on(Engine::Postgres)).chain(hot) {
        (&mut connection)
            .prepare(sql.into_sql_str())
            .await
            .unwrap_or_else(|problem| panic!("{sql}\n{problem}"));
    }
    drop(connection);
    test.finish().await;
}

#[tokio::test]
async fn no_statement_of_the_hot_path_reads_a_whole_table() {
    let test = TestStore::sqlite().await;
    let mut connection = sqlite_connection(&test).await;
    // Counts are for staff and tests and may read everything.
    connection.execute(batch::SQLITE_SETUP).await.expect("the table of a batch");
    let single = statements().map(|it| it.on(Engine::Sqlite)).filter(|it| !it.contains("COUNT(*)"));
    for sql in single.chain(batch::SQLITE_STEPS.iter().copied()) {
        let rows: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
                .fetch_all(&mut connection)
                .await
                .unwrap_or_else(|problem| panic!("{sql}\n{problem}"));
        let parts: Vec<String> = rows
            .iter()
            .filter_map(|it| it.3.strip_prefix("CO-ROUTINE ").or(it.3.strip_prefix("MATERIALIZE ")))
            .map(str::to_owned)
            .collect();
        for (_, _, _, step) in rows {
            // Tables that the statement does not name are those of foreign keys, looked at only while
            // a constraint is broken.
            let named =
                step.split(' ').nth(1).is_some_and(|table| sql.split([' ', '(']).any(|it| it == table));
            // The batch itself and the arrays that it comes from are read whole, and what a part of the statement
            // found, which is judged itself.
            let own = ["batch", "temp.batch", "b", "v", "w", "jsonb_each"]
                .iter()
                .any(|it| step.split(' ').nth(1) == Some(it))
                || step.split(' ').nth(1).is_some_and(|it| parts.iter().any(|part| part == it));
            let whole = step.starts_with("SCAN")
                && !step.contains("USING")
                && named
                && !step.contains("VIRTUAL TABLE")
                && !own;
            // A table that refers to itself is looked at only while that is broken, too.
            let whole =
                whole && !sql.starts_with(&format!("INSERT INTO {} ", step.split(' ').nth(1).unwrap_or("")));
            assert!(!whole, "{sql}\n{step}");
        }
    }
    test.finish().await;
}

/// An array that comes with a statement is gone through once, and rows are looked up for what is in it. The other way
/// round the array would be read anew for every row of a table.
#[tokio::test]
async fn no_statement_reads_its_array_again_for_every_row() {
    let test = TestStore::sqlite().await;
    let mut connection = sqlite_connection(&test).await;
    let mut wrong = Vec::new();
    for sql in statements().map(|it| it.on(Engine::Sqlite)) {
        let rows: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
                .fetch_all(&mut connection)
                .await
                .unwrap_or_else(|problem| panic!("{sql}\n{problem}"));
        // Loops stand below the same parent, the outer one first.
        let mut outer: BTreeMap<i64, String> = BTreeMap::new();
        for (_, parent, _, step) in rows {
            let looked_up_once = step.contains("(id=?)") || step.contains("(rowid=?)");
            if step.contains("VIRTUAL TABLE") && !step.contains("_words") {
                if let Some(table) = outer.get(&parent) {
                    wrong.push(format!("{sql}\n  {table}\n  {step}"));
                }
            } else if (step.starts_with("SEARCH") || step.starts_with("SCAN")) && !looked_up_once {
                outer.entry(parent).or_insert(step);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    test.finish().await;
}

#[test]
fn every_statement_is_listed() {
    // A statement that is written and not listed would not be prepared by the tests above.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../bot/src/store");
    let (mut written, mut folders) = (0, vec![std::path::PathBuf::from(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of the store") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            written += std::fs::read_to_string(path).expect("a file").matches(": Statement =").count();
        }
    }
    assert_eq!(statements().count(), written);
}

#[test]
fn migrations_agree_in_number_and_name() {
    let sqlite = migrate::list(Engine::Sqlite);
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, migrate::list(Engine::Postgres));
}

/// Table and column, with its kind and whether it may be null.
type Columns = BTreeMap<(String, String), (&'static str, bool)>;

/// Whether a table of `SQLite` belongs to its full-text index: `PostgreSQL` has an index of a table instead.
fn of_the_search(table: &str) -> bool {
    table == "case_search" || table.starts_with("case_search_")
}

/// The kind of value that a column of either engine holds.
fn kind(declared: &str) -> &'static str {
    match declared.to_lowercase().as_str() {
        "integer" | "bigint" | "boolean" => "number",
        "real" | "double precision" => "real",
        "blob" | "uuid" | "bytea" => "bytes",
        "text" => "text",
        other => panic!("a column of type {other}"),
    }
}

#[tokio::test]
async fn migrations_lead_to_the_same_tables_and_columns() {
    let test = TestStore::sqlite().await;
    let mut connection = sqlite_connection(&test).await;
    let rows: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT t.name, c.name, c.type, c.\"notnull\" FROM sqlite_schema AS t, pragma_table_info(t.name) AS c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut connection)
    .await
    .expect("columns");
    let rows = rows.into_iter().filter(|(table, ..)| !of_the_search(table));
    let sqlite: Columns = rows.map(|(t, c, k, fixed)| ((t, c), (kind(&k), !fixed))).collect();
    assert!(sqlite.contains_key(&("outbox".to_owned(), "attempt".to_owned())));
    let loose: Vec<(String,)> = sqlx::query_as(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 \
         AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut connection)
    .await
    .expect("tables");
    let loose: Vec<_> = loose.into_iter().filter(|(table,)| !of_the_search(table)).collect();
    assert!(loose.is_empty(), "not STRICT: {loose:?}");
    test.finish().await;

    let Some(test) = TestStore::postgres().await else { return };
    let mut connection = postgres_connection(&test).await;
    let rows: Vec<(String, String, String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable::text \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut connection)
    .await
    .expect("columns");
    drop(connection);
    let postgres: Columns =
        rows.into_iter().map(|(t, c, k, nullable)| ((t, c), (kind(&k), nullable == "YES"))).collect();
    assert_eq!(sqlite, postgres);
    test.finish().await;
}

#[tokio::test]
async fn two_processes_that_start_together_migrate_once() {
    let Some(database) = postgres::database().await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let keys = folder.path().join("keys.toml");
    cabildo_bot::store::AddressKeys::load_or_make(&keys, true).expect("keys");
    let location = Location::Postgres(database.url.clone());
    let now = cabildo_tests::stores::START;
    let (one, other) = tokio::join!(Store::open(&location, &keys, now), Store::open(&location, &keys, now));
    one.expect("the first").close().await;
    other.expect("the second").close().await;
    database.drop().await;
}
