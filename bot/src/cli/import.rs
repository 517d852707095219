//! `cabildo import`.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::clock::Clock;
use crate::domain::pack::PackError;
use crate::import::compile::{self, CompileError, Sources};
use crate::import::draft::{Draft, Files, POSTCODES};
use crate::import::finding::{Finding, Kind};
use crate::import::propose::{self, Layout, Proposal, ProposeError};
use crate::import::release::{self, ReleaseError};
use crate::import::{country, diff, editorial};

use super::{Failure, exit};

/// Arguments of `cabildo import`.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are switches of a command line")]
pub struct Arguments {
    /// The official file; or, as long-csv, a folder with the tables of a whole country.
    file: Option<PathBuf>,
    /// Layout of the file.
    #[arg(long = "as", value_name = "LAYOUT")]
    layout: Option<Layout>,
    /// Year of the figures, where neither the file nor its name says it.
    #[arg(long)]
    year: Option<u16>,
    /// Load all the same although the checks find this; may be repeated.
    #[arg(long, value_name = "FINDING")]
    accept: Vec<String>,
    /// Check and show what would change, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Manifest of a country, where it is not `manifest.toml` in the folder.
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Folder of the service's data.
    #[arg(long, value_name = "DIR", env = "CABILDO_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// List the releases.
    #[arg(long, conflicts_with_all = ["file", "rollback", "compile"])]
    list: bool,
    /// Go back to the release before the one in use.
    #[arg(long, conflicts_with_all = ["file", "compile"])]
    rollback: bool,
    /// Compile the pack that the binary carries.
    #[arg(long, conflicts_with = "file", requires_all = ["tables", "out"])]
    compile: bool,
    /// With --compile: folder of the official files; without it the long tables give every figure.
    #[arg(long, value_name = "DIR", requires = "compile")]
    official: Option<PathBuf>,
    /// With --compile: folder of the catalogue, the long tables and the postcodes.
    #[arg(long, value_name = "DIR", requires = "compile")]
    tables: Option<PathBuf>,
    /// With --compile: folder of the pack, with its manifest and `editorial/`.
    #[arg(long, value_name = "DIR", requires = "compile")]
    out: Option<PathBuf>,
    /// With --compile: folder of the postcodes (default: the pack's folder with `-postcodes`).
    #[arg(long, value_name = "DIR", requires = "compile")]
    postcodes_out: Option<PathBuf>,
    /// With --compile: name of the release; the manifest's without it.
    #[arg(long, value_name = "NAME", requires = "compile")]
    release: Option<String>,
}

/// Runs the command.
pub fn run(arguments: &Arguments, pack: Option<&Path>) -> Result<(), Failure> {
    let data_dir = arguments.data_dir.clone().unwrap_or_else(release::default_data_dir);
    if arguments.list {
        return list(&data_dir);
    }
    if arguments.rollback {
        let before = release::rollback(&data_dir)?;
        return say(&match before {
            Some(name) => format!("Release {name} is in use again."),
            None => "The embedded pack is in use again.".to_owned(),
        });
    }
    if arguments.compile {
        return run_compile(arguments);
    }
    let (Some(path), Some(layout)) = (&arguments.file, arguments.layout) else {
        return Err(Failure::usage(
            "Name the file and its layout: cabildo import FILE --as LAYOUT (see cabildo import --help).",
        ));
    };
    let mut accept = Vec::new();
    for name in &arguments.accept {
        accept.push(Kind::acceptable(name).ok_or_else(|| {
            let names: Vec<&str> = Kind::ACCEPTABLE.iter().map(|it| it.name()).collect();
            Failure::usage(format!("`{name}` can't be accepted; what can is {}.", names.join(", ")))
        })?);
    }
    if arguments.manifest.is_some() && !path.is_dir() {
        return Err(Failure::usage("--manifest belongs to the import of a folder as long-csv."));
    }
    let in_use = release::current(&data_dir)?;
    let loaded = loaded(&data_dir, in_use.as_deref(), pack)?;
    let (base, proposal) = if path.is_dir() {
        if layout != Layout::LongCsv {
            return Err(Failure::usage("A folder can only be imported as long-csv."));
        }
        let country = read_country(path, arguments.manifest.as_deref())?;
        let code = country.draft.manifest()?.pack.country;
        let base = Some(loaded).filter(|it| it.manifest().is_ok_and(|it| it.pack.country == code));
        let proposal = propose::country(country, base.as_ref(), &accept)?;
        (base, proposal)
    } else {
        let bytes = read_input(path)?;
        let proposal = propose::file(&loaded, layout, &name_of(path), &bytes, arguments.year, &accept)?;
        (Some(loaded), proposal)
    };
    finish(&data_dir, in_use.as_deref(), base.as_ref(), &proposal, arguments.dry_run)
}

