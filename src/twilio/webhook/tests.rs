use super::*;
use crate::twilio::MessageStatus;

const SMS: &str = "ToCountry=US&ToState=MI&SmsMessageSid=SM0123456789abcdef0123456789abcdef&NumMedia=0&ToCity=COLEMAN&FromZip=22036&SmsSid=SM0123456789abcdef0123456789abcdef&FromState=VA&SmsStatus=received&FromCity=CENTREVILLE&Body=It%27s+working%21&FromCountry=US&To=%2B19894655460&ToZip=48612&NumSegments=2&ReferralNumMedia=0&MessageSid=SM0123456789abcdef0123456789abcdef&AccountSid=AC00112233445566778899aabbccddeeff&From=%2B17038250630&ApiVersion=2010-04-01";

fn inbound(raw: &str) -> InboundMessage {
    match parse(raw.as_bytes()) {
        Ok(Payload::Inbound(message)) => *message,
        other => panic!("not inbound: {other:?}"),
    }
}

fn status(raw: &str) -> StatusCallback {
    match parse(raw.as_bytes()) {
        Ok(Payload::Status(status)) => *status,
        other => panic!("not a status: {other:?}"),
    }
}

#[test]
fn a_text_message() {
    let message = inbound(SMS);
    assert_eq!(message.message_sid.to_string(), "SM0123456789abcdef0123456789abcdef");
    assert_eq!(message.account_sid.kind(), "AC");
    assert_eq!((message.from.as_str(), message.to.as_str()), ("+17038250630", "+19894655460"));
    assert_eq!((message.body.as_str(), message.num_segments), ("It's working!", 2));
    assert_eq!(message.from_place.city.as_deref(), Some("CENTREVILLE"));
    assert!(message.media.is_empty() && message.messaging_service_sid.is_none() && message.opt_out_type.is_none());
}

#[test]
fn pictures_come_in_their_order_and_a_forged_number_costs_nothing() {
    let more = "&NumMedia=2&MediaUrl1=https%3A%2F%2Fapi.twilio.com%2Fb&MediaContentType1=image%2Fpng&MediaUrl0=https%3A%2F%2Fapi.twilio.com%2Fa&MediaContentType0=image%2Fjpeg&MediaUrl4000000000=x&OptOutType=STOP&MessagingServiceSid=MG0123456789abcdef0123456789abcdef";
    let message = inbound(&format!("{SMS}{more}"));
    let urls: Vec<_> = message.media.iter().map(|media| (media.url.as_str(), media.content_type.as_str())).collect();
    assert_eq!(urls, [("https://api.twilio.com/a", "image/jpeg"), ("https://api.twilio.com/b", "image/png")]);
    assert_eq!(message.opt_out_type, Some(OptOutType::Stop));
    assert_eq!(message.messaging_service_sid.map(|sid| sid.kind().to_owned()).as_deref(), Some("MG"));
}

#[test]
fn whatsapp_brings_a_name_a_button_and_a_place() {
    let raw = "SmsMessageSid=SM0123456789abcdef0123456789abcdef&MessageSid=SM0123456789abcdef0123456789abcdef&AccountSid=AC00112233445566778899aabbccddeeff&From=whatsapp%3A%2B4915112345678&To=whatsapp%3A%2B14155238886&ProfileName=J%C3%BCrgen&WaId=4915112345678&ButtonText=Yes&ButtonPayload=yes-1&Latitude=52.5&Longitude=13.4&Label=Office&MessageType=interactive&OriginalRepliedMessageSid=SMffffffffffffffffffffffffffffffff";
    let message = inbound(raw);
    assert_eq!(message.from.as_str(), "whatsapp:+4915112345678");
    assert_eq!(message.profile_name.as_deref(), Some("Jürgen"));
    assert_eq!(message.button_payload.as_deref(), Some("yes-1"));
    assert_eq!(
        message.location.map(|place| (place.latitude, place.label)),
        Some(("52.5".into(), Some("Office".into())))
    );
    assert!(message.replied_to.is_some());
    assert_eq!((message.body.as_str(), message.num_segments), ("", 1));
}

