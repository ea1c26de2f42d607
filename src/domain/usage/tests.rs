use super::*;
use crate::domain::id::Sid;

fn usd(amount: &str) -> Money {
    Money::parse(amount, "USD").unwrap()
}

fn told(day: u32, asked: u32, records: &[(&str, u64, &str)]) -> UsageDay {
    let record = |(category, count, price): &(&str, u64, &str)| Record {
        category: (*category).to_owned(),
        count: *count,
        price: Some(usd(price)),
    };
    UsageDay {
        account: Sid { prefix: *b"AC", bytes: [1; 16] },
        day,
        asked_at: UsageDay::start(asked),
        records: records.iter().map(record).collect(),
        strangers: Vec::new(),
    }
}

fn ours(count: u64, amount: &str, pending: u64, edges: (u64, u64)) -> Ours {
    let side = Side { count: Some(count), amounts: vec![usd(amount)], pending, expected: Vec::new() };
    Ours { side, on_the_way: 0, edges }
}

fn day(told: UsageDay, ours: Ours) -> Day {
    Day { day: told.day, told: Some(told), ours: vec![(Subject::MessagesOut, ours)] }
}

fn whys(lines: &[Line]) -> Vec<(Why, i64)> {
    let line = lines.iter().find(|line| line.subject == Subject::MessagesOut).unwrap();
    line.reasons.iter().map(|reason| (reason.why, reason.count)).collect()
}

#[test]
fn what_is_equal_has_no_reason() {
    let lines = reconcile(&[day(told(9, 11, &[("sms-outbound", 2, "0.0166")]), ours(2, "0.0166", 0, (0, 0)))]);
    assert_eq!(whys(&lines[0]), []);
    assert_eq!(lines[0][0].difference, Some(0));
    assert_eq!(lines[0][0].price_differences, [Difference { amount: Decimal::ZERO, unit: "USD".into() }]);
}

#[test]
fn midnight_is_a_reason_only_where_as_many_lie_there_and_the_day_beside_differs_by_as_many() {
    let night = |last, first, here, there| {
        let left = day(told(9, 12, &[("sms-outbound", 4, "0.0332")]), ours(here, "0.0332", 0, (0, last)));
        let right = day(told(10, 12, &[("sms-outbound", 6, "0.0498")]), ours(there, "0.0498", 0, (first, 0)));
        let lines = reconcile(&[left, right]);
        (whys(&lines[0]), whys(&lines[1]))
    };
    assert_eq!(night(1, 0, 5, 5), (vec![(Why::Midnight, -1)], vec![(Why::Midnight, 1)]));
    assert_eq!(night(0, 1, 3, 7), (vec![(Why::Midnight, 1)], vec![(Why::Midnight, -1)]));
    let unknown = |a, b| (vec![(Why::NotExplained, a)], vec![(Why::NotExplained, b)]);
    assert_eq!(night(0, 9, 5, 5), unknown(-1, 1), "none lies at that midnight");
    assert_eq!(night(9, 9, 5, 4), unknown(-1, 2), "the day beside differs otherwise");
}

#[test]
fn what_twilio_has_less_of_may_still_come_only_while_the_day_is_not_settled() {
    let of = |asked| {
        whys(&reconcile(&[day(told(9, asked, &[("sms-outbound", 1, "0.0083")]), ours(2, "0.0166", 0, (0, 0)))])[0])
    };
    assert_eq!(of(10), [(Why::NotSettled, -1)]);
    assert_eq!(of(11), [(Why::NotExplained, -1)]);
}

#[test]
fn reasons_are_taken_off_and_the_rest_is_not_explained() {
    let mut said = told(9, 11, &[("sms-outbound", 5, "0.0415"), ("mms-outbound", 2, "0.0440")]);
    let outside = |count, amount: &str| Strangers {
        subject: Subject::MessagesOut,
        why: Why::Outside,
        count,
        amounts: vec![usd(amount)],
    };
    said.strangers = vec![outside(2, "0.0440")];
    let mut here = ours(3, "0.0249", 0, (0, 0));
    here.on_the_way = 1;
    let lines = reconcile(&[day(said.clone(), here.clone())]);
    assert_eq!(whys(&lines[0]), [(Why::Outside, 2), (Why::OnTheWay, 1), (Why::NotExplained, 1)]);
    here.on_the_way = 0;
    here.side.count = Some(5);
    here.side.amounts = vec![usd("0.0400")];
    let lines = reconcile(&[day(said, here)]);
    assert_eq!(whys(&lines[0]), [(Why::Outside, 2), (Why::NotExplained, 0)]);
    assert_eq!(lines[0][0].reasons[1].text, "+$0.0015 not explained");
}

#[test]
fn a_price_that_is_pending_or_foreign_is_the_reason_for_the_amount() {
    let said = || told(9, 11, &[("sms-outbound", 2, "0.0166")]);
    let lines = reconcile(&[day(said(), ours(2, "0.0083", 1, (0, 0)))]);
    assert_eq!(whys(&lines[0]), [(Why::Pending, 1)]);
    let mut euros = ours(2, "0", 0, (0, 0));
    euros.side.amounts = vec![Money::parse("0.015", "EUR").unwrap()];
    let lines = reconcile(&[day(said(), euros)]);
    assert_eq!(whys(&lines[0]), [(Why::OtherCurrency, 0)]);
    assert_eq!((&lines[0][0].price_differences[..], lines[0][0].difference), (&[][..], Some(0)));
    assert!(lines[0][0].reasons[0].text.starts_with("€0.0150 here"), "{:?}", lines[0][0].reasons);
}

#[test]
fn a_day_that_twilio_was_not_asked_about_differs_by_nothing() {
    let unasked = Day { day: 9, told: None, ours: vec![(Subject::MessagesOut, ours(2, "0.0166", 0, (0, 0)))] };
    let lines = reconcile(&[unasked]);
    assert_eq!((lines[0][0].twilio.is_some(), lines[0][0].difference, whys(&lines[0]).len()), (false, None, 0));
}

#[test]
fn sums_of_days_add_counts_amounts_and_reasons() {
    let one = |n| day(told(n, 20, &[("sms-outbound", 3, "0.0249")]), ours(1, "0.0083", 0, (0, 0)));
    let lines = reconcile(&[one(9), one(10)]);
    let sums = totals(lines.iter().flatten());
    assert_eq!((sums[0].difference, &*sums[0].reasons[0].text), (Some(4), "4 more at Twilio, not explained"));
    assert_eq!(sums[0].twilio.as_ref().unwrap().amounts, [usd("0.0498")]);
    assert_eq!(sums[0].price_differences[0].signed(), "+$0.0332");
}
