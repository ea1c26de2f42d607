//! What comes in and what goes out of [`super::update`]: plain data, on one queue.

use std::path::PathBuf;
use std::time::Duration;

use crossterm::event::{KeyEvent, MouseEvent};

use super::files;
use super::shown::Shown;
use crate::api::businesses::UpdateBusiness;
use crate::api::events::Cursor;
use crate::api::inbox::Tab;
use crate::api::presence::SetPresence;
use crate::api::{ApiError, Operation, Reply, Request};
use crate::config::Set;
use crate::domain::id::Id;
use crate::link::Heard;

/// Something happened.
#[derive(Debug)]
pub enum Msg {
    /// Time since the start of the loop; comes before whatever else is handled.
    Now(Duration),
    /// A key went down.
    Key(KeyEvent),
    /// A text was pasted.
    Paste(String),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// The terminal has another size.
    Resize,
    /// A frame is on the screen: what it lacked can be asked for, what it showed has been seen.
    Drawn,
    /// The terminal window gained (or lost) the focus.
    Focus(bool),
    /// The feed brought something.
    Heard(Heard),
    /// An operation was answered.
    Answered(Tag, Box<Result<Reply, ApiError>>),
    /// The loop could not do something; the sentence says what.
    Trouble(Shown),
    /// The editor has ended: the text for a conversation, or why there is none.
    Edited(Id, Result<String, Shown>),
    /// A text has gone through a command.
    Piped(Piped),
    /// What was to be done with a file of this machine is done, or not.
    File(files::Done),
    /// Somebody interrupts the program by a signal.
    Interrupted,
    /// A passphrase was looked at: whether it is the right one.
    Unlocked(bool),
    /// The passphrase of the lock was set (what is kept of it), or taken away.
    Sealed(Option<String>),
    /// The program is asked to stop for a while: the terminal is lent to the shell.
    Suspended,
    /// The program was stopped and goes on: the terminal must be taken again.
    Resumed,
    /// The program is asked to end, or the terminal is gone.
    Leave,
}

/// Something to be done by the loop.
#[derive(Debug)]
pub enum Effect {
    /// Carry out an operation and answer with the tag.
    Ask(Tag, Box<Request>),
    /// Follow the events after a cursor; ends an earlier following.
    Follow(Option<Cursor>),
    /// Be told of every webhook that is answered, or no longer.
    Watch(bool),
    /// The drafts changed: write them within a second.
    SaveDrafts,
    /// Tell the others what is done in a conversation; nobody waits for the answer.
    Present(SetPresence),
    /// Give this text to an editor of the agent's choice; it comes back as [`Msg::Edited`].
    Edit(Id, String),
    /// Give this text (the second) to a command as its input; what it prints comes back as [`Msg::Piped`].
    Pipe(String, String),
    /// Do something with a file of this machine; what came of it comes back as [`Msg::File`].
    File(files::Task),
    /// Set the window title.
    Title(Shown),
    /// Ring the bell, unless these are quiet hours.
    Bell,
    /// Show a notification of the desktop, if the terminal can and these are no quiet hours.
    Notify(Shown),
    /// Write one setting into a file of the user's, or take it out.
    Keep {
        /// The file.
        path: PathBuf,
        /// The section.
        section: String,
        /// The name in it.
        name: String,
        /// The value.
        to: Option<Set>,
    },
    /// Seal the passphrase of the lock, and keep what is made of it; empty takes it away.
    Seal(String),
    /// Look whether a passphrase is the one that was sealed.
    Unlock {
        /// What is kept of the right one.
        sealed: String,
        /// What was typed.
        passphrase: String,
    },
    /// Put this raw text into the clipboard.
    Copy(String),
    /// Capture the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Draw everything again.
    Redraw,
    /// Give the terminal back and stop until somebody lets the program go on.
    Suspend,
    /// Take the terminal again.
    TakeTerminal(bool),
    /// Leave.
    Quit,
}

/// What came of a command that was given a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piped {
    /// The command.
    pub command: String,
    /// What it printed.
    pub output: String,
    /// What it complained of.
    pub errors: String,
    /// Whether it printed more than is kept.
    pub cut: bool,
    /// How it ended, if not well.
    pub ended: Option<String>,
}

