//! Receipts in any order, doubled and late: each attempt only moves forward, and the message with it.

use cabildo_bot::channels::gateway::AttemptToken;
use cabildo_bot::channels::render::{Rendered, ReplyKind};
use cabildo_bot::domain::purpose::Purpose;
use cabildo_bot::store::Store;
use cabildo_bot::store::outbox::{Arrival, NewOutbound, Settled};
use cabildo_tests::stores::{START, inbound};
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

/// Cases in memory.
const CASES: usize = 10_000;
/// Cases on a server, which takes longer for each.
const ON_A_SERVER: usize = 500;
/// Cases beside each other: they share commits.
const TOGETHER: usize = 100;

/// What happens to an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    /// A receipt.
    Receipt(Arrival),
    /// The gateway's answer to the call.
    Answer(u8),
    /// The lease lapses without one.
    Silence,
}

/// The receipts of one attempt, doubled, and the answer, shuffled.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let arrival = prop_oneof![
        Just(Arrival::Accepted),
        Just(Arrival::Delivered),
        Just(Arrival::Failed),
        Just(Arrival::Expired)
    ];
    let receipt = (arrival, 1..4_usize).prop_map(|(it, times)| vec![Step::Receipt(it); times]);
    let receipts = proptest::collection::vec(receipt, 0..4).prop_map(|it| it.concat());
    let answer = prop_oneof![(0..4_u8).prop_map(Step::Answer), Just(Step::Silence)];
    (receipts, answer, any::<bool>())
        .prop_map(|(mut steps, answer, late)| {
            steps.push(answer);
            if late {
                // The worker was believed dead and answers after all.
                steps.push(Step::Silence);
            }
            steps
        })
        .prop_shuffle()
}

fn rank(state: &str) -> u8 {
    match state {
        "dispatched" => 0,
        "unknown" => 1,
        "accepted" => 2,
        "failed" | "expired" | "abandoned" => 3,
        "delivered" => 4,
        other => panic!("{other} is no state of an attempt"),
    }
}

async fn attempts(store: &Store, id: Uuid) -> (String, Vec<String>) {
    let (shown, attempts) = store.show_outbound(id).await.expect("read").expect("a message");
    (shown.state, attempts.into_iter().map(|it| it.state).collect())
}

async fn take(store: &Store, id: Uuid, attempt: i64, step: Step) {
    let token = AttemptToken { message: id, attempt };
    match step {
        Step::Receipt(arrival) => {
            store.report_outbound(token, "kannel", arrival, START).await.expect("noted");
        }
        Step::Answer(which) => {
            let settled = match which {
                0 => Settled::Accepted(Some("gw".to_owned())),
                1 => Settled::Retry(START, "busy".to_owned()),
                2 => Settled::Failed("no".to_owned()),
                _ => Settled::Unknown,
            };
            store.settle_outbound(id, attempt, settled, START).await.expect("settled");
        }
        Step::Silence => {
            store.settle_outbound(id, attempt, Settled::Unknown, START).await.expect("settled");
        }
    }
}

/// One message through two attempts; the second begins where the first left it to be sent again.
async fn case(
    store: Store,
    id: Uuid,
    contact_id: Uuid,
    first: Vec<Step>,
    second: Vec<Step>,
    late: Vec<Step>,
) {
    let rendered = Rendered {
        kind: ReplyKind::Answer,
        text: "x".to_owned(),
        municipality: None,
        choices: vec![],
        edit: false,
        segments: 1,
        picture: None,
    };
    let message = NewOutbound {
        id,
        contact_id,
        purpose: Purpose::Reply,
        campaign: None,
        rendered,
        not_before: START,
        at: START,
    };
    assert_eq!(store.add_outbound(message).await, Ok(true));
    let mut seen = [0; 2];
    let mut on_the_phone = false;
    for (number, steps) in (1..).zip([&first, &second]) {
        if store.claim_these(vec![id], START).await.expect("claimed").is_empty() {
            break;
        }
        assert_eq!(store.dispatch_outbound(id, number, START).await, Ok(true));
        // Receipts of the first attempt go on while the second is under way.
        let old = if number == 2 { late.as_slice() } else { &[] };
        let all = steps
            .iter()
            .map(|it| (number, *it))
            .chain(old.iter().filter(|it| matches!(it, Step::Receipt(_))).map(|it| (1, *it)));
        for (attempt, step) in all {
            take(&store, id, attempt, step).await;
            on_the_phone |= step == Step::Receipt(Arrival::Delivered);
            let (state, states) = attempts(&store, id).await;
            for (seen, state) in seen.iter_mut().zip(&states) {
                assert!(rank(state) >= *seen, "{state} after {seen}: {first:?} {second:?} {late:?}");
                *seen = rank(state);
            }
            if on_the_phone {
                assert_eq!(state, "delivered", "{first:?} {second:?} {late:?}");
            } else if state != "queued" {
                // The message shows its last attempt.
                assert_eq!(Some(&state), states.last(), "{first:?} {second:?} {late:?}");
            }
        }
    }
    // Who has it does not get it again.
    if on_the_phone {
        assert!(store.claim_these(vec![id], START).await.expect("claimed").is_empty());
    }
}

async fn run(store: &Store, cases: usize) {
    let contact_id = Uuid::from_u128(1_000);
    store.accept_inbound(inbound("+5255", "1", "x"), Uuid::from_u128(1), contact_id).await.expect("kept");
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let strategy = (steps(), steps(), steps());
    let mut number = 0;
    while number < cases {
        let mut together = tokio::task::JoinSet::new();
        for _ in 0..TOGETHER {
            let (first, second, late) = strategy.new_tree(&mut runner).expect("a case").current();
            number += 1;
            let id = Uuid::from_u128(10_000 + number as u128);
            together.spawn(case(store.clone(), id, contact_id, first, second, late));
        }
        // A case that fails has shown itself.
        together.join_all().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_only_move_forward_in_memory() {
    let store = Store::open_in_memory(START).await.expect("a store");
    run(&store, CASES).await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_only_move_forward_on_postgres() {
    let Some(test) = cabildo_tests::stores::TestStore::postgres().await else { return };
    run(&test.store, ON_A_SERVER).await;
    test.finish().await;
}
