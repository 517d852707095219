//! One case in the line mode: its thread, what is done with it, and what is kept of what was not sent.

use std::io;

use cabildo_staff_api::case::CaseQuery;
use uuid::Uuid;

use super::{Lines, Written, read, read_text, say};
use crate::acts::{self, After};
use crate::api::{Act, Answer, Ask, Failure};
use crate::data::Thread;
use crate::keymap::Command;
use crate::overlays::{Choice, Overlay, Wanted};
use crate::run::now;
use crate::safe::SafeText;
use crate::session::Folder;
use crate::triage::{self, Means};

/// What can be done with a case, in the order of its numbers.
const DEEDS: &[Command] = &[
    Command::Take,
    Command::Assign,
    Command::Reply,
    Command::Note,
    Command::Canned,
    Command::Status,
    Command::Priority,
    Command::Labels,
    Command::Resolve,
    Command::CloseNotOurs,
    Command::CloseUnfixed,
    Command::CloseSpam,
    Command::CloseDuplicate,
    Command::SnoozeToday,
    Command::SnoozeTomorrow,
    Command::SnoozeWeek,
    Command::SnoozeReply,
    Command::Wake,
    Command::Office,
    Command::Urgent,
    Command::Macros,
    Command::Repeat,
];

impl Lines {
    /// One case: its thread, and what is to be done.
    pub(super) async fn case(&mut self, id: Uuid) -> io::Result<()> {
        match self.api.ask(Ask::Case(id)).await {
            Ok(Answer::Case(case)) => {
                let municipality = case.row.municipality.clone();
                self.shared.learn_case(*case);
                self.shared.want_desk(&municipality);
                self.pump().await?;
            }
            Ok(_) => return Ok(()),
            Err(failure) => return self.fail(&failure),
        }
        let mut after = None;
        loop {
            match self.api.ask(Ask::Thread(id, after.clone())).await {
                Ok(Answer::Thread(Thread { entries, next })) => {
                    for entry in entries {
                        let words = self.words();
                        let who = words.code("from", &entry.from).with(" ").with(words.day(entry.at));
                        let text = entry.pages.first().cloned().unwrap_or_else(|| words.say("erased"));
                        say(&who.with(": ").with(text.one_line()))?;
                    }
                    after = next;
                }
                Ok(_) => break,
                Err(failure) => return self.fail(&failure),
            }
            if after.is_none() {
                break;
            }
        }
        loop {
            let words = self.words();
            let names: Vec<SafeText> =
                DEEDS.iter().map(|it| words.say(&format!("do-{}", it.name()))).collect();
            let Some(at) = self.choose(&names)? else { return Ok(()) };
            self.shared.now = now();
            if let Some(means) = triage::means(&mut self.shared, id, DEEDS[at]) {
                self.mean(id, means).await?;
            }
            self.tell()?;
            let Some(row) = self.shared.rows.get(&id).cloned() else { return Ok(()) };
            say(&self.row(&row))?;
        }
    }

    async fn mean(&mut self, case: Uuid, means: Means) -> io::Result<()> {
        match means {
            Means::Nothing => Ok(()),
            Means::Acts(name, acts) => self.act(case, name, acts).await,
            Means::Compose(note) => {
                self.ask_for(if note { "plain-note" } else { "plain-reply" })?;
                let text = match tokio::task::block_in_place(|| read_text(&mut io::stdin().lock()))? {
                    Written::Whole(text) if !text.is_empty() => text,
                    Written::Broken(text) if !text.is_empty() => return self.keep(case, note, &text),
                    Written::Dropped => return self.ask_for("plain-dropped"),
                    Written::Whole(_) | Written::Broken(_) => return Ok(()),
                };
                let language = Some(self.shared.citizens_language(case));
                let (name, act) = if note {
                    (self.words().say("act-note"), Act::Note(text))
                } else {
                    let to =
                        self.shared.cases.get(&case).and_then(|it| it.opener().map(|it| it.shown.clone()));
                    let args = [("to", to.unwrap_or_default()), ("text", text.clone().one_line().cut(60))];
                    (self.words().fill("act-reply", &args), Act::Reply { text, language })
                };
                self.act(case, name, vec![act]).await
            }
            Means::Over(overlay) => self.over(case, *overlay).await,
        }
    }

