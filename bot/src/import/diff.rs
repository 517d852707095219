//! What an import changes, for a person to read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::figure::Figure;
use crate::domain::indicator::Reading;
use crate::domain::pack::Column;

use super::draft::Draft;

/// How many of the largest changes are listed for each series and year.
const LARGEST: usize = 3;
/// How many names are listed before the rest is counted.
const NAMED: usize = 10;

/// The differences between two packs, a line each; none where they say the same.
pub fn lines(before: &Draft, after: &Draft) -> Vec<String> {
    let mut out = municipalities(before, after);
    let old_rows = before.rows();
    let names: HashMap<&str, &str> =
        after.municipalities.iter().map(|it| (it.key.as_str(), it.name.as_str())).collect();
    let mut columns: BTreeSet<(&str, u16)> =
        before.columns.iter().map(|(series, year, _)| (series, year)).collect();
    columns.extend(after.columns.iter().map(|(series, year, _)| (series, year)));
    for (series, year) in columns {
        let change = compare(
            before.columns.get(series, year),
            after.columns.get(series, year),
            &old_rows,
            before,
            after,
        );
        out.extend(change.lines(series, year, &names));
    }
    out.extend(counted("official figures of larger areas", &before.reference, &after.reference));
    let none = BTreeMap::new();
    out.extend(counted(
        "postcodes",
        before.postcodes.as_ref().unwrap_or(&none),
        after.postcodes.as_ref().unwrap_or(&none),
    ));
    out
}

/// What happened to one column.
#[derive(Default)]
struct Change {
    added: usize,
    removed: usize,
    /// Old and new figure of each municipality that changed.
    changed: Vec<(String, Figure, Figure)>,
    /// Readings that are absent for another reason than before.
    reasons: usize,
}

impl Change {
    fn lines(mut self, series: &str, year: u16, names: &HashMap<&str, &str>) -> Vec<String> {
        if self.added + self.removed + self.changed.len() + self.reasons == 0 {
            return Vec::new();
        }
        let reasons = match self.reasons {
            0 => String::new(),
            reasons => format!(", {reasons} absent for another reason"),
        };
        let head = format!(
            "{series} {year}: {} added, {} removed, {} changed{reasons}",
            self.added,
            self.removed,
            self.changed.len()
        );
        let mut out = vec![head];
        self.changed
            .sort_by(|a, b| b.2.minus(b.1).abs().cmp(&a.2.minus(a.1).abs()).then_with(|| a.0.cmp(&b.0)));
        for (key, old, new) in self.changed.iter().take(LARGEST) {
            let name = names.get(key.as_str()).copied().unwrap_or_default();
            out.push(format!("    {key} {name}: {old} -> {new}"));
        }
        out
    }
}

fn compare(
    old: Option<&Column>,
    new: Option<&Column>,
    old_rows: &HashMap<String, usize>,
    before: &Draft,
    after: &Draft,
) -> Change {
    let mut change = Change::default();
    for (row, it) in after.municipalities.iter().enumerate() {
        let was = match (old, old_rows.get(&it.key)) {
            (Some(column), Some(row)) => column.get(*row),
            _ => Reading::Missing,
        };
        let is = new.map_or(Reading::Missing, |column| column.get(row));
        match (was, is) {
            (Reading::Value(was), Reading::Value(is)) if was != is => {
                change.changed.push((it.key.clone(), was, is));
            }
            (Reading::Value(_), Reading::Value(_)) => {}
            (Reading::Value(_), _) => change.removed += 1,
            (_, Reading::Value(_)) => change.added += 1,
            (was, is) => change.reasons += usize::from(was != is),
        }
    }
    let rows = after.rows();
    for (row, it) in before.municipalities.iter().enumerate() {
        let was = old.map_or(Reading::Missing, |column| column.get(row));
        change.removed += usize::from(!rows.contains_key(&it.key) && was.value().is_some());
    }
    change
}

fn municipalities(before: &Draft, after: &Draft) -> Vec<String> {
    let old: HashMap<&str, _> = before.municipalities.iter().map(|it| (it.key.as_str(), it)).collect();
    let new: HashMap<&str, _> = after.municipalities.iter().map(|it| (it.key.as_str(), it)).collect();
    let added = after.municipalities.iter().filter(|it| !old.contains_key(it.key.as_str()));
    let removed = before.municipalities.iter().filter(|it| !new.contains_key(it.key.as_str()));
    let changed: Vec<String> = after
        .municipalities
        .iter()
        .filter_map(|it| {
            let was = old.get(it.key.as_str())?;
            if was.name != it.name {
                return Some(format!("{} {} -> {}", it.key, was.name, it.name));
            }
            let same = was.short_name == it.short_name
                && was.head_town == it.head_town
                && was.population == it.population
                && was.position == it.position
                && was.newer_than_data == it.newer_than_data
                && was.counted_in == it.counted_in
                && was.time_zone == it.time_zone
                && was.told_apart_by == it.told_apart_by;
            (!same).then(|| format!("{} {}", it.key, it.name))
        })
        .collect();
    let mut out = Vec::new();
    named(&mut out, "added", &added.map(|it| format!("{} {}", it.key, it.name)).collect::<Vec<_>>());
    named(&mut out, "removed", &removed.map(|it| format!("{} {}", it.key, it.name)).collect::<Vec<_>>());
    named(&mut out, "changed", &changed);
    let states: Vec<String> = after
        .states
        .iter()
        .filter(|it| {
            before.states.iter().find(|was| was.key == it.key).is_none_or(|was| {
                was.name != it.name || was.abbreviation != it.abbreviation || was.aliases != it.aliases
            })
        })
        .map(|it| format!("{} {}", it.key, it.name))
        .collect();
    if !states.is_empty() {
        out.push(format!("states: {} new or changed", states.len()));
    }
    if before.aliases != after.aliases {
        out.push(format!("aliases: {} -> {}", before.aliases.len(), after.aliases.len()));
    }
    out
}

fn named(out: &mut Vec<String>, what: &str, names: &[String]) {
    if names.is_empty() {
        return;
    }
    let more = names.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let shown: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    out.push(format!("municipalities: {} {what}: {}{rest}", names.len(), shown.join("; ")));
}

fn counted<K: Ord, V: PartialEq>(
    what: &str,
    before: &BTreeMap<K, V>,
    after: &BTreeMap<K, V>,
) -> Option<String> {
    let added = after.keys().filter(|key| !before.contains_key(key)).count();
    let removed = before.keys().filter(|key| !after.contains_key(key)).count();
    let changed = after.iter().filter(|(key, it)| before.get(key).is_some_and(|was| was != *it)).count();
    (added + removed + changed > 0)
        .then(|| format!("{what}: {added} added, {removed} removed, {changed} changed"))
}