/// How many accepted findings are shown before the rest is counted.
const ACCEPTED_SHOWN: usize = 20;

/// Shows what changes and writes it.
fn finish(
    data_dir: &Path,
    in_use: Option<&str>,
    base: Option<&Draft>,
    proposal: &Proposal,
    dry_run: bool,
) -> Result<(), Failure> {
    let draft = &proposal.draft;
    let manifest = draft.manifest()?;
    let country = &manifest.pack.country;
    let mut out = vec![format!("{} figures read.", proposal.read)];
    out.extend(proposal.accepted.iter().take(ACCEPTED_SHOWN).map(|it| format!("accepted: {it}")));
    if proposal.accepted.len() > ACCEPTED_SHOWN {
        out.push(format!("accepted: {} more findings", proposal.accepted.len() - ACCEPTED_SHOWN));
    }
    let before = base.map(|it| it.manifest().map(|it| it.pack.release)).transpose()?;
    if let (Some(base), Some(before)) = (base, &before) {
        if base.files(before)? == draft.files(before)? {
            out.push(format!("No change: {country} {before} already says this. Nothing was written."));
            return say(&out.join("\n"));
        }
        let lines = diff::lines(base, draft);
        out.push(if lines.is_empty() { "Only definitions change.".to_owned() } else { lines.join("\n") });
    } else {
        let figures: usize = draft.columns.iter().map(|(.., it)| it.values()).sum();
        out.push(format!(
            "First release of {country}: {} municipalities, {} series, {figures} figures.",
            draft.municipalities.len(),
            manifest.series.len()
        ));
    }
    let release = release::next_name(data_dir, country, before.as_deref(), Clock::System.now())?;
    let files = draft.files(&release)?;
    // What can't be loaded is never installed.
    let facts = release::load(&files)?;
    if dry_run {
        out.push(format!("Dry run: nothing was written; this would be release {country}/{release}."));
    } else {
        let name = release::install(data_dir, &files, &facts.manifest, in_use)?;
        out.push(format!("Release {name} is in use. Go back with: cabildo import --rollback"));
    }
    say(&out.join("\n"))
}

fn list(data_dir: &Path) -> Result<(), Failure> {
    let releases = release::list(data_dir)?;
    if releases.iter().all(|it| !it.current) {
        say("* the embedded pack")?;
    }
    for it in releases {
        let mark = if it.current { "*" } else { " " };
        say(&format!("{mark} {} (replaced {})", it.name, it.replaces))?;
    }
    Ok(())
}

/// The pack that an import starts from: the folder that was named, else the release in use, else the
/// embedded pack.
fn loaded(data_dir: &Path, in_use: Option<&str>, pack: Option<&Path>) -> Result<Draft, Failure> {
    if let Some(folder) = pack {
        let mut files = Files::new();
        for name in crate::import::draft::FILES.into_iter().chain(["manifest.toml", POSTCODES]) {
            if let Some(bytes) = release::read_file(&folder.join(name))? {
                files.insert(name.to_owned(), bytes);
            }
        }
        return Ok(Draft::read(|name| files.get(name).cloned())?);
    }
    match in_use {
        Some(name) => {
            let files = release::files(data_dir, name)?;
            release::load(&files).map_err(|source| ReleaseError::Pack { name: name.to_owned(), source })?;
            Ok(Draft::read(|name| files.get(name).cloned())?)
        }
        None => Ok(Draft::read(|name| match name {
            POSTCODES => crate::embedded::postcodes().map(<[u8]>::to_vec),
            _ => crate::embedded::file(name).map(<[u8]>::to_vec),
        })?),
    }
}

fn read_country(folder: &Path, manifest: Option<&Path>) -> Result<country::Country, Failure> {
    let path = manifest.map_or_else(|| folder.join("manifest.toml"), Path::to_owned);
    let text = String::from_utf8(read_input(&path)?)
        .map_err(|_| Failure::data(format!("{}: the manifest is not UTF-8.", path.display())))?;
    // A file that is there and can't be read is told apart from one that is not there.
    let problem = std::cell::RefCell::new(None);
    let read = country::read(&text, |name| match release::read_file(&folder.join(name)) {
        Ok(bytes) => bytes,
        Err(found) => {
            problem.replace(Some(found));
            None
        }
    });
    if let Some(problem) = problem.into_inner() {
        return Err(problem.into());
    }
    read.map_err(|problem| match problem {
        country::CountryError::Finding(finding) => ProposeError::from(finding).into(),
        country::CountryError::NoFile(_) => {
            Failure::new(exit::NO_INPUT, format!("{problem}. Nothing was changed."))
        }
        country::CountryError::Pack(_) => Failure::data(format!("{problem}. Nothing was changed.")),
    })
}

