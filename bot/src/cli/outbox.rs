//! `cabildo outbox`: what was not sent, and what a technician does about it. It never shows whom a
//! message goes to or what it says, and works beside a running server.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Failure, config, exit, serve};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::time::{DAY, HOUR, MINUTE, UnixMillis};
use crate::store::address::KEY_FILE_NAME;
use crate::store::outbox::{Attempt, Listing, Resent, Shown};
use crate::store::{Location, OpenError, Store};

/// Arguments of `cabildo outbox`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The configuration file; `CABILDO_*` variables come on top of it.
    #[arg(long, global = true, value_name = "FILE", env = "CABILDO_CONFIG")]
    config: Option<PathBuf>,
    /// Prints one JSON object a line.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Lists messages, the newest first: those that failed or are not known, unless a state is named.
    List {
        /// State: queued, claimed, dispatched, unknown, accepted, delivered, failed, expired, cancelled
        /// or abandoned.
        #[arg(long, value_name = "STATE")]
        state: Option<String>,
        /// Channel.
        #[arg(long, value_name = "ID")]
        channel: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Shows one message with its attempts.
    Show {
        /// Id of the message.
        id: Uuid,
    },
    /// Sends a message again that failed or is not known: the person may get it twice.
    Resend {
        /// Id of the message.
        id: Uuid,
        /// Another channel of the configuration, whose gateway is to send it.
        #[arg(long, value_name = "ID")]
        through: Option<String>,
    },
    /// Gives a message up that waits or is not known.
    Drop {
        /// Id of the message.
        id: Uuid,
    },
}

const STATES: [&str; 10] = [
    "queued",
    "claimed",
    "dispatched",
    "unknown",
    "accepted",
    "delivered",
    "failed",
    "expired",
    "cancelled",
    "abandoned",
];

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let config = config::load(arguments.config.as_deref())?;
    let json = arguments.json;
    serve::runtime()?.block_on(async {
        check(&arguments.action, &config)?;
        let now = Clock::System.now();
        let store = open(&config, now).await?;
        let result = act(&store, &arguments.action, json, now).await;
        store.close().await;
        result
    })
}

/// What can be known to be wrong without the database.
fn check(action: &Action, config: &Config) -> Result<(), Failure> {
    match action {
        Action::List { state: Some(state), .. } if !STATES.contains(&state.as_str()) => {
            Err(Failure::usage(format!("There is no such state; a message is one of {}.", STATES.join(", "))))
        }
        Action::Resend { through: Some(id), .. } if !config.channels.contains_key(id) => {
            Err(Failure::usage("There is no channel of this name in the configuration."))
        }
        _ => Ok(()),
    }
}

/// Opens the database of the configuration; none is made.
async fn open(config: &Config, now: UnixMillis) -> Result<Store, Failure> {
    let wrong = |problem: crate::config::ConfigError| Failure::new(exit::CONFIG, problem.to_string());
    let folder = config.data.folder().map_err(wrong)?;
    let location = Location::parse(config.database_location().map_err(wrong)?.reveal());
    config::database_is_there(config)?;
    let key_file = location.default_key_file().unwrap_or_else(|| folder.join(KEY_FILE_NAME));
    Store::open(&location, &key_file, now).await.map_err(|problem: OpenError| problem.into())
}

async fn act(store: &Store, action: &Action, json: bool, now: UnixMillis) -> Result<(), Failure> {
    match action {
        Action::List { state, channel, limit } => {
            let listing = Listing { state: state.clone(), channel: channel.clone(), limit: *limit };
            let messages = store.list_outbound(listing).await?;
            let mut out = std::io::stdout().lock();
            for it in &messages {
                if json {
                    writeln!(out, "{}", message(it))?;
                } else {
                    writeln!(out, "{}", line(it, now))?;
                }
            }
            if messages.is_empty() && !json {
                writeln!(out, "There is none.")?;
            }
            Ok(())
        }
        Action::Show { id } => {
            let Some((shown, attempts)) = store.show_outbound(*id).await? else { return Err(not_there()) };
            show(&shown, &attempts, json, now)
        }
        Action::Resend { id, through } => {
            let done = store.resend_outbound(*id, through.clone(), now).await?;
            // A service that is not told finds it within a second.
            let _ = store.hint().await;
            told(
                done,
                json,
                *id,
                "queued",
                "only what failed, expired, was abandoned or is not known is sent again",
            )
        }
        Action::Drop { id } => {
            let done = store.drop_outbound(*id, now).await?;
            told(done, json, *id, "dropped", "only what waits or is not known can be dropped")
        }
    }
}

fn show(shown: &Shown, attempts: &[Attempt], json: bool, now: UnixMillis) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    if json {
        let mut it = message(shown);
        it["price"] = attempts.iter().map(|it| it.price).sum::<i64>().into();
        it["attempts"] = attempts.iter().map(attempt).collect();
        writeln!(out, "{it}")?;
        return Ok(());
    }
    writeln!(out, "{}", line(shown, now))?;
    for it in attempts {
        writeln!(
            out,
            "  attempt {} by {}: {}{}, {} ago, price {}",
            it.number,
            it.gateway_id,
            it.state,
            it.failure.as_ref().map_or_else(String::new, |it| format!(" ({it})")),
            age(now, it.dispatched_at),
            money(it.price),
        )?;
    }
    Ok(())
}

fn told(done: Resent, json: bool, id: Uuid, what: &str, not_now: &str) -> Result<(), Failure> {
    match done {
        Resent::Done => {
            let mut out = std::io::stdout().lock();
            if json {
                writeln!(out, "{}", json!({ "id": id, "done": what }))?;
            } else {
                writeln!(out, "The message is {what}.")?;
            }
            Ok(())
        }
        Resent::NotThere => Err(not_there()),
        Resent::NotNow => Err(Failure::data(format!("The message is in another state: {not_now}."))),
    }
}

fn not_there() -> Failure {
    Failure::new(exit::NO_INPUT, "There is no message of this id.")
}

fn message(it: &Shown) -> Value {
    json!({
        "id": it.id,
        "contact": it.contact_id,
        "channel": it.channel_id,
        "gateway": it.gateway_id,
        "purpose": it.purpose,
        "state": it.state,
        "attempt": it.attempt,
        "reason": it.failure,
        "segments": it.segments,
        "not_before": it.not_before,
        "created_at": it.created_at,
        "updated_at": it.updated_at,
    })
}

fn attempt(it: &Attempt) -> Value {
    json!({
        "number": it.number,
        "gateway": it.gateway_id,
        "state": it.state,
        "reason": it.failure,
        "provider_id": it.provider_id,
        "price": it.price,
        "dispatched_at": it.dispatched_at,
        "updated_at": it.updated_at,
    })
}

fn line(it: &Shown, now: UnixMillis) -> String {
    format!(
        "{} {} {} to contact ...{}: {}{}, attempt {}, written {} ago",
        it.id,
        it.channel_id,
        it.purpose,
        &it.contact_id.simple().to_string()[26..],
        it.state,
        it.failure.as_ref().map_or_else(String::new, |it| format!(" ({it})")),
        it.attempt,
        age(now, it.created_at),
    )
}

fn age(now: UnixMillis, at: i64) -> String {
    match now.since(UnixMillis(at)) {
        it if it >= 2 * DAY => format!("{} days", it / DAY),
        it if it >= 2 * HOUR => format!("{} h", it / HOUR),
        it if it >= 2 * MINUTE => format!("{} min", it / MINUTE),
        it => format!("{} s", it.max(0) / 1_000),
    }
}

fn money(thousandths: i64) -> String {
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}
