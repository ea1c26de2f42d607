//! What comes from the terminal and from the system, put into the queue of the loop.

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::msg::Msg;

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

/// Leaves on SIGTERM and SIGHUP; SIGTSTP and SIGCONT wait in the queue like keys, so that nothing is drawn
/// on a terminal that is not ours.
#[cfg(unix)]
pub async fn read_signals(queue: mpsc::Sender<Msg>) {
    use signal_hook::consts::{SIGCONT, SIGTSTP};
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut hangup), Ok(mut interrupt), Ok(mut stop), Ok(mut again)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
        signal(SignalKind::interrupt()),
        signal(SignalKind::from_raw(SIGTSTP)),
        signal(SignalKind::from_raw(SIGCONT)),
    ) else {
        return;
    };
    loop {
        let msg = tokio::select! {
            _ = term.recv() => Msg::Leave,
            _ = hangup.recv() => Msg::Leave,
            _ = interrupt.recv() => Msg::Interrupted,
            _ = stop.recv() => Msg::Suspended,
            _ = again.recv() => Msg::Resumed,
        };
        if queue.send(msg).await.is_err() {
            return;
        }
    }
}

#[cfg(not(unix))]
pub async fn read_signals(_: mpsc::Sender<Msg>) {}
