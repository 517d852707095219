//! Counting whom a broadcast is for, and writing them down: in pages by key, each in a transaction of its own with
//! the mark up to where it got, so that it goes on after a crash and nobody is written down twice.

use std::collections::HashMap;

use uuid::Uuid;

use super::Broadcast;
use crate::domain::time::UnixMillis;
use crate::store::cases::people::locale;
use crate::store::outbox::ids_json;
use crate::store::{Error, Store};

/// Somebody whom a query found.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Candidate {
    /// Up to where the query is gone through with her.
    pub mark: Uuid,
    /// The contact that asked for news, or signed.
    pub source_id: Uuid,
    /// The person, or the contact where no other belongs to her.
    pub holder_id: Uuid,
    /// The municipality whose news it is.
    pub municipality: String,
}

/// A contact of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The contact.
    pub contact_id: Uuid,
    /// The person, or the contact where no other belongs to her.
    pub holder_id: Uuid,
    /// Its channel.
    pub channel_id: String,
    /// When it wrote last.
    pub wrote_at: UnixMillis,
    /// Whether it stopped what it does not ask for.
    pub stopped: bool,
    /// The language in which it writes; `None`: that of the country.
    pub locale: Option<String>,
}

/// Somebody who is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    /// The person, or the contact where no other belongs to her.
    pub holder_id: Uuid,
    /// Where it goes.
    pub contact_id: Uuid,
    /// On which channel.
    pub channel_id: String,
    /// The contact that asked for news, or signed.
    pub source_id: Uuid,
    /// The municipality of it.
    pub municipality: String,
}

