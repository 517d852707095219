//! What a key does to the case under the cursor, on any screen that has one.

use jiff::civil::Date;
use uuid::Uuid;

use crate::api::{Act, Referral};
use crate::data::{Office, Person, Row};
use crate::event::Effect;
use crate::keymap::Command;
use crate::overlays::{Choice, Overlay, Wanted, canned, confirm, picker, prompt};
use crate::safe::{Code, SafeText};
use crate::settings;
use crate::shared::Shared;

/// Priorities, the least first.
const PRIORITIES: [&str; 4] = ["low", "normal", "high", "urgent"];
/// States that a case may go to where the service has not said which.
const STATES: [&str; 9] = [
    "in_review",
    "assigned",
    "in_progress",
    "scheduled",
    "answered",
    "resolved",
    "closed_unfixed",
    "not_ours",
    "duplicate",
];

/// What a command comes to.
#[derive(Debug)]
pub enum Means {
    /// Acts under a name.
    Acts(SafeText, Vec<Act>),
    /// Something over the screen first.
    Over(Box<Overlay>),
    /// The text of a message or of a note.
    Compose(bool),
    /// It is done, or was refused with a sentence.
    Nothing,
}

/// What a command means for a case; `None`: it is about no case.
pub fn means(shared: &mut Shared, case: Uuid, command: Command) -> Option<Means> {
    let row = shared.rows.get(&case)?.clone();
    let words = shared.words;
    if let Some(number) = command.macro_number() {
        return Some(macro_of(shared, &row, number));
    }
    Some(match command {
        Command::Take => {
            let me = shared.me.as_ref().map(|it| it.person.clone())?;
            if row.assignee.as_ref().is_some_and(|it| it.id == me.id) {
                let said = words.say("take-already");
                shared.say(said);
                return Some(Means::Nothing);
            }
            Means::Acts(words.say("act-take"), vec![Act::Assign { to: Some(me), note: None }])
        }
        Command::Assign => assign(shared, &row),
        Command::Office => offices(shared, &row, "pick-office", Choice::Ask, Wanted::HandOver),
        Command::Reply => Means::Compose(false),
        Command::Note => Means::Compose(true),
        Command::Canned if row.sealed() && !shared.cases.contains_key(&case) => {
            // Who gets it is known once the case was read.
            let said = shared.cover_text(case);
            shared.say(said);
            Means::Nothing
        }
        Command::Canned => {
            let municipality = row.municipality.clone();
            shared.want_desk(&municipality);
            let language = shared.citizens_language(case);
            let canned = canned::State::new(shared, case, language, false);
            Means::Over(Box::new(Overlay::Canned(canned)))
        }
        Command::Resolve => Means::Acts(words.say("act-resolve"), vec![Act::state("resolved")]),
        Command::CloseUnfixed => ask(Wanted::Reason(case)),
        Command::CloseSpam => {
            let label = words.say("label-spam");
            let act = Act::State {
                to: Code::new("closed_unfixed"),
                reason: Some(words.say("reason-spam")),
                original: None,
                referral: None,
                date: None,
            };
            let labels = Act::Labels { add: vec![label], remove: Vec::new() };
            Means::Acts(words.say("act-spam"), vec![labels, act])
        }
        Command::CloseNotOurs => not_ours(shared, &row),
        Command::CloseDuplicate => ask(Wanted::Original(case)),
        Command::SnoozeToday | Command::SnoozeTomorrow | Command::SnoozeWeek => {
            let until = snooze_until(shared.now, command);
            let name = words.fill("act-snooze", &[("until", words.day(until))]);
            Means::Acts(name, vec![Act::Snooze { until: Some(until), reply: false }])
        }
        Command::SnoozeReply => {
            Means::Acts(words.say("act-snooze-reply"), vec![Act::Snooze { until: None, reply: true }])
        }
        Command::Wake => Means::Acts(words.say("act-wake"), vec![Act::Snooze { until: None, reply: false }]),
        Command::Status => states(shared, &row),
        Command::Priority => {
            let items = PRIORITIES.iter().map(|it| {
                let code = Code::new(it);
                let text = words.code("priority", &code);
                let name = words.fill("act-priority", &[("priority", text.clone())]);
                let held = row.priority == code;
                (text, Choice::Acts(case, name, vec![Act::Priority(code)]), held)
            });
            over(picker::State::new(words.say("pick-priority"), items))
        }
        Command::Labels => labels(shared, &row),
        Command::Urgent => {
            let name = words.say("act-urgent");
            let yes = Choice::Acts(case, name, vec![Act::Priority(Code::new("urgent"))]);
            let question = words.fill("confirm-urgent", &[("folio", row.folio.clone())]);
            Means::Over(Box::new(Overlay::Confirm(confirm::State::new(question, yes))))
        }
        Command::Language => {
            let items = cabildo_messages::languages().into_iter().map(|it| {
                let held = shared.citizens_language(case) == it.tag;
                (SafeText::line(&it.name), Choice::Language(it.tag.to_owned()), held)
            });
            over(picker::State::new(words.say("pick-language"), items.collect::<Vec<_>>()))
        }
        Command::Macros => {
            let items = shared.settings.macros.iter().map(|it| picker::Item {
                hint: char::from(b'0' + it.number),
                text: it.title.clone(),
                choice: Choice::Macro(case, it.number),
                held: false,
            });
            let items: Vec<picker::Item> = items.collect();
            if items.is_empty() {
                let said = words.say("macro-none");
                shared.say(said);
                return Some(Means::Nothing);
            }
            over(picker::State::hinted(words.say("pick-macro"), items))
        }
        Command::Repeat => match shared.acts.last() {
            Some((name, acts)) => Means::Acts(name, acts),
            None => {
                let said = words.say("repeat-nothing");
                shared.say(said);
                Means::Nothing
            }
        },
        Command::CopyId => {
            shared.want(Effect::Copy(row.folio.clone()));
            Means::Nothing
        }
        Command::CopyLink => {
            let link = SafeText::line(&format!("cabildo:case/{case}"));
            shared.want(Effect::Copy(link));
            Means::Nothing
        }
        Command::CopyText if row.sealed() => {
            let said = words.say("copy-sealed");
            shared.say(said);
            Means::Nothing
        }
        Command::CopyText => {
            shared.want(Effect::Copy(row.preview.clone().unwrap_or_default()));
            Means::Nothing
        }
        _ => return None,
    })
}

