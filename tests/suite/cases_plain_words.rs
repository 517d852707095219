//! Reports as people write them: without the keyword, with slips, two in a row, addresses afterwards.

use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::time::{HOUR, MINUTE};
use cabildo_tests::town::{Phone, Town, one_go};

#[test]
fn a_sentence_that_speaks_of_reporting_begins_a_report() {
    for text in
        ["quiero poner una queja", "buenas tardes, quisiera hacer un reporte por favor", "puedo denunciar?"]
    {
        let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
        phone.talk(&mut town, &[(text, "¿De qué se trata?"), ("4", "Cuéntalo"), ("cancela", "lo dejamos")]);
    }
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    phone.talk(
        &mut town,
        &[
            ("Buenas tardes, quisiera reportar que no pasa la basura en la colonia San Nicolas", "Recibido."),
            ("ya no hay luz en el poste de mi calle desde ayer", "Lo sumé a tu reporte"),
        ],
    );
    let opening = &town.kept[0].opening;
    assert_eq!((opening.category.as_str(), opening.municipality.as_str()), ("rubbish", "12066"));
    assert!(opening.text.0.starts_with("Buenas tardes, quisiera reportar"), "her words as they are");
    // Nobody's home is guessed, and the notice comes before the first datum.
    let (mut town, mut phone) = (Town::default(), Phone::new(0));
    phone.talk(&mut town, &[("quiero poner una queja", "aceptas"), ("tlapa", "¿De qué se trata?")]);
    assert!(town.kept.is_empty());
}

#[test]
fn the_keyword_is_understood_as_many_write_it() {
    for text in ["keja", "kueja no hay agua", "KEJA!", "quejas", "qieja"] {
        let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
        let reply = phone.says(&mut town, text);
        assert!(reply.contains("¿De qué se trata?") || reply.contains("¿Donde es?"), "{text}: {reply}");
    }
}

#[test]
fn what_sounds_like_a_report_is_asked_about_and_never_taken_unasked() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    phone.talk(
        &mut town,
        &[
            (
                "no a pasado el camion de la basura por mi casa en dos semanas",
                "¿Quieres que lo registre como reporte, con folio, para que te contesten? 1 Si 2 No",
            ),
            ("2", "no lo registré"),
            ("1", "Ese numero no esta"),
        ],
    );
    assert!(town.kept.is_empty() && phone.conversation.intake.is_none());
    phone.talk(
        &mut town,
        &[
            ("no a pasado el camion de la basura por mi casa en dos semanas", "¿Quieres que lo registre"),
            // A reserved word leaves the question waiting.
            ("AYUDA", "Escribe tu municipio"),
            ("si", "¿Donde es?"),
            ("barrio San Diego", "1 Solo la oficina"),
            ("1", "Recibido. Folio"),
        ],
    );
    let opening = &town.kept[0].opening;
    assert_eq!(opening.category, "rubbish");
    assert_eq!(opening.text.0, "no a pasado el camion de la basura por mi casa en dos semanas");
    // What compares is compared, and what says nothing gets its hints.
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    phone.talk(
        &mut town,
        &[
            ("agua en ometepec", "Ometepec"),
            ("como esta el agua", "Ometepec: 16.5%"),
            ("zxcv qwer uiop asdf", "No entendi"),
            ("Estoy manejando, te llamo luego", "Sigo sin entender"),
            ("zxcv qwer uiop asdf ghjk", "para que lo lea una persona"),
        ],
    );
    // Without a home it is asked for, after the yes.
    let (mut town, mut phone) = (Town::default(), Phone::new(0));
    phone.talk(
        &mut town,
        &[
            ("me robaron mi cartera ayer en el mercado", "¿Quieres que lo registre"),
            ("1", "¿De qué municipio?"),
            ("tlapa", "¿Donde es?"),
        ],
    );
}

#[test]
fn a_word_of_what_people_report_is_asked_about() {
    let offer = "¿Quieres que lo registre como reporte";
    for text in [
        "basura",
        "bache",
        "Baches!",
        "un bache",
        "alumbrado",
        "alumbrado publico",
        "luminarias",
        "fuga",
        "camion de la basura",
        // One letter from FUENTE and from QUEJA: who wrote a word is not thought to have missed another.
        "puente",
        "quema",
        "potholes",
        "garbage",
    ] {
        let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
        phone.talk(&mut town, &[(text, offer), ("2", "no lo registré")]);
        assert!(town.kept.is_empty() && phone.conversation.intake.is_none(), "{text}");
    }
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    phone.talk(
        &mut town,
        &[
            ("comida", "Tlapa"),
            ("baches", offer),
            ("si", "Cuéntalo en un mensaje"),
            ("ya se cayeron dos motos", "¿Donde es?"),
            ("calle Juarez 4", "1 Solo la oficina"),
            ("1", "Recibido. Folio"),
        ],
    );
    let opening = &town.kept[0].opening;
    assert_eq!((opening.category.as_str(), opening.text.0.as_str()), ("streets", "ya se cayeron dos motos"));
    // What follows a report at once is about it.
    phone.talk(&mut town, &[("camion de la basura", "Lo sumé a tu reporte"), ("basura", offer)]);
    // Without a home it is asked for, after the yes.
    let (mut town, mut phone) = (Town::default(), Phone::new(0));
    phone.talk(
        &mut town,
        &[("basura", offer), ("1", "¿De qué municipio?"), ("tlapa", "Cuéntalo en un mensaje")],
    );
    // Topics, places and keywords stay what they are, and what says nothing gets its hints.
    for text in
        ["agua", "luz", "salud", "drenaje", "medicos", "Tala", "Mina", "acta", "mexico", "otro", "no se"]
    {
        let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
        let reply = phone.says(&mut town, text);
        assert!(!reply.is_empty() && !reply.contains(offer), "{text}: {reply}");
    }
    let english = || {
        let (mut town, mut phone) = (Town::default(), Phone::at_home(0).on(ChannelKind::Telegram));
        phone.talk(&mut town, &[("english", "in English")]);
        (town, phone)
    };
    for text in ["rubbish", "a pothole", "sidewalk", "bridge", "basura"] {
        let (mut town, mut phone) = english();
        phone.talk(&mut town, &[(text, "Shall I register it as a report")]);
    }
    for text in ["water", "health", "food", "sewer"] {
        let (mut town, mut phone) = english();
        let reply = phone.says(&mut town, text);
        assert!(reply.contains("Tlapa") && !reply.contains("Shall I register"), "{text}: {reply}");
    }
}

