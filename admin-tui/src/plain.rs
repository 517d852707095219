//! The line mode: append only, numbered choices, one sentence a change, no escape byte. It is the way in for screen
//! readers and for terminals that can't be drawn on; it shares client, acts and words with the screens.

mod broadcasts;
mod cases;
mod charts;
mod demands;
mod highlights;

use std::io::{self, BufRead, Write as _};

use cabildo_staff_api::NewSession;
use cabildo_staff_api::case::CaseQuery;
use rustix::termios::{self, LocalModes, OptionalActions};
use tokio::signal::unix::{SignalKind, signal};

use crate::acts;
use crate::api::{Answer, Api, Ask, Failure};
use crate::data::Row;
use crate::event::Effect;
use crate::filled;
use crate::keymap::{Command, Keymap};
use crate::overlays::{Overlay, form};
use crate::run::now;
use crate::safe::{Code, SafeText};
use crate::session::Folder;
use crate::settings::Settings;
use crate::shared::{Owner, Shared};
use crate::theme::Theme;
use crate::words::Words;

/// Rows of one list.
const ROWS: u32 = 10;

/// What became of a text of several lines.
#[derive(Debug, PartialEq, Eq)]
enum Written {
    /// It was ended with its dot.
    Whole(SafeText),
    /// It was dropped by whoever wrote it.
    Dropped,
    /// The input broke off: nobody said that this is all.
    Broken(SafeText),
}

struct Lines {
    api: Api,
    folder: Folder,
    shared: Shared,
    /// Questions that an answer of the service led to.
    over: Vec<Overlay>,
}

/// Runs until somebody leaves.
///
/// # Errors
/// Nothing can be written or read any more.
pub async fn run(api: Api, folder: &Folder, words: Words, settings: Settings) -> io::Result<()> {
    let mut shared = Shared::new(words, Theme::Mono, Keymap::default(), settings);
    shared.now = now();
    restore_on_signals()?;
    let mut lines = Lines { api, folder: folder.clone(), shared, over: Vec::new() };
    if !lines.sign_in(folder).await? {
        return Ok(());
    }
    lines.lists().await
}

/// Writes a sentence. A line of the terminal ends with our own line break and nothing else.
fn say(text: &SafeText) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// Reads a line; nothing at the end of the input, nor of a line that broke off there.
fn read() -> io::Result<Option<SafeText>> {
    let mut line = String::new();
    tokio::task::block_in_place(|| io::stdin().lock().read_line(&mut line))?;
    Ok(line.ends_with('\n').then(|| SafeText::typed(line.trim_end_matches(['\n', '\r']))))
}

/// Reads a text up to the line with its dot, or with two dots, which drop it.
fn read_text(input: &mut impl BufRead) -> io::Result<Written> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        input.read_line(&mut line)?;
        let whole = line.ends_with('\n');
        let text = SafeText::typed(line.trim_end_matches(['\n', '\r']));
        match text.as_str() {
            "." if whole => return Ok(Written::Whole(SafeText::join(&lines, "\n"))),
            ".." if whole => return Ok(Written::Dropped),
            _ if whole => lines.push(text),
            _ => {
                lines.extend((!text.is_empty()).then_some(text));
                return Ok(Written::Broken(SafeText::join(&lines, "\n")));
            }
        }
    }
}

/// Asks for a line that is not shown: it is hidden before it is asked for, so that no letter comes too early.
/// Nothing at the end of the input, or on Ctrl-C.
fn ask_secret(prompt: &SafeText) -> io::Result<Option<String>> {
    let stdin = io::stdin();
    let before = termios::tcgetattr(&stdin).ok();
    if let Some(before) = &before {
        let mut hidden = before.clone();
        // Ctrl-C is a letter here: ended by a signal, the terminal would stay without echo.
        hidden.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
        termios::tcsetattr(&stdin, OptionalActions::Now, &hidden)?;
    }
    let mut line = String::new();
    let read = say(prompt).and_then(|()| tokio::task::block_in_place(|| stdin.lock().read_line(&mut line)));
    if let Some(before) = &before {
        termios::tcsetattr(&stdin, OptionalActions::Now, before)?;
    }
    let goes_on = read? > 0 && !line.contains('\u{3}');
    Ok(goes_on.then(|| line.trim_end_matches(['\n', '\r']).to_owned()))
}