/// A macro of the configuration on a case.
pub fn macro_of(shared: &mut Shared, row: &Row, number: u8) -> Means {
    let words = shared.words;
    let digit = SafeText::number(number);
    let Some(found) = shared.settings.macro_of(number).cloned() else {
        let said = words.fill("macro-unset", &[("number", digit)]);
        shared.complain(said);
        return Means::Nothing;
    };
    let me = shared.me.as_ref().map(|it| it.person.clone());
    let language = shared.citizens_language(row.id);
    let mut acts = Vec::new();
    for step in found.steps {
        acts.push(match step {
            settings::Step::Assign(mine) => Act::Assign { to: me.clone().filter(|_| mine), note: None },
            settings::Step::Office(to, note) => Act::Office { to, note },
            settings::Step::Note(text) => Act::Note(text),
            settings::Step::State(to) => {
                Act::State { to, reason: None, original: None, referral: None, date: None }
            }
            settings::Step::Priority(to) => Act::Priority(to),
            settings::Step::Label(label) => Act::Labels { add: vec![label], remove: Vec::new() },
            settings::Step::Canned(letter) => {
                // The service keeps small letters.
                let small = |it: &SafeText| it.as_str().to_lowercase();
                let desk = shared.desk_of(row.id);
                let canned =
                    desk.and_then(|it| it.canned.iter().find(|it| small(&it.letter) == small(&letter)));
                let Some(text) = canned.and_then(|it| it.text(&language)).cloned() else {
                    let said = words.fill("macro-no-canned", &[("letter", letter)]);
                    shared.complain(said);
                    return Means::Nothing;
                };
                Act::Reply { text, language: Some(language.clone()) }
            }
        });
    }
    Means::Acts(words.fill("act-macro", &[("number", digit), ("title", found.title)]), acts)
}

