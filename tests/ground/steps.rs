//! Random decisions, in the proportions of a busy inbox. What they mean is planned in `history`.

use proptest::prelude::*;

/// One random decision: what, and three choices for it.
#[derive(Clone)]
pub struct Step {
    pub what: What,
    pub pick: (u8, u8, u8),
    /// Seconds since the step before.
    pub gap: u16,
}

/// Short, so that a failing history can be read.
impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?} +{}s", self.what, self.pick, self.gap)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Inbound,
    Again,
    Send,
    SendTo,
    Undo,
    Start,
    Accept,
    Refuse,
    Unknown,
    Requeue,
    Overtake,
    Status,
    Retry,
    SameSid,
    Wild,
    Repeat,
    Assign,
    Set,
    Woke,
    Read,
    Note,
    Contact,
    Toggle,
    Platform,
    Import,
}

/// Steps in the proportions of a busy inbox.
pub fn steps(count: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<Step>> {
    use What::*;
    let weights = [
        (6, Inbound),
        (2, Again),
        (6, Send),
        (2, SendTo),
        (3, Undo),
        (6, Start),
        (5, Accept),
        (1, Refuse),
        (2, Unknown),
        (2, Requeue),
        (2, Overtake),
        (6, Status),
        (2, Retry),
        (1, SameSid),
        (2, Wild),
        (1, Repeat),
        (1, Assign),
        (2, Set),
        (1, Woke),
        (2, Read),
        (1, Note),
        (1, Contact),
        (1, Toggle),
        (1, Platform),
        (2, Import),
    ];
    let what = prop::strategy::Union::new_weighted(weights.map(|(w, what)| (w, Just(what))).to_vec());
    let gap = prop_oneof![4 => 0..4u16, 2 => 4..60u16, 1 => 60..1800u16];
    let step = (what, any::<(u8, u8, u8)>(), gap).prop_map(|(what, pick, gap)| Step { what, pick, gap });
    prop::collection::vec(step, count)
}
