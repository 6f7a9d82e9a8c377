//! The console of a gate: what it reads, and how it is opened.

mod approvals;
mod operations;
mod record;
mod sign_in;

use std::sync::Arc;

use anyhow::bail;
use gatewright_console::{Console, FileRecord, GateView, Record, Settings, Sources};
use gatewright_engine::Engine;
use gatewright_engine::config::Loaded;
use tokio::task::JoinHandle;

use self::approvals::{EngineApprovals, roles_of};
use self::operations::GateOperations;
use self::record::StoredRecord;

/// A console that is served until this is dropped.
pub(crate) struct Open(JoinHandle<()>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The console that a configuration asks for, listening.
pub(crate) async fn bind(loaded: &Loaded, engine: &Arc<Engine>) -> anyhow::Result<Option<Console>> {
    let Some(config) = &loaded.config.console else {
        return Ok(None);
    };
    let text =
        |value: &Option<toml::Spanned<String>>| value.as_ref().map(|value| value.get_ref().clone());
    let settings = Settings {
        listen: config.listen,
        origin: text(&config.origin),
        rp_id: text(&config.rp_id),
        accounts: loaded.resolve(&config.accounts),
    };
    let record: Arc<dyn Record> = match crate::memory::of(loaded) {
        Some(at) => Arc::new(StoredRecord::new(at)),
        None => Arc::new(FileRecord::at(&loaded.resolve(&loaded.config.audit.path))),
    };
    let (seen, clock) = (Arc::clone(engine), Arc::clone(engine));
    let sources = Sources {
        approvals: Arc::new(EngineApprovals::new(Arc::clone(engine))),
        operations: Arc::new(GateOperations::new(Arc::clone(engine), loaded)),
        record,
        gate: Box::new(move || GateView::of(&seen)),
        sign_in: config.oidc.as_ref().map(|oidc| sign_in::of(oidc, loaded)),
        now: Box::new(move || clock.now()),
    };
    let console = Console::bind(&settings, sources).await?;
    let issuer = config
        .oidc
        .as_ref()
        .map(|oidc| oidc.issuer.get_ref().clone());
    if !engine.set_accounts(roles_of(console.accounts(), issuer)) {
        bail!("somebody else says who has an account already");
    }
    Ok(Some(console))
}

/// Opens it. Where nobody has an account yet, says with which code the first is made.
pub(crate) fn open(console: Console) -> anyhow::Result<Open> {
    if let Some(code) = console.first_code()? {
        let url = console.url();
        eprintln!(
            "console: make the first account at {url}/enrol with the code {code}, within half an hour"
        );
    }
    Ok(Open(tokio::spawn(console.run(std::future::pending()))))
}
