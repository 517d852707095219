//! Accounts, roles, grants, and who must not try to sign in.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::Response;
use cabildo_staff_api as wire;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::StaffState;
use super::auth::{Caller, Rule};
use super::extract::{Body, Id, IfMatch, Params, page_size};
use super::idempotency::{Once, json as json_response};
use super::problem::{Code, Problem};
use super::routes::{Kind, Route};
use super::sign_in::account_key;
use crate::credentials::{draw_code, fold_code};
use crate::domain::staff::{Act, Assignment, Clash, Grant, LOCKING_FAILURES, Role, check_roles, fold_name};
use crate::ids;
use crate::store;
use crate::store::audit::New as Audit;
use crate::store::staff::{
    Account, AccountChange, AccountState, Answer, NewAccount, Source, Write, set_up_until,
};

/// The longest shown name, characters.
const LONGEST_NAME: usize = 80;
/// The most roles of an account.
const MOST_ROLES: usize = 200;

/// The lines of the table.
pub(super) fn routes() -> Vec<Route> {
    let (get, post, patch) = (Method::GET, Method::POST, Method::PATCH);
    let reading = Rule::May(Act::ReadAccounts);
    let editing = Rule::May(Act::EditAccounts);
    let version = "The version that this follows, in quotation marks; instead of the one in the body.";
    vec![
        Route::new(get.clone(), "/staff/v1/users", reading, "listUsers", "Accounts by name", list)
            .asks("after", Kind::Text(64), "The `next` of the page before.")
            .asks("limit", Kind::Number(1, 200), "How many; 50 unless it is said.")
            .gives::<wire::UserPage>(200),
        Route::new(
            post.clone(),
            "/staff/v1/users",
            editing,
            "addUser",
            "Adds an account; gives its one-time set-up code",
            add,
        )
        .takes::<wire::NewUser>()
        .gives::<wire::SetUpCode>(201)
        .fails(&[Code::NameTaken, Code::RolesClash]),
        Route::new(get.clone(), "/staff/v1/users/{id}", reading, "getUser", "An account", one)
            .gives::<wire::User>(200),
        Route::new(patch, "/staff/v1/users/{id}", editing, "changeUser", "Changes an account", change)
            .heeds("If-Match", Kind::Text(24), version)
            .takes::<wire::UserChange>()
            .gives::<wire::User>(200)
            .fails(&[Code::RolesClash, Code::OwnAccount, Code::StateConflict]),
        Route::new(
            post.clone(),
            "/staff/v1/users/{id}/reset",
            editing,
            "resetUser",
            "Takes password, second factor and sessions away; gives a new set-up code",
            reset,
        )
        .gives::<wire::SetUpCode>(200)
        .fails(&[Code::OwnAccount, Code::StateConflict]),
        Route::new(
            post.clone(),
            "/staff/v1/users/{id}/unlock",
            editing,
            "unlockUser",
            "Lets an account try to sign in again",
            unlock,
        )
        .gives::<wire::Done>(200),
        Route::new(
            post,
            "/staff/v1/users/{id}/grants",
            editing,
            "changeGrants",
            "Says what is allowed to an account beyond its roles",
            grant,
        )
        .heeds("If-Match", Kind::Text(24), version)
        .takes::<wire::GrantChange>()
        .gives::<wire::User>(200)
        .fails(&[Code::OwnAccount]),
        Route::new(
            get.clone(),
            "/staff/v1/roles",
            Rule::SignedIn,
            "listRoles",
            "All roles and what each allows",
            roles,
        )
        .gives::<wire::RoleList>(200),
        Route::new(
            get,
            "/staff/v1/sign-in-locks",
            editing,
            "listSignInLocks",
            "Accounts and places that must not try to sign in now",
            locks,
        )
        .asks("kind", Kind::Word(&["account", "source"]), "Only those of this kind.")
        .gives::<wire::LockPage>(200),
        Route::new(
            Method::DELETE,
            "/staff/v1/sign-in-locks/{lock}",
            editing,
            "releaseSignInLock",
            "Lets an account or a place try again",
            release,
        )
        .gives::<wire::Done>(200),
    ]
}

fn write_role(role: Role) -> wire::Role {
    match role {
        Role::Moderator => wire::Role::Moderator,
        Role::Caseworker => wire::Role::Caseworker,
        Role::Editor => wire::Role::Editor,
        Role::Approver => wire::Role::Approver,
        Role::Auditor => wire::Role::Auditor,
        Role::Analyst => wire::Role::Analyst,
        Role::Administrator => wire::Role::Administrator,
    }
}

