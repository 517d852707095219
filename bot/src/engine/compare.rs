//! The main job: places, topics and what is shown of them.

use super::Turn;
use super::answer::PAGE;
use super::conversation::{Question, Talk, Then, View};
use super::reply::{Reply, Say};
use crate::domain::benchmark;
use crate::domain::channel::ChannelKind;
use crate::domain::municipality::MunicipalityId;
use crate::domain::place::{Candidate, Decision};

/// Beyond this, in km, no head town is near a shared location.
const FAR_AWAY_KM: f64 = 150.0;
/// Candidates of a choice that are kept.
const MAX_CANDIDATES: usize = 60;

impl Turn<'_> {
    /// Keys of candidates, likeliest first.
    pub(super) fn keys(&self, candidates: &[Candidate]) -> Vec<String> {
        candidates
            .iter()
            .take(MAX_CANDIDATES)
            .map(|it| self.facts.municipality(it.municipality).key.clone())
            .collect()
    }

    /// Goes on with the place that a text named, or asks which one was meant.
    pub(super) fn place(&mut self, decision: Decision, then: Then) {
        match decision {
            Decision::Match(candidate) => {
                let key = self.facts.municipality(candidate.municipality).key.clone();
                self.chosen(&key, then);
            }
            Decision::Choose(candidates) => {
                let keys = self.keys(&candidates);
                self.which(keys, 0, then);
            }
            Decision::None => {
                self.say(Say::NoSuchPlace);
                self.next.ask(Question::Place { then }, self.inbound.at);
            }
        }
    }

    /// Goes on with a place that is known.
    pub(super) fn chosen(&mut self, key: &str, then: Then) {
        let Some(id) = self.facts.by_key(key) else {
            return self.say(Say::NoSuchPlace);
        };
        match then {
            Then::Compare { topic } => self.compare(id, topic),
            Then::Show { view, topic } => {
                let topic = topic.or_else(|| self.talk_topic());
                self.talk_about(id, topic.clone());
                self.show(view, topic);
            }
            Then::Several { mut done, rest, topic } => {
                done.push(key.to_owned());
                self.several(done, rest, topic);
            }
            Then::Intake => {
                if self.next.home.is_none() {
                    self.next.home = Some(key.to_owned());
                }
                match &mut self.next.intake {
                    Some(intake) => {
                        intake.municipality = Some(key.to_owned());
                        self.next.pending = None;
                        self.agree(false);
                        self.go_on();
                    }
                    None => self.compare(id, None),
                }
            }
            Then::Demand | Then::Demands { .. } | Then::Alerts { .. } | Then::Leader => {
                self.demand_place(key, &then);
            }
            Then::Home => {
                self.next.home = Some(key.to_owned());
                self.talk_about(id, None);
                self.reply(Reply::HomeSet { place: key.to_owned() });
                self.next.more = vec![Reply::Headline { place: key.to_owned(), family: self.next.family }];
            }
        }
    }

    /// Asks which of these places was meant, a page of five.
    pub(super) fn which(&mut self, places: Vec<String>, first: usize, then: Then) {
        let names: Vec<&str> = places
            .iter()
            .filter_map(|key| self.facts.by_key(key))
            .map(|id| self.facts.municipality(id).name.as_str())
            .collect();
        let same = names.iter().take_while(|name| Some(*name) == names.first()).count();
        let name = names.first().filter(|_| same > 1).map(|name| (*name).to_owned());
        let page: Vec<String> = places.iter().skip(first).take(PAGE).cloned().collect();
        self.reply(Reply::Which { name, same, places: page, first: first + 1, total: places.len() });
        self.next.ask(Question::Which { places, first, then }, self.inbound.at);
    }

    pub(super) fn ask_place(&mut self, then: Then) {
        self.reply(Reply::AskPlace);
        self.next.ask(Question::Place { then }, self.inbound.at);
    }

    /// Remembers what is talked about; the first place asked for becomes the home.
    fn talk_about(&mut self, id: MunicipalityId, topic: Option<String>) {
        let key = self.facts.municipality(id).key.clone();
        if self.next.home.is_none() {
            self.next.home = Some(key.clone());
        }
        self.next.talk = Some(Talk { place: key, topic, at: self.at() });
    }

    pub(super) fn talk_topic(&self) -> Option<String> {
        self.next.talk(self.at()).and_then(|talk| talk.topic.clone())
    }

    /// The topic talked about, else the headline's.
    pub(super) fn current_topic(&self) -> String {
        self.talk_topic().unwrap_or_else(|| self.facts.manifest.headline.topic.clone())
    }

    /// The answer about one place: its headline, or one topic of it.
    pub(super) fn compare(&mut self, id: MunicipalityId, topic: Option<String>) {
        self.next.pending = None;
        self.talk_about(id, topic.clone());
        let municipality = self.facts.municipality(id);
        let place = municipality.key.clone();
        if municipality.newer_than_data {
            let places = municipality.counted_in.clone();
            self.reply(Reply::Newer { place });
            if !places.is_empty() {
                self.next.ask(Question::Parent { places, topic }, self.inbound.at);
            }
            return;
        }
        let family = self.next.family;
        match topic {
            None => {
                let pages = (0..2).map(|page| Reply::Ranks { place: place.clone(), family, page });
                self.pages(
                    [
                        Reply::Headline { place: place.clone(), family },
                        Reply::Peers { place: place.clone(), family, topic: None },
                    ]
                    .into_iter()
                    .chain(pages)
                    .collect(),
                );
            }
            Some(topic) => {
                self.pages(vec![
                    Reply::Topic { place: place.clone(), topic: topic.clone(), family },
                    Reply::Peers { place: place.clone(), family, topic: Some(topic.clone()) },
                    Reply::Areas { place: place.clone(), topic: topic.clone() },
                    Reply::Trend { place: place.clone(), topic: topic.clone() },
                    Reply::TrendNote { place, topic: topic.clone() },
                ]);
            }
        }
        self.drop_empty_pages();
    }

    /// Two topics of one place: an answer to each, the second by MAS where one message is all there
    /// is room for.
    pub(super) fn two_topics(&mut self, decision: Option<Decision>, [first, second]: [String; 2]) {
        match decision {
            Some(decision) => self.place(decision, Then::Compare { topic: Some(first) }),
            None => self.topic(first),
        }
        let Some(Reply::Topic { place, family, .. }) = self.replies.last().cloned() else { return };
        let answer = Reply::Topic { place, topic: second, family };
        // A new contact reads the notice as the second message.
        if self.inbound.channel == ChannelKind::Ussd || self.next.notice == 0 {
            self.next.more.insert(0, answer);
        } else {
            self.replies.push(answer);
        }
    }

    /// Pages that would say nothing: a trend note where no method changed, the state and the country
    /// where there is no figure to put beside them, years without a figure.
    fn drop_empty_pages(&mut self) {
        let facts = self.facts;
        self.next.more.retain(|page| match page {
            Reply::TrendNote { place, topic } => {
                let (Some(id), Some(topic)) = (facts.by_key(place), facts.topic(topic)) else { return false };
                let points = benchmark::trend(facts, id, topic);
                points.iter().any(|point| point.note.is_some())
                    && points.iter().any(|point| point.reading.value().is_some())
            }
            Reply::Trend { place, topic } => {
                let (Some(id), Some(topic)) = (facts.by_key(place), facts.topic(topic)) else { return false };
                benchmark::trend(facts, id, topic).iter().any(|point| point.reading.value().is_some())
            }
            Reply::Areas { place, topic } => {
                let (Some(id), Some(topic)) = (facts.by_key(place), facts.topic(topic)) else { return false };
                let Some((code, _, year)) = benchmark::newest(facts, topic) else { return false };
                facts.reading(code, year, id).value().is_some()
                    && benchmark::area_figure(facts, code, year, None).is_some()
            }
            _ => true,
        });
    }

    /// A topic word alone: of the place talked about, else of the home, else it asks where.
    pub(super) fn topic(&mut self, topic: String) {
        let place = self.next.place(self.at()).and_then(|key| self.facts.by_key(key));
        match place {
            Some(id) => self.compare(id, Some(topic)),
            None => self.ask_place(Then::Compare { topic: Some(topic) }),
        }
    }

    /// One way to look at the place talked about.
    pub(super) fn show(&mut self, view: View, topic: Option<String>) {
        let Some(id) = self.next.place(self.at()).and_then(|key| self.facts.by_key(key)) else {
            return self.ask_place(Then::Show { view, topic });
        };
        let topic = topic.unwrap_or_else(|| self.current_topic());
        if self.facts.municipality(id).newer_than_data {
            return self.compare(id, Some(topic));
        }
        if view == View::Practices {
            return self.practices(id);
        }
        let place = self.facts.municipality(id).key.clone();
        let family = self.next.family;
        let pages = match view {
            View::Trend => vec![
                Reply::Trend { place: place.clone(), topic: topic.clone() },
                Reply::TrendNote { place, topic: topic.clone() },
            ],
            View::Best => {
                let practice = self.best_practice(id, &topic, family);
                vec![Reply::Best { place, topic: topic.clone(), family, practice }]
            }
            View::Behind => vec![Reply::Behind { place, topic: topic.clone(), family }],
            View::Practices => Vec::new(),
            View::Peers => {
                let answer = match self.talk_topic() {
                    Some(topic) => Reply::Topic { place: place.clone(), topic, family },
                    None => Reply::Headline { place: place.clone(), family },
                };
                let topic = self.talk_topic();
                self.talk_about(id, topic.clone());
                return self.pages(vec![Reply::Peers { place, family, topic }, answer]);
            }
        };
        self.talk_about(id, Some(topic));
        self.pages(pages);
        self.drop_empty_pages();
    }

    /// Two or three places: finds each, asks where one is not clear, then compares.
    pub(super) fn several(&mut self, mut done: Vec<String>, rest: Vec<String>, topic: Option<String>) {
        let mut rest = rest.into_iter();
        while let Some(text) = rest.next() {
            match self.facts.places.find(&text, self.context()) {
                Decision::Match(candidate) => {
                    done.push(self.facts.municipality(candidate.municipality).key.clone());
                }
                Decision::Choose(candidates) => {
                    let keys = self.keys(&candidates);
                    return self.which(keys, 0, Then::Several { done, rest: rest.collect(), topic });
                }
                Decision::None => {
                    self.say(Say::NoSuchPlace);
                    let then = Then::Several { done, rest: rest.collect(), topic };
                    return self.next.ask(Question::Place { then }, self.inbound.at);
                }
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        done.retain(|key| seen.insert(key.clone()));
        let topic = topic.unwrap_or_else(|| self.facts.manifest.headline.topic.clone());
        let Some(first) = done.first().and_then(|key| self.facts.by_key(key)) else {
            return self.say(Say::NoSuchPlace);
        };
        if done.len() == 1 {
            return self.compare(first, Some(topic));
        }
        self.next.pending = None;
        self.talk_about(first, Some(topic.clone()));
        self.reply(Reply::Several { places: done, topic });
    }

    /// The head town nearest to a shared location: says so and asks.
    pub(super) fn nearest(&mut self, lat: f64, lon: f64) {
        let sound = lat.is_finite() && lon.is_finite() && lat.abs() <= 90.0 && lon.abs() <= 180.0;
        let nearest = if sound { self.facts.places.nearest(lat, lon) } else { None };
        match nearest {
            Some((id, km)) if km <= FAR_AWAY_KM => {
                let place = self.facts.municipality(id).key.clone();
                self.reply(Reply::Nearest { place: place.clone(), km: km.round() as u32 });
                self.next.ask(Question::IsIt { place }, self.inbound.at);
            }
            _ => {
                self.say(Say::FarAway);
                self.next.ask(Question::Place { then: Then::Compare { topic: None } }, self.inbound.at);
            }
        }
    }
}
