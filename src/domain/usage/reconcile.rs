//! Two counts of the same day side by side, and why they differ.
//!
//! A reason is only given where something that is stored says so; what is left over is `not explained`.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Difference, Subject, UsageDay, add};
use crate::domain::money::Money;

/// Why two counts differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UsageWhy")]
#[serde(rename_all = "camelCase")]
pub enum Why {
    /// Twilio lists messages to customers that another program sent.
    Outside,
    /// Twilio lists messages from before the first business was set up here.
    BeforeUs,
    /// Twilio lists messages to a number that belongs to no business here.
    Unrouted,
    /// Twilio lists messages of a number whose business was deleted here.
    Deleted,
    /// Twilio lists messages to a number of ours that are not here.
    Missing,
    /// Twilio has them already; here their status is one of before they left.
    OnTheWay,
    /// They lie next to midnight GMT, and Twilio counts them on the day beside.
    Midnight,
    /// Twilio was asked before the day was settled.
    NotSettled,
    /// Their price is not known here yet.
    Pending,
    /// The amounts are in another currency.
    OtherCurrency,
    /// The amount here is the rate card's, not Twilio's.
    RateCard,
    /// Nothing of the kind is counted here, or no cost of it.
    NotCounted,
    /// Nothing that is stored says why.
    NotExplained,
}

/// A reason for a difference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UsageReason")]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// Which.
    pub why: Why,
    /// How many it makes Twilio's count larger by; negative when ours is larger. 0 when it is about money only,
    /// except of `pending`, where it is how many have no price.
    pub count: i64,
    /// The amounts that belong to it, as far as they are known.
    pub amounts: Vec<Difference>,
    /// The same in a sentence.
    pub text: String,
}

/// One of two counts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UsageSide")]
#[serde(rename_all = "camelCase", default)]
pub struct Side {
    /// How many; absent where only money is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// What they cost, by currency, as far as it is known.
    pub amounts: Vec<Money>,
    /// How many of them have no price yet: they are in no amount.
    pub pending: u64,
    /// What is expected for those.
    pub expected: Vec<Money>,
}

/// Two counts of the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UsageLine")]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// Of what.
    pub subject: Subject,
    /// Twilio's categories of it.
    pub categories: Vec<String>,
    /// What is counted here; absent where nothing of the kind is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ours: Option<Side>,
    /// What Twilio counts; absent while it has not been asked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub twilio: Option<Side>,
    /// Twilio's count less ours.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub difference: Option<i64>,
    /// Twilio's amount less ours, where both are in one currency.
    pub price_differences: Vec<Difference>,
    /// Why they differ.
    pub reasons: Vec<Reason>,
}

/// What is counted here of a day, beside what Twilio said of it.
#[derive(Debug, Clone, Default)]
pub struct Day {
    /// The day of GMT.
    pub day: u32,
    /// What Twilio said.
    pub told: Option<UsageDay>,
    /// What is counted here.
    pub ours: Vec<(Subject, Ours)>,
}

/// What is counted here of one subject on one day.
#[derive(Debug, Clone, Default)]
pub struct Ours {
    /// The count.
    pub side: Side,
    /// Those that Twilio has and may have counted, although they are not known to have left.
    pub on_the_way: u64,
    /// Those of the day's first quarter of an hour, and of its last.
    pub edges: (u64, u64),
}

/// The lines of several days of one account; days side by side explain each other's differences at midnight.
pub fn reconcile(days: &[Day]) -> Vec<Vec<Line>> {
    let mut lines: Vec<Vec<(Line, Ours, i64)>> = days.iter().map(begin).collect();
    for at in 1..lines.len() {
        let neighbours = days[at].day == days[at - 1].day + 1;
        let (before, after) = lines.split_at_mut(at);
        let (Some(before), Some(after)) = (before.last_mut().filter(|_| neighbours), after.first_mut()) else {
            continue;
        };
        before.iter_mut().for_each(|left| {
            let same = |(line, ..): &&mut (Line, Ours, i64)| line.subject == left.0.subject;
            if let Some(right) = after.iter_mut().find(same) {
                midnight(left, right);
            }
        });
    }
    let finish = |(lines, day): (Vec<(Line, Ours, i64)>, &Day)| {
        let settled = day.told.as_ref().is_none_or(UsageDay::is_settled);
        lines.into_iter().map(|(line, ours, left)| end(line, &ours, left, settled)).collect()
    };
    lines.into_iter().zip(days).map(finish).collect()
}

