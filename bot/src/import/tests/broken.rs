//! Broken files: one clear error each, with file, row and column.

use std::io::Write as _;

use super::fixtures::{Cells, coneval, embedded, rezago, utf_8, windows_1252};
use crate::import::draft::Draft;
use crate::import::finding::{Finding, Kind};
use crate::import::propose::{self, Layout, ProposeError};
use crate::import::workbook::read_xlsx;

const POVERTY: &str = "indicadores de pobreza municipal_2020.csv";
const REZAGO: &str = "IRS_entidades_mpios_2020.xlsx";

/// The one finding of a file.
fn one(pack: &Draft, layout: Layout, name: &str, bytes: &[u8]) -> Finding {
    let problem = propose::file(pack, layout, name, bytes, None, &[]).err().expect("a broken file");
    let ProposeError::Refused(findings) = problem else { panic!("{problem}") };
    assert_eq!(findings.len(), 1, "one error: {findings:?}");
    assert!(findings[0].file.starts_with(name) && findings[0].row > 0 && !findings[0].column.is_empty());
    findings[0].clone()
}

fn poverty(pack: &Draft, edit: impl Fn(&mut Cells)) -> Finding {
    let mut cells = coneval(pack);
    edit(&mut cells);
    one(pack, Layout::ConevalPoverty, POVERTY, &windows_1252(&cells))
}

fn place(finding: &Finding) -> (Kind, u32, &str) {
    (finding.kind, finding.row, finding.column.as_str())
}

#[test]
fn poverty_files_with_one_fault_give_one_error() {
    let pack = embedded();
    let without = poverty(&pack, |cells| {
        for row in cells.iter_mut() {
            row.remove(27);
        }
    });
    assert_eq!(place(&without), (Kind::MissingColumn, 1, "ic_ali"));
    let lower = poverty(&pack, |cells| cells.insert(0, vec!["Pobreza municipal".to_owned()]));
    assert_eq!(place(&lower), (Kind::ShiftedHeader, 1, "A"));
    let aside = poverty(&pack, |cells| cells[0].insert(0, String::new()));
    assert_eq!(place(&aside), (Kind::ShiftedHeader, 1, "A"));
    let swapped = poverty(&pack, |cells| cells[0].swap(5, 7));
    assert_eq!(place(&swapped), (Kind::ShiftedHeader, 1, "F"));
    let twice = poverty(&pack, |cells| {
        let row = cells[9].clone();
        cells.push(row);
    });
    assert_eq!(place(&twice), (Kind::DuplicateKey, 2_471, "key"));
    let beyond = poverty(&pack, |cells| cells[20][5] = "140".to_owned());
    assert_eq!(place(&beyond), (Kind::OutOfRange, 21, "pobreza"));
    let unknown = poverty(&pack, |cells| cells[20][2] = format!("{}999", cells[20][0]));
    assert_eq!(place(&unknown), (Kind::UnknownKey, 21, "key"));
    let elsewhere = poverty(&pack, |cells| cells[20][2] = "31001".to_owned());
    assert_eq!(place(&elsewhere), (Kind::Malformed, 21, "clave_municipio"));
    let word = poverty(&pack, |cells| cells[20][5] = "mucha".to_owned());
    assert_eq!(place(&word), (Kind::Malformed, 21, "pobreza"));
    let blank = poverty(&pack, |cells| cells[20][5] = String::new());
    assert_eq!(place(&blank), (Kind::Malformed, 21, "pobreza"));
    let cut = poverty(&pack, |cells| cells[20].truncate(30));
    assert_eq!(place(&cut), (Kind::Malformed, 21, "carencias_pob"));
    let short = poverty(&pack, |cells| cells.truncate(2_000));
    assert_eq!((short.kind, short.row), (Kind::RowCount, 2_000));
    let parts = poverty(&pack, |cells| cells[20][11] = "99.9".to_owned());
    assert_eq!((parts.kind, parts.row), (Kind::Inconsistent, 21));
}

#[test]
fn years_and_lines_must_agree() {
    let pack = embedded();
    let bytes = windows_1252(&coneval(&pack));
    let wrong = one(&pack, Layout::ConevalPoverty, "indicadores de pobreza municipal_2015.csv", &bytes);
    assert_eq!(place(&wrong), (Kind::Year, 1, "plp"));
    assert_eq!(one(&pack, Layout::ConevalPoverty, "pobreza.csv", &bytes).kind, Kind::Year);
}

#[test]
fn the_wrong_encoding_is_located() {
    let pack = embedded();
    let cells = coneval(&pack);
    let first = cells.iter().position(|row| !row[3].is_ascii()).expect("an accent") as u32 + 1;
    let finding = one(&pack, Layout::ConevalPoverty, POVERTY, &utf_8(&cells));
    assert_eq!(place(&finding), (Kind::Encoding, first, "D"));
    let long = windows_1252(&vec![vec!["cvegeo".to_owned(), "año".to_owned()]]);
    assert_eq!(place(&one(&pack, Layout::LongCsv, "a.csv", &long)), (Kind::Encoding, 1, "B"));
}

