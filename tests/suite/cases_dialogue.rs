//! Reports by what a person writes and reads: the dialogue on a town of its own, without a store.

use std::sync::{Arc, LazyLock};

use cabildo_bot::channels::render::{Rendered, ReplyKind, Setting, render, staff_text};
use cabildo_bot::channels::sms::segments::segment;
use cabildo_bot::domain::case::{Anonymity, CaseState, Confidentiality, Folio, Pin};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::desk::Desk;
use cabildo_bot::domain::facts::Facts;
use cabildo_bot::domain::time::{DAY, HOUR, MINUTE, UnixMillis};
use cabildo_bot::embedded;
use cabildo_bot::engine::cases::{
    CaseEffect, CaseFacts, FeedbackKind, FollowUp, LookedUp, MyCase, Opening, needed, status_asked,
};
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::engine::{Effect, Inbound, step};
use proptest::prelude::{Strategy, prop_oneof};
use proptest::strategy::Just;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

static FACTS: LazyLock<Facts> = LazyLock::new(|| embedded::facts().expect("the embedded pack"));
static DESK: LazyLock<Arc<Desk>> = LazyLock::new(|| Arc::new(embedded::desk().expect("the desk")));

/// Wednesday 2026-11-11, ten in the morning in Mexico.
const NOON: i64 = 1_794_412_800_000;

/// A case as the town keeps it.
struct Kept {
    owner: usize,
    opening: Opening,
    case: MyCase,
    thread: Vec<String>,
}

/// What a store would know.
#[derive(Default)]
struct Town {
    kept: Vec<Kept>,
    asked: Vec<(usize, FollowUp)>,
    feedback: Vec<(FeedbackKind, String, String)>,
    stars: Vec<u8>,
    disputes: usize,
    drawn: u64,
    last: Vec<(usize, Uuid, UnixMillis)>,
    tries: usize,
}

impl Town {
    fn facts(&mut self, who: usize, text: &str) -> CaseFacts {
        self.drawn += 7_919;
        let mine = |it: &&Kept| it.owner == who;
        let looked_up = match status_asked(text) {
            Some((_, Some(_))) if self.tries >= 5 => Some(LookedUp::TooMany),
            Some((folio, Some(pin))) => {
                let found = self.kept.iter().find(|it| it.opening.folio == folio && it.opening.pin == pin);
                Some(found.map_or(LookedUp::Wrong, |it| LookedUp::Right(Box::new(it.case.clone()))))
            }
            _ => None,
        };
        CaseFacts {
            desk: Arc::clone(&DESK),
            fresh: (
                Folio::from_random((self.drawn * 104_729).to_be_bytes()),
                Pin::from_random((self.drawn * 31).to_be_bytes()),
            ),
            mine: self.kept.iter().rev().filter(mine).map(|it| it.case.clone()).collect(),
            asked: self.asked.iter().rev().find(|(owner, _)| *owner == who).map(|it| it.1.clone()),
            last_written: self.last.iter().rev().find(|it| it.0 == who).map(|it| (it.1, it.2)),
            looked_up,
            line: Some(0),
        }
    }

    fn find(&mut self, id: Uuid) -> &mut Kept {
        self.kept.iter_mut().find(|it| it.case.id == id).expect("a case of the town")
    }

    fn apply(&mut self, who: usize, effect: &CaseEffect, now: UnixMillis) {
        match effect {
            CaseEffect::Opened(opening) | CaseEffect::HandedOver(opening) => {
                let opening = (**opening).clone();
                let id = Uuid::from_u128(u128::from(self.drawn) << 8 | who as u128);
                let case = MyCase {
                    id,
                    folio: opening.folio,
                    kind: opening.kind,
                    state: CaseState::Received,
                    withdrawn: false,
                    municipality: opening.municipality.clone(),
                    category: opening.category.clone(),
                    office: opening.office.clone(),
                    confidentiality: opening.confidentiality,
                    opener: true,
                    seen: false,
                    waits: false,
                    opened_at: now,
                    closed_at: None,
                    next_due: opening.dues.next(false),
                };
                let thread = vec![opening.text.0.clone()];
                self.last.push((who, id, now));
                self.kept.push(Kept { owner: who, opening, case, thread });
            }
            CaseEffect::Written { case_id, text } => {
                assert_eq!(self.find(*case_id).owner, who, "somebody else's thread");
                self.find(*case_id).thread.push(text.0.clone());
                self.last.push((who, *case_id, now));
            }
            CaseEffect::Corrected { case_id, text } => {
                assert_eq!(self.find(*case_id).owner, who);
                self.find(*case_id).thread.last_mut().expect("a message").clone_from(&text.0);
            }
            CaseEffect::Withdrawn { case_id } => {
                assert_eq!(self.find(*case_id).owner, who);
                let case = &mut self.find(*case_id).case;
                (case.state, case.withdrawn) = (CaseState::ClosedUnfixed, true);
            }
            CaseEffect::Disputed { case_id, .. } => {
                self.find(*case_id).case.state = CaseState::InReview;
                self.asked.retain(|it| it.1.case_id != *case_id);
                self.disputes += 1;
            }
            CaseEffect::Confirmed { case_id, .. } => self.asked.retain(|it| it.1.case_id != *case_id),
            CaseEffect::Rated { stars, .. } => self.stars.push(*stars),
            CaseEffect::Feedback { kind, municipality, text } => {
                self.feedback.push((*kind, municipality.clone(), text.0.clone()));
            }
            CaseEffect::Consented { .. } => {}
            CaseEffect::Tried { right, .. } => self.tries = if *right { 0 } else { self.tries + 1 },
        }
    }

