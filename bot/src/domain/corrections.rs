//! Figures that a new release corrects: the same municipality, series and year with another value.
//! What is new, or is not published any more, is no correction.

use super::facts::Facts;
use super::figure::Figure;

/// A corrected figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Key of the municipality.
    pub municipality: String,
    /// Code of the series.
    pub series: String,
    /// Year.
    pub year: u16,
    /// The figure of the release before.
    pub was: Figure,
    /// The figure now.
    pub is: Figure,
}

/// The figures that differ between two releases, by series, year and key. Only series that people can ask
/// about by a topic: nobody was shown another one.
pub fn corrections(before: &Facts, after: &Facts) -> Vec<Correction> {
    let mut found = Vec::new();
    let asked =
        |code: &str| after.manifest.topics.iter().any(|topic| topic.series.iter().any(|it| it == code));
    let keys = |facts: &Facts| facts.municipalities.iter().map(|it| it.key.clone()).collect::<Vec<_>>();
    let same_places = keys(before) == keys(after);
    for (code, year, column) in after.columns().iter().filter(|(code, _, _)| asked(code)) {
        // Most columns of a release are those of the one before.
        if same_places && before.columns().get(code, year) == Some(column) {
            continue;
        }
        for id in after.ids() {
            let key = &after.municipality(id).key;
            let was = before.by_key(key).and_then(|id| before.reading(code, year, id).value());
            let (Some(was), Some(is)) = (was, after.reading(code, year, id).value()) else { continue };
            if was != is {
                let (municipality, series) = (key.clone(), code.to_owned());
                found.push(Correction { municipality, series, year, was, is });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::sha256_hex;
    use crate::domain::pack::Columns;
    use crate::embedded;

    /// The embedded pack with a change made to its figures.
    fn changed(change: impl Fn(&mut Columns)) -> Facts {
        let facts = embedded::facts().expect("the embedded pack");
        let mut columns = facts.columns().clone();
        change(&mut columns);
        let values = columns.to_bytes();
        let mut manifest = facts.manifest.clone();
        manifest.pack.checksums.insert("values.bin".to_owned(), sha256_hex(&values));
        let manifest = toml::to_string(&manifest).expect("a manifest");
        let file = |name: &str| match name {
            "manifest.toml" => Some(manifest.clone().into_bytes()),
            "values.bin" => Some(values.clone()),
            other => embedded::file(other).map(<[u8]>::to_vec),
        };
        Facts::load(file, None).expect("a pack")
    }

    #[test]
    fn only_figures_with_another_value_are_corrected() {
        let before = embedded::facts().expect("the embedded pack");
        assert!(corrections(&before, &before).is_empty());
        let tlapa = before.by_key("12066").expect("a municipality");
        let after = changed(|columns| {
            let mut column = columns.get("coneval_pobreza", 2020).expect("a column").clone();
            assert!(column.set(tlapa.index(), crate::domain::indicator::Reading::Value(Figure::new(705, 1))));
            // Taken back is not corrected.
            assert!(column.set(tlapa.index() + 1, crate::domain::indicator::Reading::Missing));
            columns.insert("coneval_pobreza", 2020, column);
        });
        let correction = Correction {
            municipality: "12066".to_owned(),
            series: "coneval_pobreza".to_owned(),
            year: 2020,
            was: Figure::new(718, 1),
            is: Figure::new(705, 1),
        };
        assert_eq!(corrections(&before, &after), [correction]);
        // What is published for the first time is no correction either.
        let back = corrections(&after, &before);
        assert_eq!(back.iter().map(|it| it.municipality.as_str()).collect::<Vec<_>>(), ["12066"]);
    }
}
