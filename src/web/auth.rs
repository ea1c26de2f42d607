//! Who asks: the bearer token of a request.

use super::Shared;
use super::request::Request;
use crate::api::{ApiError, Caller, Code};

/// The caller of a request.
pub(super) fn caller(shared: &Shared, request: &Request) -> Result<Caller, ApiError> {
    let missing = || {
        let detail = "a token is needed: send `Authorization: Bearer TOKEN`; `switchboard token create` makes one";
        ApiError::new(Code::Unauthenticated, detail)
    };
    let header = request.header("authorization").ok_or_else(missing)?;
    let (scheme, token) = header.split_once(' ').ok_or_else(missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(missing());
    }
    shared.core.authenticate(token.trim(), request.header("x-switchboard-agent"))
}
