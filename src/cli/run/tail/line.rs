//! One event as one line, and which events are wanted. Text from outside is shown, never obeyed.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::api::When;
use crate::api::events::Event;
use crate::domain::message::Status;
use crate::domain::shown::shown;

/// The widest that a message's text gets in a line.
const TEXT: usize = 60;

/// How much of it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Everything in a line.
    Full,
    /// No texts.
    Compact,
}

/// Which events are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Beginnings of kinds; all when empty.
    pub kinds: Vec<String>,
    /// Only what needs a person.
    pub quiet: bool,
}

impl Wanted {
    /// Whether this one is.
    pub fn takes(&self, event: &Event) -> bool {
        let kind = event.kind.as_str();
        let named = self.kinds.is_empty() || self.kinds.iter().any(|wanted| is_kind(kind, wanted));
        named && (!self.quiet || needs_a_person(event))
    }
}

/// `message` means all of its kinds, `message.status` that one.
fn is_kind(kind: &str, wanted: &str) -> bool {
    kind.strip_prefix(wanted.trim_end_matches('.')).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn needs_a_person(event: &Event) -> bool {
    let failed = event.message.as_ref().is_some_and(|m| matches!(m.status, Status::Failed | Status::Undelivered));
    match event.kind.as_str() {
        "message.status" => failed,
        "message.refused" | "message.unknown" | "webhook.deadLetter" | "conversation.optOut" | "keeping.gap" => true,
        _ => false,
    }
}

/// The line, with the time as the caller wants it.
pub fn line(event: &Event, at: impl Fn(When) -> String, style: Style) -> String {
    let mut line = format!("{}  {:<22}", at(event.at), shown(event.kind.as_str()));
    let mut add = |text: &str| {
        if !text.is_empty() {
            line.push_str("  ");
            line.push_str(&shown(text));
        }
    };
    if let Some(conversation) = &event.conversation {
        match (&conversation.name, style) {
            (Some(name), Style::Full) => add(&format!("{name} {}", conversation.customer)),
            _ => add(conversation.customer.as_str()),
        }
    }
    if let Some(message) = &event.message {
        add(&word(&message.status));
        if let Some(code) = message.error {
            add(&match (&message.error_text, style) {
                (Some(text), Style::Full) => format!("{code} {text}"),
                _ => code.to_string(),
            });
        }
        if style == Style::Full {
            add(&cut(&message.body, TEXT));
        }
    } else if let Some(conversation) = event.conversation.as_ref().filter(|_| style == Style::Full) {
        add(&word(&conversation.status));
        add(&conversation.assignee.as_ref().map(|who| format!("of {who}")).unwrap_or_default());
    }
    if let Some(actor) = event.actor.as_ref().filter(|actor| style == Style::Full && !actor.is_empty()) {
        add(&format!("by {actor}"));
    }
    line.trim_end().to_owned()
}

fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// At most so many cells of a text, in one line.
pub fn cut(text: &str, cells: usize) -> String {
    let text = shown(text);
    if text.width() <= cells {
        return text.into_owned();
    }
    let mut used = 0;
    let kept = text.graphemes(true).take_while(|g| {
        used += g.width();
        used < cells
    });
    kept.chain(["…"]).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, status: &str, body: &str) -> Event {
        let at = "2026-03-02T17:00:00Z";
        let row = json!({
            "cursor": crate::api::events::Cursor::default().encode(), "kind": kind, "at": at, "actor": "kim",
            "conversation": {
                "id": "7", "business": "3", "customer": "+14155550123", "ours": "+14155550100", "name": "Maria\u{1b}[2J",
                "status": "open", "unread": 0, "seen": 0, "failed": 0, "activeAt": at, "version": 1,
            },
            "message": {
                "id": "9", "conversation": "7", "direction": "out", "from": "+14155550100", "to": "+14155550123",
                "body": body, "at": at, "status": status, "error": (status == "failed").then_some(30003),
            },
        });
        serde_json::from_value(row).unwrap()
    }

    #[test]
    fn a_line_is_the_same_every_time_and_harmless() {
        let failed = event("message.status", "failed", "two\nlines\u{202e}");
        let at = |when: When| when.0.rfc3339();
        assert_eq!(
            line(&failed, at, Style::Full),
            "2026-03-02T17:00:00Z  message.status          Maria␛[2J +14155550123  failed  30003  two⏎lines<U+202E>  by kim"
        );
        let compact = line(&failed, at, Style::Compact);
        assert_eq!(compact, "2026-03-02T17:00:00Z  message.status          +14155550123  failed  30003");
        assert_eq!(cut(&"李".repeat(40), 10), "李李李李…");
    }

    #[test]
    fn kinds_and_quiet_choose() {
        let (failed, sent) = (event("message.status", "failed", ""), event("message.status", "sent", ""));
        let kinds = |kinds: &[&str]| Wanted { kinds: kinds.iter().map(|k| (*k).to_owned()).collect(), quiet: false };
        assert!(
            kinds(&[]).takes(&sent) && kinds(&["message"]).takes(&sent) && kinds(&["x", "message.status"]).takes(&sent)
        );
        assert!(!kinds(&["mess"]).takes(&sent) && !kinds(&["conversation"]).takes(&sent));
        let quiet = Wanted { quiet: true, ..Wanted::default() };
        assert!(quiet.takes(&failed) && !quiet.takes(&sent));
        assert!(quiet.takes(&event("conversation.optOut", "sent", "")));
    }
}
