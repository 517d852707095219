//! The service: what stands between the channels and the dialogue.
//!
//! A push channel (Telegram, sendsms) hands a message to [`Service::accept`] and acknowledges it when
//! that returns; a job answers later. An in-the-answer channel (Kannel's get-url, `TwiML`) hands it to
//! [`Service::answer`], writes the replies into its response and calls [`Service::answer_written`].

mod broadcasts;
mod cases;
mod demands;
pub mod desk;
mod highlights;
mod limits;
mod links;
mod pictures;
mod privacy;
mod similar;
mod spooled;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use crate::channels::gateway::Gateways;
use crate::channels::render::{self, Rendered};
use crate::clock::Clock;
use crate::config::{Broadcasts, Retention};
use crate::domain::answer_limits::AnswerLimits;
use crate::domain::desk::Desk;
use crate::domain::facts::Facts;
use crate::domain::time::UnixMillis;
use crate::embedded;
use crate::engine::conversation::Conversation;
use crate::engine::highlights::HighlightEffect;
use crate::engine::{self, Effect, Step};
use crate::flood::{FloodGate, Flow};
use crate::ids::IdMaker;
use crate::jobs::sending::{Sending, Wakers};
use crate::metrics::Metrics;
use crate::spool::Spool;
use crate::store::inbox::{Answered, Change, Outcome};
use crate::store::outbox::NewReply;
use crate::store::{self, Loaded, Store};
use crate::turns::{Flights, Turns};

pub(crate) use cases::Opened;

pub use crate::store::inbox::{Accepted, NewInbound};
pub use crate::store::outbox::StoredReply;

/// How often a message is worked out again because its conversation was written by another one.
pub(crate) const CONFLICTS: usize = 16;
/// Conflicts on the same conversation after which nobody else is to blame for them.
const SAME: usize = 4;

/// Conflicts of one message: those that another message of its contact explains, and those that last.
#[derive(Debug, Default)]
pub(crate) struct Conflicts {
    version: Option<i64>,
    count: usize,
}

impl Conflicts {
    /// Notes a conflict on a conversation of this version; whether it will come again however often the message
    /// is worked out anew.
    pub(crate) fn last(&mut self, version: i64) -> bool {
        self.count = if self.version.replace(version) == Some(version) { self.count + 1 } else { 1 };
        self.count >= SAME
    }
}

/// A database that does not answer a reader in this time is not well.
const HEALTH_WITHIN: Duration = Duration::from_secs(1);

/// Country of the embedded pack.
const EMBEDDED_COUNTRY: &str = "MX";

/// Bounds of the service; all of them can be configured.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A reply that takes longer is pushed, where its channel has a gateway to push by.
    pub answer_within: Duration,
    /// A message that takes longer to be on disk is spooled where its channel wants the answer in the
    /// request, else refused, so that the gateway tries again.
    pub durable_within: Duration,
    /// How often jobs look for work nobody woke them for.
    pub poll: Duration,
    /// How long a shutdown waits for the work that is there.
    pub drain: Duration,
    /// How long a gateway may take to answer; shorter than the lease of a claimed message.
    pub send_within: Duration,
    /// Messages claimed at once for sending.
    pub send_batch: u32,
    /// Messages handled at once.
    pub handle_batch: u32,
    /// Seed of the retry schedule's jitter.
    pub jitter_seed: u64,
    /// Answers to one contact.
    pub answers: AnswerLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            answer_within: Duration::from_secs(2),
            durable_within: Duration::from_millis(1_500),
            poll: Duration::from_secs(1),
            drain: Duration::from_secs(10),
            send_within: Duration::from_secs(45),
            send_batch: 32,
            handle_batch: 256,
            jitter_seed: 0,
            answers: AnswerLimits::default(),
        }
    }
}

/// What the dialogue makes of one message, in words.
#[derive(Clone, Debug)]
pub struct Worked {
    /// The conversation after it.
    pub next: Conversation,
    /// What is answered, in order.
    pub replies: Vec<Rendered>,
    /// What is to be stored besides.
    pub effects: Vec<Effect>,
}