fn read_role(role: wire::Role) -> Role {
    Role::ALL.into_iter().find(|it| write_role(*it) == role).unwrap_or(Role::Analyst)
}

/// An account as it is sent.
pub(super) fn write(account: &Account) -> wire::User {
    let roles = account.roles.iter();
    wire::User {
        id: account.id,
        name: account.name.clone(),
        shown_name: account.shown_name.clone(),
        state: match account.state {
            AccountState::Invited => wire::UserState::Invited,
            AccountState::Active => wire::UserState::Active,
            AccountState::Disabled => wire::UserState::Disabled,
        },
        office: account.office.clone(),
        roles: roles
            .map(|it| wire::Assignment { role: write_role(it.role), scope: it.scope.to_string() })
            .collect(),
        grants: account.grants.iter().map(|it| it.code().to_owned()).collect(),
        second_factor: account.second_factor,
        signed_in_at: account.signed_in_at,
        created_at: account.created_at,
        version: account.version,
    }
}

/// An answer that nobody keeps.
pub(super) fn no_answer() -> Answer {
    Answer { status: 200, body: String::new() }
}

fn written(account: &Account) -> Answer {
    Answer { status: 200, body: serde_json::to_string(&write(account)).unwrap_or_default() }
}

fn read_roles(given: &[wire::Assignment]) -> Result<Vec<Assignment>, Problem> {
    if given.len() > MOST_ROLES {
        return Err(Problem::invalid("roles", "at most 200"));
    }
    let mut roles = Vec::new();
    for it in given {
        let scope = it
            .scope
            .parse()
            .map_err(|()| Problem::invalid("roles", "a scope is country, state:KEY or municipality:KEY"))?;
        roles.push(Assignment { role: read_role(it.role), scope });
    }
    roles.sort();
    roles.dedup();
    check_roles(&roles).map_err(|Clash::AdministratorAndAuditor| {
        Problem::new(Code::RolesClash, "an administrator can't be an auditor")
    })?;
    Ok(roles)
}

fn read_shown_name(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    let fits = (1..=LONGEST_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(Problem::invalid("shown_name", "write 1 to 80 characters")) }
}

fn read_office(text: &str) -> Result<Option<String>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let fits = text.len() <= 64 && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-".contains(&it));
    if fits {
        Ok(Some(text.to_owned()))
    } else {
        Err(Problem::invalid("office", "it is no code of an office"))
    }
}

fn audit(
    state: &StaffState,
    caller: &Caller,
    act: &'static str,
    id: Uuid,
    detail: serde_json::Value,
) -> Audit {
    Audit {
        actor_id: Some(caller.staff.id),
        act,
        target_kind: "user",
        target_id: id.to_string(),
        detail,
        at: state.clock.now(),
    }
}

#[derive(Deserialize)]
struct Page {
    after: Option<String>,
    limit: Option<u32>,
}

async fn list(
    State(state): State<Arc<StaffState>>,
    Params(asked): Params<Page>,
) -> Result<Json<wire::UserPage>, Problem> {
    let limit = page_size(asked.limit)?;
    let after = asked.after.unwrap_or_default();
    let found = state.service.store.list_accounts(&after, limit + 1).await?;
    let items: Vec<wire::User> = found.iter().take(limit as usize).map(write).collect();
    let more = found.len() > items.len();
    let next = if more { items.last().map(|it| it.name.clone()) } else { None };
    Ok(Json(wire::UserPage { items, next }))
}

async fn one(State(state): State<Arc<StaffState>>, Id(id): Id) -> Result<Json<wire::User>, Problem> {
    let account = state.service.store.find_account(id).await?.ok_or(Code::NotFound)?;
    Ok(Json(write(&account)))
}

/// A new set-up code: itself, what is kept of it, and its end.
fn draw_set_up(state: &StaffState) -> Result<(String, (Vec<u8>, i64)), Problem> {
    let code = draw_code()?;
    let hash = state.service.store.staff_hash("setup code", &[&fold_code(&code)])?;
    Ok((code, (hash, set_up_until(state.clock.now()).0)))
}

/// An answer with a set-up code; answers are kept sealed.
fn with_code(status: u16, account: &Account, code: &str, expires_at: i64) -> Answer {
    let shown = wire::SetUpCode { user: write(account), setup_code: code.to_owned(), expires_at };
    Answer { status, body: serde_json::to_string(&shown).unwrap_or_default() }
}

