//! The REST API: a request becomes an operation of the table, its reply JSON; that of a report is the file.

use serde::Serialize;
use serde_json::{Map, Value, json};
use warp::http::{HeaderValue, StatusCode};
use warp::reply::{Reply, Response};

use super::request::{Incoming, Request};
use super::{Shared, auth};
use crate::api::report::Report;
use crate::api::{ApiError, Caller, Code, Fields, Spec, route};
use crate::core::change::Once;

/// The largest body of a REST call, in bytes.
const BODY_LIMIT: usize = 1 << 20;

/// Answers one call.
pub(super) async fn answer(shared: &Shared, request: Request, body: Incoming) -> Response {
    match call(shared, request, body).await {
        Ok(crate::api::Reply::GetReport(report)) => file(report),
        Ok(reply) => json(StatusCode::OK, &reply),
        Err(e) => problem(&e),
    }
}

/// A report is a file, in its own media type.
fn file(report: Report) -> Response {
    let disposition = report.disposition();
    let mut response = warp::reply::with_status(report.text, StatusCode::OK).into_response();
    for (name, value) in [
        ("content-type", report.content_type.as_str()),
        ("content-disposition", &disposition),
        ("x-content-type-options", "nosniff"),
        // Its style and its charts are inside; it runs nothing and fetches nothing.
        ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
        ("cache-control", "private, no-store"),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn call(shared: &Shared, request: Request, body: Incoming) -> Result<crate::api::Reply, ApiError> {
    let (spec, in_path) = route(request.method.as_str(), &request.path).map_err(|other_method| {
        if other_method {
            ApiError::new(Code::MethodNotAllowed, format!("{} is not possible here", request.method))
        } else {
            ApiError::not_found(format!("operation at {}", request.path))
        }
    })?;
    let caller = auth::caller(shared, &request).await?;
    let body = body.whole(BODY_LIMIT, shared.options.body_time).await?;
    let once = once(&request, spec, &caller, &body)?;
    let version = version(&request, spec)?;
    let in_query = url::form_urlencoded::parse(request.query.as_bytes()).into_owned();
    let mut fields = Fields { texts: in_query.chain(in_path).collect(), body: Map::new() };
    if !spec.method.is_bodiless() {
        fields.body = object(&body)?;
    }
    if let Some(version) = version {
        fields.texts.push(("version".into(), version.to_string()));
    }
    let operation = (spec.decode)(fields)?;
    shared.core.call(&caller, operation, once).await
}

/// The version in `If-Match`. An operation that compares none must not seem to.
fn version(request: &Request, spec: &Spec) -> Result<Option<u64>, ApiError> {
    let bad = |detail: String| ApiError { field: Some("if-match".into()), ..ApiError::new(Code::InvalidInput, detail) };
    let version = match request.header("if-match") {
        None | Some("*") => return Ok(None),
        Some(version) => version.trim_matches('"').parse::<u64>(),
    };
    if spec.shape().field("version").is_none() {
        return Err(bad(format!("{} compares no versions: leave If-Match out", spec.name)));
    }
    version.map(Some).map_err(|_| bad("If-Match is the version that was read, a whole number".into()))
}

fn object(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(ApiError::new(Code::InvalidInput, "the body must be a JSON object")),
        Err(e) => Err(ApiError::new(Code::InvalidInput, format!("the body is no JSON: {e}"))),
    }
}

/// The caller's idempotency key.
pub(super) fn key(request: &Request) -> Result<Option<&str>, ApiError> {
    match request.header("idempotency-key") {
        Some(key) if key.is_empty() || key.len() > 200 => {
            Err(ApiError::new(Code::InvalidInput, "an Idempotency-Key has 1 to 200 characters"))
        }
        key => Ok(key),
    }
}

/// The caller's idempotency key, bound to who asks what.
fn once(request: &Request, spec: &Spec, caller: &Caller, body: &[u8]) -> Result<Option<Once>, ApiError> {
    let Some(key) = key(request)? else { return Ok(None) };
    // Not even a hash of a code is kept: six digits beside what they stand with are plain text.
    let (query, body) = without_codes(spec, &request.query, body);
    let said = [request.path.as_bytes(), b"?", query.as_bytes(), b"\n", &body].concat();
    let body = crate::domain::audit::to_hex(&crate::domain::audit::hash(&said));
    Ok(Some(Once { key: format!("{}\n{}\n{key}", caller.agent, spec.name), body }))
}

/// Query and body without codes, for operations that take one.
fn without_codes(spec: &Spec, query: &str, body: &[u8]) -> (String, Vec<u8>) {
    let names = ["code", "customCode"];
    if !names.iter().any(|name| spec.shape().field(name).is_some()) {
        return (query.to_owned(), body.to_vec());
    }
    let pairs = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| !names.contains(&&**name));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let Ok(Value::Object(mut map)) = serde_json::from_slice::<Value>(body) else { return (query, Vec::new()) };
    names.iter().for_each(|name| drop(map.remove(*name)));
    (query, Value::Object(map).to_string().into_bytes())
}

/// A JSON answer.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    warp::reply::with_status(warp::reply::json(value), status).into_response()
}

/// A refusal.
pub(super) fn problem(e: &ApiError) -> Response {
    let status = StatusCode::from_u16(e.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut body = serde_json::to_value(e).unwrap_or_else(|_| json!({}));
    body["type"] = json!("about:blank");
    body["title"] = json!(status.canonical_reason().unwrap_or("Refused"));
    body["status"] = json!(status.as_u16());
    let mut response = json(status, &body);
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = e.retry_after {
        headers.insert("retry-after", HeaderValue::from(seconds));
    }
    if e.code == Code::Unauthenticated {
        headers.insert("www-authenticate", HeaderValue::from_static("Bearer"));
    }
    response
}
