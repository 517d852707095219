//! `cabildo staff`: accounts of people who work with the console; works beside a running service. No
//! password ever stands on a command line: a one-time set-up code is printed, or the password is typed.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;

use serde_json::json;
use uuid::Uuid;

use super::{Failure, config, exit, serve};
use crate::clock::Clock;
use crate::config::Config;
use crate::credentials::{Hasher, Problem, draw_code, fold_code, second_factor};
use crate::domain::staff::{Act, Assignment, Grant, Role, Scope, check_roles, fold_name};
use crate::domain::time::UnixMillis;
use crate::ids;
use crate::store::audit::New as Audit;
use crate::store::staff::{Account, AccountChange, AccountState, Answer, NewAccount, Write, set_up_until};
use crate::store::{Error, Store};

/// Arguments of `cabildo staff`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The configuration file; `CABILDO_*` variables come on top of it.
    #[arg(long, global = true, value_name = "FILE", env = "CABILDO_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Adds an account and prints its one-time set-up code.
    Add {
        /// Sign-in name.
        name: String,
        /// The name that colleagues see; default: the sign-in name.
        #[arg(long, value_name = "NAME")]
        shown_name: Option<String>,
        /// A role, and where it holds: `caseworker@municipality:12066`, `moderator@state:12`,
        /// `administrator` (everywhere). May be given several times.
        #[arg(long = "role", value_name = "ROLE[@PLACE]", required = true)]
        roles: Vec<String>,
        /// Code of the office.
        #[arg(long, value_name = "CODE")]
        office: Option<String>,
        /// Asks for the password now (or reads it from the standard input) and prints the second factor,
        /// instead of a set-up code.
        #[arg(long)]
        finish: bool,
    },
    /// Lists the accounts.
    List {
        /// Prints one JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Takes password, second factor and sessions away and prints a new set-up code.
    Reset {
        /// Sign-in name.
        name: String,
        /// Asks for the new password now, as with `add`.
        #[arg(long)]
        finish: bool,
    },
    /// Lets an account try to sign in again after too many failures; without a name all places.
    Unlock {
        /// Sign-in name.
        name: Option<String>,
    },
    /// Sets the roles of an account; without a name: says what each role allows.
    Roles {
        /// Sign-in name.
        name: Option<String>,
        /// All its roles from now on, as with `add`.
        #[arg(long = "role", value_name = "ROLE[@PLACE]")]
        roles: Vec<String>,
        /// All its grants from now on: `restricted`.
        #[arg(long = "grant", value_name = "GRANT")]
        grants: Vec<String>,
    },
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if let Action::Roles { name: None, .. } = arguments.action {
        return list_roles();
    }
    let config = config::load(arguments.config.as_deref())?;
    // The first account may be added before anything is served.
    if !matches!(arguments.action, Action::Add { .. }) {
        config::database_is_there(&config)?;
    }
    serve::runtime()?.block_on(async {
        let store = open(&config).await?;
        let done = act(&store, &arguments.action).await;
        store.close().await;
        done
    })
}

/// Opens the store of a configuration beside a running service; none is made.
pub(super) async fn open_existing(config: &Config) -> Result<Store, Failure> {
    config::database_is_there(config)?;
    open(config).await
}

/// Opens the store of a configuration beside a running service, or makes it.
async fn open(config: &Config) -> Result<Store, Failure> {
    let wrong = |problem: crate::config::ConfigError| Failure::new(exit::CONFIG, problem.to_string());
    let (location, key_file) = (config.location().map_err(wrong)?, config.key_file().map_err(wrong)?);
    if let Some(folder) = key_file.parent() {
        crate::store::guard::make_private_folder(folder)?;
    }
    Ok(Store::open(&location, &key_file, Clock::System.now()).await?)
}

async fn act(store: &Store, action: &Action) -> Result<(), Failure> {
    match action {
        Action::Add { name, shown_name, roles, office, finish } => {
            let name = folded(name)?;
            let shown_name = shown_name.clone().unwrap_or_else(|| name.clone());
            add(store, name, shown_name, read_roles(roles)?, office.clone(), *finish).await
        }
        Action::List { json } => list(store, *json).await,
        Action::Reset { name, finish } => reset(store, &folded(name)?, *finish).await,
        Action::Unlock { name: Some(name) } => unlock(store, &folded(name)?).await,
        Action::Unlock { name: None } => unlock_places(store).await,
        Action::Roles { name: Some(name), roles, grants } => {
            set_roles(store, &folded(name)?, roles, grants).await
        }
        Action::Roles { name: None, .. } => list_roles(),
    }
}

fn folded(name: &str) -> Result<String, Failure> {
    fold_name(name).ok_or_else(|| {
        Failure::usage("A sign-in name has 2 to 64 letters, digits, dots, dashes or underscores.")
    })
}

