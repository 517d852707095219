//! Erasing a person: texts, bodies and the address go, the rows that others count on stay and point
//! at nobody.
//!
//! A list of who was erased is kept in the database and, since a backup is older than the erasures
//! after it, in a file beside it that only grows. It is applied before a restored database opens.

mod list;

use std::path::Path;

use uuid::Uuid;

use super::retention::Limits;
use super::{Error, Store};
use crate::domain::privacy::ERASE_AFTER;
use crate::domain::time::UnixMillis;
use crate::ids;

pub use list::{merge_list, read_list};

/// Name of the list in the data folder and beside the backups.
pub const FILE_NAME: &str = "erasures.log";

/// One erasure, without anything that names the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The contact, in every backup too.
    pub contact_id: Uuid,
    /// Its channel.
    pub channel_id: String,
    /// Keyed hash of the address.
    pub address_key: Vec<u8>,
    /// Version of the keys of that hash.
    pub key_version: i64,
    /// Keyed hash of the address that no rotation changes; `address_key` where it is not known.
    pub refusal_key: Vec<u8>,
    /// Since when the person had refused what was not asked for, Unix ms.
    pub stopped_at: Option<i64>,
    /// When it was erased, Unix ms.
    pub erased_at: i64,
    /// Whether her cases went, too: she asked for it. Of who only was silent for long they stay without
    /// what leads to her.
    pub with_cases: bool,
}

/// What is read of a contact that is to be erased.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct Row {
    channel_id: String,
    address_key: Vec<u8>,
    address_value: Vec<u8>,
    key_version: i64,
    stopped_at: Option<i64>,
    last_message_at: i64,
}

/// What keeps a contact: looked at again in the transaction that erases it, since she may have written, or
/// opened a case, after it was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keeping {
    /// A case of the person that is open, or was closed at this instant or after it, Unix ms.
    closed: i64,
    /// A message of the person at this instant or after it, Unix ms.
    silent: i64,
}

