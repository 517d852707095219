//! What staff decide about cards about what worked: what is typed for it, and what comes of that.

use crate::api::highlights::{Act, Answer as CardAnswer, Ask as CardAsk, CardAct};
use crate::api::{Answer, Ask, Deed};
use crate::demand_acts::{Decided, Meant};
use crate::highlight_data::{Candidate, CardText, Highlight, HighlightRow};
use crate::safe::{Code, SafeText};
use crate::shared::Shared;
use crate::triage::read_past_date;
use crate::typed::{Typed, Wrong};

/// What the service takes at most, characters.
const TITLE: usize = 60;
const DONE: usize = 160;
const COST: usize = 40;
const CONTACT: usize = 60;
const WHY: usize = 200;
const LINK: usize = 400;
/// Letters of an official key, and more.
const KEY: usize = 16;

/// What is typed, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A card about somebody of the list of candidates, under a theme.
    Propose(Box<Candidate>, Code),
    /// A card anew, under a theme.
    Edit(Box<Highlight>, Code),
    /// Why a card is not published.
    Reject(Box<HighlightRow>),
    /// Why a card goes.
    Withdraw(Box<HighlightRow>),
    /// Who took a practice over.
    Adopt(Box<HighlightRow>),
    /// A broadcast of a card to similar municipalities.
    Broadcast(Box<Highlight>),
}

impl Purpose {
    /// Its title in the catalogue.
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Propose(..) => "form-propose",
            Self::Edit(..) => "form-card",
            Self::Reject(_) => "form-reject-card",
            Self::Withdraw(_) => "form-withdraw-card",
            Self::Adopt(_) => "form-adopt",
            Self::Broadcast(_) => "form-card-broadcast",
        }
    }

    /// What its title names.
    pub fn code(&self) -> SafeText {
        match self {
            Self::Propose(it, _) => it.municipality_name.clone(),
            Self::Edit(it, _) | Self::Broadcast(it) => it.row.code.clone(),
            Self::Reject(it) | Self::Withdraw(it) | Self::Adopt(it) => it.code.clone(),
        }
    }

    /// Whether something is written with it that is not lost when it is refused; a reason decides about what was seen,
    /// which has to be looked at again then.
    pub const fn writes(&self) -> bool {
        matches!(self, Self::Propose(..) | Self::Edit(..) | Self::Adopt(_) | Self::Broadcast(_))
    }

    /// What looks for personal data in the card that comes of it; one whose figure is gone from the data is not looked
    /// at before it is handed in.
    pub fn check(&self, deed: &Deed) -> Option<Ask> {
        let Deed::Highlight(act) = deed else { return None };
        let (municipality, topic, text) = match (self, &**act) {
            (Self::Propose(..), Act::Propose(municipality, topic, text)) => (municipality, topic, text),
            (Self::Edit(it, _), Act::Card(_, CardAct::Edit(text))) if it.figure.is_some() => {
                (&it.row.municipality, &it.row.topic, text)
            }
            _ => return None,
        };
        let check = CardAsk::Check(municipality.clone(), topic.clone(), text.clone());
        Some(Ask::Highlights(Box::new(check)))
    }

    /// What reads the card anew that it is about.
    pub fn subject(&self) -> Option<Ask> {
        let id = match self {
            Self::Edit(it, _) | Self::Broadcast(it) => it.row.id,
            Self::Adopt(it) => it.id,
            _ => return None,
        };
        Some(Ask::Highlights(Box::new(CardAsk::One(id))))
    }

    /// The same about the card as it is now.
    pub fn renew(&mut self, now: Answer) {
        let Answer::Highlights(now) = now else { return };
        match (self, *now) {
            (Self::Edit(it, _) | Self::Broadcast(it), CardAnswer::One(now)) => *it = now,
            (Self::Adopt(it), CardAnswer::One(now)) => **it = now.row,
            _ => {}
        }
    }

    /// The fields in the catalogue, in order.
    pub const fn fields(&self) -> &'static [&'static str] {
        match self {
            Self::Propose(..) | Self::Edit(..) => &[
                "want-card-title",
                "want-card-done",
                "want-card-contact",
                "want-card-cost",
                "want-card-learned",
                "want-card-evidence",
                "want-card-sdg",
            ],
            Self::Reject(_) | Self::Withdraw(_) => &["want-why"],
            Self::Adopt(_) => &["want-adopted-by", "want-adopted-from", "want-adopted-on"],
            Self::Broadcast(_) => &["want-broadcast-channels", "want-broadcast-when"],
        }
    }

    /// What its fields hold before anything is typed.
    pub fn known(&self) -> Vec<SafeText> {
        match self {
            Self::Edit(it, _) => {
                let text = &it.text;
                vec![
                    text.title.clone(),
                    text.done.clone().one_line(),
                    text.contact.clone(),
                    text.cost.clone(),
                    text.learned.clone().one_line(),
                    SafeText::join(&text.evidence, " "),
                    text.sdg.map(SafeText::number).unwrap_or_default(),
                ]
            }
            Self::Broadcast(it) => {
                // All that it was read on.
                let mut channels: Vec<SafeText> = Vec::new();
                for preview in it.previews.iter().filter(|it| it.kind != "ussd") {
                    if !channels.contains(&preview.channel) {
                        channels.push(preview.channel.clone());
                    }
                }
                vec![SafeText::join(&channels, ", ")]
            }
            _ => Vec::new(),
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
            Self::Broadcast(of) => {
                let act = CardAct::Broadcast(typed.needed_pieces(0)?, typed.moment(1)?);
                on_card(shared, &of.row, "broadcast", act)
            }
            Self::Propose(of, theme) => {
                let written = card(shared, theme, typed, &CardText::default())?;
                let done = written.done.clone();
                let act = Act::Propose(of.municipality.clone(), of.topic.clone(), Box::new(written));
                let args = [("code", of.municipality_name.clone())];
                decided(words.fill("card-act-propose", &args), act, 0).typed(&done)
            }
            Self::Edit(of, theme) => {
                let written = card(shared, theme, typed, &of.text)?;
                let done = written.done.clone();
                on_card(shared, &of.row, "edit", CardAct::Edit(Box::new(written))).typed(&done)
            }
            Self::Reject(of) => {
                let why = typed.needed(0, WHY)?;
                let question = words.fill("sure-reject-card", &[("code", of.code.clone())]);
                on_card(shared, of, "reject", CardAct::Reject(why.clone())).typed(&why).sure(question)
            }
            Self::Withdraw(of) => {
                let why = typed.needed(0, WHY)?;
                let question = words.fill("sure-withdraw-card", &[("code", of.code.clone())]);
                on_card(shared, of, "withdraw", CardAct::Withdraw(why.clone())).typed(&why).sure(question)
            }
            Self::Adopt(of) => {
                let by = Code::new(typed.needed(0, KEY)?.as_str());
                let from = typed.some(1).map(|it| Code::new(it.as_str()));
                let since = read_past_date(&typed.text(2), shared.now)
                    .ok_or_else(|| Wrong::on(2, words.say("date-wrong")))?;
                on_card(shared, of, "adopt", CardAct::Adopt(by, from, since))
            }
        };
        Ok(Meant::Decide(Box::new(decided)))
    }
}

