//! The hostile corpus through the panes beside a conversation: webhooks and events as they come, businesses and
//! their setup, verifications with their templates, errors and log. It counts what it looked at.

use std::sync::atomic::Ordering;

use switchboard::api::businesses::BusinessList;
use switchboard::api::events::{Event, Frame};
use switchboard::api::setup::StepView;
use switchboard::api::verify::{
    CheckView, FlowDetail, LookupView, TemplateList, TemplateView, TranslationView, VerifyServiceView,
};
use switchboard::api::{ApiError, Code, Page, Reply, Request, When};
use switchboard::domain::id::Id;
use switchboard::domain::remote::{Kind, State};
use switchboard::domain::verification::{Status, Verdict};
use switchboard::link::Heard;
use switchboard::tui::msg::{Effect, Msg};

use crate::bank::{self, Bank, FLOW, KIM};
use crate::desk::Desk;
use crate::hostile::{CELLS, CORPUS, FRAMES, check};
use crate::tester::sent;
use crate::world::{self, HARBOR, NORTHWIND, NOW};

#[test]
fn nothing_that_comes_to_the_other_panes_is_obeyed() {
    let long = "x".repeat(5_000);
    let all: Vec<&str> = CORPUS.iter().copied().chain([long.as_str()]).collect();
    let sizes = [(60, 16), (80, 24), (200, 60)];
    for raw in &all {
        for (width, height) in sizes {
            told(raw, width, height);
            businesses(raw, width, height);
            verifications(raw, width, height);
        }
    }
    let (frames, cells) = (FRAMES.load(Ordering::Relaxed), CELLS.load(Ordering::Relaxed));
    println!("{} texts at {} sizes: {frames} frames, {cells} cells, none obeyed", all.len(), sizes.len());
    assert!(frames > all.len() * sizes.len() * 40, "the walk was cut short: {frames} frames");
}

fn press(desk: &mut Desk, keys: &[&str]) {
    for key in keys {
        desk.keys(key);
        check(desk);
    }
}

fn refuse_all(desk: &mut Desk, raw: &str) {
    for (tag, _) in std::mem::take(&mut desk.asked) {
        let e = ApiError {
            field: Some(raw.into()),
            twilio: Some(60200),
            about: Some(FLOW),
            ..ApiError::new(Code::Upstream, raw)
        };
        desk.answer(tag, Err(e));
        check(desk);
    }
}

fn are_harmless(desk: &Desk) {
    for effect in &desk.done {
        if let Effect::Title(text) | Effect::Notify(text) = effect {
            assert!(!text.as_str().chars().any(char::is_control));
        }
    }
}

/// What the feed tells of: webhooks, events, handsets.
fn told(raw: &str, width: u16, height: u16) {
    let mut desk = Desk::open(width, height);
    desk.keys("g w");
    desk.asked.clear();
    for (n, path) in ["/api/webhooks/twilio-sms", raw].into_iter().enumerate() {
        let mut one = crate::rooms::webhook(n as u64 + 1, raw, None);
        (one.path, one.from, one.to, one.sid) = (path.into(), raw.into(), raw.into(), raw.into());
        // A body that is no form at all, and one whose names and values are hostile.
        one.form = match n {
            0 => raw.into(),
            _ => url::form_urlencoded::Serializer::new(String::new()).append_pair(raw, raw).finish(),
        };
        desk.heard(Heard::Frame(Frame::Webhook(Box::new(one))));
        check(&desk);
    }
    press(&mut desk, &["enter", "esc", "v", "tab", "tab", "tab", "esc", "/"]);
    desk.take(Msg::Paste(raw.into()));
    check(&desk);
    desk.keys("esc g e");
    let message =
        world::message(900, world::SAM, "+14155550111", switchboard::domain::message::Direction::In, raw, When(NOW));
    for (n, kind) in [raw, "message.received"].into_iter().enumerate() {
        let mut conversation = world::conversation(world::SAM);
        (conversation.name, conversation.version) = (Some(raw.into()), 20 + n as u64);
        desk.heard(Heard::Frame(Frame::Event(Box::new(Event {
            cursor: world::cursor(),
            kind: kind.into(),
            at: When(NOW),
            actor: Some(raw.into()),
            business: Some(HARBOR),
            conversation: Some(conversation),
            message: Some(message.clone()),
            verification: None,
            counts: None,
            audited: true,
        }))));
        check(&desk);
    }
    press(&mut desk, &["enter", "y", "esc", "v", "tab", "esc", "f9", "f9"]);
    desk.heard(Heard::Frame(Frame::Handset { address: raw.into() }));
    press(&mut desk, &["g p", "esc"]);
    refuse_all(&mut desk, raw);
    are_harmless(&desk);
}

