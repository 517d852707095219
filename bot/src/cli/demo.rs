//! `cabildo demo`: everything on this machine, without any configuration.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;

use super::serve::{bind, runtime, start, stop_on_signal};
use super::{Failure, chat, exit, keys};
use crate::app::App;
use crate::app::Listeners;
use crate::channels::gateway::Gateway;
use crate::clock::Clock;
use crate::config::{Config, Data};
use crate::seed::{self, Plan};
use crate::telemetry;
use crate::watch;

/// Official key of the demo's town: Tlapa de Comonfort.
const TOWN: &str = "12066";
/// How many cases its people have.
const CASES: u64 = 45;
/// The log, in the data folder: the phone owns the terminal.
const LOG: &str = "demo.log";
/// What asks the terminal phone for a sign-in code; no citizen's message begins so.
const CODE_WORDS: [&str; 3] = [":codigo", ":código", ":code"];
/// How often it looks for alarms.
const ALARMS: std::time::Duration = std::time::Duration::from_secs(5);

/// Arguments of `cabildo demo`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Folder of the database and the keys, made if it is not there; default: `cabildo-demo` in the
    /// platform's data folder.
    #[arg(long, value_name = "DIR", env = "CABILDO_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// Address and port of the webhooks and of /health.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: String,
}

/// Runs the command: serves, and opens the terminal phone. Lines that are piped in are played; after
/// their end it stops, unless there were none (as with `/dev/null`): then it serves until a signal.
pub fn run(arguments: &Arguments, pack: Option<&Path>) -> Result<(), Failure> {
    let folder = match &arguments.data_dir {
        Some(folder) => folder.clone(),
        None => demo_folder()?,
    };
    crate::store::guard::make_private_folder(&folder).map_err(|problem| {
        Failure::new(
            exit::CANT_CREATE,
            format!(
                "The data folder {} can't be made: {problem}. Name another with --data-dir.",
                folder.display()
            ),
        )
    })?;
    let config = Config::demo(&arguments.listen, folder.clone());
    config.validate().map_err(|problem| {
        Failure::usage(format!("{problem} With --listen only this machine's own addresses can be used here."))
    })?;
    let Some(_alone) = keys::mark_alone(&folder) else {
        return Err(Failure::new(
            exit::TRY_LATER,
            format!(
                "A demo runs already on the data folder {}. End it first (Ctrl-C in its terminal), or name another \
                 folder with --data-dir and another address with --listen.",
                folder.display()
            ),
        ));
    };
    telemetry::start_in(log_file(&folder)?);
    telemetry::hide_panic_messages();
    let facts = Arc::new(super::load_facts(pack, config.data.dir.as_deref())?);
    runtime()?.block_on(async {
        let (stop, webhooks) = (stop_on_signal()?, bind(&config, "--listen").await?);
        let listeners = Listeners { webhooks, inner: None, staff: bind_console(&config).await? };
        let (tell, beside) = chat::Beside::new();
        let messages = tell.messages.clone();
        let app = start(&config, facts, listeners, |service| {
            service.gateways.insert(chat::CHANNEL.to_owned(), Gateway::Terminal(messages));
            service.gateways.insert(seed::CHANNEL.to_owned(), Gateway::Nobody);
        })
        .await?;
        introduce(&app, &folder).await?;
        open_town(&app).await?;
        let command = async |line: &str| {
            if CODE_WORDS.contains(&line) { Ok(Some(sign_in_code(&app).await?)) } else { Ok(None) }
        };
        let played = tokio::select! {
            () = stop.cancelled() => Ok(true),
            played = chat::open_phone(app.service(), &Clock::System, beside, command) => played,
            never = tell_alarms(&app, &tell) => match never {},
        };
        if matches!(played, Ok(false)) {
            stop.cancelled().await;
        }
        app.shutdown().await;
        played.map(|_| ())
    })
}

/// The log of this run; that of the last one is gone.
fn log_file(folder: &Path) -> Result<std::fs::File, Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(folder.join(LOG))?)
}

/// Binds the address of the staff API, or any free one where that is taken: the console is told which.
async fn bind_console(config: &Config) -> Result<Option<TcpListener>, Failure> {
    let usual = config.staff.address().map_err(|problem| Failure::usage(problem.to_string()))?;
    let Some(usual) = usual else { return Ok(None) };
    if let Ok(listener) = TcpListener::bind(usual).await {
        return Ok(Some(listener));
    }
    let any = std::net::SocketAddr::new(usual.ip(), 0);
    let listener = TcpListener::bind(any).await;
    listener.map(Some).map_err(|problem| {
        Failure::new(exit::UNAVAILABLE, format!("The console can't be served on this machine: {problem}."))
    })
}

