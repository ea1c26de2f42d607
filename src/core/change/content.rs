//! What is refused before Twilio would refuse it: by what is in a message, and by whom it is for.

use crate::api::{ApiError, Code};
use crate::domain::conversation::Conversation;
use crate::domain::failure::OPTED_OUT;
use crate::domain::media::{self, Media};

/// The most characters Twilio takes in one message (error 21617 above).
const BODY_LIMIT: usize = 1600;

/// Refuses what Twilio would refuse because the customer opted out.
pub(super) fn check_opted_in(head: &Conversation) -> Result<(), ApiError> {
    if head.opted_out_at.is_none() {
        return Ok(());
    }
    let detail = format!(
        "{} opted out of texts from {}: Twilio would refuse it ({OPTED_OUT}). They must text START first",
        head.customer, head.ours
    );
    Err(ApiError { twilio: Some(OPTED_OUT), ..ApiError::new(Code::Conflict, detail) })
}

/// Refuses a text, or files, that Twilio would refuse.
pub(super) fn check_content(body: &str, media: &[Media]) -> Result<(), ApiError> {
    let characters = body.chars().count();
    if media.len() > media::MOST {
        let detail =
            format!("{} files are too many for one message: Twilio takes {} (21623)", media.len(), media::MOST);
        Err(ApiError::field("media", detail))
    } else if body.trim().is_empty() && media.is_empty() {
        Err(ApiError::field("body", "a message needs a text or a file"))
    } else if characters > BODY_LIMIT {
        let detail = format!("the text has {characters} characters; Twilio takes {BODY_LIMIT} at most (21617)");
        Err(ApiError::field("body", detail))
    } else {
        Ok(())
    }
}
