//! What is confidential is sealed, and found by nobody.

use cabildo_bot::domain::case::{Anonymity, CaseState, Confidentiality};
use cabildo_bot::store::Location;
use cabildo_bot::store::cases::{Act, Change, Closing, Filter, NewCase, Scope};
use cabildo_tests::cases::{Town, officer};
use cabildo_tests::stores::TestStore;

const ANA: &str = "+525500000001";
const CANARY: &str = "canarioamarillo";

/// Where the word is found: in the files of `SQLite`, in the tables of `PostgreSQL`.
async fn found(test: &TestStore) -> usize {
    match &test.location {
        Location::File(path) => {
            let mut count = 0;
            for end in ["", "-wal"] {
                let file = format!("{}{end}", path.display());
                let bytes = std::fs::read(file).unwrap_or_default();
                count += bytes.windows(CANARY.len()).filter(|it| *it == CANARY.as_bytes()).count();
            }
            count
        }
        _ => {
            let mut count = 0;
            for column in [
                "cases.place",
                "cases.answers",
                "cases.preview",
                "case_messages.body",
                "case_changes.detail",
                "case_texts.body",
            ] {
                let (table, column) = column.split_once('.').expect("a column");
                let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} LIKE '%{CANARY}%'");
                count += usize::try_from(test.number(&sql).await).expect("a count");
            }
            count
        }
    }
}

fn confidential(town: &Town<'_>, how: Confidentiality) -> NewCase {
    NewCase {
        confidentiality: how,
        place: Some(format!("casa de {CANARY}")),
        answers: vec![("who".to_owned(), CANARY.to_owned())],
        ..town.case(&format!("me pega {CANARY}"))
    }
}

both!(the_text_of_a_confidential_case_lies_nowhere_in_clear, |mut test| {
    let town = Town::new(&test.store);
    for (number, how) in [Confidentiality::Confidential, Confidentiality::Restricted].into_iter().enumerate()
    {
        let id = town.open(&format!("{ANA}{number}"), confidential(&town, how)).await;
        let written = Change::Written { case_id: id, text: format!("otra vez {CANARY}") };
        town.write(&format!("{ANA}{number}"), vec![written]).await.expect("written");
        let corrected = Change::Corrected { case_id: id, text: format!("perdon {CANARY}") };
        town.write(&format!("{ANA}{number}"), vec![corrected]).await.expect("corrected");
        let note = Act::Note { message_id: town.case("x").id, text: format!("nota {CANARY}") };
        town.act(officer(1), id, note).await.expect("noted");
        let reason = Closing { reason: Some(format!("porque {CANARY}")), ..Closing::default() };
        let closed = Act::SetState { to: CaseState::ClosedUnfixed, with: Box::new(reason) };
        town.act(officer(1), id, closed).await.expect("closed");
        // Who may know it reads it.
        let case = town.full(id).await;
        assert!(case.place.is_some_and(|it| it.contains(CANARY)));
        assert_eq!((case.answers.len(), case.location), (1, Some((17.5, -98.5))));
        let thread = test.store.list_case_messages(id, None, 9, true).await.expect("a thread");
        assert_eq!(
            thread.iter().filter(|it| it.text.as_ref().is_some_and(|it| it.contains(CANARY))).count(),
            3
        );
        let changes = test.store.list_case_changes(id, 0, 9, true).await.expect("changes");
        assert_eq!(
            changes.iter().filter(|it| it.detail.as_ref().is_some_and(|it| it.contains(CANARY))).count(),
            2
        );
        // Others don't.
        let case = test.store.find_case(id, false).await.expect("read").expect("a case");
        assert_eq!((case.place, case.location, case.answers.len()), (None, None, 0));
        let thread = test.store.list_case_messages(id, None, 9, false).await.expect("a thread");
        assert!(thread.iter().all(|it| it.text.is_none()));
        let everywhere = Scope { places: None, restricted: true };
        let filter = Filter { texts: vec![CANARY.to_owned()], ..Filter::default() };
        assert_eq!(
            test.store.list_cases(&everywhere, &filter, None, 9).await.expect("found"),
            (vec![], None)
        );
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM cases WHERE latitude IS NOT NULL").await, 0);
    test.reopen().await;
    assert_eq!(found(&test).await, 0);
});

both!(a_case_that_becomes_confidential_is_sealed_and_leaves_the_search, |mut test| {
    let town = Town::new(&test.store);
    let id = town.open(ANA, confidential(&town, Confidentiality::Open)).await;
    let corrected = Change::Corrected { case_id: id, text: format!("perdon {CANARY}") };
    town.write(ANA, vec![corrected]).await.expect("corrected");
    let everywhere = Scope { places: None, restricted: true };
    let filter = Filter { texts: vec![CANARY.to_owned()], ..Filter::default() };
    let hits = async || test.store.count_cases(&everywhere, &filter).await.expect("a count").cases;
    assert_eq!(hits().await, 1);
    let sealed = Act::Close(Confidentiality::Restricted);
    town.act(officer(1), id, sealed.clone()).await.expect("sealed");
    assert_eq!(hits().await, 0);
    assert!(town.full(id).await.place.is_some_and(|it| it.contains(CANARY)));
    let without = Scope { places: None, restricted: false };
    assert_eq!(test.store.list_cases(&without, &Filter::default(), None, 9).await.expect("none").0, []);
    town.act(officer(1), id, Act::Close(Confidentiality::Open)).await.expect("opened");
    assert_eq!(hits().await, 1);
    let thread = test.store.list_case_messages(id, None, 9, false).await.expect("a thread");
    assert_eq!(thread[0].text.as_deref(), Some(format!("perdon {CANARY}").as_str()));
    town.act(officer(1), id, sealed).await.expect("sealed");
    // What was deleted is overwritten, and the log is folded in by a stop.
    test.reopen().await;
    assert_eq!(found(&test).await, 0);
});

both!(who_hides_from_all_has_a_confidential_case, |test| {
    let town = Town::new(&test.store);
    let case = NewCase { anonymity: Anonymity::HiddenFromAll, ..town.case("en voz baja") };
    let id = town.open(ANA, case).await;
    assert_eq!(town.full(id).await.confidentiality, Confidentiality::Confidential);
    let events = test.store.list_events(0, 99).await.expect("events");
    assert!(events.iter().all(|it| !it.restricted));
    town.act(officer(1), id, Act::Close(Confidentiality::Restricted)).await.expect("restricted");
    let last = test.store.list_events(0, 99).await.expect("events").pop().expect("an event");
    assert!(last.restricted);
});
