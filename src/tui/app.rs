//! Everything the screen is drawn from. Each pane owns its own state; this is only the whole of them,
//! with what several of them ask.

use std::path::PathBuf;
use std::time::Duration;

use super::action::Action;
use super::clock::Clock;
use super::drafts::Drafts;
use super::key::Key;
use super::keymap::{Context, Keymap};
use super::msg::{Effect, Tag, ask};
use super::outgoing::Outgoing;
use super::overlay::Overlay;
use super::panes::inbox::Inbox;
use super::panes::phones::Phones;
use super::panes::thread::Thread;
use super::rooms::Rooms;
use super::session::{Said, Session};
use super::shown::{Shown, shown};
use super::theme::{Role, Theme};
use super::trail::Trail;
use super::widgets::chart::Marks;
use crate::api::When;
use crate::api::businesses::ListBusinesses;
use crate::api::inbox::{ConversationView, Tab};
use crate::api::node::{GetNode, ListAgents};
use crate::api::rates::GetRates;
use crate::config::{KeyProfile, Notify, NotifyWhen, Origins, QuietHours};
use crate::domain::conversation::Status;
use crate::domain::id::Id;
use crate::domain::time::Span;

/// What does not change by itself.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which key does what.
    pub keymap: Keymap,
    /// What colours mean.
    pub theme: Theme,
    /// Whether the theme is `auto`.
    pub is_auto_theme: bool,
    /// The theme that `auto` comes to on this terminal.
    pub auto_theme: &'static str,
    /// Queries of the inbox under keys of their own.
    pub views: Vec<String>,
    /// Ticks as words instead of glyphs.
    pub words: bool,
    /// What charts are made of.
    pub marks: Marks,
    /// Whether the mouse is captured.
    pub mouse: bool,
    /// Ring the bell when a customer writes.
    pub bell: bool,
    /// How to show a notification of the desktop when a customer writes.
    pub notify: Notify,
    /// When to show it.
    pub notify_when: NotifyWhen,
    /// When bell and notifications are silent, by this machine's clock.
    pub quiet_hours: Option<QuietHours>,
    /// Seconds in which a message can be taken back; the node's own when absent.
    pub hold_seconds: Option<u32>,
    /// How soon a customer should be answered.
    pub response_target: Span,
    /// Numbers and message texts are masked on the screen.
    pub privacy: bool,
    /// What opens files of messages, with its arguments; the system's own program when empty.
    pub opener: Vec<String>,
    /// Which keys there were to begin with.
    pub profile: KeyProfile,
    /// The user's own keymap, as text.
    pub own_keys: String,
    /// What is kept of the lock's passphrase.
    pub sealed: Option<String>,
    /// Where the values of the settings come from.
    pub origins: Origins,
    /// The user's files.
    pub files: Files,
    /// Whether nobody has worked with this console here before.
    pub first_run: bool,
    /// Tells this run's references to messages apart from those of other runs.
    pub seed: String,
}

/// The user's files; what has none is kept for this run only.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// The settings.
    pub config: Option<PathBuf>,
    /// The keymap.
    pub keymap: Option<PathBuf>,
    /// What is kept of the lock's passphrase.
    pub lock: Option<PathBuf>,
}

impl Settings {
    /// The keymap of the profile, with the user's own laid over it.
    pub fn rebuild_keymap(&mut self) {
        let (mut keymap, _) = Keymap::of_profile(self.profile);
        keymap.lay_over("keymap.toml", &self.own_keys);
        self.keymap = keymap;
    }
}

/// Which pane has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The list of conversations.
    Inbox,
    /// The field that narrows it.
    Filter,
    /// The open conversation.
    Thread,
    /// The message being written.
    Composer,
    /// The phones.
    Phones,
    /// The text being typed on a phone.
    Handset,
    /// The businesses.
    Businesses,
    /// The events.
    Events,
    /// The field that narrows them.
    EventFilter,
    /// Who did what.
    Audit,
    /// The field that narrows it.
    AuditFilter,
    /// The webhooks as they come.
    Webhooks,
    /// The field that narrows them.
    WebhookFilter,
    /// The dead letters.
    Letters,
    /// How far the node has kept up.
    Keeping,
    /// Where the numbers' webhooks go.
    Numbers,
    /// The messages that are put off.
    Later,
    /// The messages that ask whether they still shall go.
    Held,
    /// The dashboard.
    Dashboard,
    /// What stands behind a figure of it.
    Figures,
    /// The settings.
    Preferences,
    /// The keys.
    KeyList,
    /// The tester of verifications: the flow that is followed.
    Tester,
    /// What the tester shall send.
    TesterForm,
    /// The code being typed.
    TesterCode,
    /// Every channel in every language, and how each went.
    Matrix,
    /// What the matrix shall send.
    MatrixForm,
    /// The log of what was sent.
    Attempts,
    /// The field that searches it.
    AttemptFilter,
}

