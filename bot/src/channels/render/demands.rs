//! Texts of demands, promises and news of them.

use super::cases::day;
use super::words::{Words, choices, choices_of, grouped};
use super::{Choice, Draft, Rendered, ReplyKind, Setting, render};
use crate::domain::demand::{Code, DemandState, Verdict};
use crate::engine::cases::Words as Text;
use crate::engine::demands::{DemandReply, Listed, News, ProvenAct};
use crate::engine::reply::Reply;

/// Segments of the formal answer to a demand.
pub const ANSWER_SEGMENTS: u32 = 2;

/// Topics of a person that are shown.
const SHOWN: usize = 3;

/// One that says a fixed text.
fn say(words: &Words<'_>, kind: ReplyKind, key: &str, args: &[(&str, &str)]) -> Draft {
    let mut all = vec![("municipality", words.municipality_word())];
    all.extend_from_slice(args);
    Draft::new(kind, vec![words.text(key, &all)])
}

/// The name of a municipality.
fn place<'w>(words: &Words<'w>, key: &str) -> &'w str {
    words.find(key).map_or("", |(_, it)| it.display_name())
}

/// A topic inside a sentence, and as it is typed.
fn topic(words: &Words<'_>, id: &str) -> (String, String) {
    words.facts.topic(id).map_or_else(
        || (id.to_owned(), id.to_owned()),
        |it| (words.topic_word(it), words.keyword(it).to_owned()),
    )
}

/// An ISO date as it is written (`2 dic 2027`).
pub(super) fn date(words: &Words<'_>, iso: &str) -> String {
    let Ok(date) = iso.parse::<jiff::civil::Date>() else { return String::new() };
    let (month, number) = (u8::try_from(date.month()), u8::try_from(date.day()));
    let day = day(words, (month.unwrap_or(1), number.unwrap_or(1)));
    words.text("demand-date", &[("day", &day), ("year", &date.year().to_string())])
}

fn signs(code: Code) -> Vec<Choice> {
    let key = format!("FIRMO {code}");
    vec![Choice { label: key.clone(), key }]
}

fn items(words: &Words<'_>, items: &[Listed], mine: bool, more: bool) -> (String, Vec<Choice>) {
    let item = |it: &Listed| {
        let (topic, _) = topic(words, &it.topic);
        let state = words.text(&format!("demand-state-{}", it.state), &[]);
        let key = if mine { "demand-item-mine" } else { "demand-item" };
        let (code, total) = (it.code.to_string(), grouped(i64::try_from(it.total).unwrap_or(i64::MAX)));
        words.text(key, &[("code", &code), ("topic", &topic), ("state", &state), ("total", &total)])
    };
    let list = items.iter().map(item).collect::<Vec<_>>().join(", ");
    if more {
        let offered = choices_of(&words.text("demand-more", &[("list", "")]));
        return (words.text("demand-more", &[("list", &list)]), offered);
    }
    (list, Vec::new())
}