/// What lies at midnight here and on the other side of it at Twilio, if as many lie there as differ.
fn midnight(left: &mut (Line, Ours, i64), right: &mut (Line, Ours, i64)) {
    let more = left.2;
    let close = if more < 0 { left.1.edges.1 } else { right.1.edges.0 };
    if more == 0 || right.2 != -more || close < more.unsigned_abs() {
        return;
    }
    for (line, _, rest) in [left, right] {
        push(line, Why::Midnight, *rest, Vec::new());
        *rest = 0;
    }
}

/// The lines of a day with what is known of their counts, and how much of the difference is left.
fn begin(day: &Day) -> Vec<(Line, Ours, i64)> {
    let mut lines = Vec::new();
    for subject in Subject::ALL {
        let ours = day.ours.iter().find(|(of, _)| *of == subject).map(|(_, ours)| ours.clone()).unwrap_or_default();
        let told = day.told.as_ref().map(|told| told_of(told, subject));
        let is_nothing = |side: &Side| side.count.unwrap_or(0) == 0 && side.amounts.iter().all(Money::is_zero);
        if told.as_ref().is_none_or(is_nothing) && is_nothing(&ours.side) && ours.on_the_way == 0 {
            continue;
        }
        let mut line = Line {
            subject,
            categories: subject.categories().iter().map(|name| (*name).to_owned()).collect(),
            ours: subject.is_counted().then(|| Side { count: Some(ours.side.count.unwrap_or(0)), ..ours.side.clone() }),
            difference: None,
            price_differences: Vec::new(),
            reasons: Vec::new(),
            twilio: told,
        };
        let count = |side: &Option<Side>| side.as_ref().and_then(|side| side.count).and_then(|n| i64::try_from(n).ok());
        line.difference = count(&line.twilio).zip(count(&line.ours)).map(|(told, ours)| told - ours);
        line.price_differences = prices(&line);
        let mut left = line.difference.unwrap_or(0);
        let strangers = day.told.iter().flat_map(|told| &told.strangers).filter(|s| s.subject == subject);
        for group in strangers {
            let amounts = group.amounts.iter().map(|m| Difference { amount: m.amount, unit: m.unit.clone() }).collect();
            let n = i64::try_from(group.count).unwrap_or(i64::MAX);
            push(&mut line, group.why, n, amounts);
            left -= n;
        }
        let waiting = left.min(i64::try_from(ours.on_the_way).unwrap_or(i64::MAX));
        if waiting > 0 {
            push(&mut line, Why::OnTheWay, waiting, Vec::new());
            left -= waiting;
        }
        lines.push((line, ours, left));
    }
    lines
}

/// What Twilio said of a subject.
fn told_of(told: &UsageDay, subject: Subject) -> Side {
    let sum = |subject: Subject| {
        let mut side = Side { count: Some(0), ..Side::default() };
        for record in told.records.iter().filter(|r| subject.categories().contains(&r.category.as_str())) {
            side.count = side.count.map(|n| n.saturating_add(record.count));
            record.price.iter().for_each(|price| add(&mut side.amounts, price));
        }
        side
    };
    match subject {
        Subject::Total => Side { count: None, ..sum(Subject::Total) },
        Subject::Other => {
            let named = Subject::ALL.into_iter().filter(|s| *s != Subject::Total);
            let known: Vec<Money> = named.flat_map(|s| sum(s).amounts).collect();
            let rest = sum(Subject::Total).amounts.into_iter().map(|total| {
                let known: Decimal = known.iter().filter(|m| m.unit == total.unit).map(|m| m.amount).sum();
                Money::new((total.amount - known).max(Decimal::ZERO), &total.unit)
            });
            Side { amounts: rest.collect(), ..Side::default() }
        }
        subject => sum(subject),
    }
}

