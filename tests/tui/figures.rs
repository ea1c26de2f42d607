//! What a node answers about the two hundred verifications of March 1, and about a week of messages.

use switchboard::api::analytics::{
    AgentLoad, Behind, BusinessHealth, Costs, Currency, Funnel, Grain, Health, Histogram, HistogramBucket,
    MessageAnalytics, MessageBucket, MessageCounts, MessageSlice, MessagesBefore, Outside, Overview, Percent,
    RangeView, Scope, VerifyAnalytics, VerifyBefore, VerifyBucket, VerifySlice,
};
use switchboard::api::inbox::MessageView;
use switchboard::api::verify::AttemptView;
use switchboard::api::{Reply, Request, When};
use switchboard::domain::id::Id;
use switchboard::domain::message::Direction;
use switchboard::domain::money::Money;
use switchboard::domain::time::Span;
use switchboard::domain::verification::{Channel, Status};

use crate::bank;
use crate::desk::Desk;
use crate::world::{self, HARBOR, NORTHWIND, NOW};

const DAY: i64 = 86_400;

/// Midnight of a day before the day on which it is now.
fn midnight(days_ago: i64) -> When {
    When(NOW - Span::secs(9 * 3600 + days_ago * DAY))
}

fn usd(amount: &str) -> Money {
    Money::parse(amount, "USD").unwrap()
}

/// What became of so many.
pub fn funnel(requested: u64, blocked: u64, approved: u64, expired: u64, max_checks: u64) -> Funnel {
    let sent = requested - blocked;
    Funnel {
        requested,
        blocked,
        sent,
        delivered: sent,
        checked: approved + max_checks,
        approved,
        expired,
        max_checks,
        failed: sent - approved - expired - max_checks,
        approved_of_all: Percent::of(approved, requested),
        approved_of_unblocked: Percent::of(approved, requested - blocked),
        sends: requested,
        resent_of_sends: Percent::of(0, requested),
        checks: approved + max_checks * 5,
        wrong_codes: max_checks * 5,
        wrong_of_checks: Percent::of(max_checks * 5, approved + max_checks * 5),
        ..Funnel::default()
    }
}

fn costs(charged: &str, fees: &str, approved: u64) -> Costs {
    let total = usd(charged).plus(&usd(fees)).unwrap();
    let each = total.amount / switchboard_decimal(approved);
    let currency = Currency {
        unit: "USD".into(),
        charged: usd(charged),
        expected: usd("0"),
        success_fees: usd(fees),
        per_conversion: (approved > 0).then(|| Money::new(each.round_dp(4), "USD")),
        total,
    };
    Costs { currencies: vec![currency], pending: 0, fees_unknown: 0 }
}

fn switchboard_decimal(n: u64) -> rust_decimal::Decimal {
    rust_decimal::Decimal::from(n.max(1))
}

fn slice(key: &str, name: &str, funnel: Funnel, costs: Costs) -> VerifySlice {
    VerifySlice { key: key.into(), name: name.into(), funnel, costs, time_to_verify: None }
}

/// The channels with how long codes took, in so many milliseconds at most.
fn timed(p95: [u64; 4]) -> Vec<VerifySlice> {
    let one = |(slice, p95): (VerifySlice, u64)| {
        let buckets = vec![HistogramBucket { from_millis: p95 / 2, to_millis: p95, count: slice.funnel.approved }];
        let count = slice.funnel.approved;
        let times = Histogram { count, p50_millis: Some(p95 / 2), p95_millis: Some(p95), buckets };
        VerifySlice { time_to_verify: Some(times), ..slice }
    };
    channels().into_iter().zip(p95).map(one).collect()
}

fn channels() -> Vec<VerifySlice> {
    vec![
        slice("sms", "sms", funnel(140, 3, 119, 12, 6), costs("1.1371", "5.95", 119)),
        slice("call", "call", funnel(30, 0, 21, 9, 0), costs("0.42", "1.05", 21)),
        slice("whatsapp", "whatsapp", funnel(20, 0, 17, 3, 0), costs("0.294", "0.85", 17)),
        slice("email", "email", funnel(10, 0, 8, 2, 0), costs("0", "0.4", 8)),
    ]
}

