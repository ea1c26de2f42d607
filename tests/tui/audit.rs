//! The audit log on the screen.

use switchboard::api::audit::{AuditChange, AuditEntry, AuditExport, AuditFormat, ListAudit};
use switchboard::api::{ApiError, Code, Page, Reply, Request, When};
use switchboard::domain::id::Id;
use switchboard::domain::time::Span;
use switchboard::tui::lines::{Said, Told, said};

use crate::desk::Desk;
use crate::screens::check;
use crate::world::{self, NOW};

pub fn entry(number: u64, actor: Option<&str>, kind: &str, said: &str) -> AuditEntry {
    AuditEntry {
        id: format!("0-{number}"),
        at: When(NOW - Span::secs(60 * (40 - number as i64))),
        actor: actor.map(str::to_owned),
        said: said.to_owned(),
        kind: kind.to_owned(),
        subject: None,
        business: Some(Id(1)),
        business_name: Some("Harbor Dental".to_owned()),
        conversation: None,
        message: None,
        flow: None,
        run: None,
        changes: Vec::new(),
        erased: false,
        sound: true,
        hash: format!("{number:064x}"),
        previous: format!("{:064x}", number - 1),
        details: serde_json::Value::Null,
    }
}

/// The log of the demo: a setup that two runs of the node took on, and what people did.
fn log() -> Vec<AuditEntry> {
    let mut changed = entry(
        9,
        Some("agent1"),
        "business.saved",
        "changed the business Harbor Dental: contactEmail nothing → `desk@harbor.example`",
    );
    changed.subject = Some("Harbor Dental".to_owned());
    let (before, after) = (String::new(), "desk@harbor.example".to_owned());
    changed.changes = vec![AuditChange { field: "contactEmail".to_owned(), before, after }];
    changed.details =
        serde_json::json!({ "before": { "name": "Harbor Dental" }, "after": { "name": "Harbor Dental" } });
    let mut sent = entry(8, Some("agent2"), "message.sendRequested", "sent a text to +14155550123");
    sent.details = serde_json::json!({ "to": "+14155550123", "body": "Your tooth is ready" });
    let mut erased = entry(7, Some("kim"), "note.added", "wrote a note");
    erased.erased = true;
    let mut goes_on = entry(6, None, "remote.resumed", "started again and goes on with the setup at Twilio");
    (goes_on.run, goes_on.business_name) = (Some("aaaa1111".to_owned()), Some("Blue Kite Tours".to_owned()));
    let mut began = entry(5, Some("kim"), "remote.begun", "began to set it up at Twilio: Verify service, Endpoint");
    (began.run, began.business_name) = (Some("bbbb2222".to_owned()), Some("Blue Kite Tours".to_owned()));
    let mut meddled = entry(4, Some("mallory"), "token.created", "made the secret token `ci`");
    (meddled.sound, meddled.business, meddled.business_name) = (false, None, None);
    vec![changed, sent, erased, goes_on, began, meddled]
}

fn page(items: Vec<AuditEntry>, next: Option<&str>) -> Reply {
    Reply::ListAudit(Page { items, next: next.map(str::to_owned), as_of: world::cursor() })
}

/// Answers the newest question about the log; answers what was asked.
fn answer(desk: &mut Desk, items: Vec<AuditEntry>, next: Option<&str>) -> ListAudit {
    let (tag, asked) = desk.question(|r| if let Request::ListAudit(list) = r { Some(list.clone()) } else { None });
    desk.answer(tag, Ok(page(items, next)));
    asked
}

fn opened(width: u16, height: u16) -> Desk {
    let mut desk = Desk::open(width, height);
    desk.keys("g u");
    let mut sound = log();
    sound.truncate(5);
    let asked = answer(&mut desk, sound, None);
    assert_eq!((asked.business, asked.after, asked.search), (None, None, None));
    desk
}

#[test]
fn the_audit_log_at_every_size() {
    for (width, height) in [(60, 16), (80, 24), (120, 40), (200, 60)] {
        check(&format!("audit-{width}x{height}"), &opened(width, height));
    }
    let mut desk = opened(80, 24);
    desk.keys("enter");
    check("audit-entry-80x24", &desk);
}

