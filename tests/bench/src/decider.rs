//! An engine that decides on one call at a time, without a gate around it.

use std::sync::Arc;

use anyhow::{Result, ensure};
use gatewright_engine::{Engine, Snapshot};
use gatewright_policy::{Decision, Grant};
use tokio::runtime::Runtime;

use crate::bed::{Bed, binding, call_of};
use crate::rule::{self, Sample, TOOL};

/// An engine with its configuration, on the thread that calls it.
pub(crate) struct Decider {
    bed: Bed,
    pub(crate) runtime: Runtime,
    pub(crate) engine: Arc<Engine>,
    pub(crate) snapshot: Arc<Snapshot>,
}

// === impl Decider ===

impl Decider {
    /// The last rule of each binding allows the samples.
    pub(crate) fn new(bindings: usize, rules: usize) -> Result<Self> {
        let bed = Bed::new()?;
        let policy = bed.add_policy(0)?;
        let settings = rule::settings(rules);
        let bindings = (0..bindings)
            .map(|number| binding(&format!("rule-{number}"), &policy, TOOL, &settings));
        let bindings: String = bindings.collect();
        Self::start(bed, &bindings)
    }

    /// One binding of a component that ships with the project.
    pub(crate) fn of(component: &str, settings: &str) -> Result<Self> {
        Self::on(TOOL, component, settings)
    }

    /// The same on other tools.
    pub(crate) fn on(tools: &str, component: &str, settings: &str) -> Result<Self> {
        let bed = Bed::with(component)?;
        let policy = bed.add_policy(0)?;
        let binding = binding("rules", &policy, tools, settings);
        Self::start(bed, &binding)
    }

    /// The one rule on every tool of every server, and more of a configuration.
    pub(crate) fn beside(more: &str) -> Result<Self> {
        let bed = Bed::new()?;
        let policy = bed.add_policy(0)?;
        let rules = binding("rules", &policy, "*", &rule::settings(1));
        Self::start(bed, &format!("{more}\n{rules}"))
    }

    /// So many bindings, no two with the same settings, and each allows the samples.
    pub(crate) fn different(bindings: usize) -> Result<Self> {
        let bed = Bed::new()?;
        let policy = bed.add_policy(0)?;
        let bindings = (0..bindings).map(|number| {
            let settings = rule::settings_up_to(1, rule::LIMIT_MAX + number);
            binding(&format!("rule-{number}"), &policy, TOOL, &settings)
        });
        let bindings: String = bindings.collect();
        Self::start(bed, &bindings)
    }

    fn start(bed: Bed, bindings: &str) -> Result<Self> {
        bed.configure(bindings)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let engine = runtime.block_on(bed.start())?;
        Ok(Self {
            bed,
            snapshot: engine.snapshot(),
            engine,
            runtime,
        })
    }

    pub(crate) fn decide(&self, sample: &Sample) -> Result<bool> {
        let decided = self
            .bed
            .decide(&self.engine, &self.snapshot, TOOL, &sample.message);
        self.runtime.block_on(decided).map(|()| true)
    }

    /// The decision on a call of somebody, at a tool server.
    pub(crate) fn decide_by(
        &self,
        grant: Grant,
        server: &Arc<str>,
        sample: &Sample,
    ) -> Result<bool> {
        let call = call_of(grant, server, &self.engine, 0, TOOL, &sample.message)?;
        let judging = self.engine.judge(&self.snapshot, call);
        let judgement = self.runtime.block_on(judging);
        let decision = judgement.decision();
        ensure!(
            matches!(decision, Decision::Allow(_)),
            "not allowed: {decision:?}"
        );
        Ok(true)
    }
}
