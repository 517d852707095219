//! Chats that write to a bot: each waits until Telegram may forget its update, which is the
//! acknowledgement of this channel, and then a while for its reply.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::phones::TEXTS;
use crate::bot_api::{BotApi, DATE};
use crate::history::{Marker, Recorder, Seen};

/// How long a person waits for a reply before she writes again: it may be lost with the answer of
/// Telegram, and nobody sends it again then.
const READS: Duration = Duration::from_secs(1);
/// How often a chat looks.
const LOOK: Duration = Duration::from_millis(10);

/// Chats at work.
#[derive(Debug)]
pub struct Chats {
    api: BotApi,
    recorder: Arc<Recorder>,
    stop: Arc<AtomicBool>,
    tasks: JoinSet<()>,
    acknowledged: Arc<AtomicU64>,
}

impl Chats {
    /// Starts so many of them; messages are numbered from `first` upwards over all chats. One update in five
    /// comes twice, and updates stand in the queue in any order.
    pub fn start(api: &BotApi, recorder: &Arc<Recorder>, chats: u32, first: u64, seed: u64) -> Self {
        let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let numbers = Arc::new(AtomicU64::new(first));
        let mut tasks = JoinSet::new();
        for chat in 0..chats {
            let mut random = fastrand::Rng::with_seed(seed ^ (u64::from(chat) << 40));
            let (api, recorder, stop) = (api.clone(), Arc::clone(recorder), Arc::clone(&stop));
            let (numbers, acknowledged) = (Arc::clone(&numbers), Arc::clone(&acknowledged));
            tasks.spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    let number = numbers.fetch_add(1, Ordering::SeqCst);
                    // One message in ten comes from a chat that never wrote before.
                    let from = if random.u32(0..10) == 0 { number } else { u64::from(chat) };
                    let from = 714_000_000 + i64::try_from(from).expect("an id of a chat");
                    let text = TEXTS[random.usize(0..TEXTS.len())];
                    let copies = 1 + usize::from(random.u32(0..5) == 0);
                    let skip = random.usize(0..4);
                    let update = api.write_in_disorder(from, &format!("{text} #{number}"), copies, skip);
                    let id = format!("{update}-{DATE}");
                    recorder.note(Seen::Sent(id.clone()));
                    while api.waits(update) {
                        tokio::time::sleep(LOOK).await;
                    }
                    let keeper = Arc::clone(&recorder);
                    tokio::task::spawn_blocking(move || keeper.acknowledge(&id)).await.expect("kept");
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                    let until = Instant::now() + READS;
                    let answered = |it: &str| Marker::find(it).is_some_and(|mark| mark.number == number);
                    while Instant::now() < until && !api.sent(from).iter().any(|it| answered(&it.text)) {
                        tokio::time::sleep(LOOK).await;
                    }
                }
            });
        }
        Self { api: api.clone(), recorder: Arc::clone(recorder), stop, tasks, acknowledged }
    }

    /// Lets every chat end its message, for `patience` at most; how many updates were acknowledged.
    pub async fn finish(&mut self, patience: Duration) -> u64 {
        self.stop.store(true, Ordering::SeqCst);
        let ended = async {
            while let Some(ended) = self.tasks.join_next().await {
                ended.expect("a chat");
            }
        };
        tokio::time::timeout(patience, ended).await.expect("every update is confirmed in time");
        self.acknowledged.load(Ordering::SeqCst)
    }

    /// Notes what the chats show, once nothing is sent any more; how many replies that are.
    pub fn note_shown(self) -> usize {
        let shown: Vec<Marker> = self.api.shown().iter().filter_map(|it| Marker::find(&it.text)).collect();
        for mark in &shown {
            self.recorder.note(Seen::Shown(*mark));
        }
        shown.len()
    }
}
