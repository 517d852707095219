//! Each method of the store means the same on both engines.

/// Makes a test for each engine of one case, a block over a `TestStore`: `|test|`, or `|mut test|`
/// where it opens the store again.
macro_rules! both {
    ($name:ident, |mut $test:ident| $case:block) => {
        both!(@ $name, $test, (mut $test), $case);
    };
    ($name:ident, |$test:ident| $case:block) => {
        both!(@ $name, $test, ($test), $case);
    };
    (@ $name:ident, $test:ident, ($($bound:tt)*), $case:block) => {
        mod $name {
            use super::*;

            async fn case($($bound)*: cabildo_tests::stores::TestStore) {
                $case
                $test.finish().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                case(cabildo_tests::stores::TestStore::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(test) = cabildo_tests::stores::TestStore::postgres().await {
                    case(test).await;
                }
            }
        }
    };
}

mod audit;
mod broadcast_edges;
mod broadcast_halts;
mod broadcasts;
mod cases;
mod contacts;
mod corrections;
mod demand_words;
mod demands;
mod demands_guarded;
mod demands_support;
mod desk;
mod desk_work;
mod erasures;
mod gateways;
mod highlights;
mod highlights_told;
mod hints;
mod inbox;
mod jobs;
mod leaders;
mod links;
mod media;
mod nights;
mod outbox;
mod privacy;
mod receipts;
mod report;
mod retention;
mod rights;
mod rotation;
mod sealed;
mod sending;
mod series;
mod service;
mod staff;
mod watched;
