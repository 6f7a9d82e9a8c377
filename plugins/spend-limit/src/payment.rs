//! Which calls spend, and where in their arguments it stands how much.

use gatewright_sdk::decimal::DecimalError;
use gatewright_sdk::{Calls, Pattern, Request};
use serde::Deserialize;

use crate::argument::Argument;
use crate::arguments::Arguments;
use crate::currency::{CODE_BYTES_MAX, Currency, is_code};
use crate::place::{Place, Step, VALUES_MAX};

/// Deepest list of amounts.
const DEPTH_MAX: usize = 4;

/// Longest pointer that people are shown, in bytes.
const POINTER_BYTES_MAX: usize = 256;

/// Decimals with which an amount of an unknown currency is read.
const UNKNOWN_DECIMALS: u32 = 18;

/// Calls that spend.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Written")]
pub struct Payment {
    calls: Calls,
    amount: Place,
    times: Option<Place>,
    currency: In,
    default_currency: Option<String>,
    unit: Unit,
    optional: bool,
    /// Amounts that are none of this call's.
    ignore: Vec<Place>,
}

/// A payment as it is written. A list of patterns that is empty fits everything.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    #[serde(default)]
    agents: Vec<Pattern>,
    #[serde(default)]
    principals: Vec<Pattern>,
    #[serde(default)]
    servers: Vec<Pattern>,
    tools: Vec<Pattern>,
    #[serde(default)]
    except: Vec<Pattern>,
    amount: Place,
    times: Option<Place>,
    currency: In,
    default_currency: Option<String>,
    #[serde(default)]
    unit: Unit,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    ignore: Vec<Place>,
}

impl From<Written> for Payment {
    fn from(written: Written) -> Self {
        Self {
            calls: Calls {
                agents: written.agents,
                principals: written.principals,
                servers: written.servers,
                tools: written.tools,
                except: written.except,
                hints: Vec::new(),
            },
            amount: written.amount,
            times: written.times,
            currency: written.currency,
            default_currency: written.default_currency,
            unit: written.unit,
            optional: written.optional,
            ignore: written.ignore,
        }
    }
}

/// Where the currency comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
enum In {
    /// It is always this one.
    Fixed(String),
    /// An argument says it.
    Argument(Place),
}

/// What amounts are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Euros, with a point before the cents.
    #[default]
    Major,
    /// Cents.
    Minor,
}

/// What a call spends, by place of the currency in the settings.
#[derive(Debug, Default)]
pub(crate) struct Spent {
    /// A sum for each currency, in units.
    pub(crate) sums: Vec<(usize, u128)>,
    /// It spends in a currency that nobody knows.
    pub(crate) unknown: bool,
    values: usize,
}

impl TryFrom<String> for In {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.starts_with('/') {
            let pointer =
                gatewright_sdk::Pointer::parse(text).map_err(|error| error.to_string())?;
            return Ok(Self::Argument(Place::from(pointer)));
        }
        match is_code(&text) {
            true => Ok(Self::Fixed(text)),
            false => Err(format!(
                "`currency` is a JSON Pointer, such as `/currency`, or a code of 1 to {CODE_BYTES_MAX} letters and digits"
            )),
        }
    }
}

// === impl Payment ===

impl Payment {
    /// What is wrong with it, beside the currencies that the operator knows.
    pub(crate) fn check(&self, currencies: &[Currency]) -> Result<(), String> {
        if self.calls.tools.is_empty() {
            return Err("`tools` is empty; hint: `[\"*\"]` stands for all".to_owned());
        }
        if self.shown().len() > POINTER_BYTES_MAX {
            return Err(format!("`amount` is longer than {POINTER_BYTES_MAX} bytes"));
        }
        let fixed = match &self.currency {
            In::Fixed(code) => Some(code),
            In::Argument(_) => None,
        };
        for code in fixed.into_iter().chain(&self.default_currency) {
            if known(currencies, code).is_none() {
                return Err(format!("`{code}` is none of `currencies`"));
            }
        }
        if fixed.is_some() && self.default_currency.is_some() {
            return Err("`default-currency` is for a currency that an argument says".to_owned());
        }
        let places = self.times.iter().chain(self.currency.place());
        for place in places {
            if !place.goes_with(&self.amount) {
                return Err(format!(
                    "each `*` of `{}` must stand for the same as in `{}`",
                    place.as_str(),
                    self.amount.as_str()
                ));
            }
        }
        Ok(())
    }

    /// Whether a call spends by this.
    pub(crate) fn is_of(&self, request: &Request) -> bool {
        self.calls.include(request)
    }

    /// Where the amounts stand, for a person.
    pub(crate) fn shown(&self) -> String {
        self.amount.shown()
    }

    /// Every place that it reads.
    pub(crate) fn places(&self) -> impl Iterator<Item = &Place> {
        std::iter::once(&self.amount)
            .chain(&self.times)
            .chain(self.currency.place())
    }

    /// Amounts that are none of this call's.
    pub(crate) fn ignored(&self) -> &[Place] {
        &self.ignore
    }

