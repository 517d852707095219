//! Photos and voices of messages: wanted, fetched by a job, kept sealed for a day.

use uuid::Uuid;

use super::texts::part;
use super::{Error, Store};
use crate::domain::time::{DAY, UnixMillis};
use crate::ids;

/// How long a file is kept.
pub const KEPT_FOR: i64 = DAY;

/// How long the photo of a list of an assembly waits to be entered, ms.
pub(crate) const PICTURE_FOR: i64 = 30 * DAY;

/// How long a claimed file belongs to who fetches it, ms.
const LEASE: i64 = 120_000;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// A picture.
    Photo,
    /// A voice message.
    Voice,
}

impl MediaKind {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Voice => "voice",
        }
    }
}

/// A file that came with a message. `Debug` does not show what the gateway hands it out for.
#[derive(Clone)]
pub struct NewMedia {
    /// What it is.
    pub kind: MediaKind,
    /// What the gateway hands it out for and the bytes that it says it has (0: it does not say), the
    /// largest first.
    pub sizes: Vec<(String, u32)>,
    /// How long a voice lasts.
    pub seconds: Option<u32>,
}

impl std::fmt::Debug for NewMedia {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "NewMedia {{ kind: {:?}, .. }}", self.kind)
    }
}

/// A file to be fetched now. `Debug` does not show what the gateway hands it out for.
#[derive(Clone)]
pub struct Wanted {
    /// Its id.
    pub id: Uuid,
    /// Channel that it came by.
    pub channel_id: String,
    /// What it is.
    pub kind: MediaKind,
    /// The sizes there are, as in [`NewMedia`].
    pub sizes: Vec<(String, u32)>,
    /// How long a voice lasts.
    pub seconds: Option<u32>,
    /// Number of this try, from 1.
    pub tries: i64,
}

impl std::fmt::Debug for Wanted {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Wanted {{ id: {}, tries: {}, .. }}", self.id, self.tries)
    }
}

/// How fetching a file ended.
#[derive(Clone)]
pub enum Fetched {
    /// Here it is, freed of everything but picture or sound: its type, hash and bytes.
    Kept {
        /// Its type, by its bytes.
        mime: &'static str,
        /// Hash of the bytes.
        sha256: Vec<u8>,
        /// The bytes.
        content: Vec<u8>,
    },
    /// It will never be kept; the reason's code.
    Refused(&'static str),
    /// It could not be fetched after all tries; the reason's code.
    Failed(&'static str),
    /// To be tried again at this instant.
    Again(UnixMillis, &'static str),
}

impl std::fmt::Debug for Fetched {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kept { mime, content, .. } => write!(out, "Kept {{ {mime}, {} bytes }}", content.len()),
            Self::Refused(reason) => write!(out, "Refused({reason})"),
            Self::Failed(reason) => write!(out, "Failed({reason})"),
            Self::Again(_, reason) => write!(out, "Again({reason})"),
        }
    }
}

/// A file as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Media {
    /// Its id.
    pub id: Uuid,
    /// `photo` or `voice`.
    pub kind: String,
    /// `wanted`, `kept`, `refused` or `failed`.
    pub state: String,
    /// Why it was refused or failed, or what the last try met.
    pub reason: Option<String>,
    /// Tries so far.
    pub tries: i64,
    /// Its type.
    pub mime: Option<String>,
    /// The bytes.
    pub content: Option<Vec<u8>>,
}

impl std::fmt::Debug for Media {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Media {{ {}, {}, {:?}, tries: {} }}", self.kind, self.state, self.reason, self.tries)
    }
}

/// A row to be added.
#[derive(Clone)]
pub(crate) struct New {
    id: Uuid,
    ordinal: i64,
    kind: &'static str,
    reference: String,
}

/// A row of `media` that was claimed.
#[derive(sqlx::FromRow)]
pub(crate) struct ClaimedRow {
    id: Uuid,
    channel_id: String,
    kind: String,
    provider_ref: String,
    tries: i64,
}

/// A row of `media`, sealed.
#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    id: Uuid,
    kind: String,
    state: String,
    reason: Option<String>,
    tries: i64,
    mime: Option<String>,
    content: Option<Vec<u8>>,
}

