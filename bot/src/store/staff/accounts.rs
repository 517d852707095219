//! Accounts, their roles and grants.

use std::collections::HashMap;

use serde_json::json;
use uuid::Uuid;

use super::answers::Write;
use crate::domain::staff::{Act, Assignment, Grant, Role, Scope, Staff};
use crate::domain::time::UnixMillis;
use crate::store::{Error, Store};

/// What an account is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// Has no password yet.
    Invited,
    /// Can sign in.
    Active,
    /// Can't sign in.
    Disabled,
}

impl AccountState {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    fn read(code: &str) -> Result<Self, Error> {
        [Self::Invited, Self::Active, Self::Disabled]
            .into_iter()
            .find(|it| it.code() == code)
            .ok_or_else(|| Error::Other("an account has an unknown state".to_owned()))
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: Uuid,
    /// Sign-in name, folded.
    pub name: String,
    /// The name that colleagues see.
    pub shown_name: String,
    /// What it is at.
    pub state: AccountState,
    /// Code of its office.
    pub office: Option<String>,
    /// Its roles.
    pub roles: Vec<Assignment>,
    /// Its grants.
    pub grants: Vec<Grant>,
    /// Whether it has a second factor.
    pub second_factor: bool,
    /// Last sign-in, Unix ms.
    pub signed_in_at: Option<i64>,
    /// When it was made, Unix ms.
    pub created_at: i64,
    /// Counts the changes.
    pub version: i64,
}

impl Account {
    /// What it may do.
    pub fn staff(&self) -> Staff {
        Staff {
            id: self.id,
            roles: self.roles.clone(),
            grants: self.grants.clone(),
            office: self.office.clone(),
        }
    }
}

/// A new account, with the keyed hash of its set-up code.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its id.
    pub id: Uuid,
    /// Sign-in name, folded.
    pub name: String,
    /// The name that colleagues see.
    pub shown_name: String,
    /// Code of its office.
    pub office: Option<String>,
    /// Its roles.
    pub roles: Vec<Assignment>,
    /// Keyed hash of the set-up code, and until when it can be used, Unix ms. `None`: an account that
    /// nobody signs in to by a password.
    pub set_up: Option<(Vec<u8>, i64)>,
}

/// A change of an account: `None` stays.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// The name that colleagues see.
    pub shown_name: Option<String>,
    /// Code of its office; `Some(None)` takes it away.
    pub office: Option<Option<String>>,
    /// What it is at; its sessions end where it can't sign in any more.
    pub state: Option<AccountState>,
    /// All its roles.
    pub roles: Option<Vec<Assignment>>,
    /// All its grants.
    pub grants: Option<Vec<Grant>>,
    /// Keyed hash of a new set-up code and its end: password, second factor and sessions go.
    pub reset: Option<(Vec<u8>, i64)>,
}

/// What a set-up code is turned into.
#[derive(Clone)]
pub struct SetUp {
    /// The account.
    pub id: Uuid,
    /// Keyed hash of the code.
    pub setup_hash: Vec<u8>,
    /// PHC string of the password.
    pub password_hash: String,
    /// The sealed secret of the second factor, and the version of the keys.
    pub totp_sealed: (Vec<u8>, i64),
    /// Keyed hashes of the recovery codes.
    pub recovery: Vec<Vec<u8>>,
}

/// A row of `staff`.
#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    id: Uuid,
    name: String,
    shown_name: String,
    state: String,
    office: Option<String>,
    second_factor: i64,
    signed_in_at: Option<i64>,
    created_at: i64,
    version: i64,
}

/// A role with its scope, or a grant without.
pub(crate) type Right = (Uuid, String, Option<String>);

