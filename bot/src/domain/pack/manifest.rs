//! The manifest: what a pack holds, what it calls things and where its figures come from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::demand::rules::Threshold;

/// Text in several locales (`es-MX`, `en`).
pub type Localized = BTreeMap<String, String>;

/// The text for `locale`, else the first one there is.
pub fn localized<'a>(text: &'a Localized, locale: &str) -> &'a str {
    text.get(locale).or_else(|| text.get("es-MX")).or_else(|| text.values().next()).map_or("", String::as_str)
}

/// The readable description of a pack.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What the pack is.
    pub pack: PackInfo,
    /// The country's own words for its areas, by locale: see [`Labels`].
    pub labels: BTreeMap<String, Labels>,
    /// How a pack's own source tables name their columns; only read by `import --as long-csv`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceLayout>,
    /// The headline answer.
    pub headline: Headline,
    /// What makes municipalities alike.
    pub peers: PeerRules,
    /// How much support a demand needs; absent: 1 % of the people, at least 25, at most 1,000.
    #[serde(default)]
    pub demands: Threshold,
    /// What people ask about, in the order in which ties are decided.
    pub topics: Vec<Topic>,
    /// Words of the answers that people ask about and that are no topic: "median".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<Term>,
    /// Every series, by code.
    pub series: BTreeMap<String, Series>,
}

/// A word of the answers, with what it means.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Stable id (`median`).
    pub id: String,
    /// Words by locale.
    pub words: BTreeMap<String, Vec<String>>,
    /// Plain definition, at most 160 characters.
    pub definition: Localized,
}

/// Identity of a pack.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackInfo {
    /// Version of this layout; 1.
    pub format: u32,
    /// ISO 3166-1 alpha-2 code.
    pub country: String,
    /// Name of the country.
    pub name: Localized,
    /// Version of the figures: a new one with every import that changes something.
    pub release: String,
    /// Locale of a new contact.
    pub locale: String,
    /// Digits of a municipality's key (5 in Mexico and Chile).
    pub key_digits: u8,
    /// Digits of a postcode; 0 where the pack has none.
    #[serde(default)]
    pub postcode_digits: u8,
    /// IANA time zone of places that name none.
    pub time_zone: String,
    /// A name as people write it, for help and hints (`TLAPA`); absent: the first municipality's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// Year and source of the population counts (`Censo 2020, INEGI`).
    pub population_source: String,
    /// SHA-256 of each file of the pack except the manifest, in hexadecimal.
    #[serde(default)]
    pub checksums: BTreeMap<String, String>,
    /// Number of municipalities.
    #[serde(default)]
    pub municipalities: u32,
}

/// The country's words for its areas, in one locale.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// `municipio`, `comuna`.
    pub municipality: String,
    /// `municipios`, `comunas`.
    pub municipalities: String,
    /// `estado`, `región`.
    pub state: String,
    /// One that is newer than the data (`municipio nuevo`); absent: `municipality`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newer: Option<String>,
    /// Not many of them, at the start of a sentence (`Pocos municipios`); absent: `municipalities`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub few: Option<String>,
}

/// Files and columns of a pack written by hand, for `import DIR --as long-csv`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceLayout {
    /// File with one row an area.
    pub areas: String,
    /// Column names in `areas`.
    pub area_columns: AreaColumns,
    /// File with one row an indicator; absent where `[series]` of the manifest says it all. What
    /// the manifest itself says of a series wins over this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indicators: Option<String>,
    /// Column names in `indicators`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indicator_columns: Option<IndicatorColumns>,
    /// Files with `area, indicator, year, value`.
    pub values: Vec<String>,
    /// Column names in `values`.
    pub value_columns: ValueColumns,
    /// File with official figures of larger areas, against which totals are checked: the columns of
    /// `values`, with the key of a state, or `00` for the country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Publishers' tags in an SMS, by the publisher's name in the indicators' file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Abbreviations of states, by key; a state without one shows its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub state_abbreviations: BTreeMap<String, String>,
    /// Other names of states that people write, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub state_aliases: BTreeMap<String, Vec<String>>,
    /// IANA time zones other than the country's, by key of a state or municipality.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub time_zones: BTreeMap<String, String>,
}

/// Column names of the indicators' file; those that are absent have no such column.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorColumns {
    /// The series' code.
    pub code: String,
    /// Its name, by locale.
    pub name: BTreeMap<String, String>,
    /// Its unit.
    pub unit: String,
    /// `lower`, `higher` or `none`.
    pub direction: String,
    /// Its subject area.
    pub domain: String,
    /// Its publisher.
    pub institution: String,
    /// Title of the publication.
    pub publication: String,
    /// Years, separated by semicolons: those that the values must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<String>,
    /// Where it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its licence.
    pub licence: String,
    /// What a reader must know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Column names of the areas' file; those that are absent have no such column.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaColumns {
    /// The municipality's key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The state's key.
    pub state_key: String,
    /// The state's name.
    pub state_name: String,
    /// The state's abbreviation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_abbreviation: Option<String>,
    /// The head town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_town: Option<String>,
    /// People.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<String>,
    /// Inhabited dwellings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dwellings: Option<String>,
    /// Latitude in degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lat: Option<String>,
    /// Longitude in degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lon: Option<String>,
    /// 1 for an area newer than the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newer: Option<String>,
}

