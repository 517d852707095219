//! What is said about demands. None of it tells whether anybody, or the one who asks, signed before.

use serde::{Deserialize, Serialize};

use super::prove::ProvenAct;
use crate::domain::demand::{Code, DemandState, Progress, Verdict, Vote};
use crate::engine::cases::{Day, Words};
use crate::engine::link::Code as Digits;

/// A demand as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its code.
    pub code: Code,
    /// Its topic.
    pub topic: String,
    /// Its total.
    pub total: u64,
    /// How far it got.
    pub state: DemandState,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DemandReply {
    /// No demand that is public has that code.
    Unknown {
        /// The code.
        code: Code,
    },
    /// Which code?
    NeedsCode,
    /// Sign this one?
    AskSign {
        /// Its code.
        code: Code,
        /// Its municipality.
        place: String,
        /// What is asked for.
        text: Words,
    },
    /// Nothing was signed.
    NotSigned {
        /// Its code.
        code: Code,
    },
    /// The support counts; the same words whether it is the first time or not.
    Signed {
        /// The code whose total it is in.
        code: Code,
        /// The code that was written, where that one goes on in the other.
        merged: Option<Code>,
        /// The total with it.
        total: u64,
        /// How many are missing.
        missing: u64,
    },
    /// The support of whom a leader wrote for counts; the same words whether it is the first time or not.
    SignedFor {
        /// The code whose total it is in.
        code: Code,
        /// The total with it.
        total: u64,
        /// How many are missing.
        missing: u64,
    },
    /// No support of hers counts; the same words whether one did or not.
    Retired {
        /// Its code.
        code: Code,
        /// The total without it.
        total: u64,
    },
    /// It was answered: nothing can be signed or taken back.
    Late {
        /// Its code.
        code: Code,
    },
    /// It is over.
    Over {
        /// Its code.
        code: Code,
    },
    /// The photo of a list goes to staff.
    ActaSent {
        /// Its code.
        code: Code,
    },
    /// A photo comes by Telegram only.
    ActaByTelegram {
        /// Its code.
        code: Code,
    },
    /// Who may send a list.
    ActaNotYours {
        /// Its code.
        code: Code,
    },
    /// Take back the support, or the whole demand?
    AskWithdraw {
        /// Its code.
        code: Code,
    },
    /// The whole demand was taken back.
    Withdrawn {
        /// Its code.
        code: Code,
    },
    /// It can't be taken back any more: it has enough support, or goes on in another one.
    NotWithdrawn {
        /// Its code.
        code: Code,
    },
    /// The code that proves her number, in a message of its own.
    Prove {
        /// The code of the demand.
        code: Code,
        /// What it is for.
        act: ProvenAct,
        /// The code.
        digits: Digits,
    },
    /// The code that came back is not right.
    ProveWrong,
    /// She confirmed it.
    Confirmed {
        /// Its code.
        code: Code,
        /// What is asked for.
        text: Words,
    },
    /// It is her own: others confirm it.
    Own {
        /// Its code.
        code: Code,
    },
    /// It is public already.
    Public {
        /// Its code.
        code: Code,
    },
    /// A moderator reads it.
    Moderated {
        /// Its code.
        code: Code,
    },
    /// Too many wrong codes.
    Tries,
    /// A demand, whole.
    Show {
        /// Its code.
        code: Code,
        /// Its municipality.
        place: String,
        /// What is asked for.
        text: Words,
        /// Its total.
        total: u64,
        /// How many are missing.
        missing: u64,
        /// How far it got.
        state: DemandState,
    },
    /// Demands, a page of them.
    List {
        /// The municipality, or `None`: near it.
        place: Option<String>,
        /// A page of them.
        items: Vec<Listed>,
        /// Whether MAS gives more.
        more: bool,
    },
    /// There are none.
    NoneHere {
        /// The municipality.
        place: String,
    },
    /// Those that she wrote, a page of them.
    Mine {
        /// A page of them.
        items: Vec<Listed>,
        /// Whether MAS gives more.
        more: bool,
    },
    /// She wrote none.
    NoneMine,
    /// Does she agree?
    Consent,
    /// What is asked for?
    AskText {
        /// Characters at most.
        limit: usize,
    },
    /// That is too long.
    TextLong {
        /// Characters at most.
        limit: usize,
        /// Characters that were written.
        written: usize,
    },
    /// That is too short.
    TextShort,
    /// That holds a number or an address of somebody.
    TextPersonal,
    /// Which topic?
    AskTopic {
        /// Ids of topics, a page of them.
        topics: Vec<String>,
        /// Number of the first, from 1.
        first: usize,
        /// Whether MAS gives more.
        more: bool,
    },
    /// Is it right so?
    Check {
        /// Its municipality.
        place: String,
        /// Its topic.
        topic: String,
        /// What is asked for.
        text: Words,
    },
    /// It waits for two others.
    Opened {
        /// Its code.
        code: Code,
    },
    /// It was dropped.
    Dropped,
    /// She has as many as one may have.
    TooMany,
    /// Her message waits for a moderator.
    MessageKept {
        /// Its code.
        code: Code,
    },
    /// One waits already.
    MessageWaits,
    /// The next may be written from this day on.
    MessageFrom {
        /// The day.
        day: Day,
    },
    /// May hers go on in the other?
    MergeAsked {
        /// Hers.
        code: Code,
        /// The other.
        parent: Code,
        /// What the other asks for.
        text: Words,
    },
    /// Hers goes on in the other.
    MergeDone {
        /// Hers.
        code: Code,
        /// The other.
        parent: Code,
    },
    /// One of the two is over, or moved on: they can't be joined any more.
    MergeOver {
        /// Hers.
        code: Code,
        /// The other.
        parent: Code,
    },
    /// It stays as it is.
    MergeRefused {
        /// Hers.
        code: Code,
    },
    /// The answer.
    Answer {
        /// Its code.
        code: Code,
        /// The verdict.
        verdict: Verdict,
        /// Why.
        reason: Words,
        /// What it costs, in thousandths of the currency's unit.
        cost: Option<u64>,
        /// By when: an ISO date.
        due: Option<String>,
    },
    /// The promise.
    Commitment {
        /// Its code.
        code: Code,
        /// What is promised.
        title: String,
        /// Who keeps it.
        owner: String,
        /// By when: an ISO date.
        due: Option<String>,
        /// How far it got.
        state: Progress,
        /// How much is done.
        percent: u8,
    },
    /// A step of it.
    Milestone {
        /// Number, from 1.
        number: usize,
        /// What.
        title: String,
        /// By when: an ISO date.
        due: Option<String>,
        /// How far it got.
        state: Progress,
    },
    /// It has no answer yet, and one is owed by a day.
    Waiting {
        /// Its code.
        code: Code,
        /// Who owes it.
        office: String,
        /// By when.
        day: Day,
    },
    /// The term was over without an answer.
    Silent {
        /// Its code.
        code: Code,
        /// Who owed it.
        office: String,
    },
    /// It still collects.
    Collecting {
        /// Its code.
        code: Code,
        /// How many are missing.
        missing: u64,
    },
    /// Was the promise kept?
    AskVote {
        /// Its code.
        code: Code,
        /// What is promised.
        title: String,
    },
    /// The vote counts where she signed; nothing says whether she did.
    Voted {
        /// Its code.
        code: Code,
        /// Her vote.
        vote: Vote,
        /// What others said: yes, no, half; `None`: too few to be told.
        votes: Option<[u64; 3]>,
    },
    /// What there is to subscribe to.
    Alerts {
        /// Topics that she has.
        topics: Vec<String>,
        /// Whether she has the weekly digest.
        weekly: bool,
    },
    /// Does she want that?
    AskAlerts {
        /// Topic; `None`: the week.
        topic: Option<String>,
        /// The municipality.
        place: String,
    },
    /// She will have it.
    AlertsSet {
        /// Topic; `None`: the week.
        topic: Option<String>,
        /// The municipality.
        place: String,
    },
    /// She will not.
    AlertsNot,
    /// She stopped all messages: a start word first.
    AlertsStopped,
    /// She has it no more.
    AlertsLeft {
        /// Topic; `None`: the week.
        topic: Option<String>,
    },
    /// No more news of a demand; the same words whether she signed or not.
    Muted {
        /// Its code.
        code: Code,
    },
    /// Who is she?
    LeaderAsk,
    /// Staff will call her.
    LeaderKept,
    /// Staff has not decided.
    LeaderWaits,
    /// She is verified.
    LeaderYes,
    /// How to write for somebody.
    RelayHow,
    /// Leaders only.
    RelayLeaders,
    /// A code went to the number.
    RelaySent,
    /// None can be sent now.
    RelayNot,
    /// The code is not right.
    RelayWrong,
    /// The next act is for whom the code is.
    RelayReady,
    /// To whom a leader wants to write for: the code.
    RelayCode {
        /// The code.
        code: Digits,
    },
    /// The matching demand that others carry already.
    Offer {
        /// Its code.
        code: Code,
        /// Its total.
        total: u64,
        /// Its topic.
        topic: String,
    },
    /// News of a demand.
    News(News),
    /// What happened in a week.
    Week {
        /// The municipality.
        place: String,
        /// New demands.
        fresh: u64,
        /// Demands that were answered.
        answered: u64,
        /// The one with most support that collects.
        top: Option<Listed>,
    },
}

