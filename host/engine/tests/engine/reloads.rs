//! Hot reload: what is on disk becomes active as a whole or not at all.

use std::time::{Duration, Instant};

use gatewright_engine::Ruling;
use gatewright_engine::reload::Reloader;

use crate::gate::{ALLOW, DENY, Gate, binding, judge};

/// Longer than any reload takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Looks until it is so; file events say nothing of when they are handled.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "never happened: {what}");
        // Compiling has the lowest priority: a loop without a pause starves it.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn is_allowed(gate: &Gate) -> bool {
    matches!(gate.tool("1", "{}").await, Ruling::Permitted(_))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_component_flips_the_next_call() {
    let gate = Gate::started(&binding("a", ""), &[("a.wasm", judge(ALLOW))]).await;
    let _reloader = Reloader::start(gate.engine().clone(), gate.config_path()).unwrap();
    assert!(is_allowed(&gate).await);
    gate.write("a.wasm", &judge(DENY));
    until("denied", async || !is_allowed(&gate).await).await;
    assert_eq!(gate.engine().status().generation, 2);
    gate.write("a.wasm", &judge(ALLOW));
    until("allowed", async || is_allowed(&gate).await).await;
    assert_eq!(gate.engine().status().generation, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_keeps_the_last_good_snapshot_and_says_why() {
    let gate = Gate::started(&binding("a", ""), &[("a.wasm", judge(ALLOW))]).await;
    let _reloader = Reloader::start(gate.engine().clone(), gate.config_path()).unwrap();
    let error = || gate.engine().status().reload_error.map(|error| error.error);
    gate.write("a.wasm", b"\0asm garbage");
    until("an error", async || error().is_some()).await;
    assert!(
        error().unwrap().contains("gatewright.toml:6: policy `a`"),
        "{error:?}",
        error = error()
    );
    assert!(is_allowed(&gate).await);
    gate.configure("[[binding]]\nname = \"a\"\npolicee = \"a.wasm\"");
    until("another error", async || {
        error().is_some_and(|error| error.contains("policee"))
    })
    .await;
    assert!(is_allowed(&gate).await);
    assert_eq!(gate.engine().status().generation, 1);
    gate.write("a.wasm", &judge(ALLOW));
    gate.configure(&binding("a", ""));
    until("no error", async || error().is_none()).await;
    assert_eq!(
        gate.engine().status().generation,
        1,
        "nothing changed in the end"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn generations_go_on_counting_after_a_restart() {
    let mut gate = Gate::started(&binding("a", ""), &[("a.wasm", judge(ALLOW))]).await;
    assert_eq!(gate.engine().status().generation, 1);
    gate.stop();
    gate.start().await;
    assert_eq!(gate.engine().status().generation, 2);
}

/// Seen by its events: looking now and then alone takes seconds.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_was_removed_and_made_again_is_watched_again() {
    let config = binding("a", "settings_file = \"settings/a.json\"");
    let mut gate = Gate::new(&config, &[("a.wasm", judge(ALLOW))]);
    let folder = gate.folder.path().join("settings");
    let write = |number: u32| {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("a.json"), format!("{{\"n\":{number}}}")).unwrap();
    };
    write(0);
    gate.start().await;
    let _reloader = Reloader::start(gate.engine().clone(), gate.config_path()).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let error = || gate.engine().status().reload_error;
    until("an error", async || error().is_some()).await;
    write(1);
    until("generation 2", async || {
        gate.engine().status().generation == 2
    })
    .await;
    let mut quick = 0;
    for number in 2..8 {
        let before = Instant::now();
        write(number);
        let generation = u64::from(number) + 1;
        until("the next generation", async || {
            gate.engine().status().generation >= generation
        })
        .await;
        quick += u32::from(before.elapsed() < Duration::from_secs(3));
    }
    assert!(
        quick >= 3,
        "only {quick} of 6 changes were seen as they happened"
    );
}

/// What a file holds, and which files there are, is in the settings.
#[tokio::test(flavor = "multi_thread")]
async fn files_of_settings_are_watched() {
    let config = binding("a", "files = { rules = \"rules/**/*.txt\" }");
    let mut gate = Gate::new(&config, &[("a.wasm", judge(ALLOW))]);
    let folder = gate.folder.path().join("rules");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("a.txt"), "1").unwrap();
    gate.start().await;
    let _reloader = Reloader::start(gate.engine().clone(), gate.config_path()).unwrap();
    let generation = || gate.engine().status().generation;
    for (expected, change) in [
        (2, ("a.txt", Some("2"))),
        (3, ("b/c.txt", Some("1"))),
        (4, ("b/c.txt", Some("2"))),
        (5, ("b/c.txt", None)),
    ] {
        let (name, text) = change;
        let file = folder.join(name);
        match text {
            Some(text) => {
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(&file, text).unwrap();
            }
            None => std::fs::remove_file(&file).unwrap(),
        }
        until("the next generation", async || generation() >= expected).await;
    }
    std::fs::write(folder.join("none.md"), "no rule").unwrap();
    std::fs::remove_file(folder.join("a.txt")).unwrap();
    let error = || gate.engine().status().reload_error.map(|error| error.error);
    until("an error", async || error().is_some()).await;
    assert!(error().unwrap().contains("no file fits"), "{:?}", error());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_configuration_overtakes_a_build_under_way() {
    let mut gate = Gate::new("", &[("a.wasm", judge(ALLOW))]);
    gate.start_stuck().await;
    let reloader = Reloader::start(gate.engine().clone(), gate.config_path()).unwrap();
    let building = || gate.engine().status().building;
    gate.configure(&binding("a", ""));
    until("a build", async || building().is_some()).await;
    let status = gate.engine().status();
    assert_eq!((status.generation, status.reload_error), (1, None));
    // Calls go on while something is built.
    assert!(!is_allowed(&gate).await);
    gate.configure("# nothing to compile");
    until("the newer one", async || {
        gate.engine().status().generation == 2
    })
    .await;
    assert_eq!(building(), None);
    assert_eq!(gate.engine().status().reload_error, None);

    // What is built ends with the reloader, and holds up nobody who stops.
    gate.configure(&binding("a", ""));
    until("another build", async || building().is_some()).await;
    drop(reloader);
    until("no build", async || building().is_none()).await;
    assert_eq!(gate.engine().status().generation, 2);
}
