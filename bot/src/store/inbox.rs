//! The inbox: every message that was acknowledged, and what handling it led to.

use uuid::Uuid;

use super::{Error, Store, contacts, events, outbox};
use crate::domain::channel::ChannelKind;
use crate::domain::time::UnixMillis;

/// The longest id of a gateway that is kept as it is, in bytes: `PostgreSQL`'s indexes hold no row
/// of more than about 2,700.
const LONGEST_ID: usize = 255;

/// How often a message that can't be handled is tried before it is parked.
pub const TRIES: i64 = 3;

/// A message as a channel's adapter hands it over. `Debug` shows neither address nor text.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct NewInbound {
    /// Channel it came by (`kannel`, `telegram`).
    pub channel_id: String,
    /// Kind of that channel.
    pub kind: ChannelKind,
    /// The gateway's id of the message; `None` where it gives none.
    pub external_id: Option<String>,
    /// Phone number with `+`, or chat id.
    pub address: String,
    /// What was written; empty for a location alone.
    pub text: String,
    /// A shared location: latitude and longitude in degrees.
    pub location: Option<(f64, f64)>,
    /// The parameter of a deep link.
    pub payload: Option<String>,
    /// The gateway's id of our message whose button was pressed.
    pub pressed: Option<String>,
    /// When the gateway says that it was sent.
    pub provider_at: Option<UnixMillis>,
    /// When it reached us.
    pub received_at: UnixMillis,
}

impl std::fmt::Debug for NewInbound {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "NewInbound {{ channel_id: {:?}, kind: {}, .. }}", self.channel_id, self.kind)
    }
}

/// What became of a message that was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Our id of it: that of the first delivery if this one is a repeat.
    pub inbox_id: Uuid,
    /// Whether it is new; a repeat has no effect.
    pub fresh: bool,
}

/// A message that waits to be handled.
#[derive(Clone, PartialEq, sqlx::FromRow)]
pub struct Pending {
    /// Its id.
    pub id: Uuid,
    /// Who wrote.
    pub contact_id: Uuid,
    /// Code of the channel's kind.
    pub channel_kind: String,
    /// What was written.
    pub text: String,
    /// Degrees.
    pub latitude: Option<f64>,
    /// Degrees.
    pub longitude: Option<f64>,
    /// The parameter of a deep link.
    pub payload: Option<String>,
    /// The gateway's id of our message whose button was pressed.
    pub pressed: Option<String>,
    /// When it reached us, Unix ms.
    pub received_at: i64,
    /// How often handling it has failed.
    pub tries: i64,
}

/// What a handled message leads to; written in one transaction.
#[derive(Clone)]
pub struct Outcome {
    /// The conversation after it, as JSON.
    pub state: String,
    /// Version of the conversation that it follows.
    pub version: i64,
    /// Changes of the contact, in order.
    pub changes: Vec<Change>,
    /// What is answered, in order.
    pub replies: Vec<outbox::NewReply>,
    /// When.
    pub at: UnixMillis,
}

/// A change beside conversation and replies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The contact stopped broadcasts and prompts.
    Stopped,
    /// The contact wants them again.
    Started,
    /// The privacy notice of this version was given.
    Noticed(u16),
    /// Nobody understood the text.
    NotUnderstood,
    /// The thread was muted.
    Muted,
    /// The stored conversation could not be read and was begun afresh.
    ConversationReset,
    /// Something about joining it with another contact.
    Link(Box<super::links::Change>),
}

/// How a message reaches the inbox of [`Store::answer_inbound`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It was new: its replies are kept as `dispatched`.
    Fresh,
    /// It is a repeat of this message: nothing was changed.
    Repeat(Uuid),
}