impl Focus {
    /// Whose keys hold.
    pub fn context(self) -> Context {
        match self {
            Focus::Inbox => Context::Inbox,
            Focus::Filter => Context::Filter,
            Focus::Thread => Context::Thread,
            Focus::Composer => Context::Composer,
            Focus::Phones => Context::Phones,
            Focus::Handset => Context::Handset,
            Focus::Businesses => Context::Businesses,
            Focus::Events => Context::Events,
            Focus::EventFilter | Focus::WebhookFilter | Focus::AttemptFilter | Focus::AuditFilter => Context::Filter,
            Focus::Audit => Context::Audit,
            Focus::Webhooks => Context::Webhooks,
            Focus::Letters => Context::Letters,
            Focus::Keeping => Context::Keeping,
            Focus::Numbers => Context::Numbers,
            Focus::Later => Context::Later,
            Focus::Held => Context::Held,
            Focus::Dashboard => Context::Dashboard,
            Focus::Figures => Context::Figures,
            Focus::Preferences => Context::Preferences,
            Focus::KeyList => Context::KeyList,
            Focus::Tester => Context::Tester,
            Focus::TesterForm => Context::TesterForm,
            Focus::TesterCode => Context::TesterCode,
            Focus::Matrix => Context::Matrix,
            Focus::MatrixForm => Context::MatrixForm,
            Focus::Attempts => Context::Attempts,
        }
    }

    /// Whether it belongs to the tester of verifications.
    pub fn is_testing(self) -> bool {
        let matrix = matches!(self, Focus::Matrix | Focus::MatrixForm);
        matrix
            || matches!(
                self,
                Focus::Tester | Focus::TesterForm | Focus::TesterCode | Focus::Attempts | Focus::AttemptFilter
            )
    }

    /// Whether webhooks are to be told of while it has the keys.
    pub fn watches(self) -> bool {
        matches!(self, Focus::Webhooks | Focus::WebhookFilter | Focus::Letters)
    }
}

/// A sentence at the foot of the screen, for a while.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// What it says.
    pub text: Shown,
    /// How it looks.
    pub role: Role,
    /// When it goes away (the loop's clock).
    pub until: Duration,
    /// What `u` brings back while it is there.
    pub undo: Vec<Undo>,
    /// The action that was refused, if that is what it says.
    pub action: Option<Action>,
}

/// How a conversation stood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Undo {
    /// Which one.
    pub id: Id,
    /// Its status.
    pub status: Status,
    /// When its snooze was to end.
    pub until: Option<When>,
}

impl Undo {
    /// How a conversation stands now.
    pub fn of(view: &ConversationView) -> Undo {
        Undo { id: view.id, status: view.status, until: view.snoozed_until }
    }
}

/// The console.
#[derive(Debug)]
pub struct App {
    /// What does not change by itself.
    pub settings: Settings,
    /// Business time.
    pub clock: Clock,
    /// The node, the business, the agent.
    pub session: Session,
    /// Which pane has the keys.
    pub focus: Focus,
    /// The first of two keys.
    pub chord: Option<Key>,
    /// The list of conversations.
    pub inbox: Inbox,
    /// The conversation that is open.
    pub thread: Option<Thread>,
    /// What was sent and has not left yet.
    pub outgoing: Outgoing,
    /// What was typed and not sent.
    pub drafts: Drafts,
    /// The simulated handsets.
    pub phones: Phones,
    /// The panes that take the whole screen.
    pub rooms: Rooms,
    /// What lies over the panes.
    pub overlay: Option<Overlay>,
    /// A sentence for a while.
    pub notice: Option<Notice>,
    /// What was asked lately.
    pub trail: Trail,
}

/// How long a notice stays at least.
const NOTICE: Duration = Duration::from_secs(5);
/// Cells that a person reads in a second: a longer notice stays longer.
const READ: usize = 15;
/// How long a notice stays that offers to undo.
pub const UNDO: Duration = Duration::from_secs(10);
/// From this width on the phones may stand beside the conversations.
pub const BESIDE: u16 = 120;
/// From this width on they do without being asked.
const ROOMY: u16 = 160;