async fn add(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Once(once): Once,
    Body(new): Body<wire::NewUser>,
) -> Result<Response, Problem> {
    let store = &state.service.store;
    let name = fold_name(&new.name).ok_or_else(|| {
        Problem::invalid("name", "write 2 to 64 letters, digits, dots, dashes or underscores")
    })?;
    let (code, set_up) = draw_set_up(&state)?;
    let id = ids::new_id(state.clock.now());
    let account = NewAccount {
        id,
        name,
        shown_name: read_shown_name(&new.shown_name)?,
        office: read_office(new.office.as_deref().unwrap_or_default())?,
        roles: read_roles(&new.roles)?,
        set_up: Some(set_up.clone()),
    };
    let detail = json!({ "roles": codes(&account.roles) });
    let audit = audit(&state, &caller, "user_added", id, detail);
    let (kept, until) = (code.clone(), set_up.1);
    let write = store.staff_write(Some(once), audit, move |it: &Account| with_code(201, it, &kept, until));
    match store.add_account(account, write).await {
        Ok(account) => Ok(json_response(with_code(201, &account, &code, until))),
        Err(store::Error::Conflict) => Err(Code::NameTaken.into()),
        Err(problem) => Err(problem.into()),
    }
}

fn codes(roles: &[Assignment]) -> Vec<String> {
    roles.iter().map(|it| format!("{}@{}", it.role.code(), it.scope)).collect()
}

/// Refuses what nobody may do to the own account: whoever asks for more power asks somebody else.
fn not_own(caller: &Caller, id: Uuid) -> Result<(), Problem> {
    if caller.staff.id == id { Err(Code::OwnAccount.into()) } else { Ok(()) }
}

/// Changes an account; a conflict shows how it is now.
async fn update(
    state: &StaffState,
    id: Uuid,
    version: i64,
    change: AccountChange,
    write: Write<Account>,
) -> Result<Account, Problem> {
    let store = &state.service.store;
    match store.update_account(id, version, change, write).await {
        Err(store::Error::Conflict) => {
            let now = store.find_account(id).await?.ok_or(Code::NotFound)?;
            Err(Problem::conflict(&self::write(&now)))
        }
        changed => Ok(changed?),
    }
}

async fn change(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Once(once): Once,
    Body(new): Body<wire::UserChange>,
) -> Result<Json<wire::User>, Problem> {
    if new.roles.is_some() || new.state.is_some() || new.office.is_some() {
        not_own(&caller, id)?;
    }
    let store = &state.service.store;
    let before = store.find_account(id).await?.ok_or(Code::NotFound)?;
    let to = match new.state {
        None => None,
        Some(wire::UserState::Disabled) => Some(AccountState::Disabled),
        Some(wire::UserState::Active) if before.second_factor => Some(AccountState::Active),
        Some(wire::UserState::Active | wire::UserState::Invited) => {
            return Err(Problem::new(Code::StateConflict, "account_has_no_password"));
        }
    };
    let change = AccountChange {
        shown_name: new.shown_name.as_deref().map(read_shown_name).transpose()?,
        office: new.office.as_deref().map(read_office).transpose()?,
        state: to,
        roles: new.roles.as_deref().map(read_roles).transpose()?,
        ..AccountChange::default()
    };
    let detail = json!({
        "roles": change.roles.as_deref().map(codes),
        "state": to.map(AccountState::code),
        "office": change.office,
        "shown_name": change.shown_name.is_some(),
    });
    let audit = audit(&state, &caller, "user_changed", id, detail);
    let write = store.staff_write(Some(once), audit, written);
    let account = update(&state, id, version.unwrap_or(new.version), change, write).await?;
    Ok(Json(self::write(&account)))
}

async fn reset(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(once): Once,
) -> Result<Response, Problem> {
    not_own(&caller, id)?;
    let store = &state.service.store;
    let before = store.find_account(id).await?.ok_or(Code::NotFound)?;
    if before.state == AccountState::Disabled {
        return Err(Problem::new(Code::StateConflict, "account_is_disabled"));
    }
    let (code, set_up) = draw_set_up(&state)?;
    let change = AccountChange { reset: Some(set_up.clone()), ..AccountChange::default() };
    let audit = audit(&state, &caller, "user_reset", id, json!({}));
    let (kept, until) = (code.clone(), set_up.1);
    let write = store.staff_write(Some(once), audit, move |it: &Account| with_code(200, it, &kept, until));
    let account = update(&state, id, before.version, change, write).await?;
    Ok(json_response(with_code(200, &account, &code, until)))
}

