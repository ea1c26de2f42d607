//! What comes from the terminal and from the system, put into the queue of the loop.

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::msg::Msg;
use super::term;

/// Reads keys, pastes, clicks and sizes for as long as somebody listens.
pub async fn read_terminal(queue: mpsc::Sender<Msg>) {
    let mut events = EventStream::new();
    while let Some(event) = events.next().await {
        let msg = match event {
            Ok(Event::Key(key)) => Msg::Key(key),
            Ok(Event::Paste(text)) => Msg::Paste(text),
            Ok(Event::Mouse(mouse)) => Msg::Mouse(mouse),
            Ok(Event::Resize(..)) => Msg::Resize,
            Ok(Event::FocusGained) => Msg::Focus(true),
            Ok(Event::FocusLost) => Msg::Focus(false),
            Err(_) => break,
        };
        if queue.send(msg).await.is_err() {
            return;
        }
    }
    // The terminal is gone.
    let _ = queue.send(Msg::Leave).await;
}

/// Leaves on SIGTERM and SIGHUP; on SIGTSTP gives the terminal back while stopped.
#[cfg(unix)]
pub async fn read_signals(queue: mpsc::Sender<Msg>) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut hangup), Ok(mut stop), Ok(mut again)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
        signal(SignalKind::from_raw(STOP)),
        signal(SignalKind::from_raw(CONTINUE)),
    ) else {
        return;
    };
    loop {
        let msg = tokio::select! {
            _ = term.recv() => Msg::Leave,
            _ = hangup.recv() => Msg::Leave,
            _ = stop.recv() => {
                term::give_back();
                let me = std::process::id().to_string();
                // We stop ourselves here and go on below.
                let _ = std::process::Command::new("kill").args(["-STOP", &me]).status();
                Msg::Resumed
            }
            _ = again.recv() => Msg::Resumed,
        };
        if queue.send(msg).await.is_err() {
            return;
        }
    }
}

/// SIGTSTP and SIGCONT, which the runtime has no names for.
#[cfg(all(unix, target_os = "linux"))]
const STOP: i32 = 20;
#[cfg(all(unix, target_os = "linux"))]
const CONTINUE: i32 = 18;
#[cfg(all(unix, not(target_os = "linux")))]
const STOP: i32 = 18;
#[cfg(all(unix, not(target_os = "linux")))]
const CONTINUE: i32 = 19;

#[cfg(not(unix))]
pub async fn read_signals(_: mpsc::Sender<Msg>) {}