/// How an attempt ended, as columns.
#[derive(Clone)]
pub(crate) struct Settled {
    state: &'static str,
    reason: Option<&'static str>,
    not_before: Option<i64>,
    mime: Option<&'static str>,
    sha256: Option<Vec<u8>>,
    size: Option<i64>,
    content: Option<Vec<u8>>,
    key_version: Option<i64>,
}

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    /// Those of a message that opened or joined a case are kept with the case; the photo of a list waits longer.
    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO media (id, inbox_id, channel_id, ordinal, kind, provider_ref, state, tries, not_before, \
         created_at, expires_at, case_id) VALUES ($1, $2, $3, $4, $5, $6, 'wanted', 0, $7, $7, \
         CASE WHEN EXISTS (SELECT 1 FROM case_messages AS m WHERE m.inbox_id = $2) THEN CAST($9 AS BIGINT) \
         WHEN EXISTS (SELECT 1 FROM demand_pictures AS d WHERE d.inbox_id = $2) THEN CAST($10 AS BIGINT) \
         ELSE CAST($8 AS BIGINT) END, \
         (SELECT m.case_id FROM case_messages AS m WHERE m.inbox_id = $2)) ON CONFLICT (inbox_id, ordinal) DO NOTHING",
    );
    macro_rules! claim {
        ($lock:literal) => {
            concat!(
                "UPDATE media SET tries = tries + 1, not_before = $2 WHERE id IN (SELECT id FROM media ",
                "WHERE state = 'wanted' AND not_before <= $1 ORDER BY not_before LIMIT $3",
                $lock,
                ") RETURNING id, channel_id, kind, provider_ref, tries"
            )
        };
    }
    pub(super) const CLAIM: Statement = Statement::fork(claim!(""), claim!(" FOR UPDATE SKIP LOCKED"));
    pub(super) const SETTLE: Statement = Statement::both(
        "UPDATE media SET state = $3, reason = $4, not_before = COALESCE($5, not_before), mime = $6, \
         sha256 = $7, size = $8, content = $9, key_version = $10, \
         provider_ref = CASE WHEN $3 = 'wanted' THEN provider_ref ELSE '' END \
         WHERE id = $1 AND tries = $2 AND state = 'wanted' RETURNING inbox_id",
    );
    pub(super) const EXPIRE: Statement = Statement::both(
        "DELETE FROM media WHERE id IN (SELECT id FROM media WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
    );
    pub(super) const LIST: Statement = Statement::both(
        "SELECT id, kind, state, reason, tries, mime, content FROM media \
         WHERE inbox_id = $1 ORDER BY ordinal",
    );
    pub(super) const COUNT: Statement = Statement::both("SELECT COUNT(*) FROM media WHERE state = $1");
    pub(in crate::store) const ALL: &[Statement] = &[ADD, CLAIM, SETTLE, EXPIRE, LIST, COUNT];
}

per_engine! {
    with at;
    use {
        use super::{ClaimedRow, LEASE, New, PICTURE_FOR, Row, Settled, sql};
        use crate::store::cases::OPEN_FILES;
        use crate::store::{Error, events};
        use uuid::Uuid;
    }

    /// Adds the files of a message unless they are there.
    pub(crate) async fn add(
        conn: &mut Conn,
        inbox_id: Uuid,
        channel_id: String,
        files: Vec<New>,
        now: i64,
        expires_at: i64,
    ) -> Result<(), Error> {
        for file in files {
            sqlx::query(sql::ADD.on(ENGINE))
                .bind(file.id)
                .bind(inbox_id)
                .bind(&channel_id)
                .bind(file.ordinal)
                .bind(file.kind)
                .bind(file.reference)
                .bind(now)
                .bind(expires_at)
                .bind(OPEN_FILES)
                .bind(now + PICTURE_FOR)
                .execute(&mut *conn)
                .await?;
        }
        Ok(())
    }

    /// Claims files that are due, longest waiting first.
    pub(crate) async fn claim(conn: &mut Conn, now: i64, limit: i64) -> Result<Vec<ClaimedRow>, Error> {
        let claimed = sqlx::query_as(sql::CLAIM.on(ENGINE)).bind(now).bind(now + LEASE).bind(limit);
        Ok(claimed.fetch_all(conn).await?)
    }

    /// Notes how a try ended; `false` if another one has begun.
    pub(crate) async fn settle(
        conn: &mut Conn,
        id: Uuid,
        tries: i64,
        settled: Settled,
        now: i64,
    ) -> Result<bool, Error> {
        let state = settled.state;
        let row: Option<(Uuid,)> = sqlx::query_as(sql::SETTLE.on(ENGINE))
            .bind(id)
            .bind(tries)
            .bind(state)
            .bind(settled.reason)
            .bind(settled.not_before)
            .bind(settled.mime)
            .bind(settled.sha256)
            .bind(settled.size)
            .bind(settled.content)
            .bind(settled.key_version)
            .fetch_optional(&mut *conn)
            .await?;
        let Some((inbox_id,)) = row else { return Ok(false) };
        let kind = match state {
            "kept" => "media_kept",
            "refused" => "media_refused",
            "failed" => "media_failed",
            _ => return Ok(true),
        };
        let event =
            events::New { kind, inbox_id: Some(inbox_id), at: now, ..events::New::default() };
        at::events::add(conn, &[event]).await?;
        Ok(true)
    }

    /// Deletes files whose time is over; gives how many.
    pub(crate) async fn expire(conn: &mut Conn, now: i64, limit: i64) -> Result<u64, Error> {
        let done = sqlx::query(sql::EXPIRE.on(ENGINE)).bind(now).bind(limit).execute(conn).await?;
        Ok(done.rows_affected())
    }

    /// The files of a message.
    pub(crate) async fn list(conn: &mut Conn, inbox_id: Uuid) -> Result<Vec<Row>, Error> {
        Ok(sqlx::query_as(sql::LIST.on(ENGINE)).bind(inbox_id).fetch_all(conn).await?)
    }

    /// How many files are in a state.
    pub(crate) async fn count(conn: &mut Conn, state: &'static str) -> Result<i64, Error> {
        let (count,) = sqlx::query_as(sql::COUNT.on(ENGINE)).bind(state).fetch_one(conn).await?;
        Ok(count)
    }
}

