//! The row of a card: read, listed, written.

use uuid::Uuid;

use super::{Adoption, Card, FullHighlight, Sign, SignKind, State};
use crate::domain::time::UnixMillis;
use crate::store::desk::{Page, Within};
use crate::store::{AddressKeys, Error, Store};

/// What the text of a card is told apart by.
pub(crate) const TEXT: &str = "highlight";
/// The same of a reason.
pub(crate) const REASON: &str = "highlight reason";

/// A card as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) code: i64,
    pub(crate) state: String,
    pub(crate) version: i64,
    pub(crate) municipality: String,
    pub(crate) topic: String,
    pub(crate) text: String,
    pub(crate) author_id: Uuid,
    pub(crate) reason: Option<String>,
    pub(crate) hash: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) published_at: Option<i64>,
}

impl Row {
    /// The version that everybody may read now.
    pub(crate) fn published_version(&self) -> Option<i64> {
        (self.state == State::Published.code()).then_some(self.version)
    }

    /// The card, its text opened.
    pub(crate) fn card(&self, keys: &AddressKeys) -> Result<Card, Error> {
        let damaged = || Error::Other(format!("the card {} can't be read", self.id));
        let text = keys.open_part(TEXT, self.id, &self.text)?;
        Ok(Card {
            id: self.id,
            code: u32::try_from(self.code).map_err(|_| damaged())?,
            state: self.state.parse().map_err(|_| damaged())?,
            version: self.version,
            municipality: self.municipality.clone(),
            topic: self.topic.clone(),
            text: serde_json::from_str(&text).map_err(|_| damaged())?,
            author_id: self.author_id,
            reason: self.reason.as_ref().map(|it| keys.open_part(REASON, self.id, it)).transpose()?,
            approved: self.hash.clone(),
            created_at: UnixMillis(self.created_at),
            updated_at: UnixMillis(self.updated_at),
            published_at: self.published_at.map(UnixMillis),
        })
    }
}

/// When a card changed, its id, and the card; none where it can't be read any more.
pub type ChangedCard = (UnixMillis, Uuid, Option<Card>);

/// A sign as it is stored: kind, who, when.
pub(crate) type SignRow = (String, Uuid, i64);

fn sign((kind, staff_id, at): SignRow) -> Option<Sign> {
    let kind =
        [SignKind::Edited, SignKind::Cleared, SignKind::Approved].into_iter().find(|it| it.code() == kind)?;
    Some(Sign { kind, staff_id, at: UnixMillis(at) })
}

/// The rows of a whole card.
pub(crate) struct FullRows {
    row: Row,
    signs: Vec<SignRow>,
    adoptions: Vec<Adoption>,
    helped: Vec<(String, i64)>,
}

/// Which cards are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In this state.
    pub state: Option<State>,
    /// Of these municipalities and states, by key; empty: of all.
    pub places: Vec<String>,
}

/// Which rows a page is of.
#[derive(Clone)]
enum Which {
    /// What staff asks for: in a state; what is not published, within places; of places.
    Wanted { state: Option<&'static str>, within: Option<String>, places: Option<String> },
    /// The published ones.
    Published,
}

/// The card of a row; none, and a line in the log, where it can't be read: it must not hold up the others.
fn readable(row: &Row, keys: &AddressKeys) -> Option<Card> {
    let told = |problem: &Error| tracing::error!(card = %row.id, %problem, "a card is shown to nobody");
    row.card(keys).inspect_err(told).ok()
}

/// The statements of this file.
pub(in crate::store) mod sql {
    use crate::store::Statement;

