//! Our own client against the sandbox's Verify and Lookup: what one says the other understands.

use serde_json::Value;
use switchboard::twilio::lookups::Package;
use switchboard::twilio::verify::attempts::{AttemptFilter, Conversion};
use switchboard::twilio::verify::{Channel, Checked, NewVerification, VerificationStatus, VerifyServiceSettings};
use switchboard::twilio::{Base, Client, Config, Credential};

use crate::support::{MARIA, World, text};
use crate::verify::code;

fn client(world: &World) -> Client {
    let base = Base::At(world.base.parse().unwrap());
    let credential = Credential::AuthToken(world.token.clone().into());
    Client::new(Config::new(base, world.account.parse().unwrap(), credential)).unwrap()
}

#[tokio::test]
async fn a_code_is_sent_on_every_channel_checked_and_counted() {
    let world = World::new(42).await;
    let client = client(&world);
    let verify = client.verify();
    let settings = VerifyServiceSettings {
        friendly_name: Some("Northwind Bank".into()),
        lookup_enabled: Some(true),
        ..VerifyServiceSettings::default()
    };
    let made = verify.create_service(&settings).await.unwrap();
    assert_eq!((made.code_length, made.lookup_enabled), (Some(6), Some(true)));
    let fewer = VerifyServiceSettings { code_length: Some(4), ..VerifyServiceSettings::default() };
    assert_eq!(verify.update_service(made.sid, &fewer).await.unwrap().code_length, Some(4));
    assert_eq!(verify.services().await.unwrap().items.len(), 1);
    let new =
        |channel: Channel| NewVerification { to: MARIA.into(), channel: Some(channel), ..NewVerification::default() };
    let first = verify.start(made.sid, &new(Channel::Call)).await.unwrap();
    assert_eq!(first.lookup.carrier.and_then(|carrier| carrier.kind).as_deref(), Some("mobile"));
    let sent = verify.start(made.sid, &new(Channel::Sms)).await.unwrap();
    assert_eq!((sent.sid, sent.status, sent.send_code_attempts.len()), (first.sid, VerificationStatus::Pending, 2));
    assert_eq!(sent.send_code_attempts[0].channel, Some(Channel::Call));
    world.advance(30.0).await;
    let right = code(&world, MARIA).await;
    let to = Checked::To(MARIA.into());
    assert_eq!(verify.fetch(made.sid, &to).await.unwrap().sid, sent.sid);
    assert!(verify.check(made.sid, &to, &right.clone().into(), None).await.unwrap().valid);
    assert!(verify.check(made.sid, &to, &right.into(), None).await.unwrap_err().is_not_found());
    assert!(verify.fetch(made.sid, &Checked::Verification(sent.sid)).await.unwrap_err().is_not_found());
    let filter = AttemptFilter { service: Some(made.sid), ..AttemptFilter::default() };
    let attempts = verify.attempts(&filter).await.unwrap().items;
    assert_eq!(attempts.len(), 2);
    assert_eq!(
        (&attempts[0].conversion_status, &attempts[0].channel),
        (&Some(Conversion::Converted), &Some(Channel::Sms))
    );
    assert!(attempts.iter().all(|attempt| attempt.price.value.is_some()));
    assert_eq!(attempts[0].channel_data.country.as_deref(), Some("US"));
    let sum = verify.attempts_summary(&filter).await.unwrap();
    assert_eq!((sum.total_attempts, sum.total_converted), (Some(2), Some(1)));
    assert_eq!(sum.conversion_rate_percentage.map(|rate| rate.to_string()).as_deref(), Some("50"));
    world.end().await;
}

#[tokio::test]
async fn templates_the_safe_list_and_an_email() {
    let world = World::new(42).await;
    let client = client(&world);
    let verify = client.verify();
    let settings = VerifyServiceSettings { friendly_name: Some("Bank".into()), ..VerifyServiceSettings::default() };
    let service = verify.create_service(&settings).await.unwrap().sid;
    let templates = verify.templates().await.unwrap().items;
    let brand = templates.iter().find(|template| template.friendly_name.as_deref() == Some("Brand")).unwrap();
    assert_eq!(brand.translations["de"].status.as_deref(), Some("approved"));
    let pumped = "+88213000001";
    let new = NewVerification {
        to: pumped.into(),
        template_sid: Some(brand.sid),
        template_custom_substitutions: Some(r#"{"brand":"Bank"}"#.into()),
        ..NewVerification::default()
    };
    assert_eq!(verify.start(service, &new).await.unwrap_err().code(), Some(60410));
    verify.safelist(pumped).await.unwrap();
    let started = verify.start(service, &new).await.unwrap();
    let to = Checked::Verification(started.sid);
    assert_eq!(verify.cancel(service, &to).await.unwrap().status, VerificationStatus::Canceled);
    verify.unsafelist(pumped).await.unwrap();
    let kim = "kim@example.com";
    let new = NewVerification { to: kim.into(), channel: Some(Channel::Email), ..NewVerification::default() };
    verify.start(service, &new).await.unwrap();
    world.advance(3.0).await;
    let shown = world.control("GET", &format!("phones/{kim}"), Value::Null).await;
    let body = text(&shown["emails"][0], "body");
    let right: String = body.chars().skip_while(|c| !c.is_ascii_digit()).take(6).collect();
    assert!(verify.check(service, &Checked::To(kim.into()), &right.into(), None).await.unwrap().valid);
    world.end().await;
}

#[tokio::test]
async fn a_number_is_looked_up() {
    let world = World::new(42).await;
    let client = client(&world);
    let packages = [Package::LineType, Package::PumpingRisk];
    let found = client.lookup("+14155550003", &packages, None).await.unwrap();
    assert!(found.valid && found.line_type_intelligence.unwrap().kind.as_deref() == Some("mobile"));
    assert!(found.sms_pumping_risk.unwrap().sms_pumping_risk_score.is_some_and(|score| score >= 75));
    let wrong = client.lookup("+1415555", &[], None).await.unwrap();
    assert_eq!((wrong.valid, wrong.validation_errors), (false, vec!["TOO_SHORT".to_owned()]));
    world.end().await;
}
