//! Sends whose small story went wrong once.

use std::sync::Arc;

use switchboard::core::change::*;
use switchboard::core::lane::Answer;
use switchboard::core::rows::{conversation_key, message_key};
use switchboard::core::world::{Row, decode};
use switchboard::domain::conversation::{Conversation, Status as Standing};
use switchboard::domain::id::Id;
use switchboard::domain::message::{Message, Status};
use switchboard::domain::time::Time;
use switchboard::store::Key;
use switchboard::store::memory::MemoryStore;

use crate::foundation::{BUSINESSES, sid};
use crate::invariants::check;
use crate::runs::Run;

const BUSINESS: Id = BUSINESSES[0];
const ENDPOINT: Id = Id(1100);
const CONVERSATION: Id = Id(11000);

struct Story {
    run: Run,
    now: i64,
}

impl Story {
    /// A conversation in which the customer has written, second 100.
    fn begin() -> Story {
        let mut story = Story { run: Run::new(Arc::new(MemoryStore::new(1))), now: 2000 };
        story.text(1, 2000);
        story
    }

    fn tell(&mut self, change: Change) -> Answer {
        self.now += 1;
        let at = Time::from_secs(self.now);
        let answer = self.run.one(Envelope { change, at, wall: at, actor: "ann".into(), once: None });
        check(&*self.run.store);
        answer
    }

    fn text(&mut self, id: u64, sent: i64) {
        self.text_to(ENDPOINT, CONVERSATION, id, sent, None);
    }

    fn text_to(&mut self, endpoint: Id, conversation: Id, id: u64, sent: i64, name: Option<&str>) {
        let change = Inbound {
            business: BUSINESS,
            endpoint,
            sid: sid(b"SM", id),
            from: "+14155550100".parse().unwrap(),
            to: "+12025551100".parse().unwrap(),
            body: format!("text {id}"),
            segments: 1,
            media: Vec::new(),
            profile_name: name.map(str::to_owned),
            keyword: None,
            sent: Time::from_secs(sent),
            message: Id(id),
            conversation,
        };
        self.tell(Change::Inbound(Box::new(change))).unwrap();
    }

    fn send(&mut self, id: u64) {
        self.retry(CONVERSATION, id, None).unwrap();
    }

    fn retry(&mut self, conversation: Id, id: u64, old: Option<u64>) -> Answer {
        let change = SendRequested {
            content: None,
            business: BUSINESS,
            target: Target::Conversation(conversation),
            message: Id(id),
            body: format!("answer {id}"),
            media: Vec::new(),
            segments: 1,
            estimate: None,
            due: Time(0),
            later: None,
            priority: None,
            client_ref: None,
            retry_of: old.map(Id),
        };
        self.tell(Change::SendRequested(Box::new(change)))
    }

    fn undo(&mut self, id: u64) {
        self.tell(Change::SendUndone(SendUndone { business: BUSINESS, message: Id(id) })).unwrap();
    }

    fn start(&mut self, id: u64) {
        self.tell(Change::SendStarted(SendStarted { business: BUSINESS, message: Id(id) })).unwrap();
    }

    fn accept(&mut self, id: u64) -> Answer {
        let (business, message, sid) = (BUSINESS, Id(id), sid(b"SM", id));
        self.tell(Change::SendAccepted(SendAccepted { business, message, sid, status: Status::Queued, segments: 1 }))
    }

    fn lose(&mut self, id: u64) {
        let change = SendUnknown { business: BUSINESS, message: Id(id), text: "the answer was lost".into() };
        self.tell(Change::SendUnknown(change)).unwrap();
    }

    fn requeue(&mut self, id: u64) {
        let change = SendRequeued { business: BUSINESS, message: Id(id), due: Time(0), asks: false, in_line: false };
        self.tell(Change::SendRequeued(change)).unwrap();
    }

    fn report(&mut self, id: u64, status: Status) -> Answer {
        let (business, message, sid) = (BUSINESS, Id(id), sid(b"SM", id));
        self.tell(Change::StatusReported(StatusReported { business, message, sid, status, error: None, price: None }))
    }

    fn stand(&mut self, status: Standing) {
        let change = StatusSet { business: BUSINESS, conversation: CONVERSATION, status, until: None };
        self.tell(Change::StatusSet(change)).unwrap();
    }

    fn row<R: Row>(&self, key: &Key) -> R {
        decode(&key.bytes, &self.run.store.reader().unwrap().get(key).unwrap().unwrap()).unwrap()
    }

    fn head(&self) -> Conversation {
        self.row(&conversation_key(BUSINESS, CONVERSATION))
    }

