//! What a fault answers: the status, words and headers that Twilio has for a code.

use super::answer::Refusal;
use super::faults::Action;
use super::verify::errors;

/// What Twilio says with a code. Numbers that a message would name are left out.
const TEXTS: &[(u32, &str)] = &[
    (20003, "Authenticate"),
    (20008, "Resource not accessible with Test Account Credentials"),
    (20429, "Too Many Requests"),
    (21211, "The 'To' number is not a valid phone number."),
    (21212, "The 'From' number is not a valid phone number, shortcode, or alphanumeric sender ID."),
    (21265, "'To' number cannot be a Short Code"),
    (21408, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number"),
    (21422, "The phone number is not available."),
    (21602, "Message body is required."),
    (21603, "A 'From' phone number is required."),
    (21604, "A 'To' phone number is required."),
    (21606, "The From phone number is not a valid, SMS-capable inbound phone number or short code for your account."),
    (21608, "The number is unverified. Trial accounts cannot send messages to unverified numbers"),
    (21610, "Attempt to send to unsubscribed recipient"),
    (21611, "This 'From' number has exceeded the maximum number of queued messages"),
    (21612, "The 'To' phone number is not currently reachable via SMS"),
    (21614, "'To' number is not a valid mobile number"),
    (21617, "The concatenated message body exceeds the 1600 character limit."),
    (21619, "A text message body or media urls must be specified."),
    (30409, "This message cannot be canceled"),
];

/// The refusal of a fault that names a status, a code, or both.
pub fn refusal(action: &Action) -> Refusal {
    let code = action.code.unwrap_or(match action.status {
        Some(401) => 20003,
        Some(403) => 20403,
        Some(404) => 20404,
        Some(429) => 20429,
        Some(500..) => 20500,
        _ => 20001,
    });
    let status = action.status.unwrap_or(match code {
        20003 => 401,
        20404 => 404,
        20429 | 60212 => 429,
        20008 | 20403 => 403,
        30409 => 409,
        20500..=20599 => 500,
        _ => errors::find(code).map_or(400, |(status, _)| status),
    });
    let known = TEXTS.iter().find(|(known, _)| *known == code).map(|(_, text)| *text);
    let known = known.or_else(|| errors::find(code).map(|(_, text)| text));
    let message = known.unwrap_or(match code {
        20500..=20599 => "An internal server error has occurred",
        _ => "The sandbox refused this call on purpose",
    });
    // How long to wait is said where Twilio says it: with too many requests.
    let wait = action.retry_after.or((status == 429).then_some(1));
    let headers = wait.map(|seconds| ("Retry-After", seconds.to_string())).into_iter().collect();
    Refusal { headers, ..Refusal::new(status, code, message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_brings_its_status_words_and_headers() {
        let of = |action: Action| refusal(&action);
        let limited = of(Action { code: Some(20429), retry_after: Some(7), ..Action::default() });
        assert_eq!((limited.status, limited.headers), (429, vec![("Retry-After", "7".to_owned())]));
        assert_eq!(of(Action { status: Some(429), ..Action::default() }).headers[0].1, "1");
        let abroad = of(Action { code: Some(21408), ..Action::default() });
        assert!((abroad.status, abroad.headers.len()) == (400, 0) && abroad.message.starts_with("Permission to send"));
        assert_eq!(of(Action { status: Some(502), ..Action::default() }).code, 20500);
        assert!(TEXTS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
