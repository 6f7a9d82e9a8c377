//! A child process: its output is read as it comes, and it ends with its owner.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::HarnessError;

/// Longest line kept of a child's output, in bytes; the rest of it is dropped.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// Where a child printed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// A running program. Dropping it kills it by its id and waits for its end.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    printed: Arc<Printed>,
}

#[derive(Debug, Default)]
struct Printed {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: Vec<(Stream, String)>,
    open: usize,
}

impl Process {
    /// Starts a program with both output streams captured.
    pub fn spawn(mut command: Command) -> Result<Self, HarnessError> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| HarnessError::Spawn {
                program: name.clone(),
                source,
            })?;
        let printed = Arc::new(Printed::default());
        let pipes: [(Stream, Option<Box<dyn Read + Send>>); 2] = [
            (
                Stream::Out,
                child.stdout.take().map(|pipe| Box::new(pipe) as _),
            ),
            (
                Stream::Err,
                child.stderr.take().map(|pipe| Box::new(pipe) as _),
            ),
        ];
        for (stream, pipe) in pipes {
            if let Some(pipe) = pipe {
                printed.lock().open += 1;
                let printed = Arc::clone(&printed);
                std::thread::spawn(move || printed.collect(stream, pipe));
            }
        }
        Ok(Self {
            name,
            stdin: child.stdin.take(),
            child,
            printed,
        })
    }

    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Writes one line to its standard input.
    pub fn write_line(&mut self, line: &str) -> Result<(), HarnessError> {
        if let Some(stdin) = &mut self.stdin {
            stdin.write_all(line.as_bytes())?;
            stdin.write_all(b"\n")?;
            stdin.flush()?;
        }
        Ok(())
    }

    /// Closes its standard input.
    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// The first line of `stream` that contains `wanted`, printed before or
    /// within `deadline`.
    pub fn wait_for_line(
        &self,
        stream: Stream,
        wanted: &str,
        deadline: Duration,
    ) -> Result<String, HarnessError> {
        let found = self.printed.wait(deadline, |state| {
            let fits = |(from, line): &&(Stream, String)| *from == stream && line.contains(wanted);
            state.lines.iter().find(fits).map(|(_, line)| line.clone())
        });
        found.ok_or_else(|| HarnessError::Silent {
            program: self.name.clone(),
            wanted: wanted.to_owned(),
            deadline,
            printed: self.printed(),
        })
    }

    /// Everything it printed so far, both streams in the order of arrival.
    pub fn printed(&self) -> String {
        let state = self.printed.lock();
        state
            .lines
            .iter()
            .map(|(_, line)| format!("{line}\n"))
            .collect()
    }

    /// The lines it printed so far on one stream.
    pub fn lines(&self, stream: Stream) -> Vec<String> {
        let state = self.printed.lock();
        state
            .lines
            .iter()
            .filter(|(from, _)| *from == stream)
            .map(|(_, line)| line.clone())
            .collect()
    }

    /// Waits for its end; everything it printed has then been read.
    pub fn wait(&mut self, deadline: Duration) -> Result<ExitStatus, HarnessError> {
        self.stdin = None;
        match self
            .printed
            .wait(deadline, |state| (state.open == 0).then_some(()))
        {
            Some(()) => Ok(self.child.wait()?),
            None => Err(HarnessError::Silent {
                program: self.name.clone(),
                wanted: "(the end)".to_owned(),
                deadline,
                printed: self.printed(),
            }),
        }
    }

    /// Runs a program to its end and returns its standard output.
    pub fn run(command: Command, deadline: Duration) -> Result<String, HarnessError> {
        let mut process = Self::spawn(command)?;
        let status = process.wait(deadline)?;
        if !status.success() {
            let (program, printed) = (process.name.clone(), process.printed());
            return Err(HarnessError::Failed {
                program,
                status,
                printed,
            });
        }
        Ok(process.lines(Stream::Out).join("\n"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A process that is already gone needs no ending.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

// === impl Printed ===

impl Printed {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn collect(&self, stream: Stream, pipe: impl Read) {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = reader
                .by_ref()
                .take(LINE_BYTES_MAX)
                .read_until(b'\n', &mut line);
            if !matches!(read, Ok(1..)) {
                break;
            }
            let text = String::from_utf8_lossy(&line)
                .trim_end_matches(['\r', '\n'])
                .to_owned();
            self.lock().lines.push((stream, text));
            self.changed.notify_all();
        }
        self.lock().open -= 1;
        self.changed.notify_all();
    }

    /// Waits until `ready` finds something; gives up at the deadline, and when
    /// both streams have ended.
    fn wait<T>(&self, deadline: Duration, ready: impl Fn(&State) -> Option<T>) -> Option<T> {
        let end = Instant::now() + deadline;
        let mut state = self.lock();
        loop {
            if let Some(found) = ready(&state) {
                return Some(found);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || state.open == 0 {
                return None;
            }
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}
