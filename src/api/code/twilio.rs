//! What went to Twilio as code: curl, and Twilio's own SDKs for node and python.
//!
//! The SDKs are generated from Twilio's API description, so a call follows from the path: collections and
//! keys in turn, and what is done at its end; parameters change only their spelling.

use serde_json::Value;

use super::literal::{Lang, literal};
use super::{Sheet, quoted, secret};
use crate::api::upstream::{UpstreamParam, UpstreamView};

/// Collections whose names the SDKs have in another number than the path.
const RENAMED: [(&str, &str); 2] = [("VerificationCheck", "VerificationChecks"), ("Feedback", "Feedback")];
/// Parameters that the SDKs take as lists, also with a single value.
const LISTS: [&str; 2] = ["MediaUrl", "PersistentAction"];

/// The request as code. `sandbox` says that it goes to the simulator: then the SDKs get the client of ours that
/// leads them there (`assets/sdk`).
pub fn sheets(request: &UpstreamView, sandbox: bool) -> Vec<Sheet> {
    let mut sheets = vec![Sheet { name: "twilio-curl", text: curl(request) }];
    let Some(call) = Chain::of(request) else { return sheets };
    let base = sandbox.then(|| base_of(request));
    sheets.push(Sheet { name: "twilio-node", text: call.node(&request.params, base) });
    sheets.push(Sheet { name: "twilio-python", text: call.python(&request.params, base) });
    sheets
}

/// The simulator's address, without the product and its path.
fn base_of(request: &UpstreamView) -> &str {
    let product = request.url.strip_suffix(request.path.as_str()).unwrap_or(&request.url);
    product.strip_suffix(request.product.as_str()).map_or(product, |base| base.trim_end_matches('/'))
}

fn curl(request: &UpstreamView) -> String {
    let mut lines = vec![match request.method.as_str() {
        "GET" => format!("curl -sS {}", quoted(&request.url)),
        method => format!("curl -sS -X {method} {}", quoted(&request.url)),
    }];
    lines.push("-u \"$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN\"".to_owned());
    if request.method == "GET" && !request.params.is_empty() {
        lines.push("-G".to_owned());
    }
    lines.extend(request.params.iter().map(|p| match secret(&p.name) {
        Some(variable) => format!("--data-urlencode \"{}=${variable}\"", p.name),
        None => format!("--data-urlencode {}", quoted(&format!("{}={}", p.name, p.value))),
    }));
    lines.join(" \\\n  ")
}

/// A path as the SDKs walk it: `messages`, `verify.v2.services("VA...").verifications`.
struct Chain {
    start: Option<String>,
    steps: Vec<(String, Option<String>)>,
    verb: Verb,
}

enum Verb {
    Create,
    Update,
    Fetch,
    List,
    Remove,
}

impl Chain {
    fn of(request: &UpstreamView) -> Option<Chain> {
        let mut segments = request.path.split('/').filter(|s| !s.is_empty()).peekable();
        let version = segments.next()?;
        let start = match version {
            "2010-04-01" => {
                // The account is the client's own.
                segments.next().filter(|s| *s == "Accounts")?;
                segments.next()?;
                None
            }
            version => Some(format!("{}.{version}", request.product)),
        };
        let mut steps = Vec::new();
        while let Some(collection) = segments.next() {
            let key = segments.next();
            let last = segments.peek().is_none();
            let bare = |s: &str| if last { s.trim_end_matches(".json").to_owned() } else { s.to_owned() };
            let collection = if key.is_none() { bare(collection) } else { collection.to_owned() };
            let renamed = RENAMED.iter().find(|(path, _)| *path == collection).map(|(_, sdk)| (*sdk).to_owned());
            steps.push((renamed.unwrap_or(collection), key.map(bare)));
        }
        let keyed = steps.last()?.1.is_some();
        let verb = match (request.method.as_str(), keyed) {
            ("POST", false) => Verb::Create,
            ("POST", true) => Verb::Update,
            ("GET", true) => Verb::Fetch,
            ("GET", false) => Verb::List,
            ("DELETE", true) => Verb::Remove,
            _ => return None,
        };
        Some(Chain { start, steps, verb })
    }