fn read_roles(texts: &[String]) -> Result<Vec<Assignment>, Failure> {
    let mut roles = Vec::new();
    for text in texts {
        let (role, place) = text.split_once('@').unwrap_or((text, "country"));
        let role: Role = role.parse().map_err(|()| {
            let all: Vec<&str> = Role::ALL.into_iter().map(Role::code).collect();
            Failure::usage(format!("There is no such role. The roles: {}.", all.join(", ")))
        })?;
        let scope: Scope = place.parse().map_err(|()| {
            Failure::usage("A role holds in country, state:KEY or municipality:KEY (caseworker@state:12).")
        })?;
        roles.push(Assignment { role, scope });
    }
    check_roles(&roles)
        .map_err(|_| Failure::usage("An administrator can't be an auditor: the one checks the other."))?;
    Ok(roles)
}

/// An entry by the command line, which has no account.
fn audit(act: &'static str, id: Uuid, detail: serde_json::Value, now: UnixMillis) -> Audit {
    Audit { actor_id: None, act, target_kind: "user", target_id: id.to_string(), detail, at: now }
}

fn write(store: &Store, audit: Audit) -> Write<Account> {
    store.staff_write(None, audit, |_| Answer { status: 200, body: String::new() })
}

fn cannot(problem: Problem) -> Failure {
    match problem {
        Problem::Length => Failure::data("A password has 12 to 128 characters."),
        Problem::Busy => Failure::new(exit::TRY_LATER, "Too many passwords are looked at now."),
        Problem::Failed(what) => Failure::software(format!("{what}.")),
    }
}

/// The set-up code of an account: printed, or used up at once by the one who sits here.
enum Start {
    Code { code: String, hash: (Vec<u8>, i64) },
    Here { password: String, hash: (Vec<u8>, i64) },
}

impl Start {
    fn draw(store: &Store, finish: bool, now: UnixMillis) -> Result<Self, Failure> {
        let code = draw_code().map_err(cannot)?;
        let hash = (store.staff_hash("setup code", &[&fold_code(&code)])?, set_up_until(now).0);
        if finish {
            return Ok(Self::Here { password: read_password()?, hash });
        }
        Ok(Self::Code { code, hash })
    }

    fn hash(&self) -> (Vec<u8>, i64) {
        match self {
            Self::Code { hash, .. } | Self::Here { hash, .. } => hash.clone(),
        }
    }

    /// Says how to go on.
    async fn finish(self, store: &Store, account: &Account, now: UnixMillis) -> Result<(), Failure> {
        let mut out = std::io::stdout();
        match self {
            Self::Code { code, .. } => writeln!(
                out,
                "{} can choose a password with this code, once, within 24 hours:\n\n  {code}\n\n\
                 It is shown this once. Open cabildo-admin and press Ctrl-N (new account).",
                account.name
            )?,
            Self::Here { password, hash, .. } => {
                let phc = Hasher::default().hash(&password).await.map_err(cannot)?;
                let made = second_factor(store, account.id, &account.name, hash.0, phc).map_err(cannot)?;
                let entry = audit("set_up", account.id, json!({}), now);
                store.set_up_account(made.0, write(store, entry)).await?;
                let shown = made.1;
                writeln!(
                    out,
                    "{} is set up. All of this is shown this once.\n\nAuthenticator: {}\n{}\n\nRecovery codes, each \
                     for one sign-in without the authenticator:",
                    account.name, shown.totp_secret, shown.otpauth_url
                )?;
                for code in &shown.recovery_codes {
                    writeln!(out, "  {code}")?;
                }
            }
        }
        Ok(())
    }
}

async fn add(
    store: &Store,
    name: String,
    shown_name: String,
    roles: Vec<Assignment>,
    office: Option<String>,
    finish: bool,
) -> Result<(), Failure> {
    let now = Clock::System.now();
    if store.find_account_by_name(&name).await?.is_some() {
        return Err(Failure::data("There is an account with this name."));
    }
    let start = Start::draw(store, finish, now)?;
    let id = ids::new_id(now);
    let detail = json!({ "by": "command_line", "roles": codes(&roles) });
    let new = NewAccount { id, name, shown_name, office, roles, set_up: Some(start.hash()) };
    let added = store.add_account(new, write(store, audit("user_added", id, detail, now))).await;
    let account = added.map_err(|problem| match problem {
        Error::Conflict => Failure::data("There is an account with this name."),
        other => other.into(),
    })?;
    start.finish(store, &account, now).await
}

fn codes(roles: &[Assignment]) -> Vec<String> {
    roles.iter().map(|it| format!("{}@{}", it.role.code(), it.scope)).collect()
}

async fn find(store: &Store, name: &str) -> Result<Account, Failure> {
    let found = store.find_account_by_name(name).await?;
    found.ok_or_else(|| Failure::new(exit::NO_INPUT, "There is no account with this name."))
}

