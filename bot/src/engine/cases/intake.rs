//! From the first word of a report to its receipt.

use super::reply::CaseReply;
use super::{
    CONSENT_VERSION, CaseEffect, CaseFacts, CaseQuestion, Day, Intake, IntakeKind, Opening, PAGE, TELLS,
    Words, beside_folio, only_names, sounds_like_report,
};
use crate::domain::case::{Anonymity, CaseKind, Confidentiality};
use crate::domain::channel::ChannelKind;
use crate::domain::desk::{Category, Level, OTHER};
use crate::domain::fold::words;
use crate::domain::place::Decision;
use crate::domain::time::UnixMillis;
use crate::engine::conversation::{Question, Then};
use crate::engine::interpret::Intent;
use crate::engine::keywords;
use crate::engine::reply::Reply;
use crate::engine::{Effect, NOTICE_VERSION, Turn};

/// Characters of a text that are kept.
const LONGEST: usize = 2_000;
/// Words of a saint's name: inside a complaint they name a neighbourhood sooner than a municipality.
const SAINTS: &[&str] = &["san", "santa", "santo", "santos"];

/// What a draft lacks.
enum Lack {
    Municipality,
    Answer(CaseQuestion),
    Nothing,
}

impl IntakeKind {
    pub(super) fn case_kind(&self) -> CaseKind {
        match self {
            Self::Question | Self::Person => CaseKind::Question,
            Self::Suggestion | Self::Praise | Self::Story => CaseKind::Suggestion,
            Self::Complaint | Self::Urgent { .. } => CaseKind::Complaint,
        }
    }

    /// Whether the notice comes before it.
    fn asks_consent(&self) -> bool {
        matches!(self, Self::Complaint | Self::Question)
    }
}