/// Puts roles and grants to their rows.
pub(super) fn join(rows: Vec<Row>, rights: Vec<Right>) -> Result<Vec<Account>, Error> {
    let mut by_account: HashMap<Uuid, (Vec<Assignment>, Vec<Grant>)> = HashMap::new();
    let unknown = || Error::Other("an account has an unknown role, scope or grant".to_owned());
    for (id, code, scope) in rights {
        let (roles, grants) = by_account.entry(id).or_default();
        match scope {
            Some(scope) => roles.push(Assignment {
                role: code.parse().map_err(|()| unknown())?,
                scope: scope.parse().map_err(|()| unknown())?,
            }),
            None => grants.push(code.parse().map_err(|()| unknown())?),
        }
    }
    rows.into_iter()
        .map(|row| {
            let (mut roles, mut grants) = by_account.remove(&row.id).unwrap_or_default();
            roles.sort();
            grants.sort();
            Ok(Account {
                id: row.id,
                name: row.name,
                shown_name: row.shown_name,
                state: AccountState::read(&row.state)?,
                office: row.office,
                roles,
                grants,
                second_factor: row.second_factor != 0,
                signed_in_at: row.signed_in_at,
                created_at: row.created_at,
                version: row.version,
            })
        })
        .collect()
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const GET: Statement = Statement::both(
        "SELECT id, name, shown_name, state, office, \
         CAST(CASE WHEN totp_sealed IS NULL THEN 0 ELSE 1 END AS BIGINT) AS second_factor, \
         signed_in_at, created_at, version FROM staff WHERE id = $1",
    );
    pub(super) const FIND: Statement = Statement::both("SELECT id FROM staff WHERE name = $1");
    pub(super) const LIST: Statement = Statement::both(
        "SELECT id, name, shown_name, state, office, \
         CAST(CASE WHEN totp_sealed IS NULL THEN 0 ELSE 1 END AS BIGINT) AS second_factor, \
         signed_in_at, created_at, version FROM staff WHERE name > $1 ORDER BY name LIMIT $2",
    );
    pub(super) const RIGHTS: Statement = Statement::both(
        "SELECT staff_id, role, scope FROM staff_roles WHERE staff_id = $1 \
         UNION ALL SELECT staff_id, code, NULL FROM staff_grants WHERE staff_id = $1",
    );
    pub(super) const ROLES_OF_LIST: Statement = Statement::both(
        "SELECT staff_id, role, scope FROM staff_roles \
         WHERE staff_id IN (SELECT id FROM staff WHERE name > $1 ORDER BY name LIMIT $2)",
    );
    pub(super) const GRANTS_OF_LIST: Statement = Statement::both(
        "SELECT staff_id, code, CAST(NULL AS TEXT) FROM staff_grants \
         WHERE staff_id IN (SELECT id FROM staff WHERE name > $1 ORDER BY name LIMIT $2)",
    );
    /// Active accounts that have one of these roles in one of these scopes: there are as many as people work here.
    pub(super) const COLLEAGUES: Statement = Statement::fork(
        "SELECT s.id, s.shown_name FROM staff AS s WHERE s.name > '' AND s.state = 'active' AND EXISTS \
         (SELECT 1 FROM staff_roles AS r WHERE r.staff_id = s.id \
         AND r.role IN (SELECT value FROM json_each($2)) AND r.scope IN (SELECT value FROM json_each($1))) \
         ORDER BY s.shown_name, s.id LIMIT $3",
        "SELECT s.id, s.shown_name FROM staff AS s WHERE s.name > '' AND s.state = 'active' AND EXISTS \
         (SELECT 1 FROM staff_roles AS r WHERE r.staff_id = s.id \
         AND r.role IN (SELECT value FROM json_array_elements_text($2::json) AS e (value)) \
         AND r.scope IN (SELECT value FROM json_array_elements_text($1::json) AS e (value))) \
         ORDER BY s.shown_name, s.id LIMIT $3",
    );
    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO staff (id, name, shown_name, state, office, setup_hash, setup_expires_at, version, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8)",
    );
    pub(super) const ADD_ROLE: Statement = Statement::both(
        "INSERT INTO staff_roles (staff_id, role, scope, given_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (staff_id, role, scope) DO NOTHING",
    );
    pub(super) const ADD_GRANT: Statement = Statement::both(
        "INSERT INTO staff_grants (staff_id, code, given_at) VALUES ($1, $2, $3) \
         ON CONFLICT (staff_id, code) DO NOTHING",
    );
    pub(super) const REMOVE_ROLES: Statement = Statement::both("DELETE FROM staff_roles WHERE staff_id = $1");
    pub(super) const REMOVE_GRANTS: Statement =
        Statement::both("DELETE FROM staff_grants WHERE staff_id = $1");
    pub(super) const COUNT_ALL: Statement = Statement::both("SELECT COUNT(*) FROM staff");
    /// Only from the version that was seen.
    pub(super) const CHANGE: Statement = Statement::both(
        "UPDATE staff SET shown_name = COALESCE($3, shown_name), \
         office = CASE WHEN $4 = 1 THEN $5 ELSE office END, state = COALESCE($6, state), \
         version = version + 1, updated_at = $7 WHERE id = $1 AND version = $2",
    );
    pub(super) const RESET: Statement = Statement::both(
        "UPDATE staff SET password_hash = NULL, totp_sealed = NULL, key_version = NULL, state = 'invited', \
         setup_hash = $2, setup_expires_at = $3 WHERE id = $1",
    );
    pub(super) const SET_UP: Statement = Statement::both(
        "UPDATE staff SET password_hash = $4, totp_sealed = $5, key_version = $6, totp_step = 0, \
         state = 'active', setup_hash = NULL, setup_expires_at = NULL, version = version + 1, updated_at = $3 \
         WHERE id = $1 AND setup_hash = $2 AND setup_expires_at > $3 AND state = 'invited'",
    );
    pub(super) const OLD_KEYS: Statement = Statement::both(
        "SELECT id, totp_sealed FROM staff WHERE key_version IS NOT NULL AND key_version < $1 \
         ORDER BY key_version LIMIT $2",
    );
    /// Unless it was set up anew meanwhile.
    pub(super) const RESEAL: Statement = Statement::both(
        "UPDATE staff SET totp_sealed = $3, key_version = $4 WHERE id = $1 AND totp_sealed = $2",
    );
    pub(super) const REMOVE_CODES: Statement =
        Statement::both("DELETE FROM staff_recovery_codes WHERE staff_id = $1");
    pub(super) const ADD_CODE: Statement =
        Statement::both("INSERT INTO staff_recovery_codes (staff_id, code_hash) VALUES ($1, $2)");
    pub(super) const COUNT_CODES: Statement =
        Statement::both("SELECT COUNT(*) FROM staff_recovery_codes WHERE staff_id = $1 AND used_at IS NULL");
    pub(in crate::store) const ALL: &[Statement] = &[
        GET,
        FIND,
        LIST,
        RIGHTS,
        ROLES_OF_LIST,
        GRANTS_OF_LIST,
        COLLEAGUES,
        ADD,
        ADD_ROLE,
        ADD_GRANT,
        REMOVE_ROLES,
        REMOVE_GRANTS,
        COUNT_ALL,
        CHANGE,
        RESET,
        SET_UP,
        OLD_KEYS,
        RESEAL,
        REMOVE_CODES,
        ADD_CODE,
        COUNT_CODES,
    ];
}

