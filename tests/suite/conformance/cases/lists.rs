//! Queues, counts, filters and the search.

use cabildo_bot::domain::case::rules::Queue;
use cabildo_bot::domain::case::{CaseState, Confidentiality, Priority};
use cabildo_bot::domain::time::{DAY, HOUR};
use cabildo_bot::store::Location;
use cabildo_bot::store::cases::{
    Act, COUNTED, Change, Closing, Counted, Counts, Filter, Listed, NewCase, Page, Scope, Snooze,
};
use cabildo_tests::cases::{TLAPA, Town, officer};
use uuid::Uuid;

const ANA: &str = "+525500000001";

fn scope(places: &[&str], restricted: bool) -> Scope {
    Scope { places: Some(places.iter().map(|it| (*it).to_owned()).collect()), restricted }
}

fn everywhere() -> Scope {
    Scope { places: None, restricted: true }
}

fn ids(cases: &[Listed]) -> Vec<Uuid> {
    cases.iter().map(|it| it.id).collect()
}

both!(queues_are_counted_exactly_and_listed_by_place, |test| {
    let mut town = Town::new(&test.store);
    let mut opened = Vec::new();
    for (number, place) in [TLAPA, TLAPA, "12001", "09002"].into_iter().enumerate() {
        town.now = town.now.plus(1);
        let case = NewCase { municipality: place.to_owned(), ..town.case(&format!("caso {number}")) };
        opened.push(town.open(ANA, case).await);
    }
    town.now = town.now.plus(1);
    let hidden = NewCase { confidentiality: Confidentiality::Restricted, ..town.case("grave") };
    opened.push(town.open(ANA, hidden).await);
    let me = officer(1);
    let counts = async |scope: &Scope| test.store.count_queues(scope, me).await.expect("counts");
    assert_eq!(counts(&scope(&[TLAPA], false)).await.unassigned, 2);
    assert_eq!(counts(&scope(&["12"], false)).await.unassigned, 3);
    assert_eq!(counts(&scope(&["12", TLAPA, "09002"], false)).await.unassigned, 4);
    assert_eq!(counts(&everywhere()).await, Counts { unassigned: 5, ..Counts::default() });
    let list = async |queue, scope: &Scope, page, limit| {
        test.store.list_queue(queue, scope, me, page, limit).await.expect("a page")
    };
    let state = scope(&["12"], false);
    let newest = list(Queue::Unassigned, &state, Page::Newest(None), 2).await;
    assert_eq!(ids(&newest), [opened[2], opened[1]]);
    let next = list(Queue::Unassigned, &state, Page::Newest(Some(newest[1].id)), 2).await;
    assert_eq!(ids(&next), [opened[0]]);
    let oldest = list(Queue::Unassigned, &state, Page::Oldest(None), 2).await;
    assert_eq!(ids(&oldest), [opened[0], opened[1]], "from its end");
    let before = list(Queue::Unassigned, &state, Page::Oldest(Some(oldest[1].id)), 2).await;
    assert_eq!(ids(&before), [opened[2]]);
    let all = list(Queue::Unassigned, &everywhere(), Page::Newest(None), 9).await;
    assert_eq!(ids(&all), [opened[4], opened[3], opened[2], opened[1], opened[0]]);
    // What is restricted shows no text in a list, even to those who see it.
    assert_eq!((all[0].preview.as_deref(), all[0].place.as_deref()), (None, None));
    assert_eq!(all[1].preview.as_deref(), Some("caso 3"));
    // By what is owed: a case of another day is owed earlier.
    let (first, second) = (opened[0], opened[1]);
    town.act(me, second, Act::Assign { to: Some(me) }).await.expect("taken");
    town.act(me, first, Act::Assign { to: Some(me) }).await.expect("taken");
    let mine = list(Queue::Mine, &state, Page::Due(None), 1).await;
    assert_eq!(ids(&mine), [first]);
    let rest = list(Queue::Mine, &state, Page::Due(Some(mine[0].due_cursor())), 9).await;
    assert_eq!(ids(&rest), [second]);
    assert_eq!(counts(&everywhere()).await, Counts { unassigned: 3, mine: 2, ..Counts::default() });
    town.act(me, first, Act::Snooze(Snooze::UntilReply)).await.expect("waits");
    town.act(me, second, Act::Snooze(Snooze::Until(town.now.plus(DAY)))).await.expect("sleeps");
    assert_eq!(counts(&everywhere()).await, Counts { unassigned: 3, waiting: 1, ..Counts::default() });
    town.pass(21);
    while let Some(timer) = test.store.list_case_timers(town.now, 1).await.expect("timers").pop() {
        test.store.ring_case_timer(&timer, None, town.now).await.expect("rung");
    }
    assert_eq!(
        counts(&everywhere()).await,
        Counts { unassigned: 3, due: 3, waiting: 1, ..Counts::default() }
    );
    assert_eq!(ids(&list(Queue::Due, &state, Page::Due(None), 9).await), [opened[2]]);
});

