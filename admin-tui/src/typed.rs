//! What was typed into the lines of a form, read line by line.

use crate::safe::SafeText;
use crate::shared::Shared;
use crate::words::Words;

/// What is wrong with what was typed, and with which line where that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// In words.
    pub text: SafeText,
    /// The line.
    pub at: Option<usize>,
}

impl Wrong {
    /// Something about a line.
    pub const fn on(at: usize, text: SafeText) -> Self {
        Self { text, at: Some(at) }
    }
}

impl From<SafeText> for Wrong {
    fn from(text: SafeText) -> Self {
        Self { text, at: None }
    }
}

/// The lines of a form.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    words: Words,
    lines: &'a [SafeText],
}

impl<'a> Typed<'a> {
    /// These lines.
    pub const fn new(shared: &Shared, lines: &'a [SafeText]) -> Self {
        Self { words: shared.words, lines }
    }

    /// A line as it is.
    pub fn text(&self, at: usize) -> SafeText {
        self.lines.get(at).cloned().unwrap_or_default()
    }

    /// A line that may stay empty, without the blanks around it.
    pub fn some(&self, at: usize) -> Option<SafeText> {
        Some(self.trimmed(at)).filter(|it| !it.is_empty())
    }

    fn trimmed(&self, at: usize) -> SafeText {
        SafeText::typed(self.text(at).as_str().trim())
    }

    /// The text that a line stands for: where nothing was typed over it the one that was there, with its line breaks.
    pub fn over(&self, at: usize, was: &SafeText, typed: SafeText) -> SafeText {
        let was = was.unmarked();
        if was.clone().one_line() == self.text(at) { was } else { typed }
    }

    /// A line of at most so many characters.
    ///
    /// # Errors
    /// It is longer, in words.
    pub fn short(&self, at: usize, most: usize) -> Result<SafeText, Wrong> {
        let text = self.trimmed(at);
        if text.as_str().chars().count() > most {
            let said = self.words.fill("form-long", &[("most", SafeText::number(most as u64))]);
            return Err(Wrong::on(at, said));
        }
        Ok(text)
    }

    /// The same, which must not be empty.
    ///
    /// # Errors
    /// It is longer, or empty, in words.
    pub fn needed(&self, at: usize, most: usize) -> Result<SafeText, Wrong> {
        match self.short(at, most)? {
            it if it.is_empty() => Err(Wrong::on(at, self.words.say("form-empty"))),
            it => Ok(it),
        }
    }

    /// An instant, where one is written; Unix ms.
    ///
    /// # Errors
    /// It is none, in words.
    pub fn moment(&self, at: usize) -> Result<Option<i64>, Wrong> {
        match self.some(at) {
            None => Ok(None),
            Some(it) => {
                let moment = self.words.read_moment(&it).map(Some);
                moment.ok_or_else(|| Wrong::on(at, self.words.say("moment-wrong")))
            }
        }
    }

    /// The pieces of a list with commas.
    ///
    /// # Errors
    /// It is longer than the service takes, in words.
    pub fn pieces(&self, at: usize) -> Result<Vec<SafeText>, Wrong> {
        Ok(pieces(&self.short(at, LIST)?))
    }

    /// The same of a list that must not be empty.
    ///
    /// # Errors
    /// It is longer than the service takes, or empty, in words.
    pub fn needed_pieces(&self, at: usize) -> Result<Vec<SafeText>, Wrong> {
        Ok(pieces(&self.needed(at, LIST)?))
    }
}

/// The most characters of a list.
const LIST: usize = 1_000;

fn pieces(list: &SafeText) -> Vec<SafeText> {
    list.as_str().split(',').map(str::trim).filter(|it| !it.is_empty()).map(SafeText::line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_without_the_blanks_around_it() {
        let shared = crate::tests::shared();
        let lines = [SafeText::typed(" agua "), SafeText::typed(" ")];
        let typed = Typed::new(&shared, &lines);
        assert_eq!(typed.some(0), Some(SafeText::own("agua")));
        assert_eq!((typed.some(1), typed.moment(1)), (None, Ok(None)));
    }

    #[test]
    fn a_text_keeps_its_line_breaks_until_something_is_typed_over_it() {
        let shared = crate::tests::shared();
        let was = SafeText::typed("El lunes\nno hay agua");
        for (line, becomes) in [("El lunes no hay agua", "El lunes\nno hay agua"), ("El martes", "El martes")]
        {
            let lines = [SafeText::typed(line)];
            let typed = Typed::new(&shared, &lines);
            assert_eq!(typed.over(0, &was, typed.text(0)).as_str(), becomes);
        }
    }

    #[test]
    fn a_list_is_read_by_its_commas() {
        let list: Vec<String> =
            pieces(&SafeText::line(" a, ,b,")).iter().map(|it| it.as_str().to_owned()).collect();
        assert_eq!(list, ["a", "b"]);
    }
}
