//! The row of a demand: read to be changed, and written together with what follows from it.

use uuid::Uuid;

use super::Demand;
use crate::domain::demand::rules::CONFIRM_WITHIN;
use crate::domain::demand::{Code, DemandState, Support};
use crate::domain::time::UnixMillis;
use crate::store::Error;

/// A demand as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) code: i64,
    pub(crate) state: String,
    pub(crate) version: i64,
    pub(crate) municipality: String,
    pub(crate) topic: String,
    pub(crate) office: Option<String>,
    pub(crate) office_name: Option<String>,
    pub(crate) text: String,
    pub(crate) contact_id: Option<Uuid>,
    pub(crate) by_leader: bool,
    pub(crate) threshold: i64,
    pub(crate) phone: i64,
    pub(crate) flagged: i64,
    pub(crate) verified: i64,
    pub(crate) paper: i64,
    pub(crate) new_senders: i64,
    pub(crate) told_phone: i64,
    pub(crate) told_flagged: i64,
    pub(crate) told_verified: i64,
    pub(crate) told_new: i64,
    pub(crate) merged_into: Option<Uuid>,
    pub(crate) state_before: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) published_at: Option<i64>,
    pub(crate) collect_until: Option<i64>,
    pub(crate) reached_at: Option<i64>,
    pub(crate) handed_at: Option<i64>,
    pub(crate) answer_due: Option<i64>,
    pub(crate) silent_at: Option<i64>,
    pub(crate) answered_at: Option<i64>,
    pub(crate) archive_at: Option<i64>,
    pub(crate) over_at: Option<i64>,
    pub(crate) reason: Option<String>,
    pub(crate) next_at: Option<i64>,
}

/// A count that is never negative.
pub(super) fn count(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or(0)
}

impl Row {
    pub(crate) fn state(&self) -> DemandState {
        // The table holds no other; what can't be read is shown to nobody.
        self.state.parse().unwrap_or(DemandState::Withdrawn)
    }

    pub(crate) fn set_state(&mut self, state: DemandState) {
        state.code().clone_into(&mut self.state);
    }

    pub(crate) fn code(&self) -> Result<Code, Error> {
        let code = u16::try_from(self.code).ok().and_then(|it| Code::new(it).ok());
        code.ok_or_else(|| Error::Other(format!("the code of the demand {} can't be read", self.id)))
    }

    pub(crate) fn support(&self) -> Support {
        Support {
            phone: count(self.phone),
            flagged: count(self.flagged),
            verified: count(self.verified),
            paper: count(self.paper),
            new_senders: count(self.new_senders),
        }
    }

    /// The support that people are told of. Paper is nobody's in particular.
    pub(crate) fn told(&self) -> Support {
        Support {
            phone: count(self.told_phone),
            flagged: count(self.told_flagged),
            verified: count(self.told_verified),
            paper: count(self.paper),
            new_senders: count(self.told_new),
        }
    }

    /// The support as it is now is told from now on.
    pub(crate) fn tell(&mut self) {
        (self.told_phone, self.told_flagged) = (self.phone, self.flagged);
        (self.told_verified, self.told_new) = (self.verified, self.new_senders);
    }

    /// What moved many at once since `before` is told with it, and nothing of who signed since then.
    pub(crate) fn tell_since(&mut self, before: &Self) {
        self.told_phone += self.phone - before.phone;
        self.told_flagged += self.flagged - before.flagged;
        self.told_verified += self.verified - before.verified;
        self.told_new += self.new_senders - before.new_senders;
    }

    /// The demand as readers see it.
    pub(crate) fn demand(&self) -> Result<Demand, Error> {
        Ok(Demand {
            id: self.id,
            code: self.code()?,
            version: self.version,
            state: self.state(),
            municipality: self.municipality.clone(),
            topic: self.topic.clone(),
            office: self.office.clone(),
            office_name: self.office_name.clone(),
            text: self.text.clone(),
            by_leader: self.by_leader,
            threshold: count(self.threshold),
            support: self.support(),
            told: self.told(),
            merged_into: self.merged_into,
            created_at: UnixMillis(self.created_at),
            updated_at: UnixMillis(self.updated_at),
            published_at: self.published_at.map(UnixMillis),
            collect_until: self.collect_until.map(UnixMillis),
            reached_at: self.reached_at.map(UnixMillis),
            handed_at: self.handed_at.map(UnixMillis),
            answer_due: self.answer_due.map(UnixMillis),
            silent_at: self.silent_at.map(UnixMillis),
            answered_at: self.answered_at.map(UnixMillis),
            archive_at: self.archive_at.map(UnixMillis),
            over_at: self.over_at.map(UnixMillis),
            reason: self.reason.clone(),
        })
    }

