//! What came of judging the past again.

use std::collections::BTreeMap;

use clap::ValueEnum;
use gatewright_engine::rejudge::JudgedAgain;
use gatewright_policy::record::{CallPayload, Decided, RecordedOpinion, shortened};
use gatewright_policy::{DecisionKind, Digest, counted};
use serde::{Serialize, Serializer};

use crate::output::{Paint, Tone, visible};

/// Entries that are named one by one; the rest is counted.
const NAMED_MAX: usize = 10_000;

/// How many of them a person is shown.
const SHOWN_MAX: usize = 20;

/// Which flips are refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Every one.
    #[default]
    Any,
    /// Those that let more through.
    Loosened,
}

/// Why a call was not judged again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Missing {
    /// The gate was not told to keep it.
    NotKept,
    /// It was erased, or old.
    Gone,
    /// It was masked.
    Masked,
    /// It is not what its entry commits to.
    Changed,
    /// Another version kept it, or the disk is broken.
    Unreadable,
    /// A policy reads a budget that none read then.
    Budget,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The policy set that judged.
    policies: Digest,
    /// Calls that were judged again: each thing that a call names.
    judged: u64,
    /// Of those, the ones that this very set had judged.
    same_set: u64,
    /// Of those, the ones where not everything was the same, bit for bit.
    differences: u64,
    #[serde(serialize_with = "listed")]
    flips: BTreeMap<Kind, Count>,
    /// How many were not judged again, by why.
    not_judged: BTreeMap<Missing, u64>,
    /// Lines of the record that are no entry.
    unreadable: u64,
    /// One by one, up to a bound.
    entries: Vec<Named>,
}

/// Something about one entry.
#[derive(Debug, Serialize)]
struct Named {
    sequence: u64,
    id: String,
    what: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Kind {
    #[serde(skip)]
    rank: usize,
    was: &'static str,
    now: &'static str,
    agent: String,
    server: String,
    name: String,
}

#[derive(Debug, Serialize)]
struct Count {
    count: u64,
    /// The last such decision.
    sequence: u64,
    decision: String,
}

// === impl Report ===

impl Report {
    /// Of nothing yet.
    pub(super) fn of(policies: Digest) -> Self {
        Self {
            policies,
            judged: 0,
            same_set: 0,
            differences: 0,
            flips: BTreeMap::new(),
            not_judged: BTreeMap::new(),
            unreadable: 0,
            entries: Vec::new(),
        }
    }

    /// Why the past is no reason to go on, if it is none.
    pub(crate) fn refuses(&self, on: FailOn) -> Option<String> {
        let changed = self.not_judged.get(&Missing::Changed).copied();
        if let Some(count) = changed {
            let payloads = counted(count, "payload");
            return Some(format!("not what the entry commits to: {payloads}"));
        }
        if self.differences > 0 {
            let calls = counted(self.differences, "call");
            return Some(format!(
                "judged otherwise by the policies that judged it: {calls}"
            ));
        }
        if self.judged == 0 {
            return Some(
                "nothing was judged: no call is kept (`[audit.payloads]`), or none since then"
                    .to_owned(),
            );
        }
        let refused = self.flips.iter().filter(|(kind, _)| match on {
            FailOn::Any => true,
            FailOn::Loosened => kind.is_loosened(),
        });
        match refused.map(|(_, count)| count.count).sum::<u64>() {
            0 => None,
            count => {
                let calls = counted(count, "call");
                Some(format!("{calls} would be decided otherwise"))
            }
        }
    }

    /// A line that is no entry.
    pub(super) fn unreadable(&mut self, place: &str, why: &str) {
        self.unreadable += 1;
        eprintln!("{place}: not an entry: {why}");
    }

    /// A call that was not judged again.
    pub(super) fn not_judged(&mut self, sequence: u64, id: &str, missing: Missing) {
        *self.not_judged.entry(missing).or_default() += 1;
        self.name(sequence, id, missing.words().to_owned());
    }

    /// A call that was judged again.
    pub(super) fn count(
        &mut self,
        sequence: u64,
        decided: &Decided,
        call: &CallPayload,
        names: &[JudgedAgain],
    ) {
        let is_same_set = decided.policies == self.policies;
        let parts = decided.parts.iter().map(|part| &part.opinions);
        let recorded: Vec<_> = std::iter::once(&decided.opinions).chain(parts).collect();
        if recorded.len() != names.len() || names.len() != call.names.len() {
            return self.not_judged(sequence, &decided.id, Missing::Unreadable);
        }
        // What policies saw is what the entry says that they saw.
        if names
            .first()
            .is_some_and(|first| first.seen != decided.seen)
        {
            return self.not_judged(sequence, &decided.id, Missing::Changed);
        }
        for ((opinions, judged), again) in recorded.into_iter().zip(&call.names).zip(names) {
            self.judged += 1;
            let was = (judged.decision, judged.reason);
            if is_same_set {
                self.same_set += 1;
                if let Some(what) = difference(opinions, &again.opinions).or_else(|| {
                    (was != (again.decision, again.reason)).then(|| "decision".to_owned())
                }) {
                    self.differences += 1;
                    let name = visible(&again.name);
                    self.name(sequence, &decided.id, format!("{name}: another {what}"));
                }
            }
            if judged.decision != again.decision {
                self.flip((sequence, decided), call, judged.decision, again);
            }
        }
    }

