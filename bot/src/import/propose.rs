//! From a file to a proposed pack: read, check, put in. Writing it is somebody else's decision.

use crate::domain::pack::{Manifest, PackError};

use super::areas::read_catalogue;
use super::catalogue;
use super::check;
use super::country::Country;
use super::draft::Draft;
use super::finding::{Finding, Kind};
use super::source::Extract;
use super::{conapo, coneval_poverty, coneval_rezago, long_csv, postcodes};

/// Layouts of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Layout {
    /// CONEVAL, `indicadores de pobreza municipal_AAAA.csv`.
    ConevalPoverty,
    /// CONEVAL, `IRS_entidades_mpios_AAAA.xlsx`, or its sheet Municipios as CSV.
    ConevalRezago,
    /// CONAPO, `IMM_AAAA.xlsx`.
    ConapoMarginacion,
    /// The catalogue of municipalities, as CSV.
    InegiCatalogue,
    /// A long table: a figure a row; or a folder with a manifest and the tables of a whole country.
    LongCsv,
    /// Postcodes, as CSV.
    Postcodes,
}

/// Why nothing can be proposed.
#[derive(Debug, thiserror::Error)]
pub enum ProposeError {
    /// What the checks found and nobody accepted.
    #[error("{}", lines(.0))]
    Refused(Vec<Finding>),
    /// The pack itself can't be read or made.
    #[error("{0}")]
    Pack(#[from] PackError),
}

impl From<Finding> for ProposeError {
    fn from(finding: Finding) -> Self {
        Self::Refused(vec![finding])
    }
}

/// How many findings are shown before the rest is counted.
const SHOWN: usize = 20;

fn lines(findings: &[Finding]) -> String {
    let mut out: Vec<String> = findings.iter().take(SHOWN).map(ToString::to_string).collect();
    if findings.len() > SHOWN {
        out.push(format!("... and {} more", findings.len() - SHOWN));
    }
    let mut names: Vec<Kind> = findings.iter().map(|it| it.kind).collect();
    names.sort_unstable();
    names.dedup();
    if names.iter().all(|it| Kind::ACCEPTABLE.contains(it)) {
        let accept: Vec<String> = names.iter().map(|it| format!("--accept {}", it.name())).collect();
        out.push(format!(
            "Nothing was changed. If this is as it should be, import it with {}.",
            accept.join(" ")
        ));
    } else {
        out.push("Nothing was changed. Correct the file, or get it anew from its publisher.".to_owned());
    }
    out.join("\n")
}

/// A pack that may be written.
pub struct Proposal {
    /// The pack.
    pub draft: Draft,
    /// Findings that were accepted beforehand.
    pub accepted: Vec<Finding>,
    /// Figures that were read.
    pub read: usize,
}

/// Findings that were accepted, kept; the others refuse.
struct Gate<'a> {
    accept: &'a [Kind],
    accepted: Vec<Finding>,
}

impl Gate<'_> {
    fn pass(&mut self, findings: Vec<Finding>) -> Result<(), ProposeError> {
        let (accepted, refused): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|it| self.accept.contains(&it.kind));
        self.accepted.extend(accepted);
        if refused.is_empty() { Ok(()) } else { Err(ProposeError::Refused(refused)) }
    }
}

/// Reads a file in `layout` and puts it into a copy of `base`. The checks go from rows over counts to
/// totals and stop at the first stage that finds something nobody accepted: what is wrong in a row
/// would be found again in every total.
pub fn file(
    base: &Draft,
    layout: Layout,
    name: &str,
    bytes: &[u8],
    year: Option<u16>,
    accept: &[Kind],
) -> Result<Proposal, ProposeError> {
    let manifest = base.manifest()?;
    let mut draft = base.clone();
    let mut gate = Gate { accept, accepted: Vec::new() };
    let digits = usize::from(manifest.pack.key_digits);
    let extract = match layout {
        Layout::ConevalPoverty => coneval_poverty::read(name, bytes, year)?,
        Layout::ConevalRezago => coneval_rezago::read(name, bytes, year)?,
        Layout::ConapoMarginacion => conapo::read(name, bytes, year)?,
        Layout::LongCsv => {
            let columns = manifest.source.as_ref().map(|it| it.value_columns.clone());
            long_csv::read(name, bytes, &columns.unwrap_or_else(long_csv::default_columns), digits)?
        }
        Layout::InegiCatalogue => {
            let (areas, census) = read_catalogue(name, bytes)?;
            gate.pass(catalogue::apply(&mut draft, name, &areas, &manifest.pack.time_zone))?;
            catalogue::figures(name, &areas, census)
        }
        Layout::Postcodes => {
            let read = put_postcodes(&mut draft, name, bytes, &manifest, &mut gate)?;
            return Ok(Proposal { draft, accepted: gate.accepted, read });
        }
    };
    let counted_against = base.clone();
    put(&mut draft, &extract, &manifest, &counted_against, &mut gate)?;
    Ok(Proposal { draft, accepted: gate.accepted, read: extract.entries.len() })
}

/// Puts the tables of a country into its pack; figures are counted against `loaded`, the release in
/// use, where it is of the same country.
pub fn country(country: Country, loaded: Option<&Draft>, accept: &[Kind]) -> Result<Proposal, ProposeError> {
    let Country { mut draft, extracts } = country;
    let manifest = draft.manifest()?;
    let mut gate = Gate { accept, accepted: Vec::new() };
    let mut read = 0;
    let empty = draft.clone();
    for extract in &extracts {
        read += extract.entries.len();
        put(&mut draft, extract, &manifest, loaded.unwrap_or(&empty), &mut gate)?;
    }
    Ok(Proposal { draft, accepted: gate.accepted, read })
}

fn put(
    draft: &mut Draft,
    extract: &Extract,
    manifest: &Manifest,
    loaded: &Draft,
    gate: &mut Gate<'_>,
) -> Result<(), ProposeError> {
    gate.pass(check::rows(extract, draft, manifest)?)?;
    gate.pass(check::counts(extract, loaded, manifest))?;
    gate.pass(check::totals(extract, draft, manifest))?;
    draft.put(&extract.entries, manifest)?;
    draft.put_areas(&extract.areas, manifest);
    Ok(())
}

fn put_postcodes(
    draft: &mut Draft,
    name: &str,
    bytes: &[u8],
    manifest: &Manifest,
    gate: &mut Gate<'_>,
) -> Result<usize, ProposeError> {
    let digits = usize::from(manifest.pack.postcode_digits);
    if digits == 0 {
        let message = "the pack in use says that its country has no postcodes (pack.postcode_digits)";
        return Err(Finding::whole(Kind::Malformed, name, message).into());
    }
    let table = postcodes::read(name, bytes, digits, usize::from(manifest.pack.key_digits))?;
    let keys = draft.rows();
    let unknown = table.values().filter(|(key, _)| !keys.contains_key(key)).map(|(key, row)| {
        Finding::at(
            Kind::UnknownKey,
            name,
            *row,
            "cvegeo",
            format!("{key} is no municipality of the loaded pack"),
        )
    });
    gate.pass(unknown.collect())?;
    let read = table.len();
    let loaded = draft.postcodes.as_ref().map_or(read, std::collections::BTreeMap::len);
    if read != loaded {
        let message = format!("there are {read} postcodes, {loaded} are loaded");
        gate.pass(vec![Finding::at(Kind::RowCount, name, read as u32 + 1, "cp", message)])?;
    }
    let known = table.into_iter().filter(|(_, (key, _))| keys.contains_key(key));
    draft.postcodes = Some(known.map(|(postcode, (key, _))| (postcode, key)).collect());
    Ok(read)
}
