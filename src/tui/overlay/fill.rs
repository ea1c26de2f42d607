//! A form over the panes, and what is done with what was filled in.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use super::business::{self, Draft, Parts};
use super::daytime::{Daytime, moment};
use super::window;
use crate::api::ApiError;
use crate::api::Request;
use crate::api::contacts::SaveContact;
use crate::api::contents::{BlankView, ContentView};
use crate::api::inbox::{ChangeLater, SendMessage};
use crate::api::keeping::StartImport;
use crate::api::simulator::SetOutcome;
use crate::api::verify::{FallBackVerification, RehearseVerifications, SaveMatrix};
use crate::domain::address::Address;
use crate::domain::content::{self, LONGEST_VALUE, Used};
use crate::domain::conversation::Status;
use crate::domain::id::Id;
use crate::domain::pace::Priority;
use crate::domain::time::Time;
use crate::domain::verification::Channel;
use crate::tui::clock::Clock;
use crate::tui::files::Task;
use crate::tui::framemap::{FrameMap, Hit};
use crate::tui::ink::{Ink, line};
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::panes::analytics::{self, Span};
use crate::tui::panes::inbox::Verb;
use crate::tui::panes::preferences::Row;
use crate::tui::panes::verify::{For, ask_for, rehearsal};
use crate::tui::shown::{Shown, shown};
use crate::tui::theirs::Theirs;
use crate::tui::theme::Role;
use crate::tui::until;
use crate::tui::widgets::form::{Entry, Form, Kind, Value};

/// What a filled form is for.
#[derive(Debug, Clone)]
pub enum Purpose {
    /// Set conversations aside until later.
    Snooze(Vec<Id>),
    /// Send a text into a conversation later.
    Later(Id, String),
    /// Another moment for a message that waits; whether it asks if they write first.
    Reschedule(Id, bool),
    /// Give conversations to an agent, with a line for them.
    HandOver(Vec<Id>, String),
    /// Name the person behind an address.
    Name(Option<Id>, Address),
    /// Text somebody new.
    NewMessage(Option<Id>),
    /// Say yes to an operation that needs it: the word to repeat, and what is asked for then, under its tag.
    Confirm(String, Box<Request>, Tag),
    /// Write a file of a message: which message, which of its files.
    SaveFile(Id, u32),
    /// Bring a file of this machine along, for a message of a conversation of a business.
    Attach(Id, Id),
    /// Send the code of a business's flow to an email address.
    FallBack(Id, Id),
    /// Keep a matrix of verifications, under which name.
    KeepMatrix(Box<SaveMatrix>),
    /// Rehearse a burst of codes, each as the test stands.
    Rehearse(Box<RehearseVerifications>),
    /// Fill in a content template for a conversation, and send it.
    Content(Id, Box<ContentView>),
    /// Import what was said before.
    Import,
    /// Make or change a business.
    Business(Draft),
    /// Give a setting another value.
    Prefer(Row),
    /// Give a text to a command.
    Pipe(String),
    /// Look at dates of one's own.
    Dates,
    /// Show another handset.
    NewPhone,
    /// Decide what becomes of messages to a handset.
    Outcome(String),
}

/// What comes of a form.
#[derive(Debug)]
pub enum Filled {
    /// Done: close it and do this.
    Done(Vec<Effect>),
    /// Do this; it stays open until the answer is here.
    Waiting(Vec<Effect>),
    /// Close it and do this with these conversations; what the notice says of one of them.
    Verb(Vec<Id>, Verb, Shown),
    /// Close it and send this template into this conversation; what the customer gets.
    Content(Id, Used, String),
    /// Give a setting this value; it stays open if that is wrong.
    Prefer(Row, String),
    /// Close it and look at this time.
    Dates(Span),
    /// Close it and show this handset.
    Phone(String),
    /// Something is wrong; it stays open.
    Wrong,
}

/// A form with a title, a sentence, and a purpose.
#[derive(Debug)]
pub struct Fill {
    title: Shown,
    sentence: Vec<Shown>,
    /// The fields.
    pub form: Form,
    /// The message that was asked to be sent, until it is answered.
    pub asked: Option<Box<SendMessage>>,
    purpose: Purpose,
    /// Where the customer is whom a moment is chosen for.
    theirs: Option<Theirs>,
    /// The moment at night that was warned of.
    warned: Option<Time>,
}