    fn message(&self, id: u64) -> Message {
        self.row(&message_key(BUSINESS, Id(id)))
    }

    fn newest(&self) -> (u64, Status) {
        let last = self.head().last.unwrap();
        (last.id.0, last.status)
    }
}

#[test]
fn a_status_reaches_the_line_that_an_undo_brings_back() {
    let mut story = Story::begin();
    story.send(2);
    story.send(3);
    story.start(2);
    story.accept(2).unwrap();
    story.report(2, Status::Delivered).unwrap();
    story.undo(3);
    assert_eq!(story.newest(), (2, Status::Delivered));
}

#[test]
fn a_text_that_came_before_the_slip_stays_when_the_slip_goes() {
    let mut story = Story::begin();
    story.now = 2100;
    story.send(2);
    // Twilio's time of it lies before the send, but it arrives after.
    story.text(3, 2050);
    assert_eq!(story.newest().0, 2);
    story.undo(2);
    assert_eq!(story.newest(), (3, Status::Received));
    assert_eq!(story.head().waiting_since, Some(Time::from_secs(2000)), "waiting since the first text");
}

#[test]
fn a_message_offered_again_can_be_taken_back_whole() {
    let mut story = Story::begin();
    let before = story.head();
    story.send(2);
    story.start(2);
    story.requeue(2);
    story.undo(2);
    assert_eq!(Conversation { version: before.version, ..story.head() }, before);
}

#[test]
fn an_undo_does_not_make_a_resolved_conversation_wait_again() {
    let mut story = Story::begin();
    let since = story.head().waiting_since;
    story.send(2);
    story.stand(Standing::Resolved);
    story.undo(2);
    assert_eq!(story.head().waiting_since, None);
    // Nothing was said: opened again, the customer waits as before.
    story.stand(Standing::Open);
    assert_eq!((story.head().waiting_since, since.is_some()), (since, true));
}

/// A failed message 2, and its retry 3 under way.
fn failed_and_retried() -> Story {
    let mut story = Story::begin();
    story.send(2);
    story.start(2);
    story.accept(2).unwrap();
    story.report(2, Status::Undelivered).unwrap();
    assert_eq!(story.head().failed, 1);
    story.retry(CONVERSATION, 3, Some(2)).unwrap();
    story.start(3);
    story
}

#[test]
fn a_callback_that_overtakes_the_answer_settles_the_failure_behind_a_retry() {
    let mut story = failed_and_retried();
    story.report(3, Status::Sent).unwrap();
    story.accept(3).unwrap();
    assert_eq!((story.head().failed, story.head().outgoing), (0, 2));
}

#[test]
fn a_lost_answer_settled_by_a_callback_keeps_no_sentence_of_the_loss() {
    let mut story = failed_and_retried();
    story.lose(3);
    story.report(3, Status::Delivered).unwrap();
    assert_eq!((story.message(3).error_text, story.head().failed), (None, 0));
}

#[test]
fn a_retry_stays_in_its_conversation() {
    let mut story = Story::begin();
    story.text_to(Id(1101), Id(11010), 9, 2000, None);
    story.send(2);
    story.start(2);
    story.accept(2).unwrap();
    story.report(2, Status::Failed).unwrap();
    let refused = story.retry(Id(11010), 3, Some(2)).unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("retryOf"));
    story.retry(CONVERSATION, 4, Some(2)).unwrap();
}

#[test]
fn an_answer_told_twice_is_one_event() {
    let mut story = Story::begin();
    story.send(2);
    story.start(2);
    assert_eq!(story.accept(2), Ok(Outcome::Message(Id(2))));
    let before = crate::dump::Dump::all(&*story.run.store);
    assert_eq!(story.accept(2), Ok(Outcome::Duplicate));
    assert_eq!(story.report(2, Status::Queued), Ok(Outcome::Duplicate));
    assert_eq!(crate::dump::Dump::all(&*story.run.store), before);
}

#[test]
fn a_message_taken_back_that_went_out_after_all_counts_as_sent() {
    let mut story = Story::begin();
    story.send(2);
    story.start(2);
    story.lose(2);
    story.requeue(2);
    story.undo(2);
    story.report(2, Status::Delivered).unwrap();
    let message = story.message(2);
    assert_eq!((message.status, message.conflict), (Status::Canceled, Some(Status::Delivered)));
    assert_eq!(story.head().outgoing, 1);
}

#[test]
fn a_name_learned_at_one_endpoint_shows_at_the_others() {
    let mut story = Story::begin();
    assert_eq!(story.head().name, None);
    story.text_to(Id(1101), Id(11010), 9, 2000, Some("Kim"));
    assert_eq!(story.head().name.as_deref(), Some("Kim"));
}