async fn list(store: &Store, as_json: bool) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    let mut after = String::new();
    loop {
        let some = store.list_accounts(&after, 200).await?;
        let Some(last) = some.last() else { return Ok(()) };
        after.clone_from(&last.name);
        for it in &some {
            let grants: Vec<&str> = it.grants.iter().map(|it| it.code()).collect();
            let roles = codes(&it.roles);
            if as_json {
                let line = json!({
                    "id": it.id, "name": it.name, "state": it.state.code(), "roles": roles, "grants": grants,
                    "second_factor": it.second_factor, "signed_in_at": it.signed_in_at,
                });
                writeln!(out, "{line}")?;
            } else {
                let rights: Vec<&str> = roles.iter().map(String::as_str).chain(grants).collect();
                writeln!(out, "{:<20} {:<9} {}", it.name, it.state.code(), rights.join(" "))?;
            }
        }
    }
}

async fn reset(store: &Store, name: &str, finish: bool) -> Result<(), Failure> {
    let now = Clock::System.now();
    let account = find(store, name).await?;
    if account.state == AccountState::Disabled {
        return Err(Failure::data("The account is disabled."));
    }
    let start = Start::draw(store, finish, now)?;
    let change = AccountChange { reset: Some(start.hash()), ..AccountChange::default() };
    let entry = audit("user_reset", account.id, json!({ "by": "command_line" }), now);
    let account = store.update_account(account.id, account.version, change, write(store, entry)).await?;
    start.finish(store, &account, now).await
}

async fn unlock(store: &Store, name: &str) -> Result<(), Failure> {
    let account = find(store, name).await?;
    let key = store.staff_hash("account", &[name])?;
    let entry = audit("user_unlocked", account.id, json!({ "by": "command_line" }), Clock::System.now());
    let gone = store.release_account(&key, entry).await?;
    let said = if gone { "It may try again." } else { "Nothing kept it from trying." };
    writeln!(std::io::stdout(), "{said}")?;
    Ok(())
}

async fn unlock_places(store: &Store) -> Result<(), Failure> {
    let now = Clock::System.now();
    let mut count = 0;
    for lock in store.list_locks(now).await?.into_iter().filter(|it| it.kind == "source") {
        let entry = Audit {
            actor_id: None,
            act: "sign_in_released",
            target_kind: "sign_in_lock",
            target_id: format!("source-{}", hex::encode(&lock.attempt_key)),
            detail: json!({ "by": "command_line" }),
            at: now,
        };
        let place = crate::store::staff::Source(lock.attempt_key);
        count += usize::from(store.release_source(&place, entry).await?);
    }
    writeln!(std::io::stdout(), "{count} places may try again.")?;
    Ok(())
}

async fn set_roles(store: &Store, name: &str, roles: &[String], grants: &[String]) -> Result<(), Failure> {
    let account = find(store, name).await?;
    if roles.is_empty() && grants.is_empty() {
        return Err(Failure::usage("Name all roles or all grants that it has from now on: --role, --grant."));
    }
    let roles = if roles.is_empty() { None } else { Some(read_roles(roles)?) };
    let read = |it: &String| {
        it.parse::<Grant>().map_err(|()| Failure::usage("There is no such grant. The grants: restricted."))
    };
    let grants = if grants.is_empty() {
        None
    } else {
        Some(grants.iter().map(read).collect::<Result<Vec<Grant>, Failure>>()?)
    };
    let detail = json!({
        "by": "command_line",
        "roles": roles.as_deref().map(codes),
        "grants": grants.as_ref().map(|it| it.iter().map(|it| it.code()).collect::<Vec<_>>()),
    });
    let entry = audit("user_changed", account.id, detail, Clock::System.now());
    let change = AccountChange { roles, grants, ..AccountChange::default() };
    let account = store.update_account(account.id, account.version, change, write(store, entry)).await?;
    writeln!(std::io::stdout(), "{}: {}", account.name, codes(&account.roles).join(" "))?;
    Ok(())
}

fn list_roles() -> Result<(), Failure> {
    let mut out = std::io::stdout();
    for role in Role::ALL {
        let acts = Act::ALL.into_iter().filter(|it| role.may(*it)).map(Act::code);
        writeln!(out, "{:<14} {}", role.code(), acts.collect::<Vec<_>>().join(" "))?;
    }
    Ok(())
}

/// Reads a password: typed twice and not shown on a terminal, else one line.
fn read_password() -> Result<String, Failure> {
    if !std::io::stdin().is_terminal() {
        return read_line();
    }
    let first = ask("Password (12 characters or more): ")?;
    if ask("The same again: ")? != first {
        return Err(Failure::data("These are two passwords; nothing was changed."));
    }
    Ok(first)
}

fn ask(question: &str) -> Result<String, Failure> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let mut err = std::io::stderr();
    write!(err, "{question}")?;
    err.flush()?;
    let stdin = std::io::stdin();
    let shown = tcgetattr(&stdin).map_err(std::io::Error::from)?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Now, &hidden).map_err(std::io::Error::from)?;
    let line = read_line();
    tcsetattr(&stdin, OptionalActions::Now, &shown).map_err(std::io::Error::from)?;
    writeln!(err)?;
    line
}

fn read_line() -> Result<String, Failure> {
    let mut line = String::new();
    if std::io::stdin().lock().read_line(&mut line)? == 0 {
        return Err(Failure::new(exit::NO_INPUT, "There is no password on the standard input."));
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
