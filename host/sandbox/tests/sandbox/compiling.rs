//! Compiling in a process of its own: what it gives, what it may use, and what it leaves.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use gatewright_policy::{Digest, Fault, Verdict};
use gatewright_sandbox::{
    Compiler, CompilerLimits, CompilerProcess, LoadError, Sandbox, SandboxConfig,
};

use crate::guests::{configured, judge, request};
use crate::{limits, run};

/// The name of the test below, and what makes the runner of tests run it alone.
const CHILD: [&str; 3] = [
    "--ignored",
    "--exact",
    "compiling::the_process_that_compiles",
];

/// No test: what the sandbox starts, with a folder as its last argument.
#[test]
#[ignore = "the tests here start it"]
fn the_process_that_compiles() {
    let folder = std::env::args().next_back().unwrap();
    if Path::new(&folder).is_absolute() {
        gatewright_sandbox::compile(Path::new(&folder)).unwrap();
    }
}

pub(crate) fn process(cache: Option<&Path>) -> CompilerProcess {
    let arguments = CHILD.map(Into::into).to_vec();
    CompilerProcess::this_program(arguments, cache.map(Path::to_owned))
}

pub(crate) fn sandbox(process: CompilerProcess) -> Sandbox {
    let config = SandboxConfig {
        instances_max: 8,
        compiler: Compiler::Process(process),
        ..SandboxConfig::default()
    };
    Sandbox::new(&config).unwrap()
}

/// A sandbox that can only find what another one built.
pub(crate) fn without_compiler(cache: &Path) -> Sandbox {
    sandbox(CompilerProcess {
        program: PathBuf::from("/nonexistent"),
        ..process(Some(cache))
    })
}

