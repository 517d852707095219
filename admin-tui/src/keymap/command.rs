//! What can be done, and on which screens.

macro_rules! commands {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// Everything that a key, the palette or a keymap file can name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Command { $($(#[$doc])* $variant),+ }

        impl Command {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its one name, in the palette, the keymap file, the help and the log.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

commands! {
    /// One row down.
    Down = "down",
    /// One row up.
    Up = "up",
    /// The first row.
    First = "first",
    /// The last row.
    Last = "last",
    /// Half a page down.
    HalfDown = "half-page-down",
    /// Half a page up.
    HalfUp = "half-page-up",
    /// A page down.
    PageDown = "page-down",
    /// A page up.
    PageUp = "page-up",
    /// The next pane.
    NextPane = "next-pane",
    /// The pane before.
    PreviousPane = "previous-pane",
    /// Opens what is under the cursor.
    Open = "open",
    /// Goes back, closes, clears.
    Back = "back",
    /// Closes the screen; on the last one leaves.
    Quit = "quit",
    /// The keys of the screen.
    Help = "help",
    /// The palette.
    Palette = "palette",
    /// Takes the last act back.
    Undo = "undo",
    /// Does again what was taken back.
    Redo = "redo",
    /// Repeats the last act on this case.
    Repeat = "repeat",
    /// Fetches again.
    Refresh = "refresh",
    /// Stops the console until `fg`.
    Suspend = "suspend",
    /// What was said and went wrong.
    Log = "log",
    /// Ends the session.
    SignOut = "sign-out",
    /// Covers the screen until somebody signs in.
    Veil = "veil",
    /// To the queue.
    GoQueue = "go-queue",
    /// To my work.
    GoMyWork = "go-my-work",
    /// To the feedback.
    GoFeedback = "go-feedback",
    /// To the texts that were not understood.
    GoUnknown = "go-unknown-texts",
    /// To what waits for who is signed in.
    GoNotices = "go-notices",
    /// To the outbox.
    GoOutbox = "go-outbox",
    /// To the state of the service.
    GoHealth = "go-health",
    /// To the audit trail.
    GoAudit = "go-audit",
    /// To the accounts.
    GoUsers = "go-users",
    /// To the indicators of the case's municipality.
    GoBenchmarks = "go-benchmarks",
    /// To the demands.
    GoDemands = "go-demands",
    /// To those who asked to be known as leaders.
    GoLeaders = "go-leaders",
    /// To groups of like cases.
    GoClusters = "go-clusters",
    /// To the messages of authors that wait.
    GoAuthorMessages = "go-author-messages",
    /// To the promises.
    GoCommitments = "go-commitments",
    /// To the cards about what worked.
    GoHighlights = "go-highlights",
    /// To those whom such a story could be asked of.
    GoCandidates = "go-candidates",
    /// To the broadcasts.
    GoBroadcasts = "go-broadcasts",
    /// To the charts.
    GoCharts = "go-charts",
    /// A card about a candidate.
    Propose = "propose-card",
    /// The card is written anew.
    EditCard = "edit-card",
    /// The card is handed in.
    SubmitCard = "submit-card",
    /// What the check found may be shown.
    ClearFindings = "clear-findings",
    /// The card may be published.
    ApproveCard = "approve-card",
    /// It may not.
    RejectCard = "reject-card",
    /// The card goes.
    WithdrawCard = "withdraw-card",
    /// A municipality took the practice over.
    ReportAdoption = "report-adoption",
    /// Whom the card is for.
    CardAudience = "card-audience",
    /// A broadcast to similar municipalities is drafted of it.
    BroadcastCard = "send-to-similar",
    /// The next channel in full.
    NextPreview = "next-preview",
    /// A new broadcast.
    NewBroadcast = "new-broadcast",
    /// The broadcast is written anew.
    EditBroadcast = "edit-broadcast",
    /// Whom the broadcast is for.
    BroadcastAudience = "broadcast-audience",
    /// The broadcast is handed in.
    SubmitBroadcast = "submit-broadcast",
    /// The broadcast may go.
    ApproveBroadcast = "approve-broadcast",
    /// The broadcast waits.
    HoldBroadcast = "hold-broadcast",
    /// The broadcast goes on.
    ReleaseBroadcast = "release-broadcast",
    /// The broadcast ends.
    StopBroadcast = "stop-broadcast",
    /// The broadcast goes to the test addresses.
    TestBroadcast = "test-broadcast",
    /// The broadcast is given up.
    WithdrawBroadcast = "withdraw-broadcast",
    /// A correction is drafted of it.
    CorrectBroadcast = "correct-broadcast",
    /// A broadcast to the supporters of the demand.
    WriteSupporters = "write-supporters",
    /// Another stretch of time.
    Range = "range",
    /// Grouped by something else.
    Group = "group",
    /// A chart into a file.
    SaveChart = "save-chart",
    /// Another municipality.
    Place = "other-municipality",
    /// The demand is public.
    PublishDemand = "publish-demand",
    /// The demand is refused.
    RejectDemand = "reject-demand",
    /// The authority gets the demand.
    HandDemandOver = "hand-demand-over",
    /// The authority's answer.
    AnswerDemand = "answer-demand",
    /// It goes on in another one.
    MergeDemand = "merge-demand",
    /// It is parted from another one again.
    PartDemand = "part-demand",
    /// Support that was flagged counts.
    ClearFlags = "clear-flags",
    /// A list of an assembly.
    EnterActa = "enter-acta",
    /// It was entered by mistake.
    VoidActa = "void-acta",
    /// Some of it were called back.
    CallActa = "call-acta",
    /// The promise.
    Promise = "promise",
    /// Its steps.
    Steps = "steps",
    /// A message of its author goes or not.
    DecideMessage = "decide-message",
    /// Organisations that sign in public.
    Endorse = "endorse",
    /// A case has nothing to do with it.
    UnlinkCase = "unlink-case",
    /// Cases that are linked to it.
    LinkedCases = "linked-cases",
    /// She is a leader.
    VerifyLeader = "verify-leader",
    /// She is none.
    RefuseLeader = "refuse-leader",
    /// Her whole number.
    ShowNumber = "show-number",
    /// A demand out of like cases.
    OpenDemand = "open-demand",
    /// Cases that are like this one.
    Similar = "similar-cases",
    /// The case is linked to a demand.
    LinkDemand = "link-to-demand",
    /// The public sees it.
    Show = "show",
    /// The public does not see it.
    Hide = "hide",
    /// Its author is asked.
    AskAuthor = "ask-author",
    /// The same for those of the same words.
    ShowSame = "show-same",
    /// Those who wrote it are answered.
    AnswerText = "answer",
    /// It becomes a case.
    OpenCase = "open-case",
    /// Nothing follows from it.
    Dismiss = "dismiss",
    /// A notice was seen.
    Seen = "seen",
    /// All notices of the list were seen.
    SeenAll = "seen-all",
    /// It is sent again.
    Retry = "retry",
    /// It arrived, though nobody knew.
    Arrived = "arrived",
    /// It is given up.
    GiveUp = "give-up",
    /// Checks the chain.
    Verify = "verify",
    /// The number of the case into the clipboard.
    CopyId = "copy-id",
    /// The last message into the clipboard.
    CopyText = "copy-text",
    /// The address of the case into the clipboard.
    CopyLink = "copy-link",
    /// Searches.
    Find = "find",
    /// Writes the filter.
    Filter = "filter",
    /// Saved views and queues.
    Views = "views",
    /// The order of the list.
    Sort = "sort",
    /// Takes the case.
    Take = "take",
    /// Gives the case to somebody.
    Assign = "assign",
    /// Hands the case to another office.
    Office = "hand-over",
    /// Writes to the citizen.
    Reply = "reply",
    /// Writes a note among staff.
    Note = "note",
    /// Sends a canned reply.
    Canned = "canned-reply",
    /// Resolved.
    Resolve = "resolve",
    /// Not ours, with the office that answers.
    CloseNotOurs = "close-not-ours",
    /// Closed without being put right, with a reason.
    CloseUnfixed = "close-unfixed",
    /// Spam.
    CloseSpam = "close-spam",
    /// The same as another case.
    CloseDuplicate = "close-duplicate",
    /// Sleeps until this evening.
    SnoozeToday = "snooze-today",
    /// Sleeps until tomorrow.
    SnoozeTomorrow = "snooze-tomorrow",
    /// Sleeps for a week.
    SnoozeWeek = "snooze-week",
    /// Sleeps until the citizen writes.
    SnoozeReply = "snooze-until-reply",
    /// Wakes.
    Wake = "wake",
    /// Another state.
    Status = "status",
    /// Another priority.
    Priority = "priority",
    /// Labels.
    Labels = "labels",
    /// Urgent.
    Urgent = "urgent",
    /// The next case.
    NextCase = "next-case",
    /// The case before.
    PreviousCase = "previous-case",
    /// The text as it came, by pages.
    Raw = "raw-text",
    /// Photos and voices.
    Media = "media",
    /// The language of the reply.
    Language = "reply-language",
    /// All macros.
    Macros = "macros",
    /// Macro 1.
    Macro1 = "macro-1",
    /// Macro 2.
    Macro2 = "macro-2",
    /// Macro 3.
    Macro3 = "macro-3",
    /// Macro 4.
    Macro4 = "macro-4",
    /// Macro 5.
    Macro5 = "macro-5",
    /// Macro 6.
    Macro6 = "macro-6",
    /// Macro 7.
    Macro7 = "macro-7",
    /// Macro 8.
    Macro8 = "macro-8",
    /// Macro 9.
    Macro9 = "macro-9",
    /// Sends what is written.
    Send = "send",
    /// The text in an editor outside.
    Edit = "outside-editor",
    /// A canned reply into the text.
    Insert = "insert-canned",
}

impl Command {
    /// The command of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name() == name)
    }

    /// The number of a macro.
    pub fn macro_number(self) -> Option<u8> {
        self.name().strip_prefix("macro-").and_then(|it| it.parse().ok())
    }

    /// The act of the service that an account must be allowed to: what it may not is not offered.
    pub fn needs(self) -> Option<&'static str> {
        Some(match self {
            Self::GoFeedback | Self::Show | Self::Hide | Self::AskAuthor | Self::ShowSame => "moderate",
            Self::GoUnknown | Self::AnswerText | Self::OpenCase | Self::Dismiss => "read_unknown",
            Self::GoHealth => "read_health",
            Self::GoDemands | Self::GoLeaders | Self::GoAuthorMessages | Self::GoCommitments => {
                "read_demands"
            }
            Self::GoClusters | Self::Similar => "read_cases",
            Self::HandDemandOver | Self::AnswerDemand | Self::Promise | Self::Steps => "answer_demands",
            Self::PublishDemand
            | Self::RejectDemand
            | Self::MergeDemand
            | Self::PartDemand
            | Self::ClearFlags
            | Self::DecideMessage
            | Self::Endorse => "moderate_demands",
            Self::EnterActa
            | Self::VoidActa
            | Self::CallActa
            | Self::UnlinkCase
            | Self::OpenDemand
            | Self::LinkDemand => "work_demands",
            Self::VerifyLeader | Self::RefuseLeader | Self::ShowNumber => "verify_people",
            Self::Propose
            | Self::EditCard
            | Self::SubmitCard
            | Self::ReportAdoption
            | Self::BroadcastCard
            | Self::NewBroadcast
            | Self::EditBroadcast
            | Self::BroadcastAudience
            | Self::SubmitBroadcast
            | Self::TestBroadcast
            | Self::CorrectBroadcast
            | Self::WriteSupporters => "write",
            Self::ApproveCard | Self::RejectCard | Self::ApproveBroadcast | Self::ReleaseBroadcast => {
                "approve"
            }
            Self::GoCharts => "read_reports",
            Self::GoAudit => "read_audit",
            Self::Verify => "verify_audit",
            Self::GoUsers => "read_accounts",
            Self::GoOutbox
            | Self::Retry
            | Self::Arrived
            | Self::GiveUp
            | Self::Take
            | Self::Assign
            | Self::Office
            | Self::Reply
            | Self::Note
            | Self::Canned
            | Self::Resolve
            | Self::CloseNotOurs
            | Self::CloseUnfixed
            | Self::CloseSpam
            | Self::CloseDuplicate
            | Self::SnoozeToday
            | Self::SnoozeTomorrow
            | Self::SnoozeWeek
            | Self::SnoozeReply
            | Self::Wake
            | Self::Status
            | Self::Priority
            | Self::Labels
            | Self::Urgent
            | Self::Macros
            | Self::Send
            | Self::Repeat => "work_cases",
            other if other.macro_number().is_some() => "work_cases",
            _ => return None,
        })
    }

    /// Whether it decides something about a demand.
    pub const fn about_demand(self) -> bool {
        matches!(
            self,
            Self::PublishDemand
                | Self::RejectDemand
                | Self::HandDemandOver
                | Self::AnswerDemand
                | Self::MergeDemand
                | Self::PartDemand
                | Self::ClearFlags
                | Self::EnterActa
                | Self::VoidActa
                | Self::CallActa
                | Self::Promise
                | Self::Steps
                | Self::DecideMessage
                | Self::Endorse
                | Self::UnlinkCase
                | Self::LinkedCases
        )
    }

    /// Whether it decides something about a card.
    pub const fn about_highlight(self) -> bool {
        matches!(
            self,
            Self::EditCard
                | Self::SubmitCard
                | Self::ClearFindings
                | Self::ApproveCard
                | Self::RejectCard
                | Self::WithdrawCard
                | Self::ReportAdoption
                | Self::CardAudience
                | Self::BroadcastCard
        )
    }

    /// Whether it decides something about a broadcast.
    pub const fn about_broadcast(self) -> bool {
        matches!(
            self,
            Self::EditBroadcast
                | Self::BroadcastAudience
                | Self::SubmitBroadcast
                | Self::ApproveBroadcast
                | Self::HoldBroadcast
                | Self::ReleaseBroadcast
                | Self::StopBroadcast
                | Self::TestBroadcast
                | Self::WithdrawBroadcast
                | Self::CorrectBroadcast
        )
    }

    /// Whether something goes to a citizen with it or is decided at once about the entry under the cursor: such a key is dropped right after the screen changed by itself.
    pub fn sends(self) -> bool {
        matches!(
            self,
            Self::Send
                | Self::Resolve
                | Self::CloseNotOurs
                | Self::CloseUnfixed
                | Self::CloseSpam
                | Self::CloseDuplicate
                | Self::Take
                | Self::Repeat
                | Self::AskAuthor
                | Self::AnswerText
                | Self::Retry
                // Nothing goes out, but the entry under the cursor may be another by now.
                | Self::Show
                | Self::ShowSame
                | Self::Hide
                | Self::OpenCase
                | Self::Dismiss
                | Self::Arrived
                | Self::GiveUp
                | Self::VerifyLeader
                | Self::RefuseLeader
                | Self::ShowNumber
                | Self::OpenDemand
                | Self::Propose
        ) || self.about_demand()
            || self.about_highlight()
            || self.about_broadcast()
            || self.macro_number().is_some()
    }
}

