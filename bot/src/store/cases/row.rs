//! The row of a case: read to be changed, and written together with the change that it is.

use uuid::Uuid;

use crate::domain::case::clock::{Dues, REACH};
use crate::domain::case::rules::{self, PERSON, Queue, Standing};
use crate::domain::case::{CaseState, Confidentiality};
use crate::domain::time::UnixMillis;
use crate::store::desk::notices::{New as Notice, NoticeKind};
use crate::store::sealed::CaseKey;
use crate::store::{AddressKeys, Error};

/// The due instant of a case that owes nothing.
pub(crate) const NEVER: i64 = i64::MAX;

/// What can change of a case.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) number: i64,
    pub(crate) folio: String,
    pub(crate) state: String,
    pub(crate) version: i64,
    pub(crate) municipality: String,
    pub(crate) category: String,
    pub(crate) office: String,
    pub(crate) contact_id: Option<Uuid>,
    pub(crate) assignee_id: Option<Uuid>,
    pub(crate) excluded_id: Option<Uuid>,
    pub(crate) confidentiality: String,
    pub(crate) priority: i64,
    pub(crate) opened_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) closed_at: Option<i64>,
    pub(crate) closings: i64,
    pub(crate) seen_at: Option<i64>,
    pub(crate) waiting_since: Option<i64>,
    pub(crate) snoozed_until: Option<i64>,
    pub(crate) first_answer_due: Option<i64>,
    pub(crate) first_answer_at: Option<i64>,
    pub(crate) update_due: Option<i64>,
    pub(crate) solution_due: Option<i64>,
    pub(crate) due: bool,
    pub(crate) disputed: bool,
    pub(crate) disputes: i64,
    pub(crate) joined: i64,
    pub(crate) linked_to: Option<Uuid>,
    pub(crate) merged_into: Option<Uuid>,
    pub(crate) scheduled_for: Option<String>,
    pub(crate) cost: Option<i64>,
    pub(crate) referral: Option<String>,
    pub(crate) rating: Option<i64>,
    pub(crate) key_sealed: Option<String>,
    pub(crate) place: Option<String>,
    pub(crate) latitude: Option<f64>,
    pub(crate) longitude: Option<f64>,
    pub(crate) answers: Option<String>,
    pub(crate) reporter: Option<String>,
    pub(crate) preview: Option<String>,
}

impl Row {
    pub(crate) fn state(&self) -> CaseState {
        // The table holds no other.
        self.state.parse().unwrap_or(CaseState::Received)
    }

    pub(crate) fn confidentiality(&self) -> Confidentiality {
        // What can't be read is shown to fewer, not to more.
        self.confidentiality.parse().unwrap_or(Confidentiality::Restricted)
    }

    pub(crate) fn restricted(&self) -> bool {
        self.confidentiality() == Confidentiality::Restricted
    }

    pub(crate) fn dues(&self) -> Dues {
        Dues {
            first_answer: self.first_answer_due.map(UnixMillis),
            update: self.update_due.map(UnixMillis),
            solution: self.solution_due.map(UnixMillis),
        }
    }

    pub(crate) fn set_dues(&mut self, dues: Dues) {
        self.first_answer_due = dues.first_answer.map(|it| it.0);
        self.update_due = dues.update.map(|it| it.0);
        self.solution_due = dues.solution.map(|it| it.0);
    }

    /// Whether its clocks run.
    fn running(&self) -> bool {
        self.state().open() && self.waiting_since.is_none()
    }

    /// When something is owed next; [`NEVER`] while its clocks stand still.
    pub(crate) fn next_due(&self) -> i64 {
        let next = self.dues().next(self.first_answer_at.is_some()).filter(|_| self.running());
        next.map_or(NEVER, |it| it.0)
    }

    /// The key of its texts; `None` where they are not sealed.
    pub(crate) fn key(&self, keys: &AddressKeys) -> Result<Option<CaseKey>, Error> {
        self.key_sealed.as_deref().map(|it| keys.open_case_key(self.id, it)).transpose()
    }

    /// The key of its texts where they are confidential.
    pub(crate) fn text_key(&self, keys: &AddressKeys) -> Result<Option<CaseKey>, Error> {
        if self.confidentiality().sealed() { self.key(keys) } else { Ok(None) }
    }

    /// The key of what is written now. One that was emptied has lost its key, and gets another where it is
    /// confidential still.
    pub(crate) fn write_key(&mut self, keys: &AddressKeys) -> Result<Option<CaseKey>, Error> {
        if self.confidentiality().sealed() && self.key_sealed.is_none() {
            let (key, wrapped) = keys.make_case_key(self.id)?;
            self.key_sealed = Some(wrapped);
            return Ok(Some(key));
        }
        self.text_key(keys)
    }

