//! Phones that write through a gateway like Kannel: each waits for its answer, and the gateway repeats
//! a message by the same id until it is acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::KEY;
use crate::history::{Marker, Recorder, Seen};

/// What people write: places, questions, choices, nonsense.
pub(super) const TEXTS: &[&str] = &[
    "tlapa",
    "agua",
    "comida",
    "mejores",
    "1",
    "ometepec",
    "tendencia",
    "neza",
    "fuente",
    "guadalajra",
    "mas",
    "san juan",
    "2",
    "ayuda",
    "merida",
    "quien",
    "familia 2",
    "41304",
    "buenos dias señorita",
    "luz",
    "oaxaca de juarez",
    "3",
    "leon",
    "pobreza",
    "chilapa",
];

/// How phones write.
#[derive(Clone, Debug)]
pub struct Load {
    /// Base of the service's URL.
    pub url: String,
    /// Phones at once.
    pub phones: u32,
    /// Longest time of one request; a longer one counts as cut.
    pub patience: Duration,
    /// Wait between two messages of a phone.
    pub pause: Duration,
    /// Wait before a message is repeated.
    pub again: Duration,
    /// Seed of what they write.
    pub seed: u64,
}

/// The numbers of a run.
#[derive(Debug, Default)]
pub struct Counts {
    /// Requests that were answered with a success.
    pub acknowledged: AtomicU64,
    /// Requests that were answered with something else.
    pub refused: AtomicU64,
    /// Requests that were cut or not answered in time.
    pub cut: AtomicU64,
    /// The longest time to an answer of any kind, µs.
    pub slowest: AtomicU64,
}

/// Phones at work.
#[derive(Debug)]
pub struct Phones {
    stop: Arc<AtomicBool>,
    tasks: JoinSet<()>,
    /// What they counted.
    pub counts: Arc<Counts>,
}

impl Phones {
    /// Starts them; messages are numbered from `first` upwards over all phones.
    pub fn start(load: &Load, recorder: &Arc<Recorder>, first: u64) -> Self {
        let client = reqwest::Client::builder().timeout(load.patience).no_proxy().build().expect("a client");
        let (stop, counts) = (Arc::new(AtomicBool::new(false)), Arc::new(Counts::default()));
        let numbers = Arc::new(AtomicU64::new(first));
        let mut tasks = JoinSet::new();
        for phone in 0..load.phones {
            let writer = Writer {
                load: load.clone(),
                client: client.clone(),
                recorder: Arc::clone(recorder),
                counts: Arc::clone(&counts),
            };
            let (stop, numbers) = (Arc::clone(&stop), Arc::clone(&numbers));
            let mut random = fastrand::Rng::with_seed(load.seed ^ (u64::from(phone) << 32));
            tasks.spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    let number = numbers.fetch_add(1, Ordering::SeqCst);
                    // One message in ten comes from a number that never wrote before.
                    let from = if random.u32(0..10) == 0 {
                        format!("+5255{:08}", 40_000_000 + number)
                    } else {
                        format!("+5255{:08}", 10_000_000 + phone)
                    };
                    let text = TEXTS[random.usize(0..TEXTS.len())];
                    writer.write(&from, text, number).await;
                    tokio::time::sleep(writer.load.pause).await;
                }
            });
        }
        Self { stop, tasks, counts }
    }

    /// Lets every phone end its message, for `patience` at most.
    pub async fn finish(self, patience: Duration) -> Arc<Counts> {
        self.stop.store(true, Ordering::SeqCst);
        let mut tasks = self.tasks;
        let ended = async {
            while let Some(ended) = tasks.join_next().await {
                ended.expect("a phone");
            }
        };
        tokio::time::timeout(patience, ended).await.expect("every message is acknowledged in time");
        self.counts
    }
}

struct Writer {
    load: Load,
    client: reqwest::Client,
    recorder: Arc<Recorder>,
    counts: Arc<Counts>,
}

impl Writer {
    /// Writes one message until it is acknowledged.
    async fn write(&self, from: &str, text: &str, number: u64) {
        let id = format!("m-{number}");
        let url = reqwest::Url::parse_with_params(
            &format!("{}/webhooks/sms/telco", self.load.url),
            [
                ("key", KEY),
                ("from", from),
                ("to", "55555"),
                ("id", &id),
                ("text", &format!("{text} #{number}")),
            ],
        )
        .expect("a URL");
        loop {
            self.recorder.note(Seen::Sent(id.clone()));
            let began = Instant::now();
            let answered = match self.client.get(url.clone()).send().await {
                Ok(response) => {
                    let good = response.status().is_success();
                    response.text().await.map(|body| (good, body))
                }
                Err(problem) => Err(problem),
            };
            let took = began.elapsed().as_micros() as u64;
            match answered {
                Ok((good, body)) => {
                    self.counts.slowest.fetch_max(took, Ordering::SeqCst);
                    if good {
                        self.counts.acknowledged.fetch_add(1, Ordering::SeqCst);
                        let (recorder, id) = (Arc::clone(&self.recorder), id.clone());
                        let kept = tokio::task::spawn_blocking(move || {
                            if let Some(marker) = Marker::find(&body) {
                                recorder.note(Seen::Body(id.clone(), marker));
                            }
                            recorder.acknowledge(&id);
                        });
                        kept.await.expect("kept");
                        return;
                    }
                    self.counts.refused.fetch_add(1, Ordering::SeqCst);
                }
                Err(_) => {
                    self.counts.cut.fetch_add(1, Ordering::SeqCst);
                }
            }
            tokio::time::sleep(self.load.again).await;
        }
    }
}
