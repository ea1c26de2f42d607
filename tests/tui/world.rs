//! The demo world as rows, written by hand: what a node would answer at the start.

use switchboard::api::When;
use switchboard::api::businesses::{BusinessView, EndpointView};
use switchboard::api::events::{Cursor, Event, Frame};
use switchboard::api::inbox::{ConversationView, InboxCounts, LastMessage, MessageView};
use switchboard::api::media::MediaView;
use switchboard::api::node::{AgentView, NodeView, World};
use switchboard::api::setup::{SetupView, StepView};
use switchboard::domain::conversation::Status as Standing;
use switchboard::domain::id::Id;
use switchboard::domain::media::State;
use switchboard::domain::message::{Direction, Status};
use switchboard::domain::remote;

use switchboard::domain::time::{Span, Time};
use switchboard::link::Heard;

/// Monday 2026-03-02, 09:00 in Los Angeles.
pub const NOW: Time = Time::from_secs(1_772_470_800);
pub const HARBOR: Id = Id(1);
pub const NORTHWIND: Id = Id(2);
pub const OURS: &str = "+14155550100";
pub const SAM: Id = Id(11);
pub const LI: Id = Id(12);
pub const NAMELESS: Id = Id(13);
pub const DANA: Id = Id(14);
pub const MARIA: Id = Id(23);

pub fn cursor() -> Cursor {
    Cursor { epoch: 1, lanes: vec![0] }
}

pub fn minutes_ago(minutes: i64) -> When {
    When(NOW - Span::secs(minutes * 60))
}

pub fn node(world: World) -> NodeView {
    NodeView {
        version: "0.1.0".into(),
        world,
        account: "AC00000000000000000000000000000001".parse().unwrap(),
        now: When(NOW),
        paused: false,
        agent: "agent1".into(),
        backlog: 0,
        catching_up: false,
        base: "http://127.0.0.1:4000".into(),
        sandbox: Some("http://127.0.0.1:4001".into()),
        troubles: Vec::new(),
    }
}

pub fn business(id: Id, name: &str, verify: &str) -> BusinessView {
    BusinessView {
        id,
        name: name.into(),
        contact_email: "hello@example.com".into(),
        phone_number: OURS.into(),
        verify_service_id: verify.into(),
        verify_per_minute: None,
        has_custom_number: false,
        custom_twilio_number: None,
        branding_sid: None,
        active: true,
        time_zone: "America/Los_Angeles".into(),
        colour: switchboard::domain::business::Colour::of(id),
        setup: None,
        created_at: minutes_ago(90_000),
        updated_at: minutes_ago(90_000),
        version: 1,
    }
}

pub fn setup(business: Id, state: remote::State, steps: Vec<StepView>) -> SetupView {
    SetupView { business, state, steps, verify_name: String::new(), code_length: None, number: None }
}

pub fn businesses() -> Vec<BusinessView> {
    vec![
        business(HARBOR, "Harbor Dental", ""),
        business(NORTHWIND, "Northwind Bank", "VA00000000000000000000000000000002"),
    ]
}

pub fn endpoint() -> EndpointView {
    EndpointView {
        id: Id(5),
        business: HARBOR,
        account: "AC00000000000000000000000000000001".parse().unwrap(),
        addresses: vec![OURS.parse().unwrap()],
        messaging_service: None,
        mode: Default::default(),
        pace: None,
        segments_per_second: 1,
    }
}

pub fn agents() -> Vec<AgentView> {
    ["agent1", "agent2"].map(|h| AgentView { handle: h.into(), name: h.replace("agent", "Agent ") }).to_vec()
}

/// A message; incoming ones have an arrival.
pub fn message(id: u64, conversation: Id, customer: &str, direction: Direction, body: &str, at: When) -> MessageView {
    let (from, to) = if direction == Direction::In { (customer, OURS) } else { (OURS, customer) };
    MessageView {
        id: Id(id),
        conversation,
        direction,
        sid: None,
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        body: body.into(),
        at,
        arrival: u64::from(direction == Direction::In),
        status: if direction == Direction::In { Status::Received } else { Status::Delivered },
        error: None,
        error_text: None,
        failure: None,
        price: None,
        expected_price: None,
        mentions: Vec::new(),
        consent: None,
        unless_they_reply: false,
        segments: 1,
        media: Vec::new(),
        author: (direction != Direction::In).then(|| "agent2".into()),
        due: None,
        asks_since: None,
        send_at: None,
        in_line: false,
        content_sid: None,
        retry_of: None,
        retried_by: None,
        client_ref: None,
    }
}

/// A file that could not be fetched, of which everything is said in these words.
pub fn media(said: &str) -> MediaView {
    MediaView {
        index: 0,
        content_type: said.into(),
        state: State::Failed,
        size: Some(42_056),
        digest: None,
        name: Some(said.into()),
        detail: Some(said.into()),
        url: Some(said.into()),
        tries: 1,
        next_try: None,
    }
}

