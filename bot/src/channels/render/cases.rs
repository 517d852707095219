//! Texts of reports, and what staff's own words look like on a channel.

use super::words::{Words, choices, choices_of};
use super::{Choice, Draft, Rendered, ReplyKind, Setting, render};
use crate::channels::sms::segments;
use crate::domain::case::{Anonymity, CaseKind, CaseState, Folio, Pin};
use crate::domain::channel::ChannelKind;
use crate::domain::desk::Hours;
use crate::domain::pack::localized;
use crate::engine::cases::{CaseReply, Day, FeedbackKind, Listed};
use crate::engine::reply::Reply;

/// Segments of an SMS that staff may write at once.
pub const STAFF_SEGMENTS: usize = 3;

/// A text about a case.
pub(super) fn case(words: &Words<'_>, reply: &CaseReply) -> Draft {
    let say = |kind: ReplyKind, key: &str| Draft::new(kind, vec![plain(words, key, &[])]);
    let of = |kind: ReplyKind, key: &str, folio: &Folio| {
        Draft::new(kind, vec![plain(words, key, &[("folio", folio.as_str())])])
    };
    let yes_or_no = || choices(&["1", "2"]);
    let question = ReplyKind::Question;
    match reply {
        CaseReply::Notice => say(ReplyKind::Notice, "case-notice"),
        CaseReply::Consent => say(question, "case-consent").offering(yes_or_no()),
        CaseReply::Category { kind, names, first, more } => category(words, *kind, names, *first, *more),
        CaseReply::Text { kind } => say(question, &format!("case-text-{}", kind.code())),
        CaseReply::InWords => say(ReplyKind::Error, "case-in-words"),
        CaseReply::Again { question } => again(words, question),
        CaseReply::PlaceToo => Draft::new(
            question,
            vec![words.text(
                "case-place-too",
                &[("municipality", words.municipality_word()), ("stateword", words.state_word())],
            )],
        ),
        CaseReply::Where if words.channel == ChannelKind::Telegram => {
            say(question, "case-where-pin").asking_location(words.text("case-location-button", &[]))
        }
        CaseReply::Where => say(question, "case-where"),
        CaseReply::There { place } => there(words, place),
        CaseReply::Extra { question: asked } => {
            let asked = localized(asked, words.locale);
            Draft::new(question, vec![words.text("case-extra", &[("question", asked)]), asked.to_owned()])
        }
        CaseReply::Who => say(question, "case-who").offering(choices(&["1", "2", "3"])),
        CaseReply::Name => say(question, "case-name"),
        CaseReply::Resume => say(question, "case-resume").offering(yes_or_no()),
        CaseReply::Dropped => say(ReplyKind::Confirmation, "case-dropped"),
        CaseReply::Receipt { folio, pin, office, place, by, linked, unasked, asks_where } => {
            let office = office.as_ref().map(|it| localized(it, words.locale));
            let date = by.map(|it| day(words, it)).unwrap_or_default();
            let args = [
                ("folio", folio.as_str()),
                ("pin", pin.as_str()),
                ("office", office.unwrap_or_default()),
                ("place", words.find(place).map_or("", |(_, it)| it.display_name())),
                ("date", &date),
            ];
            let keys: &[&str] = match (office, unasked) {
                (None, _) if *asks_where => &["case-receipt-urgent"],
                (None, None) => &["case-receipt-closed"],
                (None, Some(Anonymity::HiddenFromAll)) => &["case-receipt-hidden"],
                (None, Some(_)) => &["case-receipt-closed-office"],
                (Some(_), _) if *linked => &["case-receipt-linked"],
                (Some(_), None) => &["case-receipt", "case-receipt-short", "case-receipt-shortest"],
                (Some(_), Some(_)) => {
                    &["case-receipt-office", "case-receipt-office-short", "case-receipt-office-shortest"]
                }
            };
            Draft::new(ReplyKind::Confirmation, keys.iter().map(|key| words.text(key, &args)).collect())
        }
        CaseReply::OtherOffice { office, phone, here } => {
            let phone =
                phone.as_ref().map(|it| words.text("case-phone", &[("phone", it)])).unwrap_or_default();
            let (office, here) = (localized(office, words.locale), localized(here, words.locale));
            let args = [("office", office), ("phone", phone.as_str()), ("here", here)];
            Draft::new(ReplyKind::Notice, vec![words.text("case-other-office", &args)])
        }
        CaseReply::Urgent { group, emergency, anonymous, line } => {
            let (phone, name) =
                line.as_ref().map_or(("", ""), |it| (it.0.as_str(), localized(&it.1, words.locale)));
            let args = [
                ("emergency", emergency.as_str()),
                ("anonymous", anonymous),
                ("phone", phone),
                ("line", name),
            ];
            Draft::new(ReplyKind::Notice, vec![words.text(&format!("case-urgent-{group}"), &args)])
        }
        CaseReply::State { folio, state, withdrawn, by } => {
            let next = by.map(|it| words.text("case-next", &[("date", &day(words, it))])).unwrap_or_default();
            let state = sentence(words, *state, *withdrawn);
            let text =
                words.text("case-state", &[("folio", folio.as_str()), ("state", &state), ("next", &next)]);
            Draft::new(ReplyKind::Answer, vec![text.trim_end().to_owned()])
        }
        CaseReply::Mine { cases, more } => mine(words, cases, *more),
        CaseReply::NoCases => {
            let key =
                if words.channel == ChannelKind::Telegram { "case-none-chat" } else { "case-none-phone" };
            let device = words.text(key, &[]);
            Draft::new(ReplyKind::Answer, vec![words.text("case-none", &[("device", &device)])])
        }
        CaseReply::FolioSlip => say(ReplyKind::Error, "case-folio-slip"),
        CaseReply::FolioUnknown => say(ReplyKind::Error, "case-folio-unknown"),
        CaseReply::FolioTries => say(ReplyKind::Error, "case-folio-tries"),
        CaseReply::FolioHow => say(ReplyKind::Error, "case-folio-how"),
        CaseReply::Reopened { folio } => of(ReplyKind::Confirmation, "case-reopened", folio),
        CaseReply::Stars => say(question, "case-stars").offering(choices(&["1", "2", "3", "4", "5"])),
        CaseReply::Rated => say(ReplyKind::Confirmation, "case-rated"),
        CaseReply::Withdraw { folio, others } => {
            let key = if *others { "case-withdraw-joined" } else { "case-withdraw" };
            of(question, key, folio).offering(yes_or_no())
        }
        CaseReply::Left { folio } => of(ReplyKind::Confirmation, "case-left", folio),
        CaseReply::WithdrawLate { folio } => of(ReplyKind::Error, "case-withdraw-late", folio),
        CaseReply::OpenedFor { folio, pin, by } => {
            let date = by.map(|it| day(words, it)).unwrap_or_default();
            let args = [("folio", folio.as_str()), ("pin", pin.as_str()), ("date", &date)];
            Draft::new(ReplyKind::Confirmation, vec![words.text("case-receipt-opened", &args)])
        }
        CaseReply::Withdrawn { folio } => of(ReplyKind::Confirmation, "case-withdrawn", folio),
        CaseReply::Kept { folio } => of(ReplyKind::Confirmation, "case-kept", folio),
        CaseReply::Correct => say(question, "case-correct"),
        CaseReply::Corrected => say(ReplyKind::Confirmation, "case-corrected"),
        CaseReply::CorrectLate => say(ReplyKind::Error, "case-correct-late"),
        CaseReply::CorrectNone => say(ReplyKind::Error, "case-correct-none"),
        CaseReply::Join { folio } => of(question, "case-join", folio).offering(yes_or_no()),
        CaseReply::Joined { folio: Some(folio) } => of(ReplyKind::Confirmation, "case-joined", folio),
        CaseReply::Joined { folio: None } => say(ReplyKind::Confirmation, "case-joined-closed"),
        CaseReply::Likely { place, colonia, category, days, state, joined } => {
            let category = localized(category, words.locale);
            let place = (place.as_str(), colonia.as_ref().map(|it| it.0.as_str()));
            likely(words, place, category, *days, *state, *joined).offering(yes_or_no())
        }
        CaseReply::JoinedLikely { folio, joined } => {
            let people = people(words, *joined);
            let args = [("folio", folio.as_str()), ("people", &people)];
            Draft::new(ReplyKind::Confirmation, vec![words.text("case-joined-likely", &args)])
        }
        CaseReply::Offer => say(question, "case-offer").offering(yes_or_no()),
        CaseReply::NotReported => say(ReplyKind::Confirmation, "case-not-reported"),
        CaseReply::NotJoined => say(ReplyKind::Confirmation, "case-not-joined"),
        CaseReply::Feedback { kind } => {
            let key = match kind {
                FeedbackKind::Suggestion => "case-feedback-suggestion",
                FeedbackKind::Praise => "case-feedback-praise",
                FeedbackKind::Story => "case-feedback-story",
            };
            say(ReplyKind::Confirmation, key)
        }
        CaseReply::Person { hours, line } => {
            let line = line.map(|it| words.text("case-person-line", &[("line", &it.to_string())]));
            person(words, "case-person", hours, &line.unwrap_or_default())
        }
        CaseReply::PersonWaits { hours, line } => {
            person(words, "case-person-waits", hours, &line.to_string())
        }
        CaseReply::PersonFolio { folio, pin } => {
            let args = [("folio", folio.as_str()), ("pin", pin.as_str())];
            Draft::new(ReplyKind::Notice, vec![words.text("case-person-folio", &args)])
        }
        CaseReply::PersonOver { folio } => of(ReplyKind::Confirmation, "case-person-over", folio),
        CaseReply::FollowUp { folio } => of(question, "case-follow-up", folio).offering(yes_or_no()),
        CaseReply::Merged { folio, original } => {
            let args = [("folio", folio.as_str()), ("original", original.as_str())];
            Draft::new(ReplyKind::Notice, vec![words.text("case-news-merged", &args)])
        }
        CaseReply::News { folio, state, closed, referral, date } => {
            news(words, *folio, *state, *closed, referral.as_ref(), *date)
        }
    }
}