/// A component whose functions take a compiler several seconds, none of them out of bounds.
fn heavy() -> Vec<u8> {
    let body = "i32.const 123456 i32.add ".repeat(30_000);
    let functions = format!("(func (param i32) (result i32) local.get 0 {body})").repeat(40);
    judge("(i32.const 64)", &functions)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

/// Whether this is code of functions, which helps to compile and is not needed to run.
fn is_functions(path: &Path) -> bool {
    is_in(path, "functions")
}

/// Whether this says which code all settings share: no more than another help.
fn is_list_of_code(path: &Path) -> bool {
    is_in(path, "apart")
}

fn is_in(path: &Path, folder: &str) -> bool {
    path.components().any(|part| part.as_os_str() == folder)
}

/// So many bindings share the code of their component.
const MANY: usize = 20;

/// How many files of what was built, and of its code, a cache has.
pub(crate) fn kept(cache: &Path) -> usize {
    let files = files(cache).into_iter();
    files
        .filter(|path| path.extension().is_none())
        .filter(|path| !is_functions(path) && !is_list_of_code(path))
        .count()
}

#[test]
fn what_another_process_compiled_runs_here_and_is_found_again() {
    let cache = tempfile::tempdir().unwrap();
    let says = "(call $log (i32.const 1) (i32.const 1024) (i32.const 5)) (i32.const 0)";
    let top = r#"(data (i32.const 1024) "ready")"#;
    let unsnapshottable =
        "(table $t 1 funcref) (func (table.set $t (i32.const 0) (ref.null func)))";
    for (top, is_snapshotted) in [
        (top.to_owned(), true),
        (format!("{top}{unsnapshottable}"), false),
    ] {
        let component = configured(says, "(i32.const 64)", &top);
        let first = sandbox(process(Some(cache.path())));
        let again = without_compiler(cache.path());
        for sandbox in [first, again] {
            let guest = run(sandbox.load(&component, "{}", limits())).unwrap();
            assert_eq!(guest.is_snapshotted(), is_snapshotted);
            assert_eq!(guest.digest(), Digest::of(&component));
            assert_eq!(guest.configure_log()[0].text, "ready");
            let answer = run(guest.judge(&request("{}")));
            assert_eq!(answer.result, Ok(Verdict::Abstain.into()));
        }
        // Nothing was compiled here: that would have left other code.
        let kept = kept(cache.path());
        assert_eq!(kept, if is_snapshotted { 2 } else { 4 });
        // Other settings are another thing to build.
        let again = without_compiler(cache.path());
        let error = run(again.load(&component, "[]", limits())).unwrap_err();
        assert!(matches!(error, LoadError::Compiler(_)), "{error}");
    }
    let left: Vec<_> = files(cache.path())
        .into_iter()
        .filter(|path| path.to_str().unwrap().contains("building-"))
        .collect();
    assert_eq!(left, [] as [PathBuf; 0]);
}

#[test]
fn what_is_damaged_in_the_cache_is_made_anew_and_never_run() {
    let cache = tempfile::tempdir().unwrap();
    let component = judge("(i32.const 64)", "");
    let load = |sandbox: &Sandbox| run(sandbox.load(&component, "{}", limits()));
    load(&sandbox(process(Some(cache.path())))).unwrap();
    for path in files(cache.path()) {
        if path.extension().is_some() || is_functions(&path) || is_list_of_code(&path) {
            continue;
        }
        let whole = std::fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 0x55;
        std::fs::write(&path, damaged).unwrap();
        let error = load(&without_compiler(cache.path())).unwrap_err();
        assert!(matches!(error, LoadError::Compiler(_)), "{path:?}: {error}");
        let guest = load(&sandbox(process(Some(cache.path())))).unwrap();
        assert_eq!(
            run(guest.judge(&request("{}"))).result,
            Ok(Verdict::Abstain.into())
        );
        assert!(load(&without_compiler(cache.path())).is_ok(), "{path:?}");
    }
}

#[test]
fn other_settings_are_built_with_the_functions_of_the_first_even_if_those_are_damaged() {
    let cache = tempfile::tempdir().unwrap();
    let component = judge("(i32.const 64)", "");
    let load = |settings: &str| {
        let sandbox = sandbox(process(Some(cache.path())));
        let guest = run(sandbox.load(&component, settings, limits())).unwrap();
        assert_eq!(
            run(guest.judge(&request("{}"))).result,
            Ok(Verdict::Abstain.into())
        );
    };
    let kept = || -> Vec<_> {
        let files = files(cache.path()).into_iter();
        let functions = files.filter(|path| is_functions(path));
        functions
            .map(|path| (std::fs::read(&path).unwrap(), path))
            .collect()
    };
    load("{}");
    let first = kept();
    assert_eq!(first.len(), 1);
    load("[1]");
    assert_eq!(kept(), first);
    let (whole, path) = &first[0];
    let other = vec![0x55; whole.len()];
    for damaged in [&whole[..whole.len() / 2], b"", &other] {
        std::fs::write(path, damaged).unwrap();
        load(&format!("[{}]", damaged.len()));
        assert!(kept().iter().all(|(bytes, _)| bytes != damaged));
    }
}

#[test]
fn other_settings_are_built_with_the_code_of_the_first_even_if_that_is_damaged() {
    let cache = tempfile::tempdir().unwrap();
    let component = judge("(i32.const 64)", "");
    let load = |settings: &str| {
        let sandbox = sandbox(process(Some(cache.path())));
        let guest = run(sandbox.load_for(&component, settings, limits(), MANY)).unwrap();
        assert_eq!(
            run(guest.judge(&request("{}"))).result,
            Ok(Verdict::Abstain.into())
        );
    };
    load("{}");
    let before = kept(cache.path());
    load("[1]");
    let new = kept(cache.path()) - before;
    // What was built, and its image. Where the clock of the file system stood still, the
    // image of the first was taken for the one before, which is kept again then.
    assert!((2..=3).contains(&new), "{new}");
    let files = files(cache.path()).into_iter();
    let lists: Vec<_> = files.filter(|path| is_list_of_code(path)).collect();
    let [list] = &lists[..] else {
        panic!("{lists:?}");
    };
    let whole = std::fs::read(list).unwrap();
    for damaged in [&whole[..whole.len() / 2], b"", &vec![0x55; whole.len()]] {
        std::fs::write(list, damaged).unwrap();
        load(&format!("[{}]", damaged.len() + 2));
        assert_ne!(std::fs::read(list).unwrap(), damaged);
    }
}

/// A component that is compiled as it is has other code, of the same functions.
#[test]
fn what_is_only_compiled_is_built_with_functions_and_without_the_code_of_settings() {
    let cache = tempfile::tempdir().unwrap();
    let component = judge("(i32.const 64)", "");
    let sandbox = sandbox(process(Some(cache.path())));
    run(sandbox.load_for(&component, "{}", limits(), MANY)).unwrap();
    let functions = files(cache.path());
    let functions = functions.iter().find(|path| is_functions(path)).unwrap();
    let long_ago = SystemTime::now() - Duration::from_secs(24 * 3600);
    let file = File::options().append(true).open(functions).unwrap();
    file.set_modified(long_ago).unwrap();
    run(sandbox.rehearse(&component)).unwrap();
    // Whatever is lent was used.
    assert_ne!(file.metadata().unwrap().modified().unwrap(), long_ago);
}

#[test]
fn errors_of_the_other_process_are_those_of_this_one() {
    let sandbox = sandbox(process(None));
    let refuses = configured("(unreachable)", "(i32.const 64)", "");
    match run(sandbox.load(&refuses, "{}", limits())).unwrap_err() {
        LoadError::Configure { fault, .. } => {
            assert_eq!(fault, Fault::Trapped("unreachable code reached".to_owned()));
        }
        other => panic!("{other}"),
    }
    let loops = configured(
        "(loop $again (br $again)) (i32.const 0)",
        "(i32.const 64)",
        "",
    );
    match run(sandbox.load(&loops, "{}", limits())).unwrap_err() {
        LoadError::Configure { fault, .. } => assert_eq!(fault, Fault::OutOfFuel),
        other => panic!("{other}"),
    }
}

#[test]
fn a_compile_beyond_its_time_or_memory_is_ended_and_its_neighbour_is_compiled() {
    let component = heavy();
    for (limits_of, is_expected) in [
        (
            CompilerLimits {
                cpu: Duration::from_secs(1),
                ..CompilerLimits::default()
            },
            (|error| matches!(error, LoadError::CompileTime(_))) as fn(&LoadError) -> bool,
        ),
        (
            CompilerLimits {
                wall: Duration::from_millis(300),
                ..CompilerLimits::default()
            },
            |error| matches!(error, LoadError::CompileTime(_)),
        ),
        (
            CompilerLimits {
                memory_bytes: 64 << 20,
                ..CompilerLimits::default()
            },
            |error| matches!(error, LoadError::CompileBroke { .. }),
        ),
    ] {
        let sandbox = sandbox(CompilerProcess {
            limits: limits_of,
            ..process(None)
        });
        let error = run(sandbox.load(&component, "{}", limits())).unwrap_err();
        assert!(is_expected(&error), "{error}");
        assert!(error.to_string().contains("hint: "), "{error}");
    }
    let neighbour = judge("(i32.const 64)", "");
    let sandbox = sandbox(process(None));
    assert!(run(sandbox.load(&neighbour, "{}", limits())).is_ok());
}

#[test]
fn a_build_that_nobody_waits_for_ends() {
    let cache = tempfile::tempdir().unwrap();
    let sandbox = sandbox(process(Some(cache.path())));
    let component = heavy();
    let building = || {
        let entries = std::fs::read_dir(cache.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name());
        names
            .filter(|name| name.to_str().unwrap().starts_with("building-"))
            .count()
    };
    run(async {
        let mut load = Box::pin(sandbox.load(&component, "{}", limits()));
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(load.as_mut().poll(context).is_pending())
        });
        assert!(polled.await, "it is compiled elsewhere");
        assert_eq!(building(), 1);
        drop(load);
    });
    // The folder goes when the process has ended.
    let patience = Instant::now() + Duration::from_secs(60);
    while building() > 0 {
        assert!(Instant::now() < patience, "it is never ended");
        std::thread::yield_now();
    }
    assert!(run(without_compiler(cache.path()).load(&component, "{}", limits())).is_err());
}

#[test]
fn a_folder_that_others_can_write_to_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let cache = tempfile::tempdir().unwrap();
    std::fs::set_permissions(cache.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let config = SandboxConfig {
        compiler: Compiler::Process(process(Some(cache.path()))),
        ..SandboxConfig::default()
    };
    let error = Sandbox::new(&config).err().unwrap().to_string();
    assert!(error.contains("others may write there"), "{error}");
    let file = cache.path().join("file");
    std::fs::write(&file, "").unwrap();
    let config = SandboxConfig {
        compiler: Compiler::Process(process(Some(&file))),
        ..SandboxConfig::default()
    };
    let error = Sandbox::new(&config).err().unwrap().to_string();
    assert!(
        error.starts_with("cannot keep compiled policies in `"),
        "{error}"
    );
}
