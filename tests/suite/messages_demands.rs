//! Every text about demands in every language: one segment of GSM-7, but the formal answer, which takes two.

use std::sync::LazyLock;

use cabildo_bot::channels::render::{ANSWER_SEGMENTS, Setting, demand_answer, render};
use cabildo_bot::channels::sms::segments::{Encoding, segment};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::demand::rules::{LONGEST_MESSAGE, LONGEST_REASON, LONGEST_TEXT};
use cabildo_bot::domain::demand::{Code, DemandState, Progress, Verdict, Vote};
use cabildo_bot::domain::facts::Facts;
use cabildo_bot::embedded;
use cabildo_bot::engine::cases::Words;
use cabildo_bot::engine::demands::{DemandReply as R, Listed, News, ProvenAct};
use cabildo_bot::engine::link::Code as Digits;
use cabildo_bot::engine::reply::Reply;
use uuid::Uuid;

static FACTS: LazyLock<Facts> = LazyLock::new(|| embedded::facts().expect("the embedded pack"));

fn code(number: u16) -> Code {
    Code::new(number).expect("a code")
}

fn text(length: usize) -> Words {
    Words("ñ".repeat(length))
}

/// The municipality with the longest name, and the topic with the longest word.
fn longest() -> (String, String) {
    let place = FACTS.municipalities.iter().max_by_key(|it| it.display_name().chars().count());
    let word = |it: &&cabildo_bot::domain::pack::Topic| it.words["es-MX"][0].chars().count();
    let topic = FACTS.manifest.topics.iter().max_by_key(word);
    (place.expect("a place").key.clone(), topic.expect("a topic").id.clone())
}

/// Every reply with its longest arguments.
fn replies() -> Vec<R> {
    let (one, two) = (code(9_999), code(8_888));
    let (place, topic) = longest();
    let listed = |state| Listed { code: one, topic: topic.clone(), total: 99_999, state };
    let reason = "r".repeat(110);
    let office = "O".repeat(36);
    let mut all = vec![
        R::Unknown { code: one },
        R::NeedsCode,
        R::AskSign { code: one, place: place.clone(), text: text(LONGEST_TEXT) },
        R::NotSigned { code: one },
        R::Signed { code: one, merged: None, total: 1_000, missing: 1_000 },
        R::Signed { code: one, merged: None, total: 99_999, missing: 0 },
        R::Signed { code: one, merged: Some(two), total: 1_000, missing: 1_000 },
        R::Retired { code: one, total: 99_999 },
        R::Late { code: one },
        R::Over { code: one },
        R::ActaSent { code: one },
        R::ActaByTelegram { code: one },
        R::ActaNotYours { code: one },
        R::AskWithdraw { code: one },
        R::Withdrawn { code: one },
        R::Confirmed { code: one, text: text(LONGEST_TEXT) },
        R::Own { code: one },
        R::Public { code: one },
        R::Moderated { code: one },
        R::Tries,
        R::List { place: Some(place.clone()), items: vec![listed(DemandState::Collecting); 4], more: true },
        R::List { place: None, items: vec![listed(DemandState::Collecting); 4], more: true },
        R::NoneHere { place: place.clone() },
        R::NoneMine,
        R::Consent,
        R::AskText { limit: LONGEST_TEXT },
        R::TextLong { limit: LONGEST_TEXT, written: 1_000 },
        R::TextShort,
        R::TextPersonal,
        R::AskTopic { topics: vec![topic.clone(); 5], first: 11, more: true },
        R::Check { place: place.clone(), topic: topic.clone(), text: text(LONGEST_TEXT) },
        R::Opened { code: one },
        R::Dropped,
        R::TooMany,
        R::MessageKept { code: one },
        R::MessageWaits,
        R::MessageFrom { day: (9, 30) },
        R::MergeAsked { code: one, parent: two, text: text(LONGEST_TEXT) },
        R::MergeDone { code: one, parent: two },
        R::MergeRefused { code: one },
        R::MergeOver { code: one, parent: two },
        R::NotWithdrawn { code: one },
        R::Prove { code: one, act: ProvenAct::Withdraw, digits: Digits("482913".to_owned()) },
        R::Prove {
            code: one,
            act: ProvenAct::Merge { id: Uuid::nil() },
            digits: Digits("482913".to_owned()),
        },
        R::ProveWrong,
        R::Waiting { code: one, office: office.clone(), day: (9, 30) },
        R::Waiting { code: one, office: String::new(), day: (9, 30) },
        R::Silent { code: one, office: office.clone() },
        R::Collecting { code: one, missing: 1_000 },
        R::AskVote { code: one, title: "t".repeat(60) },
        R::Voted { code: one, vote: Vote::Half, votes: Some([1_000, 1_000, 1_000]) },
        R::Voted { code: one, vote: Vote::No, votes: None },
        R::Alerts { topics: Vec::new(), weekly: false },
        R::Alerts { topics: vec![topic.clone(); 9], weekly: true },
        R::AskAlerts { topic: Some(topic.clone()), place: place.clone() },
        R::AskAlerts { topic: None, place: place.clone() },
        R::AlertsSet { topic: Some(topic.clone()), place: place.clone() },
        R::AlertsSet { topic: None, place: place.clone() },
        R::AlertsNot,
        R::AlertsStopped,
        R::AlertsLeft { topic: Some(topic.clone()) },
        R::AlertsLeft { topic: None },
        R::Muted { code: one },
        R::LeaderAsk,
        R::LeaderKept,
        R::LeaderWaits,
        R::LeaderYes,
        R::RelayHow,
        R::RelayLeaders,
        R::RelaySent,
        R::RelayNot,
        R::RelayWrong,
        R::RelayReady,
        R::RelayCode { code: Digits("482913".to_owned()) },
        R::Offer { code: one, total: 99_999, topic: topic.clone() },
        R::Offer { code: one, total: 1, topic: topic.clone() },
        R::Week { place: place.clone(), fresh: 1, answered: 1, top: Some(listed(DemandState::Collecting)) },
        R::Week { place: place.clone(), fresh: 0, answered: 1, top: None },
    ];
    for state in DemandState::ALL {
        all.push(R::Mine { items: vec![listed(*state); 2], more: true });
        let (place, total, missing) = (place.clone(), 99_999, 1_000);
        all.push(R::Show { code: one, place, text: text(LONGEST_TEXT), total, missing, state: *state });
    }
    for state in Progress::ALL {
        let due = Some("2027-09-30".to_owned());
        let (title, owner) = ("t".repeat(60), "o".repeat(36));
        all.push(R::Commitment {
            code: one,
            title: title.clone(),
            owner,
            due: due.clone(),
            state: *state,
            percent: 100,
        });
        all.push(R::Milestone { number: 20, title, due, state: *state });
        all.push(R::News(News::Progress { code: one, state: *state }));
    }
    all.extend(
        [
            News::Confirmed { code: one },
            News::Published { code: one, missing: 1_000, day: (9, 30) },
            News::Rejected { code: one, reason: reason.clone() },
            News::MessageRefused { code: one, reason },
            News::Merged { code: one, parent: two },
            News::Unmerged { code: one, parent: two },
            News::HandedOver { code: one, total: 1_000, office: office.clone(), day: (9, 30) },
            News::Silent { code: one, office },
            News::Message { code: one, text: text(LONGEST_MESSAGE) },
            News::Expired { code: one, public: true },
            News::Expired { code: one, public: false },
            News::Withdrawn { code: one },
            News::New { code: one, place, topic, text: text(LONGEST_TEXT) },
            News::Invited { code: one, text: text(LONGEST_TEXT) },
        ]
        .map(R::News),
    );
    all
}

