//! What survives a power cut, a full disk and a kill.
