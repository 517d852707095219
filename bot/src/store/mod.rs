//! The store: what is kept, on `SQLite` or `PostgreSQL`.
//!
//! Each statement is written once, in the `sql` block of its file, and runs on both engines through
//! the macros of `dialect.rs`. Writes on `SQLite` go through one writer task that commits many of
//! them at once (`writer.rs`); a method returns after its commit.

#[macro_use]
mod dialect;

pub mod address;
pub mod audit;
pub mod batch;
mod beside;
pub mod broadcasts;
pub mod budgets;
pub mod cases;
pub mod contacts;
pub mod conversations;
pub mod demands;
pub mod desk;
pub mod erasures;
mod error;
pub mod events;
pub mod examine;
pub mod gateways;
pub mod guard;
pub mod highlights;
mod hints;
pub mod inbox;
pub mod leaders;
pub mod links;
pub mod media;
pub mod migrate;
pub mod outbox;
pub mod presence;
pub mod privacy;
pub mod retention;
pub mod rotation;
pub mod sealed;
pub mod snapshot;
pub mod staff;
mod texts;
pub mod watched;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use sqlx::PgPool;
use tokio::sync::{Notify, mpsc, oneshot};

pub use address::AddressKeys;
pub use batch::lookup::Loaded;
pub use dialect::{Engine, Statement};
pub use error::{Error, OpenError};
pub use sealed::CaseKey;
pub use writer::SqliteStore;

use crate::domain::time::UnixMillis;

