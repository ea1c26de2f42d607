//! Files of messages in the thread and in the composer.

use std::time::Duration;

use switchboard::api::media::MediaView;
use switchboard::api::{Code, Reply, Request};
use switchboard::domain::id::Id;
use switchboard::domain::media::State;
use switchboard::domain::message::Direction;
use switchboard::tui::drafts::{Draft, Drafts};
use switchboard::tui::files::{Attached, Done, Task};
use switchboard::tui::msg::{Effect, Msg};

use crate::desk::Desk;
use crate::flows::{held, open_maria, sending};
use crate::thread::{compose, tell};
use crate::world::{self, HARBOR, MARIA, NOW};

fn file(index: u32, state: State, name: &str) -> MediaView {
    MediaView { index, content_type: "image/jpeg".into(), state, detail: None, tries: 0, ..world::media(name) }
}

/// Maria sends files.
fn sends(desk: &mut Desk, id: u64, media: Vec<MediaView>) {
    let at = switchboard::api::When(NOW);
    let mut m = world::message(id, MARIA, "+14155550123", Direction::In, "", at);
    (m.arrival, m.media) = (id, media);
    tell(desk, |_| (), Some(m));
}

/// The only thing that was to be done with a file since the last look.
fn task(desk: &mut Desk) -> Task {
    let done = std::mem::take(&mut desk.done);
    let found: Vec<Task> =
        done.into_iter().filter_map(|e| if let Effect::File(task) = e { Some(task) } else { None }).collect();
    let [only] = &found[..] else { panic!("{found:?}") };
    only.clone()
}

fn card() -> Attached {
    Attached { id: Id(77), content_type: "image/png".into(), size: 42_056, name: Some("card.png".into()) }
}

#[test]
fn a_file_is_opened_and_saved_and_the_place_is_told() {
    let mut desk = open_maria();
    desk.keys("O");
    desk.sees("no file here");
    sends(&mut desk, 3000, vec![file(0, State::Kept, "car photo.jpg")]);
    desk.sees("▣ image/jpeg 42 kB · car photo.jpg");
    desk.wait(Duration::from_secs(6));
    desk.sees("O open file   S save file");
    desk.keys("O");
    assert_eq!(task(&mut desk), Task::Open { message: Id(3000), index: 0 });
    desk.take(Msg::File(Done::Opened(Ok("car_photo.jpg is open in another program".into()))));
    desk.sees("is open in another program");
    desk.keys("S");
    desk.sees("~/car_photo.jpg");
    desk.keys("ctrl-u");
    desk.type_text("/tmp/ca");
    desk.keys("tab");
    assert_eq!(task(&mut desk), Task::Complete("/tmp/ca".into()));
    let others = vec!["cards/".to_owned(), "cars/".to_owned()];
    desk.take(Msg::File(Done::Completed("/tmp/ca".into(), "/tmp/car".into(), others)));
    desk.sees("/tmp/car");
    desk.sees("cards/  cars/");
    desk.type_text(".jpg");
    // What was asked before the field changed says nothing of it.
    desk.take(Msg::File(Done::Completed("/tmp/ca".into(), "/etc/passwd".into(), Vec::new())));
    desk.sees_not("/etc/passwd");
    desk.keys("enter");
    let path = "/tmp/car.jpg".to_owned();
    assert_eq!(task(&mut desk), Task::Save { message: Id(3000), index: 0, path });
    desk.take(Msg::File(Done::Saved(Err("/tmp/car.jpg is there already: give another name".into()))));
    desk.sees("✗ /tmp/car.jpg is there already: give another name");
    desk.type_text("2");
    desk.keys("enter");
    desk.take(Msg::File(Done::Saved(Ok(("/tmp/car.jpg2".into(), 42_056)))));
    desk.sees("saved as /tmp/car.jpg2, 42 kB");
    desk.sees_not("Save a file");
}

#[test]
fn of_several_files_one_is_chosen_and_only_those_that_are_here() {
    let mut desk = open_maria();
    let media = vec![file(0, State::Kept, "a.jpg"), file(1, State::Waiting, "b.jpg"), file(2, State::Kept, "c.jpg")];
    sends(&mut desk, 3000, media);
    desk.sees("b.jpg · being fetched");
    desk.keys("O");
    desk.sees("Open which file?");
    desk.type_text("c.jpg");
    desk.keys("enter");
    assert_eq!(task(&mut desk), Task::Open { message: Id(3000), index: 2 });
    sends(&mut desk, 3001, vec![file(0, State::Waiting, "d.jpg")]);
    desk.keys("O");
    desk.sees("the file is not here");
}