/// A screen, or a part of it that takes letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Everywhere.
    Global,
    /// Queue and My work.
    Queue,
    /// One case.
    Case,
    /// Feedback.
    Feedback,
    /// Texts that were not understood.
    Unknown,
    /// What waits for who is signed in.
    Notices,
    /// What staff sent.
    Outbox,
    /// The audit trail.
    Audit,
    /// Demands.
    Demands,
    /// One demand.
    Demand,
    /// Those who asked to be known as leaders.
    Leaders,
    /// Groups of like cases.
    Clusters,
    /// Lists whose entries belong to a demand.
    Followed,
    /// Promises.
    Promises,
    /// Cards about what worked.
    Highlights,
    /// One card.
    Highlight,
    /// Whom such a story could be asked of.
    Candidates,
    /// Broadcasts.
    Broadcasts,
    /// One broadcast.
    Broadcast,
    /// Indicators of a municipality.
    Indicators,
    /// Charts.
    Charts,
    /// Screens without keys of their own.
    Desk,
    /// The text that is being written.
    Composer,
}

impl Layer {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Global,
        Self::Queue,
        Self::Case,
        Self::Feedback,
        Self::Unknown,
        Self::Notices,
        Self::Outbox,
        Self::Audit,
        Self::Demands,
        Self::Demand,
        Self::Leaders,
        Self::Clusters,
        Self::Followed,
        Self::Promises,
        Self::Highlights,
        Self::Highlight,
        Self::Candidates,
        Self::Broadcasts,
        Self::Broadcast,
        Self::Indicators,
        Self::Charts,
        Self::Desk,
        Self::Composer,
    ];

    /// Its table in the keymap file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Queue => "queue",
            Self::Case => "case",
            Self::Feedback => "feedback",
            Self::Unknown => "unknown-texts",
            Self::Notices => "notices",
            Self::Outbox => "outbox",
            Self::Audit => "audit",
            Self::Demands => "demands",
            Self::Demand => "demand",
            Self::Leaders => "leaders",
            Self::Clusters => "clusters",
            Self::Followed => "followed",
            Self::Promises => "promises",
            Self::Highlights => "highlights",
            Self::Highlight => "highlight",
            Self::Candidates => "candidates",
            Self::Broadcasts => "broadcasts",
            Self::Broadcast => "broadcast",
            Self::Indicators => "indicators",
            Self::Charts => "charts",
            Self::Desk => "desk",
            Self::Composer => "composer",
        }
    }

    /// Whether it takes letters: the keys of [`Layer::Global`] do nothing there.
    pub const fn takes_letters(self) -> bool {
        matches!(self, Self::Composer)
    }

    /// The commands of the footer, the most needed first.
    pub const fn footer(self) -> &'static [Command] {
        use Command as C;
        match self {
            Self::Global => &[C::Help, C::Palette, C::Back, C::Quit],
            Self::Queue => &[
                C::Open,
                C::Take,
                C::Canned,
                C::Reply,
                C::Resolve,
                C::Status,
                C::Assign,
                C::SnoozeToday,
                C::Find,
                C::Undo,
                C::Palette,
                C::Help,
            ],
            Self::Case => &[
                C::Reply,
                C::Note,
                C::Canned,
                C::NextCase,
                C::Take,
                C::Resolve,
                C::Status,
                C::Labels,
                C::Undo,
                C::Back,
                C::Palette,
                C::Help,
            ],
            Self::Feedback => &[
                C::Show,
                C::Hide,
                C::AskAuthor,
                C::ShowSame,
                C::NextPane,
                C::Undo,
                C::Quit,
                C::Palette,
                C::Help,
            ],
            Self::Unknown => {
                &[C::AnswerText, C::OpenCase, C::Dismiss, C::NextPane, C::Undo, C::Quit, C::Palette, C::Help]
            }
            Self::Notices => &[C::Open, C::Seen, C::SeenAll, C::Refresh, C::Quit, C::Palette, C::Help],
            Self::Outbox => &[
                C::Open,
                C::Retry,
                C::Arrived,
                C::GiveUp,
                C::NextPane,
                C::Undo,
                C::Quit,
                C::Palette,
                C::Help,
            ],
            Self::Audit => &[C::Verify, C::Refresh, C::Quit, C::Palette, C::Help],
            Self::Demands => &[
                C::Open,
                C::PublishDemand,
                C::RejectDemand,
                C::AnswerDemand,
                C::MergeDemand,
                C::EnterActa,
                C::HandDemandOver,
                C::ClearFlags,
                C::NextPane,
                C::Undo,
                C::Quit,
                C::Palette,
                C::Help,
            ],
            Self::Demand => &[
                C::PublishDemand,
                C::RejectDemand,
                C::AnswerDemand,
                C::MergeDemand,
                C::PartDemand,
                C::EnterActa,
                C::HandDemandOver,
                C::Promise,
                C::Steps,
                C::DecideMessage,
                C::LinkedCases,
                C::Undo,
                C::Back,
                C::Palette,
                C::Help,
            ],
            Self::Leaders => {
                &[C::VerifyLeader, C::RefuseLeader, C::ShowNumber, C::NextPane, C::Quit, C::Palette, C::Help]
            }
            Self::Clusters => &[C::OpenDemand, C::Open, C::Refresh, C::Quit, C::Palette, C::Help],
            Self::Followed => &[C::Open, C::Refresh, C::Quit, C::Palette, C::Help],
            Self::Promises => &[C::Steps, C::Open, C::Refresh, C::Quit, C::Palette, C::Help],
            Self::Highlights => {
                &[C::Open, C::GoCandidates, C::NextPane, C::Refresh, C::Quit, C::Palette, C::Help]
            }
            Self::Highlight => &[
                C::NextPreview,
                C::EditCard,
                C::SubmitCard,
                C::ApproveCard,
                C::RejectCard,
                C::ClearFindings,
                C::BroadcastCard,
                C::CardAudience,
                C::ReportAdoption,
                C::WithdrawCard,
                C::Back,
                C::Palette,
                C::Help,
            ],
            Self::Candidates => &[C::Propose, C::Refresh, C::Quit, C::Palette, C::Help],
            Self::Broadcasts => &[
                C::Open,
                C::NewBroadcast,
                C::StopBroadcast,
                C::HoldBroadcast,
                C::NextPane,
                C::Refresh,
                C::Quit,
                C::Palette,
                C::Help,
            ],
            Self::Broadcast => &[
                C::StopBroadcast,
                C::NextPreview,
                C::EditBroadcast,
                C::BroadcastAudience,
                C::SubmitBroadcast,
                C::ApproveBroadcast,
                C::HoldBroadcast,
                C::ReleaseBroadcast,
                C::TestBroadcast,
                C::CorrectBroadcast,
                C::Back,
                C::Palette,
                C::Help,
            ],
            Self::Indicators => &[C::Place, C::SaveChart, C::Refresh, C::Quit, C::Palette, C::Help],
            Self::Charts => {
                &[C::Range, C::Group, C::Place, C::SaveChart, C::Refresh, C::Quit, C::Palette, C::Help]
            }
            Self::Desk => &[C::Refresh, C::Quit, C::Palette, C::Help],
            Self::Composer => &[C::Send, C::Insert, C::Edit, C::Back],
        }
    }
}
