use super::attempts::AttemptFilter;
use super::*;
use crate::twilio::testing::{Reply, Server, ok, refuse};

fn sid(prefix: &str) -> Sid {
    format!("{prefix}000000000000000000000000000000bb").parse().unwrap()
}

fn verification(status: &str) -> String {
    let (ve, va, vl) = (sid("VE"), sid("VA"), sid("VL"));
    format!(
        r#"{{"sid":"{ve}","service_sid":"{va}","to":"+15017122661","channel":"sms","status":"{status}","valid":false,
        "lookup":{{}},"amount":null,"send_code_attempts":[{{"time":"2015-07-30T20:00:00Z","channel":"SMS","attempt_sid":"{vl}"}}],
        "sna":null,"date_created":"2015-07-30T20:00:00Z"}}"#
    )
}

#[tokio::test]
async fn a_code_is_sent_checked_and_cancelled() {
    let va = sid("VA");
    let replies = vec![
        Reply::Say(201, "", verification("pending")),
        ok(&verification("approved").replace("\"valid\":false", "\"valid\":true")),
        refuse(429, 60202),
        ok(&verification("canceled")),
    ];
    let server = Server::start(replies).await;
    let client = server.client();
    let new = NewVerification {
        to: "+15017122661".into(),
        locale: Some("de".into()),
        rate_limits: Some(r#"{"ip":"1.2.3.4"}"#.into()),
        ..NewVerification::default()
    };
    let started = client.verify().start(va, &new).await.unwrap();
    assert_eq!(started.status, VerificationStatus::Pending);
    assert_eq!(started.send_code_attempts[0].channel, Some(Channel::Sms), "in capitals here");
    assert!(started.lookup.carrier.is_none());

    let to = Checked::To("+15017122661".into());
    let checked = client.verify().check(va, &to, &"123456".into(), None).await.unwrap();
    assert!(checked.valid && checked.status == VerificationStatus::Approved);
    let error = client.verify().check(va, &to, &"123456".into(), Some(("10", "Shop"))).await.unwrap_err();
    assert_eq!(error.code(), Some(60202));
    client.verify().cancel(va, &to).await.unwrap();

    let seen = server.seen();
    assert_eq!(seen[0].line, format!("POST /verify/v2/Services/{va}/Verifications"));
    assert_eq!(seen[0].body, "To=%2B15017122661&Channel=sms&Locale=de&RateLimits=%7B%22ip%22%3A%221.2.3.4%22%7D");
    assert_eq!(seen[1].line, format!("POST /verify/v2/Services/{va}/VerificationCheck"));
    assert_eq!(seen[1].body, "To=%2B15017122661&Code=123456");
    assert_eq!(seen[2].body, "To=%2B15017122661&Code=123456&Amount=10&Payee=Shop");
    assert_eq!(seen[3].line, format!("POST /verify/v2/Services/{va}/Verifications/%2B15017122661"));
    assert_eq!(seen[3].body, "Status=canceled");
}

#[tokio::test]
async fn services_attempts_and_templates_are_read() {
    let (va, vl, hj) = (sid("VA"), sid("VL"), sid("HJ"));
    let service = format!(
        r#"{{"sid":"{va}","friendly_name":"Shop","code_length":6,"push":{{"include_date":false}},"default_template_sid":null}}"#
    );
    let attempt = format!(
        r#"{{"attempts":[{{"sid":"{vl}","conversion_status":"unconverted","channel":"sms","price":{{"value":"0.005","currency":"usd"}},
        "channel_data":{{"to":"+57300","error_code":"30008","country":"CO","code_length":6}}}},{{"sid":"{vl}","price":null,"channel_data":null}}],
        "meta":{{"next_page_url":null}}}}"#
    );
    let summary =
        r#"{"total_attempts":11,"total_converted":9,"total_unconverted":2,"conversion_rate_percentage":"81.818"}"#;
    let template = format!(
        r#"{{"templates":[{{"sid":"{hj}","friendly_name":"Plain","channels":["sms","voice"],"translations":{{"en":{{"is_default_translation":true,
        "status":"approved","text":"Your code is {{{{code}}}}"}}}}}}],"meta":{{}}}}"#
    );
    let server = Server::start(vec![ok(&service), ok(&attempt), ok(summary), ok(&template)]).await;
    let client = server.client();
    let settings = VerifyServiceSettings { code_length: Some(6), ..VerifyServiceSettings::default() };
    assert_eq!(client.verify().update_service(va, &settings).await.unwrap().code_length, Some(6));
    let filter = AttemptFilter { service: Some(va), after: Some(0), ..AttemptFilter::default() };
    let page = client.verify().attempts(&filter).await.unwrap();
    assert_eq!(page.items[0].channel_data.error_code, Some(30008));
    assert!(page.items[1].price.value.is_none());
    assert_eq!(client.verify().attempts_summary(&filter).await.unwrap().total_converted, Some(9));
    let templates = client.verify().templates().await.unwrap();
    assert!(templates.items[0].translations["en"].text.contains("{{code}}"));
    let lines: Vec<_> = server.seen().into_iter().map(|seen| seen.line).collect();
    let query = format!("VerifyServiceSid={va}&DateCreatedAfter=1970-01-01T00%3A00%3A00Z");
    assert_eq!(lines[1], format!("GET /verify/v2/Attempts?{query}"));
    assert_eq!(lines[2], format!("GET /verify/v2/Attempts/Summary?{query}"));
}

#[test]
fn a_code_is_never_printed() {
    let new =
        NewVerification { to: "+15017122661".into(), custom_code: Some("4711".into()), ..NewVerification::default() };
    let shown = format!("{new:?}");
    assert!(!shown.contains("4711") && !shown.contains("+1501"), "{shown}");
}
