//! Messages and reports out of a request, and the answer as JSON.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::twilio::form_pairs;
use crate::config::generic::{Generic, Method, Receipts, Receive, TimeFormat};
use crate::config::{Field, JsonTemplate, Place, Pointer};
use crate::domain::time::UnixMillis;

/// The most messages or reports that one request may hold.
const MOST: usize = 256;

/// Why a request can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// More fields, or more messages, than anybody sends.
    TooMany,
    /// No JSON.
    NoJson,
}

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// A request, taken apart. `Debug` shows nothing of it.
pub struct Content {
    query: Pairs,
    form: Pairs,
    json: Value,
}

impl std::fmt::Debug for Content {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Content(..)")
    }
}

/// A message in. `Debug` shows neither sender nor text.
#[derive(Clone, PartialEq, Eq)]
pub struct Inbound {
    /// Who wrote.
    pub sender: String,
    /// What was written.
    pub text: String,
    /// The gateway's id of it.
    pub id: Option<String>,
    /// When it was sent.
    pub at: Option<UnixMillis>,
}

impl std::fmt::Debug for Inbound {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Inbound(..)")
    }
}

/// A delivery report. `Debug` shows neither number nor text.
#[derive(Clone, PartialEq, Eq)]
pub struct Report {
    /// Our token.
    pub token: Option<String>,
    /// The gateway's id of the message.
    pub id: Option<String>,
    /// The person's number.
    pub to: Option<String>,
    /// What the gateway calls what became of it.
    pub state: String,
}

impl std::fmt::Debug for Report {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Report(..)")
    }
}

impl Content {
    /// Takes a request apart. `json` says whether its body is JSON; `parse` reads JSON within limits.
    ///
    /// # Errors
    /// It has too many fields, or its body is not the JSON that it should be.
    pub fn read(
        method: Method,
        query: &str,
        body: &[u8],
        json: bool,
        parse: impl FnOnce(&[u8]) -> Option<Value>,
    ) -> Result<Self, Unreadable> {
        let query = form_pairs(query.as_bytes()).ok_or(Unreadable::TooMany)?;
        let form = match method {
            Method::Get => query.clone(),
            _ if json => Vec::new(),
            _ => form_pairs(body).ok_or(Unreadable::TooMany)?,
        };
        let json = if json { parse(body).ok_or(Unreadable::NoJson)? } else { Value::Null };
        Ok(Self { query, form, json })
    }

    /// A field as text; `at` is the message within the JSON.
    fn text(&self, at: &Value, field: &Field) -> Option<String> {
        let in_pairs = |pairs: &Pairs, name: &str| {
            let (_, value) = pairs.iter().find(|(key, _)| key == name.as_bytes())?;
            Some(String::from_utf8_lossy(value).into_owned())
        };
        let text = match field {
            Field::Query(name) => in_pairs(&self.query, name),
            Field::Form(name) => in_pairs(&self.form, name),
            Field::Json(pointer) => match pointer.of(at)? {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                Value::Bool(truth) => Some(truth.to_string()),
                _ => None,
            },
        }?;
        Some(text.replace('\0', ""))
    }

