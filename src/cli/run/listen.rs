//! `switchboard listen`: a number's webhooks come here as long as this runs, and are shown.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::json;
use url::Url;

use super::super::{Context, Failure, Out};
use super::attach::{Own, attach};
use super::forward::Forward;
use super::session::Session;
use crate::api::businesses::{ListBusinesses, ListEndpoints};
use crate::api::events::{Frame, Webhook};
use crate::api::numbers::{BorrowNumber, Ended, Ending, Loan, ReturnNumber};
use crate::api::{ApiError, Code};
use crate::domain::shown::shown;
use crate::link::{Connection, Heard, Link};
use crate::telemetry::{self, Number};

/// The number comes back by itself when it was not renewed for so long: this process was killed.
const LOAN_SECONDS: u32 = 15;
/// The stream of webhooks is there so soon.
const HEARD_WITHIN: Duration = Duration::from_secs(15);
/// How often it is renewed.
const RENEW: Duration = Duration::from_secs(4);
/// How often it is tried to give the number back before that is left to the node.
const TRIES: u32 = 5;

/// What is listened to, and how it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// A number or SID; the default business's own when absent.
    pub number: Option<String>,
    /// Another program that gets each webhook too.
    pub forward_to: Option<Url>,
    /// Whether the customers' numbers are shown in full.
    pub show_private: bool,
}

/// Listens until SIGINT or SIGTERM, then brings the old webhooks back.
pub async fn listen(ctx: Context, ask: Ask) -> Result<(), Failure> {
    ctx.setup.paths.create()?;
    let _log = telemetry::start(&ctx.setup.config.log, telemetry::Output::Files(&ctx.setup.paths.log))
        .map_err(|e| Failure::failed(e.to_string()))?;
    let (ctx, own) = (Arc::new(ctx), Own::default());
    let listened = match attach(&ctx, &own).await {
        Ok(link) => run(&ctx, &link, &ask).await,
        Err(e) => Err(e),
    };
    own.stop().await;
    listened
}

async fn run(ctx: &Context, link: &Link, ask: &Ask) -> Result<(), Failure> {
    let mut end = Box::pin(super::ended());
    let number = match &ask.number {
        Some(number) => number.clone(),
        None => own_number(link).await?,
    };
    let session = Session::take(ctx, &number)?;
    let borrow = BorrowNumber {
        number: number.clone(),
        session: session.word.clone(),
        seconds: Some(LOAN_SECONDS),
        renew: false,
    };
    // Heard from before the first one can come.
    let mut heard = link.watch(None);
    let caught_up = async {
        while let Some(next) = heard.next().await {
            if matches!(next, Heard::Frame(Frame::CaughtUp { .. })) {
                return;
            }
        }
    };
    if tokio::time::timeout(HEARD_WITHIN, caught_up).await.is_err() {
        return Err(Failure::unreachable("the node does not tell of its webhooks")
            .remedy("is its token one of an agent who may see the inbox and the audit log?"));
    }
    let mut forward = match &ask.forward_to {
        Some(url) => Some(Forward::start(ctx, link, url).await?),
        None => None,
    };
    let loan = link.call(borrow.clone()).await?;
    begin(ctx.out, &loan)?;
    let renewal = BorrowNumber { renew: true, ..borrow.clone() };
    let mut renew = tokio::time::interval_at(tokio::time::Instant::now() + RENEW, RENEW);
    let (mut is_lost, mut failed) = (false, false);
    loop {
        tokio::select! {
            () = &mut end => break,
            _ = renew.tick() => match link.call(renewal.clone()).await {
                Ok(_) if failed => {
                    failed = false;
                    super::note(ctx.out, "the number is held again");
                }
                Ok(_) => {}
                Err(e) if failed => tracing::debug!(error = %e, "the loan could not be renewed"),
                Err(e) => {
                    failed = true;
                    super::note(ctx.out, &format!("the number cannot be held at the moment: {e}"));
                }
            },
            said = Forward::next(&mut forward) => super::note(ctx.out, &said),
            next = heard.next() => match next {
                Some(Heard::Frame(Frame::Webhook(webhook))) => {
                    if forward.as_ref().is_some_and(|forward| !forward.pass(&webhook)) {
                        super::note(ctx.out, "a webhook was not passed on: the other program is too slow");
                    }
                    if !ctx.out.told(&line(&webhook, ctx.out.json, ask.show_private))? {
                        break;
                    }
                }
                Some(Heard::Frame(_)) => {}
                Some(Heard::Connection(Connection::Stale(why))) if !is_lost => {
                    is_lost = true;
                    super::note(ctx.out, &format!("{why}; looking for it"));
                }
                Some(Heard::Connection(Connection::Live)) if is_lost => {
                    is_lost = false;
                    super::note(ctx.out, "the node is there again");
                }
                Some(Heard::Connection(_)) => {}
                None => break,
            },
        }
    }
    drop(heard);
    give_back(ctx.out, link, ReturnNumber { number, session: borrow.session }).await?;
    session.forget();
    Ok(())
}