    /// Staff closes a case, and it is asked whether it was put right.
    fn close(&mut self, id: Uuid, state: CaseState, at: UnixMillis) {
        let kept = self.find(id);
        (kept.case.state, kept.case.closed_at) = (state, Some(at));
        let (owner, folio) = (kept.owner, kept.case.folio);
        let asked = FollowUp { id: Uuid::from_u128(9), case_id: id, folio, asked_at: at, closed_at: at };
        self.asked.push((owner, asked));
    }
}

/// A phone in somebody's hand.
struct Phone {
    who: usize,
    conversation: Conversation,
    now: UnixMillis,
    channel: ChannelKind,
    effects: Vec<Effect>,
}

impl Phone {
    fn new(who: usize) -> Self {
        let conversation = Conversation { notice: 1, ..Conversation::default() };
        Self { who, conversation, now: UnixMillis(NOON), channel: ChannelKind::Sms, effects: Vec::new() }
    }

    /// One whose owner agreed to the notice and lives in Tlapa.
    fn at_home(who: usize) -> Self {
        let mut phone = Self::new(who);
        phone.conversation.home = Some("12066".to_owned());
        phone.conversation.consent = 1;
        phone
    }

    fn on(mut self, channel: ChannelKind) -> Self {
        self.channel = channel;
        self
    }

    fn message(&mut self, town: &mut Town, text: &str, location: Option<(f64, f64)>) -> Vec<Rendered> {
        self.now = self.now.plus(5_000);
        let asks = needed(&self.conversation, text, &FACTS, &DESK) || location.is_some();
        let inbound = Inbound {
            channel: self.channel,
            text: text.to_owned(),
            location,
            payload: None,
            at: self.now,
            link: None,
            cases: asks.then(|| town.facts(self.who, text)),
            privacy: None,
        };
        let done = step(&self.conversation, &inbound, &FACTS);
        // A restart in between changes nothing.
        let stored = serde_json::to_string(&done.next).expect("a conversation is JSON");
        self.conversation = serde_json::from_str(&stored).expect("our own JSON");
        assert_eq!(self.conversation, done.next);
        self.effects = done.effects;
        for effect in &self.effects {
            if let Effect::Case(effect) = effect {
                town.apply(self.who, effect, self.now);
            }
        }
        let locale = self.conversation.locale.clone().unwrap_or_else(|| "es-MX".to_owned());
        let setting = Setting { facts: &FACTS, locale: &locale, channel: self.channel, service: "Cabildo" };
        let replies: Vec<Rendered> = done.replies.iter().map(|reply| render(reply, setting)).collect();
        assert!(replies.len() <= 2, "{text:?}: {replies:?}");
        if self.channel == ChannelKind::Sms {
            assert!(replies.iter().all(|it| segment(&it.text).segments == 1), "{replies:?}");
        }
        replies
    }

    /// Writes, and reads all that comes back.
    fn says(&mut self, town: &mut Town, text: &str) -> String {
        self.message(town, text, None).into_iter().map(|it| it.text).collect::<Vec<_>>().join(" | ")
    }

    fn later(&mut self, millis: i64) -> &mut Self {
        self.now = self.now.plus(millis);
        self
    }

    /// A dialogue as a table: what is written, what the replies contain.
    fn talk(&mut self, town: &mut Town, lines: &[(&str, &str)]) {
        for (written, expected) in lines {
            let reply = self.says(town, written);
            let found = if expected.is_empty() { reply.is_empty() } else { reply.contains(expected) };
            assert!(found, "{written:?} got {reply:?}, not {expected:?}");
        }
    }
}

fn one_go(town: &mut Town, phone: &mut Phone) -> Uuid {
    phone.talk(town, &[("QUEJA no hay agua en la col. San Jose desde el lunes", "Recibido. Folio ")]);
    town.kept.last().expect("a case").case.id
}

#[test]
fn a_complaint_in_five_messages() {
    let (mut town, mut phone) = (Town::default(), Phone::new(0));
    phone.conversation.home = Some("12066".to_owned());
    phone.talk(&mut town, &[("QUEJA", "Si sigues, aceptas. PRIVACIDAD dice mas. CANCELA")]);
    phone.talk(
        &mut town,
        &[
            ("1", "Cuéntalo en un mensaje"),
            ("No cae agua desde el lunes", "¿Donde es? Escribe la colonia"),
            ("Col. San Francisco, atrás de la iglesia", "1 Solo la oficina 2 Nadie 3 Todos"),
            ("1", "Te contesta Agua Potable y Drenaje a mas tardar el 19 nov"),
        ],
    );
    let kept = &town.kept[0];
    assert_eq!(kept.opening.category, "water");
    assert_eq!(kept.opening.text.0, "No cae agua desde el lunes");
    assert_eq!(kept.opening.place.as_ref().expect("a place").0, "Col. San Francisco, atrás de la iglesia");
    assert_eq!(kept.opening.anonymity, Anonymity::HiddenFromPublic);
    assert_eq!(kept.opening.municipality, "12066");
    assert_eq!((phone.conversation.consent, phone.conversation.intake.is_none()), (1, true));
}

