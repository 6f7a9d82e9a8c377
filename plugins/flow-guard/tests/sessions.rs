//! Whole sessions, with the labels that a gate would keep: what goes ahead leaves what it
//! owes, in the order of the decisions, whatever order the answers come in.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::collections::BTreeSet;

use gatewright_flow_guard::{Settings, judge};
use gatewright_sdk::{Hints, Obligation, Request, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};

fn settings(text: Value) -> Settings {
    serde_json::from_value(text).unwrap()
}

/// What a tool is, by its pins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Ticket,
    Customer,
    Search,
    Send,
    Fetch,
    Delete,
    Unknown,
    Release,
}

const TOOLS: &[Tool] = &[
    Tool::Ticket,
    Tool::Customer,
    Tool::Search,
    Tool::Send,
    Tool::Fetch,
    Tool::Delete,
    Tool::Unknown,
    Tool::Release,
];

impl Tool {
    fn pins(self) -> Hints {
        match self {
            Self::Ticket => Hints::READ_ONLY | Hints::UNTRUSTED,
            Self::Customer => Hints::READ_ONLY | Hints::SENSITIVE,
            Self::Search => Hints::READ_ONLY,
            Self::Send => Hints::OPEN_WORLD,
            Self::Fetch => Hints::READ_ONLY | Hints::OPEN_WORLD | Hints::UNTRUSTED,
            Self::Delete => Hints::DESTRUCTIVE,
            Self::Unknown | Self::Release => Hints::empty(),
        }
    }

    fn reads(self) -> &'static [&'static str] {
        match self {
            Self::Ticket | Self::Fetch => &["untrusted"],
            Self::Customer => &["sensitive"],
            Self::Search | Self::Send | Self::Delete | Self::Unknown | Self::Release => &[],
        }
    }

    fn sends(self) -> bool {
        matches!(
            self,
            Self::Send | Self::Fetch | Self::Unknown | Self::Release
        )
    }

    fn changes(self) -> bool {
        matches!(
            self,
            Self::Send | Self::Delete | Self::Unknown | Self::Release
        )
    }
}

/// Asks about a call; where it goes ahead, its obligations count.
fn call(settings: &Settings, labels: &mut BTreeSet<String>, tool: Tool, approved: bool) -> bool {
    let request = Request::tool(format!("{tool:?}"))
        .with_hints(tool.pins())
        .with_labels(labels.iter().cloned());
    let opinion = judge(settings, &request);
    let goes_ahead = match &opinion.verdict {
        Verdict::Abstain => true,
        Verdict::Ask(_) => approved,
        Verdict::Deny(_) => false,
        Verdict::Allow => panic!("it never allows"),
    };
    if goes_ahead {
        let owed = opinion.obligations;
        for obligation in &owed {
            if let Obligation::Declassify(off) = obligation {
                labels.retain(|label| !off.contains(label));
            }
        }
        for obligation in owed {
            if let Obligation::Label(left) = obligation {
                labels.extend(left);
            }
        }
    }
    goes_ahead
}

fn sessions() -> impl Strategy<Value = Vec<(Tool, bool)>> {
    prop::collection::vec((prop::sample::select(TOOLS), any::<bool>()), 0..20)
}

proptest! {
    /// Nothing leaves a session after it has read both kinds of data, and everything goes
    /// ahead until then.
    #[test]
    fn the_three_never_meet(calls in sessions()) {
        let settings = settings(json!({ "profile": "lethal-trifecta" }));
        let (mut labels, mut read) = (BTreeSet::new(), BTreeSet::new());
        for (tool, _) in calls {
            let both = read.len() == 2;
            let went = call(&settings, &mut labels, tool, false);
            prop_assert_eq!(went, !(both && tool.sends()), "{:?} after {:?}", tool, read);
            if went {
                read.extend(tool.reads().iter().copied());
            }
        }
    }

    /// After untrusted data nothing changes without a person.
    #[test]
    fn nothing_is_changed_unasked(calls in sessions()) {
        let settings = settings(json!({ "profile": "prompt-injection", "effect": "ask" }));
        let mut labels = BTreeSet::new();
        let mut tainted = false;
        for (tool, approved) in calls {
            let is_sink = tool.sends() || tool.changes();
            let went = call(&settings, &mut labels, tool, approved);
            prop_assert_eq!(went, !(tainted && is_sink) || approved, "{:?}", tool);
            tainted |= went && tool.reads().contains(&"untrusted");
        }
    }

    /// Labels come off with an approved call of the tool that the operator named, and with
    /// no other.
    #[test]
    fn labels_come_off_by_approval_alone(calls in sessions()) {
        let settings = settings(json!({
            "profile": "lethal-trifecta",
            "effect": "ask",
            "declassify": [{ "tools": ["Release"], "labels": ["untrusted"] }],
        }));
        let mut labels = BTreeSet::new();
        for (tool, approved) in calls {
            let before = labels.clone();
            call(&settings, &mut labels, tool, approved);
            if before.contains("untrusted") && !labels.contains("untrusted") {
                prop_assert!(tool == Tool::Release && approved);
            }
            prop_assert!(!before.contains("sensitive") || labels.contains("sensitive"));
        }
    }
}
