//! Pictures of figures: each kind against one that was looked at, and its words and figures against the
//! text that goes with it. `CABILDO_WRITE_DOCS=1` writes the pictures anew; look at them at the size of a
//! phone before they are committed.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cabildo_bot::channels::render::{Rendered, Setting, render};
use cabildo_bot::charts::{self, ChartData, ChartSpec, SIDE};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::chart::{Among, Drawing, OfficeTime, Tie};
use cabildo_bot::domain::demand::{Code, DemandState};
use cabildo_bot::domain::facts::Facts;
use cabildo_bot::domain::peer_group::Family;
use cabildo_bot::embedded;
use cabildo_bot::engine::cases::Words;
use cabildo_bot::engine::demands::DemandReply;
use cabildo_bot::engine::reply::Reply;
use cabildo_tests::bot_api::check_html;

static FACTS: LazyLock<Facts> = LazyLock::new(|| embedded::facts().expect("the embedded pack"));

const LOCALES: [&str; 2] = ["es-MX", "en"];
/// A long name that fits one line.
const LONG: &str = "20397";
/// Pixels that may differ between two drawings of the same: a figure of three digits has some hundreds.
const TOLERANCE: usize = 40;
/// What a picture may cost who gets it, in bytes.
const MOST_BYTES: usize = 100_000;

fn release() -> String {
    FACTS.manifest.pack.release.clone()
}

fn bars(place: &str, topic: &str, family: Family) -> ChartSpec {
    ChartSpec::Bars { release: release(), place: place.to_owned(), topic: topic.to_owned(), family }
}

fn trend(place: &str, topic: &str) -> ChartSpec {
    ChartSpec::Trend { release: release(), place: place.to_owned(), topic: topic.to_owned() }
}

fn distribution(place: &str, topic: &str, among: Among) -> ChartSpec {
    ChartSpec::Distribution { release: release(), place: place.to_owned(), topic: topic.to_owned(), among }
}

fn code(number: u16) -> Code {
    Code::new(number).expect("a code")
}

fn progress(text: &str, total: u64, missing: u64, state: DemandState) -> ChartSpec {
    let (place, on) = ("12066".to_owned(), Some("2026-11-26".to_owned()));
    ChartSpec::Progress { code: code(317), place, text: text.to_owned(), total, missing, state, on }
}

fn office(name: &str, answered: u64, median_tenths: Option<u32>, limit: Option<u32>) -> OfficeTime {
    OfficeTime { office: name.to_owned(), answered, median_tenths, limit }
}

fn times(place: &str, offices: Vec<OfficeTime>) -> ChartSpec {
    let between = ("2026-01-01".to_owned(), "2026-11-26".to_owned());
    ChartSpec::Times { place: place.to_owned(), between, offices }
}

const PUMP: &str =
    "Que arreglen la bomba del pozo de San José: llevamos tres semanas sin agua y la pipa no llega.";

/// A place whose figure on a topic is that of others in its group.
fn tied(topic: &str) -> String {
    let topic = FACTS.topic(topic).expect("a topic");
    let place = FACTS.ids().find(|id| {
        let it = cabildo_bot::domain::benchmark::benchmark(&FACTS, *id, topic, Family::default());
        it.and_then(|it| it.place).is_some_and(|it| it.tied_with > 1 && it.rank < 8)
    });
    FACTS.municipality(place.expect("a tie")).key.clone()
}