/// What becomes of a message that waits when the customer writes first.
const IF_THEY_WRITE: &[&str] = &["ask me first", "send it anyway"];

/// Cells of its inside.
const WIDTH: u16 = 62;

const OUTCOMES: &[&str] = &["delivered", "undelivered", "failed", "stuck"];

impl Fill {
    /// The form of a purpose. `text` is what its first field holds at the beginning.
    pub fn new(purpose: Purpose, text: &str) -> Fill {
        let plain = |max, optional| Kind::Text { max, optional };
        let (title, sentence, entries) = match &purpose {
            Purpose::Snooze(_) => (
                "Snooze".into(),
                "Until when? tomorrow 9 · 2h · fri 14:30 · when they reply. A reply wakes it early.".into(),
                vec![Entry::proposing("until", plain(60, false), text)],
            ),
            Purpose::Later(..) => (
                "Send later".into(),
                "When? tomorrow 9 · 2h · fri 14:30, in the business's time. It waits at the node.".into(),
                vec![
                    Entry::proposing("when", plain(60, false), text),
                    Entry::new("if they write", Kind::Choice(IF_THEY_WRITE), IF_THEY_WRITE[0]),
                ],
            ),
            Purpose::Reschedule(_, asks) => (
                "Another time".into(),
                "When? tomorrow 9 · 2h · fri 14:30, in the business's time.".into(),
                vec![
                    Entry::proposing("when", plain(60, false), text),
                    Entry::new("if they write", Kind::Choice(IF_THEY_WRITE), IF_THEY_WRITE[usize::from(!asks)]),
                ],
            ),
            Purpose::HandOver(_, agent) => (
                shown!("Hand over to {}", Shown::of(agent)),
                "One line for them: what is agreed, what is open. They see it as a mention.".into(),
                vec![Entry::new("line", plain(500, false), text)],
            ),
            Purpose::Name(_, address) => (
                shown!("Who is {}?", Shown::of(address.as_str())),
                "Agents see this name instead of the address. Empty takes it away.".into(),
                vec![Entry::new("name", plain(120, true), text)],
            ),
            Purpose::NewMessage(_) => (
                "Text somebody new".into(),
                "The conversation is made if there is none yet.".into(),
                vec![Entry::new("to", Kind::Address, text), Entry::new("text", plain(1600, false), "")],
            ),
            Purpose::Confirm(word, ..) => {
                let sentence = shown!("{} Type {} to go ahead.", Shown::of(text), Shown::of(word));
                ("Please confirm".into(), sentence, vec![Entry::new("yes", Kind::Exactly(word.clone()), "")])
            }
            Purpose::Content(_, view) => {
                let blank = |blank: &BlankView| {
                    let kind = Kind::Text { max: LONGEST_VALUE, optional: false };
                    let sample = blank.sample.as_deref().map(|sample| shown!("for example: {}", Shown::of(sample)));
                    Entry::new(shown!("{}", Shown::of(&blank.name)), kind, "").remarking(sample)
                };
                let sentence = match view.blanks.is_empty() {
                    true => "Enter sends it as it stands below.",
                    false => "Fill in the blanks; the customer gets what stands below. Enter sends it.",
                };
                let title = shown!("{} · {}", Shown::of(&view.name), Shown::of(&view.language));
                (title, sentence.into(), view.blanks.iter().map(blank).collect())
            }
            Purpose::SaveFile(..) => (
                "Save a file".into(),
                "Where to? A directory will do. Tab completes; a file that is there stays.".into(),
                vec![Entry::new("path", Kind::Path, text)],
            ),
            Purpose::Attach(..) => (
                "Attach a file".into(),
                "A file of this machine: JPEG, PNG and GIF up to 5 MB, others up to 500 KB. Tab completes.".into(),
                vec![Entry::new("path", Kind::Path, text)],
            ),
            Purpose::FallBack(..) => (
                "Fall back to email".into(),
                "The same flow goes on there, with a code of its own.".into(),
                vec![Entry::new("email", plain(254, false), text)],
            ),
            Purpose::KeepMatrix(_) => (
                "Keep this matrix".into(),
                "Under which name? `switchboard verify run NAME` runs it without the console.".into(),
                vec![Entry::proposing("name", plain(40, false), text)],
            ),
            Purpose::Rehearse(_) => rehearsal::parts(),
            Purpose::Import => (
                "Import what was said before".into(),
                "From the newest to the oldest; it makes nothing unread and rings nowhere.".into(),
                vec![
                    Entry::proposing("days back", Kind::Number { min: 1, max: 400, optional: false }, text),
                    Entry::proposing("at most", Kind::Number { min: 1, max: 1_000_000, optional: false }, "10000"),
                ],
            ),
            // Its own constructor gives it its fields.
            Purpose::Business(_) => ("".into(), "".into(), Vec::new()),
            Purpose::Prefer(row) => (
                shown!("{}", row.title()),
                Shown::from(row.meaning()),
                vec![Entry::new("value", plain(200, true), text)],
            ),
            Purpose::Pipe(given) => (
                shown!("Pipe {} characters", given.chars().count()),
                "They are the command's input; your shell runs it, and what it prints is shown.".into(),
                vec![Entry::proposing("command", plain(400, false), text)],
            ),
            Purpose::Dates => (
                "Which dates".into(),
                "2026-03-01 2026-03-07 · 2026-03 · 2026-Q1 · 2026, in the business's time.".into(),
                vec![Entry::new("dates", plain(60, false), text)],
            ),
            Purpose::NewPhone => (
                "Another phone".into(),
                "Any number can be a simulated handset.".into(),
                vec![Entry::new("number", Kind::Address, text)],
            ),
            Purpose::Outcome(address) => (
                shown!("Messages to {}", Shown::of(address)),
                "What becomes of them, with which of Twilio's error codes, and how often (empty: always).".into(),
                vec![
                    Entry::new("outcome", Kind::Choice(OUTCOMES), OUTCOMES[0]),
                    Entry::new("error code", Kind::Number { min: 10_000, max: 99_999, optional: true }, ""),
                    Entry::new("times", Kind::Number { min: 1, max: 1000, optional: true }, "1"),
                ],
            ),
        };
        let sentence: Shown = sentence;
        let form = Form::new(entries);
        Fill { title, sentence: vec![sentence], form, asked: None, purpose, theirs: None, warned: None }
    }

