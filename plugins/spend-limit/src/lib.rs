//! What tool calls spend, summed exactly. People are asked above thresholds, a hard one
//! refuses, and budgets bound what each agent or principal spends in a window of time.

mod argument;
mod arguments;
mod currency;
mod name;
mod payment;
mod place;
mod settings;
mod unnamed;

pub use currency::Per;
pub use payment::{Payment, Unit};
pub use place::Place;
pub use settings::{Settings, UnknownArguments, UnknownCurrency};

use gatewright_sdk::{Denial, Description, Obligation, Opinion, Powers, Request};

use arguments::Arguments;
use currency::{Approval, Currency};
use payment::Spent;
use unnamed::Unnamed;

gatewright_sdk::policy!(Settings, judge, about);

/// What cannot be counted is refused.
const AMOUNTS: &str = "amounts";

/// One call alone spends too much, or needs people.
const THRESHOLDS: &str = "thresholds";

/// A currency that the operator does not know.
const CURRENCIES: &str = "currencies";

/// Spending counts in budgets.
const BUDGETS: &str = "budgets";

/// Most budgets that one answer charges.
const CHARGES_MAX: usize = 32;

/// Most places that people see first.
const SHOWN_MAX: usize = 16;

/// Longest title of a question, in bytes.
const TITLE_BYTES_MAX: usize = 256;

/// Longest reason of a question, in bytes.
const REASON_BYTES_MAX: usize = 4096;

/// Judges what a call spends.
pub fn judge(settings: &Settings, request: &Request) -> Opinion {
    if request.is_listing() {
        return Opinion::abstain();
    }
    let payments: Vec<&Payment> = settings
        .payments
        .iter()
        .filter(|payment| payment.is_of(request))
        .collect();
    if payments.is_empty() {
        return Opinion::abstain();
    }
    let json = request.json("").unwrap_or_default();
    let Some(arguments) = Arguments::of(request, &json) else {
        return refused(AMOUNTS, "a number is larger than any amount; leave it out");
    };
    let mut spent = Spent::default();
    for payment in &payments {
        if let Err(message) = payment.add(&arguments, &settings.currencies, &mut spent) {
            return refused(AMOUNTS, message);
        }
    }
    let spent_in = |(at, units): &(usize, u128)| Some((settings.currencies.get(*at)?, *units));
    let sums: Vec<(&Currency, u128)> = spent.sums.iter().filter_map(spent_in).collect();
    if spent.unknown && settings.unknown_currency == UnknownCurrency::Deny {
        let known = settings.currencies.iter();
        let known: Vec<&str> = known.map(|currency| currency.code.as_str()).collect();
        return refused(
            CURRENCIES,
            format!("this currency is not allowed; use {}", known.join(", ")),
        );
    }
    if settings.unknown_arguments == UnknownArguments::Judge {
        let codes = match spent.unknown {
            true => Vec::new(),
            false => sums
                .iter()
                .map(|(currency, _)| currency.code.as_str())
                .collect(),
        };
        let unnamed = Unnamed {
            payments: &payments,
            codes,
        };
        if let Err(message) = unnamed.check(&arguments.root) {
            return refused(AMOUNTS, message);
        }
    }
    weighed(settings, request, &payments, &sums, spent.unknown)
}

/// Compares the sums to the thresholds, and charges them.
fn weighed(
    settings: &Settings,
    request: &Request,
    payments: &[&Payment],
    sums: &[(&Currency, u128)],
    unknown: bool,
) -> Opinion {
    let mut asked = unknown.then(|| settings.approval.clone());
    let mut why = Vec::new();
    if unknown {
        why.push("an amount in a currency that is not known, and is not counted".to_owned());
    }
    let mut charges = Vec::new();
    for (currency, units) in sums {
        if let Some(most) = currency.at_most.filter(|most| units > most) {
            return refused(
                THRESHOLDS,
                format!("one call may spend at most {}", currency.written(most)),
            );
        }
        if let Some(level) = currency.ask.iter().find(|level| *units > level.above) {
            why.push(format!(
                "{}, which is more than {}",
                currency.written(*units),
                currency.written(level.above)
            ));
            let both = match asked {
                None => Some(level.who.clone()),
                Some(others) => others.and(&level.who),
            };
            let Some(both) = both else {
                return refused(
                    THRESHOLDS,
                    "different people approve these currencies; make a call for each",
                );
            };
            asked = Some(both);
        }
        if *units == 0 {
            continue;
        }
        let Ok(cost) = u64::try_from(*units) else {
            return refused(AMOUNTS, "the sum is larger than any budget");
        };
        let budgets = currency.budgets.iter();
        charges.extend(budgets.map(|budget| budget.charge(request, &currency.code, cost)));
    }
    if charges.len() > CHARGES_MAX {
        return refused(
            AMOUNTS,
            "more currencies in one call than are counted; make a call for each",
        );
    }
    let opinion = match asked {
        None => Opinion::abstain(),
        Some(approval) => asking(request, payments, &approval, &why),
    };
    let opinion = match charges.is_empty() {
        true => opinion,
        false => opinion.because(BUDGETS, ""),
    };
    let owed = charges.into_iter().map(Obligation::Charge);
    owed.fold(opinion, Opinion::owing)
}

fn asking(request: &Request, payments: &[&Payment], who: &Approval, why: &[String]) -> Opinion {
    let mut title = format!("{} wants to spend {}", request.agent(), why.join(" and "));
    title.truncate(title.floor_char_boundary(TITLE_BYTES_MAX));
    let shown = payments.iter().map(|payment| payment.shown());
    let shown: Vec<String> = shown.take(SHOWN_MAX).collect();
    let mut reason = format!("This call spends {}.", why.join(", and "));
    reason.truncate(reason.floor_char_boundary(REASON_BYTES_MAX));
    Opinion::ask(who.question(&title, reason).showing(shown)).because(THRESHOLDS, "")
}

fn refused(rule: &str, message: impl Into<String>) -> Opinion {
    Opinion::deny(Denial::invalid_arguments(message)).because(rule, "")
}

/// What the policy is.
pub fn about() -> Description {
    Description::new(Powers::DENY | Powers::ASK | Powers::CHARGE)
        .with_schema(include_str!("../settings.schema.json"))
        .with_rule(AMOUNTS, "What cannot be counted is not spent")
        .with_rule(THRESHOLDS, "One call spends no more than people agreed to")
        .with_rule(CURRENCIES, "Only known currencies are spent")
        .with_rule(BUDGETS, "Spending counts in the budgets of the operator")
}
