//! Signing in: what bounds guessing, and one use of every code.
//!
//! A try counts as failed before it is looked at and is taken back when it was right: so of many at once
//! no more than the free ones are looked at. Names that are not there count like others.

use uuid::Uuid;

use super::sessions::NewSession;
use crate::domain::time::{DAY, UnixMillis};
use crate::store::audit::{New as NewAudit, Prepared};
use crate::store::{Error, Store};

/// After so long without a failure the next one is the first again, ms.
const FORGOTTEN: i64 = DAY;

/// Where somebody signs in from: a keyed hash of the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source(pub Vec<u8>);

/// What a sign-in is checked against.
#[derive(Clone, sqlx::FromRow)]
pub struct Credentials {
    /// The account.
    pub id: Uuid,
    /// PHC string of the password.
    pub password_hash: Option<String>,
    /// Sealed secret of the second factor.
    pub totp_sealed: Option<Vec<u8>>,
    /// Its last step.
    pub totp_step: i64,
}

/// Why nobody may try now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// Until an instant, Unix ms.
    Until(i64),
    /// Until an administrator acts.
    Locked,
}

/// The second factor that was right.
#[derive(Clone, Debug)]
pub enum Factor {
    /// A step of the authenticator; it must be greater than the last one.
    Totp(i64),
    /// The keyed hash of a recovery code.
    Recovery(Vec<u8>),
    /// The code of the demo.
    Demo,
}

/// A sign-in whose password was right.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The account.
    pub staff_id: Uuid,
    /// Keyed hash of the sign-in name.
    pub account_key: Vec<u8>,
    /// Where from.
    pub source: Source,
    /// The second factor.
    pub factor: Factor,
    /// The session to begin.
    pub session: NewSession,
    /// The password hashed anew, where the parameters changed.
    pub rehashed: Option<String>,
}

/// Somebody who must not try to sign in now.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Lock {
    /// `account` or `source`.
    pub kind: String,
    /// Keyed hash of the sign-in name or the address.
    pub attempt_key: Vec<u8>,
    /// Failures in a row.
    pub failures: i64,
    /// Until when, Unix ms.
    pub blocked_until: i64,
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const CREDENTIALS: Statement = Statement::both(
        "SELECT id, password_hash, totp_sealed, totp_step FROM staff WHERE name = $1 AND state = 'active'",
    );
    pub(super) const CODE: Statement = Statement::both(
        "SELECT staff_id FROM staff_recovery_codes WHERE staff_id = $1 AND code_hash = $2 AND used_at IS NULL",
    );
    pub(super) const SET_UP_OF: Statement = Statement::both(
        "SELECT id FROM staff WHERE name = $1 AND setup_hash = $2 AND setup_expires_at > $3 \
         AND state = 'invited'",
    );
    pub(super) const FAILURES: Statement = Statement::both(
        "SELECT failures, blocked_until FROM staff_attempts WHERE kind = $1 AND attempt_key = $2",
    );
    /// Nothing where it is blocked or locked (`$4`, `$5`: the failures that lock).
    pub(super) const COUNT: Statement = Statement::both(
        "INSERT INTO staff_attempts (kind, attempt_key, failures, blocked_until, updated_at) \
         VALUES ($1, $2, 1, 0, $3) ON CONFLICT (kind, attempt_key) DO UPDATE SET \
         failures = CASE WHEN staff_attempts.updated_at < $4 THEN 1 ELSE staff_attempts.failures + 1 END, \
         updated_at = $3 \
         WHERE staff_attempts.blocked_until <= $3 AND staff_attempts.failures < $5 RETURNING failures",
    );
    pub(super) const BLOCK: Statement =
        Statement::both("UPDATE staff_attempts SET blocked_until = $3 WHERE kind = $1 AND attempt_key = $2");
    pub(super) const RELEASE: Statement =
        Statement::both("DELETE FROM staff_attempts WHERE kind = $1 AND attempt_key = $2");
    pub(super) const LOCKS: Statement = Statement::both(
        "SELECT kind, attempt_key, failures, blocked_until FROM staff_attempts \
         WHERE failures >= 5 AND (blocked_until > $1 OR failures >= $2) ORDER BY failures DESC LIMIT 200",
    );
    pub(super) const REMOVE: Statement = Statement::both(
        "DELETE FROM staff_attempts WHERE (kind, attempt_key) IN (SELECT kind, attempt_key \
         FROM staff_attempts WHERE updated_at < $1 AND failures < $2 ORDER BY updated_at LIMIT 500)",
    );
    /// The step of a code is spent once, also where two use it at once.
    pub(super) const STEP: Statement =
        Statement::both("UPDATE staff SET totp_step = $2 WHERE id = $1 AND totp_step < $2");
    pub(super) const USE_CODE: Statement = Statement::both(
        "UPDATE staff_recovery_codes SET used_at = $3 WHERE staff_id = $1 AND code_hash = $2 \
         AND used_at IS NULL",
    );
    pub(super) const SIGNED: Statement = Statement::both(
        "UPDATE staff SET signed_in_at = $2, password_hash = COALESCE($3, password_hash) \
         WHERE id = $1 AND state = 'active'",
    );
    pub(in crate::store) const ALL: &[Statement] = &[
        CREDENTIALS,
        CODE,
        SET_UP_OF,
        FAILURES,
        COUNT,
        BLOCK,
        RELEASE,
        LOCKS,
        REMOVE,
        STEP,
        USE_CODE,
        SIGNED,
    ];
}

