//! The dialogue, by what a person writes and reads: no store and no channel, since it needs none.

use std::sync::LazyLock;

use cabildo_bot::channels::render::{Rendered, ReplyKind, Setting, render};
use cabildo_bot::channels::sms::segments::segment;
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::facts::Facts;
use cabildo_bot::domain::fold;
use cabildo_bot::domain::place::Context;
use cabildo_bot::domain::time::{DAY, HOUR, MINUTE, UnixMillis};
use cabildo_bot::embedded;
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::engine::interpret::{Intent, interpret};
use cabildo_bot::engine::keywords::{self, KEYWORDS, Keyword};
use cabildo_bot::engine::link::{Checked, Code, LinkEffect, LinkFacts};
use cabildo_bot::engine::{Effect, Inbound, step};
use cabildo_tests::hostile;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::strategy::Just;
use proptest::test_runner::{Config, TestRunner};

static FACTS: LazyLock<Facts> = LazyLock::new(|| embedded::facts().expect("the embedded pack"));

/// A phone in somebody's hand.
struct Phone {
    conversation: Conversation,
    now: UnixMillis,
    channel: ChannelKind,
    effects: Vec<Effect>,
    link: Option<LinkFacts>,
}

impl Phone {
    fn new() -> Self {
        Self {
            conversation: Conversation::default(),
            now: UnixMillis(1_800_000_000_000),
            channel: ChannelKind::Sms,
            effects: Vec::new(),
            link: None,
        }
    }

    /// A phone whose owner has had the notice already.
    fn known() -> Self {
        let mut phone = Self::new();
        phone.conversation.notice = 1;
        phone
    }

    fn message(
        &mut self,
        text: &str,
        location: Option<(f64, f64)>,
        payload: Option<String>,
    ) -> Vec<Rendered> {
        self.now = self.now.plus(5_000);
        let inbound = Inbound {
            channel: self.channel,
            text: text.to_owned(),
            location,
            payload,
            at: self.now,
            link: self.link.take(),
            cases: None,
            demands: cabildo_bot::engine::demands::Known::default(),
            cards: std::sync::Arc::default(),
            privacy: None,
        };
        let done = step(&self.conversation, &inbound, &FACTS);
        // What is stored is what the next message meets.
        let stored = serde_json::to_string(&done.next).expect("a conversation is JSON");
        self.conversation = serde_json::from_str(&stored).expect("our own JSON");
        assert_eq!(self.conversation, done.next);
        self.effects = done.effects;
        let locale = self.conversation.locale.clone().unwrap_or_else(|| "es-MX".to_owned());
        done.replies
            .iter()
            .map(|reply| {
                render(
                    reply,
                    Setting { facts: &FACTS, locale: &locale, channel: self.channel, service: "Cabildo" },
                )
            })
            .collect()
    }

    /// Writes and reads the one reply.
    fn says(&mut self, text: &str) -> String {
        let replies = self.message(text, None, None);
        assert_eq!(replies.len(), 1, "{text:?} got {replies:?}");
        replies.into_iter().map(|it| it.text).collect()
    }

    fn later(&mut self, millis: i64) -> &mut Self {
        self.now = self.now.plus(millis);
        self
    }
}

/// A dialogue as a table: what is written, what the reply begins with or contains.
fn talk(lines: &[(&str, &str)]) {
    let mut phone = Phone::known();
    for (written, expected) in lines {
        let reply = phone.says(written);
        assert!(reply.contains(expected), "{written:?} got {reply:?}, not {expected:?}");
    }
}

