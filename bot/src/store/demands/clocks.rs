//! What the clocks of demands do; the arithmetic of working days is the caller's, who knows the offices.

use uuid::Uuid;

use super::Demand;
use super::merge::MergeRow;
use super::row::Row;
use crate::domain::time::UnixMillis;
use crate::store::{Error, Store};

/// The office that gets a demand, and by when it owes the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handing {
    /// Its code.
    pub office: String,
    /// Its name.
    pub office_name: String,
    /// By when the answer is owed.
    pub answer_due: UnixMillis,
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use super::super::row::demand_columns;
    use crate::store::Statement;

    pub(super) const COME: Statement = Statement::both(concat!(
        "SELECT ",
        demand_columns!(),
        " FROM demands AS d WHERE d.next_at <= $1 ORDER BY d.next_at LIMIT $2"
    ));
    /// A total is told anew for some together, or after a while.
    pub(super) const UNTOLD: Statement = Statement::both(
        "UPDATE demands SET untold = $1, told_phone = phone, told_flagged = flagged, told_verified = verified, \
         told_new = new_senders, told_at = $3, touched_at = $3 WHERE id IN (SELECT id FROM demands WHERE untold \
         AND (told_at <= $4 OR ABS(phone - told_phone) + ABS(flagged - told_flagged) \
         + ABS(verified - told_verified) >= $5) ORDER BY id LIMIT $2) RETURNING id, municipality",
    );
    pub(in crate::store) const ALL: &[Statement] = &[COME, UNTOLD];
}

per_engine! {
    with at;
    use {
        use super::super::notices::{NoticeKind, Scope};
        use super::super::row::{Kept, Row};
        use super::super::merge::MergeRow;
        use super::{Handing, sql};
        use crate::domain::demand::DemandState;
        use crate::domain::demand::rules::{TOLD_AFTER, TOLD_TOGETHER};
        use crate::store::{Error, events};
        use uuid::Uuid;
    }

    /// Demands that a clock looks at.
    pub(crate) async fn come(conn: &mut Conn, now: i64, limit: i64) -> Result<Vec<Row>, Error> {
        Ok(sqlx::query_as(sql::COME.on(ENGINE)).bind(now).bind(limit).fetch_all(conn).await?)
    }

    /// Does what is due with a demand.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it was changed meanwhile, or its clock was moved.
    pub(crate) async fn ring(
        conn: &mut Conn,
        id: Uuid,
        version: i64,
        handing: Option<Handing>,
        now: i64,
    ) -> Result<(), Error> {
        let before = at::demand_rows::load(&mut *conn, id).await?;
        if before.version != version || before.next_at.is_none_or(|it| it > now) {
            return Err(Error::Conflict);
        }
        let (before, mut events) = match before.state() {
            DemandState::Collecting => at::demand_merges::release(&mut *conn, before, now).await?,
            _ => (before, Vec::new()),
        };
        let mut after = before.clone();
        let (kind, told) = match before.state() {
            DemandState::Confirming | DemandState::Collecting => {
                after.set_state(DemandState::Expired);
                (after.over_at, after.next_at) = (Some(now), None);
                let told = if before.published_at.is_some() { Scope::Tree } else { Scope::Author };
                ("demand_expired", Some((told, NoticeKind::Expired)))
            }
            DemandState::Reached => {
                let it = handing.ok_or(Error::Conflict)?;
                let kept = Kept { kind: "demand_handed_over", ..Kept::default() };
                let office = (it.office.as_str(), it.office_name.as_str());
                let due = it.answer_due.0;
                let (_, events) =
                    at::demand_acts::hand_over(&mut *conn, &before, office, due, kept, now).await?;
                return at::events::add(conn, &events).await;
            }
            DemandState::WithAuthority if before.silent_at.is_none() => {
                after.silent_at = Some(now);
                after.next_at = after.next();
                at::demand_acts::office(&mut *conn, &before, (0, 0, 1)).await?;
                ("demand_silent", Some((Scope::Tree, NoticeKind::Silent)))
            }
            DemandState::WithAuthority | DemandState::Answered | DemandState::Followed => {
                after.set_state(DemandState::Archived);
                at::demand_merges::over(&mut *conn, id, now).await?;
                (after.over_at, after.next_at) = (Some(now), None);
                ("demand_archived", None)
            }
            _ => {
                after.next_at = None;
                ("demand_clock_stopped", None)
            }
        };
        if after.state().over() {
            at::supports::forget_ranges(&mut *conn, id).await?;
        }
        let kept = Kept {
            kind,
            was: Some(before.state.clone()),
            became: Some(after.state.clone()),
            detail: (kind == "demand_silent").then(|| before.office_name.clone()).flatten(),
            ..Kept::default()
        };
        let (after, event) = at::demand_rows::save(&mut *conn, &before, after, kept, now).await?;
        if let Some((scope, kind)) = told {
            at::demand_notices::add(&mut *conn, after.id, scope, kind, &serde_json::json!({}), now).await?;
        }
        events.push(event);
        at::events::add(conn, &events).await
    }

    /// Merges whose author did not answer are over; gives how many.
    pub(crate) async fn lapse(conn: &mut Conn, now: i64, limit: i64) -> Result<u64, Error> {
        let lapsing = at::demand_merges::lapsing(&mut *conn, now, limit).await?;
        let mut count = 0;
        for merge in lapsing {
            match at::demand_merges::end(&mut *conn, merge.id, "lapsed", now).await {
                Ok(()) => count += 1,
                Err(Error::Conflict) => {}
                Err(problem) => return Err(problem),
            }
        }
        Ok(count)
    }

    /// Merges whose author agreed while news was on its way.
    pub(crate) async fn agreed(conn: &mut Conn, limit: i64) -> Result<Vec<MergeRow>, Error> {
        at::demand_merges::agreed(conn, limit).await
    }

    /// Tells people and the feed of totals that changed enough since they were told last; gives how many.
    pub(crate) async fn tell_totals(conn: &mut Conn, now: i64, limit: i64) -> Result<u64, Error> {
        at::events::lock(&mut *conn).await?;
        let query = sqlx::query_as(sql::UNTOLD.on(ENGINE)).bind(false).bind(limit).bind(now);
        let query = query.bind(now - TOLD_AFTER).bind(TOLD_TOGETHER);
        let changed: Vec<(Uuid, String)> = query.fetch_all(&mut *conn).await?;
        let events: Vec<events::New> = changed
            .into_iter()
            .map(|(id, municipality)| events::New {
                kind: "demand_counted",
                demand_id: Some(id),
                municipality: Some(municipality),
                at: now,
                ..events::New::default()
            })
            .collect();
        at::events::add(conn, &events).await?;
        Ok(events.len() as u64)
    }
}

