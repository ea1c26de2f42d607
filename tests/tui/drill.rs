//! Where bars and cells of the dashboard lead, one after the other; what an empty time, a new day and another
//! currency look like.

use std::time::Duration;

use switchboard::api::analytics::{Costs, Funnel, Stage};
use switchboard::api::{Reply, Request};
use switchboard::domain::money::Money;
use switchboard::domain::verification::{Channel, Status};

use crate::dashboard::{asked, asked_and_answered, keys, opened};
use crate::figures;

#[test]
fn what_is_narrowed_twice_holds_twice_and_is_left_step_by_step() {
    let mut desk = opened(80, 24, "dark");
    keys(&mut desk, "p enter p p");
    desk.sees("only SMS");
    desk.sees("by country");
    desk.keys("down enter");
    let both = asked_and_answered(&mut desk);
    assert_eq!((both.channel, both.country.as_deref()), (Some(Channel::Sms), Some("DE")));
    desk.sees("only SMS, Germany");
    // A carrier, too.
    keys(&mut desk, "p p p enter");
    desk.sees("only SMS, Germany, Verizon Wireless");
    desk.keys("enter");
    let (tag, list) = desk.question(|r| if let Request::ListAttemptsBehind(l) = r { Some(l.clone()) } else { None });
    assert_eq!((list.channel, list.country.as_deref()), (Some(Channel::Sms), Some("DE")));
    assert_eq!(list.carrier.as_deref(), Some("Verizon Wireless"));
    desk.answer(tag, Ok(Reply::ListAttemptsBehind(figures::attempts(12, Status::Expired))));
    desk.sees("SMS · Germany · Verizon Wireless · requested · 12");
    keys(&mut desk, "esc esc");
    desk.sees("by carrier");
    keys(&mut desk, "esc");
    desk.sees("by country");
    let row = desk.find("Germany").unwrap().1;
    assert_eq!(desk.buffer[(0, row)].symbol(), "▌", "back on its row");
    desk.sees("only SMS ·");
    keys(&mut desk, "esc");
    desk.sees_not("only");
    desk.sees("by channel");
}

#[test]
fn bars_of_times_and_cells_of_hours_lead_to_what_stands_behind_them() {
    let mut desk = opened(80, 24, "dark");
    keys(&mut desk, "p p p p p p");
    desk.sees("◂ p50");
    desk.keys("down enter");
    let (tag, list) = desk.question(|r| if let Request::ListAttemptsBehind(l) = r { Some(l.clone()) } else { None });
    assert_eq!((list.stage, list.took_from_millis, list.took_to_millis), (Stage::Approved, Some(6_144), Some(8_192)));
    desk.answer(tag, Ok(Reply::ListAttemptsBehind(figures::attempts(40, Status::Approved))));
    desk.sees("approved after 6.1 s to 8.2 s · 40");
    keys(&mut desk, "esc tab tab tab p");
    keys(&mut desk, "down down down down down down down down enter");
    desk.sees("messages in, Mon 8:00 · 3");
    keys(&mut desk, "enter");
    desk.answer_all();
    desk.keys("esc");
    desk.sees("messages in, Mon 8:00 · 3");
    keys(&mut desk, "esc");
    desk.sees("messages in, by the hour of the week");
}

#[test]
fn a_channel_that_became_slower_is_pointed_out() {
    let mut desk = opened(80, 24, "dark");
    keys(&mut desk, "p p p p p p p");
    desk.sees("how long it took, by channel");
    desk.sees("p50 28 s · p95 57 s  ▲ before p50 15 s · p95 30 s");
    desk.sees("= before");
    desk.sees("▼ before");
    keys(&mut desk, "enter");
    desk.sees("only SMS");
    desk.sees("how long it took");
}

#[test]
fn an_empty_time_says_when_there_is_something_and_leads_there() {
    let mut desk = opened(80, 24, "dark");
    desk.keys("left");
    let (tag, _) = desk.question(|r| if let Request::GetVerifyAnalytics(_) = r { Some(()) } else { None });
    let mut nothing = figures::verify();
    (nothing.funnel, nothing.costs) = (Funnel::default(), Costs::default());
    (nothing.before, nothing.outside) = (None, figures::outside());
    desk.answer(tag, Ok(Reply::GetVerifyAnalytics(nothing)));
    desk.sees("no verification in this time.");
    desk.sees("came on Wed 21");
    desk.sees("on Sun 1 Mar 00:00: Enter shows");
    desk.keys("enter");
    let all = asked(&mut desk);
    assert_eq!((all.from.as_deref(), all.to.as_deref()), (Some("2026-01-21"), Some("2026-03-02")));
}

#[test]
fn currencies_are_never_drawn_on_one_scale() {
    let mut desk = opened(80, 24, "dark");
    let mut both = figures::verify();
    let mut euro = both.costs.currencies[0].clone();
    let amount = |text: &str| Money::parse(text, "EUR").unwrap();
    euro.unit = "EUR".into();
    (euro.charged, euro.success_fees, euro.total) = (amount("0.0075"), amount("0"), amount("0.0075"));
    euro.per_conversion = None;
    both.costs.currencies.insert(0, euro);
    desk.keys("left");
    let (tag, _) = desk.question(|r| if let Request::GetVerifyAnalytics(_) = r { Some(()) } else { None });
    desk.answer(tag, Ok(Reply::GetVerifyAnalytics(both.clone())));
    desk.keys("tab");
    let (tag, _) = desk.question(|r| if let Request::GetVerifyAnalytics(_) = r { Some(()) } else { None });
    desk.answer(tag, Ok(Reply::GetVerifyAnalytics(both)));
    desk.keys("p p");
    desk.sees("channel and success fees in USD, without EUR");
    desk.keys("p");
    desk.sees("cost per conversion");
    desk.sees("each approved one in USD, without EUR");
    desk.keys("tab t");
    desk.sees("total EUR");
    desk.sees("total USD");
}

#[test]
fn a_new_day_is_read_when_it_begins() {
    let mut desk = opened(80, 24, "dark");
    keys(&mut desk, "- -");
    desk.sees("9:00 – 9:59");
    let next = desk.map.until.unwrap();
    assert!(next <= Duration::from_secs(3600), "{next:?}");
    desk.wait(Duration::from_secs(3601));
    desk.draw();
    let asked = asked(&mut desk);
    assert_eq!(asked.from.as_deref(), Some("2026-03-02T18:00:00Z"));
}

#[test]
fn a_click_on_a_part_shows_it() {
    let mut desk = opened(80, 24, "dark");
    let (x, y) = desk.find("Cost").unwrap();
    desk.click(x, y);
    figures::answer(&mut desk);
    desk.sees("[Cost]");
    desk.sees("total $10.1011");
    let (x, y) = desk.find("Overview").unwrap();
    desk.click(x, y);
    figures::answer(&mut desk);
    desk.sees("[Overview]");
    let (x, y) = desk.find("splits it otherwise").unwrap();
    desk.click(x, y);
    desk.sees("by channel");
}