fn run_compile(arguments: &Arguments) -> Result<(), Failure> {
    let (Some(tables), Some(out)) = (&arguments.tables, &arguments.out) else {
        return Err(Failure::usage("--compile needs --tables DIR and --out DIR."));
    };
    let read =
        |folder: &Path, name: &str| read_input(&folder.join(name)).map(|bytes| (name.to_owned(), bytes));
    let many = |folder: &Path, wanted: &dyn Fn(&str) -> bool| -> Result<Vec<compile::Named>, Failure> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        names.iter().filter(|it| wanted(it)).map(|it| read(folder, it)).collect()
    };
    let folder = out.join("editorial");
    let mut tables_of_editors = Files::new();
    for name in editorial::FILES {
        if let Some(bytes) = release::read_file(&folder.join(name))? {
            tables_of_editors.insert(name.to_owned(), bytes);
        }
    }
    let editorial =
        editorial::read(|name| tables_of_editors.get(name).cloned()).map_err(ProposeError::from)?;
    let manifest = String::from_utf8(read_input(&out.join("manifest.toml"))?)
        .map_err(|_| Failure::data("manifest.toml is not UTF-8."))?;
    let is_table = |name: &str| {
        let inner = name.strip_prefix("mx_indicators_").and_then(|it| it.strip_suffix(".csv"));
        inner.is_some_and(|it| it != "meta")
    };
    let is_official = |name: &str| compile::is_official(name);
    let sources = Sources {
        manifest,
        editorial,
        catalogue: read(tables, "mx_municipalities.csv")?,
        tables: many(tables, &is_table)?,
        reference: read(tables, "mx_reference_areas.csv")?,
        postcodes: read(tables, "mx_postal_codes.csv")?,
        official: match &arguments.official {
            Some(folder) => many(folder, &is_official)?,
            None => Vec::new(),
        },
    };
    let compiled = compile::compile(&sources).map_err(|problem| match problem {
        CompileError::Finding(finding) => ProposeError::from(finding).into(),
        CompileError::Pack(problem) => Failure::from(problem),
    })?;
    if !compiled.findings.is_empty() {
        return Err(ProposeError::Refused(compiled.findings).into());
    }
    let mut draft = compiled.draft;
    let release = match &arguments.release {
        Some(name) => name.clone(),
        None => draft.manifest()?.pack.release,
    };
    let postcodes = draft.files(&release)?.remove(POSTCODES).unwrap_or_default();
    draft.postcodes = None;
    let mut files = draft.files(&release)?;
    if sources.editorial.aliases.is_none()
        && let Some(kept) = release::read_file(&out.join("aliases.csv"))?
    {
        // Without a table of an editor's the aliases that are there stay.
        draft.aliases = compile::aliases(&kept).map_err(ProposeError::from)?;
        files = draft.files(&release)?;
    }
    release::load(&files)?;
    say(&compiled.report.join("\n"))?;
    if arguments.dry_run {
        return say("Dry run: nothing was written.");
    }
    for (name, bytes) in &files {
        std::fs::write(out.join(name), bytes)?;
    }
    let beside = arguments.postcodes_out.clone().unwrap_or_else(|| {
        let mut name = out.as_os_str().to_owned();
        name.push("-postcodes");
        PathBuf::from(name)
    });
    std::fs::create_dir_all(&beside)?;
    std::fs::write(beside.join(POSTCODES), postcodes)?;
    say(&format!("Written to {} and {}.", out.display(), beside.display()))
}

fn read_input(path: &Path) -> Result<Vec<u8>, Failure> {
    match release::read_file(path) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(Failure::new(exit::NO_INPUT, format!("There is no file {}.", path.display()))),
        Err(problem) if problem.kind() == io::ErrorKind::FileTooLarge => {
            Err(ProposeError::from(Finding::whole(Kind::Oversized, &name_of(path), problem.to_string()))
                .into())
        }
        Err(problem) => {
            Err(Failure::new(exit::NO_INPUT, format!("{} can't be read: {problem}.", path.display())))
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default()
}

fn say(text: &str) -> Result<(), Failure> {
    writeln!(io::stdout(), "{text}").map_err(Failure::from)
}

impl From<ProposeError> for Failure {
    fn from(problem: ProposeError) -> Self {
        Self::data(problem.to_string())
    }
}

impl From<PackError> for Failure {
    fn from(problem: PackError) -> Self {
        Self::data(format!("The data pack can't be read or made: {problem}. Nothing was changed."))
    }
}

impl From<ReleaseError> for Failure {
    fn from(problem: ReleaseError) -> Self {
        let code = match problem {
            ReleaseError::Io { .. } => exit::IO,
            ReleaseError::NothingBefore => exit::USAGE,
            ReleaseError::Overtaken { .. } => exit::UNAVAILABLE,
            ReleaseError::Pack { .. } | ReleaseError::Pointer { .. } => exit::DATA,
        };
        Self::new(code, format!("{problem}. Nothing was changed."))
    }
}