fn golden() -> Vec<(&'static str, ChartSpec, &'static str)> {
    let nearest = Family::NEAREST;
    let offices = vec![
        office("Agua potable y alcantarillado", 41, Some(35), Some(10)),
        office("Dirección de Obras Públicas y Desarrollo Urbano", 12, Some(140), Some(10)),
        office("Alumbrado", 7, None, Some(10)),
        office("Salud", 1_204, Some(100), Some(10)),
    ];
    vec![
        ("bars", bars("12066", "comida", nearest), "es-MX"),
        ("bars_en", bars("12066", "comida", nearest), "en"),
        ("bars_bad_but_ranked_well", bars("12066", "pobreza", nearest), "es-MX"),
        ("bars_long_name", bars(LONG, "servicios", Family::STATE), "es-MX"),
        ("bars_tie", bars(&tied("luz"), "luz", nearest), "es-MX"),
        ("bars_without_a_figure", bars("04012", "pobreza", nearest), "es-MX"),
        ("trend", trend("12066", "comida"), "es-MX"),
        ("trend_en", trend("09015", "agua"), "en"),
        ("trend_two_series", trend("12066", "dinero"), "es-MX"),
        ("distribution_family", distribution("12066", "comida", Among::Family(nearest)), "es-MX"),
        ("distribution_country", distribution("12066", "agua", Among::Country), "es-MX"),
        ("distribution_country_en", distribution("12066", "pobreza", Among::Country), "en"),
        ("progress", progress(PUMP, 584, 37, DemandState::Collecting), "es-MX"),
        ("progress_reached", progress(PUMP, 1_621, 0, DemandState::WithAuthority), "en"),
        ("times", times("12066", offices), "es-MX"),
        ("times_none", times(LONG, Vec::new()), "es-MX"),
    ]
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/charts")
}

fn pixels(png: &[u8]) -> image::RgbImage {
    let picture = image::load_from_memory_with_format(png, image::ImageFormat::Png).expect("a PNG");
    assert_eq!((picture.width(), picture.height()), (SIDE, SIDE));
    picture.to_rgb8()
}

/// Pixels that an eye would take for others.
fn different(left: &image::RgbImage, right: &image::RgbImage) -> usize {
    let other =
        |(a, b): (&image::Rgb<u8>, &image::Rgb<u8>)| a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > 64);
    left.pixels().zip(right.pixels()).filter(|it| other(*it)).count()
}

#[test]
fn every_kind_looks_as_it_did_when_it_was_looked_at() {
    let anew = std::env::var("CABILDO_WRITE_DOCS").is_ok_and(|it| it == "1");
    let mut names = Vec::new();
    for (name, spec, locale) in golden() {
        let png = charts::draw(&spec, &FACTS, locale).expect("a picture");
        assert!(png.len() < MOST_BYTES, "{name}: {} bytes", png.len());
        let path = folder().join(format!("{name}.png"));
        if anew {
            std::fs::write(&path, &png).expect("written");
        }
        let before = std::fs::read(&path).unwrap_or_else(|_| panic!("no {}", path.display()));
        let wrong = different(&pixels(&before), &pixels(&png));
        assert!(wrong <= TOLERANCE, "{name}: {wrong} pixels differ");
        names.push(format!("{name}.png"));
    }
    let kept = std::fs::read_dir(folder()).expect("a folder").flatten();
    for file in kept.map(|it| it.file_name().to_string_lossy().into_owned()) {
        assert!(names.contains(&file), "{file} is of no test");
    }
}

#[test]
fn the_comparison_finds_another_picture() {
    let one = charts::draw(&bars("12066", "comida", Family::NEAREST), &FACTS, "es-MX").expect("a picture");
    let other = charts::draw(&bars("12066", "agua", Family::NEAREST), &FACTS, "es-MX").expect("a picture");
    assert!(different(&pixels(&one), &pixels(&other)) > TOLERANCE);
    // Also where one digit is another one.
    let counted = |total| {
        let spec = progress(PUMP, total, 37, DemandState::Collecting);
        pixels(&charts::draw(&spec, &FACTS, "es-MX").expect("a picture"))
    };
    assert!(different(&counted(213), &counted(214)) > TOLERANCE);
}

#[test]
fn what_is_no_figure_of_the_source_is_named_so() {
    let written = |spec: &ChartSpec, locale: &str| {
        charts::data(spec, &FACTS, locale).expect("figures").texts().join(" | ")
    };
    let country = distribution("12066", "pobreza", Among::Country);
    assert_eq!(written(&country, "es-MX").matches("promedio de municipios").count(), 2);
    assert_eq!(written(&country, "en").matches("mean of municipalities").count(), 2);
    let young = FACTS.municipalities.iter().find(|it| it.newer_than_data).expect("a young municipality");
    let text = written(&bars(&young.key, "agua", Family::NEAREST), "es-MX");
    assert!(text.contains("más nuevo que los datos") && !text.contains("no publica"), "{text}");
}

