//! A page as Markdown (`CommonMark` with tables). A text of somebody else's stays a text: no link, no tag,
//! no cell of its own.

use super::{Block, Document, printable};

/// The page as Markdown.
pub fn markdown(document: &Document) -> String {
    let mut out = String::new();
    paragraph(&mut out, "# ", &document.title);
    for block in &document.blocks {
        out.push('\n');
        match block {
            Block::Heading(text) => paragraph(&mut out, "## ", text),
            Block::Paragraph(text) | Block::Small(text) => paragraph(&mut out, "", text),
            Block::Table(head, rows) => {
                row(&mut out, head);
                out.push_str(&"| --- ".repeat(head.len()));
                out.push_str("|\n");
                for it in rows {
                    row(&mut out, it);
                }
            }
        }
    }
    out
}

fn paragraph(out: &mut String, mark: &str, text: &str) {
    out.push_str(mark);
    out.push_str(&line(text));
    out.push('\n');
}

fn row(out: &mut String, cells: &[String]) {
    for cell in cells {
        out.push_str("| ");
        out.push_str(&inline(cell));
        out.push(' ');
    }
    out.push_str("|\n");
}

/// A text at the beginning of a line: it begins neither a list nor a rule.
fn line(text: &str) -> String {
    let text = inline(text);
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && text[digits..].starts_with(['.', ')']) {
        return format!("{}\\{}", &text[..digits], &text[digits..]);
    }
    if text.starts_with(['+', '-', '=']) { format!("\\{text}") } else { text.to_owned() }
}

/// A text within a line.
fn inline(text: &str) -> String {
    let text = printable(text);
    let mut out = String::with_capacity(text.len());
    for (at, it) in text.char_indices() {
        // Readers make links of bare addresses.
        let address = match it {
            ':' => {
                text[at..].starts_with("://")
                    || ends_with(&text[..at], "mailto")
                    || ends_with(&text[..at], "xmpp")
            }
            '.' => ends_with(&text[..at], "www"),
            _ => false,
        };
        if address || "\\`*_[]{}<>|~&#!$@^".contains(it) {
            out.push('\\');
        }
        out.push(it);
    }
    out
}

/// Whether a text ends with a word in letters of either size.
fn ends_with(text: &str, word: &str) -> bool {
    let end = text.len().checked_sub(word.len()).and_then(|at| text.get(at..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(word))
}
