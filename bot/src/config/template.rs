//! Texts with places that are filled in for each message, and where a value stands in a request.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

/// A place of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `{to}`: the person's number with its plus.
    To,
    /// `{to_digits}`: the same without the plus.
    ToDigits,
    /// `{from}`: our number.
    From,
    /// `{text}`: what is said.
    Text,
    /// `{token}`: what receipts name the attempt by.
    Token,
    /// `{secret}`: the secret for sending.
    Secret,
    /// `{body}`: the bytes of a request, in what is signed.
    Body,
    /// `{timestamp}`: the header with the time, in what is signed.
    Timestamp,
    /// `{url}`: what the gateway calls, in what is signed.
    Url,
}

impl Place {
    /// The places that have a value when a message is sent.
    pub const OF_A_MESSAGE: [Self; 6] =
        [Self::To, Self::ToDigits, Self::From, Self::Text, Self::Token, Self::Secret];

    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "to" => Self::To,
            "to_digits" => Self::ToDigits,
            "from" => Self::From,
            "text" => Self::Text,
            "token" => Self::Token,
            "secret" => Self::Secret,
            "body" => Self::Body,
            "timestamp" => Self::Timestamp,
            "url" => Self::Url,
            _ => return None,
        })
    }
}

#[derive(Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(Place),
}

/// A text with places in braces; `{{` and `}}` stand for the braces themselves. `Debug` shows nothing
/// of it, since a key may stand in it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template(Vec<Piece>);

impl fmt::Debug for Template {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Template(..)")
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// A sentence that names the place that nobody knows, or the brace that is left open.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let from = &rest[at..];
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                plain.push_str(&from[..1]);
                rest = after;
                continue;
            }
            let inside = from.strip_prefix('{').and_then(|it| it.split_once('}'));
            let Some((name, after)) = inside else {
                return Err("a brace stands alone; write {{ or }} for the sign itself".to_owned());
            };
            let Some(place) = Place::parse(name) else {
                // What stands between the braces is not shown: it may be a key.
                return Err("nothing fills this place; known are {to} {to_digits} {from} {text} {token} \
                            {secret}, and in `signed` {body} {timestamp} {url}"
                    .to_owned());
            };
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Place(place));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    /// The places of it, in order.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        self.0.iter().filter_map(|it| match it {
            Piece::Place(place) => Some(*place),
            Piece::Text(_) => None,
        })
    }

    /// The text with `value` in each place. Whoever gives the value escapes it for where it goes.
    pub fn fill(&self, mut value: impl FnMut(Place) -> String) -> String {
        self.0
            .iter()
            .map(|it| match it {
                Piece::Text(text) => text.clone(),
                Piece::Place(place) => value(*place),
            })
            .collect()
    }

    /// The bytes with `value` in each place.
    pub fn fill_bytes<'value>(&self, mut value: impl FnMut(Place) -> &'value [u8]) -> Vec<u8> {
        let mut out = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.extend(text.as_bytes()),
                Piece::Place(place) => out.extend(value(*place)),
            }
        }
        out
    }

    /// The fixed text before the first place.
    pub fn beginning(&self) -> &str {
        match self.0.first() {
            Some(Piece::Text(text)) => text,
            _ => "",
        }
    }
}

/// A JSON value whose texts are templates: a value that is filled in is always one text and can't
/// become anything else.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "serde_json::Value")]
pub enum JsonTemplate {
    /// A number or a truth value, as it is.
    Fixed(serde_json::Value),
    /// A text.
    Text(Template),
    /// A list.
    List(Vec<Self>),
    /// An object; its names are fixed.
    Object(BTreeMap<String, Self>),
}

impl TryFrom<serde_json::Value> for JsonTemplate {
    type Error = String;

    fn try_from(value: serde_json::Value) -> Result<Self, String> {
        use serde_json::Value;
        Ok(match value {
            Value::String(text) => Self::Text(Template::parse(&text)?),
            Value::Array(list) => Self::List(list.into_iter().map(Self::try_from).collect::<Result<_, _>>()?),
            Value::Object(map) => {
                let pairs = map.into_iter().map(|(name, value)| Ok((name, Self::try_from(value)?)));
                Self::Object(pairs.collect::<Result<_, String>>()?)
            }
            other => Self::Fixed(other),
        })
    }
}