/// Puts the terminal back when the process is told to end.
fn restore_on_signals() -> io::Result<()> {
    let Ok(before) = termios::tcgetattr(io::stdin()) else { return Ok(()) };
    let (mut ends, mut hangs) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = ends.recv() => {}
            _ = hangs.recv() => {}
        }
        // Nobody is left to tell if the terminal is gone.
        let _ = termios::tcsetattr(io::stdin(), OptionalActions::Now, &before);
        std::process::exit(0);
    });
    Ok(())
}

impl Lines {
    fn words(&self) -> Words {
        self.shared.words
    }

    fn ask_for(&self, key: &str) -> io::Result<()> {
        say(&self.words().say(key))
    }

    async fn sign_in(&mut self, folder: &Folder) -> io::Result<bool> {
        if self.api.token().is_some()
            && let Ok(Answer::Me(me)) = self.api.ask(Ask::Me).await
        {
            self.shared.me = Some(*me);
            return Ok(true);
        }
        loop {
            self.ask_for("plain-name")?;
            let Some(name) = read()? else { return Ok(false) };
            let name = name.as_str().trim().to_lowercase();
            let mut password = String::new();
            if !name.is_empty() {
                let Some(typed) = ask_secret(&self.words().say("plain-password"))? else { return Ok(false) };
                password = typed;
            }
            let Some(code) = ask_secret(&self.words().say("plain-code"))? else { return Ok(false) };
            let code = code.trim().to_owned();
            let with = if name.is_empty() {
                NewSession::DemoCode { code }
            } else if code.len() == 6 && code.bytes().all(|it| it.is_ascii_digit()) {
                NewSession::Password { name, password, totp: code }
            } else {
                NewSession::RecoveryCode { name, password, recovery_code: code }
            };
            match self.api.ask(Ask::SignIn(with)).await {
                Ok(Answer::Me(me)) => {
                    folder.keep_token(&self.api.origin(), self.api.token().as_deref())?;
                    self.shared.me = Some(*me);
                    return Ok(true);
                }
                Ok(_) => {}
                Err(failure) => say(&self.shared.explain(&failure))?,
            }
        }
    }

    fn fail(&self, failure: &Failure) -> io::Result<()> {
        say(&self.shared.explain(failure))
    }

    /// What there is besides cases, by its letter.
    async fn go(&mut self, letter: &str) -> io::Result<()> {
        match letter {
            "d" if self.shared.allows(Command::GoDemands) => self.demands().await,
            "h" if self.shared.allows(Command::GoHighlights) => self.highlights().await,
            "b" if self.shared.allows(Command::GoBroadcasts) => self.broadcasts().await,
            "c" if self.shared.allows(Command::GoCharts) => self.charts().await,
            _ => self.ask_for("plain-unknown"),
        }
    }

    /// For who reads no cases: what else there is.
    async fn besides(&mut self) -> io::Result<()> {
        loop {
            self.ask_for("plain-besides")?;
            let Some(chosen) = read()? else { return Ok(()) };
            match chosen.as_str().trim() {
                "q" => return Ok(()),
                letter => self.go(letter).await?,
            }
        }
    }

