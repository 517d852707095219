//! What contacts were told about municipalities, for a job that goes through it by time.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::domain::time::UnixMillis;
use crate::store::cases::{first_id, locale};
use crate::store::texts::open_body;
use crate::store::{Error, Store};

/// An answer about a municipality, as it was sent. `Debug` shows no text.
#[derive(Clone, PartialEq, Eq)]
pub struct SentAnswer {
    /// To whom.
    pub contact_id: Uuid,
    /// The contact's channel.
    pub channel_id: String,
    /// The contact's language; `None`: the pack's.
    pub locale: Option<String>,
    /// Key of the municipality.
    pub municipality: String,
    /// What was said.
    pub text: String,
}

impl std::fmt::Debug for SentAnswer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "SentAnswer {{ municipality: {:?}, .. }}", self.municipality)
    }
}

/// A row of an answer.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct AnswerRow {
    id: Uuid,
    contact_id: Uuid,
    kind: String,
    municipality: Option<String>,
    body: String,
    channel_id: String,
    stopped: bool,
    state: Option<String>,
}

/// The statements of this file.
pub(crate) mod sql {
    use crate::store::Statement;

    /// A range of the key, and what belongs to each row of it: nothing is searched.
    pub(crate) const ANSWERS: Statement = Statement::both(
        "SELECT o.id, o.contact_id, o.kind, o.municipality, o.body, k.channel_id, \
         (k.stopped_at IS NOT NULL OR k.gone_at IS NOT NULL OR EXISTS (SELECT 1 FROM contacts AS x \
         WHERE x.person_id = k.person_id AND k.person_id IS NOT NULL AND x.stopped_at IS NOT NULL)) AS stopped, v.state FROM outbox AS o \
         JOIN contacts AS k ON k.id = o.contact_id LEFT JOIN conversations AS v ON v.contact_id = o.contact_id \
         WHERE o.id > $1 AND o.id < $2 ORDER BY o.id LIMIT $3",
    );
    pub(crate) const ALL: &[Statement] = &[ANSWERS];
}

per_engine! {
    use {
        use super::{AnswerRow, sql};
        use crate::store::Error;
        use uuid::Uuid;
    }

    /// A page of messages.
    pub(crate) async fn page(
        conn: &mut Conn,
        (after, until): (Uuid, Uuid),
        limit: i64,
    ) -> Result<Vec<AnswerRow>, Error> {
        let rows = sqlx::query_as(sql::ANSWERS.on(ENGINE)).bind(after).bind(until).bind(limit);
        Ok(rows.fetch_all(conn).await?)
    }
}

impl Store {
    /// Goes through at most `limit` messages after one (or from an instant on) that were made before
    /// `until`. Gives the last of them, `None` where there is none any more, and the answers among them about these
    /// municipalities to contacts who did not stop; texts that were emptied are left out.
    pub async fn list_answers(
        &self,
        (after, since): (Option<Uuid>, UnixMillis),
        until: UnixMillis,
        municipalities: &BTreeSet<String>,
        limit: u32,
    ) -> Result<(Option<Uuid>, Vec<SentAnswer>), Error> {
        let range = (after.unwrap_or_else(|| first_id(since)), first_id(until));
        let rows = self.answer_rows(range, limit).await?;
        let last = rows.last().map(|it| it.id);
        let keys = self.keys();
        let mut told = Vec::new();
        for row in rows {
            let asked = row.kind == "answer" && !row.stopped && !row.body.is_empty();
            let Some(municipality) = row.municipality.filter(|it| asked && municipalities.contains(it))
            else {
                continue;
            };
            // One that can't be read is no reason to tell nobody.
            let text = match open_body(self, row.id, &row.body) {
                Ok(body) => body.text,
                Err(problem) => {
                    tracing::error!(outbox_id = %row.id, %problem, "an answer can't be read");
                    continue;
                }
            };
            told.push(SentAnswer {
                contact_id: row.contact_id,
                channel_id: row.channel_id,
                locale: locale(&keys, row.contact_id, row.state.as_deref()),
                municipality,
                text,
            });
        }
        Ok((last, told))
    }

    async fn answer_rows(&self, range: (Uuid, Uuid), limit: u32) -> Result<Vec<AnswerRow>, Error> {
        on_pool!(self, conn => at::sent_answers::page(conn, range, i64::from(limit)))
    }
}
