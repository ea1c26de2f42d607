//! The dashboard: what it says, where it leads, when it is read again.

use std::time::{Duration, Instant};

use switchboard::api::analytics::{
    Costs, Difference, Funnel, GetVerifyAnalytics, Line, Reason, Side, Stage, Subject, UsageAnalytics, Why,
};
use switchboard::api::report::{Report, ReportFormat};
use switchboard::api::{ApiError, Code, Reply, Request, When};
use switchboard::domain::money::Money;
use switchboard::domain::verification::{Channel, Status};
use switchboard::tui::msg::Effect;
use switchboard::tui::{Options, drafts::Drafts};

use crate::bank::Bank;
use crate::desk::Desk;
use crate::figures;
use crate::screens::check;
use crate::world::{self, HARBOR, NORTHWIND};

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 40), (200, 60)];

/// The dashboard of the bank.
pub fn opened(width: u16, height: u16, theme: &str) -> Desk {
    let mut desk = Desk::cold(width, height, theme);
    desk.settle();
    desk.keys("b");
    desk.type_text("north");
    desk.keys("enter");
    desk.answer_all();
    desk.keys("g d");
    figures::answer(&mut desk);
    desk
}

/// Presses keys, and answers what is asked.
pub fn keys(desk: &mut Desk, keys: &str) {
    desk.keys(keys);
    figures::answer(desk);
}

/// What is asked about verifications.
#[track_caller]
pub fn asked(desk: &mut Desk) -> GetVerifyAnalytics {
    desk.question(|r| if let Request::GetVerifyAnalytics(g) = r { Some(g.clone()) } else { None }).1
}

#[test]
fn an_admin_reads_the_day_of_the_two_hundred() {
    let mut desk = opened(80, 24, "dark");
    desk.sees("200 verifications · 165 approved");
    desk.sees("82.5 % of all · 83.8 % excluding 3 blocked");
    desk.sees("America/Los_Angeles");
    keys(&mut desk, "p");
    for seen in ["85.0 % (86.9 % excl. blocked)", "SMS", "call", "70.0 %", "WhatsApp", "email", "80.0 %"] {
        desk.sees(seen);
    }
    keys(&mut desk, "tab tab");
    for seen in [
        "137×0.0083 + 30×0.0140 + 20×0.0147 = $1.8511",
        "success fees 165×0.05 = $8.25",
        "total $10.1011",
        "cost per conversion $0.0612",
        "0 pending",
    ] {
        desk.sees(seen);
    }
}

#[test]
fn a_figure_leads_to_the_very_attempts_and_back_to_its_row() {
    let bank = Bank::new();
    let mut desk = opened(80, 24, "dark");
    desk.keys("p enter");
    let asked = asked_and_answered(&mut desk);
    assert_eq!((asked.channel, asked.business), (Some(Channel::Sms), Some(NORTHWIND)));
    desk.sees("only SMS");
    desk.sees("140 verifications · 119 approved");
    desk.keys("down down down down down down enter");
    let (tag, list) = desk.question(|r| if let Request::ListAttemptsBehind(l) = r { Some(l.clone()) } else { None });
    assert_eq!((list.stage, list.channel, list.business), (Stage::Expired, Some(Channel::Sms), Some(NORTHWIND)));
    assert_eq!((list.from.as_deref(), list.to.as_deref()), (Some("2026-02-24"), Some("2026-03-03")));
    desk.answer(tag, Ok(Reply::ListAttemptsBehind(figures::attempts(12, Status::Expired))));
    desk.sees("SMS · expired · 12");
    desk.keys("down down down enter");
    let (_, flow) = desk.question(|r| if let Request::GetFlow(g) = r { Some(g.clone()) } else { None });
    assert_eq!((flow.business, flow.flow.0), (NORTHWIND, 804));
    bank.answer(&mut desk);
    desk.keys("esc");
    desk.sees("SMS · expired · 12");
    let row = desk.find("+14155550104").unwrap().1;
    assert_eq!(desk.buffer[(0, row)].symbol(), "▌");
    keys(&mut desk, "esc");
    desk.sees("only SMS");
    keys(&mut desk, "esc");
    desk.sees_not("only SMS");
    desk.sees("70.0 %");
    keys(&mut desk, "esc");
    desk.sees_not("Dashboard");
}

