//! Whom a broadcast is for: people who asked for news of places, or who support a demand. Nobody else is written
//! to, since nobody else agreed to it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::domain::facts::Facts;
use crate::domain::municipality::MunicipalityId;
use crate::domain::staff::Scope;

/// A query for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// The places whose news they asked for.
    #[serde(serialize_with = "write_places", deserialize_with = "read_places")]
    pub places: Vec<Scope>,
    /// The municipalities that are like this one, without itself.
    pub peers_of: Option<String>,
    /// Only who asked for news of this topic.
    pub topic: Option<String>,
    /// Only who uses this language.
    pub language: Option<String>,
    /// Supporters of this demand.
    pub demand: Option<Uuid>,
}

fn write_places<S: Serializer>(places: &[Scope], out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(places.iter().map(ToString::to_string))
}

fn read_places<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<Scope>, D::Error> {
    let texts = Vec::<String>::deserialize(input)?;
    let read = |it: &String| it.parse().map_err(|()| serde::de::Error::custom("no place"));
    texts.iter().map(read).collect()
}

/// Why a query can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It names nobody.
    #[error("name places, a municipality whose peers it is for, or a demand")]
    Nobody,
    /// A demand has its own place.
    #[error("a demand is named alone")]
    DemandAndPlaces,
    /// A place is not in the pack.
    #[error("a place is not known")]
    UnknownPlace,
    /// The municipality is newer than the data.
    #[error("this municipality has no peers")]
    NoPeers,
    /// A topic is not in the pack.
    #[error("the topic is not known")]
    UnknownTopic,
}

impl Audience {
    /// The areas that it reaches, in order and each once; of a demand, none: that has a municipality of its own.
    ///
    /// # Errors
    /// The first thing in it that can't be used.
    pub fn areas(&self, facts: &Facts) -> Result<Vec<Scope>, Flaw> {
        if self.topic.as_ref().is_some_and(|it| facts.topic(it).is_none()) {
            return Err(Flaw::UnknownTopic);
        }
        if self.demand.is_some() {
            let alone = self.places.is_empty() && self.peers_of.is_none() && self.topic.is_none();
            return if alone { Ok(Vec::new()) } else { Err(Flaw::DemandAndPlaces) };
        }
        let known = |place: &Scope| facts.ids().any(|it| place.holds(&facts.municipality(it).key));
        if !self.places.iter().all(known) {
            return Err(Flaw::UnknownPlace);
        }
        let mut areas = self.places.clone();
        if let Some(key) = &self.peers_of {
            let id = facts.by_key(key).ok_or(Flaw::UnknownPlace)?;
            let others = facts.peer_groups.similar(id, facts.ids());
            if others.is_empty() {
                return Err(Flaw::NoPeers);
            }
            let scope = |it: &MunicipalityId| Scope::Municipality(facts.municipality(*it).key.clone());
            areas.extend(others.iter().map(scope));
        }
        areas.sort_unstable();
        areas.dedup();
        if areas.is_empty() { Err(Flaw::Nobody) } else { Ok(areas) }
    }
}

/// The municipalities of areas, by key.
pub fn municipalities(facts: &Facts, areas: &[Scope]) -> Vec<String> {
    let mut keys: Vec<String> = facts
        .ids()
        .map(|it| facts.municipality(it).key.clone())
        .filter(|key| areas.iter().any(|it| it.holds(key)))
        .collect();
    keys.sort_unstable();
    keys
}