impl JsonTemplate {
    /// The places of it.
    pub fn places(&self) -> Vec<Place> {
        match self {
            Self::Fixed(_) => Vec::new(),
            Self::Text(template) => template.places().collect(),
            Self::List(list) => list.iter().flat_map(Self::places).collect(),
            Self::Object(map) => map.values().flat_map(Self::places).collect(),
        }
    }

    /// The value with `value` in each place.
    pub fn fill(&self, value: &dyn Fn(Place) -> String) -> serde_json::Value {
        match self {
            Self::Fixed(it) => it.clone(),
            Self::Text(template) => template.fill(value).into(),
            Self::List(list) => list.iter().map(|it| it.fill(value)).collect::<Vec<_>>().into(),
            Self::Object(map) => serde_json::Value::Object(
                map.iter().map(|(name, it)| (name.clone(), it.fill(value))).collect(),
            ),
        }
    }

    /// The part at `pointer` (`/payload/messages`).
    pub fn at(&self, pointer: &Pointer) -> Option<&Self> {
        pointer.0.split('/').skip(1).try_fold(self, |at, name| match at {
            Self::Object(map) => map.get(name),
            Self::List(list) => list.get(name.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

/// A JSON pointer (RFC 6901): empty for the whole, else `/name/0/name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Pointer(String);

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.is_empty() || text.starts_with('/') {
            Ok(Self(text))
        } else {
            Err("a JSON pointer starts with /".to_owned())
        }
    }
}

impl Pointer {
    /// The value there.
    pub fn of<'json>(&self, json: &'json serde_json::Value) -> Option<&'json serde_json::Value> {
        json.pointer(&self.0)
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// Where a value stands in a request: `/pointer` in JSON, `?name` in the query, `name` in the form
/// (in the query where the request has no body).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub enum Field {
    /// In the JSON of the body, or of one message of it.
    Json(Pointer),
    /// A parameter of the query.
    Query(String),
    /// A field of the form.
    Form(String),
}

impl TryFrom<String> for Field {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.starts_with('/') {
            return Pointer::try_from(text).map(Self::Json);
        }
        match text.strip_prefix('?') {
            Some("") => Err("it names no field".to_owned()),
            Some(name) => Ok(Self::Query(name.to_owned())),
            None if text.is_empty() => Err("it names no field".to_owned()),
            None => Ok(Self::Form(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_braces_doubled() {
        let template = Template::parse("{{a}} {to}-{text}{token}").expect("a template");
        let filled = template.fill(|it| if it == Place::To { "1".to_owned() } else { "{to}".to_owned() });
        assert_eq!(filled, "{a} 1-{to}{to}");
        assert_eq!(template.places().count(), 3);
        assert_eq!(Template::parse("").expect("nothing").fill(|_| String::new()), "");
    }

    #[test]
    fn what_nothing_fills_is_an_error_that_shows_nothing() {
        for wrong in ["{hunter2}", "a{", "a}", "{to", "}{to}", "{ to }", "{}", "{TO}"] {
            let problem = Template::parse(wrong).expect_err(wrong);
            assert!(!problem.contains("hunter2"), "{problem}");
        }
        assert_eq!(format!("{:?}", Template::parse("hunter2 {to}")), "Ok(Template(..))");
    }

    #[test]
    fn a_value_in_json_stays_one_text() {
        let json = serde_json::json!({"messages": [{"to": "{to}", "n": 1, "ok": true}]});
        let template = JsonTemplate::try_from(json).expect("a template");
        let hostile = "\"},{\"to\":\"x\\\u{0}\n</script>";
        let filled = template.fill(&|_| hostile.to_owned());
        assert_eq!(filled, serde_json::json!({"messages": [{"to": hostile, "n": 1, "ok": true}]}));
        let text = filled.to_string();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), filled);
    }
}