fn over(picker: picker::State) -> Means {
    Means::Over(Box::new(Overlay::Picker(picker)))
}

fn ask(wanted: Wanted) -> Means {
    Means::Over(Box::new(Overlay::Prompt(prompt::State::new(wanted, &SafeText::default()))))
}

fn assign(shared: &Shared, row: &Row) -> Means {
    let words = shared.words;
    let case = row.id;
    let give = |to: Option<Person>| {
        let name = match &to {
            Some(it) => words.fill("act-assign", &[("name", it.name.clone())]),
            None => words.say("act-release"),
        };
        Choice::Acts(case, name, vec![Act::Assign { to, note: None }])
    };
    let own = shared.me.as_ref().map(|it| {
        (it.person.name.clone().with(" = ").with(words.say("me")), give(Some(it.person.clone())), false)
    });
    let nobody = (words.say("nobody"), give(None), row.assignee.is_none());
    let others = shared.colleagues(row).into_iter().map(|it| {
        let held = row.assignee.as_ref().is_some_and(|has| has.id == it.id);
        (it.name.clone(), give(Some(it)), held)
    });
    over(picker::State::new(words.say("pick-person"), own.into_iter().chain([nobody]).chain(others)))
}

fn offices(
    shared: &mut Shared,
    row: &Row,
    title: &str,
    choice: impl Fn(Wanted) -> Choice,
    wanted: impl Fn(Uuid, Code) -> Wanted,
) -> Means {
    let municipality = row.municipality.clone();
    shared.want_desk(&municipality);
    let words = shared.words;
    let known = shared.desk_of(row.id).map(|it| it.offices.clone()).unwrap_or_default();
    if known.is_empty() {
        let said = words.say("offices-none");
        shared.complain(said);
        return Means::Nothing;
    }
    let items = known.into_iter().map(|it| {
        let held = it.code == row.office;
        (it.named(words.tag()), choice(wanted(row.id, it.code)), held)
    });
    over(picker::State::new(words.say(title), items))
}

fn not_ours(shared: &mut Shared, row: &Row) -> Means {
    let wanted = |case, code| Wanted::Referral(case, code);
    offices(
        shared,
        row,
        "pick-referral",
        |it| match it {
            Wanted::Referral(case, code) => Choice::NotOurs(case, code),
            other => Choice::Ask(other),
        },
        wanted,
    )
}

/// The act that passes a case on to an office whose telephone is known.
pub fn refer(shared: &Shared, office: &Office, phone: SafeText) -> (SafeText, Act) {
    let words = shared.words;
    let name = office.named(words.tag());
    let act = Act::State {
        to: Code::new("not_ours"),
        reason: None,
        original: None,
        referral: Some(Box::new(Referral { office: office.code.clone(), name: name.clone(), phone })),
        date: None,
    };
    (words.fill("act-not-ours", &[("office", name)]), act)
}

/// The act that closes a case as the same as another.
pub fn duplicate(shared: &Shared, original: &Row) -> (SafeText, Act) {
    let act = Act::State {
        to: Code::new("duplicate"),
        reason: None,
        original: Some(original.id),
        referral: None,
        date: None,
    };
    (shared.words.fill("act-duplicate", &[("folio", original.folio.clone())]), act)
}

