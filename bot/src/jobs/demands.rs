//! The clocks of demands, news of them to many, and the weekly digest.

use crate::channels::gateway::Gateway;
use crate::channels::render::{self, Rendered};
use crate::domain::channel::ChannelKind;
use crate::domain::demand::rules::{ANSWER_DAYS, missing};
use crate::domain::demand::{Code, Demand, DemandState};
use crate::domain::desk::civil_day;
use crate::domain::purpose::Purpose;
use crate::domain::time::{DAY, UnixMillis};
use crate::engine::cases::{Day, Words};
use crate::engine::demands::{DemandReply, Listed, News};
use crate::engine::reply::Reply;
use crate::service::Service;
use crate::store::Error;
use crate::store::demands::{
    DueDigest, Handing, Notice, NoticeKind, Scope, WEEK_CAMPAIGN, campaign, topic_campaign,
};
use crate::store::outbox::NewOutbound;

/// How many of each are done in one round.
const ROUND: u32 = 200;
/// Batches of news in one round.
const BATCHES: usize = 5;
/// The code under which the town hall itself answers, where no office is known.
const TOWN_HALL: &str = "town_hall";

/// Does what is due now; gives how much was done.
pub(super) async fn round(service: &Service) -> Result<usize, Error> {
    let mut done = clocks(service).await? + digests(service).await?;
    for _ in 0..BATCHES {
        match notices(service).await? {
            0 => break,
            sent => done += sent,
        }
    }
    service.store.tell_demand_totals(service.clock.now(), ROUND).await?;
    service.refresh_demands().await?;
    Ok(done)
}

/// Ends, hands over and archives demands.
async fn clocks(service: &Service) -> Result<usize, Error> {
    let now = service.clock.now();
    let mut done = 0;
    for demand in service.store.list_due_demands(now, ROUND).await? {
        let handing = (demand.state == DemandState::Reached).then(|| handing(service, &demand, now));
        match service.store.ring_demand(demand.id, demand.version, handing, now).await {
            Ok(()) => done += 1,
            // It was changed meanwhile: the next round sees it as it is then.
            Err(Error::Conflict | Error::NotFound) => {}
            Err(problem) => return Err(problem),
        }
    }
    let merges =
        service.store.lapse_merges(now, ROUND).await? + service.store.finish_merges(now, ROUND).await?;
    Ok(done + usize::try_from(merges).unwrap_or(0))
}

/// The office that owes the answer, and by when: twenty working days of the municipality.
fn handing(service: &Service, demand: &Demand, now: UnixMillis) -> Handing {
    let (desk, facts) = (service.desk.load(), service.facts.load());
    let place = demand.municipality.as_str();
    let zone = zone(service, place);
    let locale = facts.manifest.pack.locale.as_str();
    let office = demand.office.as_deref().and_then(|code| desk.answering(place, code));
    let (code, name) = match office {
        Some(office) => {
            (office.code.clone(), crate::domain::pack::localized(&office.name, locale).to_owned())
        }
        None => {
            let name = cabildo_messages::text(locale, "demand-office", &[]).unwrap_or_default();
            (TOWN_HALL.to_owned(), name)
        }
    };
    let answer_due = desk.working_days(place, &zone, now).after_days(now, ANSWER_DAYS);
    Handing { office: code, office_name: name, answer_due }
}

fn zone(service: &Service, place: &str) -> String {
    let facts = service.facts.load();
    let own = facts.by_key(place).map(|id| facts.municipality(id).time_zone.clone());
    own.unwrap_or_else(|| facts.manifest.pack.time_zone.clone())
}

/// Queues news for some more of those whom it is for.
async fn notices(service: &Service) -> Result<usize, Error> {
    let Some(notice) = service.store.next_demand_notice().await? else { return Ok(0) };
    let recipients = service.store.list_notice_recipients(&notice, ROUND).await?;
    let now = service.clock.now();
    let reply = said(service, &notice).await?;
    let mut batch = Vec::with_capacity(recipients.len());
    for recipient in recipients {
        let message = match &reply {
            Some(reply) if !recipient.muted => {
                let locale = recipient.locale.as_deref();
                let rendered =
                    words(service, reply, &recipient.channel_id, locale, &notice.demand.municipality);
                let campaign = Some(match notice.scope {
                    Scope::Topic => topic_campaign(&notice.demand.topic),
                    _ => campaign(notice.demand.id),
                });
                // Who stopped gets neither.
                let purpose =
                    if notice.scope == Scope::Author { Purpose::Reminder } else { Purpose::Broadcast };
                let (id, contact_id) = (service.ids.id(now), recipient.contact_id);
                Some(NewOutbound { id, contact_id, purpose, campaign, rendered, not_before: now, at: now })
            }
            _ => None,
        };
        batch.push((recipient, message));
    }
    let count = batch.len().max(1);
    service.store.send_demand_notice(&notice, batch, now).await?;
    Ok(count)
}

