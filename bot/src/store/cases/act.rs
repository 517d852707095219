//! What staff does to a case: each act names the version that it saw, and leaves a change, an event and
//! exact counts in one transaction with whatever the caller adds to it.

use super::row::{Kept, Row};
use super::{Acting, Closing};
use crate::domain::case::CaseState;
use crate::domain::case::rules::{self, needs};
use crate::store::{Error, Store};

/// What an act led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acted {
    /// The case's version after it.
    pub version: i64,
    /// Its state after it.
    pub state: CaseState,
    /// How many messages to citizens were kept.
    pub told: u64,
}

/// Whether a state may follow and has what it needs.
fn check(row: &Row, to: CaseState, with: &Closing) -> Result<(), Error> {
    if !rules::may_follow(row.state(), to) {
        return Err(Error::Refused("case_transition"));
    }
    let missing = |it: Option<&str>| it.is_none_or(|it| it.trim().is_empty());
    let needs = needs(to);
    if needs.reason && missing(with.reason.as_deref()) {
        return Err(Error::Refused("case_needs_reason"));
    }
    let named =
        with.referral.as_ref().is_some_and(|it| !missing(Some(&it.name)) && !missing(Some(&it.phone)));
    if needs.referral && !named {
        return Err(Error::Refused("case_needs_referral"));
    }
    if needs.original && with.original.is_none() {
        return Err(Error::Refused("case_needs_original"));
    }
    let dated = with.date.as_deref().is_some_and(|it| it.parse::<jiff::civil::Date>().is_ok());
    if needs.date && !dated {
        return Err(Error::Refused("case_needs_date"));
    }
    if to == CaseState::Assigned && row.assignee_id.is_none() {
        return Err(Error::Refused("case_needs_officer"));
    }
    Ok(())
}

/// A change of an officer.
fn by(acting: &Acting) -> Kept {
    Kept { kind: acting.act.code(), staff_id: Some(acting.staff_id), ..Kept::default() }
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const LABEL: Statement = Statement::both(
        "INSERT INTO case_labels (case_id, label) VALUES ($1, $2) ON CONFLICT (label, case_id) DO NOTHING",
    );
    pub(super) const UNLABEL: Statement =
        Statement::both("DELETE FROM case_labels WHERE case_id = $1 AND label = $2");
    macro_rules! bring {
        ($into:literal, $none:literal, $at:literal) => {
            concat!(
                "INSERT INTO case_people (case_id, contact_id, role, channel_kind, inbox_id, joined_at) SELECT ",
                $into, ", contact_id, 'joiner', channel_kind, ", $none, ", ", $at,
                " FROM case_people WHERE case_id = $1 ON CONFLICT (case_id, contact_id) DO NOTHING"
            )
        };
    }
    pub(super) const BRING: Statement =
        Statement::fork(bring!("$2", "NULL", "$3"), bring!("$2::uuid", "NULL::uuid", "$3::bigint"));
    /// Who came with this duplicate alone: not by a message of her own, nor with another duplicate.
    pub(super) const TAKE: Statement = Statement::both(
        "DELETE FROM case_people WHERE case_id = $2 AND role = 'joiner' AND inbox_id IS NULL \
         AND contact_id IN (SELECT contact_id FROM case_people WHERE case_id = $1) \
         AND contact_id NOT IN (SELECT p.contact_id FROM cases AS c JOIN case_people AS p ON p.case_id = c.id \
         WHERE c.merged_into = $2 AND c.id <> $1)",
    );
    /// People (not contacts) of one case who have no part in the other; who wrote it for somebody is none.
    pub(super) const ONLY: Statement = Statement::both(
        "SELECT COUNT(DISTINCT COALESCE(k.person_id, k.id)) FROM case_people AS p \
         JOIN contacts AS k ON k.id = p.contact_id WHERE p.case_id = $1 AND NOT EXISTS (SELECT 1 \
         FROM case_relays AS r WHERE r.case_id = p.case_id AND r.relay_id = p.contact_id) AND COALESCE(k.person_id, k.id) NOT IN \
         (SELECT COALESCE(o.person_id, o.id) FROM case_people AS q JOIN contacts AS o ON o.id = q.contact_id \
         WHERE q.case_id = $2)",
    );
    pub(super) const TOLD: Statement =
        Statement::both("SELECT contact_id FROM case_people WHERE case_id = $1 AND contact_id = $2");
    pub(super) const SEEN: Statement =
        Statement::both("UPDATE cases SET seen_at = $2 WHERE id = $1 AND seen_at IS NULL");
    pub(in crate::store) const ALL: &[Statement] = &[LABEL, UNLABEL, BRING, TAKE, ONLY, TOLD, SEEN];
}

