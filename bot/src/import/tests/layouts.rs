//! Whole files: the figures of the pack come back, in each layout.

use super::fixtures::{
    catalogue, coneval, embedded, figure, marginacion, number, rezago, utf_8, windows_1252,
};
use crate::import::diff;
use crate::import::draft::Draft;
use crate::import::finding::{Finding, Kind};
use crate::import::propose::{self, Layout, Proposal, ProposeError};

fn import(base: &Draft, layout: Layout, name: &str, bytes: &[u8], accept: &[Kind]) -> Proposal {
    propose::file(base, layout, name, bytes, None, accept).unwrap_or_else(|problem| panic!("{problem}"))
}

fn refused(base: &Draft, layout: Layout, name: &str, bytes: &[u8]) -> Vec<Finding> {
    match propose::file(base, layout, name, bytes, None, &[]) {
        Err(ProposeError::Refused(findings)) => findings,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the file was not refused"),
    }
}

const POVERTY: &str = "indicadores de pobreza municipal_2020.csv";

#[test]
fn tlapa_has_its_published_figures() {
    let pack = embedded();
    let row = pack.rows()["12066"];
    assert_eq!(figure(&pack, "coneval_pobreza", 2020, row).as_deref(), Some("71.8"));
    assert_eq!(figure(&pack, "coneval_ic_ali", 2020, row).as_deref(), Some("38.3"));
}

#[test]
fn coneval_poverty_comes_back_and_changes_nothing() {
    let pack = embedded();
    let proposal = import(&pack, Layout::ConevalPoverty, POVERTY, &windows_1252(&coneval(&pack)), &[]);
    assert_eq!(proposal.read, 2_469 * 19);
    assert_eq!(diff::lines(&pack, &proposal.draft), Vec::<String>::new());
    assert_eq!(pack.files("x").expect("files"), proposal.draft.files("x").expect("files"));
}

#[test]
fn a_changed_figure_is_in_the_diff_with_its_municipality() {
    let pack = embedded();
    let mut cells = coneval(&pack);
    let row = cells.iter().position(|row| row[2] == "12066").expect("Tlapa");
    cells[row][27] = "48.3".to_owned();
    assert_eq!(cells[0][27], "ic_ali");
    let proposal = import(&pack, Layout::ConevalPoverty, POVERTY, &windows_1252(&cells), &[]);
    assert_eq!(
        diff::lines(&pack, &proposal.draft),
        ["coneval_ic_ali 2020: 0 added, 0 removed, 1 changed", "    12066 Tlapa de Comonfort: 38.3 -> 48.3"]
    );
}

#[test]
fn the_rezago_workbook_comes_back_and_changes_nothing() {
    let pack = embedded();
    let bytes = rezago(&pack, 5);
    let proposal = import(&pack, Layout::ConevalRezago, "IRS_entidades_mpios_2020.xlsx", &bytes, &[]);
    assert_eq!(proposal.read, 2_469 * 14);
    assert_eq!(diff::lines(&pack, &proposal.draft), Vec::<String>::new());
}

#[test]
fn states_of_the_rezago_workbook_are_checked_against_its_municipalities() {
    let mut pack = embedded();
    let key = ("inegi_poblacion".to_owned(), 2020, "12".to_owned());
    let wrong = pack.reference[&key].minus(crate::domain::figure::Figure::new(1, 0));
    pack.reference.insert(key, wrong);
    let bytes = rezago(&pack, 5);
    let findings = refused(&pack, Layout::ConevalRezago, "IRS_entidades_mpios_2020.xlsx", &bytes);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!((findings[0].kind, findings[0].row), (Kind::Total, 19));
    assert!(findings[0].message.contains("area 12"), "{}", findings[0]);
}

#[test]
fn the_marginalization_workbook_comes_back_with_the_figures_of_the_country() {
    let pack = embedded();
    let proposal =
        import(&pack, Layout::ConapoMarginacion, "IMM_2020.xlsx", &marginacion(&pack, |_| ()), &[]);
    assert_eq!(proposal.read, 2_469 * 12);
    assert_eq!(
        diff::lines(&pack, &proposal.draft),
        ["official figures of larger areas: 9 added, 0 removed, 0 changed"]
    );
}

