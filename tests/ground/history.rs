//! Random histories of changes, planned so that most of them mean something: a message is started
//! before it is accepted, accepted before it is delivered. Ids and times are made here, so a history
//! is the same on every store.

use switchboard::core::change::*;
use switchboard::core::rows::Parked;
use switchboard::domain::address::Address;
use switchboard::domain::conversation::{Later, Status as Standing};
use switchboard::domain::deadletter::{DeadLetter, Reason};
use switchboard::domain::id::{Id, Sid};
use switchboard::domain::media::{File, Media};
use switchboard::domain::message::{Direction, Status};
use switchboard::domain::money::Money;
use switchboard::domain::sms::keyword;
use switchboard::domain::time::{Span, Time};

use crate::foundation::{self, AGENTS, BUSINESSES, ENDPOINTS, endpoint, number, sid};
use crate::steps::{Step, What};

const CUSTOMERS: [&str; 4] = ["+14155550100", "72975", "whatsapp:+14155550101", "HARBOR"];

/// A thread by its parts; its candidate id follows from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Thread {
    business: usize,
    endpoint: u64,
    customer: usize,
}

impl Thread {
    fn of(a: u8, b: u8) -> Thread {
        let business = usize::from(a) % BUSINESSES.len();
        Thread { business, endpoint: u64::from(b) % ENDPOINTS, customer: usize::from(b / 2) % CUSTOMERS.len() }
    }
    fn business(self) -> Id {
        BUSINESSES[self.business]
    }
    fn endpoint(self) -> Id {
        endpoint(self.business(), self.endpoint)
    }
    fn address(self) -> Address {
        CUSTOMERS[self.customer].parse().unwrap()
    }
    fn id(self) -> Id {
        Id(self.endpoint().0 * 10 + self.customer as u64)
    }
}

/// What the planner believes of one outgoing message.
#[derive(Debug, Clone)]
struct Sent {
    thread: Thread,
    id: Id,
    sid: Option<Sid>,
    state: Believed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Believed {
    Held,
    Flying,
    Accepted,
    Failed,
    Gone,
}

#[derive(Default)]
struct Planner {
    now: i64,
    next: u64,
    sent: Vec<Sent>,
    inbound: Vec<Inbound>,
    out: Vec<Envelope>,
    onces: Vec<Envelope>,
    threads: Vec<Thread>,
    files: Vec<(Id, Id)>,
}

/// Turns steps into changes.
pub fn plan(steps: &[Step]) -> Vec<Envelope> {
    let mut p = Planner { now: 1_772_470_800, next: 1_000_000, ..Planner::default() };
    for step in steps {
        p.now += i64::from(step.gap);
        p.step(step.what, step.pick);
    }
    p.out
}

impl Planner {
    fn id(&mut self) -> Id {
        self.next += 1;
        Id(self.next)
    }

    fn at(&self) -> Time {
        Time::from_secs(self.now)
    }

    fn push(&mut self, change: Change, actor: Option<u8>) {
        let actor = actor.map_or(String::new(), |a| AGENTS[usize::from(a) % AGENTS.len()].to_owned());
        self.out.push(Envelope { change, at: self.at(), wall: self.at(), actor, once: None });
    }

    /// The n-th outgoing message believed to be in that state.
    fn find(&self, state: Believed, n: u8) -> Option<usize> {
        let found: Vec<_> = (0..self.sent.len()).filter(|i| self.sent[*i].state == state).collect();
        found.get(usize::from(n) % found.len().max(1)).copied()
    }

    /// The message believed first in the outbox of the n-th thread that has one.
    fn first_held(&self, n: u8) -> Option<usize> {
        let any = &self.sent[self.find(Believed::Held, n)?];
        self.sent.iter().position(|m| m.state == Believed::Held && m.thread == any.thread)
    }

