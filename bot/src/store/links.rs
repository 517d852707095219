//! People: contacts that a one-time code and a yes have joined.
//!
//! Only a keyed hash of a code is kept. A code that was used belongs to who used it, so that the yes
//! that follows can't fail: its row stays until the answer, or a day.

use uuid::Uuid;

use super::outbox::NewReply;
use super::{Error, Store};
use crate::domain::channel::ChannelKind;
use crate::domain::time::{DAY, UnixMillis};
use crate::engine::link::{Checked, LASTS, TRIES};

/// A code that is given to a contact.
#[derive(Clone, PartialEq, Eq)]
pub struct Given {
    /// Id of its row.
    pub id: Uuid,
    /// Its keyed hash.
    pub key: Vec<u8>,
    /// Kind of the contact's channel.
    pub channel: ChannelKind,
    /// Locale that the contact reads.
    pub locale: Option<String>,
}

/// A change of a contact's joining. `Debug` shows no hash.
#[derive(Clone)]
pub enum Change {
    /// A code was given; it takes the place of the contact's unused one.
    Given(Given),
    /// A right code came from a number that is only claimed: another goes back to it.
    SentBack {
        /// Hash of the code that was used.
        used: Vec<u8>,
        /// The one that goes back; only who asked for the first may use it.
        given: Given,
    },
    /// A code was wrong.
    Wrong,
    /// The code with this hash was used.
    Used(Vec<u8>),
    /// The contact is joined with who asked for the code it used.
    Confirmed {
        /// Id of the person, where neither belongs to one.
        person: Uuid,
        /// What the other one is told.
        told: NewReply,
    },
    /// The contact does not want to be joined.
    Declined,
    /// The contact leaves its person.
    Parted,
}

impl std::fmt::Debug for Change {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Given(_) => "Given(..)",
            Self::SentBack { .. } => "SentBack(..)",
            Self::Wrong => "Wrong",
            Self::Used(_) => "Used(..)",
            Self::Confirmed { .. } => "Confirmed(..)",
            Self::Declined => "Declined",
            Self::Parted => "Parted",
        })
    }
}

impl PartialEq for Change {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Given(one), Self::Given(two)) => one == two,
            (Self::SentBack { used, given }, Self::SentBack { used: u, given: g }) => (used, given) == (u, g),
            (Self::Used(one), Self::Used(two)) => one == two,
            (Self::Confirmed { person, told }, Self::Confirmed { person: p, told: t }) => {
                (person, told.id, &told.rendered) == (p, t.id, &t.rendered)
            }
            (Self::Wrong, Self::Wrong) | (Self::Declined, Self::Declined) | (Self::Parted, Self::Parted) => {
                true
            }
            _ => false,
        }
    }
}

impl Eq for Change {}

/// A code that can be used, and the wrong ones of who wrote it.
#[derive(Default)]
pub(crate) struct Found {
    code: Option<(Uuid, String, Option<String>, Option<Uuid>)>,
    tries: Option<(i64, i64)>,
}

/// The statements of this file.
pub(super) mod sql {
    use crate::store::Statement;