/// A text about a demand.
pub(super) fn demand(words: &Words<'_>, reply: &DemandReply) -> Draft {
    let (answer, question) = (ReplyKind::Answer, ReplyKind::Question);
    let (done, error) = (ReplyKind::Confirmation, ReplyKind::Error);
    let number = |it: u64| grouped(i64::try_from(it).unwrap_or(i64::MAX));
    let of = |kind: ReplyKind, key: &str, code: &Code| say(words, kind, key, &[("code", &code.to_string())]);
    let yes_or_no = || choices(&["1", "2"]);
    match reply {
        DemandReply::Unknown { code } => of(error, "demand-unknown", code),
        DemandReply::NeedsCode => say(words, error, "demand-needs-code", &[]),
        DemandReply::AskSign { code, place: key, text } => {
            let args = [("code", &*code.to_string()), ("place", place(words, key)), ("text", &text.0)];
            say(words, question, "demand-ask-sign", &args).about(key).offering(yes_or_no())
        }
        DemandReply::NotSigned { .. } => say(words, done, "demand-not-signed", &[]),
        DemandReply::Signed { code, merged, total, missing } => {
            let (code, merged) = (code.to_string(), merged.map(|it| it.to_string()));
            let key = match (&merged, missing) {
                (Some(_), _) => "demand-signed-merged",
                (None, 0) => "demand-signed-enough",
                (None, _) => "demand-signed",
            };
            let (total, missing) = (number(*total), number(*missing));
            let merged = merged.unwrap_or_default();
            let args = [("code", &*code), ("merged", &merged), ("total", &total), ("missing", &missing)];
            say(words, done, key, &args)
        }
        DemandReply::SignedFor { code, total, missing } => {
            let (code, total, missing) = (code.to_string(), number(*total), number(*missing));
            let args = [("code", &*code), ("total", &total), ("missing", &missing)];
            say(words, done, "demand-signed-for", &args)
        }
        DemandReply::Retired { code, total } => {
            say(words, done, "demand-retired", &[("code", &code.to_string()), ("total", &number(*total))])
        }
        DemandReply::Late { code } => of(error, "demand-late", code),
        DemandReply::Over { code } => of(error, "demand-over", code),
        DemandReply::ActaSent { code } => of(done, "demand-acta-sent", code),
        DemandReply::ActaByTelegram { code } => of(answer, "demand-acta-by-telegram", code),
        DemandReply::ActaNotYours { code } => of(error, "demand-acta-not-yours", code),
        DemandReply::AskWithdraw { code } => of(question, "demand-ask-withdraw", code).offering(yes_or_no()),
        DemandReply::Withdrawn { code } => of(done, "demand-withdrawn", code),
        DemandReply::NotWithdrawn { code } => of(error, "demand-not-withdrawn", code),
        DemandReply::Prove { code, act, digits } => {
            let key = match act {
                ProvenAct::Withdraw => "demand-prove-withdraw",
                ProvenAct::Merge { .. } => "demand-prove-merge",
            };
            say(words, answer, key, &[("code", &code.to_string()), ("digits", &digits.0)])
        }
        DemandReply::ProveWrong => say(words, error, "demand-prove-wrong", &[]),
        DemandReply::Confirmed { code, text } => {
            say(words, done, "demand-confirmed", &[("code", &code.to_string()), ("text", &text.0)])
        }
        DemandReply::Own { code } => of(answer, "demand-own", code),
        DemandReply::Public { code } => of(answer, "demand-public", code).offering(signs(*code)),
        DemandReply::Moderated { code } => of(answer, "demand-moderated", code),
        DemandReply::Tries => say(words, error, "demand-tries", &[]),
        DemandReply::Show { code, place: key, text, total, missing, state } => {
            let (id, total, missing) = (code.to_string(), number(*total), number(*missing));
            let shown = if state.public() { state.code() } else { "other" };
            let args = [("code", &*id), ("total", &total), ("missing", &missing)];
            let shown = words.text(&format!("demand-show-{shown}"), &args);
            let args = [("code", &*id), ("place", place(words, key)), ("text", &text.0), ("state", &shown)];
            let draft = say(words, answer, "demand-show", &args).about(key);
            if state.signable() { draft.offering(signs(*code)) } else { draft }
        }
        DemandReply::List { place: key, items: listed, more } => {
            let (list, offered) = items(words, listed, false, *more);
            let mut draft = match key {
                Some(key) => {
                    say(words, answer, "demand-list", &[("place", place(words, key)), ("list", &list)])
                        .about(key)
                }
                None => say(words, answer, "demand-list-near", &[("list", &list)]),
            };
            draft.wordings.push(list);
            draft.offering(offered)
        }
        DemandReply::NoneHere { place: key } => {
            say(words, answer, "demand-none-here", &[("place", place(words, key))]).about(key)
        }
        DemandReply::Mine { items: listed, more } => {
            let (list, offered) = items(words, listed, true, *more);
            let mut draft = say(words, answer, "demand-mine", &[("list", &list)]);
            draft.wordings.push(list);
            draft.offering(offered)
        }
        DemandReply::NoneMine => say(words, answer, "demand-none-mine", &[]),
        DemandReply::Consent => say(words, question, "demand-consent", &[]).offering(yes_or_no()),
        DemandReply::AskText { limit } => {
            say(words, question, "demand-ask-text", &[("limit", &limit.to_string())])
        }
        DemandReply::TextLong { limit, written } => {
            let args = [("limit", &*limit.to_string()), ("written", &written.to_string())];
            say(words, error, "demand-text-long", &args)
        }
        DemandReply::TextShort => say(words, error, "demand-text-short", &[]),
        DemandReply::TextPersonal => say(words, error, "demand-text-personal", &[]),
        DemandReply::AskTopic { topics, first, more } => ask_topic(words, topics, *first, *more),
        DemandReply::Check { place: key, topic: id, text } => {
            let (topic, _) = topic(words, id);
            let args = [("place", place(words, key)), ("topic", &*topic), ("text", &text.0)];
            say(words, question, "demand-check", &args).about(key).offering(yes_or_no())
        }
        DemandReply::Opened { code } => of(done, "demand-opened", code),
        DemandReply::Dropped => say(words, done, "demand-dropped", &[]),
        DemandReply::TooMany => say(words, error, "demand-too-many", &[]),
        DemandReply::MessageKept { code } => of(done, "demand-message-kept", code),
        DemandReply::MessageWaits => say(words, error, "demand-message-waits", &[]),
        DemandReply::MessageFrom { day: it } => {
            say(words, error, "demand-message-from", &[("date", &day(words, *it))])
        }
        DemandReply::MergeAsked { code, parent, text } => {
            let args = [("code", &*code.to_string()), ("parent", &parent.to_string()), ("text", &text.0)];
            say(words, question, "demand-merge-asked", &args).offering(yes_or_no())
        }
        DemandReply::MergeDone { code, parent } => {
            let args = [("code", &*code.to_string()), ("parent", &parent.to_string())];
            say(words, done, "demand-merge-done", &args)
        }
        DemandReply::MergeOver { code, parent } => {
            let args = [("code", &*code.to_string()), ("parent", &parent.to_string())];
            say(words, error, "demand-merge-over", &args)
        }
        DemandReply::MergeRefused { code } => of(done, "demand-merge-refused", code),
        DemandReply::Answer { code, verdict, reason, cost, due } => {
            formal(words, *code, *verdict, reason, *cost, due.as_deref())
        }
        DemandReply::Commitment { code, title, owner, due, state, percent } => {
            let due = due.as_deref().map(|it| words.text("demand-answer-due", &[("date", &date(words, it))]));
            let state = words.text(&format!("demand-progress-{state}"), &[]);
            let args = [
                ("code", &*code.to_string()),
                ("title", title),
                ("owner", owner),
                ("due", &due.unwrap_or_default()),
                ("state", &state),
                ("percent", &percent.to_string()),
            ];
            let wordings = ["demand-commitment", "demand-commitment-short"].map(|key| words.text(key, &args));
            Draft::new(answer, wordings.to_vec())
        }
        DemandReply::Milestone { number, title, due, state } => {
            let due = due.as_deref().map(|it| words.text("demand-answer-due", &[("date", &date(words, it))]));
            let state = words.text(&format!("demand-progress-{state}"), &[]);
            let due = due.unwrap_or_default();
            let args = [("number", &*number.to_string()), ("title", title), ("due", &due), ("state", &state)];
            say(words, answer, "demand-milestone", &args)
        }
        DemandReply::Waiting { code, office: name, day: it } => {
            let args =
                [("code", &*code.to_string()), ("office", &office(words, name)), ("date", &day(words, *it))];
            say(words, answer, "demand-waiting", &args)
        }
        DemandReply::Silent { code, office: name } => {
            let args = [("code", &*code.to_string()), ("office", &office(words, name))];
            say(words, answer, "demand-silent", &args)
        }
        DemandReply::Collecting { code, missing } => {
            let args = [("code", &*code.to_string()), ("missing", &number(*missing))];
            say(words, answer, "demand-collecting", &args).offering(signs(*code))
        }
        DemandReply::AskVote { code, title } => {
            say(words, question, "demand-ask-vote", &[("code", &code.to_string()), ("title", title)])
                .offering(choices(&["1", "2", "3"]))
        }
        DemandReply::Voted { code, votes, .. } => match votes {
            Some([yes, no, half]) => {
                let args = [
                    ("code", &*code.to_string()),
                    ("yes", &number(*yes)),
                    ("no", &number(*no)),
                    ("half", &number(*half)),
                ];
                say(words, done, "demand-voted", &args)
            }
            None => of(done, "demand-voted-few", code),
        },
        DemandReply::Alerts { topics, weekly } if topics.is_empty() && !weekly => {
            say(words, answer, "demand-alerts", &[])
        }
        DemandReply::Alerts { topics, weekly } => {
            let mut names: Vec<String> = topics.iter().take(SHOWN).map(|it| topic(words, it).0).collect();
            names.extend(weekly.then(|| words.text("demand-alerts-week", &[])));
            say(words, answer, "demand-alerts-has", &[("list", &names.join(", "))])
        }
        DemandReply::AskAlerts { topic: id, place: key } => {
            alerts(words, question, "demand-ask-alerts", id.as_deref(), key).offering(yes_or_no())
        }
        DemandReply::AlertsSet { topic: id, place: key } => {
            alerts(words, done, "demand-alerts-set", id.as_deref(), key)
        }
        DemandReply::AlertsNot => say(words, done, "demand-alerts-not", &[]),
        DemandReply::AlertsStopped => say(words, error, "demand-alerts-stopped", &[]),
        DemandReply::AlertsLeft { topic: id } => alerts(words, done, "demand-alerts-left", id.as_deref(), ""),
        DemandReply::Muted { code } => of(done, "demand-muted", code),
        DemandReply::LeaderAsk => say(words, question, "demand-leader-ask", &[]),
        DemandReply::LeaderKept => say(words, done, "demand-leader-kept", &[]),
        DemandReply::LeaderWaits => say(words, answer, "demand-leader-waits", &[]),
        DemandReply::LeaderYes => say(words, answer, "demand-leader-yes", &[]),
        DemandReply::RelayLeaders => say(words, error, "demand-relay-leaders", &[]),
        DemandReply::RelaySent => say(words, done, "demand-relay-sent", &[]),
        DemandReply::RelayNot => say(words, error, "demand-relay-not", &[]),
        DemandReply::RelayWrong => say(words, error, "demand-relay-wrong", &[]),
        DemandReply::RelayReady => say(words, done, "demand-relay-ready", &[]),
        DemandReply::RelayCode { code } => {
            let args = [("code", code.0.as_str()), ("service", words.service)];
            say(words, ReplyKind::Notice, "demand-relay-code", &args)
        }
        DemandReply::RelayHow => say(words, error, "demand-relay-how", &[]),
        DemandReply::Offer { code, total, topic: id } => {
            let (topic, _) = topic(words, id);
            let key = if *total < 2 { "demand-offer-one" } else { "demand-offer" };
            let args = [("code", &*code.to_string()), ("total", &number(*total)), ("topic", &topic)];
            say(words, ReplyKind::Notice, key, &args).offering(signs(*code))
        }
        DemandReply::News(it) => news(words, it),
        DemandReply::Week { place: key, fresh, answered, top } => {
            let top = top.as_ref().map(|it| {
                let (topic, _) = topic(words, &it.topic);
                let args = [("code", &*it.code.to_string()), ("topic", &topic), ("total", &number(it.total))];
                words.text("demand-week-top", &args)
            });
            let args = [
                ("place", place(words, key)),
                ("fresh", &*number(*fresh)),
                ("answered", &number(*answered)),
                ("top", &top.unwrap_or_default()),
            ];
            say(words, ReplyKind::Notice, "demand-week", &args).about(key)
        }
    }
}

