//! The staff API over real HTTP: its table of routes, its problems, signing in, and writes that happen
//! once.

use cabildo_bot::credentials::Authenticator;
use cabildo_bot::domain::staff::{FREE_FAILURES, Role, Staff};
use cabildo_bot::http::staff::auth::Rule;
use cabildo_bot::http::staff::{openapi, routes::routes};
use cabildo_tests::serving::Serving;
use cabildo_tests::staff::{Person, base32, call, get, hire, key, person, send, sign_in, write};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

const PASSWORD: &str = "tortilla azul 1821";

/// Writes that may be repeated as they are, and reads that take a body.
const AGAIN: [&str; 9] = [
    "signIn",
    "setUp",
    "signOut",
    "previewText",
    "findNumber",
    "putDraft",
    "previewDemandAnswer",
    "revealLeader",
    "checkHighlight",
];

fn path_of(path: &str) -> String {
    path.replace("{id}", &Uuid::nil().to_string()).replace("{lock}", "account-00").replace(['{', '}'], "")
}

#[test]
fn the_document_is_the_one_that_is_checked_in() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/staff-api.json");
    let document = openapi::document_json().expect("JSON");
    if std::env::var_os("CABILDO_WRITE_DOCS").is_some() {
        std::fs::write(path, &document).expect("written");
    }
    let kept = std::fs::read_to_string(path).expect("the file");
    assert!(kept == document, "run this test with CABILDO_WRITE_DOCS=1 and look at what changed");
    let value: Value = serde_json::from_str(&document).expect("JSON");
    assert!(value["openapi"].as_str().is_some_and(|it| it.starts_with("3.1")));
}

#[test]
fn every_route_is_described_once_and_its_writes_take_a_key() {
    let document: Value = serde_json::from_str(&openapi::document_json().expect("JSON")).expect("JSON");
    let mut names = std::collections::BTreeSet::new();
    for route in routes() {
        assert!(names.insert(route.name), "{route:?}: its name is taken");
        assert!(route.path.starts_with("/staff/v1/"), "{route:?}");
        assert!(route.once || route.method == Method::GET || AGAIN.contains(&route.name), "{route:?}");
        let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
        assert!(operation["operationId"].is_string(), "{route:?} is not described");
        let answers = operation["responses"].as_object().expect("answers");
        assert_eq!(answers.contains_key("401"), route.rule != Rule::Open || answers.contains_key("429"));
        assert!(answers.contains_key("405") && answers.contains_key("500"), "{route:?}");
    }
}

#[tokio::test]
async fn each_route_is_open_to_whom_its_rule_names_and_to_nobody_else() {
    let serving = Serving::start("").await;
    let (store, now) = (&serving.app.service().store, serving.clock.now());
    let mut accounts = Vec::new();
    for role in Role::ALL {
        let account = hire(store, &[(role.code(), "country")], &[], now).await;
        accounts.push((account.staff(), account.id));
    }
    let nothing = hire(store, &[], &[], now).await;
    accounts.push((nothing.staff(), nothing.id));
    let mut asked = 0;
    for route in routes() {
        let path = path_of(route.path);
        let (status, body) = status_of(&serving, &route.method, &path, None).await;
        let refused = (status, body["code"].as_str()) == (401, Some("not_signed_in"));
        assert_eq!(refused, route.rule != Rule::Open, "{route:?} signed out: {status} {body}");
        for (staff, id) in &accounts {
            // A session for each call: one of the routes ends it.
            let who = sign_in(store, *id, now).await;
            let (status, body) = status_of(&serving, &route.method, &path, Some(&who)).await;
            let refused = (status, body["code"].as_str()) == (403, Some("not_allowed"));
            assert_eq!(refused, !allowed(route.rule, staff), "{route:?} {:?}: {status} {body}", staff.roles);
            assert_ne!((status, body["code"].as_str()), (401, Some("not_signed_in")), "{route:?}");
            asked += 1;
        }
    }
    assert_eq!(asked, routes().len() * 8);
    serving.app.shutdown().await;
}

