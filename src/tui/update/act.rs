//! What an action does. It only routes: what a pane can do by itself is the pane's.

use super::{
    analytics, bulk, businesses, chat, contents, feed, files, labels, later, lock, offers, outside, overlay,
    preferences, refusal, rooms, said, sandbox, verify, views,
};
use crate::api::inbox::{ListConversations, Tab};
use crate::domain::conversation::Status;
use crate::domain::query::Query;
use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::framemap::FrameMap;
use crate::tui::msg::{Effect, TABS, Tag, ask};
use crate::tui::overlay::{Fill, Overlay, Purpose};
use crate::tui::panes::inbox::Verb;
use crate::tui::shown::Shown;
use crate::tui::theme::Role;

/// Carries an action out, or says why not.
pub fn act(app: &mut App, map: &FrameMap, action: Action) -> Vec<Effect> {
    if app.overlay.is_some()
        && let Some(effects) = overlay::in_overlay(app, map, action)
    {
        return effects;
    }
    if let Some(why) = refusal(app, action) {
        app.say(why, Role::Warn);
        app.notice.iter_mut().for_each(|notice| notice.action = Some(action));
        return Vec::new();
    }
    match action {
        Action::Palette => offers::palette(app),
        Action::Help => offers::help(app),
        Action::Manual => offers::manual(app),
        Action::Said => said::show(app),
        Action::Quit => offers::quit(app),
        Action::Redraw => vec![Effect::Redraw],
        Action::ChooseTheme => offers::themes(app),
        Action::ToggleMouse => {
            app.settings.mouse = !app.settings.mouse;
            let said = if app.settings.mouse { "the mouse works here" } else { "the mouse is the terminal's" };
            app.say(said, Role::Text);
            vec![Effect::Mouse(app.settings.mouse)]
        }
        Action::Back => back(app),
        Action::NextPane => next_pane(app, map, 1),
        Action::PreviousPane => next_pane(app, map, -1),
        Action::GoInbox => go(app, Focus::Inbox),
        Action::GoPhones => go(app, Focus::Phones),
        Action::GoBusinesses => go(app, Focus::Businesses),
        Action::GoEvents => go(app, Focus::Events),
        Action::GoAudit => go(app, Focus::Audit),
        Action::GoWebhooks => go(app, Focus::Webhooks),
        Action::GoLetters => go(app, Focus::Letters),
        Action::GoKeeping => go(app, Focus::Keeping),
        Action::GoNumbers => go(app, Focus::Numbers),
        Action::GoLater => go(app, Focus::Later),
        Action::GoHeld => go(app, Focus::Held),
        Action::GoTester => verify::open(app),
        Action::GoAttempts => verify::open_log(app),
        Action::GoDashboard => analytics::open(app),
        Action::GoPreferences => go(app, Focus::Preferences),
        Action::GoKeys => go(app, Focus::KeyList),
        Action::Behind => super::behind::open(app),
        Action::Older | Action::Newer => Vec::new(),
        Action::Privacy => {
            app.settings.privacy = !app.settings.privacy;
            let said =
                if app.settings.privacy { "numbers and texts are masked" } else { "numbers and texts are shown" };
            app.say(said, Role::Text);
            Vec::new()
        }
        Action::ResetKey => preferences::reset_key(app),
        Action::Lock => lock::lock(app),
        Action::SwitchBusiness => offers::businesses(app),
        Action::Up => step(app, map, -1),
        Action::Down => step(app, map, 1),
        Action::PageUp => step(app, map, -page(app, map)),
        Action::PageDown => step(app, map, page(app, map)),
        Action::First => step(app, map, isize::MIN / 2),
        Action::Last => step(app, map, isize::MAX / 2),
        Action::NextField | Action::PreviousField => {
            // Outside an overlay only the tester has forms.
            verify::form(app).step(if action == Action::NextField { 1 } else { -1 });
            Vec::new()
        }
        Action::Open => open(app),
        Action::TabMine => tab(app, Tab::Mine),
        Action::TabUnassigned => tab(app, Tab::Unassigned),
        Action::TabAll => tab(app, Tab::All),
        Action::TabWaiting => tab(app, Tab::Waiting),
        Action::TabFailed => tab(app, Tab::Failed),
        Action::TabSnoozed => tab(app, Tab::Snoozed),
        Action::View1 => views::show(app, 0),
        Action::View2 => views::show(app, 1),
        Action::View3 => views::show(app, 2),
        Action::SaveView => views::save(app),
        Action::NextTab => turn_tab(app, 1),
        Action::PreviousTab => turn_tab(app, -1),
        Action::Filter if matches!(app.focus, Focus::Events | Focus::EventFilter) => {
            app.rooms.log.filter.get_or_insert_default();
            go(app, Focus::EventFilter)
        }
        Action::Filter if matches!(app.focus, Focus::Audit | Focus::AuditFilter) => {
            app.rooms.audit.filter.get_or_insert_default();
            app.focus = Focus::AuditFilter;
            Vec::new()
        }
        Action::Filter if matches!(app.focus, Focus::Webhooks | Focus::WebhookFilter) => {
            app.rooms.hooks.filter.get_or_insert_default();
            go(app, Focus::WebhookFilter)
        }
        Action::Filter if matches!(app.focus, Focus::Attempts | Focus::AttemptFilter) => {
            app.rooms.tester.log.search.get_or_insert_default();
            app.focus = Focus::AttemptFilter;
            Vec::new()
        }
        Action::Filter => {
            app.inbox.filter.get_or_insert_default();
            go(app, Focus::Filter)
        }
        Action::NextWaiting => {
            let business = app.session.business;
            let list =
                ListConversations { business, tab: Tab::Waiting, limit: Some(2), ..ListConversations::default() };
            app.session.is_awaited = true;
            vec![ask(Tag::LongestWaiting, list)]
        }
        Action::NewMessage => {
            app.overlay = Some(Overlay::Fill(Fill::new(Purpose::NewMessage(app.session.business), "")));
            Vec::new()
        }
        Action::Mark => app.inbox.mark(),
        Action::MarkAll => {
            app.inbox.mark_all(map.inbox);
            Vec::new()
        }
        Action::Label => labels::open(app),
        Action::Assign => offers::agents(app),
        Action::Resolve => bulk::resolve(app),
        Action::Reopen => {
            let ids = bulk::targets(app);
            bulk::start(app, &ids, &Verb::Status(Status::Open, None), "open again".into(), "open again")
        }
        Action::Snooze => {
            let purpose = Purpose::Snooze(bulk::targets(app));
            app.overlay = Some(Overlay::Fill(Fill::new(purpose, "tomorrow 9")));
            Vec::new()
        }
        Action::UndoStatus => bulk::undo(app),
        Action::NameContact => {
            if let Some(target) = app.target() {
                let purpose = Purpose::Name(Some(target.business), target.customer.clone());
                let name = target.name.clone().unwrap_or_default();
                app.overlay = Some(Overlay::Fill(Fill::new(purpose, &name)));
            }
            Vec::new()
        }
        Action::Why => verify::why(app).unwrap_or_else(|| offers::why(app)),
        Action::Retry => chat::retry(app),
        Action::Copy if app.focus == Focus::Dashboard => analytics::copy(app),
        Action::Copy => chat::copy(app),
        Action::Pipe => super::pipe::open(app),
        Action::ShowContact => chat::show_contact(app, map),
        Action::SendLater => later::send(app),
        Action::Reschedule if app.focus != Focus::Later => later::reschedule(app),
        Action::ChangeLater => later::change(app),
        Action::CancelLater if app.focus != Focus::Later => later::cancel(app),
        Action::EditOutside => outside::edit(app),
        Action::OpenFile => files::open(app),
        Action::SaveFile => files::save(app),
        Action::Template => contents::open(app),
        Action::Attach => files::attach(app),
        Action::Detach => files::detach(app),
        Action::Write => chat::write(app, false),
        Action::Note if app.focus == Focus::Composer => chat::toggle_note(app),
        Action::Note => chat::write(app, true),
        Action::Send if app.focus == Focus::Handset => text_in(app),
        Action::Send => chat::send(app),
        Action::Newline => {
            if chat::is_locked(app) {
                return Vec::new();
            }
            if let Some(thread) = &mut app.thread {
                thread.composer.newline();
            }
            chat::typed(app)
        }
        Action::UndoSend => chat::undo_send(app),
        Action::PlainLetters => chat::plain_letters(app),
        Action::EveryBusiness if app.focus == Focus::Audit => super::audit::turn(app),
        Action::EveryBusiness if app.focus == Focus::Attempts => {
            let tester = &mut app.rooms.tester;
            tester.business.map(|business| tester.log.turn(business)).unwrap_or_default()
        }
        Action::ExportAudit => super::audit::formats(app),
        Action::SplitBy
        | Action::Earlier
        | Action::LaterOn
        | Action::ShorterRange
        | Action::LongerRange
        | Action::OwnDates
        | Action::AsTable
        | Action::HeatNumbers
        | Action::ExportReport
        | Action::EveryBusiness => analytics::act(app, action),
        Action::Follow
        | Action::ReplayLetter
        | Action::ReplayAll
        | Action::Sweep
        | Action::StartImport
        | Action::StopImport
        | Action::PointNumber
        | Action::UnpointNumber
        | Action::Reschedule
        | Action::CancelLater
        | Action::Release
        | Action::ChangeHeld
        | Action::CancelHeld => rooms::act(app, action),
        Action::NewBusiness
        | Action::EditBusiness
        | Action::SetUpBusiness
        | Action::ActivateBusiness
        | Action::DeleteBusiness => businesses::act(app, action),
        Action::SendCode
        | Action::TypeCode
        | Action::CheckCode
        | Action::RightCode
        | Action::WrongCode
        | Action::ResendCode
        | Action::CancelCode
        | Action::FallBack
        | Action::ApproveCode
        | Action::EditTest
        | Action::LookUp
        | Action::ShowTemplates
        | Action::Matrix
        | Action::RunMatrix
        | Action::SaveMatrix
        | Action::OpenMatrix
        | Action::Rehearse
        | Action::MoreFields
        | Action::CellLeft
        | Action::CellRight => verify::act(app, action),
        Action::TogglePhones => {
            app.phones.shown = Some(!app.shows_phones(map.area.width));
            if matches!(app.focus, Focus::Phones | Focus::Handset) {
                app.focus = Focus::Inbox;
            } else if map.area.width < 120 {
                app.focus = Focus::Phones;
            }
            Vec::new()
        }
        Action::TextIn => go(app, Focus::Handset),
        Action::NewPhone => {
            app.overlay = Some(Overlay::Fill(Fill::new(Purpose::NewPhone, "+1415555")));
            Vec::new()
        }
        Action::Outcome => {
            if let Some(address) = app.phones.current().map(str::to_owned) {
                app.overlay = Some(Overlay::Fill(Fill::new(Purpose::Outcome(address), "")));
            }
            Vec::new()
        }
        Action::Faults => sandbox::faults(app),
        Action::MoveClock => sandbox::clock(app),
        Action::PauseClock => sandbox::pause(!app.clock.is_paused()),
    }
}