both!(counts_equal_a_recount_after_random_acts, |test| {
    let mut town = Town::new(&test.store);
    // A small generator of numbers with a fixed seed.
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut draw = |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    let mut cases = Vec::new();
    for round in 0..160 {
        town.now = town.now.plus(HOUR);
        let who = officer(u128::from(draw(3)));
        if cases.len() < 12 {
            let place = [TLAPA, "12001", "09002"][draw(3) as usize].to_owned();
            let closed = Confidentiality::ALL[draw(3) as usize];
            let case = NewCase { municipality: place, confidentiality: closed, ..town.case("algo") };
            cases.push(town.open(&format!("+5255000000{:02}", draw(30)), case).await);
            continue;
        }
        let id = cases[draw(cases.len() as u64) as usize];
        let act = match draw(12) {
            0 | 1 => Act::Assign { to: Some(who) },
            2 => Act::Assign { to: None },
            3 => Act::Snooze(Snooze::UntilReply),
            4 => Act::Snooze(Snooze::Until(town.now.plus(3 * HOUR))),
            5 => Act::Snooze(Snooze::Not),
            6 => Act::Close(Confidentiality::ALL[draw(3) as usize]),
            7 => Act::Prioritise(Priority::High),
            8 => Act::Merge { into: cases[draw(cases.len() as u64) as usize] },
            9 => Act::Part,
            10 => Act::Route { category: "person".to_owned(), office: "works".to_owned() },
            _ => {
                let with = Closing {
                    reason: Some("no hay dinero".to_owned()),
                    date: Some("2026-03-01".to_owned()),
                    ..Closing::default()
                };
                let to = CaseState::ALL[draw(8) as usize];
                Act::SetState { to, with: Box::new(with) }
            }
        };
        // Many are refused; those leave nothing behind either.
        let done = town.act(who, id, act).await;
        assert!(!matches!(done, Err(cabildo_bot::store::Error::Other(_))), "{done:?}");
        if round % 5 == 0 {
            for timer in test.store.list_case_timers(town.now, 9).await.expect("timers") {
                let _ = test.store.ring_case_timer(&timer, None, town.now).await;
            }
        }
        let (kept, there) = test.store.recount_queues().await.expect("counts");
        assert_eq!(kept, there, "round {round}");
    }
    let versions = test.number("SELECT COUNT(*) FROM case_changes").await;
    assert_eq!(versions, test.number("SELECT SUM(version) FROM cases").await);
    let total: i64 = test
        .number("SELECT COUNT(*) FROM case_lists WHERE list LIKE 'unassigned' OR list LIKE '!unassigned'")
        .await;
    let counts = test.store.count_queues(&everywhere(), officer(0)).await.expect("counts");
    assert_eq!(counts.unassigned, total);
});

