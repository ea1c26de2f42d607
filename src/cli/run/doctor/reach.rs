//! Whether Twilio reaches this node: it is asked through its own public address.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;
use url::{Host, Url};

use super::super::super::node_file::Running;
use super::finding::Finding;
use crate::config::{Setup, World};

const CHECK: &str = "reachability";
/// Below the webhooks: what a proxy lets through there it lets through here.
const PATH: &str = "api/webhooks/healthz";
/// Twilio waits so long for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks at `server.public_url` and asks the node through it.
pub async fn look(node: Option<&Running>, setup: &Setup) -> Vec<Finding> {
    let Some(public) = &setup.config.server.public_url else {
        return match setup.world.is_live() {
            true => vec![
                Finding::warning(
                    CHECK,
                    "`server.public_url` is not set: no webhook arrives, the console asks Twilio now and then",
                )
                .remedy("set it to the https address that leads to this machine: of your proxy, or of a tunnel"),
            ],
            false => Vec::new(),
        };
    };
    let mut findings = address(public, matches!(setup.world, World::Live { .. }));
    match node {
        Some(node) => findings.push(through(public, &node.file.base).await),
        None => findings.push(Finding::info(CHECK, format!("no node runs here, so {public} was not asked for it"))),
    }
    findings
}

/// What can be seen of the address without asking.
fn address(public: &Url, is_live: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let private = match public.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local(),
        Some(Host::Domain(name)) => {
            name == "localhost" || [".localhost", ".local", ".internal"].iter().any(|end| name.ends_with(end))
        }
        None => false,
    };
    if private && is_live {
        let text = format!("{public} leads nowhere outside this network, and Twilio is outside");
        findings.push(Finding::error(CHECK, text).remedy("set `server.public_url` to an address on the internet"));
    }
    if public.host_str().is_some_and(|host| host.contains('_')) {
        let text = format!("{public} has an underscore in its host: Twilio refuses such callbacks (21609)");
        findings.push(Finding::error(CHECK, text).remedy("use a host name without one"));
    }
    if public.scheme() == "http" && is_live {
        let text = format!("{public} is not encrypted: texts of customers can be read on their way");
        findings.push(Finding::warning(CHECK, text).remedy("put TLS before the node and use https"));
    }
    findings
}

async fn through(public: &Url, base: &str) -> Finding {
    let (http, local) = match (super::super::outside_http(PATIENCE), super::super::local_http()) {
        (Ok(http), Ok(local)) => (http, local),
        (Err(e), _) | (_, Err(e)) => return Finding::error(CHECK, e.sentence),
    };
    let own = match local.get(format!("{base}/{PATH}")).send().await {
        Ok(answer) => run_of(&answer.text().await.unwrap_or_default()),
        Err(_) => None,
    };
    let url = format!("{}/{PATH}", public.as_str().trim_end_matches('/'));
    let answer = match http.get(&url).send().await {
        Ok(answer) => answer,
        Err(e) => return unanswered(public, &e).await,
    };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let body: String = answer.text().await.unwrap_or_default().chars().take(4096).collect();
    let run = run_of(&body).filter(|_| status.is_success());
    judge(
        public,
        base,
        status,
        run.as_deref().map(|run| Some(run) == own.as_deref()),
        &header("location"),
        &header("server"),
    )
}

fn run_of(body: &str) -> Option<String> {
    serde_json::from_str::<Value>(body).ok()?["run"].as_str().map(str::to_owned)
}