fn states(shared: &mut Shared, row: &Row) -> Means {
    let words = shared.words;
    let known = shared.cases.get(&row.id).filter(|it| it.row.state == row.state);
    let known = known.map(|it| it.next_states.clone());
    let all = known.unwrap_or_else(|| {
        let open = row.open();
        STATES
            .iter()
            .filter(|it| if open { **it != row.state.as_str() } else { **it == "in_review" })
            .map(|it| Code::new(it))
            .collect()
    });
    let case = row.id;
    let items = all.into_iter().map(|code| {
        let text = words.code("state", &code);
        let choice = match code.as_str() {
            "closed_unfixed" => Choice::Ask(Wanted::Reason(case)),
            "scheduled" => Choice::Ask(Wanted::Date(case)),
            "duplicate" => Choice::Ask(Wanted::Original(case)),
            "not_ours" => Choice::Run(Command::CloseNotOurs),
            _ => {
                let name = words.fill("act-state", &[("state", text.clone())]);
                Choice::Acts(case, name, vec![Act::state(code.as_str())])
            }
        };
        (text, choice, false)
    });
    over(picker::State::new(words.say("pick-state"), items))
}

fn labels(shared: &Shared, row: &Row) -> Means {
    let words = shared.words;
    let case = row.id;
    let held = shared.cases.get(&case).map(|it| it.labels.clone()).unwrap_or_default();
    let known = shared.desk_of(case).map(|it| it.labels.clone()).unwrap_or_default();
    let mut all = held.clone();
    all.extend(known.into_iter().filter(|it| !held.contains(it)));
    let items = all.into_iter().map(|label| {
        let has = held.contains(&label);
        let key = if has { "act-unlabel" } else { "act-label" };
        let name = words.fill(key, &[("label", label.clone())]);
        let (add, remove) = if has { (vec![], vec![label.clone()]) } else { (vec![label.clone()], vec![]) };
        (label, Choice::Acts(case, name, vec![Act::Labels { add, remove }]), has)
    });
    let new = (words.say("label-new"), Choice::Ask(Wanted::Label(case)), false);
    over(picker::State::new(words.say("pick-label"), [new].into_iter().chain(items)))
}

/// What was written for an act.
pub fn written(shared: &mut Shared, wanted: &Wanted, text: &SafeText) -> Option<(Uuid, SafeText, Vec<Act>)> {
    let words = shared.words;
    let state =
        |to: &str| Act::State { to: Code::new(to), reason: None, original: None, referral: None, date: None };
    match wanted {
        Wanted::Reason(case) => {
            let Act::State { to, original, referral, date, .. } = state("closed_unfixed") else {
                return None;
            };
            let act = Act::State { to, reason: Some(text.clone()), original, referral, date };
            Some((*case, words.say("act-close"), vec![act]))
        }
        Wanted::Date(case) => {
            let Some(date) = read_date(text, shared.now) else {
                let said = words.say("date-wrong");
                shared.complain(said);
                return None;
            };
            let Act::State { to, reason, original, referral, .. } = state("scheduled") else { return None };
            let act = Act::State { to, reason, original, referral, date: Some(date.clone()) };
            Some((*case, words.fill("act-schedule", &[("date", date)]), vec![act]))
        }
        Wanted::HandOver(case, office) => {
            let name = words.fill("act-hand-over", &[("office", office.text())]);
            Some((*case, name, vec![Act::Office { to: office.clone(), note: text.clone() }]))
        }
        Wanted::Label(case) => {
            let name = words.fill("act-label", &[("label", text.clone())]);
            Some((*case, name, vec![Act::Labels { add: vec![text.clone()], remove: Vec::new() }]))
        }
        Wanted::Referral(case, code) => {
            let office = shared.desk_of(*case)?.offices.iter().find(|it| it.code == *code)?.clone();
            let (name, act) = refer(shared, &office, text.clone());
            Some((*case, name, vec![act]))
        }
        Wanted::Original(_)
        | Wanted::Filter
        | Wanted::Question(..)
        | Wanted::Answer(..)
        | Wanted::Category(..)
        | Wanted::Municipality => None,
    }
}

