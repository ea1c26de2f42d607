//! What Verify's refusals say: status and words by code.

use crate::sandbox::answer::Refusal;

/// Code, HTTP status, words. Where Twilio's exact words are not known they are ours.
const TABLE: &[(u32, u16, &str)] = &[
    (20429, 429, "Too many requests"),
    (60201, 400, "The template translation is not approved"),
    (60202, 429, "Max check attempts reached"),
    (60203, 429, "Max send attempts reached"),
    (60204, 403, "Service does not support this feature"),
    (60205, 403, "SMS is not supported by landline phone number"),
    (60206, 400, "Amount and Payee params are required"),
    (60207, 400, "Max rate limits per service reached"),
    (60208, 400, "Rate limit unique name already exists"),
    (60209, 400, "Invalid rate limit unique name"),
    (60210, 400, "Max buckets per rate limit reached"),
    (60211, 400, "Bucket with the same interval already exists"),
    (60213, 400, "Messaging configuration already exists for this country"),
    (60214, 400, "Channel call is not supported with PSD2"),
    (60221, 400, "Either To or VerificationSid is required"),
    (60224, 400, "Missing template substitutions"),
    (60227, 400, "Channel not supported by the template"),
    (60228, 400, "Template not found"),
    (60229, 400, "Template translation not found"),
    (60238, 403, "Verification creation blocked"),
    (60410, 403, "The destination phone number has been temporarily blocked by Twilio due to fraudulent activities."),
    (60411, 400, "The phone number is already in the SafeList"),
    (60550, 400, "No channel could be selected"),
    (60602, 400, "AppHash is only supported by the SMS channel"),
    (60605, 403, "The destination phone number has been blocked by Verify Geo-Permissions"),
];

/// The refusal of a code.
pub fn refuse(code: u32) -> Refusal {
    match find(code) {
        Some((status, message)) => Refusal::new(status, code, message),
        None => Refusal::bad(code, "Invalid request"),
    }
}

/// Status and words of a code that Verify has.
pub fn find(code: u32) -> Option<(u16, &'static str)> {
    TABLE.iter().find(|(known, ..)| *known == code).map(|(_, status, message)| (*status, *message))
}

/// 60200 for a parameter.
pub fn invalid(name: &str) -> Refusal {
    Refusal::bad(60200, format!("Invalid parameter: {name}"))
}

/// 60200 for a recipient.
pub fn invalid_to(given: &str) -> Refusal {
    Refusal::bad(60200, format!("Invalid parameter `To`: {given}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_in_order_and_have_their_status() {
        assert!(TABLE.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!((refuse(60202).status, refuse(60203).status, refuse(60410).status), (429, 429, 403));
    }
}
