//! The fields of the tester that are seldom needed.

use switchboard::api::verify::RiskCheck;
use switchboard::api::{Reply, Request};
use switchboard::domain::verification::Status;

use crate::bank::{Bank, flow};
use crate::screens::check;
use crate::tester::opened;
use crate::world::NORTHWIND;

#[test]
fn more_fields_are_shown_filled_in_sent_and_remembered() {
    let bank = Bank::new();
    let mut desk = opened(&bank, 80, 24);
    desk.type_text("(415) 555-0142");
    bank.answer(&mut desk);
    desk.sees_not("limits");
    desk.keys("ctrl-o");
    desk.sees("limits");
    desk.type_text("ip=203.0.113.7");
    bank.answer(&mut desk);
    desk.keys("tab tab tab");
    desk.type_text("order=17");
    bank.answer(&mut desk);
    check("tester-more-80x24", &desk);
    desk.keys("ctrl-o");
    // What holds something stays in view; the rest is out of the way again.
    desk.sees("limits    ip=203.0.113.7");
    desk.sees("tags      order=17");
    desk.sees_not("risk-check");
    desk.keys("enter");
    let (_, send) = desk.question(|r| if let Request::SendVerification(s) = r { Some(s.clone()) } else { None });
    assert_eq!(send.rate_limits.get("ip").map(String::as_str), Some("203.0.113.7"));
    assert_eq!((send.tags.get("order").map(String::as_str), send.risk_check), (Some("17"), None::<RiskCheck>));
    assert_eq!(desk.app.drafts.test_of(NORTHWIND).unwrap().tags, "order=17");
}

#[test]
fn a_service_that_confirms_payments_asks_for_them() {
    let mut bank = Bank::new();
    bank.service.psd2_enabled = true;
    let mut desk = opened(&bank, 80, 24);
    desk.sees("payee");
    desk.type_text("(415) 555-0142");
    bank.answer(&mut desk);
    desk.keys("backtab");
    desk.type_text("Shoe Shop");
    desk.keys("backtab");
    desk.type_text("49.90");
    bank.answer(&mut desk);
    desk.keys("enter");
    let (tag, send) = desk.question(|r| if let Request::SendVerification(s) = r { Some(s.clone()) } else { None });
    assert_eq!((send.amount.as_deref(), send.payee.as_deref()), (Some("49.90"), Some("Shoe Shop")));
    bank.flow = flow(Status::Pending, 1, 0);
    desk.answer(tag, Ok(Reply::SendVerification(bank.flow.clone())));
    bank.answer(&mut desk);
    desk.type_text("604512");
    desk.keys("enter");
    let (_, checked) = desk.question(|r| if let Request::CheckVerification(c) = r { Some(c.clone()) } else { None });
    assert_eq!((checked.amount.as_deref(), checked.payee.as_deref()), (Some("49.90"), Some("Shoe Shop")));
}