#[test]
fn empty_and_foreign_files_are_no_panic() {
    let pack = embedded();
    for layout in [
        Layout::ConevalPoverty,
        Layout::ConevalRezago,
        Layout::ConapoMarginacion,
        Layout::InegiCatalogue,
        Layout::LongCsv,
        Layout::Postcodes,
    ] {
        assert_eq!(one(&pack, layout, "a_2020.csv", b"").kind, Kind::Empty, "{layout:?}");
        for bytes in
            [&b"PK\x03\x04garbage"[..], b"%PDF-1.7", b"a,b\n1,2\n", b"\xff\xfe\x00", b"\"", b",,,\n,,,"]
        {
            let finding = one(&pack, layout, "a_2020.csv", bytes);
            assert!(!Kind::ACCEPTABLE.contains(&finding.kind), "{layout:?}: {finding}");
        }
    }
}

#[test]
fn long_tables_with_one_fault_give_one_error() {
    let pack = embedded();
    let fault = |text: &str| one(&pack, Layout::LongCsv, "a.csv", text.as_bytes());
    assert_eq!(place(&fault("cvegeo,indicator,year\n")), (Kind::MissingColumn, 1, "value"));
    let shifted = fault("\"Figures\",,,\ncvegeo,indicator,year,value\n01001,coneval_pobreza,2020,1.0\n");
    assert_eq!(place(&shifted), (Kind::ShiftedHeader, 1, "A"));
    let row = |row: &str| fault(&format!("cvegeo,indicator,year,value\n{row}\n"));
    assert_eq!(place(&row("01001,coneval_pobreza,veinte,1.0")), (Kind::Malformed, 2, "year"));
    assert_eq!(place(&row("Tlapa,coneval_pobreza,2020,1.0")), (Kind::Malformed, 2, "cvegeo"));
    assert_eq!(place(&row("01001,coneval_pobreza,2020,1.0,7")), (Kind::Malformed, 2, "E"));
    assert_eq!(place(&row("01001,coneval_pobreza,2020,140.0")), (Kind::OutOfRange, 2, "value"));
    assert_eq!(place(&row("01001,nadie,2020,1.0")), (Kind::UnknownSeries, 2, "value"));
    let twice = row("01001,coneval_pobreza,2020,1.0\n1001,coneval_pobreza,2020,1.0");
    assert_eq!(place(&twice), (Kind::DuplicateKey, 3, "key"));
}

#[test]
fn damaged_workbooks_give_one_error() {
    let pack = embedded();
    let whole = rezago(&pack, 5);
    for part in [10, whole.len() / 2, whole.len() - 1] {
        let finding = one(&pack, Layout::ConevalRezago, REZAGO, &whole[..part]);
        assert_eq!(finding.kind, Kind::Malformed, "{finding}");
    }
    let shifted = one(&pack, Layout::ConevalRezago, REZAGO, &rezago(&pack, 6));
    assert_eq!(place(&shifted), (Kind::ShiftedHeader, 5, "A"));
    let other = one(&pack, Layout::ConapoMarginacion, "IMM_2020.xlsx", &whole);
    assert_eq!(other.kind, Kind::MissingColumn);
}

/// An archive with one file of `size` zeros.
fn archive(size: usize) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).expect("a file");
    writer.write_all(&vec![0; size]).expect("zeros");
    writer.finish().expect("an archive").into_inner()
}

/// Puts another unpacked size into the archive's directory.
fn declare(bytes: &mut [u8], size: u32) {
    let at = bytes.windows(4).rposition(|it| it == b"PK\x01\x02").expect("a directory");
    bytes[at + 24..at + 28].copy_from_slice(&size.to_le_bytes());
}

#[test]
fn a_zip_bomb_is_refused_by_what_it_declares() {
    let mut bytes = archive(1_000);
    declare(&mut bytes, u32::MAX - 1);
    let finding = read_xlsx("IRS_2020.xlsx", &bytes).expect_err("a bomb");
    assert_eq!(place(&finding), (Kind::Oversized, 1, "A"));
    let pack = embedded();
    assert_eq!(one(&pack, Layout::ConevalRezago, "IRS_2020.xlsx", &bytes).kind, Kind::Oversized);
}

#[test]
fn a_zip_bomb_that_declares_little_is_refused_by_what_it_unpacks_to() {
    let mut bytes = archive(2 << 20);
    declare(&mut bytes, 10);
    let finding = crate::import::workbook::refuse_bombs("a.xlsx", &bytes, 1 << 20).expect_err("a bomb");
    assert!(matches!(finding.kind, Kind::Oversized | Kind::Malformed), "{finding}");
    let honest = archive(2 << 20);
    let finding = crate::import::workbook::refuse_bombs("a.xlsx", &honest, 1 << 20).expect_err("a bomb");
    assert_eq!(finding.kind, Kind::Oversized);
}