fn go(app: &mut App, focus: Focus) -> Vec<Effect> {
    app.focus = focus;
    app.rooms.analytics.opened = app.rooms.analytics.opened.filter(|_| focus != Focus::Inbox);
    if focus == Focus::KeyList {
        app.rooms.preferences.keys = crate::tui::panes::preferences::bound(&app.settings.keymap).len();
    }
    app.drafts.writing = app.drafts.writing.filter(|_| focus == Focus::Composer);
    app.rooms.enter(focus, &app.session, &app.clock)
}

fn back(app: &mut App) -> Vec<Effect> {
    app.notice = None;
    match app.focus {
        Focus::Composer => {
            if let Some(thread) = &mut app.thread {
                // What was changed of a message that waits is not kept.
                thread.composer.end_change();
                // An empty note is no note: the next text goes to the customer again only on purpose.
                thread.composer.note &= !thread.composer.is_empty();
            }
            app.focus = Focus::Thread;
            chat::keep_draft(app)
        }
        Focus::Handset => go(app, Focus::Phones),
        Focus::Filter => {
            let mut effects = app.inbox.widen();
            effects.extend(go(app, Focus::Inbox));
            effects
        }
        Focus::Inbox if !app.inbox.marked.is_empty() => {
            app.inbox.marked.clear();
            Vec::new()
        }
        Focus::Inbox if app.inbox.filter.is_some() => app.inbox.widen(),
        Focus::Inbox => {
            app.thread = None;
            Vec::new()
        }
        Focus::Thread => {
            if let Some(thread) = &mut app.thread
                && (thread.selected.is_some() || thread.foot.is_some())
            {
                return thread.to_end();
            }
            let to = analytics::back_to_row(app);
            go(app, to)
        }
        Focus::EventFilter => {
            app.rooms.log.filter = None;
            go(app, Focus::Events)
        }
        Focus::AuditFilter => super::audit::widen(app),
        Focus::Audit if app.rooms.audit.filter.is_some() => super::audit::widen(app),
        Focus::WebhookFilter => {
            app.rooms.hooks.filter = None;
            app.focus = Focus::Webhooks;
            Vec::new()
        }
        Focus::Dashboard | Focus::Figures => analytics::back(app).map(|to| go(app, to)).unwrap_or_default(),
        focus if focus.is_testing() => verify::back(app).map(|to| go(app, to)).unwrap_or_default(),
        Focus::Events if app.rooms.log.filter.take().is_some() => Vec::new(),
        Focus::Webhooks if app.rooms.hooks.filter.take().is_some() => Vec::new(),
        Focus::Phones
        | Focus::Businesses
        | Focus::Events
        | Focus::Audit
        | Focus::Webhooks
        | Focus::Letters
        | Focus::Keeping
        | Focus::Numbers
        | Focus::Later
        | Focus::Held
        | Focus::Preferences
        | Focus::KeyList
        | Focus::Tester
        | Focus::TesterForm
        | Focus::TesterCode
        | Focus::Matrix
        | Focus::MatrixForm
        | Focus::Attempts
        | Focus::AttemptFilter => go(app, Focus::Inbox),
    }
}

