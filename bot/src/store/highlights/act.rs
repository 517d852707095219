//! What staff does to a card: each act names the version that it saw. Who wrote a part of a card neither clears nor
//! approves it, and every edit takes away what was cleared and approved.

use uuid::Uuid;

use super::row::{REASON, Row, TEXT};
use super::{Acted, Acting, NewHighlight};
use crate::store::staff::Write;
use crate::store::{AddressKeys, Error, Store};

/// The text of a card as it is stored.
fn sealed(keys: &AddressKeys, id: Uuid, text: &super::Text) -> Result<String, Error> {
    let document =
        serde_json::to_string(text).map_err(|_| Error::Other("a card can't be written".to_owned()))?;
    keys.seal_part(TEXT, id, &document)
}

fn acted(row: &Row) -> Result<Acted, Error> {
    let damaged = || Error::Other(format!("the card {} can't be read", row.id));
    Ok(Acted {
        code: u32::try_from(row.code).map_err(|_| damaged())?,
        version: row.version,
        state: row.state.parse().map_err(|_| damaged())?,
    })
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    pub(super) const SIGN: Statement = Statement::both(
        "INSERT INTO highlight_signs (highlight_id, kind, staff_id, hash, at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (highlight_id, kind, staff_id) DO NOTHING",
    );
    pub(super) const UNSIGN: Statement = Statement::both(
        "DELETE FROM highlight_signs WHERE highlight_id = $1 AND kind IN ('cleared', 'approved')",
    );
    pub(super) const ADOPT: Statement = Statement::both(
        "INSERT INTO highlight_adoptions (highlight_id, municipality, learned_from, adopted_on, staff_id, at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (highlight_id, municipality) DO NOTHING",
    );
    pub(super) const UNSAY: Statement =
        Statement::both("DELETE FROM highlight_feedback WHERE highlight_id = $1");
    pub(in crate::store) const ALL: &[Statement] = &[SIGN, UNSIGN, UNSAY, ADOPT];
}