/// The same, which is answered, too.
pub fn asked_and_answered(desk: &mut Desk) -> GetVerifyAnalytics {
    let asked = {
        let found = desk
            .asked
            .iter()
            .find_map(|(_, r)| if let Request::GetVerifyAnalytics(g) = r { Some(g.clone()) } else { None });
        found.unwrap()
    };
    figures::answer(desk);
    asked
}

#[test]
fn time_is_made_longer_shorter_moved_and_chosen() {
    let mut desk = opened(80, 24, "dark");
    desk.keys("left");
    assert_eq!(asked(&mut desk).from.as_deref(), Some("2026-02-17"));
    desk.sees("reading…");
    desk.keys("right right");
    desk.sees("there is nothing to look at beyond now");
    assert_eq!(asked(&mut desk).from.as_deref(), Some("2026-02-24"));
    desk.keys("-");
    assert_eq!(asked(&mut desk).from.as_deref(), Some("2026-03-02"));
    desk.keys("+ +");
    let both = std::mem::take(&mut desk.asked);
    assert!(
        matches!(&both[1].1, Request::GetVerifyAnalytics(g) if g.from.as_deref() == Some("2026-02-01")),
        "{both:?}"
    );
    // An answer to what is not looked at any more changes nothing.
    desk.answer(both[0].0.clone(), Ok(Reply::GetVerifyAnalytics(figures::verify())));
    desk.sees("reading…");
    desk.keys("d");
    desk.type_text("2026-03-07 2026-03-01");
    desk.keys("enter");
    desk.sees("it ends before it begins");
    desk.keys("ctrl-u");
    desk.type_text("2026-03-01");
    desk.keys("enter");
    let own = asked(&mut desk);
    assert_eq!((own.from.as_deref(), own.to.as_deref()), (Some("2026-03-01"), Some("2026-03-02")));
    desk.sees("Sun 1 Mar 2026 · own dates");
}

#[test]
fn it_is_read_again_when_something_happens_but_not_at_once_and_not_unseen() {
    let mut desk = opened(80, 24, "dark");
    desk.heard(world::platform_event(50, "verification.ended", NORTHWIND));
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
    assert_eq!(desk.map.until, Some(Duration::from_secs(3)));
    // Many events are one question.
    desk.heard(world::platform_event(51, "verification.checked", NORTHWIND));
    desk.heard(world::platform_event(52, "message.received", NORTHWIND));
    desk.heard(world::platform_event(53, "verification.ended", HARBOR));
    desk.wait(Duration::from_secs(3));
    desk.draw();
    let (tag, _) = desk.question(|r| if let Request::GetVerifyAnalytics(_) = r { Some(()) } else { None });
    desk.sees("200 verifications");
    // While a question waits there is no second one.
    desk.heard(world::platform_event(54, "verification.ended", NORTHWIND));
    desk.wait(Duration::from_secs(9));
    assert!(desk.asked.is_empty());
    desk.answer(tag, Ok(Reply::GetVerifyAnalytics(figures::verify())));
    figures::answer(&mut desk);
    // Nothing happens: nothing is due.
    desk.wait(Duration::from_secs(10));
    // But for the next day.
    assert_eq!(desk.asked.len(), 0);
    assert!(desk.map.until.is_some_and(|at| at > Duration::from_secs(10 * 3600)), "{:?}", desk.map.until);
    desk.keys("g i");
    desk.answer_all();
    desk.heard(world::platform_event(55, "verification.ended", NORTHWIND));
    desk.wait(Duration::from_secs(10));
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
}