fn next_pane(app: &mut App, map: &FrameMap, by: isize) -> Vec<Effect> {
    let mut panes = vec![Focus::Inbox];
    if app.thread.is_some() {
        panes.extend([Focus::Thread, Focus::Composer]);
    }
    if app.shows_phones(map.area.width) || matches!(app.focus, Focus::Phones | Focus::Handset) {
        panes.extend([Focus::Phones, Focus::Handset]);
    }
    let at = panes.iter().position(|p| *p == app.focus).unwrap_or(0) as isize;
    let next = panes[(at + by).rem_euclid(panes.len() as isize) as usize];
    go(app, next)
}

fn tab(app: &mut App, tab: Tab) -> Vec<Effect> {
    app.inbox.widen();
    app.focus = Focus::Inbox;
    app.inbox.show(tab, app.session.business)
}

fn turn_tab(app: &mut App, by: isize) -> Vec<Effect> {
    if app.focus == Focus::Dashboard {
        return analytics::turn(app, by);
    }
    if let Some(part) = rooms::turn(app, by) {
        return go(app, part);
    }
    let at = TABS.iter().position(|(t, _)| *t == app.inbox.tab).unwrap_or(0) as isize;
    let next = TABS.get((at + by).rem_euclid(TABS.len() as isize) as usize);
    next.map(|(next, _)| tab(app, *next)).unwrap_or_default()
}

