//! What staff decide about cards and broadcasts: what is typed for it, and what comes of that.

use uuid::Uuid;

use crate::api::Deed;
use crate::api::outreach::{Act, Answer, Ask, CardAct, CastAct};
use crate::demand_acts::{Decided, Meant};
use crate::outreach_data::{
    Audience, Broadcast, BroadcastRow, Candidate, CardText, Draft, Highlight, HighlightRow,
};
use crate::safe::{Code, SafeText};
use crate::shared::Shared;
use crate::triage::read_date;

/// What the service takes at most, characters.
const TITLE: usize = 60;
const DONE: usize = 160;
const COST: usize = 40;
const CONTACT: usize = 60;
/// What the service takes of a reason.
const WHY: usize = 200;
const LINK: usize = 400;
const NAME: usize = 80;
/// What the service takes of a text.
const TEXT: usize = 480;
const LIST: usize = 1_000;
/// What makes a broadcast sensitive.
const TAGS: [&str; 5] = ["elections", "violence", "health", "money", "minors"];

/// What is typed, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A card about somebody of the list of candidates, under a theme.
    Propose(Box<Candidate>, Code),
    /// A card anew, under a theme.
    Card(Box<Highlight>, Code),
    /// Why a card is not published.
    Reject(Box<HighlightRow>),
    /// Why a card goes.
    WithdrawCard(Box<HighlightRow>),
    /// Who took a practice over.
    Adopt(Box<HighlightRow>),
    /// A broadcast of a card to similar municipalities.
    Spread(Box<Highlight>),
    /// A broadcast to the supporters of a demand, or to who asked for news of places.
    Compose(Option<Uuid>),
    /// A broadcast anew, its text in a language.
    Cast(Box<Broadcast>, SafeText),
    /// Whom it is for.
    Audience(Box<Broadcast>),
    /// It may go, or goes on after it was held (`true`): the number of people is typed, and a question follows.
    ApproveMany(Box<Broadcast>, bool, SafeText),
    /// Why it waits.
    Hold(Box<BroadcastRow>),
    /// Why it ends.
    Stop(Box<BroadcastRow>),
}