#[test]
fn a_name_then_topics_then_more() {
    talk(&[
        ("tlapa", "Tlapa de Comonfort, Gro: pobreza 71.8% (2020), 7 de 21 similares"),
        ("comida", "38.3% sin buena alimentacion (2020), 17 de 21"),
        ("mejores", "Mejores de 21 similares en comida (2020): Yajalon, Chis 7.2%"),
        ("MAS", "Es todo."),
        ("pobreza", "pero 7 de cada 10 son pobres"),
        ("mas", "Familia 1 (MX-2020.1): 20 similares por poblacion, lengua, ruralidad y hogar."),
        ("mas", "Promedio de municipios: Gro"),
        ("mas", "2010 "),
        ("quien", "mujeres"),
        ("tendencia comida", "2015 y 2020 no se comparan"),
        ("QUE ES pobreza extrema", "Pobreza extrema:"),
        ("¿Qué es rezago educativo?", "Rezago educativo:"),
        ("fuente", "Comida: Consejo Nacional"),
    ]);
}

#[test]
fn a_topic_needs_a_place_and_asks_for_it() {
    talk(&[
        ("agua", "¿De qué municipio?"),
        ("ometepec", "Ometepec: 16.5% de casas sin agua de la red (2020)"),
        ("luz", "Ometepec: "),
        ("acapulco", "Acapulco de Juarez, Gro: pobreza"),
        ("luz", "Acapulco"),
    ]);
}

#[test]
fn homonyms_are_asked_by_number_state_or_page() {
    talk(&[
        ("benito juarez", "Hay 7 Benito Juarez. ¿Cual? 1 Q. Roo 2 CDMX 3 Son 4 Ver 5 Gro, MAS"),
        ("mas", "¿Cual? 6 Tlax 7 Zac"),
        ("2", "Benito Juarez, CDMX: pobreza 7.9%"),
        ("benito juarez", "¿Cual? 1 CDMX 2 Q. Roo"),
        ("sonora", "Benito Juarez, Son: pobreza"),
        ("benito juarez", "¿Cual?"),
        ("9", "Ese numero no esta"),
        ("1", "Benito Juarez, CDMX"),
        ("san juan mixtepec", "Hay 2 San Juan Mixtepec. ¿Cual? 1 Oax Distrito 08"),
        ("ayuda", "Escribe tu municipio"),
        ("2", "San Juan Mixtepec, Oax: pobreza"),
    ]);
}

#[test]
fn names_win_over_misspelt_keywords_and_are_read_before_topics() {
    talk(&[
        ("Parás", "Paras, NL: pobreza"),
        ("altar", "Altar, Son: pobreza"),
        ("baca", "Baca, Yuc: pobreza"),
        ("agua prieta agua", "Agua Prieta: 0.8% de casas sin agua"),
        ("agua en tlapa", "Tlapa: 9.4% de casas sin agua"),
        ("tlapa agua", "Tlapa: 9.4% de casas sin agua"),
        ("salto de agua", "Salto de Agua, Chis: pobreza"),
        ("comda", "sin buena alimentacion"),
        ("TENDECIA", "2010 "),
        ("los cabos", "Los Cabos, BCS: pobreza"),
    ]);
}

#[test]
fn the_name_of_a_state_or_of_the_country_is_no_slip_of_another_word() {
    talk(&[
        ("tlapa", "Tlapa de Comonfort, Gro"),
        // The country has no figures: what is asked is which of the state's municipalities is meant.
        ("mexico", "¿Cual? 1 "),
        ("tlapa", "Tlapa de Comonfort, Gro"),
        // A topic with a slip is understood still.
        ("medicos", "sin acceso a salud"),
    ]);
    for state in &FACTS.states {
        for name in [&state.name, &state.abbreviation].into_iter().chain(&state.aliases) {
            let said = interpret(name, &FACTS, Context::default());
            let words = fold::words(name);
            match &said {
                Intent::Place(..) | Intent::Unknown => {}
                // VER is a keyword, letter by letter.
                Intent::Keyword(keyword, _) => assert_eq!(keywords::alone(&words), Some(*keyword), "{name}"),
                _ => panic!("{name}: {said:?}"),
            }
        }
    }
}

#[test]
fn two_letters_of_one_name_are_no_choice() {
    // A head town is named 20 de Noviembre.
    talk(&[("xx", "No entendi"), ("tj", "Tijuana, BC")]);
}

