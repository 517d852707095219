use super::*;
use crate::domain::fold::words;
use crate::embedded;

fn desk() -> Desk {
    embedded::desk().expect("the embedded desk")
}

fn at(text: &str) -> UnixMillis {
    UnixMillis(text.parse::<jiff::Timestamp>().expect("an instant").as_millisecond())
}

#[test]
fn everyday_words_find_their_category() {
    let desk = desk();
    for (text, category) in [
        ("no hay agua en la col. San Jose desde el lunes", "water"),
        ("No cae agua y la pipa no viene", "water"),
        ("nos cobran el agua pero llevamos un mes sin una gota", "water"),
        ("la coladera esta tapada y el agua negra se mete a las casas", "drainage"),
        ("hay una fuga grande frente a la primaria", "water"),
        ("no hay alumbrado en toda la calle", "lighting"),
        ("tres lanparas fundidas", "lighting"),
        ("no pasa el camion de la basura", "rubbish"),
        ("queman basura junto al rio", "rubbish"),
        ("hay un vache enorme", "streets"),
        ("un bache enorme en la calle", "streets"),
        ("asaltan en el puente por las noches", "public_safety"),
        ("el chofer de la ruta 4 no sube a mayores", "transport"),
        ("en el mercado no hay baño", "market"),
        ("los juegos del parque estan rotos", "parks"),
        ("perros sueltos que muerden a los niños", "animals"),
        ("no hay medicina en el centro de salud", "health_services"),
        ("no hay maestro de segundo", "schools"),
        ("me piden mas para un acta de nacimiento", "registry"),
        ("me quitaron el apoyo", "social_programmes"),
        ("el bar pone musica hasta las 4", "noise"),
        ("construyen sin permiso y taparon la banqueta", "permits"),
        ("se va la luz cada noche", "electricity"),
        ("piden mordida en la ventanilla", "officials"),
        ("me robaron mi cartera en el mercado", "public_safety"),
        ("street light is broken", "lighting"),
    ] {
        let found = desk.find_category("12066", &words(text)).map_or(OTHER.to_owned(), |it| it.category);
        assert_eq!(found, category, "{text}");
    }
    assert!(desk.find_category("12066", &words("agua")).is_some_and(|it| it.whole));
    assert_eq!(desk.find_category("12066", &words("buenas tardes vecinos")), None);
}

#[test]
fn urgent_words_are_found_anywhere_and_taken_back_by_longer_ones() {
    let desk = desk();
    for (text, group) in [
        ("911", "emergency"),
        ("por favor me van a matar", "violence"),
        ("QUEJA: ¡mi esposo me pega!", "violence"),
        ("hubo una violación en la colonia", "violence"),
        ("ya no quiero vivir", "self-harm"),
        ("hay un incendio en el mercado", "emergency"),
        ("cobro de piso en el tianguis", "violence"),
    ] {
        assert_eq!(desk.urgent(&words(text)).map(|it| it.code.as_str()), Some(group), "{text}");
    }
    for text in ["violacion de la ley de obras", "tlapa", "91 1", "no hay agua", "no pega el sol", ""] {
        assert_eq!(desk.urgent(&words(text)), None, "{text}");
    }
}

#[test]
fn no_name_and_no_topic_is_urgent() {
    let desk = desk();
    let facts = embedded::facts().expect("the pack");
    let names = facts.municipalities.iter().flat_map(|it| [Some(&it.name), it.head_town.as_ref()]).flatten();
    let topics = facts.manifest.topics.iter().flat_map(|it| it.words.values().flatten());
    for text in names.chain(topics).chain(facts.aliases.iter().map(|it| &it.alias)) {
        assert_eq!(desk.urgent(&words(text)), None, "{text}");
    }
}

#[test]
fn every_main_topic_with_a_service_behind_it_knows_its_category() {
    let desk = desk();
    let facts = embedded::facts().expect("the pack");
    for topic in facts.manifest.topics.iter().filter(|it| it.main) {
        assert!(desk.category_of_topic("12066", &topic.id).is_some(), "{}", topic.id);
    }
    assert_eq!(desk.category_of_topic("12066", "agua").map(|it| it.code.as_str()), Some("water"));
    for category in desk.categories("12066") {
        for topic in &category.topics {
            assert!(facts.topic(topic).is_some(), "{topic}");
        }
    }
}

#[test]
fn names_are_short_and_in_both_languages() {
    let desk = desk();
    for locale in ["es-MX", "en"] {
        for category in desk.categories("12066") {
            let name = category.name.get(locale).expect("a name");
            assert!(name.chars().count() <= 24, "{name}");
            for question in &category.questions {
                assert!(question.text.get(locale).is_some_and(|it| it.chars().count() <= 140));
            }
            assert!(category.hidden || category.keywords.contains_key(locale), "{}", category.code);
        }
        for office in desk.offices("12066") {
            let name = office.name.get(locale).expect("a name");
            assert!(name.chars().count() <= 36, "{name}");
            assert_eq!(office.answers.is_some(), office.level != Level::Municipal, "{}", office.code);
        }
    }
}

