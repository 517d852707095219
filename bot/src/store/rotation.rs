//! Replacing the address keys while the service runs.
//!
//! A new version is added to the key file. A running service first knows both (`AddressKeys::learn`),
//! then writes with the new one (`adopt`), and seals what is there anew in small batches: addresses, second
//! factors, the keys of cases, drafts, requests, cards and the words of leaders. The words of a case are sealed with its own key or with
//! none, so its key is all that must be wrapped anew. Messages and files are not sealed anew: they keep the
//! version that sealed them until retention empties them. Versions that nothing needs any more are taken out
//! of the file at last.

use sqlx::PgPool;
use uuid::Uuid;

use super::address::Sealed;
use super::sealed::key_version;
use super::{Error, Store};

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    pub(super) const NEXT_VERSION: Statement = Statement::both(
        "SELECT key_version FROM contacts WHERE key_version > $1 ORDER BY key_version LIMIT 1",
    );
    pub(super) const NEXT_MEDIA_VERSION: Statement = Statement::both(
        "SELECT key_version FROM media WHERE key_version IS NOT NULL AND key_version > $1 \
         ORDER BY key_version LIMIT 1",
    );
    pub(super) const NEXT_STAFF_VERSION: Statement = Statement::both(
        "SELECT key_version FROM staff WHERE key_version IS NOT NULL AND key_version > $1 \
         ORDER BY key_version LIMIT 1",
    );
    /// In the order of versions, which are all below the current one; 0 is an erased address.
    pub(super) const OLD: Statement = Statement::both(
        "SELECT id, channel_id, address_value, key_version FROM contacts \
         WHERE key_version > 0 AND key_version < $1 ORDER BY key_version LIMIT $2",
    );
    pub(super) const COUNT_OLD: Statement =
        Statement::both("SELECT COUNT(*) FROM contacts WHERE key_version > 0 AND key_version < $1");
    /// Unless somebody else did it first.
    pub(super) const RESEAL: Statement = Statement::both(
        "UPDATE contacts SET address_key = $3, address_value = $4, key_version = $5 \
         WHERE id = $1 AND key_version = $2",
    );
    pub(super) const NOTED: Statement =
        Statement::both("SELECT created_at FROM address_keys WHERE version = $1");
    /// A version that left the key file may be made again by nobody, so its line stays.
    pub(super) const USED: &str = "SELECT version FROM address_keys LIMIT 1";
    // How the sealed texts of some rows begin. No index would pay for a question that is asked when a
    // version is taken out, so the tables are gone through a page at a time.
    macro_rules! beginnings {
        ($id:literal, $columns:literal, $table:literal) => {
            Statement::both(concat!(
                "SELECT ",
                $id,
                ", ",
                $columns,
                " FROM ",
                $table,
                " WHERE ",
                $id,
                " > $1 ORDER BY ",
                $id,
                " LIMIT 1000"
            ))
        };
    }
    pub(super) const INBOX: Statement =
        beginnings!("id", "substr(text, 1, 24) || ' ' || COALESCE(substr(payload, 1, 24), '')", "inbox");
    pub(super) const OUTBOX: Statement = beginnings!("id", "substr(body, 1, 24)", "outbox");
    pub(super) const CONVERSATIONS: Statement =
        beginnings!("contact_id", "substr(state, 1, 24)", "conversations");
    pub(super) const MEDIA: Statement = beginnings!("id", "substr(provider_ref, 1, 24)", "media");
    pub(super) const DRAFTS: Statement = beginnings!("id", "substr(text, 1, 24)", "drafts");
    pub(super) const CASES: Statement = beginnings!("id", "COALESCE(substr(key_sealed, 1, 24), '')", "cases");
    pub(super) const REQUESTS: Statement = beginnings!(
        "id",
        "substr(text, 1, 24) || ' ' || COALESCE(substr(reason, 1, 24), '')",
        "privacy_requests"
    );
    pub(super) const LEADERS: Statement =
        beginnings!("contact_id", "substr(words, 1, 24)", "community_leaders");
    pub(super) const HIGHLIGHTS: Statement =
        beginnings!("id", "substr(text, 1, 24) || ' ' || COALESCE(substr(reason, 1, 24), '')", "highlights");
    pub(super) const BEGINNINGS: &[Statement] =
        &[INBOX, OUTBOX, CONVERSATIONS, MEDIA, DRAFTS, CASES, REQUESTS, LEADERS, HIGHLIGHTS];
    /// Sealed texts of a table that has few of them, behind a row.
    macro_rules! sealed {
        ($columns:literal, $table:literal, $where:literal) => {
            Statement::both(concat!(
                "SELECT id, ",
                $columns,
                " FROM ",
                $table,
                " WHERE id > $1 AND ",
                $where,
                " ORDER BY id LIMIT $2"
            ))
        };
    }
    pub(super) const CASE_KEYS: Statement = sealed!("key_sealed", "cases", "key_sealed IS NOT NULL");
    pub(super) const DRAFT_TEXTS: Statement = sealed!("text", "drafts", "text <> ''");
    pub(super) const REQUEST_TEXTS: Statement = sealed!("text", "privacy_requests", "text <> ''");
    pub(super) const REQUEST_REASONS: Statement = sealed!("reason", "privacy_requests", "reason IS NOT NULL");
    /// A leader's words are sealed for her contact.
    pub(super) const LEADER_WORDS: Statement = Statement::both(
        "SELECT contact_id, words FROM community_leaders WHERE contact_id > $1 ORDER BY contact_id LIMIT $2",
    );
    pub(super) const SET_LEADER: Statement =
        Statement::both("UPDATE community_leaders SET words = $3 WHERE contact_id = $1 AND words = $2");
    pub(super) const HIGHLIGHT_TEXTS: Statement = sealed!("text", "highlights", "text <> ''");
    pub(super) const HIGHLIGHT_REASONS: Statement = sealed!("reason", "highlights", "reason IS NOT NULL");
    pub(super) const SET_HIGHLIGHT_REASON: Statement =
        Statement::both("UPDATE highlights SET reason = $3 WHERE id = $1 AND reason = $2");
    pub(super) const SET_HIGHLIGHT: Statement =
        Statement::both("UPDATE highlights SET text = $3 WHERE id = $1 AND text = $2");
    /// Unless somebody wrote it anew first.
    pub(super) const SET_CASE_KEY: Statement =
        Statement::both("UPDATE cases SET key_sealed = $3 WHERE id = $1 AND key_sealed = $2");
    pub(super) const SET_DRAFT: Statement =
        Statement::both("UPDATE drafts SET text = $3 WHERE id = $1 AND text = $2");
    pub(super) const SET_REQUEST: Statement =
        Statement::both("UPDATE privacy_requests SET text = $3 WHERE id = $1 AND text = $2");
    pub(super) const SET_REASON: Statement =
        Statement::both("UPDATE privacy_requests SET reason = $3 WHERE id = $1 AND reason = $2");
    pub(in crate::store) const ALL: &[Statement] = &[
        NEXT_VERSION,
        NEXT_MEDIA_VERSION,
        NEXT_STAFF_VERSION,
        OLD,
        COUNT_OLD,
        RESEAL,
        NOTED,
        INBOX,
        OUTBOX,
        CONVERSATIONS,
        MEDIA,
        DRAFTS,
        CASES,
        REQUESTS,
        LEADERS,
        LEADER_WORDS,
        HIGHLIGHTS,
        HIGHLIGHT_TEXTS,
        SET_HIGHLIGHT,
        HIGHLIGHT_REASONS,
        SET_HIGHLIGHT_REASON,
        SET_LEADER,
        CASE_KEYS,
        DRAFT_TEXTS,
        REQUEST_TEXTS,
        REQUEST_REASONS,
        SET_CASE_KEY,
        SET_DRAFT,
        SET_REQUEST,
        SET_REASON,
    ];
}

