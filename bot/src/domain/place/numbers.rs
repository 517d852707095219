//! Official keys and postcodes.

use super::super::municipality::MunicipalityId;
use super::{Candidate, Decision, PlaceIndex, Why, spanish};

impl PlaceIndex {
    /// Decides where the words are nothing but a key or a postcode (with `cp` or `clave` before
    /// it); `None` where they are something else.
    pub(super) fn number(&self, words: &[String]) -> Option<Decision> {
        let at = words.iter().position(|it| it.bytes().all(|it| it.is_ascii_digit()))?;
        let (before, digits) = words.split_at(at);
        let digits: String = if digits.iter().all(|it| it.bytes().all(|it| it.is_ascii_digit())) {
            digits.concat()
        } else {
            return None;
        };
        let postcode = before.iter().any(|it| spanish::means_postcode(it));
        let key = before.iter().any(|it| spanish::means_key(it));
        let asks = |it: &String| {
            spanish::means_postcode(it)
                || spanish::means_key(it)
                || spanish::is_lead(it)
                || spanish::is_stop_word(it)
        };
        if !before.iter().all(asks) {
            return None;
        }
        let found = self.by_digits(&digits, postcode, key);
        Some(match found.as_slice() {
            [] => Decision::None,
            [only] => Decision::Match(*only),
            _ => Decision::Choose(found),
        })
    }

    /// Municipalities with these digits as key or as postcode: the key first. Where the text says
    /// which it is, that reading counts if there is one. One leading zero may be missing.
    pub(super) fn by_digits(&self, digits: &str, postcode: bool, key: bool) -> Vec<Candidate> {
        let padded =
            if digits.len() + 1 == self.key_digits { format!("0{digits}") } else { digits.to_owned() };
        let candidate = |municipality: MunicipalityId, why| Candidate { municipality, score: 1.0, why };
        let by_key: Vec<Candidate> =
            self.by_key.get(&padded).map(|id| candidate(*id, Why::Key)).into_iter().collect();
        let mut by_postcode: Vec<Candidate> = Vec::new();
        if (4..=5).contains(&digits.len())
            && let Ok(number) = digits.parse::<u32>()
        {
            let from = self.postcodes.partition_point(|(it, _)| *it < number);
            for (_, id) in self.postcodes[from..].iter().take_while(|(it, _)| *it == number) {
                by_postcode.push(candidate(*id, Why::Postcode));
            }
        }
        match (postcode, key) {
            (true, false) if !by_postcode.is_empty() => return by_postcode,
            (false, true) if !by_key.is_empty() => return by_key,
            _ => {}
        }
        let mut out = by_key;
        for it in by_postcode {
            if out.iter().all(|known| known.municipality != it.municipality) {
                out.push(it);
            }
        }
        out
    }
}
