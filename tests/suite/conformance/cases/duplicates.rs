//! Cases that are about the same: which may be offered, and joining and parting them.

use std::collections::HashMap;

use cabildo_bot::clock::Clock;
use cabildo_bot::domain::case::{CaseKind, CaseState, Confidentiality, Priority};
use cabildo_bot::domain::channel::ChannelKind;
use cabildo_bot::domain::time::{DAY, UnixMillis};
use cabildo_bot::service::{NewInbound, Service};
use cabildo_bot::store::cases::{Act, Change, Closing};
use cabildo_bot::store::{Error, Store};
use cabildo_tests::cases::{TLAPA, Town, officer};
use cabildo_tests::serving::facts;
use cabildo_tests::stores::START;
use uuid::Uuid;

const ANA: &str = "+525500000001";
const BEA: &str = "+525500000002";
const LUZ: &str = "+525500000003";

both!(nothing_sealed_urgent_or_closed_is_offered, |test| {
    let mut town = Town::new(&test.store);
    let open = town.open(ANA, town.case("no cae agua en San José")).await;
    let mut sealed = town.case("en reserva");
    sealed.confidentiality = Confidentiality::Confidential;
    let sealed = town.open(BEA, sealed).await;
    let mut urgent = town.case("urgente");
    urgent.urgent = true;
    let urgent = town.open(BEA, urgent).await;
    let mut question = town.case("¿cuándo pasa la pipa?");
    question.kind = CaseKind::Question;
    let question = town.open(BEA, question).await;
    let closed = town.open(BEA, town.case("ya quedó")).await;
    let resolved = Act::SetState { to: CaseState::Resolved, with: Box::default() };
    town.act(officer(1), closed, resolved).await.expect("closed");
    let walk_in = town.open(LUZ, town.case("vino a la ventanilla")).await;
    let found = test.store.list_similar(TLAPA, "water", START, 9).await.expect("found");
    assert_eq!(found.iter().map(|it| it.id).collect::<Vec<_>>(), [walk_in, open]);
    for it in [sealed, urgent, question, closed, Uuid::from_u128(7)] {
        assert_eq!(test.store.find_similar(it).await, Ok(None));
    }
    // What is compared is what she wrote first, not what came later.
    town.pass(1);
    town.write(ANA, vec![Change::Written { case_id: open, text: "sigue igual".to_owned() }])
        .await
        .expect("written");
    let it = test.store.find_similar(open).await.expect("read").expect("an open case");
    assert_eq!(it.text.as_deref(), Some("no cae agua en San José"));
    assert_eq!((it.joined, it.state.as_str(), it.category.as_str()), (1, "received", "water"));
    assert_eq!((it.latitude, it.municipality.as_str(), it.opened_at), (Some(17.5), TLAPA, START.0));
    assert!(!format!("{it:?}").contains("agua"), "nobody's words in logs");
    assert_eq!(test.store.list_similar(TLAPA, "water", START, 1).await.expect("found").len(), 1);
    // Once it is sealed, nobody joins it any more.
    town.act(officer(1), open, Act::Close(Confidentiality::Confidential)).await.expect("sealed");
    assert_eq!(test.store.find_similar(open).await, Ok(None));
    let joined = Change::Joined { case_id: open, text: None, began_at: None };
    assert_eq!(town.write(BEA, vec![joined]).await, Err(Error::Conflict));
    assert_eq!(town.full(open).await.joined, 1);
    let ids = vec![walk_in, sealed, Uuid::from_u128(7), open];
    let listed = test.store.list_listed(ids).await.expect("listed");
    assert_eq!(listed.iter().map(|it| it.id).collect::<Vec<_>>(), [walk_in, sealed, open]);
});

