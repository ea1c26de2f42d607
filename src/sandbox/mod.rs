//! A stateful Twilio in this binary, reached only over HTTP, both ways.
