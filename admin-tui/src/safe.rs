//! Text from outside, made harmless once: the only text that widgets, logs, titles, the clipboard and the
//! line mode take.
//!
//! A drawing library drops control characters, but it passes bidi overrides, tag characters and piles of
//! combining marks, and it does not guard what is written beside the screen. So everything that came over the
//! network or from a paste becomes a [`SafeText`] before anything else sees it.

mod clean;

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

pub use clean::is_out;
use clean::{Cleaner, right_to_left};

/// Clusters that one text holds; what is longer is paged.
pub const LONGEST: usize = 4_096;
/// Combining marks that a letter keeps.
pub const MARKS: usize = 4;

/// Text without anything that could drive a terminal or hide what is written.
///
/// It holds no control character but a line break of our own, no bidi control, no invisible or tag character,
/// and at most [`MARKS`] combining marks a letter. What was taken out is named where it stood
/// (`<U+202E removed>`).
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct SafeText {
    text: String,
    /// Bytes of `text` that name what was taken out, in order.
    notes: Vec<(u32, u32)>,
}

/// What shows in logs is the size, never the words.
impl std::fmt::Debug for SafeText {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "SafeText({} bytes)", self.text.len())
    }
}

impl std::fmt::Display for SafeText {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.text)
    }
}

impl SafeText {
    /// The first [`LONGEST`] clusters of a text from outside.
    pub fn new(raw: &str) -> Self {
        let mut cleaner = Cleaner::new(true);
        cleaner.read(head(raw));
        let text = cleaner.done();
        let (first, cut) = text.split_first_clusters(LONGEST);
        if cut || head(raw).len() < raw.len() { first.with("…") } else { first }
    }

    /// The same on one line, for a list.
    pub fn line(raw: &str) -> Self {
        Self::new(raw).one_line()
    }

    /// All of it, in parts of [`LONGEST`] clusters; at least one.
    pub fn pages(raw: &str) -> Vec<Self> {
        let mut cleaner = Cleaner::new(true);
        cleaner.read(raw);
        let mut rest = cleaner.done();
        let mut pages = Vec::new();
        loop {
            let at = clusters(&rest.text).nth(LONGEST).map(|(at, _)| at);
            let Some(at) = at else {
                pages.push(rest);
                return pages;
            };
            let tail = rest.slice(at..rest.text.len());
            pages.push(rest.slice(0..at));
            rest = tail;
        }
    }

    /// The same for an editor: what has to go is gone without a word, since what is sent is what is shown.
    pub fn typed(raw: &str) -> Self {
        let mut cleaner = Cleaner::new(false);
        cleaner.read(raw);
        cleaner.done()
    }

    /// Words of this program.
    pub fn own(text: &'static str) -> Self {
        Self { text: text.to_owned(), notes: Vec::new() }
    }

    /// A number.
    pub fn number(number: impl Into<i128>) -> Self {
        Self { text: number.into().to_string(), notes: Vec::new() }
    }

    /// The text. What takes it writes it nowhere but where this type is asked for.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Cells that it takes on one line.
    pub fn width(&self) -> usize {
        clusters(&self.text).map(|it| cluster_width(it.1)).sum()
    }

    /// Whether what was taken out is named in it.
    pub fn was_cleaned(&self) -> bool {
        !self.notes.is_empty()
    }

    /// Whether it is written from right to left somewhere: it is shown in the order it is stored, and so marked.
    pub fn right_to_left(&self) -> bool {
        self.text.chars().any(right_to_left)
    }

    /// Without the names of what was taken out, as an editor would have it: they are read on the screen and never
    /// go back to the service.
    #[must_use]
    pub fn unmarked(&self) -> Self {
        let mut text = String::with_capacity(self.text.len());
        let mut from = 0;
        for (start, end) in &self.notes {
            text.push_str(&self.text[from..*start as usize]);
            from = *end as usize;
        }
        text.push_str(&self.text[from..]);
        Self { text, notes: Vec::new() }
    }

    /// Without line breaks.
    #[must_use]
    pub fn one_line(mut self) -> Self {
        if self.text.contains('\n') {
            self.text = self.text.replace('\n', " ");
        }
        self
    }

    /// With more of our own words or of other safe text after it.
    #[must_use]
    pub fn with(mut self, more: impl AsSafe) -> Self {
        let at = self.text.len() as u32;
        more.give(|text, notes| {
            self.text.push_str(text);
            self.notes.extend(notes.iter().map(|(from, to)| (from + at, to + at)));
        });
        self
    }

