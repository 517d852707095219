//! Pictures of figures, drawn when somebody is to see them.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::Service;
use crate::charts;
use crate::domain::chart::Picture;

/// Pictures that are drawn at once: each takes a processor and some megabytes.
const AT_ONCE: usize = 2;

/// Who may draw now.
#[derive(Debug)]
pub(super) struct Pencils(Semaphore);

impl Default for Pencils {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

impl Service {
    /// Draws a picture as PNG on a thread that may block; `None` where it can't be drawn, which is counted.
    pub async fn draw(&self, picture: Picture) -> Option<Arc<[u8]>> {
        let outcome = match self.pencils.0.acquire().await {
            Ok(_pencil) => {
                let facts = self.facts.load_full();
                let draw = move || charts::draw(&picture.chart, &facts, &picture.locale);
                match tokio::task::spawn_blocking(draw).await {
                    Ok(Ok(png)) => {
                        self.metrics.picture("drawn");
                        return Some(Arc::from(png));
                    }
                    Ok(Err(problem)) => problem.code(),
                    Err(_) => "panic",
                }
            }
            Err(_) => "closed",
        };
        tracing::warn!(outcome, "a picture could not be drawn");
        self.metrics.picture(outcome);
        None
    }
}
