//! Passes webhooks on to another program, signed anew for its address: its own check of signatures holds.

use tokio::sync::mpsc;
use url::Url;

use super::super::{Context, Failure};
use super::signed::{Form, Signer};
use crate::api::events::Webhook;
use crate::api::node::GetNode;
use crate::link::Link;

/// How many may wait for a slow program; what is more is not passed on, and said.
const WAITING: usize = 256;

/// The way to the other program. What it answered comes out at the other end, in the order of arrival.
pub struct Forward {
    queue: mpsc::Sender<Webhook>,
    said: mpsc::Receiver<String>,
}

impl Forward {
    /// Begins; `url` is the other program's.
    ///
    /// # Errors
    /// When there is no token to sign with.
    pub async fn start(ctx: &Context, link: &Link, url: &Url) -> Result<Forward, Failure> {
        let signer = Signer::of(ctx, &link.call(GetNode {}).await?).await?;
        let url = url.as_str().split('#').next().unwrap_or_default().to_owned();
        let (queue, mut webhooks) = mpsc::channel::<Webhook>(WAITING);
        let (say, said) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            while let Some(webhook) = webhooks.recv().await {
                let form: Form = url::form_urlencoded::parse(webhook.form.as_bytes()).into_owned().collect();
                let line = match signer.post(&url, &url, &form).await {
                    Ok((status, _)) => format!("{} passed on to {url}: {status}", webhook.kind),
                    Err(e) => format!("{} was not passed on: {}", webhook.kind, e.sentence),
                };
                if say.send(line).await.is_err() {
                    return;
                }
            }
        });
        Ok(Forward { queue, said })
    }

    /// Passes one on that this node has taken; answers whether there was room.
    pub fn pass(&self, webhook: &Webhook) -> bool {
        webhook.status != 200 || self.queue.try_send(webhook.clone()).is_ok()
    }

    /// What became of the next one; never, when there is no other program.
    pub async fn next(forward: &mut Option<Forward>) -> String {
        let said = match forward {
            Some(forward) => forward.said.recv().await,
            None => None,
        };
        match said {
            Some(said) => said,
            None => std::future::pending().await,
        }
    }
}
