//! Municipalities and their states as the country's pack lists them.

/// The place of a municipality in the loaded pack; small, cheap to copy, valid for one release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MunicipalityId(pub u16);

impl MunicipalityId {
    /// The row in the pack's columns.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A state, region or province: the level above the municipality.
#[derive(Clone, Debug)]
pub struct State {
    /// Official key (`12`).
    pub key: String,
    /// Official name (`Guerrero`, `México`).
    pub name: String,
    /// Abbreviation without the final dot (`Gro`, `Q. Roo`).
    pub abbreviation: String,
    /// Other names that people write (`Edomex`, `Edo Mex`).
    pub aliases: Vec<String>,
}

/// A municipality, or what the country calls it (borough, commune).
#[derive(Clone, Debug)]
pub struct Municipality {
    /// Official key, `cvegeo` in Mexico (`12066`).
    pub key: String,
    /// Index into the pack's states.
    pub state: u16,
    /// Official name.
    pub name: String,
    /// Name for display where the official one is long.
    pub short_name: Option<String>,
    /// Head town, where the source names one.
    pub head_town: Option<String>,
    /// People at the last census; absent for a municipality newer than the data.
    pub population: Option<u32>,
    /// Latitude and longitude of the head town, in degrees.
    pub position: Option<(f64, f64)>,
    /// Set for a municipality created after the data were collected.
    pub newer_than_data: bool,
    /// Keys of the municipalities where its people were counted, the main one first.
    pub counted_in: Vec<String>,
    /// IANA time zone.
    pub time_zone: String,
    /// Sets it apart from one with the same name in the same state (`Distrito 08`).
    pub told_apart_by: Option<String>,
}

impl Municipality {
    /// The short name where there is one, else the official name.
    pub fn display_name(&self) -> &str {
        self.short_name.as_deref().unwrap_or(&self.name)
    }
}