#[test]
fn the_same_in_one_message() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    let id = one_go(&mut town, &mut phone);
    let kept = town.find(id);
    assert_eq!((kept.opening.category.as_str(), kept.opening.office.as_str()), ("water", "water"));
    assert_eq!(kept.opening.text.0, "no hay agua en la col. San Jose desde el lunes");
    assert_eq!(kept.opening.place.as_ref().expect("a place").0, "col. San Jose");
    assert_eq!(kept.opening.municipality, "12066", "San Jose is a neighbourhood here");
    // Who did not agree yet reads the notice first, and one answer is all that is left.
    let mut phone = Phone::new(1);
    phone.conversation.home = Some("12066".to_owned());
    let asked = phone.says(&mut town, "queja no hay agua en la col. San Jose desde el lunes");
    assert!(asked.contains("aceptas") && asked.contains("1 Solo la oficina"), "{asked}");
    assert_eq!(phone.conversation.consent, 0);
    phone.talk(&mut town, &[("2", "Una persona lo ve a mas tardar")]);
    let kept = &town.kept[1];
    assert_eq!(kept.opening.confidentiality, Confidentiality::Confidential);
    assert!(phone.effects.contains(&Effect::Case(CaseEffect::Consented { version: 1 })));
    // Somebody who hid herself once is not shown the next time.
    phone.later(HOUR);
    one_go(&mut town, &mut phone);
    assert_eq!(town.kept[2].opening.anonymity, Anonymity::HiddenFromAll);
}

#[test]
fn a_comparison_tells_place_and_topic() {
    let (mut town, mut phone) = (Town::default(), Phone::new(0));
    phone.conversation.consent = 1;
    phone.talk(
        &mut town,
        &[
            ("ometepec", "Ometepec, Gro: pobreza"),
            ("agua", "de casas sin agua"),
            ("queja", "Cuéntalo en un mensaje"),
            ("la red esta rota", "¿Donde es?"),
            ("centro, frente al mercado", "1 Solo la oficina"),
            ("3", "¿Con qué nombre"),
            ("Ana Pérez", "Recibido. Folio"),
        ],
    );
    let opening = &town.kept[0].opening;
    assert_eq!((opening.municipality.as_str(), opening.category.as_str()), ("12046", "water"));
    assert_eq!(opening.topic.as_deref(), Some("agua"));
    assert_eq!(opening.anonymity, Anonymity::Named);
    assert_eq!(opening.answers[0].0, "name");
}

#[test]
fn the_municipality_is_asked_where_it_is_not_known_or_named() {
    let (mut town, mut phone) = (Town::default(), Phone::new(0));
    phone.conversation.consent = 1;
    phone.talk(
        &mut town,
        &[
            ("queja", "¿De qué municipio?"),
            ("qwrtz plkj", "No lo encuentro"),
            ("benito juarez", "Hay 7 Benito Juarez"),
            ("3", "¿De qué se trata? 1 Agua 2 Drenaje 3 Alumbrado 4 Basura 5 Baches y calles, MAS"),
            ("mas", "6 Seguridad"),
            ("0", "1 Agua"),
            ("mas", "6 Seguridad"),
            ("mas", "11 Registro civil"),
            ("99", "Ese numero no esta"),
            ("3", "Cuéntalo"),
        ],
    );
    let (mut town, mut phone) = (Town::default(), Phone::new(0));
    phone.conversation.consent = 1;
    phone.talk(&mut town, &[("queja hay un bache enorme en Ometepec, calle Juarez", "Recibido")]);
    assert_eq!(town.kept[0].opening.municipality, "12046");
    assert_eq!(town.kept[0].opening.category, "streets");
}

#[test]
fn categories_ask_their_own_question_and_other_offices_are_named() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    phone.talk(
        &mut town,
        &[
            ("queja el chofer de la combi no respeta la parada en la calle Hidalgo", "¿Qué ruta"),
            ("0", "Te contesta Transito y Movilidad"),
            (
                "queja se va la luz cada noche en la colonia Centro",
                "Esto le toca a CFE (tel. 071). Tu reporte sigue aqui: lo lleva Servicios Publicos",
            ),
            ("queja un inspector pide dinero en la calle Hidalgo", "¿De qué oficina es"),
            ("la del mercado", "Una persona lo ve"),
        ],
    );
    assert_eq!(town.kept[1].opening.office, "public_services");
    assert_eq!(town.kept[2].opening.answers[0].1.0, "la del mercado");
    assert_eq!(town.kept[2].opening.confidentiality, Confidentiality::Confidential);
}