/// What an answer means. `is_own`: whether a node answered, and whether it is this one.
fn judge(public: &Url, base: &str, status: StatusCode, is_own: Option<bool>, location: &str, server: &str) -> Finding {
    match (is_own, status.as_u16()) {
        (Some(true), _) => Finding::info(CHECK, format!("{public} leads to this node")),
        (Some(false), _) => Finding::error(CHECK, format!("{public} leads to another Switchboard node")).remedy(
            format!("have the proxy pass it on to {base}, or set `server.public_url` to this node's own address"),
        ),
        (None, 300..=399) => {
            Finding::error(CHECK, format!("{public} redirects to {location}: signatures cover the first address"))
                .remedy("set `server.public_url` to where it redirects, and keep that from redirecting")
        }
        (None, 502..=504) => {
            Finding::error(CHECK, format!("a proxy answers at {public} with {status}: it does not reach this node"))
                .remedy(format!("have it pass requests on to {base}"))
        }
        (None, 401 | 403) => Finding::error(
            CHECK,
            format!("somebody answers at {public} with {status}: Twilio would be turned away too"),
        )
        .remedy("let /api/webhooks through without a password; signatures protect it"),
        (None, _) => {
            let who =
                if server.is_empty() { "another server".to_owned() } else { format!("another server ({server})") };
            Finding::error(CHECK, format!("{who} answers at {public} with {status}"))
                .remedy(format!("have it pass /api/webhooks on to {base}, or correct `server.public_url`"))
        }
    }
}

/// Tells apart why nobody answered.
async fn unanswered(public: &Url, e: &reqwest::Error) -> Finding {
    let why = super::super::reasons(e);
    let (host, port) = (public.host_str().unwrap_or_default(), public.port_or_known_default().unwrap_or(443));
    if e.is_connect() {
        let is_name = host.parse::<IpAddr>().is_err();
        let found = tokio::net::lookup_host((host, port)).await.map(|mut found| found.next());
        let nowhere = match found {
            Err(e) => Some(e.to_string()),
            Ok(None) => Some("it has no address".to_owned()),
            Ok(Some(_)) => None,
        };
        if let Some(why) = nowhere.filter(|_| is_name) {
            return Finding::error(CHECK, format!("the name {host} leads nowhere (DNS): {why}"))
                .remedy("correct `server.public_url`, or make the name known in DNS");
        }
    }
    let lower = why.to_lowercase();
    let is_tls = ["certificate", "tls", "handshake", "corrupt message"].iter().any(|word| lower.contains(word));
    if is_tls {
        return Finding::error(CHECK, format!("TLS fails at {public}: {why}"))
            .remedy("Twilio accepts only a certificate of a known authority for this very name, not expired; or the port speaks no TLS");
    }
    if lower.contains("refused") {
        return Finding::error(CHECK, format!("nobody listens at {host} port {port}: the connection was refused"))
            .remedy("start the proxy or tunnel that leads to this node, or correct `server.public_url`");
    }
    if e.is_timeout() {
        return Finding::error(CHECK, format!("{public} does not answer within {} s", PATIENCE.as_secs()))
            .remedy("look for a firewall between; some networks cannot reach their own public address from inside");
    }
    Finding::error(CHECK, format!("{public} cannot be reached: {why}")).remedy("correct `server.public_url`")
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn an_address_is_judged_by_its_look() {
        let texts = |url: &str| address(&url.parse().unwrap(), true).into_iter().map(|f| f.text).collect::<Vec<_>>();
        assert!(texts("https://desk.example.com").is_empty());
        assert!(texts("https://192.168.1.4/")[0].contains("outside this network"));
        assert!(texts("https://my_desk.example.com/")[0].contains("21609"));
        assert!(texts("http://desk.example.com/")[0].contains("not encrypted"));
        assert_eq!(texts("http://localhost:8484/").len(), 2);
    }

    #[test]
    fn answers_are_told_apart() {
        let public: Url = "https://desk.example.com/".parse().unwrap();
        let said = |status: u16, is_own: Option<bool>| {
            let status = StatusCode::from_u16(status).unwrap();
            judge(&public, "http://127.0.0.1:8484", status, is_own, "https://www.example.com/", "nginx")
        };
        assert_eq!(said(200, Some(true)).level, Level::Info);
        for (status, is_own, part) in [
            (200, Some(false), "another Switchboard node"),
            (301, None, "redirects to https://www.example.com/"),
            (502, None, "does not reach this node"),
            (401, None, "turned away"),
            (404, None, "another server (nginx)"),
            (200, None, "another server (nginx)"),
        ] {
            let found = said(status, is_own);
            assert!(found.level == Level::Error && found.text.contains(part) && found.remedy.is_some(), "{found:?}");
        }
    }
}