#[test]
fn every_text_about_demands_is_one_segment() {
    for locale in ["es-MX", "en"] {
        let setting = |channel| Setting { facts: &FACTS, locale, channel, service: "Cabildo" };
        for reply in replies() {
            let name = format!("{locale} {reply:?}");
            let reply = Reply::Demand(Box::new(reply));
            let sms = render(&reply, setting(ChannelKind::Sms));
            let it = segment(&sms.text);
            assert_eq!(it.encoding, Encoding::Gsm7, "{name}: {:?}", it.offending);
            assert_eq!(it.segments, 1, "{name}: {} septets: {}", it.units, sms.text);
            assert!(
                !sms.text.is_empty() && !sms.text.contains("{ $") && !sms.text.contains("  "),
                "{}",
                sms.text
            );
            let chat = render(&reply, setting(ChannelKind::Telegram));
            assert!(!chat.text.is_empty(), "{name}");
        }
    }
}

#[test]
fn the_formal_answer_takes_two_segments_at_most() {
    for locale in ["es-MX", "en"] {
        let setting = Setting { facts: &FACTS, locale, channel: ChannelKind::Sms, service: "Cabildo" };
        for verdict in Verdict::ALL {
            let reason = "r".repeat(LONGEST_REASON);
            let cost = Some(9_999_999_999_000);
            let longest = demand_answer(code(9_999), *verdict, &reason, cost, Some("2027-09-30"), setting);
            assert!(longest.is_some_and(|it| it.segments <= ANSWER_SEGMENTS), "{locale} {verdict}");
            let short =
                demand_answer(code(317), *verdict, "No hay dinero.", None, None, setting).expect("a text");
            assert!(short.text.contains("No hay dinero. ") && !short.text.contains("  "), "{}", short.text);
        }
        let unusual = "ж".repeat(LONGEST_REASON);
        assert_eq!(demand_answer(code(317), Verdict::Accepted, &unusual, None, None, setting), None);
    }
}
