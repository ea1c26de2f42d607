//! Advanced Opt-Out of a Messaging Service: its own keywords and its own answers.
//!
//! At Twilio it is switched on in the console, not by API; here by the control API. The four words that
//! every service has cannot be taken away.

use serde::{Deserialize, Serialize};

use crate::domain::sms::{Keyword, keyword};
use crate::sandbox::error::StoreError;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// Keywords and the answer to them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Words {
    /// Beside those every service has.
    pub keywords: Vec<String>,
    /// Instead of Twilio's own words.
    pub reply: Option<String>,
}

/// The settings of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Advanced {
    /// Ends messages.
    pub stop: Words,
    /// Allows them again.
    pub start: Words,
    /// Asks for help.
    pub help: Words,
}

impl Row for Advanced {
    const KIND: &'static str = "advanced-opt-out";
}

impl Advanced {
    /// What a text means to this service.
    pub fn hear(&self, body: &str) -> Option<Keyword> {
        let said = body.trim();
        let own = |words: &Words| words.keywords.iter().any(|word| word.trim().eq_ignore_ascii_case(said));
        let lists = [(&self.stop, Keyword::Stop), (&self.start, Keyword::Start), (&self.help, Keyword::Help)];
        lists.into_iter().find(|(words, _)| own(words)).map(|(_, word)| word).or_else(|| keyword(body))
    }

    /// The answer of its own to a keyword.
    pub fn reply(&self, word: Keyword) -> Option<&str> {
        let words = match word {
            Keyword::Stop => &self.stop,
            Keyword::Start => &self.start,
            Keyword::Help => &self.help,
        };
        words.reply.as_deref()
    }
}

/// The settings of a service that has Advanced Opt-Out.
pub fn get(world: &World, service: &str) -> Result<Option<Advanced>, StoreError> {
    world.get(service)
}

/// Switches it on, with these settings.
pub fn set(world: &mut World, service: &str, advanced: &Advanced) -> Result<(), StoreError> {
    world.put(service, advanced)
}
