//! What follows a receipt, by what a person writes and reads: how far it is, corrections, taking it back,
//! further messages, a person who answers, closings; and that two people are never mixed.

use cabildo_bot::channels::render::{Setting, staff_text};
use cabildo_bot::domain::case::{CaseState, Confidentiality, Folio};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::time::{DAY, HOUR, MINUTE};
use cabildo_tests::town::{FACTS, Kept, Phone, Town, one_go};
use proptest::prelude::{Strategy, prop_oneof};
use proptest::strategy::Just;
use proptest::test_runner::{Config, TestRunner};

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
fn what_others_joined_is_left_to_them() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    let id = one_go(&mut town, &mut phone);
    town.find(id).case.others = true;
    phone.talk(&mut town, &[("CANCELA", "Sigue abierto, porque otras personas se sumaron"), ("2", "sigue")]);
    phone.talk(&mut town, &[("CANCELA", "otras personas"), ("1", "con lo que contaste y sin tu numero")]);
    assert!(town.find(id).case.state.open());
    assert!(phone.says(&mut town, "mis casos").contains("No tengo reportes"));
    // What was asked may not be so any more when it is answered.
    let id = one_go(&mut town, &mut phone);
    phone.talk(&mut town, &[("CANCELA", "¿Retiras el reporte")]);
    town.find(id).case.others = true;
    phone.talk(&mut town, &[("1", "Sigue abierto para quienes se sumaron")]);
    let id = one_go(&mut town, &mut phone);
    phone.talk(&mut town, &[("CANCELA", "¿Retiras el reporte")]);
    town.find(id).case.seen = true;
    phone.talk(&mut town, &[("1", "ya no se puede retirar")]);
    town.find(id).case.seen = false;
    phone.later(23 * HOUR).talk(&mut town, &[("CANCELA", "¿Retiras el reporte")]);
    phone.later(2 * HOUR).talk(&mut town, &[("1", "ya no se puede retirar")]);
    assert!(town.find(id).case.state.open() && !town.find(id).case.withdrawn);
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
    assert!(!reply.contains(folio.as_str()) && !reply.contains("tu reporte"), "{reply}");
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
