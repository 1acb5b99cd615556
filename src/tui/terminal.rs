//! The real terminal: taken over at the start, given back at the end, whatever the end is.

use std::io::{self, Write};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::Print;
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};

/// Clicks and the wheel, in SGR encoding. Crossterm's own command also asks for every movement, which would wake the program all the time.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// Whether the terminal is ours at the moment.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal taken over; dropping it gives it back.
pub struct Taken {
    mouse: bool,
}

impl Taken {
    /// Takes the terminal over. A panic of this thread gives it back before it is reported.
    ///
    /// # Errors
    /// Standard output is no terminal.
    pub fn take() -> io::Result<Self> {
        restore_on_panic(thread::current().id());
        let taken = Self { mouse: true };
        taken.enter()?;
        Ok(taken)
    }

    /// Takes it over again after [`Taken::leave`].
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn enter(&self) -> io::Result<()> {
        TAKEN.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        // A terminal without a second screen still shows what was there before.
        execute!(io::stdout(), EnterAlternateScreen, Clear(ClearType::All), EnableBracketedPaste, Hide)?;
        self.show_mouse()
    }

    /// Gives it back for a while: to an editor, or to the shell.
    pub fn leave(&self) {
        give_back();
    }

    /// Takes the mouse, or leaves it to the terminal.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        self.show_mouse()
    }

    fn show_mouse(&self) -> io::Result<()> {
        execute!(io::stdout(), Print(if self.mouse { MOUSE_ON } else { MOUSE_OFF }))
    }

    /// Puts `text` on the terminal's clipboard with OSC 52, which works over SSH, too.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn copy(&self, text: &str) -> io::Result<()> {
        execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back if it is ours. What fails here cannot be mended: the terminal is gone.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        let _ = queue!(out, Print(MOUSE_OFF), DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = out.flush();
        let _ = disable_raw_mode();
    }
}

/// A panic of the thread `ui` gives the terminal back first. Panics of other threads end a task and not the program: their report would only
/// spoil the screen, and the task's failure is told on it.
fn restore_on_panic(ui: ThreadId) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == ui {
                give_back();
            }
            if !TAKEN.load(Ordering::SeqCst) {
                before(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests;
