//! What is taken out of a text from outside, and how.

use std::fmt::Write as _;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_width::UnicodeWidthChar as _;

use super::{MARKS, SafeText};

/// Marks that are read at all before composing: more than any script writes.
const MARKS_READ: usize = 12;
/// Joiners that an emoji keeps: more than any family has.
const JOINED: usize = 8;
/// Cells that a TAB becomes.
const TAB: &str = "    ";
/// What a mark stands on that has no letter.
const CARRIER: char = '\u{25CC}';

pub(super) struct Cleaner {
    text: String,
    notes: Vec<(u32, u32)>,
    /// Whether what was taken out is named.
    naming: bool,
    /// The character that is being taken out, and how often so far.
    taken: Option<(char, usize)>,
}

impl Cleaner {
    pub(super) fn new(naming: bool) -> Self {
        Self { text: String::new(), notes: Vec::new(), naming, taken: None }
    }

    pub(super) fn read(&mut self, raw: &str) {
        // First pass: nothing that is out comes near the composing, and piles are cut.
        let mut kept = String::with_capacity(raw.len());
        let mut pile = 0;
        let mut chars = raw.chars().peekable();
        while let Some(it) = chars.next() {
            if is_combining_mark(it) && !is_out(it) {
                pile += 1;
                if pile > MARKS_READ {
                    continue;
                }
            } else {
                pile = 0;
            }
            match it {
                '\r' => {
                    chars.next_if_eq(&'\n');
                    kept.push('\n');
                }
                '\u{2028}' | '\u{2029}' => kept.push('\n'),
                other => kept.push(other),
            }
        }
        let composed: Vec<char> = kept.nfc().collect();
        let (mut marks, mut joined) = (0, 0);
        for (at, &it) in composed.iter().enumerate() {
            if !is_joiner(it) && !is_emoji(it) {
                joined = 0;
            }
            if it == '\n' {
                self.push(it);
                marks = 0;
            } else if it == '\t' {
                self.flush();
                self.text.push_str(TAB);
                marks = 0;
            } else if is_joiner(it) {
                joined += 1;
                if joined <= JOINED && joins(&composed, at) { self.push(it) } else { self.take(it) }
            } else if is_out(it) {
                self.take(it);
            } else if is_blank(it) {
                self.push(' ');
                marks = 0;
            } else if is_unreadable(it) || it.width().is_some_and(|it| it > 2) {
                self.push('\u{FFFD}');
                marks = 0;
            } else if is_combining_mark(it) {
                marks += 1;
                if marks > MARKS {
                    self.take(it);
                    continue;
                }
                let stands = self.taken.is_none()
                    && self.text.chars().next_back().is_some_and(|it| it != '\n' && it != ' ');
                if stands {
                    self.push(it);
                } else {
                    self.push(CARRIER);
                    self.push(it);
                }
            } else {
                self.push(it);
                marks = 0;
            }
        }
    }

    fn push(&mut self, it: char) {
        self.flush();
        self.text.push(it);
    }

    fn take(&mut self, it: char) {
        match &mut self.taken {
            Some((same, count)) if *same == it => *count += 1,
            _ => {
                self.flush();
                self.taken = Some((it, 1));
            }
        }
    }

    fn flush(&mut self) {
        let Some((it, count)) = self.taken.take() else { return };
        if !self.naming {
            return;
        }
        let from = self.text.len() as u32;
        let times = if count > 1 { format!(" x{count}") } else { String::new() };
        // Writing into a text does not fail.
        let _ = write!(self.text, "<U+{:04X}{times} removed>", it as u32);
        self.notes.push((from, self.text.len() as u32));
    }

    pub(super) fn done(mut self) -> SafeText {
        self.flush();
        SafeText { text: self.text, notes: self.notes }
    }
}

pub(super) const fn is_joiner(it: char) -> bool {
    matches!(it, '\u{200D}' | '\u{FE0F}')
}

/// Whether the joiner or presentation mark at `at` stands within an emoji.
pub(super) fn joins(text: &[char], at: usize) -> bool {
    let before = text[..at].iter().rev().find(|it| !matches!(**it, '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}'));
    let after = text.get(at + 1);
    if text[at] == '\u{FE0F}' {
        return at > 0 && is_emoji(text[at - 1]);
    }
    before.copied().is_some_and(is_emoji) && after.copied().is_some_and(is_emoji)
}

const fn is_emoji(it: char) -> bool {
    matches!(it, '\u{1F300}'..='\u{1FAFF}' | '\u{2600}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}'
        | '\u{2300}'..='\u{23FF}' | '\u{2190}'..='\u{21FF}' | '\u{1F1E6}'..='\u{1F1FF}')
}

/// Whether a character must not be shown: controls, bidi controls, invisible ones, tags and fillers.
pub const fn is_out(it: char) -> bool {
    is_control(it) || is_bidi(it) || is_invisible(it)
}

const fn is_control(it: char) -> bool {
    matches!(it, '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}')
}

const fn is_bidi(it: char) -> bool {
    matches!(it, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

const fn is_invisible(it: char) -> bool {
    matches!(it,
        '\u{AD}' | '\u{34F}' | '\u{600}'..='\u{605}' | '\u{6DD}' | '\u{70F}' | '\u{890}' | '\u{891}' | '\u{8E2}'
        | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200D}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}'
        | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1345F}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D159}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

const fn is_blank(it: char) -> bool {
    matches!(it, '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}')
}

/// Characters that every font shows in another way, or none.
const fn is_unreadable(it: char) -> bool {
    matches!(it, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}' | '\u{FFFE}' | '\u{FFFF}' | '\u{FDD0}'..='\u{FDEF}')
}

pub(super) const fn right_to_left(it: char) -> bool {
    matches!(it, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}