    async fn over(&mut self, case: Uuid, overlay: Overlay) -> io::Result<()> {
        match overlay {
            Overlay::Picker(picker) => {
                let (texts, choices) = picker.parts();
                match self.choose(&texts)? {
                    Some(at) => Box::pin(self.chosen(case, choices[at].clone())).await,
                    None => Ok(()),
                }
            }
            Overlay::Prompt(prompt) => Box::pin(self.chosen(case, Choice::Ask(prompt.wanted()))).await,
            Overlay::Confirm(confirm) => {
                say(&confirm.question())?;
                if self.yes()? { Box::pin(self.chosen(case, confirm.yes())).await } else { Ok(()) }
            }
            Overlay::Canned(canned) => {
                let texts = canned.texts();
                if texts.is_empty() {
                    return self.ask_for("canned-none");
                }
                match self.choose(&texts)? {
                    Some(at) => match canned.reply(&self.shared, at) {
                        Some(choice) => Box::pin(self.chosen(case, choice)).await,
                        None => Ok(()),
                    },
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    async fn chosen(&mut self, case: Uuid, choice: Choice) -> io::Result<()> {
        match choice {
            Choice::Acts(case, name, acts) => self.act(case, name, acts).await,
            Choice::Run(command) => match triage::means(&mut self.shared, case, command) {
                Some(means) => Box::pin(self.mean(case, means)).await,
                None => Ok(()),
            },
            Choice::Macro(case, number) => {
                let Some(row) = self.shared.rows.get(&case).cloned() else { return Ok(()) };
                let means = triage::macro_of(&mut self.shared, &row, number);
                Box::pin(self.mean(case, means)).await
            }
            Choice::NotOurs(case, code) => {
                let desk = self.shared.desk_of(case);
                let office = desk.and_then(|it| it.offices.iter().find(|it| it.code == code)).cloned();
                let Some(office) = office else { return Ok(()) };
                match office.phone.clone() {
                    Some(phone) => {
                        let (name, act) = triage::refer(&self.shared, &office, phone);
                        self.act(case, name, vec![act]).await
                    }
                    None => Box::pin(self.chosen(case, Choice::Ask(Wanted::Referral(case, code)))).await,
                }
            }
            Choice::Ask(wanted) => {
                self.ask_for(wanted.key())?;
                let Some(text) = read()?.filter(|it| !it.is_empty()) else { return Ok(()) };
                if let Wanted::Original(case) = wanted {
                    return self.original(case, &text).await;
                }
                match triage::written(&mut self.shared, &wanted, &text) {
                    Some((case, name, acts)) => self.act(case, name, acts).await,
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    async fn original(&mut self, case: Uuid, folio: &SafeText) -> io::Result<()> {
        let search = Some(folio.as_str().trim().to_owned());
        let query = CaseQuery { search, limit: Some(2), ..CaseQuery::default() };
        match self.api.ask(Ask::Cases(Box::new(query))).await {
            Ok(Answer::Cases(page)) if page.rows.len() == 1 && page.rows[0].id != case => {
                let (name, act) = triage::duplicate(&self.shared, &page.rows[0]);
                self.act(case, name, vec![act]).await
            }
            Ok(_) => self.ask_for("original-none"),
            Err(failure) => self.fail(&failure),
        }
    }

    async fn act(&mut self, case: Uuid, name: SafeText, acts: Vec<Act>) -> io::Result<()> {
        self.shared.now = now();
        let writes = self.shared.also_writes(case).filter(|_| acts.iter().any(Act::tells));
        if let Some(writes) = writes {
            say(&self.words().fill("also-writes", &[("name", writes)]))?;
            if !self.yes()? {
                return self.keep_texts(case, &acts);
            }
        }
        acts::start(&mut self.shared, case, name, acts);
        self.pump().await
    }

    pub(super) fn after(&mut self, acted: Result<crate::data::Acted, Failure>, case: Uuid) -> io::Result<()> {
        match acts::answered(&mut self.shared, case, acted) {
            After::Conflict(run, theirs) => {
                let words = self.words();
                say(&words.fill("plain-conflict", &[("act", run.name), ("folio", theirs.folio.clone())]))?;
                self.keep_texts(run.case, &run.acts)
            }
            After::TakenBack(_, text) => say(&text),
            After::Failed(case, acts) => self.keep_texts(case, &acts),
            After::Nothing | After::Done(..) => Ok(()),
        }
    }

    /// What was written is not lost: it can be copied from here, and is a draft of its case.
    fn keep_texts(&self, case: Uuid, acts: &[Act]) -> io::Result<()> {
        for act in acts {
            match act {
                Act::Reply { text, .. } => self.keep(case, false, text)?,
                Act::Note(text) => self.keep(case, true, text)?,
                _ => act.typed().map_or(Ok(()), say)?,
            }
        }
        Ok(())
    }

    /// Shows a text that was not sent, and keeps it as a draft, behind one that is there already.
    fn keep(&self, case: Uuid, note: bool, text: &SafeText) -> io::Result<()> {
        say(text)?;
        let Some(owner) = self.shared.me.as_ref().map(|it| it.person.id) else { return Ok(()) };
        keep_draft(&self.folder, owner, case, note, text)?;
        self.ask_for("plain-kept")
    }
}

fn keep_draft(folder: &Folder, owner: Uuid, case: Uuid, note: bool, text: &SafeText) -> io::Result<()> {
    let drafts = folder.drafts(owner);
    let before = drafts.into_iter().find(|it| (it.case, it.note) == (case, note)).map(|it| it.text);
    let text = match before {
        Some(before) if before.as_str().contains(text.as_str()) => return Ok(()),
        Some(before) if !before.is_empty() => before.with("\n\n").with(text),
        _ => text.clone(),
    };
    folder.keep_draft(owner, case, note, &text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Api;
    use crate::data::Row;

    #[test]
    fn what_was_not_sent_is_kept_behind_what_is_there() {
        let at = tempfile::tempdir().expect("a folder");
        let folder = Folder::at(&at.path().join("state"), &at.path().join("config")).expect("folders");
        let (owner, case) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for text in ["uno", "dos", "uno"] {
            keep_draft(&folder, owner, case, false, &SafeText::typed(text)).expect("kept");
        }
        let kept = folder.drafts(owner);
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].text.as_str(), "uno\n\ndos");
    }

    #[test]
    fn a_conflict_keeps_what_was_written() {
        let at = tempfile::tempdir().expect("a folder");
        let folder = Folder::at(&at.path().join("state"), &at.path().join("config")).expect("folders");
        let api = Api::new("http://127.0.0.1:9").expect("an address");
        let mut lines =
            Lines { api, folder: folder.clone(), shared: crate::tests::shared(), over: Vec::new() };
        let case = crate::tests::row(1);
        lines.shared.rows.insert(case.id, case.clone());
        let act = Act::Reply { text: SafeText::typed("ya va"), language: None };
        assert!(acts::start(&mut lines.shared, case.id, SafeText::own("reply"), vec![act]));
        let theirs = Row { version: 9, ..case.clone() };
        let failure = Failure { current: Some(Box::new(theirs)), ..Failure::new("version_conflict") };
        lines.after(Err(failure), case.id).expect("told");
        let owner = lines.shared.me.as_ref().expect("somebody").person.id;
        let kept = folder.drafts(owner);
        assert!(kept.len() == 1 && kept[0].text.as_str() == "ya va", "{kept:?}");
    }
}
