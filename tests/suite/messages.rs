//! Every reply in every language: alphabet, length, no key, no placeholder.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cabildo_bot::channels::render::{Rendered, Setting, render};
use cabildo_bot::channels::sms::segments::{Encoding, segment};
use cabildo_bot::domain::case::{CaseKind, CaseState, Folio};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::desk::Hours;
use cabildo_bot::domain::facts::Facts;
use cabildo_bot::domain::indicator::Reading;
use cabildo_bot::domain::peer_group::Family;
use cabildo_bot::embedded;
use cabildo_bot::engine::cases::CaseReply;
use cabildo_bot::engine::highlights::{HighlightReply, Listed};
use cabildo_bot::engine::keywords::{KEYWORDS, Keyword};
use cabildo_bot::engine::reply::{Practice, Reply, Say};

static FACTS: LazyLock<Facts> = LazyLock::new(|| embedded::facts().expect("the embedded pack"));

const LOCALES: [&str; 2] = ["es-MX", "en"];

fn sms(reply: &Reply, locale: &str) -> Rendered {
    render(reply, Setting { facts: &FACTS, locale, channel: ChannelKind::Sms, service: "Cabildo" })
}

/// Fails unless the text is one segment of GSM-7.
fn fits(text: &str) -> usize {
    let it = segment(text);
    assert_eq!(it.encoding, Encoding::Gsm7, "{text:?} needs UCS-2 for {:?}", it.offending);
    assert_eq!(it.segments, 1, "{} septets: {text}", it.units);
    assert!(!text.is_empty() && !text.contains("{ $"), "{text:?}");
    it.units
}

fn headline(place: &str) -> Reply {
    Reply::Headline { place: place.to_owned(), family: Family::default() }
}

fn topic(place: &str, topic: &str) -> Reply {
    Reply::Topic { place: place.to_owned(), topic: topic.to_owned(), family: Family::default() }
}

fn has(key: &str, series: &str) -> bool {
    let id = FACTS.by_key(key).expect("a municipality");
    matches!(FACTS.reading(series, 2020, id), Reading::Value(_))
}

#[test]
fn the_samples_of_the_design_are_word_for_word() {
    let text = |reply: &Reply| sms(reply, "es-MX").text;
    assert_eq!(
        text(&headline("12066")),
        "Tlapa de Comonfort, Gro: pobreza 71.8% (2020), 7 de 21 similares, mediana 78.3. Mejor: \
         escuela (4). Peor: comida (17). COMIDA, AGUA, QUEJA o AYUDA. CONEVAL"
    );
    assert_eq!(
        text(&topic("12066", "comida")),
        "Tlapa: 38.3% sin buena alimentacion (2020), 17 de 21 similares, mediana 31.3. Mejor: Yajalon, \
         Chis 7.2. MAS, MEJORES, QUEJA. CONEVAL"
    );
    assert_eq!(
        text(&topic("12066", "pobreza")),
        "Tlapa: 71.8% en pobreza (2020), 7 de 21 similares, pero 7 de cada 10 son pobres. Mediana 78.3. \
         MAS o QUEJA. CONEVAL"
    );
    assert_eq!(
        text(&Reply::Newer { place: "12085".to_owned() }),
        "San Nicolas, Gro es municipio nuevo: aun no hay cifras. Su gente se conto en Cuajinicuilapa. 1 \
         Ver Cuajinicuilapa, QUEJA o AYUDA."
    );
}

#[test]
fn every_headline_fits_one_segment() {
    let mut counted = 0;
    for municipality in &FACTS.municipalities {
        for locale in LOCALES {
            let rendered = sms(&headline(&municipality.key), locale);
            fits(&rendered.text);
            if has(&municipality.key, "coneval_pobreza") {
                let name = cabildo_bot::channels::sms::segments::transliterate(municipality.display_name());
                assert!(rendered.text.contains(&name), "{}", rendered.text);
                assert!(
                    rendered.text.contains("2020") && rendered.text.ends_with("CONEVAL"),
                    "{}",
                    rendered.text
                );
            }
        }
        counted += usize::from(has(&municipality.key, "coneval_pobreza"));
    }
    assert_eq!(counted, 2_466);
}

