//! What staff does to a broadcast, each in one transaction with its entry of the audit trail, its event and its
//! answer.

use uuid::Uuid;

use super::row::{documents, number};
use super::{Acting, NewBroadcast};
use crate::domain::broadcast::State;
use crate::domain::time::{DAY, UnixMillis};
use crate::store::outbox::NewOutbound;
use crate::store::staff::Write;
use crate::store::{Error, Store};

/// How long the people of a broadcast are kept after its end, for a correction, ms.
pub(super) const KEPT: i64 = 30 * DAY;

/// What an act led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acted {
    /// The broadcast.
    pub id: Uuid,
    /// Its version now.
    pub version: i64,
    /// How far it is now.
    pub state: State,
    /// What an approval names now.
    pub hash: String,
}

per_engine! {
    with at;
    use {
        use super::super::row::Row;
        use super::super::{Act, Acting, NewBroadcast};
        use super::{Acted, KEPT, Write, documents, number};
        use crate::domain::broadcast::{HOLD, State};
        use crate::store::{Error, events};
        use uuid::Uuid;
    }

    fn acted(row: &Row) -> Result<Acted, Error> {
        let it = row.broadcast()?;
        Ok(Acted { id: it.id, version: it.version, state: it.state, hash: it.hash })
    }

    /// An event about a broadcast; it names nobody.
    pub(crate) fn event(kind: &'static str, id: Uuid, now: i64) -> events::New {
        events::New { kind, broadcast_id: Some(id), at: now, ..events::New::default() }
    }

    /// Begins a draft.
    pub(crate) async fn open(
        conn: &mut Conn,
        new: &NewBroadcast,
        write: Option<&Write<Acted>>,
    ) -> Result<Acted, Error> {
        at::events::lock(&mut *conn).await?;
        at::broadcasts::add(&mut *conn, new).await?;
        let done = acted(&at::broadcasts::load(&mut *conn, new.id).await?)?;
        finish(conn, &done, "broadcast_opened", new.at.0, write).await?;
        Ok(done)
    }

    async fn finish(
        conn: &mut Conn,
        done: &Acted,
        kind: &'static str,
        now: i64,
        write: Option<&Write<Acted>>,
    ) -> Result<(), Error> {
        if let Some(write) = write {
            at::answers::keep(&mut *conn, write.sealed(done)?).await?;
            at::audit::append(&mut *conn, &write.audit).await?;
        }
        at::events::add(conn, &[event(kind, done.id, now)]).await
    }

    /// Does an act.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`]: another version or hash was seen; [`Error::Refused`] with a code.
    pub(crate) async fn act(
        conn: &mut Conn,
        acting: &Acting,
        write: Option<&Write<Acted>>,
    ) -> Result<Acted, Error> {
        at::events::lock(&mut *conn).await?;
        let mut row = at::broadcasts::load(&mut *conn, acting.broadcast_id).await?;
        if acting.version.is_some_and(|it| it != row.version) {
            return Err(Error::Conflict);
        }
        apply(&mut *conn, &mut row, acting).await?;
        row.version += 1;
        row.updated_at = acting.at.0;
        at::broadcasts::save(&mut *conn, &row).await?;
        let done = acted(&row)?;
        // Of two who must release it the first one only lets it go for her part.
        let kind = match &acting.act {
            Act::Release { .. } if row.state == State::Held.code() => "broadcast_approved",
            act => act.code(),
        };
        finish(conn, &done, kind, acting.at.0, write).await?;
        Ok(done)
    }

    /// Whoever wrote on it can't let it go, whoever began it.
    async fn not_own(conn: &mut Conn, row: &Row, staff_id: Uuid) -> Result<(), Error> {
        let editors = at::broadcasts::editors(conn, row.id).await?;
        if row.author_id == staff_id || editors.contains(&staff_id) {
            return Err(Error::Refused("broadcast_is_own"));
        }
        Ok(())
    }

    async fn apply(conn: &mut Conn, row: &mut Row, acting: &Acting) -> Result<(), Error> {
        let before = row.broadcast()?;
        let (now, state) = (acting.at.0, before.state);
        let in_state = |fits: bool| if fits { Ok(()) } else { Err(Error::Refused("broadcast_state")) };
        match &acting.act {
            Act::Edit { draft, areas, people } => {
                in_state(state.writable())?;
                if acting.staff_id != row.author_id {
                    at::broadcasts::edited(&mut *conn, row.id, acting.staff_id, now).await?;
                }
                at::broadcasts::unapprove(conn, row.id).await?;
                (row.draft, row.areas) = documents(draft, areas)?;
                row.hash = draft.hash(areas);
                row.people_seen = number(*people);
                row.approvals_needed = number(draft.approvals_needed(*people));
                State::Draft.code().clone_into(&mut row.state);
            }
            Act::Submit { people } => {
                in_state(state == State::Draft)?;
                if !before.draft.may_reach(*people) {
                    return Err(Error::Refused("broadcast_few"));
                }
                row.people_seen = number(*people);
                row.approvals_needed = number(before.draft.approvals_needed(*people));
                State::Submitted.code().clone_into(&mut row.state);
            }
            Act::Approve { hash, people, valid } => {
                if *hash != row.hash {
                    return Err(Error::Conflict);
                }
                in_state(state == State::Submitted)?;
                not_own(&mut *conn, row, acting.staff_id).await?;
                if !before.draft.may_reach(*people) {
                    return Err(Error::Refused("broadcast_few"));
                }
                let given = at::broadcasts::approve(conn, row, acting.staff_id, valid, now).await?;
                let needed = number(before.draft.approvals_needed(*people));
                row.people_seen = number(*people);
                row.approvals_needed = row.approvals_needed.max(needed);
                if given >= row.approvals_needed {
                    State::Preparing.code().clone_into(&mut row.state);
                    row.begins_at = Some(before.draft.send_at.map_or(now + HOLD, |it| it.0.max(now + HOLD)));
                }
            }
            Act::Hold { reason } => {
                in_state(state.running() && state != State::Held)?;
                at::broadcast_queue::take_back(conn, row, false, now).await?;
                hold(row, Some(reason.clone()));
            }
            Act::Release { hash, valid } => {
                if *hash != row.hash {
                    return Err(Error::Conflict);
                }
                in_state(state == State::Held)?;
                not_own(&mut *conn, row, acting.staff_id).await?;
                let given = at::broadcasts::approve(conn, row, acting.staff_id, valid, now).await?;
                let people = before.progress.people.max(before.people_seen);
                row.approvals_needed = number(before.draft.approvals_needed(people));
                // The first of two is kept, and it stays held until the second one.
                if given < row.approvals_needed {
                    return Ok(());
                }
                before.held_in.unwrap_or(State::Preparing).code().clone_into(&mut row.state);
                (row.held_in, row.reason) = (None, None);
            }
            Act::Stop { reason } => {
                in_state(state.running())?;
                at::broadcast_queue::take_back(conn, row, true, now).await?;
                stop(row, reason.clone(), now);
            }
            Act::Withdraw => {
                in_state(state.writable())?;
                at::broadcasts::unapprove(conn, row.id).await?;
                State::Withdrawn.code().clone_into(&mut row.state);
            }
        }
        Ok(())
    }

    /// Nothing goes out any more until it is released.
    pub(crate) fn hold(row: &mut Row, reason: Option<String>) {
        row.held_in = Some(std::mem::replace(&mut row.state, State::Held.code().to_owned()));
        row.reason = reason;
    }

    /// Ends it before everybody had it.
    pub(crate) fn stop(row: &mut Row, reason: String, now: i64) {
        State::Stopped.code().clone_into(&mut row.state);
        (row.held_in, row.reason, row.forget_at) = (None, Some(reason), Some(now + KEPT));
    }

    /// Queues a test with its entry of the audit trail; gives how many of its messages were queued.
    pub(crate) async fn test(
        conn: &mut Conn,
        id: Uuid,
        version: i64,
        document: String,
        write: &Write<u64>,
        now: i64,
    ) -> Result<u64, Error> {
        at::events::lock(&mut *conn).await?;
        if at::broadcasts::load(&mut *conn, id).await?.version != version {
            return Err(Error::Conflict);
        }
        let queued = at::outbox::add_many(&mut *conn, document).await?;
        at::answers::keep(&mut *conn, write.sealed(&queued)?).await?;
        at::audit::append(&mut *conn, &write.audit).await?;
        at::events::add(conn, &[event("broadcast_tested", id, now)]).await?;
        Ok(queued)
    }
}