/// The office that owes an answer, by its name or as people call it.
fn office(words: &Words<'_>, name: &str) -> String {
    if name.is_empty() { words.text("demand-office", &[]) } else { name.to_owned() }
}

fn alerts(words: &Words<'_>, kind: ReplyKind, key: &str, id: Option<&str>, at: &str) -> Draft {
    match id {
        Some(id) => {
            let (topic, word) = topic(words, id);
            say(words, kind, key, &[("topic", &topic), ("word", &word), ("place", place(words, at))])
        }
        None => say(words, kind, &format!("{key}-week"), &[("place", place(words, at))]),
    }
}

fn ask_topic(words: &Words<'_>, topics: &[String], first: usize, more: bool) -> Draft {
    let mut offered: Vec<Choice> = topics
        .iter()
        .enumerate()
        .map(|(index, id)| Choice { key: (first + index).to_string(), label: topic(words, id).0 })
        .collect();
    let item = |it: &Choice| words.text("demand-choice", &[("number", &it.key), ("label", &it.label)]);
    let mut list = offered.iter().map(item).collect::<Vec<_>>().join(" ");
    if more {
        list = words.text("demand-ask-topic-more", &[("list", &list)]);
        offered.extend(choices_of(&words.text("demand-ask-topic-more", &[("list", "")])));
    }
    let mut draft = say(words, ReplyKind::Question, "demand-ask-topic", &[("list", &list)]);
    draft.wordings.push(list);
    draft.offering(offered)
}

