//! The inbox: every message that was acknowledged, and what handling it led to.

use uuid::Uuid;

use super::address::Sealed;
use super::batch::{Fate, Op};
use super::{Error, Loaded, Store, events, outbox};
use crate::domain::answer_limits::Counters;
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
    /// Number of its last claim; a later claim has a higher one.
    pub fence: i64,
    /// Its text does not open: it was changed, or its keys are gone. Then it is empty here.
    #[sqlx(default)]
    pub damaged: bool,
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
    /// The counters of the contact after it, where they changed.
    pub counters: Option<Counters>,
    /// The first message of the fold that this one belongs to (itself for the first): it is handled
    /// with that one's reply, and the conversation stays as it is.
    pub folded_into: Option<Uuid>,
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
    /// Something about a case.
    Case(Box<super::cases::Change>),
    /// Something about a demand, or news that she asks for.
    Demand(Box<super::demands::Change>),
    /// What she says of a card.
    Highlight(super::highlights::Change),
    /// Something about a person's rights over her data.
    Privacy(Box<super::privacy::Change>),
}

/// How a message reaches the inbox of [`Store::answer_inbound`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It was new: its replies are kept as `dispatched`.
    Fresh,
    /// It is a repeat of this message: nothing was changed.
    Repeat(Uuid),
}

/// What became of a message that a job handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// What it leads to was written.
    Done,
    /// It was handled before: nothing was changed.
    Before,
    /// Another worker has claimed it since: nothing was changed.
    Fenced,
}

/// A row of `inbox` and its contact.
#[derive(Clone)]
pub(crate) struct NewRow {
    pub(crate) id: Uuid,
    pub(crate) inbound: NewInbound,
    pub(crate) external_id: String,
    pub(crate) origin: &'static str,
    pub(crate) contact_id: Uuid,
    /// The address where the contact may be new; `None` for a known one.
    pub(crate) sealed: Option<Sealed>,
    /// What its answer costs.
    pub(crate) charge: Option<Charge>,
}

/// What replies that stand in an answer cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The day whose money it is, since 1970.
    pub day: i64,
    /// Thousandths of the currency's unit.
    pub amount: i64,
}

/// How long a claimed message belongs to its worker, ms.
pub const LEASE: i64 = 60_000;

/// The statements of this file; those of the hot path are in `batch/sql.rs`.
pub(super) mod sql {
    use crate::store::Statement;

    pub(super) const PENDING: Statement = Statement::both(
        "SELECT id, contact_id, channel_kind, text, latitude, longitude, payload, pressed, received_at, tries, \
         fence FROM inbox WHERE state = 'received' AND contact_id IS NOT NULL ORDER BY id LIMIT $1",
    );

    // A contact is claimed and not a message: while one of its messages is leased, none of the others
    // is taken, so their order holds across workers.
    macro_rules! claim {
        ($contacts:literal) => {
            concat!(
                "UPDATE inbox SET fence = fence + 1, lease_until = $2 WHERE id IN (",
                "SELECT i.id FROM inbox AS i WHERE i.state = 'received' AND i.contact_id IS NOT NULL ",
                "AND NOT EXISTS (SELECT 1 FROM inbox AS e WHERE e.contact_id = i.contact_id ",
                "AND e.state = 'received' AND e.lease_until > $1)",
                $contacts,
                " ORDER BY i.id LIMIT $3) AND state = 'received' AND (lease_until IS NULL OR lease_until <= $1) ",
                "RETURNING id, contact_id, channel_kind, text, latitude, longitude, payload, pressed, ",
                "received_at, tries, fence"
            )
        };
    }
    pub(super) const CLAIM: Statement = Statement::fork(
        claim!(""),
        claim!(
            " AND i.contact_id IN (SELECT id FROM contacts WHERE id = i.contact_id FOR UPDATE SKIP LOCKED)"
        ),
    );
    pub(super) const HEARTBEAT: Statement = Statement::both(
        "UPDATE inbox SET lease_until = $3 WHERE id = $1 AND fence = $2 AND state = 'received'",
    );
    pub(super) const RELEASE: Statement = Statement::both(
        "UPDATE inbox SET lease_until = NULL WHERE id = $1 AND fence = $2 AND state = 'received'",
    );
    pub(super) const FAILED: Statement = Statement::both(
        "UPDATE inbox SET tries = tries + 1, \
         state = CASE WHEN tries + 1 >= $2 THEN 'parked' ELSE 'received' END \
         WHERE id = $1 AND state = 'received' RETURNING tries, contact_id",
    );
    pub(super) const COUNT: Statement = Statement::both("SELECT COUNT(*) FROM inbox WHERE state = $1");
    pub(in crate::store) const ALL: &[Statement] = &[PENDING, CLAIM, HEARTBEAT, RELEASE, FAILED, COUNT];
}

