//! Webhooks as Twilio sends them.

use serde_json::Value;
use switchboard::twilio::signature::sign;

use crate::node::{AUTH, Answer, NUMBER, Node, PUBLIC, answer};
use crate::twilio::ACCOUNT;

pub const SMS: &str = "/api/webhooks/twilio-sms";
pub const STATUS: &str = "/api/webhooks/twilio-status";

/// A SID by its number.
pub fn sid(n: u64) -> String {
    format!("SM{n:032x}")
}

/// The form of a text from a customer.
pub fn text(n: u64, from: &str, body: &str) -> Vec<(String, String)> {
    let sid = sid(0xaaaa_0000 + n);
    let fields = [
        ("ToCountry", "US"),
        ("SmsMessageSid", &sid),
        ("NumMedia", "0"),
        ("SmsSid", &sid),
        ("SmsStatus", "received"),
        ("Body", body),
        ("To", NUMBER),
        ("NumSegments", "1"),
        ("MessageSid", &sid),
        ("AccountSid", ACCOUNT),
        ("From", from),
        ("ApiVersion", "2010-04-01"),
    ];
    fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

/// The same form with one field replaced or, when the value is empty, without it.
pub fn but(mut form: Vec<(String, String)>, name: &str, value: &str) -> Vec<(String, String)> {
    form.retain(|(n, _)| n != name);
    if !value.is_empty() {
        form.push((name.to_owned(), value.to_owned()));
    }
    form
}

/// The form of a status callback.
pub fn status(sid: &str, status: &str, error: Option<u32>) -> Vec<(String, String)> {
    let mut form = vec![
        ("AccountSid".to_owned(), ACCOUNT.to_owned()),
        ("MessageSid".to_owned(), sid.to_owned()),
        ("SmsSid".to_owned(), sid.to_owned()),
        ("MessageStatus".to_owned(), status.to_owned()),
        ("SmsStatus".to_owned(), status.to_owned()),
        ("From".to_owned(), NUMBER.to_owned()),
    ];
    form.extend(error.map(|code| ("ErrorCode".to_owned(), code.to_string())));
    form
}

pub fn encode(form: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

/// Signs a form for a URL.
pub fn signature(token: &str, url: &str, form: &[(String, String)]) -> String {
    sign(token, url, form.iter().map(|(n, v)| (n.as_str(), v.as_str())))
}

impl Node {
    /// Posts a form with a signature.
    pub async fn webhook_with(&self, path: &str, form: &[(String, String)], signature: &str) -> Answer {
        let request = self
            .request("POST", path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-twilio-signature", signature)
            .body(encode(form));
        answer(request).await
    }

    /// Posts a form, rightly signed. `path` may have a query.
    pub async fn webhook(&self, path: &str, form: &[(String, String)]) -> Answer {
        self.webhook_with(path, form, &signature(AUTH, &format!("{}{path}", self.public()), form)).await
    }

    /// A customer texts the first business, and it has been applied.
    pub async fn text_in(&self, n: u64, from: &str, body: &str) -> Value {
        let answer = self.webhook(SMS, &text(n, from, body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        self.applied().await;
        self.conversation(from).await
    }

    /// Twilio reports to the callback of a message that it took.
    pub async fn report(&self, callback: &str, form: &[(String, String)]) {
        let url = callback.split('#').next().unwrap();
        let path = url.strip_prefix(PUBLIC).expect("callbacks come under the public URL");
        let answer = self.webhook(path, form).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        self.applied().await;
    }
}
