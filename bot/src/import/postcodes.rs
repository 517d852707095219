//! Postcodes: a table with the columns `cp,cvegeo,places`, UTF-8.

use std::collections::BTreeMap;

use super::finding::{Finding, Kind};
use super::grid::{Encoding, read_csv};
use super::long_csv::places;
use super::number;

/// Reads the table: postcode to municipality key, both with `digits` digits. A postcode belongs to
/// one municipality; a second row for it is a duplicate.
pub fn read(
    file: &str,
    bytes: &[u8],
    postcode_digits: usize,
    key_digits: usize,
) -> Result<BTreeMap<String, (String, u32)>, Finding> {
    let grid = read_csv(file, bytes, Encoding::Utf8)?;
    let [postcode, key, _] = places(&grid, ["cp", "cvegeo", "places"])?;
    let mut out = BTreeMap::new();
    for row in grid.rows.iter().skip(1).filter(|row| !row.is_blank()) {
        let wrong =
            |kind: Kind, column: &str, message: String| grid.finding(kind, row.number, column, message);
        let digits = |index: usize, column: &str, digits: usize| {
            number::key(row.cell(index), digits).ok_or_else(|| {
                let found = number::shown(&row.cell(index).plain());
                wrong(Kind::Malformed, column, format!("`{found}` is no number of {digits} digits"))
            })
        };
        let code = digits(postcode, "cp", postcode_digits)?;
        let municipality = digits(key, "cvegeo", key_digits)?;
        if let Some((_, first)) = out.insert(code.clone(), (municipality, row.number)) {
            let message = format!("the postcode {code} stands in row {first} too");
            return Err(wrong(Kind::DuplicateKey, "cp", message));
        }
    }
    if out.is_empty() {
        return Err(grid.finding(Kind::Empty, 2, "A", "there is no row under the header"));
    }
    Ok(out)
}
