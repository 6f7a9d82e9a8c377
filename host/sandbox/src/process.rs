//! A process that compiles one component: started, waited for, and ended when it takes
//! too long or nobody waits for it any more.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use futures_channel::oneshot;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::compiler::CompilerProcess;
use crate::job::{Answer, Job};
use crate::load_error::LoadError;

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// How a process ended.
enum Ended {
    ByItself(ExitStatus),
    Overdue,
    Abandoned,
}

/// Has a component compiled and configured, in a folder that is empty before. Dropped,
/// it ends the process.
pub(crate) async fn build(
    compiler: &CompilerProcess,
    folder: &Arc<TempDir>,
    job: &Job,
    (component, settings): (&[u8], Option<&str>),
) -> Result<Answer, LoadError> {
    let failed = |error: io::Error| LoadError::Compiler(error.to_string());
    let written = job.write(folder.path(), component, settings);
    written.map_err(failed)?;
    let child = spawn(compiler, folder.path()).map_err(failed)?;
    let (limits, kept) = (job.compiler, Arc::clone(folder));
    // Dropped with this future, which the thread notices.
    let (_wanted, wanted) = mpsc::channel();
    let (sender, ended) = oneshot::channel();
    thread::Builder::new()
        .name("policy-compiler".to_owned())
        .spawn(move || {
            let ended = wait(child, &wanted, limits.wall);
            // Only now nobody writes there any more.
            drop(kept);
            let _abandoned = sender.send(ended);
        })
        .map_err(failed)?;
    let ended = ended
        .await
        .unwrap_or_else(|_| Err(io::Error::other("the thread that waits for it broke off")));
    match ended.map_err(failed)? {
        Ended::ByItself(status) if status.success() => {
            Answer::read(folder.path()).map_err(failed)?
        }
        Ended::ByItself(status) if status.signal() == Some(Signal::XCPU.as_raw()) => {
            Err(LoadError::CompileTime(limits))
        }
        Ended::ByItself(status) => Err(LoadError::CompileBroke {
            how: status.to_string(),
            limits,
        }),
        Ended::Overdue | Ended::Abandoned => Err(LoadError::CompileTime(limits)),
    }
}

fn spawn(compiler: &CompilerProcess, folder: &Path) -> io::Result<Child> {
    Command::new(&compiler.program)
        .args(&compiler.arguments)
        .arg(folder)
        .env_clear()
        .current_dir("/")
        // It ends when the pipe does, also when this process is killed.
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

fn wait(mut child: Child, wanted: &Receiver<()>, wall: Duration) -> io::Result<Ended> {
    let end = Instant::now() + wall;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Ended::ByItself(status));
        }
        let ended = match wanted.recv_timeout(LOOK) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Ended::Abandoned,
            Err(RecvTimeoutError::Timeout) if end <= Instant::now() => Ended::Overdue,
            Err(RecvTimeoutError::Timeout) => continue,
        };
        child.kill()?;
        child.wait()?;
        return Ok(ended);
    }
}
