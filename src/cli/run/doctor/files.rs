//! Who may look into the state, and whether it can be written.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::finding::{Finding, Fix};
use crate::config::Paths;

const CHECK: &str = "files";

/// Looks at the directories and files of this world.
pub fn look(paths: &Paths) -> Vec<Finding> {
    let state = &paths.state;
    let Ok(meta) = std::fs::metadata(state) else {
        let text = format!("{} does not exist yet: the first run makes it", state.display());
        return vec![Finding::info(CHECK, text)];
    };
    let mut findings = Vec::new();
    findings.extend(open_to_others(state, 0o700));
    let files = [paths.store.clone(), paths.store.with_file_name("intake.redb"), paths.node_file.clone()];
    findings.extend(files.iter().filter_map(|file| open_to_others(file, 0o600)));
    if meta.permissions().readonly() {
        let text = format!("{} cannot be written to", state.display());
        findings.push(Finding::error(CHECK, text).remedy("give its owner the right to write"));
    }
    if findings.is_empty() {
        findings.push(Finding::info(CHECK, format!("state lies in {}", state.display())));
    }
    findings
}

/// Files lie in a directory that is closed, so the directory is what matters; a file is told of when it
/// lies elsewhere.
fn open_to_others(path: &Path, wanted: u32) -> Option<Finding> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    let parent = path.parent().and_then(|dir| std::fs::metadata(dir).ok());
    let is_sheltered = wanted == 0o600 && parent.is_some_and(|dir| dir.permissions().mode() & 0o077 == 0);
    if mode & 0o077 == 0 || is_sheltered {
        return None;
    }
    let text = format!("others can look into {} (mode {mode:03o})", path.display());
    let remedy = format!("run `chmod {wanted:o}` on it, or `switchboard doctor --fix`");
    Some(Finding::warning(CHECK, text).remedy(remedy).fix(Fix::Close(path.to_owned(), wanted)))
}