#[test]
fn every_topic_answer_fits_one_segment() {
    let mut counted = 0;
    for municipality in &FACTS.municipalities {
        for it in &FACTS.manifest.topics {
            for locale in LOCALES {
                fits(&sms(&topic(&municipality.key, &it.id), locale).text);
            }
            counted += usize::from(it.main && has(&municipality.key, &it.series[0]));
        }
    }
    assert_eq!(counted, 29_601);
}

#[test]
fn every_other_text_about_a_place_fits_one_segment() {
    for municipality in FACTS.municipalities.iter().filter(|it| !it.newer_than_data) {
        let place = municipality.key.clone();
        // Each place meets a few topics and one family; together they meet all of them.
        let turn = municipality.population.unwrap_or_default() as usize;
        let topics: Vec<&String> = FACTS.manifest.topics.iter().map(|it| &it.id).collect();
        let topic = topics[turn % topics.len()].clone();
        let family = Family::ALL[turn % Family::ALL.len()];
        let practice = Practice { code: 99_999, place: place.clone() };
        let listed = Listed { code: 99_999, place: place.clone(), topic: topic.clone() };
        let replies = [
            Reply::Peers { place: place.clone(), family, topic: None },
            Reply::Ranks { place: place.clone(), family, page: 0 },
            Reply::Ranks { place: place.clone(), family, page: 1 },
            Reply::Trend { place: place.clone(), topic: topic.clone() },
            Reply::Best { place: place.clone(), topic: topic.clone(), family, practice: None },
            Reply::Best {
                place: place.clone(),
                topic: topic.clone(),
                family,
                practice: Some(practice.clone()),
            },
            Reply::Highlight(HighlightReply::None { place: place.clone() }),
            Reply::Highlight(HighlightReply::List {
                place: place.clone(),
                items: vec![listed; 4],
                more: true,
            }),
            Reply::Behind { place: place.clone(), topic: topic.clone(), family },
            Reply::Behind { place: place.clone(), topic: "pobreza".to_owned(), family },
            Reply::Nearest { place: place.clone(), km: 120 },
            Reply::HomeSet { place: place.clone() },
            Reply::Several { places: vec![place.clone(), "12046".to_owned()], topic },
        ];
        for reply in replies {
            for locale in LOCALES {
                fits(&sms(&reply, locale).text);
            }
        }
    }
}

#[test]
fn every_text_about_a_topic_fits_one_segment() {
    for it in &FACTS.manifest.topics {
        for locale in LOCALES {
            fits(&sms(&Reply::Definition { topic: it.id.clone() }, locale).text);
            for page in 0..3 {
                fits(&sms(&Reply::Source { topic: it.id.clone(), page }, locale).text);
            }
            for key in ["12066", "20397", "09015"] {
                fits(&sms(&Reply::Areas { place: key.to_owned(), topic: it.id.clone() }, locale).text);
                let note = Reply::TrendNote { place: key.to_owned(), topic: it.id.clone() };
                let text = sms(&note, locale).text;
                assert!(text.is_empty() || fits(&text) > 0);
            }
            let definition = cabildo_bot::domain::pack::localized(&it.definition, locale);
            assert!(definition.chars().count() <= 160, "{definition}");
        }
    }
    for term in &FACTS.manifest.terms {
        for locale in LOCALES {
            fits(&sms(&Reply::Term { id: term.id.clone() }, locale).text);
        }
    }
    assert!(FACTS.manifest.terms.len() >= 2);
}

