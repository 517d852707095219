//! Codes that are sent to a number and prove it: keyed hashes only.

use uuid::Uuid;

use crate::domain::privacy::{CODE_LASTS, CODES_A_DAY, Right, TRIES};
use crate::domain::time::{DAY, UnixMillis};
use crate::store::{Error, Store};

/// How a contact stands with its codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What the code that can still be used is for.
    pub waits: Option<Right>,
    /// Whether the code that was written is that one; `None`: none was written.
    pub right: Option<bool>,
    /// Whether there were too many wrong ones.
    pub too_many: bool,
    /// Whether another code may be sent today.
    pub may_give: bool,
}

/// How an author stands with the code that ends or merges a demand of hers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DemandStanding {
    /// Whether a code can still be used.
    pub waits: bool,
    /// Whether the code that was written is that one; `None`: none was written.
    pub right: Option<bool>,
    /// Whether there were too many wrong ones.
    pub too_many: bool,
    /// Whether another code may be sent today.
    pub may_give: bool,
}

/// The kind of a code that ends or merges a demand.
pub(super) const DEMAND: &str = "demand";

/// A row.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct Row {
    kind: String,
    code_key: Vec<u8>,
    expires_at: i64,
    began_at: i64,
    tries: i64,
    day: i64,
    given: i64,
}

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    pub(super) const FIND: Statement = Statement::both(
        "SELECT kind, code_key, expires_at, began_at, tries, day, given FROM privacy_codes WHERE contact_id = $1",
    );
    /// A new code forgets no wrong one: three tries are three, whatever is asked for in between.
    pub(super) const GIVE: Statement = Statement::both(
        "INSERT INTO privacy_codes (contact_id, kind, code_key, expires_at, began_at, tries, day, given) \
         VALUES ($1, $2, $3, $4, 0, 0, $5, 1) ON CONFLICT (contact_id) DO UPDATE SET kind = excluded.kind, \
         code_key = excluded.code_key, expires_at = excluded.expires_at, \
         given = CASE WHEN privacy_codes.day = excluded.day THEN privacy_codes.given + 1 ELSE 1 END, \
         day = excluded.day",
    );
    /// An older series of wrong codes begins anew.
    pub(super) const WRONG: Statement = Statement::both(
        "UPDATE privacy_codes SET tries = CASE WHEN began_at <= $3 THEN 1 ELSE tries + 1 END, \
         began_at = CASE WHEN began_at <= $3 THEN $2 ELSE began_at END WHERE contact_id = $1",
    );
    pub(super) const SPEND: Statement = Statement::both(
        "UPDATE privacy_codes SET code_key = $2, expires_at = 0, tries = 0 WHERE contact_id = $1 AND expires_at > 0",
    );
    pub(super) const DROP: Statement = Statement::both("DELETE FROM privacy_codes WHERE contact_id = $1");
    pub(in crate::store) const ALL: &[Statement] = &[FIND, GIVE, WRONG, SPEND, DROP];
}