    fn known_thread(&self, a: u8, b: u8) -> Thread {
        match self.threads.get(usize::from(a) % self.threads.len().max(1)) {
            Some(thread) => *thread,
            None => Thread::of(a, b),
        }
    }

    fn step(&mut self, what: What, (a, b, c): (u8, u8, u8)) {
        match what {
            What::Inbound => self.inbound(a, b, c),
            What::Again => self.again(a, b, c),
            What::Send => {
                let thread = self.known_thread(a, b);
                self.send(thread, Target::Conversation(thread.id()), None, c);
            }
            What::SendTo => {
                let thread = Thread::of(a, b);
                self.threads.push(thread);
                let target =
                    Target::Address { endpoint: thread.endpoint(), to: thread.address(), conversation: thread.id() };
                self.send(thread, target, None, c);
            }
            What::Retry => {
                let Some(old) = self.find(Believed::Failed, a) else { return };
                let (thread, id) = (self.sent[old].thread, self.sent[old].id);
                // Now and then into another conversation, which must be refused.
                let into = if c.is_multiple_of(8) { Thread::of(a, b) } else { thread };
                let into = if into.business == thread.business { into } else { thread };
                self.send(into, Target::Conversation(into.id()), Some(id), c);
            }
            What::Undo | What::Start | What::Accept | What::Refuse | What::Unknown | What::Requeue => {
                self.outbox(what, a, b, c);
            }
            What::Overtake => {
                let Some(m) = self.find(Believed::Flying, a) else { return };
                self.sent[m].sid = Some(sid(b"SM", self.sent[m].id.0));
                self.report(m, b);
            }
            What::Status => {
                if let Some(m) = self.find(Believed::Accepted, a).or_else(|| self.find(Believed::Failed, a)) {
                    self.report(m, b);
                }
            }
            What::SameSid => {
                let Some(m) = self.find(Believed::Flying, a) else { return };
                let twin =
                    self.sent.iter().find(|s| s.thread.business == self.sent[m].thread.business && s.sid.is_some());
                let Some(taken) = twin.and_then(|s| s.sid) else { return };
                let (business, message) = (self.sent[m].thread.business(), self.sent[m].id);
                if b.is_multiple_of(2) {
                    self.accept(m, taken, b);
                } else {
                    let status = STATUSES[usize::from(c) % STATUSES.len()];
                    let change = StatusReported { business, message, sid: taken, status, error: None, price: None };
                    self.push(Change::StatusReported(change), None);
                }
            }
            What::Wild => {
                let kinds = [What::Undo, What::Start, What::Accept, What::Refuse, What::Unknown, What::Requeue];
                if self.sent.is_empty() {
                    return;
                }
                let m = usize::from(a) % self.sent.len();
                self.act(kinds[usize::from(b) % kinds.len()], m, c);
            }
            What::Repeat => {
                if let Some(envelope) = self.onces.get(usize::from(a) % self.onces.len().max(1)) {
                    let mut again = Envelope { at: self.at(), wall: self.at(), ..envelope.clone() };
                    // Each request gets an id of its own: after a day its key is forgotten, and it counts as new.
                    if let Change::SendRequested(send) = &mut again.change {
                        send.message = self.id();
                    }
                    if let (0, Some(once)) = (b % 4, &mut again.once) {
                        once.body = "another".into();
                    }
                    self.out.push(again);
                }
            }
            What::Import => self.import(a, b, c),
            _ => self.triage(what, a, b, c),
        }
    }

