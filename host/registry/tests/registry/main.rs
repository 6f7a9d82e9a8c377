//! Carrying packs: with a real registry and an independent client, and with
//! servers that misbehave. Needs `docker-registry` and `skopeo`; `make test` asks
//! for them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod damage;
mod docker_registry;
mod hostile;
mod kill;
mod limits;
mod login;
mod pack;
mod real;
mod redirect;
mod referrers;
mod server;
mod skopeo;
mod tags;

use std::path::Path;
use std::time::Duration;

use gatewright_registry::{Backoff, Credentials, Limits, Reference, Registry, Settings};

/// Small times, small sizes, nobody's credentials.
fn settings() -> Settings {
    Settings {
        credentials: Credentials::Anonymous,
        plain_http: true,
        limits: Limits {
            manifest_bytes_max: 64 << 10,
            blob_bytes_max: 1 << 20,
            pack_bytes_max: 2 << 20,
            layers_max: 8,
            referrers_max: 8,
            tags_max: 50,
            redirects_max: 3,
            silence_max: Duration::from_secs(10),
            total_max: Duration::from_secs(60),
        },
        backoff: Backoff {
            tries_max: 3,
            first: Duration::from_millis(2),
            wait_max: Duration::from_millis(5),
            asked_max: Duration::from_secs(1),
        },
    }
}

fn registry() -> Registry {
    Registry::new(settings())
}

fn reference(host: &str, rest: &str) -> Reference {
    format!("{host}/{rest}").parse().unwrap()
}

/// Runs to the end, on a runtime that may move work between threads: a gate's does.
fn wait<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async { tokio::spawn(work).await.unwrap() })
}

/// What is in a folder, hidden files too.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
