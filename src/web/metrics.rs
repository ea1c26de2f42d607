//! What a monitor reads: counts and gauges in Prometheus' text form.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use warp::http::HeaderValue;
use warp::reply::Response;

use super::request::Request;
use super::{Shared, auth, rest};
use crate::api::{ApiError, Code};
use crate::core::receive::Path;
use crate::domain::access::Permission;

/// How many webhooks were answered with which status.
#[derive(Default)]
pub(super) struct Answers(Mutex<BTreeMap<(&'static str, u16), u64>>);

impl Answers {
    /// Counts one answer.
    pub fn count(&self, path: Path, status: u16) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *answers.entry((path.as_str(), status)).or_default() += 1;
    }
}

/// Answers with all metrics. They tell of all businesses, and the receiver may stand in the open.
pub(super) async fn show(shared: &Shared, request: &Request) -> Response {
    let allowed = auth::caller(shared, request).await.and_then(|caller| {
        caller.need(Permission::Analytics)?;
        match caller.business {
            Some(_) => Err(ApiError::new(Code::Forbidden, "metrics concern all businesses: use a token of an agent")),
            None => Ok(()),
        }
    });
    if let Err(e) = allowed {
        return rest::problem(&e);
    }
    let mut response = Response::new(text(shared).into());
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/plain; version=0.0.4"));
    response
}

fn text(shared: &Shared) -> String {
    let gauges = shared.core.gauges();
    let answers = shared.answers.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut out = String::new();
    let webhooks: Vec<(String, u64)> = answers
        .into_iter()
        .map(|((path, status), count)| (format!("{{path=\"{path}\",status=\"{status}\"}}"), count))
        .collect();
    let events = (0..).zip(gauges.events).map(|(lane, number): (u16, u64)| (format!("{{lane=\"{lane}\"}}"), number));
    let alone = |value: u64| vec![(String::new(), value)];
    family(&mut out, "webhooks_total", "counter", "Webhooks answered, by path and status.", webhooks);
    family(&mut out, "intake_appended_total", "counter", "Webhooks made durable.", alone(gauges.taken));
    family(&mut out, "intake_applied_total", "counter", "Webhooks applied to the store.", alone(gauges.applied));
    family(&mut out, "intake_backlog", "gauge", "Webhooks that wait to be applied.", alone(gauges.backlog));
    let catching_up = u64::from(gauges.catching_up);
    family(&mut out, "intake_catching_up", "gauge", "1 while an earlier run's are applied.", alone(catching_up));
    let under_way = gauges.under_way as u64;
    family(&mut out, "outbox_under_way", "gauge", "Requests to Twilio under way.", alone(under_way));
    family(&mut out, "events_total", "counter", "Events said, by lane, since the store was made.", events.collect());
    out
}

fn family(out: &mut String, name: &str, kind: &str, help: &str, samples: Vec<(String, u64)>) {
    // Writing to a text cannot fail.
    let _ = writeln!(out, "# HELP switchboard_{name} {help}\n# TYPE switchboard_{name} {kind}");
    for (labels, value) in samples {
        let _ = writeln!(out, "switchboard_{name}{labels} {value}");
    }
}
