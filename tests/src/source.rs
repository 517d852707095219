//! Reads Rust source as far as the rules need it: code without comments, and its string literals.

/// What a source file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The code: comments are left out, strings are empty, lines are where they were.
    pub code: String,
    /// Line (from 1) and content, as written, of each string literal.
    pub strings: Vec<(usize, String)>,
}

/// The part of a source file before its tests: `#[cfg(test)]` and a `mod` after it, which by custom
/// stand last.
pub fn without_tests(source: &str) -> &str {
    source
        .match_indices("#[cfg(test)]")
        .find(|(at, mark)| {
            let after = source[at + mark.len()..].trim_start();
            after.starts_with("mod ") || after.starts_with("pub mod ") || after.starts_with("pub(crate) mod ")
        })
        .map_or(source, |(at, _)| &source[..at])
}

/// Reads a source file. It knows line and nested block comments, plain and raw strings, character
/// literals and lifetimes.
pub fn read(source: &str) -> Source {
    let characters: Vec<char> = source.chars().collect();
    let at = |index: usize| characters.get(index).copied().unwrap_or('\0');
    let mut out = Source::default();
    let mut line = 1;
    let mut index = 0;
    while index < characters.len() {
        let start = index;
        match (at(index), at(index + 1)) {
            ('/', '/') => {
                while index < characters.len() && at(index) != '\n' {
                    index += 1;
                }
            }
            ('/', '*') => {
                let mut depth = 0;
                while index < characters.len() {
                    match (at(index), at(index + 1)) {
                        ('/', '*') => (depth, index) = (depth + 1, index + 2),
                        ('*', '/') => (depth, index) = (depth - 1, index + 2),
                        _ => index += 1,
                    }
                    if depth == 0 {
                        break;
                    }
                }
                newlines(&characters[start..index.min(characters.len())], &mut line, &mut out.code);
            }
            ('r', '"' | '#') if !is_word(start.checked_sub(1).map_or(' ', &at)) || at(start - 1) == 'b' => {
                let hashes = characters[index + 1..].iter().take_while(|&&it| it == '#').count();
                if at(index + 1 + hashes) != '"' {
                    // A raw identifier.
                    out.code.push('r');
                    index += 1;
                    continue;
                }
                let body = index + 2 + hashes;
                index = body;
                while index < characters.len()
                    && !(at(index) == '"' && (1..=hashes).all(|it| at(index + it) == '#'))
                {
                    index += 1;
                }
                let text = &characters[body..index.min(characters.len())];
                out.strings.push((line, text.iter().collect()));
                out.code.push_str("\"\"");
                newlines(text, &mut line, &mut out.code);
                index += 1 + hashes;
            }
            ('"', _) => {
                index += 1;
                while index < characters.len() && at(index) != '"' {
                    index += if at(index) == '\\' { 2 } else { 1 };
                }
                let text = &characters[start + 1..index.min(characters.len())];
                out.strings.push((line, text.iter().collect()));
                out.code.push_str("\"\"");
                newlines(text, &mut line, &mut out.code);
                index += 1;
            }
            // A character, or else a lifetime.
            ('\'', '\\') => {
                index += 3;
                while index < characters.len() && at(index) != '\'' {
                    index += 1;
                }
                index += 1;
                out.code.push_str("' '");
            }
            ('\'', _) if at(index + 2) == '\'' => {
                index += 3;
                out.code.push_str("' '");
            }
            (character, _) => {
                line += usize::from(character == '\n');
                out.code.push(character);
                index += 1;
            }
        }
    }
    out
}

fn newlines(text: &[char], line: &mut usize, code: &mut String) {
    for _ in text.iter().filter(|&&it| it == '\n') {
        *line += 1;
        code.push('\n');
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Lines (from 1) of `code`, as [`read`] gives it, that name the crate `name`: `name::...` or
/// `use name`.
pub fn lines_naming_crate(code: &str, name: &str) -> Vec<usize> {
    lines_with_word(code, name, |before, after| {
        !before.ends_with("::")
            && (after.starts_with("::")
                || before.trim_end().ends_with("use") && after.starts_with([';', ' ']))
    })
}

/// Lines (from 1) of `code` that name a module of the own crate: `crate::name`, also among others
/// in `crate::{a, name::b}`.
pub fn lines_naming_module(code: &str, name: &str) -> Vec<usize> {
    lines_with_word(code, name, |before, _| {
        if before.ends_with("crate::") {
            return true;
        }
        let Some(open) = before.rfind("crate::{") else { return false };
        let inside = &before[open + "crate::{".len()..];
        let depth = |mark: char| inside.matches(mark).count();
        depth('{') == depth('}') && inside.trim_end().ends_with(',') && !inside.contains(';')
            || inside.trim().is_empty()
    })
}

fn lines_with_word(code: &str, word: &str, counts: impl Fn(&str, &str) -> bool) -> Vec<usize> {
    code.match_indices(word)
        .filter(|&(at, _)| {
            let (before, after) = (&code[..at], &code[at + word.len()..]);
            !before.ends_with(is_word) && !after.starts_with(is_word) && counts(before, after)
        })
        .map(|(at, _)| code[..at].matches('\n').count() + 1)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_strings_are_told_apart() {
        let source = read(
            "let a = \"x // no\"; // sqlx::query \"c\"\n/* a /* b */ \" */ let c = '\"'; let d: &'a str = \
             r#\"q\"w\"#;\nlet e = '\\''; let f = \"g\\\"h\n\"; r#where::run(b\"i\", br\"j\")",
        );
        let texts: Vec<_> = source.strings.iter().map(|(line, it)| (*line, it.as_str())).collect();
        assert_eq!(texts, [(1, "x // no"), (2, "q\"w"), (3, "g\\\"h\n"), (4, "i"), (4, "j")]);
        assert!(!source.code.contains("sqlx") && source.code.contains("&'a str"));
        assert_eq!(source.code.matches('\n').count(), 3);
    }

    #[test]
    fn the_tests_at_the_end_are_left_out() {
        assert_eq!(without_tests("a\n#[cfg(test)]\nmod tests {\nb"), "a\n");
        assert_eq!(without_tests("a\n#[cfg(test)]\nuse b;\nc"), "a\n#[cfg(test)]\nuse b;\nc");
    }

    #[test]
    fn a_crate_is_named_by_its_path() {
        assert_eq!(lines_naming_crate("a\nuse sqlx::Pool;\nlet x = sqlx::query();", "sqlx"), [2, 3]);
        assert_eq!(lines_naming_crate("use tokio;", "tokio"), [1]);
        assert!(lines_naming_crate("let tokio = 1; my_sqlx::a(); crate::sqlx::b()", "sqlx").is_empty());
    }

    #[test]
    fn a_module_is_named_alone_or_in_a_group() {
        assert_eq!(lines_naming_module("use crate::store::Store;", "store"), [1]);
        assert_eq!(lines_naming_module("use crate::{\n    clock::{A, B},\n    store,\n};", "store"), [3]);
        assert_eq!(lines_naming_module("use crate::{store::A};", "store"), [1]);
        assert!(lines_naming_module("use crate::domain::{store}; let store = 1;", "store").is_empty());
        assert!(lines_naming_module("use crate::{a, b}; f(x, store);", "store").is_empty());
    }
}
