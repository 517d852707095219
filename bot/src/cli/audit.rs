//! `cabildo audit`: checks the audit trail; works beside a running service.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Failure, config, exit, serve, staff};
use crate::config::Config;
use crate::store::Store;
use crate::store::audit::{Flaw, HEADS_FILE_NAME, read_heads};

/// Arguments of `cabildo audit`.
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
    /// Reads the whole chain: says whether an entry was changed, removed, swapped or added, and by the
    /// exported heads whether the end was cut off or the database is an old copy.
    Verify {
        /// File of exported heads, best a copy that lies elsewhere; default: the one in the data folder.
        #[arg(long, value_name = "FILE")]
        heads: Option<PathBuf>,
    },
    /// Prints the end of the chain, to be written down.
    Head,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = config::load(arguments.config.as_deref())?;
    serve::runtime()?.block_on(async {
        let store = staff::open_existing(&config).await?;
        let done = match &arguments.action {
            Action::Verify { heads } => verify(&store, &config, heads.as_deref()).await,
            Action::Head => head(&store).await,
        };
        store.close().await;
        done
    })
}

async fn head(store: &Store) -> Result<(), Failure> {
    let head = store.get_audit_head().await?;
    if head.seq == 0 {
        writeln!(std::io::stdout(), "The trail has no entry yet.")?;
        return Ok(());
    }
    writeln!(std::io::stdout(), "{} {}", head.seq, hex::encode(&head.mac))?;
    Ok(())
}

async fn verify(store: &Store, config: &Config, heads: Option<&Path>) -> Result<(), Failure> {
    let file = match heads {
        Some(file) if !file.exists() => {
            return Err(Failure::new(exit::NO_INPUT, format!("{} is not there.", file.display())));
        }
        Some(file) => file.to_owned(),
        None => {
            let folder = config.data.folder();
            folder.map_err(|problem| Failure::new(exit::CONFIG, problem.to_string()))?.join(HEADS_FILE_NAME)
        }
    };
    let heads = read_heads(&file)?;
    let check = store.verify_audit(&heads).await?;
    let Some((seq, flaw)) = check.flaw else {
        writeln!(
            std::io::stdout(),
            "The trail is sound: {} entries, {} exported heads compared.",
            check.entries,
            check.heads
        )?;
        if check.entries > 0 {
            writeln!(std::io::stdout(), "{} {}", check.head.seq, hex::encode(&check.head.mac))?;
        }
        return Ok(());
    };
    let what = match flaw {
        Flaw::Gap => "it is missing",
        Flaw::Changed => "it was changed, moved or added",
        Flaw::Cut => "it and those behind it are missing: the end was cut off, or this is an old copy",
        Flaw::OtherHistory => "an exported head has another one: this is an old copy that went on",
    };
    Err(Failure::data(format!("The trail was tampered with. Entry {seq}: {what} ({}).", flaw.code())))
}