/// The dialogue as the service calls it: a pure function, [`speak`] but in tests.
pub type Dialogue = fn(&Conversation, &engine::Inbound, &Facts, &str) -> Worked;

/// The product's dialogue: the engine's step, rendered in the person's locale, else the pack's, with
/// `service` as the name of who answers.
pub fn speak(conversation: &Conversation, message: &engine::Inbound, facts: &Facts, service: &str) -> Worked {
    let Step { mut next, replies, effects } = engine::step(conversation, message, facts);
    let locale = next.locale.as_deref().unwrap_or(&facts.manifest.pack.locale);
    let setting = render::Setting { facts, locale, channel: message.channel, service };
    let replies: Vec<Rendered> = replies.iter().map(|reply| render::render(reply, setting)).collect();
    // A digit means what the screen shows beside it, so the list is the screen's own.
    if let Some(shown) = replies.first() {
        next.offered = shown.choices.iter().map(|choice| choice.key.clone()).collect();
    }
    Worked { next, replies, effects }
}

/// The answer to a message of an in-the-answer channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Our id of the message.
    pub inbox_id: uuid::Uuid,
    /// Whether the message was new.
    pub fresh: bool,
    /// What to write, in order; empty for silence.
    pub replies: Vec<StoredReply>,
    /// Lookup key of the contact's address: what belongs to it keeps its order.
    pub(crate) route: Vec<u8>,
    /// Whether its channel has another way to say them.
    pub(crate) can_push: bool,
}

impl Answer {
    /// The empty answer to a message that is in the spool.
    fn spooled() -> Self {
        Self {
            inbox_id: uuid::Uuid::nil(),
            fresh: true,
            replies: Vec::new(),
            route: Vec::new(),
            can_push: false,
        }
    }

    fn reply_ids(&self) -> Vec<uuid::Uuid> {
        self.replies.iter().map(|it| it.id).collect()
    }
}

/// How the service is.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    /// Whether it can take messages.
    pub ok: bool,
}

/// A message that the dialogue could not answer because of an error of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Poison;

/// The service.
#[derive(Debug)]
pub struct Service {
    /// What is kept.
    pub store: Store,
    /// The figures; a new release replaces them while the service runs.
    pub facts: ArcSwap<Facts>,
    /// The time.
    pub clock: Clock,
    /// Categories, offices, hours and urgent words; what municipalities lay over them replaces it while the
    /// service runs.
    pub desk: ArcSwap<Desk>,
    /// The public demands, as they were read last.
    pub(crate) demands: ArcSwap<engine::demands::Open>,
    /// Up to when.
    demands_read: tokio::sync::Mutex<Option<UnixMillis>>,
    /// The published cards, as they were read last.
    pub(crate) cards: ArcSwap<engine::highlights::Cards>,
    /// Up to when.
    cards_read: tokio::sync::Mutex<Option<UnixMillis>>,
    /// Ways out, by channel id.
    pub gateways: Gateways,
    /// Bounds.
    pub limits: Limits,
    /// The dialogue.
    pub dialogue: Dialogue,
    /// Who answers, as people know it.
    pub name: String,
    /// What may be sent, how fast and by whom.
    pub sending: Sending,
    /// Who gets tests of broadcasts, and when nothing may go to many.
    pub broadcasts: Broadcasts,
    /// How long things are kept.
    pub retention: Retention,
    /// What is counted.
    pub metrics: Metrics,
    /// Tells a flood from a person who writes much.
    pub flood: FloodGate,
    /// Where messages are kept while the database can't take them.
    pub spool: Option<Spool>,
    pub(crate) ids: IdMaker,
    pub(crate) turns: Turns,
    flights: Flights,
    pencils: pictures::Pencils,
    pub(crate) inbound_waits: Notify,
    pub(crate) outbound_waits: Wakers,
    pub(crate) spool_waits: Notify,
    /// A broadcast was let go, or released.
    pub(crate) broadcast_waits: Notify,
    /// What other processes are to be told of.
    pub(crate) hints: Notify,
    /// When the database failed last, unless it worked since.
    store_failed: Mutex<Option<tokio::time::Instant>>,
}

pub(crate) use similar::told_of;

