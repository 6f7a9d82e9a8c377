//! What a case expects, as it is written.

use std::fmt;

use gatewright_policy::{Charge, Obligation, Refusal};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Longest text that a case can ask for: more than any answer may be.
const TEXT_BYTES_MAX: usize = 16 << 20;

/// The `expect` of a case. Exactly one of the first five is there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expect {
    pub(crate) verdict: Option<VerdictName>,
    pub(crate) finding: Option<FindingName>,
    pub(crate) arguments: Option<Value>,
    pub(crate) fault: Option<FaultNames>,
    pub(crate) settings_error: Option<Text>,
    pub(crate) refusal: Option<Refusal>,
    pub(crate) message: Option<Text>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) obligations: Option<Vec<Obligation>>,
    pub(crate) title: Option<Text>,
    pub(crate) reason: Option<Text>,
    pub(crate) roles: Option<Vec<String>>,
    pub(crate) show: Option<Vec<String>>,
    pub(crate) quorum: Option<u8>,
    pub(crate) exclude_requester: Option<bool>,
    pub(crate) exclude: Option<Vec<String>>,
    pub(crate) decide_within_seconds: Option<u32>,
    #[serde(alias = "ttl-seconds")]
    pub(crate) use_within_seconds: Option<u32>,
    pub(crate) charges: Option<Vec<Charge>>,
    pub(crate) rules: Option<Vec<String>>,
    pub(crate) result: Option<Value>,
    pub(crate) labels: Option<Vec<String>>,
    pub(crate) log: Option<Vec<String>>,
}

/// A text, or one that is repeated: `{ repeat = "x", times = 200000 }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) String);

/// What may happen instead of an answer: one of these.
#[derive(Clone, Debug)]
pub(crate) struct FaultNames(pub(crate) Vec<FaultName>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum VerdictName {
    Abstain,
    Allow,
    Deny,
    Ask,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FindingName {
    Pass,
    Block,
}

/// The faults of the sandbox, by their stable names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FaultName {
    Trapped,
    OutOfFuel,
    TimedOut,
    OutOfMemory,
    BadOutput,
    BadPointer,
    GaveUp,
}

// === impl Expect ===

impl Expect {
    /// Checks that it says one thing, and nothing that would not be looked at.
    pub(crate) fn check(&self) -> Result<(), String> {
        let (kind, fitting): (&str, &[&str]) = match (
            self.verdict,
            self.finding,
            &self.arguments,
            &self.fault,
            &self.settings_error,
        ) {
            (Some(VerdictName::Abstain), None, None, None, None) => {
                ("verdict = \"abstain\"", &["obligations", "rules"])
            }
            (Some(VerdictName::Allow), None, None, None, None) => {
                ("verdict = \"allow\"", &["obligations", "rules"])
            }
            (Some(VerdictName::Deny), None, None, None, None) => (
                "verdict = \"deny\"",
                &["refusal", "message", "scopes", "obligations", "rules"],
            ),
            (Some(VerdictName::Ask), None, None, None, None) => (
                "verdict = \"ask\"",
                &[
                    "title",
                    "reason",
                    "show",
                    "roles",
                    "quorum",
                    "exclude-requester",
                    "exclude",
                    "decide-within-seconds",
                    "use-within-seconds",
                    "obligations",
                    "rules",
                ],
            ),
            (None, Some(FindingName::Pass), None, None, None) => (
                "finding = \"pass\"",
                &["result", "labels", "charges", "rules"],
            ),
            (None, Some(FindingName::Block), None, None, None) => (
                "finding = \"block\"",
                &["message", "labels", "charges", "rules"],
            ),
            (None, None, Some(_), None, None) => ("arguments", &["rules"]),
            (None, None, None, Some(_), None) => ("fault", &["message"]),
            (None, None, None, None, Some(_)) => ("settings-error", &[]),
            _ => {
                return Err(
                    "`expect` needs exactly one of `verdict`, `finding`, `arguments`, \
                            `fault` and `settings-error`"
                        .to_owned(),
                );
            }
        };
        match self.details().find(|member| !fitting.contains(member)) {
            Some(member) => Err(format!("`{member}` does not go with `{kind}`")),
            None => Ok(()),
        }
    }

    /// Whether the policy gets as far as an answer.
    pub fn asks(&self) -> bool {
        self.settings_error.is_none()
    }

    /// The members that are written besides the first five and `log`.
    fn details(&self) -> impl Iterator<Item = &'static str> {
        [
            ("refusal", self.refusal.is_some()),
            ("message", self.message.is_some()),
            ("scopes", self.scopes.is_some()),
            ("obligations", self.obligations.is_some()),
            ("title", self.title.is_some()),
            ("reason", self.reason.is_some()),
            ("roles", self.roles.is_some()),
            ("quorum", self.quorum.is_some()),
            ("show", self.show.is_some()),
            ("exclude-requester", self.exclude_requester.is_some()),
            ("exclude", self.exclude.is_some()),
            (
                "decide-within-seconds",
                self.decide_within_seconds.is_some(),
            ),
            ("use-within-seconds", self.use_within_seconds.is_some()),
            ("charges", self.charges.is_some()),
            ("rules", self.rules.is_some()),
            ("result", self.result.is_some()),
            ("labels", self.labels.is_some()),
        ]
        .into_iter()
        .filter_map(|(member, is_written)| is_written.then_some(member))
    }
}

// === impl Text ===

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeated {
    repeat: String,
    times: usize,
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or `{ repeat = \"..\", times = N }`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
                let Repeated { repeat, times } =
                    Repeated::deserialize(MapAccessDeserializer::new(map))?;
                let bytes = repeat.len().saturating_mul(times);
                if bytes > TEXT_BYTES_MAX {
                    return Err(serde::de::Error::custom(format_args!(
                        "a text of {bytes} bytes; at most {TEXT_BYTES_MAX} can be asked for"
                    )));
                }
                Ok(Text(repeat.repeat(times)))
            }
        }

        deserializer.deserialize_any(TextVisitor)
    }
}

// === impl FaultNames ===

impl<'de> Deserialize<'de> for FaultNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamesVisitor;

        impl<'de> Visitor<'de> for NamesVisitor {
            type Value = FaultNames;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a fault, or a list of such names")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<FaultNames, E> {
                let name = serde::de::value::StrDeserializer::new(name);
                Ok(FaultNames(vec![FaultName::deserialize(name)?]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<FaultNames, A::Error> {
                let mut list = Vec::new();
                while let Some(name) = names.next_element()? {
                    list.push(name);
                }
                Ok(FaultNames(list))
            }
        }

        deserializer.deserialize_any(NamesVisitor)
    }
}

impl FaultName {
    /// As it stands in records.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Trapped => "trapped",
            Self::OutOfFuel => "out-of-fuel",
            Self::TimedOut => "timed-out",
            Self::OutOfMemory => "out-of-memory",
            Self::BadOutput => "bad-output",
            Self::BadPointer => "bad-pointer",
            Self::GaveUp => "gave-up",
        }
    }
}