/// How often an act is tried again where `PostgreSQL` broke up a knot of locks: who stops a broadcast must not
/// have to try twice.
const TRIES: usize = 5;

impl Store {
    /// Begins a broadcast; `write` is what belongs to it, `None` in tests of the store.
    ///
    /// # Errors
    /// The database can't be written.
    pub async fn open_broadcast(
        &self,
        new: NewBroadcast,
        write: Option<Write<Acted>>,
    ) -> Result<Acted, Error> {
        in_write_tx!(self, conn => at::broadcast_acts::open(conn, &new, write.as_ref()))
    }

    /// Does an act on a broadcast; `write` is what belongs to it, `None` in tests of the store. A stop or a hold
    /// that is committed is kept: nothing goes out after it but calls that are under way.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`]: another version or hash was seen; [`Error::Refused`] with
    /// `broadcast_state`, `broadcast_few` or `broadcast_is_own`.
    pub async fn act_on_broadcast(
        &self,
        acting: Acting,
        write: Option<Write<Acted>>,
    ) -> Result<Acted, Error> {
        let (acting, write) = (std::sync::Arc::new(acting), std::sync::Arc::new(write));
        // What names no version and no hash is never in conflict with what somebody saw.
        let blind = acting.version.is_none()
            && !matches!(acting.act, super::Act::Approve { .. } | super::Act::Release { .. });
        let mut tries = 0;
        loop {
            let (acting, write) = (acting.clone(), write.clone());
            match self.acted(acting, write).await {
                Err(Error::Conflict) if blind && tries < TRIES => tries += 1,
                other => return other,
            }
        }
    }

    async fn acted(
        &self,
        acting: std::sync::Arc<Acting>,
        write: std::sync::Arc<Option<Write<Acted>>>,
    ) -> Result<Acted, Error> {
        in_write_tx!(self, conn => at::broadcast_acts::act(conn, &acting, write.as_ref().as_ref()))
    }

    /// Queues the messages of a test of a broadcast; gives how many were queued: who stopped gets none.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`]: another version was seen.
    pub async fn test_broadcast(
        &self,
        id: Uuid,
        version: i64,
        messages: &[NewOutbound],
        write: Write<u64>,
        now: UnixMillis,
    ) -> Result<u64, Error> {
        let document = self.outbound_document(messages)?;
        in_write_tx!(self, conn => at::broadcast_acts::test(conn, id, version, document, &write, now.0))
    }
}