/// The kinds of what is counted.
pub(crate) const ACCOUNT: &str = "account";
/// An address.
pub(crate) const SOURCE: &str = "source";

per_engine! {
    with at;
    use {
        use super::{ACCOUNT, Blocked, Credentials, FORGOTTEN, Factor, Lock, SOURCE, SignIn, sql};
        use crate::domain::staff::{LOCKING_FAILURES, wait_after};
        use crate::store::audit::Prepared;
        use crate::store::{Error, events};
        use uuid::Uuid;
    }

    /// What a sign-in name is checked against.
    pub(crate) async fn credentials(conn: &mut Conn, name: String) -> Result<Option<Credentials>, Error> {
        Ok(sqlx::query_as(sql::CREDENTIALS.on(ENGINE)).bind(name).fetch_optional(conn).await?)
    }

    /// Whether an account has a recovery code.
    pub(crate) async fn has_code(conn: &mut Conn, id: Uuid, hash: Vec<u8>) -> Result<bool, Error> {
        let found: Option<(Uuid,)> =
            sqlx::query_as(sql::CODE.on(ENGINE)).bind(id).bind(hash).fetch_optional(conn).await?;
        Ok(found.is_some())
    }

    /// The account that a set-up code is for.
    pub(crate) async fn set_up_of(
        conn: &mut Conn,
        name: String,
        hash: Vec<u8>,
        now: i64,
    ) -> Result<Option<Uuid>, Error> {
        let found: Option<(Uuid,)> = sqlx::query_as(sql::SET_UP_OF.on(ENGINE))
            .bind(name)
            .bind(hash)
            .bind(now)
            .fetch_optional(conn)
            .await?;
        Ok(found.map(|(it,)| it))
    }

    /// Why nobody may try now; `None`: one may.
    pub(crate) async fn blocked(
        conn: &mut Conn,
        kind: &'static str,
        key: Vec<u8>,
        now: i64,
    ) -> Result<Option<Blocked>, Error> {
        let found: Option<(i64, i64)> =
            sqlx::query_as(sql::FAILURES.on(ENGINE)).bind(kind).bind(key).fetch_optional(conn).await?;
        Ok(found.and_then(|(failures, until)| {
            if failures >= LOCKING_FAILURES {
                Some(Blocked::Locked)
            } else {
                (until > now).then_some(Blocked::Until(until))
            }
        }))
    }

    /// Counts a failure; `Some`: it was blocked meanwhile and is not counted.
    pub(crate) async fn count(
        conn: &mut Conn,
        kind: &'static str,
        key: Vec<u8>,
        now: i64,
    ) -> Result<Option<Blocked>, Error> {
        let counted: Option<(i64,)> = sqlx::query_as(sql::COUNT.on(ENGINE))
            .bind(kind)
            .bind(&key)
            .bind(now)
            .bind(now - FORGOTTEN)
            .bind(LOCKING_FAILURES)
            .fetch_optional(&mut *conn)
            .await?;
        let Some((failures,)) = counted else {
            let why = blocked(conn, kind, key, now).await?;
            return Ok(Some(why.unwrap_or(Blocked::Until(now))));
        };
        let until = wait_after(failures).map_or(0, |it| if it == 0 { 0 } else { now + it });
        sqlx::query(sql::BLOCK.on(ENGINE)).bind(kind).bind(key).bind(until).execute(conn).await?;
        Ok(None)
    }

    /// Notes that a try was wrong: the place counts too, and the trail says so.
    pub(crate) async fn fail(
        conn: &mut Conn,
        source: Vec<u8>,
        audit: Option<Prepared>,
        now: i64,
    ) -> Result<(), Error> {
        count(&mut *conn, SOURCE, source, now).await?;
        if let Some(audit) = audit {
            at::audit::append(conn, &audit).await?;
        }
        Ok(())
    }

    /// Spends the second factor and begins the session; whether the place is new. A factor that was
    /// spent meanwhile is not found.
    pub(crate) async fn succeed(
        conn: &mut Conn,
        it: &SignIn,
        audit: &Prepared,
        now: i64,
    ) -> Result<bool, Error> {
        let spent = match &it.factor {
            Factor::Totp(step) => {
                sqlx::query(sql::STEP.on(ENGINE))
                    .bind(it.staff_id)
                    .bind(*step)
                    .execute(&mut *conn)
                    .await?
                    .rows_affected()
            }
            Factor::Recovery(hash) => {
                sqlx::query(sql::USE_CODE.on(ENGINE))
                    .bind(it.staff_id)
                    .bind(hash)
                    .bind(now)
                    .execute(&mut *conn)
                    .await?
                    .rows_affected()
            }
            Factor::Demo => 1,
        };
        let signed = sqlx::query(sql::SIGNED.on(ENGINE))
            .bind(it.staff_id)
            .bind(now)
            .bind(&it.rehashed)
            .execute(&mut *conn)
            .await?
            .rows_affected();
        if spent == 0 || signed == 0 {
            return Err(Error::NotFound);
        }
        for (kind, key) in [(ACCOUNT, &it.account_key), (SOURCE, &it.source.0)] {
            sqlx::query(sql::RELEASE.on(ENGINE)).bind(kind).bind(key).execute(&mut *conn).await?;
        }
        let new_place = at::sessions::add(&mut *conn, &it.session, it.staff_id, now).await?;
        at::audit::append(&mut *conn, audit).await?;
        let kind = if new_place { "staff_new_place" } else { "staff_signed_in" };
        at::events::add(conn, &[events::New { kind, at: now, ..events::New::default() }]).await?;
        Ok(new_place)
    }

    /// Forgets the failures of one.
    pub(crate) async fn release(
        conn: &mut Conn,
        kind: &'static str,
        key: Vec<u8>,
        audit: &Prepared,
    ) -> Result<bool, Error> {
        let gone = sqlx::query(sql::RELEASE.on(ENGINE)).bind(kind).bind(key).execute(&mut *conn).await?;
        if gone.rows_affected() == 0 {
            return Ok(false);
        }
        at::audit::append(conn, audit).await?;
        Ok(true)
    }

    /// Who must not try now, those with the most failures first.
    pub(crate) async fn locks(conn: &mut Conn, now: i64) -> Result<Vec<Lock>, Error> {
        Ok(sqlx::query_as(sql::LOCKS.on(ENGINE)).bind(now).bind(LOCKING_FAILURES).fetch_all(conn).await?)
    }

    /// Removes some failures that are long past; how many.
    pub(crate) async fn remove(conn: &mut Conn, before: i64) -> Result<u64, Error> {
        let removed =
            sqlx::query(sql::REMOVE.on(ENGINE)).bind(before).bind(LOCKING_FAILURES).execute(conn).await?;
        Ok(removed.rows_affected())
    }
}