#[test]
fn several_places_are_compared() {
    talk(&[
        (
            "COMPARA Tlapa CON Ometepec agua",
            "Agua (2020): Tlapa de Comonfort, Gro 9.4%; Ometepec, Gro 16.5%.",
        ),
        ("compara tlapa agua", "Tlapa: 9.4%"),
        ("tlapa con ometepec", "Pobreza (2020): Tlapa de Comonfort, Gro 71.8%"),
        ("compara tlapa con benito juarez comida", "¿Cual? 1 Gro"),
        ("1", "Comida (2020): Tlapa de Comonfort, Gro 38.3%; Benito Juarez, Gro"),
        ("compare tlapa with ometepec and acapulco", "Acapulco de Juarez, Gro"),
    ]);
}

#[test]
fn the_home_is_remembered_and_changed() {
    let mut phone = Phone::known();
    phone.says("tlapa");
    phone.says("monterrey");
    let text = phone.later(2 * DAY).says("comida");
    assert!(text.starts_with("Tlapa:"), "a day later the home is meant: {text}");
    assert!(phone.says("cambiar").contains("¿De qué municipio?"));
    assert!(phone.says("merida").contains("Mérida, Yuc"));
    let mut phone = Phone::known();
    phone.says("tlapa");
    assert!(phone.says("cambiar ometepec").contains("Listo: tu municipio es Ometepec, Gro"));
    assert!(phone.later(2 * DAY).says("luz").starts_with("Ometepec:"));
}

#[test]
fn families_switch_the_rule() {
    talk(&[
        ("tlapa", "7 de 21"),
        ("familia", "Familia 1 (MX-2020.1)"),
        ("mas", "Escribe FAMILIA y un numero: 1 parecidos"),
        ("FAMILIA 2", "Familia 2 (MX-2020.1): municipios de Guerrero, 80"),
        ("mas", "37 de 81 del estado"),
        ("familia 9", "Esa familia no existe"),
    ]);
}

#[test]
fn a_new_municipality_shows_its_parent_only_when_asked() {
    talk(&[
        ("san nicolas gro", "es municipio nuevo: aun no hay cifras. Su gente se conto en Cuajinicuilapa."),
        ("1", "Cuajinicuilapa, Gro: pobreza"),
        ("Las Vigas, Gro", "municipio nuevo"),
        ("agua", "municipio nuevo"),
        ("queja", "aun no abre"),
    ]);
}

#[test]
fn a_location_asks_before_it_answers() {
    let mut phone = Phone::known();
    phone.channel = ChannelKind::Telegram;
    let asked = phone.message("", Some((17.6, -98.6)), None);
    assert!(asked[0].text.contains("Tlapa de Comonfort"), "{asked:?}");
    assert_eq!(asked[0].kind, ReplyKind::Question);
    assert!(phone.says("1").contains("71.8%"));
    assert!(phone.message("", Some((17.6, -98.6)), None)[0].text.contains("¿Es ahí?"));
    assert!(phone.says("no").contains("Escribe su nombre"));
    assert!(phone.says("ometepec").contains("Ometepec"));
    for nowhere in [(0.0, 0.0), (f64::NAN, 1.0), (1e300, -1e300), (f64::INFINITY, 0.0)] {
        let far = phone.message("", Some(nowhere), None);
        assert_eq!(far[0].kind, ReplyKind::Error, "{nowhere:?} {far:?}");
    }
}

#[test]
fn a_deep_link_opens_the_headline() {
    let mut phone = Phone::known();
    phone.channel = ChannelKind::Telegram;
    assert!(phone.message("/start mun_12066", None, Some("mun_12066".to_owned()))[0].text.contains("71.8%"));
    let greeted = phone.message("/start x", None, Some("../../etc/passwd".to_owned()));
    assert!(greeted[0].text.contains("Hola"), "{greeted:?}");
}

