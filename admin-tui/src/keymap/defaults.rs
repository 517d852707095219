//! The keys that there are unless `keymap.toml` says otherwise.

use super::Command;

/// Commands and their keys.
pub(super) type Rows = &'static [(Command, &'static [&'static str])];

/// Everywhere.
pub(super) const GLOBAL: Rows = &[
    (Command::Down, &["j", "Down"]),
    (Command::Up, &["k", "Up"]),
    (Command::First, &["g g", "Home"]),
    (Command::Last, &["G", "End"]),
    (Command::HalfDown, &["Ctrl-D"]),
    (Command::HalfUp, &["Ctrl-U"]),
    (Command::PageDown, &["PgDn"]),
    (Command::PageUp, &["PgUp"]),
    (Command::NextPane, &["l", "Tab", "Right"]),
    (Command::PreviousPane, &["h", "Shift-Tab", "Left"]),
    (Command::Open, &["Enter"]),
    (Command::Back, &["Esc"]),
    (Command::Quit, &["q"]),
    (Command::Help, &["?"]),
    (Command::Palette, &[":", "Ctrl-P"]),
    (Command::Undo, &["u", "z"]),
    (Command::Redo, &["Ctrl-R"]),
    (Command::Refresh, &["R"]),
    (Command::Suspend, &["Ctrl-Z"]),
    (Command::GoQueue, &["g q"]),
    (Command::GoMyWork, &["g m"]),
    (Command::GoFeedback, &["g f"]),
    (Command::GoUnknown, &["g t"]),
    (Command::GoNotices, &["g n"]),
    (Command::GoOutbox, &["g o"]),
    (Command::GoHealth, &["g w"]),
    (Command::GoAudit, &["g a"]),
    (Command::GoUsers, &["g u"]),
    (Command::GoBenchmarks, &["g b"]),
    (Command::GoDemands, &["g d"]),
    (Command::GoLeaders, &["g v"]),
    (Command::GoClusters, &["g l"]),
    (Command::GoAuthorMessages, &["g e"]),
    (Command::GoCommitments, &["g k"]),
    (Command::GoHighlights, &["g h"]),
    (Command::GoBroadcasts, &["g r"]),
    (Command::GoCharts, &["g c"]),
];

/// What is done to a case, wherever one is.
pub(super) const WORK: Rows = &[
    (Command::Take, &["a"]),
    (Command::Assign, &["A"]),
    (Command::Office, &["H"]),
    (Command::Reply, &["r"]),
    (Command::Note, &["i"]),
    (Command::Canned, &["c"]),
    (Command::Resolve, &["e"]),
    (Command::CloseNotOurs, &["x 1"]),
    (Command::CloseSpam, &["x 2"]),
    (Command::CloseUnfixed, &["x 3"]),
    (Command::CloseDuplicate, &["x 4"]),
    (Command::SnoozeToday, &["w 1"]),
    (Command::SnoozeTomorrow, &["w 2"]),
    (Command::SnoozeWeek, &["w 3"]),
    (Command::SnoozeReply, &["w 4"]),
    (Command::Wake, &["w 0"]),
    (Command::Status, &["s"]),
    (Command::Priority, &["p"]),
    (Command::Labels, &["t"]),
    (Command::Urgent, &["!"]),
    (Command::Language, &["L"]),
    (Command::Repeat, &["."]),
    (Command::Similar, &["="]),
    (Command::LinkDemand, &["d"]),
    (Command::CopyId, &["y i"]),
    (Command::CopyText, &["y t"]),
    (Command::CopyLink, &["y l"]),
    (Command::Raw, &["v"]),
    (Command::Macros, &["0"]),
    (Command::Macro1, &["1", "F1"]),
    (Command::Macro2, &["2", "F2"]),
    (Command::Macro3, &["3", "F3"]),
    (Command::Macro4, &["4", "F4"]),
    (Command::Macro5, &["5", "F5"]),
    (Command::Macro6, &["6", "F6"]),
    (Command::Macro7, &["7", "F7"]),
    (Command::Macro8, &["8", "F8"]),
    (Command::Macro9, &["9", "F9"]),
];

/// Queue and My work.
pub(super) const QUEUE: Rows = &[
    (Command::Find, &["/"]),
    (Command::Filter, &["f"]),
    (Command::Views, &["F"]),
    (Command::Sort, &["S"]),
    (Command::NextCase, &["J"]),
    (Command::PreviousCase, &["K"]),
];

/// One case.
pub(super) const CASE: Rows =
    &[(Command::NextCase, &["J"]), (Command::PreviousCase, &["K"]), (Command::Media, &["o"])];

/// Feedback.
pub(super) const FEEDBACK: Rows = &[
    (Command::Show, &["1", "F1"]),
    (Command::Hide, &["2", "F2"]),
    (Command::AskAuthor, &["3", "F3"]),
    (Command::ShowSame, &["="]),
];

/// Texts that were not understood.
pub(super) const UNKNOWN: Rows =
    &[(Command::AnswerText, &["r"]), (Command::OpenCase, &["n"]), (Command::Dismiss, &["x"])];

/// What waits for who is signed in.
pub(super) const NOTICES: Rows = &[(Command::Seen, &["x"]), (Command::SeenAll, &["X"])];

/// What staff sent.
pub(super) const OUTBOX: Rows =
    &[(Command::Retry, &["r"]), (Command::Arrived, &["a"]), (Command::GiveUp, &["x"])];

/// The audit trail.
pub(super) const AUDIT: Rows = &[(Command::Verify, &["V"])];

/// Demands: the list decides what one of them does.
pub(super) const DEMANDS: Rows = &[
    (Command::PublishDemand, &["p"]),
    (Command::RejectDemand, &["x"]),
    (Command::HandDemandOver, &["H"]),
    (Command::AnswerDemand, &["r"]),
    (Command::MergeDemand, &["m"]),
    (Command::PartDemand, &["M"]),
    (Command::ClearFlags, &["c"]),
    (Command::EnterActa, &["a"]),
];

/// One demand.
pub(super) const DEMAND: Rows = &[
    (Command::VoidActa, &["V"]),
    (Command::CallActa, &["C"]),
    (Command::Promise, &["P"]),
    (Command::Steps, &["e"]),
    (Command::DecideMessage, &["w"]),
    (Command::Endorse, &["E"]),
    (Command::UnlinkCase, &["X"]),
    (Command::LinkedCases, &["o"]),
    (Command::WriteSupporters, &["B"]),
];

/// Promises.
pub(super) const PROMISES: Rows = &[(Command::Steps, &["e"])];

/// Those who asked to be known as leaders.
pub(super) const LEADERS: Rows = &[
    (Command::VerifyLeader, &["1", "F1"]),
    (Command::RefuseLeader, &["2", "F2"]),
    (Command::ShowNumber, &["3", "F3"]),
];

/// Groups of like cases.
pub(super) const CLUSTERS: Rows = &[(Command::OpenDemand, &["o"])];

/// Cards about what worked.
pub(super) const HIGHLIGHTS: Rows = &[(Command::GoCandidates, &["n"])];

/// One card.
pub(super) const HIGHLIGHT: Rows = &[
    (Command::NextPreview, &["p"]),
    (Command::EditCard, &["e"]),
    (Command::SubmitCard, &["s"]),
    (Command::ApproveCard, &["a"]),
    (Command::RejectCard, &["x"]),
    (Command::ClearFindings, &["c"]),
    (Command::BroadcastCard, &["m"]),
    (Command::CardAudience, &["A"]),
    (Command::ReportAdoption, &["o"]),
    (Command::WithdrawCard, &["W"]),
];

/// Whom such a story could be asked of.
pub(super) const CANDIDATES: Rows = &[(Command::Propose, &["n"])];

/// Broadcasts: the list stops and holds as one of them does.
pub(super) const BROADCASTS: Rows =
    &[(Command::NewBroadcast, &["n"]), (Command::HoldBroadcast, &["H"]), (Command::StopBroadcast, &["X"])];

/// One broadcast.
pub(super) const BROADCAST: Rows = &[
    (Command::NextPreview, &["p"]),
    (Command::EditBroadcast, &["e"]),
    (Command::BroadcastAudience, &["A"]),
    (Command::SubmitBroadcast, &["s"]),
    (Command::ApproveBroadcast, &["a"]),
    (Command::HoldBroadcast, &["H"]),
    (Command::ReleaseBroadcast, &["r"]),
    (Command::StopBroadcast, &["X"]),
    (Command::TestBroadcast, &["T"]),
    (Command::CorrectBroadcast, &["C"]),
    (Command::WithdrawBroadcast, &["W"]),
];

/// Indicators of a municipality.
pub(super) const INDICATORS: Rows = &[(Command::Place, &["f"]), (Command::SaveChart, &["w"])];

/// Charts.
pub(super) const CHARTS: Rows = &[
    (Command::Range, &["r"]),
    (Command::Group, &["G"]),
    (Command::Place, &["f"]),
    (Command::SaveChart, &["w"]),
];

/// The text that is being written.
pub(super) const COMPOSER: Rows = &[
    (Command::Send, &["Ctrl-S"]),
    (Command::Insert, &["Ctrl-T"]),
    (Command::Edit, &["Ctrl-E"]),
    (Command::Language, &["Ctrl-L"]),
    (Command::Back, &["Esc"]),
];
