//! Numbers of people that must point at nobody.
//!
//! What is shown is shown while people come and go, to somebody who knows the exact total and can look again after
//! each of them. So a group is shown in steps that are larger than ten, and only while the total leaves more than
//! ten for all others whatever the shown ones are exactly: whether it is shown then tells no more than the steps.

/// The smallest group that may be told.
pub const LEAST: u64 = 11;
/// What a shown number is a multiple of: of five, as all shown numbers are, and more than ten, so that two looks
/// at a group never differ by ten or fewer.
pub const STEP: u64 = 15;

/// Groups as they may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown<K> {
    /// Groups and how many are at least in each, the most first.
    pub groups: Vec<(K, u64)>,
    /// Whether some are in none of them.
    pub others: bool,
}

/// What may be shown of the parts of an exactly known `total`. Those of whom nobody knows the part are others.
pub fn shown<K: Ord + Clone>(total: u64, parts: &[(K, u64)]) -> Shown<K> {
    let mut groups: Vec<(K, u64)> = parts.iter().map(|(key, it)| (key.clone(), it / STEP * STEP)).collect();
    groups.retain(|it| it.1 > 0);
    groups.sort_by(|one, two| two.1.cmp(&one.1).then_with(|| one.0.cmp(&two.0)));
    let mut most = 0;
    let few = groups.iter().position(|it| {
        most += it.1 + STEP - 1;
        most + LEAST > total
    });
    groups.truncate(few.unwrap_or(groups.len()));
    Shown { groups, others: total > 0 }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::hash::Hash;

    use super::*;

    /// Larger than what is looked at, so that the edge of the tables gives nothing away.
    const MOST: u64 = 44;
    const LOOKED_AT: u64 = 29;

    type Table = [u64; 3];
    type Look = (u64, Vec<(usize, u64)>, bool);

    fn look(table: Table) -> Look {
        let total = table.iter().sum();
        let parts: Vec<(usize, u64)> = table.into_iter().enumerate().collect();
        let shown = shown(total, &parts);
        (total, shown.groups, shown.others)
    }

    fn tables() -> impl Iterator<Item = Table> {
        let each = || 0..=MOST;
        each().flat_map(move |a| each().flat_map(move |b| each().map(move |c| [a, b, c])))
    }

    /// Tables of which some group of one to ten can be told from what was seen.
    fn told<S: Hash + Eq>(all: impl Iterator<Item = (Table, S)>) -> Vec<Table> {
        let mut alike: HashMap<S, Vec<Table>> = HashMap::new();
        for (table, seen) in all {
            alike.entry(seen).or_default().push(table);
        }
        let mut told = Vec::new();
        for tables in alike.values() {
            for part in 0..3 {
                let first = tables[0][part];
                let one = tables.iter().all(|it| it[part] == first);
                if one && (1..LEAST).contains(&first) {
                    told.extend(tables.iter().filter(|it| it.iter().all(|n| *n <= LOOKED_AT)));
                }
            }
        }
        told
    }

    #[test]
    fn no_group_of_ten_or_fewer_is_told_by_one_look() {
        assert_eq!(told(tables().map(|it| (it, look(it)))), Vec::<Table>::new());
    }

    #[test]
    fn no_group_of_ten_or_fewer_is_told_by_a_look_before_and_one_after_somebody_came() {
        let pairs = tables().flat_map(|before| {
            (0..3).map(move |part| {
                let mut after = before;
                after[part] += 1;
                (before, (look(before), look(after)))
            })
        });
        assert_eq!(told(pairs), Vec::<Table>::new());
    }

    #[test]
    fn large_groups_are_shown_and_few_are_hidden_among_others() {
        let of = |total, parts: &[(&'static str, u64)]| {
            let it = shown(total, parts);
            (it.groups, it.others)
        };
        let (tlapa, olinala) = (("tlapa", 150), ("olinala", 60));
        assert_eq!(of(269, &[("tlapa", 158), ("olinala", 71), ("metla", 40)]), (vec![tlapa, olinala], true));
        assert_eq!(of(52, &[("olinala", 12), ("tlapa", 25), ("metla", 9)]), (vec![("tlapa", 15)], true));
        // Three alone would be told by the difference, now or after somebody came.
        assert_eq!(of(93, &[("tlapa", 60), ("olinala", 30), ("metla", 3)]), (vec![("tlapa", 60)], true));
        assert_eq!(of(63, &[("tlapa", 60), ("metla", 3)]), (Vec::new(), true));
        assert_eq!(of(9, &[("tlapa", 9)]), (Vec::new(), true));
        assert_eq!(of(0, &[]), (Vec::new(), false));
        // Of thirty nobody knows where they live.
        assert_eq!(of(90, &[("tlapa", 60)]), (vec![("tlapa", 60)], true));
    }

    #[test]
    fn the_order_of_equal_groups_tells_nothing() {
        let one = shown(80, &[("a", 20), ("b", 29), ("c", 31)]);
        let two = shown(80, &[("b", 20), ("a", 29), ("c", 31)]);
        assert_eq!(one, two);
    }
}
