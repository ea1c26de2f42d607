//! The editor outside: a private file for the text, the agent's editor on it, and what became of the text.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::tui::shown::{Shown, shown};

/// More than this is no message.
const MOST: u64 = 256 * 1024;

/// Lets the editor work on a text; answers the text afterwards. The terminal must be free.
pub(super) async fn edit(dir: Option<PathBuf>, text: String) -> Result<String, Shown> {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let name = format!("message-{}-{}.txt", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    let path = dir.unwrap_or_else(std::env::temp_dir).join(name);
    write(&path, &text).map_err(|e| shown!("no file for the editor could be made at {}: {e}", path.display()))?;
    let edited = run(&path).await;
    let _ = std::fs::remove_file(&path);
    edited
}

/// The file is the agent's alone, and never one that was there before.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

async fn run(path: &Path) -> Result<String, Shown> {
    let named = |name| std::env::var(name).ok().filter(|v| !v.trim().is_empty());
    let editor = named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    // Through the shell, for an editor's name may come with arguments; the path is one of its own.
    let mut command = tokio::process::Command::new("sh");
    command.arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(path);
    let status = command.status().await.map_err(|e| shown!("the editor could not be started: {e}"))?;
    if !status.success() {
        return Err(shown!(
            "the editor `{}` ended with {status}: the text is as it was. Set EDITOR",
            Shown::of(&editor)
        ));
    }
    let failed = |e: std::io::Error| shown!("what the editor wrote cannot be read: {e}");
    if std::fs::metadata(path).map_err(failed)?.len() > MOST {
        return Err(Shown::from("what the editor wrote is too long for a message: the text is as it was"));
    }
    std::fs::read_to_string(path).map_err(failed)
}