    /// Parts with something between them.
    pub fn join(parts: &[Self], between: &'static str) -> Self {
        let mut all = Self::default();
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                all = all.with(between);
            }
            all = all.with(part);
        }
        all
    }

    /// At most `width` cells of it, with an ellipsis where it is cut.
    #[must_use]
    pub fn cut(&self, width: usize) -> Self {
        if self.width() <= width {
            return self.clone();
        }
        let mut used = 0;
        for (at, cluster) in clusters(&self.text) {
            used += cluster_width(cluster);
            if used + 1 > width {
                return if width == 0 { Self::default() } else { self.slice(0..at).with("…") };
            }
        }
        self.clone()
    }

    /// A part by bytes, at borders of clusters.
    pub(crate) fn slice(&self, range: Range<usize>) -> Self {
        let (from, to) = (range.start as u32, range.end as u32);
        let notes = self.notes.iter().filter(|it| it.1 > from && it.0 < to);
        Self {
            text: self.text[range].to_owned(),
            notes: notes.map(|it| (it.0.max(from) - from, it.1.min(to) - from)).collect(),
        }
    }

    /// Whether the byte belongs to the name of something that was taken out.
    pub(crate) fn is_note(&self, at: usize) -> bool {
        let at = at as u32;
        let next = self.notes.partition_point(|it| it.1 <= at);
        self.notes.get(next).is_some_and(|it| it.0 <= at)
    }

    /// Byte ranges of the lines that it takes in `width` cells, broken at blanks where there are any.
    pub fn wrap(&self, width: usize) -> Vec<Range<usize>> {
        let width = width.max(2);
        let mut lines = Vec::new();
        let mut start = 0;
        for line in self.text.split('\n') {
            wrap_line(line, start, width, &mut lines);
            start += line.len() + 1;
        }
        lines
    }

    fn split_first_clusters(self, count: usize) -> (Self, bool) {
        let at = clusters(&self.text).nth(count).map(|(at, _)| at);
        match at {
            Some(at) => (self.slice(0..at), true),
            None => (self, false),
        }
    }
}

fn wrap_line(line: &str, start: usize, width: usize, lines: &mut Vec<Range<usize>>) {
    // Where the line on the screen begins, its width, and the last blank in it.
    let (mut from, mut used, mut blank) = (0, 0, None);
    for (at, cluster) in clusters(line) {
        let cells = cluster_width(cluster);
        if used + cells > width {
            let to = blank.unwrap_or(at);
            lines.push(start + from..start + to);
            from = to;
            if blank.is_some() {
                // The blank ends the line.
                from += 1;
            }
            used = clusters(&line[from..at]).map(|it| cluster_width(it.1)).sum();
            blank = None;
        }
        if cluster == " " && at > from {
            blank = Some(at);
        }
        used += cells;
    }
    lines.push(start + from..start + line.len());
}

/// Text that [`SafeText::with`] appends.
pub trait AsSafe {
    /// Gives the text and what of it is notes.
    fn give(self, take: impl FnOnce(&str, &[(u32, u32)]));
}

impl AsSafe for &SafeText {
    fn give(self, take: impl FnOnce(&str, &[(u32, u32)])) {
        take(&self.text, &self.notes);
    }
}

impl AsSafe for SafeText {
    fn give(self, take: impl FnOnce(&str, &[(u32, u32)])) {
        take(&self.text, &self.notes);
    }
}

impl AsSafe for &'static str {
    fn give(self, take: impl FnOnce(&str, &[(u32, u32)])) {
        take(self, &[]);
    }
}

/// The clusters of a text and where they begin. What a font would draw wider than two cells comes in characters.
pub fn clusters(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.grapheme_indices(true).flat_map(|(at, cluster)| {
        let wide = cluster_width(cluster) > 2;
        let whole = (!wide).then_some((at, cluster));
        let parts = wide.then(|| cluster.char_indices().map(move |(it, one)| (at + it, one, cluster)));
        let parts = parts.into_iter().flatten();
        whole
            .into_iter()
            .chain(parts.map(move |(it, one, whole)| (it, &whole[it - at..it - at + one.len_utf8()])))
    })
}

/// Cells of one cluster, as the drawing library counts them.
pub fn cluster_width(cluster: &str) -> usize {
    cluster.width()
}

/// The part of a huge text that can hold the first page.
fn head(raw: &str) -> &str {
    // A cluster is seldom longer; a text of nothing else is cut earlier, and says so.
    let mut end = (LONGEST * 32).min(raw.len());
    while !raw.is_char_boundary(end) {
        end -= 1;
    }
    &raw[..end]
}

/// A code of the service: a word of lower-case letters, digits and `_`.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(String);