per_engine! {
    use {
        use super::{CODE_LASTS, DAY, Row, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// The codes of a contact.
    pub(crate) async fn find(conn: &mut Conn, contact_id: Uuid) -> Result<Option<Row>, Error> {
        Ok(sqlx::query_as(sql::FIND.on(ENGINE)).bind(contact_id).fetch_optional(conn).await?)
    }

    /// A code goes to a contact, in the place of one that was not used.
    pub(crate) async fn give(
        conn: &mut Conn,
        contact_id: Uuid,
        kind: &'static str,
        key: &[u8],
        now: i64,
    ) -> Result<(), Error> {
        sqlx::query(sql::GIVE.on(ENGINE))
            .bind(contact_id)
            .bind(kind)
            .bind(key)
            .bind(now + CODE_LASTS)
            .bind(now / DAY)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// A code was wrong.
    pub(crate) async fn wrong(conn: &mut Conn, contact_id: Uuid, now: i64) -> Result<(), Error> {
        let query = sqlx::query(sql::WRONG.on(ENGINE)).bind(contact_id).bind(now).bind(now - CODE_LASTS);
        query.execute(conn).await?;
        Ok(())
    }

    /// The right code came.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it was used before.
    pub(crate) async fn spend(conn: &mut Conn, contact_id: Uuid) -> Result<(), Error> {
        let spent = sqlx::query(sql::SPEND.on(ENGINE)).bind(contact_id).bind(Vec::<u8>::new());
        if spent.execute(conn).await?.rows_affected() == 0 { Err(Error::Conflict) } else { Ok(()) }
    }

    /// Forgets a contact.
    pub(crate) async fn forget(conn: &mut Conn, contact_id: Uuid) -> Result<(), Error> {
        sqlx::query(sql::DROP.on(ENGINE)).bind(contact_id).execute(conn).await?;
        Ok(())
    }
}

impl Store {
    /// The keyed hash of a code. No contact's code is worth anything to another, since it is looked for at
    /// its own contact only.
    pub fn privacy_hash(&self, right: Right, code: &str) -> Result<Vec<u8>, Error> {
        self.keys().code_hash(&format!("privacy {} {code}", right.code()))
    }

    /// How a contact (`None`: one that never wrote) stands with its codes, given the code that it wrote.
    pub async fn check_privacy_code(
        &self,
        contact_id: Option<Uuid>,
        code: Option<&str>,
        now: UnixMillis,
    ) -> Result<Standing, Error> {
        let row = match contact_id {
            Some(id) => self.privacy_codes(id).await?,
            None => None,
        };
        let Some(row) = row else {
            return Ok(Standing { may_give: true, right: code.map(|_| false), ..Standing::default() });
        };
        let waits = row.kind.parse::<Right>().ok().filter(|_| row.expires_at > now.0);
        let right = match (code, waits) {
            (Some(code), Some(right)) => {
                let key = self.privacy_hash(right, code)?;
                Some(bool::from(subtle::ConstantTimeEq::ct_eq(key.as_slice(), row.code_key.as_slice())))
            }
            (code, _) => code.map(|_| false),
        };
        Ok(Standing {
            waits,
            right,
            too_many: row.tries >= TRIES && row.began_at > now.0 - CODE_LASTS,
            may_give: row.day != now.0 / DAY || row.given < CODES_A_DAY,
        })
    }

    /// The keyed hash of a code that ends or merges a demand.
    pub fn demand_code_hash(&self, code: &str) -> Result<Vec<u8>, Error> {
        self.keys().code_hash(&format!("privacy {DEMAND} {code}"))
    }

    /// How a contact stands with the code that ends or merges a demand, given the code that it wrote.
    pub async fn check_demand_code(
        &self,
        contact_id: Uuid,
        code: Option<&str>,
        now: UnixMillis,
    ) -> Result<DemandStanding, Error> {
        let Some(row) = self.privacy_codes(contact_id).await? else {
            return Ok(DemandStanding {
                may_give: true,
                right: code.map(|_| false),
                ..DemandStanding::default()
            });
        };
        let waits = row.kind == DEMAND && row.expires_at > now.0;
        let right = match code {
            Some(code) if waits => {
                let key = self.demand_code_hash(code)?;
                Some(bool::from(subtle::ConstantTimeEq::ct_eq(key.as_slice(), row.code_key.as_slice())))
            }
            code => code.map(|_| false),
        };
        Ok(DemandStanding {
            waits,
            right,
            too_many: row.tries >= TRIES && row.began_at > now.0 - CODE_LASTS,
            may_give: row.day != now.0 / DAY || row.given < CODES_A_DAY,
        })
    }

    async fn privacy_codes(&self, contact_id: Uuid) -> Result<Option<Row>, Error> {
        on_pool!(self, conn => at::codes::find(conn, contact_id))
    }
}