per_engine! {
    with at;
    use {
        use super::{Account, AccountChange, AccountState, NewAccount, Right, Row, SetUp, join, sql};
        use crate::domain::staff::{Assignment, Grant};
        use crate::store::staff::answers::Write;
        use crate::store::{Error, events};
        use uuid::Uuid;
    }

    /// An account.
    pub(crate) async fn get(conn: &mut Conn, id: Uuid) -> Result<Option<Account>, Error> {
        let row: Option<Row> = sqlx::query_as(sql::GET.on(ENGINE)).bind(id).fetch_optional(&mut *conn).await?;
        let Some(row) = row else { return Ok(None) };
        let rights: Vec<Right> = sqlx::query_as(sql::RIGHTS.on(ENGINE)).bind(id).fetch_all(conn).await?;
        Ok(join(vec![row], rights)?.pop())
    }

    /// The account with a folded name.
    pub(crate) async fn find(conn: &mut Conn, name: String) -> Result<Option<Account>, Error> {
        let id: Option<(Uuid,)> =
            sqlx::query_as(sql::FIND.on(ENGINE)).bind(name).fetch_optional(&mut *conn).await?;
        match id {
            Some((id,)) => get(conn, id).await,
            None => Ok(None),
        }
    }

    /// Accounts behind the name `after`.
    pub(crate) async fn list(conn: &mut Conn, after: String, limit: i64) -> Result<Vec<Account>, Error> {
        let rows: Vec<Row> =
            sqlx::query_as(sql::LIST.on(ENGINE)).bind(&after).bind(limit).fetch_all(&mut *conn).await?;
        let mut rights: Vec<Right> =
            sqlx::query_as(sql::ROLES_OF_LIST.on(ENGINE)).bind(&after).bind(limit).fetch_all(&mut *conn).await?;
        let grants: Vec<Right> =
            sqlx::query_as(sql::GRANTS_OF_LIST.on(ENGINE)).bind(&after).bind(limit).fetch_all(conn).await?;
        rights.extend(grants);
        join(rows, rights)
    }

    /// Id and shown name of those who have one of these roles in one of these scopes, both as arrays of JSON.
    pub(crate) async fn colleagues(
        conn: &mut Conn,
        scopes: String,
        roles: String,
        limit: i64,
    ) -> Result<Vec<(Uuid, String)>, Error> {
        let query = sqlx::query_as(sql::COLLEAGUES.on(ENGINE)).bind(scopes).bind(roles).bind(limit);
        Ok(query.fetch_all(conn).await?)
    }

    /// How many there are.
    pub(crate) async fn count(conn: &mut Conn) -> Result<i64, Error> {
        let (count,) = sqlx::query_as(sql::COUNT_ALL.on(ENGINE)).fetch_one(conn).await?;
        Ok(count)
    }

    async fn add_roles(conn: &mut Conn, id: Uuid, roles: &[Assignment], now: i64) -> Result<(), Error> {
        for it in roles {
            sqlx::query(sql::ADD_ROLE.on(ENGINE))
                .bind(id)
                .bind(it.role.code())
                .bind(it.scope.to_string())
                .bind(now)
                .execute(&mut *conn)
                .await?;
        }
        Ok(())
    }

    async fn add_grants(conn: &mut Conn, id: Uuid, grants: &[Grant], now: i64) -> Result<(), Error> {
        for it in grants {
            sqlx::query(sql::ADD_GRANT.on(ENGINE))
                .bind(id)
                .bind(it.code())
                .bind(now)
                .execute(&mut *conn)
                .await?;
        }
        Ok(())
    }

    /// Ends a write: its account as it is now, the answer, the entry of the trail, the event.
    async fn finish(
        conn: &mut Conn,
        id: Uuid,
        kind: &'static str,
        write: &Write<Account>,
    ) -> Result<Account, Error> {
        let account = get(conn, id).await?.ok_or(Error::NotFound)?;
        at::answers::keep(conn, write.sealed(&account)?).await?;
        at::audit::append(conn, &write.audit).await?;
        let event = events::New { kind, at: write.audit.at(), ..events::New::default() };
        at::events::add(conn, &[event]).await?;
        Ok(account)
    }

    /// Adds an account. A name that is taken is a conflict.
    pub(crate) async fn add(
        conn: &mut Conn,
        new: &NewAccount,
        write: &Write<Account>,
    ) -> Result<Account, Error> {
        let now = write.audit.at();
        let state = if new.set_up.is_some() { AccountState::Invited } else { AccountState::Active };
        let (hash, expires_at) = new.set_up.clone().unzip();
        sqlx::query(sql::ADD.on(ENGINE))
            .bind(new.id)
            .bind(&new.name)
            .bind(&new.shown_name)
            .bind(state.code())
            .bind(&new.office)
            .bind(hash)
            .bind(expires_at)
            .bind(now)
            .execute(&mut *conn)
            .await?;
        add_roles(&mut *conn, new.id, &new.roles, now).await?;
        finish(conn, new.id, "staff_added", write).await
    }

    /// Changes an account from the version that was seen.
    pub(crate) async fn change(
        conn: &mut Conn,
        id: Uuid,
        version: i64,
        change: &AccountChange,
        write: &Write<Account>,
    ) -> Result<Account, Error> {
        let now = write.audit.at();
        let changed = sqlx::query(sql::CHANGE.on(ENGINE))
            .bind(id)
            .bind(version)
            .bind(&change.shown_name)
            .bind(i64::from(change.office.is_some()))
            .bind(change.office.clone().flatten())
            .bind(change.state.map(AccountState::code))
            .bind(now)
            .execute(&mut *conn)
            .await?;
        if changed.rows_affected() == 0 {
            return Err(get(conn, id).await?.map_or(Error::NotFound, |_| Error::Conflict));
        }
        if let Some(roles) = &change.roles {
            sqlx::query(sql::REMOVE_ROLES.on(ENGINE)).bind(id).execute(&mut *conn).await?;
            add_roles(&mut *conn, id, roles, now).await?;
        }
        if let Some(grants) = &change.grants {
            sqlx::query(sql::REMOVE_GRANTS.on(ENGINE)).bind(id).execute(&mut *conn).await?;
            add_grants(&mut *conn, id, grants, now).await?;
        }
        if let Some((hash, expires_at)) = &change.reset {
            sqlx::query(sql::RESET.on(ENGINE))
                .bind(id)
                .bind(hash)
                .bind(expires_at)
                .execute(&mut *conn)
                .await?;
            sqlx::query(sql::REMOVE_CODES.on(ENGINE)).bind(id).execute(&mut *conn).await?;
        }
        if change.reset.is_some() || change.state == Some(AccountState::Disabled) {
            at::sessions::end_all(&mut *conn, id, now).await?;
        }
        finish(conn, id, "staff_changed", write).await
    }

    /// Turns a set-up code into a password and a second factor; a code that is wrong or over is not
    /// found.
    pub(crate) async fn set_up(
        conn: &mut Conn,
        it: &SetUp,
        write: &Write<Account>,
    ) -> Result<Account, Error> {
        let done = sqlx::query(sql::SET_UP.on(ENGINE))
            .bind(it.id)
            .bind(&it.setup_hash)
            .bind(write.audit.at())
            .bind(&it.password_hash)
            .bind(&it.totp_sealed.0)
            .bind(it.totp_sealed.1)
            .execute(&mut *conn)
            .await?;
        if done.rows_affected() == 0 {
            return Err(Error::NotFound);
        }
        sqlx::query(sql::REMOVE_CODES.on(ENGINE)).bind(it.id).execute(&mut *conn).await?;
        for hash in &it.recovery {
            sqlx::query(sql::ADD_CODE.on(ENGINE)).bind(it.id).bind(hash).execute(&mut *conn).await?;
        }
        finish(conn, it.id, "staff_set_up", write).await
    }

    /// Second factors that are sealed with versions of the keys below `current`.
    pub(crate) async fn old_keys(
        conn: &mut Conn,
        current: i64,
        limit: i64,
    ) -> Result<Vec<(Uuid, Vec<u8>)>, Error> {
        Ok(sqlx::query_as(sql::OLD_KEYS.on(ENGINE)).bind(current).bind(limit).fetch_all(conn).await?)
    }

    /// Writes second factors that were sealed anew: account, old, new, version.
    pub(crate) async fn reseal(
        conn: &mut Conn,
        anew: &[(Uuid, Vec<u8>, Vec<u8>, i64)],
    ) -> Result<(), Error> {
        for (id, old, new, version) in anew {
            sqlx::query(sql::RESEAL.on(ENGINE))
                .bind(id)
                .bind(old)
                .bind(new)
                .bind(version)
                .execute(&mut *conn)
                .await?;
        }
        Ok(())
    }

    /// Recovery codes that are left.
    pub(crate) async fn count_codes(conn: &mut Conn, id: Uuid) -> Result<i64, Error> {
        let (count,) = sqlx::query_as(sql::COUNT_CODES.on(ENGINE)).bind(id).fetch_one(conn).await?;
        Ok(count)
    }
}

