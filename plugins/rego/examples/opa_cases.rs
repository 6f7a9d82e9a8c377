//! Asks OPA's own conformance cases of the interpreter as the policy sets it up, and counts.
//!
//! `cargo run --release -p gatewright-rego --example opa_cases -- cases.json [words]`
//!
//! The cases are those of `v1/test/cases/testdata/v1` of OPA's Go module: one list in JSON of
//! all `cases` in the YAML files, each with its `folder`. `on` and `off` are texts there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a tool of tests"
)]

use std::collections::BTreeMap;

use regorus::Value;
use serde::Deserialize;

/// A case of `v1/test/cases/testdata`.
#[derive(Deserialize)]
struct Case {
    folder: String,
    note: String,
    query: String,
    #[serde(default)]
    modules: Option<Vec<String>>,
    data: Option<Value>,
    input: Option<Value>,
    input_term: Option<String>,
    want_result: Option<Vec<BTreeMap<String, Value>>>,
    want_error: Option<String>,
    want_error_code: Option<String>,
    #[serde(default)]
    sort_bindings: bool,
    #[serde(default)]
    strict_error: bool,
}

/// How a case came out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Outcome {
    Right,
    /// Refused when it is loaded.
    Refused,
    /// A fault where a value is wanted.
    Fault,
    /// Another value, in silence.
    Wrong,
}

/// What needs the network, a clock or randomness.
const EXCLUDED: [&str; 5] = [
    "test.sleep",
    "http.send",
    "net.lookup_ip_addr",
    "rand.intn",
    "uuid.rfc4122",
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().expect("the file of cases");
    let words: Vec<String> = arguments.collect();
    let text = std::fs::read_to_string(path).unwrap();
    let cases: Vec<Case> = serde_json::from_str(&text).unwrap();
    let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
    let mut folders: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut excluded = 0;
    for case in &cases {
        let name = format!("{}/{}", case.folder, case.note);
        if !words.iter().all(|word| name.contains(word.as_str())) {
            continue;
        }
        let whole = format!("{:?} {}", case.modules, case.query);
        if EXCLUDED.iter().any(|word| whole.contains(word)) {
            excluded += 1;
            continue;
        }
        let (outcome, why) = std::panic::catch_unwind(|| judged(case))
            .unwrap_or_else(|_| (Outcome::Fault, "panicked".to_owned()));
        *counts.entry(outcome).or_default() += 1;
        let folder = folders.entry(case.folder.clone()).or_default();
        folder.1 += 1;
        if outcome == Outcome::Right {
            folder.0 += 1;
        } else {
            let last = why.lines().last().unwrap_or_default();
            let why = format!("{last} <- {}", why.replace('\n', " | "));
            let why: String = why.chars().take(300).collect();
            println!("{outcome:?}\t{name}\t{why}");
        }
    }
    for (folder, (right, all)) in folders.iter().filter(|(_, (right, all))| right < all) {
        println!("folder\t{folder}\t{right} of {all}");
    }
    let all: usize = counts.values().sum();
    let right = counts.get(&Outcome::Right).copied().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let share = right as f64 / all as f64 * 100.0;
    println!("{counts:?}, {right} of {all} right ({share:.1} %), {excluded} left out");
}

fn judged(case: &Case) -> (Outcome, String) {
    let wants_error = case.want_error.is_some() || case.want_error_code.is_some();
    match (answer(case), wants_error) {
        (Err(_), true) => (Outcome::Right, String::new()),
        (Ok(value), true) => (Outcome::Wrong, format!("no error, but {value}")),
        (Err(error), false) => {
            let is_fault = error.starts_with("fault");
            let outcome = if is_fault {
                Outcome::Fault
            } else {
                Outcome::Refused
            };
            (outcome, error)
        }
        (Ok(value), false) => {
            let wanted = wanted(case);
            let given = plain(&value, 0, case.sort_bindings);
            let wanted = plain(&wanted, 0, case.sort_bindings);
            match given == wanted {
                true => (Outcome::Right, String::new()),
                false => (Outcome::Wrong, format!("{given} for {wanted}")),
            }
        }
    }
}

fn answer(case: &Case) -> Result<Value, String> {
    let bindings: Vec<String> = case
        .want_result
        .iter()
        .flatten()
        .take(1)
        .flat_map(|bindings| bindings.keys())
        .map(|name| format!("\"{name}\": {name}"))
        .collect();
    let query = &case.query;
    let mut modules: Vec<String> = case.modules.clone().unwrap_or_default();
    let bindings = if bindings.is_empty() {
        "1".to_owned()
    } else {
        format!("{{{}}}", bindings.join(", "))
    };
    modules.push(format!(
        "package case__\n\nanswer := [{bindings} | {query}]\n"
    ));
    let input = match (&case.input, &case.input_term) {
        (Some(input), _) => input.clone(),
        (None, Some(term)) => {
            let module = format!("package case__\n\ninput__ := {term}\n");
            gatewright_rego::evaluate(
                &[module],
                Value::new_object(),
                Value::Undefined,
                "data.case__.input__",
                true,
            )?
        }
        (None, None) => Value::Undefined,
    };
    let data = case.data.clone().filter(|data| *data != Value::Null);
    // A rule of a module cannot ask for all that there is: it is in it.
    if query.trim() == "data = x" {
        modules.pop();
        let data = data.unwrap_or_else(Value::new_object);
        let value = gatewright_rego::evaluate(&modules, data, input, "data", case.strict_error)?;
        let answer = BTreeMap::from([(Value::from("x"), value)]);
        return Ok(Value::from(vec![Value::from(answer)]));
    }
    gatewright_rego::evaluate(
        &modules,
        data.unwrap_or_else(Value::new_object),
        input,
        "data.case__.answer",
        case.strict_error,
    )
}

fn wanted(case: &Case) -> Value {
    let results = case.want_result.iter().flatten().map(|bindings| {
        let members = bindings.iter();
        let members = members.map(|(name, value)| (Value::from(name.as_str()), value.clone()));
        match bindings.is_empty() {
            true => Value::from(1),
            false => Value::from(members.collect::<BTreeMap<_, _>>()),
        }
    });
    Value::from(results.collect::<Vec<_>>())
}

/// As JSON says it: sets are lists, names are texts. Lists in lists are sorted where their
/// order does not matter; results of a query always are.
fn plain(value: &Value, depth: usize, is_sorted: bool) -> serde_json::Value {
    let list = |elements: Vec<&Value>| {
        let elements = elements.into_iter();
        let mut elements: Vec<_> = elements
            .map(|element| plain(element, depth + 1, is_sorted))
            .collect();
        if is_sorted || depth == 0 {
            elements.sort_by_key(serde_json::Value::to_string);
        }
        serde_json::Value::Array(elements)
    };
    match value {
        Value::Array(elements) => list(elements.iter().collect()),
        Value::Set(elements) => list(elements.iter_sorted().collect()),
        Value::Object(members) => {
            let members = members.iter_sorted().map(|(name, value)| {
                let name = match name {
                    Value::String(name) => name.to_string(),
                    other => plain(other, depth + 1, false).to_string(),
                };
                (name, plain(value, depth + 1, is_sorted))
            });
            serde_json::Value::Object(members.collect())
        }
        other => serde_json::from_str(&other.to_json_str().unwrap_or_default()).unwrap_or_default(),
    }
}
