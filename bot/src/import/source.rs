//! What a reader takes out of an official file.

use crate::domain::figure::Figure;
use crate::domain::indicator::Reading;

use super::finding::{Finding, Kind};
use super::grid::{Grid, Row, letter};
use super::number;

/// One figure of a municipality.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The municipality's key.
    pub key: String,
    /// The series' code.
    pub series: String,
    /// The year.
    pub year: u16,
    /// The figure, or why there is none.
    pub reading: Reading,
    /// Where it stands in the file.
    pub row: u32,
    /// See `row`.
    pub column: String,
}

/// An official figure of a larger area (`00` is the country, else a state's key).
#[derive(Clone, Debug, PartialEq)]
pub struct AreaFigure {
    /// The area's key.
    pub area: String,
    /// The series' code.
    pub series: String,
    /// The year.
    pub year: u16,
    /// The figure.
    pub value: Figure,
    /// Where it stands in the file.
    pub row: u32,
    /// See `row`.
    pub column: String,
}

/// People of a municipality or a larger area, as the file itself counts them.
#[derive(Clone, Debug, PartialEq)]
pub struct People {
    /// Key of the municipality or area.
    pub key: String,
    /// How many.
    pub count: Figure,
    /// Where it stands in the file.
    pub row: u32,
}

/// Everything a file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extract {
    /// Name of the file, without its folder.
    pub file: String,
    /// Figures of municipalities.
    pub entries: Vec<Entry>,
    /// Official figures of larger areas.
    pub areas: Vec<AreaFigure>,
    /// The file's own population of municipalities, against which its totals are checked.
    pub people: Vec<People>,
    /// The file's own population of larger areas.
    pub area_people: Vec<People>,
    /// Findings that do not stop the reading.
    pub findings: Vec<Finding>,
}

/// Checks that a row has exactly the columns of a layout, in their order.
///
/// A name that is nowhere in the row is a missing column; one in another place, a shifted header.
/// `loose` compares without regard to white space.
pub fn expect_header(grid: &Grid, row: u32, expected: &[&str]) -> Result<(), Finding> {
    let there: Vec<String> =
        grid.row(row).map(|it| it.cells.iter().map(super::grid::Cell::plain).collect()).unwrap_or_default();
    if there.iter().all(String::is_empty) {
        let message = format!("the header with `{}` is expected in this row", name_of(expected));
        return Err(grid.finding(Kind::ShiftedHeader, row, "A", message));
    }
    // A header that stands in another row altogether.
    let matches = |it: &Row| {
        let cells: Vec<String> = it.cells.iter().map(super::grid::Cell::plain).collect();
        expected.iter().filter(|name| cells.iter().any(|cell| cell == *name)).count()
    };
    if grid.row(row).map_or(0, matches) * 2 < expected.len()
        && let Some(other) = grid.rows.iter().take(30).find(|it| matches(it) * 2 >= expected.len())
    {
        let message = format!("the header is expected in this row and stands in row {}", other.number);
        return Err(grid.finding(Kind::ShiftedHeader, row, "A", message));
    }
    for (index, name) in expected.iter().enumerate() {
        if !name.is_empty() && !there.iter().any(|it| it == name) {
            let message = format!("the column `{name}` is missing; the layout has it in {}", letter(index));
            return Err(grid.finding(Kind::MissingColumn, row, name, message));
        }
    }
    for index in 0..expected.len().max(there.len()) {
        let want = expected.get(index).copied().unwrap_or_default();
        let have = there.get(index).map(String::as_str).unwrap_or_default();
        if want != have {
            let message = format!("`{want}` is expected here, but there is `{}`", number::shown(have));
            return Err(grid.finding(Kind::ShiftedHeader, row, &letter(index), message));
        }
    }
    Ok(())
}

fn name_of<'a>(expected: &[&'a str]) -> &'a str {
    expected.iter().find(|name| !name.is_empty()).copied().unwrap_or_default()
}

/// The one year (1990 to 2099) that a text names as four digits of their own; none if it names
/// several.
pub fn year_in(text: &str) -> Option<u16> {
    let mut years: Vec<u16> = text
        .split(|it: char| !it.is_ascii_digit())
        .filter(|digits| digits.len() == 4)
        .filter_map(|digits| digits.parse().ok())
        .filter(|year| (1990..2100).contains(year))
        .collect();
    years.dedup();
    match years[..] {
        [year] => Some(year),
        _ => None,
    }
}

/// The year of a file: what the layout says, else its name, else `--year`; two that differ are an
/// error and so is none.
pub fn decide_year(file: &str, in_layout: Option<u16>, given: Option<u16>) -> Result<u16, Finding> {
    let found = in_layout.or_else(|| year_in(file));
    let wrong = |message: String| Finding::whole(Kind::Year, file, message);
    match (found, given) {
        (Some(found), Some(given)) if found != given => {
            Err(wrong(format!("the file says {found} and --year says {given}")))
        }
        (Some(year), _) | (None, Some(year)) => Ok(year),
        (None, None) => {
            Err(wrong("neither the file nor its name says the year: give it with --year".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_never_guessed() {
        assert_eq!(decide_year("pobreza_2015.excerpt50.csv", None, None), Ok(2015));
        assert_eq!(decide_year("pobreza.csv", None, Some(2015)), Ok(2015));
        assert_eq!(decide_year("pobreza.csv", Some(2020), None), Ok(2020));
        assert!(decide_year("pobreza.csv", None, None).is_err());
        assert!(decide_year("pobreza_2010-2015.csv", None, None).is_err());
        assert!(decide_year("pobreza_2015.csv", None, Some(2020)).is_err());
        assert_eq!(year_in("índice y grado de rezago social, según municipio, 2020"), Some(2020));
    }
}
