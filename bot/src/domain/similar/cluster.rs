//! Groups of complaints that are about the same, for one demand.

use super::{Likeness, Told, likeness};

/// The most complaints that are grouped at once.
pub const MOST: usize = 200;
/// The least likeness, on average, of one that joins a group.
const JOINS: f32 = 0.36;

/// Complaints that are like each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Places in what was given, rising.
    pub members: Vec<usize>,
    /// The average of the likeness of each two: its parts tell why they are one group.
    pub likeness: Likeness,
}

/// Groups complaints: the two groups that are most alike on average become one as long as they are alike
/// enough. Those of one member are given, too. Those after the first 200 are left out.
pub fn clusters(told: &[Told]) -> Vec<Cluster> {
    let told = &told[..told.len().min(MOST)];
    let count = told.len();
    let mut pairs = vec![0.0_f32; count * count];
    for one in 0..count {
        for other in one + 1..count {
            let alike = likeness(&told[one], &told[other]).matter;
            pairs[one * count + other] = alike;
            pairs[other * count + one] = alike;
        }
    }
    let mut groups: Vec<Vec<usize>> = (0..count).map(|it| vec![it]).collect();
    // Likeness of each two groups on average; kept as groups become one.
    let mut alike = pairs;
    let mut live: Vec<usize> = (0..count).collect();
    loop {
        let mut best: Option<(f32, usize, usize)> = None;
        for (at, one) in live.iter().enumerate() {
            for other in &live[at + 1..] {
                let it = alike[one * count + other];
                if it >= JOINS && best.is_none_or(|(most, ..)| it > most) {
                    best = Some((it, *one, *other));
                }
            }
        }
        let Some((_, one, other)) = best else { break };
        let (left, right) = (groups[one].len() as f32, groups[other].len() as f32);
        for it in &live {
            let average =
                (alike[one * count + it] * left + alike[other * count + it] * right) / (left + right);
            alike[one * count + it] = average;
            alike[it * count + one] = average;
        }
        let joined = std::mem::take(&mut groups[other]);
        groups[one].extend(joined);
        live.retain(|it| *it != other);
    }
    let mut found: Vec<Cluster> = live
        .into_iter()
        .map(|it| {
            let mut members = std::mem::take(&mut groups[it]);
            members.sort_unstable();
            Cluster { likeness: average(told, &members), members }
        })
        .collect();
    found.sort_by_key(|it| (std::cmp::Reverse(it.members.len()), it.members[0]));
    found
}

/// The average likeness of each two members; of one alone it is whole.
fn average(told: &[Told], members: &[usize]) -> Likeness {
    let whole =
        Likeness { score: 1.0, matter: 1.0, text: 1.0, category: 1.0, place: 1.0, metres: None, time: 1.0 };
    let mut all = Vec::new();
    for (at, one) in members.iter().enumerate() {
        all.extend(members[at + 1..].iter().map(|other| likeness(&told[*one], &told[*other])));
    }
    if all.is_empty() {
        return whole;
    }
    let count = all.len() as f32;
    let mean = |part: fn(&Likeness) -> f32| all.iter().map(part).sum::<f32>() / count;
    let metres: Vec<f64> = all.iter().filter_map(|it| it.metres).collect();
    Likeness {
        score: mean(|it| it.score),
        matter: mean(|it| it.matter),
        text: mean(|it| it.text),
        category: mean(|it| it.category),
        place: mean(|it| it.place),
        metres: (!metres.is_empty()).then(|| metres.iter().sum::<f64>() / metres.len() as f64),
        time: mean(|it| it.time),
    }
}
