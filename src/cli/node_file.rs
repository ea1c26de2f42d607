//! The file by which a running node is found: its address and a token, readable by its owner only.
//!
//! A node that was killed leaves it behind; so a file counts only when the node that it names answers.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::Failure;
use crate::api::When;
use crate::api::node::{GetNode, NodeView};
use crate::config::{Paths, create_private_dir};
use crate::link::Remote;

/// How long a node on this machine may take to say that it is there.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// What a node writes about itself.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeFile {
    /// Where it listens, on loopback.
    pub base: String,
    /// The token of this run, for consoles and commands on this machine.
    pub token: String,
    /// Its process.
    pub pid: u32,
    /// Its sandbox's base URL; absent when live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<String>,
    /// Since when it runs (wall clock).
    pub started_at: When,
}

impl fmt::Debug for NodeFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeFile({}, process {})", self.base, self.pid)
    }
}

/// Takes the file away when it is dropped, unless another node has written its own meanwhile.
#[derive(Debug)]
#[must_use = "the file is removed when this is dropped"]
pub struct Announced {
    path: PathBuf,
    file: NodeFile,
}

impl Drop for Announced {
    fn drop(&mut self) {
        if read_path(&self.path).is_ok_and(|there| there.as_ref() == Some(&self.file)) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Writes the file, replacing what is there in one step. For the process that owns the store.
///
/// # Errors
/// A sentence that names the file and the system's reason.
pub fn write(paths: &Paths, file: NodeFile) -> Result<Announced, Failure> {
    let path = paths.node_file.clone();
    let failed = |e: std::io::Error| Failure::failed(format!("{} cannot be written: {e}", path.display()));
    create_private_dir(&paths.state)?;
    let text = serde_json::to_string(&file).map_err(|e| failed(e.into()))?;
    let new = path.with_extension(format!("{}.new", file.pid));
    let _ = fs::remove_file(&new);
    let mut opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new).map_err(failed)?;
    opened.write_all(text.as_bytes()).and_then(|()| opened.sync_all()).map_err(failed)?;
    fs::rename(&new, &path).map_err(failed)?;
    Ok(Announced { path, file })
}

/// Reads the file; `None` when there is none or it cannot be understood.
///
/// # Errors
/// A sentence when it is there and cannot be read.
pub fn read(paths: &Paths) -> Result<Option<NodeFile>, Failure> {
    read_path(&paths.node_file)
}

fn read_path(path: &Path) -> Result<Option<NodeFile>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(serde_json::from_str(&text).ok()),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Failure::failed(format!("{} cannot be read: {e}", path.display()))),
    }
}

/// A node that runs on this machine and has answered.
#[derive(Clone)]
pub struct Running {
    /// The way to it.
    pub remote: Remote,
    /// What it said about itself.
    pub view: NodeView,
    /// What it wrote about itself.
    pub file: NodeFile,
}

/// Asks the node that the file names; `None` when there is no file, or it was left behind by a node
/// that is gone.
///
/// # Errors
/// A sentence when the file is there and cannot be read.
pub async fn find_running(paths: &Paths, agent: &str) -> Result<Option<Running>, Failure> {
    let Some(file) = read(paths)? else { return Ok(None) };
    let Ok(base) = file.base.parse::<Url>() else { return Ok(None) };
    let Ok(remote) = Remote::new(base, &file.token, Some(agent)) else { return Ok(None) };
    match tokio::time::timeout(ANSWER_WITHIN, remote.call(GetNode {})).await {
        Ok(Ok(view)) => Ok(Some(Running { remote, view, file })),
        _ => Ok(None),
    }
}

/// A node that the file names and that somebody still listens for, though it has not answered: it hangs,
/// or is stopped. Ask after [`find_running`] found none.
pub async fn find_hanging(paths: &Paths) -> Option<NodeFile> {
    let file = read(paths).ok()??;
    let base: Url = file.base.parse().ok()?;
    let address = base.socket_addrs(|| None).ok()?.into_iter().next()?;
    let connected = tokio::time::timeout(Duration::from_secs(1), tokio::net::TcpStream::connect(address)).await;
    matches!(connected, Ok(Ok(_))).then_some(file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::config::{Flags, load_with};
    use crate::domain::time::Time;

    fn paths(dir: &Path) -> Paths {
        let flags = Flags { state_dir: Some(dir.to_owned()), ..Flags::default() };
        load_with(&flags, &|name| (name == "SWITCHBOARD_CONFIG").then(|| "/dev/null".to_owned())).unwrap().paths
    }

    fn file(token: &str) -> NodeFile {
        let base = "http://127.0.0.1:1".to_owned();
        NodeFile { base, token: token.into(), pid: 7, sandbox: None, started_at: When(Time(0)) }
    }

    #[test]
    fn it_is_for_its_owner_only_and_goes_with_its_node() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path());
        assert!(read(&paths).unwrap().is_none());
        let announced = write(&paths, file("one")).unwrap();
        assert_eq!(fs::metadata(&paths.node_file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read(&paths).unwrap(), Some(file("one")));
        assert!(!format!("{announced:?}").contains("one"));
        drop(announced);
        assert!(!paths.node_file.exists());
    }

    #[test]
    fn a_node_that_was_replaced_leaves_the_new_file_alone() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path());
        let old = write(&paths, file("one")).unwrap();
        let new = write(&paths, file("two")).unwrap();
        drop(old);
        assert_eq!(read(&paths).unwrap(), Some(file("two")));
        drop(new);
        assert!(read(&paths).unwrap().is_none());
    }

    #[tokio::test]
    async fn what_a_killed_node_left_behind_is_not_a_node() {
        let dir = tempfile::tempdir().unwrap();
        let paths = paths(dir.path());
        assert!(find_running(&paths, "agent1").await.unwrap().is_none());
        // A port that was free a moment ago: nobody answers there.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let gone = NodeFile { base: format!("http://127.0.0.1:{port}"), ..file("one") };
        let _announced = write(&paths, gone).unwrap();
        assert!(find_running(&paths, "agent1").await.unwrap().is_none());
        fs::write(&paths.node_file, "half a fi").unwrap();
        assert!(find_running(&paths, "agent1").await.unwrap().is_none());
    }
}
