//! `cabildo chart`: a chart as a PNG, drawn by the same code as those of the dialogue.

use std::path::{Path, PathBuf};

use super::{Failure, compare, exit};
use crate::charts::{self, ChartSpec};
use crate::domain::chart::Among;

/// Arguments of `cabildo chart`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Name, key or postcode of the municipality.
    place: String,
    /// Topic (COMIDA), or its id.
    topic: String,
    /// The PNG that is written.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// What is drawn.
    #[arg(long, value_enum, default_value_t = Kind::Bars)]
    kind: Kind,
    /// Peer rule, 1 to 5.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
    family: u8,
    /// Language of its words; without it that of the data pack.
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
}

/// Kinds of charts of figures.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    /// The municipality among its peers.
    Bars,
    /// Its figures of all years.
    Trend,
    /// How often values are had among its peers.
    Family,
    /// How often values are had in the country.
    Country,
}

/// Runs the command.
pub fn run(arguments: &Arguments, pack: Option<&Path>) -> Result<(), Failure> {
    let facts = super::load_facts(pack, None)?;
    let locale = super::locale(&facts, arguments.language.as_deref())?;
    let family = super::family(&facts, arguments.family)?;
    let id = compare::find(&facts, &arguments.place)?;
    let topic = compare::topic(&facts, &arguments.topic)
        .filter(|it| facts.topic(&it.id).is_some())
        .ok_or_else(|| Failure::data(format!("There is no topic {}.", arguments.topic)))?
        .id;
    let (release, place) = (facts.manifest.pack.release.clone(), facts.municipality(id).key.clone());
    let spec = match arguments.kind {
        Kind::Bars => ChartSpec::Bars { release, place, topic, family },
        Kind::Trend => ChartSpec::Trend { release, place, topic },
        Kind::Family => ChartSpec::Distribution { release, place, topic, among: Among::Family(family) },
        Kind::Country => ChartSpec::Distribution { release, place, topic, among: Among::Country },
    };
    let png = charts::draw(&spec, &facts, locale).map_err(|problem| match problem {
        charts::Error::Gone => Failure::data("There are no figures to draw this from."),
        other => Failure::software(format!("The chart can't be drawn: {other}.")),
    })?;
    std::fs::write(&arguments.output, png).map_err(|problem| {
        Failure::new(
            exit::CANT_CREATE,
            format!("{} can't be written: {problem}.", arguments.output.display()),
        )
    })
}