/// The businesses: what others have named them, how their setup stands, and the forms about them.
fn businesses(raw: &str, width: u16, height: u16) {
    let mut desk = Desk::open(width, height);
    desk.keys("g b");
    refuse_all(&mut desk, raw);
    let hostile = |id: Id| {
        let mut one = world::business(id, raw, raw);
        (one.contact_email, one.phone_number, one.time_zone) = (raw.into(), raw.into(), raw.into());
        (one.has_custom_number, one.custom_twilio_number, one.setup) = (true, Some(raw.into()), Some(State::Failed));
        one
    };
    desk.heard(world::platform_event(3, "business.changed", HARBOR));
    for _ in 0..3 {
        for (tag, request) in std::mem::take(&mut desk.asked) {
            let reply = match request {
                Request::ListBusinesses(_) => Reply::ListBusinesses(BusinessList {
                    items: vec![hostile(HARBOR), hostile(NORTHWIND)],
                    default: HARBOR,
                }),
                Request::GetSetup(get) => {
                    let step = |state| StepView {
                        step: Kind::VerifyService,
                        call: raw.into(),
                        state,
                        sid: None,
                        milliseconds: None,
                        tries: 2,
                        found: false,
                        detail: Some(raw.into()),
                        twilio: Some(60200),
                        again: Some(When(NOW)),
                    };
                    let steps = vec![step(State::Failed), step(State::Unknown)];
                    let mut view = world::setup(get.id, State::Failed, steps);
                    (view.verify_name, view.number) = (raw.into(), raw.parse().ok());
                    Reply::GetSetup(view)
                }
                _ => continue,
            };
            desk.answer(tag, Ok(reply));
            check(&desk);
        }
        desk.keys("down");
    }
    for keys in [
        ["o", "tab", "enter", "esc"],
        ["s", "tab", "enter", "esc"],
        ["N", "tab", "enter", "esc"],
        ["D", "enter", "esc", "b"],
    ] {
        press(&mut desk, &keys);
        desk.take(Msg::Paste(raw.into()));
        check(&desk);
        refuse_all(&mut desk, raw);
        press(&mut desk, &["esc", "ctrl-p", "esc"]);
    }
    are_harmless(&desk);
}

