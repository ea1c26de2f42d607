//! `switchboard doctor`: what is wrong here, and what to do about it.
//!
//! Each part looks at one thing and answers findings. It changes nothing, except with `--fix` what is
//! safe, and with `--fix --yes` where numbers of the account point to.

mod accounts;
mod files;
mod finding;
mod node;
mod numbers;
mod reach;
mod settings;
mod store;
mod terminal;
mod twilio;

use self::finding::{Finding, Fix, Level};
use super::super::node_file::{self, Running};
use super::super::{Exit, Failure, Globals, Out};
use crate::api::numbers::PointNumber;
use crate::config::{self, Setup};
use crate::domain::shown::shown;

/// Looks at settings, files, store, terminal, the running node and Twilio. Fails when something does
/// not work.
pub async fn doctor(globals: &Globals, out: Out, fix: bool) -> Result<(), Failure> {
    let mut findings = settings::variables(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()));
    findings.extend(terminal::look(&terminal::Facts::here()));
    let mut node = None;
    match config::load(&globals.flags(None)) {
        Err(e) => findings.push(Finding::error("settings", e.to_string())),
        Ok(setup) => {
            findings.extend(settings::look(&setup));
            findings.extend(files::look(&setup.paths));
            findings.extend(store::look(&setup.paths));
            match node_file::find_running(&setup.paths, &setup.agent()).await {
                Err(failure) => findings.push(Finding::error("node", failure.sentence)),
                Ok(running) => node = running,
            }
            findings.extend(node::look(node.as_ref(), &setup));
            findings.extend(outside(node.as_ref(), &setup).await);
        }
    }
    if fix {
        for finding in findings.iter_mut().filter(|f| f.fix.is_some()) {
            mend(finding, node.as_ref(), globals.yes).await;
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

/// What others must be asked for: Twilio, and whoever answers at the public address.
async fn outside(node: Option<&Running>, setup: &Setup) -> Vec<Finding> {
    let (twilio, reach, numbers, accounts) =
        tokio::join!(twilio::look(setup), reach::look(node, setup), numbers::look(node, setup), accounts::look(node));
    [twilio, reach, numbers, accounts].concat()
}

/// Does what is safe; says so in the finding's place.
async fn mend(finding: &mut Finding, node: Option<&Running>, yes: bool) {
    let Some(fix) = finding.fix.clone() else { return };
    let done = match &fix {
        Fix::Close(path, mode) => finding::close(path, *mode).map_err(|e| e.to_string()),
        Fix::Point(_) if !yes => {
            finding.remedy = Some(format!("{}; or repeat with --yes", finding.remedy.clone().unwrap_or_default()));
            return;
        }
        Fix::Point(number) => match node {
            Some(node) => {
                let point = PointNumber { number: number.clone(), confirm: Some(number.clone()) };
                node.remote.call(point).await.map(drop).map_err(|e| e.to_string())
            }
            None => Err("no node runs here".to_owned()),
        },
    };
    match done {
        Ok(()) => {
            finding.level = Level::Info;
            finding.text = format!("{}: put right", finding.text);
            (finding.remedy, finding.fixed) = (None, true);
        }
        Err(why) => finding.text = format!("{}; it could not be put right: {why}", finding.text),
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
        out.line(&format!("{word}  {:<12}  {}", finding.check, shown(&finding.text)))?;
        if let Some(remedy) = &finding.remedy {
            out.line(&format!("{:23}-> {}", "", shown(remedy)))?;
        }
    }
    Ok(())
}
