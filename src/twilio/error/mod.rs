//! What Twilio's answers mean.
