//! Files in the official layouts, made from a pack.

use rust_xlsxwriter::{Format, Workbook, Worksheet};

use crate::domain::indicator::Reading;
use crate::import::draft::{Draft, POSTCODES};

/// The embedded pack.
pub fn embedded() -> Draft {
    Draft::read(|name| match name {
        POSTCODES => crate::embedded::postcodes().map(<[u8]>::to_vec),
        _ => crate::embedded::file(name).map(<[u8]>::to_vec),
    })
    .expect("the embedded pack")
}

/// The figure of a municipality as text; none where there is none.
pub fn figure(pack: &Draft, series: &str, year: u16, row: usize) -> Option<String> {
    let column = pack.columns.get(series, year).expect("a column");
    match column.get(row) {
        Reading::Value(figure) => Some(figure.to_string()),
        _ => None,
    }
}

/// Rows of the municipalities that existed when the data were collected.
pub fn measured(pack: &Draft) -> impl Iterator<Item = usize> + '_ {
    pack.municipalities.iter().enumerate().filter(|(_, it)| !it.newer_than_data).map(|(row, _)| row)
}

/// A table as text cells.
pub type Cells = Vec<Vec<String>>;

/// `indicadores de pobreza municipal_2020.csv`, header first.
pub fn coneval(pack: &Draft) -> Cells {
    let shares = "pobreza pobreza_e pobreza_m vul_car vul_ing npnv ic_rezedu ic_asalud ic_segsoc ic_cv ic_sbv \
                  ic_ali carencias carencias3 plp plp_e";
    let mut header: Vec<String> =
        ["clave_entidad", "entidad_federativa", "clave_municipio", "municipio", "poblacion"]
            .map(str::to_owned)
            .into();
    for share in shares.split_whitespace() {
        header.push(share.to_owned());
        header.push(format!("{share}_pob"));
    }
    let mut cells = vec![header.clone()];
    for row in measured(pack) {
        let it = &pack.municipalities[row];
        let mut line = vec![
            it.key[..2].trim_start_matches('0').to_owned(),
            pack.states[usize::from(it.state)].name.clone(),
            it.key.trim_start_matches('0').to_owned(),
            it.name.clone(),
        ];
        let absent = figure(pack, "coneval_pobreza", 2020, row).is_none();
        for name in &header[4..] {
            let series = format!("coneval_{name}");
            line.push(if absent {
                "n.d".to_owned()
            } else if pack.columns.get(&series, 2020).is_some() {
                grouped(&figure(pack, &series, 2020, row).expect("a figure"))
            } else {
                "1,234".to_owned()
            });
        }
        cells.push(line);
    }
    cells
}