    fn inbound(&mut self, a: u8, b: u8, c: u8) {
        let thread = Thread::of(a, b);
        self.threads.push(thread);
        let body = match c % 16 {
            0 => "STOP".to_owned(),
            1 | 2 => "start".to_owned(),
            _ => format!("text {}", self.next),
        };
        let message = self.id();
        let change = Inbound {
            business: thread.business(),
            endpoint: thread.endpoint(),
            sid: sid(b"SM", message.0),
            from: thread.address(),
            to: number(thread.endpoint()),
            keyword: keyword(&body),
            body,
            segments: u32::from(c % 4),
            media: Vec::new(),
            profile_name: c.is_multiple_of(5).then(|| format!("Kim {}", c)),
            // Twilio's time may lie behind ours.
            sent: self.at() - Span::secs(i64::from(c % 7) * 3),
            message,
            conversation: thread.id(),
        };
        self.inbound.push(change.clone());
        self.push(Change::Inbound(Box::new(change)), None);
    }

    /// A message of before, now and then one that came by webhook or was sent from here.
    fn import(&mut self, a: u8, b: u8, c: u8) {
        let thread = Thread::of(a, b);
        let message = self.id();
        // A SID is one business's: two lanes would not agree whose text came first.
        let ours = thread.business();
        let sent = self.sent.iter().filter(|m| m.thread.business() == ours).filter_map(|m| m.sid);
        let known = sent.chain(self.inbound.iter().filter(|m| m.business == ours).map(|m| m.sid));
        let sid = known.last().filter(|_| c.is_multiple_of(5)).unwrap_or_else(|| sid(b"SM", message.0));
        let out = c.is_multiple_of(2);
        let body = if c % 8 == 1 { "STOP".to_owned() } else { format!("history {message}") };
        let failed = out && c.is_multiple_of(4);
        let change = Imported {
            business: thread.business(),
            endpoint: thread.endpoint(),
            sid,
            direction: if out { Direction::Out } else { Direction::In },
            customer: thread.address(),
            ours: number(thread.endpoint()),
            body,
            segments: u32::from(c % 4),
            media: Vec::new(),
            at: self.at() - Span::secs(i64::from(a) * 600),
            status: match (out, failed) {
                (true, true) => Status::Undelivered,
                (true, false) => Status::Delivered,
                (false, _) => Status::Received,
            },
            error: failed.then_some(30003),
            price: None,
            message,
            conversation: thread.id(),
        };
        self.threads.push(thread);
        self.push(Change::Imported(Box::new(change)), None);
    }

    fn again(&mut self, a: u8, b: u8, c: u8) {
        let Some(earlier) = self.inbound.get(usize::from(a) % self.inbound.len().max(1)) else { return };
        let (business, message, mut change) = (earlier.business, earlier.message, earlier.clone());
        change.message = self.id();
        if b.is_multiple_of(2) {
            let url = format!("https://example.com/{c}");
            change.media = vec![Media::to_fetch(url, "image/png".into(), self.at())];
            change.segments = 2;
        }
        self.push(Change::Inbound(Box::new(change)), None);
        self.file(business, message, c);
    }

    /// What becomes of the file that a text may have.
    fn file(&mut self, business: Id, message: Id, c: u8) {
        let (index, text) = (0, "not now".to_owned());
        let change = match c % 6 {
            0 | 1 => {
                let (id, messages) = (self.id(), vec![message]);
                let (content_type, digest, made_at) = ("image/png".into(), "00".into(), self.at());
                let file = File { business, id, content_type, size: 7, digest, name: None, made_at, messages };
                self.files.push((business, id));
                Change::MediaKept(Box::new(MediaKept { message, index, file }))
            }
            2 => {
                let tried = Tried::Again(self.at() + Span::secs(60));
                Change::MediaTried(MediaTried { business, message, index, tried, text })
            }
            3 => Change::MediaTried(MediaTried { business, message, index, tried: Tried::Gone, text }),
            4 => Change::MediaAsked(MediaAsked { business, message, index, is_lost: c.is_multiple_of(2) }),
            _ => {
                let Some((business, file)) = self.files.pop() else { return };
                Change::FileDropped(FileDropped { business, file, served: Span::secs(60) })
            }
        };
        self.push(change, None);
    }