impl Store {
    /// What a folded sign-in name is checked against; only accounts that can sign in.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn find_credentials(&self, name: &str) -> Result<Option<Credentials>, Error> {
        let name = name.to_owned();
        on_pool!(self, conn => at::sign_in::credentials(conn, name))
    }

    /// Whether an account has an unused recovery code, by its keyed hash.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn has_recovery_code(&self, id: Uuid, hash: &[u8]) -> Result<bool, Error> {
        let hash = hash.to_vec();
        on_pool!(self, conn => at::sign_in::has_code(conn, id, hash))
    }

    /// The account that a set-up code is for, by a folded name and the code's keyed hash.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn find_set_up(&self, name: &str, hash: &[u8], now: UnixMillis) -> Result<Option<Uuid>, Error> {
        let (name, hash) = (name.to_owned(), hash.to_vec());
        on_pool!(self, conn => at::sign_in::set_up_of(conn, name, hash, now.0))
    }

    /// Why a place must not try now.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn source_blocked(&self, source: &Source, now: UnixMillis) -> Result<Option<Blocked>, Error> {
        let key = source.0.clone();
        on_pool!(self, conn => at::sign_in::blocked(conn, SOURCE, key, now.0))
    }

    /// Begins a try for an account: counts it as failed. `Some`: it must not be tried now.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn begin_sign_in(&self, account_key: &[u8], now: UnixMillis) -> Result<Option<Blocked>, Error> {
        let key = account_key.to_vec();
        in_write_tx!(self, conn => at::sign_in::count(conn, ACCOUNT, key, now.0))
    }

    /// Ends a try that was wrong; `audit` where it was for an account that is there.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn fail_sign_in(
        &self,
        source: &Source,
        audit: Option<NewAudit>,
        now: UnixMillis,
    ) -> Result<(), Error> {
        let key = source.0.clone();
        let audit: Option<Prepared> = audit.map(|it| self.prepare_audit(it));
        in_write_tx!(self, conn => at::sign_in::fail(conn, key, audit, now.0))
    }

    /// Ends a try that was right: spends the second factor and begins the session. Gives whether the
    /// account never had a session from this place.
    ///
    /// # Errors
    /// [`Error::NotFound`]: the code was used by somebody else meanwhile.
    pub async fn finish_sign_in(&self, it: SignIn, audit: NewAudit, now: UnixMillis) -> Result<bool, Error> {
        let audit = self.prepare_audit(audit);
        in_write_tx!(self, conn => at::sign_in::succeed(conn, &it, &audit, now.0))
    }

    /// Forgets the failures of an account; whether there were any.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn release_account(&self, account_key: &[u8], audit: NewAudit) -> Result<bool, Error> {
        let (key, audit) = (account_key.to_vec(), self.prepare_audit(audit));
        in_write_tx!(self, conn => at::sign_in::release(conn, ACCOUNT, key, &audit))
    }

    /// Forgets the failures of a place; whether there were any.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn release_source(&self, source: &Source, audit: NewAudit) -> Result<bool, Error> {
        let (key, audit) = (source.0.clone(), self.prepare_audit(audit));
        in_write_tx!(self, conn => at::sign_in::release(conn, SOURCE, key, &audit))
    }

    /// Who must not try now, 200 at most, those with the most failures first.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn list_locks(&self, now: UnixMillis) -> Result<Vec<Lock>, Error> {
        on_pool!(self, conn => at::sign_in::locks(conn, now.0))
    }

    /// Removes failures that are long past and lock nobody; gives how many, at most 500 a call.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn remove_attempts(&self, now: UnixMillis) -> Result<u64, Error> {
        in_write_tx!(self, conn => at::sign_in::remove(conn, now.0 - 30 * DAY))
    }
}