fn times() -> Histogram {
    let bucket = |from: u64, to: u64, count| HistogramBucket { from_millis: from, to_millis: to, count };
    Histogram {
        count: 165,
        p50_millis: Some(10_240),
        p95_millis: Some(28_672),
        buckets: vec![
            bucket(5_120, 6_144, 20),
            bucket(6_144, 8_192, 40),
            bucket(8_192, 10_240, 45),
            bucket(10_240, 20_480, 45),
            bucket(20_480, 28_672, 10),
            bucket(28_672, 32_768, 5),
        ],
    }
}

fn range(days: i64) -> RangeView {
    RangeView {
        from: midnight(days - 1),
        to: When(midnight(0).0 + Span::secs(DAY)),
        zone: "America/Los_Angeles".into(),
        grain: Grain::Day,
    }
}

/// How the verifications of the bank did.
pub fn verify() -> VerifyAnalytics {
    let all = funnel(200, 3, 165, 26, 6);
    let bucket = |days_ago: i64| VerifyBucket {
        from: midnight(days_ago),
        to: midnight(days_ago - 1),
        funnel: if days_ago == 1 { all.clone() } else { Funnel::default() },
        costs: if days_ago == 1 { costs("1.8511", "8.25", 165) } else { Costs::default() },
    };
    VerifyAnalytics {
        scope: Scope { business: Some(NORTHWIND), name: "Northwind Bank".into() },
        range: range(7),
        funnel: all.clone(),
        costs: costs("1.8511", "8.25", 165),
        others: Vec::new(),
        saved: vec![usd("0.0249")],
        time_to_verify: times(),
        series: (0..7).rev().map(bucket).collect(),
        by_channel: timed([57_000, 40_000, 30_000, 20_000]),
        by_country: vec![
            slice("US", "United States", funnel(150, 0, 130, 15, 5), costs("1.3", "6.5", 130)),
            slice("DE", "Germany", funnel(30, 0, 25, 4, 1), costs("0.3", "1.25", 25)),
            slice("BR", "Brazil", funnel(20, 3, 10, 7, 0), costs("0.2511", "0.5", 10)),
        ],
        by_template: Vec::new(),
        by_carrier: vec![slice(
            "Verizon Wireless",
            "Verizon Wireless",
            funnel(90, 0, 80, 8, 2),
            costs("0.75", "4", 80),
        )],
        by_error: vec![slice("60410", "blocked by Fraud Guard", funnel(3, 3, 0, 0, 0), Costs::default())],
        by_business: Vec::new(),
        outside: None,
        before: Some(VerifyBefore {
            from: midnight(13),
            to: midnight(6),
            funnel: funnel(190, 0, 160, 25, 5),
            costs: costs("1.7", "8", 160),
            time_to_verify: times(),
            by_channel: timed([30_000, 40_000, 36_000, 20_000]),
            worse: vec!["conversion fell by 1.7 points".into()],
        }),
        as_of: world::cursor(),
    }
}

fn counts(incoming: u64, outgoing: u64, failed: u64) -> MessageCounts {
    MessageCounts {
        incoming,
        outgoing,
        delivered: outgoing - failed,
        failed,
        failed_of_outgoing: Percent::of(failed, outgoing),
        segments_in: incoming,
        segments_out: outgoing,
    }
}

/// How the messages of a week did.
pub fn messages() -> MessageAnalytics {
    let day = |days_ago: i64| {
        let n = u64::try_from(10 + days_ago * 7 % 23).unwrap();
        MessageBucket {
            from: midnight(days_ago),
            to: midnight(days_ago - 1),
            counts: counts(n, n / 2, 0),
            costs: Costs::default(),
        }
    };
    let slice = |key: &str, n: u64, failed: u64| MessageSlice {
        key: key.into(),
        name: key.into(),
        counts: counts(n, n / 2, failed),
        costs: Costs::default(),
    };
    let agent = |handle: &str, n: u64| AgentLoad {
        agent: handle.into(),
        counts: counts(0, n, 0),
        first_response: times(),
        open_now: n / 20,
    };
    let hour = |day: u64, hour: u64| if (8..19).contains(&hour) { (day * 5 + hour * 7) % 13 } else { 0 };
    MessageAnalytics {
        scope: Scope { business: Some(HARBOR), name: "Harbor Dental".into() },
        range: range(7),
        counts: counts(153, 74, 2),
        costs: costs("0.6142", "0", 0),
        by_status: Vec::new(),
        first_response: times(),
        series: (0..7).rev().map(day).collect(),
        by_sender: vec![slice("+14155550100", 153, 2)],
        by_country: vec![slice("US", 140, 2), slice("MX", 13, 0)],
        by_error: vec![slice("30003", 2, 1)],
        by_business: Vec::new(),
        by_agent: vec![agent("agent1", 50), agent("agent2", 24)],
        incoming_by_hour: (0..7).map(|d| (0..24).map(|h| hour(d, h)).collect()).collect(),
        outgoing_by_hour: vec![vec![0; 24]; 7],
        outside: None,
        before: Some(MessagesBefore {
            from: midnight(13),
            to: midnight(6),
            counts: counts(120, 60, 0),
            costs: Costs::default(),
            first_response: times(),
        }),
        as_of: world::cursor(),
    }
}

