//! A message taken back leaves its conversation as if it had never been asked for.

use std::sync::Arc;

use proptest::prelude::*;
use switchboard::core::change::{Change, Envelope, SendRequested, SendUndone, Target};
use switchboard::domain::conversation::Conversation;
use switchboard::domain::id::Id;
use switchboard::store::memory::MemoryStore;

use crate::history::plan;
use crate::invariants::{check, rows};
use crate::runs::{Run, cases};
use crate::steps::steps;

/// Answers, and the conversation at the end without its version and why it woke.
fn play(history: &[Envelope], of: Id) -> (Vec<bool>, Option<Conversation>) {
    let run = Run::new(Arc::new(MemoryStore::new(1)));
    let answers = run.batches(history, &[1], |_| ()).iter().map(Result::is_ok).collect();
    check(&*run.store);
    let head = rows::<Conversation>(&*run.store.reader().unwrap()).into_iter().find(|c| c.id == of);
    // Whoever began to answer has seen why it is awake.
    (answers, head.map(|head| Conversation { version: 0, woke: None, ..head }))
}

fn conversation_of(change: &Change) -> Option<(Id, Id)> {
    match change {
        Change::Inbound(c) => Some((c.business, c.conversation)),
        _ => None,
    }
}

/// Nothing leaves the outbox in between, for a message in it holds up those behind it: news comes only
/// of messages that had begun before.
fn can_happen(change: &Change, before: &[Envelope]) -> bool {
    let had_begun = |id: Id| before.iter().any(|e| matches!(&e.change, Change::SendStarted(s) if s.message == id));
    match change {
        Change::SendStarted(_) | Change::SendRequeued(_) | Change::SendUnknown(_) => false,
        Change::SendAccepted(c) => had_begun(c.message),
        Change::SendRefused(c) => had_begun(c.message),
        Change::StatusReported(c) => had_begun(c.message),
        _ => true,
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn an_undone_send_was_never_there(
        steps in steps(5..80), from in any::<prop::sample::Index>(), length in 0..30usize, which in any::<prop::sample::Index>(),
    ) {
        let history = plan(&steps);
        let threads: Vec<_> = history.iter().filter_map(|e| conversation_of(&e.change)).collect();
        prop_assume!(!threads.is_empty());
        let (business, conversation) = threads[which.index(threads.len())];
        let at = from.index(history.len());
        let (before, rest) = history.split_at(at);
        let (between, after) = rest.split_at(length.min(rest.len()));
        let between: Vec<_> = between.iter().filter(|e| can_happen(&e.change, before)).cloned().collect();
        let time = before.last().unwrap_or(&history[0]).at;
        let message = Id(7);
        let by = |change, at| Envelope { change, at, wall: at, actor: "ann".into(), once: None };
        let send = Change::SendRequested(Box::new(SendRequested {
            content: None,
            business,
            target: Target::Conversation(conversation),
            message,
            body: "a slip".into(),
            media: Vec::new(),
            segments: 1,
            estimate: None,
            due: time,
            later: None,
            priority: None,
            client_ref: None,
            retry_of: None,
        }));
        let undo = Change::SendUndone(SendUndone { business, message });
        let undone_at = between.last().map_or(time, |e| e.at);
        let slip = [before, &[by(send, time)], &between, &[by(undo, undone_at)], after].concat();
        let (answers, with) = play(&slip, conversation);
        // Where it was refused (opted out, no such conversation yet) there is nothing to compare.
        prop_assume!(answers[at] && answers[at + 1 + between.len()]);
        let plain = [before, &between, after].concat();
        let (_, without) = play(&plain, conversation);
        prop_assert_eq!(with, without);
    }
}
