//! Reports by people who never reported before: wrong answers, words in the wrong place, words that are no
//! keyword, and what they are told of who may know.

use cabildo_bot::domain::case::{Anonymity, Confidentiality};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::time::{HOUR, MINUTE};
use cabildo_tests::phones::Phones;
use cabildo_tests::town::{Phone, Town, one_go};

/// A phone with a draft in which it was just asked who may know.
fn asked_who(town: &mut Town) -> Phone {
    let mut phone = Phone::at_home(0);
    phone.talk(
        town,
        &[
            ("queja", "¿De qué se trata?"),
            ("1", "Cuéntalo"),
            ("no cae agua desde el lunes", "¿Donde es?"),
            ("colonia San Francisco", "1 Solo la oficina 2 Nadie 3 Todos, con mi nombre"),
        ],
    );
    phone
}

#[test]
fn a_wrong_answer_repeats_the_choices_and_keeps_the_report() {
    let choices = "1 Solo la oficina 2 Nadie 3 Todos, con mi nombre";
    for wrong in ["5", "no se", "si", "xx", "la verdad no entiendo que me preguntan"] {
        let mut town = Town::default();
        let mut phone = asked_who(&mut town);
        let again = phone.says(&mut town, wrong);
        assert!(again.starts_with("No entendi") && again.contains(choices), "{wrong}: {again}");
        assert!(!again.contains("MENU"), "{again}");
        phone.talk(&mut town, &[("1", "Recibido. Folio")]);
        assert_eq!(town.kept[0].opening.text.0, "no cae agua desde el lunes");
    }
    // The same at each step that has choices.
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    phone.talk(
        &mut town,
        &[
            ("queja", "¿De qué se trata?"),
            ("77", "No entendi. ¿De qué se trata? 1 Agua"),
            ("xx", "1 Agua"),
            ("mas", "6 Seguridad"),
            ("99", "6 Seguridad"),
            ("8", "Cuéntalo"),
        ],
    );
    let (mut town, mut phone) = (Town::default(), Phone::new(1));
    phone.conversation.home = Some("12066".to_owned());
    phone.talk(
        &mut town,
        &[
            ("pregunta cuando pasa la pipa", "¿Seguimos? 1 Si 2 No"),
            ("7", "¿Seguimos? 1 Si 2 No"),
            ("que es eso", "¿Seguimos? 1 Si 2 No"),
            ("1", "Recibido. Folio"),
        ],
    );
    let mut town = Town::offering();
    one_go(&mut town, &mut Phone::at_home(0));
    let mut other = Phone::at_home(1);
    let offered = other.says(&mut town, "QUEJA no hay agua en la col. San Jose desde el lunes");
    assert!(offered.contains("¿Es este mismo? 1 Si, sumame 2 No"), "{offered}");
    other.talk(
        &mut town,
        &[("8", "1 Si, sumame 2 No"), ("pues quien sabe", "1 Si, sumame 2 No"), ("1", "te sumé")],
    );
}

#[test]
fn who_may_know_is_said_where_it_is_not_asked() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    // In one go: the default, and it is said.
    let told = phone.says(&mut town, "QUEJA no hay agua en la col. San Jose desde el lunes");
    assert!(told.contains("Solo ellos saben quién eres"), "{told}");
    assert_eq!(town.kept[0].opening.anonymity, Anonymity::HiddenFromPublic);
    // Of a category that is confidential, without the office.
    let told = phone.says(&mut town, "queja asaltan en la calle Hidalgo");
    let told = if told.contains("Folio") { told } else { phone.says(&mut town, "de noche") };
    assert!(told.contains("Solo quien lo atiende sabe quién eres") && !told.contains("Segur"), "{told}");
    // With the place asked it is no complaint in one go: who may know is asked.
    phone.talk(
        &mut town,
        &[
            ("queja no pasa el camion de la basura", "¿Donde es?"),
            ("barrio San Diego", "1 Solo la oficina"),
            ("3", "nombre"),
        ],
    );
    let named = phone.says(&mut town, "Ana");
    assert!(
        named.contains("Folio") && !named.contains("quién eres"),
        "what was asked is not said again: {named}"
    );
    // A name that everybody may know is never taken over.
    phone.later(HOUR);
    let told = phone.says(&mut town, "queja hay un bache en la calle Juarez frente a la primaria");
    assert!(told.contains("quién eres"), "{told}");
    let kept = town.kept.last().expect("a case");
    assert_eq!((kept.opening.anonymity, kept.opening.answers.len()), (Anonymity::HiddenFromPublic, 0));
    // Hidden from everybody once: it is safer for her the next time too, and it is said.
    phone.talk(
        &mut town,
        &[
            ("queja", "¿De qué se trata?"),
            ("3", "Cuéntalo"),
            ("no prende la lampara", "¿Donde es?"),
            ("calle Morelos 3", "1 Solo"),
            ("2", "Una persona lo ve"),
        ],
    );
    let told = phone.later(HOUR).says(&mut town, "QUEJA no hay agua en la col. San Jose otra vez");
    assert!(told.contains("Como la otra vez, nadie sabra quién eres"), "{told}");
    assert_eq!(town.kept.last().expect("a case").opening.confidentiality, Confidentiality::Confidential);
}

