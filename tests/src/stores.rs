//! A fresh store for a test, on either engine, that can be closed and opened again.

use std::path::PathBuf;

use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::time::UnixMillis;
use cabildo_bot::store::inbox::NewInbound;
use cabildo_bot::store::{AddressKeys, Location, Store};
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use uuid::Uuid;

use crate::postgres;

/// The instant at which tests begin: 2026-01-05 12:00 UTC.
pub const START: UnixMillis = UnixMillis(1_767_614_400_000);

/// A store of a test, and where it lies.
pub struct TestStore {
    /// The store.
    pub store: Store,
    /// Where it lies.
    pub location: Location,
    folder: tempfile::TempDir,
    database: Option<postgres::Database>,
}

impl TestStore {
    /// A `SQLite` file in a folder of its own.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::File(folder.path().join("data").join("cabildo.db"));
        Self::open(location, folder, None).await
    }

    /// A `PostgreSQL` database; `None` where there is none.
    pub async fn postgres() -> Option<Self> {
        let database = postgres::database().await?;
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Postgres(database.url.clone());
        Some(Self::open(location, folder, Some(database)).await)
    }

    async fn open(
        location: Location,
        folder: tempfile::TempDir,
        database: Option<postgres::Database>,
    ) -> Self {
        let store = Store::open(&location, &key_file(&folder), START).await.expect("a store");
        Self { store, location, folder, database }
    }

    /// Folder of the test; the keys lie in its `keys`, a `SQLite` file in its `data`.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_path_buf()
    }

    /// Path of the key file.
    pub fn key_file(&self) -> PathBuf {
        key_file(&self.folder)
    }

    /// Runs a statement beside the store; the first column of its rows, which is text.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        let rows: Result<Vec<(String,)>, sqlx::Error> = match &self.location {
            Location::File(path) => {
                let url = format!("sqlite://{}", path.display());
                let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
                sqlx::query_as(sql).fetch_all(&mut connection).await
            }
            Location::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await.expect("a connection");
                sqlx::query_as(sql).fetch_all(&mut connection).await
            }
            Location::Memory => panic!("a test of a database that others can open"),
        };
        rows.expect("rows").into_iter().map(|(it,)| it).collect()
    }

    /// Runs a statement that gives ids of messages in and their texts; the texts, opened.
    pub async fn inbound_texts(&self, sql: &str) -> Vec<String> {
        let keys = AddressKeys::load_or_make(&self.key_file(), false).expect("the keys");
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        let rows: Result<Vec<(Uuid, String)>, sqlx::Error> = match &self.location {
            Location::File(path) => {
                let url = format!("sqlite://{}", path.display());
                let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
                sqlx::query_as(sql).fetch_all(&mut connection).await
            }
            Location::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await.expect("a connection");
                sqlx::query_as(sql).fetch_all(&mut connection).await
            }
            Location::Memory => panic!("a test of a database that others can open"),
        };
        let open = |(id, text): (Uuid, String)| keys.open_text(id, &text).expect("a text of this row");
        rows.expect("rows").into_iter().map(open).collect()
    }

    /// Runs a statement that gives one number.
    pub async fn number(&self, sql: &str) -> i64 {
        let rows = self.texts(&format!("SELECT CAST(({sql}) AS TEXT)")).await;
        rows.first().and_then(|it| it.parse().ok()).expect("a number")
    }

    /// Closes the store and opens it again, as a new process would.
    pub async fn reopen(&mut self) {
        self.store.close().await;
        self.store = Store::open(&self.location, &self.key_file(), START).await.expect("a store");
    }

    /// Closes the store and removes what it left on a server.
    pub async fn finish(self) {
        self.store.close().await;
        if let Some(database) = self.database {
            database.drop().await;
        }
    }
}

fn key_file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("keys").join("address-keys.toml")
}

/// A message of a phone on the channel `kannel`.
pub fn inbound(address: &str, external_id: &str, text: &str) -> NewInbound {
    NewInbound {
        channel_id: "kannel".to_owned(),
        kind: ChannelKind::Sms,
        external_id: Some(external_id.to_owned()),
        address: address.to_owned(),
        text: text.to_owned(),
        location: None,
        payload: None,
        pressed: None,
        provider_at: None,
        received_at: START,
    }
}
