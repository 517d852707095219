//! What happens to the console, and what it wants done: the two sides of `handle(event) -> effects`.

use crossterm::event::KeyEvent;
use uuid::Uuid;

use crate::api::demands::Picture;
use crate::api::{Answer, Ask, Failure, Link};
use crate::data::FeedEvent;
use crate::safe::SafeText;
use crate::session::{KeptDraft, Place};

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// A key.
    Key(KeyEvent),
    /// Pasted text, which never acts as keys.
    Paste(SafeText),
    /// The window has another size.
    Resize(u16, u16),
    /// Time passed.
    Tick,
    /// An event of the feed.
    Feed(FeedEvent),
    /// The feed goes or does not.
    Link(Link),
    /// The session ended elsewhere.
    SignedOut,
    /// An answer to what was asked under a number.
    Answer(u64, Box<Result<Answer, Failure>>),
    /// The editor outside was closed.
    Edited(Edited),
    /// The drafts that were kept for who is signed in.
    Drafts(Vec<KeptDraft>),
    /// A photo was kept in this file.
    PictureKept(SafeText),
    /// A chart was written into this file.
    ChartKept(SafeText),
    /// A file could not be written or removed: the key of what is said.
    FileFailed(&'static str),
    /// The process is asked to end.
    Terminate,
}

/// When the screen is to be drawn anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Redraw {
    /// It shows what there is.
    #[default]
    Not,
    /// With the next frame: nobody's key waits for it.
    Soon,
    /// At once.
    Now,
}

/// What came of the editor outside.
#[derive(Debug)]
pub enum Edited {
    /// The text as it is now.
    Text(SafeText),
    /// It did not end well: where what it wrote is kept, if it wrote something.
    Failed(Option<SafeText>),
}

/// Something that is to be done.
#[derive(Debug)]
pub enum Effect {
    /// Asks the service.
    Ask(u64, Ask),
    /// Follows the feed from now on.
    Follow,
    /// Keeps the token, or removes it.
    KeepToken,
    /// Removes the token from the disk; the session goes on.
    ForgetToken,
    /// Reads the drafts of an account.
    ReadDrafts(Uuid),
    /// Keeps a draft on disk; an empty one is removed.
    KeepDraft {
        /// The account of who wrote it.
        owner: Uuid,
        /// The case.
        case: Uuid,
        /// Whether it is a note.
        note: bool,
        /// The text.
        text: SafeText,
    },
    /// Keeps a photo in a file of this name, until the session ends.
    KeepPicture {
        /// The name, made by us.
        name: String,
        /// What is in it.
        picture: Picture,
    },
    /// Writes a chart into a file of this name, without its ending, where the console was started.
    KeepChart {
        /// The name, made by us.
        name: String,
        /// What is in it.
        picture: Picture,
    },
    /// Keeps where the console stands.
    KeepPlace(Box<Place>),
    /// Into the clipboard.
    Copy(SafeText),
    /// Opens the text in an editor outside.
    Edit(SafeText),
    /// The title of the window.
    Title(SafeText),
    /// Stops until `fg`.
    Suspend,
    /// Leaves.
    Quit,
}
