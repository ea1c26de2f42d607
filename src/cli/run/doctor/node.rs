//! The node that runs here.

use super::super::super::node_file::Running;
use super::finding::Finding;
use crate::config::Setup;

const CHECK: &str = "node";

/// What the running node says of itself.
pub fn look(running: Option<&Running>, setup: &Setup) -> Vec<Finding> {
    let Some(running) = running else {
        return vec![if setup.paths.node_file.exists() {
            Finding::warning(CHECK, "the last node did not end properly, or does not answer")
                .remedy("start `switchboard`: it takes up where that one stopped")
        } else {
            Finding::info(CHECK, "no node runs here at the moment")
        }];
    };
    let view = &running.view;
    let mut findings = vec![Finding::info(CHECK, format!("a node runs at {}", running.file.base))];
    if view.version != env!("CARGO_PKG_VERSION") {
        let text = format!("the node is version {}, this is {}", view.version, env!("CARGO_PKG_VERSION"));
        findings.push(Finding::warning(CHECK, text).remedy("restart the node to run the same version"));
    }
    if view.catching_up {
        findings.push(Finding::info(CHECK, "the node replays what came before its last stop"));
    }
    findings.extend(view.troubles.iter().map(|trouble| Finding::error(CHECK, trouble.clone())));
    findings
}
