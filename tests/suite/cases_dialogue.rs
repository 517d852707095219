//! Reports by what a person writes and reads, up to the receipt: the dialogue on a town of its own,
//! without a store.

use cabildo_bot::channels::render::ReplyKind;
use cabildo_bot::domain::case::{Anonymity, Confidentiality};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::desk::Desk;
use cabildo_bot::domain::time::{DAY, HOUR};
use cabildo_bot::engine::Effect;
use cabildo_bot::engine::cases::{CaseEffect, FeedbackKind, needed};
use cabildo_bot::engine::conversation::Conversation;
use cabildo_tests::town::{DESK, FACTS, Phone, Town, one_go};

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
            ("1", "Te contesta Agua Potable y Drenaje de Tlapa a mas tardar el 19 nov"),
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
            ("99", "No entendi. "),
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
