//! Who writes an SMS only claims its number: many forms of a sender, each intent that touches a case or a
//! person, over HTTP, and no reply that tells anything of anybody.

use cabildo_bot::domain::staff::Grant;
use cabildo_tests::phones::{Phones, receipt};
use cabildo_tests::staff::{get, hire, sign_in, write};
use reqwest::Method;
use serde_json::json;

/// The number that opened the cases.
const OPENER: &str = "+525512345678";

/// What nobody may read who only claims to be somebody: words, a name, an address, what staff answered.
const CANARIES: [&str; 7] =
    ["zorrilloverde", "Tejocote", "Remedios", "tecoloteazul", "cacomixtle", "12345678", "quetzalgris"];

/// Forms of the very number: what it claims is what it opened.
const SAME: [&str; 6] =
    ["+525512345678", "525512345678", "5215512345678", "00525512345678", "5512345678", "+52 (55) 1234-5678"];

/// Forms that are somebody else, however alike they look.
const OTHERS: [&str; 18] = [
    "+525512345679",
    "5512345679",
    "+15512345678",
    "+5255123456780",
    "+52551234567",
    "5512345",
    "55123",
    "12345678",
    "70333",
    "BANCO",
    "Remedios",
    "5512345678a",
    "+525512345678x",
    "+525512345678;",
    "\u{ff15}\u{ff15}\u{ff11}\u{ff12}\u{ff13}\u{ff14}\u{ff15}\u{ff16}\u{ff17}\u{ff18}",
    "+525512345678\u{200b}",
    "telegram:525512345678",
    "' OR 1=1 --",
];

/// Forms with nobody behind them.
const NOBODY: [&str; 4] = ["", "   ", "+", "---"];