impl<'a> Turn<'a> {
    pub(super) fn case_facts(&self) -> Option<&'a CaseFacts> {
        self.inbound.cases.as_ref()
    }

    pub(super) fn case_reply(&mut self, reply: CaseReply) {
        self.reply(Reply::Case(reply));
    }

    pub(super) fn case_effect(&mut self, effect: CaseEffect) {
        self.effects.push(Effect::Case(effect));
    }

    pub(super) fn ask_case(&mut self, question: CaseQuestion) {
        self.next.ask(Question::Case(question), self.inbound.at);
    }

    /// `QUEJA`, `PREGUNTA`, `SUGERENCIA`, with what it is about behind it or without.
    pub(in crate::engine) fn report(&mut self, kind: IntakeKind, count: usize) {
        if self.case_facts().is_none() {
            return self.closed("report");
        }
        let rest = after_words(&self.inbound.text, count);
        self.report_words(kind, &rest);
    }

    /// Begins a report with these words of the person, or with none.
    fn report_words(&mut self, kind: IntakeKind, rest: &str) {
        let told = words(rest).iter().any(|it| !keywords::filler(it));
        if !told && self.next.intake.as_ref().is_some_and(|it| it.kind == kind) {
            return self.offer_draft();
        }
        let at = self.inbound.at;
        let mut intake = match self.next.intake.take() {
            // A draft that has no words yet takes these.
            Some(draft) if draft.kind == kind && draft.text.is_none() => *draft,
            _ => Intake::new(kind, at),
        };
        if intake.municipality.is_none() {
            intake.municipality =
                self.named_municipality(rest).or_else(|| self.next.place(at).map(str::to_owned));
        }
        if let Some(talk) = self.next.talk(at).and_then(|it| it.topic.clone()) {
            intake.topic = Some(talk);
        }
        if told {
            self.take_text(&mut intake, rest);
            intake.at_once = intake.place.is_some();
        } else if let (Some(key), Some(topic), Some(facts)) =
            (&intake.municipality, &intake.topic, self.case_facts())
        {
            intake.category = facts.desk.category_of_topic(key, topic).map(|it| it.code.clone());
        }
        self.next.intake = Some(Box::new(intake));
        self.begin();
    }

    /// A text that nobody understood may be a report all the same: one that speaks of reporting begins it,
    /// and one that has the words of a category is asked about. `false` where it is neither.
    pub(in crate::engine) fn offer_report(&mut self) -> bool {
        let Some(facts) = self.case_facts() else { return false };
        let words = words(&self.inbound.text);
        let text = self.inbound.text.trim().to_owned();
        if facts.desk.speaks_of_reporting(&words) {
            let says = |it: &&String| !facts.desk.only_reports(it) && !keywords::filler(it);
            let tells = words.iter().filter(says).count() >= 2;
            self.report_words(IntakeKind::Complaint, if tells { &text } else { "" });
            return true;
        }
        let key = self.next.place(self.inbound.at).unwrap_or_default();
        if words.len() < TELLS || facts.desk.find_category(key, &words).is_none() {
            return false;
        }
        self.case_reply(CaseReply::Offer);
        self.ask_case(CaseQuestion::Offer { text: Words(text) });
        true
    }

    /// A text in which nothing was certain may ask for something of this part of the dialogue in other words
    /// than its keywords; `false` where it does not.
    pub(in crate::engine) fn plainly(&mut self, words: &[String]) -> bool {
        let Some(facts) = self.case_facts() else { return false };
        if facts.desk.asks_for_person(words) {
            self.person(0);
            return true;
        }
        match beside_folio(words) {
            Some(rest) if rest.is_empty() => {
                self.case_reply(CaseReply::FolioHow);
                return true;
            }
            Some(rest)
                if rest.len() <= 3 && rest.iter().any(|it| it.bytes().any(|it| it.is_ascii_digit())) =>
            {
                self.status(&rest);
                return true;
            }
            _ => {}
        }
        facts.desk.speaks_of_reporting(words) && self.offer_report()
    }

    /// Whether a text is nothing but a word of a category.
    pub(in crate::engine) fn names_category(&self, words: &[String]) -> bool {
        self.named_category(words).is_some()
    }

    /// A text that is nothing but a word of a category is asked about; `false` where staff waits for the person: it
    /// may be meant for them.
    pub(in crate::engine) fn offer_named(&mut self) -> bool {
        if self.case_facts().is_some_and(|it| it.mine.iter().any(|it| it.waits && it.state.open())) {
            return false;
        }
        self.case_reply(CaseReply::Offer);
        self.ask_case(CaseQuestion::Offer { text: Words(self.inbound.text.trim().to_owned()) });
        true
    }

    /// The category of which a text is a word and nothing else.
    fn named_category(&self, words: &[String]) -> Option<String> {
        let key = self.next.place(self.inbound.at).unwrap_or_default();
        only_names(words, key, self.facts, &self.case_facts()?.desk).map(|it| it.code.clone())
    }

    /// After an answer that compared: a text that tells what happens where the person is may have been meant
    /// as a report, and it is asked.
    pub(in crate::engine) fn ask_whether_report(&mut self, words: &[String]) {
        let Some(facts) = self.case_facts() else { return };
        let free = self.next.pending.is_none() && self.next.intake.is_none() && self.replies.len() == 1;
        if free && self.inbound.channel != ChannelKind::Ussd && sounds_like_report(words, &facts.desk) {
            self.replies.push(Reply::Case(CaseReply::Offer));
            self.ask_case(CaseQuestion::Offer { text: Words(self.inbound.text.trim().to_owned()) });
        }
    }

    /// What is told where the municipality was asked is kept, and the municipality is asked again; `false`
    /// where it is a name sooner than a report.
    pub(in crate::engine) fn told_instead(&mut self, text: &str, intent: &Intent) -> bool {
        let folded = words(text);
        let number = |it: &String| it.bytes().all(|it| it.is_ascii_digit());
        let name = self.facts.places.find_exact(text, self.context()) != Decision::None;
        let Some(facts) = self.case_facts().filter(|_| !name && !folded.iter().all(number)) else {
            return false;
        };
        let about = facts.desk.find_category("", &folded);
        let tells = match intent {
            Intent::Place(Decision::Match(_), _) => about.is_some() && folded.len() >= TELLS,
            Intent::Place(..) => about.is_some() && folded.len() > 2,
            _ => about.is_some() || folded.len() >= TELLS,
        };
        let Some(mut intake) = self.next.intake.take_if(|_| tells) else { return false };
        match &mut intake.text {
            Some(Words(told)) => *told = format!("{told}\n{}", text.trim()).chars().take(LONGEST).collect(),
            // A word that names a category says what it is about, and what happens is asked still.
            None if folded.len() < 3 => {
                intake.category = intake.category.take().or(about.map(|it| it.category));
            }
            None => self.take_text(&mut intake, text),
        }
        intake.municipality = self.named_municipality(text);
        let known = intake.municipality.is_some();
        self.next.intake = Some(intake);
        if known {
            self.go_on();
        } else {
            self.case_reply(CaseReply::PlaceToo);
            self.next.ask(Question::Place { then: Then::Intake }, self.inbound.at);
        }
        true
    }

    /// The answer to whether it is to be reported.
    pub(super) fn offer_answer(&mut self, text: &Words, yes: bool) {
        if !yes {
            return self.case_reply(CaseReply::NotReported);
        }
        let Some(category) = self.named_category(&words(&text.0)) else {
            return self.report_words(IntakeKind::Complaint, &text.0);
        };
        // Its word says what it is about, and what happens is asked still.
        let mut intake = Intake::new(IntakeKind::Complaint, self.inbound.at);
        intake.municipality = self.next.place(self.inbound.at).map(str::to_owned);
        intake.category = Some(category);
        self.next.intake = Some(Box::new(intake));
        self.begin();
    }

    /// Gives the notice where it is due, and asks the first question.
    pub(super) fn begin(&mut self) {
        let Some(mut intake) = self.next.intake.take() else { return };
        let due = intake.kind.asks_consent() && self.next.consent < CONSENT_VERSION;
        // Where nothing else is asked, it is asked whether the person agrees.
        let asks = !matches!(self.lack(&intake), Lack::Nothing | Lack::Answer(CaseQuestion::Consent));
        if due && asks && self.inbound.channel != ChannelKind::Ussd {
            self.case_reply(CaseReply::Notice);
            self.note_notice();
            intake.noticed = true;
        }
        self.next.intake = Some(intake);
        self.go_on();
    }

    /// The notice of a report says all that the one of a new contact does.
    pub(super) fn note_notice(&mut self) {
        if self.next.notice < NOTICE_VERSION {
            self.next.notice = NOTICE_VERSION;
            self.effects.push(Effect::Notice { version: NOTICE_VERSION });
        }
    }

    /// Notes that the person agreed, where an answer followed the notice.
    pub(in crate::engine) fn agree(&mut self, certainly: bool) {
        let noticed = certainly || self.next.intake.as_ref().is_some_and(|it| it.noticed);
        if noticed && self.next.consent < CONSENT_VERSION {
            self.next.consent = CONSENT_VERSION;
            self.case_effect(CaseEffect::Consented { version: CONSENT_VERSION });
        }
    }

    /// Words of the person for the draft, and what they say of category and place.
    pub(super) fn take_text(&mut self, intake: &mut Intake, text: &str) {
        let text: String = text.trim().chars().take(LONGEST).collect();
        if let (None, Some(facts)) = (&intake.category, self.case_facts()) {
            let key = intake.municipality.as_deref().unwrap_or_default();
            intake.category = facts.desk.find_category(key, &words(&text)).map(|it| it.category);
        }
        if let (None, Some(facts)) = (&intake.place, self.case_facts()) {
            intake.place = facts.desk.addresses().place_in(&text).map(Words);
        }
        intake.text = Some(Words(text));
    }

    /// The municipality that a sentence names: "en Ometepec", "municipio de Tlapa", "Tlapa Gro".
    fn named_municipality(&self, text: &str) -> Option<String> {
        let words = words(text);
        let mention = self.facts.places.mention(&words, self.context())?;
        let Decision::Match(candidate) = mention.decision else { return None };
        let municipality = self.facts.municipality(candidate.municipality);
        let before =
            |back: usize| mention.start.checked_sub(back).and_then(|at| words.get(at)).map(String::as_str);
        let said = match before(1) {
            Some("en" | "in" | "municipio") => true,
            Some("de" | "of") => matches!(before(2), Some("municipio" | "municipality")),
            _ => false,
        };
        let sure = matches!(before(1), Some("municipio")) || matches!(before(2), Some("municipio"));
        let saint = words.get(mention.start).is_some_and(|it| SAINTS.contains(&it.as_str()));
        (said && (sure || !saint && !mention.everyday)).then(|| municipality.key.clone())
    }

    fn category_of(&self, intake: &Intake) -> Option<&'a Category> {
        let facts = self.case_facts()?;
        let key = intake.municipality.as_deref().unwrap_or_default();
        facts.desk.category(key, intake.category.as_deref().unwrap_or(OTHER))
    }

    fn lack(&self, intake: &Intake) -> Lack {
        use CaseQuestion as Ask;
        let consented = self.next.consent >= CONSENT_VERSION || intake.noticed;
        if intake.kind.asks_consent() && !consented && self.inbound.channel == ChannelKind::Ussd {
            return Lack::Answer(Ask::Consent);
        }
        if matches!(intake.kind, IntakeKind::Suggestion) && intake.text.is_none() {
            return Lack::Answer(Ask::Text);
        }
        if intake.municipality.is_none() {
            return Lack::Municipality;
        }
        let complaint = intake.kind == IntakeKind::Complaint;
        let asks_text = complaint || intake.kind == IntakeKind::Question;
        if complaint && intake.category.is_none() {
            return Lack::Answer(Ask::Category { page: 0 });
        }
        if asks_text && intake.text.is_none() {
            return Lack::Answer(Ask::Text);
        }
        if complaint {
            let category = self.category_of(intake);
            if category.is_none_or(|it| it.asks_where) && intake.place.is_none() && intake.point.is_none() {
                return Lack::Answer(Ask::Where);
            }
            let index = intake.answers.len();
            if category.is_some_and(|it| index < it.questions.len()) {
                return Lack::Answer(Ask::Extra { index });
            }
            if intake.anonymity.is_none() && !(intake.at_once && self.next.consent >= CONSENT_VERSION) {
                return Lack::Answer(Ask::Who);
            }
            if intake.anonymity == Some(Anonymity::Named) && intake.name.is_none() {
                return Lack::Answer(Ask::Name);
            }
        }
        if intake.kind.asks_consent() && !consented {
            return Lack::Answer(Ask::Consent);
        }
        Lack::Nothing
    }

    /// Asks what the draft lacks next, or ends it.
    pub(in crate::engine) fn go_on(&mut self) {
        let Some(mut intake) = self.next.intake.take() else { return };
        intake.touched_at = self.inbound.at;
        intake.offered = false;
        match self.lack(&intake) {
            Lack::Municipality => {
                self.next.intake = Some(intake);
                self.ask_place(Then::Intake);
            }
            Lack::Answer(question) => {
                let reply = self.question(&intake, &question);
                self.next.intake = Some(intake);
                self.case_reply(reply);
                self.ask_case(question);
            }
            Lack::Nothing => {
                self.next.pending = None;
                self.finish_draft(*intake);
            }
        }
    }

    /// The words of a question of the draft.
    pub(super) fn question(&self, intake: &Intake, question: &CaseQuestion) -> CaseReply {
        let kind = intake.kind.case_kind();
        match question {
            CaseQuestion::Category { page } => {
                let key = intake.municipality.as_deref().unwrap_or_default();
                let menu = self.case_facts().map(|it| it.desk.menu(key)).into_iter().flatten();
                let all: Vec<_> = menu.map(|it| it.name.clone()).collect();
                let first = page * PAGE;
                let more = all.len() > first + PAGE;
                let names = all.into_iter().skip(first).take(PAGE).collect();
                CaseReply::Category { kind, names, first: first + 1, more }
            }
            CaseQuestion::Where => CaseReply::Where,
            CaseQuestion::Extra { index } => {
                let asked = self.category_of(intake).and_then(|it| it.questions.get(*index));
                CaseReply::Extra { question: asked.map(|it| it.text.clone()).unwrap_or_default() }
            }
            CaseQuestion::Who => CaseReply::Who,
            CaseQuestion::Name => CaseReply::Name,
            CaseQuestion::Consent => CaseReply::Consent,
            CaseQuestion::Resume => CaseReply::Resume,
            CaseQuestion::There { .. } => {
                CaseReply::There { place: intake.municipality.clone().unwrap_or_default() }
            }
            _ => CaseReply::Text { kind },
        }
    }

    /// The day of an instant where a municipality is.
    pub(super) fn day(&self, municipality: &str, at: Option<UnixMillis>) -> Option<Day> {
        crate::domain::desk::civil_day(at?, self.zone(municipality))
    }

    pub(super) fn zone(&self, municipality: &str) -> &'a str {
        let facts = self.facts;
        facts
            .by_key(municipality)
            .map_or(facts.manifest.pack.time_zone.as_str(), |id| facts.municipality(id).time_zone.as_str())
    }

    /// What a draft opens, under the fresh folio.
    pub(super) fn opening(&self, facts: &CaseFacts, intake: Intake, category: &Category) -> Opening {
        let key = intake.municipality.unwrap_or_default();
        let (folio, pin) = facts.fresh.clone();
        let usual = if self.next.hidden { Anonymity::HiddenFromAll } else { Anonymity::HiddenFromPublic };
        let anonymity = intake.anonymity.unwrap_or(usual);
        let sealed = if anonymity == Anonymity::HiddenFromAll {
            Confidentiality::Confidential
        } else {
            Confidentiality::Open
        };
        let office = facts.desk.answering(&key, &category.office).map_or(&category.office, |it| &it.code);
        let mut answers = intake.answers;
        answers.retain(|(_, it)| !it.0.is_empty());
        answers.extend(intake.name.map(|it| ("name".to_owned(), it)));
        Opening {
            folio,
            pin,
            kind: intake.kind.case_kind(),
            category: category.code.clone(),
            office: office.clone(),
            topic: intake.topic.filter(|topic| category.topics.contains(topic)),
            text: intake.text.unwrap_or_default(),
            place: intake.place,
            point: intake.point,
            anonymity,
            confidentiality: category.confidentiality.max(sealed),
            answers,
            dues: facts.desk.dues(&key, category, self.zone(&key), self.inbound.at),
            linked_to: None,
            urgent: matches!(intake.kind, IntakeKind::Urgent { .. }),
            began_at: intake.began_at,
            municipality: key,
        }
    }

    /// The receipt of a case that is opened. Of a confidential one it says no office: who finds the phone
    /// must not learn what it is about. `unasked`: who may know who reported it, where nobody asked.
    pub(super) fn receipt(&mut self, facts: &CaseFacts, opening: &Opening, unasked: Option<Anonymity>) {
        let key = &opening.municipality;
        let office = facts.desk.office(key, &opening.office).filter(|_| !opening.confidentiality.sealed());
        let by = self.day(key, opening.dues.first_answer);
        self.case_reply(CaseReply::Receipt {
            folio: opening.folio,
            pin: opening.pin.clone(),
            office: office.map(|it| it.name.clone()),
            place: key.clone(),
            by,
            linked: opening.linked_to.is_some(),
            unasked,
            asks_where: opening.urgent && opening.place.is_none() && opening.point.is_none(),
        });
    }

    /// Ends a draft that lacks nothing.
    fn finish_draft(&mut self, intake: Intake) {
        let Some(facts) = self.case_facts() else { return self.closed("report") };
        let key = intake.municipality.clone().unwrap_or_default();
        match &intake.kind {
            IntakeKind::Suggestion | IntakeKind::Praise | IntakeKind::Story => self.finish_feedback(intake),
            IntakeKind::Person => self.finish_person(facts, intake),
            IntakeKind::Complaint | IntakeKind::Question => {
                let Some(category) = self.category_of(&intake).or_else(|| facts.desk.category(&key, OTHER))
                else {
                    return self.closed("report");
                };
                if let Some(level) = intake.anonymity {
                    self.next.hidden = level == Anonymity::HiddenFromAll;
                }
                let opening = self.opening(facts, intake.clone(), category);
                if self.offer_likely(facts, &intake, &opening) {
                    return;
                }
                // A complaint in one go does not say who may know: what counts then is said.
                let unasked = intake.kind == IntakeKind::Complaint && intake.anonymity.is_none();
                self.receipt(facts, &opening, unasked.then_some(opening.anonymity));
                let theirs =
                    facts.desk.office(&key, &category.office).filter(|it| it.level != Level::Municipal);
                let here = facts.desk.answering(&key, &category.office);
                if let (Some(office), Some(here), false) = (theirs, here, opening.confidentiality.sealed()) {
                    self.case_reply(CaseReply::OtherOffice {
                        office: office.name.clone(),
                        phone: office.phone.clone(),
                        here: here.name.clone(),
                    });
                }
                self.next.has_cases = true;
                self.case_effect(CaseEffect::Opened(Box::new(opening)));
            }
            IntakeKind::Urgent { category } => {
                let Some(category) = facts.desk.category(&key, category) else { return };
                let opening = self.opening(facts, intake.clone(), category);
                self.receipt(facts, &opening, None);
                self.next.has_cases = true;
                if opening.place.is_none() && opening.point.is_none() {
                    self.ask_case(CaseQuestion::UrgentWhere);
                }
                self.case_effect(CaseEffect::Opened(Box::new(opening)));
            }
        }
    }

    /// Asks whether to go on with the draft.
    pub(in crate::engine) fn offer_draft(&mut self) {
        if let Some(intake) = &mut self.next.intake {
            intake.offered = true;
        }
        self.replies.push(Reply::Case(CaseReply::Resume));
        self.ask_case(CaseQuestion::Resume);
    }

    /// Leaves the draft for good.
    pub(in crate::engine) fn drop_draft(&mut self) {
        self.next.intake = None;
        self.next.pending = None;
        self.case_reply(CaseReply::Dropped);
    }
}

/// The text behind its first `count` words, as it was written.
pub(in crate::engine) fn after_words(text: &str, count: usize) -> String {
    let mut rest = text;
    for _ in 0..count {
        // A word of the text may be several of ours ("¡QUEJA:no"), so it is cut at what is no letter.
        let begin = rest.find(char::is_alphanumeric).unwrap_or(rest.len());
        let word = &rest[begin..];
        let end = word
            .find(|it: char| !it.is_alphanumeric() && !unicode_normalization::char::is_combining_mark(it));
        rest = &word[end.unwrap_or(word.len())..];
    }
    rest.trim_start_matches(|it: char| it.is_whitespace() || matches!(it, ':' | ',' | '.' | '-' | '!'))
        .trim_end()
        .to_owned()
}
