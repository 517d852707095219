//! An answer whose end is noticed: a repeat of a message gets the stored answer again until the
//! first was written whole.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};
use tokio::sync::oneshot;

/// A body of one piece that tells when the connection has taken all of it.
///
/// "Taken" is the last that HTTP lets us see: the bytes were handed to the connection, which drops
/// the body after that. A client that went away before leaves the body untaken.
pub(super) struct Watched {
    data: Option<Bytes>,
    written: Option<oneshot::Sender<()>>,
}

/// A body with this text, and what hears of its end; an error there means that it was not taken.
pub(super) fn watched(text: String) -> (Body, oneshot::Receiver<()>) {
    let (written, heard) = oneshot::channel();
    let body = Watched { data: Some(Bytes::from(text)), written: Some(written) };
    (Body::new(body), heard)
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(self.data.take().map(|it| Ok(Frame::data(it))))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.as_ref().map_or(0, |it| it.len() as u64))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if self.data.is_none()
            && let Some(written) = self.written.take()
        {
            // Nobody listens when the service is going down; the answer is then repeated once.
            let _ = written.send(());
        }
    }
}
