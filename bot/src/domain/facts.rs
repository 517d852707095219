//! The loaded pack: everything a comparison needs, in memory and read-only.

use std::collections::HashMap;
use std::io::Read as _;
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

use super::figure::Figure;
use super::indicator::Reading;
use super::municipality::{Municipality, MunicipalityId, State};
use super::pack::{Columns, Manifest, PackError, Series, Topic};
use super::peer_group::PeerGroups;
use super::place::{Alias, AliasKind, PlaceIndex};
use super::vocabulary::Vocabulary;

/// The columnar snapshot of one data release.
///
/// It is built once and shared behind an `Arc`; a comparison reads it without locks and without a
/// database.
#[derive(Debug)]
pub struct Facts {
    /// The pack's manifest.
    pub manifest: Manifest,
    /// States, by key.
    pub states: Vec<State>,
    /// Municipalities, by key.
    pub municipalities: Vec<Municipality>,
    /// Names by which they are found.
    pub places: PlaceIndex,
    /// Aliases as the pack lists them.
    pub aliases: Vec<Alias>,
    /// Official figures of larger areas: (area key, series, year) to the figure.
    pub reference: HashMap<(String, String, u16), Figure>,
    /// Peer groups.
    pub peer_groups: PeerGroups,
    /// The words of the pack, folded.
    pub vocabulary: Vocabulary,
    columns: Columns,
    /// Means by series and year: of the country, then of each state.
    means: HashMap<String, HashMap<u16, Means>>,
    by_key: HashMap<String, MunicipalityId>,
}

/// Means of one series and year, worked out when they are asked for.
type Means = OnceLock<Box<[Option<Figure>]>>;

/// Hexadecimal SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut out, byte| {
        // Writing to a string can't fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

impl Facts {
    /// Loads a pack. `file` gives the bytes of a file of the pack by name; `postcodes` those of
    /// the postcode pack's `postcodes.csv`, if there is one.
    ///
    /// Every file is checked against the manifest's checksum.
    pub fn load(file: impl Fn(&str) -> Option<Vec<u8>>, postcodes: Option<&[u8]>) -> Result<Self, PackError> {
        let bytes = |name: &str| file(name).ok_or_else(|| PackError::NoFile(name.to_owned()));
        let manifest = String::from_utf8(bytes("manifest.toml")?)
            .map_err(|_| PackError::malformed("manifest.toml", "the file", "is not UTF-8"))?;
        let manifest: Manifest = toml::from_str(&manifest)
            .map_err(|problem| PackError::malformed("manifest.toml", "the file", problem))?;
        let checked = |name: &str| {
            let bytes = bytes(name)?;
            match manifest.pack.checksums.get(name) {
                Some(expected) if *expected == sha256_hex(&bytes) => Ok(bytes),
                Some(_) => {
                    Err(PackError::malformed(name, "the file", "does not have the manifest's checksum"))
                }
                None => {
                    Err(PackError::malformed("manifest.toml", "pack.checksums", format!("has no {name}")))
                }
            }
        };
        let states = read_states(&checked("states.csv")?)?;
        let municipalities = read_municipalities(&checked("municipalities.csv")?, &states, &manifest)?;
        let by_key: HashMap<String, MunicipalityId> = municipalities
            .iter()
            .enumerate()
            .map(|(row, it)| (it.key.clone(), MunicipalityId(row as u16)))
            .collect();
        let aliases = read_aliases(&checked("aliases.csv")?, &by_key)?;
        let columns = Columns::from_bytes(&checked("values.bin")?)?;
        for (series, year, column) in columns.iter() {
            if column.cells.len() != municipalities.len() {
                return Err(PackError::malformed(
                    "values.bin",
                    format!("{series} {year}"),
                    "has another number of rows than municipalities.csv",
                ));
            }
        }
        let reference = read_reference(&checked("reference.csv")?)?;
        let postcodes = match postcodes {
            Some(bytes) => read_postcodes(bytes, &by_key)?,
            None => Vec::new(),
        };
        let peer_groups = PeerGroups::new(&manifest, &municipalities, &columns);
        let places = PlaceIndex::new(&municipalities, &states, &aliases, &postcodes);
        let mut means: HashMap<String, HashMap<u16, OnceLock<_>>> = HashMap::new();
        for (series, year, _) in columns.iter() {
            means.entry(series.to_owned()).or_default().insert(year, OnceLock::new());
        }
        let vocabulary = Vocabulary::new(&manifest, &states);
        Ok(Self {
            manifest,
            states,
            municipalities,
            places,
            aliases,
            reference,
            peer_groups,
            vocabulary,
            columns,
            means,
            by_key,
        })
    }

