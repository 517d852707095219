//! Signing in. Whatever is wrong, the answer and the work are the same.

use std::net::IpAddr;
use std::sync::PoisonError;

use cabildo_staff_api as wire;
use serde_json::json;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::auth::{token_hash, write_token};
use super::problem::{Code, Problem};
use super::{StaffState, users};
use crate::credentials::{self, Authenticator, draw_code, fold_code, second_factor};
use crate::domain::staff::{Assignment, Grant, Role, Scope, fold_name};
use crate::domain::time::{MINUTE, UnixMillis};
use crate::ids;
use crate::store;
use crate::store::audit::New as Audit;
use crate::store::staff::{
    ABSOLUTE, Account, AccountChange, Blocked, Factor, NewAccount, NewSession, Session, SignIn, Source,
};

/// How long the code of the demo can be used, ms.
const DEMO: i64 = 10 * MINUTE;

/// The one-time code of the demo: kept in memory alone, so that it ends with the process.
#[derive(Debug)]
pub struct DemoCode {
    hash: Vec<u8>,
    staff_id: Uuid,
    until: UnixMillis,
}

impl DemoCode {
    /// A new code for an account; gives it and what is kept of it.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn make(staff_id: Uuid, now: UnixMillis) -> Result<(String, Self), credentials::Problem> {
        let code = draw_code()?;
        let hash = token_hash(&fold_code(&code));
        Ok((code, Self { hash, staff_id, until: now.plus(DEMO) }))
    }
}

/// Why the demo has no code.
#[derive(Debug, thiserror::Error)]
pub enum DemoProblem {
    /// The database can't be used.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The code can't be made.
    #[error(transparent)]
    Code(#[from] credentials::Problem),
}

/// Sign-in name of the demo's account, which has no password.
const DEMO_NAME: &str = "demo";

impl StaffState {
    /// Lets whoever sits at this machine sign in once within 10 minutes, with every role but the
    /// auditor's; gives the code. Only `cabildo demo` calls it, on the data folder of the demo.
    ///
    /// # Errors
    /// The database can't be used, or the system has no random bytes.
    pub async fn open_demo(&self) -> Result<String, DemoProblem> {
        let (store, now) = (&self.service.store, self.clock.now());
        let account = match store.find_account_by_name(DEMO_NAME).await? {
            Some(account) => account,
            None => self.add_demo(now).await?,
        };
        let (code, kept) = DemoCode::make(account.id, now)?;
        *self.demo.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(code)
    }

