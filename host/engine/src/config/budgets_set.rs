//! The budgets of a binding, as they count.

use gatewright_policy::{Budgets, WindowLimit};

use super::BindingConfig;
use super::problem::Problems;

impl BindingConfig {
    /// Its budgets, in whole seconds.
    pub(crate) fn budgets(&self) -> Budgets {
        let budgets = self.budgets.iter().map(|(name, budget)| {
            let seconds = u32::try_from(budget.window.0.as_secs()).unwrap_or(u32::MAX);
            let window = WindowLimit {
                limit: budget.limit,
                window_seconds: seconds,
            };
            (name.clone(), window)
        });
        budgets.collect()
    }
}

pub(super) fn check(binding: &BindingConfig, problems: &mut Problems<'_>) {
    for (name, budget) in &binding.budgets {
        let window = budget.window.0;
        if window.subsec_nanos() == 0 && (1..=u64::from(u32::MAX)).contains(&window.as_secs()) {
            continue;
        }
        problems.at(
            binding.name.span(),
            format!(
                "the window of budget `{name}` of binding `{}` is not a number of whole seconds",
                binding.name.get_ref()
            ),
            "write for example `window = \"1m\"`".to_owned(),
        );
    }
}
