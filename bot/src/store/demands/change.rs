//! What a citizen's message changes of demands. No change and no event says who signed.

use super::row::Kept;
use crate::domain::time::{DAY, UnixMillis};
use crate::store::{Error, Store};

/// A change of a citizen, before what it was.
fn by(kind: &'static str) -> Kept {
    Kept { kind, citizen: true, ..Kept::default() }
}

/// How long a code of somebody serves, in ms.
const CODE_LASTS: i64 = DAY;

/// The key under which wrong codes of a contact are counted.
pub(super) fn tries_key(contact_id: uuid::Uuid) -> Vec<u8> {
    [contact_id.as_bytes().as_slice(), b"demand"].concat()
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const WRITE: Statement = Statement::both(
        "INSERT INTO demand_messages (id, demand_id, municipality, text, state, version, written_at) \
         VALUES ($1, $2, $3, $4, 'waiting', 1, $5)",
    );
    pub(super) const WRITTEN: Statement = Statement::both(
        "SELECT state, written_at FROM demand_messages WHERE demand_id = $1 AND state <> 'refused' \
         ORDER BY id DESC LIMIT 1",
    );
    pub(super) const PICTURED: Statement = Statement::both(
        "INSERT INTO demand_pictures (inbox_id, demand_id, at) VALUES ($1, $2, $3) ON CONFLICT (inbox_id) DO NOTHING",
    );
    /// A photo that is there already; one that is noted later looks itself whether it is one.
    pub(super) const KEEP_PICTURE: Statement = Statement::both(
        "UPDATE media SET expires_at = $2 WHERE inbox_id = $1 AND expires_at < $2 AND case_id IS NULL",
    );
    pub(super) const LEAD: Statement = Statement::both(
        "INSERT INTO community_leaders (id, contact_id, municipality, state, words, version, asked_at) \
         VALUES ($1, $2, $3, 'asked', $4, 1, $5) ON CONFLICT (contact_id) DO UPDATE SET state = 'asked', \
         municipality = excluded.municipality, words = excluded.words, reason = NULL, decided_by = NULL, \
         decided_at = NULL, asked_at = excluded.asked_at, version = community_leaders.version + 1 \
         WHERE community_leaders.state <> 'verified'",
    );
    pub(super) const SUBSCRIBE: Statement = Statement::both(
        "INSERT INTO subscriptions (contact_id, kind, topic, municipality, consent, noticed, next_at, at) \
         VALUES ($1, $2, $3, $4, $5, (SELECT COALESCE(MAX(number), 0) FROM demand_notices), $6, $7) \
         ON CONFLICT (contact_id, kind, topic) DO UPDATE SET municipality = excluded.municipality, \
         consent = excluded.consent, next_at = excluded.next_at, at = excluded.at",
    );
    pub(super) const UNSUBSCRIBE: Statement = Statement::both(
        "DELETE FROM subscriptions WHERE kind = $2 AND topic = $3 AND (contact_id = $1 OR contact_id IN \
         (SELECT o.id FROM contacts AS k JOIN contacts AS o ON o.person_id = k.person_id WHERE k.id = $1 \
         AND k.person_id IS NOT NULL))",
    );
    pub(super) const TRIED: Statement = Statement::both(
        "INSERT INTO case_tries (key, began_at, tries) VALUES ($1, $2, 1) \
         ON CONFLICT (key) DO UPDATE SET \
         tries = CASE WHEN case_tries.began_at <= $3 THEN 1 ELSE case_tries.tries + 1 END, \
         began_at = CASE WHEN case_tries.began_at <= $3 THEN $2 ELSE case_tries.began_at END",
    );
    pub(super) const CODE: Statement = Statement::both(
        "DELETE FROM relay_codes WHERE code_key = $1 AND relay_id = $2 AND expires_at > $3 RETURNING contact_id",
    );
    pub(super) const ADD_CODE: Statement = Statement::both(
        "INSERT INTO relay_codes (id, code_key, relay_id, contact_id, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    );
    pub(super) const FORGET_CODES: Statement =
        Statement::both("DELETE FROM relay_codes WHERE expires_at <= $1");
    /// The case that a message opened: who wrote it, and for whom.
    pub(super) const RELAY_CASE: Statement = Statement::fork(
        "INSERT INTO case_relays (case_id, relay_id, contact_id, at) SELECT c.id, $2, $3, $4 FROM cases AS c \
         WHERE c.inbox_id = $1",
        "INSERT INTO case_relays (case_id, relay_id, contact_id, at) \
         SELECT c.id, $2::uuid, $3::uuid, $4::bigint FROM cases AS c WHERE c.inbox_id = $1",
    );
    /// She is told of it, too; `$2` is who wrote it.
    pub(super) const TELL_CASE: Statement = Statement::fork(
        "INSERT INTO case_people (case_id, contact_id, role, channel_kind, joined_at) SELECT c.id, $3, 'joiner', \
         'sms', $4 FROM cases AS c WHERE c.inbox_id = $1 AND $2 <> $3 ON CONFLICT (case_id, contact_id) DO NOTHING",
        "INSERT INTO case_people (case_id, contact_id, role, channel_kind, joined_at) SELECT c.id, $3::uuid, \
         'joiner', 'sms', $4::bigint FROM cases AS c WHERE c.inbox_id = $1 AND $2::uuid <> $3::uuid \
         ON CONFLICT (case_id, contact_id) DO NOTHING",
    );
    pub(super) const RELAY_JOINED: Statement = Statement::both(
        "INSERT INTO case_relays (case_id, relay_id, contact_id, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (case_id) DO NOTHING",
    );
    pub(super) const JOIN_FOR: Statement = Statement::both(
        "UPDATE case_people SET contact_id = $3 WHERE case_id = $1 AND contact_id = $2 AND inbox_id = $4 \
         AND NOT EXISTS (SELECT 1 FROM case_people AS p WHERE p.case_id = $1 AND p.contact_id = $3)",
    );
    pub(super) const UNJOIN: Statement = Statement::both(
        "DELETE FROM case_people WHERE case_id = $1 AND contact_id = $2 AND inbox_id = $3 AND role = 'joiner'",
    );
    pub(super) const ONE_LESS: Statement =
        Statement::both("UPDATE cases SET joined = joined - 1 WHERE id = $1 AND joined > 1");
    /// Whether a code is right, for who has it.
    pub(super) const RIGHT: Statement = Statement::both(
        "SELECT id FROM relay_codes WHERE code_key = $1 AND relay_id = $2 AND expires_at > $3",
    );
    /// Codes that somebody asked for within a day.
    pub(super) const ASKED: Statement =
        Statement::both("SELECT COUNT(*) FROM relay_codes WHERE relay_id = $1 AND created_at > $2");
    pub(in crate::store) const ALL: &[Statement] = &[
        WRITE,
        WRITTEN,
        PICTURED,
        KEEP_PICTURE,
        LEAD,
        SUBSCRIBE,
        UNSUBSCRIBE,
        TRIED,
        CODE,
        ADD_CODE,
        FORGET_CODES,
        RELAY_CASE,
        TELL_CASE,
        RELAY_JOINED,
        JOIN_FOR,
        UNJOIN,
        ONE_LESS,
        RIGHT,
        ASKED,
    ];
}

per_engine! {
    with at;
    use {
        use super::super::Change;
        use super::super::notices::{NoticeKind, Scope, WEEK_CAMPAIGN, topic_campaign};
        use super::super::row::{Kept, Opener, Row};
        use super::super::RelayAsk;
        use super::super::support::Signing;
        use super::{CODE_LASTS, by, sql, tries_key};
        use crate::domain::case::rules::TRIES_WITHIN;
        use crate::domain::demand::rules::{CONFIRMATIONS, Mover, may_follow, may_write};
        use crate::domain::demand::{DemandState, SubscriptionKind};
        use crate::domain::time::{DAY, UnixMillis};
        use crate::domain::purpose::Purpose;
        use crate::ids;
        use crate::store::outbox::NewOutbound;
        use crate::store::media::PICTURE_FOR;
        use crate::store::outbox::add::document;
        use crate::store::{Error, Store, contacts, events};
        use uuid::Uuid;
    }

    /// Writes what a message of a citizen changes; gives its events, which name nobody.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the code is taken, or the demand is not any more as the dialogue saw it.
    pub(crate) async fn apply(
        conn: &mut Conn,
        store: &Store,
        inbox_id: Uuid,
        contact_id: Uuid,
        change: &Change,
        now: i64,
    ) -> Result<Vec<events::New>, Error> {
        at::events::lock(&mut *conn).await?;
        match change {
            Change::Opened(new, for_code) => {
                let (contact_id, relay_id) = written_for(conn, contact_id, for_code.as_deref(), now).await?;
                let opener = Opener {
                    contact_id: Some(contact_id),
                    inbox_id: Some(inbox_id),
                    relay_id,
                    ..Opener::default()
                };
                let event = at::demand_rows::add(&mut *conn, new, opener, now).await?;
                let before = at::demand_rows::load(&mut *conn, new.id).await?;
                let mut after = before.clone();
                let signing = Signing { contact_id, home: Some(&new.municipality), relay_id };
                at::supports::sign(&mut *conn, store, new.id, &mut after, signing, now).await?;
                at::supports::finish(conn, &before, after, now).await?;
                Ok(vec![event])
            }
            Change::Confirmed { demand_id, home } => {
                confirmed(conn, store, (*demand_id, contact_id), home.as_deref(), now).await
            }
            Change::Signed { demand_id, home, for_code } => {
                let (who, relay_id) = written_for(conn, contact_id, for_code.as_deref(), now).await?;
                let before = root(conn, *demand_id, DemandState::signable).await?;
                let mut after = before.clone();
                let signing = Signing { contact_id: who, home: home.as_deref(), relay_id };
                at::supports::sign(&mut *conn, store, *demand_id, &mut after, signing, now).await?;
                Ok(at::supports::finish(conn, &before, after, now).await?.1.into_iter().collect())
            }
            Change::Retired { demand_id } => {
                let open = |it: DemandState| {
                    it.signable() || matches!(it, DemandState::Confirming | DemandState::Moderation)
                };
                let before = root(conn, *demand_id, open).await?;
                let mut after = before.clone();
                let holder = at::supports::holder(&mut *conn, contact_id).await?;
                at::supports::retire(&mut *conn, &mut after, holder, now).await?;
                at::supports::cancel_news(&mut *conn, before.id, contact_id, now).await?;
                at::supports::finish(conn, &before, after, now).await?;
                Ok(Vec::new())
            }
            Change::Withdrawn { demand_id } => {
                let before = authored(conn, *demand_id, contact_id).await?;
                if !may_follow(before.state(), DemandState::Withdrawn, Mover::Author) {
                    return Err(Error::Conflict);
                }
                // What others wrote is not hers to end.
                let (before, mut events) = at::demand_merges::release(&mut *conn, before, now).await?;
                let mut after = before.clone();
                after.set_state(DemandState::Withdrawn);
                (after.over_at, after.next_at) = (Some(now), None);
                let kept = moved(by("demand_withdrawn"), &before, &after);
                let (after, event) = at::demand_rows::save(&mut *conn, &before, after, kept, now).await?;
                if after.published_at.is_some() {
                    let (scope, kind) = (Scope::Tree, NoticeKind::Withdrawn);
                    at::demand_notices::add(conn, after.id, scope, kind, &serde_json::json!({}), now).await?;
                }
                events.push(event);
                Ok(events)
            }
            Change::Written { demand_id, text } => written(conn, (*demand_id, contact_id), text, now).await,
            Change::MergeAnswered { merge_id, yes } => {
                let merge = at::demand_merges::get(&mut *conn, *merge_id).await?.ok_or(Error::NotFound)?;
                let before = authored(conn, merge.child_id, contact_id).await?;
                if *yes {
                    let agreed = at::demand_merges::agree(conn, &merge, by("demand_merged"), now).await;
                    // One of the two moved on meanwhile: the dialogue sees that when it looks again.
                    return agreed.map_err(|it| if matches!(it, Error::Refused(_)) { Error::Conflict } else { it });
                }
                at::demand_merges::end(&mut *conn, *merge_id, "refused", now).await?;
                let kept = by("demand_merge_refused");
                let (_, event) = at::demand_rows::save(conn, &before, before.clone(), kept, now).await?;
                Ok(vec![event])
            }
            Change::MergeDropped { merge_id } => {
                let merge = at::demand_merges::get(&mut *conn, *merge_id).await?.ok_or(Error::NotFound)?;
                authored(conn, merge.child_id, contact_id).await?;
                match at::demand_merges::end(conn, *merge_id, "lapsed", now).await {
                    Ok(()) | Err(Error::Conflict) => Ok(Vec::new()),
                    Err(problem) => Err(problem),
                }
            }
            Change::Voted { demand_id, vote } => {
                let row = root(conn, *demand_id, |it| it == DemandState::Followed).await?;
                let promise = at::commitments::of(&mut *conn, row.id).await?.ok_or(Error::Conflict)?;
                let holder = at::supports::holder(&mut *conn, contact_id).await?;
                // Supporters judge; of others nothing is kept, and nothing is said.
                if !at::supports::of_holder(&mut *conn, row.id, holder).await?.is_empty() {
                    at::commitments::vote(conn, promise.id, holder, contact_id, vote.code(), now).await?;
                }
                Ok(Vec::new())
            }
            Change::Muted { demand_id } => {
                let row = root(conn, *demand_id, |_| true).await?;
                let holder = at::supports::holder(&mut *conn, contact_id).await?;
                at::supports::mute(&mut *conn, row.id, holder, true).await?;
                at::supports::cancel_news(conn, row.id, contact_id, now).await?;
                Ok(Vec::new())
            }
            Change::Pictured { demand_id } => {
                let before = root(conn, *demand_id, DemandState::signable).await?;
                let query = sqlx::query(sql::PICTURED.on(ENGINE)).bind(inbox_id).bind(before.id).bind(now);
                query.execute(&mut *conn).await?;
                let query = sqlx::query(sql::KEEP_PICTURE.on(ENGINE)).bind(inbox_id).bind(now + PICTURE_FOR);
                query.execute(&mut *conn).await?;
                let kept = by("demand_acta_sent");
                let (_, event) = at::demand_rows::save(conn, &before, before.clone(), kept, now).await?;
                Ok(vec![event])
            }
            Change::Leading { municipality, words } => {
                let words = store.keys().seal_part(super::super::leading::WORDS, contact_id, words)?;
                sqlx::query(sql::LEAD.on(ENGINE))
                    .bind(ids::new_id(UnixMillis(now)))
                    .bind(contact_id)
                    .bind(municipality)
                    .bind(words)
                    .bind(now)
                    .execute(conn)
                    .await?;
                let municipality = Some(municipality.clone());
                Ok(vec![events::New { kind: "leader_asked", municipality, at: now, ..events::New::default() }])
            }
            Change::Subscribed { kind, topic, municipality, consent } => {
                let next = (*kind == SubscriptionKind::Week).then_some(now + 7 * DAY);
                sqlx::query(sql::SUBSCRIBE.on(ENGINE))
                    .bind(contact_id)
                    .bind(kind.code())
                    .bind(topic)
                    .bind(municipality)
                    .bind(i64::from(*consent))
                    .bind(next)
                    .bind(now)
                    .execute(conn)
                    .await?;
                Ok(Vec::new())
            }
            Change::Unsubscribed { kind, topic } => {
                let query = sqlx::query(sql::UNSUBSCRIBE.on(ENGINE)).bind(contact_id).bind(kind.code());
                query.bind(topic).execute(&mut *conn).await?;
                let campaign = match kind {
                    SubscriptionKind::Topic => topic_campaign(topic),
                    SubscriptionKind::Week => WEEK_CAMPAIGN.to_owned(),
                };
                at::supports::cancel(conn, contact_id, &campaign, now).await?;
                Ok(Vec::new())
            }
            Change::RelayAsked(it) => {
                relay_asked(conn, store, contact_id, it, now).await?;
                Ok(vec![events::New { kind: "relay_asked", at: now, ..events::New::default() }])
            }
            Change::RelayedReport { key, joined } => {
                let (represented, _) = written_for(conn, contact_id, Some(key), now).await?;
                if let Some(case_id) = joined {
                    join_for(&mut *conn, *case_id, (inbox_id, contact_id), represented, now).await?;
                    let event = events::New { kind: "case_relayed", at: now, ..events::New::default() };
                    return Ok(vec![event]);
                }
                for statement in [sql::RELAY_CASE, sql::TELL_CASE] {
                    let query = sqlx::query(statement.on(ENGINE)).bind(inbox_id).bind(contact_id);
                    query.bind(represented).bind(now).execute(&mut *conn).await?;
                }
                Ok(vec![events::New { kind: "case_relayed", at: now, ..events::New::default() }])
            }
            Change::Tried => {
                sqlx::query(sql::TRIED.on(ENGINE))
                    .bind(tries_key(contact_id))
                    .bind(now)
                    .bind(now - TRIES_WITHIN)
                    .execute(conn)
                    .await?;
                Ok(Vec::new())
            }
        }
    }

    /// Whose act it is, and who writes for her: a code is used up.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the code is over.
    async fn written_for(
        conn: &mut Conn,
        contact_id: Uuid,
        key: Option<&[u8]>,
        now: i64,
    ) -> Result<(Uuid, Option<Uuid>), Error> {
        let Some(key) = key else { return Ok((contact_id, None)) };
        let query = sqlx::query_as(sql::CODE.on(ENGINE)).bind(key).bind(contact_id).bind(now);
        let found: Option<(Uuid,)> = query.fetch_optional(&mut *conn).await?;
        let (represented,) = found.ok_or(Error::Conflict)?;
        // The code came back from that number.
        at::demand_people::checked(conn, represented, "code", None, now).await?;
        Ok((represented, Some(contact_id)))
    }

    /// What a leader joined by a message of hers another person joined: it is that one who is told and counted.
    async fn join_for(
        conn: &mut Conn,
        case_id: Uuid,
        (inbox_id, relay_id): (Uuid, Uuid),
        represented: Uuid,
        now: i64,
    ) -> Result<(), Error> {
        if relay_id == represented {
            return Ok(());
        }
        let query = sqlx::query(sql::RELAY_JOINED.on(ENGINE)).bind(case_id).bind(relay_id).bind(represented);
        query.bind(now).execute(&mut *conn).await?;
        let query = sqlx::query(sql::JOIN_FOR.on(ENGINE)).bind(case_id).bind(relay_id).bind(represented);
        if query.bind(inbox_id).execute(&mut *conn).await?.rows_affected() > 0 {
            return Ok(());
        }
        // She is one of them already.
        let query = sqlx::query(sql::UNJOIN.on(ENGINE)).bind(case_id).bind(relay_id).bind(inbox_id);
        if query.execute(&mut *conn).await?.rows_affected() > 0 {
            sqlx::query(sql::ONE_LESS.on(ENGINE)).bind(case_id).execute(conn).await?;
        }
        Ok(())
    }

    /// A code goes to a number. Who stopped what she does not ask for gets none.
    async fn relay_asked(
        conn: &mut Conn,
        store: &Store,
        contact_id: Uuid,
        it: &RelayAsk,
        now: i64,
    ) -> Result<(), Error> {
        let [id, fresh, message_id] = it.ids;
        let sealed = store.keys().seal(fresh, &it.channel_id, &it.address)?;
        let new = contacts::New { id: fresh, channel_id: it.channel_id.clone(), sealed, at: now };
        let represented = at::contacts::add(&mut *conn, &new).await?;
        sqlx::query(sql::FORGET_CODES.on(ENGINE)).bind(now).execute(&mut *conn).await?;
        sqlx::query(sql::ADD_CODE.on(ENGINE))
            .bind(id)
            .bind(&it.key)
            .bind(contact_id)
            .bind(represented)
            .bind(now)
            .bind(now + CODE_LASTS)
            .execute(&mut *conn)
            .await?;
        let message = NewOutbound {
            id: message_id,
            contact_id: represented,
            purpose: Purpose::Reminder,
            campaign: None,
            rendered: it.rendered.clone(),
            not_before: UnixMillis(now),
            at: UnixMillis(now),
        };
        let document = document(store, std::slice::from_ref(&message))?;
        at::outbox::add_many(conn, document).await?;
        Ok(())
    }

    /// The demand in whose total the supports of one are: itself, or the one it goes on in.
    async fn root(
        conn: &mut Conn,
        demand_id: Uuid,
        open: impl Fn(DemandState) -> bool,
    ) -> Result<Row, Error> {
        let row = at::demand_rows::load(&mut *conn, demand_id).await?;
        let row = match row.merged_into {
            Some(parent) => at::demand_rows::load(conn, parent).await?,
            None => row,
        };
        if open(row.state()) { Ok(row) } else { Err(Error::Conflict) }
    }

    /// A demand of the one who writes.
    async fn authored(conn: &mut Conn, demand_id: Uuid, contact_id: Uuid) -> Result<Row, Error> {
        let row = at::demand_rows::load(&mut *conn, demand_id).await?;
        let author = row.contact_id.ok_or(Error::Conflict)?;
        let author = at::supports::holder(&mut *conn, author).await?;
        if author == at::supports::holder(conn, contact_id).await? { Ok(row) } else { Err(Error::Conflict) }
    }

    /// Whether a code is right, and how many somebody asked for since.
    pub(crate) async fn relay(
        conn: &mut Conn,
        contact_id: Uuid,
        key: Option<Vec<u8>>,
        now: i64,
    ) -> Result<(bool, i64), Error> {
        let mut right = false;
        if let Some(key) = key {
            let query = sqlx::query_as(sql::RIGHT.on(ENGINE)).bind(key).bind(contact_id).bind(now);
            let found: Option<(Uuid,)> = query.fetch_optional(&mut *conn).await?;
            right = found.is_some();
        }
        let asked = sqlx::query_as(sql::ASKED.on(ENGINE)).bind(contact_id).bind(now - DAY);
        let (asked,) = asked.fetch_one(conn).await?;
        Ok((right, asked))
    }

    fn moved(kept: Kept, before: &Row, after: &Row) -> Kept {
        Kept { was: Some(before.state.clone()), became: Some(after.state.clone()), ..kept }
    }

    async fn confirmed(
        conn: &mut Conn,
        store: &Store,
        (demand_id, contact_id): (Uuid, Uuid),
        home: Option<&str>,
        now: i64,
    ) -> Result<Vec<events::New>, Error> {
        let before = at::demand_rows::load(&mut *conn, demand_id).await?;
        if before.state() != DemandState::Confirming {
            return Err(Error::Conflict);
        }
        let mut after = before.clone();
        let signing = Signing { contact_id, home, relay_id: None };
        at::supports::sign(&mut *conn, store, demand_id, &mut after, signing, now).await?;
        let (before, _) = at::supports::finish(&mut *conn, &before, after, now).await?;
        // Its author is one of them.
        if before.support().people() < 1 + CONFIRMATIONS {
            return Ok(Vec::new());
        }
        let mut after = before.clone();
        after.set_state(DemandState::Moderation);
        after.next_at = None;
        let kept = moved(by("demand_confirmed"), &before, &after);
        let (after, event) = at::demand_rows::save(&mut *conn, &before, after, kept, now).await?;
        let (scope, kind) = (Scope::Author, NoticeKind::Confirmed);
        at::demand_notices::add(conn, after.id, scope, kind, &serde_json::json!({}), now).await?;
        Ok(vec![event])
    }

    /// Whether a message of the author waits, and when the last one was written.
    pub(crate) async fn last_written(conn: &mut Conn, id: Uuid) -> Result<(bool, Option<i64>), Error> {
        let last: Option<(String, i64)> =
            sqlx::query_as(sql::WRITTEN.on(ENGINE)).bind(id).fetch_optional(conn).await?;
        Ok(last.map_or((false, None), |(state, at)| (state == "waiting", Some(at))))
    }

    async fn written(
        conn: &mut Conn,
        (demand_id, contact_id): (Uuid, Uuid),
        text: &str,
        now: i64,
    ) -> Result<Vec<events::New>, Error> {
        let before = authored(conn, demand_id, contact_id).await?;
        let state = before.state();
        if !state.public() || state.over() {
            return Err(Error::Conflict);
        }
        let (waiting, last) = last_written(&mut *conn, demand_id).await?;
        may_write(last.map(UnixMillis), waiting, UnixMillis(now)).map_err(|_| Error::Conflict)?;
        sqlx::query(sql::WRITE.on(ENGINE))
            .bind(ids::new_id(UnixMillis(now)))
            .bind(demand_id)
            .bind(&before.municipality)
            .bind(text)
            .bind(now)
            .execute(&mut *conn)
            .await?;
        let kept = by("demand_message_written");
        let (_, event) = at::demand_rows::save(conn, &before, before.clone(), kept, now).await?;
        Ok(vec![event])
    }
}

impl Store {
    /// The keyed hash of a code by which somebody lets another one write for her.
    pub fn relay_key(&self, code: &str) -> Result<Vec<u8>, Error> {
        self.keys().code_hash(&format!("relay {code}"))
    }

    /// Whether a code that a contact wrote lets her write for somebody, and how many she asked for in a day.
    pub async fn check_relay(
        &self,
        contact_id: uuid::Uuid,
        code: Option<&str>,
        now: UnixMillis,
    ) -> Result<(bool, i64), Error> {
        let key = code.map(|it| self.relay_key(it)).transpose()?;
        on_pool!(self, conn => at::demand_changes::relay(conn, contact_id, key, now.0))
    }
}