/// Column names of the values' files.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueColumns {
    /// The municipality's key.
    pub key: String,
    /// The series' code.
    pub series: String,
    /// The year.
    pub year: String,
    /// The figure, a plain decimal.
    pub value: String,
}

/// The answer to a bare name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Headline {
    /// Id of the topic whose value is shown.
    pub topic: String,
    /// Ids of the topics among which the best and the worst are named, in the order that decides
    /// ties.
    pub compared: Vec<String>,
    /// Id of the topic that is offered as a second word besides the worst one.
    pub offered: String,
    /// Ids of the topics that help and hints name; absent: the first three compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggested: Vec<String>,
}

/// What makes municipalities alike.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerRules {
    /// Version of the rules, printed with them.
    pub version: String,
    /// Peers besides the municipality itself.
    pub size: u16,
    /// Traits whose z-scores make the distance of family 1.
    pub traits: Vec<Trait>,
    /// Beyond this distance to the last peer, the answer says that few places are like this one.
    pub far: f64,
    /// Trait (by id) and class limits of family 3; absent where the pack has no such trait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rurality: Option<Rurality>,
    /// Trait (by id) of family 4; absent where the pack has no such trait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indigenous: Option<String>,
}

/// A trait that no mayor can change in a term.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trait {
    /// Id of the trait (`population`).
    pub id: String,
    /// Words for the rule (`población`).
    pub name: Localized,
    /// Series of the numerator.
    pub series: String,
    /// Series of the denominator, for a ratio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
    /// Take the natural logarithm.
    #[serde(default)]
    pub ln: bool,
}

/// Classes of family 3.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rurality {
    /// Id of the trait.
    pub trait_id: String,
    /// Lower limits of the classes, falling, in %: a value belongs to the first limit it reaches.
    pub limits: Vec<f64>,
}

/// Something people ask about, answered by one series (or by an older one for older years).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Stable id (`comida`).
    pub id: String,
    /// Whether it is one of the topics that `compare` and the ranks list without being asked.
    #[serde(default)]
    pub main: bool,
    /// Words by locale; the first is canonical and is what messages show.
    pub words: BTreeMap<String, Vec<String>>,
    /// Series, the newest first.
    pub series: Vec<String>,
    /// What a share is of, after the percent sign (`sin buena alimentación`).
    pub label: Localized,
    /// Completes "7 of every 10 ..." (`son pobres`); absent: the label.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub absolute: Localized,
    /// Plain definition, at most 160 characters.
    pub definition: Localized,
    /// Series of the women's and the men's figure, where published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_sex: Option<BySex>,
    /// Category of complaints on this topic, as in the complaint pack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

/// Series of women and men.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BySex {
    /// Series of women.
    pub women: String,
    /// Series of men.
    pub men: String,
}

/// Which values are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
    /// Neither: it describes, it does not judge.
    None,
}

impl Direction {
    /// The stable code (`lower`, `higher`, `none`).
    pub fn code(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::Higher => "higher",
            Self::None => "none",
        }
    }
}

/// One measured series and where it comes from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// Official name, by locale.
    pub name: Localized,
    /// Unit (`%`, `personas`, `índice`).
    pub unit: String,
    /// Which values are better.
    pub direction: Direction,
    /// Subject area (`pobreza`, `carencias`).
    pub domain: String,
    /// Sustainable Development Goal target (`1.2`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdg: Option<String>,
    /// Publisher, in full.
    pub institution: String,
    /// Publisher's tag in an SMS, at most 12 characters.
    pub tag: String,
    /// Title of the publication.
    pub publication: String,
    /// Where it was published, as text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// Licence.
    pub licence: String,
    /// What a reader must know.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Smallest change between years that is called a change, in the series' unit. Our own rule:
    /// the sources give no error.
    #[serde(default = "default_min_change")]
    pub min_change: f64,
    /// The same where fewer than `small_population` people live.
    #[serde(default = "default_min_change_small")]
    pub min_change_small: f64,
    /// See `min_change_small`.
    #[serde(default = "default_small_population")]
    pub small_population: u32,
    /// Series of people with which shares are averaged over a larger area; absent: population.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
    /// Range that a figure must keep, else the import refuses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<(f64, f64)>,
    /// Changes of method between two years.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<MethodBreak>,
    /// The columns that the pack holds, by year; filled in by the importer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub years: BTreeMap<String, ColumnInfo>,
}

fn default_min_change() -> f64 {
    5.0
}

fn default_min_change_small() -> f64 {
    10.0
}

fn default_small_population() -> u32 {
    1_500
}

/// A change of method: readings on its two sides are not the same thing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodBreak {
    /// Last year of the earlier method.
    pub before: u16,
    /// First year of the later method.
    pub after: u16,
    /// `no`: never compare; `warn`: compare with the note beside it.
    pub compare: Comparability,
    /// Says what changed, in a sentence.
    pub note: Localized,
}

/// Whether two years may be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Comparability {
    /// As they stand.
    Yes,
    /// Only with the note.
    Warn,
    /// Never.
    No,
}

/// One column of figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnInfo {
    /// Published figures, without the absent ones.
    pub rows: u32,
    /// SHA-256 over `key,value` lines in the order of keys, in hexadecimal.
    pub checksum: String,
}