#[test]
fn stop_and_start() {
    let mut phone = Phone::known();
    assert!(phone.says("STOP").contains("ya no recibiras avisos"));
    assert_eq!(phone.effects, [Effect::OptOut]);
    assert!(phone.says("baja por favor").contains("Ya estabas de baja"));
    assert_eq!(phone.effects, []);
    assert!(phone.says("tlapa").contains("71.8%"), "answers go on");
    assert!(phone.conversation.stopped, "a question is no consent");
    phone.says("queja no hay agua");
    assert!(phone.conversation.stopped, "a complaint is no consent");
    assert!(phone.says("ALTA").contains("otra vez"));
    assert_eq!(phone.effects, [Effect::OptIn]);
}

#[test]
fn what_looks_like_a_stop_word_stops_nothing() {
    for text in [
        "Baja California no tiene agua",
        "baja el agua",
        "BAJA agua",
        "baja 317",
        "Alto Lucero",
        "alta tension en la calle",
        "no mas agua sucia en mi calle",
        "ya no hay agua en la colonia",
        "salir de la pobreza",
        "parar el bache",
        "Altar",
        "Baca",
        "Parás",
        "El Salto",
        "Candela",
        "stpo",
        "salr",
    ] {
        let mut phone = Phone::known();
        phone.message(text, None, None);
        assert!(!phone.conversation.stopped, "{text}");
        assert!(!phone.effects.contains(&Effect::OptOut), "{text}");
    }
    for text in ["stpo", "salr", "bajja"] {
        let mut phone = Phone::known();
        assert!(phone.says(text).contains("¿Quieres dejar de recibir mensajes?"), "{text}");
        assert!(phone.says("si").contains("ya no recibiras"));
        assert_eq!(phone.effects, [Effect::OptOut]);
    }
}

#[test]
fn every_stop_word_stops_in_every_dress() {
    for (word, keyword) in KEYWORDS {
        if *keyword != Keyword::Stop {
            continue;
        }
        for text in [
            (*word).to_owned(),
            word.to_uppercase(),
            format!("  {word}!! "),
            format!("{word} por favor"),
            format!("{word}, gracias."),
            format!("¡{}!", word.to_uppercase()),
            format!("/{word}"),
        ] {
            for before in ["", "benito juarez", "agua", "menu", "idioma", "cancela"] {
                let mut phone = Phone::known();
                if !before.is_empty() {
                    phone.says(before);
                }
                phone.says(&text);
                assert!(phone.conversation.stopped, "{text:?} after {before:?}");
            }
        }
    }
}

#[test]
fn cancel_leaves_the_dialogue_and_otherwise_asks() {
    talk(&[
        ("benito juarez", "¿Cual?"),
        ("cancela", "Listo, lo dejamos"),
        ("2", "Ese numero no esta"),
        ("cancelar", "¿Quieres dejar de recibir mensajes? 1 Si 2 No"),
        ("2", "todo sigue igual"),
        ("cancel", "¿Quieres dejar"),
        ("1", "ya no recibiras"),
    ]);
}

#[test]
fn a_stop_question_is_forgotten_when_something_else_comes_first() {
    talk(&[
        ("cancela", "¿Quieres dejar"),
        ("hola", "Hola, soy Cabildo"),
        ("1", "Ese numero no esta"),
        ("tlapa", "71.8%"),
    ]);
}

#[test]
fn a_question_waits_a_day_and_is_then_asked_again() {
    let mut phone = Phone::known();
    phone.says("benito juarez");
    assert!(phone.later(23 * HOUR).says("2").contains("CDMX: pobreza"));
    phone.says("benito juarez");
    assert!(phone.later(25 * HOUR).says("2").contains("¿Cual?"));
    assert!(phone.says("2").contains("pobreza"));
}

