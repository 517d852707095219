//! People who work with the console, for tests: accounts that are signed in, and calls to the staff API.

use cabildo_bot::domain::staff::{Assignment, Grant, Role};
use cabildo_bot::domain::time::UnixMillis;
use cabildo_bot::ids;
use cabildo_bot::store::Store;
use cabildo_bot::store::audit::New as Audit;
use cabildo_bot::store::staff::{
    Account, AccountChange, Answer, Factor, NewAccount, NewSession, SignIn, Source,
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::serving::Serving;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account.
    pub id: Uuid,
    /// The token of the session.
    pub token: String,
    /// The session.
    pub session: Uuid,
}

/// An entry of the audit trail that nobody reads.
pub fn audit(act: &'static str, now: UnixMillis) -> Audit {
    Audit { actor_id: None, act, target_kind: "test", target_id: "1".to_owned(), detail: json!({}), at: now }
}

fn silent(_: &Account) -> Answer {
    Answer { status: 200, body: String::new() }
}

/// Adds an account with these roles (`("caseworker", "country")`) that nobody signs in to by a password.
pub async fn hire(store: &Store, roles: &[(&str, &str)], grants: &[Grant], now: UnixMillis) -> Account {
    let id = Uuid::from_bytes(ids::random_bytes().expect("random bytes"));
    let read = |(role, scope): &(&str, &str)| Assignment {
        role: role.parse::<Role>().expect("a role"),
        scope: scope.parse().expect("a scope"),
    };
    let new = NewAccount {
        id,
        name: format!("t{}", id.simple()),
        shown_name: "Somebody".to_owned(),
        office: None,
        roles: roles.iter().map(read).collect(),
        set_up: None,
    };
    let write = store.staff_write(None, audit("user_added", now), silent);
    let account = store.add_account(new, write).await.expect("added");
    if grants.is_empty() {
        return account;
    }
    let change = AccountChange { grants: Some(grants.to_vec()), ..AccountChange::default() };
    let write = store.staff_write(None, audit("grants_changed", now), silent);
    store.update_account(id, account.version, change, write).await.expect("changed")
}

/// Begins a session without a password.
pub async fn sign_in(store: &Store, staff_id: Uuid, now: UnixMillis) -> Person {
    use base64::Engine as _;
    let bytes: [u8; 32] = ids::random_bytes().expect("random bytes");
    let token = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let session = Uuid::from_bytes(ids::random_bytes().expect("random bytes"));
    let new = NewSession {
        id: session,
        token_hash: Sha256::digest(token.as_bytes()).to_vec(),
        source_key: vec![1],
    };
    let sign_in = SignIn {
        staff_id,
        account_key: vec![2],
        source: Source(vec![1]),
        factor: Factor::Demo,
        session: new,
        rehashed: None,
    };
    store.finish_sign_in(sign_in, audit("signed_in", now), now).await.expect("signed in");
    Person { id: staff_id, token, session }
}

/// Somebody with these roles, signed in at a service.
pub async fn person(serving: &Serving, roles: &[(&str, &str)]) -> Person {
    let (store, now) = (&serving.app.service().store, serving.clock.now());
    let account = hire(store, roles, &[], now).await;
    sign_in(store, account.id, now).await
}

/// A call of the staff API; `token`: of whom.
pub fn call(serving: &Serving, method: Method, path: &str, token: Option<&str>) -> RequestBuilder {
    let address = serving.app.staff_address().expect("a listener");
    let request = serving.client.request(method, format!("http://{address}{path}"));
    match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    }
}

/// A key for one write.
pub fn key() -> String {
    Uuid::from_bytes(ids::random_bytes().expect("random bytes")).to_string()
}

/// Sends a call: status and body, which is JSON or nothing.
pub async fn send(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let text = response.text().await.expect("a text");
    let value = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("JSON") };
    (status, value)
}

/// Reads something.
pub async fn get(serving: &Serving, path: &str, who: &Person) -> (u16, Value) {
    send(call(serving, Method::GET, path, Some(&who.token))).await
}

/// Writes something, with a key of its own.
pub async fn write(
    serving: &Serving,
    method: Method,
    path: &str,
    who: &Person,
    body: &Value,
) -> (u16, Value) {
    let request = call(serving, method, path, Some(&who.token)).header("Idempotency-Key", key());
    send(if body.is_null() { request } else { request.json(body) }).await
}

/// The bytes that a secret of a second factor stands for.
pub fn base32(text: &str) -> Vec<u8> {
    let bits: String = text
        .bytes()
        .map(|it| {
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|letter| *letter == it).expect("base32")
        })
        .fold(String::new(), |bits, it| bits + &format!("{it:05b}"));
    bits.as_bytes()
        .chunks_exact(8)
        .map(|it| u8::from_str_radix(std::str::from_utf8(it).expect("digits"), 2).expect("a byte"))
        .collect()
}