#[test]
fn every_fixed_text_fits_one_segment() {
    let closed = KEYWORDS.iter().filter_map(|(_, keyword)| match keyword {
        Keyword::Closed(feature) => Some(Reply::NotOpen { feature: (*feature).to_owned() }),
        _ => None,
    });
    let of_reports = ["report", "status", "my-cases", "fix", "person", "link"]
        .into_iter()
        .map(|feature| Reply::NotOpen { feature: feature.to_owned() });
    let fixed = Say::ALL.into_iter().map(Reply::Say);
    let others = [
        Reply::AskPlace,
        Reply::Families,
        Reply::Languages,
        Reply::LanguageSet { locale: "es-MX".to_owned() },
        Reply::LanguageSet { locale: "en".to_owned() },
        Reply::Topics { page: 0 },
        Reply::Topics { page: 1 },
    ];
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let link = cabildo_bot::engine::link::LinkReply::all().into_iter().map(Reply::Link);
    let privacy = cabildo_bot::engine::privacy::PrivacyReply::all().into_iter().map(Reply::Privacy);
    let cards = [HighlightReply::AskHelped, HighlightReply::Thanks, HighlightReply::Unknown { code: 99_999 }];
    let cards = cards.into_iter().map(Reply::Highlight);
    let all = closed.chain(of_reports).chain(fixed).chain(others).chain(link).chain(privacy).chain(cards);
    for reply in all {
        for locale in LOCALES {
            let text = sms(&reply, locale).text;
            seen.insert(text.clone(), fits(&text));
        }
    }
    assert!(seen.len() > 80, "{} texts", seen.len());
}

#[test]
fn every_text_about_a_report_fits_one_segment_with_its_longest_arguments() {
    let desk = embedded::desk().expect("the embedded desk");
    // The longest that a municipality may call an office.
    let longest = ["es-MX", "en"].map(|locale| (locale.to_owned(), "W".repeat(36)));
    let hours = Hours::try_from(vec!["wed-sun 09:30-14:30 16:30-20:30".to_owned()]).expect("hours");
    let mut seen = std::collections::BTreeSet::new();
    for locale in LOCALES {
        for place in
            FACTS.municipalities.iter().step_by(11).map(|it| it.key.as_str()).chain(["20397", "09015"])
        {
            for reply in CaseReply::all(place, &longest.clone().into(), &hours) {
                let text = sms(&Reply::Case(reply), locale).text;
                fits(&text);
                seen.insert(text);
            }
        }
        let numbers = desk.numbers();
        for group in desk.urgent_groups() {
            let urgent = CaseReply::Urgent {
                group: group.code.clone(),
                emergency: numbers.emergency.clone(),
                anonymous: numbers.anonymous.clone(),
                line: group.line.clone(),
            };
            let text = sms(&Reply::Case(urgent), locale).text;
            fits(&text);
            assert!(text.contains("911"), "{text}");
        }
        for category in desk.categories("12066") {
            for question in &category.questions {
                fits(&sms(&Reply::Case(CaseReply::Extra { question: question.text.clone() }), locale).text);
            }
        }
        // Every page of the menu, five at a time.
        let names: Vec<_> = desk.menu("12066").map(|it| it.name.clone()).collect();
        for (page, names) in names.chunks(5).enumerate() {
            let kind = CaseKind::Question;
            let menu = CaseReply::Category { kind, names: names.to_vec(), first: page * 5 + 1, more: true };
            fits(&sms(&Reply::Case(menu), locale).text);
        }
    }
    assert!(seen.len() > 120, "{} texts", seen.len());
    // Closed without being put right is never worded as fixed, nor a report that was taken back.
    let folio = Folio::parse("4F7K2X").expect("a folio");
    for (state, withdrawn) in [(CaseState::ClosedUnfixed, false), (CaseState::ClosedUnfixed, true)] {
        let reply = CaseReply::State { folio, state, withdrawn, by: None };
        for (locale, fixed) in [("es-MX", "resuelto"), ("en", "was put right")] {
            let text = sms(&Reply::Case(reply.clone()), locale).text;
            assert!(!text.contains(fixed), "{text}");
        }
    }
}

#[test]
fn the_newer_ones_answer_truthfully() {
    let newer: Vec<_> = FACTS.municipalities.iter().filter(|it| it.newer_than_data).collect();
    assert_eq!(newer.len(), 9);
    for it in newer {
        for locale in LOCALES {
            let text = sms(&Reply::Newer { place: it.key.clone() }, locale).text;
            fits(&text);
            assert!(!text.contains('%'), "{text}");
        }
    }
    for key in ["04012", "07125", "29048"] {
        let text = sms(&headline(key), "es-MX").text;
        assert!(text.contains("no publica pobreza") && text.contains("AGUA, DRENAJE y LUZ"), "{text}");
        assert!(sms(&topic(key, "agua"), "es-MX").text.contains('%'));
    }
}
