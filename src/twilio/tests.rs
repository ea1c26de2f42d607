//! Each resource is asked for at the right place with the right parameters, and its answer is read.

use super::accounts::AccountStatus;
use super::lookups::Package;
use super::messaging::ServiceSettings;
use super::numbers::search::{NumberKind, NumberSearch};
use super::numbers::{NumberChoice, NumberFilter, NumberSettings};
use super::testing::{Reply, Server, ok};
use super::usage::{NewTrigger, Period, UsageFilter};
use crate::domain::id::Sid;

const ACCOUNT: &str = "/api/2010-04-01/Accounts/AC000000000000000000000000000000aa";

fn sid(prefix: &str) -> Sid {
    format!("{prefix}000000000000000000000000000000bb").parse().unwrap()
}

fn created(body: &str) -> Reply {
    Reply::Say(201, "", body.to_owned())
}

#[tokio::test]
async fn numbers_are_searched_bought_changed_and_released() {
    let pn = sid("PN");
    let number = format!(
        r#"{{"sid":"{pn}","phone_number":"+18089251571","capabilities":{{"voice":true,"SMS":true,"mms":false}},
        "sms_url":"","sms_application_sid":"","beta":null,"type":"local","date_created":"Thu, 30 Jul 2015 23:19:04 +0000"}}"#
    );
    let found = r#"{"available_phone_numbers":[{"phone_number":"+18089251571","capabilities":{"SMS":true},"latitude":"19.72","beta":false}],"uri":"x"}"#;
    let list = format!(r#"{{"incoming_phone_numbers":[{number}],"next_page_uri":null}}"#);
    let replies = vec![ok(found), created(&number), ok(&number), ok(&list), Reply::Say(204, "", String::new())];
    let server = Server::start(replies).await;
    let client = server.client();
    let numbers = client.numbers();

    let search = NumberSearch { area_code: Some("808".into()), sms_enabled: Some(true), ..NumberSearch::default() };
    let page = numbers.search("US", &NumberKind::Local, &search).await.unwrap();
    assert!(page.items[0].capabilities.sms && !page.items[0].capabilities.mms);
    let choice = NumberChoice::Number(page.items[0].phone_number.clone());
    let bought = numbers.buy(&choice, &NumberSettings::default()).await.unwrap();
    assert!(bought.capabilities.sms && bought.sms_url.is_none() && bought.sms_application_sid.is_none());
    let settings = NumberSettings { sms_url: Some("https://x.example/sms#rc=3".into()), ..NumberSettings::default() };
    numbers.update(pn, &settings).await.unwrap();
    let filter = NumberFilter { page_size: Some(1000), ..NumberFilter::default() };
    assert_eq!(numbers.list(&filter).await.unwrap().items.len(), 1);
    numbers.release(pn).await.unwrap();

    let seen = server.seen();
    let lines: Vec<_> = seen.iter().map(|seen| seen.line.replace(ACCOUNT, "")).collect();
    let expected = [
        "GET /AvailablePhoneNumbers/US/Local.json?AreaCode=808&SmsEnabled=true",
        "POST /IncomingPhoneNumbers.json",
        &format!("POST /IncomingPhoneNumbers/{pn}.json"),
        "GET /IncomingPhoneNumbers.json?PageSize=1000",
        &format!("DELETE /IncomingPhoneNumbers/{pn}.json"),
    ];
    assert_eq!(lines, expected);
    assert_eq!(seen[1].body, "PhoneNumber=%2B18089251571");
    assert_eq!(seen[2].body, "SmsUrl=https%3A%2F%2Fx.example%2Fsms%23rc%3D3");
}

