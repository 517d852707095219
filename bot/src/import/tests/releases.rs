//! The command: releases, roll-back, exit codes, and that an error changes nothing.

use std::path::{Path, PathBuf};

use clap::Parser as _;

use super::fixtures::{coneval, embedded, windows_1252};
use crate::cli::import::{Arguments, run};
use crate::import::release;

#[derive(clap::Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,
}

/// Runs `cabildo import` in this process; the exit code and the sentence of a failure.
pub fn import(data_dir: &Path, arguments: &[&str]) -> Result<(), (u8, String)> {
    let folder = data_dir.to_str().expect("a path");
    let all = ["import"].iter().chain(arguments).copied().chain(["--data-dir", folder]);
    let command = Command::try_parse_from(all).unwrap_or_else(|problem| panic!("{problem}"));
    run(&command.arguments, None).map_err(|failure| (failure.code(), failure.message().to_owned()))
}

/// Every file below a folder with its bytes.
fn tree(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut out = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else {
                out.push((path.clone(), std::fs::read(path).expect("a file")));
            }
        }
    }
    out.sort();
    out
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().expect("a path").to_owned()
}

#[test]
fn a_release_is_made_listed_used_and_taken_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let pack = embedded();
    let mut cells = coneval(&pack);
    let file = path(folder.path(), "indicadores de pobreza municipal_2020.csv");

    std::fs::write(&file, windows_1252(&cells)).expect("a file");
    import(&data, &[&file, "--as", "coneval-poverty"]).expect("no change");
    assert!(!data.exists(), "what says the same makes no release");

    let row = cells.iter().position(|row| row[2] == "12066").expect("Tlapa");
    cells[row][27] = "48.3".to_owned();
    std::fs::write(&file, windows_1252(&cells)).expect("a file");
    import(&data, &[&file, "--as", "coneval-poverty", "--dry-run"]).expect("a dry run");
    assert!(!data.exists(), "a dry run writes nothing");
    import(&data, &[&file, "--as", "coneval-poverty"]).expect("a release");
    let first = release::current(&data).expect("a pointer").expect("a release");
    let facts = release::load_current(&data).expect("a pack").expect("a release");
    let tlapa = facts.by_key("12066").expect("Tlapa");
    let food = |facts: &crate::domain::facts::Facts| {
        facts.reading("coneval_ic_ali", 2020, tlapa).value().map(|it| it.to_string())
    };
    assert_eq!(food(&facts).as_deref(), Some("48.3"));
    assert_eq!(format!("MX/{}", facts.manifest.pack.release), first);

    let before = tree(&data);
    import(&data, &[&file, "--as", "coneval-poverty"]).expect("no change");
    assert_eq!(tree(&data), before, "the same file again makes no release");

    cells[row][27] = "58.3".to_owned();
    std::fs::write(&file, windows_1252(&cells)).expect("a file");
    import(&data, &[&file, "--as", "coneval-poverty"]).expect("a second release");
    let second = release::current(&data).expect("a pointer").expect("a release");
    assert_ne!(first, second);
    let listed = release::list(&data).expect("a list");
    assert_eq!(
        listed.iter().map(|it| (it.name.as_str(), it.current)).collect::<Vec<_>>(),
        [(first.as_str(), false), (second.as_str(), true)]
    );
    assert_eq!(listed[1].replaces, first);

    import(&data, &["--rollback"]).expect("the first release");
    assert_eq!(release::current(&data).expect("a pointer"), Some(first));
    let facts = release::load_current(&data).expect("a pack").expect("a release");
    assert_eq!(food(&facts).as_deref(), Some("48.3"));
    import(&data, &["--rollback"]).expect("the embedded pack");
    assert!(release::load_current(&data).expect("a pointer").is_none());
    let (code, _) = import(&data, &["--rollback"]).expect_err("nothing before");
    assert_eq!(code, 64);
}

#[test]
fn an_error_changes_nothing_and_has_its_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let pack = embedded();
    let mut cells = coneval(&pack);
    let file = path(folder.path(), "indicadores de pobreza municipal_2020.csv");
    cells[1][5] = "20.2".to_owned();
    std::fs::write(&file, windows_1252(&cells)).expect("a file");
    import(&data, &[&file, "--as", "coneval-poverty", "--accept", "inconsistent"]).expect("a release");
    let before = tree(&data);

    cells[20][5] = "140".to_owned();
    std::fs::write(&file, windows_1252(&cells)).expect("a file");
    let arguments = [&file, "--as", "coneval-poverty", "--accept", "inconsistent"];
    let (code, message) = import(&data, &arguments).expect_err("140 %");
    assert_eq!(code, 65);
    assert!(message.contains("municipal_2020.csv, row 21, column pobreza: 140"), "{message}");
    assert!(message.contains("--accept out-of-range"), "{message}");
    std::fs::write(&file, b"").expect("a file");
    assert_eq!(import(&data, &arguments).expect_err("empty").0, 65);
    assert_eq!(import(&data, &["/no/such/file", "--as", "postcodes"]).expect_err("no file").0, 66);
    let wrong = ["x.csv", "--as", "postcodes", "--accept", "duplicate-key"];
    assert_eq!(import(&data, &wrong).expect_err("not acceptable").0, 64);
    assert_eq!(import(&data, &[&file]).expect_err("no layout").0, 64);
    assert_eq!(tree(&data), before);
}

#[test]
fn a_release_that_was_tampered_with_is_not_loaded() {
    let folder = tempfile::tempdir().expect("a folder");
    let pack = embedded();
    let files = pack.files("2026.7").expect("files");
    let manifest = release::load(&files).expect("a pack").manifest;
    let name = release::install(folder.path(), &files, &manifest, None).expect("a release");
    let overtaken =
        release::install(folder.path(), &files, &manifest, None).expect_err("another one is in use");
    assert!(overtaken.to_string().contains("MX/2026.7"), "{overtaken}");
    assert!(
        release::install(folder.path(), &files, &manifest, Some(&name)).is_err(),
        "a release is never replaced"
    );
    let values = folder.path().join("packs").join(&name).join("values.bin");
    let mut bytes = std::fs::read(&values).expect("figures");
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    std::fs::write(&values, bytes).expect("figures");
    let problem = release::load_current(folder.path()).expect_err("another checksum");
    assert!(problem.to_string().contains("checksum"), "{problem}");
}