/// Rows of a page: one less than what is in view, so that something familiar stays.
fn page(app: &App, map: &FrameMap) -> isize {
    let fit = match app.focus {
        _ if app.overlay.is_some() => map.overlay.map(|l| l.fit),
        Focus::Inbox | Focus::Filter => map.inbox.map(|l| l.fit),
        Focus::Thread | Focus::Composer => map.thread.map(|v| v.height),
        _ => map.list.map(|l| l.fit),
    };
    fit.unwrap_or(10).saturating_sub(1).max(1) as isize
}

pub(super) fn step(app: &mut App, map: &FrameMap, by: isize) -> Vec<Effect> {
    match app.focus {
        Focus::Inbox | Focus::Filter => app.inbox.step(by),
        Focus::Thread if by.abs() == 1 => chat::select(app, map, by),
        Focus::Thread | Focus::Composer => chat::scroll(app, map, by),
        Focus::Phones | Focus::Handset => app.phones.step(by),
        Focus::Dashboard | Focus::Figures => analytics::step(app, by),
        focus => app.rooms.step(focus, by, &app.session),
    }
}

fn open(app: &mut App) -> Vec<Effect> {
    match app.focus {
        Focus::Filter if app.inbox.filter.as_ref().is_some_and(|f| is_list(f.text())) => {
            let text = app.inbox.filter.as_ref().map(|f| f.text().to_owned()).unwrap_or_default();
            match Query::parse(&text) {
                Ok(_) => go(app, Focus::Inbox),
                Err(why) => {
                    app.say(Shown::of(&why), Role::Warn);
                    Vec::new()
                }
            }
        }
        Focus::Inbox | Focus::Filter => {
            let Some(view) = app.inbox.current().cloned() else { return Vec::new() };
            if !app.inbox.is_narrowed() {
                // It has found what it was for.
                app.inbox.filter = None;
            }
            chat::open(app, view)
        }
        Focus::Businesses => {
            let Some(id) = app.session.businesses.get(app.rooms.businesses.at).map(|b| b.id) else { return Vec::new() };
            feed::show_business(app, id)
        }
        Focus::Thread => chat::write(app, false),
        _ => rooms::open(app),
    }
}

fn text_in(app: &mut App) -> Vec<Effect> {
    let ours = app.session.our_address().map(str::to_owned);
    app.phones.send(ours.as_deref()).unwrap_or_else(|why: Shown| {
        app.say(why, Role::Warn);
        Vec::new()
    })
}

/// Whether a filter makes a list of its own, which stays when the cursor goes into it: it has fields, or would
/// have them if they were right.
fn is_list(text: &str) -> bool {
    Query::parse(text).map_or(true, |query| query.has_fields())
}