impl Service {
    /// A service with the usual limits and the product's dialogue; both may be changed before use.
    pub fn new(store: Store, facts: Arc<Facts>, clock: Clock, gateways: Gateways) -> Self {
        Self {
            store,
            desk: ArcSwap::from_pointee(desk_of(&facts)),
            facts: ArcSwap::new(facts),
            demands: ArcSwap::default(),
            demands_read: tokio::sync::Mutex::default(),
            cards: ArcSwap::default(),
            cards_read: tokio::sync::Mutex::default(),
            flood: FloodGate::new(limits::FOLD_AFTER, clock.clone()),
            clock,
            gateways,
            limits: Limits::default(),
            dialogue: speak,
            name: "Cabildo".to_owned(),
            pencils: pictures::Pencils::default(),
            sending: Sending::default(),
            broadcasts: Broadcasts::default(),
            retention: Retention::default(),
            metrics: Metrics::new(),
            spool: None,
            ids: IdMaker::new(),
            turns: Turns::default(),
            flights: Flights::default(),
            inbound_waits: Notify::new(),
            outbound_waits: Wakers::default(),
            spool_waits: Notify::new(),
            broadcast_waits: Notify::new(),
            hints: Notify::new(),
            store_failed: Mutex::default(),
        }
    }

    /// Keeps a message of a push channel; it is on disk when this returns, and a job will answer it.
    /// A repeat has no effect.
    ///
    /// # Errors
    /// It was not kept: the gateway must not be told that it was.
    pub async fn accept(&self, inbound: NewInbound) -> Result<Accepted, store::Error> {
        let at = inbound.received_at;
        let channel_id = inbound.channel_id.clone();
        let accepting = self.store.accept_inbound(inbound, self.ids.id(at), self.ids.id(at));
        let late = || store::Error::Unavailable("the message was not on disk in time".to_owned());
        // The gateway hears within two seconds that it must try again.
        let accepted =
            tokio::time::timeout(self.limits.durable_within, accepting).await.map_err(|_| late())??;
        if accepted.fresh {
            self.metrics.accepted(&channel_id);
            self.wake_handlers();
        } else {
            self.metrics.repeated(&channel_id);
        }
        Ok(accepted)
    }

    /// Keeps and answers a message of an in-the-answer channel: message, conversation and replies are
    /// one commit. A repeat gets the stored replies again until [`Service::answer_written`], later an
    /// empty answer. The answer is empty, too, when it took longer than `answer_within` (the replies
    /// are then pushed by a job, if the channel has a gateway) and when the dialogue failed (a job
    /// tries again).
    ///
    /// # Errors
    /// The message was not kept, or not in time: the gateway must not be told that it was.
    ///
    /// While the database can't take it, the message goes to the spool: the answer is empty then, and
    /// its reply is pushed when the database is back.
    pub async fn answer(&self, inbound: NewInbound) -> Result<Answer, store::Error> {
        if self.spool.is_none() {
            return self.answer_on_time(inbound).await;
        }
        if self.store_is_down() {
            return self.spool(&inbound, store::Error::Unavailable("it failed just now".to_owned())).await;
        }
        match self.answer_on_time(inbound.clone()).await {
            Err(why @ store::Error::Unavailable(_)) => self.spool(&inbound, why).await,
            other => other,
        }
    }

    /// The turn ends only when it is decided how the replies go out: a repeat that came meanwhile
    /// must find them written or pushed, and not get them once more.
    async fn answer_on_time(&self, inbound: NewInbound) -> Result<Answer, store::Error> {
        let late = || store::Error::Unavailable("the message was not on disk in time".to_owned());
        let began = tokio::time::Instant::now();
        let until = began + self.limits.durable_within;
        let route = self.store.keys().lookup(&inbound.channel_id, &inbound.address)?;
        // Who waits behind other messages of the same contact learns nothing of the database: one who
        // floods must not send everybody's messages to the spool.
        let turn = tokio::time::timeout_at(until, self.turns.take(&route)).await;
        let _turn = turn.map_err(|_| late())?;
        // A write that is under way may still succeed after this: the gateway's repeat then gets it.
        let answer = tokio::time::timeout_at(until, self.answer_in_turn(inbound, route, began)).await;
        let answer = answer.map_err(|_| late()).flatten();
        self.store_answered(!matches!(answer, Err(store::Error::Unavailable(_))));
        answer
    }