#[tokio::test]
async fn messaging_services_and_their_pool() {
    let (mg, pn) = (sid("MG"), sid("PN"));
    let service = format!(
        r#"{{"sid":"{mg}","friendly_name":"Shop","inbound_request_url":null,"sticky_sender":true,"validity_period":36000,"links":{{}}}}"#
    );
    let number = format!(r#"{{"sid":"{pn}","phone_number":"+18089251571","capabilities":["Voice","SMS"]}}"#);
    let list = format!(
        r#"{{"services":[{service}],"meta":{{"key":"services","next_page_url":"BASE/messaging/v1/Services?Page=1"}}}}"#
    );
    let last = r#"{"services":[],"meta":{"next_page_url":null}}"#;
    let replies = vec![created(&service), ok(&list), ok(last), created(&number)];
    let server = Server::start(replies).await;
    let client = server.client();
    let settings = ServiceSettings { friendly_name: Some("Shop".into()), ..ServiceSettings::default() };
    let made = client.messaging_services().create(&settings).await.unwrap();
    assert_eq!((made.sticky_sender, made.validity_period), (Some(true), Some(36000)));
    let page = client.messaging_services().list().await.unwrap();
    assert!(page.has_next());
    assert!(!client.next_page(&page).await.unwrap().unwrap().has_next());
    let added = client.messaging_services().add_number(mg, pn).await.unwrap();
    assert!(added.capabilities.sms && added.capabilities.voice && !added.capabilities.mms);
    let seen = server.seen();
    assert_eq!(seen[2].line, "GET /messaging/v1/Services?Page=1");
    assert_eq!(seen[3].line, format!("POST /messaging/v1/Services/{mg}/PhoneNumbers"));
    assert_eq!(seen[3].body, format!("PhoneNumberSid={pn}"));
}

#[tokio::test]
async fn accounts_and_balance() {
    let ac = sid("AC");
    let account =
        format!(r#"{{"sid":"{ac}","friendly_name":"Sub","status":"active","type":"Trial","auth_token":"s3cret"}}"#);
    let replies = vec![ok(&account), ok(r#"{"balance":"12.50","currency":"USD","account_sid":"x"}"#)];
    let server = Server::start(replies).await;
    let client = server.client();
    let account = client.accounts().fetch().await.unwrap();
    assert!(account.is_trial() && account.status == Some(AccountStatus::Active));
    assert!(!format!("{account:?}").contains("s3cret"));
    let balance = client.for_subaccount(ac).accounts().balance().await.unwrap();
    assert_eq!(balance.balance.map(|amount| amount.to_string()).as_deref(), Some("12.50"));
    let seen = server.seen();
    assert_eq!(seen[0].line, format!("GET {ACCOUNT}.json"));
    assert_eq!(seen[1].line, format!("GET /api/2010-04-01/Accounts/{ac}/Balance.json"));
}

#[tokio::test]
async fn lookups_name_their_packages() {
    let answer = r#"{"phone_number":"+14155550100","valid":true,"validation_errors":null,"country_code":"US","caller_name":null,
        "line_type_intelligence":{"type":"mobile","carrier_name":"X","error_code":null},
        "sms_pumping_risk":{"sms_pumping_risk_score":7,"number_blocked":false,"number_blocked_date":null}}"#;
    let invalid = r#"{"phone_number":"+1415","valid":false,"validation_errors":["TOO_SHORT"],"country_code":null}"#;
    let server = Server::start(vec![ok(answer), ok(invalid)]).await;
    let client = server.client();
    let found = client.lookup("+14155550100", &[Package::LineType, Package::PumpingRisk], None).await.unwrap();
    assert_eq!(found.line_type_intelligence.and_then(|line| line.kind).as_deref(), Some("mobile"));
    assert_eq!(found.sms_pumping_risk.and_then(|risk| risk.sms_pumping_risk_score), Some(7));
    let invalid = client.lookup("(415)", &[], Some("US")).await.unwrap();
    assert!(!invalid.valid && invalid.validation_errors == ["TOO_SHORT"]);
    let seen = server.seen();
    let fields = "Fields=line_type_intelligence%2Csms_pumping_risk";
    assert_eq!(seen[0].line, format!("GET /lookups/v2/PhoneNumbers/%2B14155550100?{fields}"));
    assert_eq!(seen[1].line, "GET /lookups/v2/PhoneNumbers/%28415%29?CountryCode=US");
}

#[tokio::test]
async fn usage_is_read_by_period_and_watched() {
    let record = r#"{"usage_records":[{"category":"sms-outbound","count":"12","usage":"14","price":"0.1162","price_unit":"usd",
        "start_date":"2026-11-01","end_date":"2026-11-01","as_of":"2026-11-02T01:00:00+00:00"}],"next_page_uri":null}"#;
    let ut = sid("UT");
    let trigger = format!(r#"{{"sid":"{ut}","trigger_value":"30","current_value":"0","recurring":null}}"#);
    let server = Server::start(vec![ok(record), created(&trigger)]).await;
    let client = server.client();
    let day = super::wire::date("2026-11-01");
    let filter = UsageFilter { category: Some("sms-outbound".into()), from: day, to: day, ..UsageFilter::default() };
    let page = client.usage().records(&Period::Daily, &filter).await.unwrap();
    assert_eq!(page.items[0].price.map(|price| price.to_string()).as_deref(), Some("0.1162"));
    assert_eq!(page.items[0].start_date, day);
    let new = NewTrigger {
        callback_url: "https://x.example/usage".into(),
        trigger_value: "+30".into(),
        usage_category: "totalprice".into(),
        ..NewTrigger::default()
    };
    assert_eq!(client.usage().create_trigger(&new).await.unwrap().sid, ut);
    let seen = server.seen();
    let query = "Category=sms-outbound&StartDate=2026-11-01&EndDate=2026-11-01";
    assert_eq!(seen[0].line, format!("GET {ACCOUNT}/Usage/Records/Daily.json?{query}"));
    assert!(seen[1].body.contains("TriggerValue=%2B30&UsageCategory=totalprice"));
}