#[test]
fn what_is_not_known_is_said() {
    let mut desk = Desk::open(80, 24);
    desk.keys("g d");
    desk.sees("reading…");
    let (tag, _) = desk.question(|r| if let Request::GetVerifyAnalytics(_) = r { Some(()) } else { None });
    desk.answer(tag, Err(ApiError::unavailable("the store is away since 09:00")));
    desk.sees("the store is away since 09:00");
    // An older answer stays, with its time and why there is no newer one.
    desk.keys("left");
    figures::answer(&mut desk);
    desk.keys("g d");
    let (tag, _) = desk.question(|r| if let Request::GetVerifyAnalytics(_) = r { Some(()) } else { None });
    desk.answer(tag, Err(ApiError::unavailable("the store is away")));
    desk.sees("200 verifications");
    desk.keys("+");
    let (tag, _) = desk.question(|r| if let Request::GetVerifyAnalytics(_) = r { Some(()) } else { None });
    let mut nothing = figures::verify();
    (nothing.funnel, nothing.costs, nothing.series) = (Funnel::default(), Costs::default(), Vec::new());
    nothing.by_channel = Vec::new();
    desk.answer(tag, Ok(Reply::GetVerifyAnalytics(nothing)));
    desk.sees("nothing was asked for");
    desk.sees("no verification in this time; in the 30 days before there were 190");
    desk.keys("p");
    desk.sees("by channel");
    let mut pending = figures::verify();
    pending.costs.pending = 4;
    desk.keys("- tab tab");
    for (tag, request) in std::mem::take(&mut desk.asked) {
        if let Request::GetVerifyAnalytics(_) = request {
            desk.answer(tag, Ok(Reply::GetVerifyAnalytics(pending.clone())));
        }
    }
    desk.sees("4 pending: their price is not known, they are in no total");
}

#[test]
fn all_businesses_are_seen_by_their_health() {
    let mut desk = opened(80, 24, "dark");
    keys(&mut desk, "backtab");
    desk.sees("all businesses");
    desk.sees("! 1 watch");
    desk.sees("! 3 verifications were blocked");
    desk.keys("down enter");
    desk.answer_all();
    assert_eq!(desk.app.session.business, Some(HARBOR));
    figures::answer(&mut desk);
    desk.sees("Harbor Dental");
    desk.sees("Overview");
    keys(&mut desk, "a");
    desk.sees("all businesses");
    // What stands behind a figure of all of them says whose each row is.
    desk.keys("enter");
    let (tag, list) = desk.question(|r| if let Request::ListAttemptsBehind(l) = r { Some(l.clone()) } else { None });
    assert_eq!((list.all, list.business, list.stage), (true, None, Stage::Requested));
    desk.answer(tag, Ok(Reply::ListAttemptsBehind(figures::attempts(3, Status::Approved))));
    desk.sees("requested · 3");
    desk.sees("Northwind Bank");
    let bank = Bank::new();
    desk.keys("enter");
    let (_, flow) = desk.question(|r| if let Request::GetFlow(g) = r { Some(g.clone()) } else { None });
    assert_eq!((flow.business, desk.app.session.business), (NORTHWIND, Some(NORTHWIND)), "its business is shown");
    bank.answer(&mut desk);
    desk.answer_all();
    desk.keys("esc");
    desk.sees("requested · 3");
    keys(&mut desk, "esc");
    desk.sees("all businesses");
}

#[test]
fn messages_by_the_hour_lead_to_conversations() {
    let mut desk = opened(80, 24, "dark");
    keys(&mut desk, "tab tab tab");
    desk.sees("153 in · 74 out");
    desk.sees("2 failed (2.7 %)");
    desk.keys("enter");
    figures::answer(&mut desk);
    desk.sees("messages from Mon 2 Mar");
    desk.sees("· 3");
    desk.keys("enter");
    let (_, id) = desk.question(|r| if let Request::GetConversation(g) = r { Some(g.id) } else { None });
    assert_eq!(id, world::MARIA);
    desk.keys("esc");
    figures::answer(&mut desk);
    keys(&mut desk, "p #");
    desk.sees("messages in an hour");
    desk.keys("t");
    desk.sees(" 9:00");
    desk.sees("Sat");
}

#[test]
fn the_table_has_the_same_numbers_and_can_be_copied() {
    let mut desk = opened(80, 24, "dark");
    keys(&mut desk, "p t");
    desk.sees("by channel as a table");
    desk.sees("channel   requested  blocked  approved  of all  excl. blocked");
    desk.keys("y");
    let copied = desk.done.iter().find_map(|e| if let Effect::Copy(text) = e { Some(text.clone()) } else { None });
    assert!(copied.unwrap().contains("SMS\t140\t3\t119\t85.0 %\t86.9 %\t12\t6"));
    keys(&mut desk, "tab tab");
    desk.sees("total USD");
    desk.sees("$7.0871");
}

