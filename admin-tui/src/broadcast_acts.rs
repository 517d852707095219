//! What staff decide about broadcasts: what is typed for it, and what comes of that.

use uuid::Uuid;

use crate::api::broadcasts::{Act, Answer as BroadcastAnswer, Ask as BroadcastAsk, BroadcastAct};
use crate::api::{Answer, Ask, Deed};
use crate::broadcast_data::{Audience, Broadcast, BroadcastRow, Draft};
use crate::demand_acts::{Decided, Meant};
use crate::safe::{Code, SafeText};
use crate::shared::Shared;
use crate::typed::{Typed, Wrong};

/// What the service takes at most, characters.
const WHY: usize = 200;
const NAME: usize = 80;
const TEXT: usize = 480;
/// What makes a broadcast sensitive.
const TAGS: [&str; 5] = ["elections", "violence", "health", "money", "minors"];

/// What is typed, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A broadcast to the supporters of a demand, or to who asked for news of places.
    Compose(Option<Uuid>),
    /// A broadcast anew, its text in a language.
    Edit(Box<Broadcast>, SafeText),
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
            Self::Compose(None) => "form-compose",
            Self::Compose(Some(_)) => "form-compose-supporters",
            Self::Edit(..) => "form-broadcast",
            Self::Audience(_) => "form-audience",
            Self::ApproveMany(..) => "form-approve-many",
            Self::Hold(_) => "form-hold",
            Self::Stop(_) => "form-stop",
        }
    }

    /// What its title names.
    pub fn code(&self) -> SafeText {
        match self {
            Self::Compose(_) => SafeText::default(),
            Self::Edit(_, language) => language.clone(),
            Self::Audience(it) | Self::ApproveMany(it, ..) => it.row.title.clone(),
            Self::Hold(it) | Self::Stop(it) => it.title.clone(),
        }
    }

    /// Whether something is written with it that is not lost when it is refused; a reason or a number decides about
    /// what was seen, which has to be looked at again then.
    pub const fn writes(&self) -> bool {
        matches!(self, Self::Compose(..) | Self::Edit(..) | Self::Audience(_))
    }

    /// What reads the broadcast anew that it is about.
    pub fn subject(&self) -> Option<Ask> {
        let (Self::Edit(it, _) | Self::Audience(it)) = self else { return None };
        Some(Ask::Broadcasts(Box::new(BroadcastAsk::One(it.row.id))))
    }

    /// The same about the broadcast as it is now.
    pub fn renew(&mut self, now: Answer) {
        let Answer::Broadcasts(now) = now else { return };
        if let (Self::Edit(it, _) | Self::Audience(it), BroadcastAnswer::One(now)) = (self, *now) {
            *it = now;
        }
    }

    /// The fields in the catalogue, in order.
    pub const fn fields(&self) -> &'static [&'static str] {
        match self {
            Self::Compose(None) => &[
                "want-broadcast-title",
                "want-broadcast-text",
                "want-broadcast-places",
                "want-broadcast-topic",
                "want-broadcast-channels",
                "want-broadcast-when",
                "want-broadcast-tags",
                "want-text-language",
            ],
            Self::Compose(Some(_)) => &[
                "want-broadcast-title",
                "want-broadcast-text",
                "want-broadcast-channels",
                "want-broadcast-when",
                "want-broadcast-tags",
                "want-text-language",
            ],
            Self::Edit(..) => &[
                "want-broadcast-title",
                "want-broadcast-text",
                "want-broadcast-channels",
                "want-broadcast-when",
                "want-broadcast-tags",
            ],
            Self::Audience(_) => &[
                "want-broadcast-places",
                "want-broadcast-peers",
                "want-broadcast-topic",
                "want-broadcast-language",
            ],
            Self::ApproveMany(..) => &["want-broadcast-people"],
            Self::Hold(_) | Self::Stop(_) => &["want-why"],
        }
    }

    /// What its fields hold before anything is typed.
    pub fn known(&self, shared: &Shared) -> Vec<SafeText> {
        let words = shared.words;
        match self {
            Self::Compose(_) => {
                let mut lines = vec![SafeText::default(); self.fields().len() - 1];
                lines.push(SafeText::own(cabildo_messages::FALLBACK));
                lines
            }
            Self::Edit(it, language) => {
                let draft = &it.draft;
                let tags: Vec<SafeText> = draft.tags.iter().map(Code::text).collect();
                vec![
                    draft.title.clone(),
                    draft.text(language.as_str()).one_line(),
                    SafeText::join(&draft.channels, ", "),
                    draft.ahead(shared.now).map(|at| words.moment(at)).unwrap_or_default(),
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
            Self::ApproveMany(..) => Vec::new(),
            // So that it can be done at once.
            Self::Hold(_) => vec![words.say("hold-why")],
            Self::Stop(_) => vec![words.say("stop-why")],
        }
    }

    /// What was typed, as it is meant.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(&self, shared: &Shared, lines: &[SafeText]) -> Result<Meant, Wrong> {
        let words = shared.words;
        let typed = Typed::new(shared, lines);
        let decided = match self {
            Self::Compose(demand) => {
                let last = self.fields().len() - 1;
                let language = written_in(shared, &typed.text(last)).map_err(|it| Wrong::on(last, it))?;
                let mut lines = lines.to_vec();
                let mut audience = Audience { demand: *demand, ..Audience::default() };
                if demand.is_none() {
                    audience.places = typed.needed_pieces(2)?.iter().map(place).collect();
                    audience.topic = typed.some(3);
                    lines.drain(2..4);
                }
                let draft = Draft { audience, ..Draft::default() };
                // The lines of whom it is for stand between, and were taken out.
                let out = if demand.is_none() { 2 } else { 0 };
                let draft = written(shared, draft, &language, Typed::new(shared, &lines))
                    .map_err(|it| Wrong { at: it.at.map(|at| if at < 2 { at } else { at + out }), ..it })?;
                let text = draft.text(language.as_str());
                let name = words.fill("broadcast-act-compose", &[("title", draft.title.clone())]);
                decided(name, Act::Compose(Box::new(draft)), 0).typed(&text)
            }
            Self::Edit(of, language) => {
                let draft = written(shared, of.draft.clone(), language, typed)?;
                let text = draft.text(language.as_str());
                on_broadcast(shared, &of.row, "edit", BroadcastAct::Edit(Box::new(draft))).typed(&text)
            }
            Self::Audience(of) => {
                let audience = Audience {
                    places: typed.pieces(0)?.iter().map(place).collect(),
                    peers_of: typed.some(1),
                    topic: typed.some(2),
                    language: typed.some(3),
                    demand: of.draft.audience.demand,
                };
                let draft = Draft { audience, send_at: of.draft.ahead(shared.now), ..of.draft.clone() };
                on_broadcast(shared, &of.row, "audience", BroadcastAct::Edit(Box::new(draft)))
            }
            Self::ApproveMany(of, held, question) => {
                let digits: String = typed.text(0).as_str().chars().filter(char::is_ascii_digit).collect();
                let people = digits.parse::<u64>().map_err(|_| Wrong::on(0, words.say("form-number")))?;
                let_go(shared, of, *held, Some(people)).sure(question.clone())
            }
            Self::Hold(of) => {
                let why = typed.needed(0, WHY)?;
                // Nothing takes it back: to let it go on is an approval.
                let question = words.fill("sure-hold", &[("title", of.title.clone())]);
                on_broadcast(shared, of, "hold", BroadcastAct::Hold(why.clone())).typed(&why).sure(question)
            }
            Self::Stop(of) => {
                let why = typed.needed(0, WHY)?;
                let question = words.fill("sure-stop", &[("title", of.title.clone())]);
                on_broadcast(shared, of, "stop", BroadcastAct::Stop(why.clone())).typed(&why).sure(question)
            }
        };
        Ok(Meant::Decide(Box::new(decided)))
    }
}

