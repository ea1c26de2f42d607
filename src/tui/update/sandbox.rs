//! The sandbox's dials: what goes wrong next, and the clock.

use crate::api::simulator::{AddFault, AdvanceClock, ClearFaults, FaultList, ListFaults, SetOutcome, Trouble};
use crate::api::verify::FraudLevel;
use crate::tui::app::App;
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::overlay::pick::About;
use crate::tui::overlay::{Choice, Overlay, Pick, Value};
use crate::tui::panes::inbox::who;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::until;
use crate::tui::widgets::form::seconds;

/// What becomes of a message to a handset, as carriers do it; any other code can be typed.
const OUTCOMES: [(u32, &str); 6] = [
    (30003, "unreachable handset"),
    (30005, "unknown handset"),
    (30006, "landline, or a carrier out of reach"),
    (30007, "filtered by the carrier"),
    (30008, "unknown error"),
    (30034, "number not registered"),
];

const TROUBLES: [(Trouble, &str); 9] = [
    (Trouble::Throttled, "Next send: 429, too many requests"),
    (Trouble::Unavailable, "Next send: 503, nothing done"),
    (Trouble::LostAnswer, "Next send: taken, the answer lost"),
    (Trouble::Cut, "Next send: connection cut, nothing done"),
    (Trouble::Slow, "Next send: answered 3 s late"),
    (Trouble::WebhookTwice, "Next webhook: comes twice"),
    (Trouble::WebhookOutOfOrder, "Next webhook: after the one that follows"),
    (Trouble::WebhookLate, "Next webhook: 5 s late"),
    (Trouble::WebhookLost, "Next webhook: never comes"),
];

/// The moves of the time machine, and what they bring.
const LEAPS: [(u64, &str, &str); 4] = [
    (600, "+10 min", "codes expire"),
    (3600, "+1 h", "timers run out"),
    (86_400, "+24 h", "snoozes end"),
    (3 * 86_400, "+3 days", "reviews are decided"),
];

/// What goes wrong, in the words of what is being sent: messages, or codes where they are tested.
fn said(what: &str, codes: bool) -> Shown {
    if codes { shown!("{}", Shown::of(&what.replacen("Next send", "Next code", 1))) } else { Shown::of(what) }
}

fn row(label: impl Into<Shown>, detail: impl Into<Shown>, value: Value) -> Choice {
    Choice { label: label.into(), detail: detail.into(), off: None, value }
}

/// Opens the dial of what goes wrong next.
pub fn faults(app: &mut App) -> Vec<Effect> {
    let rows = fault_rows(app, &FaultList { items: Vec::new() });
    app.overlay = Some(Overlay::Pick(Pick::about(About::Faults, "What shall go wrong next", rows)));
    vec![ask(Tag::Faults, ListFaults {})]
}

/// What waits came: the open dial says it.
pub fn waiting(app: &mut App, listed: &FaultList) {
    let rows = fault_rows(app, listed);
    if let Some(Overlay::Pick(pick)) = app.overlay.as_mut().filter(|o| o.is_about(About::Faults)) {
        pick.put(rows);
    }
}

/// The handset that a message would go to, and what its owner is called.
fn handset(app: &App) -> Option<(String, Shown)> {
    let target = app.target().map(|view| (view.customer.as_str().to_owned(), who(view)));
    target.or_else(|| {
        let address = app.phones.current()?.to_owned();
        let name = Shown::of(app.phones.name(&address).unwrap_or(&address));
        Some((address, name))
    })
}

/// What Fraud Guard blocks in the sandbox, by its level.
const GUARD: [(FraudLevel, &str); 4] = [
    (FraudLevel::Off, "nothing"),
    (FraudLevel::Basic, "+88213…"),
    (FraudLevel::Standard, "+88213…, Twilio's own choice"),
    (FraudLevel::Max, "+88213… and +88216…"),
];

/// The levels of Fraud Guard, while codes are tested.
fn guard_rows(app: &App) -> Vec<Choice> {
    let Some(Ok(service)) = app.rooms.tester.service.as_ref().filter(|_| app.focus.is_testing()) else {
        return Vec::new();
    };
    let Some(now) = service.fraud_guard else { return Vec::new() };
    let level = |(level, what): &(FraudLevel, &str)| {
        let off = (*level == now).then(|| Shown::from("it is at that"));
        let label = shown!("Fraud Guard {}: blocks {}", level.word(), Shown::of(what));
        Choice { off, ..row(label, Shown::default(), Value::Guard(*level)) }
    };
    GUARD.iter().map(level).collect()
}