fn shown(reply: &Reply, locale: &str) -> (Rendered, String) {
    let setting = Setting { facts: &FACTS, locale, channel: ChannelKind::Telegram, service: "Cabildo" };
    let rendered = render(reply, setting);
    let caption = check_html(&rendered.text).expect("HTML that Telegram takes");
    (rendered, caption)
}

/// The figures of a text. The "10" of "7 of every 10" and the letters of a tag are none.
fn numbers(text: &str) -> Vec<String> {
    let mut found: Vec<String> = text
        .split(|it: char| !it.is_ascii_digit() && it != '.' && it != ',')
        .map(|it| it.trim_matches(['.', ',']).to_owned())
        .filter(|it| !it.is_empty())
        .collect();
    found.sort();
    found.dedup();
    found
}

fn data(rendered: &Rendered, locale: &str) -> ChartData {
    let picture = rendered.picture.as_ref().expect("a picture");
    assert_eq!(picture.locale, locale);
    charts::data(&picture.chart, &FACTS, &picture.locale).expect("figures")
}

/// Fails unless every figure of the caption stands in the picture, and what the picture says before its
/// drawing holds no other.
fn agree(reply: &Reply, locale: &str) {
    let (rendered, caption) = shown(reply, locale);
    let chart = data(&rendered, locale);
    let (drawn, said) = (numbers(&chart.texts().join(" | ")), numbers(&caption));
    for number in &said {
        assert!(drawn.contains(number), "{number} of {caption:?} is not in {chart:?}");
    }
    for number in chart.says.iter().chain([&chart.source]).flat_map(|it| numbers(it)) {
        assert!(said.contains(&number), "{number} of {:?} is not in {caption:?}", chart.says);
    }
    // Telegram takes it as a caption.
    assert!(caption.encode_utf16().count() <= 1_024, "{caption}");
}

/// Municipalities that differ: every so many, and those with something special.
fn places(step: usize) -> impl Iterator<Item = String> {
    let special = ["12066", LONG, "09015", "04012", "20570", "14039"].map(str::to_owned);
    let some = FACTS.municipalities.iter().step_by(step).filter(|it| !it.newer_than_data);
    some.map(|it| it.key.clone()).chain(special)
}

#[test]
fn the_figures_of_a_topic_are_those_of_its_caption() {
    let mut pictured = 0;
    for (turn, place) in places(37).enumerate() {
        for topic in FACTS.manifest.topics.iter().map(|it| it.id.clone()) {
            let family = Family::ALL[turn % Family::ALL.len()];
            let reply = Reply::Topic { place: place.clone(), topic: topic.clone(), family };
            let locale = LOCALES[turn % 2];
            let (rendered, caption) = shown(&reply, locale);
            if rendered.picture.is_none() {
                continue;
            }
            agree(&reply, locale);
            pictured += 1;
            // Rank, value, median and the best one stand where they belong, not just anywhere.
            let chart = data(&rendered, locale);
            let Drawing::Bars { rows, median } = &chart.drawing else { panic!("{chart:?}") };
            let own: Vec<_> = rows.iter().filter(|it| it.own).collect();
            assert_eq!(own.len(), 1, "{chart:?}");
            if let Some(rank) = &own[0].rank {
                assert!(caption.contains(&format!(" {rank} ")), "{caption}: {rank}");
            }
            if own[0].value.is_some() {
                assert!(caption.contains(&own[0].written), "{caption}: {:?}", own[0]);
            } else {
                assert!(["sin dato", "no figure"].contains(&own[0].written.as_str()), "{:?}", own[0]);
            }
            let label = median.as_ref().map(|it| numbers(&it.label)).unwrap_or_default();
            assert!(numbers(&caption).contains(&label[0]), "{caption}: {label:?}");
        }
    }
    assert!(pictured > 500, "{pictured}");
}

