//! What the tester shows beyond one business: how templates are used, and the sends of all businesses.

use switchboard::api::verify::{ListAttempts, ListTemplates, TemplateList, TemplateUse};
use switchboard::api::{ApiError, Code, Page, Reply, Request, When};
use switchboard::domain::analytics::Percent;
use switchboard::domain::verification::Status;

use crate::bank::{Bank, attempt, template};
use crate::desk::Desk;
use crate::screens::check;
use crate::tester::opened;
use crate::world::{self, HARBOR, NORTHWIND, NOW};

/// The log of the bank.
fn in_log(width: u16, height: u16) -> Desk {
    let bank = Bank::new();
    let mut desk = opened(&bank, width, height);
    desk.keys("esc g c");
    bank.answer(&mut desk);
    desk
}

fn asked_templates(desk: &mut Desk) -> (switchboard::tui::msg::Tag, ListTemplates) {
    desk.question(|r| if let Request::ListTemplates(list) = r { Some(list.clone()) } else { None })
}

/// The last question about the log: those before it are answered too late.
fn asked_log(desk: &mut Desk) -> (switchboard::tui::msg::Tag, ListAttempts) {
    let asked = std::mem::take(&mut desk.asked).into_iter();
    let mut of_log =
        asked.filter_map(|(tag, r)| if let Request::ListAttempts(list) = r { Some((tag, list)) } else { None });
    of_log.next_back().expect("the log is asked for")
}

fn used(sends: u64, verifications: u64, approved: u64) -> Option<TemplateUse> {
    let conversion = Percent::of(approved, verifications);
    Some(TemplateUse { sends, verifications, approved, conversion, last_used: (sends > 0).then_some(When(NOW)) })
}

fn list(all: bool) -> Reply {
    let mut one = template();
    one.used = used(3, 2, 1);
    one.used_by_all = used(200, 197, 165).filter(|_| all);
    let mut other = template();
    (other.name, other.status, other.used) = ("Old words".to_owned(), "rejected".to_owned(), used(0, 0, 0));
    Reply::ListTemplates(TemplateList { items: vec![one, other], since: Some(world::minutes_ago(43_200)) })
}

#[test]
fn a_template_is_told_with_its_state_its_conversion_and_when_it_was_used() {
    for (width, height) in [(80, 24), (200, 60)] {
        let mut desk = in_log(width, height);
        desk.keys("t");
        let (tag, asked) = asked_templates(&mut desk);
        assert_eq!((asked.business, asked.all, asked.days), (NORTHWIND, true, None));
        desk.answer(tag, Ok(list(true)));
        desk.sees("1 of 2 approved, 50.0 %");
        desk.sees("all businesses: last used");
        desk.sees("✗ rejected");
        desk.sees("never used · 0 sends");
        check(&format!("templates-used-{width}x{height}"), &desk);
    }
}

#[test]
fn whoever_is_limited_to_one_business_is_told_of_that_one() {
    let mut desk = in_log(80, 24);
    desk.keys("t");
    let (tag, _) = asked_templates(&mut desk);
    desk.answer(tag, Err(ApiError::new(Code::Forbidden, "this concerns all businesses")));
    let (tag, asked) = asked_templates(&mut desk);
    assert!(!asked.all);
    desk.answer(tag, Ok(list(false)));
    desk.sees("1 of 2 approved, 50.0 %");
    desk.sees_not("all businesses");
}

/// The log of two businesses.
fn log() -> Reply {
    let mut theirs = attempt(200, "+14155550188", Status::Approved);
    (theirs.business_id, theirs.business_name) = (HARBOR, Some("Harbor Dental".to_owned()));
    let mut own = attempt(100, "+14155550142", Status::Expired);
    own.business_name = Some("Northwind Bank".to_owned());
    Reply::ListAttempts(Page { items: vec![theirs, own], next: None, as_of: world::cursor() })
}

#[test]
fn the_log_shows_all_businesses_with_their_names_and_leads_to_any_flow() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut desk = in_log(width, height);
        desk.keys("a");
        let (tag, asked) = asked_log(&mut desk);
        assert!(asked.all);
        desk.answer(tag, Ok(log()));
        desk.sees("Harbor Dent");
        check(&format!("attempts-of-all-{width}x{height}"), &desk);
    }
    let mut desk = in_log(80, 24);
    desk.keys("a");
    let (tag, _) = asked_log(&mut desk);
    desk.answer(tag, Ok(log()));
    // The flow of another business is asked for as theirs, and Esc leads back to the row, in the own one.
    desk.keys("enter");
    let (_, flow) = desk.question(|r| if let Request::GetFlow(get) = r { Some(get.clone()) } else { None });
    assert_eq!(flow.business, HARBOR);
    desk.keys("esc");
    desk.sees("Harbor Dent");
    assert_eq!(desk.app.rooms.tester.business, Some(NORTHWIND));
    // The search is of all; the same key brings the one back.
    desk.keys("/");
    desk.type_text("0188");
    let (tag, asked) = asked_log(&mut desk);
    assert_eq!((asked.all, asked.search.as_deref()), (true, Some("0188")));
    desk.answer(tag, Ok(log()));
    desk.keys("enter a");
    let (_, asked) = asked_log(&mut desk);
    assert!(!asked.all && asked.business == NORTHWIND);
}