/// Says what there is and how to go on.
async fn introduce(app: &App, folder: &Path) -> Result<(), Failure> {
    let address = app.address();
    let mut out = std::io::stderr();
    writeln!(
        out,
        "Cabildo serves on http://{address} and keeps its data and its log ({LOG}) in {}.\n\
         Write to it below: tlapa, then comida, mejores, familia, ayuda. Ctrl-C ends it.\n\
         Or from another terminal, as an SMS gateway would:\n  \
         curl 'http://{address}/webhooks/sms/demo?from=%2B525500000001&text=tlapa&id=1'\n  \
         curl http://{address}/health",
        folder.display()
    )?;
    if app.staff_address().is_some() {
        writeln!(out, "{}", sign_in_code(app).await?)?;
    }
    Ok(())
}

/// A fresh sign-in code with the command that opens the console; one that was there is worth nothing
/// any more.
async fn sign_in_code(app: &App) -> Result<String, Failure> {
    let Some(address) = app.staff_address() else { return Ok("There is no console here.".to_owned()) };
    let code = app.staff().open_demo().await;
    let code = code.map_err(|problem| Failure::software(format!("No sign-in code: {problem}.")))?;
    Ok(format!(
        "The staff console, in another terminal:\n  {} --server http://{address}\n\
         One-time sign-in code, for 10 minutes on this machine: {code}\n\
         For a new one write {} here.",
        console_command(),
        CODE_WORDS[0]
    ))
}

/// How the console is started here: the binary beside this one, else by cargo where that started this
/// one, else by its name.
fn console_command() -> String {
    let beside = std::env::current_exe().ok().map(|it| it.with_file_name("cabildo-admin"));
    if let Some(path) = beside.filter(|it| it.exists()) {
        let path = path.to_string_lossy().into_owned();
        let plain = path.chars().all(|it| it.is_alphanumeric() || "/._-".contains(it));
        return if plain { path } else { format!("'{}'", path.replace('\'', r"'\''")) };
    }
    if std::env::var_os("CARGO").is_some() {
        "cargo run --release --bin cabildo-admin --".to_owned()
    } else {
        "cabildo-admin".to_owned()
    }
}

/// Says each alarm once, in a sentence: its log line would be read in the middle of a phone.
async fn tell_alarms(app: &App, tell: &chat::Tell) -> std::convert::Infallible {
    let mut told = std::collections::BTreeSet::new();
    loop {
        tokio::time::sleep(ALARMS).await;
        for alarm in &app.watch().seen().alarms {
            if told.insert((alarm.code, alarm.about.clone())) {
                let what = watch::meaning(alarm.code);
                let sentence = format!(
                    "Somebody should know: {what} ({}). What to do: docs/operations/alarms.md.",
                    alarm.code
                );
                // Where the phone is gone, nobody reads it.
                drop(tell.notes.send(sentence));
            }
        }
    }
}

/// Cases of the demo's town, so that there is something to look at; they are made once.
async fn open_town(app: &App) -> Result<(), Failure> {
    let service = app.service();
    let (facts, desk) = (service.facts.load_full(), service.desk.load_full());
    if facts.by_key(TOWN).is_none() || !desk.is_open() {
        return Ok(());
    }
    let plan = Plan {
        municipalities: vec![TOWN.to_owned()],
        cases: CASES,
        first: 0,
        officers: service.store.list_accounts("", 10).await?.iter().map(|it| it.id).collect(),
        days: 14,
        now: Clock::System.now(),
    };
    seed::make(&service.store, &facts, &desk, &plan).await?;
    let by = plan.officers.first().copied().unwrap_or_default();
    seed::write_replies(&service.store, TOWN, by, plan.now).await?;
    Ok(())
}

/// The data folder of the demo, apart from the one of `serve`.
fn demo_folder() -> Result<PathBuf, Failure> {
    let folder = Data::default()
        .folder()
        .map_err(|_| Failure::new(exit::CANT_CREATE, "This account has no home folder. Use --data-dir."))?;
    Ok(folder.with_file_name("cabildo-demo"))
}
