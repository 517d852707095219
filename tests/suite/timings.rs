//! Measurements on demand, reported and never asserted: `cargo test -p cabildo-tests -- --ignored
//! --nocapture timings`.

use std::io::Write as _;
use std::time::{Duration, Instant};

use cabildo_tests::stores::{TestStore, inbound};
use uuid::Uuid;

const SPAN: Duration = Duration::from_secs(3);

/// Durable appends of 4 KiB a second: what the disk gives without a database.
fn raw_syncs(folder: &std::path::Path) -> f64 {
    let mut file = std::fs::File::create(folder.join("raw")).expect("a file");
    let began = Instant::now();
    let mut count = 0_u32;
    while began.elapsed() < SPAN {
        file.write_all(&[7; 4_096]).expect("written");
        file.sync_data().expect("synced");
        count += 1;
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}

/// Messages accepted a second by `callers` that each wait for their commit.
async fn accepted(test: &TestStore, callers: u128) -> f64 {
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for caller in 0..callers {
        let store = test.store.clone();
        tasks.spawn(async move {
            let mut count = 0_u32;
            while began.elapsed() < SPAN {
                let id = (callers << 96) | (caller << 64) | u128::from(count) << 1;
                let new = inbound(&format!("+52{caller}"), &id.to_string(), "tlapa");
                store.accept_inbound(new, Uuid::from_u128(id), Uuid::from_u128(id | 1)).await.expect("kept");
                count += 1;
            }
            count
        });
    }
    let count: u32 = tasks.join_all().await.into_iter().sum();
    f64::from(count) / began.elapsed().as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn durable_messages_beside_raw_syncs() {
    let test = TestStore::sqlite().await;
    println!("raw fdatasync of 4 KiB: {:.0}/s", raw_syncs(&test.folder()));
    for callers in [1, 32, 256] {
        println!("SQLite, {callers} callers: {:.0} messages/s", accepted(&test, callers).await);
    }
    test.finish().await;
    let Some(test) = TestStore::postgres().await else { return };
    for callers in [1, 32, 256] {
        println!("PostgreSQL without fsync, {callers} callers: {:.0}/s", accepted(&test, callers).await);
    }
    test.finish().await;
}