/// What a rule means, said another way than in the service.
fn allowed(rule: Rule, staff: &Staff) -> bool {
    let roles = staff.roles.iter().map(|it| it.role);
    match rule {
        Rule::Open | Rule::SignedIn => true,
        Rule::May(act) => roles.into_iter().any(|it| it.may(act)),
        Rule::MayAny(acts) => roles.into_iter().any(|it| acts.iter().any(|act| it.may(*act))),
    }
}

/// Status and problem of a call that has neither key nor body.
async fn status_of(serving: &Serving, method: &Method, path: &str, who: Option<&Person>) -> (u16, Value) {
    let request = call(serving, method.clone(), path, who.map(|it| it.token.as_str()));
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let kind = response.headers().get("content-type").and_then(|it| it.to_str().ok()).unwrap_or_default();
    // The feed has no end.
    if !kind.starts_with("application/problem+json") {
        return (status, Value::Null);
    }
    let problem: Value = response.json().await.expect("JSON");
    assert_eq!(problem["status"], json!(status));
    assert_eq!(
        problem["type"],
        json!(format!("urn:cabildo:problem:{}", problem["code"].as_str().expect("a code")))
    );
    (status, problem)
}

#[tokio::test]
async fn what_is_wrong_with_a_call_has_a_code() {
    let serving = Serving::start("").await;
    let admin = person(&serving, &[("administrator", "country")]).await;
    let token = Some(admin.token.as_str());
    let code = |it: &(u16, Value)| (it.0, it.1["code"].as_str().unwrap_or_default().to_owned());
    let expect = |status: u16, code: &str| (status, code.to_owned());
    let path = "/staff/v1/users";

    assert_eq!(code(&get(&serving, "/staff/v1/nowhere", &admin).await), expect(404, "not_found"));
    let response = call(&serving, Method::PUT, path, token).send().await.expect("an answer");
    assert_eq!(response.status().as_u16(), 405);
    assert!(response.headers().contains_key("allow"));
    assert_eq!(
        code(&get(&serving, "/staff/v1/users?limit=201", &admin).await),
        expect(400, "invalid_parameter")
    );
    assert_eq!(
        code(&get(&serving, "/staff/v1/users?limit=x", &admin).await),
        expect(400, "invalid_parameter")
    );
    assert_eq!(
        code(&get(&serving, "/staff/v1/users?after=%00", &admin).await),
        expect(400, "invalid_parameter")
    );
    assert_eq!(code(&get(&serving, "/staff/v1/users/1", &admin).await), expect(400, "invalid_parameter"));
    let unknown = format!("/staff/v1/users/{}", Uuid::nil());
    assert_eq!(code(&get(&serving, &unknown, &admin).await), expect(404, "not_found"));

    let post = || call(&serving, Method::POST, path, token);
    let new = json!({ "name": "ana", "shown_name": "Ana", "roles": [] });
    assert_eq!(code(&send(post().json(&new)).await), expect(400, "idempotency_key_missing"));
    let keyed = || post().header("Idempotency-Key", key());
    assert_eq!(code(&send(keyed().body(new.to_string())).await), expect(415, "not_json"));
    let typed = || keyed().header("Content-Type", "application/json");
    assert_eq!(code(&send(typed().body("{")).await), expect(400, "malformed"));
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(code(&send(typed().body(deep)).await), expect(422, "invalid"));
    assert_eq!(code(&send(typed().body("[".repeat(100_000))).await), expect(400, "malformed"));
    assert_eq!(code(&send(typed().body("x".repeat(256 * 1024 + 1))).await), expect(413, "too_large"));
    let nul = json!({ "name": "ana", "shown_name": "A\u{0}na", "roles": [] });
    assert_eq!(code(&send(keyed().json(&nul)).await), expect(422, "invalid"));
    let other = json!({ "name": "ana", "shown_name": "Ana", "roles": [], "secret-canary": 1 });
    let answer = send(keyed().json(&other)).await;
    assert_eq!(code(&answer), expect(422, "invalid"));
    assert!(!answer.1.to_string().contains("canary"), "{}", answer.1);
    let clash = json!({ "name": "ana", "shown_name": "Ana", "roles": [
        { "role": "administrator", "scope": "country" }, { "role": "auditor", "scope": "state:12" }] });
    assert_eq!(code(&send(keyed().json(&clash)).await), expect(422, "roles_clash"));
    let response = call(&serving, Method::GET, path, Some("x")).send().await.expect("an answer");
    assert_eq!(response.status().as_u16(), 401);
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
    assert_eq!(response.headers()["cache-control"], "no-store");
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_write_happens_once_and_a_repeat_gets_its_answer() {
    let serving = Serving::start("").await;
    let admin = person(&serving, &[("administrator", "country")]).await;
    let other = person(&serving, &[("administrator", "country")]).await;
    let store = &serving.app.service().store;
    let new = json!({ "name": "Ana", "shown_name": "Ana", "roles": [
        { "role": "caseworker", "scope": "municipality:12066" }] });
    let same = key();
    let post = |who: &Person, body: &Value| {
        call(&serving, Method::POST, "/staff/v1/users", Some(&who.token))
            .header("Idempotency-Key", &same)
            .json(body)
    };
    let before = store.count_accounts().await.expect("a count");
    let (one, two, three) =
        tokio::join!(send(post(&admin, &new)), send(post(&admin, &new)), send(post(&admin, &new)));
    assert_eq!(one.0, 201, "{}", one.1);
    assert_eq!((&one, &one), (&two, &three));
    assert_eq!(store.count_accounts().await, Ok(before + 1));
    let again = post(&admin, &new).send().await.expect("an answer");
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(again.json::<Value>().await.expect("JSON"), one.1);
    let changed = json!({ "name": "eva", "shown_name": "Eva", "roles": [] });
    let reused = send(post(&admin, &changed)).await;
    assert_eq!((reused.0, &reused.1["code"]), (422, &json!("idempotency_key_reused")));
    // Keys are one's own.
    let taken = send(post(&other, &new)).await;
    assert_eq!((taken.0, &taken.1["code"]), (409, &json!("name_taken")));

    // An act whose answer is kept after it.
    let id = one.1["user"]["id"].as_str().expect("an id").to_owned();
    let once = key();
    for replayed in [false, true] {
        let path = format!("/staff/v1/users/{id}/unlock");
        let request =
            call(&serving, Method::POST, &path, Some(&admin.token)).header("Idempotency-Key", &once);
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers().contains_key("idempotency-replayed"), replayed);
    }

    // A version that is over.
    let path = format!("/staff/v1/users/{id}");
    let body = json!({ "version": 1, "shown_name": "Ana Luz" });
    let (status, user) = write(&serving, Method::PATCH, &path, &admin, &body).await;
    assert_eq!(
        (status, &user["version"], &user["shown_name"]),
        (200, &json!(2), &json!("Ana Luz")),
        "{user}"
    );
    let (status, problem) = write(&serving, Method::PATCH, &path, &admin, &body).await;
    assert_eq!((status, &problem["code"]), (409, &json!("version_conflict")));
    assert_eq!(problem["current"], user);

    // Nobody gives power to the own account.
    let own = format!("/staff/v1/users/{}/grants", admin.id);
    let body = json!({ "version": 1, "grants": ["restricted"], "reason": "because" });
    let (status, problem) = write(&serving, Method::POST, &own, &admin, &body).await;
    assert_eq!((status, &problem["code"]), (403, &json!("own_account")));
    let (status, user) = write(&serving, Method::POST, &own, &other, &body).await;
    assert_eq!((status, &user["grants"]), (200, &json!(["restricted"])), "{user}");
    serving.app.shutdown().await;
}