both!(a_free_filter_finds_and_counts, |test| {
    let mut town = Town::new(&test.store);
    let mut opened = Vec::new();
    for (place, category) in [(TLAPA, "water"), (TLAPA, "roads"), ("12001", "water"), ("09002", "water")] {
        town.pass(1);
        let case = NewCase {
            municipality: place.to_owned(),
            category: category.to_owned(),
            ..town.case(&format!("Fuga en {place}"))
        };
        opened.push(town.open(ANA, case).await);
    }
    let find = async |scope: &Scope, filter: Filter| {
        let (found, edge) = test.store.list_cases(scope, &filter, None, 9).await.expect("found");
        let counted = Counted { cases: found.len() as i64, more: false };
        assert_eq!((test.store.count_cases(scope, &filter).await, edge), (Ok(counted), None));
        ids(&found)
    };
    let all = everywhere();
    let none = Filter::default;
    assert_eq!(find(&all, none()).await, [opened[3], opened[2], opened[1], opened[0]]);
    assert_eq!(find(&scope(&[TLAPA], false), none()).await, [opened[1], opened[0]]);
    assert_eq!(find(&scope(&["12"], false), none()).await, [opened[2], opened[1], opened[0]]);
    assert_eq!(find(&scope(&[], false), none()).await, Vec::<Uuid>::new());
    let water = Filter { categories: vec!["water".to_owned()], ..none() };
    assert_eq!(find(&scope(&["12"], false), water).await, [opened[2], opened[0]]);
    let label = Act::Label { add: vec!["pozo".to_owned()], remove: Vec::new() };
    town.act(officer(1), opened[2], label).await.expect("labelled");
    let labelled = Filter { labels: vec!["pozo".to_owned()], ..none() };
    assert_eq!(find(&all, labelled.clone()).await, [opened[2]]);
    assert_eq!(find(&scope(&["09"], false), labelled).await, Vec::<Uuid>::new());
    town.act(officer(1), opened[3], Act::Assign { to: Some(officer(1)) }).await.expect("taken");
    let mine = Filter { assignee: Some(officer(1)), ..none() };
    assert_eq!(find(&all, mine).await, [opened[3]]);
    let assigned = Filter { states: vec![CaseState::Assigned], ..none() };
    assert_eq!(find(&all, assigned).await, [opened[3]]);
    town.act(officer(1), opened[0], Act::Prioritise(Priority::Urgent)).await.expect("urgent");
    let urgent = Filter { priorities: vec![Priority::Urgent], ..none() };
    assert_eq!(find(&all, urgent).await, [opened[0]]);
    let dated = Filter { from: Some(town.now.plus(-HOUR)), until: Some(town.now), ..none() };
    assert_eq!(find(&all, dated).await, [opened[2]]);
    let office = Filter { offices: vec!["nobody".to_owned()], ..none() };
    assert_eq!(find(&all, office).await, Vec::<Uuid>::new());
    let page = test.store.list_cases(&all, &none(), Some(opened[2]), 1).await.expect("a page");
    assert_eq!((ids(&page.0), page.1), (vec![opened[1]], None));
    let case = test.store.find_case(opened[1], false).await.expect("read").expect("a case");
    let folio = Filter { texts: vec![case.folio.to_string()], ..none() };
    assert_eq!(find(&all, folio.clone()).await, [opened[1]]);
    assert_eq!(find(&scope(&["09"], false), folio.clone()).await, Vec::<Uuid>::new());
    let other = Filter { states: vec![CaseState::Resolved], ..folio };
    assert_eq!(find(&all, other).await, Vec::<Uuid>::new());
    let words = Filter { texts: vec!["fuga".to_owned()], categories: vec!["roads".to_owned()], ..none() };
    assert_eq!(find(&all, words).await, [opened[1]]);
});

both!(a_free_filter_looks_through_a_part_at_a_time_and_says_where_it_ended, |test| {
    let mut town = Town::new(&test.store);
    let mut opened = Vec::new();
    for number in 0..7 {
        town.pass(1);
        opened.push(town.open(ANA, town.case(&format!("Fuga {number}"))).await);
    }
    town.act(officer(1), opened[0], Act::Prioritise(Priority::Urgent)).await.expect("urgent");
    let urgent = Filter { priorities: vec![Priority::Urgent], reach: Some(3), ..Filter::default() };
    for scope in [everywhere(), scope(&[TLAPA], true)] {
        // Seven cases, three at a time: the seventh to fifth, the fourth to second, the first.
        let mut steps = Vec::new();
        let mut before = None;
        loop {
            let (found, edge) = test.store.list_cases(&scope, &urgent, before, 2).await.expect("a page");
            steps.push((ids(&found), edge));
            before = edge;
            if edge.is_none() {
                break;
            }
        }
        let looked = vec![(vec![], Some(opened[4])), (vec![], Some(opened[1])), (vec![opened[0]], None)];
        assert_eq!(steps, looked);
        let counted = test.store.count_cases(&scope, &urgent).await.expect("a count");
        assert_eq!(counted, Counted { cases: 0, more: true });
        // A full page ends where its last case stands.
        let all = Filter { reach: Some(3), ..Filter::default() };
        let (found, edge) = test.store.list_cases(&scope, &all, None, 3).await.expect("a page");
        assert_eq!((ids(&found), edge), (vec![opened[6], opened[5], opened[4]], None));
    }
});

