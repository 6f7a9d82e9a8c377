//! When a call needs a person: above an amount, after so many calls, the first time, and
//! where it goes. What cannot be read needs one too.

use gatewright_sdk::{Outcome, PastCall, Pattern, Pointer, Request, Value, decimal};
use serde::Deserialize;

use crate::condition::Condition;
use crate::reading::Reading;
use crate::walk;
use crate::wildcard::Wildcard;

/// Most calls that the gate keeps of a session.
const HISTORY_MAX: u32 = 64;

/// Deepest list of amounts.
const DEPTH_MAX: u32 = 4;

/// Decimals that count; an amount with more is unclear.
const DECIMALS: u32 = 12;

/// All of these must hold; none is always.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct When {
    amount: Option<Above>,
    calls: Option<Calls>,
    first_use: Option<First>,
    targets: Option<Targets>,
}

/// The sum of an argument is more than this.
#[derive(Debug, Deserialize)]
#[serde(try_from = "WrittenAbove")]
struct Above {
    pointer: Pointer,
    walk: Option<Vec<String>>,
    above: u128,
}

/// With this call it would be more calls than this.
#[derive(Debug, Deserialize)]
#[serde(try_from = "WrittenCalls")]
struct Calls {
    above: usize,
    within_seconds: u32,
}

/// The tool was not used in this session yet.
#[derive(Debug, Deserialize)]
#[serde(try_from = "bool")]
struct First;