    /// Marks it as due where that is within reach.
    pub(crate) fn settle(&mut self, now: i64) {
        let next = self.next_due();
        self.due = next != NEVER && next - REACH <= now;
        if !self.state().open() {
            self.snoozed_until = None;
            self.waiting_since = None;
        }
    }

    /// The lists that it stands in.
    pub(crate) fn lists(&self) -> Vec<String> {
        let standing = Standing {
            state: self.state(),
            assigned: self.assignee_id.is_some(),
            waiting: self.waiting_since.is_some(),
            snoozed: self.snoozed_until.is_some(),
            due: self.due,
            disputed: self.disputed,
        };
        let closed = if self.restricted() { "!" } else { "" };
        let mut lists = Vec::new();
        for queue in rules::queues(standing) {
            if queue == Queue::Mine {
                lists.extend(self.assignee_id.map(|it| mine(self.restricted(), it)));
                continue;
            }
            for place in places(&self.municipality) {
                lists.push(list(closed, queue.code(), place));
            }
            if queue == Queue::Unassigned && self.category == PERSON {
                lists.push(line(&self.municipality));
            }
        }
        lists.sort_unstable();
        lists
    }

    /// What is to be done with it later.
    pub(crate) fn timers(&self) -> [(&'static str, Option<i64>); 2] {
        let next = self.next_due();
        let due = (next != NEVER && !self.due).then_some(next - REACH);
        [("due", due), ("wake", self.snoozed_until)]
    }
}

/// The whole country, the state and the municipality itself.
fn places(municipality: &str) -> [&str; 3] {
    ["", municipality.get(..2).unwrap_or(municipality), municipality]
}

/// The name of a list of a queue and a place (`""`: everywhere).
pub(crate) fn list(closed: &str, queue: &str, place: &str) -> String {
    if place.is_empty() { format!("{closed}{queue}") } else { format!("{closed}{queue}/{place}") }
}

/// The name of the list of an officer's cases.
pub(crate) fn mine(restricted: bool, officer: Uuid) -> String {
    list(if restricted { "!" } else { "" }, Queue::Mine.code(), &officer.simple().to_string())
}

/// The name of the list of those who wait for a person.
pub(crate) fn line(municipality: &str) -> String {
    list("", "line", municipality)
}

/// A change as it is kept.
#[derive(Clone, Default)]
pub(crate) struct Kept {
    pub(crate) kind: &'static str,
    pub(crate) staff_id: Option<Uuid>,
    pub(crate) inbox_id: Option<Uuid>,
    pub(crate) was: Option<String>,
    pub(crate) became: Option<String>,
    pub(crate) detail: Option<String>,
}

impl Kept {
    fn actor(&self) -> &'static str {
        match (self.staff_id, self.inbox_id) {
            (Some(_), _) => "staff",
            (None, Some(_)) => "citizen",
            (None, None) => "service",
        }
    }
}

/// Of whom a case is no more, so that nothing of it waits for her.
fn freed(before: Option<&Row>, after: &Row) -> Option<Uuid> {
    let was = before?.assignee_id?;
    (after.assignee_id != Some(was) || !after.state().open()).then_some(was)
}

/// What waits after a change for the officer who has the case.
fn noticed(before: Option<&Row>, after: &Row, kept: &Kept, at: i64) -> Option<Notice> {
    let officer = after.assignee_id.filter(|_| after.state().open())?;
    let kind = if before.and_then(|it| it.assignee_id) != Some(officer) {
        // Who takes a case knows of it.
        (kept.staff_id != Some(officer)).then_some(NoticeKind::Assigned)
    } else if kept.kind == "case_written" {
        Some(NoticeKind::Answered)
    } else {
        (after.due && before.is_some_and(|it| !it.due)).then_some(NoticeKind::Due)
    };
    Some(Notice { staff_id: officer, kind: kind?, case_id: after.id, by_id: kept.staff_id, at })
}