    pub(super) const FIND: Statement = Statement::both(
        "SELECT contact_id, channel_kind, locale, only_id FROM link_codes \
         WHERE code_key = $1 AND expires_at > $2 AND redeemer_id IS NULL",
    );
    pub(super) const TRIES: Statement =
        Statement::both("SELECT began_at, tries FROM link_tries WHERE contact_id = $1");
    /// An older series of wrong codes begins anew.
    pub(super) const WRONG: Statement = Statement::both(
        "INSERT INTO link_tries (contact_id, began_at, tries) VALUES ($1, $2, 1) \
         ON CONFLICT (contact_id) DO UPDATE SET \
         tries = CASE WHEN link_tries.began_at <= $3 THEN 1 ELSE link_tries.tries + 1 END, \
         began_at = CASE WHEN link_tries.began_at <= $3 THEN $2 ELSE link_tries.began_at END",
    );
    pub(super) const PURGE: Statement = Statement::both("DELETE FROM link_codes WHERE expires_at <= $1");
    pub(super) const REPLACE: Statement =
        Statement::both("DELETE FROM link_codes WHERE contact_id = $1 AND redeemer_id IS NULL");
    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO link_codes (id, code_key, contact_id, channel_kind, locale, only_id, created_at, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    );
    pub(super) const SPEND: Statement = Statement::both(
        "DELETE FROM link_codes WHERE code_key = $1 AND expires_at > $2 AND redeemer_id IS NULL \
         AND contact_id <> $3 RETURNING contact_id",
    );
    pub(super) const USE: Statement = Statement::both(
        "UPDATE link_codes SET redeemer_id = $3, expires_at = $4 WHERE code_key = $1 AND expires_at > $2 \
         AND redeemer_id IS NULL AND contact_id <> $3 AND (only_id IS NULL OR only_id = $3)",
    );
    pub(super) const ASKER: Statement =
        Statement::both("SELECT contact_id FROM link_codes WHERE redeemer_id = $1 ORDER BY id DESC LIMIT 1");
    pub(super) const CLOSE: Statement = Statement::both("DELETE FROM link_codes WHERE redeemer_id = $1");
    pub(super) const PERSON: Statement = Statement::both("SELECT person_id FROM contacts WHERE id = $1");
    pub(super) const ADD_PERSON: Statement =
        Statement::both("INSERT INTO people (id, created_at) VALUES ($1, $2)");
    pub(super) const JOIN: Statement = Statement::both("UPDATE contacts SET person_id = $2 WHERE id = $1");
    pub(super) const PART: Statement = Statement::both("UPDATE contacts SET person_id = NULL WHERE id = $1");
    pub(super) const LINKED: Statement = Statement::both(
        "SELECT o.id FROM contacts AS c JOIN contacts AS o ON o.person_id = c.person_id \
         WHERE c.id = $1 AND o.person_id IS NOT NULL AND o.id <> c.id LIMIT 1",
    );
    /// The contact of a person that wrote last and has not left.
    pub(super) const REACH: Statement = Statement::both(
        "SELECT id FROM contacts WHERE person_id = $1 AND person_id IS NOT NULL AND gone_at IS NULL \
         ORDER BY last_message_at DESC, id DESC LIMIT 1",
    );
    /// It is caused by a message of another contact, hence no reply to one of its own.
    pub(in crate::store) const ALL: &[Statement] = &[
        FIND, TRIES, WRONG, PURGE, REPLACE, ADD, SPEND, USE, ASKER, CLOSE, PERSON, ADD_PERSON, JOIN, PART,
        LINKED, REACH,
    ];
}

