//! Who may do what: permissions, the named sets of them, agents and tokens.

use serde::{Deserialize, Serialize};

use super::id::Id;
use super::time::Time;

/// One thing a caller may be allowed to do. The order is part of the stored form: append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[repr(u8)]
pub enum Permission {
    /// See conversations and messages.
    InboxRead,
    /// Send, note, assign, snooze, resolve.
    InboxWrite,
    /// See businesses and endpoints.
    BusinessRead,
    /// Create, change, delete businesses and endpoints.
    BusinessWrite,
    /// Send and check verification codes.
    Verify,
    /// See usage, cost and reports.
    Analytics,
    /// See the audit log, dead letters and events.
    Audit,
    /// Agents, tokens, settings.
    Admin,
    /// The sandbox's phones, clock and faults.
    Simulator,
    /// See the log of verifications; resend, cancel and approve them; look numbers up.
    Verifications,
}

/// A set of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permissions(pub u32);

impl Permissions {
    /// Everything, by right of the file: what the local console has.
    pub const ALL: Permissions = Permissions(u32::MAX);

    /// A set of the given permissions.
    pub const fn of(list: &[Permission]) -> Permissions {
        let mut bits = 0;
        let mut i = 0;
        while i < list.len() {
            bits |= 1 << list[i] as u32;
            i += 1;
        }
        Permissions(bits)
    }

    /// Whether the set has `p`.
    pub fn has(self, p: Permission) -> bool {
        self.0 & (1 << p as u32) != 0
    }

    /// A named set: `agent`, `operator`, `admin`, `auditor` or `business`.
    pub fn named(name: &str) -> Option<Permissions> {
        use Permission::*;
        Some(match name {
            "agent" => Permissions::of(&[InboxRead, InboxWrite, BusinessRead, Simulator]),
            "operator" => Permissions::of(&[InboxRead, BusinessRead, Verify, Verifications, Simulator]),
            "admin" => Permissions::ALL,
            "auditor" => Permissions::of(&[BusinessRead, Analytics, Audit]),
            "business" => Permissions::of(&[BusinessRead, Verify, Verifications, Analytics]),
            _ => return None,
        })
    }
}

/// A person who uses the console or the API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    /// Short, unique: `agent1`.
    pub handle: String,
    /// Shown to others.
    pub name: String,
    /// What they may do.
    pub permissions: Permissions,
    /// When the row was made.
    pub created_at: Time,
    /// Rises with each change.
    #[serde(default)]
    pub version: u64,
}

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TokenKind {
    /// Kept on a server; everything its owner may do.
    Secret,
    /// May stand in a web page; only what a visitor needs.
    Publishable,
    /// Short-lived, made by a node for consoles on its machine.
    Session,
}

/// An API token; only the SHA-256 of its text is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// Our id, shown in lists and audit entries.
    pub id: Id,
    /// SHA-256 of the token's text, hex.
    pub hash: String,
    /// What it may be used for.
    pub kind: TokenKind,
    /// The agent it speaks for, if any.
    #[serde(default)]
    pub agent: Option<String>,
    /// The business it is limited to, if any.
    #[serde(default)]
    pub business: Option<Id>,
    /// What it may do.
    pub permissions: Permissions,
    /// A word to tell tokens apart.
    #[serde(default)]
    pub label: String,
    /// When it was made.
    pub created_at: Time,
    /// When it stopped being valid.
    #[serde(default)]
    pub revoked_at: Option<Time>,
}

/// The handles that a note calls by `@handle`, as they come. A handle begins a word; what follows it as
/// punctuation is none of it.
pub fn mentioned(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut found = Vec::new();
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if c == '@' && !is_part(before) {
            let rest = &text[at + 1..];
            let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
            let handle = rest[..end].trim_end_matches('.').to_lowercase();
            if !handle.is_empty() {
                found.push(handle);
            }
        }
        before = c;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_sets_are_what_they_say() {
        let agent = Permissions::named("agent").unwrap();
        assert!(agent.has(Permission::InboxWrite) && !agent.has(Permission::Admin));
        assert!(Permissions::named("admin").unwrap().has(Permission::Admin));
        assert!(Permissions::named("root").is_none());
    }

    #[test]
    fn a_mention_is_a_word_of_its_own() {
        assert_eq!(mentioned("@agent2 she prefers mornings"), ["agent2"]);
        assert_eq!(mentioned("ask @Ann, or @bob-2. (@c.d)"), ["ann", "bob-2", "c.d"]);
        assert_eq!(mentioned("kim@example.com @ @. 好@agent2"), ["agent2"]);
    }
}
