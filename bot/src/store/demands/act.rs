//! What staff does to a demand: each act names the version that it saw, and leaves a change, an event and exact
//! totals in one transaction.

use super::row::{Kept, Row};
use super::{Acting, NewActa, Opening};
use crate::domain::demand::DemandState;
use crate::domain::demand::rules::{Mover, may_follow};
use crate::store::staff::Write;
use crate::store::{Error, Store};

/// Longest words of staff that a citizen reads, in characters.
const LONGEST: usize = 110;
/// Cases that are linked at once.
const CASES: usize = 100;
/// The end of time: a picture that is kept.
const FOR_EVER: i64 = 253_402_300_799_000;

/// What an act led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acted {
    /// The demand's version after it.
    pub version: i64,
    /// Its state after it.
    pub state: DemandState,
}

/// Moves a demand by staff.
fn moved(row: &mut Row, to: DemandState) -> Result<(), Error> {
    if !may_follow(row.state(), to, Mover::Staff) {
        return Err(Error::Refused("demand_transition"));
    }
    row.set_state(to);
    row.next_at = row.next();
    Ok(())
}

/// Words of staff that people read.
fn words(text: &str, longest: usize) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > longest {
        return Err(Error::Refused("demand_needs_words"));
    }
    Ok(text.to_owned())
}

/// A date.
fn date(text: Option<&String>) -> Result<(), Error> {
    let right = text.is_none_or(|it| it.parse::<jiff::civil::Date>().is_ok());
    if right { Ok(()) } else { Err(Error::Refused("demand_needs_date")) }
}