/// Somebody who chose a password: the name and the authenticator.
pub(crate) struct Ana {
    name: &'static str,
    authenticator: Authenticator,
    recovery: Vec<String>,
    setup_code: String,
}

/// Adds an account by the API and sets it up.
pub(crate) async fn join(serving: &Serving, name: &'static str, roles: Value) -> Ana {
    let admin = person(serving, &[("administrator", "country")]).await;
    let new = json!({ "name": name, "shown_name": "Ana", "roles": roles });
    let (status, added) = write(serving, Method::POST, "/staff/v1/users", &admin, &new).await;
    assert_eq!(status, 201, "{added}");
    let setup_code = added["setup_code"].as_str().expect("a code").to_owned();
    let set_up = |code: &str| {
        let body = json!({ "name": name, "setup_code": code, "password": PASSWORD });
        call(serving, Method::POST, "/staff/v1/set-up", None).json(&body)
    };
    let wrong = send(set_up("AAAA-AAAA-AAAA-AAAA")).await;
    assert_eq!((wrong.0, &wrong.1["code"]), (401, &json!("sign_in_failed")));
    let (status, shown) = send(set_up(&setup_code.to_lowercase())).await;
    assert_eq!(status, 201, "{shown}");
    assert_eq!(send(set_up(&setup_code)).await.0, 401, "a code is used once");
    let url = shown["otpauth_url"].as_str().expect("a URL");
    let secret = shown["totp_secret"].as_str().expect("a secret");
    assert!(url.contains(secret));
    let secret = base32(secret);
    assert_eq!(secret.len(), 20);
    let recovery = shown["recovery_codes"].as_array().expect("codes");
    let recovery: Vec<String> = recovery.iter().map(|it| it.as_str().expect("a code").to_owned()).collect();
    assert_eq!(recovery.len(), 10);
    Ana { name, authenticator: Authenticator::of(secret, name).expect("one"), recovery, setup_code }
}