/// A question once more, with its choices: shorter wordings where the longest does not fit beside the words
/// that say why.
fn again(words: &Words<'_>, question: &CaseReply) -> Draft {
    let mut draft = case(words, question);
    let said = draft.wordings.iter().map(|it| words.text("case-again", &[("question", it)]));
    draft.wordings = said.collect::<Vec<_>>().into_iter().chain(draft.wordings).collect();
    draft
}

/// A text with the arguments that any of these may have.
fn plain(words: &Words<'_>, key: &str, args: &[(&str, &str)]) -> String {
    let mut all = vec![("service", words.service), ("municipality", words.municipality_word())];
    all.extend_from_slice(args);
    words.text(key, &all)
}

fn category(
    words: &Words<'_>,
    kind: CaseKind,
    names: &[crate::domain::pack::Localized],
    first: usize,
    more: bool,
) -> Draft {
    let labels: Vec<&str> = names.iter().map(|it| localized(it, words.locale)).collect();
    let mut offered: Vec<Choice> = labels
        .iter()
        .enumerate()
        .map(|(index, label)| Choice { key: (first + index).to_string(), label: (*label).to_owned() })
        .collect();
    let items: Vec<String> = offered
        .iter()
        .map(|it| words.text("case-item", &[("number", &it.key), ("label", &it.label)]))
        .collect();
    let mut list = items.join(" ");
    if more {
        list = words.text("case-category-more", &[("list", &list)]);
        offered.extend(choices_of(&words.text("case-category-more", &[("list", "")])));
    }
    let key = if kind == CaseKind::Question { "case-category-question" } else { "case-category" };
    Draft::new(ReplyKind::Question, vec![words.text(key, &[("list", &list)]), list]).offering(offered)
}