/// Whether a list of an assembly is whole.
fn whole(acta: &NewActa) -> Result<(), Error> {
    date(Some(&acta.held_on))?;
    let folio = acta.folio.trim();
    if folio.is_empty() || folio.chars().count() > 40 || !(1..=100_000).contains(&acta.heads) {
        return Err(Error::Refused("acta_form"));
    }
    Ok(())
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const LEADS: Statement = Statement::both(
        "SELECT contact_id FROM community_leaders WHERE contact_id = $1 AND state = 'verified'",
    );
    pub(super) const ANSWER: Statement = Statement::both(
        "INSERT INTO demand_answers (demand_id, verdict, reason, cost, due_on, staff_id, answered_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    );
    pub(super) const OFFICE: Statement = Statement::both(
        "INSERT INTO demand_offices (municipality, office, office_name, answered, in_time, silent) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (municipality, office) DO UPDATE SET \
         office_name = excluded.office_name, answered = demand_offices.answered + excluded.answered, \
         in_time = demand_offices.in_time + excluded.in_time, silent = demand_offices.silent + excluded.silent",
    );
    pub(super) const ADD_ACTA: Statement = Statement::both(
        "INSERT INTO demand_actas (id, demand_id, folio, heads, held_on, place, media_id, version, staff_id, \
         entered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9)",
    );
    pub(super) const KEEP_PICTURE: Statement = Statement::both(
        "UPDATE media SET expires_at = $2 WHERE id = $1 AND state = 'kept' AND kind = 'photo'",
    );
    pub(super) const VOID_ACTA: Statement = Statement::both(
        "UPDATE demand_actas SET voided_at = $3, version = version + 1 \
         WHERE id = $1 AND demand_id = $2 AND voided_at IS NULL",
    );
    /// What a case, or another list, holds stays as that keeps it.
    pub(super) const RELEASE_PICTURE: Statement = Statement::both(
        "UPDATE media SET expires_at = $2 WHERE id = (SELECT a.media_id FROM demand_actas AS a WHERE a.id = $1) \
         AND case_id IS NULL AND NOT EXISTS (SELECT 1 FROM demand_actas AS o WHERE o.media_id = media.id \
         AND o.voided_at IS NULL)",
    );
    pub(super) const CALL_ACTA: Statement = Statement::both(
        "UPDATE demand_actas SET called = $3, confirmed = $4, version = version + 1 \
         WHERE id = $1 AND demand_id = $2 AND voided_at IS NULL AND $3 <= heads",
    );
    pub(super) const DECIDE: Statement = Statement::both(
        "UPDATE demand_messages SET state = $4, reason = $5, decided_by = $6, decided_at = $7, \
         version = version + 1 WHERE id = $1 AND demand_id = $2 AND version = $3 AND state = 'waiting' \
         RETURNING text",
    );
    pub(super) const ENDORSE: Statement = Statement::both(
        "INSERT INTO demand_endorsements (demand_id, organisation, staff_id, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (demand_id, organisation) DO NOTHING",
    );
    pub(super) const UNENDORSE: Statement =
        Statement::both("DELETE FROM demand_endorsements WHERE demand_id = $1 AND organisation = $2");
    macro_rules! link {
        ($demand:literal, $staff:literal, $at:literal) => {
            concat!(
                "INSERT INTO demand_cases (demand_id, case_id, staff_id, linked_at) SELECT ",
                $demand,
                ", c.id, ",
                $staff,
                ", ",
                $at,
                " FROM cases AS c WHERE c.id = $2 AND c.confidentiality = 'open' \
                 ON CONFLICT (demand_id, case_id) DO UPDATE SET staff_id = demand_cases.staff_id"
            )
        };
    }
    pub(super) const LINK: Statement =
        Statement::fork(link!("$1", "$3", "$4"), link!("$1::uuid", "$3::uuid", "$4::bigint"));
    pub(super) const UNLINK: Statement =
        Statement::both("DELETE FROM demand_cases WHERE demand_id = $1 AND case_id = $2");
    pub(in crate::store) const ALL: &[Statement] = &[
        LEADS,
        ANSWER,
        OFFICE,
        ADD_ACTA,
        KEEP_PICTURE,
        VOID_ACTA,
        RELEASE_PICTURE,
        CALL_ACTA,
        DECIDE,
        ENDORSE,
        UNENDORSE,
        LINK,
        UNLINK,
    ];
}

/// A change of staff.
fn by(acting: &Acting) -> Kept {
    Kept { kind: acting.act.code(), staff_id: Some(acting.staff_id), ..Kept::default() }
}

per_engine! {
    with at;
    use {
        use super::super::notices::{NoticeKind, Scope};
        use super::super::row::{Kept, Opener, Row};
        use super::super::{Act, Acting, NewActa, Opening, Promise};
        use super::{Acted, CASES, FOR_EVER, LONGEST, Write, by, date, moved, sql, whole, words};
        use crate::domain::demand::rules::{ARCHIVE, COLLECT, LONGEST_REASON, promises};
        use crate::domain::demand::{DemandState, Verdict};
        use crate::domain::time::DAY;
        use crate::store::{Error, events};
        use uuid::Uuid;
    }

    fn none() -> serde_json::Value {
        serde_json::json!({})
    }

    /// Does an act; gives the events.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`]: the demand has another version; [`Error::Refused`] with a
    /// code: the rules don't allow it.
    pub(crate) async fn act(conn: &mut Conn, acting: &Acting) -> Result<(Acted, Vec<events::New>), Error> {
        let before = at::demand_rows::load(&mut *conn, acting.demand_id).await?;
        if before.version != acting.version {
            return Err(Error::Conflict);
        }
        let (after, events) = apply(conn, &before, acting).await?;
        Ok((Acted { version: after.version, state: after.state() }, events))
    }

    /// Does an act with its entry of the audit trail and its answer.
    pub(crate) async fn work(conn: &mut Conn, acting: &Acting, write: &Write<Acted>) -> Result<Acted, Error> {
        at::events::lock(&mut *conn).await?;
        let (acted, events) = act(&mut *conn, acting).await?;
        at::answers::keep(&mut *conn, write.sealed(&acted)?).await?;
        at::audit::append(&mut *conn, &write.audit).await?;
        at::events::add(conn, &events).await?;
        Ok(acted)
    }

    /// Does an act alone.
    pub(crate) async fn act_alone(conn: &mut Conn, acting: &Acting) -> Result<Acted, Error> {
        let (acted, events) = act(&mut *conn, acting).await?;
        at::events::add(conn, &events).await?;
        Ok(acted)
    }

    /// Opens a demand out of cases.
    pub(crate) async fn open(
        conn: &mut Conn,
        opening: &Opening,
        write: Option<&Write<Acted>>,
    ) -> Result<Acted, Error> {
        let now = opening.at.0;
        at::events::lock(&mut *conn).await?;
        let opener = Opener { staff_id: Some(opening.staff_id), ..Opener::default() };
        let event = at::demand_rows::add(&mut *conn, &opening.new, opener, now).await?;
        let row = at::demand_rows::load(&mut *conn, opening.new.id).await?;
        link(conn, row.id, opening.staff_id, &opening.case_ids, now).await?;
        if !opening.case_ids.is_empty() {
            at::demand_notices::add(conn, row.id, Scope::Cases, NoticeKind::Invited, &none(), now).await?;
        }
        at::demand_notices::add(conn, row.id, Scope::Topic, NoticeKind::New, &none(), now).await?;
        let acted = Acted { version: row.version, state: row.state() };
        if let Some(write) = write {
            at::answers::keep(&mut *conn, write.sealed(&acted)?).await?;
            at::audit::append(&mut *conn, &write.audit).await?;
        }
        at::events::add(conn, &[event]).await?;
        Ok(acted)
    }

    async fn save(conn: &mut Conn, before: &Row, after: Row, mut kept: Kept, now: i64) -> Result<(Row, Vec<events::New>), Error> {
        if before.state != after.state {
            (kept.was, kept.became) = (Some(before.state.clone()), Some(after.state.clone()));
        }
        let (after, event) = at::demand_rows::save(conn, before, after, kept, now).await?;
        Ok((after, vec![event]))
    }

    async fn tell(
        conn: &mut Conn,
        row: &Row,
        scope: Scope,
        kind: NoticeKind,
        detail: serde_json::Value,
    ) -> Result<(), Error> {
        at::demand_notices::add(conn, row.id, scope, kind, &detail, row.updated_at).await
    }

    async fn apply(conn: &mut Conn, before: &Row, acting: &Acting) -> Result<(Row, Vec<events::New>), Error> {
        let (now, mut after, mut kept) = (acting.at.0, before.clone(), by(acting));
        match &acting.act {
            Act::Publish { office } => {
                after.published_at = Some(now);
                after.collect_until = Some(now + COLLECT);
                moved(&mut after, DemandState::Collecting)?;
                after.office = office.clone().or(after.office);
                after.by_leader = leads(&mut *conn, before.contact_id).await?;
                let (after, mut events) = save(&mut *conn, before, after, kept, now).await?;
                tell(conn, &after, Scope::Author, NoticeKind::Published, none()).await?;
                tell(conn, &after, Scope::Topic, NoticeKind::New, none()).await?;
                // The few who confirmed it may be enough.
                let (after, reached) = at::supports::finish(conn, &after, after.clone(), now).await?;
                events.extend(reached);
                Ok((after, events))
            }
            Act::Reject { reason } => {
                let reason = words(reason, LONGEST)?;
                moved(&mut after, DemandState::Rejected)?;
                (after.over_at, after.reason) = (Some(now), Some(reason.clone()));
                kept.detail = Some(reason.clone());
                let (after, events) = save(&mut *conn, before, after, kept, now).await?;
                let detail = serde_json::json!({ "reason": reason });
                tell(conn, &after, Scope::Author, NoticeKind::Rejected, detail).await?;
                Ok((after, events))
            }
            Act::HandOver { office, office_name, answer_due } => {
                hand_over(conn, before, (office, office_name), answer_due.0, kept, now).await
            }
            Act::Answer { verdict, reason, cost, due_on } => {
                let answer = (*verdict, words(reason, LONGEST_REASON)?, *cost, due_on.clone());
                answered(conn, before, acting.staff_id, answer, kept, now).await
            }
            Act::Promise(promise) => {
                moved(&mut after, DemandState::Followed)?;
                let (_, verdict) = answer_of(&mut *conn, before.id).await?;
                if !promises(verdict) {
                    return Err(Error::Refused("commitment_needs_yes"));
                }
                at::commitments::add(&mut *conn, before.id, &before.municipality, promise, now).await?;
                let (after, events) = save(&mut *conn, before, after, kept, now).await?;
                let detail = serde_json::json!({ "state": promise.state.code() });
                tell(conn, &after, Scope::Tree, NoticeKind::Progress, detail).await?;
                Ok((after, events))
            }
            Act::UpdatePromise { version, promise } => {
                update_promise(conn, before, *version, promise, kept, now).await
            }
            Act::Merge { parent_id, merge_id, reason } => {
                let why = (acting.staff_id, reason.as_str());
                at::demand_merges::ask(conn, before, *parent_id, *merge_id, why, now).await
            }
            Act::Unmerge { reason } => {
                kept.detail = Some(reason.clone());
                at::demand_merges::undo(conn, before, kept, now).await
            }
            Act::ClearFlags { flags, reason } => {
                kept.detail = Some(reason.clone());
                kept.was = Some(before.flagged.to_string());
                at::supports::clear(&mut *conn, &mut after, flags.bits()).await?;
                after.tell_since(before);
                kept.became = Some(after.flagged.to_string());
                let (saved, event) = at::demand_rows::save(&mut *conn, before, after, kept, now).await?;
                let (after, reached) = at::supports::finish(conn, &saved, saved.clone(), now).await?;
                Ok((after, std::iter::once(event).chain(reached).collect()))
            }
            Act::AddActa(acta) => {
                if !before.state().signable() {
                    return Err(Error::Refused("demand_transition"));
                }
                add_acta(&mut *conn, before.id, acta, acting.staff_id, now).await?;
                kept.became = Some(acta.heads.to_string());
                at::supports::paper(&mut *conn, &mut after).await?;
                save(conn, before, after, kept, now).await
            }
            Act::VoidActa { acta_id, reason } => {
                kept.detail = Some(reason.clone());
                let void = sqlx::query(sql::VOID_ACTA.on(ENGINE)).bind(acta_id).bind(before.id).bind(now);
                if void.execute(&mut *conn).await?.rows_affected() == 0 {
                    return Err(Error::NotFound);
                }
                let release = sqlx::query(sql::RELEASE_PICTURE.on(ENGINE)).bind(acta_id).bind(now + DAY);
                release.execute(&mut *conn).await?;
                at::supports::paper(&mut *conn, &mut after).await?;
                let saved = save(&mut *conn, before, after, kept, now).await?;
                if let Some(into) = before.merged_into {
                    let held = at::demand_rows::load(&mut *conn, into).await?;
                    let mut recounted = held.clone();
                    at::supports::paper(&mut *conn, &mut recounted).await?;
                    at::demand_rows::save_totals(conn, &held, &recounted, now).await?;
                }
                Ok(saved)
            }
            Act::CallActa { acta_id, called, confirmed } => {
                if confirmed > called {
                    return Err(Error::Refused("acta_form"));
                }
                let query = sqlx::query(sql::CALL_ACTA.on(ENGINE)).bind(acta_id).bind(before.id);
                let query = query.bind(i64::from(*called)).bind(i64::from(*confirmed));
                if query.execute(&mut *conn).await?.rows_affected() == 0 {
                    return Err(Error::Refused("acta_form"));
                }
                kept.became = Some(format!("{confirmed}/{called}"));
                save(conn, before, after, kept, now).await
            }
            Act::DecideMessage { message_id, version, refused } => {
                decide_message(conn, before, acting, (*message_id, *version), refused.as_deref(), kept).await
            }
            Act::Endorse { organisation } => {
                let organisation = words(organisation, LONGEST)?;
                kept.became = Some(organisation.clone());
                let query = sqlx::query(sql::ENDORSE.on(ENGINE)).bind(before.id).bind(organisation);
                query.bind(acting.staff_id).bind(now).execute(&mut *conn).await?;
                save(conn, before, after, kept, now).await
            }
            Act::Unendorse { organisation } => {
                kept.was = Some(organisation.clone());
                let query = sqlx::query(sql::UNENDORSE.on(ENGINE)).bind(before.id).bind(organisation);
                query.execute(&mut *conn).await?;
                save(conn, before, after, kept, now).await
            }
            Act::LinkCases { case_ids, invite } => {
                // Nobody is asked to sign what no moderator read, or what can't be signed any more.
                if *invite && !before.state().signable() {
                    return Err(Error::Refused("demand_transition"));
                }
                link(&mut *conn, before.id, acting.staff_id, case_ids, now).await?;
                kept.became = Some(case_ids.len().to_string());
                let (after, events) = save(&mut *conn, before, after, kept, now).await?;
                if *invite {
                    tell(conn, &after, Scope::Cases, NoticeKind::Invited, none()).await?;
                }
                Ok((after, events))
            }
            Act::UnlinkCase { case_id } => {
                let query = sqlx::query(sql::UNLINK.on(ENGINE)).bind(before.id).bind(case_id);
                query.execute(&mut *conn).await?;
                save(conn, before, after, kept, now).await
            }
        }
    }

    async fn leads(conn: &mut Conn, contact_id: Option<Uuid>) -> Result<bool, Error> {
        let query = sqlx::query_as(sql::LEADS.on(ENGINE)).bind(contact_id);
        let found: Option<(Uuid,)> = query.fetch_optional(conn).await?;
        Ok(found.is_some())
    }

    /// The authority gets a demand: its term begins, and all supporters are told.
    pub(crate) async fn hand_over(
        conn: &mut Conn,
        before: &Row,
        (office, name): (&str, &str),
        answer_due: i64,
        mut kept: Kept,
        now: i64,
    ) -> Result<(Row, Vec<events::New>), Error> {
        if before.state() != DemandState::Reached {
            return Err(Error::Refused("demand_transition"));
        }
        let mut after = before.clone();
        after.set_state(DemandState::WithAuthority);
        after.office = Some(office.to_owned());
        after.office_name = Some(name.to_owned());
        after.handed_at = Some(now);
        after.answer_due = Some(answer_due);
        after.archive_at = Some(now + ARCHIVE);
        after.next_at = after.next();
        kept.detail = Some(name.to_owned());
        let (after, events) = save(&mut *conn, before, after, kept, now).await?;
        tell(conn, &after, Scope::Tree, NoticeKind::HandedOver, none()).await?;
        Ok((after, events))
    }

    async fn answered(
        conn: &mut Conn,
        before: &Row,
        staff_id: Uuid,
        (verdict, reason, cost, due_on): (Verdict, String, Option<u64>, Option<String>),
        mut kept: Kept,
        now: i64,
    ) -> Result<(Row, Vec<events::New>), Error> {
        date(due_on.as_ref())?;
        let mut after = before.clone();
        after.answered_at = Some(now);
        after.archive_at = Some(now + ARCHIVE);
        moved(&mut after, DemandState::Answered)?;
        let cost = cost.map(i64::try_from).transpose().map_err(|_| Error::Refused("demand_needs_words"))?;
        sqlx::query(sql::ANSWER.on(ENGINE))
            .bind(before.id)
            .bind(verdict.code())
            .bind(reason)
            .bind(cost)
            .bind(due_on)
            .bind(staff_id)
            .bind(now)
            .execute(&mut *conn)
            .await?;
        let in_time = before.answer_due.is_none_or(|due| now <= due);
        office(conn, before, (1, i64::from(in_time), 0)).await?;
        at::supports::forget_ranges(&mut *conn, before.id).await?;
        kept.detail = Some(verdict.code().to_owned());
        let (after, events) = save(&mut *conn, before, after, kept, now).await?;
        tell(conn, &after, Scope::Tree, NoticeKind::Answered, none()).await?;
        Ok((after, events))
    }

    /// Counts what an office did, with its name.
    pub(crate) async fn office(
        conn: &mut Conn,
        row: &Row,
        (answered, in_time, silent): (i64, i64, i64),
    ) -> Result<(), Error> {
        let Some(code) = &row.office else { return Ok(()) };
        sqlx::query(sql::OFFICE.on(ENGINE))
            .bind(&row.municipality)
            .bind(code)
            .bind(row.office_name.as_deref().unwrap_or(code))
            .bind(answered)
            .bind(in_time)
            .bind(silent)
            .execute(conn)
            .await?;
        Ok(())
    }

    async fn answer_of(conn: &mut Conn, id: Uuid) -> Result<(Uuid, Verdict), Error> {
        let answer = at::demand_reading::answer(conn, id).await?.ok_or(Error::Refused("demand_transition"))?;
        Ok((id, answer.verdict))
    }

    async fn update_promise(
        conn: &mut Conn,
        before: &Row,
        version: i64,
        promise: &Promise,
        mut kept: Kept,
        now: i64,
    ) -> Result<(Row, Vec<events::New>), Error> {
        if before.state() != DemandState::Followed {
            return Err(Error::Refused("demand_transition"));
        }
        let was = at::commitments::of(&mut *conn, before.id).await?.ok_or(Error::NotFound)?;
        at::commitments::update(&mut *conn, was.id, version, promise, now).await?;
        kept.was = Some(was.promise.state.code().to_owned());
        kept.became = Some(promise.state.code().to_owned());
        let (after, event) = at::demand_rows::save(&mut *conn, before, before.clone(), kept, now).await?;
        if was.promise.state != promise.state {
            let detail = serde_json::json!({ "state": promise.state.code() });
            tell(conn, &after, Scope::Tree, NoticeKind::Progress, detail).await?;
        }
        Ok((after, vec![event]))
    }

    async fn add_acta(
        conn: &mut Conn,
        demand_id: Uuid,
        acta: &NewActa,
        staff_id: Uuid,
        now: i64,
    ) -> Result<(), Error> {
        whole(acta)?;
        if let Some(media_id) = acta.media_id {
            let kept = sqlx::query(sql::KEEP_PICTURE.on(ENGINE)).bind(media_id).bind(FOR_EVER);
            if kept.execute(&mut *conn).await?.rows_affected() == 0 {
                return Err(Error::Refused("acta_picture_gone"));
            }
        }
        sqlx::query(sql::ADD_ACTA.on(ENGINE))
            .bind(acta.id)
            .bind(demand_id)
            .bind(acta.folio.trim())
            .bind(i64::from(acta.heads))
            .bind(&acta.held_on)
            .bind(&acta.place)
            .bind(acta.media_id)
            .bind(staff_id)
            .bind(now)
            .execute(conn)
            .await?;
        Ok(())
    }

    async fn decide_message(
        conn: &mut Conn,
        before: &Row,
        acting: &Acting,
        (id, version): (Uuid, i64),
        refused: Option<&str>,
        mut kept: Kept,
    ) -> Result<(Row, Vec<events::New>), Error> {
        let (now, state) = (acting.at.0, if refused.is_some() { "refused" } else { "sent" });
        let refused = refused.map(|it| words(it, LONGEST)).transpose()?;
        if refused.is_none() && (!before.state().public() || before.state().over()) {
            return Err(Error::Refused("demand_transition"));
        }
        let decided: Option<(String,)> = sqlx::query_as(sql::DECIDE.on(ENGINE))
            .bind(id)
            .bind(before.id)
            .bind(version)
            .bind(state)
            .bind(&refused)
            .bind(acting.staff_id)
            .bind(now)
            .fetch_optional(&mut *conn)
            .await?;
        let (text,) = decided.ok_or(Error::Conflict)?;
        kept.became = Some(state.to_owned());
        kept.detail.clone_from(&refused);
        let (after, events) = save(&mut *conn, before, before.clone(), kept, now).await?;
        match refused {
            Some(reason) => {
                let detail = serde_json::json!({ "reason": reason });
                tell(conn, &after, Scope::Author, NoticeKind::MessageRefused, detail).await?;
            }
            None => {
                let detail = serde_json::json!({ "text": text });
                tell(conn, &after, Scope::Tree, NoticeKind::Message, detail).await?;
            }
        }
        Ok((after, events))
    }

    async fn link(
        conn: &mut Conn,
        demand_id: Uuid,
        staff_id: Uuid,
        cases: &[Uuid],
        now: i64,
    ) -> Result<(), Error> {
        if cases.len() > CASES {
            return Err(Error::Refused("demand_too_many_cases"));
        }
        for case_id in cases {
            let query = sqlx::query(sql::LINK.on(ENGINE)).bind(demand_id).bind(case_id).bind(staff_id);
            if query.bind(now).execute(&mut *conn).await?.rows_affected() == 0 {
                return Err(Error::Refused("case_is_closed"));
            }
        }
        Ok(())
    }
}

impl Store {
    /// Does an act of staff on a demand.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`]: the demand, or what the act is about, has another version, or
    /// the folio of an acta is taken; [`Error::Refused`] with a code: `demand_transition`,
    /// `demand_needs_words`, `demand_needs_date`, `demand_too_many_cases`, `case_is_closed`, `acta_form`,
    /// `acta_picture_gone`, `merge_same`, `merge_state`, `merge_place`, `merge_holds_others`,
    /// `commitment_needs_yes`, `commitment_needs_title`, `commitment_needs_owner`, `commitment_needs_date`,
    /// `commitment_too_much`.
    pub async fn act_on_demand(&self, acting: Acting) -> Result<Acted, Error> {
        in_write_tx!(self, conn => async move { at::demand_acts::act_alone(conn, &acting).await })
    }

    /// [`Store::act_on_demand`] with its entry of the audit trail and its answer, in one transaction.
    ///
    /// # Errors
    /// As there.
    pub async fn work_on_demand(&self, acting: Acting, write: Write<Acted>) -> Result<Acted, Error> {
        in_write_tx!(self, conn => async move { at::demand_acts::work(conn, &acting, &write).await })
    }

    /// Staff opens a demand out of cases: it is public at once, and their people are asked whether they sign.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the code is taken; [`Error::Refused`]: `case_is_closed` for a confidential case.
    pub async fn open_demand(&self, opening: Opening, write: Option<Write<Acted>>) -> Result<Acted, Error> {
        in_write_tx!(self, conn => async move {
            at::demand_acts::open(conn, &opening, write.as_ref()).await
        })
    }
}