#[test]
fn what_is_told_where_the_municipality_is_asked_is_kept() {
    let (mut town, mut phone) = (Town::default(), Phone::new(0));
    phone.conversation.consent = 1;
    phone.talk(
        &mut town,
        &[
            ("QUEJA", "¿De qué municipio?"),
            ("hay un bache en mi calle", "Ya lo anoté. ¿De qué municipio es?"),
            ("qwrtz plkj", "No lo encuentro"),
            ("y ya se cayeron dos motos en ese bache", "Ya lo anoté."),
            ("tlapa", "¿Donde es?"),
            ("calle Hidalgo 4", "1 Solo la oficina"),
            ("1", "Obras"),
        ],
    );
    let opening = &town.kept[0].opening;
    assert_eq!((opening.category.as_str(), opening.municipality.as_str()), ("streets", "12066"));
    assert_eq!(opening.text.0, "hay un bache en mi calle\ny ya se cayeron dos motos en ese bache");
    // The same where several places have its name, and a number that is none of theirs shows them again.
    let (mut town, mut phone) = (Town::default(), Phone::new(0));
    phone.conversation.consent = 1;
    phone.talk(
        &mut town,
        &[
            ("queja", "¿De qué municipio?"),
            ("benito juarez", "Hay 7 Benito Juarez"),
            ("88", "1 Q. Roo 2 CDMX"),
            ("no pasa la basura hace dos semanas", "Ya lo anoté"),
            ("benito juarez", "Hay 7 Benito Juarez"),
            ("1", "¿Donde es?"),
        ],
    );
    // A sentence that names the municipality answers both, and a word that names a category is no text.
    let (mut town, mut phone) = (Town::default(), Phone::new(0));
    phone.conversation.consent = 1;
    phone.talk(
        &mut town,
        &[("queja", "¿De qué municipio?"), ("no hay agua en Ometepec desde ayer", "¿Donde es?")],
    );
    let (mut town, mut phone) = (Town::default(), Phone::new(0));
    phone.conversation.consent = 1;
    phone.talk(
        &mut town,
        &[("queja", "¿De qué municipio?"), ("basura", "Ya lo anoté"), ("tlapa", "Cuéntalo en un mensaje")],
    );
    // Names stay names, with slips too.
    for name in ["San Juan Mixtepec", "tlapa de comonfort", "Tlapa de Comomfort", "41300"] {
        let (mut town, mut phone) = (Town::default(), Phone::new(0));
        phone.conversation.consent = 1;
        phone.says(&mut town, "queja");
        assert!(!phone.says(&mut town, name).contains("Ya lo anoté"), "{name}");
    }
}

#[test]
fn a_bare_word_after_an_urgent_receipt_is_where_it_is() {
    for place in ["centro", "la esperanza", "Juarez", "atras del mercado"] {
        let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
        let told = phone.says(&mut town, "hay un incendio");
        assert!(told.contains("llama ya al 911") && told.contains("¿Donde es?"), "{told}");
        phone.talk(&mut town, &[(place, "Se lo pasé a quien te atiende")]);
        assert_eq!(town.kept[0].thread, ["hay un incendio", place], "{place}");
    }
    // A keyword is a keyword, and the place is taken after it; later a name is a name again.
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    phone.talk(
        &mut town,
        &[("hay un incendio", "911"), ("AYUDA", "Escribe tu municipio"), ("centro", "Se lo pasé")],
    );
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    phone.says(&mut town, "hay un incendio");
    let later = phone.later(11 * MINUTE).says(&mut town, "centro");
    assert!(!later.contains("Se lo pasé"), "{later}");
    // A shared location says where it is, too.
    let (mut town, phone) = (Town::default(), Phone::at_home(0));
    let mut phone = phone.on(ChannelKind::Telegram);
    phone.says(&mut town, "hay un incendio");
    phone.message(&mut town, "", Some((17.546, -98.577)));
    assert_eq!(town.kept[0].thread[1..], ["17.546000, -98.577000"]);
    // What said where it is is not asked.
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    phone
        .talk(&mut town, &[("queja", "¿De qué se trata?"), ("1", "Cuéntalo"), ("no hay agua", "¿Donde es?")]);
    phone.says(&mut town, "colonia San Jose");
    assert!(!phone.says(&mut town, "auxilio me pegan").contains("¿Donde es?"));
}