    fn send(&mut self, thread: Thread, target: Target, retry_of: Option<Id>, c: u8) {
        let id = self.id();
        let later = (c % 8 == 3).then_some(Later { unless_they_reply: c % 16 == 3 });
        let change = SendRequested {
            content: None,
            business: thread.business(),
            target,
            message: id,
            body: if c.is_multiple_of(32) { "  ".into() } else { format!("answer {id}") },
            media: Vec::new(),
            segments: u32::from(c % 3) + 1,
            estimate: (c % 5 != 4).then(|| Money::of_nanos(8_300_000 * (i64::from(c % 3) + 1), "USD")),
            due: self.at() + Span::secs(i64::from(c % 8) * if later.is_some() { 60 } else { 1 }),
            later,
            priority: None,
            client_ref: None,
            retry_of,
        };
        self.sent.push(Sent { thread, id, sid: None, state: Believed::Held });
        self.push(Change::SendRequested(Box::new(change)), Some(c));
        if c.is_multiple_of(4)
            && let Some(last) = self.out.last_mut()
        {
            last.once = Some(Once { key: format!("ann send {}", self.next), body: "body".into() });
            self.onces.push(last.clone());
        }
    }

    fn outbox(&mut self, what: What, a: u8, b: u8, c: u8) {
        let m = match what {
            What::Undo => self.find(Believed::Held, a),
            What::Start => self.first_held(a),
            _ => self.find(Believed::Flying, a),
        };
        let _ = b;
        if let Some(m) = m {
            self.act(what, m, c);
        }
    }

    fn act(&mut self, what: What, m: usize, c: u8) {
        let (business, message) = (self.sent[m].thread.business(), self.sent[m].id);
        match what {
            What::Undo => {
                self.sent[m].state = Believed::Gone;
                if c % 3 == 1 {
                    let (conversation, before) = (self.sent[m].thread.id(), self.at() + Span::secs(1));
                    self.push(Change::OldHeldBack(OldHeldBack { business, conversation, before }), None);
                }
                self.push(Change::SendUndone(SendUndone { business, message }), Some(c));
            }
            What::Start => {
                let flies = self.sent.iter().any(|s| s.state == Believed::Flying && s.thread == self.sent[m].thread);
                self.now += i64::from(c % 8);
                if c.is_multiple_of(4) {
                    let (conversation, before) = (self.sent[m].thread.id(), self.at() + Span::secs(1));
                    self.push(Change::OldHeldBack(OldHeldBack { business, conversation, before }), None);
                }
                if c % 4 < 3 {
                    self.push(Change::SendReleased(SendReleased { business, message, due: self.at() }), None);
                }
                if !flies {
                    self.sent[m].state = Believed::Flying;
                }
                self.push(Change::SendStarted(SendStarted { business, message }), None);
            }
            What::Accept => {
                let own = self.sent[m].sid.unwrap_or(sid(b"SM", message.0));
                self.sent[m].sid = Some(own);
                self.sent[m].state = Believed::Accepted;
                self.accept(m, own, c);
            }
            What::Refuse => {
                self.sent[m].state = Believed::Failed;
                let change = SendRefused { business, message, code: Some(21610), text: "refused".into() };
                self.push(Change::SendRefused(change), None);
            }
            What::Unknown => {
                self.push(Change::SendUnknown(SendUnknown { business, message, text: "lost".into() }), None);
            }
            _ => {
                self.sent[m].state = Believed::Held;
                let due = self.at() + Span::secs(i64::from(c % 4));
                self.push(
                    Change::SendRequeued(SendRequeued {
                        business,
                        message,
                        due,
                        asks: c.is_multiple_of(7),
                        in_line: c.is_multiple_of(3),
                    }),
                    None,
                );
            }
        }
    }

