//! Who asks: the bearer token of a request.

use super::Shared;
use super::request::Request;
use crate::api::{ApiError, Caller, Code};

/// The token of a request.
pub(super) fn token(request: &Request) -> Result<&str, ApiError> {
    let missing = || {
        let detail = "a token is needed: send `Authorization: Bearer TOKEN`; `switchboard token create` makes one";
        ApiError::new(Code::Unauthenticated, detail)
    };
    let (scheme, token) = request.header("authorization").and_then(|h| h.split_once(' ')).ok_or_else(missing)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(missing()) }
}

/// The caller of a request.
pub(super) async fn caller(shared: &Shared, request: &Request) -> Result<Caller, ApiError> {
    shared.core.admit(token(request)?, request.header("x-switchboard-agent")).await
}
