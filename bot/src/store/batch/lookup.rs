//! Reading: all that answering a message needs to know of its contact, many contacts in one call.

use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::domain::answer_limits::Counters;
use crate::store::conversations::Stored;
use crate::store::{Error, Statement, Store};

/// What is known of the contact behind an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Its id; `None` for an address that never wrote.
    pub contact_id: Option<Uuid>,
    /// Its conversation.
    pub stored: Stored,
    /// Its counters.
    pub counters: Counters,
}

/// A question for one contact.
pub(crate) struct Question {
    pub(crate) channel_id: String,
    pub(crate) key: Vec<u8>,
    pub(crate) told: oneshot::Sender<Result<Loaded, Error>>,
}

/// The most questions in one call.
const QUESTIONS: usize = 256;
/// The most questions that wait.
const WAITING: usize = 1_024;

/// The statement: `$1` is an array of `[number, channel, lookup key in hexadecimal]`.
pub(crate) const LOOKUP: Statement = Statement::fork(
    "SELECT json_each.value->>0 AS number, k.id, c.state, COALESCE(c.version, 0) AS version, k.stopped_at, k.noticed_version, \
     k.answers_hour, k.answers_in_hour, k.answers_day, k.answers_in_day FROM json_each($1) \
     CROSS JOIN contacts AS k LEFT JOIN conversations AS c ON c.contact_id = k.id \
     WHERE k.channel_id = json_each.value->>1 AND k.address_key = unhex(json_each.value->>2)",
    "SELECT (e.a->>0)::bigint AS number, k.id, c.state, COALESCE(c.version, 0) AS version, k.stopped_at, k.noticed_version, \
     k.answers_hour, k.answers_in_hour, k.answers_day, k.answers_in_day \
     FROM jsonb_array_elements($1::jsonb) AS e(a) \
     JOIN contacts AS k ON k.channel_id = e.a->>1 AND k.address_key = decode(e.a->>2, 'hex') \
     LEFT JOIN conversations AS c ON c.contact_id = k.id",
);

/// A row of a contact: id, state, version, stopped, noticed, counters.
pub(crate) type Row = (Uuid, Option<String>, i64, Option<i64>, Option<i64>, i64, i64, i64, i64);

/// A row of the answer: the number of the question, and the contact.
#[derive(sqlx::FromRow)]
struct Found {
    number: i64,
    id: Uuid,
    state: Option<String>,
    version: i64,
    stopped_at: Option<i64>,
    noticed_version: Option<i64>,
    answers_hour: i64,
    answers_in_hour: i64,
    answers_day: i64,
    answers_in_day: i64,
}

impl Found {
    fn loaded(self) -> Loaded {
        loaded((
            self.id,
            self.state,
            self.version,
            self.stopped_at,
            self.noticed_version,
            self.answers_hour,
            self.answers_in_hour,
            self.answers_day,
            self.answers_in_day,
        ))
    }
}

fn array(questions: &[Question]) -> String {
    let mut out = String::from("[");
    for (number, question) in questions.iter().enumerate() {
        let row = serde_json::json!([number, question.channel_id, hex::encode(&question.key)]);
        if number > 0 {
            out.push(',');
        }
        out.push_str(&row.to_string());
    }
    out.push(']');
    out
}

/// What a row says.
pub(crate) fn loaded(row: Row) -> Loaded {
    let (id, state, version, stopped_at, noticed, hour, in_hour, day, in_day) = row;
    Loaded {
        contact_id: Some(id),
        stored: Stored {
            state,
            version,
            stopped: stopped_at.is_some(),
            notice: noticed.and_then(|it| u16::try_from(it).ok()).unwrap_or(0),
        },
        counters: Counters {
            answers_hour: hour,
            answers_in_hour: in_hour,
            answers_day: day,
            answers_in_day: in_day,
        },
    }
}

