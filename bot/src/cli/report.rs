//! `cabildo report`: the page of a municipality.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::serve::runtime;
use super::{Failure, config, exit, staff};
use crate::clock::Clock;
use crate::domain::facts::Facts;
use crate::domain::municipality::MunicipalityId;
use crate::domain::pack::localized;
use crate::domain::time::UnixMillis;
use crate::embedded;
use crate::report::{self, Subject};
use crate::service::desk::overlays;
use crate::store::desk::entries::Kind;

/// Arguments of `cabildo report`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Key, name or postcode of the municipality.
    place: String,
    /// How the page is written.
    #[arg(long, value_enum, default_value_t = Format::Md)]
    format: Format,
    /// File to write; without it, the standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Peer rule, 1 to 5.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
    family: u8,
    /// Language of the page; without it that of the data pack.
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// The configuration file; where there is no database, the page has figures only and says so.
    #[arg(long, value_name = "FILE", env = "CABILDO_CONFIG")]
    config: Option<PathBuf>,
    /// Figures only, without looking for a database.
    #[arg(long)]
    no_database: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// Markdown.
    Md,
    /// HTML to print, one file.
    Html,
}

/// Runs the command; it works beside the service.
pub fn run(arguments: &Arguments, pack: Option<&Path>) -> Result<(), Failure> {
    let config = config::load(arguments.config.as_deref())?;
    let facts = super::load_facts(pack, config.data.dir.as_deref())?;
    let locale = super::locale(&facts, arguments.language.as_deref())?;
    let family = super::family(&facts, arguments.family)?;
    let municipality = super::compare::find(&facts, &arguments.place)?;
    let key = facts.municipality(municipality).key.clone();
    let now = Clock::System.now();
    let has_database = !arguments.no_database && config::database_is_there(&config).is_ok();
    let day = day(&facts, municipality, now);
    let subject = Subject { facts: &facts, municipality, family, locale, day: &day };
    let read = has_database.then(|| {
        runtime()?.block_on(async {
            let store = staff::open_existing(&config).await?;
            let work = report::read(&store, &key, now).await;
            let practices = report::practices(&store, subject).await;
            let categories = store.list_entries(Kind::Category).await;
            store.close().await;
            Ok::<_, Failure>((work?, practices?, categories?))
        })
    });
    let desk = embedded::desk()
        .map_err(|problem| Failure::software(format!("The embedded desk can't be read: {problem}.")))?;
    // The municipality's own categories lie over those of the country.
    let (work, practices, desk) = match read.transpose()? {
        Some((work, practices, categories)) => {
            (Some(work), practices, desk.with(overlays([(Kind::Category, categories)].into())))
        }
        None => (None, Vec::new(), desk),
    };
    let category = |code: &str| desk.category(&key, code).map(|it| localized(&it.name, locale).to_owned());
    let page = report::page(subject, work.as_ref(), &practices, &category);
    let text = match arguments.format {
        Format::Md => report::markdown::markdown(&page),
        Format::Html => report::html::html(&page),
    };
    match &arguments.output {
        None => std::io::stdout().lock().write_all(text.as_bytes())?,
        Some(path) => std::fs::write(path, text).map_err(|problem| {
            Failure::new(exit::CANT_CREATE, format!("{} can't be written: {problem}.", path.display()))
        })?,
    }
    Ok(())
}

/// The day of an instant where the municipality is, as an ISO date.
fn day(facts: &Facts, id: MunicipalityId, now: UnixMillis) -> String {
    let zone = TimeZone::get(&facts.municipality(id).time_zone).unwrap_or(TimeZone::UTC);
    let at = Timestamp::from_millisecond(now.0).unwrap_or_default();
    at.to_zoned(zone).date().to_string()
}
