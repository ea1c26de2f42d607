//! A text through a command of the agent's, as a pipe in a shell: the text goes in, what comes out is shown.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use super::msg::Piped;

/// The most that is read of what a command prints, in bytes; what it prints beyond is dropped.
const MOST: usize = 256 * 1024;
/// A command that takes longer is ended.
const TIME: Duration = Duration::from_secs(30);

/// Runs `command` by the agent's own shell with `text` as its input. The text is never part of the command.
pub async fn pipe(command: String, text: String) -> Piped {
    let shell = std::env::var("SHELL").ok().filter(|s| s.starts_with('/')).unwrap_or_else(|| "/bin/sh".to_owned());
    let spawned = Command::new(&shell)
        .arg("-c")
        .arg(&command)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // It must not read keys or draw: without a terminal it cannot.
        .process_group(0)
        .kill_on_drop(true)
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(e) => return Piped::failed(command, format!("the shell {shell} could not be started: {e}")),
    };
    let group = child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()));
    let (input, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let give = async move {
        if let Some(mut input) = input {
            // A command that does not read all of it is free not to.
            let _ = input.write_all(text.as_bytes()).await;
        }
    };
    let work = async { tokio::join!(give, read(out), read(err), child.wait()) };
    match tokio::time::timeout(TIME, work).await {
        Ok(((), (output, cut), (errors, _), Ok(status))) => {
            let ended = match status.code() {
                Some(0) => None,
                _ => Some(format!("it ended with {status}")),
            };
            Piped { command, output, errors, cut, ended }
        }
        Ok((.., Err(e))) => Piped::failed(command, format!("nobody can say how it ended: {e}")),
        Err(_) => {
            // What it started ends with it.
            let _ = group.map(|group| rustix::process::kill_process_group(group, rustix::process::Signal::KILL));
            Piped::failed(command, format!("it took longer than {} seconds and was ended", TIME.as_secs()))
        }
    }
}

/// Reads to the end, keeps the beginning; whether something was left out.
async fn read(from: Option<impl AsyncRead + Unpin>) -> (String, bool) {
    let Some(mut from) = from else { return (String::new(), false) };
    let (mut kept, mut chunk, mut cut) = (Vec::new(), vec![0; 16 * 1024], false);
    while let Ok(n @ 1..) = from.read(&mut chunk).await {
        let room = MOST.saturating_sub(kept.len()).min(n);
        kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
        cut |= room < n;
    }
    (String::from_utf8_lossy(&kept).into_owned(), cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_text_goes_through_a_command() {
        let said = pipe("tr a-z A-Z; echo bad >&2; exit 3".into(), "it's $(here)\n".into()).await;
        assert_eq!((said.output.as_str(), said.errors.as_str(), said.cut), ("IT'S $(HERE)\n", "bad\n", false));
        assert!(said.ended.is_some_and(|e| e.contains('3')));
        let said = pipe("true".into(), "x".repeat(1_000_000)).await;
        assert_eq!((said.output.as_str(), said.ended), ("", None));
    }

    #[tokio::test]
    async fn what_a_command_prints_is_bounded() {
        let said = pipe("head -c 2000000 /dev/zero | tr '\\0' x".into(), String::new()).await;
        assert!(said.cut && said.output.len() == MOST, "{}", said.output.len());
    }
}
