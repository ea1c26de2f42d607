//! Reading the event stream.

use std::pin::Pin;
use std::time::Duration;

use eventsource_stream::{Event, Eventsource};
use futures_util::{Stream, StreamExt};
use serde_json::Value;

use crate::node::Node;

type Frames = Pin<Box<dyn Stream<Item = Event> + Send>>;

/// An open stream.
pub struct Reader(Frames);

/// A frame.
#[derive(Debug, Clone)]
pub struct Frame {
    pub name: String,
    pub id: String,
    pub data: Value,
}

impl Reader {
    /// The next frame; `None` when the stream ended.
    pub async fn next(&mut self) -> Option<Frame> {
        let event = tokio::time::timeout(Duration::from_secs(20), self.0.next()).await.expect("a frame or an end")?;
        let data = serde_json::from_str(&event.data).unwrap();
        Some(Frame { name: event.event, id: event.id, data })
    }

    /// The frames up to the next "caught up".
    pub async fn caught_up(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        loop {
            let frame = self.next().await.expect("the stream goes on");
            if frame.name == "caughtUp" {
                return frames;
            }
            frames.push(frame);
        }
    }

    /// The next event of this kind; others are passed over.
    pub async fn event(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await.expect("the stream goes on");
            if frame.name == "event" && frame.data["kind"] == kind {
                return frame.data;
            }
        }
    }

    /// Whether the stream ends, whatever comes before.
    pub async fn ends(&mut self) {
        while self.next().await.is_some() {}
    }
}

impl Node {
    /// Opens the stream with the session token.
    pub async fn events(&self, after: Option<&str>) -> Reader {
        self.events_as(self.core.session_token(), after).await
    }

    /// Opens the stream with a token.
    pub async fn events_as(&self, token: &str, after: Option<&str>) -> Reader {
        let path = after.map_or("/api/events".to_owned(), |after| format!("/api/events?after={after}"));
        self.stream(token, &path).await
    }

    /// Opens a stream by its path.
    pub async fn stream(&self, token: &str, path: &str) -> Reader {
        let response = self.request("GET", path).bearer_auth(token).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let events = response.bytes_stream().eventsource();
        // A connection that breaks is an end, too.
        Reader(Box::pin(
            events.take_while(|e| std::future::ready(e.is_ok())).filter_map(|e| std::future::ready(e.ok())),
        ))
    }
}