#[test]
fn questions_are_shorter_and_feedback_goes_to_its_queue() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    phone.talk(
        &mut town,
        &[
            ("PREGUNTA a que hora abre el registro civil", "Recibido. Folio"),
            ("pregunta", "¿Qué quieres preguntar?"),
            ("cuando pasa la pipa", "Te contesta Agua Potable"),
            ("SUGERENCIA", "¿Qué propones?"),
            ("mas arboles en la plaza", "Gracias por tu sugerencia"),
            ("gracias por arreglar la fuga tan rapido", "Gracias por decirlo"),
            ("historia de como juntamos para el pozo entre todos los vecinos", "Gracias por contarla"),
            ("gracias", "De nada"),
            ("historia", "2010"),
        ],
    );
    assert_eq!(town.kept.len(), 2);
    let kinds: Vec<FeedbackKind> = town.feedback.iter().map(|it| it.0).collect();
    assert_eq!(kinds, [FeedbackKind::Suggestion, FeedbackKind::Praise, FeedbackKind::Story]);
    assert!(town.feedback.iter().all(|it| it.1 == "12066"));
    // A question of somebody who did not agree yet asks for that alone.
    let mut phone = Phone::new(1);
    phone.conversation.home = Some("12066".to_owned());
    phone.talk(&mut town, &[("pregunta cuando pasa la pipa", "¿Seguimos? 1 Si 2 No"), ("2", "lo dejamos")]);
    assert_eq!(town.kept.len(), 2);
    phone.talk(&mut town, &[("pregunta cuando pasa la pipa", "¿Seguimos?"), ("si", "Recibido. Folio")]);
}

#[test]
fn a_dialogue_is_left_and_resumed() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    phone.talk(
        &mut town,
        &[
            ("queja", "¿De qué se trata?"),
            ("AYUDA", "Escribe tu municipio"),
            ("privacidad", "numero cifrado"),
            ("4", "Cuéntalo en un mensaje"),
            // A comparison is never swallowed; the draft is offered once.
            ("ometepec", "Ometepec, Gro: pobreza"),
        ],
    );
    let offered = phone.says(&mut town, "comida");
    assert!(offered.contains("sin buena alimentacion") && !offered.contains("Seguimos"), "{offered}");
    phone.talk(
        &mut town,
        &[
            ("qwrtz plkj", "¿Seguimos con tu reporte? 1 Si 2 No"),
            ("1", "Cuéntalo en un mensaje"),
            ("no pasa el camion de la basura", "¿Donde es?"),
        ],
    );
    // A day later it is asked whether to go on, a week later it is forgotten.
    phone.later(25 * HOUR).talk(
        &mut town,
        &[
            ("barrio San Diego", "¿Seguimos con tu reporte?"),
            ("si", "¿Donde es?"),
            ("barrio San Diego", "1 Solo la oficina"),
        ],
    );
    phone.talk(&mut town, &[("STOP", "ya no recibiras"), ("1", "Recibido. Folio")]);
    assert_eq!(town.kept[0].opening.municipality, "12066");
    phone.talk(&mut town, &[("queja", "¿De qué se trata?"), ("1", "Cuéntalo")]);
    phone.later(8 * DAY).talk(&mut town, &[("1", "Ese numero no esta")]);
    assert!(phone.conversation.intake.is_none());
    phone.talk(
        &mut town,
        &[("queja", "¿De qué se trata?"), ("cancela", "lo dejamos"), ("2", "Ese numero no esta")],
    );
    assert!(phone.conversation.intake.is_none());
    assert_eq!(town.kept.len(), 1);
}

#[test]
fn a_comparison_in_the_middle_offers_the_draft() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    phone.talk(&mut town, &[("queja", "¿De qué se trata?"), ("1", "Cuéntalo")]);
    let both = phone.says(&mut town, "ometepec");
    assert!(both.contains("Ometepec, Gro") && both.contains("¿Seguimos con tu reporte?"), "{both}");
    phone.talk(&mut town, &[("1", "Cuéntalo"), ("corrige", "¿De qué se trata?"), ("basura", "Cuéntalo")]);
    assert_eq!(
        phone.conversation.intake.as_ref().and_then(|it| it.category.clone()).as_deref(),
        Some("rubbish")
    );
}

#[test]
fn urgent_words_are_answered_at_once() {
    for (text, expected, category) in [
        ("911", "llama ya al 911", "emergency"),
        ("mi esposo me quiere matar", "Linea de las Mujeres", "violence"),
        ("ya no quiero vivir", "800 911 2000", "emergency"),
    ] {
        for before in ["", "queja", "benito juarez", "idioma"] {
            let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
            if !before.is_empty() {
                phone.says(&mut town, before);
            }
            let reply = phone.says(&mut town, text);
            assert!(reply.contains(expected) && reply.contains("Folio"), "{text}: {reply}");
            assert!(!reply.contains("Instancia"), "{reply}");
            let opening = &town.kept[0].opening;
            assert_eq!((opening.category.as_str(), opening.urgent), (category, true));
            assert_eq!(opening.confidentiality, Confidentiality::Restricted);
            // It is in no list, and more of it joins the case.
            assert!(phone.says(&mut town, "mis casos").contains("No tengo reportes"));
            assert!(phone.says(&mut town, text).contains(expected));
            assert_eq!((town.kept.len(), town.kept[0].thread.len()), (1, 2));
        }
    }
    // Who is muted is heard all the same; who has no home is asked for it after the numbers.
    let (mut town, mut phone) = (Town::default(), Phone::new(0));
    for _ in 0..6 {
        phone.says(&mut town, "Estoy manejando, te llamo luego");
    }
    let reply = phone.says(&mut town, "auxilio, hay un incendio");
    assert!(reply.contains("911") && reply.contains("¿De qué municipio?"), "{reply}");
    assert!(phone.effects.contains(&Effect::Unknown));
    phone.talk(&mut town, &[("tlapa", "Una persona lo ve")]);
    assert_eq!(town.kept[0].opening.text.0, "auxilio, hay un incendio");
}