impl Ana {
    fn digits(&self, serving: &Serving, steps: i64) -> String {
        self.authenticator.digits(serving.clock.now().0 / 1_000 + 30 * steps)
    }

    /// Signs in with password and authenticator.
    pub(crate) async fn sign_in(&self, serving: &Serving) -> Person {
        let (status, body) = self.try_in(serving, PASSWORD, &self.digits(serving, 0)).await;
        assert_eq!(status, 201, "{body}");
        let id = |it: &Value| it.as_str().and_then(|it| it.parse().ok()).expect("an id");
        let token = body["token"].as_str().expect("a token").to_owned();
        Person { id: id(&body["user"]["id"]), token, session: id(&body["session"]["id"]) }
    }

    async fn try_in(&self, serving: &Serving, password: &str, totp: &str) -> (u16, Value) {
        let body = json!({ "with": "password", "name": self.name, "password": password, "totp": totp });
        send(call(serving, Method::POST, "/staff/v1/sessions", None).json(&body)).await
    }
}

#[tokio::test]
async fn a_code_opens_once_and_never_an_older_one_after_it() {
    let serving = Serving::start("").await;
    let ana = join(&serving, "ana", json!([{ "role": "caseworker", "scope": "country" }])).await;
    // A, B, A within 90 s.
    let (a, b) = (ana.digits(&serving, 0), ana.digits(&serving, 1));
    let (status, first) = ana.try_in(&serving, PASSWORD, &a).await;
    assert_eq!(status, 201, "{first}");
    assert_eq!(first["new_place"], json!(true));
    let (status, second) = ana.try_in(&serving, PASSWORD, &b).await;
    assert_eq!((status, &second["new_place"]), (201, &json!(false)), "{second}");
    assert_eq!(ana.try_in(&serving, PASSWORD, &a).await.0, 401);
    assert_eq!(ana.try_in(&serving, PASSWORD, &b).await.0, 401);
    // One code at once, ten times: one wins.
    serving.clock.advance(60_000);
    let code = ana.digits(&serving, 1);
    let tries = futures(10, || ana.try_in(&serving, PASSWORD, &code)).await;
    assert_eq!(tries.iter().filter(|it| it.0 == 201).count(), 1, "{tries:?}");
    // A recovery code opens once.
    serving.clock.advance(20 * 60_000);
    let recover = |code: &str| {
        let body =
            json!({ "with": "recovery_code", "name": "ANA", "password": PASSWORD, "recovery_code": code });
        call(&serving, Method::POST, "/staff/v1/sessions", None).json(&body)
    };
    assert_eq!(send(recover(&ana.recovery[3])).await.0, 201);
    assert_eq!(send(recover(&ana.recovery[3])).await.0, 401);
    serving.app.shutdown().await;
}

/// Runs the same call many times at once.
async fn futures<F: Future<Output = (u16, Value)>>(count: usize, make: impl Fn() -> F) -> Vec<(u16, Value)> {
    let calls: Vec<_> = (0..count).map(|_| make()).collect();
    futures_util::future::join_all(calls).await
}