#[test]
fn two_sheets_that_contradict_each_other_are_found() {
    let pack = embedded();
    let bytes = marginacion(&pack, |sheet| number(sheet, 3, 5, "9.99"));
    let findings = refused(&pack, Layout::ConapoMarginacion, "IMM_2020.xlsx", &bytes);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(
        (findings[0].kind, findings[0].row, findings[0].column.as_str()),
        (Kind::Inconsistent, 4, "ANALF")
    );
}

#[test]
fn a_long_table_replaces_its_series_and_suppressed_is_not_missing() {
    let pack = embedded();
    let series = "coneval_pobreza_mujeres";
    let column = pack.columns.get(series, 2020).expect("a column").clone();
    let mut rows = vec![["cvegeo", "indicator", "year", "value"].map(str::to_owned).to_vec()];
    let mut suppressed = 0;
    for (row, it) in pack.municipalities.iter().enumerate() {
        let value = match column.get(row) {
            crate::domain::indicator::Reading::Value(figure) => figure.to_string(),
            crate::domain::indicator::Reading::Suppressed => {
                suppressed += 1;
                "-888.0".to_owned()
            }
            _ => continue,
        };
        rows.push(vec![it.key.clone(), series.to_owned(), "2020".to_owned(), value]);
    }
    assert_eq!(suppressed, 3);
    let proposal = import(&pack, Layout::LongCsv, "mujeres.csv", &utf_8(&rows), &[]);
    assert_eq!(proposal.draft.columns.get(series, 2020), Some(&column));
    let findings = refused(&pack, Layout::LongCsv, "mujeres.csv", &utf_8(&rows[..100].to_vec()));
    assert_eq!(findings.iter().map(|it| it.kind).collect::<Vec<_>>(), [Kind::RowCount]);
    let shorter =
        import(&pack, Layout::LongCsv, "mujeres.csv", &utf_8(&rows[..100].to_vec()), &[Kind::RowCount]);
    assert_eq!(shorter.accepted.len(), 1);
    let left = shorter.draft.columns.get(series, 2020).map(crate::domain::pack::Column::values);
    assert!(left.is_some_and(|it| (90..100).contains(&it)), "{left:?}");
}

#[test]
fn a_catalogue_renames_and_keeps_what_editors_said() {
    let pack = embedded();
    let mut rows = catalogue(&pack);
    let playa = rows.iter_mut().find(|row| row[0] == "23008").expect("Playa del Carmen");
    playa[5] = "Solidaridad".to_owned();
    let proposal = import(&pack, Layout::InegiCatalogue, "catalogo.csv", &utf_8(&rows), &[]);
    assert_eq!(
        diff::lines(&pack, &proposal.draft),
        ["municipalities: 1 changed: 23008 Playa del Carmen -> Solidaridad"]
    );
    let new = &proposal.draft.municipalities[pack.rows()["12085"]];
    assert_eq!(new.counted_in, ["12023"]);
    rows.remove(5);
    let findings = refused(&pack, Layout::InegiCatalogue, "catalogo.csv", &utf_8(&rows));
    assert_eq!(findings.iter().map(|it| it.kind).collect::<Vec<_>>(), [Kind::RowCount]);
}

#[test]
fn postcodes_come_back_and_an_unknown_municipality_is_found() {
    let pack = embedded();
    let Some(postcodes) = &pack.postcodes else { return }; // Built without them.
    let mut rows = vec![["cp", "cvegeo", "places"].map(str::to_owned).to_vec()];
    rows.extend(postcodes.iter().map(|(postcode, key)| vec![postcode.clone(), key.clone(), "1".to_owned()]));
    let proposal = import(&pack, Layout::Postcodes, "cp.csv", &utf_8(&rows), &[]);
    assert_eq!(diff::lines(&pack, &proposal.draft), Vec::<String>::new());
    rows[7][1] = "09999".to_owned();
    let findings = refused(&pack, Layout::Postcodes, "cp.csv", &utf_8(&rows));
    assert_eq!((findings.len(), findings[0].kind, findings[0].row), (1, Kind::UnknownKey, 8));
    rows[7] = rows[8].clone();
    let findings = refused(&pack, Layout::Postcodes, "cp.csv", &utf_8(&rows));
    assert_eq!((findings.len(), findings[0].kind, findings[0].row), (1, Kind::DuplicateKey, 9));
}
