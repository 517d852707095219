//! Merging a demand into a like one, with its author's yes, and taking that back. Each support stays where it
//! was given (`demand_id`); only the total that it is in (`root_id`) changes, so nothing is lost on the way.

use uuid::Uuid;

use super::Merge;
use super::row::{Row, count};
use crate::domain::demand::rules::{Side, may_merge};
use crate::domain::time::UnixMillis;
use crate::store::Error;

/// A merge as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct MergeRow {
    pub(crate) id: Uuid,
    pub(crate) child_id: Uuid,
    pub(crate) parent_id: Uuid,
    state: String,
    reason: String,
    asked_at: i64,
    until_at: i64,
    ended_at: Option<i64>,
}

impl MergeRow {
    pub(crate) fn merge(self) -> Merge {
        Merge {
            id: self.id,
            child_id: self.child_id,
            parent_id: self.parent_id,
            state: self.state,
            reason: self.reason,
            asked_at: UnixMillis(self.asked_at),
            until: UnixMillis(self.until_at),
            ended_at: self.ended_at.map(UnixMillis),
        }
    }
}

/// Whether one may go on in the other.
pub(super) fn check(child: &Row, child_holds: i64, parent: &Row) -> Result<(), Error> {
    let side = |row: &Row, holds_others| -> Result<(crate::domain::demand::Code, bool), Error> {
        Ok((row.code()?, holds_others))
    };
    let (one, two) = (side(child, count(child_holds) > 0)?, side(parent, false)?);
    let child =
        Side { code: one.0, state: child.state(), municipality: &child.municipality, holds_others: one.1 };
    let parent =
        Side { code: two.0, state: parent.state(), municipality: &parent.municipality, holds_others: two.1 };
    may_merge(&child, &parent).map_err(|why| Error::Refused(why.code()))
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    macro_rules! merges {
        ($rest:literal) => {
            concat!(
                "SELECT id, child_id, parent_id, state, reason, asked_at, until_at, ended_at FROM demand_merges ",
                $rest
            )
        };
    }
    pub(super) const HOLDS: Statement =
        Statement::both("SELECT COUNT(*) FROM demands WHERE merged_into = $1");
    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO demand_merges (id, child_id, parent_id, state, staff_id, reason, asked_at, until_at) \
         VALUES ($1, $2, $3, 'asked', $4, $5, $6, $7)",
    );
    pub(super) const GET: Statement = Statement::both(merges!("WHERE id = $1"));
    pub(super) const OF: Statement =
        Statement::both(merges!("WHERE child_id = $1 OR parent_id = $1 ORDER BY id DESC LIMIT 50"));
    pub(super) const LAPSING: Statement = Statement::both(merges!(
        "WHERE state = 'asked' AND agreed_at IS NULL AND until_at <= $1 ORDER BY until_at LIMIT $2"
    ));
    pub(super) const AGREED: Statement = Statement::both(merges!(
        "WHERE state = 'asked' AND agreed_at IS NOT NULL ORDER BY agreed_at LIMIT $1"
    ));
    pub(super) const AGREE: Statement = Statement::both(
        "UPDATE demand_merges SET agreed_at = $2 WHERE id = $1 AND state = 'asked' AND agreed_at IS NULL",
    );
    pub(super) const SENT_BY: Statement =
        Statement::both("UPDATE demand_merges SET outbox_id = $2 WHERE id = $1 AND state = 'asked'");
    /// News to the supporters of one of two demands that is on its way.
    pub(super) const NEWS: Statement = Statement::both(
        "SELECT scope FROM demand_notices WHERE done_at IS NULL AND scope IN ('own', 'tree') \
         AND demand_id IN ($1, $2) ORDER BY CASE scope WHEN 'tree' THEN 0 ELSE 1 END LIMIT 1",
    );
    pub(super) const END: Statement = Statement::both(
        "UPDATE demand_merges SET state = $2, ended_at = $3 WHERE id = $1 AND state = 'asked'",
    );
    pub(super) const UNDO: Statement = Statement::both(
        "UPDATE demand_merges SET state = 'undone', ended_at = $2 WHERE child_id = $1 AND state = 'done'",
    );
    pub(super) const DONE_AT: Statement = Statement::both(
        "SELECT ended_at FROM demand_merges WHERE child_id = $1 AND state = 'done' AND ended_at IS NOT NULL",
    );
    pub(super) const CHILDREN: Statement =
        Statement::both("SELECT id FROM demands WHERE merged_into = $1 ORDER BY id");
    /// What went on in a demand that is over is over, too.
    pub(super) const OVER: Statement = Statement::both(
        "UPDATE demands SET over_at = $2, touched_at = $2 WHERE merged_into = $1 AND over_at IS NULL",
    );
    pub(super) const MOVE: Statement =
        Statement::both("UPDATE demand_supports SET root_id = $2, counted = NULL WHERE demand_id = $1");
    /// Anything else that was asked about one of them is over.
    pub(super) const DROP: Statement = Statement::both(
        "UPDATE demand_merges SET state = 'lapsed', ended_at = $2 WHERE state = 'asked' AND child_id = $1",
    );
    pub(in crate::store) const ALL: &[Statement] = &[
        HOLDS, ADD, GET, OF, LAPSING, AGREED, AGREE, SENT_BY, NEWS, END, UNDO, DONE_AT, CHILDREN, OVER, MOVE,
        DROP,
    ];
}