/// A [`Way`] as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct WayRow {
    id: Uuid,
    holder_id: Uuid,
    channel_id: String,
    last_message_at: i64,
    stopped: bool,
    state: Option<String>,
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    macro_rules! count {
        ($each:literal, $key:literal) => {
            concat!(
                "SELECT COUNT(DISTINCT COALESCE(k.person_id, k.id)) FROM ",
                $each,
                " JOIN subscriptions AS s ON s.municipality = ",
                $key,
                " JOIN contacts AS k ON k.id = s.contact_id WHERE ($2 = '' OR (s.kind = 'topic' AND s.topic = $2)) \
                 AND k.stopped_at IS NULL AND k.gone_at IS NULL"
            )
        };
    }
    /// `$1` is an array of municipalities.
    pub(super) const COUNT_ASKERS: Statement = Statement::fork(
        count!("json_each($1) AS j", "j.value"),
        count!("jsonb_array_elements_text($1::jsonb) AS j(key)", "j.key"),
    );
    pub(super) const COUNT_SUPPORTERS: Statement = Statement::both(
        "SELECT COUNT(DISTINCT COALESCE(k.person_id, k.id)) FROM demand_supports AS s \
         JOIN contacts AS k ON k.id = s.contact_id WHERE s.root_id = $1 AND s.counted IS NOT NULL \
         AND NOT s.muted AND k.stopped_at IS NULL AND k.gone_at IS NULL",
    );
    pub(super) const ASKERS: Statement = Statement::both(
        "SELECT DISTINCT s.contact_id AS mark, s.contact_id AS source_id, \
         COALESCE(k.person_id, k.id) AS holder_id, s.municipality FROM subscriptions AS s \
         JOIN contacts AS k ON k.id = s.contact_id WHERE s.municipality = $1 \
         AND ($2 = '' OR (s.kind = 'topic' AND s.topic = $2)) AND s.contact_id > $3 \
         ORDER BY s.contact_id LIMIT $4",
    );
    pub(super) const SUPPORTERS: Statement = Statement::both(
        "SELECT s.contact_id AS mark, s.contact_id AS source_id, COALESCE(k.person_id, k.id) AS holder_id, \
         d.municipality FROM demand_supports AS s JOIN demands AS d ON d.id = s.root_id \
         JOIN contacts AS k ON k.id = s.contact_id WHERE s.root_id = $1 \
         AND s.counted IS NOT NULL AND NOT s.muted AND s.contact_id > $2 ORDER BY s.contact_id LIMIT $3",
    );
    pub(super) const GOT: Statement = Statement::both(
        "SELECT r.holder_id AS mark, r.source_id, COALESCE(k.person_id, k.id) AS holder_id, r.municipality \
         FROM broadcast_recipients AS r JOIN contacts AS k ON k.id = r.contact_id WHERE r.broadcast_id = $1 \
         AND r.state = 'sent' AND r.holder_id > $2 ORDER BY r.holder_id LIMIT $3",
    );
    macro_rules! ways {
        ($ids:literal) => {
            concat!(
                "SELECT k.id, COALESCE(k.person_id, k.id) AS holder_id, k.channel_id, k.last_message_at, \
                 (k.stopped_at IS NOT NULL) AS stopped, v.state FROM contacts AS k \
                 LEFT JOIN conversations AS v ON v.contact_id = k.id \
                 WHERE k.id IN (",
                $ids,
                ") AND k.person_id IS NULL AND k.gone_at IS NULL UNION ALL \
                 SELECT k.id, k.person_id AS holder_id, k.channel_id, k.last_message_at, \
                 (k.stopped_at IS NOT NULL) AS stopped, v.state FROM contacts AS k \
                 LEFT JOIN conversations AS v ON v.contact_id = k.id \
                 WHERE k.person_id IN (",
                $ids,
                ") AND k.person_id IS NOT NULL AND k.gone_at IS NULL"
            )
        };
    }
    /// `$1` is an array of holders in hexadecimal.
    pub(super) const WAYS: Statement = Statement::fork(
        ways!("SELECT unhex(value) FROM json_each($1)"),
        ways!("SELECT it::uuid FROM jsonb_array_elements_text($1::jsonb) AS e(it)"),
    );
    /// `$2` is an array of `[holder, contact, channel, source, municipality]`, ids in hexadecimal.
    pub(super) const FREEZE: Statement = Statement::fork(
        "INSERT INTO broadcast_recipients (broadcast_id, holder_id, contact_id, channel_id, source_id, \
         municipality, state) SELECT $1, unhex(j.value ->> 0), unhex(j.value ->> 1), j.value ->> 2, \
         unhex(j.value ->> 3), j.value ->> 4, 'waiting' FROM json_each($2) AS j WHERE TRUE \
         ON CONFLICT (broadcast_id, holder_id) DO NOTHING",
        "INSERT INTO broadcast_recipients (broadcast_id, holder_id, contact_id, channel_id, source_id, \
         municipality, state) SELECT $1::uuid, (j ->> 0)::uuid, (j ->> 1)::uuid, j ->> 2, (j ->> 3)::uuid, j ->> 4, \
         'waiting' FROM jsonb_array_elements($2::jsonb) AS e(j) \
         ON CONFLICT (broadcast_id, holder_id) DO NOTHING",
    );
    pub(in crate::store) const ALL: &[Statement] =
        &[COUNT_ASKERS, COUNT_SUPPORTERS, ASKERS, SUPPORTERS, GOT, WAYS, FREEZE];
}

