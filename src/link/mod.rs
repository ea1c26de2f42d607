//! How a console or a command reaches a node: in this process, or over HTTP.
//!
//! Both ways take the same operations and give the same replies and errors. It knows nothing of
//! screens.

pub mod local;
pub mod remote;

use futures_util::stream::BoxStream;

use crate::api::events::{Cursor, Frame};
use crate::api::{ApiError, Operation};

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

/// A way to a node. Cheap to clone.
#[derive(Clone)]
pub enum Link {
    /// In this process.
    Local(Local),
    /// Over HTTP.
    Remote(Remote),
}

impl Link {
    /// Carries out one operation.
    pub async fn call<O: Operation>(&self, operation: O) -> Result<O::Reply, ApiError> {
        match self {
            Link::Local(local) => local.call(operation).await,
            Link::Remote(remote) => remote.call(operation).await,
        }
    }

    /// Follows the events after `after` (after the present when absent), for ever: a lost connection
    /// is reported and taken up again where it broke off.
    pub fn events(&self, after: Option<Cursor>) -> BoxStream<'static, Heard> {
        match self {
            Link::Local(local) => local.events(after),
            Link::Remote(remote) => remote.events(after),
        }
    }
}
