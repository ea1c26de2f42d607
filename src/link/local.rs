//! The way inside this process: the core's own handler, with the same replies and errors.

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};

use serde_json::{Map, Value};

use super::{Connection, Failure, Heard};
use crate::api::events::{Cursor, Frame};
use crate::api::{ApiError, Caller, Code, Fields, Reply, Request, Spec};
use crate::core::Core;

/// A node in this process.
#[derive(Clone)]
pub struct Local {
    pub(super) core: Core,
    pub(super) caller: Caller,
}

impl Local {
    /// The way to `core` for this caller.
    pub fn new(core: Core, caller: Caller) -> Local {
        Local { core, caller }
    }

    pub(super) async fn ask(&self, request: Request) -> Result<Reply, ApiError> {
        self.core.call(&self.caller, request, None).await
    }

    /// Carries out an operation that is known only at run time.
    pub async fn call_raw(&self, spec: &Spec, fields: Map<String, Value>) -> Result<Value, Failure> {
        let request = (spec.decode)(Fields::json(fields)).map_err(Failure::Refused)?;
        let reply = self.core.call(&self.caller, request, None).await.map_err(Failure::Refused)?;
        reply
            .to_json()
            .map_err(|e| Failure::Refused(ApiError::new(Code::Internal, format!("the reply cannot be written: {e}"))))
    }

    /// Follows the events until the core stops.
    pub fn events(&self, after: Option<Cursor>) -> BoxStream<'static, Heard> {
        Follow { way: self.clone(), after, webhooks: false, frames: None }.stream()
    }

    /// The same, with the webhooks that are answered meanwhile.
    pub fn watch(&self, after: Option<Cursor>) -> BoxStream<'static, Heard> {
        Follow { way: self.clone(), after, webhooks: true, frames: None }.stream()
    }
}

struct Follow {
    way: Local,
    after: Option<Cursor>,
    webhooks: bool,
    frames: Option<BoxStream<'static, Frame>>,
}

impl Follow {
    fn stream(self) -> BoxStream<'static, Heard> {
        stream::unfold(self, |mut follow| async move { follow.next().await.map(|heard| (heard, follow)) }).boxed()
    }

    async fn next(&mut self) -> Option<Heard> {
        loop {
            let Some(frames) = &mut self.frames else {
                let Local { core, caller } = &self.way;
                if core.stopping().is_cancelled() {
                    return None;
                }
                // A caller who may not see them hears the events alone.
                let tap = if self.webhooks { core.tap(caller).ok() } else { None };
                self.frames = Some(core.events_while(caller.clone(), self.after.clone(), tap, || true).boxed());
                return Some(Heard::Connection(Connection::Live));
            };
            match frames.next().await {
                Some(frame) => {
                    self.after = frame.cursor().cloned().or(self.after.take());
                    return Some(Heard::Frame(frame));
                }
                None if self.way.core.stopping().is_cancelled() => return None,
                None => {
                    // The store could not be read: say so, wait a little, go on behind the last frame.
                    self.frames = None;
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                }
            }
        }
    }
}