async fn unlock(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    Once(_): Once,
) -> Result<Json<wire::Done>, Problem> {
    let store = &state.service.store;
    let account = store.find_account(id).await?.ok_or(Code::NotFound)?;
    let key = account_key(&state, &account.name)?;
    store.release_account(&key, audit(&state, &caller, "user_unlocked", id, json!({}))).await?;
    Ok(Json(wire::Done { done: true }))
}

async fn grant(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Once(once): Once,
    Body(new): Body<wire::GrantChange>,
) -> Result<Json<wire::User>, Problem> {
    not_own(&caller, id)?;
    let mut grants = new
        .grants
        .iter()
        .map(|it| it.parse().map_err(|()| Problem::invalid("grants", "there is no such grant")))
        .collect::<Result<Vec<Grant>, Problem>>()?;
    grants.sort();
    grants.dedup();
    let length = new.reason.trim().chars().count();
    if !(3..=200).contains(&length) {
        return Err(Problem::invalid("reason", "write 3 to 200 characters"));
    }
    let store = &state.service.store;
    let given: Vec<&str> = grants.iter().map(|it| it.code()).collect();
    let detail = json!({ "grants": given, "reason_length": length });
    let audit = audit(&state, &caller, "grants_changed", id, detail);
    let change = AccountChange { grants: Some(grants), ..AccountChange::default() };
    let write = store.staff_write(Some(once), audit, written);
    let account = update(&state, id, version.unwrap_or(new.version), change, write).await?;
    Ok(Json(self::write(&account)))
}

async fn roles() -> Json<wire::RoleList> {
    let allows = |role: Role| Act::ALL.into_iter().filter(move |it| role.may(*it));
    let items = Role::ALL.into_iter().map(|role| wire::RoleInfo {
        role: write_role(role),
        acts: allows(role).map(|it| it.code().to_owned()).collect(),
    });
    Json(wire::RoleList {
        items: items.collect(),
        grants: Grant::ALL.into_iter().map(|it| it.code().to_owned()).collect(),
    })
}

/// Accounts that are compared with what is locked: a town has fewer.
const COMPARED: u32 = 1_000;

#[derive(Deserialize)]
struct AskedLocks {
    kind: Option<String>,
}

async fn locks(
    State(state): State<Arc<StaffState>>,
    Params(asked): Params<AskedLocks>,
) -> Result<Json<wire::LockPage>, Problem> {
    let store = &state.service.store;
    let mut locks = store.list_locks(state.clock.now()).await?;
    match asked.kind.as_deref() {
        None => {}
        Some(kind @ ("account" | "source")) => locks.retain(|it| it.kind == kind),
        Some(_) => return Err(Problem::parameter("kind", "it is account or source")),
    }
    let mut by_key = std::collections::HashMap::new();
    if locks.iter().any(|it| it.kind == "account") {
        for account in store.list_accounts("", COMPARED).await? {
            by_key.insert(account_key(&state, &account.name)?, account.id);
        }
    }
    let items = locks.into_iter().map(|it| wire::SignInLock {
        id: format!("{}-{}", it.kind, hex::encode(&it.attempt_key)),
        user_id: by_key.get(&it.attempt_key).copied(),
        kind: it.kind,
        failures: it.failures,
        blocked_until: (it.failures < LOCKING_FAILURES).then_some(it.blocked_until),
    });
    Ok(Json(wire::LockPage { items: items.collect() }))
}

async fn release(
    State(state): State<Arc<StaffState>>,
    caller: Caller,
    Path(lock): Path<String>,
    Once(_): Once,
) -> Result<Json<wire::Done>, Problem> {
    let store = &state.service.store;
    let (kind, key) = lock.split_once('-').ok_or(Code::NotFound)?;
    let key = hex::decode(key).map_err(|_| Code::NotFound)?;
    let audit = Audit {
        actor_id: Some(caller.staff.id),
        act: "sign_in_released",
        target_kind: "sign_in_lock",
        target_id: lock.clone(),
        detail: json!({}),
        at: state.clock.now(),
    };
    let gone = match kind {
        "account" => store.release_account(&key, audit).await?,
        "source" => store.release_source(&Source(key), audit).await?,
        _ => false,
    };
    if gone { Ok(Json(wire::Done { done: true })) } else { Err(Code::NotFound.into()) }
}