fn formal(
    words: &Words<'_>,
    code: Code,
    verdict: Verdict,
    reason: &Text,
    cost: Option<u64>,
    due: Option<&str>,
) -> Draft {
    let cost = cost.map(|it| {
        let whole = i64::try_from(it / 1_000).unwrap_or(i64::MAX);
        words.text("demand-answer-cost", &[("cost", &grouped(whole))])
    });
    let due = due.map(|it| words.text("demand-answer-due", &[("date", &date(words, it))]));
    let more = super::words::sentences(&[cost.as_deref().unwrap_or(""), due.as_deref().unwrap_or("")]);
    let verdict = words.text(&format!("demand-verdict-{verdict}"), &[]);
    let args =
        [("code", &*code.to_string()), ("verdict", &verdict), ("reason", reason.0.trim()), ("more", &more)];
    let text = words.text("demand-answer", &args);
    Draft::new(ReplyKind::Notice, vec![text.split_whitespace().collect::<Vec<_>>().join(" ")])
}

fn news(words: &Words<'_>, news: &News) -> Draft {
    let notice = ReplyKind::Notice;
    let of = |key: &str, code: &Code| say(words, notice, key, &[("code", &code.to_string())]);
    let with = |key: &str, code: &Code, name: &str, value: &str| {
        say(words, notice, key, &[("code", &code.to_string()), (name, value)])
    };
    let number = |it: u64| grouped(i64::try_from(it).unwrap_or(i64::MAX));
    match news {
        News::Confirmed { code } => of("demand-news-confirmed", code),
        News::Published { code, missing, day: it } => {
            let args =
                [("code", &*code.to_string()), ("missing", &number(*missing)), ("date", &day(words, *it))];
            say(words, notice, "demand-news-published", &args)
        }
        News::Rejected { code, reason } => with("demand-news-rejected", code, "reason", reason),
        News::MessageRefused { code, reason } => with("demand-news-message-refused", code, "reason", reason),
        News::Merged { code, parent } => with("demand-news-merged", code, "parent", &parent.to_string()),
        News::Unmerged { code, parent } => with("demand-news-unmerged", code, "parent", &parent.to_string()),
        News::HandedOver { code, total, office: name, day: it } => {
            let args = [
                ("code", &*code.to_string()),
                ("total", &number(*total)),
                ("office", &office(words, name)),
                ("date", &day(words, *it)),
            ];
            say(words, notice, "demand-news-handed-over", &args)
        }
        News::Silent { code, office: name } => {
            with("demand-news-silent", code, "office", &office(words, name))
        }
        News::Message { code, text } => with("demand-news-message", code, "text", &text.0),
        News::Progress { code, state } => {
            let state = words.text(&format!("demand-progress-{state}"), &[]);
            with("demand-news-progress", code, "state", &state)
        }
        News::Expired { code, public: true } => of("demand-news-expired", code),
        News::Expired { code, public: false } => of("demand-news-expired-draft", code),
        News::Withdrawn { code } => of("demand-news-withdrawn", code),
        News::New { code, place: key, topic: id, text } => {
            let (_, word) = topic(words, id);
            let args = [
                ("code", &*code.to_string()),
                ("place", place(words, key)),
                ("text", &text.0),
                ("word", &word),
            ];
            let wordings = ["demand-news-new", "demand-news-new-short"].map(|key| words.text(key, &args));
            Draft::new(notice, wordings.to_vec()).offering(signs(*code))
        }
        News::Invited { code, text } => {
            with("demand-news-invited", code, "text", &text.0).offering(signs(*code))
        }
    }
}

/// The formal answer to a demand as supporters read it; `None` where an SMS would take more than
/// [`ANSWER_SEGMENTS`] segments, which the one who writes must hear of.
pub fn demand_answer(
    code: Code,
    verdict: Verdict,
    reason: &str,
    cost: Option<u64>,
    due: Option<&str>,
    setting: Setting<'_>,
) -> Option<Rendered> {
    let reason = Text(reason.to_owned());
    let reply = DemandReply::Answer { code, verdict, reason, cost, due: due.map(str::to_owned) };
    let rendered = render(&Reply::Demand(Box::new(reply)), setting);
    (rendered.segments <= ANSWER_SEGMENTS).then_some(rendered)
}

/// What a state of a demand is called in a list.
pub fn demand_state(state: DemandState, setting: Setting<'_>) -> String {
    Words::new(setting).text(&format!("demand-state-{state}"), &[])
}
