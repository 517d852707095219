//! Whether the score of two complaints says what people say, on labelled sets that were written before it.

use cabildo_bot::domain::similar::{Complaint, Told, clusters, likeness};
use cabildo_bot::domain::time::{DAY, HOUR, UnixMillis};
use cabildo_tests::town::DESK;
use csv::StringRecord;
use std::collections::BTreeMap;

const PAIRS: &str = include_str!("../fixtures/similar/pairs.csv");
const LATER: &str = include_str!("../fixtures/similar/later.csv");
const CLUSTERS: &str = include_str!("../fixtures/similar/clusters.csv");

fn records(text: &str) -> Vec<StringRecord> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.records().map(|it| it.expect("a record")).collect()
}

fn told(category: &str, text: &str, place: &str, metres: Option<f64>, at: i64) -> Told {
    let complaint = Complaint {
        category,
        text,
        place: Some(place).filter(|it| !it.is_empty()),
        // A degree of latitude is 111,195 m.
        point: metres.map(|it| (17.5 + it / 111_195.0, -98.5)),
        at: UnixMillis(1_700_000_000_000 + at),
    };
    Told::new(&complaint, DESK.likeness())
}

/// What became of labelled pairs.
#[derive(Clone, Copy, Default, Debug)]
struct Tally {
    found: usize,
    wrong: usize,
    same: usize,
    all: usize,
}

impl Tally {
    fn precision(self) -> f64 {
        self.found as f64 / (self.found + self.wrong) as f64
    }

    fn recall(self) -> f64 {
        self.found as f64 / self.same as f64
    }
}

#[test]
fn likely_duplicates_are_those_that_people_call_the_same() {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for it in records(PAIRS).into_iter().chain(records(LATER)) {
        let (same, metres) = (&it[1] == "1", it[8].parse::<f64>().ok());
        let one = told(&it[2], &it[3], &it[4], metres.map(|_| 0.0), 0);
        let hours: i64 = it[7].parse().expect("hours");
        let other = told(&it[2], &it[5], &it[6], metres, hours * HOUR);
        let alike = likeness(&one, &other);
        assert_eq!(alike.score.to_bits(), likeness(&other, &one).score.to_bits(), "{it:?}");
        let sets = if &it[0] == "later" { vec!["later"] } else { vec![&it[0], "all"] };
        for set in sets {
            let tally = tallies.entry(set.to_owned()).or_default();
            tally.all += 1;
            tally.same += usize::from(same);
            tally.found += usize::from(same && alike.likely());
            tally.wrong += usize::from(!same && alike.likely());
        }
    }
    for (set, it) in &tallies {
        eprintln!("{set}: precision {:.3}, recall {:.3} ({it:?})", it.precision(), it.recall());
    }
    let all = tallies["all"];
    assert!(all.all >= 300 && tallies["aside"].all * 10 >= all.all - 20, "{tallies:?}");
    assert!(all.precision() >= 0.9 && all.recall() >= 0.7, "{tallies:?}");
    // Of matters that the words of the pack were not written for, some are missed and none is wrong.
    assert!(tallies["later"].precision() >= 0.9 && tallies["later"].recall() >= 0.5, "{tallies:?}");
    assert!(tallies["aside"].precision() >= 0.85 && tallies["aside"].recall() >= 0.65, "{tallies:?}");
}