#[test]
fn a_folio_says_how_far_it_is() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    let id = one_go(&mut town, &mut phone);
    let (folio, pin) = (town.find(id).opening.folio, town.find(id).opening.pin.clone());
    let ask = format!("estado {folio}");
    let reply = phone.says(&mut town, &ask);
    assert!(reply.contains("falta que alguien lo lea. Hay noticias a mas tardar el 19 nov"), "{reply}");
    assert!(phone.says(&mut town, "estado").contains(&format!("{folio} recibido")));
    assert!(phone.says(&mut town, "MIS CASOS").contains(&format!("{folio} recibido")));
    // From another phone: with the PIN only, and five wrong ones are enough.
    let mut other = Phone::at_home(1);
    assert!(other.says(&mut town, &ask).contains("No coincide"));
    let right = format!("ESTADO {} {}", folio.as_str().to_lowercase(), pin.as_str());
    assert!(other.says(&mut town, &right).contains("falta que alguien lo lea"));
    assert!(other.says(&mut town, &format!("{folio} {}", pin.as_str())).contains("falta que alguien"));
    let wrong = if pin.as_str() == "0000" { "1111" } else { "0000" };
    for _ in 0..5 {
        other.later(20 * MINUTE);
        assert!(other.says(&mut town, &format!("estado {folio} {wrong}")).contains("No coincide"));
    }
    assert!(other.later(6 * MINUTE).says(&mut town, &right).contains("Espera una hora"));
    town.tries = 0;
    assert!(other.says(&mut town, "estado 4F7K2W").contains("tiene un error"));
    // A confidential one is not there without its PIN, even for the number that opened it.
    town.find(id).case.confidentiality = Confidentiality::Confidential;
    assert!(phone.says(&mut town, &ask).contains("No coincide"));
    assert!(phone.says(&mut town, "mis casos").contains("No tengo reportes"));
    let mut chat = Phone::at_home(0).on(ChannelKind::Telegram);
    assert!(chat.says(&mut town, &ask).contains("falta que alguien lo lea"));
    // Fixed words for each state; what was not put right is never called so.
    town.find(id).case.confidentiality = Confidentiality::Open;
    let mut seen = std::collections::BTreeSet::new();
    for state in CaseState::ALL {
        town.find(id).case.state = *state;
        let reply = phone.later(6 * MINUTE).says(&mut town, &ask);
        if *state == CaseState::ClosedUnfixed {
            assert!(reply.contains("sin arreglarse") && !reply.contains("resuelto"), "{reply}");
        }
        seen.insert(reply);
    }
    assert_eq!(seen.len(), CaseState::ALL.len());
}

#[test]
fn cancelling_takes_back_what_nobody_opened() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    let id = one_go(&mut town, &mut phone);
    phone.talk(
        &mut town,
        &[
            ("CANCELA", "¿Retiras el reporte"),
            ("2", "sigue"),
            ("CANCELA", "¿Retiras"),
            ("1", "Listo: retiraste"),
        ],
    );
    assert!(town.find(id).case.withdrawn);
    assert!(phone.says(&mut town, "mis casos").contains("retirado por ti"));
    phone.talk(&mut town, &[("CANCELA", "¿Quieres dejar de recibir"), ("2", "todo sigue igual")]);
    let id = one_go(&mut town, &mut phone);
    town.find(id).case.seen = true;
    phone.talk(&mut town, &[("cancelar", "¿Quieres dejar de recibir")]);
    town.find(id).case.seen = false;
    phone.later(25 * HOUR).talk(&mut town, &[("cancelar", "¿Quieres dejar de recibir")]);
}

#[test]
fn the_last_message_is_corrected_for_ten_minutes() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    phone.talk(&mut town, &[("corrige no hay luz", "No hay nada que corregir")]);
    let id = one_go(&mut town, &mut phone);
    phone.talk(&mut town, &[("CORRIGE no hay agua en la col. San Juan", "lo corregimos")]);
    assert_eq!(town.find(id).thread, ["no hay agua en la col. San Juan"]);
    phone.talk(
        &mut town,
        &[
            ("corrige", "Escribe el texto corregido"),
            ("1", "con palabras"),
            ("no hay agua en San Diego", "lo corregimos"),
        ],
    );
    assert_eq!(town.find(id).thread, ["no hay agua en San Diego"]);
    phone.talk(&mut town, &[("corrige", "Escribe el texto")]);
    phone.later(11 * MINUTE).talk(&mut town, &[("ni en el centro", "se suma a tu reporte")]);
    assert_eq!(town.find(id).thread.len(), 2);
}