#[test]
fn what_is_essential_and_missing_is_named() {
    let without = |name: &str| -> String {
        SMS.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect::<Vec<_>>().join("&")
    };
    for field in ["AccountSid", "From", "To"] {
        assert_eq!(parse(without(field).as_bytes()), Err(BadPayload::Missing(field)));
    }
    let old_name_only = without("MessageSid");
    assert!(parse(old_name_only.as_bytes()).is_ok(), "SmsSid has the same value");
    let broken = SMS.replace("AC00112233445566778899aabbccddeeff", "AC12");
    let error = parse(broken.as_bytes()).unwrap_err();
    assert_eq!(error.field(), "AccountSid");
    assert!(error.to_string().contains("`AC12`"), "{error}");
    assert!(parse(b"").is_err());
}

#[test]
fn a_failed_message() {
    let raw = "ErrorCode=30003&ApiVersion=2010-04-01&MessageStatus=undelivered&RawDlrDoneDate=2611231530&SmsSid=SM0123456789abcdef0123456789abcdef&SmsStatus=undelivered&To=%2B15558675310&From=%2B14155552345&MessageSid=SM0123456789abcdef0123456789abcdef&AccountSid=AC00112233445566778899aabbccddeeff";
    let status = status(raw);
    assert_eq!(status.status, MessageStatus::Undelivered);
    assert_eq!(status.error_code, Some(30003));
    assert_eq!(status.done_at(), crate::twilio::wire::date("2026-11-23T15:30:00Z"));
    assert_eq!(status.to.map(|to| to.to_string()).as_deref(), Some("+15558675310"));
}

#[test]
fn a_status_that_is_new_to_us_is_kept() {
    let raw = "MessageStatus=teleported&MessageSid=SM0123456789abcdef0123456789abcdef&AccountSid=AC00112233445566778899aabbccddeeff&RawDlrDoneDate=abc";
    let status = status(raw);
    assert_eq!(status.status.as_str(), "teleported");
    assert_eq!((status.error_code, status.done_at(), status.from), (None, None, None));
}

#[test]
fn a_message_in_a_conversation() {
    let raw = "EventType=onMessageAdded&AccountSid=AC00112233445566778899aabbccddeeff&ConversationSid=CH0123456789abcdef0123456789abcdef&MessageSid=IM0123456789abcdef0123456789abcdef&Index=1&Author=%2B16174707727&Body=Hi&Attributes=%7B%7D&Source=SMS&DateCreated=2026-08-11T13%3A03%3A28.879Z&Media=%5B%7B%22Sid%22%3A%22ME0123456789abcdef0123456789abcdef%22%2C%22Filename%22%3A%22x.png%22%2C%22ContentType%22%3A%22image%2Fpng%22%2C%22Size%22%3A12232%7D%5D";
    let event = ConversationEvent::read(&Form::parse(raw.as_bytes())).unwrap();
    assert_eq!(event.event_type, ConversationEventType::MessageAdded);
    assert_eq!((event.index, event.body.as_str(), event.author.as_deref()), (Some(1), "Hi", Some("+16174707727")));
    assert_eq!(event.media[0].size, Some(12232));
    assert_eq!(event.date_created, crate::twilio::wire::date("2026-08-11T13:03:28.879Z"));
    let without = raw.replace("ConversationSid=", "Other=");
    let error = ConversationEvent::read(&Form::parse(without.as_bytes())).unwrap_err();
    assert_eq!(error, BadPayload::Missing("ConversationSid"));
}

#[test]
fn a_delivery_in_a_conversation() {
    let raw = "EventType=onDeliveryUpdated&AccountSid=AC00112233445566778899aabbccddeeff&ConversationSid=CH0123456789abcdef0123456789abcdef&MessageSid=IM0123456789abcdef0123456789abcdef&ChannelMessageSid=SM0123456789abcdef0123456789abcdef&Status=undelivered&ErrorCode=30003&Media=broken";
    let event = ConversationEvent::read(&Form::parse(raw.as_bytes())).unwrap();
    assert_eq!((event.status, event.error_code), (Some(MessageStatus::Undelivered), Some(30003)));
    assert!(event.media.is_empty() && event.channel_message_sid.is_some());
}
