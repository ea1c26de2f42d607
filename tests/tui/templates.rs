//! WhatsApp after its day is over: a template instead of a text.

use std::collections::BTreeMap;

use switchboard::api::contents::{BlankView, ContentList, ContentView};
use switchboard::api::inbox::ConversationView;
use switchboard::api::{ApiError, Code, Reply, Request, When};
use switchboard::domain::message::Status;
use switchboard::domain::time::Span;
use switchboard::tui::msg::Tag;

use crate::desk::Desk;
use crate::flows::{held, open_maria, sending};
use crate::screens::check;
use crate::thread::{compose, tell};
use crate::world::NOW;

fn template(name: &str, body: &str, blanks: &[(&str, &str)]) -> ContentView {
    let blank = |(name, sample): &(&str, &str)| BlankView { name: (*name).into(), sample: Some((*sample).into()) };
    ContentView {
        sid: format!("HX{:032}", name.len()).parse().unwrap(),
        name: name.into(),
        language: "en".into(),
        category: Some("UTILITY".into()),
        body: body.into(),
        blanks: blanks.iter().map(blank).collect(),
    }
}

/// Maria on WhatsApp, a day after her last message.
fn closed(width: u16, height: u16) -> Desk {
    let mut desk = open_maria();
    desk.resize(width, height);
    let day_over = |v: &mut ConversationView| {
        v.customer = "whatsapp:+14155550123".parse().unwrap();
        v.window_until = Some(When(NOW - Span::secs(60)));
    };
    tell(&mut desk, day_over, None);
    desk
}

fn offered(desk: &mut Desk) -> Tag {
    let (tag, list) = desk.question(|r| if let Request::ListContents(l) = r { Some(l.clone()) } else { None });
    assert_eq!(list.business, Some(crate::world::HARBOR));
    tag
}

fn two() -> ContentList {
    let reminder = template("reminder", "Hi {{1}}, see you {{2}} at 9.", &[("1", "Maria"), ("2", "Friday")]);
    ContentList { items: vec![reminder, template("news", "We have news for you.", &[])], others: 3 }
}

#[test]
fn the_composer_becomes_a_picker_whose_blanks_are_filled_in_before_ones_eyes() {
    let mut desk = closed(80, 24);
    desk.sees("24 h window closed");
    desk.keys("i");
    desk.sees("━ Enter chooses a template ━");
    desk.sees("cannot send: 63016");
    desk.type_text("x");
    assert_eq!(compose(&desk), "", "a letter is taken though nothing but a template reaches her");
    desk.keys("enter");
    desk.sees("asking Twilio…");
    let tag = offered(&mut desk);
    desk.answer(tag, Ok(Reply::ListContents(two())));
    desk.sees("reminder · en  Hi {{1}}, see you");
    desk.sees("3 more are not approved");
    desk.keys("enter");
    desk.sees("for example: Maria");
    desk.sees("Hi {{1}}, see you {{2}} at 9.");
    desk.type_text("Ana");
    desk.sees("Hi Ana, see you {{2}} at 9.");
    check("template-80x24", &desk);
    desk.keys("enter");
    desk.sees("✗ this is needed");
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
    desk.type_text("Tuesday");
    desk.keys("enter");
    let (tag, send) = sending(&mut desk);
    let values: BTreeMap<String, String> = [("1", "Ana"), ("2", "Tuesday")].map(|(n, v)| (n.into(), v.into())).into();
    assert_eq!((send.body.as_str(), send.content_sid), ("", Some(two().items[0].sid)));
    assert_eq!(send.content_variables, values);
    // The bubble says what she gets; no answer is no refusal, and the same is asked again.
    desk.sees("Hi Ana, see you Tuesday at 9.");
    desk.answer(tag, Err(ApiError::unavailable("nobody answers")));
    desk.keys("esc r");
    let (tag, again) = sending(&mut desk);
    assert_eq!((again.content_sid, again.content_variables), (send.content_sid, send.content_variables.clone()));
    let mut there = held(&send, 2500);
    (there.body, there.content_sid) = ("Hi Ana, see you Tuesday at 9.".into(), send.content_sid);
    desk.answer(tag, Ok(Reply::SendMessage(there.clone())));
    desk.sees("template · agent1 (you)");
    // Taken back it is no draft: nothing but a template reaches her still.
    desk.keys("ctrl-z");
    let (tag, _) = desk.question(|r| if let Request::UndoMessage(u) = r { Some(u.id) } else { None });
    there.status = Status::Canceled;
    desk.answer(tag, Ok(Reply::UndoMessage(there)));
    assert_eq!(compose(&desk), "");
}

#[test]
fn a_template_can_be_chosen_while_words_still_go_and_only_on_whatsapp() {
    let mut desk = open_maria();
    desk.keys("t");
    desk.sees("templates are for WhatsApp");
    let mut desk = closed(120, 40);
    tell(&mut desk, |v| v.window_until = Some(When(NOW + Span::secs(7200))), None);
    desk.keys("t");
    let tag = offered(&mut desk);
    desk.answer(tag, Ok(Reply::ListContents(two())));
    desk.type_text("news");
    desk.keys("enter");
    desk.sees("Enter sends it as it stands below.");
    desk.sees("▏ We have news for you.");
    desk.keys("enter");
    assert_eq!(sending(&mut desk).1.content_variables, BTreeMap::new());
    // Whoever opted out gets none either.
    tell(&mut desk, |v| v.opted_out_at = Some(When(NOW)), None);
    desk.keys("t");
    desk.sees("cannot send: 21610");
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
}

#[test]
fn what_twilio_does_not_tell_is_said_and_what_comes_too_late_opens_nothing() {
    let mut desk = closed(120, 40);
    desk.keys("i enter");
    let tag = offered(&mut desk);
    desk.answer(tag, Err(ApiError::new(Code::Upstream, "Twilio's content templates cannot be read: 503")));
    desk.sees("cannot be read: 503");
    desk.sees_not("Choose a template");
    desk.keys("enter");
    let tag = offered(&mut desk);
    desk.keys("esc");
    desk.answer(tag, Ok(Reply::ListContents(two())));
    desk.sees_not("Choose a template");
    desk.keys("enter");
    let tag = offered(&mut desk);
    desk.answer(tag, Ok(Reply::ListContents(ContentList { items: Vec::new(), others: 0 })));
    desk.sees("WhatsApp has approved none yet");
    desk.keys("enter");
    desk.sees("Choose a template");
}