fn fault_rows(app: &App, listed: &FaultList) -> Vec<Choice> {
    let mut rows = guard_rows(app);
    if let Some((address, name)) = handset(app) {
        let outcome = |code: u32| Value::Outcome(address.clone(), "undelivered".into(), Some(code));
        rows.extend(OUTCOMES.iter().map(|(code, what)| {
            row(shown!("Next message to {name}: {code} {what}"), Shown::default(), outcome(*code))
        }));
        let stuck = Value::Outcome(address.clone(), "stuck".into(), None);
        rows.push(row(shown!("Next message to {name}: stuck on its way"), Shown::default(), stuck));
        let fine = Value::Outcome(address.clone(), "delivered".into(), None);
        rows.push(row(shown!("Messages to {name}: delivered again"), Shown::default(), fine));
    }
    let codes = app.focus.is_testing();
    rows.extend(
        TROUBLES.iter().map(|(trouble, what)| row(said(what, codes), Shown::default(), Value::Trouble(*trouble))),
    );
    if !listed.items.is_empty() {
        rows.push(row(shown!("Clear what waits ({})", listed.items.len()), Shown::default(), Value::ClearFaults));
    }
    for fault in &listed.items {
        let mut waits = row(shown!("waits: {}", Shown::of(&fault.what)), Shown::default(), Value::Stay);
        waits.off = Some(shown!("{} times", fault.times));
        rows.push(waits);
    }
    rows
}

/// A typed code of Twilio's, as a row of the dial.
pub fn typed_fault(app: &App, text: &str) -> Option<Choice> {
    let code: u32 = text.parse().ok().filter(|code| (10_000..=99_999).contains(code))?;
    if OUTCOMES.iter().any(|(known, _)| *known == code) {
        return None;
    }
    let (address, name) = handset(app)?;
    let value = Value::Outcome(address, "undelivered".into(), Some(code));
    Some(row(shown!("Next message to {name}: {code}"), Shown::default(), value))
}

/// Sets the dial.
pub fn set(app: &App, value: &Value) -> Vec<Effect> {
    match value {
        Value::Outcome(address, status, code) => {
            let name = Shown::of(app.phones.name(address).unwrap_or(address));
            let said = match code {
                Some(code) => shown!("the next message to {name}: {code}"),
                None if status == "delivered" => shown!("messages to {name} are delivered"),
                None => shown!("the next message to {name}: {}", Shown::of(status)),
            };
            let times = (status != "delivered").then_some(1);
            let outcome = SetOutcome { address: address.clone(), status: status.clone(), error_code: *code, times };
            vec![ask(Tag::Sandbox(said), outcome)]
        }
        Value::Trouble(trouble) => {
            let codes = app.focus.is_testing();
            let what = TROUBLES.iter().find(|(known, _)| known == trouble).map_or("", |(_, what)| what);
            vec![ask(Tag::Sandbox(said(what, codes)), AddFault { trouble: *trouble, times: None, codes })]
        }
        Value::ClearFaults => vec![ask(Tag::Sandbox("nothing goes wrong on purpose any more".into()), ClearFaults {})],
        _ => Vec::new(),
    }
}

/// Opens the time machine.
pub fn clock(app: &mut App) -> Vec<Effect> {
    let mut rows: Vec<Choice> =
        LEAPS.iter().map(|(seconds, by, what)| row(*by, *what, Value::Leap(seconds.to_string() + "s"))).collect();
    let morning = match until::parse("tomorrow 9", &app.clock) {
        Ok(Some(at)) => app.clock.soon(at),
        _ => Shown::default(),
    };
    rows.insert(2, row("tomorrow 9:00", morning, Value::Leap("tomorrow 9".into())));
    let paused = app.clock.is_paused();
    rows.push(row(if paused { "let the clock go on" } else { "stop the clock" }, "", Value::Pause(!paused)));
    let title = "Time machine: choose, or type 90m, 1d 2h, fri 14:30";
    app.overlay = Some(Overlay::Pick(Pick::about(About::Clock, title, rows)));
    Vec::new()
}

/// A typed span or moment, as a row of the time machine.
pub fn typed_leap(text: &str) -> Choice {
    row(shown!("move it: {}", Shown::of(text)), Shown::default(), Value::Leap(text.to_owned()))
}

/// The seconds that a span or a moment means from now.
pub fn span(app: &App, text: &str) -> Result<u64, String> {
    seconds(text.strip_prefix('+').unwrap_or(text)).or_else(|_| {
        let at = until::parse(text, &app.clock)?.ok_or("a clock moves by time, not by a reply")?;
        let left = app.clock.now().map_or(0, |now| (at - now).0);
        Ok(u64::try_from((left + 999_999) / 1_000_000).unwrap_or(0))
    })
}

/// Moves the clock by a span or to a moment, as a person writes it.
pub fn leap(app: &mut App, text: &str) -> Vec<Effect> {
    match span(app, text) {
        Ok(by) => {
            app.overlay = None;
            vec![ask(Tag::Clock, AdvanceClock { advance_seconds: Some(by), ..AdvanceClock::default() })]
        }
        Err(_) => {
            app.say("write a span or a moment such as 90m, 1d 2h, tomorrow 9, fri 14:30", Role::Warn);
            Vec::new()
        }
    }
}

/// Stops the clock or lets it go on.
pub fn pause(paused: bool) -> Vec<Effect> {
    vec![ask(Tag::Clock, AdvanceClock { paused: Some(paused), ..AdvanceClock::default() })]
}
