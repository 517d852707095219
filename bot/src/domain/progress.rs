//! How a municipality's figure changed between two years, beside how its group's did.
//!
//! | figure | formula |
//! | --- | --- |
//! | change | later - earlier, on the published decimals |
//! | group's change | the median of the changes of all members that have both figures, the municipality included |
//! | advantage | how much better the own change is than the group's, in the series' unit; above 0 is better |
//! | robust deviation | 1.4826 x the median distance of the members' changes to the group's |
//! | rank | 1 + members with a strictly better change |
//!
//! Everything is exact decimals, so no machine, locale or number of threads changes a list.

use std::cmp::Ordering;

use super::benchmark::{median, order};
use super::facts::Facts;
use super::figure::Figure;
use super::municipality::MunicipalityId;
use super::pack::{Direction, Series};
use super::peer_group::Peer;

/// A median absolute deviation times this is the standard deviation of what is spread normally; in
/// ten-thousandths.
const ROBUST: i128 = 14_826;
/// Ten-thousandths in one.
const ONE: i128 = 10_000;

/// A municipality's change beside its group's; see the formulas of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Its own change, in the series' unit: later minus earlier.
    pub own: Figure,
    /// The group's change.
    pub group: Figure,
    /// The median distance of the members' changes to the group's.
    pub spread: Figure,
    /// Its place by change: 1 changed best. Ties share it.
    pub rank: u32,
    /// Members with both figures, the municipality included.
    pub size: u32,
    direction: Direction,
}

impl Progress {
    /// How much better its change is than the group's; below 0 where it is worse.
    pub fn advantage(&self) -> Figure {
        toward(self.direction, self.own.minus(self.group))
    }

    /// How many robust deviations its change lies off the group's, to one decimal (half up); absent
    /// where all members changed alike.
    pub fn deviations(&self) -> Option<Figure> {
        let (distance, spread) = aligned(self.own.minus(self.group).abs(), self.spread);
        let unit = spread * ROBUST;
        let tenths = (unit > 0).then(|| (distance * ONE * 20 + unit) / (2 * unit))?;
        Some(Figure::new(i64::try_from(tenths).ok()?, 1))
    }

    /// Whether its change is better than the group's by `least` (in the series' unit) or more and by
    /// `deviations` robust deviations or more.
    pub fn stands_out(&self, least: f64, deviations: u32) -> bool {
        let advantage = self.advantage();
        let (distance, spread) = aligned(advantage, self.spread);
        reaches(advantage, least) && distance * ONE >= i128::from(deviations) * ROBUST * spread
    }
}

/// The change in the direction that is better: above 0 is better.
pub fn toward(direction: Direction, change: Figure) -> Figure {
    match direction {
        Direction::Lower => Figure::new(-change.mantissa(), change.scale()),
        Direction::Higher | Direction::None => change,
    }
}

/// Whether a figure is `least` or more, as [`super::benchmark::change`] takes it: exact for limits
/// with as few decimals as figures have.
pub fn reaches(figure: Figure, least: f64) -> bool {
    figure.to_f64() + 1e-9 >= least
}

/// Both mantissas at one scale.
fn aligned(left: Figure, right: Figure) -> (i128, i128) {
    let scale = left.scale().max(right.scale());
    let at = |it: Figure| i128::from(it.mantissa()) * 10_i128.pow(u32::from(scale - it.scale()));
    (at(left), at(right))
}

/// The change of a municipality from the first to the second of `years` beside that of its `peers`;
/// `None` where it lacks one of the two figures or the series does not judge.
pub fn progress(
    facts: &Facts,
    (code, series): (&str, &Series),
    years: (u16, u16),
    id: MunicipalityId,
    peers: &[Peer],
) -> Option<Progress> {
    let direction = series.direction;
    if direction == Direction::None {
        return None;
    }
    let (earlier, later) = (facts.readings(code, years.0), facts.readings(code, years.1));
    let change = |id: MunicipalityId| Some(later(id).value()?.minus(earlier(id).value()?));
    let own = change(id)?;
    let mut all = vec![own];
    all.extend(peers.iter().filter_map(|peer| change(peer.municipality)));
    let better = all.iter().filter(|it| order(direction, **it, own) == Ordering::Less).count();
    let size = all.len();
    let group = median(all.clone())?;
    let spread = median(all.into_iter().map(|it| it.minus(group).abs()).collect())?;
    Some(Progress { own, group, spread, rank: better as u32 + 1, size: size as u32, direction })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn figure(text: &str) -> Figure {
        Figure::parse(text).expect("a plain decimal")
    }

    fn progress(own: &str, group: &str, spread: &str, direction: Direction) -> Progress {
        let (own, group, spread) = (figure(own), figure(group), figure(spread));
        Progress { own, group, spread, rank: 1, size: 21, direction }
    }

    #[test]
    fn an_advantage_is_what_is_better() {
        let fell = progress("-18.8", "-1.05", "4.4", Direction::Lower);
        assert_eq!(fell.advantage(), figure("17.75"));
        assert_eq!(fell.deviations(), Some(figure("2.7")));
        let rose = progress("0.050", "0.01", "0.005", Direction::Higher);
        assert_eq!(rose.advantage(), figure("0.04"));
        assert!(progress("-18.8", "-1.05", "4.4", Direction::Higher).advantage() < figure("0"));
    }

    #[test]
    fn a_change_stands_out_from_the_limit_on() {
        // 2 x 1.4826 x 2.5 = 7.413.
        assert!(progress("-8.413", "-1", "2.5", Direction::Lower).stands_out(5.0, 2));
        assert!(!progress("-8.412", "-1", "2.5", Direction::Lower).stands_out(5.0, 2));
        assert!(progress("-6", "-1", "0", Direction::Lower).stands_out(5.0, 2));
        assert!(!progress("-5.9", "-1", "0", Direction::Lower).stands_out(5.0, 2));
        assert!(!progress("8.413", "1", "2.5", Direction::Lower).stands_out(5.0, 2));
        assert_eq!(progress("-6", "-1", "0", Direction::Lower).deviations(), None);
    }

    proptest! {
        /// The same by floating point, wherever the limit is not within its error.
        #[test]
        fn standing_out_agrees_with_floating_point(
            own in -1_000_i64..1_000, group in -2_000_i64..2_000, spread in 0_i64..4_000
        ) {
            let it = Progress {
                own: Figure::new(own, 1),
                group: Figure::new(group, 2),
                spread: Figure::new(spread, 3),
                rank: 1,
                size: 21,
                direction: Direction::Lower,
            };
            let advantage = group as f64 / 100.0 - own as f64 / 10.0;
            let limit = (2.0 * 1.4826 * spread as f64 / 1000.0).max(5.0);
            if (advantage - limit).abs() > 1e-6 {
                prop_assert_eq!(it.stands_out(5.0, 2), advantage > limit);
            }
        }
    }
}