impl Purpose {
    /// Its title in the catalogue.
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Propose(..) => "form-propose",
            Self::Card(..) => "form-card",
            Self::Reject(_) => "form-reject-card",
            Self::WithdrawCard(_) => "form-withdraw-card",
            Self::Adopt(_) => "form-adopt",
            Self::Spread(_) => "form-spread",
            Self::Compose(None) => "form-compose",
            Self::Compose(Some(_)) => "form-compose-supporters",
            Self::Cast(..) => "form-cast",
            Self::Audience(_) => "form-audience",
            Self::ApproveMany(..) => "form-approve-many",
            Self::Hold(_) => "form-hold",
            Self::Stop(_) => "form-stop",
        }
    }

    /// Whether something is written with it that is not lost when it is refused; a reason or a number decides about
    /// what was seen, which has to be looked at again then.
    pub const fn writes(&self) -> bool {
        matches!(
            self,
            Self::Propose(..)
                | Self::Card(..)
                | Self::Adopt(_)
                | Self::Spread(_)
                | Self::Compose(..)
                | Self::Cast(..)
                | Self::Audience(_)
        )
    }

    /// What looks for personal data in the card that comes of it; one whose figure is gone from the data is not looked
    /// at before it is handed in.
    pub fn check(&self, deed: &Deed) -> Option<Ask> {
        let Deed::Outreach(act) = deed else { return None };
        match (self, &**act) {
            (Self::Propose(..), Act::Propose(municipality, topic, text)) => {
                Some(Ask::Check(municipality.clone(), topic.clone(), text.clone()))
            }
            (Self::Card(it, _), Act::Card(_, CardAct::Edit(text))) if it.figure.is_some() => {
                Some(Ask::Check(it.row.municipality.clone(), it.row.topic.clone(), text.clone()))
            }
            _ => None,
        }
    }

    /// What reads the card or broadcast anew that it is about.
    pub fn subject(&self) -> Option<Ask> {
        match self {
            Self::Card(it, _) | Self::Spread(it) => Some(Ask::Highlight(it.row.id)),
            Self::Adopt(it) => Some(Ask::Highlight(it.id)),
            Self::Cast(it, _) | Self::Audience(it) => Some(Ask::Broadcast(it.row.id)),
            _ => None,
        }
    }

    /// The same about the card or broadcast as it is now.
    pub fn renew(&mut self, now: Answer) {
        match (self, now) {
            (Self::Card(it, _) | Self::Spread(it), Answer::Highlight(now)) => *it = now,
            (Self::Adopt(it), Answer::Highlight(now)) => **it = now.row,
            (Self::Cast(it, _) | Self::Audience(it), Answer::Broadcast(now)) => *it = now,
            _ => {}
        }
    }

    /// What its title names.
    pub fn code(&self) -> SafeText {
        match self {
            Self::Propose(it, _) => it.municipality_name.clone(),
            Self::Card(it, _) | Self::Spread(it) => it.row.code.clone(),
            Self::Reject(it) | Self::WithdrawCard(it) | Self::Adopt(it) => it.code.clone(),
            Self::Compose(_) => SafeText::default(),
            Self::Cast(_, language) => language.clone(),
            Self::Audience(it) => it.row.title.clone(),
            Self::ApproveMany(it, ..) => it.row.title.clone(),
            Self::Hold(it) | Self::Stop(it) => it.title.clone(),
        }
    }

    /// The fields in the catalogue, in order.
    pub const fn fields(&self) -> &'static [&'static str] {
        match self {
            Self::Propose(..) | Self::Card(..) => &[
                "want-card-title",
                "want-card-done",
                "want-card-contact",
                "want-card-cost",
                "want-card-learned",
                "want-card-evidence",
                "want-card-sdg",
            ],
            Self::Reject(_) | Self::WithdrawCard(_) | Self::Hold(_) | Self::Stop(_) => &["want-why"],
            Self::Adopt(_) => &["want-adopted-by", "want-adopted-from", "want-adopted-on"],
            Self::Spread(_) => &["want-cast-channels", "want-cast-when"],
            Self::Compose(None) => &[
                "want-cast-title",
                "want-cast-text",
                "want-cast-places",
                "want-cast-topic",
                "want-cast-channels",
                "want-cast-when",
                "want-cast-tags",
                "want-text-language",
            ],
            Self::Compose(Some(_)) => &[
                "want-cast-title",
                "want-cast-text",
                "want-cast-channels",
                "want-cast-when",
                "want-cast-tags",
                "want-text-language",
            ],
            Self::Cast(..) => &[
                "want-cast-title",
                "want-cast-text",
                "want-cast-channels",
                "want-cast-when",
                "want-cast-tags",
            ],
            Self::Audience(_) => {
                &["want-cast-places", "want-cast-peers", "want-cast-topic", "want-cast-language"]
            }
            Self::ApproveMany(..) => &["want-cast-people"],
        }
    }

    /// What its fields hold before anything is typed.
    pub fn known(&self, shared: &Shared) -> Vec<SafeText> {
        let words = shared.words;
        match self {
            Self::Card(it, _) => {
                let text = &it.text;
                let sdg = text.sdg.map(SafeText::number).unwrap_or_default();
                vec![
                    text.title.clone(),
                    text.done.clone().one_line(),
                    text.contact.clone(),
                    text.cost.clone(),
                    text.learned.clone().one_line(),
                    SafeText::join(&text.evidence, " "),
                    sdg,
                ]
            }
            Self::Spread(it) => {
                // All that it was read on.
                let mut channels: Vec<SafeText> = Vec::new();
                for preview in it.previews.iter().filter(|it| it.kind != "ussd") {
                    if !channels.contains(&preview.channel) {
                        channels.push(preview.channel.clone());
                    }
                }
                vec![SafeText::join(&channels, ", ")]
            }
            Self::Cast(it, language) => {
                let draft = &it.draft;
                let tags: Vec<SafeText> = draft.tags.iter().map(Code::text).collect();
                vec![
                    draft.title.clone(),
                    draft.text(language.as_str()).one_line(),
                    SafeText::join(&draft.channels, ", "),
                    draft.send_at.map(|at| words.moment(at)).unwrap_or_default(),
                    SafeText::join(&tags, ", "),
                ]
            }
            Self::Audience(it) => {
                let audience = &it.draft.audience;
                vec![
                    SafeText::join(&audience.places, ", "),
                    audience.peers_of.clone().unwrap_or_default(),
                    audience.topic.clone().unwrap_or_default(),
                    audience.language.clone().unwrap_or_default(),
                ]
            }
            Self::Compose(_) => {
                let mut lines = vec![SafeText::default(); self.fields().len() - 1];
                lines.push(SafeText::own(cabildo_messages::FALLBACK));
                lines
            }
            // So that it can be done at once.
            Self::Hold(_) => vec![words.say("hold-why")],
            Self::Stop(_) => vec![words.say("stop-why")],
            _ => Vec::new(),
        }
    }

    /// What was typed, as it is meant.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(&self, shared: &Shared, texts: &[SafeText]) -> Result<Meant, SafeText> {
        let words = shared.words;
        let text = |at: usize| texts.get(at).cloned().unwrap_or_default();
        let short = |at: usize, most: usize| match text(at) {
            it if it.as_str().chars().count() > most => {
                Err(words.fill("form-long", &[("most", SafeText::number(most as u64))]))
            }
            it => Ok(it),
        };
        let needed = |at: usize, most: usize| match short(at, most)? {
            it if it.is_empty() => Err(words.say("form-empty")),
            it => Ok(it),
        };
        let when = |at: usize| match text(at) {
            it if it.is_empty() => Ok(None),
            it => words.read_moment(&it).map(Some).ok_or_else(|| words.say("moment-wrong")),
        };
        let decide = |it: Decided| Ok(Meant::Decide(Box::new(it)));
        match self {
            Self::Spread(of) => {
                let channels = pieces(&needed(0, LIST)?).collect();
                decide(on_card(shared, &of.row, "spread", CardAct::Spread(channels, when(1)?)))
            }
            Self::Propose(of, theme) => {
                let written = card(shared, theme, texts)?;
                let typed = written.done.clone();
                let act = Act::Propose(of.municipality.clone(), of.topic.clone(), Box::new(written));
                let args = [("code", of.municipality_name.clone())];
                decide(decided(words.fill("card-act-propose", &args), act, 0).typed(&typed))
            }
            Self::Card(of, theme) => {
                let written = card(shared, theme, texts)?;
                let typed = written.done.clone();
                decide(on_card(shared, &of.row, "edit", CardAct::Edit(Box::new(written))).typed(&typed))
            }
            Self::Reject(of) => {
                let why = needed(0, WHY)?;
                let question = words.fill("sure-reject-card", &[("code", of.code.clone())]);
                let act = CardAct::Reject(why.clone());
                decide(on_card(shared, of, "reject", act).typed(&why).sure(question))
            }
            Self::WithdrawCard(of) => {
                let why = needed(0, WHY)?;
                let question = words.fill("sure-withdraw-card", &[("code", of.code.clone())]);
                let act = CardAct::Withdraw(why.clone());
                decide(on_card(shared, of, "withdraw", act).typed(&why).sure(question))
            }
            Self::Adopt(of) => {
                let by = Code::new(needed(0, 16)?.as_str().trim());
                let from = Some(text(1)).filter(|it| !it.is_empty()).map(|it| Code::new(it.as_str().trim()));
                let since = read_date(&text(2), shared.now).ok_or_else(|| words.say("date-wrong"))?;
                decide(on_card(shared, of, "adopt", CardAct::Adopt(by, from, since)))
            }
            Self::Compose(demand) => {
                let language = written_in(shared, &text(self.fields().len() - 1))?;
                let mut texts = texts.to_vec();
                let mut audience = Audience { demand: *demand, ..Audience::default() };
                if demand.is_none() {
                    audience.places = pieces(&needed(2, LIST)?).map(|it| place(&it)).collect();
                    audience.topic = Some(text(3)).filter(|it| !it.is_empty());
                    texts.drain(2..4);
                }
                let draft = cast(shared, Draft { audience, ..Draft::default() }, &language, &texts)?;
                let typed = draft.text(language.as_str());
                let name = words.fill("cast-act-compose", &[("title", draft.title.clone())]);
                decide(decided(name, Act::Compose(Box::new(draft)), 0).typed(&typed))
            }
            Self::Cast(of, language) => {
                let draft = cast(shared, of.draft.clone(), language, texts)?;
                let typed = draft.text(language.as_str());
                decide(on_cast(shared, &of.row, "edit", CastAct::Edit(Box::new(draft))).typed(&typed))
            }
            Self::Audience(of) => {
                let some = |at: usize| Some(text(at)).filter(|it| !it.is_empty());
                let audience = Audience {
                    places: pieces(&short(0, LIST)?).map(|it| place(&it)).collect(),
                    peers_of: some(1),
                    topic: some(2),
                    language: some(3),
                    demand: of.draft.audience.demand,
                };
                let draft = Draft { audience, ..of.draft.clone() };
                decide(on_cast(shared, &of.row, "audience", CastAct::Edit(Box::new(draft))))
            }
            Self::ApproveMany(of, held, question) => {
                let digits: String = text(0).as_str().chars().filter(char::is_ascii_digit).collect();
                let people = digits.parse::<u64>().map_err(|_| words.say("form-number"))?;
                decide(let_go(shared, of, *held, Some(people)).sure(question.clone()))
            }
            Self::Hold(of) => {
                let why = needed(0, WHY)?;
                // Nothing takes it back: to let it go on is an approval.
                let question = words.fill("sure-hold", &[("title", of.title.clone())]);
                decide(on_cast(shared, of, "hold", CastAct::Hold(why.clone())).typed(&why).sure(question))
            }
            Self::Stop(of) => {
                let why = needed(0, WHY)?;
                let question = words.fill("sure-stop", &[("title", of.title.clone())]);
                decide(on_cast(shared, of, "stop", CastAct::Stop(why.clone())).typed(&why).sure(question))
            }
        }
    }
}