/// The per-engine functions of all aggregates, for `SQLite`.
pub(crate) mod on_sqlite {
    pub(crate) use super::address::sqlite as address;
    pub(crate) use super::audit::cut::sqlite as audit_cuts;
    pub(crate) use super::audit::sqlite as audit;
    pub(crate) use super::batch::sqlite as batch;
    pub(crate) use super::beside::sqlite as beside;
    pub(crate) use super::broadcasts::act::sqlite as broadcast_acts;
    pub(crate) use super::broadcasts::erase::sqlite as broadcast_erasing;
    pub(crate) use super::broadcasts::freeze::sqlite as broadcast_freezing;
    pub(crate) use super::broadcasts::gate::sqlite as broadcast_gate;
    pub(crate) use super::broadcasts::queue::sqlite as broadcast_queue;
    pub(crate) use super::broadcasts::row::sqlite as broadcasts;
    pub(crate) use super::budgets::sqlite as budgets;
    pub(crate) use super::cases::act::sqlite as case_acts;
    pub(crate) use super::cases::change::sqlite as citizens;
    pub(crate) use super::cases::clocks::sqlite as case_timers;
    pub(crate) use super::cases::erase::sqlite as case_erasing;
    pub(crate) use super::cases::filters::sqlite as case_filters;
    pub(crate) use super::cases::followups::sqlite as followups;
    pub(crate) use super::cases::lists::sqlite as case_lists;
    pub(crate) use super::cases::open::sqlite as case_opening;
    pub(crate) use super::cases::outcomes::sqlite as case_outcomes;
    pub(crate) use super::cases::people::sqlite as case_people;
    pub(crate) use super::cases::read::sqlite as case_reading;
    pub(crate) use super::cases::row::sqlite as case_rows;
    pub(crate) use super::cases::search::sqlite as case_search;
    pub(crate) use super::cases::series::sqlite as case_series;
    pub(crate) use super::cases::thread::sqlite as case_thread;
    pub(crate) use super::contacts::sqlite as contacts;
    pub(crate) use super::conversations::sqlite as conversations;
    pub(crate) use super::demands::act::sqlite as demand_acts;
    pub(crate) use super::demands::change::sqlite as demand_changes;
    pub(crate) use super::demands::clocks::sqlite as demand_clocks;
    pub(crate) use super::demands::commitments::sqlite as commitments;
    pub(crate) use super::demands::leading::sqlite as leading;
    pub(crate) use super::demands::lists::sqlite as demand_lists;
    pub(crate) use super::demands::merge::sqlite as demand_merges;
    pub(crate) use super::demands::notices::sqlite as demand_notices;
    pub(crate) use super::demands::people::sqlite as demand_people;
    pub(crate) use super::demands::read::sqlite as demand_reading;
    pub(crate) use super::demands::row::sqlite as demand_rows;
    pub(crate) use super::demands::subscriptions::sqlite as subscriptions;
    pub(crate) use super::demands::support::sqlite as supports;
    pub(crate) use super::desk::acts::sqlite as desk_acts;
    pub(crate) use super::desk::case_work::sqlite as case_work;
    pub(crate) use super::desk::day::sqlite as day;
    pub(crate) use super::desk::drafts::sqlite as drafts;
    pub(crate) use super::desk::entries::sqlite as desk_entries;
    pub(crate) use super::desk::feedback::sqlite as feedback;
    pub(crate) use super::desk::held::sqlite as held;
    pub(crate) use super::desk::notices::sqlite as notices;
    pub(crate) use super::desk::unknown::sqlite as unknown;
    pub(crate) use super::erasures::sqlite as erasures;
    pub(crate) use super::events::sqlite as events;
    pub(crate) use super::gateways::sqlite as gateways;
    pub(crate) use super::highlights::act::sqlite as highlight_acts;
    pub(crate) use super::highlights::people::sqlite as highlight_people;
    pub(crate) use super::highlights::row::sqlite as highlight_rows;
    pub(crate) use super::inbox::sqlite as inbox;
    pub(crate) use super::leaders::sqlite as leaders;
    pub(crate) use super::links::sqlite as links;
    pub(crate) use super::media::sqlite as media;
    pub(crate) use super::outbox::add::sqlite as outbox;
    pub(crate) use super::outbox::answers::sqlite as sent_answers;
    pub(crate) use super::outbox::claim::sqlite as claims;
    pub(crate) use super::outbox::dispatch::sqlite as dispatching;
    pub(crate) use super::outbox::people::sqlite as people;
    pub(crate) use super::outbox::report::sqlite as reports;
    pub(crate) use super::outbox::settle::sqlite as settling;
    pub(crate) use super::presence::sqlite as presence;
    pub(crate) use super::privacy::on_sqlite::{codes, privacy, requests};
    pub(crate) use super::retention::sqlite as retention;
    pub(crate) use super::rotation::sqlite as rotation;
    pub(crate) use super::staff::on_sqlite::{answers, sessions, sign_in, staff};
    pub(crate) use super::watched::sqlite as watched;
}

