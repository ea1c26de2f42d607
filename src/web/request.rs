//! A request as it came, with its body still on the way.

use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use warp::Filter;
use warp::http::{HeaderMap, Method};
use warp::path::FullPath;

use crate::api::{ApiError, Code};

/// A body that is still on its way. Apart from its request, so that this can be shared meanwhile.
pub(crate) struct Incoming(Pin<Box<dyn Stream<Item = Result<Bytes, warp::Error>> + Send>>);

/// See the module.
pub(crate) struct Request {
    /// The method.
    pub method: Method,
    /// The raw path, still percent-encoded: signatures cover it as it is.
    pub path: String,
    /// The raw query; empty when there is none.
    pub query: String,
    /// All headers.
    pub headers: HeaderMap,
    /// Who is at the other end of the connection.
    pub peer: Option<SocketAddr>,
}

/// Takes any request.
pub(super) fn any() -> impl Filter<Extract = (Request, Incoming), Error = warp::Rejection> + Clone {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    warp::method()
        .and(warp::path::full())
        .and(query)
        .and(warp::header::headers_cloned())
        .and(warp::addr::remote())
        .map(|method, path: FullPath, query, headers, peer| Request {
            method,
            path: path.as_str().to_owned(),
            query,
            headers,
            peer,
        })
        .and(warp::body::stream().map(pin))
}

fn pin<B: Buf>(body: impl Stream<Item = Result<B, warp::Error>> + Send + 'static) -> Incoming {
    Incoming(Box::pin(body.map(|part| part.map(|mut part| part.copy_to_bytes(part.remaining())))))
}

impl Request {
    /// A header as text; `None` when it is absent or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }
}

impl Incoming {
    /// The whole body, at most `limit` bytes, within `time`.
    pub async fn whole(mut self, limit: usize, time: Duration) -> Result<Bytes, ApiError> {
        let read = async {
            let mut first: Option<Bytes> = None;
            let mut rest = BytesMut::new();
            while let Some(part) = self.0.next().await {
                let part = part.map_err(|_| ApiError::new(Code::InvalidInput, "the body broke off"))?;
                let have = rest.len() + first.as_ref().map_or(0, Bytes::len);
                if have + part.len() > limit {
                    let detail = format!("the body is larger than {limit} bytes");
                    return Err(ApiError::new(Code::TooLarge, detail));
                }
                // Nearly every body comes in one piece, which then is not copied.
                match (&first, rest.is_empty()) {
                    (None, true) => first = Some(part),
                    (Some(start), true) => {
                        rest.extend_from_slice(start);
                        rest.extend_from_slice(&part);
                        first = None;
                    }
                    _ => rest.extend_from_slice(&part),
                }
            }
            Ok(first.unwrap_or_else(|| rest.freeze()))
        };
        let late = || ApiError::new(Code::InvalidInput, "the body did not arrive in time");
        tokio::time::timeout(time, read).await.map_err(|_| late())?
    }
}
