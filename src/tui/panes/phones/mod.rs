//! The simulated handsets of the sandbox: what the customer sees, and texting in as the customer.
//!
//! It exists only while the node talks to the sandbox. It reads a handset again when something
//! happened to it, and only while it is in view.

mod draw;

use std::collections::HashMap;

pub use draw::draw;

use crate::api::ApiError;
use crate::api::inbox::{ConversationView, MessageView};
use crate::api::simulator::{GetPhone, ListPhones, PhoneList, PhoneView, TextFromPhone};
use crate::domain::message::Direction;
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::shown::Shown;
use crate::tui::widgets::{field::Field, list};

/// The handsets.
#[derive(Debug, Default)]
pub struct Phones {
    /// Their addresses, most recently used first.
    pub handsets: Vec<String>,
    /// Which one is chosen.
    pub at: usize,
    /// What it shows.
    pub view: Option<PhoneView>,
    /// What is being typed on it.
    pub typing: Field,
    /// Shown or hidden by a person; by the width of the screen when nobody said.
    pub shown: Option<bool>,
    /// Why a handset could not be read.
    pub error: Option<Shown>,
    names: HashMap<String, String>,
    numbers: HashMap<String, String>,
    asked: bool,
    again: bool,
    stale: bool,
    listing: bool,
    unlisted: bool,
}

impl Phones {
    /// Asks for the list of handsets.
    pub fn load(&self) -> Effect {
        ask(Tag::Phones, ListPhones {})
    }

    /// Forgets the handsets: they belong to a world that is over.
    pub fn forget(&mut self) {
        *self = Phones { shown: self.shown, ..Phones::default() };
    }

    /// The chosen handset's address.
    pub fn current(&self) -> Option<&str> {
        self.handsets.get(self.at).map(String::as_str)
    }

    /// What agents call the person with this handset.
    pub fn name(&self, address: &str) -> Option<&str> {
        self.names.get(address).map(String::as_str)
    }

    /// The number that this handset texts: where it last wrote to.
    pub fn texts_to(&self, address: &str) -> Option<&str> {
        self.numbers.get(address).map(String::as_str)
    }

    /// Learns from a conversation who has a handset and whom it texts.
    pub fn learn(&mut self, view: &ConversationView) {
        let address = view.customer.as_str().to_owned();
        self.numbers.insert(address.clone(), view.ours.as_str().to_owned());
        match &view.name {
            Some(name) => self.names.insert(address, name.clone()),
            None => self.names.remove(&address),
        };
    }

    /// The list came.
    pub fn listed(&mut self, listed: Result<PhoneList, ApiError>) -> Vec<Effect> {
        self.listing = false;
        match listed {
            Ok(listed) => {
                let chosen = self.current().map(str::to_owned);
                let mut handsets = listed.items;
                for own in &self.handsets {
                    if !handsets.contains(own) {
                        handsets.push(own.clone());
                    }
                }
                self.handsets = handsets;
                self.error = None;
                self.at = chosen.and_then(|c| self.handsets.iter().position(|h| *h == c)).unwrap_or(0);
                self.read()
            }
            Err(e) => {
                self.error = Some(Shown::from(e.to_string()));
                Vec::new()
            }
        }
    }

    /// Reads the chosen handset; one request at a time.
    pub fn read(&mut self) -> Vec<Effect> {
        if self.asked {
            self.again = true;
            return Vec::new();
        }
        let Some(address) = self.current().map(str::to_owned) else { return Vec::new() };
        self.asked = true;
        vec![ask(Tag::Phone(address.clone()), GetPhone { address })]
    }

    /// A handset was read.
    pub fn answered(&mut self, address: &str, view: Result<PhoneView, ApiError>) -> Vec<Effect> {
        self.asked = false;
        if self.current() == Some(address) {
            match view {
                Ok(view) => {
                    self.view = Some(view);
                    self.error = None;
                }
                Err(e) => self.error = Some(Shown::from(e.to_string())),
            }
        } else {
            self.again = true;
        }
        if std::mem::take(&mut self.again) { self.read() } else { Vec::new() }
    }

    /// A message of some conversation changed: a handset that it concerns is read again once it is in
    /// view, and one never seen before is listed.
    pub fn happened(&mut self, message: &MessageView) -> Vec<Effect> {
        let is = |a: &str| message.from.as_str() == a || message.to.as_str() == a;
        self.stale |= self.current().is_some_and(is);
        if message.direction == Direction::In && !self.handsets.iter().any(|h| is(h)) {
            return vec![self.load()];
        }
        Vec::new()
    }

    /// Something came to a handset by another way than a conversation: it is read, and one never seen before
    /// is listed, once the phones are in view.
    pub fn came_to(&mut self, address: &str) {
        self.stale |= self.current() == Some(address);
        self.unlisted |= !self.handsets.iter().any(|known| known == address);
    }

    /// The phones are in view.
    pub fn seen(&mut self) -> Vec<Effect> {
        let mut effects = if std::mem::take(&mut self.stale) { self.read() } else { Vec::new() };
        // One question at a time, however many strangers write.
        if self.unlisted && !self.listing {
            (self.unlisted, self.listing) = (false, true);
            effects.push(self.load());
        }
        effects
    }

    /// Chooses a handset.
    pub fn choose(&mut self, at: usize) -> Vec<Effect> {
        let at = at.min(self.handsets.len().saturating_sub(1));
        if at == self.at && self.view.is_some() {
            return Vec::new();
        }
        self.at = at;
        self.view = None;
        self.read()
    }

    /// Moves through the handsets.
    pub fn step(&mut self, by: isize) -> Vec<Effect> {
        self.choose(list::step(self.at, by, self.handsets.len()))
    }

    /// Shows a handset by its address, a new one if need be.
    pub fn show(&mut self, address: &str) -> Vec<Effect> {
        let at = match self.handsets.iter().position(|h| h == address) {
            Some(at) => at,
            None => {
                self.handsets.push(address.to_owned());
                self.handsets.len() - 1
            }
        };
        self.choose(at)
    }

    /// Texts in what was typed. `ours` is the number of the business, for a handset that never wrote.
    pub fn send(&mut self, ours: Option<&str>) -> Result<Vec<Effect>, Shown> {
        let Some(address) = self.current().map(str::to_owned) else {
            return Err("choose a phone first".into());
        };
        let known = self.texts_to(&address).or(ours).map(str::to_owned);
        let Some(to) = known else {
            return Err("this business has no number yet: route one to it first".into());
        };
        if self.typing.text().trim().is_empty() {
            return Ok(Vec::new());
        }
        let body = self.typing.take();
        Ok(vec![ask(Tag::TextIn(body.clone()), TextFromPhone { address, to, body, media: Vec::new() })])
    }
}