/// Something that is decided, under a name.
fn decided(name: SafeText, act: Act, version: i64) -> Decided {
    Decided::new(name, Deed::Highlight(Box::new(act)), version)
}

/// Something about a card as it is seen; `key` names it in the catalogue.
pub fn on_card(shared: &Shared, it: &HighlightRow, key: &str, act: CardAct) -> Decided {
    let name = shared.words.fill(&format!("card-act-{key}"), &[("code", it.code.clone())]);
    decided(name, Act::Card(it.id, act), it.version)
}

/// What is written of a card, over what was there.
fn card(shared: &Shared, theme: &Code, typed: Typed<'_>, was: &CardText) -> Result<CardText, Wrong> {
    let words = shared.words;
    let text = |at: usize, least: usize, most: usize| match typed.needed(at, most)? {
        it if it.as_str().chars().count() < least => {
            Err(Wrong::on(at, words.fill("form-short", &[("least", SafeText::number(least as u64))])))
        }
        it => Ok(it),
    };
    let sdg = match typed.short(6, 2)? {
        it if it.is_empty() => None,
        it => {
            let goal = it.as_str().parse::<u8>().ok().filter(|it| (1..=17).contains(it));
            Some(goal.ok_or_else(|| Wrong::on(6, words.say("form-number")))?)
        }
    };
    Ok(CardText {
        theme: theme.clone(),
        title: text(0, 3, TITLE)?,
        done: typed.over(1, &was.done, text(1, 10, DONE)?),
        contact: text(2, 1, CONTACT)?,
        cost: typed.short(3, COST)?,
        learned: typed.over(4, &was.learned, typed.short(4, WHY)?),
        evidence: typed.short(5, 5 * LINK)?.as_str().split_whitespace().map(SafeText::line).collect(),
        sdg,
    })
}
