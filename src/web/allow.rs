//! What a path can be asked for, told to whoever asked for something else (RFC 9110, 15.5.6).

use warp::http::{HeaderValue, StatusCode};
use warp::reply::Response;

use super::{SERVED_AT, media};
use crate::api::methods;

/// Names the methods that a path has, where another one was refused.
pub(super) fn told(mut answer: Response, path: &str) -> Response {
    if answer.status() == StatusCode::METHOD_NOT_ALLOWED
        && let Ok(allowed) = HeaderValue::from_str(&allowed(path))
    {
        answer.headers_mut().insert("allow", allowed);
    }
    answer
}

fn allowed(path: &str) -> String {
    let of_table = methods(path);
    match path {
        _ if !of_table.is_empty() => of_table.join(", "),
        "/api/media" => "POST".to_owned(),
        _ if path.starts_with(SERVED_AT) || media::content_at(path).is_some() => "GET, HEAD".to_owned(),
        _ if path.starts_with("/api/webhooks/twilio-") => "POST".to_owned(),
        _ => "GET".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn a_path_names_its_methods() {
        for (path, methods) in [
            ("/api/businesses/7", "GET, PUT, DELETE"),
            ("/api/conversations/messages", "POST"),
            ("/api/media", "POST"),
            ("/api/messages/7/media/0/content", "GET, HEAD"),
            ("/api/openapi.json", "GET"),
            ("/api/webhooks/twilio-sms", "POST"),
        ] {
            assert_eq!(allowed(path), methods, "{path}");
        }
    }
}