/// Twilio's amounts less ours, currency by currency of those that both have, or that only one side has any of.
fn prices(line: &Line) -> Vec<Difference> {
    let (Some(told), Some(ours)) = (&line.twilio, &line.ours) else { return Vec::new() };
    if !line.subject.is_priced() && !line.subject.is_by_rate_card() {
        return Vec::new();
    }
    let foreign = |theirs: &Money| ours.amounts.iter().any(|m| !m.is_zero()) && of(ours, &theirs.unit).is_zero();
    let comparable = told.amounts.iter().filter(|theirs| !foreign(theirs));
    let difference = |theirs: &Money| Difference {
        amount: (theirs.amount - of(ours, &theirs.unit)).normalize(),
        unit: theirs.unit.clone(),
    };
    comparable.map(difference).collect()
}

fn of(side: &Side, unit: &str) -> Decimal {
    side.amounts.iter().filter(|m| m.unit == unit).map(|m| m.amount).sum()
}

/// What is left of the counts, and what is known of the amounts.
fn end(mut line: Line, ours: &Ours, left: i64, settled: bool) -> Line {
    let Some(told) = line.twilio.clone() else { return line };
    let mut unexplained = left;
    if left < 0 && !settled {
        push(&mut line, Why::NotSettled, left, Vec::new());
        unexplained = 0;
    }
    if !line.subject.is_counted() || !(line.subject.is_priced() || line.subject.is_by_rate_card()) {
        if told.amounts.iter().any(|m| !m.is_zero()) {
            push(&mut line, Why::NotCounted, 0, Vec::new());
        }
    } else {
        let units: Vec<&str> = told.amounts.iter().map(|m| m.unit.as_str()).collect();
        let foreign = ours.side.amounts.iter().filter(|m| !m.is_zero() && !units.contains(&m.unit.as_str()));
        let foreign: Vec<Difference> =
            foreign.map(|m| Difference { amount: -m.amount, unit: m.unit.clone() }).collect();
        if !foreign.is_empty() && !units.is_empty() {
            push(&mut line, Why::OtherCurrency, 0, foreign);
        }
        if ours.side.pending > 0 {
            let expected = ours.side.expected.iter();
            let amounts = expected.map(|m| Difference { amount: m.amount, unit: m.unit.clone() }).collect();
            push(&mut line, Why::Pending, i64::try_from(ours.side.pending).unwrap_or(i64::MAX), amounts);
        }
    }
    let rest: Vec<Difference> = line.price_differences.iter().filter_map(|d| without_strangers(&line, d)).collect();
    // Things that one side counts and the other does not have their amounts on that side, too.
    let is_covered = line.reasons.iter().any(|reason| {
        matches!(reason.why, Why::Midnight | Why::NotSettled | Why::OnTheWay | Why::Pending)
            || (reason.count > 0 && reason.amounts.is_empty())
    });
    if line.subject.is_by_rate_card() && unexplained == 0 && !rest.is_empty() && !is_covered {
        push(&mut line, Why::RateCard, 0, rest);
    } else if unexplained != 0 || (!rest.is_empty() && !is_covered) {
        push(&mut line, Why::NotExplained, unexplained, if is_covered { Vec::new() } else { rest });
    }
    line
}

/// What is left of a difference of amounts when the strangers' are taken off; `None` when nothing is.
fn without_strangers(line: &Line, difference: &Difference) -> Option<Difference> {
    let theirs = line.reasons.iter().filter(|r| is_stranger(r.why)).flat_map(|r| &r.amounts);
    let known: Decimal = theirs.filter(|d| d.unit == difference.unit).map(|d| d.amount).sum();
    let amount = (difference.amount - known).normalize();
    (!amount.is_zero()).then(|| Difference { amount, unit: difference.unit.clone() })
}

fn is_stranger(why: Why) -> bool {
    matches!(why, Why::Outside | Why::BeforeUs | Why::Unrouted | Why::Deleted | Why::Missing)
}

fn push(line: &mut Line, why: Why, count: i64, amounts: Vec<Difference>) {
    let text = sentence(line.subject, why, count, &amounts);
    line.reasons.push(Reason { why, count, amounts, text });
}