#[tokio::test]
async fn guessing_is_slowed_down_and_the_answer_tells_nothing() {
    let serving = Serving::start("").await;
    let ana = join(&serving, "ana", json!([{ "role": "caseworker", "scope": "country" }])).await;
    serving.clock.advance(25 * 3_600_000);
    let guess = |name: &'static str| {
        let body =
            json!({ "with": "password", "name": name, "password": "wrong password 1", "totp": "000000" });
        call(&serving, Method::POST, "/staff/v1/sessions", None).json(&body)
    };
    // The place counts as well, so each name guesses from where the clock forgot the other one.
    let mut answers = Vec::new();
    for name in ["ana", "nobody", "not a name at all"] {
        let mut series = Vec::new();
        for _ in 0..6 {
            let (status, body) = send(guess(name)).await;
            series.push((status, body["code"].clone(), body["retry_after_seconds"].clone()));
        }
        answers.push(series);
        serving.clock.advance(25 * 3_600_000);
    }
    assert_eq!(answers[0][0], (401, json!("sign_in_failed"), Value::Null));
    assert_eq!(answers[0][4], (401, json!("sign_in_failed"), Value::Null));
    assert_eq!(answers[0][5], (429, json!("sign_in_blocked"), json!(31)));
    assert!(answers.iter().all(|it| *it == answers[0]), "{answers:?}");

    // The right password waits too; then it opens, and the failures are forgotten.
    for _ in 0..5 {
        assert_eq!(send(guess("ana")).await.0, 401);
    }
    let code = ana.digits(&serving, 0);
    assert_eq!(ana.try_in(&serving, PASSWORD, &code).await.0, 429);
    serving.clock.advance(31_000);
    let code = ana.digits(&serving, 0);
    assert_eq!(ana.try_in(&serving, PASSWORD, &code).await.0, 201);
    assert_eq!(send(guess("ana")).await.0, 401);
    let admin = person(&serving, &[("administrator", "country")]).await;
    let (status, locks) = get(&serving, "/staff/v1/sign-in-locks", &admin).await;
    assert_eq!((status, &locks["items"]), (200, &json!([])));
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_session_ends_by_rest_by_age_and_at_once_when_it_is_ended() {
    let serving = Serving::start("").await;
    let admin = person(&serving, &[("administrator", "country")]).await;
    let who = person(&serving, &[("caseworker", "country")]).await;
    let me = "/staff/v1/me";
    serving.clock.advance(29 * 60_000);
    assert_eq!(get(&serving, me, &who).await.0, 200);
    serving.clock.advance(29 * 60_000);
    assert_eq!(get(&serving, me, &who).await.0, 200);
    assert_eq!(get(&serving, me, &admin).await.0, 401, "58 minutes at rest");
    for _ in 0..23 {
        assert_eq!(get(&serving, me, &who).await.0, 200);
        serving.clock.advance(29 * 60_000);
    }
    assert_eq!(get(&serving, me, &who).await.0, 401, "12 hours old");

    let (store, now) = (&serving.app.service().store, serving.clock.now());
    let (admin, who) = (sign_in(store, admin.id, now).await, sign_in(store, who.id, now).await);
    let other = sign_in(store, who.id, now).await;
    let (_, page) = get(&serving, "/staff/v1/sessions", &who).await;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(2), "{page}");
    // Nobody learns of sessions of others without the right to it.
    let path = format!("/staff/v1/sessions/{}", admin.session);
    assert_eq!(write(&serving, Method::DELETE, &path, &who, &Value::Null).await.0, 404);
    let path = format!("/staff/v1/sessions/{}", other.session);
    assert_eq!(write(&serving, Method::DELETE, &path, &admin, &Value::Null).await.0, 200);
    assert_eq!(get(&serving, me, &other).await.0, 401);
    let out = call(&serving, Method::DELETE, "/staff/v1/sessions/current", Some(&who.token));
    assert_eq!(send(out).await.0, 200);
    assert_eq!(get(&serving, me, &who).await.0, 401);
    // Whoever is disabled is out at once.
    let last = sign_in(store, who.id, now).await;
    let path = format!("/staff/v1/users/{}", who.id);
    let body = json!({ "version": 1, "state": "disabled" });
    assert_eq!(write(&serving, Method::PATCH, &path, &admin, &body).await.0, 200);
    assert_eq!(get(&serving, me, &last).await.0, 401);
    serving.app.shutdown().await;
}