    fn trimmed(&self, at: &Value, field: Option<&Field>) -> Option<String> {
        let text = self.text(at, field?)?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The messages or reports within the JSON, or the whole.
    fn items(&self, list: Option<&Pointer>) -> Result<Vec<&Value>, Unreadable> {
        let Some(pointer) = list else { return Ok(vec![&self.json]) };
        let Some(Value::Array(items)) = pointer.of(&self.json) else { return Ok(Vec::new()) };
        if items.len() > MOST { Err(Unreadable::TooMany) } else { Ok(items.iter().collect()) }
    }

    fn fits(&self, at: &Value, when: &BTreeMap<Field, String>) -> bool {
        when.iter().all(|(field, value)| self.text(at, field).as_ref() == Some(value))
    }

    /// The messages in; those without a sender are left out, since nobody could be answered.
    ///
    /// # Errors
    /// There are too many.
    pub fn messages(&self, receive: &Receive) -> Result<Vec<Inbound>, Unreadable> {
        if !self.fits(&self.json, &receive.when) {
            return Ok(Vec::new());
        }
        let items = self.items(receive.messages.as_ref())?;
        Ok(items
            .into_iter()
            .filter_map(|at| {
                let time = self.trimmed(at, receive.time.as_ref());
                Some(Inbound {
                    sender: self.trimmed(at, Some(&receive.sender))?,
                    text: self.text(at, &receive.text).unwrap_or_default(),
                    id: self.trimmed(at, receive.id.as_ref()),
                    at: time.and_then(|it| instant(&it, receive.time_format)),
                })
            })
            .collect())
    }

    /// The reports.
    ///
    /// # Errors
    /// There are too many.
    pub fn reports(&self, receipts: &Receipts) -> Result<Vec<Report>, Unreadable> {
        if !self.fits(&self.json, &receipts.when) {
            return Ok(Vec::new());
        }
        let items = self.items(receipts.reports.as_ref())?;
        Ok(items
            .into_iter()
            .filter_map(|at| {
                Some(Report {
                    token: self.trimmed(at, receipts.token.as_ref()),
                    id: self.trimmed(at, receipts.id.as_ref()),
                    to: self.trimmed(at, receipts.to.as_ref()),
                    state: self.trimmed(at, Some(&receipts.state))?,
                })
            })
            .collect())
    }
}

impl Receive {
    /// Whether the body is JSON.
    pub fn is_json(&self) -> bool {
        let fields = [Some(&self.sender), Some(&self.text), self.id.as_ref(), self.time.as_ref()];
        self.messages.is_some() || fields.into_iter().flatten().any(|it| matches!(it, Field::Json(_)))
    }
}

impl Receipts {
    /// Whether the body is JSON.
    pub fn is_json(&self) -> bool {
        let fields = [Some(&self.state), self.token.as_ref(), self.id.as_ref(), self.to.as_ref()];
        self.reports.is_some() || fields.into_iter().flatten().any(|it| matches!(it, Field::Json(_)))
    }
}

fn instant(text: &str, format: TimeFormat) -> Option<UnixMillis> {
    let number = || text.parse::<i64>().ok().filter(|it| *it > 0);
    Some(UnixMillis(match format {
        TimeFormat::Rfc3339 => chrono::DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis(),
        TimeFormat::Unix => number()?.checked_mul(1_000)?,
        TimeFormat::UnixMs => number()?,
    }))
}

/// The answer as JSON: `template` with the replies (token and text of each) to `to` in it. A list of
/// `receive.answer_messages` has one element for each reply; without it one text holds them all.
pub fn answer_json(
    config: &Generic,
    receive: &Receive,
    template: &JsonTemplate,
    to: &str,
    replies: &[(String, String)],
) -> Value {
    let fill = |template: &JsonTemplate, token: &str, text: &str| {
        template.fill(&|place| match place {
            Place::To => to.to_owned(),
            Place::ToDigits => to.trim_start_matches('+').to_owned(),
            Place::From => config.from.clone().unwrap_or_default(),
            Place::Text => text.to_owned(),
            Place::Token => token.to_owned(),
            Place::Secret => {
                config.send_secret.as_ref().map_or_else(String::new, |it| it.reveal().to_owned())
            }
            Place::Body | Place::Timestamp | Place::Url => String::new(),
        })
    };
    let whole: Vec<&str> = replies.iter().map(|(_, text)| text.as_str()).collect();
    let first = replies.first().map_or("", |(token, _)| token.as_str());
    let mut answer = fill(template, first, &whole.join("\n"));
    let Some(pointer) = &receive.answer_messages else { return answer };
    if let (Some(JsonTemplate::List(list)), Some(place)) =
        (template.at(pointer), answer.pointer_mut(pointer.text()))
        && let Some(element) = list.first()
    {
        *place = replies.iter().map(|(token, text)| fill(element, token, text)).collect::<Vec<_>>().into();
    }
    answer
}