/// News of a demand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// Two confirmed it.
    Confirmed {
        /// Its code.
        code: Code,
    },
    /// It is public.
    Published {
        /// Its code.
        code: Code,
        /// How many are missing.
        missing: u64,
        /// Until when it collects.
        day: Day,
    },
    /// It was refused.
    Rejected {
        /// Its code.
        code: Code,
        /// Why.
        reason: String,
    },
    /// Her message was refused.
    MessageRefused {
        /// Its code.
        code: Code,
        /// Why.
        reason: String,
    },
    /// It goes on in another one.
    Merged {
        /// Its code.
        code: Code,
        /// The other.
        parent: Code,
    },
    /// It stands for itself again.
    Unmerged {
        /// Its code.
        code: Code,
        /// The other.
        parent: Code,
    },
    /// The authority has it.
    HandedOver {
        /// Its code.
        code: Code,
        /// Its total.
        total: u64,
        /// Who owes the answer.
        office: String,
        /// By when.
        day: Day,
    },
    /// The term is over without an answer.
    Silent {
        /// Its code.
        code: Code,
        /// Who owed it.
        office: String,
    },
    /// A message of the author.
    Message {
        /// Its code.
        code: Code,
        /// What it says.
        text: Words,
    },
    /// News of the promise.
    Progress {
        /// Its code.
        code: Code,
        /// How far it got.
        state: Progress,
    },
    /// It did not find enough support.
    Expired {
        /// Its code.
        code: Code,
        /// Whether it ever was public.
        public: bool,
    },
    /// Its author took it back.
    Withdrawn {
        /// Its code.
        code: Code,
    },
    /// There is a new one.
    New {
        /// Its code.
        code: Code,
        /// Its municipality.
        place: String,
        /// Its topic.
        topic: String,
        /// What is asked for.
        text: Words,
    },
    /// It asks for what she reported.
    Invited {
        /// Its code.
        code: Code,
        /// What is asked for.
        text: Words,
    },
}
