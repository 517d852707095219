//! Replies: what is said, before it is put into words.

/// What is said; the rendering of a channel puts it into words.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Placeholder.
    Nothing,
}
