//! A page as HTML to print: one file, with its style, without a script and without anything from elsewhere.

use super::{Block, Document, printable};

/// For paper and for a small screen.
const STYLE: &str = "\
@page{size:A4;margin:14mm}\
body{font:10pt/1.35 system-ui,sans-serif;color:#111;background:#fff;max-width:186mm;margin:0 auto;padding:1em}\
h1{font-size:16pt;margin:0 0 .2em}\
h2{font-size:12pt;margin:1em 0 .3em;border-bottom:1px solid #888;break-after:avoid}\
p{margin:.3em 0;overflow-wrap:anywhere}\
small{color:#444}\
table{border-collapse:collapse;width:100%;margin:.3em 0}\
th,td{border:1px solid #aaa;padding:.15em .4em;text-align:start;vertical-align:top;overflow-wrap:anywhere}\
th{background:#eee}\
tr{break-inside:avoid}\
@media print{body{padding:0}}";

/// The page as HTML.
pub fn html(document: &Document) -> String {
    let mut out = String::new();
    let title = escaped(&document.title);
    out.push_str("<!DOCTYPE html>\n<html lang=\"");
    out.push_str(&escaped(&document.language));
    out.push_str("\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
    );
    out.push_str(&title);
    out.push_str("</title>\n<style>");
    out.push_str(STYLE);
    out.push_str("</style>\n</head>\n<body>\n<h1>");
    out.push_str(&title);
    out.push_str("</h1>\n");
    for block in &document.blocks {
        match block {
            Block::Heading(text) => element(&mut out, "h2", text),
            Block::Paragraph(text) => element(&mut out, "p", text),
            Block::Small(text) => {
                out.push_str("<p><small>");
                out.push_str(&escaped(text));
                out.push_str("</small></p>\n");
            }
            Block::Table(head, rows) => table(&mut out, head, rows),
        }
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn element(out: &mut String, name: &str, text: &str) {
    for part in ["<", name, ">", &escaped(text), "</", name, ">\n"] {
        out.push_str(part);
    }
}

fn table(out: &mut String, head: &[String], rows: &[Vec<String>]) {
    out.push_str("<table>\n<thead><tr>");
    for cell in head {
        out.push_str("<th scope=\"col\">");
        out.push_str(&escaped(cell));
        out.push_str("</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for cell in row {
            out.push_str("<td dir=\"auto\">");
            out.push_str(&escaped(cell));
            out.push_str("</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
}

/// A text between tags or in an attribute.
fn escaped(text: &str) -> String {
    let text = printable(text);
    let mut out = String::with_capacity(text.len());
    for it in text.chars() {
        match it {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(it),
        }
    }
    out
}