    fn path(&self, spelled: fn(&str) -> String, lang: Lang) -> String {
        let mut out = "client".to_owned();
        out.extend(self.start.iter().map(|start| format!(".{start}")));
        for (collection, key) in &self.steps {
            out.push_str(&format!(".{}", spelled(collection)));
            out.extend(key.iter().map(|key| format!("({})", literal(&key.as_str().into(), lang, 0))));
        }
        out
    }

    fn node(&self, params: &[UpstreamParam], sandbox: Option<&str>) -> String {
        let (verb, answer) = match self.verb {
            Verb::Create => ("create", "answer.sid, answer.status"),
            Verb::Update => ("update", "answer"),
            Verb::Fetch => ("fetch", "answer"),
            Verb::List => ("list", "answer"),
            Verb::Remove => ("remove", "answer"),
        };
        let given = grouped(params, camel, Lang::Node);
        let given = match given.as_slice() {
            [] => String::new(),
            some => format!(
                "{{\n{}}}",
                some.iter().map(|(name, value)| format!("  {name}: {value},\n")).collect::<String>()
            ),
        };
        let (needs, options) = match sandbox {
            Some(base) => (
                "const { SandboxRequestClient } = require(\"./switchboard-sandbox\"); // assets/sdk\n",
                format!(", {{\n  httpClient: new SandboxRequestClient({}),\n}}", literal(&base.into(), Lang::Node, 0)),
            ),
            None => ("", String::new()),
        };
        format!(
            "const twilio = require(\"twilio\");\n{needs}\n\
             const client = twilio(process.env.TWILIO_ACCOUNT_SID, process.env.TWILIO_AUTH_TOKEN{options});\n\
             {}\n  .{verb}({given})\n  .then((answer) => console.log({answer}));",
            self.path(camel, Lang::Node)
        )
    }

    fn python(&self, params: &[UpstreamParam], sandbox: Option<&str>) -> String {
        let (verb, answer) = match self.verb {
            Verb::Create => ("create", "answer.sid, answer.status"),
            Verb::Update => ("update", "answer"),
            Verb::Fetch => ("fetch", "answer"),
            Verb::List => ("list", "answer"),
            Verb::Remove => ("delete", "answer"),
        };
        let given = grouped(params, snake, Lang::Python);
        let given = match given.as_slice() {
            [] => String::new(),
            some => {
                format!("\n{}", some.iter().map(|(name, value)| format!("    {name}={value},\n")).collect::<String>())
            }
        };
        let (needs, option) = match sandbox {
            Some(base) => (
                "from switchboard_sandbox import SandboxHttpClient  # assets/sdk\n",
                format!("    http_client=SandboxHttpClient({}),\n", literal(&base.into(), Lang::Python, 0)),
            ),
            None => ("", String::new()),
        };
        format!(
            "import os\n\n{needs}from twilio.rest import Client\n\n\
             client = Client(\n    os.environ[\"TWILIO_ACCOUNT_SID\"],\n    os.environ[\"TWILIO_AUTH_TOKEN\"],\n{option})\n\
             answer = {}.{verb}({given})\nprint({answer})",
            self.path(snake, Lang::Python)
        )
    }
}

/// The parameters in their order, those of one name together, each with its value as code.
fn grouped(params: &[UpstreamParam], spelled: fn(&str) -> String, lang: Lang) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for param in params {
        let name = match spelled(&param.name) {
            // A word of the language itself.
            name if lang == Lang::Python && name == "from" => "from_".to_owned(),
            name => name,
        };
        if out.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let values: Vec<Value> =
            params.iter().filter(|p| p.name == param.name).map(|p| p.value.as_str().into()).collect();
        let value = match (secret(&param.name), values.as_slice()) {
            (Some(variable), _) => lang.variable(variable),
            (None, [one]) if !LISTS.contains(&param.name.as_str()) => literal(one, lang, 0),
            (None, _) => literal(&Value::Array(values), lang, if lang == Lang::Python { 4 } else { 2 }),
        };
        out.push((name, value));
    }
    out
}

/// `StatusCallback` is `statusCallback`.
fn camel(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_ascii_lowercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// `StatusCallback` is `status_callback`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for (n, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && n > 0 {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