/// An address that is sealed with an old version.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct Old {
    id: Uuid,
    channel_id: String,
    address_value: Vec<u8>,
    key_version: i64,
}

/// The same address, sealed anew.
#[derive(Clone)]
pub(crate) struct Anew {
    id: Uuid,
    old_version: i64,
    sealed: Sealed,
}

/// A kind of sealed text that is sealed anew, with its statements and what its column is called.
struct Kind {
    list: super::Statement,
    set: super::Statement,
    part: &'static str,
}

const KINDS: [Kind; 7] = [
    Kind { list: sql::CASE_KEYS, set: sql::SET_CASE_KEY, part: "case key" },
    Kind { list: sql::DRAFT_TEXTS, set: sql::SET_DRAFT, part: "draft" },
    Kind { list: sql::REQUEST_TEXTS, set: sql::SET_REQUEST, part: super::privacy::part::TEXT },
    Kind { list: sql::REQUEST_REASONS, set: sql::SET_REASON, part: super::privacy::part::REASON },
    Kind { list: sql::LEADER_WORDS, set: sql::SET_LEADER, part: super::demands::leading::WORDS },
    Kind { list: sql::HIGHLIGHT_TEXTS, set: sql::SET_HIGHLIGHT, part: super::highlights::row::TEXT },
    Kind {
        list: sql::HIGHLIGHT_REASONS,
        set: sql::SET_HIGHLIGHT_REASON,
        part: super::highlights::row::REASON,
    },
];

/// A row and its sealed text.
type SealedText = (Uuid, String);

/// A sealed text, as it was and as it is sealed anew.
type Text = (Uuid, String, String);