/// Verifications: the service, templates, what would be sent, the flow with its timeline, the log.
fn verifications(raw: &str, width: u16, height: u16) {
    let bank = Bank::new();
    let mut desk = sent(&bank, width, height);
    let sid = bank.flow.service;
    let (mut flow, mut preview) = (bank::flow(Status::Blocked, 1, 1), bank::preview(Default::default()));
    (flow.to, flow.locale, flow.actor) = (raw.into(), Some(raw.into()), raw.into());
    (flow.error, flow.error_text, flow.version) = (Some(60410), Some(raw.into()), 50);
    flow.legs[0].to = raw.into();
    (preview.to, preview.national, preview.country) = (raw.into(), Some(raw.into()), Some(raw.into()));
    (preview.text, preview.template_name) = (raw.into(), raw.into());
    (preview.warnings, preview.missing) = (vec![raw.into()], vec![raw.into()]);
    let mut attempt = bank::attempt(1, raw, Status::Blocked);
    (attempt.locale, attempt.country, attempt.carrier) = (Some(raw.into()), Some(raw.into()), Some(raw.into()));
    (attempt.error_text, attempt.actor) = (Some(raw.into()), raw.into());
    let mut line = bank::line(1, raw, raw);
    line.error = Some(60410);
    let reply = |request: &Request| {
        Some(match request {
            Request::GetVerifyService(_) => Reply::GetVerifyService(VerifyServiceView {
                sid,
                friendly_name: raw.into(),
                code_length: 6,
                lookup_enabled: true,
                skip_sms_to_landlines: false,
                dtmf_input_required: false,
                psd2_enabled: false,
                do_not_share_warning_enabled: false,
                custom_code_enabled: true,
                default_template: None,
                fraud_guard: None,
            }),
            Request::ListTemplates(_) => {
                let translation = TranslationView {
                    locale: raw.into(),
                    text: raw.into(),
                    status: raw.into(),
                    is_default: true,
                    placeholders: vec![raw.into()],
                    segments: 1,
                };
                let (name, channels, translations) = (raw.into(), vec![raw.into()], vec![translation]);
                let status: String = raw.into();
                let (used, used_by_all) = (None, None);
                let template = TemplateView { sid, name, channels, status, used, used_by_all, translations };
                Reply::ListTemplates(TemplateList { items: vec![template], since: None })
            }
            Request::PreviewVerification(_) => Reply::PreviewVerification(preview.clone()),
            Request::GetFlow(_) => Reply::GetFlow(FlowDetail {
                flow: flow.clone(),
                timeline: vec![line.clone(), line.clone()],
                attempts: vec![attempt.clone()],
                checks: vec![CheckView {
                    id: Id(1),
                    attempt_id: None,
                    business_id: NORTHWIND,
                    flow: FLOW,
                    phone_number: raw.into(),
                    status: Verdict::Pending,
                    success: false,
                    error: Some(20404),
                    error_text: Some(raw.into()),
                    actor: raw.into(),
                    created_at: When(NOW),
                    took_micros: 1,
                }],
            }),
            Request::ListAttempts(_) => {
                Reply::ListAttempts(Page { items: vec![attempt.clone()], next: None, as_of: world::cursor() })
            }
            Request::LookUpNumber(_) => Reply::LookUpNumber(LookupView {
                number: raw.into(),
                national: raw.into(),
                country: Some(raw.into()),
                valid: true,
                line_type: Some(raw.into()),
                carrier: Some(raw.into()),
                risk: None,
                warning: Some(raw.into()),
                asked_at: When(NOW),
                is_cached: false,
                cost: None,
            }),
            _ => return None,
        })
    };
    let answer = |desk: &mut Desk| {
        for _ in 0..10 {
            let mut open = Vec::new();
            for (tag, request) in std::mem::take(&mut desk.asked) {
                match reply(&request) {
                    Some(reply) => desk.answer(tag, Ok(reply)),
                    None => open.push((tag, request)),
                }
                check(desk);
            }
            desk.asked.extend(open);
        }
    };
    for keys in
        ["g i g v", "?", "esc", "L", "up", "v", "tab", "esc", "f", "esc", "n", "right", "tab", "tab", "tab", "right"]
    {
        desk.keys(keys);
        check(&desk);
        answer(&mut desk);
    }
    desk.take(Msg::Paste(raw.into()));
    check(&desk);
    answer(&mut desk);
    for keys in ["esc", "r", "?", "esc", "c", "x", "l", "enter", "?", "esc", "esc", "g c", "t", "esc", "/"] {
        desk.keys(keys);
        check(&desk);
        answer(&mut desk);
        // What was to be done is refused, in the same words.
        refuse_all(&mut desk, raw);
    }
    desk.take(Msg::Paste(raw.into()));
    answer(&mut desk);
    let mut ours = bank::flow(Status::Pending, 2, 1);
    (ours.to, ours.error_text, ours.version) = (raw.into(), Some(raw.into()), 60);
    desk.heard(Heard::Frame(Frame::Event(Box::new(Event {
        cursor: world::cursor(),
        kind: raw.into(),
        at: When(NOW),
        actor: Some(raw.into()),
        business: Some(NORTHWIND),
        conversation: None,
        message: None,
        verification: Some(Box::new(ours)),
        counts: None,
        audited: true,
    }))));
    check(&desk);
    answer(&mut desk);
    assert_ne!(KIM, raw);
    are_harmless(&desk);
}