/// The number or messaging service of the default business.
async fn own_number(link: &Link) -> Result<String, Failure> {
    let id = link.call(ListBusinesses {}).await?.default;
    let endpoint = link.call(ListEndpoints { id }).await?.items.into_iter().next();
    let named = endpoint.and_then(|e| match e.messaging_service {
        Some(service) => Some(service.to_string()),
        None => e.addresses.first().map(ToString::to_string),
    });
    named.ok_or_else(|| {
        Failure::usage("the default business has no number yet").remedy("name one with --number or --service")
    })
}

fn begin(out: Out, loan: &Loan) -> Result<(), Failure> {
    if out.json {
        return out.line(&json!({ "listening": loan }).to_string());
    }
    let before = match loan.before.as_str() {
        "" => "it went nowhere before, and will again".to_owned(),
        before => format!("{} comes back when this ends", shown(before)),
    };
    out.line(&format!("{} goes to {}; {before}. Ctrl-C ends it", shown(&loan.name), shown(&loan.url)))
}

fn line(webhook: &Webhook, json: bool, show_private: bool) -> String {
    let mask = |address: &str| match show_private {
        true => address.to_owned(),
        false => Number(address).to_string(),
    };
    let (from, to) = (mask(&webhook.from), mask(&webhook.to));
    if json {
        return json!({ "webhook": Webhook { from, to, form: String::new(), ..webhook.clone() } }).to_string();
    }
    let at = super::local_time(webhook.at);
    let why = match &webhook.reason {
        Some(reason) => format!("  refused ({reason:?}): `switchboard dead-letters` has the evidence"),
        None => String::new(),
    };
    let milliseconds = webhook.took_micros as f64 / 1000.0;
    let (kind, from, to) = (shown(&webhook.kind), shown(&from), shown(&to));
    format!("{at}  {kind:<18}  {from:>12} → {to:<12}  {}  {milliseconds:.1} ms{why}", webhook.status)
}

/// Brings the old webhooks back. When Twilio or the node cannot be asked now, the node does it later.
async fn give_back(out: Out, link: &Link, input: ReturnNumber) -> Result<(), Failure> {
    for attempt in 1..=TRIES {
        match link.call(input.clone()).await {
            Ok(ended) => return say_end(out, &ended),
            // The node has done it already.
            Err(e) if e.code == Code::Conflict => {
                super::note(out, &e.to_string());
                return Ok(());
            }
            Err(e) if attempt == TRIES => return Err(not_yet(&input.number, &e)),
            Err(_) => tokio::time::sleep(Duration::from_millis(500)).await,
        }
    }
    Ok(())
}

fn not_yet(number: &str, e: &ApiError) -> Failure {
    Failure::failed(format!("the old webhooks of {number} could not be brought back now: {e}"))
        .remedy("the node does it as soon as it can, also after a restart; `switchboard numbers list` shows it")
}

fn say_end(out: Out, ended: &Ended) -> Result<(), Failure> {
    if out.json {
        return out.line(&json!({ "ended": ended }).to_string());
    }
    let url = match ended.url.as_str() {
        "" => "nowhere".to_owned(),
        url => format!("to {}", shown(url)),
    };
    let name = shown(&ended.name);
    out.line(&match ended.ending {
        Ending::Restored | Ending::Unchanged => format!("{name} goes {url} again"),
        Ending::LeftAlone => format!("{name} was changed by somebody else meanwhile and goes {url}: left as it is"),
        Ending::StillHeld => format!("{name} goes here as long as somebody else listens"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_came_and_not_from_whom() {
        let webhook = Webhook {
            kind: "status.delivered\u{1b}[2J".into(),
            from: "+14155550100".into(),
            to: "+14155550123".into(),
            status: 403,
            reason: Some(crate::domain::deadletter::Reason::BadSignature),
            took_micros: 1234,
            ..Webhook::default()
        };
        let said = line(&webhook, false, false);
        assert!(said.contains("+14…00") && said.contains("403  1.2 ms  refused (BadSignature)"), "{said}");
        assert!(!said.contains("0123") && !said.contains('\u{1b}'), "{said}");
        assert!(line(&webhook, false, true).contains("+14155550123"));
        let json: serde_json::Value = serde_json::from_str(&line(&webhook, true, false)).unwrap();
        assert_eq!((&json["webhook"]["to"], &json["webhook"]["status"]), (&"+14…23".into(), &403.into()));
    }
}
