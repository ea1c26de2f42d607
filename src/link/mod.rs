//! How a console or a command reaches a node: in this process, or over HTTP.
//!
//! Both ways take the same operations and give the same replies and errors. It knows nothing of
//! screens.

pub mod attached;
pub mod files;
pub mod local;
pub mod remote;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use serde_json::{Map, Value};

use crate::api::events::{Cursor, Frame};
use crate::api::{ApiError, Code, Operation, Reply, Request, Spec};

pub use attached::Attached;
pub use files::{Content, Sending};
pub use local::Local;
pub use remote::Remote;

/// How the connection to the node is: a state to show, never an error to stop at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// Trying to reach it.
    Connecting,
    /// Reached; events flow.
    Live,
    /// Lost: what is shown may be old. The sentence says why.
    Stale(String),
}

/// What following the events brings.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// A frame of the feed.
    Frame(Frame),
    /// The connection changed.
    Connection(Connection),
}

/// Why a call brought no reply.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// Nobody answered, or the answer was lost on its way: whether it was done is not known.
    #[error("{0}")]
    Lost(ApiError),
    /// The node answered no.
    #[error("{0}")]
    Refused(ApiError),
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> ApiError {
        match failure {
            Failure::Lost(e) | Failure::Refused(e) => e,
        }
    }
}

/// A way to a node. Cheap to clone.
#[derive(Clone)]
pub enum Link {
    /// In this process.
    Local(Local),
    /// Over HTTP.
    Remote(Remote),
    /// To whichever node owns this machine's store.
    Attached(Attached),
}

impl Link {
    /// Carries out one operation.
    pub fn call<O: Operation>(&self, operation: O) -> impl Future<Output = Result<O::Reply, ApiError>> + Send + use<O> {
        // Only the ends know the operation: what lies between exists once, not once for each.
        let asked = self.clone().ask(operation.into_request());
        async move { asked.await.and_then(of_its_kind::<O>) }
    }

    /// Carries out an operation that is known as one of all requests.
    pub fn ask(self, request: Request) -> BoxFuture<'static, Result<Reply, ApiError>> {
        async move {
            match self {
                Link::Local(local) => local.ask(request).await,
                Link::Remote(remote) => remote.ask(request).await,
                Link::Attached(attached) => attached.ask(request).await,
            }
        }
        .boxed()
    }

    /// Carries out an operation that is known only at run time, with its fields as JSON.
    pub async fn call_raw(&self, spec: &Spec, fields: Map<String, Value>) -> Result<Value, Failure> {
        match self {
            Link::Local(local) => local.call_raw(spec, fields).await,
            Link::Remote(remote) => remote.call_raw(spec, fields).await,
            Link::Attached(attached) => attached.call_raw(spec, fields).await,
        }
    }

    /// Follows the events after `after` (after the present when absent), for ever: a lost connection
    /// is reported and taken up again where it broke off.
    pub fn events(&self, after: Option<Cursor>) -> BoxStream<'static, Heard> {
        match self {
            Link::Local(local) => local.events(after),
            Link::Remote(remote) => remote.events(after),
            Link::Attached(attached) => attached.events(after),
        }
    }

    /// The same, with the webhooks that are answered meanwhile.
    pub fn watch(&self, after: Option<Cursor>) -> BoxStream<'static, Heard> {
        match self {
            Link::Local(local) => local.watch(after),
            Link::Remote(remote) => remote.watch(after),
            Link::Attached(attached) => attached.watch(after),
        }
    }
}

/// The reply as this operation's own.
fn of_its_kind<O: Operation>(reply: Reply) -> Result<O::Reply, ApiError> {
    O::from_reply(reply).ok_or_else(|| another(O::spec().name))
}

fn another(name: &str) -> ApiError {
    ApiError::new(Code::Internal, format!("the node answered another operation than {name}"))
}