#[test]
fn like_complaints_are_grouped_as_people_group_them() {
    let mut by: BTreeMap<(String, String), Vec<(String, Told)>> = BTreeMap::new();
    for it in records(CLUSTERS) {
        let day: i64 = it[3].parse().expect("a day");
        let told = told(&it[1], &it[4], &it[5], None, day * DAY);
        by.entry((it[0].to_owned(), it[1].to_owned())).or_default().push((it[2].to_owned(), told));
    }
    let (mut right, mut wrong, mut missed) = (0, 0, 0);
    for members in by.values() {
        let told: Vec<Told> = members.iter().map(|it| it.1.clone()).collect();
        let mut group = vec![usize::MAX; told.len()];
        for (at, cluster) in clusters(&told).iter().enumerate() {
            for member in &cluster.members {
                assert_eq!(std::mem::replace(&mut group[*member], at), usize::MAX, "in one group only");
            }
        }
        for one in 0..told.len() {
            for other in one + 1..told.len() {
                match (members[one].0 == members[other].0, group[one] == group[other]) {
                    (true, true) => right += 1,
                    (false, true) => wrong += 1,
                    (true, false) => missed += 1,
                    (false, false) => {}
                }
            }
        }
    }
    let (precision, recall) =
        (f64::from(right) / f64::from(right + wrong), f64::from(right) / f64::from(right + missed));
    let f1 = 2.0 * precision * recall / (precision + recall);
    eprintln!("groups: precision {precision:.3}, recall {recall:.3}, F1 {f1:.3}");
    assert!(by.len() > 15 && f1 >= 0.75, "{precision} {recall}");
}

#[test]
fn the_parts_of_a_likeness_say_why() {
    let like = |a: (&str, &str), b: (&str, &str), hours: i64, metres: Option<f64>| {
        let one = told("streets", a.0, a.1, metres.map(|_| 0.0), 0);
        likeness(&one, &told("streets", b.0, b.1, metres, hours * HOUR))
    };
    let bache = ("hay un bache", "calle Nogal 21, col. Jardines");
    let same = like(bache, ("ay un oyo", "nogal 21"), 3, None);
    assert!(same.likely() && same.text > 0.9 && same.place > 0.8 && same.time > 0.999, "{same:?}");
    let near = like(("hay un bache", ""), ("bache enorme", ""), 3, Some(200.0));
    assert!(near.likely() && (near.metres.expect("metres") - 200.0).abs() < 1.0, "{near:?}");
    assert!(!like(("hay un bache", ""), ("bache enorme", ""), 3, None).likely(), "nothing says where");
    let far = like(bache, bache, 3, Some(700.0));
    assert!(!far.likely() && far.text > 0.999, "{far:?}");
    let old = like(bache, bache, 24 * 90, None);
    assert!(!old.likely() && old.matter > 0.9 && old.time == 0.0, "{old:?}");
    let other = like(bache, ("quiten el tope", "calle Nogal 21, col. Jardines"), 3, None);
    assert!(!other.likely() && other.place > 0.9, "{other:?}");
    let mut complaint =
        Complaint { category: "water", text: bache.0, place: Some(bache.1), point: None, at: UnixMillis(0) };
    let one = Told::new(&complaint, DESK.likeness());
    complaint.category = "streets";
    assert!(likeness(&one, &Told::new(&complaint, DESK.likeness())).category < 1.0);
}

#[test]
fn hostile_texts_are_compared_in_bounded_time() {
    let mut texts: Vec<String> = cabildo_tests::hostile::texts().into_iter().map(|it| it.1).collect();
    texts.push("no hay agua ".repeat(20_000));
    texts.push("a".repeat(500_000));
    texts.push((0..50_000).map(|it| format!("calle{it}")).collect::<Vec<_>>().join(" "));
    texts.push("\u{202e}\u{301}".repeat(50_000));
    texts.push("=tapada concept = [[ \0 \u{1}".repeat(1_000));
    let all: Vec<Told> = texts.iter().map(|it| told("water", it, it, Some(f64::NAN), i64::MAX / 2)).collect();
    for one in &all {
        assert!(format!("{one:?}").len() < 60, "no words of the person in logs");
        for other in &all {
            let it = likeness(one, other);
            let parts = [it.score, it.matter, it.text, it.category, it.place, it.time];
            assert!(parts.iter().all(|part| (0.0..=1.0).contains(part)), "{it:?}");
        }
    }
    assert_eq!(clusters(&all).iter().map(|it| it.members.len()).sum::<usize>(), all.len().min(200));
}