per_engine! {
    with at;
    use {
        use super::{Change, DAY, Found, Given, LASTS, NewReply, sql};
        use crate::store::{Error, Store, events};
        use uuid::Uuid;
    }

    /// A code that can be used, and the wrong ones of a contact.
    pub(crate) async fn find(
        conn: &mut Conn,
        key: Vec<u8>,
        contact_id: Option<Uuid>,
        now: i64,
    ) -> Result<Found, Error> {
        let code =
            sqlx::query_as(sql::FIND.on(ENGINE)).bind(key).bind(now).fetch_optional(&mut *conn).await?;
        let tries = match contact_id {
            Some(id) => sqlx::query_as(sql::TRIES.on(ENGINE)).bind(id).fetch_optional(conn).await?,
            None => None,
        };
        Ok(Found { code, tries })
    }

    async fn give(
        conn: &mut Conn,
        contact_id: Uuid,
        given: &Given,
        only: Option<Uuid>,
        now: i64,
    ) -> Result<(), Error> {
        sqlx::query(sql::PURGE.on(ENGINE)).bind(now - DAY).execute(&mut *conn).await?;
        sqlx::query(sql::REPLACE.on(ENGINE)).bind(contact_id).execute(&mut *conn).await?;
        // The same digits of somebody else are a conflict, and others are drawn.
        sqlx::query(sql::ADD.on(ENGINE))
            .bind(given.id)
            .bind(&given.key)
            .bind(contact_id)
            .bind(given.channel.code())
            .bind(&given.locale)
            .bind(only)
            .bind(now)
            .bind(now + LASTS)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Writes a change of a contact; gives the kind of its event, and those of demands that moved on with it.
    ///
    /// # Errors
    /// [`Error::Conflict`]: the code was used by somebody else, or is over.
    pub(crate) async fn apply(
        conn: &mut Conn,
        store: &Store,
        contact_id: Uuid,
        change: &Change,
        now: i64,
    ) -> Result<(&'static str, Vec<events::New>), Error> {
        let kind = match change {
            Change::Given(given) => {
                give(conn, contact_id, given, None, now).await?;
                "link_code_given"
            }
            Change::SentBack { used, given } => {
                let asker: Option<(Uuid,)> = sqlx::query_as(sql::SPEND.on(ENGINE))
                    .bind(used)
                    .bind(now)
                    .bind(contact_id)
                    .fetch_optional(&mut *conn)
                    .await?;
                let (asker,) = asker.ok_or(Error::Conflict)?;
                give(conn, contact_id, given, Some(asker), now).await?;
                "link_code_sent_back"
            }
            Change::Wrong => {
                sqlx::query(sql::WRONG.on(ENGINE))
                    .bind(contact_id)
                    .bind(now)
                    .bind(now - LASTS)
                    .execute(conn)
                    .await?;
                "link_code_wrong"
            }
            Change::Used(key) => {
                let used = sqlx::query(sql::USE.on(ENGINE))
                    .bind(key)
                    .bind(now)
                    .bind(contact_id)
                    .bind(now + LASTS)
                    .execute(conn)
                    .await?;
                if used.rows_affected() == 0 {
                    return Err(Error::Conflict);
                }
                "link_code_used"
            }
            Change::Confirmed { person, told } => {
                return confirm(conn, store, contact_id, (*person, told), now).await;
            }
            Change::Declined => {
                sqlx::query(sql::CLOSE.on(ENGINE)).bind(contact_id).execute(conn).await?;
                "link_declined"
            }
            Change::Parted => {
                let person = person_of(&mut *conn, contact_id).await?;
                sqlx::query(sql::PART.on(ENGINE)).bind(contact_id).execute(&mut *conn).await?;
                if let Some(person) = person {
                    at::demand_people::parted(&mut *conn, contact_id, person, now).await?;
                    at::highlight_people::parted(conn, contact_id).await?;
                }
                "contact_parted"
            }
        };
        Ok((kind, Vec::new()))
    }

    async fn person_of(conn: &mut Conn, contact_id: Uuid) -> Result<Option<Uuid>, Error> {
        let row: Option<(Option<Uuid>,)> =
            sqlx::query_as(sql::PERSON.on(ENGINE)).bind(contact_id).fetch_optional(conn).await?;
        Ok(row.and_then(|it| it.0))
    }

    /// Joins a contact with who asked for the code that it used. Two persons are never melted into
    /// one: a contact that belongs to another leaves it.
    async fn confirm(
        conn: &mut Conn,
        store: &Store,
        contact_id: Uuid,
        (fresh, told): (Uuid, &NewReply),
        now: i64,
    ) -> Result<(&'static str, Vec<events::New>), Error> {
        let asker: Option<(Uuid,)> =
            sqlx::query_as(sql::ASKER.on(ENGINE)).bind(contact_id).fetch_optional(&mut *conn).await?;
        sqlx::query(sql::CLOSE.on(ENGINE)).bind(contact_id).execute(&mut *conn).await?;
        // A yes that was handled more than a day late.
        let Some((asker,)) = asker else { return Ok(("link_lapsed", Vec::new())) };
        let (theirs, own) = (person_of(conn, asker).await?, person_of(conn, contact_id).await?);
        let person = match theirs.or(own) {
            Some(person) => person,
            None => {
                sqlx::query(sql::ADD_PERSON.on(ENGINE)).bind(fresh).bind(now).execute(&mut *conn).await?;
                fresh
            }
        };
        for id in [asker, contact_id] {
            sqlx::query(sql::JOIN.on(ENGINE)).bind(id).bind(person).execute(&mut *conn).await?;
        }
        at::outbox::tell(&mut *conn, asker, told, now).await?;
        let before = [(asker, theirs), (contact_id, own)];
        at::highlight_people::joined(&mut *conn, person, &[asker, contact_id]).await?;
        let happened = at::demand_people::joined(conn, store, person, &before, now).await?;
        Ok(("contacts_linked", happened))
    }

    /// Whether another contact belongs to the same person.
    pub(crate) async fn linked(conn: &mut Conn, contact_id: Uuid) -> Result<bool, Error> {
        let other: Option<(Uuid,)> =
            sqlx::query_as(sql::LINKED.on(ENGINE)).bind(contact_id).fetch_optional(conn).await?;
        Ok(other.is_some())
    }

    /// The person that a contact belongs to.
    pub(crate) async fn person(conn: &mut Conn, contact_id: Uuid) -> Result<Option<Uuid>, Error> {
        person_of(conn, contact_id).await
    }

    /// The contact by which a person is reached.
    pub(crate) async fn reach(conn: &mut Conn, person_id: Uuid) -> Result<Option<Uuid>, Error> {
        let row: Option<(Uuid,)> =
            sqlx::query_as(sql::REACH.on(ENGINE)).bind(person_id).fetch_optional(conn).await?;
        Ok(row.map(|(id,)| id))
    }
}

impl Store {
    /// The keyed hash of a code.
    pub(crate) fn link_hash(&self, code: &str) -> Result<Vec<u8>, Error> {
        self.keys().code_hash(code)
    }

    /// What a code is worth that a contact (`None`: one that never wrote) wrote on a kind of channel.
    pub async fn check_link(
        &self,
        contact_id: Option<Uuid>,
        channel: ChannelKind,
        code: &str,
        now: UnixMillis,
    ) -> Result<Checked, Error> {
        let found = self.find_link(self.link_hash(code)?, contact_id, now).await?;
        if found.tries.is_some_and(|(began, tries)| tries >= TRIES && began > now.0 - LASTS) {
            return Ok(Checked::TooMany);
        }
        let Some((asker, kind, locale, only)) = found.code else { return Ok(Checked::Wrong) };
        if Some(asker) == contact_id {
            return Ok(Checked::Own);
        }
        let Ok(from) = kind.parse::<ChannelKind>() else { return Ok(Checked::Wrong) };
        let for_another = only.is_some() && only != contact_id;
        Ok(match (channel, from) {
            _ if for_another => Checked::Wrong,
            (ChannelKind::Telegram, ChannelKind::Sms) => Checked::Right { from, locale },
            // A sender of SMS is only a claim.
            (ChannelKind::Sms, ChannelKind::Telegram) => Checked::SendBack,
            _ => Checked::Wrong,
        })
    }

    async fn find_link(
        &self,
        key: Vec<u8>,
        contact_id: Option<Uuid>,
        now: UnixMillis,
    ) -> Result<Found, Error> {
        on_pool!(self, conn => at::links::find(conn, key, contact_id, now.0))
    }

    /// Whether a contact is joined with another one.
    pub async fn linked(&self, contact_id: Uuid) -> Result<bool, Error> {
        on_pool!(self, conn => at::links::linked(conn, contact_id))
    }

    /// The person that a contact belongs to.
    pub async fn find_person(&self, contact_id: Uuid) -> Result<Option<Uuid>, Error> {
        on_pool!(self, conn => at::links::person(conn, contact_id))
    }

    /// The contact by which a person is reached now: the one that wrote last and has not left.
    pub async fn reach(&self, person_id: Uuid) -> Result<Option<Uuid>, Error> {
        on_pool!(self, conn => at::links::reach(conn, person_id))
    }
}