per_engine! {
    with at;
    use {
        use super::super::change::priority_of;
        use super::super::row::{Kept, Row};
        use super::super::thread::{NewMessage, stored};
        use super::super::{Act, Acting, Closing, Snooze};
        use super::{Acted, by, check, sql};
        use crate::domain::case::rules;
        use crate::domain::case::{CaseState, Confidentiality};
        use crate::store::outbox::NewOutbound;
        use crate::store::{Error, Store, events};
        use uuid::Uuid;

        /// Another case that an act changes, too.
        type Other = Option<events::New>;
    }

    /// Does an act, inside the caller's transaction. On `PostgreSQL` the trail of the audit is locked
    /// before the feed of events, and that before the rest: a caller appends its entry first.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`]: the case has another version, or what is taken back is on
    /// its way; [`Error::Refused`] with a code: the rules don't allow it.
    pub(crate) async fn act(conn: &mut Conn, store: Store, acting: Acting) -> Result<Acted, Error> {
        let before = at::case_rows::load(conn, acting.case_id).await?;
        if before.version != acting.version {
            return Err(Error::Conflict);
        }
        let now = acting.at.0;
        let mut after = before.clone();
        after.seen_at = after.seen_at.or(Some(now));
        let mut kept = by(&acting);
        let mut other = None;
        let mut outbound = acting.news.clone();
        match &acting.act {
            Act::Assign { to } => assign(&mut after, &mut kept, *to)?,
            Act::SetState { to, with } => {
                other = set_state(conn, &store, &mut after, &mut kept, *to, with, &acting).await?;
            }
            Act::Reply { message_id, outbound: message, wait, .. } => {
                outbound.insert(0, (**message).clone());
                let told: Option<(Uuid,)> = sqlx::query_as(sql::TOLD.on(ENGINE))
                    .bind(after.id)
                    .bind(message.contact_id)
                    .fetch_optional(&mut *conn)
                    .await?;
                if told.is_none() {
                    return Err(Error::Refused("case_has_no_such_contact"));
                }
                after.write_key(&store.keys())?;
                after.first_answer_at = after.first_answer_at.or(Some(now));
                if *wait && after.state().open() {
                    after.waiting_since = after.waiting_since.or(Some(now));
                }
                kept.became = Some(message_id.to_string());
            }
            Act::TakeBack { message_id } => {
                at::case_thread::take_back(conn, after.id, *message_id, now).await?;
                if before.first_answer_at.is_some() {
                    after.first_answer_at = at::case_thread::staffed(conn, after.id).await?;
                }
                kept.became = Some(message_id.to_string());
            }
            Act::Note { message_id, text } => {
                let key = after.write_key(&store.keys())?;
                let body = stored(key.as_ref(), *message_id, text)?;
                let note = NewMessage {
                    id: *message_id,
                    case_id: after.id,
                    author: "note",
                    contact_id: None,
                    staff_id: Some(acting.staff_id),
                    inbox_id: None,
                    outbox_id: None,
                    body: &body,
                };
                at::case_thread::add(conn, note, now).await?;
                kept.became = Some(message_id.to_string());
            }
            Act::Label { add, remove } => {
                for (labels, statement) in [(remove, sql::UNLABEL), (add, sql::LABEL)] {
                    for label in labels {
                        let query = sqlx::query(statement.on(ENGINE)).bind(after.id).bind(label);
                        query.execute(&mut *conn).await?;
                    }
                }
                (kept.was, kept.became) = (Some(remove.join(",")), Some(add.join(",")));
            }
            Act::Prioritise(priority) => {
                (kept.was, kept.became) = (Some(before.priority.to_string()), Some(priority.code().to_owned()));
                after.priority = *priority as i64;
            }
            Act::Snooze(snooze) => self::snooze(conn, &mut after, &mut kept, *snooze, now).await?,
            Act::Route { category, office } => {
                kept.was = Some(format!("{}/{}", before.category, before.office));
                kept.became = Some(format!("{category}/{office}"));
                after.category.clone_from(category);
                after.office.clone_from(office);
            }
            Act::Close(to) => close(conn, &store, &mut after, &mut kept, *to).await?,
            Act::Merge { into } => {
                let with = Closing { original: Some(*into), ..Closing::default() };
                let to = CaseState::Duplicate;
                other = set_state(conn, &store, &mut after, &mut kept, to, &with, &acting).await?;
            }
            Act::Part => other = Some(part(conn, &mut after, &mut kept, &acting).await?),
            Act::Link { to } => {
                if to.is_some_and(|it| it == after.id) {
                    return Err(Error::Refused("case_is_itself"));
                }
                kept.was = before.linked_to.map(|it| it.to_string());
                kept.became = to.map(|it| it.to_string());
                after.linked_to = *to;
            }
            Act::Reveal { reason } => {
                let key = after.write_key(&store.keys())?;
                kept.detail = Some(stored(key.as_ref(), after.id, reason)?);
            }
        }
        if acting.update_due.is_some() && after.state().open() {
            after.update_due = acting.update_due.map(|it| it.0);
        }
        let told = tell(conn, &store, &acting, &after, &outbound).await?;
        if matches!(acting.act, Act::Reply { .. } | Act::Note { .. } | Act::TakeBack { .. }) {
            at::case_search::index(conn, &after).await?;
        }
        let (after, event) = at::case_rows::save(conn, &before, after, kept, now).await?;
        let mut happened = vec![event];
        happened.extend(other);
        at::events::add(conn, &happened).await?;
        Ok(Acted { version: after.version, state: after.state(), told })
    }

    /// Keeps the messages of an act; the first of a reply stands in the thread.
    async fn tell(
        conn: &mut Conn,
        store: &Store,
        acting: &Acting,
        row: &Row,
        outbound: &[NewOutbound],
    ) -> Result<u64, Error> {
        if outbound.is_empty() {
            return Ok(0);
        }
        let document = store.outbound_document(outbound)?;
        let told = at::outbox::add_many(conn, document).await?;
        let ids: Vec<Uuid> = outbound.iter().map(|it| it.id).collect();
        at::case_thread::link(conn, &ids, row.id).await?;
        if let Act::Reply { message_id, text, outbound: message, .. } = &acting.act {
            if told == 0 {
                return Err(Error::Refused("contact_is_gone"));
            }
            let key = row.text_key(&store.keys())?;
            let body = stored(key.as_ref(), *message_id, text)?;
            let reply = NewMessage {
                id: *message_id,
                case_id: row.id,
                author: "staff",
                contact_id: Some(message.contact_id),
                staff_id: Some(acting.staff_id),
                inbox_id: None,
                outbox_id: Some(message.id),
                body: &body,
            };
            at::case_thread::add(conn, reply, acting.at.0).await?;
        }
        Ok(told)
    }

    fn assign(after: &mut Row, kept: &mut Kept, to: Option<Uuid>) -> Result<(), Error> {
        if !after.state().open() {
            return Err(Error::Refused("case_is_closed"));
        }
        if to.is_some() && to == after.excluded_id {
            return Err(Error::Refused("case_needs_another_officer"));
        }
        kept.was = after.assignee_id.map(|it| it.to_string());
        kept.became = to.map(|it| it.to_string());
        after.assignee_id = to;
        let state = match (to, after.state()) {
            (Some(_), CaseState::Received | CaseState::InReview) => CaseState::Assigned,
            (None, CaseState::Assigned) => CaseState::InReview,
            (_, state) => state,
        };
        state.code().clone_into(&mut after.state);
        Ok(())
    }

    async fn set_state(
        conn: &mut Conn,
        store: &Store,
        after: &mut Row,
        kept: &mut Kept,
        to: CaseState,
        with: &Closing,
        acting: &Acting,
    ) -> Result<Other, Error> {
        check(after, to, with)?;
        let now = acting.at.0;
        kept.was = Some(after.state.clone());
        kept.became = Some(to.code().to_owned());
        let key = after.write_key(&store.keys())?;
        if let Some(reason) = &with.reason {
            kept.detail = Some(stored(key.as_ref(), after.id, reason)?);
        }
        if let Some(cost) = with.cost {
            after.cost = Some(cost);
        }
        let was_open = after.state().open();
        if !was_open {
            if after.merged_into.is_some() {
                return Err(Error::Refused("case_is_merged"));
            }
            at::citizens::reopen(conn, after, now).await?;
            return Ok(None);
        }
        to.code().clone_into(&mut after.state);
        after.scheduled_for = if to == CaseState::Scheduled { with.date.clone() } else { None };
        if to.open() {
            return Ok(None);
        }
        after.closed_at = Some(now);
        after.closings += 1;
        after.disputed = false;
        after.first_answer_at = after.first_answer_at.or(Some(now));
        after.referral = with.referral.as_ref().map(|it| serde_json::to_string(it).unwrap_or_default());
        for kind in ["resume", "restart"] {
            at::case_rows::drop_timer(conn, after.id, kind).await?;
        }
        at::case_thread::expire_files(conn, after).await?;
        if rules::asks(to) {
            at::followups::plan(conn, after.id, after.closings, now).await?;
        }
        match with.original.filter(|_| to == CaseState::Duplicate) {
            Some(original) => merge(conn, after, original, acting).await.map(Some),
            None => Ok(None),
        }
    }

    /// The people of a duplicate join its original; gives the original's event.
    async fn merge(
        conn: &mut Conn,
        after: &mut Row,
        into: Uuid,
        acting: &Acting,
    ) -> Result<events::New, Error> {
        if into == after.id {
            return Err(Error::Refused("case_is_itself"));
        }
        let before = at::case_rows::load(conn, into).await?;
        // Who waits for an answer is sent to no case that gives none any more.
        if before.merged_into.is_some() || before.municipality != after.municipality || !before.state().open() {
            return Err(Error::Refused("case_is_no_original"));
        }
        // Whose case is closed to others is told of none that is not, and the other way round.
        if before.confidentiality() != after.confidentiality() {
            return Err(Error::Refused("case_is_closed_otherwise"));
        }
        after.merged_into = Some(into);
        let brought = only(conn, after.id, into).await? + nameless(conn, after).await?;
        sqlx::query(sql::BRING.on(ENGINE))
            .bind(after.id)
            .bind(into)
            .bind(acting.at.0)
            .execute(&mut *conn)
            .await?;
        let joined = before.joined + brought;
        let priority = before.priority.max(priority_of(joined));
        let original = Row { priority, joined, ..before.clone() };
        let kept = Kept {
            kind: "case_absorbed",
            staff_id: Some(acting.staff_id),
            became: Some(after.id.to_string()),
            ..Kept::default()
        };
        Ok(at::case_rows::save(conn, &before, original, kept, acting.at.0).await?.1)
    }

    /// Takes a merge back.
    async fn part(
        conn: &mut Conn,
        after: &mut Row,
        kept: &mut Kept,
        acting: &Acting,
    ) -> Result<events::New, Error> {
        let into = after.merged_into.ok_or(Error::Refused("case_is_not_merged"))?;
        let before = at::case_rows::load(conn, into).await?;
        if before.merged_into.is_some() {
            // Its people went on with it: that merge is taken back first.
            return Err(Error::Refused("case_original_is_merged"));
        }
        sqlx::query(sql::TAKE.on(ENGINE)).bind(after.id).bind(into).execute(&mut *conn).await?;
        let gone = only(conn, after.id, into).await? + nameless(conn, after).await?;
        let original = Row { joined: (before.joined - gone).max(1), ..before.clone() };
        let change = Kept {
            kind: "case_released",
            staff_id: Some(acting.staff_id),
            became: Some(after.id.to_string()),
            ..Kept::default()
        };
        let event = at::case_rows::save(conn, &before, original, change, acting.at.0).await?.1;
        kept.was = Some(into.to_string());
        at::citizens::reopen(conn, after, acting.at.0).await?;
        Ok(event)
    }

    /// How many people of one case have no part in the other.
    async fn only(conn: &mut Conn, of: Uuid, without: Uuid) -> Result<i64, Error> {
        let (count,) =
            sqlx::query_as(sql::ONLY.on(ENGINE)).bind(of).bind(without).fetch_one(conn).await?;
        Ok(count)
    }

    /// The person who came by and has no contact: 1 where it is her case.
    async fn nameless(conn: &mut Conn, row: &Row) -> Result<i64, Error> {
        if row.contact_id.is_some() {
            return Ok(0);
        }
        Ok((row.joined - only(conn, row.id, Uuid::nil()).await?).clamp(0, 1))
    }

    async fn snooze(
        conn: &mut Conn,
        after: &mut Row,
        kept: &mut Kept,
        snooze: Snooze,
        now: i64,
    ) -> Result<(), Error> {
        if !after.state().open() {
            return Err(Error::Refused("case_is_closed"));
        }
        if let Snooze::Until(at) = snooze
            && at.0 <= now
        {
            return Err(Error::Refused("case_snooze_is_over"));
        }
        match snooze {
            Snooze::Until(at) => {
                at::citizens::wake(conn, after, now).await?;
                after.snoozed_until = Some(at.0);
                kept.became = Some(at.0.to_string());
            }
            Snooze::UntilReply => {
                after.snoozed_until = None;
                after.waiting_since = after.waiting_since.or(Some(now));
                kept.became = Some("reply".to_owned());
            }
            Snooze::Not => at::citizens::wake(conn, after, now).await?,
        }
        Ok(())
    }

    /// Seals or opens the texts of a case.
    async fn close(
        conn: &mut Conn,
        store: &Store,
        after: &mut Row,
        kept: &mut Kept,
        to: Confidentiality,
    ) -> Result<(), Error> {
        let from = after.confidentiality();
        (kept.was, kept.became) = (Some(from.code().to_owned()), Some(to.code().to_owned()));
        to.code().clone_into(&mut after.confidentiality);
        if from.sealed() == to.sealed() {
            return Ok(());
        }
        let keys = store.keys();
        let key = match after.key(&keys)? {
            Some(key) => key,
            None => {
                let (key, wrapped) = keys.make_case_key(after.id)?;
                after.key_sealed = Some(wrapped);
                key
            }
        };
        let (old, new) = if to.sealed() { (None, Some(&key)) } else { (Some(&key), None) };
        at::case_thread::reseal(conn, after, old, new).await?;
        if to.sealed() {
            // They lie with the answers, which are sealed.
            (after.latitude, after.longitude) = (None, None);
        } else if after.reporter.is_none() {
            after.key_sealed = None;
        }
        at::case_search::index(conn, after).await
    }

    /// Notes that staff has opened a case.
    pub(crate) async fn seen(conn: &mut Conn, case_id: Uuid, now: i64) -> Result<(), Error> {
        sqlx::query(sql::SEEN.on(ENGINE)).bind(case_id).bind(now).execute(conn).await?;
        Ok(())
    }
}

impl Store {
    /// Does an act of an officer on a case.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`]: the case has another version, or what is taken back is on
    /// its way; [`Error::Refused`] with a code: the rules don't allow it.
    pub async fn act_on_case(&self, acting: Acting) -> Result<Acted, Error> {
        let store = self.clone();
        in_write_tx!(self, conn => at::case_acts::act(conn, store, acting))
    }

    /// Notes that staff has opened a case: its citizen can't take it back any more.
    pub async fn see_case(
        &self,
        case_id: uuid::Uuid,
        now: crate::domain::time::UnixMillis,
    ) -> Result<(), Error> {
        in_write_tx!(self, conn => at::case_acts::seen(conn, case_id, now.0))
    }
}