impl Piped {
    /// It did not run.
    pub fn failed(command: String, why: String) -> Piped {
        Piped { command, output: String::new(), errors: String::new(), cut: false, ended: Some(why) }
    }
}

/// What an answer is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    /// How the node is.
    Node,
    /// The businesses.
    Businesses,
    /// The agents.
    Agents,
    /// What customers of the business text to.
    Endpoints,
    /// A page of the inbox, for one generation of its window.
    Inbox(u64, Part),
    /// The longest waiting conversation, to open it.
    LongestWaiting,
    /// A conversation to open.
    Conversation(Id),
    /// What messages cost.
    Rates,
    /// What is known of the customer of a conversation.
    Contact(Id),
    /// A page of messages.
    Messages(Id, Part),
    /// A message on its way: our reference.
    Send(String),
    /// A text to a new address.
    SendNew,
    /// A message taken back.
    Undo(Id),
    /// A retry of a failed message.
    Retry(Id),
    /// The content templates, for a conversation.
    Contents(Id),
    /// A file of a message asked for again.
    Media(Id),
    /// A note for a conversation, with its reference.
    Note(String),
    /// A change of a conversation: what the notice says when it went well.
    Change(Shown),
    /// A change of one of several conversations.
    Bulk(Id),
    /// The labels in use.
    Labels,
    /// A read mark.
    Read,
    /// A page of the audit log, for what was asked then.
    Audit(Box<super::panes::audit::Question>, Part),
    /// The audit log as a file.
    AuditFile,
    /// The handsets.
    Phones,
    /// One handset.
    Phone(String),
    /// A text from a handset.
    TextIn(String),
    /// A setting of the sandbox: what the notice says.
    Sandbox(Shown),
    /// The clock was moved.
    Clock,
    /// The faults that wait.
    Faults,
    /// The webhooks that were answered lately.
    Webhooks,
    /// A page of the dead letters.
    Letters(Part),
    /// How many dead letters there are of each reason.
    LetterSums,
    /// Why a webhook is a dead letter.
    Explained,
    /// Dead letters taken in.
    Replayed,
    /// What Twilio was asked for a message.
    Upstream(Id),
    /// How far the node has kept up.
    Keeping,
    /// A page of the intervals in which webhooks may have been lost.
    Gaps(Part),
    /// Twilio's list was asked.
    Swept,
    /// An import was started or stopped: what the notice says.
    Imported(Shown),
    /// Where the numbers' webhooks go.
    Numbers,
    /// A number was pointed here.
    Pointed(String),
    /// A number was given back.
    Unpointed,
    /// A page of the messages that are put off.
    Later(Part),
    /// A page of the messages that ask whether they still shall go.
    Held(Part),
    /// A message that asked goes.
    Released(Id),
    /// A business was made.
    BusinessMade,
    /// A business was changed, by this.
    BusinessChanged(Box<UpdateBusiness>),
    /// A business as somebody else has saved it before this change: field, what is there, what was wanted.
    BusinessAgain(Box<UpdateBusiness>, Vec<(String, String, String)>),
    /// A business was deleted.
    BusinessDeleted(Id),
    /// How the setup of a business stands.
    Setup(Id),
    /// The setup of a business begins or goes on.
    SetupStarted(Id),
    /// What a business is reached at.
    EndpointsOf(Id),
    /// A message that is put off was changed: what the notice says.
    PutOff(Shown),
    /// Something of the dashboard.
    Analytics(super::panes::analytics::For),
    /// Something of verifications.
    Verify(super::panes::verify::For),
}

/// Which part of a windowed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Its beginning: replaces the window.
    First,
    /// What follows the window.
    Next,
    /// What comes before it.
    Before,
}

/// The effect that asks for an operation.
pub fn ask<O: Operation>(tag: Tag, operation: O) -> Effect {
    Effect::Ask(tag, Box::new(operation.into_request()))
}

/// The tabs in the order in which they are shown.
pub const TABS: [(Tab, &str); 6] = [
    (Tab::Mine, "Mine"),
    (Tab::Unassigned, "Unassigned"),
    (Tab::All, "All"),
    (Tab::Waiting, "Waiting"),
    (Tab::Failed, "Failed"),
    (Tab::Snoozed, "Snoozed"),
];
