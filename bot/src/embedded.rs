//! The data packs that the binary carries.

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

#[cfg(test)]
mod tests {
    #[test]
    fn the_embedded_pack_loads() {
        let facts = super::facts().expect("the embedded pack");
        assert_eq!(facts.municipalities.len(), 2_478);
    }
}
