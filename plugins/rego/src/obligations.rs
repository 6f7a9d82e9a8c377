//! What a module wants done if a call goes ahead.

use gatewright_sdk::{Charge, Obligation};
use serde::Deserialize;

/// `obligations`: what the gate must do if the call goes ahead.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Obligations {
    pub(crate) rule: Option<String>,
    labels: Vec<String>,
    declassify: Vec<String>,
    redact: Vec<String>,
    limit_result: Option<u64>,
    charge: Vec<WrittenCharge>,
}

/// With `budget`, what the operator set under this name; else a window of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCharge {
    key: String,
    cost: u64,
    budget: Option<String>,
    limit: Option<u64>,
    window_seconds: Option<u32>,
    #[serde(default)]
    on_failure: WrittenOnFailure,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum WrittenOnFailure {
    #[default]
    Keep,
    Refund,
}

// === impl Obligations ===

impl Obligations {
    pub(crate) fn into_list(self) -> Result<Vec<Obligation>, String> {
        let charges = self.charge.into_iter().map(WrittenCharge::into_charge);
        let mut list = charges
            .map(|charge| charge.map(Obligation::Charge))
            .collect::<Result<Vec<_>, _>>()?;
        if !self.labels.is_empty() {
            list.push(Obligation::Label(self.labels));
        }
        if !self.declassify.is_empty() {
            list.push(Obligation::Declassify(self.declassify));
        }
        if !self.redact.is_empty() {
            list.push(Obligation::Redact(self.redact));
        }
        list.extend(self.limit_result.map(Obligation::LimitResult));
        Ok(list)
    }
}

// === impl WrittenCharge ===

impl WrittenCharge {
    fn into_charge(self) -> Result<Charge, String> {
        let charge = match (self.budget, self.limit, self.window_seconds) {
            (Some(budget), None, None) => Charge::set(self.key, self.cost, budget),
            (None, Some(limit), Some(seconds)) => {
                Charge::fixed(self.key, self.cost, limit, seconds)
            }
            _ => {
                return Err(
                    "a `charge` has either `budget`, or `limit` and `window_seconds`".to_owned(),
                );
            }
        };
        Ok(match self.on_failure {
            WrittenOnFailure::Keep => charge,
            WrittenOnFailure::Refund => charge.refunded_on_failure(),
        })
    }
}