    /// With what time it is where the customer is.
    pub fn for_them(mut self, theirs: Option<Theirs>, clock: &Clock) -> Fill {
        self.sentence.extend(theirs.as_ref().and_then(|theirs| theirs.now(clock)));
        self.theirs = theirs;
        self
    }

    /// What it is for.
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// A form about a business.
    pub fn business(draft: Draft, (title, sentence, entries): Parts) -> Fill {
        let purpose = Purpose::Business(draft);
        let form = Form::new(entries);
        Fill { title, sentence: vec![sentence], form, asked: None, purpose, theirs: None, warned: None }
    }

    /// Whether it asks for the setup of this business.
    pub fn is_setup_of(&self, id: Id) -> bool {
        matches!(self.purpose, Purpose::Business(Draft::SetUp(about)) if about == id)
    }

    /// Says what the node found wrong, at the field that it is about.
    pub fn refuse(&mut self, e: &ApiError) {
        if let (Purpose::Business(draft), Some(field)) = (&self.purpose, &e.field)
            && let Some(at) = business::place(draft, field)
        {
            self.form.focus(at);
        }
        self.form.refuse(Shown::from(e.detail.clone()));
    }

    /// Enter was pressed.
    pub fn submit(&mut self, clock: &Clock) -> Filled {
        let Some(values) = self.form.submit() else { return Filled::Wrong };
        if let Purpose::Content(id, view) = &self.purpose {
            let variables = self.variables(view);
            let body = content::filled(&view.body, &variables);
            return Filled::Content(*id, Used { sid: view.sid, variables }, body);
        }
        if let Purpose::Business(draft) = &self.purpose {
            return business::submit(draft, values);
        }
        let mut values = values.into_iter();
        let effect = match (&self.purpose, values.next(), values.next(), values.next()) {
            (Purpose::Snooze(ids), Some(Value::Text(text)), ..) => {
                let until = match until::parse(&text, clock) {
                    Ok(until) => until,
                    Err(why) => {
                        self.form.refuse(Shown::from(why));
                        return Filled::Wrong;
                    }
                };
                let said = match until {
                    Some(at) => shown!("snoozed · wakes {} (u undo)", clock.soon(at)),
                    None => Shown::from("snoozed until they reply (u undo)"),
                };
                let verb = Verb::Status(Status::Snoozed, until.map(Into::into));
                return Filled::Verb(ids.clone(), verb, said);
            }
            (Purpose::HandOver(ids, agent), Some(Value::Text(line)), ..) => {
                let said = shown!("assigned to {}", Shown::of(agent));
                return Filled::Verb(ids.clone(), Verb::Assign(Some(agent.clone()), Some(line)), said);
            }
            (Purpose::Import, Some(Value::Number(days)), Some(Value::Number(limit)), _) => {
                let number = |n: Option<u64>| n.and_then(|n| u32::try_from(n).ok());
                let start = StartImport { days: number(days), limit: number(limit) };
                ask(Tag::Imported("the import is under way".into()), start)
            }
            (Purpose::Later(id, body), Some(Value::Text(when)), Some(Value::Text(if_they_write)), _) => {
                let by_day = Daytime { theirs: self.theirs.as_ref(), warned: &mut self.warned };
                let Some(at) = moment(&mut self.form, &when, clock, by_day) else { return Filled::Wrong };
                let send = SendMessage {
                    conversation: Some(*id),
                    body: body.clone(),
                    send_at: Some(at.into()),
                    unless_they_reply: Some(if_they_write == IF_THEY_WRITE[0]),
                    priority: Some(Priority::Chat),
                    ..SendMessage::default()
                };
                self.asked = Some(Box::new(send.clone()));
                return Filled::Waiting(vec![ask(Tag::SendNew, send)]);
            }
            (Purpose::Reschedule(id, _), Some(Value::Text(when)), Some(Value::Text(if_they_write)), _) => {
                let by_day = Daytime { theirs: self.theirs.as_ref(), warned: &mut self.warned };
                let Some(at) = moment(&mut self.form, &when, clock, by_day) else { return Filled::Wrong };
                let unless_they_reply = Some(if_they_write == IF_THEY_WRITE[0]);
                let change = ChangeLater { id: *id, send_at: Some(at.into()), body: None, unless_they_reply };
                ask(Tag::PutOff(shown!("it goes {}", clock.soon(at))), change)
            }
            (Purpose::Name(business, address), Some(Value::Text(name)), ..) => {
                let contact = SaveContact { business: *business, address: address.clone(), name };
                ask(Tag::Change("named".into()), contact)
            }
            (Purpose::NewMessage(business), Some(Value::Address(to)), Some(Value::Text(body)), _) => {
                let send = SendMessage {
                    business: *business,
                    to: Some(to.as_str().to_owned()),
                    body,
                    priority: Some(Priority::Chat),
                    ..SendMessage::default()
                };
                self.asked = Some(Box::new(send.clone()));
                return Filled::Waiting(vec![ask(Tag::SendNew, send)]);
            }
            (Purpose::SaveFile(message, index), Some(Value::Text(path)), ..) => {
                self.form.remark(Shown::from("fetching it…"));
                let task = Task::Save { message: *message, index: *index, path };
                return Filled::Waiting(vec![Effect::File(task)]);
            }
            (Purpose::Attach(conversation, business), Some(Value::Text(path)), ..) => {
                self.form.remark(Shown::from("bringing it to the node…"));
                let task = Task::Attach { conversation: *conversation, business: *business, path };
                return Filled::Waiting(vec![Effect::File(task)]);
            }
            (Purpose::Confirm(_, request, tag), ..) => Effect::Ask(tag.clone(), request.clone()),
            (Purpose::Pipe(given), Some(Value::Text(command)), ..) => Effect::Pipe(command, given.clone()),
            (Purpose::FallBack(business, flow), Some(Value::Text(to)), ..) => {
                let (business, flow, to) = (*business, *flow, Some(to));
                let channel = Channel::Email;
                ask_for(For::Sent, FallBackVerification { business, flow, channel, to, confirm: None })
            }
            (Purpose::KeepMatrix(save), Some(Value::Text(name)), ..) => {
                ask_for(For::MatrixSaved, SaveMatrix { name, ..(**save).clone() })
            }
            (Purpose::Rehearse(burst), sends, seconds, people) => {
                ask_for(For::Rehearsed, rehearsal::asked(burst, [sends, seconds, people]))
            }
            (Purpose::Dates, Some(Value::Text(text)), ..) => match analytics::parse(&text) {
                Ok(span) => return Filled::Dates(span),
                Err(why) => {
                    self.form.refuse(Shown::from(why));
                    return Filled::Wrong;
                }
            },
            (Purpose::Prefer(row), Some(Value::Text(text)), ..) => return Filled::Prefer(*row, text),
            (Purpose::NewPhone, Some(Value::Address(address)), ..) => {
                return Filled::Phone(address.as_str().to_owned());
            }
            (
                Purpose::Outcome(address),
                Some(Value::Text(status)),
                Some(Value::Number(code)),
                Some(Value::Number(times)),
            ) => {
                let error_code = code.and_then(|c| u32::try_from(c).ok());
                let times = times.and_then(|t| u32::try_from(t).ok());
                let said = shown!("messages to {}: {}", Shown::of(address), Shown::of(&status));
                ask(Tag::Sandbox(said), SetOutcome { address: address.clone(), status, error_code, times })
            }
            _ => return Filled::Wrong,
        };
        Filled::Done(vec![effect])
    }