/// The per-engine functions of all aggregates, for `PostgreSQL`.
pub(crate) mod on_postgres {
    pub(crate) use super::address::postgres as address;
    pub(crate) use super::audit::cut::postgres as audit_cuts;
    pub(crate) use super::audit::postgres as audit;
    pub(crate) use super::batch::postgres as batch;
    pub(crate) use super::beside::postgres as beside;
    pub(crate) use super::broadcasts::act::postgres as broadcast_acts;
    pub(crate) use super::broadcasts::erase::postgres as broadcast_erasing;
    pub(crate) use super::broadcasts::freeze::postgres as broadcast_freezing;
    pub(crate) use super::broadcasts::gate::postgres as broadcast_gate;
    pub(crate) use super::broadcasts::queue::postgres as broadcast_queue;
    pub(crate) use super::broadcasts::row::postgres as broadcasts;
    pub(crate) use super::budgets::postgres as budgets;
    pub(crate) use super::cases::act::postgres as case_acts;
    pub(crate) use super::cases::change::postgres as citizens;
    pub(crate) use super::cases::clocks::postgres as case_timers;
    pub(crate) use super::cases::erase::postgres as case_erasing;
    pub(crate) use super::cases::filters::postgres as case_filters;
    pub(crate) use super::cases::followups::postgres as followups;
    pub(crate) use super::cases::lists::postgres as case_lists;
    pub(crate) use super::cases::open::postgres as case_opening;
    pub(crate) use super::cases::outcomes::postgres as case_outcomes;
    pub(crate) use super::cases::people::postgres as case_people;
    pub(crate) use super::cases::read::postgres as case_reading;
    pub(crate) use super::cases::row::postgres as case_rows;
    pub(crate) use super::cases::search::postgres as case_search;
    pub(crate) use super::cases::series::postgres as case_series;
    pub(crate) use super::cases::thread::postgres as case_thread;
    pub(crate) use super::contacts::postgres as contacts;
    pub(crate) use super::conversations::postgres as conversations;
    pub(crate) use super::demands::act::postgres as demand_acts;
    pub(crate) use super::demands::change::postgres as demand_changes;
    pub(crate) use super::demands::clocks::postgres as demand_clocks;
    pub(crate) use super::demands::commitments::postgres as commitments;
    pub(crate) use super::demands::leading::postgres as leading;
    pub(crate) use super::demands::lists::postgres as demand_lists;
    pub(crate) use super::demands::merge::postgres as demand_merges;
    pub(crate) use super::demands::notices::postgres as demand_notices;
    pub(crate) use super::demands::people::postgres as demand_people;
    pub(crate) use super::demands::read::postgres as demand_reading;
    pub(crate) use super::demands::row::postgres as demand_rows;
    pub(crate) use super::demands::subscriptions::postgres as subscriptions;
    pub(crate) use super::demands::support::postgres as supports;
    pub(crate) use super::desk::acts::postgres as desk_acts;
    pub(crate) use super::desk::case_work::postgres as case_work;
    pub(crate) use super::desk::day::postgres as day;
    pub(crate) use super::desk::drafts::postgres as drafts;
    pub(crate) use super::desk::entries::postgres as desk_entries;
    pub(crate) use super::desk::feedback::postgres as feedback;
    pub(crate) use super::desk::held::postgres as held;
    pub(crate) use super::desk::notices::postgres as notices;
    pub(crate) use super::desk::unknown::postgres as unknown;
    pub(crate) use super::erasures::postgres as erasures;
    pub(crate) use super::events::postgres as events;
    pub(crate) use super::gateways::postgres as gateways;
    pub(crate) use super::highlights::act::postgres as highlight_acts;
    pub(crate) use super::highlights::people::postgres as highlight_people;
    pub(crate) use super::highlights::row::postgres as highlight_rows;
    pub(crate) use super::inbox::postgres as inbox;
    pub(crate) use super::leaders::postgres as leaders;
    pub(crate) use super::links::postgres as links;
    pub(crate) use super::media::postgres as media;
    pub(crate) use super::outbox::add::postgres as outbox;
    pub(crate) use super::outbox::answers::postgres as sent_answers;
    pub(crate) use super::outbox::claim::postgres as claims;
    pub(crate) use super::outbox::dispatch::postgres as dispatching;
    pub(crate) use super::outbox::people::postgres as people;
    pub(crate) use super::outbox::report::postgres as reports;
    pub(crate) use super::outbox::settle::postgres as settling;
    pub(crate) use super::presence::postgres as presence;
    pub(crate) use super::privacy::on_postgres::{codes, privacy, requests};
    pub(crate) use super::retention::postgres as retention;
    pub(crate) use super::rotation::postgres as rotation;
    pub(crate) use super::staff::on_postgres::{answers, sessions, sign_in, staff};
    pub(crate) use super::watched::postgres as watched;
}

/// Where the data are.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A `SQLite` file on a local disk, made if it is not there.
    File(PathBuf),
    /// A `SQLite` database in memory: gone with the process.
    Memory,
    /// A `PostgreSQL` database, by its URL.
    Postgres(String),
}