per_engine! {
    with at;
    use {
        use super::{LEASE, Pending, TRIES, events, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// Messages that wait, oldest first.
    pub(crate) async fn pending(conn: &mut Conn, limit: i64) -> Result<Vec<Pending>, Error> {
        Ok(sqlx::query_as(sql::PENDING.on(ENGINE)).bind(limit).fetch_all(conn).await?)
    }

    /// Claims messages of contacts that nobody works on, oldest first.
    pub(crate) async fn claim(conn: &mut Conn, now: i64, limit: i64) -> Result<Vec<Pending>, Error> {
        let mut rows: Vec<Pending> = sqlx::query_as(sql::CLAIM.on(ENGINE))
            .bind(now)
            .bind(now + LEASE)
            .bind(limit)
            .fetch_all(conn)
            .await?;
        // RETURNING has no order.
        rows.sort_by_key(|row| row.id);
        Ok(rows)
    }

    /// Prolongs claims (message and fence) from `now`.
    pub(crate) async fn heartbeat(conn: &mut Conn, claims: Vec<(Uuid, i64)>, now: i64) -> Result<(), Error> {
        for (id, fence) in claims {
            sqlx::query(sql::HEARTBEAT.on(ENGINE))
                .bind(id)
                .bind(fence)
                .bind(now + LEASE)
                .execute(&mut *conn)
                .await?;
        }
        Ok(())
    }

    /// Gives claims back.
    pub(crate) async fn release(conn: &mut Conn, claims: Vec<(Uuid, i64)>) -> Result<(), Error> {
        for (id, fence) in claims {
            sqlx::query(sql::RELEASE.on(ENGINE)).bind(id).bind(fence).execute(&mut *conn).await?;
        }
        Ok(())
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
            events::New { kind: "message_parked", contact_id, inbox_id: Some(id), at: now, ..events::New::default() };
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
        let key = self.keys().lookup(&inbound.channel_id, &inbound.address)?;
        let known = self.cache().get(&key).and_then(|it| it.contact_id);
        let known = match known {
            Some(known) => Some(known),
            None => self.settle_contact(&inbound, contact_id).await?,
        };
        let row = self.new_row(inbound, id, contact_id, known)?;
        match self.run(Op::Accept(row), &key).await {
            Ok(Fate::Repeat(first)) => Ok(Accepted { inbox_id: first, fresh: false }),
            Ok(_) => Ok(Accepted { inbox_id: id, fresh: true }),
            Err(problem) => {
                self.cache().drop(&key);
                Err(problem)
            }
        }
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
        let key = self.keys().lookup(&inbound.channel_id, &inbound.address)?;
        let loaded = self.load_by_key(&inbound.channel_id, key.clone()).await?;
        self.answer_loaded(inbound, id, contact_id, outcome, key, &loaded, None).await
    }

    /// [`Store::answer_inbound`] whose replies cost something: it is added to the budget `money` in the
    /// same commit.
    ///
    /// # Errors
    /// As there.
    pub async fn answer_charged(
        &self,
        inbound: NewInbound,
        id: Uuid,
        contact_id: Uuid,
        outcome: Outcome,
        charge: Charge,
    ) -> Result<Answered, Error> {
        let key = self.keys().lookup(&inbound.channel_id, &inbound.address)?;
        let loaded = self.load_by_key(&inbound.channel_id, key.clone()).await?;
        self.answer_loaded(inbound, id, contact_id, outcome, key, &loaded, Some(charge)).await
    }

    /// [`Store::answer_inbound`] for a contact that was loaded by `key`.
    #[expect(clippy::too_many_arguments, reason = "they are what a message and its answer consist of")]
    pub(crate) async fn answer_loaded(
        &self,
        inbound: NewInbound,
        id: Uuid,
        contact_id: Uuid,
        mut outcome: Outcome,
        key: Vec<u8>,
        loaded: &Loaded,
        charge: Option<Charge>,
    ) -> Result<Answered, Error> {
        let known = match loaded.contact_id {
            Some(known) => Some(known),
            None => self.settle_contact(&inbound, contact_id).await?,
        };
        let row = NewRow { charge, ..self.new_row(inbound, id, contact_id, known)? };
        let after = loaded.after(row.contact_id, &outcome);
        self.seal_outcome(row.contact_id, &mut outcome)?;
        match self.run_or_beside(Op::Answer(row, outcome), &key).await {
            Ok(Fate::Repeat(first)) => Ok(Answered::Repeat(first)),
            Ok(_) => {
                // Whether somebody new had refused something before she was erased is read with her next
                // message.
                if loaded.contact_id.is_some() {
                    self.cache().put(&key, after);
                }
                Ok(Answered::Fresh)
            }
            Err(problem) => {
                self.cache().drop(&key);
                Err(problem)
            }
        }
    }

    /// Writes what an accepted message leads to, replies `queued`; `false` (and no change) if it
    /// was handled before.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the conversation was written by somebody else, or an earlier message of
    /// the contact still waits; nothing was kept.
    pub async fn handle_inbound(
        &self,
        id: Uuid,
        contact_id: Uuid,
        mut outcome: Outcome,
    ) -> Result<bool, Error> {
        self.seal_outcome(contact_id, &mut outcome)?;
        let op = Op::Handle { id, contact_id, fence: None, outcome };
        Ok(self.run_or_beside(op, contact_id.as_bytes()).await? == Fate::Done)
    }

    /// [`Store::handle_inbound`] by a worker that claimed the message with this fence.
    ///
    /// # Errors
    /// As there.
    pub async fn handle_claimed(
        &self,
        id: Uuid,
        contact_id: Uuid,
        fence: i64,
        mut outcome: Outcome,
    ) -> Result<Handled, Error> {
        self.seal_outcome(contact_id, &mut outcome)?;
        let op = Op::Handle { id, contact_id, fence: Some(fence), outcome };
        Ok(match self.run_or_beside(op, contact_id.as_bytes()).await? {
            Fate::Done => Handled::Done,
            Fate::Before | Fate::Repeat(_) => Handled::Before,
            Fate::Fenced => Handled::Fenced,
        })
    }

    /// Claims at most `limit` messages for [`LEASE`], oldest first, of contacts none of whose messages
    /// another worker holds.
    pub async fn claim_inbound(&self, now: UnixMillis, limit: u32) -> Result<Vec<Pending>, Error> {
        let rows = self.claim_inbound_rows(now, limit).await?;
        Ok(rows.into_iter().map(|row| self.open_pending(row)).collect())
    }

    async fn claim_inbound_rows(&self, now: UnixMillis, limit: u32) -> Result<Vec<Pending>, Error> {
        in_write_tx!(self, conn => at::inbox::claim(conn, now.0, i64::from(limit)))
    }

    /// Prolongs claims, each a message and its fence; one that was lost stays lost.
    pub async fn extend_claims(&self, claims: Vec<(Uuid, i64)>, now: UnixMillis) -> Result<(), Error> {
        in_write_tx!(self, conn => at::inbox::heartbeat(conn, claims, now.0))
    }

    /// Gives claims back before their lease is over.
    pub async fn release_claims(&self, claims: Vec<(Uuid, i64)>) -> Result<(), Error> {
        in_write_tx!(self, conn => at::inbox::release(conn, claims))
    }

    /// Messages that wait to be handled, oldest first.
    pub async fn list_pending(&self, limit: u32) -> Result<Vec<Pending>, Error> {
        let rows = self.pending_rows(limit).await?;
        Ok(rows.into_iter().map(|row| self.open_pending(row)).collect())
    }

    async fn pending_rows(&self, limit: u32) -> Result<Vec<Pending>, Error> {
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

    /// Runs an operation in the next batch; one that joins contacts or changes cases in a transaction of
    /// its own, together with that.
    async fn run_or_beside(&self, op: Op, route: &[u8]) -> Result<Fate, Error> {
        if !op.beside() {
            return self.run(op, route).await;
        }
        // It is rare and large: most messages do not carry its room along.
        Box::pin(self.beside(op)).await
    }

    async fn beside(&self, op: Op) -> Result<Fate, Error> {
        let store = self.clone();
        in_write_tx!(self, conn => at::beside::run(conn, store, op))
    }

    /// While the keys are being replaced one address has several lookup keys: a contact is then made, or
    /// found under any of them, in a write of its own before its message. `None` outside a rotation.
    async fn settle_contact(&self, inbound: &NewInbound, id: Uuid) -> Result<Option<Uuid>, Error> {
        let keys = self.keys();
        if keys.lookups(&inbound.channel_id, &inbound.address)?.len() == 1 {
            return Ok(None);
        }
        let sealed = keys.seal(id, &inbound.channel_id, &inbound.address)?;
        let new = super::contacts::New {
            id,
            channel_id: inbound.channel_id.clone(),
            sealed,
            at: inbound.received_at.0,
        };
        self.add_contact(new).await.map(Some)
    }

    async fn add_contact(&self, new: super::contacts::New) -> Result<Uuid, Error> {
        in_write_tx!(self, conn => async move { at::contacts::add(conn, &new).await })
    }

    /// Finds the id by which repeats are known and makes the text storable, sealed: `PostgreSQL` takes
    /// no NUL in a text, which would let one message stop its sender's gateway for ever.
    /// The address is sealed only where the contact is not `known`.
    fn new_row(
        &self,
        mut inbound: NewInbound,
        id: Uuid,
        contact_id: Uuid,
        known: Option<Uuid>,
    ) -> Result<NewRow, Error> {
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
        let sealed = match known {
            Some(_) => None,
            None => Some(self.keys().seal(contact_id, &inbound.channel_id, &inbound.address)?),
        };
        let contact_id = known.unwrap_or(contact_id);
        self.seal_inbound(id, &mut inbound)?;
        Ok(NewRow { id, inbound, external_id, origin, contact_id, sealed, charge: None })
    }
}

impl Loaded {
    /// What is known of the contact once `outcome` is written.
    fn after(&self, contact_id: Uuid, outcome: &Outcome) -> Self {
        let mut after = Self { contact_id: Some(contact_id), ..self.clone() };
        after.counters = outcome.counters.unwrap_or(self.counters);
        if outcome.folded_into.is_none() {
            after.stored.state = Some(outcome.state.clone());
            after.stored.version = outcome.version + 1;
        }
        for change in &outcome.changes {
            match change {
                Change::Stopped => after.stored.stopped = true,
                Change::Started => after.stored.stopped = false,
                Change::Noticed(version) => after.stored.notice = *version,
                Change::NotUnderstood
                | Change::Muted
                | Change::ConversationReset
                | Change::Link(_)
                | Change::Case(_)
                | Change::Demand(_)
                | Change::Highlight(_)
                | Change::Privacy(_) => {}
            }
        }
        after
    }
}