    fn accept(&mut self, m: usize, sid: Sid, c: u8) {
        let (business, message) = (self.sent[m].thread.business(), self.sent[m].id);
        let status = [Status::Queued, Status::Accepted, Status::Sent, Status::Failed][usize::from(c) % 4];
        if status == Status::Failed {
            self.sent[m].state = Believed::Failed;
        }
        let change = SendAccepted { business, message, sid, status, segments: u32::from(c % 3) };
        self.push(Change::SendAccepted(change), None);
    }

    fn report(&mut self, m: usize, b: u8) {
        let status = STATUSES[usize::from(b) % STATUSES.len()];
        let (business, message) = (self.sent[m].thread.business(), self.sent[m].id);
        let Some(sid) = self.sent[m].sid else { return };
        self.sent[m].state = if status.is_failure() { Believed::Failed } else { Believed::Accepted };
        let error = status.is_failure().then_some(30003);
        let price = b.is_multiple_of(3).then(|| Money::of_nanos(7_900_000 + i64::from(b), "USD"));
        self.push(Change::StatusReported(StatusReported { business, message, sid, status, error, price }), None);
    }

    fn triage(&mut self, what: What, a: u8, b: u8, c: u8) {
        let thread = self.known_thread(a, b);
        let (business, conversation) = (thread.business(), thread.id());
        let agent = AGENTS[usize::from(b) % AGENTS.len()].to_owned();
        let change = match what {
            What::Assign => {
                let assignee = [None, Some(agent), Some("nobody".into())][usize::from(c) % 3].clone();
                Change::Assigned(Assigned { business, conversation, assignee })
            }
            What::Set => {
                let status =
                    [Standing::Open, Standing::Pending, Standing::Snoozed, Standing::Resolved][usize::from(b) % 4];
                let until = c.is_multiple_of(2).then(|| self.at() + Span::secs(i64::from(c) - 20));
                Change::StatusSet(StatusSet { business, conversation, status, until })
            }
            What::Woke => Change::Woke(Woke { business, conversation }),
            What::Read if c > 200 => {
                let (add, remove) = (vec![format!("label {}", c % 5)], vec![format!("LABEL {}", b % 5)]);
                Change::Labelled(Labelled { business, conversation, add, remove })
            }
            What::Read => Change::Read(Read { business, conversation, agent, arrival: u64::from(c % 12) }),
            What::Note => {
                Change::NoteAdded(NoteAdded { business, conversation, message: self.id(), body: "a note".into() })
            }
            What::Contact => {
                let name = (!c.is_multiple_of(3)).then(|| format!("Kim {c}"));
                Change::ContactSaved(ContactSaved { business, address: thread.address(), name })
            }
            What::Toggle => Change::BusinessSaved(BusinessSaved {
                business: foundation::business(business, !c.is_multiple_of(3)),
                expects: None,
            }),
            _ => self.platform(b, c),
        };
        self.push(change, Some(b));
    }

    fn platform(&mut self, b: u8, c: u8) -> Change {
        let (sid, status) = (sid(b"SM", u64::from(b % 4)), STATUSES[usize::from(c) % 2]);
        match c % 4 {
            0 => {
                let letter = DeadLetter {
                    id: self.id(),
                    at: self.at(),
                    path: "/".into(),
                    reason: Reason::Malformed,
                    detail: "d".into(),
                    body: "b".into(),
                    query: String::new(),
                    business_time: None,
                    evidence: None,
                    replayed_at: None,
                };
                Change::DeadLettered(Box::new(DeadLettered { letter, evict: None }))
            }
            1 => Change::ReportTaken(ReportTaken { sid, status }),
            2 => Change::WriterLeased(WriterLeased),
            _ => {
                let report = Parked { sid, status, error: None, body: String::new(), since: self.at() };
                Change::ReportParked(ReportParked { report })
            }
        }
    }
}

const STATUSES: [Status; 7] = [
    Status::Sent,
    Status::Delivered,
    Status::Queued,
    Status::Undelivered,
    Status::Read,
    Status::Failed,
    Status::Canceled,
];