impl Store {
    /// The account with an id.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn find_account(&self, id: Uuid) -> Result<Option<Account>, Error> {
        on_pool!(self, conn => at::staff::get(conn, id))
    }

    /// The account with a folded sign-in name.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn find_account_by_name(&self, name: &str) -> Result<Option<Account>, Error> {
        let name = name.to_owned();
        on_pool!(self, conn => at::staff::find(conn, name))
    }

    /// Accounts by name, behind `after` (empty: from the first).
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn list_accounts(&self, after: &str, limit: u32) -> Result<Vec<Account>, Error> {
        let after = after.to_owned();
        on_pool!(self, conn => at::staff::list(conn, after, i64::from(limit)))
    }

    /// Id and shown name of the active accounts that may do `act` in a municipality, by shown name.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn list_colleagues(
        &self,
        act: Act,
        municipality: &str,
        limit: u32,
    ) -> Result<Vec<(Uuid, String)>, Error> {
        let scopes: Vec<String> = Scope::around(municipality).iter().map(ToString::to_string).collect();
        let roles: Vec<&str> = Role::ALL.into_iter().filter(|it| it.may(act)).map(Role::code).collect();
        let (scopes, roles) = (json!(scopes).to_string(), json!(roles).to_string());
        on_pool!(self, conn => at::staff::colleagues(conn, scopes, roles, i64::from(limit)))
    }

    /// How many accounts there are.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn count_accounts(&self) -> Result<i64, Error> {
        on_pool!(self, conn => at::staff::count(conn))
    }

    /// Adds an account, with the answer, the audit entry and the event of that.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the name is taken.
    pub async fn add_account(&self, new: NewAccount, write: Write<Account>) -> Result<Account, Error> {
        in_write_tx!(self, conn => at::staff::add(conn, &new, &write))
    }

    /// Changes an account from the version that was seen.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it was changed since; [`Error::NotFound`]: there is none.
    pub async fn update_account(
        &self,
        id: Uuid,
        version: i64,
        change: AccountChange,
        write: Write<Account>,
    ) -> Result<Account, Error> {
        in_write_tx!(self, conn => at::staff::change(conn, id, version, &change, &write))
    }

    /// Turns a set-up code into a password and a second factor.
    ///
    /// # Errors
    /// [`Error::NotFound`]: the code is wrong, used or over.
    pub async fn set_up_account(&self, it: SetUp, write: Write<Account>) -> Result<Account, Error> {
        in_write_tx!(self, conn => at::staff::set_up(conn, &it, &write))
    }

    /// Recovery codes that an account has left.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn count_recovery_codes(&self, id: Uuid) -> Result<i64, Error> {
        on_pool!(self, conn => at::staff::count_codes(conn, id))
    }

    /// The keyed hash of a set-up code, recovery code, sign-in name or place: what is kept of it.
    pub(crate) fn staff_hash(&self, what: &str, parts: &[&str]) -> Result<Vec<u8>, Error> {
        self.keys().staff_hash(what, parts)
    }

    /// Seals the secret of an account's second factor; gives the version of the keys too.
    pub(crate) fn seal_totp(&self, id: Uuid, secret: &[u8]) -> Result<(Vec<u8>, i64), Error> {
        let keys = self.keys();
        let version = keys.current();
        Ok((keys.seal_bytes(&totp_context(id), secret)?, version))
    }

    /// Seals some second factors with the current keys; gives how many were old.
    pub(in crate::store) async fn reseal_totp(&self, limit: u32) -> Result<usize, Error> {
        let current = self.keys().current();
        let old = on_pool!(self, conn => at::staff::old_keys(conn, current, i64::from(limit)))?;
        let count = old.len();
        let mut anew = Vec::with_capacity(count);
        for (id, sealed) in old {
            let (new, version) = self.seal_totp(id, &self.open_totp(id, &sealed)?)?;
            anew.push((id, sealed, new, version));
        }
        if count > 0 {
            in_write_tx!(self, conn => at::staff::reseal(conn, &anew))?;
        }
        Ok(count)
    }

    /// Opens it.
    pub(crate) fn open_totp(&self, id: Uuid, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        self.keys().open_bytes(&totp_context(id), sealed)
    }
}

/// A sealed secret can't be moved to another account.
pub(in crate::store) fn totp_context(id: Uuid) -> Vec<u8> {
    [b"staff totp".as_slice(), id.as_bytes()].concat()
}

/// Until when a set-up code of now can be used.
pub fn set_up_until(now: UnixMillis) -> UnixMillis {
    now.plus(crate::domain::time::DAY)
}