#[test]
fn the_figures_of_a_trend_are_those_of_its_caption() {
    let mut pictured = 0;
    for (turn, place) in places(29).enumerate() {
        for topic in FACTS.manifest.topics.iter().map(|it| it.id.clone()) {
            let reply = Reply::Trend { place: place.clone(), topic };
            let locale = LOCALES[turn % 2];
            let (rendered, caption) = shown(&reply, locale);
            if rendered.picture.is_none() {
                continue;
            }
            agree(&reply, locale);
            pictured += 1;
            let chart = data(&rendered, locale);
            let Drawing::Trend { points } = &chart.drawing else { panic!("{chart:?}") };
            for point in points {
                // In the caption, each year is followed by its figure, or by that there is none.
                let pair = format!("{} {}", point.year, point.written);
                assert!(caption.contains(&pair), "{caption}: {pair}");
            }
            let broken = caption.contains("no se comparan") || caption.contains("not comparable");
            let apart =
                points.iter().filter(|it| it.value.is_some()).skip(1).any(|it| it.tie == Tie::Nothing);
            assert_eq!(apart, broken, "{caption}: {points:?}");
        }
    }
    assert!(pictured > 500, "{pictured}");
}

#[test]
fn the_figures_of_a_distribution_are_those_of_its_caption() {
    let mut pictured = 0;
    for (turn, place) in places(53).enumerate() {
        for topic in FACTS.manifest.topics.iter().map(|it| it.id.clone()) {
            let locale = LOCALES[turn % 2];
            let reply = Reply::Areas { place: place.clone(), topic: topic.clone() };
            if shown(&reply, locale).0.picture.is_some() {
                agree(&reply, locale);
                pictured += 1;
            }
            // The words of FAMILIA tell the rule; the figures are those of the topic by that rule.
            let family = Family::ALL[turn % Family::ALL.len()];
            let peers = Reply::Peers { place: place.clone(), family, topic: Some(topic.clone()) };
            let (rendered, _) = shown(&peers, locale);
            if rendered.picture.is_some() {
                let (_, caption) = shown(&Reply::Topic { place: place.clone(), topic, family }, locale);
                let (chart, said) = (data(&rendered, locale), numbers(&caption));
                let Drawing::Distribution { values, marks, .. } = &chart.drawing else { panic!("{chart:?}") };
                let labels = marks.iter().map(|it| &it.label);
                for number in chart.says.iter().chain(labels).flat_map(|it| numbers(it)) {
                    assert!(said.contains(&number), "{number} of {chart:?} is not in {caption:?}");
                }
                assert!(said.contains(&values.len().to_string()), "{caption}");
            }
        }
    }
    assert!(pictured > 100, "{pictured}");
}

#[test]
fn the_figures_of_a_demand_are_those_of_its_caption() {
    for locale in LOCALES {
        for (total, missing, state) in [
            (1, 620, DemandState::Collecting),
            (584, 37, DemandState::Collecting),
            (1_621, 0, DemandState::Reached),
            (99_999, 0, DemandState::WithAuthority),
            (12, 0, DemandState::Archived),
            (12, 609, DemandState::Expired),
        ] {
            let (code, place, text) = (code(317), "12066".to_owned(), Words(PUMP.to_owned()));
            let reply = DemandReply::Show { code, place, text, total, missing, state };
            agree(&Reply::Demand(Box::new(reply)), locale);
        }
        // A draft is nobody's to see yet.
        for state in [DemandState::Confirming, DemandState::Moderation, DemandState::Rejected] {
            let (code, place, text) = (code(317), "12066".to_owned(), Words(PUMP.to_owned()));
            let reply = DemandReply::Show { code, place, text, total: 2, missing: 3, state };
            assert_eq!(shown(&Reply::Demand(Box::new(reply)), locale).0.picture, None);
        }
    }
}