    /// The municipality with this key.
    pub fn by_key(&self, key: &str) -> Option<MunicipalityId> {
        self.by_key.get(key).copied()
    }

    /// The municipality.
    pub fn municipality(&self, id: MunicipalityId) -> &Municipality {
        &self.municipalities[id.index()]
    }

    /// The state of a municipality.
    pub fn state_of(&self, id: MunicipalityId) -> &State {
        &self.states[self.municipality(id).state as usize]
    }

    /// Every municipality, by key.
    pub fn ids(&self) -> impl Iterator<Item = MunicipalityId> + use<> {
        (0..self.municipalities.len() as u16).map(MunicipalityId)
    }

    /// The series with this code.
    pub fn series(&self, code: &str) -> Option<&Series> {
        self.manifest.series.get(code)
    }

    /// The years of a series, rising.
    pub fn years<'a>(&'a self, code: &str) -> impl DoubleEndedIterator<Item = u16> + use<'a> {
        let series = self.series(code).into_iter();
        series.flat_map(|it| it.years.keys()).filter_map(|year| year.parse().ok())
    }

    /// The topic with this id.
    pub fn topic(&self, id: &str) -> Option<&Topic> {
        self.manifest.topics.iter().find(|topic| topic.id == id)
    }

    /// The columns of figures.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The reading of `series` in `year`: of a municipality newer than the data it says so.
    pub fn reading(&self, series: &str, year: u16, id: MunicipalityId) -> Reading {
        self.readings(series, year)(id)
    }

    /// [`Facts::reading`] for many municipalities: the column is looked up once.
    pub fn readings<'a>(
        &'a self,
        series: &str,
        year: u16,
    ) -> impl Fn(MunicipalityId) -> Reading + Copy + use<'a> {
        let column = self.columns.get(series, year);
        move |id| {
            if self.municipality(id).newer_than_data {
                return Reading::NewerThanData;
            }
            column.map_or(Reading::Missing, |column| column.get(id.index()))
        }
    }

    /// The mean of the municipal shares of a series in the country (`state` absent) or in a state,
    /// weighted with people, to one decimal. Worked out when it is first asked for.
    pub(super) fn mean(&self, series: &str, year: u16, state: Option<u16>) -> Option<Figure> {
        let means = self.means.get(series)?.get(&year)?;
        let means = means.get_or_init(|| self.means_of(series, year));
        *means.get(state.map_or(0, |it| usize::from(it) + 1))?
    }

    /// The means of the country and of each state.
    fn means_of(&self, code: &str, year: u16) -> Box<[Option<Figure>]> {
        let mut sums = vec![(0.0, 0.0); self.states.len() + 1];
        let weights = self.series(code).and_then(|it| it.weights.as_deref());
        let weights = weights.map(|weights| self.readings(weights, year));
        let readings = self.readings(code, year);
        for id in self.ids() {
            let Some(value) = readings(id).value().map(Figure::to_f64) else { continue };
            let weight = match weights {
                Some(weights) => weights(id).value().map(Figure::to_f64),
                None => self.municipality(id).population.map(f64::from),
            };
            let Some(weight) = weight else { continue };
            for place in [0, usize::from(self.municipality(id).state) + 1] {
                if let Some((sum, people)) = sums.get_mut(place) {
                    *sum += value * weight;
                    *people += weight;
                }
            }
        }
        sums.into_iter()
            .map(|(sum, people): (f64, f64)| {
                (people > 0.0).then(|| Figure::new((sum / people * 10.0).round() as i64, 1))
            })
            .collect()
    }
}

fn rows(file: &str, bytes: &[u8], columns: &[&str]) -> Result<Vec<csv::StringRecord>, PackError> {
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes.take(64 << 20));
    let head = reader.headers().map_err(|problem| PackError::malformed(file, "row 1", problem))?;
    if head.iter().ne(columns.iter().copied()) {
        return Err(PackError::malformed(
            file,
            "row 1",
            format!("the columns are not {}", columns.join(",")),
        ));
    }
    reader
        .records()
        .enumerate()
        .map(|(row, record)| {
            record.map_err(|problem| PackError::malformed(file, format!("row {}", row + 2), problem))
        })
        .collect()
}

fn read_states(bytes: &[u8]) -> Result<Vec<State>, PackError> {
    let rows = rows("states.csv", bytes, &["key", "name", "abbreviation", "aliases"])?;
    Ok(rows
        .iter()
        .map(|row| State {
            key: row[0].to_owned(),
            name: row[1].to_owned(),
            abbreviation: row[2].to_owned(),
            aliases: list(&row[3]),
        })
        .collect())
}

