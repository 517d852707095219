//! Short names for display (`Tlapa` for Tlapa de Comonfort), computed from the whole catalogue.
//!
//! From the official name, three steps of cuts; the first accepted result of the first two replaces
//! the name, each accepted one is a candidate, the shortest wins. A cut is refused where what is left
//! could mean somewhere else: only generic words or saints, a common noun first, a state's name, the
//! full name of another municipality anywhere, part of another name or head town of its state, or a
//! short name that two would share.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::domain::fold::{fold, words};
use crate::domain::municipality::{Municipality, State};

/// Articles, prepositions and the like.
const SMALL: [&str; 15] =
    ["el", "la", "los", "las", "lo", "de", "del", "y", "e", "a", "al", "en", "con", "por", "para"];
/// Words that name a kind of place, a rank or a saint.
const GENERIC: [&str; 29] = [
    "villa", "ciudad", "puerto", "pueblo", "rincon", "valle", "mineral", "real", "playa", "boca", "paso",
    "barrio", "cerro", "rio", "isla", "lagos", "agua", "tierra", "nuevo", "nueva", "general", "doctor", "dr",
    "coronel", "capitan", "san", "santa", "santo", "santos",
];
/// Words after which a saint's name follows.
const SAINT: [&str; 4] = ["san", "santa", "santo", "santos"];
/// Common nouns, titles and given names that mean nothing alone.
const NOUNS: [&str; 31] = [
    "armadillo",
    "bahia",
    "benemerito",
    "camaron",
    "castillo",
    "canadas",
    "cienega",
    "concepcion",
    "constancia",
    "encarnacion",
    "honduras",
    "jaral",
    "jose",
    "marques",
    "martinez",
    "martir",
    "martires",
    "munoz",
    "nombre",
    "noria",
    "palmar",
    "pinal",
    "playas",
    "puente",
    "purisima",
    "rojas",
    "salto",
    "sitio",
    "soledad",
    "trinidad",
    "vega",
];
/// Cuts at the end of the first step, besides the comma.
const DEDICATION: &str = " Cuna de la Independencia Nacional";
/// Honours before a name, the longest first.
const HONOURS: [&str; 5] =
    ["Heroica Ciudad de ", "Heroica Villa de ", "Heroica Villa ", "Heroica ", "Heroico "];

/// Why a cut was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// Only generic words and saints are left.
    Generic,
    /// A common noun is left in front, or `lo` at the end.
    Noun,
    /// It is another municipality's full name.
    FullName,
    /// It is a state's name.
    State,
    /// Another municipality or head town of the state contains it.
    Contained,
}

/// What was computed.
#[derive(Clone, Debug, Default)]
pub struct ShortNames {
    /// Short name by key.
    pub names: BTreeMap<String, String>,
    /// How many cuts were refused, by reason.
    pub refusals: BTreeMap<Refusal, usize>,
    /// Short names that two municipalities would share, and so neither has.
    pub shared: Vec<String>,
}

/// Computes the short names of a catalogue.
pub fn compute(municipalities: &[Municipality], states: &[State]) -> ShortNames {
    let catalogue = Catalogue::new(municipalities, states);
    let mut out = ShortNames::default();
    for (place, it) in municipalities.iter().enumerate() {
        let mut accepted: Vec<String> = Vec::new();
        let mut judge = |cut: &str| match catalogue.refusal(place, cut) {
            Some(refusal) => {
                *out.refusals.entry(refusal).or_default() += 1;
                false
            }
            None => true,
        };
        let mut name = it.name.clone();
        let undecorated = name
            .split_once(',')
            .map(|(before, _)| before.trim().to_owned())
            .or_else(|| name.split_once(DEDICATION).map(|(before, _)| before.to_owned()));
        if let Some(cut) = undecorated.filter(|cut| judge(cut)) {
            name.clone_from(&cut);
            accepted.push(cut);
        }
        let plain = HONOURS.iter().find_map(|honour| name.strip_prefix(honour)).map(str::to_owned);
        if let Some(cut) = plain.filter(|cut| judge(cut)) {
            name.clone_from(&cut);
            accepted.push(cut);
        }
        for joint in [" de ", " del "] {
            for (at, _) in name.match_indices(joint) {
                let cut = name[..at].strip_suffix(" Villa").unwrap_or(&name[..at]);
                if judge(cut) {
                    accepted.push(cut.to_owned());
                }
            }
        }
        if let Some(shortest) = accepted.into_iter().min_by_key(|cut| cut.chars().count()) {
            out.names.insert(it.key.clone(), shortest);
        }
    }
    let mut uses: HashMap<String, usize> = HashMap::new();
    for name in out.names.values() {
        *uses.entry(fold(name)).or_default() += 1;
    }
    out.names.retain(|_, name| uses.get(&fold(name)) == Some(&1));
    out.shared = uses.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name).collect();
    out.shared.sort();
    out
}

