//! How Spanish is written in a hurry: abbreviations, words that carry no name, everyday words.
//!
//! These are rules of the language, the same in every country of it; names and nicknames are data
//! of the pack.

/// Words that a name may lose or gain without becoming another name.
const STOP_WORDS: [&str; 17] = [
    "de", "del", "d", "dl", "la", "las", "el", "los", "lo", "y", "e", "en", "al", "h", "heroica", "heroico",
    "l",
];

/// Abbreviated words and what they stand for.
const ABBREVIATIONS: [(&str, &str); 98] = [
    ("sta", "santa"),
    ("snta", "santa"),
    ("sto", "santo"),
    ("snto", "santo"),
    ("sn", "san"),
    ("s", "san"),
    ("sno", "santiago"),
    ("stgo", "santiago"),
    ("sgo", "santiago"),
    ("stiago", "santiago"),
    ("gral", "general"),
    ("grl", "general"),
    ("gen", "general"),
    ("grals", "general"),
    ("cd", "ciudad"),
    ("cdad", "ciudad"),
    ("ciud", "ciudad"),
    ("dr", "doctor"),
    ("cnel", "coronel"),
    ("crnel", "coronel"),
    ("cor", "coronel"),
    ("cap", "capitan"),
    ("capt", "capitan"),
    ("pto", "puerto"),
    ("pte", "puente"),
    ("pblo", "pueblo"),
    ("pbo", "pueblo"),
    ("vlla", "villa"),
    ("vla", "villa"),
    ("va", "villa"),
    ("nvo", "nuevo"),
    ("nva", "nueva"),
    ("fco", "francisco"),
    ("fsco", "francisco"),
    ("frco", "francisco"),
    ("fcco", "francisco"),
    ("fran", "francisco"),
    ("ma", "maria"),
    ("mra", "maria"),
    ("ml", "manuel"),
    ("mnl", "manuel"),
    ("jn", "juan"),
    ("jse", "jose"),
    ("ant", "antonio"),
    ("anto", "antonio"),
    ("bta", "bautista"),
    ("btta", "bautista"),
    ("baut", "bautista"),
    ("dgo", "domingo"),
    ("dmgo", "domingo"),
    ("dom", "domingo"),
    ("mig", "miguel"),
    ("mgl", "miguel"),
    ("gpe", "guadalupe"),
    ("guad", "guadalupe"),
    ("pdro", "pedro"),
    ("pdo", "pedro"),
    ("cat", "catarina"),
    ("cata", "catarina"),
    ("cris", "cristobal"),
    ("crist", "cristobal"),
    ("xtobal", "cristobal"),
    ("cpcion", "concepcion"),
    ("concep", "concepcion"),
    ("magd", "magdalena"),
    ("mtz", "martinez"),
    ("mtnez", "martinez"),
    ("gzz", "gonzalez"),
    ("glz", "gonzalez"),
    ("glez", "gonzalez"),
    ("gonz", "gonzalez"),
    ("hdz", "hernandez"),
    ("hdez", "hernandez"),
    ("rdz", "rodriguez"),
    ("rguez", "rodriguez"),
    ("rodz", "rodriguez"),
    ("gtz", "gutierrez"),
    ("gtez", "gutierrez"),
    ("gutz", "gutierrez"),
    ("lpz", "lopez"),
    ("pz", "perez"),
    ("fdz", "fernandez"),
    ("fdez", "fernandez"),
    ("jmz", "jimenez"),
    ("rmz", "ramirez"),
    ("hgo", "hidalgo"),
    ("gro", "guerrero"),
    ("nal", "nacional"),
    ("nac", "nacional"),
    ("cdnas", "cardenas"),
    ("cardns", "cardenas"),
    ("dto", "distrito"),
    ("dtto", "distrito"),
    ("dist", "distrito"),
    ("ind", "independencia"),
    ("indep", "independencia"),
    ("mte", "monte"),
    ("vte", "vicente"),
];

/// Numbers as words.
const NUMBERS: [(&str, &str); 16] = [
    ("uno", "1"),
    ("dos", "2"),
    ("tres", "3"),
    ("cuatro", "4"),
    ("cinco", "5"),
    ("seis", "6"),
    ("siete", "7"),
    ("ocho", "8"),
    ("nueve", "9"),
    ("diez", "10"),
    ("trece", "13"),
    ("veinte", "20"),
    ("ii", "2"),
    ("iii", "3"),
    ("xiii", "13"),
    ("xx", "20"),
];

/// Words that begin a request before the place.
const LEADS: [&str; 85] = [
    "hola",
    "buenas",
    "buenos",
    "buen",
    "dia",
    "dias",
    "tardes",
    "noches",
    "quiero",
    "quisiera",
    "kiero",
    "necesito",
    "busco",
    "deseo",
    "saber",
    "conocer",
    "consultar",
    "consulta",
    "comparar",
    "compara",
    "compare",
    "informacion",
    "info",
    "informes",
    "datos",
    "dato",
    "cifras",
    "indicadores",
    "estadisticas",
    "dame",
    "dime",
    "manda",
    "mandame",
    "muestra",
    "muestrame",
    "sobre",
    "acerca",
    "como",
    "komo",
    "esta",
    "anda",
    "va",
    "vamos",
    "estamos",
    "soy",
    "somos",
    "vivo",
    "vivimos",
    "estoy",
    "radico",
    "vengo",
    "desde",
    "en",
    "de",
    "del",
    "para",
    "por",
    "mi",
    "el",
    "la",
    "es",
    "q",
    "que",
    "hay",
    "municipio",
    "municipios",
    "mpio",
    "mpios",
    "mpo",
    "mun",
    "munic",
    "municipal",
    "munpio",
    "ayuntamiento",
    "ayto",
    "ayuntam",
    "gobierno",
    "presidencia",
    "alcaldia",
    "delegacion",
    "deleg",
    "libre",
    "comuna",
    "localidad",
    "h",
];