#[test]
fn a_click_moves_the_cursor_and_a_second_one_opens() {
    let mut desk = opened(80, 24, "dark");
    keys(&mut desk, "p");
    let (x, y) = desk.find("WhatsApp").unwrap();
    desk.click(x, y);
    assert_eq!(desk.buffer[(0, y)].symbol(), "▌");
    desk.wheel(x, y, true);
    let call = desk.find("call").unwrap().1;
    assert_eq!(desk.buffer[(0, call)].symbol(), "▌");
    desk.click(x, y);
    desk.click(x, y);
    assert_eq!(asked(&mut desk).channel, Some(Channel::Whatsapp));
}

/// The parts by name, and the keys that lead there.
const PARTS: [(&str, &str); 10] = [
    ("overview", ""),
    ("channels", "p"),
    ("speed", "p p p p p p p"),
    ("time", "tab"),
    ("cost", "tab tab"),
    ("messages", "tab tab tab"),
    ("hours", "tab tab tab p"),
    ("where", "tab tab tab tab"),
    ("businesses", "backtab"),
    ("table", "p t"),
];

#[test]
fn the_parts_at_every_size() {
    for (name, pressed) in PARTS {
        for (width, height) in SIZES {
            let mut desk = opened(width, height, "dark");
            keys(&mut desk, pressed);
            check(&format!("dashboard-{name}-{width}x{height}"), &desk);
        }
    }
}

#[test]
fn without_colours_the_parts_say_the_same() {
    for (name, pressed) in PARTS {
        let mut mono = opened(80, 24, "mono");
        keys(&mut mono, pressed);
        for cell in &mono.buffer.content {
            assert_eq!((cell.fg, cell.bg), (Default::default(), Default::default()), "{name}");
        }
        let mut dark = opened(80, 24, "dark");
        keys(&mut dark, pressed);
        assert_eq!(mono.text(), dark.text(), "{name}");
        let mut light = opened(80, 24, "light");
        keys(&mut light, pressed);
        assert_eq!(light.text(), dark.text(), "{name}");
    }
}

#[test]
fn a_terminal_without_braille_gets_other_marks() {
    let options = Options { charts: switchboard::config::Charts::Ascii, ..Options::default() };
    let mut desk = Desk::with(80, 24, options, Drafts::default());
    desk.settle();
    desk.keys("g d");
    figures::answer(&mut desk);
    keys(&mut desk, "tab");
    check("dashboard-ascii-80x24", &desk);
}

#[test]
fn what_update_and_draw_take_is_printed() {
    for (width, height) in [(80, 24), (200, 60)] {
        for (name, pressed) in PARTS {
            let mut desk = opened(width, height, "dark");
            keys(&mut desk, pressed);
            let rounds = 50;
            let start = Instant::now();
            for n in 0..rounds {
                desk.keys(if n % 2 == 0 { "down" } else { "up" });
            }
            println!("{name} {width}x{height}: {} us update + draw", start.elapsed().as_micros() / rounds);
        }
    }
}

#[test]
fn the_report_of_what_is_shown_goes_where_a_command_puts_it() {
    let mut desk = opened(80, 24, "dark");
    desk.keys("c down enter");
    let (tag, asked) = desk.question(|r| if let Request::GetReport(g) = r { Some(g.clone()) } else { None });
    assert_eq!((asked.format, asked.from.as_deref()), (Some(ReportFormat::Csv), Some("2026-02-24")));
    assert_eq!(asked.business, Some(NORTHWIND));
    let report = Report {
        format: ReportFormat::Csv,
        content_type: "text/csv".into(),
        file_name: "switchboard-2026-02-24-to-2026-03-02.csv".into(),
        text: "requested,200".into(),
    };
    desk.answer(tag, Ok(Reply::GetReport(report)));
    desk.sees("cat > switchboard-2026-02-24-to-2026-03-02.csv");
    desk.keys("enter");
    let piped = desk.done.iter().find_map(|e| if let Effect::Pipe(_, text) = e { Some(text.clone()) } else { None });
    assert_eq!(piped.as_deref(), Some("requested,200"));
}