#[test]
fn only_telegram_has_pictures_and_a_bare_name_has_none() {
    let topic = Reply::Topic { place: "12066".to_owned(), topic: "agua".to_owned(), family: Family::NEAREST };
    for channel in [ChannelKind::Sms, ChannelKind::Ussd] {
        let setting = Setting { facts: &FACTS, locale: "es-MX", channel, service: "Cabildo" };
        assert_eq!(render(&topic, setting).picture, None);
    }
    assert!(shown(&topic, "es-MX").0.picture.is_some());
    let headline = Reply::Headline { place: "12066".to_owned(), family: Family::NEAREST };
    let (place, topic) = ("12066".to_owned(), "agua".to_owned());
    let best = Reply::Best { place, topic, family: Family::NEAREST, practice: None };
    for reply in [headline, best, Reply::AskPlace, Reply::Newer { place: "12085".to_owned() }] {
        assert_eq!(shown(&reply, "es-MX").0.picture, None, "{reply:?}");
    }
}

#[test]
fn figures_of_another_release_are_not_drawn() {
    for spec in [
        bars("12066", "comida", Family::NEAREST),
        trend("12066", "comida"),
        distribution("12066", "comida", Among::Country),
    ] {
        let json = serde_json::to_string(&spec).expect("JSON");
        let other: ChartSpec =
            serde_json::from_str(&json.replace(&release(), "another-release")).expect("the same");
        assert_ne!(other, spec);
        assert_eq!(charts::draw(&other, &FACTS, "es-MX"), Err(charts::Error::Gone));
        let nowhere: ChartSpec = serde_json::from_str(&json.replace("12066", "99999")).expect("the same");
        assert_eq!(charts::draw(&nowhere, &FACTS, "es-MX"), Err(charts::Error::Gone));
        let nothing: ChartSpec = serde_json::from_str(&json.replace("comida", "nada")).expect("the same");
        assert_eq!(charts::draw(&nothing, &FACTS, "es-MX"), Err(charts::Error::Gone));
    }
}

/// Fails unless the edges are blank: nothing is cut off there.
fn within(name: &str, png: &[u8]) {
    assert!(png.len() < MOST_BYTES, "{name}: {} bytes", png.len());
    let picture = pixels(png);
    let edge = 24;
    for (x, y, pixel) in picture.enumerate_pixels() {
        let outside = x < edge || y < edge || x >= SIDE - edge || y >= SIDE - edge;
        assert!(!outside || pixel.0 == [255; 3], "{name}: {pixel:?} at {x}, {y}");
    }
}

#[test]
fn nothing_is_drawn_over_the_edge() {
    for (name, spec, locale) in golden() {
        within(name, &charts::draw(&spec, &FACTS, locale).expect("a picture"));
    }
    let mut by_length: Vec<&str> = FACTS.municipalities.iter().map(|it| it.key.as_str()).collect();
    by_length.sort_by_key(|key| {
        let id = FACTS.by_key(key).expect("a municipality");
        std::cmp::Reverse(FACTS.municipality(id).name.chars().count())
    });
    for (turn, place) in by_length.iter().take(12).enumerate() {
        let topics = &FACTS.manifest.topics;
        let topic = &topics[turn % topics.len()].id;
        for spec in [
            bars(place, topic, Family::ALL[turn % 5]),
            trend(place, topic),
            distribution(place, topic, Among::Country),
            distribution(place, topic, Among::Family(Family::ALL[turn % 5])),
        ] {
            match charts::draw(&spec, &FACTS, LOCALES[turn % 2]) {
                Ok(png) => within(place, &png),
                Err(problem) => assert_eq!(problem, charts::Error::Gone, "{spec:?}"),
            }
        }
    }
}