both!(a_person_on_two_channels_is_counted_once_whoever_joins_what, |test| {
    let town = Town::new(&test.store);
    let tomas = officer(1);
    let original = town.open(ANA, town.case("uno")).await;
    let double = town.open(BEA, town.case("dos")).await;
    // The phones of Ana and Bea become one person.
    let person = "INSERT INTO people (id, created_at) SELECT id, 0 FROM contacts ORDER BY id LIMIT 1 \
                  RETURNING CAST(created_at AS TEXT)";
    assert_eq!(test.texts(person).await.len(), 1);
    let sql = "UPDATE contacts SET person_id = (SELECT id FROM contacts ORDER BY id LIMIT 1), member_at = 1 \
               RETURNING channel_id";
    assert_eq!(test.texts(sql).await.len(), 2);
    let third = town.open(LUZ, town.case("tres")).await;
    town.act(tomas, double, Act::Merge { into: original }).await.expect("merged");
    assert_eq!(town.full(original).await.joined, 1, "she is behind it already");
    let told = test.store.list_told(original).await.expect("told");
    assert_eq!(told.iter().filter(|it| it.reached).count(), 1, "{told:?}");
    let joined = |case_id| vec![Change::Joined { case_id, text: Some("igual".to_owned()), began_at: None }];
    town.write(BEA, joined(original)).await.expect("joined");
    town.write(BEA, joined(original)).await.expect("joined again");
    assert_eq!(town.full(original).await.joined, 1);
    town.act(tomas, third, Act::Merge { into: original }).await.expect("merged");
    assert_eq!(town.full(original).await.joined, 2);
    town.act(tomas, double, Act::Part).await.expect("parted");
    assert_eq!(town.full(original).await.joined, 2, "she joined by herself, and Luz is there");
    town.act(tomas, third, Act::Part).await.expect("parted");
    let case = town.full(original).await;
    assert_eq!((case.joined, case.state), (1, CaseState::Received));
    assert_eq!(test.store.list_told(original).await.expect("told").len(), 2);
    let (kept, there) = test.store.recount_queues().await.expect("counts");
    assert_eq!(kept, there);
});

both!(who_has_a_part_on_two_channels_is_told_and_asked_where_she_wrote_last, |test| {
    let mut town = Town::new(&test.store);
    let case = town.open(ANA, town.case("uno")).await;
    town.now = town.now.plus(1);
    let join = Change::Joined { case_id: case, text: Some("igual".to_owned()), began_at: None };
    town.write(BEA, vec![join]).await.expect("joined");
    let (ana, bea) = (town.contact(ANA).await, town.contact(BEA).await);
    let reached = async || {
        let told = test.store.list_told(case).await.expect("told");
        told.iter().filter(|it| it.reached).map(|it| it.contact_id).collect::<Vec<_>>()
    };
    assert_eq!(reached().await, [ana, bea], "two people");
    let person = "INSERT INTO people (id, created_at) SELECT id, 0 FROM contacts ORDER BY id LIMIT 1 \
                  RETURNING CAST(created_at AS TEXT)";
    assert_eq!(test.texts(person).await.len(), 1);
    let sql = "UPDATE contacts SET person_id = (SELECT id FROM contacts ORDER BY id LIMIT 1), member_at = 1 \
               RETURNING channel_id";
    assert_eq!(test.texts(sql).await.len(), 2);
    assert_eq!(reached().await, [bea]);
    let told = test.store.list_told(case).await.expect("told");
    assert!(told.len() == 2 && told[0].holder_id == told[1].holder_id, "both stand there: {told:?}");
    town.now = town.now.plus(1);
    town.write(ANA, Vec::new()).await.expect("written");
    assert_eq!(reached().await, [ana]);
    let with = Closing { reason: Some("Listo".to_owned()), ..Closing::default() };
    let act = Act::SetState { to: CaseState::Resolved, with: Box::new(with) };
    town.act(officer(1), case, act).await.expect("closed");
    let due = test.store.due_followups(town.now.plus(40 * DAY), 9).await.expect("questions");
    assert_eq!(due.iter().map(|it| it.told.contact_id).collect::<Vec<_>>(), [ana; 3]);
    // Who left the channel where she wrote last is told on the other.
    let sql = "UPDATE contacts SET gone_at = 1 WHERE last_message_at = (SELECT MAX(last_message_at) FROM contacts) \
               RETURNING channel_id";
    assert_eq!(test.texts(sql).await.len(), 1);
    assert_eq!(reached().await, [bea]);
});

both!(who_came_with_two_duplicates_stays_until_both_are_parted, |test| {
    let town = Town::new(&test.store);
    let tomas = officer(1);
    let original = town.open(ANA, town.case("uno")).await;
    let (one, two) = (town.open(BEA, town.case("dos")).await, town.open(BEA, town.case("tres")).await);
    town.write(LUZ, vec![Change::Joined { case_id: one, text: None, began_at: None }]).await.expect("joined");
    for double in [one, two] {
        town.act(tomas, double, Act::Merge { into: original }).await.expect("merged");
        assert_eq!(town.full(original).await.joined, 3);
    }
    town.act(tomas, one, Act::Part).await.expect("parted");
    assert_eq!(town.full(original).await.joined, 2, "Luz goes, Bea stays with her other one");
    town.act(tomas, two, Act::Part).await.expect("parted");
    assert_eq!(town.full(original).await.joined, 1);
    assert_eq!(town.full(one).await.joined, 2);
    // Many voices are heard sooner, whether they come one by one or with a duplicate.
    for number in 0..4 {
        let joined = Change::Joined { case_id: one, text: None, began_at: None };
        town.write(&format!("+52550000020{number}"), vec![joined]).await.expect("joined");
    }
    town.act(tomas, one, Act::Merge { into: original }).await.expect("merged");
    let case = town.full(original).await;
    assert_eq!((case.joined, case.priority), (7, Priority::High));
    // What Bea says of hers reaches the case that goes on.
    town.write(BEA, vec![Change::Written { case_id: one, text: "sigue".to_owned() }]).await.expect("written");
    assert_eq!(town.full(one).await.state, CaseState::Duplicate);
    let thread = test.store.list_case_messages(original, None, 99, true).await.expect("a thread");
    assert_eq!(thread.last().and_then(|it| it.text.as_deref()), Some("sigue"));
});