#[test]
fn a_person_answers_and_the_service_keeps_silent() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    let reply = phone.says(&mut town, "HABLAR");
    assert!(reply.contains("de lunes a viernes, de 9 h a 15 h. Vas en el lugar 1."), "{reply}");
    assert!(reply.contains("Tu folio para esto es"), "{reply}");
    phone.talk(
        &mut town,
        &[("no me resuelven nada", ""), ("tlapa", ""), ("1", ""), ("AYUDA", "Escribe tu municipio")],
    );
    assert_eq!(town.kept[0].thread.len(), 4);
    phone.talk(
        &mut town,
        &[("stop", "ya no recibiras"), ("alta", "otra vez"), ("persona", "Sigues en la lista")],
    );
    phone.talk(
        &mut town,
        &[("menu", "Sigo yo"), ("tlapa", "71.8%"), ("hablar", "Sigues en la lista"), ("hola", "")],
    );
    let id = town.kept[0].case.id;
    town.find(id).case.state = CaseState::Answered;
    phone.talk(&mut town, &[("sigo aqui", "")]);
    town.find(id).case.state = CaseState::Resolved;
    phone.talk(&mut town, &[("tlapa", "71.8%")]);
    assert!(phone.conversation.with_person.is_none());
}

#[test]
fn after_a_closing_a_yes_a_no_and_stars_count() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    let id = one_go(&mut town, &mut phone);
    phone.talk(&mut town, &[("1", "Ese numero no esta")]);
    let at = phone.later(DAY).now;
    town.close(id, CaseState::Resolved, at);
    phone.talk(&mut town, &[("ayuda", "Escribe tu"), ("tlapa", "71.8%"), ("NO", "Lo abrimos otra vez")]);
    assert_eq!((town.disputes, town.find(id).case.state), (1, CaseState::InReview));
    let at = phone.later(DAY).now;
    town.close(id, CaseState::Resolved, at);
    phone.talk(&mut town, &[("1", "Del 1 (mal) al 5"), ("9", "Ese numero no esta")]);
    let at = phone.later(DAY).now;
    town.close(id, CaseState::Resolved, at);
    phone.talk(&mut town, &[("si", "Del 1 (mal) al 5"), ("5", "lo anotamos"), ("5", "Ese numero no esta")]);
    assert_eq!(town.stars, [5]);
    // An older question that waits comes after the newer one.
    phone.talk(&mut town, &[("benito juarez", "Hay 7")]);
    let at = phone.later(MINUTE).now;
    town.close(id, CaseState::ClosedUnfixed, at);
    phone.talk(&mut town, &[("no, sigue igual", "Lo abrimos otra vez")]);
    // A month later a no opens a case that is linked.
    town.close(id, CaseState::ClosedUnfixed, phone.now.plus(-31 * DAY));
    town.asked.last_mut().expect("asked").1.asked_at = phone.now;
    phone.talk(&mut town, &[("no", "Abrimos otro reporte por el mismo asunto. Folio")]);
    assert_eq!(town.kept.last().expect("a case").opening.linked_to, Some(id));
}

#[test]
fn a_second_message_joins_its_thread_by_asking_or_for_certain() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    let id = one_go(&mut town, &mut phone);
    phone.talk(&mut town, &[("ya van tres semanas pidiendo y nadie viene", "Lo sumé a tu reporte")]);
    phone.later(HOUR).talk(
        &mut town,
        &[("vinieron unos señores con herramienta", "¿Es sobre tu reporte"), ("1", "Lo sumé a tu reporte")],
    );
    phone.later(HOUR).talk(
        &mut town,
        &[
            ("vinieron otros señores de lejos", "¿Es sobre tu reporte"),
            ("2", "no lo sumé"),
            ("comida", "alimentacion"),
        ],
    );
    assert_eq!(town.find(id).thread.len(), 3);
    let folio = town.find(id).case.folio;
    phone.talk(&mut town, &[(&format!("queja {folio} tampoco hay pipa"), "Lo sumé a tu reporte")]);
    assert_eq!(town.find(id).thread.last().map(String::as_str), Some("tampoco hay pipa"));
    // Where staff waits for an answer, it is one; a comparison is answered, and asked about.
    town.find(id).case.waits = true;
    phone.later(HOUR).talk(&mut town, &[("junto al molino viejo", "Lo sumé")]);
    let both = phone.later(HOUR).says(&mut town, "agua en tlapa");
    assert!(both.contains("9.4%") && both.contains("¿Es sobre tu reporte"), "{both}");
    // A confidential case is not named to whoever holds the phone.
    town.find(id).case.confidentiality = Confidentiality::Confidential;
    phone.later(HOUR).talk(&mut town, &[("detras del molino viejo", "Se lo pasé a quien te atiende")]);
    town.find(id).case.waits = false;
    let reply = phone.later(HOUR).says(&mut town, "vinieron por la noche unos hombres");
    assert!(!reply.contains(folio.as_str()) && !reply.contains("reporte"), "{reply}");
}