impl Location {
    /// Reads `:memory:`, a `postgres://` URL or the path of a file.
    pub fn parse(text: &str) -> Self {
        if text == ":memory:" {
            Self::Memory
        } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Self::Postgres(text.to_owned())
        } else {
            Self::File(PathBuf::from(text))
        }
    }

    /// Where the address keys of this database lie unless the configuration says otherwise: beside
    /// the file. `None` for a database that has no folder of its own.
    pub fn default_key_file(&self) -> Option<PathBuf> {
        match self {
            Self::File(path) => {
                Some(path.parent().unwrap_or_else(|| Path::new("")).join(address::KEY_FILE_NAME))
            }
            Self::Memory | Self::Postgres(_) => None,
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => out.debug_tuple("File").field(path).finish(),
            Self::Memory => out.write_str("Memory"),
            // The URL may hold a password.
            Self::Postgres(_) => out.write_str("Postgres(..)"),
        }
    }
}

/// The store on one of the two engines; cheap to clone.
#[derive(Clone, Debug)]
pub enum Store {
    /// A `SQLite` file or memory.
    Sqlite(SqliteStore),
    /// A `PostgreSQL` database.
    Postgres(PostgresStore),
}

/// The store on `PostgreSQL`.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pub(crate) pool: PgPool,
    pub(crate) keys: Arc<AddressKeys>,
    /// The connections of `writers` and `questions`.
    hot: PgPool,
    writers: batch::postgres::Writers,
    cache: Arc<batch::cache::Cache>,
    questions: mpsc::Sender<batch::lookup::Question>,
    unsafe_settings: Arc<Vec<String>>,
    shared: Arc<Shared>,
}

/// What the clones of a store share beside the database.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    audit_key: OnceLock<Arc<audit::AuditKey>>,
    woken: Notify,
}

impl Store {
    /// Opens the database with the keys of `key_file` (made, together with the database, on the
    /// first start), migrates it and runs the start-up guard.
    ///
    /// # Errors
    /// The guard refuses, the keys don't belong to the database, or it can't be reached;
    /// [`OpenError::exit_code`] says which exit code that is.
    pub async fn open(location: &Location, key_file: &Path, now: UnixMillis) -> Result<Self, OpenError> {
        let fresh = match location {
            Location::File(path) => !path.exists(),
            Location::Memory => true,
            // Of a server only the database itself knows whether it was used before.
            Location::Postgres(url) => {
                let pool = migrate::connect_postgres(url).await?;
                let fresh = rotation::is_fresh(&pool).await;
                pool.close().await;
                fresh?
            }
        };
        let keys = AddressKeys::load_or_make(key_file, fresh)?;
        let store = Self::open_with_keys(location, keys, now).await?;
        store.take_audit_key(&key_file.with_file_name(audit::KEY_FILE_NAME)).await?;
        Ok(store)
    }

    /// Reads the key of the audit trail, or makes it for a database that has no trail.
    async fn take_audit_key(&self, path: &Path) -> Result<(), OpenError> {
        let key = match audit::AuditKey::load(path)? {
            Some(key) => key,
            None if self.has_audit().await? => {
                return Err(OpenError::Keys(format!(
                    "{} is missing, and without it the audit trail can't be continued or checked. Put back the \
                     file that belongs to this database.",
                    path.display()
                )));
            }
            None => audit::AuditKey::load_or_make(path)?,
        };
        self.set_audit_key(key).await
    }

    async fn set_audit_key(&self, key: audit::AuditKey) -> Result<(), OpenError> {
        self.check_audit_key(&key).await?;
        // Only here is it set.
        let _ = self.shared().audit_key.set(Arc::new(key));
        Ok(())
    }