    /// When a clock looks at it next, in the state that it is in.
    pub(crate) fn next(&self) -> Option<i64> {
        match self.state() {
            DemandState::Confirming => Some(self.created_at + CONFIRM_WITHIN),
            DemandState::Collecting => self.collect_until,
            DemandState::Reached => self.reached_at,
            DemandState::WithAuthority if self.silent_at.is_none() => self.answer_due,
            DemandState::WithAuthority | DemandState::Answered | DemandState::Followed => self.archive_at,
            _ => None,
        }
    }

    /// The lists that it stands in.
    fn lists(&self) -> Vec<String> {
        let state = self.state();
        let mut queues = vec![state.code()];
        if state == DemandState::WithAuthority && self.silent_at.is_some() {
            queues.push(SILENT);
        }
        if state.signable() && self.flagged > 0 {
            queues.push(FLAGGED);
        }
        let mut lists = Vec::with_capacity(queues.len() * 3);
        for queue in queues {
            lists.extend(places(&self.municipality).map(|place| list(queue, place)));
        }
        lists.sort_unstable();
        lists
    }
}

/// The list of those whose term was over without an answer.
pub(super) const SILENT: &str = "silent";
/// The list of those with support that somebody must look at.
pub(super) const FLAGGED: &str = "flagged";

/// The whole country, the state and the municipality itself.
fn places(municipality: &str) -> [&str; 3] {
    ["", municipality.get(..2).unwrap_or(municipality), municipality]
}

/// The name of a list of a queue and a place (`""`: everywhere).
pub(super) fn list(queue: &str, place: &str) -> String {
    if place.is_empty() { queue.to_owned() } else { format!("{queue}/{place}") }
}

/// A change as it is kept.
#[derive(Clone, Default)]
pub(crate) struct Kept {
    pub(crate) kind: &'static str,
    pub(crate) staff_id: Option<Uuid>,
    /// Whether a citizen did it; her id is kept nowhere.
    pub(crate) citizen: bool,
    pub(crate) was: Option<String>,
    pub(crate) became: Option<String>,
    pub(crate) detail: Option<String>,
}

impl Kept {
    fn actor(&self) -> &'static str {
        match (self.staff_id, self.citizen) {
            (Some(_), _) => "staff",
            (None, true) => "citizen",
            (None, false) => "service",
        }
    }
}

/// Pairs as a JSON array of arrays, in the order in which rows are locked.
fn counts_json(removed: &[&String], added: &[&String]) -> String {
    let mut pairs: Vec<(&str, i64)> = removed.iter().map(|it| (it.as_str(), -1)).collect();
    pairs.extend(added.iter().map(|it| (it.as_str(), 1)));
    pairs.sort_unstable();
    serde_json::json!(pairs).to_string()
}

