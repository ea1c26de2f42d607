//! Known signatures: those that Twilio's own helper libraries are tested with.

use super::*;
use crate::twilio::form::Form;

const TOKEN: &str = "12345";
const U: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
const P: &str = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";
const JSON: &str = r#"{"property": "value", "boolean": true}"#;
const JSON_HASH: &str = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
const EMPTY_HASH: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

enum Sent<'a> {
    Nothing,
    Form(&'a str),
    Raw(&'a str),
}
use Sent::{Form as F, Nothing, Raw};

/// Checks as the receiver does: the URL is taken apart and put together again in all its forms.
fn check(url: &str, sent: &Sent<'_>, signature: Option<&str>) -> Result<Match, Box<Refusal>> {
    let at = url.find("://").unwrap() + 3;
    let path_at = at + url[at..].find('/').unwrap();
    let (path, query) = url[path_at..].split_once('?').unwrap_or((&url[path_at..], ""));
    let urls = candidates(Some(&url[..path_at]), path, query, None);
    let tokens = [Token::new("another token"), Token::new(TOKEN)];
    match sent {
        Nothing => verify(&tokens, urls, Body::Empty, signature),
        Raw(body) => verify(&tokens, urls, Body::Raw(body.as_bytes()), signature),
        F(body) => verify(&tokens, urls, Body::Form(Form::parse(body.as_bytes()).pairs()), signature),
    }
}

#[test]
fn every_known_signature_is_accepted() {
    let with_hash = format!("{U}&bodySHA256={JSON_HASH}");
    let only_hash = format!("https://mycompany.com/myapp.php?bodySHA256={JSON_HASH}");
    let empty_hash = format!("{U}&bodySHA256={EMPTY_HASH}");
    let special = "Message=Hello+%26+goodbye%21+%40%23%24%25%5E%2A%28%29&From=%2B1+%28415%29+867-5309&Special=unicode%3A+%C3%B1%C3%A1%C3%A9%C3%AD%C3%B3%C3%BA";
    let conference = format!("{P}&ReasonConferenceEnded=test&Reason=Participant");
    let two = "MessagingBinding.Address=%2B1325xxxxxxx&MessagingBinding.Address=%2B1415xxxxxxx";
    let two_turned = "MessagingBinding.Address=%2B1415xxxxxxx&MessagingBinding.Address=%2B1325xxxxxxx";
    let apostrophe = format!("{U}&Body=It's+amazing");
    #[rustfmt::skip]
    let cases: &[(&str, &str, Sent<'_>, &str)] = &[
        ("1", U, F(P), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("2", U, F("Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234"), "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
        ("3", U, F(P), "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("4", "http://mycompany.com/myapp.php?foo=1&bar=2", F(P), "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        ("5", "http://mycompany.com:1234/myapp.php?foo=1&bar=2", F(P), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        ("6", "https://mycompany.com:1234/myapp.php?foo=1&bar=2", F(P), "CYn1h0gLBdNxDGkKJg6hYohgeD8="),
        ("6 without the port", "https://mycompany.com:1234/myapp.php?foo=1&bar=2", F(P), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("7", &with_hash, Raw(JSON), "a9nBmqA0ju/hNViExpshrM61xv4="),
        ("8", &only_hash, Raw(JSON), "y77kIzt2vzLz71DgmJGsen2scGs="),
        ("9", &empty_hash, Raw("{}"), "Ldidvp12m26NI7eqEvxnEpkd9Hc="),
        ("10", U, Nothing, "zYQTYrRWXE7LtzbG4PfP7/bkkGo="),
        ("11", "https://mycompany.com/myapp.php", F(P), "1xaxFBvyzXYvWplzNOSs28HWO94="),
        ("12", "https://mycompany.com/myapp.php?foo=hello%20world&bar=test%2Bvalue", F(P), "er2tvAP1Wx+iuTTE2BPgvEaN1cs="),
        ("13", U, F(special), "dCPiR4WtQ6QFN6pJh81CtlCcWLQ="),
        ("14", U, F("Digits=&CallSid=CA1234567890ABCDE&EmptyParam="), "9HHp/OqQMEwdrVebHDdA/+tqjX8="),
        ("15", U, F("Zebra=last&Alpha=first&Beta=second&Gamma=third"), "enveUe73ZTVLAekHxez3Qx6JuuQ="),
        ("16", U, F("callSid=lowercase&CallSid=uppercase&CALLSID=allcaps"), "jDK7WKT8wiNrwggd4ceTv4e1MJ4="),
        ("17", "https://user:pass@mycompany.com/myapp.php?foo=1&bar=2", F(P), "CukzLTc1tT5dXEDIHm/tKBanW10="),
        ("18", "https://user:pass@mycompany.com/myapp.php?foo=1&bar=2", F(P), "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI="),
        ("19", "https://user@mycompany.com/myapp.php?foo=1&bar=2", F(P), "2YRLlVAflCqxaNicjMpJcSTgzSs="),
        ("19 with the port", "https://user@mycompany.com/myapp.php?foo=1&bar=2", F(P), "aZfj4hyX1MLZhSS6QIL18Vn2/RA="),
        ("20", &apostrophe, F(P), "TfZzewPq8wqrGlMfyAud8+/IvJ0="),
        ("21", U, F(two), "83O6e2vORAoJHUNzJjDWN1jz+BA="),
        ("21 turned", U, F(two_turned), "83O6e2vORAoJHUNzJjDWN1jz+BA="),
        ("22", U, F(&conference), "vOEb5UThFn24KEfnOFLQY2AE5FY="),
        ("23", U, F("property=value&boolean=true"), "NBdBDr/T/lgjI+tlgpXjKZQZs/k="),
        ("24", "https://MyCompany.com/myapp.php?foo=1&bar=2", F(P), "g9IN/x4Cft2g517EjYvEvM/W7LU="),
        ("25", "https://mycompany.com/webhook/España?año=2023", F(P), "G/Hx6mqqnjUNlPAoi2Sp9bGst0g="),
    ];
    for (name, url, sent, signature) in cases {
        let found = check(url, sent, Some(signature));
        assert_eq!(found.as_ref().map(|found| found.token), Ok(1), "vector {name}: {found:?}");
    }
}

#[test]
fn what_must_fail_fails_and_says_why() {
    let conference = format!("{P}&ReasonConferenceEnded=test&Reason=Participant");
    let with_hash = format!("{U}&bodySHA256={JSON_HASH}");
    let good = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
    #[rustfmt::skip]
    let cases: &[(&str, Sent<'_>, Option<&str>, Reason)] = &[
        (U, Raw(JSON), Some(good), Reason::BodyHashMissing),
        (U, F(&conference), Some("95+Bu0JVPi0r/SsESZCVf0dWAjw="), Reason::Mismatch),
        (&with_hash, Raw("{}"), Some("a9nBmqA0ju/hNViExpshrM61xv4="), Reason::BodyHashMismatch),
        (U, F("CallSid=CA1"), Some(good), Reason::Mismatch),
        (U, F(P), None, Reason::MissingHeader),
        (U, F(P), Some(""), Reason::NotBase64),
        (U, F(P), Some("RSOYDt4T1cUTdK1PDd93/VVr8B8"), Reason::NotBase64),
        (U, F(P), Some("!!OYDt4T1cUTdK1PDd93/VVr8B8="), Reason::NotBase64),
        (U, F(P), Some("RSOYDt4T1cUTdK1PDd93/VVr8B80"), Reason::NotBase64),
    ];
    for (url, sent, signature, reason) in cases {
        let refusal = check(url, sent, *signature).expect_err("must be refused");
        assert_eq!(refusal.reason, *reason, "{signature:?}");
        assert!(!refusal.to_string().is_empty());
    }
    let none = verify(&[], [U], Body::Empty, Some(good)).expect_err("no token");
    assert_eq!(none.reason, Reason::NoToken);
}

#[test]
fn a_refusal_shows_each_form_and_what_it_would_have_given() {
    let refusal = check(U, &F(P), Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")).expect_err("must be refused");
    let ours: Vec<_> = refusal.attempts.iter().filter(|attempt| attempt.token == 1).collect();
    assert_eq!(ours[0].expected, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    assert_eq!(ours[1].expected, "kvajT1Ptam85bY51eRf/AJRuM3w=");
    assert!(refusal.signed(ours[0]).starts_with("https://mycompany.com/myapp.php?foo=1&bar=2CallSidCA1234567890ABCDE"));
    assert_eq!(refusal.received.as_deref(), Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA="));
}

#[test]
fn signing_is_the_inverse_of_checking() {
    let made = sign(TOKEN, U, [("Digits", "5678"), ("Digits", "1234"), ("Sid", "CA123"), ("SidAccount", "AC123")]);
    assert_eq!(made, "IK+Dwps556ElfBT0I3Rgjkr1wJU=");
    assert_eq!(sha256_hex(b"{}"), EMPTY_HASH);
    assert_eq!(format!("{:?}", Token::new(TOKEN)), "Token(***)");
}
