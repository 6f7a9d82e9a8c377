//! The settings: what spends, in which currencies, and who is asked.

use std::collections::BTreeMap;

use gatewright_sdk::SettingsError;
use serde::Deserialize;

use crate::currency::{Approval, Currency, WrittenCurrency};
use crate::payment::{Payment, known};

/// The settings of the policy.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Settings {
    pub(crate) payments: Vec<Payment>,
    pub(crate) currencies: Vec<Currency>,
    pub(crate) unknown_currency: UnknownCurrency,
    pub(crate) unknown_arguments: UnknownArguments,
    pub(crate) approval: Approval,
}

/// What a currency gets that the operator does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownCurrency {
    /// A refusal.
    #[default]
    Deny,
    /// A person decides; nothing is counted.
    Ask,
}

/// What amounts get that no payment names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownArguments {
    /// Their names tell them; they are refused.
    #[default]
    Judge,
    /// They are not looked at.
    Pass,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    payments: Vec<Payment>,
    currencies: BTreeMap<String, WrittenCurrency>,
    #[serde(default)]
    unknown_currency: UnknownCurrency,
    #[serde(default)]
    unknown_arguments: UnknownArguments,
    #[serde(default)]
    approval: Approval,
}

impl TryFrom<Written> for Settings {
    type Error = SettingsError;

    fn try_from(written: Written) -> Result<Self, SettingsError> {
        let approval = written.approval;
        let question = approval.question("", "");
        question
            .check()
            .map_err(|problem| SettingsError::at("/approval", problem))?;
        let mut currencies: Vec<Currency> = Vec::new();
        for (code, currency) in written.currencies {
            let at = format!("/currencies/{code}");
            let currency = Currency::read(code, currency, &approval)
                .map_err(|problem| SettingsError::at("/currencies", format!("{at}: {problem}")))?;
            if known(&currencies, &currency.code).is_some() {
                return Err(SettingsError::at(
                    "/currencies",
                    format!("`{}` is there twice: case does not count", currency.code),
                ));
            }
            currencies.push(currency);
        }
        if currencies.is_empty() {
            return Err(SettingsError::at(
                "/currencies",
                "no currency is known; hint: `currencies = { EUR = {} }`",
            ));
        }
        if written.payments.is_empty() {
            return Err(SettingsError::at("/payments", "nothing spends"));
        }
        for (at, payment) in written.payments.iter().enumerate() {
            payment
                .check(&currencies)
                .map_err(|problem| SettingsError::at(format!("/payments/{at}"), problem))?;
        }
        Ok(Self {
            payments: written.payments,
            currencies,
            unknown_currency: written.unknown_currency,
            unknown_arguments: written.unknown_arguments,
            approval,
        })
    }
}
