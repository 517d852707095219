//! Around every route: who may call it, and that a write happens once.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

use super::auth::{Caller, Rule, authenticate};
use super::extract::read_body;
use super::problem::{Code, Problem};
use super::{BODY_LIMIT, StaffState};
use crate::store;
use crate::store::staff::{Answer, Attempt};

/// The header with the caller's key.
const HEADER: &str = "idempotency-key";
/// The longest key.
const LONGEST: usize = 128;
/// The largest answer that is kept, bytes.
const LARGEST_ANSWER: usize = 4 * BODY_LIMIT;

/// What a route's guard knows.
#[derive(Clone)]
pub(super) struct Guard {
    pub(super) state: Arc<StaffState>,
    pub(super) rule: Rule,
    /// Whether it is a write that must happen once.
    pub(super) once: bool,
}

/// The attempt in the handler of a write.
#[derive(Clone, Debug)]
pub struct Once(pub Attempt);

impl<S: Sync> FromRequestParts<S> for Once {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Attempt>().cloned().map(Self).ok_or(Code::KeyMissing.into())
    }
}

/// Lets a call through to its handler.
pub(super) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let mut response = match pass(&guard, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn pass(guard: &Guard, mut request: Request, next: Next) -> Result<Response, Problem> {
    if guard.rule == Rule::Open {
        return Ok(next.run(request).await);
    }
    let caller = authenticate(&guard.state, request.headers()).await?;
    if !guard.rule.allows(&caller.staff) {
        return Err(Code::NotAllowed.into());
    }
    let staff_id = caller.staff.id;
    request.extensions_mut().insert(Arc::<Caller>::new(caller));
    if !guard.once {
        return Ok(next.run(request).await);
    }

    let key = read_key(request.headers())?;
    let (mut parts, body) = request.into_parts();
    let bytes = read_body(&guard.state, body).await?;
    let attempt = Attempt::new(staff_id, key, hash(&parts, &bytes));
    if let Some(answer) = find(guard, &attempt).await? {
        return Ok(replay(answer));
    }
    parts.extensions.insert(attempt.clone());
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    if response.status() == StatusCode::CONFLICT {
        // Another call with the same key may have been first.
        return Ok(find(guard, &attempt).await?.map_or(response, replay));
    }
    if !response.status().is_success() || attempt.is_kept() {
        return Ok(response);
    }
    keep(guard, &attempt, response).await
}

fn read_key(headers: &HeaderMap) -> Result<String, Problem> {
    let Some(given) = headers.get(HEADER) else { return Err(Code::KeyMissing.into()) };
    let text = given.to_str().unwrap_or_default();
    if (1..=LONGEST).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_graphic()) {
        return Ok(text.to_owned());
    }
    Err(Problem::parameter("Idempotency-Key", "write 1 to 128 visible ASCII characters, such as a UUID"))
}

/// SHA-256 over method, path, query and body.
fn hash(parts: &Parts, body: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    let target = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    for part in [parts.method.as_str().as_bytes(), target.as_bytes(), body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

async fn find(guard: &Guard, attempt: &Attempt) -> Result<Option<Answer>, Problem> {
    match guard.state.service.store.find_answer(attempt).await {
        Ok(found) => Ok(found),
        Err(store::Error::Conflict) => Err(Code::KeyReused.into()),
        Err(problem) => Err(problem.into()),
    }
}

fn replay(answer: Answer) -> Response {
    let mut response = json(answer);
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    response
}

/// An answer as a response of JSON.
pub(super) fn json(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Keeps the answer to a write that has no transaction of ours.
async fn keep(guard: &Guard, attempt: &Attempt, response: Response) -> Result<Response, Problem> {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, LARGEST_ANSWER).await.map_err(|_| Code::Internal)?;
    let body = String::from_utf8(bytes.to_vec()).map_err(|_| Code::Internal)?;
    let answer = Answer { status: parts.status.as_u16(), body };
    let now = guard.state.clock.now();
    match guard.state.service.store.keep_answer(attempt, &answer, now).await {
        Ok(()) => Ok(Response::from_parts(parts, Body::from(answer.body))),
        Err(store::Error::Conflict) => Ok(find(guard, attempt).await?.map_or_else(|| json(answer), replay)),
        Err(problem) => Err(problem.into()),
    }
}
