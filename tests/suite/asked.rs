//! What people ask in their own words, through the dialogue as the service calls it.

use std::sync::LazyLock;

use cabildo_bot::channels::render::{Rendered, ReplyKind, Setting, render};
use cabildo_bot::channels::sms::segments::segment;
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::facts::Facts;
use cabildo_bot::domain::peer_group::Family;
use cabildo_bot::domain::time::UnixMillis;
use cabildo_bot::embedded;
use cabildo_bot::engine::Inbound;
use cabildo_bot::engine::conversation::Conversation;
use cabildo_bot::engine::reply::Reply;
use cabildo_bot::service::speak;

static FACTS: LazyLock<Facts> = LazyLock::new(|| embedded::facts().expect("the embedded pack"));

struct Phone {
    conversation: Conversation,
    channel: ChannelKind,
    now: UnixMillis,
}

impl Phone {
    fn on(channel: ChannelKind) -> Self {
        let conversation = Conversation { notice: 1, ..Conversation::default() };
        Self { conversation, channel, now: UnixMillis(1_800_000_000_000) }
    }

    fn replies(&mut self, text: &str) -> Vec<Rendered> {
        self.now = self.now.plus(5_000);
        let inbound = Inbound {
            channel: self.channel,
            text: text.to_owned(),
            location: None,
            payload: None,
            at: self.now,
            link: None,
            cases: None,
            demands: cabildo_bot::engine::demands::Known::default(),
            cards: std::sync::Arc::default(),
            privacy: None,
        };
        let done = speak(&self.conversation, &inbound, &FACTS, "Cabildo");
        self.conversation = done.next;
        done.replies
    }

    fn says(&mut self, text: &str) -> String {
        let replies: Vec<String> = self.replies(text).into_iter().map(|it| it.text).collect();
        replies.join("\n")
    }
}

fn talk(lines: &[(&str, &str)]) {
    let mut phone = Phone::on(ChannelKind::Sms);
    for (written, expected) in lines {
        let reply = phone.says(written);
        assert!(reply.contains(expected), "{written:?} got {reply:?}, not {expected:?}");
    }
}

#[test]
fn two_topics_get_an_answer_each() {
    let mut phone = Phone::on(ChannelKind::Sms);
    for text in ["tlapa agua y luz", "agua luz tlapa", "agua y luz", "agua, tlapa, luz"] {
        let replies = phone.replies(text);
        assert_eq!(replies.len(), 2, "{text}: {replies:?}");
        assert!(replies[0].text.starts_with("Tlapa: 9.4% de casas sin agua"), "{text}: {replies:?}");
        assert!(replies[1].text.contains("de casas sin luz (2020)"), "{text}: {replies:?}");
        assert!(replies.iter().all(|it| segment(&it.text).segments == 1), "{text}");
    }
    assert!(phone.replies("luz y agua")[0].text.contains("sin luz"));
    // One topic, or one of them in a place's name, is one answer.
    for text in ["agua prieta agua", "pobreza extrema", "falta agua en la escuela", "que es agua"] {
        assert_eq!(phone.replies(text).len(), 1, "{text}");
    }
    let mut screen = Phone::on(ChannelKind::Ussd);
    assert_eq!(screen.replies("tlapa agua y luz").len(), 1);
    assert!(screen.says("mas").contains("sin luz"));
    let mut new = Phone::on(ChannelKind::Sms);
    new.conversation.notice = 0;
    assert!(new.says("tlapa agua y luz").contains("PRIVACIDAD"));
    assert!(new.says("mas").contains("sin luz"));
}

#[test]
fn a_state_is_not_the_place_inside_its_name() {
    talk(&[
        ("nuevo leon", "1 Monterrey, NL"),
        ("agua en nuevo leon", "1 Monterrey, NL"),
        ("1", "Monterrey: "),
        ("baja california no tiene agua", "1 Tijuana, BC"),
        ("1", "Tijuana: "),
        ("monterrey nuevo leon", "Monterrey, NL: pobreza"),
        ("nuevo leon monterrey luz", "Monterrey: "),
        ("san luis potosi", "San Luis Potosi, SLP"),
        ("leon", "Leon, Gto: pobreza"),
    ]);
}