fn list(cell: &str) -> Vec<String> {
    cell.split('|').filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

fn optional(cell: &str) -> Option<String> {
    (!cell.is_empty()).then(|| cell.to_owned())
}

/// The header of `municipalities.csv`.
pub const MUNICIPALITY_COLUMNS: [&str; 12] = [
    "key",
    "state",
    "name",
    "short_name",
    "head_town",
    "population",
    "lat",
    "lon",
    "newer",
    "counted_in",
    "time_zone",
    "told_apart_by",
];

fn read_municipalities(
    bytes: &[u8],
    states: &[State],
    manifest: &Manifest,
) -> Result<Vec<Municipality>, PackError> {
    let file = "municipalities.csv";
    let rows = rows(file, bytes, &MUNICIPALITY_COLUMNS)?;
    let mut municipalities: Vec<Municipality> = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        let bad = |problem: &str| PackError::malformed(file, format!("row {}", index + 2), problem);
        let key = row[0].to_owned();
        if municipalities.last().is_some_and(|before| before.key >= key) {
            return Err(bad("the keys do not rise"));
        }
        let state = states.iter().position(|it| it.key == row[1]).ok_or_else(|| bad("no such state"))?;
        let number = |cell: &str| -> Result<Option<f64>, PackError> {
            if cell.is_empty() {
                return Ok(None);
            }
            cell.parse().map(Some).map_err(|_| bad("a coordinate is no number"))
        };
        let position = match (number(&row[6])?, number(&row[7])?) {
            (Some(lat), Some(lon)) => Some((lat, lon)),
            _ => None,
        };
        let population = match &row[5] {
            "" => None,
            cell => Some(cell.parse().map_err(|_| bad("the population is no number"))?),
        };
        municipalities.push(Municipality {
            key,
            state: state as u16,
            name: row[2].to_owned(),
            short_name: optional(&row[3]),
            head_town: optional(&row[4]),
            population,
            position,
            newer_than_data: &row[8] == "1",
            counted_in: list(&row[9]),
            time_zone: optional(&row[10]).unwrap_or_else(|| manifest.pack.time_zone.clone()),
            told_apart_by: optional(&row[11]),
        });
    }
    if municipalities.len() > usize::from(u16::MAX) {
        return Err(PackError::malformed(file, "the file", "has more than 65,535 rows"));
    }
    Ok(municipalities)
}

fn read_aliases(bytes: &[u8], by_key: &HashMap<String, MunicipalityId>) -> Result<Vec<Alias>, PackError> {
    let file = "aliases.csv";
    rows(file, bytes, &["key", "alias", "kind"])?
        .iter()
        .enumerate()
        .map(|(index, row)| {
            let bad = |problem: &str| PackError::malformed(file, format!("row {}", index + 2), problem);
            Ok(Alias {
                municipality: *by_key.get(&row[0]).ok_or_else(|| bad("no such municipality"))?,
                alias: row[1].to_owned(),
                kind: match &row[2] {
                    "nickname" => AliasKind::Nickname,
                    "old_name" => AliasKind::OldName,
                    "town" => AliasKind::Town,
                    "short" => AliasKind::Short,
                    _ => return Err(bad("no such kind: nickname, old_name, town or short")),
                },
            })
        })
        .collect()
}

fn read_reference(bytes: &[u8]) -> Result<HashMap<(String, String, u16), Figure>, PackError> {
    let file = "reference.csv";
    rows(file, bytes, &["area", "series", "year", "value"])?
        .iter()
        .enumerate()
        .map(|(index, row)| {
            let bad = |problem: &str| PackError::malformed(file, format!("row {}", index + 2), problem);
            let year = row[2].parse().map_err(|_| bad("the year is no number"))?;
            let value = Figure::parse(&row[3]).ok_or_else(|| bad("the value is no decimal"))?;
            Ok(((row[0].to_owned(), row[1].to_owned(), year), value))
        })
        .collect()
}

fn read_postcodes(
    bytes: &[u8],
    by_key: &HashMap<String, MunicipalityId>,
) -> Result<Vec<(u32, MunicipalityId)>, PackError> {
    let file = "postcodes.csv";
    rows(file, bytes, &["postcode", "key"])?
        .iter()
        .enumerate()
        .map(|(index, row)| {
            let bad = |problem: &str| PackError::malformed(file, format!("row {}", index + 2), problem);
            Ok((
                row[0].parse().map_err(|_| bad("the postcode is no number"))?,
                *by_key.get(&row[1]).ok_or_else(|| bad("no such municipality"))?,
            ))
        })
        .collect()
}
