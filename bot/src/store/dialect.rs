//! One way to write a statement for two engines.

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// `SQLite`.
    Sqlite,
    /// `PostgreSQL`.
    Postgres,
}

/// A statement, in the words of both engines.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Statement {
    /// The same words on both engines.
    pub const fn both(sql: &'static str) -> Self {
        Self { sqlite: sql, postgres: sql }
    }

    /// A fork: what one engine can't say in the words of the other.
    pub const fn fork(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }

    /// The words for `engine`.
    pub const fn on(&self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }
}

/// Writes functions on a connection once and makes a module for each engine of them: inside, `Conn`
/// is the engine's connection and `ENGINE` its name; after `with at;`, `at` holds the functions of the
/// other aggregates on the same engine.
macro_rules! per_engine {
    (with at; use { $($import:item)* } $($item:item)*) => {
        /// On `SQLite`.
        pub(crate) mod sqlite {
            $($import)*
            use $crate::store::on_sqlite as at;
            use sqlx::SqliteConnection as Conn;
            const ENGINE: $crate::store::Engine = $crate::store::Engine::Sqlite;
            $($item)*
        }
        /// On `PostgreSQL`.
        pub(crate) mod postgres {
            $($import)*
            use $crate::store::on_postgres as at;
            use sqlx::PgConnection as Conn;
            const ENGINE: $crate::store::Engine = $crate::store::Engine::Postgres;
            $($item)*
        }
    };
    (use { $($import:item)* } $($item:item)*) => {
        /// On `SQLite`.
        pub(crate) mod sqlite {
            $($import)*
            use sqlx::SqliteConnection as Conn;
            const ENGINE: $crate::store::Engine = $crate::store::Engine::Sqlite;
            $($item)*
        }
        /// On `PostgreSQL`.
        pub(crate) mod postgres {
            $($import)*
            use sqlx::PgConnection as Conn;
            const ENGINE: $crate::store::Engine = $crate::store::Engine::Postgres;
            $($item)*
        }
    };
}

/// Runs one call of a [`per_engine!`] function on a connection for reading:
/// `on_pool!(self, conn => at::contacts::find(conn, id))`. Values are moved into it.
macro_rules! on_pool {
    ($store:expr, $conn:ident => $call:expr) => {
        match $store {
            $crate::store::Store::Sqlite(sqlite) => {
                use $crate::store::on_sqlite as at;
                sqlite.read(move |$conn| Box::pin(async move { $call.await })).await
            }
            $crate::store::Store::Postgres(postgres) => {
                use $crate::store::on_postgres as at;
                let mut connection = postgres.pool.acquire().await?;
                let $conn = &mut *connection;
                $call.await
            }
        }
    };
}

/// Runs one call of a [`per_engine!`] function in a write transaction, which is committed when the
/// call succeeds and undone when it fails. On `SQLite` the writer task runs it (`BEGIN IMMEDIATE`,
/// shared with what waits beside it); on `PostgreSQL` it has a transaction of its own.
macro_rules! in_write_tx {
    ($store:expr, $conn:ident => $call:expr) => {{
        let outcome = match $store {
            $crate::store::Store::Sqlite(sqlite) => {
                use $crate::store::on_sqlite as at;
                sqlite.write(move |$conn| Box::pin(async move { $call.await })).await
            }
            $crate::store::Store::Postgres(postgres) => {
                use $crate::store::on_postgres as at;
                let mut transaction = postgres.pool.begin().await?;
                let result = {
                    let $conn = &mut *transaction;
                    $call.await
                };
                match result {
                    Ok(value) => {
                        transaction.commit().await?;
                        Ok(value)
                    }
                    Err(problem) => {
                        transaction.rollback().await?;
                        Err(problem)
                    }
                }
            }
        };
        $store.wake();
        outcome
    }};
}