#[test]
fn why_a_file_is_missing_is_told_and_r_fetches_it_again() {
    let mut desk = open_maria();
    let mut lost = file(0, State::Failed, "car.jpg");
    lost.detail = Some("Twilio answered 404 to this file: ask the customer to send it again".into());
    sends(&mut desk, 3000, vec![lost.clone()]);
    desk.sees("car.jpg · ✗ not fetched");
    desk.sees("ask the customer to send");
    desk.keys("r");
    let (tag, retry) = desk.question(|r| if let Request::RetryMedia(m) = r { Some(m.clone()) } else { None });
    assert_eq!((retry.id, retry.index), (Id(3000), 0));
    lost.state = State::Waiting;
    lost.tries = 0;
    desk.answer(tag, Ok(Reply::RetryMedia(lost)));
    desk.sees("car.jpg · being fetched");
    desk.sees("it is fetched again");
    desk.keys("r");
    desk.sees("no failed message here");
}

#[test]
fn a_file_goes_with_a_text_or_alone_and_comes_back_when_it_is_taken_back() {
    let mut desk = open_maria();
    desk.keys("i");
    desk.type_text("Our card");
    desk.keys("alt-a");
    desk.sees("Attach a file");
    desk.keys("enter");
    assert!(matches!(task(&mut desk), Task::Attach { conversation: MARIA, business: HARBOR, .. }));
    desk.sees("bringing it to the node");
    desk.take(Msg::File(Done::Attached(MARIA, Err("Twilio sends no files of type text/html".into()))));
    desk.sees("✗ Twilio sends no files of type text/html");
    desk.keys("enter");
    desk.take(Msg::File(Done::Attached(MARIA, Ok(card()))));
    desk.sees("▣ image/png 42 kB · card.png");
    desk.sees("8 characters · 1 file · $0.0220");
    assert_eq!(desk.app.drafts.get(MARIA).unwrap().files, [card()]);
    desk.keys("enter");
    let (tag, send) = sending(&mut desk);
    assert_eq!((send.body.as_str(), &send.media[..]), ("Our card", &["77".to_owned()][..]));
    desk.sees("▣ image/png 42 kB · card.png");
    assert!(desk.app.drafts.get(MARIA).is_none());
    let mut there = held(&send, 2500);
    there.media = vec![MediaView { content_type: "image/png".into(), ..file(0, State::Kept, "card.png") }];
    desk.answer(tag, Ok(Reply::SendMessage(there.clone())));
    desk.keys("ctrl-z");
    let (tag, _) = desk.question(|r| if let Request::UndoMessage(u) = r { Some(u.id) } else { None });
    there.status = switchboard::domain::message::Status::Canceled;
    desk.answer(tag, Ok(Reply::UndoMessage(there)));
    desk.sees("taken back, nothing was sent");
    assert_eq!(compose(&desk), "Our card");
    assert_eq!(desk.app.thread.as_ref().unwrap().composer.files, [card()]);
    // Alone; refused it comes back.
    desk.keys("ctrl-u enter");
    let (tag, send) = sending(&mut desk);
    assert_eq!((send.body.as_str(), send.media.len()), ("", 1));
    desk.answer(tag, Err(switchboard::api::ApiError::new(Code::Conflict, "no way in for Twilio")));
    desk.sees("not sent: no way in for Twilio");
    desk.sees("▣ image/png 42 kB · card.png");
    desk.keys("alt-d");
    desk.sees("does not go with it");
    desk.keys("enter");
    assert!(!desk.asked.iter().any(|(_, r)| matches!(r, Request::SendMessage(_))), "nothing is left to send");
}

#[test]
fn files_wait_in_the_draft_and_never_go_with_a_note() {
    let mut drafts = Drafts::default();
    drafts.put(MARIA, Draft { files: vec![card()], ..Draft::default() });
    let mut desk = Desk::with(120, 40, Default::default(), drafts);
    desk.settle();
    desk.keys("G enter");
    desk.answer_all();
    desk.sees("▣ image/png 42 kB · card.png");
    desk.keys("i ctrl-n");
    desk.type_text("for us");
    desk.keys("enter");
    desk.sees("a note takes no files");
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
    desk.keys("ctrl-s");
    desk.sees("a note is for now");
    desk.keys("ctrl-u ctrl-n");
    desk.type_text("Hi");
    desk.keys("ctrl-s");
    desk.sees("a text with files goes now or not at all");
    // Another conversation is open by the time it is there.
    desk.take(Msg::File(Done::Attached(world::SAM, Ok(card()))));
    assert_eq!(desk.app.drafts.get(world::SAM).unwrap().files, [card()]);
    for n in 0..12 {
        desk.take(Msg::File(Done::Attached(MARIA, Ok(Attached { id: Id(100 + n), ..card() }))));
    }
    desk.sees("▣ 11 more");
    desk.keys("alt-a");
    desk.sees("a message takes 10 files at most");
}
