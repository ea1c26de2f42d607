//! A message taken back leaves its conversation as if it had never been asked for.

use std::sync::Arc;

use proptest::prelude::*;
use switchboard::core::change::{Change, Envelope, SendRequested, SendUndone, Target};
use switchboard::core::rows::conversation_key;
use switchboard::core::world::decode;
use switchboard::domain::conversation::Conversation;
use switchboard::domain::id::Id;
use switchboard::store::memory::MemoryStore;

use crate::history::{plan, steps};
use crate::invariants::{check, rows};
use crate::runs::{Run, cases};

/// Answers, and the conversation at the end without its version.
fn play(history: &[Envelope], of: Id) -> (Vec<bool>, Option<Conversation>) {
    let run = Run::new(Arc::new(MemoryStore::new(1)));
    let answers = run.batches(history, &[1], |_| ()).iter().map(Result::is_ok).collect();
    check(&*run.store);
    let head = rows::<Conversation>(&*run.store.reader().unwrap()).into_iter().find(|c| c.id == of);
    (answers, head.map(|head| Conversation { version: 0, ..head }))
}

fn conversation_of(change: &Change) -> Option<(Id, Id)> {
    match change {
        Change::Inbound(c) => Some((c.business, c.conversation)),
        _ => None,
    }
}

/// Nothing leaves the outbox in between: a message in it holds up those behind it.
fn is_about_leaving(change: &Change) -> bool {
    matches!(change, Change::SendStarted(_) | Change::SendRequeued(_) | Change::SendUnknown(_))
}

proptest! {
    #![proptest_config(cases(150))]

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
        let between: Vec<_> = between.iter().filter(|e| !is_about_leaving(&e.change)).cloned().collect();
        let time = before.last().unwrap_or(&history[0]).at;
        let message = Id(7);
        let by = |change, at| Envelope { change, at, wall: at, actor: "ann".into(), once: None };
        let send = Change::SendRequested(Box::new(SendRequested {
            business,
            target: Target::Conversation(conversation),
            message,
            body: "a slip".into(),
            segments: 1,
            due: time,
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

/// The row as the store has it.
#[allow(dead_code, reason = "for looking at a failure")]
fn head(run: &Run, business: Id, id: Id) -> Conversation {
    decode(&run.store.reader().unwrap().get(&conversation_key(business, id)).unwrap().unwrap()).unwrap()
}