    /// The lists, one after the other.
    async fn lists(&mut self) -> io::Result<()> {
        if !self.shared.may("read_cases") {
            return self.besides().await;
        }
        let mut queue = Code::new("unassigned");
        let mut after = None;
        loop {
            let query = CaseQuery {
                queue: Some(queue.as_str().to_owned()),
                after: after.clone(),
                limit: Some(ROWS),
                ..CaseQuery::default()
            };
            let page = match self.api.ask(Ask::Cases(Box::new(query))).await {
                Ok(Answer::Cases(page)) => page,
                Ok(_) => return Ok(()),
                Err(failure) => {
                    self.fail(&failure)?;
                    self.ask_for("plain-again")?;
                    let Some(chosen) = read()? else { return Ok(()) };
                    match chosen.as_str().trim() {
                        "q" => return Ok(()),
                        // Who sees no queue has the rest.
                        it @ ("d" | "h" | "b" | "c") => self.go(it).await?,
                        _ => {}
                    }
                    continue;
                }
            };
            self.shared.now = now();
            let name = self.words().code("queue", &queue);
            say(&self.words().fill("plain-list", &[("queue", name), ("total", page.total.text())]))?;
            for (at, row) in page.rows.iter().enumerate() {
                say(&SafeText::number(at as u64 + 1).with(" ").with(self.row(row)))?;
            }
            self.shared.learn(page.rows.clone());
            self.ask_for("plain-list-choices")?;
            let Some(chosen) = read()? else { return Ok(()) };
            match chosen.as_str().trim() {
                "q" => return Ok(()),
                "n" => after = page.next,
                "d" | "h" | "b" | "c" => self.go(chosen.as_str().trim()).await?,
                "u" => {
                    self.shared.now = now();
                    acts::undo(&mut self.shared);
                    self.pump().await?;
                    self.tell()?;
                }
                "v" => {
                    let Ok(Answer::Queues(queues)) = self.api.ask(Ask::Queues).await else { continue };
                    let names: Vec<SafeText> = queues
                        .queues
                        .iter()
                        .map(|(code, count)| {
                            self.words().code("queue", code).with(" ").with(SafeText::number(*count))
                        })
                        .collect();
                    if let Some(at) = self.choose(&names)? {
                        queue = queues.queues[at].0.clone();
                        after = None;
                    }
                }
                "" => after = None,
                number => {
                    let at = number.parse::<usize>().ok().and_then(|it| it.checked_sub(1));
                    match at.and_then(|it| page.rows.get(it)) {
                        Some(row) if row.sealed() && !self.opens()? => {}
                        Some(row) => self.case(row.id).await?,
                        None => self.ask_for("plain-unknown")?,
                    }
                }
            }
        }
    }

    fn row(&self, row: &Row) -> SafeText {
        let words = self.words();
        let preview =
            row.preview.clone().unwrap_or_else(|| words.code("confidentiality", &row.confidentiality));
        let (who, _) = crate::widgets::who(&self.shared, row);
        let (due, _) = crate::widgets::due(&self.shared, row);
        let args = [
            ("folio", row.folio.clone()),
            ("state", words.code("state", &row.state)),
            ("place", row.place.clone().unwrap_or_else(|| row.municipality_name.clone())),
            ("who", who),
            ("due", due),
            ("text", preview.cut(120)),
        ];
        words.fill("plain-row", &args)
    }

    /// One of several by its number.
    fn choose(&self, texts: &[SafeText]) -> io::Result<Option<usize>> {
        for (at, text) in texts.iter().enumerate() {
            say(&SafeText::number(at as u64 + 1).with(" ").with(text))?;
        }
        self.ask_for("plain-number")?;
        let typed = read()?;
        let at =
            typed.and_then(|it| it.as_str().trim().parse::<usize>().ok()).and_then(|it| it.checked_sub(1));
        Ok(at.filter(|it| *it < texts.len()))
    }

    /// One of the things that the account may do.
    fn deed(&self, deeds: &[Command]) -> io::Result<Option<Command>> {
        let deeds: Vec<Command> = deeds.iter().copied().filter(|it| self.shared.allows(*it)).collect();
        let names: Vec<SafeText> =
            deeds.iter().map(|it| self.words().say(&format!("do-{}", it.name()))).collect();
        Ok(self.choose(&names)?.map(|at| deeds[at]))
    }

