//! The data packs that the binary carries.

use crate::domain::desk::Desk;
use crate::domain::facts::Facts;
use crate::domain::pack::PackError;

/// Files of the embedded pack of Mexico.
pub fn file(name: &str) -> Option<&'static [u8]> {
    Some(match name {
        "manifest.toml" => include_bytes!("../../data/mx/manifest.toml"),
        "states.csv" => include_bytes!("../../data/mx/states.csv"),
        "municipalities.csv" => include_bytes!("../../data/mx/municipalities.csv"),
        "aliases.csv" => include_bytes!("../../data/mx/aliases.csv"),
        "values.bin" => include_bytes!("../../data/mx/values.bin"),
        "reference.csv" => include_bytes!("../../data/mx/reference.csv"),
        "desk/addresses.toml" => include_bytes!("../../data/mx/desk/addresses.toml"),
        "desk/categories.toml" => include_bytes!("../../data/mx/desk/categories.toml"),
        "desk/offices.toml" => include_bytes!("../../data/mx/desk/offices.toml"),
        "desk/holidays.toml" => include_bytes!("../../data/mx/desk/holidays.toml"),
        "desk/likeness.toml" => include_bytes!("../../data/mx/desk/likeness.toml"),
        "desk/urgent_words.toml" => include_bytes!("../../data/mx/desk/urgent_words.toml"),
        _ => return None,
    })
}

/// The embedded postcodes, where the binary was built with them.
pub fn postcodes() -> Option<&'static [u8]> {
    #[cfg(feature = "postcodes")]
    return Some(include_bytes!("../../data/mx-postcodes/postcodes.csv"));
    #[cfg(not(feature = "postcodes"))]
    return None;
}

/// Loads the embedded pack of Mexico.
pub fn facts() -> Result<Facts, PackError> {
    Facts::load(|name| file(name).map(<[u8]>::to_vec), postcodes())
}

/// Loads the desk of the embedded pack: categories, offices, holidays and urgent words.
pub fn desk() -> Result<Desk, PackError> {
    Desk::load(|name| file(name).map(<[u8]>::to_vec))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_embedded_pack_loads() {
        let facts = super::facts().expect("the embedded pack");
        assert_eq!(facts.municipalities.len(), 2_478);
    }
}
