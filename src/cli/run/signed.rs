//! Webhooks of our own making, signed as Twilio signs them.

use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};

use super::super::{Context, Exit, Failure};
use crate::api::node::NodeView;
use crate::domain::audit::to_hex;
use crate::twilio::signature;

/// Names and values, in the order in which they are posted.
pub type Form = Vec<(String, String)>;

/// Twilio waits so long for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Signs with an account's auth token.
pub struct Signer {
    /// The account.
    pub account: String,
    token: SecretString,
    http: reqwest::Client,
}

impl Signer {
    /// By the configured credentials; for a node with a sandbox, by the sandbox's.
    ///
    /// # Errors
    /// A usage failure when there is no token to sign with.
    pub async fn of(ctx: &Context, view: &NodeView) -> Result<Signer, Failure> {
        let http = super::outside_http(PATIENCE)?;
        let (account, token) = match (ctx.setup.config.twilio.credentials()?, &view.sandbox) {
            (Some(c), _) => (c.account.to_string(), c.auth_token),
            (None, Some(sandbox)) => {
                let base = sandbox.parse().map_err(|e| Failure::failed(format!("{sandbox} is no address: {e}")))?;
                let state = super::parts::sandbox_state(&base).await?;
                let text = |name: &str| state[name].as_str().unwrap_or_default().to_owned();
                (text("accountSid"), text("authToken").into())
            }
            (None, None) => {
                return Err(Failure::usage("there is no auth token to sign with")
                    .remedy("set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN to those of the node's account"));
            }
        };
        Ok(Signer { account, token, http })
    }

    /// Posts a form to `url`, signed for `known`, which is the address as Twilio knows it.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn post(&self, known: &str, url: &str, form: &Form) -> Result<(u16, String), Failure> {
        let pairs = form.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let signature = signature::sign(self.token.expose_secret(), known, pairs);
        let request = self
            .http
            .post(url)
            .header("x-twilio-signature", signature)
            .header("i-twilio-idempotency-token", made_up("")?)
            .header("user-agent", "TwilioProxy/1.1")
            .form(form);
        let gone = |e: reqwest::Error| {
            let text = format!("{url} does not answer: {}", super::reasons(&e));
            Failure { exit: Exit::Unreachable, ..Failure::failed(text) }
        };
        let answer = request.send().await.map_err(gone)?;
        let status = answer.status().as_u16();
        Ok((status, answer.text().await.map_err(gone)?.chars().take(4096).collect()))
    }
}

/// A SID that Twilio has never given.
///
/// # Errors
/// When the system has no random bytes.
pub fn made_up(prefix: &str) -> Result<String, Failure> {
    let mut raw = [0; 16];
    let failed = |_| Failure::failed("the system gives no random bytes");
    SystemRandom::new().fill(&mut raw).map_err(failed)?;
    Ok(format!("{prefix}{}", to_hex(&raw)))
}
