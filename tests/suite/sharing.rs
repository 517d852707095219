//! Two processes on one `PostgreSQL`: hints make them quicker, and nothing depends on a hint.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cabildo_bot::channels::gateway::{Gateway, Gateways};
use cabildo_bot::clock::Clock;
use cabildo_bot::jobs;
use cabildo_bot::service::Service;
use cabildo_bot::store::{Location, Store};
use cabildo_tests::serving::{PATIENCE, facts};
use cabildo_tests::stores::{START, TestStore, inbound};
use sqlx::postgres::PgListener;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// In the place of the server's own function: every hint is dropped.
const DROP_HINTS: [&str; 2] = [
    "CREATE FUNCTION public.pg_notify(text, text) RETURNS void LANGUAGE sql AS ''",
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); \
     END $$",
];

/// One process that accepts and does nothing else, and one that does all the work.
struct Two {
    door: Arc<Service>,
    worker: Arc<Service>,
    /// Hints that reached the database's listeners.
    heard: Arc<AtomicUsize>,
    began: Instant,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

fn service(store: Store, poll: Duration) -> Arc<Service> {
    let gateways: Gateways = [("kannel".to_owned(), Gateway::Memory(Mutex::default()))].into_iter().collect();
    let mut service = Service::new(store, facts(), Clock::fixed(START), gateways);
    service.limits.poll = poll;
    Arc::new(service)
}

impl Two {
    /// Starts both; the worker looks for itself every `poll`.
    async fn start(test: &TestStore, poll: Duration) -> Self {
        let Location::Postgres(url) = &test.location else { panic!("a server") };
        let other = Store::open(&test.location, &test.key_file(), START).await.expect("a store");
        let (door, worker) = (service(test.store.clone(), poll), service(other, poll));
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        for service in [&door, &worker] {
            let (service, stop) = (Arc::clone(service), stop.clone());
            tasks.spawn(async move { jobs::hints::run(&service, &stop).await });
        }
        tasks.spawn(jobs::run(Arc::clone(&worker), stop.clone()));
        let heard = Arc::new(AtomicUsize::new(0));
        let mut listener = PgListener::connect(url).await.expect("a connection");
        listener.listen("cabildo").await.expect("it listens");
        let (counter, until) = (Arc::clone(&heard), stop.clone());
        tasks.spawn(async move {
            while let Some(hint) = until.run_until_cancelled(listener.recv()).await {
                hint.expect("a hint");
                counter.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { door, worker, heard, began: Instant::now(), stop, tasks }
    }

    fn sent(&self) -> usize {
        let Gateway::Memory(sent) = &self.worker.gateways["kannel"] else { panic!("a memory") };
        sent.lock().expect("not poisoned").len()
    }

    /// A message comes in at the door; waits until the worker has sent something, and gives how long it took.
    async fn ask(&self, number: usize) -> Duration {
        let (before, began) = (self.sent(), Instant::now());
        self.accept(number).await;
        let answered = async {
            while self.sent() == before {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, answered).await.expect("the other process answers");
        began.elapsed()
    }

    async fn accept(&self, number: usize) {
        let message = inbound(&format!("+5255{:08}", 10_000_000 + number), &number.to_string(), "tlapa");
        assert!(self.door.accept(message).await.expect("kept").fresh);
    }

    /// Waits until all `count` messages are answered, and ends both; how many hints there were, and in
    /// how many seconds.
    async fn finish(mut self, count: i64) -> (usize, f64) {
        let store = &self.door.store;
        let rest = async {
            loop {
                let handled = store.count_inbound("handled").await.expect("a count");
                let outbox = store.count_outbound().await.expect("states");
                if handled == count
                    && matches!(&outbox[..], [(state, sent)] if state == "accepted" && *sent >= count)
                {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, rest).await.expect("nothing is lost");
        let (hints, seconds) = (self.heard.load(Ordering::SeqCst), self.began.elapsed().as_secs_f64());
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.expect("ended");
        }
        self.worker.store.close().await;
        (hints, seconds)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hint_wakes_the_other_process_and_hints_are_few() {
    let Some(test) = TestStore::postgres().await else { return };
    // Who never looks answers what it is told of.
    let two = Two::start(&test, Duration::from_hours(1)).await;
    for number in 0..3 {
        two.ask(number).await;
    }
    for number in 3..203 {
        two.accept(number).await;
    }
    let (hints, seconds) = two.finish(203).await;
    eprintln!("{hints} hints of two processes in {seconds:.1} s");
    assert!(hints >= 2, "{hints} hints");
    // One a second from each, and the first.
    assert!(hints as f64 <= 2.0 * (seconds + 1.0), "{hints} hints in {seconds} s");
    test.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_every_hint_dropped_all_is_answered_by_looking() {
    let Some(mut test) = TestStore::postgres().await else { return };
    for statement in DROP_HINTS {
        test.texts(statement).await;
    }
    test.reopen().await;
    let two = Two::start(&test, Duration::from_secs(1)).await;
    let mut slowest = Duration::ZERO;
    for number in 0..5 {
        slowest = slowest.max(two.ask(number).await);
    }
    let (hints, _) = two.finish(5).await;
    eprintln!("without hints the slowest answer took {} ms (goal: 1500)", slowest.as_millis());
    assert_eq!(hints, 0, "hints were to be dropped");
    test.finish().await;
}
