//! The memory that a configuration names, and an engine on it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gatewright_engine::Engine;
use gatewright_engine::config::Loaded;
use gatewright_store::{MemoryAt, SqlMemory};

/// Whoever asks a database for longer is refused: agents wait for each answer.
const PATIENCE: Duration = Duration::from_secs(5);

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

/// An engine on the memory of a configuration, active.
pub(crate) async fn start(loaded: &Loaded) -> anyhow::Result<Arc<Engine>> {
    let compiler = crate::compiled::compiler();
    let Some(at) = of(loaded) else {
        return Ok(Engine::start_with(loaded, compiler).await?);
    };
    let (memory, since) = SqlMemory::open(&at).await?;
    Ok(Engine::start_on(loaded, compiler, Box::new(memory), since).await?)
}