#[test]
fn a_pin_on_a_map_is_asked_about() {
    let (mut town, phone) = (Town::default(), Phone::at_home(0));
    let mut phone = phone.on(ChannelKind::Telegram);
    phone.talk(&mut town, &[("queja", "¿De qué se trata?"), ("5", "Cuéntalo")]);
    let asked = phone.message(&mut town, "un hoyo enorme", None);
    assert!(
        asked[0].choices.iter().any(|it| it.key.is_empty() && it.label.contains("ubicación")),
        "{asked:?}"
    );
    let there = phone.message(&mut town, "", Some((17.546, -98.577)));
    assert!(there[0].text.contains("¿El problema está en ese punto"), "{there:?}");
    assert_eq!(there[0].kind, ReplyKind::Question);
    phone.talk(&mut town, &[("2", "¿Dónde es?")]);
    phone.message(&mut town, "", Some((17.546, -98.577)));
    phone.talk(&mut town, &[("1", "1 Solo la oficina"), ("1", "Recibido")]);
    assert_eq!(town.kept[0].opening.point, Some((17_546_000, -98_577_000)));
    for nowhere in [(f64::NAN, 0.0), (1e300, 2.0), (0.0, 0.0)] {
        phone
            .talk(&mut town, &[("queja", "¿De qué se trata?"), ("5", "Cuéntalo"), ("un hoyo", "¿Dónde es?")]);
        assert!(!phone.message(&mut town, "", Some(nowhere)).is_empty());
        phone.talk(&mut town, &[("cancela", "lo dejamos")]);
    }
}

#[test]
fn on_a_menu_each_step_is_a_screen() {
    let (mut town, phone) = (Town::default(), Phone::new(0));
    let mut phone = phone.on(ChannelKind::Ussd);
    phone.conversation.home = Some("12066".to_owned());
    for text in ["queja", "1", "1", "no hay agua", "colonia centro", "1"] {
        for reply in phone.message(&mut town, text, None) {
            assert!(reply.text.starts_with("CON ") || reply.text.starts_with("END "), "{reply:?}");
            assert!(reply.text.chars().count() <= 164 && reply.text.is_ascii(), "{}", reply.text);
        }
    }
    assert_eq!(town.kept.len(), 1);
    assert_eq!(phone.conversation.consent, 1);
}

#[test]
fn an_ordinary_comparison_asks_the_store_nothing() {
    let plain = Conversation { home: Some("12066".to_owned()), ..Conversation::default() };
    let cases = Conversation { has_cases: true, ..plain.clone() };
    for text in
        ["tlapa", "comida", "mas", "mejores", "quien", "ayuda", "hola", "idioma", "gracias", "no mas", "stop"]
    {
        assert!(!needed(&plain, text, &FACTS, &DESK), "{text}");
        assert!(!needed(&cases, text, &FACTS, &DESK), "{text}");
    }
    for text in
        ["queja", "reporte no hay agua", "mis casos", "estado 4F7K2X", "corrige", "cancela", "911", "si"]
    {
        assert!(needed(&plain, text, &FACTS, &DESK), "{text}");
    }
    assert!(!needed(&plain, "queja", &FACTS, &Desk::default()), "a country without a desk");
}

#[test]
fn what_staff_writes_fits_the_channel() {
    let setting = |channel| Setting { facts: &FACTS, locale: "es-MX", channel, service: "Cabildo" };
    let folio = Folio::parse("4F7K2X").ok();
    let sms =
        staff_text("Mañana va la pipa a su colonia.\u{202e}\u{1b}[31m", folio, setting(ChannelKind::Sms));
    assert_eq!(sms.expect("a text").text, "4F7K2X: Mañana va la pipa a su colonia.[31m");
    let chat = staff_text("<b>Va & viene</b>", None, setting(ChannelKind::Telegram)).expect("a text");
    assert_eq!(chat.text, "&lt;b&gt;Va &amp; viene&lt;/b&gt;");
    assert!(staff_text(&"x".repeat(500), folio, setting(ChannelKind::Sms)).is_none());
    assert!(staff_text(" \u{7} ", None, setting(ChannelKind::Sms)).is_none());
    assert_eq!(staff_text(&"x".repeat(300), None, setting(ChannelKind::Sms)).map(|it| it.segments), Some(2));
}

/// What people may write, with something that only they know.
fn lines(who: usize) -> impl Strategy<Value = String> {
    let secret = ["zorrilloverde", "tecoloteazul"][who];
    prop_oneof![
        3 => Just("1".to_owned()),
        2 => Just("2".to_owned()),
        1 => Just("3".to_owned()),
        1 => Just("0".to_owned()),
        2 => Just("mas".to_owned()),
        2 => Just("queja".to_owned()),
        2 => Just(format!("queja no hay agua {secret} en la col. {secret}")),
        2 => Just(format!("aqui vive {secret} desde hace años")),
        1 => Just(format!("pregunta cuando viene {secret}")),
        1 => Just(format!("hablar {secret}")),
        1 => Just(format!("corrige {secret} no vino")),
        1 => Just(format!("{secret} me quiere matar")),
        1 => Just("menu".to_owned()),
        1 => Just("si".to_owned()),
        1 => Just("no".to_owned()),
        1 => Just("cancela".to_owned()),
        1 => Just("mis casos".to_owned()),
        1 => Just("tlapa".to_owned()),
        1 => Just("comida".to_owned()),
        1 => Just("ayuda".to_owned()),
        1 => Just("benito juarez".to_owned()),
        1 => Just("english".to_owned()),
    ]
}