per_engine! {
    with at;
    use {
        use super::{Candidate, Frozen, WayRow, sql};
        use crate::domain::broadcast::{State, TYPED};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// How many asked for news of these municipalities.
    pub(crate) async fn count_askers(conn: &mut Conn, places: String, topic: String) -> Result<i64, Error> {
        let query = sqlx::query_as(sql::COUNT_ASKERS.on(ENGINE)).bind(places).bind(topic);
        let (count,) = query.fetch_one(conn).await?;
        Ok(count)
    }

    /// How many support a demand and want news of it.
    pub(crate) async fn count_supporters(conn: &mut Conn, demand_id: Uuid) -> Result<i64, Error> {
        let query = sqlx::query_as(sql::COUNT_SUPPORTERS.on(ENGINE)).bind(demand_id);
        let (count,) = query.fetch_one(conn).await?;
        Ok(count)
    }

    /// Some who asked for news of a municipality, behind a contact.
    pub(crate) async fn askers(
        conn: &mut Conn,
        municipality: String,
        topic: String,
        after: Uuid,
        limit: i64,
    ) -> Result<Vec<Candidate>, Error> {
        let query = sqlx::query_as(sql::ASKERS.on(ENGINE)).bind(municipality).bind(topic);
        Ok(query.bind(after).bind(limit).fetch_all(conn).await?)
    }

    /// Some who support a demand, behind a contact.
    pub(crate) async fn supporters(
        conn: &mut Conn,
        demand_id: Uuid,
        after: Uuid,
        limit: i64,
    ) -> Result<Vec<Candidate>, Error> {
        let query = sqlx::query_as(sql::SUPPORTERS.on(ENGINE)).bind(demand_id).bind(after).bind(limit);
        Ok(query.fetch_all(conn).await?)
    }

    /// Some who got a broadcast, behind a person.
    pub(crate) async fn got(
        conn: &mut Conn,
        broadcast_id: Uuid,
        after: Uuid,
        limit: i64,
    ) -> Result<Vec<Candidate>, Error> {
        let query = sqlx::query_as(sql::GOT.on(ENGINE)).bind(broadcast_id).bind(after).bind(limit);
        Ok(query.fetch_all(conn).await?)
    }

    /// The contacts of these people.
    pub(crate) async fn ways(conn: &mut Conn, holders: String) -> Result<Vec<WayRow>, Error> {
        Ok(sqlx::query_as(sql::WAYS.on(ENGINE)).bind(holders).fetch_all(conn).await?)
    }

    /// Writes people down and moves the mark from where it was; `last`: these are all.
    pub(crate) async fn freeze(
        conn: &mut Conn,
        id: Uuid,
        from: (String, Option<Uuid>),
        to: (String, Option<Uuid>),
        page: Vec<Frozen>,
        last: bool,
        now: i64,
    ) -> Result<(), Error> {
        if last {
            at::events::lock(&mut *conn).await?;
        }
        let mut row = at::broadcasts::load(&mut *conn, id).await?;
        // Somebody held it, or another process was first.
        if row.state != State::Preparing.code() || (&row.cursor_area, row.cursor_contact) != (&from.0, from.1) {
            return Err(Error::Conflict);
        }
        let hex = |it: &Uuid| it.simple().to_string();
        let rows: serde_json::Value = page
            .iter()
            .map(|it| {
                serde_json::json!([
                    hex(&it.holder_id), hex(&it.contact_id), it.channel_id, hex(&it.source_id), it.municipality
                ])
            })
            .collect();
        let query = sqlx::query(sql::FREEZE.on(ENGINE)).bind(id).bind(rows.to_string());
        let added = query.execute(&mut *conn).await?.rows_affected();
        row.people += i64::try_from(added).unwrap_or(0);
        (row.cursor_area, row.cursor_contact) = to;
        row.updated_at = now;
        let mut events = Vec::new();
        if last {
            row.version += 1;
            let it = row.broadcast()?;
            let needed = it.draft.approvals_needed(it.progress.people);
            State::Approved.code().clone_into(&mut row.state);
            events.push(at::broadcast_acts::event("broadcast_prepared", id, now));
            let people = it.progress.people;
            // Of all who support a demand, or got what is corrected, those who can be reached get it, however few:
            // it is the whole that was counted, and who left a channel takes nothing from the others.
            if !it.draft.may_reach(people) {
                at::broadcast_acts::stop(&mut row, "few".to_owned(), now);
                events.push(at::broadcast_acts::event("broadcast_stopped", id, now));
            } else if needed > it.approvals_needed || (people > TYPED && it.people_seen <= TYPED) {
                // More came since it was approved than that was for.
                row.approvals_needed = i64::try_from(needed).unwrap_or(i64::MAX);
                at::broadcast_acts::hold(&mut row, Some("many".to_owned()));
                events.push(at::broadcast_acts::event("broadcast_held", id, now));
            }
        }
        at::broadcasts::save(&mut *conn, &row).await?;
        at::events::add(conn, &events).await
    }
}

impl Store {
    /// How many people asked for news of one of these municipalities (of a topic, where one is named) and stopped
    /// nothing.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn count_askers(&self, municipalities: &[String], topic: Option<&str>) -> Result<u64, Error> {
        let places = serde_json::Value::from(municipalities.to_vec()).to_string();
        let topic = topic.unwrap_or_default().to_owned();
        let count = on_pool!(self, conn => at::broadcast_freezing::count_askers(conn, places, topic))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// How many people support a demand, want news of it and stopped nothing.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn count_reachable_supporters(&self, demand_id: Uuid) -> Result<u64, Error> {
        let count = on_pool!(self, conn => at::broadcast_freezing::count_supporters(conn, demand_id))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// At most `limit` people who asked for news of a municipality, by contact, behind `after`. Nobody but the
    /// clock of broadcasts asks.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn list_askers(
        &self,
        municipality: &str,
        topic: Option<&str>,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Candidate>, Error> {
        let (place, topic) = (municipality.to_owned(), topic.unwrap_or_default().to_owned());
        let after = after.unwrap_or_default();
        on_pool!(self, conn => at::broadcast_freezing::askers(conn, place, topic, after, i64::from(limit)))
    }

    /// At most `limit` people who support a demand, by contact, behind `after`. Nobody but the clock of broadcasts
    /// asks.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn list_reachable_supporters(
        &self,
        demand_id: Uuid,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Candidate>, Error> {
        let after = after.unwrap_or_default();
        on_pool!(self, conn => at::broadcast_freezing::supporters(conn, demand_id, after, i64::from(limit)))
    }

    /// At most `limit` people who got a broadcast, by person, behind `after`. Nobody but the clock of broadcasts
    /// asks.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn list_who_got(
        &self,
        broadcast_id: Uuid,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Candidate>, Error> {
        let after = after.unwrap_or_default();
        on_pool!(self, conn => at::broadcast_freezing::got(conn, broadcast_id, after, i64::from(limit)))
    }

    /// The contacts of people by which they can be reached, stopped ones included, by person.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn list_ways(&self, holders: &[Uuid]) -> Result<HashMap<Uuid, Vec<Way>>, Error> {
        let document = ids_json(holders.iter().copied());
        let rows = on_pool!(self, conn => at::broadcast_freezing::ways(conn, document))?;
        let keys = self.keys();
        let mut ways: HashMap<Uuid, Vec<Way>> = HashMap::new();
        for it in rows {
            ways.entry(it.holder_id).or_default().push(Way {
                contact_id: it.id,
                holder_id: it.holder_id,
                wrote_at: UnixMillis(it.last_message_at),
                stopped: it.stopped,
                locale: locale(&keys, it.id, it.state.as_deref()),
                channel_id: it.channel_id,
            });
        }
        Ok(ways)
    }

    /// Writes people of a broadcast down and moves its mark from where it was when it was read; `last`: these are
    /// all, and it waits for its time. Who is there already is left out.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it was held or stopped meanwhile, or another process wrote this page.
    pub async fn freeze_broadcast(
        &self,
        it: &Broadcast,
        to: (String, Option<Uuid>),
        page: Vec<Frozen>,
        last: bool,
        now: UnixMillis,
    ) -> Result<(), Error> {
        let (id, from) = (it.id, (it.cursor_area.clone(), it.cursor_contact));
        in_write_tx!(self, conn => at::broadcast_freezing::freeze(conn, id, from, to, page, last, now.0))
    }
}
