//! What each case cost when somebody last looked: a policy that got dearer is
//! found by its fuel, which is the same on every machine.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use gatewright_cases::Difference;
use serde::{Deserialize, Serialize};

use crate::toml_file;

/// A case may cost so much more than its baseline, in percent: another version
/// of a compiler moves a few instructions.
const GROWTH_PERCENT_MAX: u64 = 5;

const HEADING: &str = "# Fuel of each case. `gatewright test --write-baseline` writes it.\n\n";

/// The file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Baseline {
    /// By the name of the case.
    pub(super) fuel: BTreeMap<String, u64>,
}

/// What a case may cost.
#[derive(Clone, Debug, Default)]
pub(crate) struct Budget {
    pub(crate) fuel_max: Option<u64>,
    pub(crate) baseline: Option<Baseline>,
}

// === impl Baseline ===

impl Baseline {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let remedy = "`gatewright test --write-baseline` writes the file";
        toml_file::read(path, remedy)
    }

    /// Writes the file in one step.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let text = format!("{HEADING}{}", toml::to_string(self)?);
        crate::whole_file::write(path, text.as_bytes())
            .with_context(|| format!("`{}` cannot be written", path.display()))
    }
}

// === impl Budget ===

impl Budget {
    /// Says where a case costs too much.
    pub(crate) fn check(&self, case: &str, fuel: u64) -> Option<Difference> {
        let before = self
            .baseline
            .as_ref()
            .and_then(|baseline| baseline.fuel.get(case));
        let over = |expected: String| Difference {
            member: "fuel".to_owned(),
            expected,
            got: fuel.to_string(),
        };
        if let Some(fuel_max) = self.fuel_max.filter(|fuel_max| fuel > *fuel_max) {
            return Some(over(format!("at most {fuel_max}")));
        }
        let before = before.filter(|before| {
            let grown = before.saturating_mul(100 + GROWTH_PERCENT_MAX) / 100;
            fuel > grown
        })?;
        Some(over(format!(
            "at most {GROWTH_PERCENT_MAX} % over the baseline of {before}"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::{Baseline, Budget};

    #[test]
    fn a_case_may_grow_by_five_percent_and_no_more() {
        let baseline = Baseline {
            fuel: [("a".to_owned(), 1000)].into(),
        };
        let budget = Budget {
            fuel_max: None,
            baseline: Some(baseline),
        };
        assert_eq!(budget.check("a", 1050), None);
        assert!(budget.check("a", 1051).is_some());
        assert_eq!(budget.check("new", 1_000_000), None);
    }
}