#[test]
fn two_citizens_are_never_mixed() {
    let cases =
        if cfg!(debug_assertions) && std::env::var_os("CABILDO_REQUIRE_ALL").is_none() { 150 } else { 2_000 };
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let turn = prop_oneof![lines(0).prop_map(|it| (0, it)), lines(1).prop_map(|it| (1, it))];
    let strategy = proptest::collection::vec(turn, 1..40);
    let outcome = runner.run(&strategy, |turns| {
        let mut town = Town::default();
        let mut phones = [Phone::at_home(0), Phone::new(1).on(ChannelKind::Telegram)];
        for (turn, (who, text)) in turns.iter().enumerate() {
            let before: Vec<usize> = town.kept.iter().map(|it| it.thread.len()).collect();
            let reply = phones[*who].later(MINUTE).says(&mut town, text);
            let others: Vec<&Kept> = town.kept.iter().filter(|it| it.owner != *who).collect();
            for other in others {
                assert!(!reply.contains(other.opening.folio.as_str()), "{turn}: {reply}");
            }
            // No words of anybody come back by themselves.
            assert!(!reply.contains("zorrilloverde") && !reply.contains("tecoloteazul"), "{reply}");
            for (index, length) in before.iter().enumerate() {
                assert!(town.kept[index].owner == *who || town.kept[index].thread.len() == *length);
            }
            // Staff moves on now and then.
            if turn % 7 == 6 && !town.kept.is_empty() {
                let index = turn % town.kept.len();
                let id = town.kept[index].case.id;
                town.close(id, CaseState::Resolved, phones[*who].now);
            }
        }
        for kept in &town.kept {
            let other = ["tecoloteazul", "zorrilloverde"][kept.owner];
            assert!(kept.thread.iter().all(|it| !it.contains(other)));
            assert!(kept.opening.place.as_ref().is_none_or(|it| !it.0.contains(other)));
        }
        Ok(())
    });
    outcome.unwrap_or_else(|problem| panic!("{problem}"));
}

#[test]
fn a_sender_of_an_sms_reads_nothing_personal() {
    let mut town = Town::default();
    let mut owner = Phone::at_home(0);
    let canaries = ["zorrilloverde", "calle Tejocote 5", "Remedios Canario"];
    owner.talk(
        &mut town,
        &[
            ("queja", "¿De qué se trata?"),
            ("1", "Cuéntalo"),
            ("zorrilloverde no trae agua", "¿Donde es?"),
            ("calle Tejocote 5, con Remedios Canario", "1 Solo"),
            ("3", "¿Con qué nombre"),
            ("Remedios Canario", "Recibido"),
        ],
    );
    owner.talk(
        &mut town,
        &[
            ("queja piden mordida en la calle Tejocote 5, dice zorrilloverde", "oficina"),
            ("Remedios Canario", "Una persona"),
        ],
    );
    let open = town.kept[0].opening.clone();
    let sealed = town.kept[1].opening.clone();
    let intents = [
        "estado",
        "mis casos",
        "mis datos",
        "corrige",
        "corrige otra cosa",
        "cancela",
        "hablar",
        "persona",
        "queja",
        "queja otra vez",
        "pregunta",
        "sugerencia",
        "si",
        "no",
        "1",
        "2",
        "5",
        "mas",
        "ayuda",
        "privacidad",
        "vincula",
        "borrar",
        "hola",
        "tlapa",
        "que dijo remedios",
        "quien soy",
        "mi reporte",
    ];
    // Whoever writes: another number, and the number itself, which anybody may claim.
    for sender in 0..3 {
        let claims = sender % 2 == 0;
        for intent in intents {
            for (folio, pin) in [(open.folio, open.pin.clone()), (sealed.folio, sealed.pin.clone())] {
                for text in [
                    intent.to_owned(),
                    format!("estado {folio}"),
                    format!("estado {folio} {}", pin.as_str()),
                    format!("queja {folio} {intent}"),
                ] {
                    let mut phone = Phone::at_home(if claims { 0 } else { sender + 1 });
                    phone.conversation.has_cases = claims;
                    let mut reply = phone.says_without_trace(&mut town, &text);
                    reply.push_str(&phone.says_without_trace(&mut town, "1"));
                    for canary in canaries {
                        assert!(!reply.contains(canary), "{text:?} of sender {sender}: {reply}");
                    }
                    // That the confidential one is there is told to nobody without its PIN.
                    if !text.contains(pin.as_str()) && !text.contains(sealed.folio.as_str()) {
                        assert!(!reply.contains(sealed.folio.as_str()), "{text:?}: {reply}");
                    }
                    if !claims && !text.contains(open.folio.as_str()) {
                        assert!(!reply.contains(open.folio.as_str()), "{text:?}: {reply}");
                    }
                }
            }
        }
    }
}

impl Phone {
    /// Writes and reads; the town forgets what it led to.
    fn says_without_trace(&mut self, town: &mut Town, text: &str) -> String {
        let (kept, tries) = (town.kept.len(), town.tries);
        let states: Vec<MyCase> = town.kept.iter().map(|it| it.case.clone()).collect();
        let reply = self.says(town, text);
        town.kept.truncate(kept);
        for (it, case) in town.kept.iter_mut().zip(states) {
            it.case = case;
        }
        let known: Vec<Uuid> = town.kept.iter().map(|it| it.case.id).collect();
        town.last.retain(|it| known.contains(&it.1));
        town.tries = tries;
        reply
    }
}