    /// What stands in the blanks of a template now.
    fn variables(&self, view: &ContentView) -> BTreeMap<String, String> {
        let names = view.blanks.iter().map(|blank| blank.name.clone());
        names.zip(self.form.texts().map(|text| text.trim().to_owned())).collect()
    }

    /// What the customer gets of a template, as far as it is filled in.
    fn preview(&self) -> Vec<Shown> {
        let Purpose::Content(_, view) = &self.purpose else { return Vec::new() };
        Shown::lines(&content::filled(&view.body, &self.variables(view)))
    }

    /// The message that waits here for a yes: our reference to it.
    pub fn unconfirmed(&self) -> Option<String> {
        match &self.purpose {
            Purpose::Confirm(_, _, Tag::Send(reference)) => Some(reference.clone()),
            _ => None,
        }
    }

    /// What it asks, in lines.
    pub fn asks(&self) -> Vec<Shown> {
        let said = self.sentence.iter().map(Shown::as_str).collect::<Vec<_>>().join(" ");
        [shown!("{}. {said}", self.title)].into_iter().chain(self.preview()).chain(self.form.asks()).collect()
    }

    pub(super) fn draw(&self, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
        let width = WIDTH.min(area.width.saturating_sub(4));
        let sentence: Vec<Shown> = self.sentence.iter().flat_map(|s| s.wrap(usize::from(width).max(1))).collect();
        let said = u16::try_from(sentence.len()).unwrap_or(1);
        let preview: Vec<Shown> =
            self.preview().iter().flat_map(|l| l.wrap(usize::from(width.saturating_sub(2)).max(1))).collect();
        let below =
            if preview.is_empty() { 0 } else { u16::try_from(preview.len()).unwrap_or(u16::MAX).saturating_add(1) };
        let form = self.form.height(width);
        let inside = window(ink, area, map, &self.title, WIDTH, (said + 1 + form).saturating_add(below));
        // Where all of it has no room, the field that is being filled in has it before what is said above.
        let room = inside.height.saturating_sub(self.form.least(width));
        let skip = if said < room { said + 1 } else { room };
        for (row, text) in sentence.iter().take(usize::from(skip)).enumerate() {
            ink.text(line(inside, row as u16), text, Role::Dim);
        }
        let fields = Rect { y: inside.y + skip, height: inside.height - skip, ..inside };
        let cursor = self.form.draw(ink, fields, |i, rect| map.hit(rect, Hit::FormField(i)));
        for (row, text) in preview.iter().enumerate() {
            let row = line(fields, form.saturating_add(row as u16));
            ink.pieces(row, &[(Shown::from("▏ "), Role::Border), (text.clone(), Role::Outgoing)]);
        }
        map.cursor = cursor;
    }
}
