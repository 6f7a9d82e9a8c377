//! The memory that a configuration names, and an engine on it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use gatewright_engine::Engine;
use gatewright_engine::config::Loaded;
use gatewright_store::{MemoryAt, SqlMemory};

use crate::failure::Advise as _;

/// Whoever asks a database for longer is refused: agents wait for each answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Where the configuration keeps what is remembered; none: in the ledger's file.
pub(crate) fn of(loaded: &Loaded) -> Option<MemoryAt> {
    let memory = loaded.config.memory.as_ref()?;
    Some(MemoryAt {
        url: memory.url.get_ref().clone(),
        folder: loaded.path.parent().unwrap_or(Path::new("")).to_owned(),
        password_file: memory.password_file.clone(),
        gate: memory.gate().to_owned(),
        salt: memory.salt.clone(),
        patience: PATIENCE,
    })
}

/// The secret that shows the gate of a configuration that an operator asks.
pub(crate) fn operator(loaded: &Loaded) -> anyhow::Result<String> {
    let hint = "run this as the user of the gate, on its machine, once it was started";
    if let Some(at) = of(loaded) {
        return gatewright_store::operator(&at).hint(hint);
    }
    let path = loaded.resolve(&loaded.config.audit.path);
    let name = path.display();
    let secret = gatewright_engine::ledger::operator(&path)
        .with_context(|| format!("the salt of `{name}` cannot be read"))
        .hint(hint)?;
    // Without a gate of its own it may be that of `wrap`: the one that wrote last.
    let wrapped = || {
        let latest = crate::records::of(&loaded.path).into_iter().next()?;
        gatewright_engine::ledger::operator(&latest).ok().flatten()
    };
    secret
        .or_else(wrapped)
        .ok_or_else(|| anyhow!("`{name}` has no salt: no gate was ever started here"))
        .hint(hint)
}

/// An engine on the memory of a configuration, active.
pub(crate) async fn start(loaded: &Loaded) -> anyhow::Result<Arc<Engine>> {
    let compiler = crate::compiled::compiler();
    let Some(at) = of(loaded) else {
        return Ok(Engine::start_with(loaded, compiler).await?);
    };
    let (memory, since) = SqlMemory::open(&at).await?;
    Ok(Engine::start_on(loaded, compiler, Box::new(memory), since).await?)
}
