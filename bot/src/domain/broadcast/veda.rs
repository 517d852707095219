//! The electoral silence (*veda*): from one day to another nothing goes to many in a place.

use crate::domain::staff::Scope;
use crate::domain::time::UnixMillis;

/// A time in which nothing goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Veda {
    /// Where.
    pub places: Vec<Scope>,
    /// From this instant.
    pub from: UnixMillis,
    /// Until this one.
    pub until: UnixMillis,
}

/// Whether two areas have a municipality in common.
fn meets(one: &Scope, other: &Scope) -> bool {
    match (one, other) {
        (Scope::Country, _) | (_, Scope::Country) => true,
        (Scope::State(_), Scope::Municipality(key)) => one.holds(key),
        (Scope::Municipality(key), Scope::State(_)) => other.holds(key),
        _ => one == other,
    }
}

/// Whether nothing may go to one of these areas at this instant: a broadcast is one thing, so it waits whole.
pub fn silent(vedas: &[Veda], areas: &[Scope], at: UnixMillis) -> bool {
    vedas
        .iter()
        .filter(|it| it.from <= at && at < it.until)
        .any(|it| it.places.iter().any(|place| areas.iter().any(|area| meets(place, area))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_where_areas_meet_and_between_its_days() {
        let scope = |it: &str| -> Scope { it.parse().expect("a scope") };
        let vedas = [Veda { places: vec![scope("state:12")], from: UnixMillis(10), until: UnixMillis(20) }];
        for (area, at, silent_then) in [
            ("municipality:12066", 10, true),
            ("municipality:12066", 9, false),
            ("municipality:12066", 20, false),
            ("state:12", 19, true),
            ("country", 15, true),
            ("state:20", 15, false),
            ("municipality:20001", 15, false),
        ] {
            assert_eq!(silent(&vedas, &[scope(area)], UnixMillis(at)), silent_then, "{area} {at}");
        }
        let local = [Veda { places: vec![scope("municipality:12066")], ..vedas[0].clone() }];
        assert!(silent(&local, &[scope("state:20"), scope("state:12")], UnixMillis(15)));
    }
}