    fn flip(
        &mut self,
        (sequence, decided): (u64, &Decided),
        call: &CallPayload,
        was: DecisionKind,
        again: &JudgedAgain,
    ) {
        let kind = Kind {
            rank: rank(was, again.decision),
            was: was.as_str(),
            now: again.decision.as_str(),
            agent: call.subject.id.clone(),
            server: call.server.clone(),
            name: again.name.clone(),
        };
        let count = self.flips.entry(kind).or_insert_with(|| Count {
            count: 0,
            sequence,
            decision: String::new(),
        });
        count.count += 1;
        if sequence >= count.sequence {
            count.sequence = sequence;
            count.decision.clone_from(&decided.id);
        }
    }

    fn name(&mut self, sequence: u64, id: &str, what: String) {
        if self.entries.len() < NAMED_MAX {
            self.entries.push(Named {
                sequence,
                id: id.to_owned(),
                what,
            });
        }
    }

    /// For a person.
    pub(crate) fn text(&self, paint: Paint) -> String {
        let flips: u64 = self.flips.values().map(|count| count.count).sum();
        let (flips, judged) = (counted(flips, "flip"), counted(self.judged, "call"));
        let mut lines = vec![
            format!("{flips} in {judged} judged again"),
            format!(
                "by the same policies as then: {}, of which not the same bit for bit: {}",
                self.same_set, self.differences
            ),
        ];
        for (kind, count) in &self.flips {
            let what = format!("{:<5} -> {:<5}", kind.was, kind.now);
            let tone = match kind.is_loosened() {
                true => Tone::Bad,
                false => Tone::Warning,
            };
            lines.push(format!(
                "{} {:>6}  {}  {}:{}  last {} ({})",
                paint.tone(tone, &what),
                count.count,
                visible(&kind.agent),
                visible(&kind.server),
                shortened(&visible(&kind.name)),
                count.sequence,
                visible(&count.decision),
            ));
        }
        for (missing, count) in &self.not_judged {
            lines.push(format!("not judged {count:>6}  {}", missing.words()));
        }
        if self.unreadable > 0 {
            lines.push(format!("not read   {:>6}  no entries", self.unreadable));
        }
        // What was never kept is said by its number.
        let not_kept = Missing::NotKept.words();
        let named = self.entries.iter().filter(|named| named.what != not_kept);
        for named in named.take(SHOWN_MAX) {
            let id = visible(&named.id);
            lines.push(format!("  {} {}  ({id})", named.sequence, named.what));
        }
        lines.join("\n")
    }
}

/// The first thing that one policy says otherwise.
fn difference(recorded: &[RecordedOpinion], again: &[RecordedOpinion]) -> Option<String> {
    if recorded.len() != again.len() {
        return Some("number of opinions".to_owned());
    }
    let mut pairs = recorded.iter().zip(again);
    let (recorded, again) = pairs.find(|(recorded, again)| recorded != again)?;
    let what = match recorded.fuel == again.fuel {
        true => "answer",
        false => "fuel",
    };
    Some(format!("{what} of `{}`", visible(&recorded.binding)))
}

/// What lets most through comes first.
const fn rank(was: DecisionKind, now: DecisionKind) -> usize {
    match (was, now) {
        (DecisionKind::Deny, DecisionKind::Allow) => 0,
        (DecisionKind::Hold, DecisionKind::Allow) => 1,
        (DecisionKind::Deny, DecisionKind::Hold) => 2,
        (DecisionKind::Allow, DecisionKind::Hold) => 3,
        (DecisionKind::Hold, DecisionKind::Deny) => 4,
        (DecisionKind::Allow, DecisionKind::Deny) => 5,
        (DecisionKind::Allow, DecisionKind::Allow)
        | (DecisionKind::Hold, DecisionKind::Hold)
        | (DecisionKind::Deny, DecisionKind::Deny) => 6,
    }
}

// === impl Kind ===

impl Kind {
    const fn is_loosened(&self) -> bool {
        self.rank < 3
    }
}

// === impl Missing ===

impl Missing {
    const fn words(self) -> &'static str {
        match self {
            Self::NotKept => "was not kept in full",
            Self::Gone => "is not kept any more",
            Self::Masked => "was masked before it was kept",
            Self::Changed => "is not what the entry commits to",
            Self::Unreadable => "cannot be read by this version",
            Self::Budget => "was judged without a budget that a policy reads now",
        }
    }
}

fn listed<S: Serializer>(flips: &BTreeMap<Kind, Count>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Row<'a> {
        #[serde(flatten)]
        kind: &'a Kind,
        #[serde(flatten)]
        count: &'a Count,
    }
    serializer.collect_seq(flips.iter().map(|(kind, count)| Row { kind, count }))
}