/// The catalogue in folded words.
struct Catalogue {
    /// State, name and head town of each municipality.
    places: Vec<(u16, Vec<String>, Vec<String>)>,
    /// How many municipalities bear a full name.
    full: HashMap<Vec<String>, usize>,
    states: HashSet<Vec<String>>,
    saints: HashSet<String>,
}

impl Catalogue {
    fn new(municipalities: &[Municipality], states: &[State]) -> Self {
        let places: Vec<_> = municipalities
            .iter()
            .map(|it| (it.state, words(&it.name), it.head_town.as_deref().map(words).unwrap_or_default()))
            .collect();
        let mut full: HashMap<Vec<String>, usize> = HashMap::new();
        let mut saints: HashMap<String, usize> = HashMap::new();
        for (_, name, _) in &places {
            *full.entry(name.clone()).or_default() += 1;
            let named: HashSet<&String> = name
                .windows(2)
                .filter(|pair| SAINT.contains(&pair[0].as_str()))
                .map(|pair| &pair[1])
                .collect();
            for saint in named {
                *saints.entry(saint.clone()).or_default() += 1;
            }
        }
        let saints = saints.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name).collect();
        Self { places, full, saints, states: states.iter().map(|it| words(&it.name)).collect() }
    }

    fn refusal(&self, place: usize, cut: &str) -> Option<Refusal> {
        let cut = words(cut);
        let telling = |word: &String| {
            !SMALL.contains(&word.as_str())
                && !GENERIC.contains(&word.as_str())
                && !self.saints.contains(word)
        };
        if !cut.iter().any(telling) {
            return Some(Refusal::Generic);
        }
        let first_is_noun = cut.first().is_some_and(|it| NOUNS.contains(&it.as_str()));
        if first_is_noun || cut.last().is_some_and(|it| it == "lo") {
            return Some(Refusal::Noun);
        }
        let own = self.places.get(place).map(|(_, name, _)| name);
        let bearers = self.full.get(&cut).copied().unwrap_or(0);
        if bearers > usize::from(own == Some(&cut)) {
            return Some(Refusal::FullName);
        }
        if self.states.contains(&cut) {
            return Some(Refusal::State);
        }
        let state = self.places.get(place).map(|(state, ..)| *state);
        let contains = |name: &[String]| name.windows(cut.len()).any(|part| part == cut);
        self.places
            .iter()
            .enumerate()
            .filter(|(other, it)| *other != place && Some(it.0) == state)
            .any(|(_, (_, name, head))| contains(name) || contains(head))
            .then_some(Refusal::Contained)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_of_mexico_has_167_short_names() {
        let facts = crate::embedded::facts().expect("the embedded pack");
        let computed = compute(&facts.municipalities, &facts.states);
        assert_eq!(computed.names.len(), 167);
        assert_eq!(computed.refusals.get(&Refusal::Generic), Some(&100));
        assert_eq!(computed.refusals.get(&Refusal::FullName), Some(&52));
        assert_eq!(computed.refusals.get(&Refusal::Contained), Some(&30));
        assert_eq!(computed.shared, ["ahualulco", "tetela"]);
        let name = |key: &str| computed.names.get(key).map(String::as_str);
        assert_eq!(name("12066"), Some("Tlapa"));
        assert_eq!(name("15033"), Some("Ecatepec"));
        assert_eq!(name("11014"), Some("Dolores Hidalgo"));
        assert_eq!(name("20549"), Some("Tezoatlán"));
        assert_eq!(name("20043"), Some("Juchitán de Zaragoza"));
        assert_eq!(name("11003"), None, "San Miguel de Allende");
        assert_eq!(name("15104"), None, "Tlalnepantla de Baz");
    }
}
