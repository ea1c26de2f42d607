//! Phone numbers: from what a person types to E.164, and back to something readable.