/// Pairs as a JSON array of arrays.
fn counts_json(removed: &[&String], added: &[&String]) -> String {
    let mut pairs: Vec<(&str, i64)> = removed.iter().map(|it| (it.as_str(), -1)).collect();
    pairs.extend(added.iter().map(|it| (it.as_str(), 1)));
    // The order in which rows are locked.
    pairs.sort_unstable();
    serde_json::json!(pairs).to_string()
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    macro_rules! load {
        ($lock:literal) => {
            concat!(
                "SELECT id, number, folio, state, version, municipality, category, office, contact_id, ",
                "assignee_id, excluded_id, confidentiality, priority, opened_at, updated_at, closed_at, ",
                "closings, seen_at, waiting_since, snoozed_until, first_answer_due, first_answer_at, ",
                "update_due, solution_due, due, disputed, disputes, joined, linked_to, merged_into, ",
                "scheduled_for, cost, referral, rating, key_sealed, place, latitude, longitude, answers, ",
                "reporter, preview FROM cases WHERE id = $1",
                $lock
            )
        };
    }
    pub(super) const LOAD: Statement = Statement::fork(load!(""), load!(" FOR UPDATE"));
    pub(super) const READ: Statement = Statement::both(load!(""));
    pub(super) const SAVE: Statement = Statement::both(
        "UPDATE cases SET version = $3, state = $4, category = $5, office = $6, assignee_id = $7, \
         excluded_id = $8, confidentiality = $9, priority = $10, updated_at = $11, closed_at = $12, \
         closings = $13, seen_at = $14, waiting_since = $15, snoozed_until = $16, first_answer_due = $17, \
         first_answer_at = $18, update_due = $19, solution_due = $20, due = $21, disputed = $22, \
         disputes = $23, joined = $24, linked_to = $25, merged_into = $26, scheduled_for = $27, cost = $28, \
         referral = $29, rating = $30, key_sealed = $31, place = $32, latitude = $33, longitude = $34, \
         answers = $35, reporter = $36, preview = $37 WHERE id = $1 AND version = $2",
    );
    pub(super) const KEEP: Statement = Statement::both(
        "INSERT INTO case_changes (case_id, version, kind, actor, staff_id, inbox_id, was, became, detail, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    );
    pub(super) const LEAVE: Statement = Statement::fork(
        "DELETE FROM case_lists WHERE case_id = $1 AND list IN (SELECT value FROM json_each($2))",
        "DELETE FROM case_lists WHERE case_id = $1 \
         AND list IN (SELECT it FROM jsonb_array_elements_text($2::jsonb) AS e(it))",
    );
    pub(super) const ENTER: Statement = Statement::fork(
        "INSERT INTO case_lists (list, case_id, due_at) SELECT value, $1, $3 FROM json_each($2)",
        "INSERT INTO case_lists (list, case_id, due_at) \
         SELECT it, $1::uuid, $3::bigint FROM jsonb_array_elements_text($2::jsonb) AS e(it)",
    );
    pub(super) const MOVE: Statement =
        Statement::both("UPDATE case_lists SET due_at = $2 WHERE case_id = $1");
    pub(super) const COUNT: Statement = Statement::fork(
        "INSERT INTO case_counts (list, cases) SELECT value ->> 0, value ->> 1 FROM json_each($1) WHERE TRUE \
         ON CONFLICT (list) DO UPDATE SET cases = case_counts.cases + excluded.cases",
        "INSERT INTO case_counts (list, cases) \
         SELECT a ->> 0, (a ->> 1)::bigint FROM jsonb_array_elements($1::jsonb) AS e(a) \
         ON CONFLICT (list) DO UPDATE SET cases = case_counts.cases + excluded.cases",
    );
    pub(super) const SET_TIMER: Statement = Statement::both(
        "INSERT INTO case_timers (case_id, kind, at, since) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (case_id, kind) DO UPDATE SET at = excluded.at, since = excluded.since",
    );
    pub(super) const DROP_TIMER: Statement =
        Statement::both("DELETE FROM case_timers WHERE case_id = $1 AND kind = $2");
    pub(in crate::store) const ALL: &[Statement] =
        &[LOAD, READ, SAVE, KEEP, LEAVE, ENTER, MOVE, COUNT, SET_TIMER, DROP_TIMER];
}

per_engine! {
    with at;
    use {
        use super::{Kept, Row, counts_json, freed, noticed, sql};
        use crate::store::{Error, events};
        use uuid::Uuid;
    }

    /// A case that is to be changed. The feed is locked first, as every writer of cases does, so that no
    /// two wait for each other.
    pub(crate) async fn load(conn: &mut Conn, id: Uuid) -> Result<Row, Error> {
        at::events::lock(conn).await?;
        let row = sqlx::query_as(sql::LOAD.on(ENGINE)).bind(id).fetch_optional(conn).await?;
        row.ok_or(Error::NotFound)
    }

    /// A case that is only read.
    pub(crate) async fn read(conn: &mut Conn, id: Uuid) -> Result<Option<Row>, Error> {
        Ok(sqlx::query_as(sql::READ.on(ENGINE)).bind(id).fetch_optional(conn).await?)
    }

    /// Writes a case as it is `after` a change; gives the event of it.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else changed it.
    pub(crate) async fn save(
        conn: &mut Conn,
        before: &Row,
        mut after: Row,
        kept: Kept,
        now: i64,
    ) -> Result<(Row, events::New), Error> {
        after.version = before.version + 1;
        after.updated_at = now;
        after.settle(now);
        let saved = sqlx::query(sql::SAVE.on(ENGINE))
            .bind(after.id)
            .bind(before.version)
            .bind(after.version)
            .bind(&after.state)
            .bind(&after.category)
            .bind(&after.office)
            .bind(after.assignee_id)
            .bind(after.excluded_id)
            .bind(&after.confidentiality)
            .bind(after.priority)
            .bind(after.updated_at)
            .bind(after.closed_at)
            .bind(after.closings)
            .bind(after.seen_at)
            .bind(after.waiting_since)
            .bind(after.snoozed_until)
            .bind(after.first_answer_due)
            .bind(after.first_answer_at)
            .bind(after.update_due)
            .bind(after.solution_due)
            .bind(after.due)
            .bind(after.disputed)
            .bind(after.disputes)
            .bind(after.joined)
            .bind(after.linked_to)
            .bind(after.merged_into)
            .bind(&after.scheduled_for)
            .bind(after.cost)
            .bind(&after.referral)
            .bind(after.rating)
            .bind(&after.key_sealed)
            .bind(&after.place)
            .bind(after.latitude)
            .bind(after.longitude)
            .bind(&after.answers)
            .bind(&after.reporter)
            .bind(&after.preview)
            .execute(&mut *conn)
            .await?;
        if saved.rows_affected() != 1 {
            return Err(Error::Conflict);
        }
        let event = follow(conn, Some(before), &after, kept, now).await?;
        Ok((after, event))
    }

    /// What follows from a case that was written: its change, lists, counts and timers; gives the event.
    pub(crate) async fn follow(
        conn: &mut Conn,
        before: Option<&Row>,
        after: &Row,
        kept: Kept,
        now: i64,
    ) -> Result<events::New, Error> {
        sqlx::query(sql::KEEP.on(ENGINE))
            .bind(after.id)
            .bind(after.version)
            .bind(kept.kind)
            .bind(kept.actor())
            .bind(kept.staff_id)
            .bind(kept.inbox_id)
            .bind(&kept.was)
            .bind(&kept.became)
            .bind(&kept.detail)
            .bind(now)
            .execute(&mut *conn)
            .await?;
        let (old, new) = (before.map(Row::lists).unwrap_or_default(), after.lists());
        let removed: Vec<&String> = old.iter().filter(|it| !new.contains(it)).collect();
        let added: Vec<&String> = new.iter().filter(|it| !old.contains(it)).collect();
        if !removed.is_empty() {
            let lists = serde_json::json!(removed).to_string();
            sqlx::query(sql::LEAVE.on(ENGINE)).bind(after.id).bind(lists).execute(&mut *conn).await?;
        }
        let due = after.next_due();
        if before.is_some_and(|it| it.next_due() != due) {
            sqlx::query(sql::MOVE.on(ENGINE)).bind(after.id).bind(due).execute(&mut *conn).await?;
        }
        if !added.is_empty() {
            let lists = serde_json::json!(added).to_string();
            sqlx::query(sql::ENTER.on(ENGINE))
                .bind(after.id)
                .bind(lists)
                .bind(due)
                .execute(&mut *conn)
                .await?;
        }
        if !removed.is_empty() || !added.is_empty() {
            let counts = counts_json(&removed, &added);
            sqlx::query(sql::COUNT.on(ENGINE)).bind(counts).execute(&mut *conn).await?;
        }
        let timers = before.map_or([("due", None), ("wake", None)], Row::timers);
        for ((kind, was), (_, is)) in timers.into_iter().zip(after.timers()) {
            match is {
                _ if was == is => {}
                Some(at) => set_timer(conn, after.id, kind, at, None).await?,
                None => drop_timer(conn, after.id, kind).await?,
            }
        }
        if let Some(was) = freed(before, after) {
            at::notices::end(&mut *conn, was, after.id, now).await?;
        }
        if let Some(notice) = noticed(before, after, &kept, now) {
            at::notices::add(&mut *conn, notice).await?;
        }
        Ok(events::New {
            kind: kept.kind,
            contact_id: None,
            inbox_id: kept.inbox_id,
            case_id: Some(after.id),
            municipality: Some(after.municipality.clone()),
            restricted: after.restricted(),
            at: now,
            ..events::New::default()
        })
    }

    /// Something is to be done with a case at an instant.
    pub(crate) async fn set_timer(
        conn: &mut Conn,
        id: Uuid,
        kind: &'static str,
        at: i64,
        since: Option<i64>,
    ) -> Result<(), Error> {
        sqlx::query(sql::SET_TIMER.on(ENGINE)).bind(id).bind(kind).bind(at).bind(since).execute(conn).await?;
        Ok(())
    }

    /// Nothing is to be done any more.
    pub(crate) async fn drop_timer(conn: &mut Conn, id: Uuid, kind: &'static str) -> Result<(), Error> {
        sqlx::query(sql::DROP_TIMER.on(ENGINE)).bind(id).bind(kind).execute(conn).await?;
        Ok(())
    }
}
