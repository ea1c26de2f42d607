//! The way inside this process: the core's own handler, with the same replies and errors.

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};

use serde_json::{Map, Value};

use super::{Connection, Failure, Heard};
use crate::api::events::{Cursor, Frame};
use crate::api::{ApiError, Caller, Code, Fields, Operation, Spec};
use crate::core::Core;

/// A node in this process.
#[derive(Clone)]
pub struct Local {
    core: Core,
    caller: Caller,
}

impl Local {
    /// The way to `core` for this caller.
    pub fn new(core: Core, caller: Caller) -> Local {
        Local { core, caller }
    }

    /// Carries out one operation.
    pub async fn call<O: Operation>(&self, operation: O) -> Result<O::Reply, ApiError> {
        let name = O::spec().name;
        let reply = self.core.call(&self.caller, operation.into_request(), None).await?;
        O::from_reply(reply)
            .ok_or_else(|| ApiError::new(Code::Internal, format!("the core answered another operation than {name}")))
    }

    /// Carries out an operation that is known only at run time.
    pub async fn call_raw(&self, spec: &Spec, fields: Map<String, Value>) -> Result<Value, Failure> {
        let request = (spec.decode)(Fields::Json(fields)).map_err(Failure::Refused)?;
        let reply = self.core.call(&self.caller, request, None).await.map_err(Failure::Refused)?;
        serde_json::to_value(&reply)
            .map_err(|e| Failure::Refused(ApiError::new(Code::Internal, format!("the reply cannot be written: {e}"))))
    }

    /// Follows the events until the core stops.
    pub fn events(&self, after: Option<Cursor>) -> BoxStream<'static, Heard> {
        let follow = Follow { way: self.clone(), after, frames: None };
        stream::unfold(follow, |mut follow| async move { follow.next().await.map(|heard| (heard, follow)) }).boxed()
    }
}

struct Follow {
    way: Local,
    after: Option<Cursor>,
    frames: Option<BoxStream<'static, Frame>>,
}

impl Follow {
    async fn next(&mut self) -> Option<Heard> {
        loop {
            let Some(frames) = &mut self.frames else {
                self.frames = Some(self.way.core.events(self.way.caller.clone(), self.after.clone()).boxed());
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