    async fn answer_in_turn(
        &self,
        inbound: NewInbound,
        route: Vec<u8>,
        began: tokio::time::Instant,
    ) -> Result<Answer, store::Error> {
        let can_push = self.gateways.contains_key(&inbound.channel_id);
        let answer = self.answer_in_time(inbound, route, can_push).await?;
        if answer.replies.is_empty() {
            return Ok(answer);
        }
        if !can_push || began.elapsed() < self.limits.answer_within {
            self.flights.begin(answer.inbox_id);
            return Ok(answer);
        }
        if !self.flights.any(answer.inbox_id) {
            self.push(&answer, 0).await?;
        }
        Ok(Answer { replies: Vec::new(), ..answer })
    }

    async fn answer_in_time(
        &self,
        mut inbound: NewInbound,
        route: Vec<u8>,
        can_push: bool,
    ) -> Result<Answer, store::Error> {
        let at = inbound.received_at;
        let (mut count, mut conflicts) = (0, Conflicts::default());
        let id = self.ids.id(at);
        let mut flow = None;
        // Where nothing can be pushed, an answer that a job gives would never be sent: it is tried
        // until the caller's time is over, and the gateway then repeats the message.
        while count < CONFLICTS || !can_push {
            let loaded = self.store.load_routed(&inbound.channel_id, &inbound.address, route.clone()).await?;
            let link = self.link_facts(loaded.contact_id, inbound.kind, &inbound.text).await?;
            let flow = *flow.get_or_insert_with(|| self.flow(loaded.contact_id, id, &inbound.text));
            let opened = if flow == Flow::Answer { Self::open(id, &loaded) } else { Opened::default() };
            let pinned = inbound.location.is_some();
            let cases = match flow {
                Flow::Answer => self.case_facts(loaded.contact_id, &opened, &inbound.text, pinned).await?,
                _ => None,
            };
            let privacy = match flow {
                Flow::Answer => {
                    let (contact, channel) = (loaded.contact_id, Some(inbound.channel_id.as_str()));
                    self.privacy_facts(contact, channel, &opened, &inbound.text).await?
                }
                _ => None,
            };
            let demands = match flow {
                Flow::Answer => {
                    let payload = inbound.payload.as_deref();
                    self.known_demands(loaded.contact_id, &opened, &inbound.text, payload).await?
                }
                _ => engine::demands::Known::default(),
            };
            let mut message = engine::Inbound {
                channel: inbound.kind,
                text: std::mem::take(&mut inbound.text),
                location: inbound.location,
                payload: inbound.payload.clone(),
                at,
                link,
                cases,
                demands,
                cards: self.cards.load_full(),
                privacy,
            };
            let pressed = inbound.pressed.is_some();
            let worked = self.work_out_known(id, &loaded, opened, &mut message, flow, pressed).await;
            inbound.text = message.text;
            let Ok(mut outcome) = worked? else { break };
            let charge = self.charge(&inbound.channel_id, &mut outcome);
            // A code goes out apart from the answer.
            let pushes = outcome.changes.iter().any(|it| matches!(it, Change::Privacy(_)));
            let replies: Vec<StoredReply> = outcome
                .replies
                .iter()
                .map(|it| StoredReply { id: it.id, rendered: it.rendered.clone() })
                .collect();
            let contact_id = loaded.contact_id.unwrap_or_else(|| self.ids.id(at));
            let changes = !outcome.changes.is_empty();
            let kept = self.store.answer_loaded(
                inbound.clone(),
                id,
                contact_id,
                outcome,
                route.clone(),
                &loaded,
                charge,
            );
            let kept = kept.await;
            if !matches!(kept, Ok(Answered::Fresh) | Err(store::Error::Conflict)) {
                self.not_kept(loaded.contact_id, id);
            }
            match kept {
                Ok(Answered::Fresh) => {
                    self.metrics.accepted(&inbound.channel_id);
                    self.metrics.answered(&inbound.channel_id, replies.len() as u64);
                    if let Some(charge) = charge {
                        self.sending.answered(charge.amount);
                    }
                    if pushes {
                        self.outbound_waits.notify_one();
                    }
                    return Ok(Answer { inbox_id: id, fresh: true, replies, route, can_push });
                }
                Ok(Answered::Repeat(inbox_id)) => {
                    self.metrics.repeated(&inbound.channel_id);
                    let replies = self.store.list_unwritten(inbox_id).await?;
                    return Ok(Answer { inbox_id, fresh: false, replies, route, can_push });
                }
                Err(store::Error::Conflict) if changes && conflicts.last(loaded.stored.version) => {
                    tracing::error!(inbox_id = %id, "what a message leads to conflicts again and again");
                    break;
                }
                Err(store::Error::Conflict) => count += 1,
                Err(problem @ store::Error::Unavailable(_)) => return Err(problem),
                // The gateway's repeat would meet it again: the message is kept, and parked where it stays so.
                Err(problem) => {
                    tracing::error!(inbox_id = %id, %problem, "what a message leads to can't be stored");
                    break;
                }
            }
        }
        // The dialogue failed, or others kept writing: keep the message, a job answers it.
        let Accepted { inbox_id, fresh } = self.accept(inbound).await?;
        let replies = if fresh { Vec::new() } else { self.store.list_unwritten(inbox_id).await? };
        Ok(Answer { inbox_id, fresh, replies, route, can_push })
    }