#[test]
fn everyday_words_beside_a_topic_name_no_place() {
    for text in
        ["ya no hay agua", "agua sucia", "agua mala", "luz cara", "nunca llega el agua", "no sirve la luz"]
    {
        let mut phone = Phone::on(ChannelKind::Sms);
        phone.says("tlapa");
        assert!(phone.says(text).starts_with("Tlapa: "), "{text}");
    }
    talk(&[("tlapa", "Tlapa"), ("agua en cdmx", "1 Iztapalapa, CDMX"), ("agua ometepek", "Ometepec: 16.5%")]);
}

#[test]
fn places_in_a_row_and_the_same_place_twice() {
    talk(&[
        ("compara tlapa ometepec", "Pobreza (2020): Tlapa de Comonfort, Gro 71.8%; Ometepec, Gro 68.2%."),
        ("compara tlapa guerrero", "Tlapa de Comonfort, Gro: pobreza"),
        ("comida", "Tlapa: 38.3%"),
        ("y en ometepec?", "Ometepec: 51.6% sin buena alimentacion"),
        ("ometepec", "Ometepec, Gro: pobreza"),
        ("y en tlapa?", "Tlapa de Comonfort, Gro: pobreza"),
    ]);
    let reply = Phone::on(ChannelKind::Sms).says("compara tlapa con ometepec con tlapa");
    assert_eq!(reply.matches("Tlapa").count(), 1, "{reply}");
}

#[test]
fn short_words_get_an_answer_and_no_hint_twice() {
    talk(&[
        ("ok", "De nada."),
        ("ok gracias", "De nada."),
        ("99999", "No lo encuentro."),
        ("tlapa", "Tlapa"),
        ("peor", "mujeres"),
        ("si", "No entendi"),
        ("no", "Sigo sin entender"),
        ("si", "lea una persona"),
    ]);
}

#[test]
fn another_peer_rule_is_named_with_the_rank() {
    talk(&[
        ("tlapa", "7 de 21 similares"),
        ("familia", "FAMILIA 2."),
        ("familia 2", "FAMILIA 3."),
        ("tlapa", "37 de 81 del estado"),
        ("comida", "de 81 del estado"),
        ("familia 3", "FAMILIA 4."),
        ("comida", "20 de 21 de familia 3, mediana 21.0."),
        ("mejores", "Mejores de 21 de familia 3"),
        ("familia 1", "FAMILIA 2."),
        ("comida", "17 de 21 similares"),
    ]);
    for municipality in FACTS.municipalities.iter().filter(|it| !it.newer_than_data) {
        let turn = municipality.population.unwrap_or_default() as usize;
        let family = Family::ALL[1 + turn % 4];
        let place = municipality.key.clone();
        let topic = FACTS.manifest.topics[turn % FACTS.manifest.topics.len()].id.clone();
        for reply in [Reply::Headline { place: place.clone(), family }, Reply::Topic { place, topic, family }]
        {
            for locale in ["es-MX", "en"] {
                let setting =
                    Setting { facts: &FACTS, locale, channel: ChannelKind::Sms, service: "Cabildo" };
                let text = render(&reply, setting).text;
                assert_eq!(segment(&text).segments, 1, "{text}");
            }
        }
    }
}

#[test]
fn more_holds_no_empty_page() {
    let mut phone = Phone::on(ChannelKind::Sms);
    phone.says("seybaplaya");
    phone.says("pobreza");
    assert!(phone.says("mas").starts_with("Familia 1"));
    assert!(phone.says("mas").starts_with("Es todo."));
    let offered: Vec<String> =
        phone.replies("seybaplaya")[0].choices.iter().map(|choice| choice.key.clone()).collect();
    assert_eq!(offered, ["AGUA", "DRENAJE", "LUZ", "TEMAS", "AYUDA"]);
}

#[test]
fn the_reason_of_a_warned_trend_is_the_series_own() {
    talk(&[("tlapa", "Tlapa"), ("tendencia salud", "Ojo: MAS dice por qu"), ("mas", "Seguro Popular")]);
    talk(&[("tlapa", "Tlapa"), ("tendencia escuela", "cambio en parte en 2018")]);
}

