use super::*;
use crate::api::Operation;
use crate::api::inbox::{SendMessage, SetConversationStatus};
use crate::api::simulator::{AdvanceClock, TextFromPhone};
use crate::api::upstream::{UpstreamParam, UpstreamView};
use crate::domain::conversation::Status;
use crate::domain::id::Id;

fn sheets(operation: impl Operation) -> Vec<String> {
    Call::of(&operation.into_request()).sheets("http://127.0.0.1:4000/").into_iter().map(|s| s.text).collect()
}

#[test]
fn an_operation_is_written_from_its_row() {
    let said = "it's \"on\"\nüber: \u{1b}[2J";
    let send = SendMessage { conversation: Some(Id(23)), body: said.into(), ..SendMessage::default() };
    let [command, curl, node, python] = &sheets(send)[..] else { panic!("four sheets") };
    assert_eq!(
        command, "switchboard send --body $'it\\'s \"on\"\\nüber: \\x1b[2J' --conversation 23",
        "what a terminal would obey is escaped"
    );
    assert_eq!(
        curl,
        "curl -sS -X POST http://127.0.0.1:4000/api/conversations/messages \\\n  \
         -H \"Authorization: Bearer $SWITCHBOARD_TOKEN\" \\\n  \
         -H 'Content-Type: application/json' \\\n  \
         --data '{\n  \"body\": \"it'\\''s \\\"on\\\"\\nüber: \\u001b[2J\",\n  \"conversation\": \"23\"\n}'"
    );
    assert!(
        node.contains(
            "JSON.stringify({\n    body: \"it's \\\"on\\\"\\nüber: \\u001b[2J\",\n    conversation: \"23\",\n  }),"
        ),
        "{node}"
    );
    assert!(python.contains("requests.post(\n    \"http://127.0.0.1:4000/api/conversations/messages\""), "{python}");
}

#[test]
fn paths_options_and_absent_fields() {
    let text =
        TextFromPhone { address: "+14155550123".into(), to: "+14155550100".into(), body: "-x".into(), media: vec![] };
    let [command, curl, ..] = &sheets(text)[..] else { panic!("four sheets") };
    assert_eq!(command, "switchboard phones text +14155550123 --body=-x --to +14155550100");
    assert!(curl.contains("/api/simulator/phones/%2B14155550123/send"), "{curl}");
    let status = SetConversationStatus { id: Id(7), status: Status::Resolved, until: None };
    assert_eq!(sheets(status)[0], "switchboard conversations status 7 --status resolved");
    let clock = AdvanceClock { paused: Some(true), ..AdvanceClock::default() };
    let sheets = sheets(clock);
    assert_eq!(sheets[0], "switchboard clock --paused=true");
    assert!(sheets[3].contains("json={\"paused\": True}"), "{}", sheets[3]);
}

fn upstream(method: &str, product: &str, path: &str, params: &[(&str, &str)]) -> UpstreamView {
    let param = |(name, value): &(&str, &str)| UpstreamParam { name: (*name).into(), value: (*value).into() };
    UpstreamView {
        method: method.into(),
        product: product.into(),
        path: path.into(),
        url: format!("https://{product}.twilio.com{path}"),
        params: params.iter().map(param).collect(),
    }
}

#[test]
fn the_sdks_walk_the_path() {
    let send = upstream(
        "POST",
        "api",
        "/2010-04-01/Accounts/AC1/Messages.json",
        &[("To", "+1"), ("From", "+2"), ("Body", "it's"), ("MediaUrl", "a"), ("StatusCallback", "https://x/?m=1")],
    );
    let [curl, node, python] = &twilio::sheets(&send, false)[..] else { panic!("three sheets") };
    assert_eq!(
        curl.text,
        "curl -sS -X POST https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json \\\n  \
         -u \"$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN\" \\\n  \
         --data-urlencode To=+1 \\\n  --data-urlencode From=+2 \\\n  --data-urlencode 'Body=it'\\''s' \\\n  \
         --data-urlencode MediaUrl=a \\\n  --data-urlencode 'StatusCallback=https://x/?m=1'"
    );
    assert!(
        node.text.ends_with(
            "client.messages\n  .create({\n  to: \"+1\",\n  from: \"+2\",\n  body: \"it's\",\n  mediaUrl: [\"a\"],\n  \
             statusCallback: \"https://x/?m=1\",\n})\n  .then((answer) => console.log(answer.sid, answer.status));"
        ),
        "{}",
        node.text
    );
    assert!(
        python.text.contains(
            "client.messages.create(\n    to=\"+1\",\n    from_=\"+2\",\n    body=\"it's\",\n    media_url=[\"a\"],"
        ),
        "{}",
        python.text
    );
    let mut check =
        upstream("POST", "verify", "/v2/Services/VA1/VerificationCheck", &[("To", "+1"), ("Code", "123456")]);
    check.url = format!("http://127.0.0.1:4001/verify{}", check.path);
    let texts: Vec<String> = twilio::sheets(&check, true).into_iter().map(|s| s.text).collect();
    assert!(texts[1].contains("client.verify.v2.services(\"VA1\").verificationChecks\n"), "{}", texts[1]);
    assert!(texts[2].contains("client.verify.v2.services(\"VA1\").verification_checks.create("), "{}", texts[2]);
    assert!(texts[1].contains("new SandboxRequestClient(\"http://127.0.0.1:4001\")"), "{}", texts[1]);
    assert!(texts[2].contains("http_client=SandboxHttpClient(\"http://127.0.0.1:4001\"),"), "{}", texts[2]);
    assert!(texts.iter().all(|t| !t.contains("123456") && t.contains("CODE")), "{texts:?}");
    let fetch = upstream("GET", "api", "/2010-04-01/Accounts/AC1/Messages/SM1.json", &[]);
    assert!(twilio::sheets(&fetch, false)[1].text.contains("client.messages(\"SM1\")\n  .fetch()"));
}

#[test]
fn words_of_a_shell() {
    let cases = [
        ("", "''"),
        ("plain-1.2/x", "plain-1.2/x"),
        ("$(rm) `x` \"y\"", "'$(rm) `x` \"y\"'"),
        ("a'b", "'a'\\''b'"),
        ("a\tb'c\\", "$'a\\x09b\\'c\\\\'"),
        ("\u{202e}x", "$'\\xe2\\x80\\xaex'"),
    ];
    for (raw, want) in cases {
        assert_eq!(quoted(raw), want);
    }
}