/// Something that is decided, under a name.
pub fn decided(name: SafeText, act: Act, version: i64) -> Decided {
    let deed = Deed::Outreach(Box::new(act));
    Decided { name, deed, version, back: None, before: None, sure: None, text: None, filled: None }
}

/// Something about a card as it is seen; `key` names it in the catalogue.
pub fn on_card(shared: &Shared, it: &HighlightRow, key: &str, act: CardAct) -> Decided {
    let name = shared.words.fill(&format!("card-act-{key}"), &[("code", it.code.clone())]);
    decided(name, Act::Card(it.id, act), it.version)
}

/// Something about a broadcast as it is seen; `key` names it in the catalogue.
pub fn on_cast(shared: &Shared, it: &BroadcastRow, key: &str, act: CastAct) -> Decided {
    let name = shared.words.fill(&format!("cast-act-{key}"), &[("title", it.title.clone())]);
    decided(name, Act::Cast(it.id, act), it.version)
}

/// A broadcast goes as it was seen, or goes on after it was held; with the number of people where that was asked for.
pub fn let_go(shared: &Shared, it: &Broadcast, held: bool, people: Option<u64>) -> Decided {
    let hash = it.hash.clone();
    if held {
        on_cast(shared, &it.row, "release", CastAct::Release(hash, people))
    } else {
        on_cast(shared, &it.row, "approve", CastAct::Approve(hash, people))
    }
}