/// A count with thousands commas, as the official file prints it.
fn grouped(text: &str) -> String {
    if text.contains('.') {
        return text.to_owned();
    }
    let mut out = String::new();
    for (index, digit) in text.chars().enumerate() {
        if index > 0 && (text.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The bytes of a CSV file in Windows-1252 with CRLF.
pub fn windows_1252(cells: &Cells) -> Vec<u8> {
    let text = csv_text(cells, csv::Terminator::CRLF);
    let (bytes, _, unknown) = encoding_rs::WINDOWS_1252.encode(&text);
    assert!(!unknown, "every name is in Windows-1252");
    bytes.into_owned()
}

/// The bytes of a CSV file in UTF-8.
pub fn utf_8(cells: &Cells) -> Vec<u8> {
    csv_text(cells, csv::Terminator::Any(b'\n')).into_bytes()
}

fn csv_text(cells: &Cells, terminator: csv::Terminator) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(terminator).flexible(true).from_writer(Vec::new());
    for row in cells {
        writer.write_record(row).expect("a row");
    }
    String::from_utf8(writer.into_inner().expect("bytes")).expect("text")
}

/// The shares of the social backwardness index: title and series.
pub const SHARES: [(&str, &str); 11] = [
    ("Población de 15 años o más analfabeta", "irs_analf15"),
    ("Población de 6 a 14 años que no asiste a la escuela", "irs_no_asiste6_14"),
    ("Población de 15 años y más con educación básica incompleta", "irs_edbas_incompleta"),
    ("Población sin derechohabiencia a servicios de salud", "irs_sin_derechohabiencia"),
    ("Viviendas con piso de tierra", "irs_piso_tierra"),
    ("Viviendas que no disponen de excusado o sanitario", "irs_sin_excusado"),
    ("Viviendas que no disponen de agua entubada de la red pública", "irs_sin_agua"),
    ("Viviendas que no disponen de drenaje", "irs_sin_drenaje"),
    ("Viviendas que no disponen de energía eléctrica", "irs_sin_electricidad"),
    ("Viviendas que no disponen de lavadora", "irs_sin_lavadora"),
    ("Viviendas que no disponen de refrigerador", "irs_sin_refrigerador"),
];
const DEGREES: [&str; 5] = ["Muy bajo", "Bajo", "Medio", "Alto", "Muy alto"];

/// `IRS_entidades_mpios_2020.xlsx`: two sheets, each with a title, a header of two levels with
/// merged cells in the rows from `header` on (5 as published), an empty row and notes.
pub fn rezago(pack: &Draft, header: u32) -> Vec<u8> {
    let mut book = Workbook::new();
    let states = book.add_worksheet().set_name("Estados").expect("a name");
    let upper = header - 1;
    title(states, "según entidad federativa, 2020");
    head(states, upper, &["Clave entidad", "Entidad federativa", "Población total"]);
    let mut areas: Vec<(String, String)> = vec![("00".to_owned(), "Nacional".to_owned())];
    areas.extend(pack.states.iter().map(|it| (it.key.clone(), it.name.clone())));
    let reference = |series: &str, area: &str| {
        pack.reference.get(&(series.to_owned(), 2020, area.to_owned())).map(ToString::to_string)
    };
    for (index, (key, name)) in areas.iter().enumerate() {
        let row = upper + 2 + index as u32;
        text(states, row, 0, key);
        text(states, row, 1, name);
        number(states, row, 2, &reference("inegi_poblacion", key).expect("people"));
        for (offset, (_, series)) in SHARES.iter().enumerate() {
            number(states, row, 3 + offset as u16, &reference(series, key).expect("a share"));
        }
        if let Some(index) = reference("irs_indice", key) {
            number(states, row, 14, &index);
            text(states, row, 15, degree(&reference("irs_grado", key).expect("a degree")));
            number(states, row, 16, "7");
        }
    }
    let sheet = book.add_worksheet().set_name("Municipios").expect("a name");
    title(sheet, "según municipio, 2020");
    head(
        sheet,
        upper,
        &["Clave entidad", "Entidad\nfederativa", "Clave municipio", "Municipio", "Población total"],
    );
    let mut row = upper + 3;
    for place in measured(pack) {
        let it = &pack.municipalities[place];
        text(sheet, row, 0, &it.key[..2]);
        text(sheet, row, 1, &pack.states[usize::from(it.state)].name);
        text(sheet, row, 2, &it.key);
        text(sheet, row, 3, &it.name);
        number(sheet, row, 4, &it.population.expect("people").to_string());
        for (offset, (_, series)) in SHARES.iter().enumerate() {
            number(sheet, row, 5 + offset as u16, &figure(pack, series, 2020, place).expect("a share"));
        }
        number(sheet, row, 16, &figure(pack, "irs_indice", 2020, place).expect("an index"));
        text(sheet, row, 17, degree(&figure(pack, "irs_grado", 2020, place).expect("a degree")));
        number(sheet, row, 18, &figure(pack, "irs_lugar", 2020, place).expect("a place"));
        row += 1;
    }
    text(sheet, row + 1, 0, "Nota 1: el cálculo considera el total de viviendas particulares habitadas.");
    sheet
        .merge_range(
            row + 2,
            0,
            row + 2,
            4,
            "Fuente: estimaciones del CONEVAL con base en el Censo.",
            &Format::new(),
        )
        .expect("a merge");
    book.save_to_buffer().expect("a workbook")
}

fn title(sheet: &mut Worksheet, what: &str) {
    let words = format!("Población total, indicadores, índice y grado de rezago social, \n{what}");
    text(sheet, 0, 0, "    ");
    sheet.merge_range(0, 2, 3, 16, &words, &Format::new()).expect("a merge");
}

/// The two levels of the header: titles merged over both rows, the shares under one title.
fn head(sheet: &mut Worksheet, upper: u32, first: &[&str]) {
    let plain = Format::new();
    let shares = first.len() as u16;
    let tail =
        ["Índice de rezago social", "Grado de rezago social", "Lugar que ocupa en el contexto nacional"];
    let sides = first.iter().enumerate().map(|(index, title)| (index as u16, title));
    for (column, title) in
        sides.chain(tail.iter().enumerate().map(|(index, title)| (shares + 11 + index as u16, title)))
    {
        sheet.merge_range(upper, column, upper + 1, column, title, &plain).expect("a merge");
    }
    sheet
        .merge_range(upper, shares, upper, shares + 10, "Indicadores de rezago social (porcentaje)", &plain)
        .expect("a merge");
    for (offset, (title, _)) in SHARES.iter().enumerate() {
        text(sheet, upper + 1, shares + offset as u16, title);
    }
}

/// `IMM_2020.xlsx`: three sheets; `second` changes the sheet `IMM_2020`.
pub fn marginacion(pack: &Draft, second: impl Fn(&mut Worksheet)) -> Vec<u8> {
    let codes = "CVE_ENT NOM_ENT CVE_MUN NOM_MUN POB_TOT ANALF SBASC OVSDE OVSEE OVSAE OVPT VHAC PL.5000 PO2SM IM_2020 \
                 GM_2020 IMN_2020";
    let series = "analf sbasc ovsde ovsee ovsae ovpt vhac pl5000 po2sm im gm imn";
    let mut book = Workbook::new();
    for base in [true, false] {
        let name = if base { "Base de marginación 2020" } else { "IMM_2020" };
        let sheet = book.add_worksheet().set_name(name).expect("a name");
        let mut row = if base { 5 } else { 0 };
        if base {
            text(sheet, 0, 0, "Población total, indicadores socioeconómicos, índice y grado de marginación");
            text(sheet, 3, 0, "Clave de la entidad federativa");
        }
        for (column, code) in codes.split_whitespace().enumerate() {
            text(sheet, row, column as u16, code);
        }
        row += 1;
        if base {
            row += 1;
            let people: u32 = pack.municipalities.iter().filter_map(|it| it.population).sum();
            text(sheet, row, 1, "Nacional");
            number(sheet, row, 4, &people.to_string());
            for (column, share) in
                (5..14).zip(["4.75", "29.71", "1.47", "0.66", "3.67", "3.81", "19.73", "27.0", "66.88"])
            {
                number(sheet, row, column, share);
            }
            for column in 14..19 {
                text(sheet, row, column, "n.a.");
            }
            row += 1;
        }
        for place in measured(pack) {
            let it = &pack.municipalities[place];
            text(sheet, row, 0, &it.key[..2]);
            text(sheet, row, 1, &pack.states[usize::from(it.state)].name);
            text(sheet, row, 2, &it.key);
            text(sheet, row, 3, &it.name);
            number(sheet, row, 4, &it.population.expect("people").to_string());
            for (column, name) in (5..).zip(series.split_whitespace()) {
                let figure = figure(pack, &format!("conapo_{name}"), 2020, place).expect("a figure");
                if name == "gm" {
                    text(sheet, row, column, degree(&figure));
                } else {
                    number(sheet, row, column, &figure);
                }
            }
            row += 1;
        }
        if !base {
            second(sheet);
        }
    }
    let words = book.add_worksheet().set_name("Diccionario").expect("a name");
    text(words, 0, 0, "Indicadores sociodemográficos");
    book.save_to_buffer().expect("a workbook")
}

fn degree(number: &str) -> &'static str {
    DEGREES[number.parse::<usize>().expect("a degree") - 1]
}

/// Writes text into a cell (row and column from 0).
pub fn text(sheet: &mut Worksheet, row: u32, column: u16, text: &str) {
    sheet.write_string(row, column, text).expect("a cell");
}

/// Writes a number into a cell.
pub fn number(sheet: &mut Worksheet, row: u32, column: u16, number: &str) {
    sheet.write_number(row, column, number.parse::<f64>().expect("a number")).expect("a cell");
}

/// The catalogue of municipalities, header first.
pub fn catalogue(pack: &Draft) -> Cells {
    let head = "cvegeo cve_ent state state_abbr cve_mun municipality cabecera_loc cabecera population_2020 male_2020 \
                female_2020 dwellings_2020 lat lon created_after_2020";
    let mut rows = vec![head.split_whitespace().map(str::to_owned).collect::<Vec<_>>()];
    for (row, it) in pack.municipalities.iter().enumerate() {
        let state = &pack.states[usize::from(it.state)];
        let count = |count: Option<u32>| count.map(|it| it.to_string()).unwrap_or_default();
        let degrees = |degrees: Option<f64>| degrees.map(|it| it.to_string()).unwrap_or_default();
        let dwellings = if it.newer_than_data { None } else { figure(pack, "inegi_viviendas", 2020, row) };
        rows.push(vec![
            it.key.clone(),
            state.key.clone(),
            state.name.clone(),
            format!("{}.", state.abbreviation),
            it.key[2..].to_owned(),
            it.name.clone(),
            "0001".to_owned(),
            it.head_town.clone().unwrap_or_default(),
            count(it.population),
            String::new(),
            String::new(),
            dwellings.unwrap_or_default(),
            degrees(it.position.map(|it| it.0)),
            degrees(it.position.map(|it| it.1)),
            if it.newer_than_data { "1" } else { "0" }.to_owned(),
        ]);
    }
    rows
}

/// A long table of every series of 2020 whose code begins with `prefix`, header first.
pub fn long_table(pack: &Draft, prefix: &str) -> Cells {
    let mut rows = vec![["cvegeo", "indicator", "year", "value"].map(str::to_owned).to_vec()];
    for (series, year, column) in pack.columns.iter() {
        if !series.starts_with(prefix) || year != 2020 {
            continue;
        }
        for (row, it) in pack.municipalities.iter().enumerate() {
            if let Reading::Value(figure) = column.get(row) {
                rows.push(vec![it.key.clone(), series.to_owned(), year.to_string(), figure.to_string()]);
            }
        }
    }
    rows
}
