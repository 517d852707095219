//! What staff do to the desk: each act, its entry of the audit trail, its event and its answer are one
//! transaction.

use uuid::Uuid;

use super::entries::{Entry, Kind, Write as Put};
use super::feedback::{Decide, Feedback};
use super::held::{Held, Line, Send};
use super::unknown::Outcome;
use crate::store::cases::WalkIn;
use crate::store::staff::Write;
use crate::store::{Error, Store};

/// An act. `Debug` shows no text.
#[derive(Clone, Debug)]
pub enum Act {
    /// A document is written.
    Put(Put),
    /// A document is removed.
    Remove {
        /// What it is.
        kind: Kind,
        /// Which.
        id: Uuid,
        /// The version that was seen.
        version: i64,
    },
    /// Feedback is decided on, the first piece named by the caller and others of the same words; and its
    /// author may be asked.
    Feedback(Vec<Decide>, Option<Box<Send>>),
    /// A group of texts is decided on, and may be answered; or a case is opened for each who wrote it.
    Unknown {
        /// Which.
        id: Uuid,
        /// The version that was seen.
        version: i64,
        /// What becomes of it.
        outcome: Outcome,
        /// Who decides.
        by: Uuid,
        /// The answer.
        send: Option<Box<Send>>,
        /// The cases.
        cases: Vec<WalkIn>,
    },
    /// A send that belongs to no case is taken back.
    TakeBack {
        /// Which.
        id: Uuid,
    },
    /// A message is sent again.
    Resend {
        /// Which.
        id: Uuid,
        /// Another gateway.
        through: Option<String>,
    },
    /// A message of which nobody knew is said to have arrived, or is given up.
    Settle {
        /// Which.
        id: Uuid,
        /// Whether it arrived.
        arrived: bool,
    },
}

impl Act {
    /// The code of its event.
    const fn code(&self) -> &'static str {
        match self {
            Self::Put(_) => "desk_changed",
            Self::Remove { .. } => "desk_removed",
            Self::Feedback(..) => "feedback_decided",
            Self::Unknown { .. } => "unknown_decided",
            Self::TakeBack { .. } => "send_taken_back",
            Self::Resend { .. } => "outbox_resent",
            Self::Settle { .. } => "outbox_settled",
        }
    }
}

/// What an act led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// The document as it is now.
    Entry(Entry),
    /// It is gone.
    Removed,
    /// The piece as it is now, and how many go with it.
    Feedback(Box<Feedback>, u64),
    /// How many get the answer or a receipt.
    Unknown(u64),
    /// It is taken back.
    TakenBack(Box<Held>),
    /// It is too late for that, or was done before.
    NotNow,
    /// The message as it is now.
    Line(Box<Line>),
}