per_engine! {
    with at;
    use {
        use super::super::notices::{NoticeKind, Scope};
        use super::super::row::{Kept, Row};
        use super::{MergeRow, check, sql};
        use crate::domain::demand::rules::CONSENT_WITHIN;
        use crate::domain::demand::DemandState;
        use crate::store::{Error, events};
        use uuid::Uuid;
    }

    async fn holds(conn: &mut Conn, id: Uuid) -> Result<i64, Error> {
        let (count,) = sqlx::query_as(sql::HOLDS.on(ENGINE)).bind(id).fetch_one(conn).await?;
        Ok(count)
    }

    /// A merge.
    pub(crate) async fn get(conn: &mut Conn, id: Uuid) -> Result<Option<MergeRow>, Error> {
        Ok(sqlx::query_as(sql::GET.on(ENGINE)).bind(id).fetch_optional(conn).await?)
    }

    /// The merges of a demand, the newest first.
    pub(crate) async fn of(conn: &mut Conn, id: Uuid) -> Result<Vec<MergeRow>, Error> {
        Ok(sqlx::query_as(sql::OF.on(ENGINE)).bind(id).fetch_all(conn).await?)
    }

    /// Merges whose author did not answer.
    pub(crate) async fn lapsing(conn: &mut Conn, now: i64, limit: i64) -> Result<Vec<MergeRow>, Error> {
        Ok(sqlx::query_as(sql::LAPSING.on(ENGINE)).bind(now).bind(limit).fetch_all(conn).await?)
    }

    /// Asks the author of a demand whether it may go on in another one; without an author it is done.
    ///
    /// # Errors
    /// [`Error::Refused`] with the code of the rule; [`Error::Conflict`]: it is asked about already.
    pub(crate) async fn ask(
        conn: &mut Conn,
        child: &Row,
        parent_id: Uuid,
        merge_id: Uuid,
        (staff_id, reason): (Uuid, &str),
        now: i64,
    ) -> Result<(Row, Vec<events::New>), Error> {
        let parent = at::demand_rows::load(&mut *conn, parent_id).await?;
        check(child, holds(conn, child.id).await?, &parent)?;
        sqlx::query(sql::ADD.on(ENGINE))
            .bind(merge_id)
            .bind(child.id)
            .bind(parent_id)
            .bind(staff_id)
            .bind(reason)
            .bind(now)
            .bind(now + CONSENT_WITHIN)
            .execute(&mut *conn)
            .await?;
        if child.contact_id.is_none() {
            if news(&mut *conn, child.id, parent_id).await?.is_some() {
                return Err(Error::Refused("merge_news"));
            }
            let kept = Kept { staff_id: Some(staff_id), ..Kept::default() };
            return done(conn, merge_id, kept, now).await;
        }
        let kept = Kept {
            kind: "demand_merge_asked",
            staff_id: Some(staff_id),
            became: Some(parent.code.to_string()),
            detail: Some(reason.to_owned()),
            ..Kept::default()
        };
        let (after, event) = at::demand_rows::save(&mut *conn, child, child.clone(), kept, now).await?;
        let detail = serde_json::json!({ "parent": parent.code, "text": parent.text, "merge": merge_id });
        at::demand_notices::add(conn, after.id, Scope::Author, NoticeKind::MergeAsked, &detail, now).await?;
        Ok((after, vec![event]))
    }

    /// Whether news to the supporters of one of them is on its way. Who is in a total is told by what she was
    /// told last: where totals are joined or parted meanwhile, some would never get it.
    async fn news(conn: &mut Conn, one: Uuid, other: Uuid) -> Result<Option<Scope>, Error> {
        let query = sqlx::query_as(sql::NEWS.on(ENGINE)).bind(one).bind(other);
        let found: Option<(String,)> = query.fetch_optional(conn).await?;
        Ok(found.map(|(it,)| if it == Scope::Tree.code() { Scope::Tree } else { Scope::Own }))
    }

    /// The message that asks the author.
    pub(crate) async fn sent_by(conn: &mut Conn, id: Uuid, outbox_id: Uuid) -> Result<(), Error> {
        sqlx::query(sql::SENT_BY.on(ENGINE)).bind(id).bind(outbox_id).execute(conn).await?;
        Ok(())
    }

    /// The author agrees: it is done now, or by the clock once the news that is on its way has come.
    pub(crate) async fn agree(
        conn: &mut Conn,
        merge: &MergeRow,
        kept: Kept,
        now: i64,
    ) -> Result<Vec<events::New>, Error> {
        if news(&mut *conn, merge.child_id, merge.parent_id).await?.is_none() {
            return Ok(done(conn, merge.id, kept, now).await?.1);
        }
        let child = at::demand_rows::load(&mut *conn, merge.child_id).await?;
        let parent = at::demand_rows::load(&mut *conn, merge.parent_id).await?;
        check(&child, holds(conn, child.id).await?, &parent)?;
        let agreed = sqlx::query(sql::AGREE.on(ENGINE)).bind(merge.id).bind(now).execute(conn).await?;
        if agreed.rows_affected() == 1 { Ok(Vec::new()) } else { Err(Error::Conflict) }
    }

    /// Merges whose author agreed, and that waited for news.
    pub(crate) async fn agreed(conn: &mut Conn, limit: i64) -> Result<Vec<MergeRow>, Error> {
        Ok(sqlx::query_as(sql::AGREED.on(ENGINE)).bind(limit).fetch_all(conn).await?)
    }

    /// Does a merge that waited, where nothing is on its way any more; where it can't be done it lapses.
    pub(crate) async fn go_on(conn: &mut Conn, merge: &MergeRow, now: i64) -> Result<bool, Error> {
        at::events::lock(&mut *conn).await?;
        if news(&mut *conn, merge.child_id, merge.parent_id).await?.is_some() {
            return Ok(false);
        }
        let child = at::demand_rows::load(&mut *conn, merge.child_id).await?;
        let parent = at::demand_rows::load(&mut *conn, merge.parent_id).await?;
        if check(&child, holds(&mut *conn, child.id).await?, &parent).is_err() {
            end(conn, merge.id, "lapsed", now).await?;
            return Ok(true);
        }
        let kept = Kept { citizen: true, ..Kept::default() };
        let (_, events) = done(&mut *conn, merge.id, kept, now).await?;
        at::events::add(conn, &events).await?;
        Ok(true)
    }

    /// Does a merge that was asked for: the supporters of the one that goes are told.
    pub(crate) async fn done(
        conn: &mut Conn,
        merge_id: Uuid,
        kept: Kept,
        now: i64,
    ) -> Result<(Row, Vec<events::New>), Error> {
        at::events::lock(&mut *conn).await?;
        let merge = get(&mut *conn, merge_id).await?.ok_or(Error::NotFound)?;
        end(conn, merge_id, "done", now).await?;
        let child = at::demand_rows::load(&mut *conn, merge.child_id).await?;
        let parent = at::demand_rows::load(&mut *conn, merge.parent_id).await?;
        check(&child, holds(conn, child.id).await?, &parent)?;
        sqlx::query(sql::DROP.on(ENGINE)).bind(parent.id).bind(now).execute(&mut *conn).await?;
        let mut gone = child.clone();
        gone.state_before = Some(child.state.clone());
        gone.set_state(DemandState::Merged);
        gone.merged_into = Some(parent.id);
        gone.next_at = None;
        let kept = Kept {
            kind: "demand_merged",
            was: Some(child.state.clone()),
            became: Some(parent.code.to_string()),
            ..kept
        };
        let by = Kept { was: None, became: Some(child.code.to_string()), ..kept.clone() };
        let (gone, event) = at::demand_rows::save(&mut *conn, &child, gone, kept, now).await?;
        sqlx::query(sql::MOVE.on(ENGINE)).bind(gone.id).bind(parent.id).execute(&mut *conn).await?;
        let mut events = vec![event];
        events.extend(recounted(conn, &parent, by, now).await?);
        let detail = serde_json::json!({ "parent": parent.code });
        at::demand_notices::add(conn, gone.id, Scope::Own, NoticeKind::Merged, &detail, now).await?;
        Ok((gone, events))
    }

    /// A total after others came or went.
    async fn recounted(conn: &mut Conn, before: &Row, kept: Kept, now: i64) -> Result<Vec<events::New>, Error> {
        let mut after = before.clone();
        at::supports::recount(&mut *conn, &mut after).await?;
        after.tell_since(before);
        let (saved, event) = at::demand_rows::save(&mut *conn, before, after, kept, now).await?;
        let (_, reached) = at::supports::finish(conn, &saved, saved.clone(), now).await?;
        Ok(std::iter::once(event).chain(reached).collect())
    }

    /// Notes how a merge that was asked for ended.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it ended before.
    pub(crate) async fn end(conn: &mut Conn, id: Uuid, state: &'static str, now: i64) -> Result<(), Error> {
        let ended = sqlx::query(sql::END.on(ENGINE)).bind(id).bind(state).bind(now).execute(conn).await?;
        if ended.rows_affected() == 1 { Ok(()) } else { Err(Error::Conflict) }
    }

    /// Takes a merge back: what was signed under its code is its own again, and its clocks go on.
    pub(crate) async fn undo(
        conn: &mut Conn,
        child: &Row,
        kept: Kept,
        now: i64,
    ) -> Result<(Row, Vec<events::New>), Error> {
        let parent_id = child.merged_into.ok_or(Error::Refused("demand_transition"))?;
        let parent = at::demand_rows::load(&mut *conn, parent_id).await?;
        // What was answered was answered for both.
        if !parent.state().signable() {
            return Err(Error::Refused("merge_state"));
        }
        // What is for those alone who signed one of them finds them wherever they count.
        if news(&mut *conn, child.id, parent_id).await? == Some(Scope::Tree) {
            return Err(Error::Refused("merge_news"));
        }
        part(conn, child, &parent, kept, now).await
    }

    /// Before a demand that holds others is withdrawn or expires, these stand for themselves again: nobody's
    /// support ends by a word of somebody else's author, or by another demand's time.
    pub(crate) async fn release(
        conn: &mut Conn,
        parent: Row,
        now: i64,
    ) -> Result<(Row, Vec<events::New>), Error> {
        let children: Vec<(Uuid,)> =
            sqlx::query_as(sql::CHILDREN.on(ENGINE)).bind(parent.id).fetch_all(&mut *conn).await?;
        let (mut parent, mut events) = (parent, Vec::new());
        for (id,) in children {
            let child = at::demand_rows::load(&mut *conn, id).await?;
            let kept = Kept { kind: "demand_unmerged", ..Kept::default() };
            events.extend(part(&mut *conn, &child, &parent, kept, now).await?.1);
            parent = at::demand_rows::load(&mut *conn, parent.id).await?;
        }
        Ok((parent, events))
    }

    /// What went on in a demand that is archived ends with it: its code will be free, and its author with it.
    pub(crate) async fn over(conn: &mut Conn, parent_id: Uuid, now: i64) -> Result<(), Error> {
        sqlx::query(sql::OVER.on(ENGINE)).bind(parent_id).bind(now).execute(conn).await?;
        Ok(())
    }

    async fn part(
        conn: &mut Conn,
        child: &Row,
        parent: &Row,
        kept: Kept,
        now: i64,
    ) -> Result<(Row, Vec<events::New>), Error> {
        let merged: Option<(i64,)> =
            sqlx::query_as(sql::DONE_AT.on(ENGINE)).bind(child.id).fetch_optional(&mut *conn).await?;
        sqlx::query(sql::UNDO.on(ENGINE)).bind(child.id).bind(now).execute(&mut *conn).await?;
        sqlx::query(sql::MOVE.on(ENGINE)).bind(child.id).bind(child.id).execute(&mut *conn).await?;
        let mut back = child.clone();
        back.merged_into = None;
        back.state = child.state_before.clone().unwrap_or_else(|| DemandState::Collecting.code().to_owned());
        back.state_before = None;
        // The time it was away is no time of its own.
        let away = now - merged.map_or(child.updated_at, |it| it.0);
        back.collect_until = child.collect_until.map(|it| it + away);
        back.answer_due = child.answer_due.map(|it| it + away);
        back.next_at = back.next();
        at::supports::recount(&mut *conn, &mut back).await?;
        let kept = Kept { was: Some(child.state.clone()), became: Some(back.state.clone()), ..kept };
        let by = Kept { was: Some(child.code.to_string()), became: None, ..kept.clone() };
        let (back, event) = at::demand_rows::save(&mut *conn, child, back, kept, now).await?;
        // While it was away nobody counted its paper apart.
        let (back, reached) = at::supports::finish(&mut *conn, &back, back.clone(), now).await?;
        let mut events = vec![event];
        events.extend(reached);
        events.extend(recounted(conn, parent, by, now).await?);
        let detail = serde_json::json!({ "parent": parent.code });
        at::demand_notices::add(conn, back.id, Scope::Own, NoticeKind::Unmerged, &detail, now).await?;
        Ok((back, events))
    }
}