fn there(words: &Words<'_>, place: &str) -> Draft {
    let (name, state) = words
        .find(place)
        .map_or(("", ""), |(id, municipality)| (municipality.display_name(), words.state(id)));
    let text = words.text("case-there", &[("place", name), ("state", state)]);
    Draft::new(ReplyKind::Question, vec![text]).offering(choices(&["1", "2"]))
}

/// A case that is there already: where, what, since when, how far, how many.
fn likely(
    words: &Words<'_>,
    (place, colonia): (&str, Option<&str>),
    category: &str,
    days: u32,
    state: CaseState,
    joined: u32,
) -> Draft {
    let since = match days {
        0 => words.text("case-likely-today", &[]),
        1 => words.text("case-likely-yesterday", &[]),
        _ => words.text("case-likely-days", &[("days", &days.to_string())]),
    };
    let state = words.text(&format!("case-short-{}", state.code()), &[]);
    let place = words.find(place).map_or("", |(_, it)| it.display_name());
    let people = people(words, joined);
    let text = |key: &str, place: &str| {
        let args = [
            ("place", place),
            ("category", category),
            ("since", &since),
            ("state", &state),
            ("people", &people),
        ];
        words.text(key, &args)
    };
    // Where the colonia does not fit beside the municipality, it stands alone: it is what she wrote herself.
    let places = colonia.iter().flat_map(|it| [format!("{it}, {place}"), (*it).to_owned()]);
    let wordings = places.chain([place.to_owned()]).map(|it| text("case-likely", &it));
    let short = std::iter::once(text("case-likely-short", place));
    Draft::new(ReplyKind::Question, wordings.chain(short).collect())
}

