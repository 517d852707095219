//! The limits that Telegram asks its bots to keep: "Bots FAQ", "My bot is hitting limits".

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// The limits that Telegram asks for: 30 messages a second, measured over 5 s, and one a second in a
/// chat after a burst of 3.
#[derive(Debug)]
pub(super) struct Paces {
    /// How many of these seconds pass in one of the clock's.
    speed: u32,
    sent: VecDeque<tokio::time::Instant>,
    chats: HashMap<i64, (tokio::time::Instant, f64)>,
    /// How many messages were refused.
    pub(super) refused: u32,
}

impl Paces {
    /// Limits on a time that runs `speed` times as fast as the clock.
    pub(super) fn at(speed: u32) -> Self {
        Self { speed, sent: VecDeque::new(), chats: HashMap::new(), refused: 0 }
    }

    /// Takes a message or says after how many seconds it may come.
    pub(super) fn take(&mut self, chat: i64) -> Result<(), u32> {
        const WINDOW: Duration = Duration::from_secs(5);
        const BURST: f64 = 3.0;
        let now = tokio::time::Instant::now();
        while self.sent.front().is_some_and(|it| now.duration_since(*it) * self.speed > WINDOW) {
            self.sent.pop_front();
        }
        let (last, left) = self.chats.get(&chat).copied().unwrap_or((now, BURST));
        let passed = now.duration_since(last) * self.speed;
        let left = (left + passed.as_secs_f64()).min(BURST);
        if self.sent.len() >= 150 || left < 1.0 {
            self.refused += 1;
            return Err(1);
        }
        self.sent.push_back(now);
        self.chats.insert(chat, (now, left - 1.0));
        Ok(())
    }
}