#[test]
fn a_new_contact_gets_the_answer_and_then_the_notice_once() {
    let mut phone = Phone::new();
    let first = phone.message("tlapa", None, None);
    assert_eq!(first.len(), 2);
    assert!(first[0].text.contains("71.8%"));
    assert_eq!(first[1].kind, ReplyKind::Notice);
    for word in ["Cabildo", "numero cifrado", "PRIVACIDAD", "BAJA"] {
        assert!(first[1].text.contains(word), "{}", first[1].text);
    }
    assert_eq!(phone.effects, [Effect::Notice { version: 1 }]);
    assert_eq!(phone.message("comida", None, None).len(), 1);
    // Somebody who leaves with the first word gets one confirmation, not a notice too.
    let mut phone = Phone::new();
    assert_eq!(phone.message("stop", None, None).len(), 1);
    assert_eq!(phone.message("tlapa", None, None).len(), 2);
}

#[test]
fn what_is_not_understood_gets_two_hints_and_then_a_person() {
    let mut phone = Phone::known();
    let first = phone.says("qwrtz plkjh");
    let second = phone.says("zxcvb nmqwe");
    assert_ne!(first, second);
    assert_eq!(phone.effects, []);
    assert!(phone.says("poiuz trewq").contains("persona"));
    assert_eq!(phone.effects, [Effect::Unknown]);
    phone.says("tlapa");
    assert_eq!(phone.says("qwrtz plkjh"), first, "something understood begins the count afresh");
}

#[test]
fn an_automatic_answer_is_muted_for_an_hour() {
    let mut phone = Phone::known();
    let text = "Estoy manejando, te llamo luego";
    for _ in 0..5 {
        phone.message(text, None, None);
    }
    assert!(phone.message(text, None, None).is_empty());
    assert_eq!(phone.effects, [Effect::Muted]);
    assert!(phone.later(30 * MINUTE).message("tlapa", None, None).is_empty());
    assert!(phone.says("STOP").contains("ya no recibiras"), "a stop word is heard all the same");
    assert!(phone.later(HOUR).says("tlapa").contains("71.8%"));
    // So are five identical replies within the hour, not over months.
    let mut phone = Phone::known();
    for _ in 0..8 {
        assert!(phone.later(10 * DAY).says("tlapa").contains("71.8%"));
    }
    for _ in 0..5 {
        phone.message("tlapa", None, None);
    }
    assert!(phone.message("tlapa", None, None).is_empty());
    // Digits, menu words and MAS never count.
    let mut phone = Phone::known();
    for _ in 0..30 {
        assert!(!phone.message("menu", None, None).is_empty());
        assert!(!phone.message("mas", None, None).is_empty());
        assert!(!phone.message("2", None, None).is_empty());
    }
}

#[test]
fn languages() {
    talk(&[
        ("idioma", "1 Español 2 English"),
        ("2", "in English"),
        (
            "tlapa",
            "poverty 71.8% (2020), 7 of 21 similar, median 78.3. Best: school (4). Worst: food (17). FOOD, WATER, REPORT or HELP.",
        ),
        ("water", "without piped water"),
        ("español", "en español"),
        ("english", "in English"),
        ("idioma español", "en español"),
    ]);
}

#[test]
fn manners_help_and_menu() {
    talk(&[
        ("hola", "Hola, soy Cabildo"),
        ("buenos dias", "Hola, soy Cabildo"),
        ("gracias", "De nada"),
        ("muchas gracias", "De nada"),
        ("quien eres?", "un programa"),
        ("cuanto cuesta", "no cobra nada"),
        ("?", "Escribe tu municipio"),
        ("AYUDA", "Escribe tu municipio"),
        ("mas", "ESTADO y tu folio"),
        ("mas", "MEJORES, QUIEN, TENDENCIA"),
        ("privacidad", "guarda tu numero cifrado"),
        ("mas", "Telegram también ve"),
        ("menu", "1 Mi municipio 2 Temas"),
        ("2", "POBREZA"),
        ("0", "1 Mi municipio"),
        ("1", "¿De qué municipio?"),
        ("hola tlapa", "Tlapa de Comonfort, Gro"),
    ]);
}