/// What is written of a card.
fn card(shared: &Shared, theme: &Code, texts: &[SafeText]) -> Result<CardText, SafeText> {
    let words = shared.words;
    let text = |at: usize, least: usize, most: usize| {
        let it = texts.get(at).cloned().unwrap_or_default();
        match it.as_str().trim().chars().count() {
            0 if least > 0 => Err(words.say("form-empty")),
            count if count < least => {
                Err(words.fill("form-short", &[("least", SafeText::number(least as u64))]))
            }
            count if count > most => Err(words.fill("form-long", &[("most", SafeText::number(most as u64))])),
            _ => Ok(SafeText::typed(it.as_str().trim())),
        }
    };
    let sdg = match text(6, 0, 2)? {
        it if it.is_empty() => None,
        it => {
            let goal = it.as_str().parse::<u8>().ok().filter(|it| (1..=17).contains(it));
            Some(goal.ok_or_else(|| words.say("form-number"))?)
        }
    };
    Ok(CardText {
        theme: theme.clone(),
        title: text(0, 3, TITLE)?,
        done: text(1, 10, DONE)?,
        contact: text(2, 1, CONTACT)?,
        cost: text(3, 0, COST)?,
        learned: text(4, 0, WHY)?,
        evidence: text(5, 0, 5 * LINK)?.as_str().split_whitespace().map(SafeText::line).collect(),
        sdg,
    })
}

/// What is written of a broadcast, its text in one language.
fn cast(shared: &Shared, was: Draft, language: &SafeText, texts: &[SafeText]) -> Result<Draft, SafeText> {
    let words = shared.words;
    let text = |at: usize| texts.get(at).cloned().unwrap_or_default();
    let needed = |at: usize, most: usize| match text(at).as_str().trim() {
        "" => Err(words.say("form-empty")),
        it if it.chars().count() > most => {
            Err(words.fill("form-long", &[("most", SafeText::number(most as u64))]))
        }
        it => Ok(SafeText::typed(it)),
    };
    let title = needed(0, NAME)?;
    // The text of a language goes where another one is there.
    let others = was.texts.iter().any(|it| it.0 != *language);
    let written = if others && text(1).is_empty() { SafeText::default() } else { needed(1, TEXT)? };
    let channels: Vec<SafeText> = pieces(&needed(2, LIST)?).collect();
    let send_at = match text(3) {
        it if it.is_empty() => None,
        it => Some(words.read_moment(&it).ok_or_else(|| words.say("moment-wrong"))?),
    };
    let tags: Vec<Code> = pieces(&text(4)).map(|it| Code::new(it.as_str())).collect();
    if tags.iter().any(|it| !TAGS.contains(&it.as_str())) {
        let known: Vec<SafeText> = TAGS.iter().map(|it| SafeText::own(it)).collect();
        return Err(words.fill("tags-wrong", &[("tags", SafeText::join(&known, ", "))]));
    }
    Ok(Draft { title, channels, send_at, tags, ..was.with_text(language.as_str(), written) })
}