#[test]
fn without_colours_an_entry_that_was_changed_is_named() {
    let mut desk = Desk::cold(80, 24, "mono");
    desk.settle();
    desk.keys("g u");
    answer(&mut desk, log(), None);
    desk.sees("✗ entries do not fit their seal");
    desk.sees("✗ not as it was sealed: made the secret");
    desk.sees("erased: wrote a note");
    for cell in &desk.buffer.content {
        assert_eq!((cell.fg, cell.bg), (Default::default(), Default::default()));
    }
}

#[test]
fn an_entry_is_read_whole_and_the_two_runs_of_a_setup_are_told_apart() {
    let mut desk = opened(80, 24);
    desk.sees("changed the business");
    desk.sees("(node)");
    desk.keys("down down down enter");
    desk.sees("run of node   aaaa1111");
    desk.sees("started again and goes on");
    desk.keys("esc down enter");
    desk.sees("run of node   bbbb2222");
    desk.keys("esc home enter");
    desk.sees("contactEmail  nothing → desk@harbor.example");
    desk.sees(&format!("hash          {:0>58}", ""));
    // Who looks over the shoulder reads no text.
    desk.keys("esc down enter");
    desk.keys("end");
    desk.sees("Your tooth is ready");
    desk.keys("esc f9 enter end");
    desk.sees_not("Your tooth is ready");
}

#[test]
fn a_search_asks_the_node_and_late_answers_are_dropped() {
    let mut desk = opened(80, 24);
    desk.keys("/");
    desk.type_text("by:kim kind:remote began");
    // The answers to the letters before come late; only the last one counts.
    let mut asked = Vec::new();
    for (tag, request) in std::mem::take(&mut desk.asked) {
        if let Request::ListAudit(list) = request {
            asked.push((tag, list));
        }
    }
    let (last, list) = asked.pop().unwrap();
    assert_eq!((list.actor.as_deref(), list.kind.as_deref()), (Some("kim"), Some("remote")));
    assert_eq!(list.search.as_deref(), Some("began"));
    desk.answer(last, Ok(page(log()[4..5].to_vec(), None)));
    for (tag, _) in asked {
        desk.answer(tag, Ok(page(log(), None)));
    }
    desk.sees("began to set it up");
    desk.sees_not("changed the business");
    desk.keys("enter");
    desk.sees("run of node   bbbb2222");
    desk.keys("esc");
    // Esc shows all again.
    desk.keys("esc");
    assert_eq!(answer(&mut desk, log(), None), ListAudit { limit: Some(50), ..ListAudit::default() });
    desk.sees("changed the business");
    desk.keys("esc");
    desk.sees("Sam Ortiz");
}

#[test]
fn rare_finds_are_looked_for_page_by_page_and_more_comes_near_the_end() {
    let mut desk = opened(80, 24);
    desk.keys("/");
    desk.type_text("x");
    answer(&mut desk, Vec::new(), Some("aa"));
    assert_eq!(answer(&mut desk, Vec::new(), Some("bb")).after.as_deref(), Some("aa"));
    let many = (10..40).rev().map(|n| entry(n, Some("kim"), "note.added", &format!("wrote note x{n}"))).collect();
    assert_eq!(answer(&mut desk, many, Some("cc")).after.as_deref(), Some("bb"));
    desk.sees("wrote note x39");
    desk.keys("esc");
    answer(&mut desk, (10..40).rev().map(|n| entry(n, None, "note.added", "n")).collect(), Some("dd"));
    desk.keys("end");
    assert_eq!(answer(&mut desk, log(), None).after.as_deref(), Some("dd"));
    desk.keys("end");
    assert_eq!(desk.app.rooms.audit.rows.len(), 36);
    assert!(!desk.asked.iter().any(|(_, r)| matches!(r, Request::ListAudit(_))), "there is no more");
}

