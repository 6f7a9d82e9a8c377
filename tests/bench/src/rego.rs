//! Rego as a peer, run by regorus: one prepared engine, the input read from the
//! JSON text of each call.

use anyhow::Result;
use regorus::{Engine, Value};

use crate::rule::{self, Sample, TOOL};

/// The rule that is asked for.
const ALLOW: &str = "data.bench.allow";

pub(crate) struct Rego(Engine);

impl Rego {
    pub(crate) fn new(rules: usize) -> Result<Self> {
        let mut engine = Engine::new();
        engine.add_policy("bench.rego".to_owned(), rule::rego(rules))?;
        Ok(Self(engine))
    }

    pub(crate) fn allows(&mut self, sample: &Sample) -> Result<bool> {
        let arguments = &sample.arguments;
        let input = format!(r#"{{"tool":"{TOOL}","arguments":{arguments}}}"#);
        self.0.set_input_json(&input)?;
        Ok(self.0.eval_rule(ALLOW.to_owned())? == Value::from(true))
    }
}
