//! The bank of the demo world and its node: what is answered about verifications, and how a flow stands.

use std::collections::BTreeMap;

use switchboard::api::simulator::{Medium, PhoneMessage, PhoneView};
use switchboard::api::verify::{
    AttemptView, FlowCost, FlowDetail, FlowView, FraudLevel, LegView, Preview, TemplateList, TemplateView,
    TimelineLine, TranslationView, VerifyServiceView,
};
use switchboard::api::{Page, Reply, Request, When};
use switchboard::domain::id::{Id, Sid};
use switchboard::domain::money::Money;
use switchboard::domain::sms::measure;
use switchboard::domain::time::Span;
use switchboard::domain::verification::{Channel, Progress, Status};

use crate::desk::Desk;
use crate::world::{self, NORTHWIND, NOW};

pub const KIM: &str = "+14155550142";
pub const FLOW: Id = Id(900);
pub const RIGHT: &str = "604512";

fn sid(kind: &[u8; 2], n: u8) -> Sid {
    Sid { prefix: *kind, bytes: [n; 16] }
}

pub fn usd(amount: &str) -> Option<Money> {
    Money::parse(amount, "USD")
}

/// A flow as the node tells it.
pub fn flow(status: Status, sends: u32, checks: u32) -> FlowView {
    let ended_at = (!status.is_open()).then(|| When(NOW + Span::secs(4)));
    let success = (status == Status::Approved).then(|| usd("0.05")).flatten();
    let total = if success.is_some() { usd("0.0583") } else { usd("0.0083") };
    FlowView {
        id: FLOW,
        business: NORTHWIND,
        to: KIM.into(),
        channel: Channel::Sms,
        status,
        service: sid(b"VA", 0xa0),
        sid: Some(sid(b"VE", 0x1f)),
        sends,
        sends_limit: 5,
        checks,
        checks_limit: 5,
        progress: Progress::Delivered,
        error: None,
        error_text: None,
        locale: None,
        template: Some(sid(b"HJ", 1)),
        cost: Some(FlowCost { sends: usd("0.0083"), success, total, is_estimate: false }),
        converted: None,
        actor: "agent1".into(),
        created_at: When(NOW),
        expires_at: When(NOW + Span::secs(600)),
        ended_at,
        legs: vec![LegView {
            to: KIM.into(),
            service: sid(b"VA", 0xa0),
            sid: Some(sid(b"VE", 0x1f)),
            status,
            sends,
            checks,
            created_at: When(NOW),
            expires_at: When(NOW + Span::secs(600)),
            ended_at,
        }],
        version: u64::from(sends + checks) + u64::from(!status.is_open()),
    }
}

pub fn line(millis: i64, what: &str, text: &str) -> TimelineLine {
    TimelineLine {
        at: When(NOW + Span(millis * 1000)),
        what: what.into(),
        text: text.into(),
        channel: Some(Channel::Sms),
        attempt: None,
        sid: (what == "created").then(|| sid(b"VE", 0x1f)),
        money: if what == "queued" { usd("0.0083") } else { None },
        is_estimate: false,
        saved: None,
        error: None,
    }
}

pub fn attempt(n: u64, to: &str, status: Status) -> AttemptView {
    AttemptView {
        id: Id(n),
        business_id: NORTHWIND,

        business_name: None,
        flow: Id(n + 800),
        phone_number: to.into(),
        channel: Channel::Sms,
        progress: Progress::Delivered,
        status,
        sid: Some(sid(b"VL", n as u8)),
        verification: Some(sid(b"VE", n as u8)),
        service: sid(b"VA", 0xa0),
        nth: 1,
        locale: None,
        template: None,
        template_version: None,
        segments: 1,
        price: usd("0.0083"),
        expected_price: None,
        converted: (status != Status::Pending).then_some(status == Status::Approved),
        country: Some("US".into()),
        carrier: None,
        error: (status == Status::Blocked).then_some(60410),
        error_text: None,
        failure: None,
        actor: "agent1".into(),
        created_at: When(NOW),
    }
}

/// What the bank's node says; `flow` is how the flow stands now.
pub struct Bank {
    pub flow: FlowView,
    pub timeline: Vec<TimelineLine>,
    /// What the handset got.
    pub texts: Vec<String>,
    pub service: VerifyServiceView,
}