per_engine! {
    with at;
    use {
        use super::super::feedback::Decision;
        use super::super::held::TakenBack;
        use super::{Act, Decide, Done, Held, Outcome, Write};
        use crate::domain::time::UnixMillis;
        use crate::store::outbox::Resent;
        use crate::store::{Error, Store, events};
        use uuid::Uuid;
    }

    /// Does an act and writes what belongs to it.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else was first, or the answer is there already.
    pub(crate) async fn run(
        conn: &mut Conn,
        store: &Store,
        act: &Act,
        write: &Write<Done>,
    ) -> Result<Done, Error> {
        let now = write.audit.at();
        at::events::lock(&mut *conn).await?;
        let done = apply(&mut *conn, store, act, now).await?;
        if done == Done::NotNow {
            return Ok(done);
        }
        at::answers::keep(&mut *conn, write.sealed(&done)?).await?;
        at::audit::append(&mut *conn, &write.audit).await?;
        let event = events::New { kind: act.code(), at: now, ..events::New::default() };
        at::events::add(conn, &[event]).await?;
        Ok(done)
    }

    async fn line(conn: &mut Conn, id: Uuid) -> Result<Done, Error> {
        let line = at::held::line(conn, id).await?.ok_or(Error::NotFound)?;
        Ok(Done::Line(Box::new(line)))
    }

    /// What was asked or answered by a send waits again, unless somebody decided on it since.
    async fn undo(conn: &mut Conn, held: &Held, now: i64) -> Result<(), Error> {
        let document: serde_json::Value = serde_json::from_str(&held.undo).unwrap_or_default();
        let of = |name: &str| document[name].as_str().and_then(|it| Uuid::try_parse(it).ok());
        let undone = if let Some(id) = of("feedback") {
            let (version, by, at) = (held.version, held.staff_id, UnixMillis(now));
            let again = Decide { id, version, decision: Decision::Waiting, reason: None, by, at };
            at::feedback::decide(conn, &again).await.map(|_| ())
        } else if let Some(id) = of("unknown") {
            let waiting = Outcome::Waiting.code();
            at::unknown::decide(conn, id, held.version, waiting, held.staff_id).await
        } else {
            Ok(())
        };
        match undone {
            Err(Error::Conflict | Error::NotFound) => Ok(()),
            other => other,
        }
    }

    async fn apply(conn: &mut Conn, store: &Store, act: &Act, now: i64) -> Result<Done, Error> {
        match act {
            Act::Put(put) => at::desk_entries::put(conn, put).await.map(Done::Entry),
            Act::Remove { kind, id, version } => {
                at::desk_entries::delete(conn, kind.code(), *id, *version).await?;
                Ok(Done::Removed)
            }
            Act::Feedback(all, send) => {
                let (first, others) = all.split_first().ok_or(Error::NotFound)?;
                let piece = at::feedback::decide(&mut *conn, first).await?;
                let mut count = 0;
                for other in others {
                    match at::feedback::decide(&mut *conn, other).await {
                        Ok(_) => count += 1,
                        // Somebody was faster with that one.
                        Err(Error::Conflict | Error::NotFound) => {}
                        Err(problem) => return Err(problem),
                    }
                }
                if let Some(send) = send {
                    at::held::add(conn, store, send).await?;
                }
                Ok(Done::Feedback(Box::new(piece), count))
            }
            Act::Unknown { id, version, outcome, by, send, cases } => {
                at::unknown::decide(&mut *conn, *id, *version, outcome.code(), *by).await?;
                if cases.iter().any(|it| it.case.confidentiality.sealed()) {
                    at::unknown::hide(&mut *conn, *id).await?;
                }
                let mut going = 0;
                for case in cases {
                    going += u64::from(at::case_opening::walk_in(conn, store.clone(), case.clone()).await?);
                }
                if let Some(send) = send {
                    going += at::held::add(conn, store, send).await?;
                }
                Ok(Done::Unknown(going))
            }
            Act::TakeBack { id } => match at::held::take_back(conn, *id, now).await? {
                TakenBack::Done(held) => {
                    undo(conn, &held, now).await?;
                    Ok(Done::TakenBack(held))
                }
                TakenBack::TooLate | TakenBack::Before => Ok(Done::NotNow),
                TakenBack::NotThere => Err(Error::NotFound),
            },
            Act::Resend { id, through } => {
                match at::people::decide(&mut *conn, *id, true, through.clone(), now).await? {
                    Resent::Done => line(conn, *id).await,
                    Resent::NotNow => Ok(Done::NotNow),
                    Resent::NotThere => Err(Error::NotFound),
                }
            }
            Act::Settle { id, arrived } => {
                let settled = if *arrived {
                    at::held::arrived(&mut *conn, *id, now).await?
                } else {
                    at::people::decide(&mut *conn, *id, false, None, now).await? == Resent::Done
                };
                if settled { line(conn, *id).await } else { Ok(Done::NotNow) }
            }
        }
    }
}

impl Store {
    /// Does an act of staff, with its entry of the audit trail, its event and its answer.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else was first. [`Error::NotFound`]: it is not there.
    pub async fn act_on_desk(&self, act: Act, write: Write<Done>) -> Result<Done, Error> {
        let store = self.clone();
        in_write_tx!(self, conn => async move { at::desk_acts::run(conn, &store, &act, &write).await })
    }
}
