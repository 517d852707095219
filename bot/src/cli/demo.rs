//! `cabildo demo`: everything on this machine, without any configuration.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::serve::{bind, bind_staff, runtime, start, stop_on_signal};
use super::{Failure, chat, exit};
use crate::app::App;
use crate::app::Listeners;
use crate::clock::Clock;
use crate::config::{Config, Data, Log};
use crate::seed::{self, Plan};
use crate::telemetry;

/// Official key of the demo's town: Tlapa de Comonfort.
const TOWN: &str = "12066";
/// How many cases its people have.
const CASES: u64 = 45;

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
    let config = Config::demo(&arguments.listen, folder);
    config.validate().map_err(|problem| {
        Failure::usage(format!("{problem} With --listen only this machine's own addresses can be used here."))
    })?;
    // The phone owns the terminal: only what needs a person is logged.
    telemetry::start(&Log { filter: "warn".to_owned(), ..Log::default() });
    telemetry::hide_panic_messages();
    let facts = Arc::new(super::load_facts(pack, config.data.dir.as_deref())?);
    runtime()?.block_on(async {
        let (stop, webhooks) = (stop_on_signal()?, bind(&config).await?);
        let listeners = Listeners { webhooks, inner: None, staff: bind_staff(&config).await? };
        let app = start(&config, facts, listeners).await?;
        let address = app.address();
        let mut out = std::io::stderr();
        writeln!(
            out,
            "Cabildo serves on http://{address} and keeps its data in {folder}.\n\
             Write to it below: tlapa, then comida, mejores, familia, ayuda. Ctrl-C ends it.\n\
             Or from another terminal, as an SMS gateway would:\n  \
             curl 'http://{address}/webhooks/sms/demo?from=%2B525500000001&text=tlapa&id=1'\n  \
             curl http://{address}/health",
            folder = config.data.folder().map_err(|it| Failure::software(it.to_string()))?.display()
        )?;
        if let Some(address) = app.staff_address() {
            let code = app.staff().open_demo().await;
            let code = code.map_err(|problem| Failure::software(format!("No sign-in code: {problem}.")))?;
            writeln!(
                out,
                "The staff API is on http://{address}. One-time sign-in code, for 10 minutes on this machine: {code}"
            )?;
        }
        open_town(&app).await?;
        let played = tokio::select! {
            () = stop.cancelled() => Ok(true),
            played = chat::open_phone(app.service(), &Clock::System) => played,
        };
        if matches!(played, Ok(false)) {
            stop.cancelled().await;
        }
        app.shutdown().await;
        played.map(|_| ())
    })
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
