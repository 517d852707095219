//! What must hold in the packs that come with the program.

use std::collections::{BTreeMap, HashMap};

use super::fixtures::{catalogue, coneval, embedded, long_table, utf_8, windows_1252};
use crate::domain::fold::fold;
use crate::domain::pack::{Comparability, Manifest};
use crate::import::compile::{self, CompileError, Sources};
use crate::import::editorial::Editorial;
use crate::import::finding::Kind;

/// Every word that the dialogue gives a meaning of its own.
const KEYWORDS: &str = "COMPARA COMPARE TENDENCIA HISTORIA TREND MEJORES QUIEN BEST WHO FAMILIA GROUP QUE_ES FUENTE \
    WHAT_IS SOURCE QUEJA SUGERENCIA PREGUNTA GRACIAS REPORT ESTADO MIS_CASOS STATUS NO SI YES DEMANDA FIRMO RETIRO \
    CONFIRMO DEMANDAS DEMAND SIGN LIDER MIS_DEMANDAS POR LEADER COMPROMISO CUMPLE VER TIEMPOS PROMISE SEE TIMES \
    ENCUESTA SURVEY AVISOS BAJA ALERTS VINCULA LINK IDIOMA LANGUAGE PRIVACIDAD MIS_DATOS CORREGIR_DATOS BORRAR \
    PRIVACY MY_DATA DELETE CORRIGE FIX CAMBIAR CHANGE HOLA BUENOS_DIAS QUIEN_ERES CUANTO_CUESTA HELLO THANKS HABLAR \
    PERSONA APELO AGENT MAS 0 MENU CANCELA CANCELAR MORE CANCEL AYUDA INFO HELP STOP ALTO SALIR PARAR NO_MAS YA_NO \
    UNSUBSCRIBE STOPALL QUIT END ALTA INICIO VOLVER START";

fn manifests() -> [Manifest; 2] {
    [include_str!("../../../../data/mx/manifest.toml"), include_str!("../../../../data/cl/manifest.toml")]
        .map(|text| {
            let mut table: toml::Table = toml::from_str(text).expect("a manifest");
            // The Chilean one gets its series from the indicators' table.
            if table.get("series").and_then(|it| it.get("cl_retiro")).is_some() {
                table.insert("series".to_owned(), toml::Value::Table(toml::Table::new()));
            }
            table.try_into().expect("a manifest")
        })
}

#[test]
fn topic_words_are_unique_and_no_keywords() {
    for manifest in manifests() {
        let mut seen: HashMap<String, &str> = HashMap::new();
        for word in KEYWORDS.split_whitespace() {
            seen.insert(fold(&word.replace('_', " ")), "a keyword");
        }
        for topic in &manifest.topics {
            for word in topic.words.values().flatten() {
                assert!(!fold(word).is_empty());
                let other = seen.insert(fold(word), &topic.id);
                assert!(other.is_none_or(|it| it == topic.id), "{word} of {} is {other:?} too", topic.id);
            }
        }
    }
}

#[test]
fn definitions_fit_a_message_and_main_topics_come_first() {
    for manifest in manifests() {
        for topic in &manifest.topics {
            for locale in ["es-MX", "en"] {
                let definition = topic.definition.get(locale).map_or(0, |it| it.chars().count());
                assert!((1..=160).contains(&definition), "{} {locale}: {definition}", topic.id);
                assert!(topic.label.get(locale).is_some_and(|it| !it.is_empty()));
                assert!(topic.words.get(locale).is_some_and(|it| !it.is_empty()));
            }
        }
        assert!(manifest.topics.is_sorted_by_key(|it| !it.main));
        for id in
            manifest.headline.compared.iter().chain([&manifest.headline.topic, &manifest.headline.offered])
        {
            assert!(manifest.topics.iter().any(|it| it.id == *id && it.main), "{id}");
        }
    }
    let [mexico, _] = manifests();
    assert_eq!(mexico.topics.iter().filter(|it| it.main).count(), 12);
    for topic in &mexico.topics {
        let cuts = topic.by_sex.iter().flat_map(|it| [&it.women, &it.men]);
        for series in topic.series.iter().chain(cuts) {
            assert!(mexico.series.contains_key(series), "{series}");
        }
    }
}