    /// Adds what the call spends. The error is for the agent; nothing that it sent is in it.
    pub(crate) fn add(
        &self,
        arguments: &Arguments<'_>,
        currencies: &[Currency],
        spent: &mut Spent,
    ) -> Result<(), String> {
        let place = self.amount.as_str();
        let found = self.amount.find(&arguments.root);
        let found = found.map_err(|_| too_many(place))?;
        let is_there = |value: &Option<&Argument<'_>>| value.is_some_and(|value| !value.is_null());
        if !found.iter().any(|found| is_there(&found.value)) {
            return match self.optional {
                true => Ok(()),
                false => Err(format!("`{place}` is missing; send an amount")),
            };
        }
        for found in found {
            let Some(value) = found.value.filter(|value| !value.is_null()) else {
                return Err(format!("`{place}` is missing in a part of the list"));
            };
            let currency = self.currency_of(arguments, currencies, &found.taken)?;
            let decimals = match (currency, self.unit) {
                (_, Unit::Minor) => 0,
                (Some(at), Unit::Major) => currencies.get(at).map_or(0, |known| known.decimals),
                (None, Unit::Major) => UNKNOWN_DECIMALS,
            };
            let sum = Sum {
                arguments,
                place: &self.amount,
                taken: &found.taken,
                decimals,
            };
            let amount = sum.of(value, &mut Vec::new(), &mut spent.values)?;
            let times = self.times_of(arguments, &found.taken)?;
            let too_large = || wrong(place, DecimalError::TooLarge, decimals);
            let cost = amount.checked_mul(times).ok_or_else(too_large)?;
            let Some(at) = currency else {
                spent.unknown = true;
                continue;
            };
            match spent.sums.iter_mut().find(|(known, _)| *known == at) {
                Some((_, sum)) => *sum = sum.checked_add(cost).ok_or_else(too_large)?,
                None => spent.sums.push((at, cost)),
            }
        }
        Ok(())
    }

    /// How often an amount counts.
    fn times_of(&self, arguments: &Arguments<'_>, taken: &[Step<'_>]) -> Result<u128, String> {
        let Some(times) = &self.times else {
            return Ok(1);
        };
        let place = times.as_str();
        let Some(value) = times.beside(&arguments.root, taken) else {
            return Err(format!("`{place}` is missing; send how many"));
        };
        arguments
            .amount(value, || times.pointer_beside(taken), 0)
            .map_err(|_| format!("`{place}` must be a whole number, not negative"))
    }

    /// Which currency it is; none where nobody knows it.
    fn currency_of(
        &self,
        arguments: &Arguments<'_>,
        currencies: &[Currency],
        taken: &[Step<'_>],
    ) -> Result<Option<usize>, String> {
        let place = match &self.currency {
            In::Fixed(code) => return Ok(known(currencies, code)),
            In::Argument(place) => place,
        };
        let value = place.beside(&arguments.root, taken);
        match (value, &self.default_currency) {
            (None | Some(Argument::Null), Some(code)) => Ok(known(currencies, code)),
            (Some(Argument::Text(code)), _) => Ok(known(currencies, code)),
            (None | Some(Argument::Null), None) => {
                Err(format!("`{}` is missing; send a currency", place.as_str()))
            }
            (Some(_), _) => Err(format!("`{}` must be a text", place.as_str())),
        }
    }
}

/// An amount, or a list of amounts: every element counts.
struct Sum<'a> {
    arguments: &'a Arguments<'a>,
    place: &'a Place,
    taken: &'a [Step<'a>],
    decimals: u32,
}

impl Sum<'_> {
    /// The sum of what stands so many elements below the place.
    fn of(
        &self,
        value: &Argument<'_>,
        below: &mut Vec<usize>,
        values: &mut usize,
    ) -> Result<u128, String> {
        *values += 1;
        if *values > VALUES_MAX {
            return Err(too_many(self.place.as_str()));
        }
        let wrong = |problem| wrong(self.place.as_str(), problem, self.decimals);
        match value {
            Argument::List(elements) if below.len() < DEPTH_MAX && !elements.is_empty() => {
                let mut sum: u128 = 0;
                for (at, element) in elements.iter().enumerate() {
                    below.push(at);
                    let amount = self.of(element, below, values)?;
                    below.pop();
                    sum = sum
                        .checked_add(amount)
                        .ok_or_else(|| wrong(DecimalError::TooLarge))?;
                }
                Ok(sum)
            }
            _ => {
                let pointer = || {
                    let place = self.place.pointer_beside(self.taken);
                    let steps = below.iter().map(usize::to_string);
                    steps.fold(place, |pointer, step| pointer.child(&step))
                };
                self.arguments
                    .amount(value, pointer, self.decimals)
                    .map_err(wrong)
            }
        }
    }
}

impl In {
    fn place(&self) -> Option<&Place> {
        match self {
            Self::Fixed(_) => None,
            Self::Argument(place) => Some(place),
        }
    }
}

/// The place of a currency in the settings. Case does not count; nothing else is left out.
pub(crate) fn known(currencies: &[Currency], code: &str) -> Option<usize> {
    currencies
        .iter()
        .position(|currency| currency.code.eq_ignore_ascii_case(code))
}

fn too_many(place: &str) -> String {
    format!("`{place}` stands for more than {VALUES_MAX} amounts; send fewer in one call")
}

fn wrong(place: &str, problem: DecimalError, decimals: u32) -> String {
    match problem {
        DecimalError::NoDecimal => {
            format!("`{place}` must be an amount in plain digits, such as 12 or \"12.50\"")
        }
        DecimalError::Negative => format!("`{place}` must not be negative"),
        DecimalError::TooFine => format!("`{place}` must have no more than {decimals} decimals"),
        DecimalError::TooLarge => format!("`{place}` is larger than any amount"),
    }
}
