//! An engine in a folder of its own, with the policy of the benchmarks.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use gatewright_engine::config::Loaded;
use gatewright_engine::{Call, Engine, Kind, Ruling, Snapshot};
use gatewright_harness::Binaries;
use gatewright_policy::json::{Document, JsonLimits, Pointer};
use gatewright_policy::pattern::Scope;
use gatewright_policy::{Decision, Grant};
use gatewright_sandbox::{Compiler, CompilerLimits, CompilerProcess};
use tempfile::TempDir;

/// Where `make bench` puts the component of `tests/bench/policy`.
const COMPONENT: &str = "target/bench/policy.wasm";

/// The one tool server. Its tools are pinned read-only, so that their records
/// are written and not synced before the call goes on.
const SERVER: &str = "[[server]]\nname = \"documents\"\nurl = \"http://127.0.0.1:1/mcp\"\ntools = { \"*\" = [\"read-only\"] }\n";

/// Compiles as the gate does.
pub(crate) fn compiler(cache: Option<PathBuf>) -> Result<Compiler> {
    Ok(Compiler::Process(CompilerProcess {
        program: Binaries::locate().gatewright()?,
        arguments: vec!["compile-policy".into()],
        cache,
        limits: CompilerLimits::default(),
    }))
}

/// The engine and what it reads and writes.
pub(crate) struct Bed {
    folder: TempDir,
    component: Vec<u8>,
    grant: Grant,
}

impl Bed {
    /// A folder with the policy and without a configuration.
    pub(crate) fn new() -> Result<Self> {
        Self::with(COMPONENT)
    }

    /// A folder with a component, which is named from the root of the project.
    pub(crate) fn with(component: &str) -> Result<Self> {
        let component = Binaries::locate().root().join(component);
        let component = fs::read(&component).with_context(|| {
            format!(
                "`{}` is not built\nhint: run `make bench`",
                component.display()
            )
        })?;
        let scopes = Scope::parse("documents:*").into_iter().collect();
        Ok(Self {
            folder: tempfile::tempdir()?,
            component,
            grant: Grant::local("agent", Some("alice"), scopes, Arc::from("session")),
        })
    }

    /// Writes the configuration in one step: the server, and these bindings.
    pub(crate) fn configure(&self, bindings: &str) -> Result<()> {
        let part = self.path().join("gatewright.part");
        fs::write(&part, format!("{SERVER}\n{bindings}"))?;
        Ok(fs::rename(part, self.config())?)
    }

    /// Writes a variant of the policy that nothing but its digest tells from the
    /// others, and gives its file name.
    pub(crate) fn add_policy(&self, variant: u8) -> Result<String> {
        let name = format!("policy-{variant}.wasm");
        let component = self.variant(u32::from(variant));
        fs::write(self.path().join(&name), component)?;
        Ok(name)
    }

    /// The component with a number in it: the same policy, of another digest.
    pub(crate) fn variant(&self, number: u32) -> Vec<u8> {
        let mut component = self.component.clone();
        // A custom section: id 0, eight bytes, a name of three bytes, four bytes.
        component.extend([0, 8, 3, b'r', b'u', b'n']);
        component.extend(number.to_le_bytes());
        component
    }

    pub(crate) async fn start(&self) -> Result<Arc<Engine>> {
        Ok(Engine::start_with(&Loaded::read(&self.config())?, compiler(None)?).await?)
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path().join("gatewright.toml")
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.path().join("state/audit.jsonl")
    }

    /// From the bytes of a message to the question about it.
    pub(crate) fn call(&self, engine: &Engine, id: u64, tool: &str, message: &str) -> Result<Call> {
        let server = Arc::from("documents");
        call_of(self.grant.clone(), &server, engine, id, tool, message)
    }

    /// From the bytes of a message to the decision.
    pub(crate) async fn decide(
        &self,
        engine: &Engine,
        snapshot: &Arc<Snapshot>,
        tool: &str,
        message: &str,
    ) -> Result<()> {
        let call = self.call(engine, 0, tool, message)?;
        let judgement = engine.judge(snapshot, call).await;
        ensure!(
            matches!(judgement.decision(), Decision::Allow(_)),
            "not allowed: {:?}",
            judgement.decision()
        );
        Ok(())
    }

    /// The same, and its record: what the gate does before it forwards.
    pub(crate) async fn rule(
        &self,
        engine: &Arc<Engine>,
        id: u64,
        tool: &str,
        message: &str,
    ) -> Result<()> {
        self.rule_by(engine, &engine.snapshot(), id, tool, message)
            .await
    }

    /// The same by a snapshot that was taken before.
    pub(crate) async fn rule_by(
        &self,
        engine: &Arc<Engine>,
        snapshot: &Arc<Snapshot>,
        id: u64,
        tool: &str,
        message: &str,
    ) -> Result<()> {
        let call = self.call(engine, id, tool, message)?;
        let judgement = engine.judge(snapshot, call).await;
        match engine.record(judgement).await {
            Ruling::Permitted(_unused) => Ok(()),
            Ruling::Held(ticket) => bail!("held: {ticket:?}"),
            Ruling::Repeated(again) => bail!("given again: {again:?}"),
            Ruling::Denied(denial) => bail!("denied: {denial:?}"),
        }
    }
}

/// From the bytes of a message to the question about it: of somebody, at a tool server.
pub(crate) fn call_of(
    grant: Grant,
    server: &Arc<str>,
    engine: &Engine,
    id: u64,
    tool: &str,
    message: &str,
) -> Result<Call> {
    Ok(Call {
        id: id.to_string(),
        grant,
        kind: Kind::Judged,
        method: "tools/call".to_owned(),
        server: Arc::clone(server),
        name: tool.to_owned(),
        message: Document::parse(message, &JsonLimits::default())?,
        arguments_at: Pointer::known("/params/arguments"),
        at: engine.now(),
    })
}

/// A `[[binding]]` of a policy file.
pub(crate) fn binding(name: &str, policy: &str, tool: &str, settings: &str) -> String {
    format!(
        "[[binding]]\nname = \"{name}\"\npolicy = \"{policy}\"\ntools = [\"{tool}\"]\nsettings = {settings}\n"
    )
}
