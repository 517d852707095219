//! Pictures of figures, drawn when they are sent.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::charts;
use crate::domain::chart::Picture;
use crate::service::Service;

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

/// Draws a picture on a thread that may block. Without one the words go alone: that is counted and
/// loses nothing.
pub(super) async fn drawn(service: &Service, picture: Picture) -> Option<Arc<[u8]>> {
    let outcome = match service.sending.pencils.0.acquire().await {
        Ok(_pencil) => {
            let facts = service.facts.load_full();
            let draw = move || charts::draw(&picture.chart, &facts, &picture.locale);
            match tokio::task::spawn_blocking(draw).await {
                Ok(Ok(png)) => {
                    service.metrics.picture("drawn");
                    return Some(Arc::from(png));
                }
                Ok(Err(problem)) => problem.code(),
                Err(_) => "panic",
            }
        }
        Err(_) => "closed",
    };
    tracing::warn!(outcome, "a picture could not be drawn; its words go alone");
    service.metrics.picture(outcome);
    None
}
