//! The terminal: taken at the start and given back whatever happens.
//!
//! Nothing is probed before the first frame: what a terminal does not know it ignores, so that
//! nobody waits for an answer that never comes.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write, stdin, stdout};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture, KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, SetTitle,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

use super::shown::Shown;
use crate::config::Notify;

/// Our terminal: one write per frame.
pub type Tty = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

static TAKEN: AtomicBool = AtomicBool::new(false);
static PANICKED: AtomicBool = AtomicBool::new(false);

/// Whether both ends are a terminal.
pub fn is_there() -> bool {
    stdin().is_terminal() && stdout().is_terminal()
}

/// Whether some thread panicked since the terminal was taken.
pub fn has_panicked() -> bool {
    PANICKED.load(Ordering::Relaxed)
}

/// Gives the terminal back when it goes.
pub struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

/// Takes the terminal: raw, on the alternate screen. A panic gives it back before it is reported.
pub fn take(mouse: bool) -> io::Result<(Tty, Guard)> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            PANICKED.store(true, Ordering::Relaxed);
            give_back();
            previous(info);
        }));
    });
    let guard = Guard;
    enter(mouse)?;
    let terminal = Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(64 * 1024, stdout())))?;
    Ok((terminal, guard))
}

/// Sets the modes we work with.
pub fn enter(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = stdout();
    queue!(out, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange)?;
    // Tells Shift-Enter from Enter where a terminal can; the others ignore the request.
    queue!(out, PushKeyboardEnhancementFlags(KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES))?;
    if mouse {
        queue!(out, EnableMouseCapture)?;
    }
    out.flush()
}

/// Undoes everything, once.
pub fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = stdout();
    let _ = execute!(
        out,
        EndSynchronizedUpdate,
        DisableMouseCapture,
        PopKeyboardEnhancementFlags,
        DisableFocusChange,
        DisableBracketedPaste,
        SetTitle(""),
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = disable_raw_mode();
}

/// The sequence that asks for a notification of the desktop; empty when none is wanted.
pub fn notification(how: Notify, text: &Shown) -> String {
    match how {
        Notify::Off => String::new(),
        // Our name first: a text that begins with a number would be one of ConEmu's commands.
        Notify::Osc9 => format!("\x1b]9;switchboard: {text}\x07"),
        // The last field may hold semicolons, the title may not.
        Notify::Osc777 => format!("\x1b]777;notify;switchboard;{text}\x07"),
    }
}

/// What is written to the terminal beside frames.
pub trait Hands: Send {
    /// A frame begins or ends: in between the terminal shows the old one.
    fn frame(&mut self, begins: bool) -> io::Result<()>;
    /// The window's title.
    fn title(&mut self, title: &Shown) -> io::Result<()>;
    /// The bell.
    fn bell(&mut self) -> io::Result<()>;
    /// A control sequence made here, of which nothing came from outside but as a [`Shown`].
    fn write(&mut self, sequence: &str) -> io::Result<()>;
    /// The clipboard, by OSC 52: it works over SSH too. The raw text travels as base64.
    fn copy(&mut self, raw: &str) -> io::Result<()>;
    /// Capture the mouse or leave it to the terminal.
    fn mouse(&mut self, captured: bool) -> io::Result<()>;
    /// Give the terminal back, for an editor.
    fn lend(&mut self) -> io::Result<()>;
    /// Give the terminal back and stop this process; returns when it goes on.
    fn suspend(&mut self) -> io::Result<()>;
    /// Take the terminal again after the program was stopped.
    fn take_again(&mut self, mouse: bool) -> io::Result<()>;
}

/// The real terminal.
pub struct Real;

impl Hands for Real {
    fn frame(&mut self, begins: bool) -> io::Result<()> {
        if begins { execute!(stdout(), BeginSynchronizedUpdate) } else { execute!(stdout(), EndSynchronizedUpdate) }
    }
    fn title(&mut self, title: &Shown) -> io::Result<()> {
        execute!(stdout(), SetTitle(title))
    }
    fn bell(&mut self) -> io::Result<()> {
        let mut out = stdout();
        out.write_all(b"\x07")?;
        out.flush()
    }
    fn write(&mut self, sequence: &str) -> io::Result<()> {
        let mut out = stdout();
        out.write_all(sequence.as_bytes())?;
        out.flush()
    }
    fn copy(&mut self, raw: &str) -> io::Result<()> {
        execute!(stdout(), CopyToClipboard::to_clipboard_from(raw))
    }
    fn mouse(&mut self, captured: bool) -> io::Result<()> {
        if captured { execute!(stdout(), EnableMouseCapture) } else { execute!(stdout(), DisableMouseCapture) }
    }
    fn lend(&mut self) -> io::Result<()> {
        give_back();
        Ok(())
    }
    #[cfg(unix)]
    fn suspend(&mut self) -> io::Result<()> {
        give_back();
        signal_hook::low_level::raise(signal_hook::consts::SIGSTOP)
    }
    #[cfg(not(unix))]
    fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }
    fn take_again(&mut self, mouse: bool) -> io::Result<()> {
        // Stopped by a signal that nobody can catch we still think that it is ours, but the shell has
        // set it to its own modes meanwhile.
        give_back();
        enter(mouse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_is_one_sequence_whatever_the_name_is() {
        let hostile = Shown::of("4;1;50\u{7}\u{1b}]0;mine\u{9c} wrote");
        for (how, begins) in
            [(Notify::Osc9, "\x1b]9;switchboard: 4;1;50"), (Notify::Osc777, "\x1b]777;notify;switchboard;4;1;50")]
        {
            let text = notification(how, &hostile);
            assert!(text.starts_with(begins) && text.ends_with(" wrote\x07"), "{text:?}");
            let inside = &text[1..text.len() - 1];
            assert!(!inside.chars().any(char::is_control), "{text:?}");
        }
        assert_eq!(notification(Notify::Off, &hostile), "");
    }
}