impl Bank {
    pub fn new() -> Bank {
        let timeline = vec![
            line(0, "created", "asked for by sms to +14155550142"),
            line(104, "queued", "queued"),
            line(1104, "sent", "sent"),
            line(2104, "delivered", "delivered"),
        ];
        let texts = vec![format!("Your Northwind Bank code is {RIGHT}")];
        Bank { flow: flow(Status::Pending, 1, 0), timeline, texts, service: service() }
    }

    fn reply(&self, request: &Request) -> Option<Reply> {
        Some(match request {
            Request::GetVerifyService(_) => Reply::GetVerifyService(self.service.clone()),
            Request::ListTemplates(_) => Reply::ListTemplates(TemplateList { items: vec![template()], since: None }),
            Request::PreviewVerification(wanted) => Reply::PreviewVerification(preview(wanted.substitutions.clone())),
            Request::GetFlow(_) => Reply::GetFlow(FlowDetail {
                flow: self.flow.clone(),
                timeline: self.timeline.clone(),
                attempts: vec![attempt(100, KIM, self.flow.status)],
                checks: Vec::new(),
            }),
            Request::GetPhone(get) => {
                let text = |body: &String| PhoneMessage {
                    direction: "in".into(),
                    from: world::OURS.into(),
                    to: get.address.clone(),
                    body: body.clone(),
                    media: Vec::new(),
                    at: When(NOW),
                    sid: String::new(),
                    medium: Medium::Text,
                };
                let messages = self.texts.iter().map(text).collect();
                Reply::GetPhone(PhoneView { address: get.address.clone(), messages })
            }
            Request::ListAttempts(list) => {
                let rows = [
                    attempt(103, "+14155550145", Status::Expired),
                    attempt(102, "+14155550143", Status::MaxAttempts),
                    attempt(101, "+88213000001", Status::Blocked),
                    attempt(100, KIM, Status::Approved),
                ];
                let wanted = list.search.clone().unwrap_or_default();
                let items = rows.into_iter().filter(|row| row.phone_number.contains(&wanted)).collect();
                Reply::ListAttempts(Page { items, next: None, as_of: world::cursor() })
            }
            _ => return None,
        })
    }

    /// Answers what is asked as far as it only reads.
    pub fn answer(&self, desk: &mut Desk) {
        for _ in 0..20 {
            let mut open = Vec::new();
            let asked = std::mem::take(&mut desk.asked);
            let before = asked.len();
            for (tag, request) in asked {
                match self.reply(&request) {
                    Some(reply) => desk.answer(tag, Ok(reply)),
                    None => open.push((tag, request)),
                }
            }
            let answered = before - open.len();
            desk.asked.extend(open);
            if answered == 0 {
                return;
            }
        }
        panic!("the tester asks without end");
    }
}

pub fn service() -> VerifyServiceView {
    VerifyServiceView {
        sid: sid(b"VA", 0xa0),
        friendly_name: "Northwind Bank".into(),
        code_length: 6,
        lookup_enabled: false,
        skip_sms_to_landlines: false,
        dtmf_input_required: true,
        psd2_enabled: false,
        do_not_share_warning_enabled: false,
        custom_code_enabled: false,
        default_template: None,
        fraud_guard: Some(FraudLevel::Standard),
    }
}

pub fn template() -> TemplateView {
    let translation = TranslationView {
        locale: "en".into(),
        text: "Your {{brand}} code is {{code}}".into(),
        status: "approved".into(),
        is_default: true,
        placeholders: vec!["brand".into()],
        segments: 1,
    };
    TemplateView {
        sid: sid(b"HJ", 1),
        name: "Brand code".into(),
        channels: vec!["sms".into()],
        status: "approved".into(),
        used: None,
        used_by_all: None,
        translations: vec![translation],
    }
}

pub fn preview(values: BTreeMap<String, String>) -> Preview {
    let brand = values.get("brand").map_or("{{brand}}", String::as_str);
    let text = format!("Your {brand} code is ••••••");
    Preview {
        to: KIM.into(),
        national: Some("(415) 555-0142".into()),
        country: Some("US".into()),
        channel: Channel::Sms,
        measure: Some(measure(&text.replace('•', "0"))),
        text,
        is_exact: true,
        template: Some(sid(b"HJ", 1)),
        template_name: "Brand code".into(),
        template_version: None,
        cost: usd("0.0083"),
        success_fee: usd("0.05"),
        warnings: Vec::new(),
        missing: Vec::new(),
    }
}
