//! The panes that take the whole screen: what they have in common is a list with a cursor, and that they
//! are read when they are opened.

use super::app::Focus;
use super::clock::Clock;
use super::msg::Effect;
use super::panes::analytics::Analytics;
use super::panes::audit::Audit;
use super::panes::businesses::Businesses;
use super::panes::events::Log;
use super::panes::hooks::Hooks;
use super::panes::preferences::{Preferences, Row};
use super::panes::upkeep::Upkeep;
use super::panes::verify::Tester;
use super::session::Session;
use super::widgets::list;

/// The panes that take the whole screen.
#[derive(Debug, Default)]
pub struct Rooms {
    /// The list of businesses.
    pub businesses: Businesses,
    /// What happened lately.
    pub log: Log,
    /// What Twilio told us.
    pub hooks: Hooks,
    /// What keeps a node right.
    pub upkeep: Upkeep,
    /// What a person likes.
    pub preferences: Preferences,
    /// Verifications: what is tried, and what was sent.
    pub tester: Tester,
    /// Who did what.
    pub audit: Audit,
    /// How things went, in figures.
    pub analytics: Analytics,
}

impl Rooms {
    /// Forgets what belongs to a world that is over.
    pub fn forget(&mut self) {
        *self = Rooms::default();
    }

    /// A pane is opened: what it lacks is asked for.
    pub fn enter(&mut self, focus: Focus, session: &Session, clock: &Clock) -> Vec<Effect> {
        match focus {
            Focus::Businesses => {
                let shown = session.businesses.iter().position(|b| Some(b.id) == session.business);
                self.businesses.at = shown.unwrap_or(0);
                self.businesses.look(session)
            }
            Focus::Webhooks | Focus::Letters => self.hooks.load(),
            Focus::Keeping => self.upkeep.load_keeping(),
            Focus::Numbers => self.upkeep.load_numbers(),
            Focus::Later => self.upkeep.load_later(session.business),
            Focus::Held => self.upkeep.load_held(session.business),
            Focus::Tester | Focus::TesterForm | Focus::TesterCode => self.tester.reload(),
            Focus::Attempts | Focus::AttemptFilter => self.tester.load_log(),
            Focus::Dashboard => self.analytics.enter(session, clock),
            Focus::Audit | Focus::AuditFilter => self.audit.load(clock),
            _ => Vec::new(),
        }
    }

    /// Moves the cursor of a pane.
    pub fn step(&mut self, focus: Focus, by: isize, session: &Session) -> Vec<Effect> {
        match focus {
            Focus::Businesses => {
                self.businesses.at = list::step(self.businesses.at, by, session.businesses.len());
                return self.businesses.look(session);
            }
            Focus::Events | Focus::EventFilter => self.log.step(by),
            Focus::Webhooks | Focus::WebhookFilter => self.hooks.step(by),
            Focus::Letters => return self.hooks.letters.step(by),
            Focus::Audit | Focus::AuditFilter => return self.audit.step(by),
            Focus::Keeping => return self.upkeep.step_gaps(by),
            Focus::Numbers => {
                self.upkeep.numbers.at = list::step(self.upkeep.numbers.at, by, self.upkeep.numbers.items.len());
            }
            Focus::Later => return self.upkeep.step_later(by),
            Focus::Held => return self.upkeep.step_held(by),
            Focus::Tester => self.tester.scroll(by),
            Focus::Matrix => self.tester.matrix.step(by),
            Focus::Attempts | Focus::AttemptFilter => return self.tester.log.step(self.tester.business, by),
            Focus::Preferences => self.preferences.at = list::step(self.preferences.at, by, Row::ALL.len()),
            Focus::KeyList => self.preferences.key = list::step(self.preferences.key, by, self.preferences.keys),
            _ => {}
        }
        Vec::new()
    }

    /// Puts the cursor of a pane on a row. Whether it was there already.
    pub fn point(&mut self, focus: Focus, row: usize) -> bool {
        let at = match focus {
            Focus::Businesses => &mut self.businesses.at,
            Focus::Events | Focus::EventFilter => &mut self.log.at,
            Focus::Webhooks | Focus::WebhookFilter => &mut self.hooks.at,
            Focus::Letters => return self.hooks.letters.point(row),
            Focus::Audit | Focus::AuditFilter => return self.audit.point(row),
            Focus::Matrix => return self.tester.matrix.point(row),
            Focus::Attempts | Focus::AttemptFilter => return self.tester.log.point(row),
            Focus::Dashboard => return self.analytics.spot_mut().at.replace(row) == Some(row),
            Focus::Figures => match &mut self.analytics.figures {
                Some(figures) => &mut figures.at,
                None => return false,
            },
            Focus::Keeping => &mut self.upkeep.gaps.at,
            Focus::Numbers => &mut self.upkeep.numbers.at,
            Focus::Later => &mut self.upkeep.later.at,
            Focus::Held => &mut self.upkeep.held.at,
            Focus::Preferences => &mut self.preferences.at,
            Focus::KeyList => &mut self.preferences.key,
            _ => return false,
        };
        std::mem::replace(at, row) == row
    }

    /// A pane was drawn: its list stays where it stood.
    pub fn drawn(&mut self, focus: Focus, top: usize) {
        match focus {
            Focus::Businesses => self.businesses.top = top,
            Focus::Events | Focus::EventFilter => self.log.top = top,
            Focus::Webhooks | Focus::WebhookFilter => self.hooks.top = top,
            Focus::Letters => self.hooks.letters.top = top,
            Focus::Audit | Focus::AuditFilter => self.audit.top = top,
            Focus::Dashboard => self.analytics.spot_mut().top = top,
            Focus::Figures => self.analytics.figures.iter_mut().for_each(|figures| figures.top = top),
            Focus::Keeping => self.upkeep.gaps.top = top,
            Focus::Numbers => self.upkeep.numbers.top = top,
            Focus::Later => self.upkeep.later.top = top,
            Focus::Held => self.upkeep.held.top = top,
            Focus::Attempts | Focus::AttemptFilter => self.tester.log.top = top,
            Focus::Preferences => self.preferences.top = top,
            Focus::KeyList => self.preferences.key_top = top,
            _ => {}
        }
    }
}