#[test]
fn method_breaks_are_those_of_the_publications() {
    let [mexico, _] = manifests();
    let found = |code: &str| -> BTreeMap<(u16, u16), Comparability> {
        let series = mexico.series.get(code).unwrap_or_else(|| panic!("no {code}"));
        series.breaks.iter().map(|it| ((it.before, it.after), it.compare)).collect()
    };
    let (early, late) = ((2010, 2015), (2015, 2020));
    for code in ["ic_cv", "ic_sbv", "plb", "plbm", "plp", "plp_e"] {
        assert!(found(&format!("coneval_{code}")).is_empty(), "{code}");
    }
    let noisy = (early, Comparability::Yes);
    assert_eq!(found("coneval_ic_asalud"), BTreeMap::from([noisy, (late, Comparability::Warn)]));
    assert_eq!(found("coneval_ic_ali"), BTreeMap::from([noisy, (late, Comparability::No)]));
    for code in ["pobreza", "pobreza_e", "pobreza_m", "npnv", "vul_ing", "pobreza_mujeres", "pobreza_hombres"]
    {
        assert_eq!(found(&format!("coneval_{code}")), BTreeMap::from([(late, Comparability::No)]), "{code}");
    }
    for code in [
        "ic_rezedu",
        "ic_segsoc",
        "carencias",
        "carencias3",
        "vul_car",
        "ic_rezedu_mujeres",
        "ic_rezedu_hombres",
    ] {
        assert_eq!(
            found(&format!("coneval_{code}")),
            BTreeMap::from([(late, Comparability::Warn)]),
            "{code}"
        );
    }
}

#[test]
fn suppressed_figures_of_the_embedded_pack_stay_suppressed() {
    use crate::domain::indicator::Reading;
    let facts = crate::embedded::facts().expect("the embedded pack");
    let count = facts
        .columns()
        .iter()
        .flat_map(|(_, _, column)| column.cells.iter().enumerate().map(move |(row, _)| column.get(row)))
        .filter(|it| *it == Reading::Suppressed)
        .count();
    assert_eq!(count, 56);
    assert_eq!(facts.municipalities.iter().filter(|it| it.newer_than_data).count(), 9);
    assert_eq!(facts.municipalities.iter().filter(|it| !it.counted_in.is_empty()).count(), 9);
    let apart: Vec<_> = facts.municipalities.iter().filter_map(|it| it.told_apart_by.as_deref()).collect();
    assert_eq!(apart, ["Distrito 08", "Distrito 26", "Distrito 22", "Distrito 26"]);
}

#[test]
fn no_topic_word_of_mexico_is_a_municipality() {
    let facts = crate::embedded::facts().expect("the embedded pack");
    let names: std::collections::HashSet<String> =
        facts.municipalities.iter().map(|it| fold(&it.name)).collect();
    for topic in &facts.manifest.topics {
        for word in topic.words.values().flatten() {
            assert!(!names.contains(&fold(word)), "{word}");
        }
    }
}

#[test]
fn official_files_and_long_tables_compile_to_the_same_figures() {
    let pack = embedded();
    let mut table = long_table(&pack, "coneval_");
    table.retain(|row| !row[1].ends_with("mujeres") && !row[1].ends_with("hombres"));
    let mut sources = Sources {
        manifest: include_str!("../../../../data/mx/manifest.toml").to_owned(),
        editorial: Editorial::default(),
        catalogue: ("catalogue.csv".to_owned(), utf_8(&catalogue(&pack))),
        tables: vec![
            ("a.csv".to_owned(), utf_8(&table)),
            ("b.csv".to_owned(), utf_8(&long_table(&pack, "inegi_poblacion"))),
        ],
        reference: (
            "r.csv".to_owned(),
            b"area_code,indicator,year,value\n00,inegi_poblacion,2020,126014024\n".to_vec(),
        ),
        postcodes: ("p.csv".to_owned(), b"cp,cvegeo,places\n41300,12066,2\n".to_vec()),
        official: Vec::new(),
    };
    let compiled = |sources: &Sources| match compile::compile(sources) {
        Ok(compiled) => {
            assert_eq!(compiled.findings, []);
            compiled.draft.columns.to_bytes()
        }
        Err(problem) => panic!("{problem}"),
    };
    let by_tables = compiled(&sources);
    let name = "indicadores de pobreza municipal_2020.csv";
    sources.official.push((name.to_owned(), windows_1252(&coneval(&pack))));
    assert_eq!(compiled(&sources), by_tables);

    let row = table.iter().position(|row| row[1] == "coneval_ic_ali" && row[0] == "12066").expect("Tlapa");
    table[row][3] = "38.4".to_owned();
    sources.tables[0].1 = utf_8(&table);
    match compile::compile(&sources) {
        Err(CompileError::Finding(finding)) => {
            assert_eq!((finding.kind, finding.row as usize), (Kind::Inconsistent, row + 1));
        }
        _ => panic!("the routes differ and nothing said so"),
    }
}
