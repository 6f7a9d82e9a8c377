//! The process that compiles: reads what it is asked from a folder, and leaves there
//! what came of it.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;

use gatewright_artifact::Artifacts;
use gatewright_policy::Digest;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::asked::Asked;
use crate::built::{CodeOfAll, Listed};
use crate::compiler::CompilerLimits;
use crate::functions::Functions;
use crate::inspection;
use crate::job::{self, Answer, Job};
use crate::limits::IMAGE_BYTES_MAX;
use crate::load;
use crate::load_error::LoadError;
use crate::machine::Machine;
use crate::priority::{self, COMPILER_NICENESS};
use crate::program::{Described, Prepared};
use crate::size::SandboxConfig;

/// The longest file that compiling may write, in bytes: code of the largest language
/// runtime, several times; and the most that data becomes.
const FILE_BYTES_MAX: u64 = (IMAGE_BYTES_MAX as u64) + (512 << 20);

/// Seconds between being told to end and being killed, which would say less.
const CPU_SECONDS_OVER: u64 = 5;

/// A guest is configured in one instance, and tried in another.
const INSTANCES: u32 = 4;

/// Compiles what the folder asks for, within limits that hold for the whole process, and
/// no longer than somebody holds the other end of its standard input. For a process of
/// its own: see [`Compiler::Process`](crate::Compiler::Process).
pub fn compile(folder: &Path) -> io::Result<()> {
    thread::Builder::new()
        .name("end-with-stdin".to_owned())
        .spawn(|| {
            let mut nothing = [0];
            while matches!(io::stdin().read(&mut nothing), Ok(1..)) {}
            std::process::exit(1);
        })?;
    let (job, component, settings) = Job::read(folder)?;
    limit_this_process(job.compiler)?;
    let functions = Arc::new(Functions::default());
    let _kept = functions.keep();
    let earlier = fs::read(job::functions(folder)).ok();
    functions.take_over(earlier.as_deref().unwrap_or_default());
    let asked = (component.as_slice(), settings.as_deref());
    let code = job::code(folder)?;
    let answer = match build(&job, asked, (&code, &functions)) {
        Ok(described) => Ok(kept(described, &code)?),
        Err(error) => Err(error),
    };
    if answer.is_ok() && earlier.is_none() {
        fs::write(job::functions(folder), functions.to_bytes())?;
    }
    Answer::write(&answer, folder)
}

fn limit_this_process(limits: CompilerLimits) -> io::Result<()> {
    priority::lower(COMPILER_NICENESS);
    let (cpu, memory) = (limits.cpu.as_secs(), limits.memory_bytes);
    for (resource, most, at_the_latest) in [
        (Resource::Cpu, cpu, cpu.saturating_add(CPU_SECONDS_OVER)),
        // What is written to. Address space is reserved in terabytes and says nothing.
        (Resource::Data, memory, memory),
        (Resource::Fsize, FILE_BYTES_MAX, FILE_BYTES_MAX),
        (Resource::Core, 0, 0),
    ] {
        // A limit of the system may be lower, and cannot be raised.
        let allowed = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let limit = Rlimit {
            current: Some(most.min(allowed)),
            maximum: Some(at_the_latest.min(allowed)),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

fn build(
    job: &Job,
    (component, settings): (&[u8], Option<&str>),
    (code, functions): (&Artifacts, &Arc<Functions>),
) -> Result<Described, LoadError> {
    let config = SandboxConfig {
        instances_max: INSTANCES,
        memory_bytes_max: job.memory_bytes_max,
        ..SandboxConfig::default()
    };
    let machine = Machine::new(&config, functions);
    let machine = machine.map_err(|error| LoadError::Compiler(error.to_string()))?;
    let lent = job.lent.and_then(|lent| {
        let code = code.find(lent.code).ok()?;
        machine.lend(lent.component, &code).ok()
    });
    let inspection = inspection::inspect(component)?;
    let Some(settings) = settings else {
        return to_end(load::compile(&machine, &inspection, component));
    };
    let asked = Asked {
        component,
        settings,
        limits: job.limits,
        state: job.state,
    };
    let prepared = to_end(load::prepare(&machine, &inspection, asked));
    drop(lent);
    prepared
}

/// Keeps the code of what was built, in the folder of the job.
fn kept(described: Described, code: &Artifacts) -> io::Result<Answer> {
    let Prepared {
        program,
        snapshot,
        log,
    } = described.prepared;
    let images = program.images.iter();
    let images = images.map(|(name, image)| Ok((name.clone(), code.keep_module(image)?)));
    let listed = Listed {
        code: code.keep_component(&program.code)?,
        images: images.collect::<io::Result<_>>()?,
        is_snapshotted: snapshot.is_some(),
        description: described.description,
        log,
    };
    let apart = snapshot.filter(|snapshot| !snapshot.images.is_empty());
    let of_all = apart.map(|snapshot| CodeOfAll {
        component: Digest::of(&snapshot.component),
        code: listed.code,
    });
    Ok(Answer { listed, of_all })
}

/// Guests wait for nothing but their turn.
fn to_end<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        let context = &mut Context::from_waker(Waker::noop());
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return output;
        }
    }
}