both!(only_like_cases_are_joined_and_chains_are_parted_from_their_end, |test| {
    let town = Town::new(&test.store);
    let tomas = officer(1);
    let cases = [town.open(ANA, town.case("uno")).await, town.open(BEA, town.case("dos")).await];
    let last = town.open(LUZ, town.case("tres")).await;
    town.act(tomas, cases[0], Act::Merge { into: cases[1] }).await.expect("merged");
    town.act(tomas, cases[1], Act::Merge { into: last }).await.expect("merged");
    assert_eq!(town.full(last).await.joined, 3);
    let parted = town.act(tomas, cases[0], Act::Part).await;
    assert_eq!(parted, Err(Error::Refused("case_original_is_merged")));
    town.act(tomas, cases[1], Act::Part).await.expect("parted");
    assert_eq!((town.full(last).await.joined, town.full(cases[1]).await.joined), (1, 2));
    town.act(tomas, cases[0], Act::Part).await.expect("parted");
    assert_eq!(town.full(cases[1]).await.joined, 1);
    // Whose case nobody else may read is told of none that others read.
    town.act(tomas, cases[0], Act::Close(Confidentiality::Confidential)).await.expect("sealed");
    for (one, other) in [(cases[0], last), (last, cases[0])] {
        let merged = town.act(tomas, one, Act::Merge { into: other }).await;
        assert_eq!(merged, Err(Error::Refused("case_is_closed_otherwise")));
    }
    let resolved = Act::SetState { to: CaseState::Resolved, with: Box::default() };
    town.act(tomas, last, resolved).await.expect("closed");
    let merged = town.act(tomas, cases[1], Act::Merge { into: last }).await;
    assert_eq!(merged, Err(Error::Refused("case_is_no_original")));
});

/// What a phone reads in the answer of a service that has just started.
async fn says(store: &Store, number: u32, phone: &str, text: &str) -> String {
    let at = START.plus(i64::from(number) * 5_000);
    let service = Service::new(store.clone(), facts(), Clock::fixed(at), HashMap::new());
    let message = NewInbound {
        channel_id: "kannel".to_owned(),
        kind: ChannelKind::Sms,
        external_id: Some(format!("m{number}")),
        address: phone.to_owned(),
        text: text.to_owned(),
        location: None,
        payload: None,
        pressed: None,
        provider_at: None,
        received_at: at,
    };
    let answer = service.answer(message).await.expect("kept");
    answer.replies.iter().map(|it| it.rendered.text.as_str()).collect::<Vec<_>>().join(" | ")
}

both!(the_service_starts_anew_between_all_messages_and_a_repeat_joins_no_second_time, |mut test| {
    let text = "QUEJA no cae agua en la col. Mirasol";
    for (number, phone) in [(1, ANA), (10, BEA)] {
        says(&test.store, number, phone, "tlapa").await;
        let asked = says(&test.store, number + 1, phone, text).await;
        assert!(asked.contains("1 Solo la oficina"), "{asked}");
        test.reopen().await;
        let told = says(&test.store, number + 2, phone, "1").await;
        assert_eq!(told.contains("Recibido"), phone == ANA, "{told}");
        assert_eq!(told.contains("1 Si, sumame 2 No"), phone == BEA, "{told}");
        test.reopen().await;
    }
    for _ in 0..2 {
        // The gateway repeats it.
        let told = says(&test.store, 13, BEA, "1").await;
        assert!(told.contains("ya son 2 personas"), "{told}");
        test.reopen().await;
    }
    let since = UnixMillis(0);
    let found = test.store.list_similar(TLAPA, "water", since, 9).await.expect("found");
    assert_eq!(found.iter().map(|it| it.joined).collect::<Vec<_>>(), [2]);
    assert_eq!(test.number("SELECT COUNT(*) FROM case_people").await, 2);
    assert_eq!(test.number("SELECT COUNT(*) FROM case_messages").await, 2);
});