/// Each intent that touches a case or a person, with what ends its dialogue. `F` and `P` stand for folio
/// and PIN of the open case, `G` and `Q` for those of the confidential one, `W` for a wrong PIN.
const INTENTS: &[&[&str]] = &[
    &["ESTADO"],
    &["ESTADO F"],
    &["ESTADO G"],
    &["ESTADO F W"],
    &["MIS CASOS", "MAS"],
    &["MIS DATOS"],
    &["CORREGIR DATOS"],
    &["PRIVACIDAD", "MAS"],
    &["CORRIGE"],
    &["CORRIGE soy otra persona", "1"],
    &["NO"],
    &["NO, sigue igual"],
    &["SI", "5"],
    &["1"],
    &["5"],
    &["MIS DEMANDAS"],
    &["QUEJA F que dice mi reporte"],
    &["QUEJA G que dice mi reporte"],
    &["QUEJA", "CANCELA"],
    &["PREGUNTA que me contestaron", "CANCELA"],
    &["que me contesto la oficina de mi reporte", "1"],
    &["que dice mi reporte F", "1"],
    &["AVISOS"],
    &["POR Remedios"],
    &["POR +525512345678"],
    &["VINCULA"],
    &["VINCULA 123456"],
    &["VINCULA NO"],
    &["BORRAR", "1"],
    &["CAMBIAR", "tlapa"],
    &["CONFIRMO 123"],
    &["F"],
    &["F W"],
    &["HABLAR", "que dice mi expediente", "MENU", "CANCELA"],
    &["CANCELA", "2"],
    &["AYUDA", "MAS"],
    &["IDIOMA", "1"],
    &["STATUS F"],
    &["MY DATA"],
    &["DELETE"],
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_claimed_sender_reads_anything_of_anybody() {
    let town = Phones::start("").await;
    let serving = &town.serving;
    // An open case with a name and an address, and a confidential one.
    for text in
        ["tlapa", "QUEJA", "1", "zorrilloverde dejo sin agua la calle", "calle Tejocote 5, con Remedios", "3"]
    {
        town.sms("telco", OPENER, text).await;
    }
    let (folio, pin) = receipt(&town.sms("telco", OPENER, "Remedios Canario").await);
    town.sms("telco", OPENER, "QUEJA no alumbra el poste de la calle Tejocote, quetzalgris").await;
    let mut hidden = String::new();
    for text in ["QUEJA", "3", "quetzalgris y su gente apagan la lampara", "calle Tejocote 7", "2"] {
        serving.clock.advance(60_000);
        hidden = town.sms("telco", OPENER, text).await;
    }
    let (sealed, sealed_pin) = receipt(&hidden);
    let account = hire(
        &serving.app.service().store,
        &[("caseworker", "country")],
        &[Grant::Restricted],
        serving.clock.now(),
    );
    let account = account.await;
    let ana = sign_in(&serving.app.service().store, account.id, serving.clock.now()).await;
    let cases = get(serving, "/staff/v1/cases?limit=50", &ana).await.1;
    for (folio, text) in [(&folio, "tecoloteazul va el jueves"), (&sealed, "cacomixtle ya fue avisado")] {
        let case = cases["items"].as_array().expect("cases").iter().find(|it| it["folio"] == **folio);
        let case = case.unwrap_or_else(|| panic!("{folio}: {cases}"));
        let path = format!("/staff/v1/cases/{}/reply", case["id"].as_str().expect("an id"));
        let body = json!({ "version": case["version"], "text": text, "wait": false });
        let (status, answer) = write(serving, Method::POST, &path, &ana, &body).await;
        assert_eq!(status, 200, "{answer}");
    }
    let before = town.pushed().await;
    for words in ["tecoloteazul", "cacomixtle"] {
        let read: Vec<&str> =
            before.iter().filter(|it| it.1.contains(words)).map(|it| it.0.as_str()).collect();
        assert_eq!(read, [OPENER], "staff's words go to the number that opened the case, once");
    }

    let wrong = if pin == "0000" { "1111" } else { "0000" };
    let fill = |text: &str| {
        let word = |it: &str| match it {
            "F" => folio.clone(),
            "P" => pin.clone(),
            "G" => sealed.clone(),
            "Q" => sealed_pin.clone(),
            "W" => wrong.to_owned(),
            other => other.to_owned(),
        };
        text.split(' ').map(word).collect::<Vec<_>>().join(" ")
    };
    // Every new case has a PIN of its own, which is one of these two once in a while: a receipt of another
    // folio tells nothing of them.
    let tells_pin = |reply: &str| {
        let told = |code: &str| reply.contains(&format!("clave {code}"));
        (told(&pin) || told(&sealed_pin))
            && (!reply.contains("Folio ") || [&folio, &sealed].contains(&&receipt(reply).0))
    };
    let safe = |reply: &str, from: &str, text: &str| {
        for canary in CANARIES {
            assert!(!reply.contains(canary), "{from:?} wrote {text:?} and read {canary}: {reply}");
        }
        assert!(!tells_pin(reply), "{from:?} wrote {text:?}: {reply}");
        assert!(text.contains(&sealed) || !reply.contains(&sealed), "{from:?} wrote {text:?}: {reply}");
    };
    let senders = SAME.iter().map(|it| ("telco", *it, true)).chain(
        OTHERS
            .iter()
            .map(|it| ("telco", *it, false))
            // The number on another gateway, which proves as little.
            .chain([("other", OPENER, false), ("other", "5512345678", false)])
            .chain(NOBODY.iter().map(|it| ("telco", *it, false))),
    );
    let senders: Vec<(&str, &str, bool)> = senders.collect();
    let mut answered = 0;
    for script in INTENTS {
        // Nobody is held up by what one may ask in an hour.
        serving.clock.advance(61 * 60_000);
        for (channel, from, same) in &senders {
            for text in *script {
                let text = fill(text);
                let reply = town.sms(channel, from, &text).await;
                answered += usize::from(!reply.is_empty());
                safe(&reply, from, &text);
                if !same {
                    let told = text.contains(&folio) || !reply.contains(&folio);
                    assert!(told, "{from:?} wrote {text:?}: {reply}");
                    assert!(!reply.contains(&format!("Tu reporte {folio}")), "{from:?}: {reply}");
                }
                assert!(!NOBODY.contains(from) || reply.is_empty(), "{from:?}: {reply}");
            }
        }
    }
    let all: usize = INTENTS.iter().map(|it| it.len()).sum();
    assert!(answered > all * 20, "only {answered} replies to {} messages", all * senders.len());

    // With folio and PIN: how far it got, and no more, from each of them; the number itself without.
    for (channel, from, same) in &senders {
        if NOBODY.contains(from) {
            continue;
        }
        serving.clock.advance(2 * 3_600_000);
        for (folio, pin) in [(&folio, &pin), (&sealed, &sealed_pin)] {
            let text = format!("ESTADO {folio} {pin}");
            let reply = town.sms(channel, from, &text).await;
            assert!(reply.starts_with(&format!("Tu reporte {folio}: ")), "{from:?}: {reply}");
            safe(&reply, from, &text);
        }
        let bare = town.sms(channel, from, &format!("ESTADO {folio}")).await;
        assert_eq!(bare.starts_with(&format!("Tu reporte {folio}: ")), *same, "{from:?}: {bare}");
    }

    // A chat with the same digits is somebody else, too.
    let chat: i64 = 525_512_345_678;
    for script in INTENTS {
        serving.clock.advance(61 * 60_000);
        for text in *script {
            town.api.write(chat, &fill(text));
        }
        // So many at the same instant would be put together.
        town.api.wait_confirmed().await;
    }
    town.api.write(chat, &format!("ESTADO {folio} {pin}"));
    let mut count = 1;
    let shown = loop {
        let shown = town.api.wait_sent(chat, count).await;
        if shown.iter().any(|it| it.text.starts_with(&format!("Tu reporte {folio}: "))) {
            break shown;
        }
        count = shown.len() + 1;
    };
    for it in &shown {
        for canary in CANARIES {
            assert!(!it.text.contains(canary), "{it:?}");
        }
        assert!(!tells_pin(&it.text), "{it:?}");
    }
    // Nor was anything pushed to anybody.
    for (to, text) in town.pushed().await.iter().skip(before.len()) {
        for canary in CANARIES {
            assert!(!text.contains(canary), "{to} got {text}");
        }
    }
    town.serving.app.shutdown().await;
}
