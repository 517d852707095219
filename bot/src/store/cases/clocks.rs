//! What is to be done with cases when an instant has come; the arithmetic of working hours is the
//! caller's, who knows the offices.

use uuid::Uuid;

use super::row::{Kept, Row};
use crate::domain::case::CaseState;
use crate::domain::case::clock::Dues;
use crate::domain::time::UnixMillis;
use crate::store::{Error, Store};

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimerKind {
    /// Something is owed within reach.
    Due,
    /// It slept long enough.
    Wake,
    /// The citizen wrote: its clocks go on.
    Resume {
        /// Since when they stood still.
        since: UnixMillis,
    },
    /// It was opened again: its clocks begin anew.
    Restart,
}

/// A timer that has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueTimer {
    /// The case.
    pub case_id: Uuid,
    /// The case's version: a later one is a conflict.
    pub version: i64,
    /// What it is for.
    pub kind: TimerKind,
    /// When it came.
    pub at: UnixMillis,
    /// Key of the municipality.
    pub municipality: String,
    /// Code of the category.
    pub category: String,
    /// Code of the office.
    pub office: String,
    /// How far the case got.
    pub state: CaseState,
    /// What is owed now.
    pub dues: Dues,
}

/// A row of a timer.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct TimerRow {
    case_id: Uuid,
    kind: String,
    at: i64,
    since: Option<i64>,
    version: i64,
    municipality: String,
    category: String,
    office: String,
    state: String,
    first_answer_due: Option<i64>,
    update_due: Option<i64>,
    solution_due: Option<i64>,
}

impl TimerKind {
    fn code(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Wake => "wake",
            Self::Resume { .. } => "resume",
            Self::Restart => "restart",
        }
    }

    fn event(self) -> &'static str {
        match self {
            Self::Due => "case_due",
            Self::Wake => "case_woken",
            Self::Resume { .. } => "case_resumed",
            Self::Restart => "case_restarted",
        }
    }
}

/// The case after a timer.
fn after(before: &Row, kind: TimerKind, dues: Option<Dues>) -> Row {
    let mut after = before.clone();
    if kind == TimerKind::Wake {
        after.snoozed_until = None;
    }
    if let Some(dues) = dues.filter(|_| before.state().open()) {
        after.set_dues(dues);
    }
    after
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const COME: Statement = Statement::both(
        "SELECT t.case_id, t.kind, t.at, t.since, c.version, c.municipality, c.category, c.office, c.state, \
         c.first_answer_due, c.update_due, c.solution_due FROM case_timers AS t \
         JOIN cases AS c ON c.id = t.case_id WHERE t.at <= $1 ORDER BY t.at, t.case_id LIMIT $2",
    );
    pub(in crate::store) const ALL: &[Statement] = &[COME];
}

per_engine! {
    with at;
    use {
        use super::{Dues, Kept, TimerKind, TimerRow, after, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// Timers that have come, the oldest first.
    pub(crate) async fn come(conn: &mut Conn, now: i64, limit: i64) -> Result<Vec<TimerRow>, Error> {
        Ok(sqlx::query_as(sql::COME.on(ENGINE)).bind(now).bind(limit).fetch_all(conn).await?)
    }

    /// Does what a timer is for.
    pub(crate) async fn ring(
        conn: &mut Conn,
        case_id: Uuid,
        version: i64,
        kind: TimerKind,
        dues: Option<Dues>,
        now: i64,
    ) -> Result<(), Error> {
        let before = at::case_rows::load(conn, case_id).await?;
        if before.version != version {
            return Err(Error::Conflict);
        }
        at::case_rows::drop_timer(conn, case_id, kind.code()).await?;
        let after = after(&before, kind, dues);
        let kept = Kept { kind: kind.event(), ..Kept::default() };
        let (_, event) = at::case_rows::save(conn, &before, after, kept, now).await?;
        at::events::add(conn, &[event]).await
    }
}

impl Store {
    /// At most `limit` timers that have come, the oldest first.
    pub async fn list_case_timers(&self, now: UnixMillis, limit: u32) -> Result<Vec<DueTimer>, Error> {
        let rows = self.timer_rows(now, limit).await?;
        rows.into_iter()
            .map(|it| {
                let damaged = || Error::Other(format!("a timer of the case {} can't be read", it.case_id));
                let kind = match it.kind.as_str() {
                    "due" => TimerKind::Due,
                    "wake" => TimerKind::Wake,
                    "restart" => TimerKind::Restart,
                    _ => TimerKind::Resume { since: UnixMillis(it.since.unwrap_or(it.at)) },
                };
                Ok(DueTimer {
                    case_id: it.case_id,
                    version: it.version,
                    kind,
                    at: UnixMillis(it.at),
                    state: it.state.parse().map_err(|_| damaged())?,
                    municipality: it.municipality,
                    category: it.category,
                    office: it.office,
                    dues: Dues {
                        first_answer: it.first_answer_due.map(UnixMillis),
                        update: it.update_due.map(UnixMillis),
                        solution: it.solution_due.map(UnixMillis),
                    },
                })
            })
            .collect()
    }

    async fn timer_rows(&self, now: UnixMillis, limit: u32) -> Result<Vec<TimerRow>, Error> {
        on_pool!(self, conn => at::case_timers::come(conn, now.0, i64::from(limit)))
    }

    /// Does what a timer is for; `dues` are what is owed from now on, where clocks go on or begin anew.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the case was changed meanwhile; its timer is still there.
    pub async fn ring_case_timer(
        &self,
        timer: &DueTimer,
        dues: Option<Dues>,
        now: UnixMillis,
    ) -> Result<(), Error> {
        let (case_id, version, kind) = (timer.case_id, timer.version, timer.kind);
        in_write_tx!(self, conn => at::case_timers::ring(conn, case_id, version, kind, dues, now.0))
    }
}
