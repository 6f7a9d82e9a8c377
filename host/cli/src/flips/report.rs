//! Flips, counted by what would change and where.

use std::collections::BTreeMap;

use gatewright_policy::record::{Decided, RecordedOpinion, shortened};
use gatewright_policy::{Flip, Mode, Timestamp, counted};
use serde::{Serialize, Serializer};

use crate::output::{Paint, Tone, visible};

/// Every kind of flip, the one that lets most through first.
const ORDER: [(&str, &str); 6] = [
    ("deny", "allow"),
    ("hold", "allow"),
    ("deny", "hold"),
    ("allow", "hold"),
    ("hold", "deny"),
    ("allow", "deny"),
];

/// All of them.
#[derive(Default, Serialize)]
pub(super) struct Report {
    /// Calls that were judged.
    judged: u64,
    #[serde(serialize_with = "listed")]
    flips: BTreeMap<Kind, Count>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Kind {
    #[serde(skip)]
    rank: usize,
    stable: String,
    candidate: String,
    server: String,
    name: String,
    /// Bindings that were observed in such calls.
    bindings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Count {
    count: u64,
    first: Timestamp,
    last: Timestamp,
    /// Id of the last such decision.
    decision: String,
}

// === impl Report ===

impl Report {
    /// Calls so far.
    pub(super) const fn judged(&self) -> u64 {
        self.judged
    }

    /// Counts a judged call: each thing that it names was judged by itself.
    pub(super) fn count(&mut self, at: Timestamp, decided: &Decided) {
        self.count_one(at, decided, &decided.name, &decided.flip, &decided.opinions);
        for part in &decided.parts {
            self.count_one(at, decided, &part.name, &part.flip, &part.opinions);
        }
    }

    fn count_one(
        &mut self,
        at: Timestamp,
        decided: &Decided,
        name: &str,
        flip: &Option<Flip>,
        opinions: &[RecordedOpinion],
    ) {
        self.judged += 1;
        let Some(flip) = flip else {
            return;
        };
        let observed =
            |opinion: &&RecordedOpinion| opinion.mode == Mode::Observe && opinion.edits == 0;
        let bindings = opinions.iter().filter(observed);
        let mut bindings: Vec<_> = bindings.map(|opinion| opinion.binding.clone()).collect();
        bindings.dedup();
        let kind = Kind {
            rank: rank(flip),
            stable: flip.stable.clone(),
            candidate: flip.candidate.clone(),
            server: decided.server.clone(),
            name: name.to_owned(),
            bindings,
        };
        let count = self.flips.entry(kind).or_insert_with(|| Count {
            count: 0,
            first: at,
            last: at,
            decision: String::new(),
        });
        count.count += 1;
        count.last = at;
        count.decision.clone_from(&decided.id);
    }

    /// For a person.
    pub(super) fn text(&self, paint: Paint) -> String {
        let flips: u64 = self.flips.values().map(|count| count.count).sum();
        let (flips, judged) = (counted(flips, "flip"), counted(self.judged, "judged call"));
        let mut lines = vec![format!("{flips} in {judged}")];
        for (kind, count) in &self.flips {
            let what = format!("{:<5} -> {:<5}", kind.stable, kind.candidate);
            let tone = match kind.candidate.as_str() {
                "allow" => Tone::Bad,
                "hold" => Tone::Warning,
                _ => Tone::Faint,
            };
            lines.push(format!(
                "{} {:>6}  {}:{}  by {}  last {} ({})",
                paint.tone(tone, &what),
                count.count,
                visible(&kind.server),
                shortened(&visible(&kind.name)),
                visible(&kind.bindings.join(", ")),
                count.last,
                visible(&count.decision),
            ));
        }
        lines.join("\n")
    }
}

/// What lets most through comes first; a name from elsewhere comes last.
fn rank(flip: &Flip) -> usize {
    let pair = (flip.stable.as_str(), flip.candidate.as_str());
    let place = ORDER.iter().position(|known| *known == pair);
    place.unwrap_or(ORDER.len())
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
