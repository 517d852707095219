//! `cabildo where`: which municipality each line of the standard input names.
//!
//! The same code path as the dialogue, so that a spreadsheet's spellings can be checked against it.

use std::io::{BufRead, Read as _, Write};
use std::path::Path;

use serde::Serialize;

use super::Failure;
use crate::domain::facts::Facts;
use crate::domain::fold;
use crate::domain::place::{Candidate, Context, Decision};

/// Longest line that is read; the rest of a longer one is skipped.
const LONGEST_LINE: usize = 4_096;

/// Arguments of `cabildo where`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Writes one JSON object for each line: `query`, `decision` (`match`, `choose` or `none`),
    /// `municipality` (its key, or null), `candidates` (`municipality`, `name`, `state`, `score`,
    /// `why`).
    #[arg(long)]
    json: bool,
    /// State of the person's remembered home: name, abbreviation or key.
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    query: &'a str,
    decision: &'static str,
    municipality: Option<&'a str>,
    candidates: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    municipality: &'a str,
    name: &'a str,
    state: &'a str,
    score: f64,
    why: &'static str,
}

/// Runs the command.
pub fn run(arguments: &Arguments, pack: Option<&Path>) -> Result<(), Failure> {
    let facts = super::load_facts(pack, None)?;
    let context = Context { state: arguments.state.as_deref().map(|it| state(&facts, it)).transpose()? };
    match answer(&facts, context, arguments.json, &mut std::io::stdin().lock(), &mut std::io::stdout().lock())
    {
        // Whoever read has enough (`| head`).
        Err(problem) if problem.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

fn state(facts: &Facts, wanted: &str) -> Result<u16, Failure> {
    let wanted = fold::fold(wanted);
    let position = facts.states.iter().position(|it| {
        [&it.key, &it.name, &it.abbreviation]
            .into_iter()
            .chain(&it.aliases)
            .any(|it| fold::fold(it) == wanted)
    });
    position.and_then(|it| u16::try_from(it).ok()).ok_or_else(|| {
        let known: Vec<&str> = facts.states.iter().map(|it| it.abbreviation.as_str()).collect();
        Failure::usage(format!(
            "--state names no state of the data pack. Write one of these, or its name or key: {}.",
            known.join(", ")
        ))
    })
}

fn answer(
    facts: &Facts,
    context: Context,
    json: bool,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> std::io::Result<()> {
    while let Some(bytes) = next_line(input)? {
        let text = String::from_utf8_lossy(&bytes);
        let query = text.trim();
        if query.is_empty() && !json {
            continue;
        }
        let decision = facts.places.find(query, context);
        if json {
            serde_json::to_writer(&mut *output, &line(facts, query, &decision))?;
        } else {
            plain(facts, query, &decision, output)?;
        }
        output.write_all(b"\n")?;
        output.flush()?;
    }
    Ok(())
}

/// The next line without its end, cut at [`LONGEST_LINE`] bytes; `None` at the end of the input.
fn next_line(input: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    if input.by_ref().take(LONGEST_LINE as u64).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() == LONGEST_LINE {
        input.skip_until(b'\n')?;
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(Some(line))
}

fn candidates(decision: &Decision) -> (&'static str, &[Candidate]) {
    match decision {
        Decision::Match(only) => ("match", std::slice::from_ref(only)),
        Decision::Choose(several) => ("choose", several),
        Decision::None => ("none", &[]),
    }
}

fn line<'a>(facts: &'a Facts, query: &'a str, decision: &Decision) -> Line<'a> {
    let (name, found) = candidates(decision);
    Line {
        query,
        decision: name,
        municipality: match decision {
            Decision::Match(only) => Some(&facts.municipality(only.municipality).key),
            _ => None,
        },
        candidates: found
            .iter()
            .map(|it| {
                let place = facts.municipality(it.municipality);
                Row {
                    municipality: &place.key,
                    name: &place.name,
                    state: &facts.state_of(it.municipality).abbreviation,
                    score: (f64::from(it.score) * 1_000.0).round() / 1_000.0,
                    why: it.why.code(),
                }
            })
            .collect(),
    }
}

fn plain(facts: &Facts, query: &str, decision: &Decision, output: &mut impl Write) -> std::io::Result<()> {
    let (name, found) = candidates(decision);
    write!(output, "{query}: {name}")?;
    for (index, it) in found.iter().enumerate() {
        let place = facts.municipality(it.municipality);
        write!(
            output,
            "{} {} {}, {} ({})",
            if index == 0 { "" } else { ";" },
            place.key,
            place.name,
            facts.state_of(it.municipality).abbreviation,
            it.why.code()
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(input: &[u8], json: bool) -> String {
        let facts = crate::embedded::facts().expect("the embedded pack");
        let mut output = Vec::new();
        answer(&facts, Context::default(), json, &mut &input[..], &mut output).expect("writing to memory");
        String::from_utf8(output).expect("UTF-8")
    }

    #[test]
    fn one_object_for_each_line() {
        let out = told(b"tlapa\r\nbenito juarez\n\nqwrtpsdf\n", true);
        let rows: Vec<serde_json::Value> =
            out.lines().map(|it| serde_json::from_str(it).expect("an object")).collect();
        assert_eq!(rows.len(), 4);
        assert_eq!(rows[0]["query"], "tlapa");
        assert_eq!(rows[0]["decision"], "match");
        assert_eq!(rows[0]["municipality"], "12066");
        assert_eq!(rows[0]["candidates"][0]["municipality"], "12066");
        assert_eq!(rows[1]["decision"], "choose");
        assert!(rows[1]["municipality"].is_null());
        assert_eq!(rows[1]["candidates"][0]["municipality"], "23005");
        assert_eq!(rows[2]["decision"], "none");
        assert_eq!(rows[3]["decision"], "none");
        assert_eq!(rows[3]["candidates"].as_array().map(Vec::len), Some(0));
    }

    #[test]
    fn long_and_spoilt_lines_are_safe() {
        let mut input = vec![b'x'; 100_000];
        input.extend_from_slice(b"\n\xff\xfe\x00tlapa\ntlapa");
        let out = told(&input, false);
        assert_eq!(out.lines().count(), 3);
        assert!(out.ends_with("tlapa: match 12066 Tlapa de Comonfort, Gro (short_name)\n"), "{out}");
    }
}
