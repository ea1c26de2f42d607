//! The event stream, read by a program.

use eventsource_stream::Eventsource;
use futures_util::StreamExt;
use serde_json::Value;
use switchboard::api::events::{Cursor, Frame};

use crate::api::{Api, runtime};
use crate::home::PATIENCE;

/// Where the feed stands now.
pub fn cursor(api: &Api) -> String {
    api.get("/api/conversations?limit=1")["asOf"].as_str().unwrap().to_owned()
}

/// Everything after a cursor, up to the present.
pub fn events(api: &Api, after: &str) -> Vec<Value> {
    runtime().block_on(async {
        let read = async {
            let answer = api.stream(after).await;
            assert_eq!(answer.status(), 200);
            let mut frames = answer.bytes_stream().eventsource();
            let mut events = Vec::new();
            loop {
                let frame = frames.next().await.expect("the stream ended").unwrap();
                match serde_json::from_str::<Frame>(&frame.data).unwrap() {
                    Frame::Event(_) => events.push(serde_json::from_str(&frame.data).unwrap()),
                    Frame::CaughtUp { .. } => return events,
                    Frame::Reset { .. } => panic!("the cursor from before the kill is not good any more"),
                    Frame::Clock { .. } | Frame::Webhook(_) | Frame::Presence(_) | Frame::Handset { .. } => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, read).await.expect("the feed never caught up")
    })
}

/// Follows a lane by its cursors: each event is the next one.
pub fn has_no_gap(after: &str, events: &[Value]) {
    let mut before: Cursor = after.parse().unwrap();
    for event in events {
        let now: Cursor = event["cursor"].as_str().unwrap().parse().unwrap();
        assert_eq!(now.epoch, before.epoch, "the store is another one");
        let moved: u64 = now.lanes.iter().zip(&before.lanes).map(|(n, b)| n.checked_sub(*b).unwrap()).sum();
        assert_eq!(moved, 1, "the numbers do not count up by one before {event}");
        before = now;
    }
}