/// The columns of a demand `d`, as a `Row` takes them.
macro_rules! demand_columns {
    () => {
        "d.id, d.code, d.state, d.version, d.municipality, d.topic, d.office, d.office_name, d.text, \
         d.contact_id, d.by_leader, d.threshold, d.phone, d.flagged, d.verified, d.paper, d.new_senders, \
         d.told_phone, d.told_flagged, d.told_verified, d.told_new, d.merged_into, d.state_before, d.created_at, d.updated_at, d.published_at, d.collect_until, \
         d.reached_at, d.handed_at, d.answer_due, d.silent_at, d.answered_at, d.archive_at, d.over_at, \
         d.reason, d.next_at"
    };
}
pub(super) use demand_columns;

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    macro_rules! load {
        ($lock:literal) => {
            concat!("SELECT ", demand_columns!(), " FROM demands AS d WHERE d.id = $1", $lock)
        };
    }
    pub(super) const LOAD: Statement = Statement::fork(load!(""), load!(" FOR UPDATE"));
    pub(super) const READ: Statement = Statement::both(load!(""));
    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO demands (id, code, state, version, municipality, topic, office, text, contact_id, inbox_id, \
         staff_id, relay_id, threshold, created_at, updated_at, touched_at, told_at, published_at, collect_until, \
         next_at) VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $13, $13, $14, $15, $16)",
    );
    pub(super) const SAVE: Statement = Statement::both(
        "UPDATE demands SET version = $3, state = $4, office = $5, office_name = $6, text = $7, contact_id = $8, \
         by_leader = $9, phone = $10, flagged = $11, verified = $12, paper = $13, new_senders = $14, \
         merged_into = $15, state_before = $16, updated_at = $17, published_at = $18, collect_until = $19, \
         reached_at = $20, handed_at = $21, answer_due = $22, silent_at = $23, answered_at = $24, \
         archive_at = $25, over_at = $26, reason = $27, next_at = $28, touched_at = $29, untold = $30, \
         told_phone = $31, told_flagged = $32, told_verified = $33, told_new = $34, \
         told_at = CASE WHEN $35 THEN $29 ELSE told_at END \
         WHERE id = $1 AND version = $2",
    );
    pub(super) const KEEP: Statement = Statement::both(
        "INSERT INTO demand_changes (demand_id, version, kind, actor, staff_id, was, became, detail, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    );
    pub(super) const LEAVE: Statement = Statement::fork(
        "DELETE FROM demand_lists WHERE demand_id = $1 AND list IN (SELECT value FROM json_each($2))",
        "DELETE FROM demand_lists WHERE demand_id = $1 \
         AND list IN (SELECT it FROM jsonb_array_elements_text($2::jsonb) AS e(it))",
    );
    pub(super) const ENTER: Statement = Statement::fork(
        "INSERT INTO demand_lists (list, demand_id) SELECT value, $1 FROM json_each($2)",
        "INSERT INTO demand_lists (list, demand_id) \
         SELECT it, $1::uuid FROM jsonb_array_elements_text($2::jsonb) AS e(it)",
    );
    pub(super) const COUNT: Statement = Statement::fork(
        "INSERT INTO demand_counts (list, demands) SELECT value ->> 0, value ->> 1 FROM json_each($1) WHERE TRUE \
         ON CONFLICT (list) DO UPDATE SET demands = demand_counts.demands + excluded.demands",
        "INSERT INTO demand_counts (list, demands) \
         SELECT a ->> 0, (a ->> 1)::bigint FROM jsonb_array_elements($1::jsonb) AS e(a) \
         ON CONFLICT (list) DO UPDATE SET demands = demand_counts.demands + excluded.demands",
    );
    pub(in crate::store) const ALL: &[Statement] = &[LOAD, READ, ADD, SAVE, KEEP, LEAVE, ENTER, COUNT];
}

/// Who opens a demand.
#[derive(Clone, Copy, Default)]
pub(crate) struct Opener {
    pub(crate) contact_id: Option<Uuid>,
    pub(crate) inbox_id: Option<Uuid>,
    pub(crate) staff_id: Option<Uuid>,
    /// Who writes for her.
    pub(crate) relay_id: Option<Uuid>,
}

