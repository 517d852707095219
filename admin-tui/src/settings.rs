//! The console's own configuration, `console.toml`: language, theme and nine macros.

use toml_edit::{ImDocument, Item, Table, Value};

use crate::safe::{Code, SafeText};
use crate::theme::Theme;

/// What a macro does, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `assign = "me"` or `"nobody"`.
    Assign(bool),
    /// `office = "agua"`, with `note = "..."`.
    Office(Code, SafeText),
    /// `canned = "A"`: the canned reply of that letter.
    Canned(SafeText),
    /// `note = "..."`.
    Note(SafeText),
    /// `state = "in_progress"`.
    State(Code),
    /// `priority = "high"`.
    Priority(Code),
    /// `label = "bache"`.
    Label(SafeText),
}

/// Acts that one key does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Macro {
    /// Its key, 1 to 9.
    pub number: u8,
    /// What it is called.
    pub title: SafeText,
    /// What it does.
    pub steps: Vec<Step>,
}

/// The configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Language of the console.
    pub language: Option<String>,
    /// Colours.
    pub theme: Option<Theme>,
    /// Macros by number.
    pub macros: Vec<Macro>,
}

/// What is wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsProblem {
    /// The line, from 1.
    pub line: usize,
    /// The word that it is about.
    pub word: SafeText,
}

impl Settings {
    /// Reads `console.toml`.
    ///
    /// # Errors
    /// The first thing that is not known or makes no sense, with its line.
    pub fn read(file: &str) -> Result<Self, SettingsProblem> {
        let wrong = |at: Option<std::ops::Range<usize>>, word: &str| SettingsProblem {
            line: file.as_bytes().iter().take(at.map_or(0, |it| it.start)).filter(|it| **it == b'\n').count()
                + 1,
            word: SafeText::line(word),
        };
        let document = ImDocument::parse(file).map_err(|it| wrong(it.span(), "TOML"))?;
        let mut settings = Self::default();
        for (name, item) in document.iter() {
            let at = item.span();
            match (name, item) {
                ("language", item) => {
                    let text = item.as_str().ok_or_else(|| wrong(at, name))?;
                    settings.language = Some(text.to_owned());
                }
                ("theme", item) => {
                    let theme = item.as_str().and_then(Theme::named).ok_or_else(|| wrong(at, name))?;
                    settings.theme = Some(theme);
                }
                ("macros", Item::Table(table)) => {
                    for (number, item) in table {
                        let at = table.key(number).and_then(toml_edit::Key::span);
                        let digit = number.parse().ok().filter(|it| (1..=9).contains(it));
                        let (Some(digit), Some(table)) = (digit, item.as_table()) else {
                            return Err(wrong(at, number));
                        };
                        settings.macros.push(read_macro(digit, table, &wrong)?);
                    }
                }
                _ => return Err(wrong(document.key(name).and_then(toml_edit::Key::span), name)),
            }
        }
        settings.macros.sort_by_key(|it| it.number);
        Ok(settings)
    }

    /// The macro of a number.
    pub fn macro_of(&self, number: u8) -> Option<&Macro> {
        self.macros.iter().find(|it| it.number == number)
    }
}

fn read_macro(
    number: u8,
    table: &Table,
    wrong: &impl Fn(Option<std::ops::Range<usize>>, &str) -> SettingsProblem,
) -> Result<Macro, SettingsProblem> {
    let mut made = Macro { number, title: SafeText::default(), steps: Vec::new() };
    for (name, item) in table {
        let at = table.key(name).and_then(toml_edit::Key::span);
        match name {
            "title" => made.title = SafeText::line(item.as_str().ok_or_else(|| wrong(at, name))?),
            "do" => {
                for step in item.as_array().ok_or_else(|| wrong(at, name))? {
                    made.steps.push(read_step(step).ok_or_else(|| wrong(step.span(), "do"))?);
                }
            }
            other => return Err(wrong(at, other)),
        }
    }
    if made.steps.is_empty() {
        return Err(wrong(table.span(), "do"));
    }
    Ok(made)
}

fn read_step(step: &Value) -> Option<Step> {
    let step = step.as_inline_table()?;
    let text = |name: &str| step.get(name).and_then(Value::as_str);
    let count = step.len();
    if let (Some(office), Some(note), 2) = (text("office"), text("note"), count) {
        return Some(Step::Office(Code::new(office), SafeText::typed(note)));
    }
    if count != 1 {
        return None;
    }
    let (name, value) = step.iter().next()?;
    let value = value.as_str().filter(|it| !it.trim().is_empty())?;
    match name {
        "assign" if value == "me" => Some(Step::Assign(true)),
        "assign" if value == "nobody" => Some(Step::Assign(false)),
        "canned" => Some(Step::Canned(SafeText::line(value))),
        "note" => Some(Step::Note(SafeText::typed(value))),
        "state" => Some(Step::State(Code::new(value))),
        "priority" => Some(Step::Priority(Code::new(value))),
        "label" => Some(Step::Label(SafeText::line(value))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_language_theme_and_macros() {
        let file = "language = \"en\"\ntheme = \"mono\"\n[macros.2]\ntitle = \"Agua\"\ndo = [{ assign = \"me\" }, \
                    { office = \"agua\", note = \"ver\" }, { canned = \"A\" }]\n";
        let settings = Settings::read(file).expect("a sound file");
        assert_eq!(settings.theme, Some(Theme::Mono));
        let second = settings.macro_of(2).expect("a macro");
        assert_eq!(second.title.as_str(), "Agua");
        assert_eq!(second.steps.len(), 3);
        assert_eq!(settings.macro_of(1), None);
    }

    #[test]
    fn what_is_not_known_is_an_error_with_its_line() {
        let line = |file: &str| Settings::read(file).expect_err("a wrong file").line;
        assert_eq!(line("language = \"en\"\ncolour = 1\n"), 2);
        assert_eq!(line("theme = \"pink\"\n"), 1);
        assert_eq!(line("[macros.12]\ntitle = \"x\"\n"), 1);
        assert_eq!(line("[macros.1]\ntitle = \"x\"\ndo = [{ fly = \"x\" }]\n"), 3);
        assert_eq!(line("[macros.1]\n\nkeys = 3\n"), 3);
    }
}