#[test]
fn every_word_that_is_not_open_says_so_and_where_to_go() {
    for (word, keyword) in KEYWORDS {
        let Keyword::Closed(_) = keyword else { continue };
        let mut phone = Phone::known();
        let reply = phone.says(word);
        assert!(reply.contains("aun no abre aqui") && reply.contains("AYUDA"), "{word}: {reply}");
    }
}

#[test]
fn a_code_is_shown_used_and_confirmed() {
    let facts = |checked, linked| LinkFacts { fresh: Code("482913".to_owned()), linked, checked };
    let code = || Code("111111".to_owned());
    let mut phone = Phone::known();
    // Without a store nobody knows a code.
    assert!(phone.says("VINCULA").contains("aun no abre"));
    phone.link = Some(facts(None, false));
    assert!(phone.says("VINCULA").contains("VINCULA 482913"));
    let given = LinkEffect::Given { code: Code("482913".to_owned()), locale: None };
    assert_eq!(phone.effects, [Effect::Link(given)]);
    for (checked, expected) in [
        (Checked::Wrong, "no sirve"),
        (Checked::TooMany, "Espera 10 minutos"),
        (Checked::Own, "otro canal"),
        (Checked::SendBack, "VINCULA 482913"),
    ] {
        phone.link = Some(facts(Some(checked), false));
        let reply = phone.says("VINCULA 111111");
        assert!(reply.contains(expected), "{reply}");
    }
    let right = || Checked::Right { from: ChannelKind::Sms, locale: Some("en".to_owned()) };
    let confirmed = LinkEffect::Confirmed { from: ChannelKind::Sms, locale: Some("en".to_owned()) };
    for (answer, effect) in [("si", confirmed.clone()), ("1", confirmed), ("2", LinkEffect::Declined)] {
        phone.link = Some(facts(Some(right()), false));
        // The same text again and again would look like a machine.
        phone.later(6 * MINUTE);
        assert!(phone.says("VINCULA 111111").contains("1 Si 2 No"));
        assert_eq!(phone.effects, [Effect::Link(LinkEffect::Used { code: code() })]);
        // A reserved word in between leaves the question waiting.
        phone.says("AYUDA");
        phone.says(answer);
        assert_eq!(phone.effects, [Effect::Link(effect)]);
        // It is no longer asked.
        phone.says(answer);
        assert_eq!(phone.effects, []);
    }
    // A yes is a yes for ten minutes.
    phone.link = Some(facts(Some(right()), false));
    phone.later(6 * MINUTE);
    phone.says("VINCULA 111111");
    assert!(phone.later(11 * MINUTE).says("si").contains("no sirve"));
    assert_eq!(phone.effects, [Effect::Link(LinkEffect::Declined)]);
    phone.link = Some(facts(None, false));
    assert!(phone.says("VINCULA NO").contains("no esta unido"));
    phone.link = Some(facts(None, true));
    assert!(phone.says("VINCULA NO").contains("ya no estan unidos"));
    phone.link = Some(facts(None, true));
    assert!(phone.says("VINCULA mi casa").contains("VINCULA para pedir"));
}

#[test]
fn ussd_screens_hold_160_characters() {
    let mut phone = Phone::new();
    phone.channel = ChannelKind::Ussd;
    for text in [
        "tlapa",
        "1",
        "mas",
        "benito juarez",
        "2",
        "menu",
        "ayuda",
        "idioma",
        "qwrtz plkjh",
        "Dolores Hidalgo",
    ] {
        for reply in phone.message(text, None, None) {
            let (head, screen) = reply.text.split_at(4);
            assert!(head == "CON " || head == "END ", "{}", reply.text);
            assert!(screen.chars().count() <= 160, "{}", reply.text);
            assert!(screen.is_ascii(), "{}", reply.text);
        }
    }
}