both!(a_free_filter_counts_to_ten_thousand_and_no_further, |test| {
    let town = Town::new(&test.store);
    town.open("+525511110001", town.case("Fuga")).await;
    let count = async || test.store.count_cases(&everywhere(), &Filter::default()).await.expect("a count");
    assert_eq!(count().await, Counted { cases: 1, more: false });
    // Rows that only a free filter looks at.
    let id = match test.location {
        Location::Postgres(_) => "(lpad(to_hex(n), 32, '0'))::uuid",
        _ => "unhex(printf('%032x', n))",
    };
    let columns = "folio, pin_key, kind, state, version, municipality, category, office, anonymity, \
                   confidentiality, priority, urgent, opened_at, updated_at";
    let fill = |from: i64, to: i64| {
        let numbers = match test.location {
            Location::Postgres(_) => format!("SELECT generate_series({from}, {to}) AS n"),
            _ => format!(
                "WITH RECURSIVE i(n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM i WHERE n < {to}) SELECT n FROM i"
            ),
        };
        let rest = columns.replacen("folio", "'X' || n", 1);
        format!(
            "INSERT INTO cases (id, number, {columns}) SELECT {id}, n, {rest} FROM cases, ({numbers}) AS numbers \
             WHERE cases.number = 1 RETURNING 'x'"
        )
    };
    assert_eq!(test.texts(&fill(2, 10_000)).await.len(), 9_999);
    assert_eq!(count().await, Counted { cases: 10_000, more: false }, "exactly");
    assert_eq!(test.texts(&fill(10_001, 10_020)).await.len(), 20);
    assert_eq!(count().await, Counted { cases: COUNTED, more: true }, "more than are counted");
});

both!(a_search_forgives_accents_and_finds_beginnings_of_words, |test| {
    let mut town = Town::new(&test.store);
    let one = town.open(ANA, town.case("Tubería rota frente a la escuela")).await;
    town.pass(1);
    let other = NewCase { municipality: "09002".to_owned(), ..town.case("No hay TUBERIA") };
    let two = town.open(ANA, other).await;
    let find = async |scope: &Scope, text: &str| {
        let filter = Filter { texts: vec![text.to_owned()], ..Filter::default() };
        let (found, edge) = test.store.list_cases(scope, &filter, None, 9).await.expect("found");
        let counted = Counted { cases: found.len() as i64, more: false };
        assert_eq!((test.store.count_cases(scope, &filter).await, edge), (Ok(counted), None));
        ids(&found)
    };
    let all = everywhere();
    for (text, expected) in [
        ("tuberia", vec![two, one]),
        ("TUBER", vec![two, one]),
        ("tube rot escu", vec![one]),
        ("san jose", vec![two, one]),
        ("uberia", vec![]),
        ("escuela agua", vec![]),
        ("¿?", vec![]),
        ("tuberia OR nada", vec![]),
        ("\"tuberia\" NEAR(", vec![]),
        ("tuberia*", vec![two, one]),
        ("zqm09002", vec![]),
    ] {
        assert_eq!(find(&all, text).await, expected, "{text}");
    }
    assert_eq!(find(&scope(&["12"], false), "tuberia").await, [one]);
    assert_eq!(find(&scope(&[TLAPA, "09"], false), "tuberia").await, [two, one]);
    assert_eq!(find(&scope(&["21001"], false), "tuberia").await, Vec::<Uuid>::new());
    let folio = town.full(two).await.folio;
    assert_eq!(find(&all, &folio.to_string().to_lowercase()).await, [two]);
    // Later words and those of staff are found, too; what was taken back is not.
    let written = Change::Written { case_id: one, text: "ya llegaron los fontaneros".to_owned() };
    town.write(ANA, vec![written]).await.expect("written");
    assert_eq!(find(&all, "fontaner").await, [one]);
    let (message, reply) = town.reply(town.contact(ANA).await, "cuadrilla", false);
    town.act(officer(1), one, reply).await.expect("answered");
    assert_eq!(find(&all, "cuadrilla").await, [one]);
    town.act(officer(1), one, Act::TakeBack { message_id: message }).await.expect("taken back");
    assert_eq!(find(&all, "cuadrilla").await, Vec::<Uuid>::new());
});