    macro_rules! cards {
        ($rest:literal) => {
            concat!(
                "SELECT h.id, h.code, h.state, h.version, h.municipality, h.topic, h.text, h.author_id, h.reason, h.hash, \
                 h.created_at, h.updated_at, h.published_at FROM highlights AS h WHERE ",
                $rest
            )
        };
    }
    pub(super) const LOAD: Statement = Statement::fork(cards!("h.id = $1"), cards!("h.id = $1 FOR UPDATE"));
    pub(super) const READ: Statement = Statement::both(cards!("h.id = $1"));
    /// The newest first; what is published is read by all of staff, the rest within their places.
    pub(super) const LIST: Statement = Statement::fork(
        cards!(
            "h.id < $1 AND (CAST($2 AS TEXT) IS NULL OR h.state = $2) \
             AND (h.state = 'published' OR CAST($3 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM json_each($3) AS k \
             WHERE h.municipality LIKE k.value || '%')) AND (CAST($4 AS TEXT) IS NULL OR EXISTS (SELECT 1 \
             FROM json_each($4) AS k WHERE h.municipality LIKE k.value || '%')) ORDER BY h.id DESC LIMIT $5"
        ),
        cards!(
            "h.id < $1 AND (CAST($2 AS TEXT) IS NULL OR h.state = $2) \
             AND (h.state = 'published' OR CAST($3 AS TEXT) IS NULL OR EXISTS (SELECT 1 \
             FROM json_array_elements_text($3::json) AS k (value) WHERE h.municipality LIKE k.value || '%')) \
             AND (CAST($4 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM json_array_elements_text($4::json) AS k (value) \
             WHERE h.municipality LIKE k.value || '%')) ORDER BY h.id DESC LIMIT $5"
        ),
    );
    pub(super) const CHANGED: Statement =
        Statement::both(cards!("(h.updated_at, h.id) > ($1, $2) ORDER BY h.updated_at, h.id LIMIT $3"));
    pub(super) const PUBLISHED: Statement =
        Statement::both(cards!("h.state = 'published' AND h.id < $1 ORDER BY h.id DESC LIMIT $2"));
    pub(super) const SIGNS: Statement = Statement::both(
        "SELECT kind, staff_id, at FROM highlight_signs WHERE highlight_id = $1 ORDER BY at, kind, staff_id",
    );
    pub(super) const ADOPTIONS: Statement = Statement::both(
        "SELECT municipality, learned_from, adopted_on, staff_id, at FROM highlight_adoptions \
         WHERE highlight_id = $1 ORDER BY at, municipality",
    );
    pub(super) const HELPED: Statement = Statement::both(
        "SELECT answer, COUNT(*) FROM highlight_feedback WHERE highlight_id = $1 GROUP BY answer",
    );
    pub(super) const NEXT_CODE: Statement = Statement::both("SELECT MAX(code) FROM highlights");
    pub(super) const ADD: Statement = Statement::both(
        "INSERT INTO highlights (id, code, state, version, municipality, topic, text, author_id, created_at, \
         updated_at) VALUES ($1, $2, 'draft', 1, $3, $4, $5, $6, $7, $7)",
    );
    pub(super) const SAVE: Statement = Statement::both(
        "UPDATE highlights SET version = version + 1, state = $3, text = $4, reason = $5, updated_at = $6, \
         published_at = $7, hash = $8 WHERE id = $1 AND version = $2",
    );
    pub(in crate::store) const ALL: &[Statement] =
        &[LOAD, READ, LIST, CHANGED, PUBLISHED, SIGNS, ADOPTIONS, HELPED, NEXT_CODE, ADD, SAVE];
}

per_engine! {
    use {
        use super::super::NewHighlight;
        use super::{FullRows, Row, sql};
        use crate::domain::highlight::card::FIRST_CODE;
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// A card that is to be changed.
    pub(crate) async fn load(conn: &mut Conn, id: Uuid) -> Result<Row, Error> {
        let row = sqlx::query_as(sql::LOAD.on(ENGINE)).bind(id).fetch_optional(conn).await?;
        row.ok_or(Error::NotFound)
    }

    /// A card that is only read.
    pub(crate) async fn read(conn: &mut Conn, id: Uuid) -> Result<Option<Row>, Error> {
        Ok(sqlx::query_as(sql::READ.on(ENGINE)).bind(id).fetch_optional(conn).await?)
    }

    /// Everything about a card.
    pub(crate) async fn full(conn: &mut Conn, id: Uuid) -> Result<Option<FullRows>, Error> {
        let Some(row) = read(&mut *conn, id).await? else { return Ok(None) };
        Ok(Some(FullRows {
            row,
            signs: sqlx::query_as(sql::SIGNS.on(ENGINE)).bind(id).fetch_all(&mut *conn).await?,
            adoptions: sqlx::query_as(sql::ADOPTIONS.on(ENGINE)).bind(id).fetch_all(&mut *conn).await?,
            helped: sqlx::query_as(sql::HELPED.on(ENGINE)).bind(id).fetch_all(conn).await?,
        }))
    }

    /// Who did something to a card: kind, who, when.
    pub(crate) async fn signs(conn: &mut Conn, id: Uuid) -> Result<Vec<super::SignRow>, Error> {
        Ok(sqlx::query_as(sql::SIGNS.on(ENGINE)).bind(id).fetch_all(conn).await?)
    }

    /// Municipalities that took a card over.
    pub(crate) async fn adoptions(conn: &mut Conn, id: Uuid) -> Result<Vec<super::Adoption>, Error> {
        Ok(sqlx::query_as(sql::ADOPTIONS.on(ENGINE)).bind(id).fetch_all(conn).await?)
    }

    /// A page of cards, the newest first.
    pub(crate) async fn list(
        conn: &mut Conn,
        (before, limit): (Uuid, i64),
        state: Option<&'static str>,
        within: Option<String>,
        places: Option<String>,
    ) -> Result<Vec<Row>, Error> {
        let query = sqlx::query_as(sql::LIST.on(ENGINE)).bind(before).bind(state).bind(within).bind(places);
        Ok(query.bind(limit).fetch_all(conn).await?)
    }

    /// Cards that changed after an instant and, of that instant, after a card.
    pub(crate) async fn changed(conn: &mut Conn, after: (i64, Uuid), limit: i64) -> Result<Vec<Row>, Error> {
        let query = sqlx::query_as(sql::CHANGED.on(ENGINE)).bind(after.0).bind(after.1).bind(limit);
        Ok(query.fetch_all(conn).await?)
    }

    /// A page of published cards, the newest first.
    pub(crate) async fn published(conn: &mut Conn, before: Uuid, limit: i64) -> Result<Vec<Row>, Error> {
        let query = sqlx::query_as(sql::PUBLISHED.on(ENGINE)).bind(before).bind(limit);
        Ok(query.fetch_all(conn).await?)
    }

    /// Adds a card. The feed must be locked, so that no two get one number.
    pub(crate) async fn add(conn: &mut Conn, new: &NewHighlight, sealed: String) -> Result<Row, Error> {
        let (last,): (Option<i64>,) = sqlx::query_as(sql::NEXT_CODE.on(ENGINE)).fetch_one(&mut *conn).await?;
        sqlx::query(sql::ADD.on(ENGINE))
            .bind(new.id)
            .bind(last.map_or(i64::from(FIRST_CODE), |it| it + 1))
            .bind(&new.municipality)
            .bind(&new.topic)
            .bind(sealed)
            .bind(new.staff_id)
            .bind(new.at.0)
            .execute(&mut *conn)
            .await?;
        load(conn, new.id).await
    }

    /// Writes a card as it is `after` a change of the version that it has; gives it with the next one.
    ///
    /// # Errors
    /// [`Error::Conflict`]: somebody else changed it.
    pub(crate) async fn save(conn: &mut Conn, after: Row, now: i64) -> Result<Row, Error> {
        let saved = sqlx::query(sql::SAVE.on(ENGINE))
            .bind(after.id)
            .bind(after.version)
            .bind(&after.state)
            .bind(&after.text)
            .bind(&after.reason)
            .bind(now)
            .bind(after.published_at)
            .bind(&after.hash)
            .execute(conn)
            .await?;
        if saved.rows_affected() == 0 {
            return Err(Error::Conflict);
        }
        Ok(Row { version: after.version + 1, updated_at: now, ..after })
    }
}

impl Store {
    /// A card.
    pub async fn find_highlight(&self, id: Uuid) -> Result<Option<Card>, Error> {
        let row = self.highlight_row(id).await?;
        row.map(|it| it.card(&self.keys())).transpose()
    }

    async fn highlight_row(&self, id: Uuid) -> Result<Option<Row>, Error> {
        on_pool!(self, conn => at::highlight_rows::read(conn, id))
    }

    /// A card with all that staff sees of it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn get_full_highlight(&self, id: Uuid) -> Result<FullHighlight, Error> {
        let rows = self.full_highlight_rows(id).await?.ok_or(Error::NotFound)?;
        let count = |answer: &str| {
            let found = rows.helped.iter().find(|it| it.0 == answer);
            found.map_or(0, |it| u64::try_from(it.1).unwrap_or(0))
        };
        let helped = [count("yes"), count("half"), count("no")];
        Ok(FullHighlight {
            card: rows.row.card(&self.keys())?,
            signs: rows.signs.into_iter().filter_map(sign).collect(),
            adoptions: rows.adoptions,
            helped,
        })
    }

    async fn full_highlight_rows(&self, id: Uuid) -> Result<Option<FullRows>, Error> {
        on_pool!(self, conn => at::highlight_rows::full(conn, id))
    }

    /// A page of cards, the newest first: what is published, and the others `within` some places. One that can't
    /// be read is left out, and the next takes its place: a page that is not full is the last.
    pub async fn list_highlights(
        &self,
        wanted: &Wanted,
        within: &Within,
        page: Page,
    ) -> Result<Vec<Card>, Error> {
        let places = (!wanted.places.is_empty())
            .then(|| wanted.places.iter().cloned().collect::<serde_json::Value>().to_string());
        let which = Which::Wanted { state: wanted.state.map(State::code), within: within.json(), places };
        self.readable_highlights(which, page.after, page.limit).await
    }

    /// A full page, or the last.
    async fn readable_highlights(
        &self,
        which: Which,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Card>, Error> {
        let limit = limit as usize;
        let (mut cards, mut before) = (Vec::new(), before.unwrap_or(Uuid::max()));
        loop {
            let missing = limit - cards.len();
            let rows = self.highlight_rows(which.clone(), (before, missing as i64)).await?;
            before = rows.last().map_or(before, |it| it.id);
            let keys = self.keys();
            cards.extend(rows.iter().filter_map(|it| readable(it, &keys)));
            if rows.len() < missing || cards.len() >= limit {
                return Ok(cards);
            }
        }
    }

    async fn highlight_rows(&self, which: Which, cut: (Uuid, i64)) -> Result<Vec<Row>, Error> {
        match which {
            Which::Wanted { state, within, places } => {
                on_pool!(self, conn => at::highlight_rows::list(conn, cut, state, within, places))
            }
            Which::Published => on_pool!(self, conn => at::highlight_rows::published(conn, cut.0, cut.1)),
        }
    }

    /// At most `limit` cards that changed after an instant and, of that instant, after a card. Those who remember
    /// the published ones read the rest again by it.
    pub async fn list_changed_highlights(
        &self,
        after: (UnixMillis, Uuid),
        limit: u32,
    ) -> Result<Vec<ChangedCard>, Error> {
        let rows = self.changed_highlight_rows((after.0.0, after.1), limit).await?;
        let keys = self.keys();
        Ok(rows.iter().map(|it| (UnixMillis(it.updated_at), it.id, readable(it, &keys))).collect())
    }

    async fn changed_highlight_rows(&self, after: (i64, Uuid), limit: u32) -> Result<Vec<Row>, Error> {
        on_pool!(self, conn => at::highlight_rows::changed(conn, after, i64::from(limit)))
    }

    /// A page of published cards, the newest first, those before a card; of those that can't be read as
    /// [`Self::list_highlights`].
    pub async fn list_published_highlights(
        &self,
        before: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Card>, Error> {
        self.readable_highlights(Which::Published, before, limit).await
    }
}
