//! An engine that decides on one call at a time, without a gate around it.

use std::sync::Arc;

use anyhow::Result;
use gatewright_engine::{Engine, Snapshot};
use tokio::runtime::Runtime;

use crate::bed::{Bed, binding};
use crate::rule::{self, Sample, TOOL};

/// An engine with its configuration, on the thread that calls it.
pub(crate) struct Decider {
    bed: Bed,
    runtime: Runtime,
    engine: Arc<Engine>,
    snapshot: Arc<Snapshot>,
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
        let bed = Bed::with(component)?;
        let policy = bed.add_policy(0)?;
        let binding = binding("rules", &policy, TOOL, settings);
        Self::start(bed, &binding)
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
}
