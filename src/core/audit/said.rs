//! What an entry of the audit log says, in words: a sentence that goes on after who did it, what it is about,
//! and what is not as it was.
//!
//! It reads what was sealed, of any version of this program: what it does not find it leaves out.

use serde_json::Value;

use crate::api::audit::AuditChange;
use crate::domain::access::Permissions;
use crate::domain::remote::{Kind as StepKind, State};

/// Fields of rows that say nothing about what was changed.
const SILENT: &[&str] = &["id", "business", "version", "created_at", "updated_at", "updated_by", "hash"];
/// Changes that a sentence tells; `changes` has all.
const TOLD: usize = 3;
/// Characters of a value in a sentence.
const VALUE: usize = 60;

/// An entry in words.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Told {
    /// The sentence.
    pub said: String,
    /// What it is about.
    pub subject: Option<String>,
    /// What is not as it was.
    pub changes: Vec<AuditChange>,
}

/// Puts an entry into words. `by_node` says that nobody asked for it.
pub(super) fn told(kind: &str, by_node: bool, p: &Value) -> Told {
    let text = |name: &str| p.get(name).map(word).unwrap_or_default();
    let changes = changes(kind, p);
    let subject = subject(kind, p);
    let gone = if p.is_null() { "(erased)" } else { "" };
    let about = subject.clone().unwrap_or_else(|| gone.to_owned());
    let because = |what: &str| match text("text") {
        why if why.is_empty() => what.to_owned(),
        why => format!("{what}: {why}"),
    };
    let saved = |made: &str, changed: &str| match p.get("before") {
        _ if p.is_null() => "made or changed something: what was erased".to_owned(),
        None | Some(Value::Null) if is_new(p) => made.to_owned(),
        _ => with_changes(changed, &changes),
    };
    let said = match kind {
        "message.sendRequested" if !p["retryOf"].is_null() => format!("sent a text to {about} again"),
        "message.sendRequested" if !p["sendAt"].is_null() => format!("put off a text to {about}"),
        "message.sendRequested" => format!("sent a text to {about}"),
        "message.undone" => "took a text back before it left".to_owned(),
        "message.refused" => because("was refused a text"),
        "message.unknown" => because("does not know what became of a text"),
        "message.heldBack" => "holds a text back that waited too long: it asks first".to_owned(),
        "message.released" => format!("let a text to {about} go that asked"),
        "message.putOff" => "changed a text that is put off".to_owned(),
        "note.added" => "wrote a note".to_owned(),
        "conversation.assigned" => match text("to") {
            to if to.is_empty() => "took a conversation from its agent".to_owned(),
            to => format!("gave a conversation to {to}"),
        },
        "conversation.status" => format!("set a conversation from {} to {}", text("from"), text("to")),
        "conversation.labelled" => with_changes("changed the labels of a conversation", &changes),
        "conversation.optOut" => format!("heard `{}` from {about}", text("keyword")),
        "contact.saved" => with_changes(&format!("named {about}"), &changes),
        "business.saved" => saved(&format!("made the business {about}"), &format!("changed the business {about}")),
        "business.deleted" => format!("deleted the business {about}"),
        "endpoint.saved" => {
            saved(&format!("routed what customers text to {about} here"), &format!("changed the route of {about}"))
        }
        "account.saved" => saved(&format!("made the account {about} known"), &format!("changed the account {about}")),
        "account.removed" => format!("forgot the account {about}"),
        "agent.saved" => saved(&format!("made the agent {about}"), &format!("changed the agent {about}")),
        "token.created" => format!("made the {} token `{about}`", text("kind")),
        "token.revoked" => format!("revoked the token `{about}`"),
        "webhook.replayed" => format!("took in a webhook that had been refused ({})", text("reason")),
        "number.pointed" => format!("pointed the webhooks of {about} here {}", text("how")),
        "number.returned" => format!("gave back the webhooks of {about}: {}", text("how")),
        "remote.begun" => format!("began to set it up at Twilio: {}", steps(&p["steps"])),
        "remote.moved" => step(p),
        "remote.resumed" if by_node => "started again and goes on with the setup at Twilio".to_owned(),
        "remote.resumed" => "let the setup at Twilio go on".to_owned(),
        "verification.started" => match p["nth"].as_u64() {
            Some(n) if n > 1 => format!("sent the code to {about} by {} again (send {n})", text("channel")),
            _ => format!("sent a code to {about} by {}", text("channel")),
        },
        "verification.refused" => because(&format!("was refused the code to {about}")),
        "verification.unknown" => because(&format!("does not know what became of the code to {about}")),
        "verification.checked" => format!("checked a code of {about}: {}", text("verdict")),
        "verification.ended" => format!("ended a verification: {}", text("status")),
        "verification.serviceSet" => with_changes("changed the Verify service", &changes),
        "verification.wordingSaved" => with_changes("worded the codes in another way", &changes),
        "verification.matrixSaved" => {
            saved(&format!("kept the matrix `{about}`"), &format!("changed the matrix `{about}`"))
        }
        "verification.matrixRan" => format!("ran the matrix `{about}`: {} green", text("passed")),
        "verification.matrixDeleted" => format!("dropped the matrix `{about}`"),
        "audit.erased" => format!("erased what entry {about} said"),
        other => other.to_owned(),
    };
    // What was erased leaves a hole in the sentence.
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    Told { said, subject, changes }
}