    /// One of the states of a list.
    fn state_of(&self, group: &str, states: &[&str], was: usize) -> io::Result<usize> {
        let names: Vec<SafeText> = states.iter().map(|it| self.words().code(group, &Code::new(it))).collect();
        Ok(self.choose(&names)?.unwrap_or(was))
    }

    /// Whether a sealed case is to be opened, now that it was said what that means.
    fn opens(&self) -> io::Result<bool> {
        self.ask_for("plain-sealed")?;
        self.yes()
    }

    /// Says what was said.
    fn tell(&mut self) -> io::Result<()> {
        match self.shared.status.take() {
            Some(status) => say(&status.text),
            None => Ok(()),
        }
    }

    /// Whether what was asked is to be done.
    fn yes(&self) -> io::Result<bool> {
        self.ask_for("plain-yes")?;
        Ok(read()?.is_some_and(|it| matches!(it.as_str().trim(), "y" | "s")))
    }

    /// Does what is wanted and takes the answers, until nothing is wanted any more.
    async fn pump(&mut self) -> io::Result<()> {
        loop {
            let effects = self.shared.take_effects();
            if effects.is_empty() {
                return Ok(());
            }
            for effect in effects {
                let Effect::Ask(number, ask) = effect else { continue };
                let answer = self.api.ask(ask).await;
                self.shared.now = now();
                match self.shared.owner(number) {
                    Some(Owner::Act(case)) => {
                        let acted = answer.and_then(|it| match it {
                            Answer::Acted(acted) => Ok(*acted),
                            _ => Err(Failure::new("not_understood")),
                        });
                        self.after(acted, case)?;
                    }
                    Some(Owner::Demand(decided)) => self.demand_decided(*decided, answer)?,
                    Some(Owner::Audience(_)) => self.audience_came(answer)?,
                    Some(Owner::Refused(filled)) => {
                        let changed = self.words().say("plain-form-changed");
                        let back = filled::brought_back(&self.shared, *filled, answer, changed);
                        self.over.push(Overlay::Form(Box::new(form::State::again(back))));
                    }
                    Some(Owner::Seek(seek)) => self.demand_sought(*seek, answer)?,
                    Some(Owner::Deed(name, back, text)) => {
                        let version = answer.and_then(|it| match it {
                            Answer::Deed(version) => Ok(version),
                            _ => Err(Failure::new("not_understood")),
                        });
                        acts::decided(&mut self.shared, name, back.map(|it| *it), text, version);
                    }
                    Some(Owner::Desk(municipality)) => {
                        let desk = self.shared.desks.entry(municipality).or_default();
                        match answer {
                            Ok(Answer::Canned(items)) => desk.canned = items,
                            Ok(Answer::Labels(items)) => desk.labels = items,
                            Ok(Answer::Offices(items)) => desk.offices = items,
                            Ok(Answer::Categories(items)) => desk.categories = items,
                            Ok(Answer::Colleagues(items)) => desk.colleagues = items,
                            _ => {}
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

/// The row of a number.
fn nth<'a, T>(number: &str, items: &'a [T]) -> Option<&'a T> {
    number.parse::<usize>().ok().and_then(|it| it.checked_sub(1)).and_then(|it| items.get(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_whole_with_its_dot_only() {
        let read = |input: &str| read_text(&mut input.as_bytes()).expect("read");
        let text = SafeText::typed;
        assert_eq!(read("ya va\nla cuadrilla\n.\n"), Written::Whole(text("ya va\nla cuadrilla")));
        assert_eq!(read("ya va\r\n.\r\n"), Written::Whole(text("ya va")));
        assert_eq!(read("ya va\nla cua"), Written::Broken(text("ya va\nla cua")));
        assert_eq!(read("ya va\n"), Written::Broken(text("ya va")));
        assert_eq!(read("ya va\n."), Written::Broken(text("ya va\n.")));
        assert_eq!(read("ya va\n..\n"), Written::Dropped);
        assert_eq!(read(""), Written::Broken(text("")));
    }
}