    /// A database in memory with keys of its own.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_in_memory(now: UnixMillis) -> Result<Self, OpenError> {
        let store = Self::open_with_keys(&Location::Memory, AddressKeys::make()?, now).await?;
        store.set_audit_key(audit::AuditKey::make()?).await?;
        Ok(store)
    }

    /// Opens with keys that are already there, without the key of the audit trail.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_with_keys(
        location: &Location,
        keys: AddressKeys,
        now: UnixMillis,
    ) -> Result<Self, OpenError> {
        let keys = Arc::new(keys);
        let store = match location {
            Location::File(path) => Self::Sqlite(SqliteStore::open_file(path, keys).await?),
            Location::Memory => Self::Sqlite(SqliteStore::open_memory(keys).await?),
            Location::Postgres(url) => {
                let pool = migrate::connect_postgres(url).await?;
                sqlx::query(batch::POSTGRES_SETUP).execute(&pool).await.map_err(Error::from)?;
                let hot = migrate::connect_writers(url)?;
                let writers = batch::postgres::Writers::start(&hot);
                let questions = batch::lookup::start(batch::lookup::Reader::Postgres(hot.clone()));
                let unsafe_settings = Arc::new(migrate::unsafe_settings(&pool).await?);
                Self::Postgres(PostgresStore {
                    pool,
                    keys,
                    hot,
                    writers,
                    cache: Arc::default(),
                    questions,
                    unsafe_settings,
                    shared: Arc::default(),
                })
            }
        };
        store.check_keys(now).await?;
        Ok(store)
    }

    /// Opens a `SQLite` file for work that needs no address: it can neither find nor open one, and
    /// its keys are noted nowhere.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_without_keys(path: &Path) -> Result<Self, OpenError> {
        let keys = Arc::new(AddressKeys::make()?);
        Ok(Self::Sqlite(SqliteStore::open_file(path, keys).await?))
    }

    /// Which engine it is.
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Settings of the server, as they were at the start, by which a power cut could lose what was
    /// acknowledged. A `SQLite` that has such is refused.
    pub fn unsafe_settings(&self) -> &[String] {
        match self {
            Self::Sqlite(_) => &[],
            Self::Postgres(postgres) => &postgres.unsafe_settings,
        }
    }

    /// The key of the audit trail; `None` where the database was opened without it.
    pub(crate) fn audit_key(&self) -> Option<Arc<audit::AuditKey>> {
        self.shared().audit_key.get().map(Arc::clone)
    }

    /// Wakes those who follow the feed, after a commit.
    pub(crate) fn wake(&self) {
        self.shared().woken.notify_waiters();
    }

    /// What commits of this process wake.
    pub fn woken(&self) -> &Notify {
        &self.shared().woken
    }

    fn shared(&self) -> &Shared {
        match self {
            Self::Sqlite(sqlite) => &sqlite.shared,
            Self::Postgres(postgres) => &postgres.shared,
        }
    }

    /// The keys of addresses.
    pub(crate) fn keys(&self) -> Arc<AddressKeys> {
        match self {
            Self::Sqlite(sqlite) => sqlite.keys(),
            Self::Postgres(postgres) => Arc::clone(&postgres.keys),
        }
    }

    /// What is known of the contacts that wrote lately.
    pub(crate) fn cache(&self) -> &batch::cache::Cache {
        match self {
            Self::Sqlite(sqlite) => &sqlite.cache,
            Self::Postgres(postgres) => &postgres.cache,
        }
    }

    /// The task that reads many contacts at once; `None` in memory.
    fn questions(&self) -> Option<&mpsc::Sender<batch::lookup::Question>> {
        match self {
            Self::Sqlite(sqlite) => sqlite.questions.as_ref(),
            Self::Postgres(postgres) => Some(&postgres.questions),
        }
    }

    /// Runs an operation of the hot path in the next batch; returns after its commit. Operations of
    /// one `route` keep their order.
    async fn run(&self, op: batch::Op, route: &[u8]) -> Result<batch::Fate, Error> {
        let (told, answer) = oneshot::channel();
        let item = batch::Item { op, told: Some(told) };
        match self {
            Self::Sqlite(sqlite) => sqlite.send(item).await?,
            Self::Postgres(postgres) => {
                postgres.writers.way(route)?.send(item).await.map_err(|_| Error::closed())?;
            }
        }
        let answer = answer.await;
        self.wake();
        answer.map_err(|_| Error::Unavailable("the transaction could not be run".to_owned()))?
    }

    /// Hands over an operation that nobody waits for; gives it back where too much waits already.
    fn note(&self, op: batch::Op, route: &[u8]) -> Option<batch::Op> {
        let item = batch::Item { op, told: None };
        let back = match self {
            Self::Sqlite(sqlite) => sqlite.try_send(item),
            Self::Postgres(postgres) => match postgres.writers.way(route).ok()?.try_send(item) {
                Err(mpsc::error::TrySendError::Full(item)) => Some(item),
                _ => None,
            },
        };
        back.map(|it| it.op)
    }

    /// Finishes what is waiting to be written and closes the database. Later calls on any clone fail
    /// with [`Error::Unavailable`].
    pub async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
            Self::Postgres(postgres) => {
                postgres.writers.close().await;
                postgres.hot.close().await;
                postgres.pool.close().await;
            }
        }
    }
}

