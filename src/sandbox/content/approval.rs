//! WhatsApp's approval of a template: asked for, under review for a while, then decided.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::template::Template;

/// How long a review takes: minutes at WhatsApp, mostly.
const REVIEW: u64 = 5 * 60 * 1_000_000;

/// A request for approval.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Approval {
    /// Its name at WhatsApp.
    pub name: String,
    /// `UTILITY`, `MARKETING` or `AUTHENTICATION`.
    pub category: String,
    /// When it was asked for (simulated time).
    pub asked: u64,
    /// Why it is refused, if it is.
    pub refused: Option<String>,
}

impl Approval {
    /// Reads the body of a request.
    pub fn read(body: &Value, now: u64) -> Result<Approval, String> {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let (name, category) = (text("name"), text("category"));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || !name.chars().all(plain) {
            return Err("name takes lower-case letters, digits and underscores".to_owned());
        }
        if !matches!(category.as_str(), "UTILITY" | "MARKETING" | "AUTHENTICATION") {
            return Err("category is UTILITY, MARKETING or AUTHENTICATION".to_owned());
        }
        Ok(Approval { name, category, asked: now, refused: None })
    }

    /// Where it stands at a time.
    pub fn status(&self, now: u64) -> &'static str {
        match &self.refused {
            _ if now < self.asked + REVIEW => "pending",
            Some(_) => "rejected",
            None => "approved",
        }
    }
}

/// The approval of a template as answers show it; one that nobody asked for is there, too.
pub fn show(template: &Template, now: u64) -> Value {
    let kind = template.kind();
    match &template.approval {
        Some(approval) => {
            let status = approval.status(now);
            let reason = approval.refused.as_deref().filter(|_| status == "rejected").unwrap_or_default();
            json!({
                "type": "whatsapp", "name": approval.name, "category": approval.category, "content_type": kind,
                "status": status, "rejection_reason": reason, "allow_category_change": true,
            })
        }
        None => json!({
            "type": "whatsapp", "name": "", "category": "", "content_type": kind,
            "status": "unsubmitted", "rejection_reason": "", "allow_category_change": true,
        }),
    }
}
