//! Cells of exports: a table program must take each as text and never as a formula.

/// A cell with an apostrophe before it where a table program could take it for something else, or where
/// it has one already; so [`plain`] gives every cell back as it was.
pub fn guarded(cell: &str) -> String {
    if cell.starts_with('\'') || dangerous(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// The cell before [`guarded`].
pub fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').unwrap_or(cell)
}

/// Whether a cell begins, after blanks and what nobody sees, with a character that makes a formula, or
/// holds one that ends a line or a field on the way.
fn dangerous(cell: &str) -> bool {
    if cell.starts_with(['\t', '\r', '\n', '\0']) {
        return true;
    }
    let first = cell.chars().find(|&it| !it.is_whitespace() && !it.is_control() && !unseen(it));
    matches!(
        first,
        Some(
            '=' | '+'
                | '-'
                | '@'
                | '\u{ff1d}'
                | '\u{ff0b}'
                | '\u{ff0d}'
                | '\u{ff20}'
                | '\u{2212}'
                | '\u{fe62}'..='\u{fe66}' | '\u{fe6b}'
        )
    )
}

/// Marks without width that a table program may drop.
pub(super) fn unseen(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_could_be_a_formula_is_text() {
        for cell in [
            "=1+1",
            "+52",
            "-1",
            "@SUM(A1)",
            " =1",
            "\t=1",
            "\r=1",
            "\n=1",
            "\0=1",
            "\u{200b}=1",
            "\u{feff}+1",
            "\u{ff1d}1",
            "\u{ff0b}1",
            "\u{ff0d}1",
            "\u{ff20}1",
            "\u{a0}\u{2060} -1",
            "\u{202e}=1",
            "'=1",
            "\tx",
        ] {
            let safe = guarded(cell);
            assert!(safe.starts_with('\''), "{cell:?}");
            assert_eq!(plain(&safe), cell);
        }
        for cell in ["", "agua", "1", "a=1", "San José", "¿=?"] {
            assert_eq!(guarded(cell), cell);
        }
    }

    proptest! {
        #[test]
        fn every_cell_comes_back(cell in "\\PC{0,12}|[ =+@'\t\r\n\u{200b}-]{0,6}") {
            let safe = guarded(&cell);
            prop_assert_eq!(plain(&safe), &cell);
        }
    }
}
