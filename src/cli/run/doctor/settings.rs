//! Settings and variables.

use super::finding::Finding;
use crate::config::{self, Setup, World};

const CHECK: &str = "settings";

/// Variables that look like ours and mean nothing: most likely a slip.
pub fn variables(names: impl Iterator<Item = String>) -> Vec<Finding> {
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
            Finding { remedy, ..Finding::warning(CHECK, format!("{name} is set, and means nothing")) }
        })
        .collect()
}

/// What the settings say.
pub fn look(setup: &Setup) -> Vec<Finding> {
    let mut findings = vec![match &setup.file {
        Some(file) => Finding::info(CHECK, format!("settings are read from {}", file.display())),
        None => Finding::info(CHECK, "there is no config file: the built-in settings hold"),
    }];
    findings.push(match &setup.world {
        World::Sandbox => {
            Finding::info(CHECK, "no Twilio credentials: the built-in sandbox is used, nothing reaches anybody")
        }
        World::OtherSandbox { base, .. } => Finding::info(CHECK, format!("the sandbox at {base} is used")),
        World::Live { account } => Finding::info(CHECK, format!("live: {account}; messages reach people")),
    });
    if setup.config.log.show_private {
        let text = "`log.show_private` is on: texts, codes and numbers of customers stand in the log";
        findings.push(Finding::warning(CHECK, text).remedy("take it away unless this is a test system"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_with_a_slip_is_found() {
        let names = ["SWITCHBOARD_SERVER_LITSEN", "SWITCHBOARD_AGENT", "SWITCHBOARD_TOKEN", "PATH"];
        let found = variables(names.iter().map(|n| (*n).to_owned()));
        assert_eq!(found.len(), 1);
        assert!(found[0].text.starts_with("SWITCHBOARD_SERVER_LITSEN"));
        assert_eq!(found[0].remedy.as_deref(), Some("did you mean SWITCHBOARD_SERVER_LISTEN?"));
    }
}