/// A target is none of these.
#[derive(Debug, Deserialize)]
#[serde(try_from = "WrittenTargets")]
struct Targets {
    /// None: those that the operator pinned.
    pointers: Option<Vec<Pointer>>,
    allowed: Vec<Wildcard>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenAbove {
    pointer: Pointer,
    above: Money,
}

/// An amount as the operator writes it.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected an amount, such as `1000` or `\"1000.50\"`"
)]
enum Money {
    Whole(u64),
    Text(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenCalls {
    above: u32,
    within_seconds: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenTargets {
    pointers: Option<Vec<Pointer>>,
    #[serde(default)]
    allowed: Vec<Pattern>,
}

// === impl When ===

impl When {
    /// Whether it holds; `is_counted` says which earlier calls count.
    pub(crate) fn holds(&self, request: &Request, is_counted: impl Fn(&PastCall) -> bool) -> bool {
        self.amount
            .as_ref()
            .is_none_or(|above| above.holds(request))
            && self
                .calls
                .as_ref()
                .is_none_or(|calls| calls.holds(request, is_counted))
            && self.first_use.as_ref().is_none_or(|_| is_first(request))
            && self
                .targets
                .as_ref()
                .is_none_or(|targets| targets.holds(request))
    }

    /// Where people look first: what was compared.
    pub(crate) fn shown(&self, request: &Request) -> Vec<String> {
        let amount = self.amount.iter().filter(|above| above.walk.is_none());
        let amount = amount.map(|above| above.pointer.as_str().to_owned());
        let targets = self.targets.iter();
        amount
            .chain(targets.flat_map(|targets| targets.texts(request)))
            .collect()
    }
}

/// Whether a call went ahead.
fn went_ahead(call: &PastCall) -> bool {
    match call.outcome {
        Outcome::Allowed | Outcome::Failed | Outcome::Pending => true,
        Outcome::Denied | Outcome::Held => false,
    }
}

/// Whether no call of this tool went ahead, as far as the gate remembers.
fn is_first(request: &Request) -> bool {
    let (method, server, name) = (request.method(), request.server(), request.name());
    let mut history = request.history(HISTORY_MAX).into_iter();
    !history.any(|call| {
        went_ahead(&call) && call.name == name && call.server == server && call.method == method
    })
}

// === impl Above ===

impl Above {
    fn holds(&self, request: &Request) -> bool {
        self.sum(request).is_none_or(|sum| sum > self.above)
    }

    /// None: it cannot be read.
    fn sum(&self, request: &Request) -> Option<u128> {
        let places = match &self.walk {
            None => vec![self.pointer.clone()],
            Some(steps) => walk::find(request, steps).ok()?,
        };
        if places.is_empty() {
            return None;
        }
        let mut values = 0;
        let mut sum: u128 = 0;
        for place in &places {
            sum = sum.checked_add(amount_at(request, place, 0, &mut values)?)?;
        }
        Some(sum)
    }
}

/// An amount, or a list of amounts: every element counts.
fn amount_at(request: &Request, place: &Pointer, depth: u32, values: &mut u32) -> Option<u128> {
    *values += 1;
    if *values > walk::ELEMENTS_MAX {
        return None;
    }
    match request.get(place)? {
        Value::Integer(integer) => decimal::of_number(&integer.to_string(), DECIMALS).ok(),
        Value::Number(text) => decimal::of_number(&text, DECIMALS).ok(),
        Value::Text(text) => decimal::of_text(&text, DECIMALS).ok(),
        Value::Array(count @ 1..) if depth < DEPTH_MAX => {
            let mut sum: u128 = 0;
            for at in 0..count {
                let element = place.child(&at.to_string());
                sum = sum.checked_add(amount_at(request, &element, depth + 1, values)?)?;
            }
            Some(sum)
        }
        Value::Array(_) | Value::Null | Value::Boolean(_) | Value::Object(_) => None,
    }
}

impl TryFrom<WrittenAbove> for Above {
    type Error = String;

    fn try_from(written: WrittenAbove) -> Result<Self, String> {
        let text = match written.above {
            Money::Whole(whole) => whole.to_string(),
            Money::Text(text) => text,
        };
        let above = decimal::of_text(&text, DECIMALS).map_err(|error| {
            format!("`{text}` is no amount: {error}; hint: write `\"1000.50\"`")
        })?;
        Ok(Self {
            walk: walk::steps(&written.pointer),
            pointer: written.pointer,
            above,
        })
    }
}

// === impl Calls ===

impl Calls {
    fn holds(&self, request: &Request, is_counted: impl Fn(&PastCall) -> bool) -> bool {
        let history = request.history(HISTORY_MAX);
        let begin = request
            .at()
            .saturating_sub(u64::from(self.within_seconds) * 1000);
        let recent = history.iter().filter(|call| call.at > begin);
        let counted = recent.filter(|call| went_ahead(call) && is_counted(call));
        // Who makes many other calls meanwhile does not make these forgotten.
        let is_cut = history.len() >= HISTORY_MAX as usize
            && history.last().is_some_and(|oldest| oldest.at > begin);
        is_cut || counted.count() >= self.above
    }
}

impl TryFrom<WrittenCalls> for Calls {
    type Error = String;

    fn try_from(written: WrittenCalls) -> Result<Self, String> {
        if written.within_seconds == 0 {
            return Err("`calls` has a window without length".to_owned());
        }
        let above = usize::try_from(written.above).map_err(|error| error.to_string())?;
        if above == 0 || written.above >= HISTORY_MAX {
            return Err(format!(
                "`calls` is above 1 to {} calls: the gate remembers no more of a session",
                HISTORY_MAX - 1
            ));
        }
        Ok(Self {
            above,
            within_seconds: written.within_seconds,
        })
    }
}

// === impl First ===

impl TryFrom<bool> for First {
    type Error = &'static str;

    fn try_from(is_first: bool) -> Result<Self, &'static str> {
        match is_first {
            true => Ok(Self),
            false => Err("`first-use` is `true`, or is left out"),
        }
    }
}

// === impl Targets ===

impl Targets {
    fn holds(&self, request: &Request) -> bool {
        let conditions = self.pointers(request).into_iter();
        let conditions = conditions
            .map(|pointer| Condition::on_patterns(pointer, self.allowed.clone()))
            .filter(|condition| !condition.has_nothing(request));
        let readings: Vec<Reading> = conditions
            .map(|condition| condition.read(request))
            .collect();
        readings.is_empty() || readings.iter().any(|reading| *reading != Reading::Holds)
    }

    fn pointers(&self, request: &Request) -> Vec<Pointer> {
        match &self.pointers {
            Some(pointers) => pointers.clone(),
            None => {
                let pinned = request.targets().into_iter();
                pinned
                    .filter_map(|text| Pointer::parse(text).ok())
                    .collect()
            }
        }
    }

    fn texts(&self, request: &Request) -> Vec<String> {
        let pointers = self.pointers(request).into_iter();
        pointers
            .filter(|pointer| walk::steps(pointer).is_none())
            .map(|pointer| pointer.as_str().to_owned())
            .collect()
    }
}

impl TryFrom<WrittenTargets> for Targets {
    type Error = &'static str;

    fn try_from(written: WrittenTargets) -> Result<Self, &'static str> {
        if written.pointers.as_ref().is_some_and(Vec::is_empty) {
            return Err("`pointers` is empty; hint: leave it out for those that are pinned");
        }
        Ok(Self {
            pointers: written.pointers,
            allowed: written.allowed.into_iter().map(Wildcard::new).collect(),
        })
    }
}