/// The language that a text is said to be in: one of those that the console knows.
fn written_in(shared: &Shared, typed: &SafeText) -> Result<SafeText, SafeText> {
    let known = cabildo_messages::languages();
    let found = known.iter().find(|it| it.tag.eq_ignore_ascii_case(typed.as_str().trim()));
    found.map(|it| SafeText::own(it.tag)).ok_or_else(|| {
        let known: Vec<SafeText> = known.iter().map(|it| SafeText::own(it.tag)).collect();
        shared.words.fill("language-wrong", &[("languages", SafeText::join(&known, ", "))])
    })
}

/// The pieces of a list with commas.
fn pieces(list: &SafeText) -> impl Iterator<Item = SafeText> {
    let pieces: Vec<SafeText> =
        list.as_str().split(',').map(str::trim).filter(|it| !it.is_empty()).map(SafeText::line).collect();
    pieces.into_iter()
}

/// A place as the service names it: a bare key is that of a municipality, or of a state where it has two digits.
fn place(text: &SafeText) -> SafeText {
    let key = text.as_str();
    if !key.is_empty() && key.bytes().all(|it| it.is_ascii_digit()) {
        let kind = if key.len() <= 2 { "state:" } else { "municipality:" };
        return SafeText::own(kind).with(text);
    }
    text.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_key_is_a_place() {
        for (typed, meant) in [
            ("12", "state:12"),
            ("12066", "municipality:12066"),
            ("municipality:20570", "municipality:20570"),
            ("country", "country"),
        ] {
            assert_eq!(place(&SafeText::line(typed)).as_str(), meant);
        }
        let list: Vec<String> = pieces(&SafeText::line(" a, ,b,")).map(|it| it.as_str().to_owned()).collect();
        assert_eq!(list, ["a", "b"]);
    }

    #[test]
    fn what_makes_no_sense_is_not_sent() {
        let shared = crate::tests::shared();
        let compose = Purpose::Compose(Some(Uuid::nil()));
        let texts = |list: [&str; 5], language: &str| {
            list.iter().copied().chain([language]).map(SafeText::typed).collect::<Vec<_>>()
        };
        let read = |list| compose.read(&shared, &texts(list, "es-MX"));
        assert!(read(["Corte", "El lunes no hay agua", "sms", "", ""]).is_ok());
        assert!(read(["Corte", "El lunes no hay agua", "", "", ""]).is_err(), "no channel");
        assert!(read(["Corte", "", "sms", "", ""]).is_err(), "no text");
        assert!(read(["Corte", "El lunes", "sms", "mañana", ""]).is_err(), "no time");
        assert!(read(["Corte", "El lunes", "sms", "2026-12-01 09:00", "rumours"]).is_err(), "no tag");
        let lunes = ["Cut", "Monday", "sms", "", ""];
        assert!(compose.read(&shared, &texts(lunes, "xx")).is_err(), "no language");
        let Ok(Meant::Decide(english)) = compose.read(&shared, &texts(lunes, "EN")) else {
            panic!("not read")
        };
        let Deed::Outreach(act) = english.deed else { panic!("another deed") };
        let Act::Compose(draft) = *act else { panic!("another act") };
        assert_eq!(draft.text("en").as_str(), "Monday");
        let read = read(["Corte", "El lunes", "sms, telegram", "2026-12-01 09:00", "health"]);
        let Ok(Meant::Decide(decided)) = read else { panic!("not decided") };
        let Deed::Outreach(act) = decided.deed else { panic!("another deed") };
        let Act::Compose(draft) = *act else { panic!("another act") };
        assert_eq!((draft.channels.len(), draft.tags.len(), draft.send_at.is_some()), (2, 1, true));
    }
}