#[test]
fn what_people_and_towns_write_is_drawn_whole_and_breaks_nothing() {
    let long = "ñ".repeat(5_000);
    let words = "agua ".repeat(2_000);
    for text in [
        "",
        " ",
        "\u{202e}\u{200b}\u{feff}",
        "a\u{301}\u{301}\u{301}\u{301} zalgo",
        "👨‍👩‍👧 🇲🇽 水 सड़क",
        "<b>x</b> & {$x} \\ \" ' \u{0} \n \r \t \u{1b}[31m",
        long.as_str(),
        words.as_str(),
    ] {
        let state = DemandState::Collecting;
        for (total, missing) in [(0, 0), (0, u64::MAX), (u64::MAX, u64::MAX), (u64::MAX, 0)] {
            let spec = progress(text, total, missing, state);
            within(text, &charts::draw(&spec, &FACTS, "es-MX").expect("a picture"));
        }
        let offices = (0..40).map(|it| office(text, u64::MAX, Some(u32::MAX - it), Some(u32::MAX))).collect();
        within(text, &charts::draw(&times("12066", offices), &FACTS, "en").expect("a picture"));
    }
    // A date that is none, and a language that nobody has.
    let on = Some("soon".to_owned());
    let place = "12066".to_owned();
    let spec = ChartSpec::Progress {
        code: code(317),
        place,
        text: PUMP.to_owned(),
        total: 1,
        missing: 1,
        state: DemandState::Collecting,
        on,
    };
    within("no date", &charts::draw(&spec, &FACTS, "xx").expect("a picture"));
}

#[test]
fn absent_figures_are_said_and_are_no_bars() {
    for (place, topic) in [("04012", "pobreza"), ("07125", "pobreza"), ("29048", "comida")] {
        let spec = bars(place, topic, Family::NEAREST);
        let Some(chart) = charts::data(&spec, &FACTS, "es-MX") else { panic!("{place}") };
        let Drawing::Bars { rows, .. } = &chart.drawing else { panic!("{chart:?}") };
        assert_eq!((rows[0].own, rows[0].value, rows[0].written.as_str()), (true, None, "sin dato"));
        assert!(chart.says[0].contains("no publica"), "{chart:?}");
        assert!(rows.iter().skip(1).all(|it| it.value.is_some() && !it.own));
    }
    // One that is newer than the data has no peers: there is nothing to draw.
    let topic = Reply::Topic { place: "12085".to_owned(), topic: "agua".to_owned(), family: Family::NEAREST };
    assert_eq!(shown(&topic, "es-MX").0.picture, None);
    let chart = charts::data(&times("12066", vec![office("Salud", 3, None, Some(5))]), &FACTS, "es-MX");
    let Some(Drawing::Times { rows }) = chart.map(|it| it.drawing) else { panic!("no times") };
    assert_eq!((rows[0].days, rows[0].written.as_str(), rows[0].late), (None, "pocas personas", false));
}

#[test]
fn ties_share_their_rank() {
    let place = tied("luz");
    let chart = charts::data(&bars(&place, "luz", Family::NEAREST), &FACTS, "es-MX").expect("figures");
    let Drawing::Bars { rows, .. } = &chart.drawing else { panic!("{chart:?}") };
    let own = rows.iter().find(|it| it.own).expect("its own");
    let same: Vec<_> = rows.iter().filter(|it| it.value == own.value).collect();
    assert!(same.len() > 1, "{rows:?}");
    assert!(same.iter().all(|it| it.rank == own.rank), "{rows:?}");
    assert!(chart.says[1].ends_with("(empate)"), "{chart:?}");
}

#[test]
fn every_letter_of_a_name_or_a_text_is_in_the_font() {
    let name = |letter: char| ChartSpec::Progress {
        code: code(317),
        place: "12066".to_owned(),
        text: letter.to_string(),
        total: 1,
        missing: 1,
        state: DemandState::Collecting,
        on: None,
    };
    let draw = |letter: char| pixels(&charts::draw(&name(letter), &FACTS, "es-MX").expect("a picture"));
    let none = draw('\u{e000}');
    let mut letters: Vec<char> = FACTS.municipalities.iter().flat_map(|it| it.name.chars()).collect();
    letters.extend("áéíóúüñÁÉÍÓÚÜÑ¿¡…%()/:;,.-+'\"0123456789".chars());
    letters.sort_unstable();
    letters.dedup();
    for letter in letters.into_iter().filter(|it| !it.is_whitespace()) {
        assert_ne!(different(&none, &draw(letter)), 0, "{letter:?} is drawn as no letter is");
    }
}