/// Starts the task that asks what waits in one call, without a timer; it ends when the last sender is
/// gone.
pub(crate) fn start(store: Reader) -> mpsc::Sender<Question> {
    let (questions, mut waiting) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut batch = Vec::with_capacity(QUESTIONS);
        while waiting.recv_many(&mut batch, QUESTIONS).await > 0 {
            let rows = store.rows(array(&batch)).await;
            let mut answers: Vec<Result<Loaded, Error>> = match rows {
                Ok(rows) => {
                    let mut answers = vec![Ok(Loaded::default()); batch.len()];
                    for row in rows {
                        let place = usize::try_from(row.number).unwrap_or(usize::MAX);
                        if let Some(answer) = answers.get_mut(place) {
                            *answer = Ok(row.loaded());
                        }
                    }
                    answers
                }
                Err(problem) => vec![Err(problem); batch.len()],
            };
            for (question, answer) in batch.drain(..).zip(answers.drain(..)) {
                // The caller may be gone.
                let _ = question.told.send(answer);
            }
        }
    });
    questions
}

/// What the task reads from.
pub(crate) enum Reader {
    Sqlite(sqlx::SqlitePool),
    Postgres(sqlx::PgPool),
}

impl Reader {
    async fn rows(&self, array: String) -> Result<Vec<Found>, Error> {
        use crate::store::Engine;
        match self {
            Self::Sqlite(pool) => {
                let sql = LOOKUP.on(Engine::Sqlite);
                Ok(sqlx::query_as(sql).bind(array).fetch_all(pool).await?)
            }
            Self::Postgres(pool) => {
                let sql = LOOKUP.on(Engine::Postgres);
                Ok(sqlx::query_as(sql).bind(array).fetch_all(pool).await?)
            }
        }
    }
}

impl Store {
    /// What answering a message needs to know of the contact with this address: the empty value for
    /// an address that never wrote. It may be older than the last commit of another process.
    pub async fn load_contact(&self, channel_id: &str, address: &str) -> Result<Loaded, Error> {
        let key = self.keys().lookup(channel_id, address)?;
        self.load_routed(channel_id, address, key).await
    }

    /// [`Store::load_contact`] where the current lookup key of the address is at hand.
    pub(crate) async fn load_routed(
        &self,
        channel_id: &str,
        address: &str,
        key: Vec<u8>,
    ) -> Result<Loaded, Error> {
        let loaded = self.load_by_key(channel_id, key).await?;
        if loaded.contact_id.is_some() || self.keys().list_versions().len() == 1 {
            return Ok(loaded);
        }
        // While the keys are being replaced it may stand under another one.
        match self.find_contact(channel_id, address).await? {
            Some(contact_id) => self.load_contact_by_id(contact_id).await,
            None => Ok(loaded),
        }
    }

    /// [`Store::load_contact`] by the lookup key of the address.
    pub(crate) async fn load_by_key(&self, channel_id: &str, key: Vec<u8>) -> Result<Loaded, Error> {
        if let Some(found) = self.cache().get(&key) {
            return Ok(found);
        }
        let (told, answer) = oneshot::channel();
        let question = Question { channel_id: channel_id.to_owned(), key: key.clone(), told };
        let loaded = match self.questions() {
            Some(questions) => {
                questions.send(question).await.map_err(|_| Error::closed())?;
                answer.await.map_err(|_| Error::closed())??
            }
            None => self.load_alone(question).await?,
        };
        let loaded = self.open_loaded(loaded);
        if loaded.contact_id.is_some() {
            self.cache().put(&key, loaded.clone());
        }
        Ok(loaded)
    }

    /// In memory there is one connection for all.
    async fn load_alone(&self, question: Question) -> Result<Loaded, Error> {
        let Self::Sqlite(sqlite) = self else { return Err(Error::closed()) };
        let array = array(&[question]);
        let rows: Vec<Found> = sqlite
            .read(move |conn| {
                Box::pin(async move {
                    let sql = LOOKUP.on(crate::store::Engine::Sqlite);
                    Ok(sqlx::query_as(sql).bind(array).fetch_all(conn).await?)
                })
            })
            .await?;
        Ok(rows.into_iter().next().map(Found::loaded).unwrap_or_default())
    }
}