/// Something that is decided, under a name.
fn decided(name: SafeText, act: Act, version: i64) -> Decided {
    Decided::new(name, Deed::Broadcast(Box::new(act)), version)
}

/// Something about a broadcast as it is seen; `key` names it in the catalogue.
pub fn on_broadcast(shared: &Shared, it: &BroadcastRow, key: &str, act: BroadcastAct) -> Decided {
    let name = shared.words.fill(&format!("broadcast-act-{key}"), &[("title", it.title.clone())]);
    decided(name, Act::Broadcast(it.id, act), it.version)
}

/// A broadcast goes as it was seen, or goes on after it was held; with the number of people where that was asked for.
pub fn let_go(shared: &Shared, it: &Broadcast, held: bool, people: Option<u64>) -> Decided {
    let hash = it.hash.clone();
    if held {
        on_broadcast(shared, &it.row, "release", BroadcastAct::Release(hash, people))
    } else {
        on_broadcast(shared, &it.row, "approve", BroadcastAct::Approve(hash, people))
    }
}

/// What is written of a broadcast, its text in one language.
fn written(shared: &Shared, was: Draft, language: &SafeText, typed: Typed<'_>) -> Result<Draft, Wrong> {
    let words = shared.words;
    let title = typed.needed(0, NAME)?;
    // The text of a language goes where another one is there.
    let others = was.texts.iter().any(|it| it.0 != *language);
    let text = if others { typed.short(1, TEXT)? } else { typed.needed(1, TEXT)? };
    let text = typed.over(1, &was.text(language.as_str()), text);
    let channels = typed.needed_pieces(2)?;
    let send_at = typed.moment(3)?;
    let tags: Vec<Code> = typed.pieces(4)?.iter().map(|it| Code::new(it.as_str())).collect();
    if tags.iter().any(|it| !TAGS.contains(&it.as_str())) {
        let known: Vec<SafeText> = TAGS.iter().map(|it| SafeText::own(it)).collect();
        return Err(Wrong::on(4, words.fill("tags-wrong", &[("tags", SafeText::join(&known, ", "))])));
    }
    Ok(Draft { title, channels, send_at, tags, ..was.with_text(language.as_str(), text) })
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
    }

    #[test]
    fn what_makes_no_sense_is_not_sent() {
        let shared = crate::tests::shared();
        let compose = Purpose::Compose(Some(Uuid::nil()));
        let read = |list: [&str; 5], language: &str| {
            let lines: Vec<SafeText> = list.iter().copied().chain([language]).map(SafeText::typed).collect();
            compose.read(&shared, &lines)
        };
        let draft = |read: Result<Meant, Wrong>| {
            let Ok(Meant::Decide(decided)) = read else { panic!("not decided") };
            let Deed::Broadcast(act) = decided.deed else { panic!("another deed") };
            let Act::Compose(draft) = *act else { panic!("another act") };
            *draft
        };
        let text = "El lunes no hay agua";
        assert!(read(["Corte", text, "sms", "", ""], "es-MX").is_ok());
        assert!(read(["Corte", text, "", "", ""], "es-MX").is_err(), "no channel");
        assert!(read(["Corte", "", "sms", "", ""], "es-MX").is_err(), "no text");
        assert!(read(["Corte", text, "sms", "mañana", ""], "es-MX").is_err(), "no time");
        assert!(read(["Corte", text, "sms", "", "rumours"], "es-MX").is_err(), "no tag");
        assert!(read(["Corte", text, "sms", "", ""], "xx").is_err(), "no language");
        let known = draft(read(["Corte", text, "sms, telegram", "2026-12-01 09:00", "health"], "EN"));
        assert_eq!((known.channels.len(), known.tags.len(), known.send_at.is_some()), (2, 1, true));
        assert_eq!(known.text("en").as_str(), text);
    }
}