/// Whether a saved row is there for the first time.
fn is_new(p: &Value) -> bool {
    let row = p.get("after").filter(|row| row.is_object()).unwrap_or(p);
    p.get("before").is_some() || row["version"].as_u64().is_none_or(|version| version <= 1)
}

fn subject(kind: &str, p: &Value) -> Option<String> {
    if kind == "audit.erased" {
        return Some(format!("{}-{}", p["lane"].as_u64()?, p["number"].as_u64()?));
    }
    let row = p.get("after").filter(|row| row.is_object()).unwrap_or(p);
    if kind == "remote.moved" {
        return serde_json::from_value::<StepKind>(p["step"].clone()).ok().map(|step| step.title().to_owned());
    }
    let wanted: &[&str] = match kind.split_once('.')?.0 {
        "message" | "verification" if kind.starts_with("verification.matrix") => &["name"],
        "message" | "verification" => &["to", "service"],
        "contact" | "conversation" => &["address"],
        "endpoint" => &["addresses"],
        "account" => &["sid"],
        "agent" => &["handle"],
        "token" => &["label"],
        _ => &["name"],
    };
    wanted.iter().filter_map(|name| row.get(*name).or_else(|| p.get(*name))).map(word).find(|text| !text.is_empty())
}

fn steps(list: &Value) -> String {
    let kinds: Vec<StepKind> = serde_json::from_value(list.clone()).unwrap_or_default();
    kinds.into_iter().map(StepKind::title).collect::<Vec<_>>().join(", ")
}

/// How one step at Twilio goes on.
fn step(p: &Value) -> String {
    let title = subject("remote.moved", p).unwrap_or_default();
    let text = |name: &str| p.get(name).map(word).unwrap_or_default();
    match serde_json::from_value(p["state"].clone()) {
        Ok(State::Running) => match p["tries"].as_u64() {
            Some(n) if n > 1 => format!("asks Twilio for step {title} again (try {n})"),
            _ => format!("asks Twilio for step {title}"),
        },
        Ok(State::Done) if p["found"] == true => {
            format!("found what step {title} had made, for its answer was lost: {}", text("sid"))
        }
        Ok(State::Done) => format!("has done step {title} {}", text("sid")),
        Ok(State::Failed) => format!("could not do step {title}: {}", text("why")),
        Ok(State::Unknown) => format!("does not know of step {title}: {}", text("why")),
        Ok(State::Pending) => format!("found that step {title} was never carried out: it is asked for again"),
        Err(_) => "went on with the setup at Twilio".to_owned(),
    }
}