/// How far the texts were sealed anew.
#[derive(Clone, Copy, Debug, Default)]
pub struct TextPlace {
    kind: usize,
    after: Uuid,
}

/// Whether a `PostgreSQL` database was never written with any address keys.
pub(super) async fn is_fresh(pool: &PgPool) -> Result<bool, Error> {
    let used: Option<(i64,)> = sqlx::query_as(sql::USED).fetch_optional(pool).await?;
    Ok(used.is_none())
}

per_engine! {
    use {
        use super::{Anew, Old, Text, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// The least version above `version` that an address or a file is sealed with.
    pub(crate) async fn next_version(conn: &mut Conn, version: i64) -> Result<Option<i64>, Error> {
        let address: Option<(i64,)> =
            sqlx::query_as(sql::NEXT_VERSION.on(ENGINE)).bind(version).fetch_optional(&mut *conn).await?;
        let file: Option<(i64,)> =
            sqlx::query_as(sql::NEXT_MEDIA_VERSION.on(ENGINE)).bind(version).fetch_optional(&mut *conn).await?;
        let factor: Option<(i64,)> =
            sqlx::query_as(sql::NEXT_STAFF_VERSION.on(ENGINE)).bind(version).fetch_optional(conn).await?;
        Ok(address.into_iter().chain(file).chain(factor).map(|(it,)| it).min())
    }

    /// Some addresses that are sealed with versions below `current`.
    pub(crate) async fn list_old(conn: &mut Conn, current: i64, limit: i64) -> Result<Vec<Old>, Error> {
        Ok(sqlx::query_as(sql::OLD.on(ENGINE)).bind(current).bind(limit).fetch_all(conn).await?)
    }

    /// Rows behind `after` and how their sealed texts begin.
    pub(crate) async fn beginnings(
        conn: &mut Conn,
        statement: crate::store::Statement,
        after: Uuid,
    ) -> Result<Vec<(Uuid, String)>, Error> {
        Ok(sqlx::query_as(statement.on(ENGINE)).bind(after).fetch_all(conn).await?)
    }

    /// Sealed texts behind a row.
    pub(crate) async fn texts(
        conn: &mut Conn,
        statement: crate::store::Statement,
        after: Uuid,
        limit: i64,
    ) -> Result<Vec<(Uuid, String)>, Error> {
        Ok(sqlx::query_as(statement.on(ENGINE)).bind(after).bind(limit).fetch_all(conn).await?)
    }

    /// Writes texts that were sealed anew.
    pub(crate) async fn set_texts(
        conn: &mut Conn,
        statement: crate::store::Statement,
        texts: &[Text],
    ) -> Result<(), Error> {
        for (id, old, anew) in texts {
            let query = sqlx::query(statement.on(ENGINE)).bind(id).bind(old).bind(anew);
            query.execute(&mut *conn).await?;
        }
        Ok(())
    }

    /// How many there are.
    pub(crate) async fn count_old(conn: &mut Conn, current: i64) -> Result<i64, Error> {
        let (count,) = sqlx::query_as(sql::COUNT_OLD.on(ENGINE)).bind(current).fetch_one(conn).await?;
        Ok(count)
    }

    /// When this database met a version first, Unix ms.
    pub(crate) async fn noted(conn: &mut Conn, version: i64) -> Result<Option<i64>, Error> {
        let row: Option<(i64,)> =
            sqlx::query_as(sql::NOTED.on(ENGINE)).bind(version).fetch_optional(conn).await?;
        Ok(row.map(|(it,)| it))
    }

    /// Writes addresses that were sealed anew.
    pub(crate) async fn reseal(conn: &mut Conn, anew: &[Anew]) -> Result<(), Error> {
        for it in anew {
            sqlx::query(sql::RESEAL.on(ENGINE))
                .bind(it.id)
                .bind(it.old_version)
                .bind(&it.sealed.key)
                .bind(&it.sealed.value)
                .bind(it.sealed.version)
                .execute(&mut *conn)
                .await?;
        }
        Ok(())
    }
}

impl Store {
    /// The versions that addresses and files of this database are sealed with, oldest first.
    pub async fn list_key_versions(&self) -> Result<Vec<i64>, Error> {
        let mut versions = Vec::new();
        loop {
            // 0 is an erased address.
            let last = versions.last().copied().unwrap_or(0);
            match on_pool!(self, conn => at::rotation::next_version(conn, last))? {
                Some(version) => versions.push(version),
                None => return Ok(versions),
            }
        }
    }

    /// The versions that texts of this database are sealed with, oldest first. It reads every row, a
    /// thousand at a time.
    pub async fn list_text_versions(&self) -> Result<Vec<i64>, Error> {
        let mut versions = std::collections::BTreeSet::new();
        for statement in sql::BEGINNINGS.iter().copied() {
            let mut after = Uuid::nil();
            loop {
                let rows = self.beginnings(statement, after).await?;
                let Some((last, _)) = rows.last() else { break };
                after = *last;
                let texts = rows.iter().flat_map(|(_, it)| it.split(' '));
                versions.extend(texts.filter_map(key_version));
            }
        }
        Ok(versions.into_iter().collect())
    }

    async fn beginnings(
        &self,
        statement: super::Statement,
        after: Uuid,
    ) -> Result<Vec<(Uuid, String)>, Error> {
        on_pool!(self, conn => at::rotation::beginnings(conn, statement, after))
    }

    /// How many addresses still wait to be sealed with the current keys.
    pub async fn count_old_addresses(&self) -> Result<i64, Error> {
        let current = self.keys().current();
        on_pool!(self, conn => at::rotation::count_old(conn, current))
    }

    /// When this database met a version of the keys first, Unix ms.
    pub async fn find_key_version(&self, version: i64) -> Result<Option<i64>, Error> {
        on_pool!(self, conn => at::rotation::noted(conn, version))
    }

    /// Seals some addresses, `limit` at most, with the current keys; gives how many were old.
    ///
    /// # Errors
    /// [`Error::Other`] where an address does not open: the row was changed, or its keys are gone.
    pub async fn reseal_addresses(&self, limit: u32) -> Result<usize, Error> {
        let keys = self.keys();
        let current = keys.current();
        let old: Vec<Old> = on_pool!(self, conn => at::rotation::list_old(conn, current, i64::from(limit)))?;
        let count = old.len();
        let mut anew = Vec::with_capacity(count);
        for it in old {
            let address = keys.open(it.id, &it.address_value, it.key_version)?;
            let sealed = keys.seal(it.id, &it.channel_id, &address)?;
            anew.push(Anew { id: it.id, old_version: it.key_version, sealed });
        }
        if count > 0 {
            in_write_tx!(self, conn => at::rotation::reseal(conn, &anew))?;
            return Ok(count);
        }
        self.reseal_totp(limit).await
    }

    /// Seals keys of cases, drafts, requests and words of leaders anew: a page of at most `limit` rows behind `place`, which
    /// moves on. Gives how many of them were old; `None` at the end.
    ///
    /// # Errors
    /// As [`Store::reseal_addresses`].
    pub async fn reseal_texts(&self, limit: u32, place: &mut TextPlace) -> Result<Option<usize>, Error> {
        let Some(kind) = KINDS.get(place.kind) else { return Ok(None) };
        let (keys, page) = (self.keys(), i64::from(limit));
        let (current, list, set, after) = (keys.current(), kind.list, kind.set, place.after);
        let rows: Vec<SealedText> = on_pool!(self, conn => at::rotation::texts(conn, list, after, page))?;
        match rows.last() {
            Some((last, _)) => place.after = *last,
            None => *place = TextPlace { kind: place.kind + 1, after: Uuid::nil() },
        }
        let mut anew = Vec::new();
        for (id, old) in rows {
            if key_version(&old).is_some_and(|it| it < current) {
                let text = keys.open_part(kind.part, id, &old)?;
                let sealed = keys.seal_part(kind.part, id, &text)?;
                anew.push((id, old, sealed));
            }
        }
        let count = anew.len();
        if count > 0 {
            in_write_tx!(self, conn => async move { at::rotation::set_texts(conn, set, &anew).await })?;
        }
        Ok(Some(count))
    }

    /// Takes in a key file that was changed while the service runs: the new versions are noted in the
    /// database and known, and the old one still writes. [`Store::adopt_keys`] ends that.
    ///
    /// # Errors
    /// The file does not belong to this database.
    pub async fn learn_keys(
        &self,
        newer: &super::AddressKeys,
        now: crate::domain::time::UnixMillis,
    ) -> Result<(), super::OpenError> {
        for (version, fingerprint) in newer.fingerprints()? {
            if self.note_keys(version, fingerprint.clone(), now).await? != fingerprint {
                return Err(super::OpenError::Keys(format!(
                    "version {version} is not the one this database was written with"
                )));
            }
        }
        self.keys().learn(newer);
        Ok(())
    }

    /// Whether the keys in use are those of `other`.
    pub fn has_keys(&self, other: &super::AddressKeys) -> bool {
        self.keys().same_versions(other)
    }

    /// Writes with the current version of `newer` from now on.
    pub fn adopt_keys(&self, newer: &super::AddressKeys) {
        self.keys().adopt(newer);
    }

    /// The version that writes now.
    pub fn current_keys(&self) -> i64 {
        self.keys().current()
    }

    /// The fingerprints of the keys in use, by version.
    pub fn key_fingerprints(&self) -> Result<Vec<(i64, Vec<u8>)>, Error> {
        self.keys().fingerprints()
    }
}