#[test]
fn people_without_a_keyword_are_understood() {
    let begins = [
        "kiero kejarme",
        "quiero quejarme",
        "denuncia",
        "DENUNCIA",
        "quisiera reportar algo",
        "i want to complain",
        "quiero kejarme por favor",
    ];
    for text in begins {
        let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
        phone.talk(&mut town, &[(text, "¿De qué se trata?")]);
    }
    for text in [
        "quiero hablar con una persona",
        "kiero hablar con alguien",
        "puedo hablar con el encargado",
        "talk",
        "talk to a person",
    ] {
        let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
        phone.talk(&mut town, &[(text, "Te contesta una persona")]);
    }
    for text in ["folio", "mi folio", "mi folio es ABC123", "cual es mi folio"] {
        let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
        let told = phone.says(&mut town, text);
        assert!(told.contains("ESTADO") && told.contains("folio"), "{text}: {told}");
    }
    // A folio that is one is answered.
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    one_go(&mut town, &mut phone);
    let opening = town.kept[0].opening.clone();
    let (folio, pin) = (opening.folio.to_string(), opening.pin.as_str().to_owned());
    phone.talk(&mut town, &[(&format!("mi folio es {folio}"), "falta que alguien lo lea")]);
    let mut other = Phone::new(1);
    other.talk(
        &mut town,
        &[
            (&format!("folio {folio}"), "No coincide"),
            (&format!("mi folio es {folio} y mi clave {pin}"), "falta que alguien lo lea"),
        ],
    );
    // What tells of her own street beside a place is compared, and it is asked whether it is a report.
    let mut phone = Phone::at_home(2);
    let told = phone.says(&mut town, "no ay awa en mi colonia tlapa");
    assert!(told.contains("¿Quieres que lo registre"), "{told}");
    let told = phone.says(&mut town, "1");
    assert!(told.contains("Recibido. Folio"), "the place is in it: {told}");
    // What is about neither is neither.
    for text in ["tlapa", "agua en ometepec", "portafolio", "que tal", "una persona mayor necesita apoyo"] {
        let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
        let told = phone.says(&mut town, text);
        assert!(
            !told.contains("Te contesta una persona") && !told.contains("¿De qué se trata?"),
            "{text}: {told}"
        );
    }
}

#[test]
fn the_menu_and_the_help_name_reports() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    phone.talk(
        &mut town,
        &[
            ("menu", "1 Mi municipio 2 Temas 3 Reportar 4 Mis casos 5 Ayuda"),
            ("3", "¿De qué se trata?"),
            ("cancela", "lo dejamos"),
            ("menu", "4 Mis casos"),
            ("4", "No tengo reportes"),
            ("menu", "5 Ayuda"),
            ("5", "MIS CASOS"),
            ("mas", "ESTADO"),
            ("mas", "TENDENCIA"),
            ("mas", "Es todo"),
            ("ayda", "MIS CASOS"),
            ("que es mediana", "el valor de en medio"),
            ("que es la mediana?", "el valor de en medio"),
            ("que es 7 de 21", "seis van mejor"),
            ("compara", "COMPARA TLAPA CON otro"),
            ("ometepec", "Ometepec, Gro: pobreza"),
        ],
    );
    phone.conversation.locale = Some("en".to_owned());
    phone.talk(
        &mut town,
        &[
            ("what is rank", "six do better"),
            ("what is median", "in the middle"),
            ("compare", "COMPARE TLAPA WITH another"),
        ],
    );
    // On a menu of a phone's own there are five options at most.
    let (mut town, phone) = (Town::default(), Phone::at_home(0));
    let mut phone = phone.on(ChannelKind::Ussd);
    let menu = phone.says(&mut town, "menu");
    assert!(menu.starts_with("CON ") && menu.contains("4 Mis casos"), "{menu}");
}

#[test]
fn the_list_of_reports_says_how_to_go_on() {
    let (mut town, mut phone) = (Town::default(), Phone::at_home(0));
    one_go(&mut town, &mut phone);
    let list = phone.says(&mut town, "mis casos");
    // The sender of an SMS is only a claim: folio and state alone.
    assert!(list.contains("recibido. Para saber mas: ESTADO y el folio") && !list.contains("Agua"), "{list}");
    let mut chat = Phone::at_home(0).on(ChannelKind::Telegram);
    let list = chat.says(&mut town, "mis casos");
    assert!(list.contains("Agua: recibido"), "{list}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_a_real_webhook_a_newcomer_gets_through() {
    let town = Phones::start("").await;
    let (ana, bea) = ("+525500000021", "+525500000022");
    // The notice is the answer, and the question is pushed.
    assert!(town.sms("telco", ana, "kiero kejarme").await.contains("Si sigues, aceptas"));
    assert!(town.sms("telco", ana, "hay un bache en mi calle").await.contains("Ya lo anoté"));
    assert!(town.sms("telco", ana, "tlapa").await.contains("¿Donde es?"));
    assert!(town.sms("telco", ana, "calle Hidalgo 4").await.contains("1 Solo la oficina"));
    assert!(
        town.sms("telco", ana, "9").await.contains("No entendi. ¿Quién puede saber que fuiste tu? 1 Solo")
    );
    assert!(town.sms("telco", ana, "1").await.contains("Recibido. Folio"));
    assert!(town.sms("telco", bea, "me estan pegando").await.contains("llama ya al 911"));
    assert!(town.sms("telco", bea, "tlapa").await.contains("¿Donde es?"));
    assert!(town.sms("telco", bea, "centro").await.contains("Se lo pasé"));
    town.serving.app.shutdown().await;
}