    /// Notes that the first `written` replies went out with an answer; the others are pushed by a job.
    async fn push(&self, answer: &Answer, written: usize) -> Result<(), store::Error> {
        self.store.update_written(answer.reply_ids(), written, self.clock.now(), &answer.route).await?;
        if written < answer.replies.len() {
            self.wake_senders();
        }
        Ok(())
    }

    /// Notes that the whole answer was written: a repeat of its message is answered with nothing.
    pub async fn answer_written(&self, answer: &Answer) -> Result<(), store::Error> {
        self.answer_written_in_part(answer, answer.replies.len()).await
    }

    /// Notes that the first `written` replies were written; the others are pushed by a job. For a
    /// channel whose answer holds one message only.
    pub async fn answer_written_in_part(&self, answer: &Answer, written: usize) -> Result<(), store::Error> {
        if answer.replies.is_empty() {
            return Ok(());
        }
        self.flights.end(answer.inbox_id);
        self.push(answer, written).await
    }

    /// The body with the first `written` replies of an answer has ended: `taken` by the connection or
    /// certainly not. What was taken is noted with the next batch, and nothing waits for it. What was
    /// not is pushed at once where there is a way, and a repeat is then answered with nothing.
    pub fn answer_ended(self: Arc<Self>, answer: Answer, written: usize, taken: bool, tasks: &TaskTracker) {
        if answer.replies.is_empty() {
            return;
        }
        self.flights.end(answer.inbox_id);
        if taken
            && written >= answer.replies.len()
            && self.store.note_written(answer.reply_ids(), self.clock.now(), &answer.route)
        {
            return;
        }
        tasks.spawn(async move {
            let noted =
                if taken { self.push(&answer, written).await } else { self.answer_given_up(&answer).await };
            if let Err(problem) = noted {
                // The gateway may get the same answer once more if it repeats the message.
                tracing::error!(%problem, "it could not be noted how an answer ended");
            }
        });
    }

    async fn answer_given_up(&self, answer: &Answer) -> Result<(), store::Error> {
        if !answer.can_push {
            // A repeat gets it.
            return Ok(());
        }
        let _turn = self.turns.take(&answer.route).await;
        // Another connection has the same body on its way: its end decides.
        if self.flights.any(answer.inbox_id) {
            return Ok(());
        }
        tracing::info!(inbox_id = %answer.inbox_id, "an answer was not taken by its connection and is pushed");
        self.push(answer, 0).await
    }

