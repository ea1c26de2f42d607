//! The console without a screen: lines in, lines out.

use switchboard::api::{Reply, Request};
use switchboard::tui::lines::{Said, Told, said};

use crate::bank::Bank;
use crate::desk::Desk;
use crate::flows::maria_writes;
use crate::world::{self, SAM};

/// Writes a line, lets everything be answered from the demo world, and answers what was said.
fn write(desk: &mut Desk, told: &mut Told, line: &str) -> Vec<String> {
    let mut out = Vec::new();
    match said(&mut desk.app, &desk.map, line) {
        Said::Print(lines) => out.extend(lines.iter().map(ToString::to_string)),
        Said::Done(effects) => desk.keep(effects),
    }
    out.extend(told.changed(&mut desk.app, desk.asked.is_empty()).iter().map(ToString::to_string));
    desk.answer_all();
    out.extend(told.changed(&mut desk.app, desk.asked.is_empty()).iter().map(ToString::to_string));
    out
}

#[track_caller]
fn says(lines: &[String], what: &str) {
    assert!(lines.iter().any(|line| line.contains(what)), "no {what:?} in {lines:#?}");
}

#[test]
fn a_morning_without_a_screen() {
    let mut desk = Desk::open(100, 40);
    let mut told = Told::default();
    let first = write(&mut desk, &mut told, "");
    says(&first, "Sandbox. Harbor Dental, All. 3 wait for an answer.");
    says(&first, "3. Sam Ortiz, waits since 42 minutes, unassigned, 1 unread: Is parking free at your office?");
    assert!(write(&mut desk, &mut told, "").is_empty(), "nothing is said twice");
    says(&write(&mut desk, &mut told, "open sam"), "the customer: Is parking free at your office?");
    assert_eq!(desk.app.thread.as_ref().unwrap().id(), SAM);
    write(&mut desk, &mut told, "say Yes, behind the house.");
    let (_, send) = desk.question(|r| if let Request::SendMessage(s) = r { Some(s.clone()) } else { None });
    assert_eq!((send.conversation, send.body.as_str()), (Some(SAM), "Yes, behind the house."));
    let asked = write(&mut desk, &mut told, "snooze");
    says(&asked, "Snooze. Until when?");
    says(&write(&mut desk, &mut told, "whenever"), "That is wrong: write a time such as");
    write(&mut desk, &mut told, "tomorrow 9");
    let (tag, set) = desk.question(|r| if let Request::SetConversationStatus(s) = r { Some(s.clone()) } else { None });
    assert_eq!(set.id, SAM);
    let mut view = world::conversation(SAM);
    (view.status, view.snoozed_until, view.version) = (set.status, set.until, 2);
    desk.answer(tag, Ok(Reply::SetConversationStatus(view)));
    says(&write(&mut desk, &mut told, ""), "snoozed · wakes Tue 09:00 (u undo)");
    let asked = write(&mut desk, &mut told, "assign");
    says(&asked, "1. me · agent1 (you)");
    says(&asked, "3. nobody (not now: it is nobody's)");
    write(&mut desk, &mut told, "1");
    let (_, set) = desk.question(|r| if let Request::AssignConversation(a) = r { Some(a.clone()) } else { None });
    assert_eq!(set.assignee.as_deref(), Some("agent1"));
    says(&write(&mut desk, &mut told, "fly"), "fly is not known");
    says(&write(&mut desk, &mut told, "retry"), "no failed message here");
    says(&write(&mut desk, &mut told, "help"), "open 2, or open Maria");
    write(&mut desk, &mut told, "go-numbers");
    crate::rooms::furnish(&mut desk);
    says(&write(&mut desk, &mut told, ""), "+14155550100 → elsewhere");
}

#[test]
fn what_happens_meanwhile_is_told() {
    let mut desk = Desk::open(100, 40);
    let told = Told::default();
    let view = world::conversation(world::MARIA);
    let m = world::message(
        77,
        view.id,
        "+14155550123",
        switchboard::domain::message::Direction::In,
        "Hi\u{1b}[2J",
        world::minutes_ago(0),
    );
    let msg = switchboard::tui::msg::Msg::Heard(world::event(9, "message.received", view, Some(m), desk.counts));
    let lines: Vec<String> = told.heard(&desk.app, &msg).iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["Maria Lopez wrote: Hi␛[2J"]);
    maria_writes(&mut desk);
    let mut told = Told::default();
    says(&write(&mut desk, &mut told, "list"), "1. Maria Lopez");
}

#[test]
fn a_code_is_tried_without_a_screen() {
    let bank = Bank::new();
    let mut desk = Desk::open(100, 40);
    let mut told = Told::default();
    write(&mut desk, &mut told, "switch-business");
    write(&mut desk, &mut told, "north");
    // Whatever is asked of the bank's node is answered before anything is said.
    let mut heard = |desk: &mut Desk, bank: &Bank, line: &str| {
        let mut out = write(desk, &mut told, line);
        bank.answer(desk);
        out.extend(told.changed(&mut desk.app, true).iter().map(ToString::to_string));
        out
    };
    says(&heard(&mut desk, &bank, "go-tester"), "Northwind Bank, Verify service VAa0a0");
    let lines = heard(&mut desk, &bank, "to (415) 555-0142");
    says(&lines, "To +14155550142 US by sms, 1 seg, $0.0083.");
    says(&heard(&mut desk, &bank, "values brand=Northwind Bank"), "Text: Your Northwind Bank code is ••••••");
    heard(&mut desk, &bank, "send-code");
    let (tag, send) = desk.question(|r| if let Request::SendVerification(s) = r { Some(s.clone()) } else { None });
    assert_eq!(send.to, "(415) 555-0142");
    desk.answer(tag, Ok(Reply::SendVerification(bank.flow.clone())));
    let lines = heard(&mut desk, &bank, "");
    says(&lines, "09:00:02.104 ✓ delivered");
    says(&lines, "pending, sends 1 of 5, checks 0 of 5.");
    heard(&mut desk, &bank, "code 604512");
    let (_, code) =
        desk.question(|r| if let Request::CheckVerification(c) = r { Some(c.code.0.clone()) } else { None });
    assert_eq!(code, "604512");
}

#[test]
fn the_dashboard_is_read_out_as_its_tables() {
    let mut desk = Desk::open(100, 40);
    let mut told = Told::default();
    write(&mut desk, &mut told, "switch-business");
    write(&mut desk, &mut told, "north");
    let mut heard = |desk: &mut Desk, line: &str| {
        let mut out = write(desk, &mut told, line);
        crate::figures::answer(desk);
        out.extend(told.changed(&mut desk.app, true).iter().map(ToString::to_string));
        out
    };
    let lines = heard(&mut desk, "go-dashboard");
    says(&lines, "Dashboard, Overview.");
    says(&lines, "200 verifications · 165 approved");
    says(&lines, "expired: reached 26, of the first 13.0 %, lost since the stage before 0.");
    let lines = heard(&mut desk, "split-by");
    let sms =
        "SMS: requested 140, blocked 3, approved 119, of all 85.0 %, excl. blocked 86.9 %, expired 12, max checks 6.";
    says(&lines, sms);
    heard(&mut desk, "split-by");
    heard(&mut desk, "next-tab");
    let lines = heard(&mut desk, "next-tab");
    says(&lines, "total $10.1011 · cost per conversion $0.0612");
}