#[test]
fn every_topic_is_on_a_page_of_the_list() {
    for (channel, locale) in
        [(ChannelKind::Sms, "es-MX"), (ChannelKind::Sms, "en"), (ChannelKind::Ussd, "es-MX")]
    {
        let mut phone = Phone::on(channel);
        phone.conversation.locale = Some(locale.to_owned());
        let mut seen: Vec<String> = Vec::new();
        let mut replies = phone.replies("temas");
        while replies[0].choices.iter().any(|choice| choice.key == "MAS" || choice.key == "MORE") {
            seen.extend(replies[0].choices.iter().map(|choice| choice.key.clone()));
            assert!(channel != ChannelKind::Ussd || replies[0].choices.len() <= 5, "{replies:?}");
            replies = phone.replies("mas");
            assert_eq!(replies[0].kind, ReplyKind::Answer);
        }
        seen.extend(replies[0].choices.iter().map(|choice| choice.key.clone()));
        for topic in &FACTS.manifest.topics {
            let word = topic.words[locale].first().expect("a word");
            assert!(seen.contains(word), "{word} in {locale}");
        }
        assert!(phone.says("mas").contains(if locale == "en" { "That is all" } else { "Es todo" }));
    }
}

#[test]
fn a_digit_on_a_screen_means_what_stands_beside_it() {
    let mut phone = Phone::on(ChannelKind::Ussd);
    let screen = phone.says("tlapa");
    assert!(screen.contains("CONEVAL\n1 COMIDA\n2 AGUA\n3 QUEJA\n4 AYUDA\n0 Menu"), "{screen}");
    assert!(phone.says("3").contains("buzon de quejas"));
    phone.says("tlapa");
    assert!(phone.says("2").contains("sin agua de la red"));
    let screen = phone.says("temas");
    assert!(screen.contains("1 POBREZA\n2 POBREZA EXTREMA\n3 ESCUELA\n4 SALUD\n5 MAS"), "{screen}");
    assert!(phone.says("5").contains("1 SEGURO"));
    assert!(phone.says("1").contains("sin seguridad social"));
    assert!(phone.says("2").contains("buzon de quejas"));
    for municipality in FACTS.municipalities.iter().step_by(5) {
        let screen = phone.says(&municipality.key);
        let cut = screen.starts_with("CON ") && !screen.contains("Cual?") && !screen.contains("CONEVAL");
        assert!(!cut || municipality.newer_than_data, "{screen}");
    }
}

/// Fernandez-Huerta: 206.84 - 60 x syllables per word - 1.02 x words per sentence; 60 is plain.
#[test]
fn definitions_are_easy_to_read() {
    for topic in &FACTS.manifest.topics {
        let text = &topic.definition["es-MX"];
        let words: Vec<&str> =
            text.split_whitespace().filter(|it| it.chars().any(char::is_alphanumeric)).collect();
        let ends = text.chars().filter(|it| matches!(it, '.' | ':')).count().max(1);
        let count = words.len() as f64;
        let syllables: usize = words.iter().map(|word| syllables(word)).sum();
        let score = 206.84 - 60.0 * syllables as f64 / count - 1.02 * count / ends as f64;
        assert!(score >= 60.0, "{score:.1}: {text}");
        assert!(text.chars().count() <= 160, "{text}");
    }
}

/// Groups of vowels, a hiatus counted as two; the silent u of `que` and `gui` as none.
fn syllables(word: &str) -> usize {
    let word = word.to_lowercase();
    if word.chars().all(|it| it.is_ascii_digit()) {
        return 2 * word.len();
    }
    let letters: Vec<char> = word.chars().filter(|it| it.is_alphabetic()).collect();
    let (mut count, mut before) = (0, None);
    for (index, letter) in letters.iter().enumerate() {
        let next = letters.get(index + 1);
        let last = index > 0 && next.is_none();
        let silent = *letter == 'u'
            && index > 0
            && matches!(letters[index - 1], 'q' | 'g')
            && next.is_some_and(|it| matches!(it, 'e' | 'i' | 'é' | 'í'));
        let vowel =
            ("aeiouáéíóúü".contains(*letter) && !silent) || (*letter == 'y' && (last || letters.len() == 1));
        if vowel {
            let strong = |it: char| "aeoáéóíú".contains(it);
            if before.is_none_or(|it: char| strong(it) && strong(*letter)) {
                count += 1;
            }
            before = Some(*letter);
        } else {
            before = None;
        }
    }
    count.max(1)
}