fn people(words: &Words<'_>, count: u32) -> String {
    let key = if count == 1 { "case-people-one" } else { "case-people" };
    words.text(key, &[("count", &count.to_string())])
}

/// The fixed plain sentence of a state.
fn sentence(words: &Words<'_>, state: CaseState, withdrawn: bool) -> String {
    let code = if withdrawn { "withdrawn" } else { state.code() };
    words.text(&format!("case-state-{code}"), &[])
}

fn mine(words: &Words<'_>, cases: &[Listed], more: bool) -> Draft {
    let list = |with_about: bool| {
        let item = |it: &Listed| {
            let code = if it.withdrawn { "withdrawn" } else { it.state.code() };
            let state = words.text(&format!("case-short-{code}"), &[]);
            let about = it.about.as_ref().filter(|_| with_about).map(|it| localized(it, words.locale));
            let args =
                [("folio", it.folio.as_str()), ("state", &state), ("about", about.unwrap_or_default())];
            words.text(about.map_or("case-mine-item", |_| "case-mine-item-about"), &args)
        };
        let list = cases.iter().map(item).collect::<Vec<_>>().join(", ");
        if more { words.text("case-mine-more", &[("list", &list)]) } else { list }
    };
    let plain = list(false);
    let wordings = vec![
        words.text("case-mine", &[("list", &list(true))]),
        words.text("case-mine", &[("list", &plain)]),
        words.text("case-mine-short", &[("list", &plain)]),
        plain,
    ];
    let offered = if more { choices_of(&words.text("case-mine-more", &[("list", "")])) } else { Vec::new() };
    Draft::new(ReplyKind::Answer, wordings).offering(offered)
}

/// A day as it is written (`2 dic`).
pub(super) fn day(words: &Words<'_>, (month, day): Day) -> String {
    let month = words.text(&format!("month-{}", month.clamp(1, 12)), &[]);
    words.text("date-day", &[("day", &day.to_string()), ("month", &month)])
}

/// When an office works, in words.
fn hours(words: &Words<'_>, hours: &Hours) -> String {
    let Some((first, last, from, to)) = hours.span() else { return words.text("hours-always", &[]) };
    if first == 0 && last == 6 && from == 0 && to == 1_440 {
        return words.text("hours-always", &[]);
    }
    let weekday = |day: usize| words.text(&format!("weekday-{day}"), &[]);
    let time = |minute: u16| {
        let (hour, minute) = ((minute / 60).to_string(), minute % 60);
        let key = if minute == 0 { "hours-hour" } else { "hours-minute" };
        words.text(key, &[("hour", &hour), ("minute", &format!("{minute:02}"))])
    };
    let key = if first == last { "hours-one" } else { "hours-span" };
    words.text(
        key,
        &[("first", &weekday(first)), ("last", &weekday(last)), ("from", &time(from)), ("to", &time(to))],
    )
}

fn person(words: &Words<'_>, key: &str, works: &Hours, line: &str) -> Draft {
    let works = hours(words, works);
    let text = words.text(key, &[("hours", &works), ("line", line)]);
    Draft::new(ReplyKind::Notice, vec![text])
}