impl Code {
    /// The code, or nothing where it is none.
    pub fn new(raw: &str) -> Self {
        let fits = raw.len() <= 64
            && raw.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-' | b'.' | b':'));
        Self(if fits { raw.to_owned() } else { String::new() })
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As text.
    pub fn text(&self) -> SafeText {
        SafeText { text: self.0.clone(), notes: Vec::new() }
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl PartialEq<&str> for Code {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

#[cfg(test)]
mod tests {
    use super::clean::{is_joiner, joins};
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::char::is_combining_mark;

    /// Whether the text keeps what the type promises.
    fn is_safe(text: &SafeText) -> Result<(), TestCaseError> {
        let chars: Vec<char> = text.as_str().chars().collect();
        let mut marks = 0;
        for (at, &it) in chars.iter().enumerate() {
            let joined = is_joiner(it) && joins(&chars, at);
            prop_assert!(it == '\n' || joined || !is_out(it), "U+{:04X}", it as u32);
            marks = if is_combining_mark(it) { marks + 1 } else { 0 };
            prop_assert!(marks <= MARKS, "{marks} marks");
        }
        Ok(())
    }

    /// Characters that do harm, among some that do not.
    fn hostile() -> impl Strategy<Value = String> {
        let bad = prop::sample::select(vec![
            '\u{1b}',
            '\u{9b}',
            '\u{7}',
            '\0',
            '\r',
            '\n',
            '\t',
            '\u{202e}',
            '\u{2066}',
            '\u{61c}',
            '\u{200b}',
            '\u{200d}',
            '\u{fe0f}',
            '\u{e0041}',
            '\u{e007f}',
            '\u{301}',
            '\u{308}',
            '\u{323}',
            '\u{3164}',
            '\u{2800}',
            '\u{feff}',
            '\u{1f469}',
            '\u{1f33e}',
            '\u{2028}',
            '\u{85}',
            '\u{fdd0}',
            '\u{e000}',
            'e',
            'ñ',
            '日',
            ' ',
            '\u{5d0}',
            '\u{1100}',
            '\u{1160}',
        ]);
        prop::collection::vec(prop_oneof![3 => bad, 1 => any::<char>()], 0..200)
            .prop_map(|it| it.into_iter().collect())
    }

    proptest! {
        #[test]
        fn nothing_that_drives_a_terminal_is_left(raw in hostile()) {
            let text = SafeText::new(&raw);
            is_safe(&text)?;
            is_safe(&SafeText::typed(&raw))?;
            is_safe(&SafeText::line(&raw))?;
            prop_assert!(!SafeText::line(&raw).as_str().contains('\n'));
            for page in SafeText::pages(&raw) {
                is_safe(&page)?;
            }
        }

        #[test]
        fn cleaning_twice_changes_nothing_more(raw in hostile()) {
            let once = SafeText::typed(&raw);
            let twice = SafeText::typed(once.as_str());
            prop_assert_eq!(once.as_str(), twice.as_str());
        }

        #[test]
        fn without_marks_it_is_what_an_editor_gets(raw in hostile()) {
            prop_assert_eq!(SafeText::new(&raw).unmarked(), SafeText::typed(&raw));
        }

        #[test]
        fn lines_fit_and_lose_nothing_but_blanks(raw in hostile(), width in 2_usize..60) {
            let text = SafeText::new(&raw);
            let mut shown = String::new();
            for range in text.wrap(width) {
                let line = text.slice(range);
                prop_assert!(line.width() <= width, "{} in {width}", line.width());
                shown.push_str(line.as_str());
            }
            let bare = |it: &str| it.replace([' ', '\n'], "");
            prop_assert_eq!(bare(&shown), bare(text.as_str()));
        }

        #[test]
        fn a_cut_fits(raw in hostile(), width in 0_usize..60) {
            let line = SafeText::line(&raw).cut(width);
            prop_assert!(line.width() <= width);
            is_safe(&line)?;
        }
    }

    #[test]
    fn what_was_taken_out_is_named_where_it_stood() {
        let text = SafeText::new("a\u{202e}b\u{200b}\u{200b}\u{200b}c");
        assert_eq!(text.as_str(), "a<U+202E removed>b<U+200B x3 removed>c");
        assert!(text.is_note(1) && text.is_note(16) && !text.is_note(0) && !text.is_note(17));
    }

    #[test]
    fn an_editor_gets_it_without_the_names() {
        assert_eq!(SafeText::typed("a\u{202e}b\u{1b}[31mc\td").as_str(), "ab[31mc    d");
    }

    #[test]
    fn piles_of_marks_are_cut() {
        let text = SafeText::new(&format!("e{}x", "\u{301}".repeat(400)));
        assert!(text.as_str().chars().filter(|it| is_combining_mark(*it)).count() <= MARKS);
        assert!(text.as_str().ends_with('x'));
    }

    #[test]
    fn accents_are_composed_and_families_stay_whole() {
        assert_eq!(SafeText::new("cancio\u{301}n").as_str(), "canción");
        let family = "\u{1F469}\u{200D}\u{1F33E}";
        assert_eq!(SafeText::new(family).as_str(), family);
        assert_eq!(SafeText::new("a\u{200D}b").as_str(), "a<U+200D removed>b");
        assert_eq!(SafeText::new("a\u{FE0F}b").as_str(), "a<U+FE0F removed>b");
    }

    #[test]
    fn a_line_of_a_megabyte_is_paged() {
        let raw = "ñ".repeat(500_000);
        let first = SafeText::new(&raw);
        assert_eq!(first.as_str().chars().count(), LONGEST + 1);
        assert!(first.as_str().ends_with('…'));
        let pages = SafeText::pages(&raw);
        assert_eq!(pages.iter().map(|it| it.as_str().chars().count()).sum::<usize>(), 500_000);
    }

    #[test]
    fn text_from_right_to_left_is_told() {
        assert!(SafeText::new("שלום").right_to_left());
        assert!(!SafeText::new("hola").right_to_left());
    }

    #[test]
    fn a_code_is_a_word() {
        assert_eq!(Code::new("in_progress").as_str(), "in_progress");
        assert_eq!(Code::new("a\u{1b}[2J").as_str(), "");
    }
}
