//! An answer whose end is noticed: a repeat of a message gets the stored answer again until the
//! first was written whole.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};

/// What is told once the body has ended: whether the connection took all of it.
type Ended = Box<dyn FnOnce(bool) + Send>;

/// A body of one piece that tells whether the connection has taken all of it.
///
/// "Taken" is the last that HTTP lets us see: the bytes were handed to the connection, which drops
/// the body after that. A client that went away before leaves the body untaken.
pub(super) struct Watched {
    data: Option<Bytes>,
    ended: Option<Ended>,
}

/// A body with this text, and what hears of its end.
pub(super) fn watched(text: String, ended: impl FnOnce(bool) + Send + 'static) -> Body {
    Body::new(Watched { data: Some(Bytes::from(text)), ended: Some(Box::new(ended)) })
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
        if let Some(ended) = self.ended.take() {
            ended(self.data.is_none());
        }
    }
}
