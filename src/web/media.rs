//! Files beside the table: up from agents, down to them, and out to Twilio under addresses that nobody guesses.

use tokio_util::io::ReaderStream;
use warp::http::{HeaderValue, Method, StatusCode};
use warp::reply::{Reply, Response};

use super::request::{Incoming, Request};
use super::{Shared, auth, rest};
use crate::api::{ApiError, Code};
use crate::core::media::{Content, Upload};
use crate::domain::id::Id;
use crate::domain::media::LARGEST_OUT;

/// A file may take so many times as long as any other body.
const PATIENCE: u32 = 4;

/// Takes a file in: the body is the file, `?name=` what it is called.
pub(super) async fn upload(shared: &Shared, request: Request, body: Incoming) -> Response {
    match take(shared, &request, body).await {
        Ok(file) => rest::json(StatusCode::OK, &file),
        Err(e) => rest::problem(&e),
    }
}

async fn take(shared: &Shared, request: &Request, body: Incoming) -> Result<crate::api::media::FileView, ApiError> {
    if request.method != Method::POST {
        return Err(ApiError::new(Code::MethodNotAllowed, "only POST is possible here"));
    }
    let caller = auth::caller(shared, request).await?;
    let query = |wanted: &str| {
        let mut pairs = url::form_urlencoded::parse(request.query.as_bytes());
        pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    let business = query("business").map(|id| id.parse::<Id>().map_err(|e| ApiError::field("business", e.to_string())));
    let content_type = request.header("content-type").map(str::to_owned);
    let (business, name) = (business.transpose()?, query("name"));
    let key = rest::key(request)?.map(str::to_owned);
    let most = usize::try_from(LARGEST_OUT).unwrap_or(usize::MAX);
    let bytes = body.whole(most, shared.options.body_time * PATIENCE).await?;
    shared.core.upload(&caller, Upload { business, name, content_type, key, bytes }).await
}

/// The message and the place that the path of a file's bytes names.
pub(super) fn content_at(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("/api/messages/")?.strip_suffix("/content")?.split_once("/media/")
}

/// Sends a file of a message to who may see it.
pub(super) async fn content(shared: &Shared, request: &Request, message: &str, index: &str) -> Response {
    let opened = async {
        only_reads(request)?;
        let caller = auth::caller(shared, request).await?;
        let nothing = || ApiError::not_found(format!("media {index} of message {message}"));
        let message: Id = message.parse().map_err(|_| nothing())?;
        shared.core.content(&caller, message, index.parse().map_err(|_| nothing())?).await
    };
    match opened.await {
        Ok(content) => sent(request, content),
        Err(e) => rest::problem(&e),
    }
}

/// Sends a file to whoever knows its address: Twilio, for some hours.
pub(super) async fn served(shared: &Shared, request: &Request, ticket: &str) -> Response {
    if let Err(e) = only_reads(request) {
        return rest::problem(&e);
    }
    match shared.core.served(ticket).await {
        Some(content) => sent(request, content),
        None => rest::problem(&ApiError::new(Code::NotFound, "there is no file here, or not any more")),
    }
}

fn only_reads(request: &Request) -> Result<(), ApiError> {
    match request.method == Method::GET || request.method == Method::HEAD {
        true => Ok(()),
        false => Err(ApiError::new(Code::MethodNotAllowed, "only GET and HEAD are possible here")),
    }
}

fn sent(request: &Request, content: Content) -> Response {
    let Content { content_type, size, name, digest, file } = content;
    let mut response = match request.method == Method::HEAD {
        true => warp::reply().into_response(),
        false => warp::reply::stream(ReaderStream::new(file)).into_response(),
    };
    let headers = response.headers_mut();
    // Whatever a stranger sent stays a file: no browser shows it as a page, or guesses what it is.
    for (name, value) in [
        ("content-type", content_type),
        ("content-length", size.to_string()),
        ("content-disposition", format!("attachment; filename=\"{name}\"")),
        ("x-content-type-options", "nosniff".to_owned()),
        ("content-security-policy", "default-src 'none'; sandbox".to_owned()),
        ("cache-control", "private, no-store".to_owned()),
        ("etag", digest.map(|digest| format!("\"{digest}\"")).unwrap_or_default()),
    ] {
        if let (false, Ok(value)) = (value.is_empty(), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    response
}