#[tokio::test]
async fn a_stolen_database_signs_nobody_in() {
    let serving = Serving::start("").await;
    let ana = join(&serving, "ana", json!([{ "role": "caseworker", "scope": "country" }])).await;
    let code = ana.digits(&serving, 0);
    let (_, signed) = ana.try_in(&serving, PASSWORD, &code).await;
    let token = signed["token"].as_str().expect("a token").to_owned();
    let secret = ana.authenticator.secret();
    let folder = serving.folder().to_owned();
    serving.app.shutdown().await;
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        bytes.extend(std::fs::read(entry.expect("an entry").path()).unwrap_or_default());
    }
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|it| it == needle);
    assert!(holds(b"$argon2id$v=19$m=65536,t=3,p=1$"), "this looks at the wrong bytes");
    for needle in [
        token.as_bytes(),
        PASSWORD.as_bytes(),
        ana.authenticator.base32().as_bytes(),
        &secret,
        ana.setup_code.as_bytes(),
        ana.setup_code.replace('-', "").as_bytes(),
        ana.recovery[0].as_bytes(),
        ana.recovery[0].replace('-', "").as_bytes(),
    ] {
        assert!(!holds(needle));
    }
}

#[tokio::test]
async fn the_code_of_the_demo_opens_once_for_ten_minutes() {
    let serving = Serving::start("").await;
    let enter = |code: &str| {
        let body = json!({ "with": "demo_code", "code": code });
        call(&serving, Method::POST, "/staff/v1/sessions", None).json(&body)
    };
    assert_eq!(send(enter("AAAA-AAAA-AAAA-AAAA")).await.0, 401, "there is none outside of the demo");
    let code = serving.app.staff().open_demo().await.expect("a code");
    let (status, signed) = send(enter(&code)).await;
    assert_eq!(status, 201, "{signed}");
    assert_eq!(signed["user"]["name"], json!("demo"));
    assert_eq!(send(enter(&code)).await.0, 401);
    let code = serving.app.staff().open_demo().await.expect("a code");
    serving.clock.advance(10 * 60_000);
    assert_eq!(send(enter(&code)).await.0, 401);
    serving.app.shutdown().await;
}

#[tokio::test]
async fn the_trail_is_read_by_auditors_and_checked() {
    let serving = Serving::start("").await;
    let auditor = person(&serving, &[("auditor", "country")]).await;
    let admin = person(&serving, &[("administrator", "country")]).await;
    let new = json!({ "name": "eva", "shown_name": "Eva", "roles": [] });
    let (_, added) = write(&serving, Method::POST, "/staff/v1/users", &admin, &new).await;
    let id = added["user"]["id"].as_str().expect("an id");
    let path = format!("/staff/v1/audit?target_kind=user&target_id={id}");
    let (status, page) = get(&serving, &path, &auditor).await;
    assert_eq!(status, 200, "{page}");
    assert_eq!(page["items"][0]["act"], json!("user_added"));
    assert_eq!(page["items"][0]["actor_id"], json!(admin.id));
    assert!(!page.to_string().contains("Eva"), "{page}");
    let (_, first) = get(&serving, "/staff/v1/audit?limit=2", &auditor).await;
    let (_, second) =
        get(&serving, &format!("/staff/v1/audit?limit=2&before={}", first["next"]), &auditor).await;
    assert_eq!(second["items"][0]["seq"].as_i64(), first["items"][1]["seq"].as_i64().map(|it| it - 1));
    let (status, head) = get(&serving, "/staff/v1/audit/head", &auditor).await;
    assert_eq!((status, head["mac"].as_str().map(str::len)), (200, Some(64)), "{head}");
    let (status, check) =
        write(&serving, Method::POST, "/staff/v1/audit/verify", &auditor, &Value::Null).await;
    assert_eq!((status, &check["sound"]), (200, &json!(true)), "{check}");
    assert!(check["heads"].as_i64() >= Some(1), "{check}");
    serving.app.shutdown().await;
}