impl Store {
    /// Notes the files that came with a message, to be fetched and then kept for [`KEPT_FOR`]. What
    /// is noted already stays as it is.
    pub async fn add_media(
        &self,
        inbox_id: Uuid,
        channel_id: &str,
        files: Vec<NewMedia>,
        now: UnixMillis,
    ) -> Result<(), Error> {
        let unwritable = |_| Error::Other("a reference can't be written as JSON".to_owned());
        let mut rows = Vec::with_capacity(files.len());
        for (ordinal, file) in (0_i64..).zip(files) {
            let reference = serde_json::to_string(&(&file.sizes, file.seconds)).map_err(unwritable)?;
            let id = ids::new_id(now);
            let reference = self.keys().seal_part(part::REFERENCE, id, &reference)?;
            rows.push(New { id, ordinal, kind: file.kind.code(), reference });
        }
        let (channel_id, expires_at) = (channel_id.to_owned(), now.0 + KEPT_FOR);
        in_write_tx!(self, conn => at::media::add(conn, inbox_id, channel_id, rows, now.0, expires_at))
    }

    /// Claims at most `limit` files that are due.
    pub async fn claim_media(&self, now: UnixMillis, limit: u32) -> Result<Vec<Wanted>, Error> {
        let rows = self.claim_media_rows(now, limit).await?;
        let wanted = rows.into_iter().map(|row| {
            // What can't be read has no sizes, and is refused for that.
            let reference = self.keys().open_part(part::REFERENCE, row.id, &row.provider_ref);
            let (sizes, seconds) =
                reference.ok().and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default();
            let kind = if row.kind == "voice" { MediaKind::Voice } else { MediaKind::Photo };
            Wanted { id: row.id, channel_id: row.channel_id, kind, sizes, seconds, tries: row.tries }
        });
        Ok(wanted.collect())
    }

    async fn claim_media_rows(&self, now: UnixMillis, limit: u32) -> Result<Vec<ClaimedRow>, Error> {
        in_write_tx!(self, conn => at::media::claim(conn, now.0, i64::from(limit)))
    }

    /// Notes how a try ended, the content sealed; `false` (and no change) if another try has begun.
    pub async fn settle_media(
        &self,
        id: Uuid,
        tries: i64,
        fetched: Fetched,
        now: UnixMillis,
    ) -> Result<bool, Error> {
        let empty = Settled {
            state: "wanted",
            reason: None,
            not_before: None,
            mime: None,
            sha256: None,
            size: None,
            content: None,
            key_version: None,
        };
        let settled = match fetched {
            Fetched::Kept { mime, sha256, content } => {
                let keys = self.keys();
                let (sealed, version) = (keys.seal_bytes(id.as_bytes(), &content)?, keys.current());
                Settled {
                    state: "kept",
                    mime: Some(mime),
                    sha256: Some(sha256),
                    size: Some(content.len() as i64),
                    content: Some(sealed),
                    key_version: Some(version),
                    ..empty
                }
            }
            Fetched::Refused(reason) => Settled { state: "refused", reason: Some(reason), ..empty },
            Fetched::Failed(reason) => Settled { state: "failed", reason: Some(reason), ..empty },
            Fetched::Again(at, reason) => Settled { reason: Some(reason), not_before: Some(at.0), ..empty },
        };
        in_write_tx!(self, conn => at::media::settle(conn, id, tries, settled, now.0))
    }

    /// Deletes files whose time is over, at most `limit`; gives how many.
    pub async fn expire_media(&self, now: UnixMillis, limit: u32) -> Result<u64, Error> {
        in_write_tx!(self, conn => at::media::expire(conn, now.0, i64::from(limit)))
    }

    /// The files of a message, opened.
    ///
    /// # Errors
    /// [`Error::Other`] where one was changed or moved.
    pub async fn list_media(&self, inbox_id: Uuid) -> Result<Vec<Media>, Error> {
        let keys = self.keys();
        let rows = self.media_rows(inbox_id).await?;
        rows.into_iter()
            .map(|row| {
                let open = |sealed: Vec<u8>| keys.open_bytes(row.id.as_bytes(), &sealed);
                let content = row.content.map(open).transpose()?;
                Ok(Media {
                    id: row.id,
                    kind: row.kind,
                    state: row.state,
                    reason: row.reason,
                    tries: row.tries,
                    mime: row.mime,
                    content,
                })
            })
            .collect()
    }

    async fn media_rows(&self, inbox_id: Uuid) -> Result<Vec<Row>, Error> {
        on_pool!(self, conn => at::media::list(conn, inbox_id))
    }

    /// How many files are in a state (`wanted`, `kept`, `refused`, `failed`).
    pub async fn count_media(&self, state: &'static str) -> Result<i64, Error> {
        on_pool!(self, conn => at::media::count(conn, state))
    }
}
