//! What a person sees while a command works for longer than a second.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Whoever gets an answer within this time needs no word before.
const SILENCE: Duration = Duration::from_secs(1);

/// Says on stderr, where that is a terminal, what takes so long; silent again, and
/// without a trace, when it is dropped.
pub(crate) struct Progress {
    shown: Option<Shown>,
}

struct Shown {
    /// Nothing is ever sent: that it is gone says that the work is done.
    work: Sender<()>,
    thread: JoinHandle<()>,
}

// === impl Progress ===

impl Progress {
    /// Of work that begins now, for example "compiling".
    pub(crate) fn of(what: &'static str) -> Self {
        if !io::stderr().is_terminal() {
            return Self { shown: None };
        }
        let (work, done) = mpsc::channel::<()>();
        let named = thread::Builder::new().name("progress".to_owned());
        let thread = named.spawn(move || {
            let begin = Instant::now();
            let mut is_shown = false;
            while let Err(RecvTimeoutError::Timeout) = done.recv_timeout(SILENCE) {
                is_shown = true;
                say(&format!("\r{what}, {} s", begin.elapsed().as_secs()));
            }
            if is_shown {
                say("\r\u{1b}[K");
            }
        });
        // Without a thread there is nothing to see, and the work goes on.
        let shown = thread.ok().map(|thread| Shown { work, thread });
        Self { shown }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(Shown { work, thread }) = self.shown.take() {
            drop(work);
            // What it could have panicked about is on the terminal already.
            let _ = thread.join();
        }
    }
}

/// A terminal that takes nothing is no reason to fail.
fn say(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
}