/// A date that is to come: `2026-12-01`, or `1/12`, which is the next one of those.
pub fn read_date(text: &SafeText, now: i64) -> Option<SafeText> {
    read_day(text, now, |today, day| day >= today, 1)
}

/// A date that has come: `2025-12-01`, or `1/12`, which is the last one of those.
pub fn read_past_date(text: &SafeText, now: i64) -> Option<SafeText> {
    read_day(text, now, |today, day| day <= today, -1)
}

/// A date; of a day without a year the first that fits, this year's and then those `step` years apart.
fn read_day(text: &SafeText, now: i64, fits: fn(Date, Date) -> bool, step: i16) -> Option<SafeText> {
    // The 29th of February lies eight years apart around 2100.
    const YEARS: i16 = 8;
    let text = text.as_str().trim();
    if let Ok(date) = text.parse::<Date>() {
        return Some(SafeText::line(&date.to_string()));
    }
    let (day, month) = text.split_once('/')?;
    let (day, month): (i8, i8) = (day.parse().ok()?, month.parse().ok()?);
    let today = jiff::Timestamp::from_millisecond(now).ok()?.to_zoned(jiff::tz::TimeZone::system()).date();
    let of_year = |years| Date::new(today.year() + years * step, month, day).ok();
    let date = (0..=YEARS).filter_map(of_year).find(|it| fits(today, *it))?;
    Some(SafeText::line(&date.to_string()))
}

/// Until when a case sleeps: this evening, tomorrow morning, or in a week.
fn snooze_until(now: i64, command: Command) -> i64 {
    const HOUR: i64 = 3_600_000;
    let zone = jiff::tz::TimeZone::system();
    let Ok(today) = jiff::Timestamp::from_millisecond(now).map(|it| it.to_zoned(zone.clone())) else {
        return now + 24 * HOUR;
    };
    let (days, hour) = match command {
        Command::SnoozeToday => (0, 17),
        Command::SnoozeTomorrow => (1, 8),
        _ => (7, 8),
    };
    let day = today.date().checked_add(jiff::Span::new().days(days)).ok();
    let at = day.and_then(|it| it.at(hour, 0, 0, 0).to_zoned(zone).ok());
    let at = at.map_or(now + 24 * HOUR, |it| it.timestamp().as_millisecond());
    // Late in the day "today" is in three hours.
    at.max(now + 3 * HOUR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        let now = 1_795_000_000_000;
        let read = |it: &'static str| read_date(&SafeText::own(it), now).map(|it| it.as_str().to_owned());
        assert_eq!(read("2026-12-01").as_deref(), Some("2026-12-01"));
        assert_eq!(read("31/12").as_deref(), Some("2026-12-31"));
        assert_eq!(read("1/1").as_deref(), Some("2027-01-01"));
        assert_eq!(read("29/2").as_deref(), Some("2028-02-29"));
        let past =
            |it: &'static str| read_past_date(&SafeText::own(it), now).map(|it| it.as_str().to_owned());
        assert_eq!(past("2025-12-01").as_deref(), Some("2025-12-01"));
        assert_eq!(past("31/12").as_deref(), Some("2025-12-31"));
        assert_eq!(past("1/1").as_deref(), Some("2026-01-01"));
        assert_eq!(past("29/2").as_deref(), Some("2024-02-29"));
        for wrong in ["mañana", "32/1", "31/2", "2026-13-01", ""] {
            assert_eq!((read(wrong), past(wrong)), (None, None), "{wrong}");
        }
    }

    #[test]
    fn a_snooze_is_never_over_at_once() {
        for hour in 0..24 {
            let now = 1_795_000_000_000 + hour * 3_600_000;
            for command in [Command::SnoozeToday, Command::SnoozeTomorrow, Command::SnoozeWeek] {
                assert!(snooze_until(now, command) >= now + 3 * 3_600_000);
            }
        }
    }
}
