//! `switchboard doctor`: what is wrong here, and what to do about it.

use std::os::unix::fs::PermissionsExt;

use serde::Serialize;

use super::super::node_file::{self, Running};
use super::super::{Exit, Failure, Globals, Out};
use crate::config::{self, Paths, Setup, World};
use crate::domain::shown::shown;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Good to know.
    Info,
    /// Works, but not as it should.
    Warning,
    /// Does not work.
    Error,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What was found.
    pub text: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Finding {
    fn new(level: Level, text: impl Into<String>, remedy: Option<&str>) -> Finding {
        Finding { level, text: text.into(), remedy: remedy.map(str::to_owned) }
    }
}

/// Looks at the settings, the directories and the running node. Changes nothing. Fails when something
/// does not work.
pub async fn doctor(globals: &Globals, out: Out) -> Result<(), Failure> {
    let mut findings = strange_variables(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()));
    let mut node = None;
    match config::load(&globals.flags(None)) {
        Err(e) => findings.push(Finding::new(Level::Error, e.to_string(), None)),
        Ok(setup) => {
            findings.extend(about_settings(&setup));
            findings.extend(about_files(&setup.paths));
            match node_file::find_running(&setup.paths, &setup.agent()).await {
                Err(failure) => findings.push(Finding::new(Level::Error, failure.sentence, None)),
                Ok(running) => {
                    findings.extend(about_node(running.as_ref(), &setup));
                    node = running;
                }
            }
        }
    }
    findings.sort_by_key(|f| std::cmp::Reverse(f.level));
    print(&findings, node.as_ref(), out)?;
    match findings.iter().filter(|f| f.level == Level::Error).count() {
        0 => Ok(()),
        1 => Err(Failure { exit: Exit::Failed, ..Failure::failed("one thing does not work") }),
        n => Err(Failure { exit: Exit::Failed, ..Failure::failed(format!("{n} things do not work")) }),
    }
}

fn print(findings: &[Finding], node: Option<&Running>, out: Out) -> Result<(), Failure> {
    let base = node.map(|n| n.file.base.clone());
    let sandbox = node.and_then(|n| n.view.sandbox.clone());
    if out.json {
        return out.line(&serde_json::json!({ "base": base, "sandbox": sandbox, "findings": findings }).to_string());
    }
    for finding in findings {
        let word = match finding.level {
            Level::Error => "ERROR  ",
            Level::Warning => "warning",
            Level::Info => "ok     ",
        };
        out.line(&format!("{word}  {}", shown(&finding.text)))?;
        if let Some(remedy) = &finding.remedy {
            out.line(&format!("         -> {}", shown(remedy)))?;
        }
    }
    Ok(())
}

/// Variables that look like ours and mean nothing: most likely a slip.
fn strange_variables(names: impl Iterator<Item = String>) -> Vec<Finding> {
    let known: Vec<String> = config::keys()
        .iter()
        .map(config::Key::env)
        .chain(["SWITCHBOARD_CONFIG", "SWITCHBOARD_STATE_DIR", "SWITCHBOARD_TOKEN"].map(str::to_owned))
        .collect();
    let strange = names.filter(|name| name.starts_with("SWITCHBOARD_") && !known.contains(name));
    let nearest = |name: &str| known.iter().min_by_key(|k| strsim::damerau_levenshtein(k, name));
    strange
        .map(|name| {
            let remedy = nearest(&name).map(|near| format!("did you mean {near}?"));
            Finding::new(Level::Warning, format!("{name} is set, and means nothing"), remedy.as_deref())
        })
        .collect()
}

fn about_settings(setup: &Setup) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.push(match &setup.file {
        Some(file) => Finding::new(Level::Info, format!("settings are read from {}", file.display()), None),
        None => Finding::new(Level::Info, "there is no config file: the built-in settings hold", None),
    });
    match &setup.world {
        World::Sandbox => findings.push(Finding::new(
            Level::Info,
            "no Twilio credentials: the built-in sandbox is used, nothing reaches anybody",
            None,
        )),
        World::OtherSandbox { base, .. } => {
            findings.push(Finding::new(Level::Info, format!("the sandbox at {base} is used"), None));
        }
        World::Live { account } => {
            findings.push(Finding::new(Level::Info, format!("live: {account}; messages reach people"), None));
            if setup.config.server.public_url.is_none() {
                findings.push(Finding::new(
                    Level::Warning,
                    "`server.public_url` is not set: no webhook arrives, the console asks Twilio now and then",
                    Some("set it to the address by which Twilio reaches this machine"),
                ));
            }
        }
    }
    if !matches!(setup.world, World::Sandbox) {
        match setup.config.twilio.credentials() {
            Ok(_) => findings.push(Finding::new(Level::Info, "the credentials can be fetched", None)),
            Err(e) => findings.push(Finding::new(Level::Error, e.to_string(), None)),
        }
    }
    if setup.config.log.show_private {
        findings.push(Finding::new(
            Level::Warning,
            "`log.show_private` is on: texts, codes and numbers of customers stand in the log",
            Some("take it away unless this is a test system"),
        ));
    }
    findings
}

fn about_files(paths: &Paths) -> Vec<Finding> {
    let Ok(meta) = std::fs::metadata(&paths.state) else {
        return vec![Finding::new(
            Level::Info,
            format!("{} does not exist yet: the first run makes it", paths.state.display()),
            None,
        )];
    };
    let mode = meta.permissions().mode() & 0o777;
    let mut findings = Vec::new();
    if mode & 0o077 != 0 {
        findings.push(Finding::new(
            Level::Warning,
            format!("others can look into {} (mode {mode:03o})", paths.state.display()),
            Some("run `chmod 700` on it"),
        ));
    }
    if meta.permissions().readonly() {
        let text = format!("{} cannot be written to", paths.state.display());
        findings.push(Finding::new(Level::Error, text, Some("give its owner the right to write")));
    }
    if findings.is_empty() {
        findings.push(Finding::new(Level::Info, format!("state lies in {}", paths.state.display()), None));
    }
    findings
}

fn about_node(running: Option<&Running>, setup: &Setup) -> Vec<Finding> {
    let Some(running) = running else {
        return vec![if setup.paths.node_file.exists() {
            Finding::new(
                Level::Warning,
                "the last node did not end properly, or does not answer",
                Some("start `switchboard`: it takes up where that one stopped"),
            )
        } else {
            Finding::new(Level::Info, "no node runs here at the moment", None)
        }];
    };
    let view = &running.view;
    let mut findings = vec![Finding::new(Level::Info, format!("a node runs at {}", running.file.base), None)];
    if view.version != env!("CARGO_PKG_VERSION") {
        let text = format!("the node is version {}, this is {}", view.version, env!("CARGO_PKG_VERSION"));
        findings.push(Finding::new(Level::Warning, text, Some("restart the node to run the same version")));
    }
    if view.catching_up {
        findings.push(Finding::new(Level::Info, "the node replays what came before its last stop", None));
    }
    findings.extend(view.troubles.iter().map(|t| Finding::new(Level::Error, t.clone(), None)));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_with_a_slip_is_found() {
        let names = ["SWITCHBOARD_SERVER_LITSEN", "SWITCHBOARD_AGENT", "SWITCHBOARD_TOKEN", "PATH"];
        let found = strange_variables(names.iter().map(|n| (*n).to_owned()));
        assert_eq!(found.len(), 1);
        assert!(found[0].text.starts_with("SWITCHBOARD_SERVER_LITSEN"));
        assert_eq!(found[0].remedy.as_deref(), Some("did you mean SWITCHBOARD_SERVER_LISTEN?"));
    }
}
