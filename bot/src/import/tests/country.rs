//! Another country from a manifest and plain tables, without a change of code.

use std::path::Path;

use super::releases::import;
use crate::import::release;

const MANIFEST: &str = include_str!("../../../../data/cl/manifest.toml");

/// A few communes in the tables that `data/cl/manifest.toml` names.
fn write(folder: &Path) {
    let table = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a table");
    table(
        "cl_comunas.csv",
        "code,municipality,province_code,province,region_code,region,lat,lon,population_2024\n\
         05201,Isla de Pascua,052,Isla de Pascua,05,Región de Valparaíso,-27.15,-109.43,8277\n\
         06101,Rancagua,061,Cachapoal,06,Región del Libertador Bernardo O'Higgins,-34.17,-70.74,256774\n\
         12101,Punta Arenas,121,Magallanes,12,Región de Magallanes y Antártica Chilena,-53.16,-70.91,132363\n",
    );
    let institutions = [
        (
            "cl_pobreza_ingresos",
            "lower",
            "\"Ministerio de Desarrollo Social y Familia (Chile), Observatorio Social\"",
            "2022",
        ),
        (
            "cl_pobreza_multidimensional",
            "lower",
            "\"Ministerio de Desarrollo Social y Familia (Chile), Observatorio Social\"",
            "2022",
        ),
        ("cl_65mas_pct", "none", "Instituto Nacional de Estadísticas (INE) Chile", "2024"),
        ("cl_asistencia", "higher", "Ministerio de Educación (Chile)", "2024"),
        ("cl_aprobacion", "higher", "Ministerio de Educación (Chile)", "2024"),
        ("cl_retiro", "lower", "Ministerio de Educación (Chile)", "2024"),
        ("cl_poblacion", "none", "Instituto Nacional de Estadísticas (INE) Chile", "2024"),
    ];
    let mut meta =
        "indicator,name_es,name_en,unit,better,domain,source_institution,publication,years,url,licence\n"
            .to_owned();
    let mut values = "code,indicator,year,value\n".to_owned();
    for (code, better, institution, year) in institutions {
        let unit = if code == "cl_poblacion" { "personas" } else { "%" };
        meta.extend([format!(
            "{code},Nombre,Name,{unit},{better},d,{institution},Título,{year},https://x.cl/,Uso abierto\n"
        )]);
        for key in ["05201", "06101", "12101"] {
            let value = if unit == "%" { "12.5" } else { "4000" };
            values.extend([format!("{key},{code},{year},{value}\n")]);
        }
    }
    table("cl_indicators_meta.csv", &meta);
    table("cl_indicators.csv", &values);
    table("manifest.toml", MANIFEST);
}

#[test]
fn the_communes_of_chile_load_with_their_own_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let tables = folder.path().join("cl");
    std::fs::create_dir(&tables).expect("a folder");
    write(&tables);
    let (data, source) = (folder.path().join("data"), tables.to_str().expect("a path"));
    import(&data, &[source, "--as", "long-csv"]).expect("a release");
    let facts = release::load_current(&data).expect("a pack").expect("a release");
    assert_eq!(facts.manifest.pack.country, "CL");
    assert_eq!(facts.manifest.labels["es-MX"].municipalities, "comunas");
    let place = |key: &str| facts.municipality(facts.by_key(key).expect("a commune"));
    assert_eq!(facts.state_of(facts.by_key("06101").expect("Rancagua")).abbreviation, "O'Higgins");
    assert_eq!(place("05201").time_zone, "Pacific/Easter");
    assert_eq!(place("12101").time_zone, "America/Punta_Arenas");
    assert_eq!(place("06101").time_zone, "America/Santiago");
    assert_eq!(facts.series("cl_retiro").map(|it| it.tag.as_str()), Some("MINEDUC"));
    assert_eq!(facts.series("cl_pobreza_ingresos").and_then(|it| it.sdg.as_deref()), Some("1.2"));
    let rancagua = facts.by_key("06101").expect("Rancagua");
    assert_eq!(
        facts.reading("cl_pobreza_ingresos", 2022, rancagua).value().map(|it| it.to_string()).as_deref(),
        Some("12.5")
    );

    // The same again is no change; then one table of its columns updates the release.
    import(&data, &[source, "--as", "long-csv"]).expect("no change");
    assert_eq!(release::list(&data).expect("a list").len(), 1);
    let update = folder.path().join("update.csv");
    std::fs::write(&update, "code,indicator,year,value\n05201,cl_retiro,2024,1.5\n06101,cl_retiro,2024,2.5\n12101,cl_retiro,2024,3.5\n")
        .expect("a table");
    import(&data, &[update.to_str().expect("a path"), "--as", "long-csv"]).expect("an update");
    let facts = release::load_current(&data).expect("a pack").expect("a release");
    assert_eq!(
        facts.reading("cl_retiro", 2024, rancagua).value().map(|it| it.to_string()).as_deref(),
        Some("2.5")
    );
}

#[test]
fn what_is_wrong_in_a_country_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let tables = folder.path().join("cl");
    std::fs::create_dir(&tables).expect("a folder");
    let (data, source) = (folder.path().join("data"), tables.to_str().expect("a path").to_owned());
    let fails = || import(&data, &[&source, "--as", "long-csv"]).expect_err("a fault");
    assert_eq!(fails().0, 66, "no manifest");
    write(&tables);
    std::fs::remove_file(tables.join("cl_indicators.csv")).expect("a table");
    let (code, message) = fails();
    assert_eq!(code, 66);
    assert!(message.contains("cl_indicators.csv"), "{message}");
    write(&tables);
    std::fs::write(
        tables.join("manifest.toml"),
        MANIFEST.replace("\"cl_comunas.csv\"", "\"../cl_comunas.csv\""),
    )
    .expect("a manifest");
    assert_eq!(fails().0, 65, "a path out of the folder");
    write(&tables);
    let values = std::fs::read_to_string(tables.join("cl_indicators.csv")).expect("values");
    std::fs::write(
        tables.join("cl_indicators.csv"),
        values.replace("12101,cl_retiro,2024,12.5", "12101,cl_retiro,2024,140"),
    )
    .expect("values");
    let (code, message) = fails();
    assert_eq!(code, 65);
    assert!(message.contains("[out-of-range]"), "{message}");
    write(&tables);
    std::fs::write(tables.join("manifest.toml"), MANIFEST.replace("= \"MINEDUC\"", "= 7"))
        .expect("a manifest");
    assert_eq!(fails().0, 65, "a manifest of the wrong types");
    assert!(!data.exists());
}