/// A row of `inbox` and its contact.
#[derive(Clone)]
pub(crate) struct NewRow {
    pub(crate) id: Uuid,
    pub(crate) inbound: NewInbound,
    pub(crate) external_id: String,
    pub(crate) origin: &'static str,
    pub(crate) contact: contacts::New,
}

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO inbox (id, channel_id, channel_kind, external_id, external_id_origin, text, latitude, \
         longitude, payload, pressed, provider_at, received_at, state, tries) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'received', 0) \
         ON CONFLICT (channel_id, external_id) DO NOTHING",
    );
    pub(super) const OWN: Statement = Statement::both("UPDATE inbox SET contact_id = $2 WHERE id = $1");
    pub(super) const FIND: Statement =
        Statement::both("SELECT id FROM inbox WHERE channel_id = $1 AND external_id = $2");
    pub(super) const PENDING: Statement = Statement::both(
        "SELECT id, contact_id, channel_kind, text, latitude, longitude, payload, pressed, received_at, tries \
         FROM inbox WHERE state = 'received' AND contact_id IS NOT NULL ORDER BY id LIMIT $1",
    );
    pub(super) const HANDLED: Statement = Statement::both(
        "UPDATE inbox SET state = 'handled', handled_at = $2 WHERE id = $1 AND state = 'received'",
    );
    pub(super) const FAILED: Statement = Statement::both(
        "UPDATE inbox SET tries = tries + 1, \
         state = CASE WHEN tries + 1 >= $2 THEN 'parked' ELSE 'received' END \
         WHERE id = $1 AND state = 'received' RETURNING tries, contact_id",
    );
    pub(super) const NOT_UNDERSTOOD: Statement = Statement::both(
        "INSERT INTO unknown_texts (inbox_id, created_at) VALUES ($1, $2) ON CONFLICT (inbox_id) DO NOTHING",
    );
    pub(super) const COUNT: Statement = Statement::both("SELECT COUNT(*) FROM inbox WHERE state = $1");
    pub(in crate::store) const ALL: &[Statement] =
        &[ADD, OWN, FIND, PENDING, HANDLED, FAILED, NOT_UNDERSTOOD, COUNT];
}