/// Words that end a request after the place.
const TRAILS: [&str; 13] = [
    "municipio",
    "mpio",
    "mpo",
    "mun",
    "por",
    "favor",
    "porfavor",
    "porfa",
    "pf",
    "gracias",
    "plis",
    "pls",
    "comuna",
];

/// Words that carry no name of their own inside one.
const GENERIC: [&str; 34] = [
    "villa", "ciudad", "puerto", "pueblo", "rincon", "valle", "mineral", "real", "playa", "boca", "paso",
    "barrio", "cerro", "rio", "isla", "lagos", "agua", "tierra", "nuevo", "nueva", "general", "doctor",
    "coronel", "capitan", "san", "santa", "santo", "santos", "alto", "bajo", "grande", "distrito", "centro",
    "colonia",
];

/// Words that also mean something else, or name streets and colonies everywhere.
const EVERYDAY: [&str; 77] = [
    "paz",
    "progreso",
    "victoria",
    "rosario",
    "oro",
    "esperanza",
    "centro",
    "isla",
    "china",
    "mina",
    "mama",
    "reforma",
    "libertad",
    "porvenir",
    "cruz",
    "salvador",
    "llano",
    "fuerte",
    "salto",
    "casas",
    "altar",
    "candela",
    "carmen",
    "soledad",
    "concepcion",
    "trinidad",
    "union",
    "bravo",
    "vega",
    "colon",
    "barca",
    "huerta",
    "llave",
    "mesa",
    "antigua",
    "perla",
    "puente",
    "fortin",
    "frontera",
    "calera",
    "calvillo",
    "arriaga",
    "abasolo",
    "juarez",
    "hidalgo",
    "morelos",
    "guerrero",
    "madero",
    "allende",
    "zaragoza",
    "ocampo",
    "benitojuarez",
    "emilianozapata",
    "lazarocardenas",
    "miguelhidalgo",
    "venustianocarranza",
    "cuauhtemoc",
    "zapata",
    "matamoros",
    "guadalupe",
    "santiago",
    "mexico",
    "piedad",
    "compania",
    "valle",
    "rayon",
    "rosa",
    "rosas",
    "libres",
    "independencia",
    "constitucion",
    "ayala",
    "mercedes",
    "nicolas",
    "garcia",
    "jimenez",
    "lopez",
];

/// Words after which a name is that of a street, a colony or a school.
const NAMED_AFTER: [&str; 32] = [
    "calle",
    "calles",
    "av",
    "avenida",
    "avda",
    "blvd",
    "bulevar",
    "boulevard",
    "calzada",
    "calz",
    "col",
    "colonia",
    "fracc",
    "fraccionamiento",
    "barrio",
    "unidad",
    "escuela",
    "primaria",
    "secundaria",
    "prepa",
    "hospital",
    "clinica",
    "mercado",
    "parque",
    "plaza",
    "andador",
    "privada",
    "priv",
    "cerrada",
    "esquina",
    "entre",
    "ejido",
];

/// Words that say that a place follows.
const PLACE_FOLLOWS: [&str; 12] = [
    "en",
    "municipio",
    "mpio",
    "mpo",
    "mun",
    "ayuntamiento",
    "alcaldia",
    "delegacion",
    "comuna",
    "soy",
    "vivo",
    "desde",
];

/// Whether the word may be dropped from a name.
pub fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.contains(&word)
}

/// The word in full, where it is an abbreviation or a number in words; numbers lose leading zeros.
pub fn in_full(word: &str) -> &str {
    if word.len() > 1 && word.bytes().all(|it| it.is_ascii_digit()) {
        let short = word.trim_start_matches('0');
        return if short.is_empty() { "0" } else { short };
    }
    if word.len() > 7 {
        return word;
    }
    ABBREVIATIONS.iter().chain(&NUMBERS).find(|(short, _)| *short == word).map_or(word, |(_, full)| full)
}

/// Whether the word begins a request before the place.
pub fn is_lead(word: &str) -> bool {
    LEADS.contains(&word)
}

/// Whether the word ends a request after the place.
pub fn is_trail(word: &str) -> bool {
    TRAILS.contains(&word)
}

/// Whether the word says nothing about which place is meant.
pub fn is_generic(word: &str) -> bool {
    GENERIC.contains(&word) || is_stop_word(word)
}

/// Whether the word announces a saint's name.
pub fn is_saint(word: &str) -> bool {
    matches!(word, "san" | "santa" | "santo" | "santos")
}

/// Whether a name (joined, without articles) also means something else in a sentence.
pub fn is_everyday(bare: &str) -> bool {
    EVERYDAY.contains(&bare) || bare.len() < 4
}

/// Whether a name after this word is a street's, a colony's or a school's.
pub fn names_a_street(word: &str) -> bool {
    NAMED_AFTER.contains(&word)
}

/// Whether the word says that a place follows.
pub fn place_follows(word: &str) -> bool {
    PLACE_FOLLOWS.contains(&word)
}

/// Whether the word means "state" before a state's name.
pub fn means_state(word: &str) -> bool {
    matches!(word, "estado" | "edo" | "est" | "region" | "provincia" | "depto" | "departamento")
}

/// Whether the word says that a postcode follows.
pub fn means_postcode(word: &str) -> bool {
    matches!(word, "cp" | "c" | "p" | "codigo" | "postal" | "cod")
}

/// Whether the word says that an official key follows.
pub fn means_key(word: &str) -> bool {
    matches!(word, "clave" | "cve" | "cvegeo" | "inegi" | "key" | "codigo" | "cvemun")
}