/// Why a contact is not erased now.
const KEPT: Error = Error::Refused("contact_is_kept");

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;
    use crate::store::retention::sql::{has_case, has_demand, own_demand};

    pub(super) const GET: Statement = Statement::both(
        "SELECT channel_id, address_key, address_value, key_version, stopped_at, last_message_at \
         FROM contacts WHERE id = $1",
    );
    /// What is refused is held against the erasures of the address, of which the last one counts.
    pub(super) const NOTE: Statement = Statement::both(
        "INSERT INTO erasures (contact_id, channel_id, address_key, key_version, stopped_at, erased_at, \
         with_cases, refusal_key, emptied) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (contact_id) DO NOTHING",
    );
    pub(super) const EMPTIED: Statement =
        Statement::both("UPDATE erasures SET emptied = $2 WHERE contact_id = $1 AND NOT emptied");
    pub(super) const UNFINISHED: Statement =
        Statement::both("SELECT contact_id FROM erasures WHERE NOT emptied ORDER BY contact_id LIMIT 100");
    macro_rules! alive {
        ($lock:literal) => {
            concat!("SELECT id FROM contacts WHERE id = $1 AND key_version > 0", $lock)
        };
    }
    pub(super) const ALIVE: Statement = Statement::fork(alive!(""), alive!(" FOR UPDATE"));
    /// Whether the contact is kept: by a case, or by a message of hers, of whichever of her contacts. A demand
    /// keeps who only was silent; who asks to be erased takes her support back with that.
    pub(super) const KEPT: Statement = Statement::both(concat!(
        "SELECT k.id FROM contacts AS k WHERE k.id = $1 AND (k.last_message_at >= $3 OR ",
        has_case!("k.id", "$2"),
        " OR ($3 < 9223372036854775807 AND ",
        has_demand!("k.id"),
        ") OR EXISTS (SELECT 1 FROM contacts AS o WHERE o.person_id = k.person_id AND k.person_id IS NOT NULL \
         AND o.key_version > 0 AND o.last_message_at >= $3))"
    ));
    /// Whether something of a contact is younger than an erasure: then it is no copy of before it.
    pub(super) const YOUNGER: Statement = Statement::both(
        "SELECT k.id FROM contacts AS k WHERE k.id = $1 AND (k.last_message_at > $2 OR EXISTS (SELECT 1 \
         FROM case_people AS p JOIN cases AS c ON c.id = p.case_id WHERE p.contact_id = k.id \
         AND c.updated_at > $2))",
    );
    /// The random key keeps the pair unique and finds nobody.
    pub(super) const CONTACT: Statement = Statement::both(
        "UPDATE contacts SET address_key = $2, address_value = $3, key_version = 0, gone_at = $4, \
         noticed_version = NULL, person_id = NULL, member_at = NULL WHERE id = $1",
    );
    /// An empty one with a version that no process remembers stays, so that none writes on.
    pub(super) const CONVERSATION: Statement = Statement::both(
        "INSERT INTO conversations (contact_id, state, version, updated_at) VALUES ($1, '{}', 1, $2) \
         ON CONFLICT (contact_id) DO UPDATE SET state = '{}', version = conversations.version + 1, \
         updated_at = excluded.updated_at",
    );
    pub(super) const CODES: Statement = Statement::both("DELETE FROM link_codes WHERE contact_id = $1");
    pub(super) const CODES_FOR: Statement = Statement::both("DELETE FROM link_codes WHERE only_id = $1");
    pub(super) const CODES_USED: Statement = Statement::both("DELETE FROM link_codes WHERE redeemer_id = $1");
    pub(super) const TRIES: Statement = Statement::both("DELETE FROM link_tries WHERE contact_id = $1");
    pub(super) const FOLDS: Statement = Statement::both("DELETE FROM folds WHERE contact_id = $1");
    /// An index for each contact's messages would cost every message for what is done a few times a
    /// year, so this reads the table, beside the writer and a page at a time.
    pub(super) const MESSAGES: Statement =
        Statement::both("SELECT id FROM inbox WHERE id > $2 AND contact_id = $1 ORDER BY id LIMIT 500");
    pub(super) const OF_ERASED: Statement = Statement::both(
        "SELECT i.id FROM inbox AS i WHERE i.id > $1 AND EXISTS (SELECT 1 FROM contacts AS k \
         WHERE k.id = i.contact_id AND k.key_version = 0) ORDER BY i.id LIMIT 500",
    );
    /// It may take longer than the statements of the service.
    pub(super) const PATIENT: Statement =
        Statement::fork("SELECT 1", "SELECT set_config('statement_timeout', '600000', true)");
    pub(super) const MESSAGE: Statement = Statement::both(
        "UPDATE inbox SET text = '', latitude = NULL, longitude = NULL, payload = NULL, pressed = NULL, \
         contact_id = NULL, state = 'handled', lease_until = NULL WHERE id = $1",
    );
    /// Photos and voices, those that were not fetched yet too.
    pub(super) const MEDIA: Statement = Statement::both("DELETE FROM media WHERE inbox_id = $1");
    pub(super) const NOT_UNDERSTOOD: Statement =
        Statement::both("DELETE FROM unknown_texts WHERE inbox_id = $1");
    pub(super) const ATTEMPTS: Statement = Statement::both(
        "UPDATE attempts SET provider_id = NULL, failure = NULL WHERE outbox_id IN \
         (SELECT id FROM outbox WHERE contact_id = $1)",
    );
    /// What waits is not sent; what was handed over can't be called back.
    pub(super) const REPLIES: Statement = Statement::both(
        "UPDATE outbox SET body = '', choices = '[]', municipality = NULL, provider_id = NULL, \
         state = CASE WHEN state IN ('queued', 'claimed') THEN 'cancelled' ELSE state END, updated_at = $2 \
         WHERE contact_id = $1",
    );
    pub(super) const LIST: Statement = Statement::both(
        "SELECT contact_id, channel_id, address_key, key_version, refusal_key, stopped_at, erased_at, \
         with_cases FROM erasures WHERE contact_id > $1 ORDER BY contact_id LIMIT 1000",
    );
    /// The same person, if the contact of that time was made anew by an older backup.
    pub(super) const FIND: Statement = Statement::both(
        "SELECT id FROM contacts WHERE channel_id = $1 AND address_key = $2 AND created_at <= $3 \
         AND key_version > 0",
    );
    pub(in crate::store) const ALL: &[Statement] = &[
        GET,
        NOTE,
        EMPTIED,
        UNFINISHED,
        ALIVE,
        KEPT,
        YOUNGER,
        CONTACT,
        CONVERSATION,
        CODES,
        CODES_FOR,
        CODES_USED,
        TRIES,
        FOLDS,
        MESSAGES,
        OF_ERASED,
        PATIENT,
        MESSAGE,
        MEDIA,
        NOT_UNDERSTOOD,
        ATTEMPTS,
        REPLIES,
        LIST,
        FIND,
    ];
}