/// When there is something, told of a time that holds nothing.
pub fn outside() -> Option<Outside> {
    Some(Outside { first: midnight(40), last: midnight(1) })
}

/// How both businesses do.
pub fn overview() -> Overview {
    let row = |business: Id, name: &str, health: Health, why: &[&str], funnel: Funnel| BusinessHealth {
        business,
        name: name.into(),
        deleted: false,
        health,
        why: why.iter().map(|why| (*why).to_owned()).collect(),
        funnel,
        verify_costs: Costs::default(),
        messages: counts(20, 10, 0),
        message_costs: Costs::default(),
        waiting_now: 3,
    };
    let bank = row(NORTHWIND, "Northwind Bank", Health::Watch, &["3 verifications were blocked"], verify().funnel);
    let dental = row(HARBOR, "Harbor Dental", Health::Good, &[], Funnel::default());
    Overview { range: range(7), businesses: vec![bank, dental], as_of: world::cursor() }
}

/// The sends behind a figure: so many, the newest first.
pub fn attempts(n: u64, status: Status) -> Behind<AttemptView> {
    let one = |n: u64| AttemptView {
        created_at: When(NOW - Span::secs(DAY + n as i64 * 60)),
        channel: Channel::Sms,
        ..bank::attempt(n, &format!("+1415555{:04}", 100 + n), status)
    };
    Behind { range: range(7), count: n, items: (1..=n).map(one).collect(), next: None, as_of: world::cursor() }
}

fn texts() -> Behind<MessageView> {
    let one = |n: u64| {
        let at = world::minutes_ago(1500 + n as i64);
        world::message(n, world::MARIA, "+14155550123", Direction::In, &format!("text {n}"), at)
    };
    Behind { range: range(7), count: 3, items: (1..=3).map(one).collect(), next: None, as_of: world::cursor() }
}

fn reply(request: &Request) -> Option<Reply> {
    Some(match request {
        Request::GetVerifyAnalytics(asked) => {
            let mut answer = verify();
            let wanted = asked.channel.map(|channel| channel.word());
            if let Some(slice) = answer.by_channel.iter().find(|slice| Some(slice.key.as_str()) == wanted) {
                (answer.funnel, answer.costs) = (slice.funnel.clone(), slice.costs.clone());
                answer.by_channel = vec![slice.clone()];
            }
            Reply::GetVerifyAnalytics(answer)
        }
        Request::GetMessageAnalytics(_) => Reply::GetMessageAnalytics(messages()),
        Request::GetOverview(_) => Reply::GetOverview(overview()),
        Request::ListAttemptsBehind(_) => Reply::ListAttemptsBehind(attempts(12, Status::Expired)),
        Request::ListMessagesBehind(_) => Reply::ListMessagesBehind(texts()),
        _ => return None,
    })
}

/// Answers what the dashboard asks; what it does not ask stays.
pub fn answer(desk: &mut Desk) {
    for _ in 0..5 {
        let asked = std::mem::take(&mut desk.asked);
        let before = asked.len();
        let mut open = Vec::new();
        for (tag, request) in asked {
            match reply(&request) {
                Some(reply) => desk.answer(tag, Ok(reply)),
                None => open.push((tag, request)),
            }
        }
        let settled = open.len() == before;
        desk.asked.extend(open);
        if settled {
            return;
        }
    }
}