fn texts() -> impl Strategy<Value = String> {
    let words: Vec<String> = KEYWORDS
        .iter()
        .map(|(word, _)| (*word).to_owned())
        .chain(FACTS.municipalities.iter().step_by(37).map(|it| it.name.clone()))
        .chain(FACTS.manifest.topics.iter().flat_map(|it| it.words.values().flatten().cloned()))
        .chain(hostile::texts().into_iter().map(|(_, text)| text))
        .chain(["1", "2", "5", "9", "06010", "12066", "con", "en", "familia 3"].map(str::to_owned))
        .collect();
    let word = proptest::sample::select(words);
    prop_oneof![
        4 => proptest::collection::vec(word.clone(), 1..4).prop_map(|words| words.join(" ")),
        2 => (word, any::<usize>(), any::<char>()).prop_map(|(word, at, with)| {
            let mut letters: Vec<char> = word.chars().collect();
            let at = at % (letters.len() + 1);
            letters.insert(at, with);
            letters.into_iter().collect()
        }),
        1 => any::<String>(),
        1 => Just(String::new()),
    ]
}

#[test]
fn a_hundred_thousand_hostile_texts() {
    // 12,500 dialogues of 8 messages, two people in turns.
    let dialogues = if cfg!(debug_assertions) && std::env::var_os("CABILDO_REQUIRE_ALL").is_none() {
        1_250
    } else {
        12_500
    };
    let mut runner =
        TestRunner::new(Config { cases: dialogues, failure_persistence: None, ..Config::default() });
    let strategy = (proptest::collection::vec(texts(), 8), any::<bool>());
    let outcome = runner.run(&strategy, |(texts, telegram)| {
        let mut phones = [Phone::new(), Phone::new()];
        for phone in &mut phones {
            phone.channel = if telegram { ChannelKind::Telegram } else { ChannelKind::Sms };
        }
        // What only one person wrote must never reach the other.
        let secret = "zorrilloverde";
        for (turn, text) in texts.iter().enumerate() {
            let phone = &mut phones[turn % 2];
            let text = if turn % 2 == 0 { format!("{text} {secret}") } else { text.clone() };
            let stopped_before = phone.conversation.stopped;
            let replies = phone.message(&text, None, None);
            assert!(replies.len() <= 2);
            for reply in replies {
                if !telegram {
                    assert!(segment(&reply.text).segments <= 3, "{}", reply.text);
                }
                let plain = reply.text.replace("&quot;", "\"").replace("&amp;", "&");
                assert!(!plain.is_empty());
                assert!(
                    !plain.contains("{ $") && !plain.contains("feature-") && !plain.contains("Unknown local"),
                    "{plain}"
                );
                assert!(!plain.to_lowercase().contains(secret), "{plain}");
            }
            if phone.conversation.stopped && !stopped_before {
                assert!(
                    stops(&text) || phone.effects.contains(&Effect::OptOut) && yes(&text),
                    "{text:?} stopped"
                );
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|problem| panic!("{problem}"));
}

/// An independent reading of "a stop word alone or with courtesy words".
fn stops(text: &str) -> bool {
    let courtesy = [
        "por", "favor", "porfavor", "porfa", "pls", "please", "gracias", "muchas", "hola", "buenas",
        "buenos", "buen", "dia", "dias", "tardes", "noches", "thanks", "thank", "you", "hi", "hello", "ok",
    ];
    let words = fold::words(text);
    let rest: Vec<&str> = words.iter().map(String::as_str).filter(|word| !courtesy.contains(word)).collect();
    ["stop", "baja", "alto", "salir", "parar", "no mas", "ya no", "unsubscribe", "stopall", "quit", "end"]
        .contains(&rest.join(" ").as_str())
}

fn yes(text: &str) -> bool {
    let words = fold::words(text);
    ["1", "01", "si", "yes"].contains(&words.join(" ").as_str())
        || words.iter().any(|word| word == "si" || word == "yes")
}