/// Every statement of the store, so that a test can prepare them all.
pub fn statements() -> impl Iterator<Item = &'static Statement> {
    [
        address::sql::ALL,
        audit::cut::sql::ALL,
        audit::sql::ALL,
        &[batch::lookup::LOOKUP],
        broadcasts::erase::sql::ALL,
        broadcasts::freeze::sql::ALL,
        broadcasts::gate::sql::ALL,
        broadcasts::queue::sql::ALL,
        broadcasts::row::sql::ALL,
        budgets::sql::ALL,
        cases::act::sql::ALL,
        cases::change::sql::ALL,
        cases::clocks::sql::ALL,
        cases::erase::sql::ALL,
        cases::followups::sql::ALL,
        cases::filters::sql::ALL,
        cases::lists::sql::ALL,
        cases::open::sql::ALL,
        cases::outcomes::sql::ALL,
        cases::people::sql::ALL,
        cases::read::sql::ALL,
        cases::row::sql::ALL,
        cases::search::sql::ALL,
        cases::series::sql::ALL,
        cases::thread::sql::ALL,
        contacts::sql::ALL,
        conversations::sql::ALL,
        demands::act::sql::ALL,
        demands::change::sql::ALL,
        demands::clocks::sql::ALL,
        demands::commitments::sql::ALL,
        demands::leading::sql::ALL,
        demands::lists::sql::ALL,
        demands::merge::sql::ALL,
        demands::notices::sql::ALL,
        demands::people::sql::ALL,
        demands::read::sql::ALL,
        demands::row::sql::ALL,
        demands::subscriptions::sql::ALL,
        demands::support::sql::ALL,
        desk::case_work::sql::ALL,
        desk::day::sql::ALL,
        desk::drafts::sql::ALL,
        desk::feedback::sql::ALL,
        desk::notices::sql::ALL,
        desk::entries::sql::ALL,
        desk::held::sql::ALL,
        desk::unknown::sql::ALL,
        erasures::sql::ALL,
        events::sql::ALL,
        gateways::sql::ALL,
        highlights::act::sql::ALL,
        highlights::people::sql::ALL,
        highlights::row::sql::ALL,
        inbox::sql::ALL,
        leaders::sql::ALL,
        links::sql::ALL,
        media::sql::ALL,
        presence::sql::ALL,
        retention::sql::ALL,
        rotation::sql::ALL,
        staff::sql::accounts::ALL,
        staff::sql::answers::ALL,
        staff::sql::sessions::ALL,
        staff::sql::sign_in::ALL,
        watched::sql::ALL,
        outbox::add::sql::ALL,
        outbox::claim::sql::ALL,
        outbox::dispatch::sql::ALL,
        outbox::people::sql::ALL,
        outbox::report::sql::ALL,
        outbox::settle::sql::ALL,
        outbox::answers::sql::ALL,
    ]
    .into_iter()
    .flatten()
    .chain(privacy::statements())
}