    async fn add_demo(&self, now: UnixMillis) -> Result<Account, DemoProblem> {
        let store = &self.service.store;
        let id = ids::new_id(now);
        let roles = Role::ALL.into_iter().filter(|it| *it != Role::Auditor);
        let new = NewAccount {
            id,
            name: DEMO_NAME.to_owned(),
            shown_name: "Demo".to_owned(),
            office: None,
            roles: roles.map(|role| Assignment { role, scope: Scope::Country }).collect(),
            set_up: None,
        };
        let audit = |act| Audit {
            actor_id: None,
            act,
            target_kind: "user",
            target_id: id.to_string(),
            detail: json!({ "by": "demo" }),
            at: now,
        };
        let write = |act| store.staff_write(None, audit(act), |_| users::no_answer());
        let added = store.add_account(new, write("user_added")).await?;
        let change = AccountChange { grants: Some(Grant::ALL.to_vec()), ..AccountChange::default() };
        Ok(store.update_account(id, added.version, change, write("grants_changed")).await?)
    }
}

impl From<credentials::Problem> for Problem {
    fn from(problem: credentials::Problem) -> Self {
        match problem {
            credentials::Problem::Length => Self::invalid("password", "it must have 12 to 128 characters"),
            credentials::Problem::Busy => Self::wait(Code::TooBusy, 2),
            credentials::Problem::Failed(_) => {
                tracing::error!(%problem, "a password or code could not be looked at");
                Code::Internal.into()
            }
        }
    }
}

fn refuse(blocked: Blocked, now: UnixMillis) -> Problem {
    match blocked {
        Blocked::Locked => Code::SignInLocked.into(),
        Blocked::Until(until) => {
            let seconds = (until - now.0).max(0).div_euclid(1_000) + 1;
            Problem::wait(Code::SignInBlocked, seconds.unsigned_abs())
        }
    }
}

/// Where somebody signs in from. Of IPv6 the network counts, since one household has it whole.
pub(super) fn source(state: &StaffState, address: IpAddr) -> Result<Source, Problem> {
    let text = match address.to_canonical() {
        IpAddr::V4(it) => it.to_string(),
        IpAddr::V6(it) => format!("{:x?}", &it.segments()[..4]),
    };
    Ok(Source(state.service.store.staff_hash("source", &[&text])?))
}

/// The name as it is looked for, and the key under which its failures are counted.
fn account(state: &StaffState, name: &str) -> Result<(String, Vec<u8>), Problem> {
    // A name that nobody can have is counted like one that nobody has.
    let name = fold_name(name).unwrap_or_else(|| name.chars().take(64).collect());
    let key = account_key(state, &name)?;
    Ok((name, key))
}

/// The key under which the failures of a folded name are counted.
pub(super) fn account_key(state: &StaffState, name: &str) -> Result<Vec<u8>, Problem> {
    Ok(state.service.store.staff_hash("account", &[name])?)
}

/// The second factor that somebody shows.
enum Shown {
    Totp(String),
    Recovery(String),
}

/// Signs in.
pub(super) async fn sign_in(
    state: &StaffState,
    address: IpAddr,
    with: wire::NewSession,
) -> Result<wire::SignedIn, Problem> {
    let source = source(state, address)?;
    match with {
        wire::NewSession::Password { name, password, totp } => {
            by_password(state, source, &name, &password, Shown::Totp(totp)).await
        }
        wire::NewSession::RecoveryCode { name, password, recovery_code } => {
            by_password(state, source, &name, &password, Shown::Recovery(recovery_code)).await
        }
        wire::NewSession::DemoCode { code } => by_demo_code(state, source, address, &code).await,
    }
}

async fn by_password(
    state: &StaffState,
    source: Source,
    name: &str,
    password: &str,
    shown: Shown,
) -> Result<wire::SignedIn, Problem> {
    let (store, now) = (&state.service.store, state.clock.now());
    let ticket = state.hasher.ticket()?;
    let (name, account_key) = account(state, name)?;
    if let Some(blocked) = store.source_blocked(&source, now).await? {
        return Err(refuse(blocked, now));
    }
    if let Some(blocked) = store.begin_sign_in(&account_key, now).await? {
        return Err(refuse(blocked, now));
    }
    let credentials = store.find_credentials(&name).await?;
    let phc = credentials.as_ref().and_then(|it| it.password_hash.clone());
    let verified = state.hasher.verify(ticket, password, phc).await?;

    let known = credentials.as_ref();
    let factor = match &shown {
        Shown::Totp(code) => {
            let sealed = known.and_then(|it| it.totp_sealed.as_deref().map(|sealed| (it.id, sealed)));
            let secret = match sealed {
                Some((id, sealed)) => store.open_totp(id, sealed)?,
                None => vec![0; 20],
            };
            let last = known.map_or(i64::MAX, |it| it.totp_step);
            let step = Authenticator::of(secret, "x")?.step(code, now.0.div_euclid(1_000));
            step.filter(|it| sealed.is_some() && *it > last).map(Factor::Totp)
        }
        Shown::Recovery(code) => {
            let hash = store.staff_hash("recovery code", &[&fold_code(code)])?;
            let id = known.map_or(Uuid::nil(), |it| it.id);
            store.has_recovery_code(id, &hash).await?.then_some(Factor::Recovery(hash))
        }
    };
    let by = if matches!(shown, Shown::Totp(_)) { "totp" } else { "recovery_code" };
    if let (Some(id), Some(factor), true) = (known.map(|it| it.id), factor, verified.right) {
        let who = Who { staff_id: id, account_key, source: source.clone(), rehashed: verified.rehashed };
        match begin(state, who, factor, by, now).await {
            // The same code was used a moment before.
            Err(problem) if problem.code() == Code::NotFound => {}
            ended => return ended,
        }
    }
    let audit = known.map(|it| Audit {
        actor_id: None,
        act: "sign_in_failed",
        target_kind: "user",
        target_id: it.id.to_string(),
        detail: json!({ "with": by }),
        at: now,
    });
    store.fail_sign_in(&source, audit, now).await?;
    Err(Code::SignInFailed.into())
}

async fn by_demo_code(
    state: &StaffState,
    source: Source,
    address: IpAddr,
    code: &str,
) -> Result<wire::SignedIn, Problem> {
    let now = state.clock.now();
    if let Some(blocked) = state.service.store.source_blocked(&source, now).await? {
        return Err(refuse(blocked, now));
    }
    let given = token_hash(&fold_code(code));
    let staff_id = {
        let mut kept = state.demo.lock().map_err(|_| Code::Internal)?;
        let right = address.to_canonical().is_loopback()
            && kept.as_ref().is_some_and(|it| it.until > now && bool::from(it.hash.ct_eq(&given)));
        if right { kept.take().map(|it| it.staff_id) } else { None }
    };
    let Some(staff_id) = staff_id else {
        state.service.store.fail_sign_in(&source, None, now).await?;
        return Err(Code::SignInFailed.into());
    };
    let who = Who { staff_id, account_key: Vec::new(), source, rehashed: None };
    begin(state, who, Factor::Demo, "demo_code", now).await
}

/// Who signs in.
struct Who {
    staff_id: Uuid,
    account_key: Vec<u8>,
    source: Source,
    rehashed: Option<String>,
}

/// Begins the session.
async fn begin(
    state: &StaffState,
    who: Who,
    factor: Factor,
    by: &'static str,
    now: UnixMillis,
) -> Result<wire::SignedIn, Problem> {
    let store = &state.service.store;
    let staff_id = who.staff_id;
    let token = write_token(ids::random_bytes::<32>().map_err(|_| Code::Internal)?);
    let session =
        NewSession { id: ids::new_id(now), token_hash: token_hash(&token), source_key: who.source.0.clone() };
    let id = session.id;
    let audit = Audit {
        actor_id: Some(staff_id),
        act: "signed_in",
        target_kind: "session",
        target_id: id.to_string(),
        detail: json!({ "with": by }),
        at: now,
    };
    let Who { account_key, source, rehashed, .. } = who;
    let sign_in = SignIn { staff_id, account_key, source, factor, session, rehashed };
    let new_place = store.finish_sign_in(sign_in, audit, now).await?;
    let account = store.find_account(staff_id).await?.ok_or(Code::SignInFailed)?;
    let session = Session { id, staff_id, created_at: now.0, seen_at: now.0 };
    Ok(wire::SignedIn {
        token,
        session: write_session(&session, id),
        user: users::write(&account),
        new_place,
    })
}

/// A session as it is sent; `current`: the one of the call.
pub(super) fn write_session(session: &Session, current: Uuid) -> wire::Session {
    wire::Session {
        id: session.id,
        user_id: session.staff_id,
        created_at: session.created_at,
        seen_at: session.seen_at,
        expires_at: session.created_at + ABSOLUTE,
        current: session.id == current,
    }
}

/// Turns a set-up code into a password and a second factor.
pub(super) async fn set_up(
    state: &StaffState,
    address: IpAddr,
    new: wire::NewPassword,
) -> Result<wire::SecondFactor, Problem> {
    let (store, now) = (&state.service.store, state.clock.now());
    let source = source(state, address)?;
    let (name, account_key) = account(state, &new.name)?;
    if let Some(blocked) = store.source_blocked(&source, now).await? {
        return Err(refuse(blocked, now));
    }
    // First, so that a code that is wrong takes as long.
    let password_hash = state.hasher.hash(&new.password).await?;
    if let Some(blocked) = store.begin_sign_in(&account_key, now).await? {
        return Err(refuse(blocked, now));
    }
    let setup_hash = store.staff_hash("setup code", &[&fold_code(&new.setup_code)])?;
    if let Some(id) = store.find_set_up(&name, &setup_hash, now).await? {
        let made = second_factor(store, id, &name, setup_hash, password_hash)?;
        let audit = Audit {
            actor_id: Some(id),
            act: "set_up",
            target_kind: "user",
            target_id: id.to_string(),
            detail: json!({}),
            at: now,
        };
        match store.set_up_account(made.0, store.staff_write(None, audit, |_| users::no_answer())).await {
            Ok(_) => {
                let audit = Audit {
                    actor_id: Some(id),
                    act: "sign_in_released",
                    target_kind: "user",
                    target_id: id.to_string(),
                    detail: json!({}),
                    at: now,
                };
                store.release_account(&account_key, audit).await?;
                return Ok(made.1);
            }
            // Used a moment before.
            Err(store::Error::NotFound) => {}
            Err(problem) => return Err(problem.into()),
        }
    }
    store.fail_sign_in(&source, None, now).await?;
    Err(Code::SignInFailed.into())
}