/// What is not as it was: of rows field by field.
fn changes(kind: &str, p: &Value) -> Vec<AuditChange> {
    if let (Some(from), Some(to)) = (p.get("from"), p.get("to")) {
        let field = match kind {
            "conversation.assigned" => "assignee",
            "conversation.status" => "status",
            "conversation.labelled" => "labels",
            "contact.saved" => "name",
            // A text has a sender and a customer: nothing is changed.
            _ => return Vec::new(),
        };
        return change(field, from, to).into_iter().collect();
    }
    if kind == "verification.serviceSet" {
        let set = p["set"].as_object();
        return set.into_iter().flatten().filter_map(|(name, value)| change(name, &Value::Null, value)).collect();
    }
    let (before, after) = (flat(p.get("before")), flat(p.get("after")));
    let mut names: Vec<&String> = before.iter().chain(&after).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    let of = |row: &[(String, Value)], name: &String| {
        row.iter().find(|(have, _)| have == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    names.into_iter().filter_map(|name| change(name, &of(&before, name), &of(&after, name))).collect()
}

/// The fields of a row, those of inner objects as `inner.field`.
fn flat(row: Option<&Value>) -> Vec<(String, Value)> {
    let Some(row) = row.and_then(Value::as_object) else { return Vec::new() };
    let mut out = Vec::new();
    for (name, value) in row.iter().filter(|(name, _)| !SILENT.contains(&name.as_str())) {
        match value.as_object() {
            Some(inner) => out.extend(inner.iter().map(|(more, value)| (format!("{name}.{more}"), value.clone()))),
            None => out.push((name.clone(), value.clone())),
        }
    }
    out
}

fn change(field: &str, before: &Value, after: &Value) -> Option<AuditChange> {
    let value = |value: &Value| match value.as_u64().and_then(|bits| u32::try_from(bits).ok()) {
        Some(bits) if field == "permissions" => role(Permissions(bits)),
        _ => word(value),
    };
    let (before, after) = (value(before), value(after));
    (before != after).then(|| AuditChange { field: camel(field), before, after })
}

/// The named set that permissions are, or their bits.
fn role(permissions: Permissions) -> String {
    let named = ["agent", "operator", "admin", "auditor", "business"];
    let name = named.into_iter().find(|name| Permissions::named(name) == Some(permissions));
    name.map_or_else(|| format!("{:#b}", permissions.0), str::to_owned)
}

fn with_changes(what: &str, changes: &[AuditChange]) -> String {
    if changes.is_empty() {
        return what.to_owned();
    }
    let value = |text: &str| match text {
        "" => "nothing".to_owned(),
        text if text.chars().count() > VALUE => format!("`{}…`", text.chars().take(VALUE).collect::<String>()),
        text => format!("`{text}`"),
    };
    let one = |c: &AuditChange| format!("{} {} → {}", c.field, value(&c.before), value(&c.after));
    let more = match changes.len().saturating_sub(TOLD) {
        0 => String::new(),
        n => format!(", and {n} more"),
    };
    format!("{what}: {}{more}", changes.iter().take(TOLD).map(one).collect::<Vec<_>>().join(", "))
}

/// `contact_email` is `contactEmail` to whom the API is known.
fn camel(field: &str) -> String {
    let mut up = false;
    let mut out = String::with_capacity(field.len());
    for c in field.chars() {
        match c {
            '_' => up = true,
            c if std::mem::take(&mut up) => out.extend(c.to_uppercase()),
            c => out.push(c),
        }
    }
    out
}

fn word(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Array(all) => all.iter().map(word).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(kind: &str, by_node: bool, payload: Value) -> String {
        told(kind, by_node, &payload).said
    }

    #[test]
    fn a_saved_row_is_made_or_changed_field_by_field() {
        let before = json!({ "name": "Harbor Dental", "contact_email": "", "active": true, "version": 1 });
        let after =
            json!({ "name": "Harbor Dental", "contact_email": "desk@example.com", "active": true, "version": 2 });
        assert_eq!(
            said("business.saved", false, json!({ "before": null, "after": before })),
            "made the business Harbor Dental"
        );
        let told = told("business.saved", false, &json!({ "before": before, "after": after }));
        let field = AuditChange {
            field: "contactEmail".to_owned(),
            before: String::new(),
            after: "desk@example.com".to_owned(),
        };
        assert_eq!(told.changes, [field]);
        assert_eq!(told.said, "changed the business Harbor Dental: contactEmail nothing → `desk@example.com`");
        assert_eq!(told.subject.as_deref(), Some("Harbor Dental"));
    }

    #[test]
    fn a_row_of_an_earlier_version_without_before_is_read_too() {
        let row = |version: u64| json!({ "addresses": ["+14155550100", "72975"], "version": version });
        assert_eq!(said("endpoint.saved", false, row(1)), "routed what customers text to +14155550100, 72975 here");
        assert_eq!(said("endpoint.saved", false, row(2)), "changed the route of +14155550100, 72975");
    }

    #[test]
    fn steps_at_twilio_tell_what_became_of_them() {
        let step = |more: Value| {
            let mut p = json!({ "step": "verifyService", "tries": 1, "found": false });
            p.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            said("remote.moved", true, p)
        };
        assert_eq!(step(json!({ "state": "running" })), "asks Twilio for step Verify service");
        assert_eq!(
            step(json!({ "state": "running", "tries": 2 })),
            "asks Twilio for step Verify service again (try 2)"
        );
        assert_eq!(step(json!({ "state": "done", "sid": "VA1" })), "has done step Verify service VA1");
        assert!(step(json!({ "state": "done", "sid": "VA1", "found": true })).starts_with("found what step"));
        assert_eq!(step(json!({ "state": "failed", "why": "no" })), "could not do step Verify service: no");
        assert_eq!(said("remote.resumed", true, json!({})), "started again and goes on with the setup at Twilio");
        assert_eq!(said("remote.resumed", false, json!({})), "let the setup at Twilio go on");
    }

    #[test]
    fn what_was_erased_leaves_a_whole_sentence() {
        assert_eq!(said("message.sendRequested", false, Value::Null), "sent a text to (erased)");
        assert_eq!(said("business.saved", false, Value::Null), "made or changed something: what was erased");
        // These never said more.
        assert_eq!(
            said("message.heldBack", true, Value::Null),
            "holds a text back that waited too long: it asks first"
        );
    }

    #[test]
    fn permissions_are_told_by_the_name_of_their_set() {
        let row = |p: Permissions| json!({ "handle": "kim", "permissions": p.0 });
        let (agent, admin) = (Permissions::named("agent").unwrap(), Permissions::ALL);
        let payload = json!({ "before": row(agent), "after": row(admin) });
        assert_eq!(said("agent.saved", false, payload), "changed the agent kim: permissions `agent` → `admin`");
    }
}