per_engine! {
    with at;
    use {
        use super::{Accepted, Answered, Change, NewRow, Outcome, Pending, TRIES, events, outbox, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// Adds a message and its contact unless the message is there; gives the contact if it was added.
    async fn add(conn: &mut Conn, row: &NewRow) -> Result<Option<Uuid>, Error> {
        let inbound = &row.inbound;
        let added = sqlx::query(sql::ADD.on(ENGINE))
            .bind(row.id)
            .bind(&inbound.channel_id)
            .bind(inbound.kind.code())
            .bind(&row.external_id)
            .bind(row.origin)
            .bind(&inbound.text)
            .bind(inbound.location.map(|it| it.0))
            .bind(inbound.location.map(|it| it.1))
            .bind(&inbound.payload)
            .bind(&inbound.pressed)
            .bind(inbound.provider_at.map(|it| it.0))
            .bind(inbound.received_at.0)
            .execute(&mut *conn)
            .await?;
        if added.rows_affected() == 0 {
            return Ok(None);
        }
        let contact_id = at::contacts::add(conn, &row.contact).await?;
        sqlx::query(sql::OWN.on(ENGINE)).bind(row.id).bind(contact_id).execute(conn).await?;
        Ok(Some(contact_id))
    }

    /// The first delivery of a message.
    async fn first(conn: &mut Conn, row: &NewRow) -> Result<Uuid, Error> {
        let (id,) = sqlx::query_as(sql::FIND.on(ENGINE))
            .bind(&row.inbound.channel_id)
            .bind(&row.external_id)
            .fetch_one(conn)
            .await?;
        Ok(id)
    }

    /// Keeps a message to be handled later.
    pub(crate) async fn accept(conn: &mut Conn, row: NewRow) -> Result<Accepted, Error> {
        if add(conn, &row).await?.is_some() {
            return Ok(Accepted { inbox_id: row.id, fresh: true });
        }
        Ok(Accepted { inbox_id: first(conn, &row).await?, fresh: false })
    }

    /// Keeps a message together with what it leads to.
    pub(crate) async fn answer(conn: &mut Conn, row: NewRow, outcome: Outcome) -> Result<Answered, Error> {
        let Some(contact_id) = add(conn, &row).await? else {
            return Ok(Answered::Repeat(first(conn, &row).await?));
        };
        if finish(conn, row.id, contact_id, &outcome, outbox::Way::Answer).await? {
            Ok(Answered::Fresh)
        } else {
            Err(Error::Conflict)
        }
    }

    /// Writes what an accepted message leads to; `false` if that was done before.
    pub(crate) async fn handle(
        conn: &mut Conn,
        id: Uuid,
        contact_id: Uuid,
        outcome: Outcome,
    ) -> Result<bool, Error> {
        finish(conn, id, contact_id, &outcome, outbox::Way::Push).await
    }

    async fn finish(
        conn: &mut Conn,
        id: Uuid,
        contact_id: Uuid,
        outcome: &Outcome,
        way: outbox::Way,
    ) -> Result<bool, Error> {
        let now = outcome.at.0;
        let handled = sqlx::query(sql::HANDLED.on(ENGINE)).bind(id).bind(now).execute(&mut *conn).await?;
        if handled.rows_affected() == 0 {
            return Ok(false);
        }
        at::conversations::update(conn, contact_id, &outcome.state, outcome.version, now).await?;
        let event = |kind| events::New {
            kind,
            contact_id: Some(contact_id),
            inbox_id: Some(id),
            outbox_id: None,
            at: now,
        };
        let mut happened = vec![event("message_handled")];
        for change in &outcome.changes {
            match change {
                Change::Stopped => {
                    at::contacts::stop(conn, contact_id, now).await?;
                    happened.push(event("contact_stopped"));
                }
                Change::Started => {
                    at::contacts::start(conn, contact_id).await?;
                    happened.push(event("contact_started"));
                }
                Change::Noticed(version) => {
                    at::contacts::noticed(conn, contact_id, i64::from(*version)).await?;
                }
                Change::NotUnderstood => {
                    sqlx::query(sql::NOT_UNDERSTOOD.on(ENGINE)).bind(id).bind(now).execute(&mut *conn).await?;
                    happened.push(event("text_not_understood"));
                }
                Change::Muted => happened.push(event("thread_muted")),
                Change::ConversationReset => happened.push(event("conversation_reset")),
                Change::Link(change) => {
                    happened.push(event(at::links::apply(conn, contact_id, change, now).await?));
                }
            }
        }
        for (ordinal, reply) in (0_i64..).zip(&outcome.replies) {
            at::outbox::add(conn, id, contact_id, ordinal, reply, way, now).await?;
        }
        at::events::add(conn, &happened).await?;
        Ok(true)
    }

    /// Messages that wait, oldest first.
    pub(crate) async fn pending(conn: &mut Conn, limit: i64) -> Result<Vec<Pending>, Error> {
        Ok(sqlx::query_as(sql::PENDING.on(ENGINE)).bind(limit).fetch_all(conn).await?)
    }

    /// Counts a failed try; `true` if the message is parked by it or no longer waits.
    pub(crate) async fn failed(conn: &mut Conn, id: Uuid, now: i64) -> Result<bool, Error> {
        let row: Option<(i64, Option<Uuid>)> =
            sqlx::query_as(sql::FAILED.on(ENGINE)).bind(id).bind(TRIES).fetch_optional(&mut *conn).await?;
        let Some((tries, contact_id)) = row else { return Ok(true) };
        if tries < TRIES {
            return Ok(false);
        }
        let parked =
            events::New { kind: "message_parked", contact_id, inbox_id: Some(id), outbox_id: None, at: now };
        at::events::add(conn, &[parked]).await?;
        Ok(true)
    }

    /// How many messages are in a state.
    pub(crate) async fn count(conn: &mut Conn, state: &'static str) -> Result<i64, Error> {
        let (count,) = sqlx::query_as(sql::COUNT.on(ENGINE)).bind(state).fetch_one(conn).await?;
        Ok(count)
    }
}

impl Store {
    /// Keeps a message to be handled later: it is on disk when this returns. A repeat (the same
    /// channel and external id, for ever) changes nothing. `id` and `contact_id` are used if the
    /// message and its contact are new.
    pub async fn accept_inbound(
        &self,
        inbound: NewInbound,
        id: Uuid,
        contact_id: Uuid,
    ) -> Result<Accepted, Error> {
        let row = self.new_row(inbound, id, contact_id)?;
        in_write_tx!(self, conn => at::inbox::accept(conn, row))
    }

    /// Keeps a message of an in-the-answer channel together with its outcome, replies `dispatched`.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the conversation was written by somebody else; nothing was kept.
    pub async fn answer_inbound(
        &self,
        inbound: NewInbound,
        id: Uuid,
        contact_id: Uuid,
        outcome: Outcome,
    ) -> Result<Answered, Error> {
        let row = self.new_row(inbound, id, contact_id)?;
        in_write_tx!(self, conn => at::inbox::answer(conn, row, outcome))
    }

    /// Writes what an accepted message leads to, replies `queued`; `false` (and no change) if it
    /// was handled before.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the conversation was written by somebody else; nothing was kept.
    pub async fn handle_inbound(&self, id: Uuid, contact_id: Uuid, outcome: Outcome) -> Result<bool, Error> {
        in_write_tx!(self, conn => at::inbox::handle(conn, id, contact_id, outcome))
    }

    /// Messages that wait to be handled, oldest first.
    pub async fn list_pending(&self, limit: u32) -> Result<Vec<Pending>, Error> {
        on_pool!(self, conn => at::inbox::pending(conn, i64::from(limit)))
    }

    /// Counts a failed try of a message; `true` if it no longer waits: it is parked after
    /// [`TRIES`] of them.
    pub async fn fail_inbound(&self, id: Uuid, now: UnixMillis) -> Result<bool, Error> {
        in_write_tx!(self, conn => at::inbox::failed(conn, id, now.0))
    }

    /// How many messages are in a state (`received`, `handled`, `parked`).
    pub async fn count_inbound(&self, state: &'static str) -> Result<i64, Error> {
        on_pool!(self, conn => at::inbox::count(conn, state))
    }

    /// Finds the id by which repeats are known and makes the text storable: `PostgreSQL` takes no
    /// NUL in a text, which would let one message stop its sender's gateway for ever.
    fn new_row(&self, mut inbound: NewInbound, id: Uuid, contact_id: Uuid) -> Result<NewRow, Error> {
        for text in [&mut inbound.channel_id, &mut inbound.address, &mut inbound.text]
            .into_iter()
            .chain(inbound.external_id.as_mut())
            .chain(inbound.payload.as_mut())
            .chain(inbound.pressed.as_mut())
        {
            if text.contains('\0') {
                *text = text.replace('\0', "\u{fffd}");
            }
        }
        let (external_id, origin) = match inbound.external_id.take() {
            Some(given) if given.len() > LONGEST_ID => {
                (self.keys().message_hash("", &given, "")?, "provider")
            }
            Some(given) if !given.is_empty() => (given, "provider"),
            _ => {
                // Without any time of the gateway's a repeat can't be told from a person who writes
                // the same again ("mas"), so each delivery is a message: two answers rather than none.
                let at = inbound.provider_at.unwrap_or(inbound.received_at).0.to_string();
                (self.keys().message_hash(&inbound.address, &inbound.text, &at)?, "hash")
            }
        };
        let contact =
            self.new_contact(contact_id, &inbound.channel_id, &inbound.address, inbound.received_at)?;
        Ok(NewRow { id, inbound, external_id, origin, contact })
    }
}
