//! What handlers take from a request; each failure is a problem with a code.

use std::sync::Arc;

use axum::body::{Body as HttpBody, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::problem::{Code, Problem};
use super::{BODY_LIMIT, StaffState};

/// How deep a document may be.
const DEPTH: usize = 64;

/// A body of JSON.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<StaffState>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &Arc<StaffState>) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        check_type(&parts.headers)?;
        let bytes = read_body(state, body).await?;
        read_json(&bytes).map(Self)
    }
}

/// Refuses what does not say that it is JSON.
fn check_type(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let kind = given.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") { Ok(()) } else { Err(Code::NotJson.into()) }
}

/// Reads a body within the limits of size and time.
pub(super) async fn read_body(state: &StaffState, body: HttpBody) -> Result<Bytes, Problem> {
    match tokio::time::timeout(state.read_timeout, axum::body::to_bytes(body, BODY_LIMIT)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(Code::TooLarge.into()),
        Err(_) => Err(Code::TooSlow.into()),
    }
}

/// Reads JSON; the reader's own sentence may quote the text, hence is not shown.
fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|problem| {
        Problem::new(
            Code::Malformed,
            format!("no JSON at line {}, column {}", problem.line(), problem.column()),
        )
    })?;
    if !fits(&value, DEPTH) {
        return Err(Problem::new(Code::Invalid, "a text holds U+0000, or the document is too deep"));
    }
    serde_json::from_value(value).map_err(|problem| Problem::new(Code::Invalid, name_fields(&problem)))
}

/// What a reader complains of, without values: it quotes those of unknown variants and wrong types.
fn name_fields(problem: &serde_json::Error) -> String {
    let text = problem.to_string();
    for start in ["missing field `", "unknown field `"] {
        if let Some(field) = text.strip_prefix(start).and_then(|it| it.split('`').next())
            && field.len() <= 40
            && field.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
        {
            return format!("{start}{field}`");
        }
    }
    "a field is missing, unknown or of a wrong type".to_owned()
}

fn fits(value: &serde_json::Value, depth: usize) -> bool {
    use serde_json::Value;
    match value {
        Value::String(text) => !text.contains('\0'),
        Value::Array(items) => depth > 0 && items.iter().all(|it| fits(it, depth - 1)),
        Value::Object(fields) => {
            depth > 0 && fields.iter().all(|(key, it)| !key.contains('\0') && fits(it, depth - 1))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// The parameters of the query.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        if parts.uri.query().is_some_and(|it| it.contains("%00")) {
            return Err(Problem::new(Code::InvalidParameter, "a parameter holds U+0000"));
        }
        Query::try_from_uri(&parts.uri)
            .map(|Query(it)| Self(it))
            .map_err(|_| Problem::new(Code::InvalidParameter, "a parameter of the query can't be read"))
    }
}

/// The id that ends a path, or stands in it.
#[derive(Clone, Copy, Debug)]
pub struct Id(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::parameter("id", "it can't be read"))?;
        Uuid::try_parse(&text).map(Self).map_err(|_| Problem::parameter("id", "it is no UUID"))
    }
}

/// The version that a write follows: the header `If-Match` where it is given.
#[derive(Clone, Copy, Debug)]
pub struct IfMatch(pub Option<i64>);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(given) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let number = given.to_str().ok().and_then(|it| it.trim().trim_matches('"').parse().ok());
        number
            .map(|it| Self(Some(it)))
            .ok_or_else(|| Problem::parameter("If-Match", "write the version as a number in quotation marks"))
    }
}

/// How many rows of a list are wanted: 50 unless it is said, 200 at most.
pub fn page_size(asked: Option<u32>) -> Result<u32, Problem> {
    match asked {
        None => Ok(50),
        Some(it @ 1..=200) => Ok(it),
        Some(_) => Err(Problem::parameter("limit", "it must be from 1 to 200")),
    }
}