/// A row of `erasures`.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct Noted {
    contact_id: Uuid,
    channel_id: String,
    address_key: Vec<u8>,
    key_version: i64,
    refusal_key: Option<Vec<u8>>,
    stopped_at: Option<i64>,
    erased_at: i64,
    with_cases: bool,
}

per_engine! {
    with at;
    use {
        use super::{Erasure, KEPT, Keeping, Noted, Row, sql};
        use crate::store::{Error, events};
        use sqlx::Connection as _;
        use uuid::Uuid;
    }

    /// What is there of a contact; `None`: nothing, or nothing any more.
    pub(crate) async fn get(conn: &mut Conn, id: Uuid) -> Result<Option<Row>, Error> {
        let row: Option<Row> = sqlx::query_as(sql::GET.on(ENGINE)).bind(id).fetch_optional(conn).await?;
        Ok(row.filter(|it| it.key_version > 0))
    }

    /// A contact that stands for the person of an erasure.
    pub(crate) async fn find(conn: &mut Conn, it: &Erasure) -> Result<Option<Uuid>, Error> {
        let row: Option<(Uuid,)> = sqlx::query_as(sql::FIND.on(ENGINE))
            .bind(&it.channel_id)
            .bind(&it.address_key)
            .bind(it.erased_at)
            .fetch_optional(conn)
            .await?;
        Ok(row.map(|(id,)| id))
    }

    /// Whether a contact is kept.
    pub(crate) async fn kept(conn: &mut Conn, id: Uuid, keeping: Keeping) -> Result<bool, Error> {
        let query = sqlx::query_as(sql::KEPT.on(ENGINE)).bind(id).bind(keeping.closed).bind(keeping.silent);
        let kept: Option<(Uuid,)> = query.fetch_optional(conn).await?;
        Ok(kept.is_some())
    }

    /// Whether something of a contact is younger than an instant.
    pub(crate) async fn younger(conn: &mut Conn, id: Uuid, than: i64) -> Result<bool, Error> {
        let query = sqlx::query_as(sql::YOUNGER.on(ENGINE)).bind(id).bind(than);
        let younger: Option<(Uuid,)> = query.fetch_optional(conn).await?;
        Ok(younger.is_some())
    }

    /// Notes the erasure and empties the contact, its cases and what was said to it; its messages are left.
    ///
    /// # Errors
    /// [`Error::Refused`]: something keeps it; nothing is written.
    pub(crate) async fn erase(
        conn: &mut Conn,
        it: &Erasure,
        keeping: Option<Keeping>,
        random: Vec<u8>,
    ) -> Result<(), Error> {
        let (id, when) = (it.contact_id, it.erased_at);
        // In the order in which a batch locks them: the dialogue, the contact, the feed; then the cases.
        sqlx::query(sql::CONVERSATION.on(ENGINE)).bind(id).bind(when).execute(&mut *conn).await?;
        let alive: Option<(Uuid,)> =
            sqlx::query_as(sql::ALIVE.on(ENGINE)).bind(id).fetch_optional(&mut *conn).await?;
        if alive.is_none() {
            // Another process was first.
            return Ok(());
        }
        at::events::lock(&mut *conn).await?;
        if let Some(keeping) = keeping
            && kept(&mut *conn, id, keeping).await?
        {
            return Err(KEPT);
        }
        note(&mut *conn, it, !it.with_cases).await?;
        at::demand_people::erase(&mut *conn, id, when).await?;
        at::highlight_people::erase(&mut *conn, id).await?;
        if it.with_cases {
            at::case_erasing::of_contact(&mut *conn, id, when).await?;
        }
        sqlx::query(sql::CONTACT.on(ENGINE))
            .bind(id)
            .bind(random)
            .bind(Vec::<u8>::new())
            .bind(when)
            .execute(&mut *conn)
            .await?;
        for statement in [sql::CODES, sql::CODES_FOR, sql::CODES_USED, sql::TRIES, sql::FOLDS] {
            sqlx::query(statement.on(ENGINE)).bind(id).execute(&mut *conn).await?;
        }
        at::case_erasing::beside(&mut *conn, id).await?;
        at::codes::forget(&mut *conn, id).await?;
        at::requests::forget(&mut *conn, id, when).await?;
        sqlx::query(sql::ATTEMPTS.on(ENGINE)).bind(id).execute(&mut *conn).await?;
        sqlx::query(sql::REPLIES.on(ENGINE)).bind(id).bind(when).execute(&mut *conn).await?;
        let event =
            events::New { kind: "contact_erased", contact_id: Some(id), at: when, ..events::New::default() };
        at::events::add(conn, &[event]).await
    }

    /// Notes an erasure; whether its messages are emptied, or are left to the nightly run.
    pub(crate) async fn note(conn: &mut Conn, it: &Erasure, emptied: bool) -> Result<(), Error> {
        sqlx::query(sql::NOTE.on(ENGINE))
            .bind(it.contact_id)
            .bind(&it.channel_id)
            .bind(&it.address_key)
            .bind(it.key_version)
            .bind(it.stopped_at)
            .bind(it.erased_at)
            .bind(it.with_cases)
            .bind(&it.refusal_key)
            .bind(emptied)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Notes that the messages are emptied, too.
    pub(crate) async fn emptied(conn: &mut Conn, id: Uuid) -> Result<(), Error> {
        sqlx::query(sql::EMPTIED.on(ENGINE)).bind(id).bind(true).execute(conn).await?;
        Ok(())
    }

    /// Some who were erased and whose messages are not emptied.
    pub(crate) async fn unfinished(conn: &mut Conn) -> Result<Vec<(Uuid,)>, Error> {
        Ok(sqlx::query_as(sql::UNFINISHED.on(ENGINE)).fetch_all(conn).await?)
    }

    /// Messages of a contact that were not emptied yet.
    pub(crate) async fn list_messages(conn: &mut Conn, id: Uuid, after: Uuid) -> Result<Vec<(Uuid,)>, Error> {
        let mut transaction = conn.begin().await?;
        sqlx::query(sql::PATIENT.on(ENGINE)).execute(&mut *transaction).await?;
        let found =
            sqlx::query_as(sql::MESSAGES.on(ENGINE)).bind(id).bind(after).fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(found)
    }

    /// Messages of all who were erased that were not emptied yet.
    pub(crate) async fn list_of_erased(conn: &mut Conn, after: Uuid) -> Result<Vec<(Uuid,)>, Error> {
        let mut transaction = conn.begin().await?;
        sqlx::query(sql::PATIENT.on(ENGINE)).execute(&mut *transaction).await?;
        let found =
            sqlx::query_as(sql::OF_ERASED.on(ENGINE)).bind(after).fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(found)
    }

    /// Empties messages.
    pub(crate) async fn empty_messages(conn: &mut Conn, ids: &[(Uuid,)]) -> Result<(), Error> {
        for (id,) in ids {
            sqlx::query(sql::MEDIA.on(ENGINE)).bind(id).execute(&mut *conn).await?;
            sqlx::query(sql::NOT_UNDERSTOOD.on(ENGINE)).bind(id).execute(&mut *conn).await?;
            sqlx::query(sql::MESSAGE.on(ENGINE)).bind(id).execute(&mut *conn).await?;
        }
        Ok(())
    }

    /// Some of the list, from behind `after`.
    pub(crate) async fn list(conn: &mut Conn, after: Uuid) -> Result<Vec<Noted>, Error> {
        Ok(sqlx::query_as(sql::LIST.on(ENGINE)).bind(after).fetch_all(conn).await?)
    }
}

/// What stands in the place of an erased address: it finds nobody.
fn random() -> Result<Vec<u8>, Error> {
    let random = ids::random_bytes::<32>()
        .map_err(|problem| Error::Unavailable(format!("no random bytes: {problem}")))?;
    Ok(random.to_vec())
}

impl Store {
    /// Erases a contact as who asks for it: its texts, the bodies of what was said to it, its place in the
    /// dialogue, its address, and its cases: all words of those that it opened alone, its own in those that
    /// others have a part in. Rows stay, for counts and so that a repeat is known, and point at nobody. What
    /// waits to be sent is cancelled. The erasure is appended to `list` first, so that it holds after
    /// a crash and in every backup. A second time does nothing. `false`, and nothing is erased: a case of the
    /// person is open, or was closed less than [`ERASE_AFTER`] ago.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such contact; [`Error::Unavailable`] where the list or
    /// the database can't be written: what is left is done by [`Store::finish_erasures`] or the next try.
    pub async fn erase_contact(&self, id: Uuid, list: Option<&Path>, now: UnixMillis) -> Result<bool, Error> {
        let keeping = Keeping { closed: now.0 - ERASE_AFTER + 1, silent: i64::MAX };
        if let Some(erasure) = self.erasure_of(id, true, now).await? {
            if on_pool!(self, conn => at::erasures::kept(conn, id, keeping))? {
                return Ok(false);
            }
            if let Some(list) = list {
                erasure
                    .append(list)
                    .map_err(|problem| Error::Unavailable(format!("the list of erasures: {problem}")))?;
            }
            if !self.erase(erasure, Some(keeping)).await? {
                return Ok(false);
            }
        } else {
            // Unknown contacts are told apart from those that are erased already.
            self.get_contact_row(id).await?;
        }
        self.empty_messages(id).await?;
        Ok(true)
    }

    /// Does what is left of erasures where a crash came in between.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn finish_erasures(&self) -> Result<(), Error> {
        loop {
            let ids: Vec<(Uuid,)> = on_pool!(self, conn => at::erasures::unfinished(conn))?;
            if ids.is_empty() {
                return Ok(());
            }
            for (id,) in ids {
                self.empty_messages(id).await?;
            }
        }
    }

    /// The erasure of a contact that is not erased.
    async fn erasure_of(
        &self,
        id: Uuid,
        with_cases: bool,
        now: UnixMillis,
    ) -> Result<Option<Erasure>, Error> {
        let row: Option<Row> = on_pool!(self, conn => at::erasures::get(conn, id))?;
        Ok(row.map(|row| {
            // A damaged address must keep nobody from being erased.
            let refusal_key = self
                .keys()
                .open(id, &row.address_value, row.key_version)
                .and_then(|it| self.keys().refusal_key(&row.channel_id, &it));
            Erasure {
                contact_id: id,
                refusal_key: refusal_key.unwrap_or_else(|_| row.address_key.clone()),
                channel_id: row.channel_id,
                address_key: row.address_key,
                key_version: row.key_version,
                stopped_at: row.stopped_at,
                // Nothing of her may be younger, so that every older copy is known as one.
                erased_at: now.0.max(row.last_message_at),
                with_cases,
            }
        }))
    }

    /// Applies lists of erasures, such as after an older backup was restored; gives how many persons
    /// were there again. Erasures that the database lacks are noted in it. A contact that did something after
    /// it was listed is left alone: this is no older copy, and the erasure was never done here.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn apply_erasures(&self, list: &[Erasure]) -> Result<usize, Error> {
        let mut erased = 0;
        // What this database has noted was done in it: the list is long after some years.
        let noted: std::collections::HashSet<Uuid> =
            self.list_erasures().await?.into_iter().map(|it| it.contact_id).collect();
        for it in list.iter().filter(|it| !noted.contains(&it.contact_id)) {
            let (id, erased_at) = (it.contact_id, it.erased_at);
            let mut there: Vec<Uuid> = Vec::new();
            if on_pool!(self, conn => at::erasures::get(conn, id))?.is_some() {
                there.push(id);
            }
            let known = it.clone();
            let same: Option<Uuid> = on_pool!(self, conn => at::erasures::find(conn, &known))?;
            there.extend(same.filter(|same| *same != id));
            let (mut done, mut left) = (false, false);
            for contact_id in there {
                if on_pool!(self, conn => at::erasures::younger(conn, contact_id, erased_at))? {
                    left = true;
                    continue;
                }
                done |= self.erase(Erasure { contact_id, ..it.clone() }, None).await?;
                // Of those that only were silent there are many, and the messages are gone through once.
                if it.with_cases {
                    self.empty_messages(contact_id).await?;
                }
            }
            erased += usize::from(done);
            if !left {
                let noted = it.clone();
                in_write_tx!(self, conn => at::erasures::note(conn, &noted, true))?;
            }
        }
        if erased > 0 {
            self.empty_of_erased().await?;
        }
        Ok(erased)
    }

    /// Everybody that was erased.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn list_erasures(&self) -> Result<Vec<Erasure>, Error> {
        let mut all = Vec::new();
        let mut after = Uuid::nil();
        loop {
            let some: Vec<Noted> = on_pool!(self, conn => at::erasures::list(conn, after))?;
            let Some(last) = some.last() else { return Ok(all) };
            after = last.contact_id;
            all.extend(some.into_iter().map(|it| Erasure {
                contact_id: it.contact_id,
                channel_id: it.channel_id,
                refusal_key: it.refusal_key.unwrap_or_else(|| it.address_key.clone()),
                address_key: it.address_key,
                key_version: it.key_version,
                stopped_at: it.stopped_at,
                erased_at: it.erased_at,
                with_cases: it.with_cases,
            }));
        }
    }

    /// Erases contacts that were silent for long: their cases stay. Messages are emptied apart, for all of
    /// them at once. Gives how many there were: who wrote since they were found, or has an open case, is left.
    ///
    /// # Errors
    /// As [`Store::erase_contact`].
    pub async fn erase_silent(
        &self,
        ids: &[Uuid],
        limits: &Limits,
        list: Option<&Path>,
    ) -> Result<usize, Error> {
        let keeping = Keeping { closed: limits.closed.0, silent: limits.silent.0 };
        let mut all = Vec::with_capacity(ids.len());
        for id in ids.iter().copied() {
            if on_pool!(self, conn => at::erasures::kept(conn, id, keeping))? {
                continue;
            }
            all.extend(self.erasure_of(id, false, limits.now).await?);
        }
        if let Some(list) = list.filter(|_| !all.is_empty()) {
            Erasure::append_all(&all, list)
                .map_err(|problem| Error::Unavailable(format!("the list of erasures: {problem}")))?;
        }
        let mut count = 0;
        // Each alone: on PostgreSQL the feed is locked until the commit.
        for erasure in all {
            count += usize::from(self.erase(erasure, Some(keeping)).await?);
        }
        Ok(count)
    }

    /// `false`: something keeps the contact.
    async fn erase(&self, erasure: Erasure, keeping: Option<Keeping>) -> Result<bool, Error> {
        let random = random()?;
        let (key, contact_id) = (erasure.address_key.clone(), erasure.contact_id);
        // After it nothing leads to them any more.
        let others = on_pool!(self, conn => at::broadcast_erasing::others(conn, contact_id))?;
        let erased: Result<(), Error> =
            in_write_tx!(self, conn => at::erasures::erase(conn, &erasure, keeping, random));
        // Another process finds out by the version of the conversation.
        self.cache().drop(&key);
        match erased {
            Ok(()) => {}
            Err(KEPT) => return Ok(false),
            Err(problem) => return Err(problem),
        }
        // Alone: a broadcast that goes out locks those whom it is queued for before their contacts.
        in_write_tx!(self, conn => at::broadcast_erasing::forget_source(conn, contact_id, &others))?;
        in_write_tx!(self, conn => at::broadcast_erasing::forget(conn, contact_id))?;
        Ok(true)
    }

    /// Empties what is left of all who were erased.
    async fn empty_of_erased(&self) -> Result<(), Error> {
        let mut after = Uuid::nil();
        loop {
            let ids: Vec<(Uuid,)> = on_pool!(self, conn => at::erasures::list_of_erased(conn, after))?;
            let Some(last) = ids.last() else { return Ok(()) };
            after = last.0;
            in_write_tx!(self, conn => at::erasures::empty_messages(conn, &ids))?;
        }
    }

    /// Empties messages until none is left, of who is erased already, so that none comes any more.
    async fn empty_messages(&self, id: Uuid) -> Result<(), Error> {
        // A crash may have come before it was done; a second time does no harm.
        in_write_tx!(self, conn => at::broadcast_erasing::forget(conn, id))?;
        let mut after = Uuid::nil();
        loop {
            let ids: Vec<(Uuid,)> = on_pool!(self, conn => at::erasures::list_messages(conn, id, after))?;
            let Some(last) = ids.last() else { break };
            after = last.0;
            in_write_tx!(self, conn => at::erasures::empty_messages(conn, &ids))?;
        }
        in_write_tx!(self, conn => at::erasures::emptied(conn, id))
    }
}
