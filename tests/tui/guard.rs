//! How much Fraud Guard blocks, as a row of the sandbox's dial.

use switchboard::api::simulator::{FaultList, Trouble};
use switchboard::api::verify::FraudLevel;
use switchboard::api::{Reply, Request};

use crate::bank::{Bank, service};
use crate::tester::sent;

#[test]
fn the_dial_has_the_levels_while_codes_are_tested() {
    let bank = Bank::new();
    let mut desk = sent(&bank, 80, 24);
    desk.sees_not("guard");
    desk.keys("F");
    let (tag, _) = desk.question(|r| matches!(r, Request::ListFaults(_)).then_some(()));
    desk.answer(tag, Ok(Reply::ListFaults(FaultList { items: Vec::new() })));
    desk.sees("Fraud Guard off: blocks nothing");
    desk.sees("it is at that");
    desk.type_text("guard max");
    desk.keys("enter");
    let (tag, level) = desk.question(|r| if let Request::SetFraudGuard(g) = r { Some(g.level) } else { None });
    assert_eq!(level, FraudLevel::Max);
    let mut now = service();
    now.fraud_guard = Some(level);
    desk.answer(tag, Ok(Reply::SetFraudGuard(now)));
    desk.sees("Fraud Guard is at max");
    desk.sees("live: no · guard max");
    // What goes wrong next is about codes, too.
    desk.asked.clear();
    desk.keys("F");
    desk.type_text("code 503");
    desk.sees("Next code: 503, nothing done");
    desk.keys("enter");
    let (_, fault) = desk.question(|r| if let Request::AddFault(f) = r { Some(f.clone()) } else { None });
    assert_eq!((fault.trouble, fault.codes), (Trouble::Unavailable, true));
    // Elsewhere the dial is about messages.
    desk.keys("g i F");
    desk.sees_not("Fraud Guard off");
    desk.sees_not("Next code");
}
