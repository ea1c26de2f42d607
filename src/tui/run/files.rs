//! Files of this machine: opened by the program that is there for them, written, read and brought to the node.
//!
//! What a stranger calls a file never becomes a path of its own, and never a word of a shell: the opener is
//! started with the path as its one argument.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::domain::id::Id;
use crate::domain::media::LARGEST_OUT;
use crate::link::{Link, Sending};
use crate::tui::files::{Attached, Done, Task};
use crate::tui::shown::{Shown, shown};

/// A program that has not failed after such a time has the file.
const LOOK: Duration = Duration::from_secs(2);

/// Where opened files lie, and what opens them.
#[derive(Debug, Clone)]
pub(in crate::tui) struct Desk {
    /// The opener and its arguments before the path.
    pub opener: Vec<String>,
    /// The private directory of this run's opened files.
    pub dir: PathBuf,
}

impl Desk {
    /// A desk for a console with this state directory.
    pub fn new(opener: &[String], state: Option<PathBuf>) -> Desk {
        let usual = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
        let opener = if opener.is_empty() { vec![usual.to_owned()] } else { opener.to_vec() };
        let name = format!("opened-{}", std::process::id());
        Desk { opener, dir: state.unwrap_or_else(std::env::temp_dir).join(name) }
    }

    /// What was opened is not kept: the programs have it, or can be asked to save it.
    pub fn clear(&self) {
        if let Err(e) = fs::remove_dir_all(&self.dir)
            && e.kind() != ErrorKind::NotFound
        {
            tracing::warn!(error = %e, "what was opened could not be removed");
        }
    }

    /// Does it.
    pub async fn carry_out(&self, link: &Link, task: Task) -> Done {
        match task {
            Task::Open { message, index } => Done::Opened(self.open(link, message, index).await),
            Task::Save { message, index, path } => Done::Saved(save(link, message, index, &path).await),
            Task::Attach { conversation, business, path } => {
                Done::Attached(conversation, attach(link, business, &path).await)
            }
            Task::Complete(text) => {
                let asked = text.clone();
                let found = tokio::task::spawn_blocking(move || complete(&text)).await.unwrap_or_default();
                let (certain, others) = found;
                Done::Completed(asked, certain, others)
            }
        }
    }

    async fn open(&self, link: &Link, message: Id, index: u32) -> Result<Shown, Shown> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let content = link.content(message, index).await.map_err(|e| Shown::from(e.to_string()))?;
        let nth = MADE.fetch_add(1, Ordering::Relaxed);
        let path = self.dir.join(format!("{nth}-{}", content.name));
        let written = make_private(&self.dir).and_then(|()| write(&path, &content.bytes));
        written.map_err(|e| shown!("{} cannot be written: {e}", path.display()))?;
        let (program, arguments) = self.opener.split_first().ok_or("no program is set to open files with")?;
        let mut command = tokio::process::Command::new(program);
        command.args(arguments).arg(&path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // In a group of its own it cannot take the keys from this terminal.
        command.process_group(0);
        let instead = "save it instead, or set console.opener";
        let named = Shown::of(program);
        let mut child = command.spawn().map_err(|e| shown!("{named} could not be started ({e}): {instead}"))?;
        // Some hand the file on and end, others show it themselves and stay.
        match tokio::time::timeout(LOOK, child.wait()).await {
            Ok(Ok(status)) if !status.success() => Err(shown!("{named} ended with {status}: {instead}")),
            Ok(Err(e)) => Err(shown!("{named} cannot be watched: {e}")),
            Ok(Ok(_)) | Err(_) => Ok(shown!("{} is open in another program", Shown::of(&content.name))),
        }
    }
}

fn make_private(dir: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// A file of its owner's alone, and never one that was there before.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a file must not pass for a whole one.
        let _ = fs::remove_file(path);
    }
    written
}