impl Store {
    /// At most `limit` demands that a clock looks at now.
    pub async fn list_due_demands(&self, now: UnixMillis, limit: u32) -> Result<Vec<Demand>, Error> {
        self.due_demand_rows(now, limit).await?.iter().map(Row::demand).collect()
    }

    async fn due_demand_rows(&self, now: UnixMillis, limit: u32) -> Result<Vec<Row>, Error> {
        on_pool!(self, conn => at::demand_clocks::come(conn, now.0, i64::from(limit)))
    }

    /// Does what is due with a demand: it expires, is handed over (`handing`, for one that has enough support),
    /// its term ends in silence, or it is archived.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it was changed meanwhile.
    pub async fn ring_demand(
        &self,
        id: Uuid,
        version: i64,
        handing: Option<Handing>,
        now: UnixMillis,
    ) -> Result<(), Error> {
        in_write_tx!(self, conn => at::demand_clocks::ring(conn, id, version, handing, now.0))
    }

    /// Ends at most `limit` merges whose author did not answer in time; gives how many.
    pub async fn lapse_merges(&self, now: UnixMillis, limit: u32) -> Result<u64, Error> {
        in_write_tx!(self, conn => at::demand_clocks::lapse(conn, now.0, i64::from(limit)))
    }

    /// Does at most `limit` merges whose author agreed while news to one of the two was on its way; gives how many.
    pub async fn finish_merges(&self, now: UnixMillis, limit: u32) -> Result<u64, Error> {
        let mut count = 0;
        for merge in self.agreed_merges(limit).await? {
            match self.finish_merge(merge, now).await {
                Ok(done) => count += u64::from(done),
                // Somebody else was first.
                Err(Error::Conflict | Error::NotFound) => {}
                Err(problem) => return Err(problem),
            }
        }
        Ok(count)
    }

    async fn agreed_merges(&self, limit: u32) -> Result<Vec<MergeRow>, Error> {
        on_pool!(self, conn => at::demand_clocks::agreed(conn, i64::from(limit)))
    }

    async fn finish_merge(&self, merge: MergeRow, now: UnixMillis) -> Result<bool, Error> {
        in_write_tx!(self, conn => async move { at::demand_merges::go_on(conn, &merge, now.0).await })
    }

    /// Tells people and the feed (`demand_counted`) of totals that changed by some together, or that nobody was told
    /// of for a while; gives how many. One told for each support would stand beside the message of who signed, and
    /// tell it.
    pub async fn tell_demand_totals(&self, now: UnixMillis, limit: u32) -> Result<u64, Error> {
        in_write_tx!(self, conn => at::demand_clocks::tell_totals(conn, now.0, i64::from(limit)))
    }
}