per_engine! {
    with at;
    use {
        use super::super::row::Row;
        use super::super::{Act, Acted, Acting, NewHighlight, SignKind, State};
        use super::{REASON, Write, acted, sealed, sql};
        use crate::store::{AddressKeys, Error, events};
        use uuid::Uuid;
    }

    fn event(kind: &'static str, row: &Row, municipality: &str, now: i64) -> events::New {
        events::New {
            kind,
            highlight_id: Some(row.id),
            municipality: Some(municipality.to_owned()),
            at: now,
            ..events::New::default()
        }
    }

    async fn finish(
        conn: &mut Conn,
        row: &Row,
        event: events::New,
        write: Option<&Write<Acted>>,
    ) -> Result<Acted, Error> {
        let acted = acted(row)?;
        if let Some(write) = write {
            at::answers::keep(&mut *conn, write.sealed(&acted)?).await?;
            at::audit::append(&mut *conn, &write.audit).await?;
        }
        at::events::add(conn, &[event]).await?;
        Ok(acted)
    }

    /// Adds a draft.
    pub(crate) async fn propose(
        conn: &mut Conn,
        keys: &AddressKeys,
        new: &NewHighlight,
        write: Option<&Write<Acted>>,
    ) -> Result<Acted, Error> {
        at::events::lock(&mut *conn).await?;
        let row = at::highlight_rows::add(&mut *conn, new, sealed(keys, new.id, &new.text)?).await?;
        let event = event("highlight_proposed", &row, &row.municipality, new.at.0);
        finish(conn, &row, event, write).await
    }

    /// Does an act.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`]: the card has another version; [`Error::Refused`] with a code: the
    /// rules don't allow it.
    pub(crate) async fn work(
        conn: &mut Conn,
        keys: &AddressKeys,
        acting: &Acting,
        write: Option<&Write<Acted>>,
    ) -> Result<Acted, Error> {
        at::events::lock(&mut *conn).await?;
        let before = at::highlight_rows::load(&mut *conn, acting.highlight_id).await?;
        if before.version != acting.version {
            return Err(Error::Conflict);
        }
        let place = match &acting.act {
            Act::Adopt { municipality, .. } => municipality.clone(),
            _ => before.municipality.clone(),
        };
        let after = apply(&mut *conn, keys, before, acting).await?;
        let event = event(acting.act.code(), &after, &place, acting.at.0);
        finish(conn, &after, event, write).await
    }

    async fn apply(conn: &mut Conn, keys: &AddressKeys, row: Row, acting: &Acting) -> Result<Row, Error> {
        let now = acting.at.0;
        let card = row.card(keys)?;
        let signs = at::highlight_rows::signs(&mut *conn, row.id).await?;
        let has = |kind: SignKind| signs.iter().any(|it| it.0 == kind.code());
        let wrote = card.author_id == acting.staff_id
            || signs.iter().any(|it| it.0 == SignKind::Edited.code() && it.1 == acting.staff_id);
        let must = |state: State| if card.state == state { Ok(()) } else { Err(Error::Refused("highlight_state")) };
        let not_own = || if wrote { Err(Error::Refused("highlight_own")) } else { Ok(()) };
        let moved = |state: State| Row { state: state.code().to_owned(), ..row.clone() };
        let after = match &acting.act {
            Act::Edit(text) => {
                if card.state == State::Published {
                    return Err(Error::Refused("highlight_is_published"));
                }
                sqlx::query(sql::UNSIGN.on(ENGINE)).bind(row.id).execute(&mut *conn).await?;
                sign(&mut *conn, row.id, SignKind::Edited, acting.staff_id, None, now).await?;
                // What was said of it was said of other words.
                sqlx::query(sql::UNSAY.on(ENGINE)).bind(row.id).execute(&mut *conn).await?;
                Row { text: sealed(keys, row.id, text)?, published_at: None, hash: None, ..moved(State::Draft) }
            }
            Act::Submit => {
                must(State::Draft)?;
                if !card.text.findings().is_empty() && !has(SignKind::Cleared) {
                    return Err(Error::Refused("highlight_personal_data"));
                }
                moved(State::InReview)
            }
            Act::Clear { hash } => {
                must(State::Draft)?;
                not_own()?;
                sign(&mut *conn, row.id, SignKind::Cleared, acting.staff_id, Some(hash), now).await?;
                row.clone()
            }
            Act::Approve { hash } => {
                must(State::InReview)?;
                not_own()?;
                sign(&mut *conn, row.id, SignKind::Approved, acting.staff_id, Some(hash), now).await?;
                let hash = Some(hash.clone());
                Row { published_at: Some(now), reason: None, hash, ..moved(State::Published) }
            }
            Act::Reject { reason } => {
                must(State::InReview)?;
                Row { reason: Some(keys.seal_part(REASON, row.id, reason)?), ..moved(State::Draft) }
            }
            Act::Withdraw { reason } => {
                if card.state == State::Withdrawn {
                    return Err(Error::Refused("highlight_state"));
                }
                Row { reason: Some(keys.seal_part(REASON, row.id, reason)?), ..moved(State::Withdrawn) }
            }
            Act::Adopt { municipality, learned_from, adopted_on } => {
                must(State::Published)?;
                let how = (municipality.as_str(), learned_from.as_str(), adopted_on.as_str());
                adopt(conn, &row, how, acting.staff_id, now).await?;
                // What others do is no version of the card.
                return Ok(row);
            }
        };
        at::highlight_rows::save(conn, after, now).await
    }

    async fn sign(
        conn: &mut Conn,
        id: Uuid,
        kind: SignKind,
        staff_id: Uuid,
        hash: Option<&String>,
        now: i64,
    ) -> Result<(), Error> {
        let query = sqlx::query(sql::SIGN.on(ENGINE)).bind(id).bind(kind.code()).bind(staff_id);
        query.bind(hash).bind(now).execute(conn).await?;
        Ok(())
    }

    async fn adopt(
        conn: &mut Conn,
        row: &Row,
        (municipality, learned_from, adopted_on): (&str, &str, &str),
        staff_id: Uuid,
        now: i64,
    ) -> Result<(), Error> {
        let earlier = at::highlight_rows::adoptions(&mut *conn, row.id).await?;
        let known = learned_from == row.municipality || earlier.iter().any(|it| it.municipality == learned_from);
        if !known || municipality == learned_from {
            return Err(Error::Refused("highlight_learned_from"));
        }
        let query = sqlx::query(sql::ADOPT.on(ENGINE)).bind(row.id).bind(municipality).bind(learned_from);
        let added = query.bind(adopted_on).bind(staff_id).bind(now).execute(conn).await?;
        if municipality == row.municipality || added.rows_affected() == 0 {
            return Err(Error::Refused("highlight_is_adopted"));
        }
        Ok(())
    }
}

impl Store {
    /// Adds a draft of a card.
    pub async fn propose_highlight(
        &self,
        new: NewHighlight,
        write: Option<Write<Acted>>,
    ) -> Result<Acted, Error> {
        let keys = self.keys();
        in_write_tx!(self, conn => async move {
            at::highlight_acts::propose(conn, &keys, &new, write.as_ref()).await
        })
    }

    /// Does an act on a card.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Conflict`]: it has another version; [`Error::Refused`] with a code.
    pub async fn act_on_highlight(
        &self,
        acting: Acting,
        write: Option<Write<Acted>>,
    ) -> Result<Acted, Error> {
        let keys = self.keys();
        in_write_tx!(self, conn => async move {
            at::highlight_acts::work(conn, &keys, &acting, write.as_ref()).await
        })
    }
}