fn words(
    service: &Service,
    reply: &DemandReply,
    channel_id: &str,
    locale: Option<&str>,
    place: &str,
) -> Rendered {
    let facts = service.facts.load();
    let locale = locale.unwrap_or(&facts.manifest.pack.locale);
    // What can't be pushed stays in the queue, in the shortest form.
    let channel = service.gateways.get(channel_id).map_or(ChannelKind::Sms, Gateway::kind);
    let setting = render::Setting { facts: &facts, locale, channel, service: &service.name };
    let mut rendered = render::render(&Reply::Demand(Box::new(reply.clone())), setting);
    rendered.municipality = Some(place.to_owned());
    rendered
}

/// What a notice says; `None`: nothing any more.
async fn said(service: &Service, notice: &Notice) -> Result<Option<DemandReply>, Error> {
    let demand = &notice.demand;
    let code = demand.code;
    let place = demand.municipality.clone();
    let day = |at: Option<UnixMillis>| -> Day {
        at.and_then(|at| civil_day(at, &zone(service, &demand.municipality))).unwrap_or((1, 1))
    };
    let detail = |name: &str| notice.detail[name].as_str().unwrap_or_default().to_owned();
    let parent = || {
        let number = notice.detail["parent"].as_u64().and_then(|it| u16::try_from(it).ok())?;
        Code::new(number).ok()
    };
    let office = demand.office_name.clone().unwrap_or_default();
    let text = Words(demand.text.clone());
    let news = match notice.kind {
        NoticeKind::Confirmed => News::Confirmed { code },
        NoticeKind::Published => News::Published {
            code,
            missing: missing(demand.threshold, &demand.told),
            day: day(demand.collect_until),
        },
        NoticeKind::Rejected => News::Rejected { code, reason: detail("reason") },
        NoticeKind::MessageRefused => News::MessageRefused { code, reason: detail("reason") },
        NoticeKind::MergeAsked => {
            let Some(parent) = parent() else { return Ok(None) };
            return Ok(Some(DemandReply::MergeAsked { code, parent, text: Words(detail("text")) }));
        }
        NoticeKind::Merged | NoticeKind::Unmerged => {
            let Some(parent) = parent() else { return Ok(None) };
            if notice.kind == NoticeKind::Merged {
                News::Merged { code, parent }
            } else {
                News::Unmerged { code, parent }
            }
        }
        NoticeKind::HandedOver => {
            News::HandedOver { code, total: demand.told.total(), office, day: day(demand.answer_due) }
        }
        NoticeKind::Silent => News::Silent { code, office },
        NoticeKind::Answered => {
            let named = service.store.find_named_demand(code, None).await?;
            let Some(answer) = named.filter(|it| it.demand.id == demand.id).and_then(|it| it.answer) else {
                return Ok(None);
            };
            return Ok(Some(DemandReply::Answer {
                code,
                verdict: answer.verdict,
                reason: Words(answer.reason),
                cost: answer.cost,
                due: answer.due_on,
            }));
        }
        NoticeKind::Message => News::Message { code, text: Words(detail("text")) },
        NoticeKind::Progress => {
            let Ok(state) = detail("state").parse() else { return Ok(None) };
            News::Progress { code, state }
        }
        NoticeKind::Expired => News::Expired { code, public: demand.published_at.is_some() },
        NoticeKind::Withdrawn => News::Withdrawn { code },
        NoticeKind::New => News::New { code, place, topic: demand.topic.clone(), text },
        // It was answered, or is over, since.
        NoticeKind::Invited if !demand.state.signable() => return Ok(None),
        NoticeKind::Invited => News::Invited { code, text },
    };
    Ok(Some(DemandReply::News(news)))
}

/// Queues weekly digests that are due; a week in which nothing happened has none.
async fn digests(service: &Service) -> Result<usize, Error> {
    let now = service.clock.now();
    let due = service.store.list_due_digests(now, ROUND).await?;
    let count = due.len();
    for it in due {
        let message = digest(service, &it, now).map(|reply| {
            let rendered = words(service, &reply, &it.channel_id, it.locale.as_deref(), &it.municipality);
            let (id, contact_id) = (service.ids.id(now), it.contact_id);
            let campaign = Some(WEEK_CAMPAIGN.to_owned());
            let purpose = Purpose::Broadcast;
            NewOutbound { id, contact_id, purpose, campaign, rendered, not_before: now, at: now }
        });
        service.store.send_digest(&it, message, now).await?;
    }
    Ok(count)
}

fn digest(service: &Service, it: &DueDigest, now: UnixMillis) -> Option<DemandReply> {
    let open = service.demands.load();
    let here = open.of(&it.municipality);
    let lately = |at: Option<UnixMillis>| at.is_some_and(|at| now.since(at) <= 7 * DAY);
    let fresh = here.iter().filter(|it| lately(it.published_at)).count() as u64;
    let answered = here.iter().filter(|it| lately(it.answered_at)).count() as u64;
    let top = here.iter().find(|it| it.state == DemandState::Collecting).map(|it| Listed {
        code: it.code,
        topic: it.topic.clone(),
        total: it.told.total(),
        state: it.state,
    });
    let nothing = fresh == 0 && answered == 0 && top.is_none();
    (!nothing).then(|| DemandReply::Week { place: it.municipality.clone(), fresh, answered, top })
}