per_engine! {
    with at;
    use {
        use super::super::NewDemand;
        use super::{Kept, Opener, Row, counts_json, sql};
        use crate::domain::demand::DemandState;
        use crate::domain::demand::rules::{COLLECT, CONFIRM_WITHIN};
        use crate::store::{Error, events};
        use uuid::Uuid;
    }

    /// A demand that is to be changed. The feed is locked first, as every writer of demands does, so that no
    /// two wait for each other.
    pub(crate) async fn load(conn: &mut Conn, id: Uuid) -> Result<Row, Error> {
        at::events::lock(conn).await?;
        let row = sqlx::query_as(sql::LOAD.on(ENGINE)).bind(id).fetch_optional(conn).await?;
        row.ok_or(Error::NotFound)
    }

    /// A demand that is only read.
    pub(crate) async fn read(conn: &mut Conn, id: Uuid) -> Result<Option<Row>, Error> {
        Ok(sqlx::query_as(sql::READ.on(ENGINE)).bind(id).fetch_optional(conn).await?)
    }

    /// Adds a demand: to be confirmed, or public at once where staff opens it; gives its event.
    ///
    /// # Errors
    /// [`Error::Conflict`]: its code is taken.
    pub(crate) async fn add(
        conn: &mut Conn,
        new: &NewDemand,
        opener: Opener,
        now: i64,
    ) -> Result<events::New, Error> {
        at::events::lock(&mut *conn).await?;
        let by_staff = opener.staff_id.is_some();
        let state = if by_staff { DemandState::Collecting } else { DemandState::Confirming };
        let until = now + if by_staff { COLLECT } else { CONFIRM_WITHIN };
        sqlx::query(sql::ADD.on(ENGINE))
            .bind(new.id)
            .bind(i64::from(new.code.number()))
            .bind(state.code())
            .bind(&new.municipality)
            .bind(&new.topic)
            .bind(&new.office)
            .bind(&new.text)
            .bind(opener.contact_id)
            .bind(opener.inbox_id)
            .bind(opener.staff_id)
            .bind(opener.relay_id)
            .bind(i64::try_from(new.threshold).unwrap_or(i64::MAX))
            .bind(now)
            .bind(by_staff.then_some(now))
            .bind(by_staff.then_some(until))
            .bind(until)
            .execute(&mut *conn)
            .await?;
        let row = read(conn, new.id).await?.ok_or(Error::NotFound)?;
        let kept = Kept {
            kind: "demand_opened",
            staff_id: opener.staff_id,
            citizen: !by_staff,
            became: Some(row.state.clone()),
            ..Kept::default()
        };
        relist(conn, None, &row).await?;
        follow(conn, &row, &kept, now).await
    }

    /// Writes a demand as it is `after` a change; gives it and the event of it.
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
        // What moves a demand is seen by everybody anyway.
        let tells = before.state != after.state;
        if tells {
            after.tell();
        }
        write(conn, before, &after, tells, now).await?;
        relist(conn, Some(before), &after).await?;
        let event = follow(conn, &after, &kept, now).await?;
        Ok((after, event))
    }

    /// Writes totals of a demand: no change of its own, and the feed is told of it later, so that no event
    /// stands beside the message of who signed.
    pub(crate) async fn save_totals(
        conn: &mut Conn,
        before: &Row,
        after: &Row,
        now: i64,
    ) -> Result<(), Error> {
        write(conn, before, after, false, now).await?;
        relist(conn, Some(before), after).await
    }

    async fn write(conn: &mut Conn, before: &Row, after: &Row, tells: bool, now: i64) -> Result<(), Error> {
        let saved = sqlx::query(sql::SAVE.on(ENGINE))
            .bind(after.id)
            .bind(before.version)
            .bind(after.version)
            .bind(&after.state)
            .bind(&after.office)
            .bind(&after.office_name)
            .bind(&after.text)
            .bind(after.contact_id)
            .bind(after.by_leader)
            .bind(after.phone)
            .bind(after.flagged)
            .bind(after.verified)
            .bind(after.paper)
            .bind(after.new_senders)
            .bind(after.merged_into)
            .bind(&after.state_before)
            .bind(after.updated_at)
            .bind(after.published_at)
            .bind(after.collect_until)
            .bind(after.reached_at)
            .bind(after.handed_at)
            .bind(after.answer_due)
            .bind(after.silent_at)
            .bind(after.answered_at)
            .bind(after.archive_at)
            .bind(after.over_at)
            .bind(&after.reason)
            .bind(after.next_at)
            .bind(now)
            .bind(after.support() != after.told())
            .bind(after.told_phone)
            .bind(after.told_flagged)
            .bind(after.told_verified)
            .bind(after.told_new)
            .bind(tells)
            .execute(conn)
            .await?;
        if saved.rows_affected() == 1 { Ok(()) } else { Err(Error::Conflict) }
    }

    /// The lists that a demand stands in, and their counts.
    async fn relist(conn: &mut Conn, before: Option<&Row>, after: &Row) -> Result<(), Error> {
        let (old, new) = (before.map(Row::lists).unwrap_or_default(), after.lists());
        let removed: Vec<&String> = old.iter().filter(|it| !new.contains(it)).collect();
        let added: Vec<&String> = new.iter().filter(|it| !old.contains(it)).collect();
        if !removed.is_empty() {
            let lists = serde_json::json!(removed).to_string();
            sqlx::query(sql::LEAVE.on(ENGINE)).bind(after.id).bind(lists).execute(&mut *conn).await?;
        }
        if !added.is_empty() {
            let lists = serde_json::json!(added).to_string();
            sqlx::query(sql::ENTER.on(ENGINE)).bind(after.id).bind(lists).execute(&mut *conn).await?;
        }
        if !removed.is_empty() || !added.is_empty() {
            let counts = counts_json(&removed, &added);
            sqlx::query(sql::COUNT.on(ENGINE)).bind(counts).execute(conn).await?;
        }
        Ok(())
    }

    /// What follows from a demand that was written: its change; gives the event, which names nobody.
    async fn follow(conn: &mut Conn, after: &Row, kept: &Kept, now: i64) -> Result<events::New, Error> {
        sqlx::query(sql::KEEP.on(ENGINE))
            .bind(after.id)
            .bind(after.version)
            .bind(kept.kind)
            .bind(kept.actor())
            .bind(kept.staff_id)
            .bind(&kept.was)
            .bind(&kept.became)
            .bind(&kept.detail)
            .bind(now)
            .execute(conn)
            .await?;
        Ok(events::New {
            kind: kept.kind,
            demand_id: Some(after.id),
            municipality: Some(after.municipality.clone()),
            at: now,
            ..events::New::default()
        })
    }
}