#[derive(Clone, Copy)]
struct Row {
    id: Id,
    name: &'static str,
    customer: &'static str,
    waits: Option<i64>,
    last: &'static str,
    out: bool,
    ago: i64,
    unread: u64,
    assignee: Option<&'static str>,
    status: Standing,
}

const ROWS: [Row; 5] = [
    Row {
        id: NAMELESS,
        name: "",
        customer: "+14155550113",
        waits: Some(5),
        last: "Hola 👋 ¿aceptan mi seguro?",
        out: false,
        ago: 5,
        unread: 1,
        assignee: None,
        status: Standing::Open,
    },
    Row {
        id: LI,
        name: "李伟",
        customer: "+14155550112",
        waits: Some(17),
        last: "您好，周三有空吗？",
        out: false,
        ago: 17,
        unread: 2,
        assignee: None,
        status: Standing::Open,
    },
    Row {
        id: SAM,
        name: "Sam Ortiz",
        customer: "+14155550111",
        waits: Some(42),
        last: "Is parking free at your office?",
        out: false,
        ago: 42,
        unread: 1,
        assignee: None,
        status: Standing::Open,
    },
    Row {
        id: DANA,
        name: "Dana Brooks",
        customer: "+14155550114",
        waits: None,
        last: "See you Tuesday at 9!",
        out: true,
        ago: 95,
        unread: 0,
        assignee: Some("agent2"),
        status: Standing::Open,
    },
    Row {
        id: MARIA,
        name: "Maria Lopez",
        customer: "+14155550123",
        waits: None,
        last: "Thanks, see you next time.",
        out: true,
        ago: 21 * 1440,
        unread: 0,
        assignee: None,
        status: Standing::Resolved,
    },
];

fn view(row: Row) -> ConversationView {
    ConversationView {
        id: row.id,
        business: HARBOR,
        customer: row.customer.parse().unwrap(),
        ours: OURS.parse().unwrap(),
        name: (!row.name.is_empty()).then(|| row.name.into()),
        status: row.status,
        assignee: row.assignee.map(Into::into),
        labels: Vec::new(),
        snoozed_until: None,
        woke: None,
        waiting_since: row.waits.map(minutes_ago),
        last: Some(LastMessage {
            id: Id(row.id.0 * 100),
            at: minutes_ago(row.ago),
            direction: if row.out { Direction::Out } else { Direction::In },
            preview: row.last.into(),
            status: if row.out { Status::Delivered } else { Status::Received },
        }),
        unread: row.unread,
        seen: 0,
        failed: 0,
        asking: 0,
        opted_out_at: None,
        opted_out_by: None,
        mentions: 0,
        cost: Default::default(),
        window_until: None,
        last_agent: None,
        active_at: minutes_ago(row.ago),
        version: 1,
    }
}

/// The five conversations of Harbor Dental, newest activity first.
pub fn conversations() -> Vec<ConversationView> {
    ROWS.into_iter().map(view).collect()
}

pub fn conversation(id: Id) -> ConversationView {
    conversations().into_iter().find(|c| c.id == id).unwrap()
}

/// What a conversation holds at the start: its last message, and for 李伟 one more before it.
pub fn messages(id: Id) -> Vec<MessageView> {
    let c = conversation(id);
    let last = c.last.unwrap();
    let mut newest = message(last.id.0, id, c.customer.as_str(), last.direction, &last.preview, last.at);
    let mut all = Vec::new();
    if id == LI {
        newest.arrival = 2;
        all.push(message(1150, id, c.customer.as_str(), Direction::In, "我想预约洗牙。", minutes_ago(18)));
    }
    all.insert(0, newest);
    all
}

pub fn counts() -> InboxCounts {
    InboxCounts { mine: 0, unassigned: 3, all: 5, waiting: 3, failed: 0, snoozed: 0 }
}

/// An event with rows as they are after it.
pub fn event(
    number: u64,
    kind: &str,
    conversation: ConversationView,
    message: Option<MessageView>,
    counts: InboxCounts,
) -> Heard {
    Heard::Frame(Frame::Event(Box::new(Event {
        cursor: Cursor { epoch: 1, lanes: vec![number] },
        kind: kind.into(),
        at: When(NOW),
        actor: None,
        business: Some(conversation.business),
        conversation: Some(conversation),
        verification: None,
        message,
        counts: Some(counts),
        audited: false,
    })))
}

/// An event of a business that is about no conversation.
pub fn platform_event(number: u64, kind: &str, business: Id) -> Heard {
    Heard::Frame(Frame::Event(Box::new(Event {
        cursor: Cursor { epoch: 1, lanes: vec![number] },
        kind: kind.into(),
        at: When(NOW),
        actor: None,
        business: Some(business),
        conversation: None,
        verification: None,
        message: None,
        counts: None,
        audited: true,
    })))
}
