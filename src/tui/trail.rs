//! What this console asked lately because somebody did something, with what was answered: for whoever wants
//! to see it as code, or why it was refused. It knows nothing of screens.

use std::time::Duration;

use super::msg::{Effect, Tag};
use crate::api::{ApiError, Reply, Request, Spec};

/// Exchanges kept.
const KEPT: usize = 20;

/// A request and its answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What was asked.
    pub request: Box<Request>,
    /// The answer, and how long it took by the loop's clock; `None` while it is awaited.
    pub answer: Option<(Result<Reply, ApiError>, Duration)>,
    tag: Tag,
    at: Duration,
}

/// The exchanges, the newest last.
#[derive(Debug, Default)]
pub struct Trail(Vec<Exchange>);

impl Trail {
    /// Something was asked at a time of the loop's clock. What only reads counts when a person caused it.
    pub fn asked(&mut self, effects: &[Effect], by_person: bool, at: Duration) {
        // What does something comes last: it is what the person meant.
        for reads in [true, false] {
            for effect in effects {
                let Effect::Ask(tag, request) = effect else { continue };
                let wanted = is_reading(request) == reads && (by_person || !reads) && !is_silent(request);
                if wanted {
                    self.keep(Exchange { request: request.clone(), answer: None, tag: tag.clone(), at });
                }
            }
        }
    }

    fn keep(&mut self, exchange: Exchange) {
        if self.0.len() >= KEPT {
            // Lists that were looked at go before what was done.
            let oldest = self.0.iter().position(|e| is_reading(&e.request)).unwrap_or(0);
            self.0.remove(oldest);
        }
        self.0.push(exchange);
    }

    /// An answer came.
    pub fn answered(&mut self, tag: &Tag, result: &Result<Reply, ApiError>, at: Duration) {
        if let Some(exchange) = self.0.iter_mut().find(|e| e.answer.is_none() && e.tag == *tag) {
            exchange.answer = Some((result.clone(), at.saturating_sub(exchange.at)));
        }
    }

    /// The n-th newest.
    pub fn get(&self, n: usize) -> Option<&Exchange> {
        self.0.len().checked_sub(n + 1).and_then(|at| self.0.get(at))
    }

    /// The newest refusal of a kind, and what was asked.
    pub fn refusal(&self, which: impl Fn(&ApiError) -> bool) -> Option<(&'static Spec, &ApiError)> {
        self.0.iter().rev().find_map(|e| match &e.answer {
            Some((Err(refused), _)) if which(refused) => Some((e.request.spec(), refused)),
            _ => None,
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was asked yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn is_reading(request: &Request) -> bool {
    request.spec().method == crate::api::Method::Get
}

/// What the console asks beside what a person does.
fn is_silent(request: &Request) -> bool {
    matches!(request, Request::MarkRead(_) | Request::SetPresence(_) | Request::ShowUpstream(_) | Request::GetNode(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::inbox::{AddNote, GetConversation, UndoMessage};
    use crate::api::node::GetNode;
    use crate::domain::id::Id;
    use crate::tui::msg::ask;

    fn names(trail: &Trail) -> Vec<&'static str> {
        (0..trail.len()).filter_map(|n| trail.get(n)).map(|e| e.request.spec().name).collect()
    }

    #[test]
    fn what_was_done_is_newest_and_outlives_what_was_read() {
        let mut trail = Trail::default();
        let note = || ask(Tag::Note("1".into()), AddNote { id: Id(1), body: "x".into() });
        let read = || ask(Tag::Conversation(Id(1)), GetConversation { id: Id(1) });
        trail.asked(&[note(), read(), ask(Tag::Node, GetNode {})], true, Duration::ZERO);
        trail.asked(&[read(), ask(Tag::Undo(Id(1)), UndoMessage { id: Id(1) })], false, Duration::ZERO);
        assert_eq!(names(&trail), ["UndoMessage", "AddNote", "GetConversation"]);
        for _ in 0..100 {
            trail.asked(&[read()], true, Duration::ZERO);
        }
        assert_eq!(trail.len(), KEPT);
        assert!(names(&trail).contains(&"AddNote") && names(&trail).contains(&"UndoMessage"));
    }

    #[test]
    fn answers_find_their_request_in_the_order_of_asking() {
        let mut trail = Trail::default();
        let undo = |id| ask(Tag::Undo(Id(1)), UndoMessage { id: Id(id) });
        trail.asked(&[undo(1), undo(2)], true, Duration::from_millis(5));
        let no = ApiError::not_found("it");
        trail.answered(&Tag::Undo(Id(1)), &Err(no.clone()), Duration::from_millis(12));
        assert!(trail.get(0).is_some_and(|e| e.answer.is_none()));
        let (answer, took) = trail.get(1).and_then(|e| e.answer.as_ref()).expect("it was answered");
        assert_eq!((answer.as_ref().err(), *took), (Some(&no), Duration::from_millis(7)));
    }
}