fn sentence(subject: Subject, why: Why, count: i64, amounts: &[Difference]) -> String {
    let n = count.unsigned_abs();
    let (are, were, have, lie) = if n == 1 { ("is", "was", "has", "lies") } else { ("are", "were", "have", "lie") };
    let plain: Vec<String> = amounts.iter().map(|d| Money::new(d.amount, &d.unit).fine()).collect();
    let plain = plain.join(" + ");
    let cost = if plain.is_empty() { String::new() } else { format!(" ({plain})") };
    match why {
        Why::Outside if subject == Subject::VerifySuccess => {
            format!("{n} {are} of codes that were sent outside of Switchboard{cost}")
        }
        Why::Outside => format!("{n} {were} sent outside of Switchboard{cost}"),
        Why::BeforeUs => format!("{n} {are} from before the first business was set up here{cost}"),
        Why::Unrouted => format!("{n} {are} of a number that belongs to no business here{cost}"),
        Why::Deleted => format!("{n} {are} of a number whose business was deleted here{cost}"),
        Why::Missing => {
            format!(
                "{n} came to a number of ours and {are} not here{cost}: `switchboard keeping sweep` looks for what is missing"
            )
        }
        Why::OnTheWay => format!("{n} {are} known here as not sent yet: the status has not come"),
        Why::Midnight => format!("{n} {lie} next to midnight GMT, which Twilio counts on the day beside"),
        Why::NotSettled => {
            format!("{n} {are} newer than Twilio's figures, which lag by hours: the day was not settled")
        }
        Why::Pending => match plain.is_empty() {
            true => format!("{n} {have} no price here yet"),
            false => format!("{n} {have} no price here yet, about {plain}"),
        },
        Why::OtherCurrency => format!("{plain} here is in another currency than Twilio's records: not compared"),
        Why::RateCard => "the amount here is the rate card's: Twilio says no price of a single one".to_owned(),
        Why::NotCounted => match subject {
            Subject::MessagesIn | Subject::WhatsappIn => "what customers send has no cost here".to_owned(),
            Subject::Numbers => "rent of numbers is known by Twilio's records only".to_owned(),
            Subject::Other => {
                "fees that are not counted here: carriers, failed messages, media, registrations".to_owned()
            }
            _ => "all that Twilio bills, the lines above included".to_owned(),
        },
        Why::NotExplained => match (n, amounts) {
            (0, amounts) => {
                let signed: Vec<String> = amounts.iter().map(Difference::signed).collect();
                format!("{} not explained", signed.join(", "))
            }
            (n, _) if count > 0 => format!("{n} more at Twilio, not explained"),
            (n, _) => format!("{n} more here, not explained"),
        },
    }
}

/// The sums of lines over days and accounts, subject by subject.
pub fn totals<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Vec<Line> {
    let mut sums: Vec<Line> = Vec::new();
    for line in lines {
        match sums.iter_mut().find(|sum| sum.subject == line.subject) {
            Some(sum) => join(sum, line),
            None => sums.push(line.clone()),
        }
    }
    sums.sort_by_key(|line| line.subject);
    sums
}

fn join(sum: &mut Line, line: &Line) {
    for (into, from) in [(&mut sum.ours, &line.ours), (&mut sum.twilio, &line.twilio)] {
        let (Some(into), Some(from)) = (into, from) else { continue };
        into.count = into.count.zip(from.count).map(|(a, b)| a.saturating_add(b));
        into.pending += from.pending;
        from.amounts.iter().for_each(|m| add(&mut into.amounts, m));
        from.expected.iter().for_each(|m| add(&mut into.expected, m));
    }
    sum.difference = sum.difference.zip(line.difference).map(|(a, b)| a + b);
    merge(&mut sum.price_differences, &line.price_differences);
    for reason in &line.reasons {
        match sum.reasons.iter_mut().find(|have| have.why == reason.why) {
            Some(have) => {
                have.count += reason.count;
                merge(&mut have.amounts, &reason.amounts);
                have.text = sentence(line.subject, have.why, have.count, &have.amounts);
            }
            None => sum.reasons.push(reason.clone()),
        }
    }
    // What one day lacks the day beside has: over both nothing differs.
    sum.reasons.retain(|reason| reason.why != Why::Midnight || reason.count != 0);
}

fn merge(into: &mut Vec<Difference>, more: &[Difference]) {
    for difference in more {
        match into.iter_mut().find(|have| have.unit == difference.unit) {
            Some(have) => have.amount = (have.amount + difference.amount).normalize(),
            None => into.push(difference.clone()),
        }
    }
}
