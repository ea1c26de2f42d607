use super::messages::{NewConversationMessage, Share};
use super::participants::{NewParticipant, conversation_in_use};
use super::*;
use crate::twilio::testing::{Reply, Server, ok};

fn sid(prefix: &str) -> Sid {
    format!("{prefix}000000000000000000000000000000bb").parse().unwrap()
}

fn created(body: &str) -> Reply {
    Reply::Say(201, "", body.to_owned())
}

#[tokio::test]
async fn a_conversation_from_its_start_to_a_receipt() {
    let (ch, mb, im, dy, mg) = (sid("CH"), sid("MB"), sid("IM"), sid("DY"), sid("MG"));
    let conversation = format!(
        r#"{{"sid":"{ch}","messaging_service_sid":"{mg}","friendly_name":null,"attributes":"{{}}","state":"active","timers":{{}},
        "date_created":"2015-12-16T22:18:37Z"}}"#
    );
    let participant = format!(
        r#"{{"sid":"{mb}","identity":null,"messaging_binding":{{"type":"sms","address":"+15558675310","proxy_address":"+15017122661"}}}}"#
    );
    let in_use = format!(
        r#"{{"code":50416,"status":409,"message":"A binding for this participant and proxy address already exists in Conversation {ch}"}}"#
    );
    let message = format!(
        r#"{{"sid":"{im}","index":0,"author":"system","body":null,"media":[{{"sid":"{me}","size":42056,"content_type":"image/jpeg","filename":"car.jpg"}}],
        "attributes":"{{\"m\":\"1\"}}","delivery":{{"total":2,"sent":"all","delivered":"some","read":"none","failed":"none","undelivered":"none"}}}}"#,
        me = sid("ME")
    );
    let list = format!(r#"{{"messages":[{message}],"meta":{{"next_page_url":null}}}}"#);
    let receipts = format!(
        r#"{{"delivery_receipts":[{{"sid":"{dy}","message_sid":"{im}","channel_message_sid":"{sm}","status":"delivered","error_code":0}}],"meta":{{}}}}"#,
        sm = sid("SM")
    );
    let replies = vec![
        created(&conversation),
        created(&participant),
        Reply::Say(409, "", in_use),
        created(&message),
        ok(&list),
        ok(&receipts),
    ];
    let server = Server::start(replies).await;
    let client = server.client();
    let conversations = client.conversations();

    let settings = ConversationSettings {
        messaging_service_sid: Some(mg),
        timer_inactive: Some("PT30M".into()),
        ..ConversationSettings::default()
    };
    let made = conversations.create(&settings).await.unwrap();
    assert_eq!((made.sid, made.state), (ch, Some(ConversationState::Active)));
    let customer = NewParticipant::Customer { address: "+15558675310".into(), proxy_address: "+15017122661".into() };
    let joined = conversations.add_participant(ch, &customer).await.unwrap();
    assert_eq!(joined.messaging_binding.and_then(|binding| binding.kind).as_deref(), Some("sms"));
    let error = conversations.add_participant(ch, &customer).await.unwrap_err();
    assert_eq!(conversation_in_use(&error), Some(ch));

    let new = NewConversationMessage {
        body: Some("Hi".into()),
        attributes: Some(r#"{"m":"1"}"#.into()),
        ..NewConversationMessage::default()
    };
    let sent = conversations.create_message(ch, &new).await.unwrap();
    assert_eq!((sent.body.as_str(), sent.media[0].size), ("", Some(42056)));
    assert_eq!(sent.delivery.and_then(|delivery| delivery.delivered), Some(Share::Some));
    assert_eq!(conversations.messages(ch, true).await.unwrap().items.len(), 1);
    assert_eq!(conversations.receipts(ch, im).await.unwrap().items[0].channel_message_sid, Some(sid("SM")));

    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /conversations/v1/Conversations");
    assert_eq!(seen[0].body, format!("MessagingServiceSid={mg}&Timers.Inactive=PT30M"));
    assert_eq!(seen[1].body, "MessagingBinding.Address=%2B15558675310&MessagingBinding.ProxyAddress=%2B15017122661");
    assert_eq!(seen[3].body, "Body=Hi&Attributes=%7B%22m%22%3A%221%22%7D");
    assert_eq!(seen[4].line, format!("GET /conversations/v1/Conversations/{ch}/Messages?Order=desc&PageSize=100"));
}

#[tokio::test]
async fn configuration_and_webhooks() {
    let hooks = r#"{"pre_webhook_url":null,"post_webhook_url":"https://x.example/c","method":"POST","filters":["onMessageAdded"]}"#;
    let defaults = format!(r#"{{"default_chat_service_sid":"{}","default_inactive_timer":null}}"#, sid("IS"));
    let server = Server::start(vec![ok(&defaults), ok(hooks)]).await;
    let client = server.client();
    let conversations = client.conversations();
    assert_eq!(conversations.configuration().await.unwrap().default_chat_service_sid, Some(sid("IS")));
    let set = conversations.set_webhooks("https://x.example/c", &["onMessageAdded", "onDeliveryUpdated"]);
    assert_eq!(set.await.unwrap().filters, ["onMessageAdded"]);
    let body =
        "PostWebhookUrl=https%3A%2F%2Fx.example%2Fc&Method=POST&Filters=onMessageAdded&Filters=onDeliveryUpdated";
    assert_eq!(server.seen()[1].body, body);
}
