//! Text messages: encoding, segments, smart encoding, opt-out keywords.