    /// Runs the dialogue on one message and renders its replies. A panic in it is an error of this
    /// message, not of the service. Where a button was `pressed`, the first reply takes the place of
    /// the question that had it.
    pub(crate) fn work_out(
        &self,
        inbox_id: uuid::Uuid,
        loaded: &Loaded,
        opened: Opened,
        message: &engine::Inbound,
        flow: Flow,
        pressed: bool,
    ) -> Result<Outcome, Poison> {
        match flow {
            Flow::Answer => {}
            Flow::Begin => return Ok(self.folded(inbox_id, inbox_id, loaded, message)),
            Flow::Join(first) => return Ok(self.folded(inbox_id, first, loaded, message)),
        }
        let stored = &loaded.stored;
        let mut changes = Vec::new();
        let Opened { conversation, reset } = opened;
        if reset {
            changes.push(Change::ConversationReset);
        }
        let facts = self.facts.load_full();
        let worked =
            catch_unwind(AssertUnwindSafe(|| (self.dialogue)(&conversation, message, &facts, &self.name)));
        let worked =
            worked.map(|it| (serde_json::to_string(&it.next), it.next.locale, it.replies, it.effects));
        let Ok((Ok(state), locale, mut rendered, effects)) = worked else {
            tracing::error!(%inbox_id, "the dialogue failed on a message");
            return Err(Poison);
        };
        for effect in effects {
            changes.push(match effect {
                Effect::OptOut => Change::Stopped,
                Effect::OptIn => Change::Started,
                Effect::Notice { version } => Change::Noticed(version),
                Effect::Unknown => Change::NotUnderstood,
                Effect::Muted => Change::Muted,
                Effect::Demand(effect) => self.demand_change(effect).map_err(|_| Poison)?,
                Effect::Highlight(HighlightEffect::Judged { highlight_id, helped }) => {
                    Change::Highlight(store::highlights::Change::Judged { highlight_id, helped })
                }
                Effect::Case(effect) => self.case_change(effect).map_err(|_| Poison)?,
                Effect::Link(effect) => {
                    self.link_change(effect, message.channel, &facts).map_err(|_| Poison)?
                }
                Effect::Privacy(effect) => {
                    self.privacy_change(effect, message.channel, &facts).map_err(|_| Poison)?
                }
            });
        }
        if let Some(first) = rendered.first_mut() {
            first.edit |= pressed;
        }
        let at = self.clock.now();
        for picture in rendered.iter_mut().filter_map(|it| it.picture.as_mut()) {
            if let Some(day) = crate::domain::calendar::iso_day(&facts.manifest.pack.time_zone, at) {
                picture.date(&day);
            }
        }
        let replies =
            rendered.into_iter().map(|rendered| NewReply { id: self.ids.id(at), rendered }).collect();
        let version = stored.version;
        let mut outcome = Outcome { state, version, changes, replies, at, counters: None, folded_into: None };
        self.limit(loaded, message, locale.as_deref(), &mut outcome);
        Ok(outcome)
    }

    /// Whether messages can be taken; told within a second, whatever the database does.
    pub async fn health(&self) -> Health {
        let read = tokio::time::timeout(HEALTH_WITHIN, self.store.find_cursor("health"));
        Health { ok: matches!(read.await, Ok(Ok(_))) }
    }

    /// Tells those who handle messages, here and in other processes, that one waits.
    pub(crate) fn wake_handlers(&self) {
        self.inbound_waits.notify_one();
        self.hints.notify_one();
    }

    /// Tells those who send, here and in other processes, that something waits.
    pub fn wake_senders(&self) {
        self.outbound_waits.notify_one();
        self.hints.notify_one();
    }

    /// Another process says that there may be work; nobody is told in turn.
    pub(crate) fn hear(&self) {
        self.inbound_waits.notify_one();
        self.outbound_waits.notify_one();
        self.store.wake();
    }

    /// The present instant.
    pub(crate) fn now(&self) -> UnixMillis {
        self.clock.now()
    }
}

/// The desk of a country: the embedded one of Mexico, else none, and nothing can be reported.
fn desk_of(facts: &Facts) -> Desk {
    if facts.manifest.pack.country != EMBEDDED_COUNTRY {
        return Desk::default();
    }
    embedded::desk().unwrap_or_else(|problem| {
        tracing::error!(%problem, "the embedded desk can't be read: nothing can be reported");
        Desk::default()
    })
}
