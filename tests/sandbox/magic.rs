//! Test credentials and their magic numbers.

use serde_json::{Value, json};

use crate::support::{NUMBER, World, text};

async fn call(world: &World, method: &str, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
    let (sid, token) = (text(&world.state, "testAccountSid"), text(&world.state, "testAuthToken"));
    let url = format!("{}/api/2010-04-01/Accounts/{sid}{path}", world.base);
    let request = world.client.request(method.parse().unwrap(), url).basic_auth(sid, Some(token));
    let answer = if form.is_empty() { request } else { request.form(form) }.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn magic_numbers_give_each_error() {
    let world = World::new(42).await;
    let good = "+15005550006";
    for (from, code) in [("+15005550001", 21212), ("+15005550007", 21606), ("+15005550008", 21611), (NUMBER, 21606)] {
        let (status, body) =
            call(&world, "POST", "/Messages.json", &[("From", from), ("To", "+14155550123"), ("Body", "x")]).await;
        assert_eq!((status, &body["code"]), (400, &json!(code)), "{from}");
    }
    for (to, code) in [
        ("+15005550001", 21211),
        ("+15005550002", 21612),
        ("+15005550003", 21408),
        ("+15005550004", 21610),
        ("+15005550009", 21614),
    ] {
        let (status, body) = call(&world, "POST", "/Messages.json", &[("From", good), ("To", to), ("Body", "x")]).await;
        assert_eq!((status, &body["code"]), (400, &json!(code)), "{to}");
    }
    let (status, body) =
        call(&world, "POST", "/Messages.json", &[("From", good), ("To", "+14155550123"), ("Body", "x")]).await;
    assert_eq!((status, &body["status"]), (201, &json!("queued")));
    world.advance(5.0).await;
    assert!(world.phone("+14155550123").await.is_empty());
    world.end().await;
}

#[tokio::test]
async fn magic_purchases_and_nothing_else() {
    let world = World::new(42).await;
    for (name, value, code) in
        [("PhoneNumber", "+15005550000", 21422), ("PhoneNumber", "+15005550001", 21421), ("AreaCode", "533", 21452)]
    {
        let (status, body) = call(&world, "POST", "/IncomingPhoneNumbers.json", &[(name, value)]).await;
        assert_eq!((status, &body["code"]), (400, &json!(code)), "{value}");
    }
    for form in [[("PhoneNumber", "+15005550006")], [("AreaCode", "500")]] {
        let (status, body) = call(&world, "POST", "/IncomingPhoneNumbers.json", &form).await;
        assert_eq!((status, &body["phone_number"]), (201, &json!("+15005550006")));
    }
    let (status, body) = call(&world, "GET", "/Messages.json", &[]).await;
    assert_eq!((status, &body["code"]), (403, &json!(20008)));
    world.end().await;
}