/// Reported, not asserted: `CABILDO_LONG=1 cargo test ... sign_in_is_timed -- --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_is_timed_on_demand() {
    if std::env::var_os("CABILDO_LONG").is_none() {
        return;
    }
    let serving = Serving::start("[channels.telco]\ntype = \"kannel\"\n").await;
    let ana = join(&serving, "ana", json!([{ "role": "caseworker", "scope": "country" }])).await;
    // A name that is there and one that is not, in turn: 100 times each.
    let mut took = [Vec::new(), Vec::new()];
    for _ in 0..100 {
        for (index, name) in [ana.name, "nobody"].into_iter().enumerate() {
            serving.clock.advance(25 * 3_600_000);
            let body =
                json!({ "with": "password", "name": name, "password": "wrong password 1", "totp": "000000" });
            let began = std::time::Instant::now();
            let answer = send(call(&serving, Method::POST, "/staff/v1/sessions", None).json(&body)).await;
            took[index].push(began.elapsed());
            assert_eq!(answer.0, 401, "{}", answer.1);
        }
    }
    let medians = took.map(|mut it| {
        it.sort();
        it[it.len() / 2]
    });
    println!("a wrong password: known name {:?}, unknown name {:?}", medians[0], medians[1]);
    serving.app.shutdown().await;
}

/// The percentile of what was measured, in order.
fn at(took: &[std::time::Duration], percent: usize) -> std::time::Duration {
    took[(took.len() - 1) * percent / 100]
}

/// So many messages one after the other; how long each took, in order.
async fn messages(serving: &Serving, first: u32, count: u32) -> Vec<std::time::Duration> {
    let mut took = Vec::new();
    for id in first..first + count {
        let path = format!("/webhooks/sms/telco?from=%2B5255{id:08}&text=tlapa&id=t{id}");
        let began = std::time::Instant::now();
        assert_eq!(serving.get(&path).await.0, 200);
        took.push(began.elapsed());
    }
    took.sort();
    took
}

/// Wrong passwords from so many places at once, each for another name or all for one; each answer.
async fn wrong_passwords(serving: &Serving, count: u8, of_one_name: bool) -> Vec<(u16, Value)> {
    let address = serving.app.staff_address().expect("a listener");
    let tries = (0..count).map(|number| {
        let client = reqwest::Client::builder()
            .local_address(std::net::IpAddr::from([127, 0, 0, 10 + number]))
            .timeout(std::time::Duration::from_mins(2))
            .no_proxy()
            .build()
            .expect("a client");
        let name = if of_one_name { "somebody".to_owned() } else { format!("nobody{number}") };
        let body =
            json!({ "with": "password", "name": name, "password": "wrong password 1", "totp": "000000" });
        send(client.post(format!("http://{address}/staff/v1/sessions")).json(&body))
    });
    futures_util::future::join_all(tries).await
}

/// The times are reported: `CABILDO_LONG=1 cargo test ... fifty_sign_ins -- --nocapture`.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_sign_ins_at_once_are_all_answered_and_so_are_messages_meanwhile() {
    let serving = Serving::start("[channels.telco]\ntype = \"kannel\"\n").await;
    let count = if std::env::var_os("CABILDO_LONG").is_some() { 2_000 } else { 50 };
    let alone = messages(&serving, 0, count).await;
    // From fifty places, so that each is looked at: all of them cost a hash.
    let began = std::time::Instant::now();
    let (answers, beside) =
        tokio::join!(wrong_passwords(&serving, 50, false), messages(&serving, count, count));
    println!(
        "50 sign-ins within {:?}; {count} messages alone: median {:?}, p99 {:?}; meanwhile: median {:?}, p99 {:?}",
        began.elapsed(),
        at(&alone, 50),
        at(&alone, 99),
        at(&beside, 50),
        at(&beside, 99),
    );
    assert_eq!(answers.len(), 50);
    for answer in &answers {
        assert_eq!((answer.0, answer.1["code"].as_str()), (401, Some("sign_in_failed")), "{}", answer.1);
    }
    // For one name no more are looked at than are free, from wherever they come; the others wait.
    let answers = wrong_passwords(&serving, 50, true).await;
    let of = |status: u16, code: &str| {
        answers.iter().filter(|it| it.0 == status && it.1["code"].as_str() == Some(code)).count()
    };
    assert_eq!(of(401, "sign_in_failed"), FREE_FAILURES as usize, "{answers:?}");
    assert_eq!(of(429, "sign_in_blocked"), 50 - FREE_FAILURES as usize, "{answers:?}");
    serving.app.shutdown().await;
}