async fn save(link: &Link, message: Id, index: u32, text: &str) -> Result<(PathBuf, u64), Shown> {
    let content = link.content(message, index).await.map_err(|e| Shown::from(e.to_string()))?;
    let mut path = written_as(text);
    if path.is_dir() {
        path = path.join(&content.name);
    }
    let size = content.bytes.len() as u64;
    let put = {
        let path = path.clone();
        tokio::task::spawn_blocking(move || write(&path, &content.bytes)).await
    };
    match put {
        Ok(Ok(())) => Ok((fs::canonicalize(&path).unwrap_or(path), size)),
        Ok(Err(e)) if e.kind() == ErrorKind::AlreadyExists => {
            Err(shown!("{} is there already: give another name", path.display()))
        }
        Ok(Err(e)) => Err(shown!("{} cannot be written: {e}", path.display())),
        Err(_) => Err(shown!("{} could not be written", path.display())),
    }
}

async fn attach(link: &Link, business: Id, text: &str) -> Result<Attached, Shown> {
    let path = written_as(text);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let read = tokio::task::spawn_blocking(move || read(&path)).await;
    let bytes = read.map_err(|_| Shown::from("the file could not be read"))??;
    let file = Sending { business: Some(business), name, bytes: bytes.into() };
    link.upload(file).await.map(Attached::from).map_err(|e| Shown::from(e.to_string()))
}

fn read(path: &Path) -> Result<Vec<u8>, Shown> {
    let unreadable = |e: std::io::Error| shown!("{} cannot be read: {e}", path.display());
    let about = fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() {
        return Err(shown!("{} is no file", path.display()));
    }
    if about.len() > LARGEST_OUT {
        let size = about.len();
        return Err(shown!("{} has {size} bytes; Twilio takes {LARGEST_OUT} at most", path.display()));
    }
    fs::read(path).map_err(unreadable)
}

/// A path as people write it: `~/` is the home directory.
fn written_as(text: &str) -> PathBuf {
    match (text.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(text),
    }
}

/// The most names that are offered.
const OFFERED: usize = 20;

/// How a path goes on: as far as all that fit agree, and what fits when there are several. Names that the
/// field could not hold as they are do not fit.
fn complete(text: &str) -> (String, Vec<String>) {
    let cut = text.rfind('/').map_or(0, |at| at + 1);
    let (dir, begun) = text.split_at(cut);
    let within = if dir.is_empty() { PathBuf::from(".") } else { written_as(dir) };
    let Ok(entries) = fs::read_dir(within) else { return (text.to_owned(), Vec::new()) };
    let mut found: Vec<String> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let hidden = name.starts_with('.') && !begun.starts_with('.');
            let fits = name.starts_with(begun) && !hidden && !name.chars().any(char::is_control);
            let slash = if entry.path().is_dir() { "/" } else { "" };
            fits.then(|| format!("{name}{slash}"))
        })
        .collect();
    found.sort();
    let Some(first) = found.first() else { return (text.to_owned(), Vec::new()) };
    let agreed = found.iter().skip(1).fold(first.clone(), |agreed, name| {
        agreed.chars().zip(name.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
    });
    let several = found.len() > 1;
    found.truncate(if several { OFFERED } else { 0 });
    (format!("{dir}{agreed}"), found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_path_is_completed_as_far_as_it_is_certain() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| format!("{}/{name}", dir.path().display());
        for name in ["menu.pdf", "menu-2.pdf", ".secret", "a\u{1b}b"] {
            fs::write(dir.path().join(name), b"x").unwrap();
        }
        fs::create_dir(dir.path().join("pictures")).unwrap();
        assert_eq!(complete(&at("me")), (at("menu"), vec!["menu-2.pdf".to_owned(), "menu.pdf".to_owned()]));
        assert_eq!(complete(&at("menu-")), (at("menu-2.pdf"), vec![]));
        assert_eq!(complete(&at("p")), (at("pictures/"), vec![]));
        assert_eq!(complete(&at("zzz")), (at("zzz"), vec![]));
        assert_eq!(complete(&at("a")), (at("a"), vec![]), "no field could hold it");
        assert_eq!(complete("/nowhere/at/all"), ("/nowhere/at/all".to_owned(), vec![]));
        assert_eq!(complete(&at(".s")).0, at(".secret"));
    }

    #[test]
    fn a_file_is_private_and_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("one.txt");
        write(&path, b"one").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(write(&path, b"two").unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert!(read(dir.path()).unwrap_err().as_str().contains("is no file"));
        fs::write(&path, vec![0; usize::try_from(LARGEST_OUT).unwrap() + 1]).unwrap();
        assert!(read(&path).unwrap_err().as_str().contains("at most"));
    }
}
