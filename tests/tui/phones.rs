//! The phones: what comes to a handset is shown by itself, and asked for only while somebody looks.

use switchboard::api::events::Frame;
use switchboard::api::{Reply, Request};
use switchboard::link::Heard;

use crate::desk::Desk;

fn came(address: &str) -> Heard {
    Heard::Frame(Frame::Handset { address: address.into() })
}

fn reads(desk: &Desk) -> Vec<String> {
    let asked = desk.asked.iter().map(|(_, request)| request);
    asked.filter_map(|r| if let Request::GetPhone(get) = r { Some(get.address.clone()) } else { None }).collect()
}

#[test]
fn an_answer_that_passes_no_node_is_shown_by_itself() {
    let mut desk = Desk::open(80, 24);
    desk.keys("g p");
    desk.answer_all();
    let shown = desk.app.phones.current().unwrap().to_owned();
    desk.heard(came(&shown));
    let (tag, address) =
        desk.question(|r| if let Request::GetPhone(get) = r { Some(get.address.clone()) } else { None });
    assert_eq!(address, shown);
    // What comes meanwhile is read once more, however much it is.
    desk.heard(came(&shown));
    desk.heard(came(&shown));
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
    let mut view = desk.app.phones.view.clone().unwrap();
    view.messages[0].body = "You have successfully been unsubscribed.".into();
    view.messages[0].at = view.messages[1].at;
    desk.answer(tag, Ok(Reply::GetPhone(view)));
    desk.sees("You have successfully been unsubscribed.");
    assert_eq!(reads(&desk), std::slice::from_ref(&shown));
    desk.answer_all();
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
    // Another handset is of no interest while this one is shown.
    desk.heard(came("+14155550112"));
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
}

#[test]
fn what_nobody_looks_at_is_read_when_somebody_does() {
    let mut desk = Desk::open(80, 24);
    desk.keys("g p");
    desk.answer_all();
    let shown = desk.app.phones.current().unwrap().to_owned();
    desk.keys("g i");
    for _ in 0..50 {
        desk.heard(came(&shown));
        desk.heard(came("+14155559999"));
    }
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
    desk.keys("g p");
    assert_eq!(reads(&desk), std::slice::from_ref(&shown));
    // A stranger among them is listed, by one question.
    let lists = desk.asked.iter().filter(|(_, r)| matches!(r, Request::ListPhones(_))).count();
    assert_eq!(lists, 1, "{:?}", desk.asked);
    desk.answer_all();
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
}
