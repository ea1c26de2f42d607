//! What Twilio is asked behind a message: the same request that the outbox makes, shown instead of sent.

use super::rows::message_key;
use super::{Core, outbox, read};
use crate::api::upstream::{ShowUpstream, UpstreamParam, UpstreamView};
use crate::api::{ApiError, Caller, Code};
use crate::domain::message::{Direction, Message};

impl Core {
    /// The request that sends a message.
    ///
    /// # Errors
    /// When there is no such message, it does not go through Twilio, or the request cannot be put together.
    pub(super) fn show_upstream(&self, caller: &Caller, input: &ShowUpstream) -> Result<UpstreamView, ApiError> {
        let business = self.owner(caller, input.id, "message")?;
        let message: Message = read(&*self.reader()?, &message_key(business, input.id))?
            .ok_or_else(|| ApiError::not_found(format!("message {}", input.id)))?;
        if message.direction != Direction::Out {
            return Err(ApiError::new(Code::Conflict, "only an outgoing message is sent through Twilio"));
        }
        let new = outbox::request(self, &message).map_err(|why| ApiError::new(Code::Conflict, why))?;
        let client = self.client_of(self.account_of(&*self.reader()?, business, message.conversation)?);
        let asked = client.messages().describe(&new).map_err(|e| ApiError::new(Code::Internal, e.explain()))?;
        Ok(UpstreamView {
            method: asked.method.to_owned(),
            product: asked.product.to_owned(),
            path: asked.path,
            url: asked.url,
            params: asked.params.into_iter().map(|(name, value)| UpstreamParam { name, value }).collect(),
        })
    }
}