fn news(
    words: &Words<'_>,
    folio: Folio,
    state: CaseState,
    closed: bool,
    referral: Option<&(String, String)>,
    date: Option<Day>,
) -> Draft {
    let folio = ("folio", folio.as_str());
    let text = match (closed, referral, date) {
        (true, ..) => words.text("case-news-closed", &[folio]),
        (_, Some((office, phone)), _) => {
            let phone =
                if phone.is_empty() { String::new() } else { words.text("case-phone", &[("phone", phone)]) };
            words.text("case-news-referral", &[folio, ("office", office), ("phone", &phone)])
        }
        (_, None, Some(date)) => words.text("case-news-date", &[folio, ("date", &day(words, date))]),
        (_, None, None) => words.text("case-news", &[folio, ("state", &sentence(words, state, false))]),
    };
    Draft::new(ReplyKind::Notice, vec![text])
}

/// News of a case's state, for everybody who joined: one segment. A confidential case (`closed`) says
/// nothing but that there is news. `referral` is name and telephone of the office it is passed on to,
/// `date` the day of the work, month and day.
pub fn case_news(
    folio: Folio,
    state: CaseState,
    closed: bool,
    referral: Option<(String, String)>,
    date: Option<Day>,
    setting: Setting<'_>,
) -> Rendered {
    render(&Reply::Case(CaseReply::News { folio, state, closed, referral, date }), setting)
}

/// That a case goes with another one from now on, and under which number news come: one segment.
pub fn case_merged(folio: Folio, original: Folio, setting: Setting<'_>) -> Rendered {
    render(&Reply::Case(CaseReply::Merged { folio, original }), setting)
}

/// What somebody reads for whose words staff opened a case: folio, PIN and by when it is answered. It says
/// nothing of what they are about.
pub fn opened_for(folio: Folio, pin: Pin, by: Option<Day>, setting: Setting<'_>) -> Rendered {
    render(&Reply::Case(CaseReply::OpenedFor { folio, pin, by }), setting)
}

/// News of a closing with its reason, in staff's words; `None` where an SMS would take more than
/// [`STAFF_SEGMENTS`] segments.
pub fn case_news_why(folio: Folio, state: CaseState, reason: &str, setting: Setting<'_>) -> Option<Rendered> {
    let words = Words::new(setting);
    let state = sentence(&words, state, false);
    let args = [("folio", folio.as_str()), ("state", &state), ("reason", reason.trim())];
    staff_text(&words.text("case-news-reason", &args), None, setting)
}

/// "Was it put right?", with its buttons: one segment.
pub fn follow_up(folio: Folio, setting: Setting<'_>) -> Rendered {
    render(&Reply::Case(CaseReply::FollowUp { folio }), setting)
}

/// Staff's own words to a citizen, after the folio: an SMS in GSM-7 where that can say them, HTML that is
/// escaped once on Telegram. `None` where an SMS would take more than [`STAFF_SEGMENTS`] segments, which
/// the one who writes must hear of; [`Rendered::segments`] is what it costs. `folio` is left out of a
/// confidential case's messages by giving `None`.
pub fn staff_text(text: &str, folio: Option<Folio>, setting: Setting<'_>) -> Option<Rendered> {
    let words = Words::new(setting);
    // What has no shape on a phone and could reorder what is read goes.
    let clean: String = text.chars().filter(|it| *it == '\n' || !it.is_control() && !unseen(*it)).collect();
    let clean = clean.trim();
    let text = match folio {
        Some(folio) => words.text("case-staff", &[("folio", folio.as_str()), ("text", clean)]),
        None => clean.to_owned(),
    };
    let (text, segments) = match setting.channel {
        ChannelKind::Sms => {
            let text = segments::transliterate(&text);
            let segments = segments::segment(&text).segments;
            (text, segments)
        }
        ChannelKind::Telegram => (super::telegram::escape(&text), 1),
        ChannelKind::Ussd => (text, 1),
    };
    (!clean.is_empty() && segments <= STAFF_SEGMENTS).then(|| Rendered {
        kind: ReplyKind::Notice,
        text,
        municipality: None,
        choices: Vec::new(),
        edit: false,
        segments: u32::try_from(segments).unwrap_or(u32::MAX),
        picture: None,
    })
}

/// Marks that turn the direction of reading.
fn unseen(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