#[test]
fn five_working_days_are_five_days_on_which_the_office_works() {
    let desk = desk();
    let water = desk.category("12066", "water").expect("water");
    let zone = "America/Mexico_City";
    // Wednesday, ten in the morning; Monday 2026-11-16 is a holiday.
    let dues = desk.dues("12066", water, zone, at("2026-11-11T16:00:00Z"));
    assert_eq!(dues.first_answer, Some(at("2026-11-19T16:00:00Z")));
    // Guerrero's own holiday, and not Puebla's.
    let from = at("2026-10-26T16:00:00Z");
    let calendar = |key: &str| desk.calendar(key, "water", zone, from);
    assert_eq!(calendar("12066").add_working(from, 360), at("2026-10-28T16:00:00Z"));
    assert_eq!(calendar("21114").add_working(from, 360), at("2026-10-27T16:00:00Z"));
    // A change of president is a holiday every six years.
    let october = |year: i16| {
        desk.country.holidays.iter().any(|it| it.date(year) == jiff::civil::Date::new(year, 10, 1).ok())
    };
    assert!(october(2024) && october(2030) && !october(2026));
}

#[test]
fn a_federal_matter_is_followed_by_an_office_here() {
    let desk = desk();
    let light = desk.category("12066", "electricity").expect("a category");
    let office = desk.office("12066", &light.office).expect("an office");
    assert_eq!((office.level, office.phone.as_deref()), (Level::Federal, Some("071")));
    assert_eq!(desk.answering("12066", "cfe").map(|it| it.code.as_str()), Some("public_services"));
    assert_eq!(desk.answering("12066", "water").map(|it| it.code.as_str()), Some("water"));
    assert!(desk.office("12066", "nobody").is_none());
}

#[test]
fn a_municipality_lays_its_own_over_the_countrys() {
    let desk = desk();
    let mut water = desk.category("12066", "water").expect("water").clone();
    water.keywords = BTreeMap::from([("es-MX".to_owned(), vec!["jagüey".to_owned()])]);
    let mut office = desk.office("12066", "water").expect("an office").clone();
    office.phone = Some("757 000 0000".to_owned());
    office.hours = Hours::try_from(vec!["mon-sat 08:00-12:00 14:00-18:00".to_owned()]).expect("hours");
    let overlay = Overlay {
        categories: vec![water],
        without: BTreeSet::from(["market".to_owned()]),
        offices: vec![office],
        holidays: Vec::new(),
    };
    let laid = desk.with([("12066".to_owned(), overlay)]);
    let found = laid.find_category("12066", &words("el jaguey esta seco"));
    assert_eq!(found.map(|it| it.category).as_deref(), Some("water"));
    assert!(laid.category("12066", "market").is_none() && laid.category("12046", "market").is_some());
    assert_eq!(laid.office("12066", "water").and_then(|it| it.phone.as_deref()), Some("757 000 0000"));
    let water = laid.category("12066", "water").expect("water");
    assert_eq!(laid.clocks("12066", water).first_answer, 5 * 8 * 60);
    assert_eq!(laid.menu("12066").next().map(|it| it.code.as_str()), Some("water"));
}

#[test]
fn what_is_malformed_is_refused_by_name() {
    let load = |name: &str, from: &str, to: &str| {
        Desk::load(|file| {
            let bytes = embedded::file(file)?.to_vec();
            if file != name {
                return Some(bytes);
            }
            let text = String::from_utf8(bytes).ok()?;
            assert!(text.contains(from), "{from}");
            Some(text.replacen(from, to, 1).into_bytes())
        })
    };
    for (name, from, to) in [
        ("desk/categories.toml", "office = \"water\"", "office = \"nobody\""),
        ("desk/categories.toml", "code = \"drainage\"", "code = \"water\""),
        ("desk/categories.toml", "code = \"other\"", "code = \"others\""),
        ("desk/offices.toml", "mon-fri 09:00-15:00", "mon-fri 15:00-09:00"),
        ("desk/offices.toml", "mon-fri 09:00-15:00", "lun-vie 09:00-15:00"),
        ("desk/offices.toml", "answers = \"health\"", "answers = \"nobody\""),
        ("desk/holidays.toml", "day = \"01-01\"", "day = \"13-01\""),
        ("desk/holidays.toml", "nth = 1", "nth = 9"),
        ("desk/addresses.toml", "\"colonia\"", "\"Colonia\""),
        ("desk/addresses.toml", "kinds =", "sorts ="),
        ("desk/likeness.toml", "code = \"lack\"", "code = \"absent\""),
        ("desk/urgent_words.toml", "category = \"violence\"", "category = \"nobody\""),
        ("desk/urgent_words.toml", "\"911\", \"es|", "\"9.11\", \"es|"),
        ("desk/urgent_words.toml", "\"911\", \"es|", "\"|\", \"es|"),
    ] {
        let problem = load(name, from, to).map(|_| to).expect_err(from).to_string();
        assert!(problem.contains(name), "{problem}");
    }
    assert!(Desk::load(|_| None).is_err());
}