impl App {
    /// A console that has heard nothing yet, and what it asks first.
    pub fn new(settings: Settings, me: String, business: Option<Id>, drafts: Drafts) -> (App, Vec<Effect>) {
        let business = business.or(drafts.business);
        let mut app = App {
            settings,
            clock: Clock::default(),
            session: Session::new(me, business),
            focus: Focus::Inbox,
            chord: None,
            inbox: Inbox::default(),
            thread: None,
            outgoing: Outgoing::default(),
            drafts,
            phones: Phones::default(),
            rooms: Rooms::default(),
            overlay: None,
            notice: None,
            trail: Trail::default(),
        };
        let mut effects = vec![ask(Tag::Node, GetNode {}), ask(Tag::Rates, GetRates {})];
        effects.extend(app.inbox.show(Tab::All, business));
        effects.push(ask(Tag::Businesses, ListBusinesses {}));
        effects.push(ask(Tag::Agents, ListAgents {}));
        effects.push(Effect::Title(app.title()));
        (app, effects)
    }

    /// The conversation that an action is about: the row under the cursor, or the open one.
    pub fn target(&self) -> Option<&ConversationView> {
        match self.focus {
            Focus::Inbox | Focus::Filter => self.inbox.current(),
            _ => self.thread.as_ref().map(|t| &t.conversation),
        }
    }

    /// Whether the cursor is on the list of conversations.
    pub fn is_in_inbox(&self) -> bool {
        matches!(self.focus, Focus::Inbox | Focus::Filter)
    }

    /// Whether the filter is being typed.
    pub fn is_filtering(&self) -> bool {
        self.focus == Focus::Filter && self.overlay.is_none()
    }

    /// Whether the phones stand beside the conversations on a screen so wide.
    pub fn shows_phones(&self, width: u16) -> bool {
        let in_phones = matches!(self.focus, Focus::Phones | Focus::Handset);
        let wanted = self.phones.shown.unwrap_or(width >= ROOMY) || in_phones;
        self.session.is_sandbox() && width >= BESIDE && wanted
    }

    /// Whether what is known of the customer stands beside the conversation: when it is wanted, and below the
    /// phones where there is room for both.
    pub fn shows_contact(&self, width: u16, height: u16) -> bool {
        let roomy = self.shows_phones(width) && height >= 44;
        self.thread.is_some() && width >= BESIDE && (self.session.contact || roomy)
    }

    /// The window's title: how many customers wait.
    pub fn title(&self) -> Shown {
        match self.session.counts.waiting {
            0 => Shown::from("switchboard"),
            n => shown!("({n}) switchboard"),
        }
    }

    /// Says something at the foot of the screen.
    pub fn say(&mut self, text: impl Into<Shown>, role: Role) {
        let text = text.into();
        let long = u64::try_from(text.width() / READ).unwrap_or(u64::MAX).saturating_sub(NOTICE.as_secs());
        let until = self.clock.passed() + NOTICE + Duration::from_secs(long);
        self.session.keep_said(Said { at: self.clock.now(), text: text.clone(), role });
        self.notice = Some(Notice { text, role, until, undo: Vec::new(), action: None });
    }

    /// Whether the message being written is empty, and is one for the customer.
    pub fn is_blank(&self) -> bool {
        let writes_nothing = |thread: &Thread| {
            let composer = &thread.composer;
            composer.is_empty() && composer.files.is_empty() && !composer.note && composer.changing().is_none()
        };
        self.overlay.is_none() && self.focus == Focus::Composer && self.thread.as_ref().is_some_and(writes_nothing)
    }

    /// The contexts in which a key is looked up now, but for a text field's own editing.
    pub fn contexts(&self) -> [Context; 2] {
        match &self.overlay {
            Some(overlay) => [overlay.context(), Context::Global],
            None => [self.focus.context(), Context::Global],
        }
    }

    /// The key of an action as it can be pressed now; in a text field only one that is not text.
    pub fn key_of(&self, action: Action) -> Option<String> {
        let contexts = self.contexts();
        let text = contexts[0].is_text();
        let found = self.settings.keymap.of(action, &contexts);
        let usable = |b: &&super::keymap::Binding| {
            b.context == contexts[0] || (b.context == Context::Global && (!text || b.keys[0].is_command()))
        };
        found.into_iter().find(usable).map(|b| b.label())
    }

    /// What stands in place of a thread when none is open.
    pub fn hint_for_open(&self) -> Shown {
        let key = self.settings.keymap.label(Action::Open, &[Context::Inbox, Context::Global]);
        shown!("{} opens a conversation", key.unwrap_or_default())
    }

    /// What stands in an empty composer without the focus.
    pub fn hint_for_write(&self) -> Shown {
        let key = self.settings.keymap.label(Action::Write, &[Context::Thread, Context::Global]);
        shown!("{} to write", key.unwrap_or_default())
    }

    /// What stands in an empty phone without the focus.
    pub fn hint_for_phone(&self) -> Shown {
        let key = self.settings.keymap.label(Action::TextIn, &[Context::Phones, Context::Global]);
        shown!("{} to text in", key.unwrap_or_default())
    }
}