#[test]
fn an_address_after_a_receipt_belongs_to_the_report() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    let id = one_go(&mut town, &mut phone);
    phone.talk(&mut town, &[("colonia centro", "Lo sumé a tu reporte"), ("calle 5 de mayo", "Lo sumé")]);
    assert_eq!(town.find(id).thread[1..], ["colonia centro", "calle 5 de mayo"]);
    // A sentence that is like a place in some letters only is about the report, too.
    phone.talk(&mut town, &[("ya llego el agua", "Lo sumé a tu reporte")]);
    phone.later(HOUR).talk(&mut town, &[("ya llego el agua", "¿Es sobre tu reporte"), ("1", "Lo sumé")]);
    assert_eq!(town.find(id).thread.len(), 5);
    // Later, or without a report, a colonia is looked for as any name is.
    phone.later(HOUR).talk(&mut town, &[("tlapa", "71.8%")]);
    assert!(!phone.later(HOUR).says(&mut town, "colonia centro").contains("Lo sumé"));
    let mut other = Phone::at_home(1);
    assert!(!other.says(&mut town, "colonia centro").contains("Lo sumé"));
}

#[test]
fn a_second_report_is_another_one() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    one_go(&mut town, &mut phone);
    phone.talk(
        &mut town,
        &[
            ("queja tampoco pasa la basura", "¿Donde es?"),
            ("calle hidalgo 33", "1 Solo la oficina"),
            ("1", "Servicios Publicos de Tlapa"),
        ],
    );
    let listed = phone.says(&mut town, "mis casos");
    assert!(town.kept.iter().all(|it| listed.contains(it.opening.folio.as_str())), "{listed}");
    // The receipt says of which municipality the office is: a wrong one is seen at once.
    phone.talk(
        &mut town,
        &[
            ("ometepec", "Ometepec, Gro"),
            ("queja no prende la lampara en la calle Juarez", "Servicios Publicos de Ometepec"),
        ],
    );
}

#[test]
fn the_emergency_number_alone_goes_on_with_what_was_urgent() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    phone.talk(&mut town, &[("queja", "¿De qué se trata?"), ("mi esposo me quiere matar", "911")]);
    let reply = phone.later(MINUTE).says(&mut town, "911");
    assert!(reply.contains("llama ya al 911") && !reply.contains("Folio"), "{reply}");
    assert_eq!((town.kept.len(), town.kept[0].thread.len()), (1, 2));
    // Something else that is urgent is a case of its own.
    assert!(phone.later(MINUTE).says(&mut town, "hay un incendio en la casa de junto").contains("Folio"));
    assert_eq!(town.kept.len(), 2);
}

#[test]
fn few_words_about_violence_are_not_filed_into_the_fire_of_the_morning() {
    for (first, then) in [("incendio", "me quiere matar"), ("me quiere matar", "incendio")] {
        let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
        phone.talk(&mut town, &[("queja", "¿De qué se trata?"), (first, "911")]);
        let reply = phone.later(MINUTE).says(&mut town, then);
        assert!(reply.contains("911") && reply.contains("Folio"), "{then}: {reply}");
        let categories: Vec<&str> = town.kept.iter().map(|it| it.case.category.as_str()).collect();
        assert_eq!(categories.len(), 2, "{then}: {categories:?}");
        assert_ne!(categories[0], categories[1], "{then}");
    }
}

#[test]
fn a_report_in_english_from_a_chat() {
    let (mut town, phone) = (Town::default(), Phone::at_home(0));
    let mut phone = phone.on(ChannelKind::Telegram);
    phone.talk(
        &mut town,
        &[
            ("english", "in English"),
            ("i would like to complain about the street light near the market", "of Tlapa answers you by"),
            ("fix the street light near the school", "corrected"),
            ("cancel", "Do you take the report"),
            ("no", "goes on"),
        ],
    );
    assert_eq!(town.kept[0].opening.category, "lighting");
}