/// What a node says of Twilio's usage: two texts that another program sent, and rent.
fn usage(asked: Option<When>) -> UsageAnalytics {
    let reason = |why, count, text: &str| Reason { why, count, amounts: Vec::new(), text: text.into() };
    let side = |count, amount: &str, pending| Side {
        count,
        amounts: vec![Money::parse(amount, "USD").unwrap()],
        pending,
        expected: Vec::new(),
    };
    let difference = |amount: &str| Difference { amount: amount.parse().unwrap(), unit: "USD".into() };
    let line = |subject: Subject, ours, twilio, n, price: &[&str], reasons| Line {
        subject,
        categories: Vec::new(),
        ours,
        twilio: Some(twilio),
        difference: n,
        price_differences: price.iter().map(|amount| difference(amount)).collect(),
        reasons,
    };
    let outside = reason(Why::Outside, 2, "2 were sent outside of Switchboard ($0.0166)");
    let unknown = reason(Why::NotExplained, 1, "1 more at Twilio, not explained");
    let rent = reason(Why::NotCounted, 0, "rent of numbers is known by Twilio's records only");
    let (one, three) = (side(Some(1), "0.0083", 0), side(Some(3), "0.0249", 0));
    let totals = vec![
        line(Subject::MessagesOut, Some(one), three, Some(2), &["0.0166"], vec![outside]),
        line(
            Subject::VerifySms,
            Some(side(Some(4), "0.0249", 1)),
            side(Some(5), "0.0415", 0),
            Some(1),
            &[],
            vec![unknown],
        ),
        line(Subject::Numbers, None, side(Some(1), "1.15", 0), None, &[], vec![rent]),
    ];
    UsageAnalytics {
        range: figures::overview().range,
        asked_at: asked,
        trouble: None,
        notes: vec!["Twilio's days are those of GMT, and so are these".into()],
        totals: if asked.is_some() { totals } else { Vec::new() },
        days: Vec::new(),
        as_of: figures::overview().as_of,
    }
}

#[test]
fn an_admin_compares_twilios_records_with_ours_and_asks_anew() {
    let mut desk = opened(80, 24, "dark");
    keys(&mut desk, "tab tab p p p p");
    let list = |r: &Request| if let Request::ListUsage(l) = r { Some(l.clone()) } else { None };
    let (tag, asked) = desk.question(list);
    assert_eq!(asked.from.as_deref(), Some("2026-02-24"));
    desk.answer(tag, Ok(Reply::ListUsage(usage(None))));
    desk.sees("Twilio has not been asked about these days");
    desk.keys("enter");
    let fetch = |r: &Request| if let Request::FetchUsage(f) = r { Some(f.clone()) } else { None };
    let (tag, asked) = desk.question(fetch);
    assert_eq!(asked.from.as_deref(), Some("2026-02-24"));
    desk.answer(tag, Ok(Reply::FetchUsage(usage(Some(world::minutes_ago(1))))));
    for seen in
        ["all businesses", "days of GMT", "texts out", "3 $0.0249 · here 1 $0.0083 · +2 +$0.0166", "1 not explained"]
    {
        desk.sees(seen);
    }
    desk.sees("2 were sent outside of Switchboard ($0.0166)");
    check("dashboard-usage", &desk);
    desk.keys("down");
    desk.sees("1 more at Twilio, not explained");
    desk.sees("(1 pending)");
    desk.keys("t");
    desk.sees("here   difference");
    desk.sees("+2 +$0.0166");
    // Twilio does not answer: what it said before stays.
    desk.keys("enter");
    let (tag, _) = desk.question(fetch);
    let why = "Twilio's usage of AC1 could not be read: out of order. What it said before stays as it is";
    desk.answer(tag, Err(ApiError::new(Code::Upstream, why)));
    desk.sees("+2 +$0.0166");
    desk.sees("as of");
}
