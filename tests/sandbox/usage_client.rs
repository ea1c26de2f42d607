//! Our own client against the sandbox: usage, triggers, prices, the balance, alerts.

use futures_util::TryStreamExt;
use rust_decimal::Decimal;
use switchboard::twilio::alerts::{AlertFilter, LogLevel};
use switchboard::twilio::messages::NewMessage;
use switchboard::twilio::usage::{NewTrigger, Period, UsageFilter};
use switchboard::twilio::wire::date;
use switchboard::twilio::{Base, Client, Config, Credential};

use crate::support::{MARIA, NUMBER, World};

fn client(world: &World) -> Client {
    let base = Base::At(world.base.parse().unwrap());
    let credential = Credential::AuthToken(world.token.clone().into());
    Client::new(Config::new(base, world.account.parse().unwrap(), credential)).unwrap()
}

async fn send(client: &Client) -> Decimal {
    let new =
        NewMessage { to: MARIA.into(), from: Some(NUMBER.into()), body: Some("Hi".into()), ..NewMessage::default() };
    client.messages().create(&new).await.unwrap();
    let prices = client.pricing().messaging("US").await.unwrap();
    let local = prices.outbound_sms_prices[0].prices.iter().find(|price| price.number_type == "local");
    local.unwrap().current_price.unwrap()
}

#[tokio::test]
async fn days_are_read_page_by_page_and_add_up_to_the_prices() {
    let world = World::new(42).await;
    let client = client(&world);
    let mut paid = send(&client).await;
    world.advance(86_400.0).await;
    paid += send(&client).await + send(&client).await;
    world.advance(86_400.0).await;

    let filter = UsageFilter {
        category: Some("sms-outbound".into()),
        from: date("2026-03-02"),
        to: date("2026-03-04"),
        page_size: Some(2),
        ..UsageFilter::default()
    };
    let first = client.usage().records(&Period::Daily, &filter).await.unwrap();
    assert!(first.has_next());
    let rows: Vec<_> = client.rows(first).try_collect().await.unwrap();
    let days: Vec<_> = rows.iter().map(|row| (row.start_date, row.count)).collect();
    let day = |day: &str, count: u32| (date(day), Some(Decimal::from(count)));
    assert_eq!(days, [day("2026-03-04", 0), day("2026-03-03", 2), day("2026-03-02", 1)]);
    assert_eq!(rows.iter().filter_map(|row| row.price).sum::<Decimal>(), paid);
    let whole = UsageFilter { page_size: Some(1000), ..UsageFilter::default() };
    let all = client.usage().records(&Period::AllTime, &whole).await.unwrap();
    let total = all.items.iter().find(|row| row.category == "totalprice").unwrap();
    assert_eq!((total.price, total.count), (Some(paid), None));
    let left = client.accounts().balance().await.unwrap();
    assert_eq!(left.balance, Some(Decimal::ONE_HUNDRED - paid));
    assert_eq!(client.pricing().numbers("US").await.unwrap().price_unit.as_deref(), Some("USD"));
    assert!(client.pricing().messaging_countries().await.unwrap().items.len() > 20);
    assert!(client.pricing().messaging("XX").await.unwrap_err().is_not_found());
    world.end().await;
}

#[tokio::test]
async fn triggers_are_made_read_and_deleted() {
    let world = World::new(42).await;
    let client = client(&world);
    let new = NewTrigger {
        callback_url: "https://desk.example/usage".into(),
        trigger_value: "+5".into(),
        usage_category: "sms".into(),
        trigger_by: Some("count".into()),
        recurring: Some("monthly".into()),
        friendly_name: Some("Many".into()),
    };
    send(&client).await;
    world.advance(5.0).await;
    let made = client.usage().create_trigger(&new).await.unwrap();
    assert_eq!((made.trigger_value, made.current_value), (Some(Decimal::from(6)), Some(Decimal::ONE)));
    assert_eq!(client.usage().trigger(made.sid).await.unwrap().recurring.as_deref(), Some("monthly"));
    assert_eq!(client.usage().triggers().await.unwrap().items.len(), 1);
    client.usage().delete_trigger(made.sid).await.unwrap();
    assert!(client.usage().trigger(made.sid).await.unwrap_err().is_not_found());
    let wrong = NewTrigger { usage_category: "nothing".into(), ..new };
    let refused = client.usage().create_trigger(&wrong).await.unwrap_err();
    assert_eq!(refused.code(), Some(20001));

    // The refusal is an alert.
    let filter = AlertFilter { level: Some(LogLevel::Error), ..AlertFilter::default() };
    let page = client.alerts().list(&filter).await.unwrap();
    let [alert] = &page.items[..] else { panic!("one alert") };
    assert_eq!((alert.error_code, alert.response_body.as_ref()), (Some(20001), None));
    let whole = client.alerts().fetch(alert.sid).await.unwrap();
    assert!(whole.request_variables.unwrap().contains("UsageCategory=nothing"));
    assert!(whole.response_body.unwrap().contains("Invalid UsageCategory"));
    world.end().await;
}