#[test]
fn one_business_or_all_and_a_refusal_is_said() {
    let mut desk = opened(80, 24);
    desk.sees("Audit · all businesses");
    desk.keys("a");
    let shown = desk.app.session.business;
    assert_eq!(answer(&mut desk, log(), None).business, shown);
    desk.sees("Audit · Harbor Dental");
    desk.keys("a");
    assert_eq!(answer(&mut desk, log(), None).business, None);
    desk.keys("f");
    let (tag, _) = desk.question(|r| if let Request::ListAudit(list) = r { Some(list.clone()) } else { None });
    desk.answer(tag, Err(ApiError::new(Code::Forbidden, "kim lacks the permission `audit`: ask an admin for it")));
    desk.sees("kim lacks the permission `audit`");
}

#[test]
fn it_is_written_into_a_file_as_it_is_narrowed() {
    let mut desk = opened(80, 24);
    desk.keys("/");
    desk.type_text("kind:agent");
    desk.keys("enter esc");
    desk.keys("e");
    desk.sees("JSON lines");
    desk.keys("enter");
    let (tag, export) = desk.question(|r| if let Request::ExportAudit(e) = r { Some(e.clone()) } else { None });
    assert_eq!((export.kind.as_deref(), export.format), (Some("agent"), Some(AuditFormat::Csv)));
    let export = AuditExport {
        format: AuditFormat::Csv,
        content_type: "text/csv".to_owned(),
        file_name: "audit-2026-03-02;rm.csv".to_owned(),
        entries: 2,
        text: "id\n".to_owned(),
        next: None,
    };
    desk.answer(tag, Ok(Reply::ExportAudit(export)));
    desk.sees("cat > audit-2026-03-02rm.csv");
}

#[test]
fn it_is_read_without_a_screen() {
    let mut desk = Desk::open(100, 40);
    let mut told = Told::default();
    let mut write = |desk: &mut Desk, line: &str, items: Option<Vec<AuditEntry>>| {
        let mut out = Vec::new();
        match said(&mut desk.app, &desk.map, line) {
            Said::Print(lines) => out.extend(lines.iter().map(ToString::to_string)),
            Said::Done(effects) => desk.keep(effects),
        }
        if let Some(items) = items {
            answer(desk, items, None);
        }
        desk.answer_all();
        out.extend(told.changed(&mut desk.app, desk.asked.is_empty()).iter().map(ToString::to_string));
        out.join("\n")
    };
    write(&mut desk, "", None);
    let all = write(&mut desk, "go-audit", Some(log()));
    assert!(all.contains("Audit log of all businesses, 6 entries, newest first."), "{all}");
    assert!(all.contains(", (node), Blue Kite Tours: started again"), "{all}");
    let whole = write(&mut desk, "open 4", None);
    assert!(whole.contains("aaaa1111"), "{whole}");
    let found = write(&mut desk, "find kim", Some(log()[4..5].to_vec()));
    assert!(found.contains("1 entries") && found.contains("1. ") && found.contains("kim, Blue Kite Tours"), "{found}");
    assert!(write(&mut desk, "open 9", None).contains("no such entry"));
}

#[test]
fn what_is_audited_is_read_while_the_log_is_in_view() {
    let mut desk = opened(80, 24);
    let asks =
        |desk: &mut Desk| std::mem::take(&mut desk.asked).iter().any(|(_, r)| matches!(r, Request::ListAudit(_)));
    desk.heard(world::event(30, "message.received", world::conversation(world::SAM), None, Default::default()));
    assert!(!asks(&mut desk), "the log has no texts of customers");
    desk.heard(world::platform_event(31, "business.saved", Id(1)));
    assert!(asks(&mut desk));
}

#[test]
fn a_page_that_failed_is_asked_for_again() {
    let mut desk = Desk::open(80, 24);
    desk.keys("g u");
    answer(&mut desk, log(), Some("ff"));
    desk.keys("down");
    let (tag, first) = desk.question(|r| if let Request::ListAudit(list) = r { Some(list.clone()) } else { None });
    desk.answer(tag, Err(ApiError::new(Code::Unavailable, "the store is busy")));
    desk.keys("down");
    let again = answer(&mut desk, Vec::new(), None);
    assert_eq!((first.after.as_deref(), again.after), (Some("ff"), Some("ff".to_owned())));
}
