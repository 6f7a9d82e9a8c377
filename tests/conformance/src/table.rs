//! The table that is printed, and what it amounts to.

use std::process::ExitCode;

use crate::suite::Findings;

/// One run, directly and, when there is a gate, through it.
pub(crate) struct Row {
    what: String,
    direct: Findings,
    gate: Option<Findings>,
}

/// All runs. Rows are printed as they come: a run takes a while.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

impl Row {
    pub(crate) fn new(what: String, direct: Findings, gate: Option<Findings>) -> Self {
        Self { what, direct, gate }
    }

    fn complaints(&self) -> Vec<String> {
        let mut complaints = self.direct.failures();
        if let Some(gate) = &self.gate {
            complaints.extend(gate.differences(&self.direct));
        }
        complaints
    }

    /// Nothing failed, and the gate made no difference.
    fn is_good(&self) -> bool {
        self.complaints().is_empty()
    }
}

impl Table {
    pub(crate) fn add(&mut self, row: Row) {
        if self.rows.is_empty() {
            println!("{:<55} {:^24} {:^24}", "", "direct", "through the gate");
            println!("{:<55} {HEADINGS} {HEADINGS}", "run");
        }
        let gate = row.gate.as_ref().map_or_else(String::new, numbers);
        let verdict = if row.is_good() {
            ""
        } else {
            "  DIFFERS OR FAILS"
        };
        println!("{:<55} {} {gate}{verdict}", row.what, numbers(&row.direct));
        for complaint in row.complaints() {
            println!("    {complaint}");
        }
        self.rows.push(row);
    }

    /// Prints the sum; success when every row is good.
    pub(crate) fn conclude(&self) -> ExitCode {
        let bad = self.rows.iter().filter(|row| !row.is_good()).count();
        if bad == 0 {
            println!("{} runs, all as they should be", self.rows.len());
            ExitCode::SUCCESS
        } else {
            println!(
                "{} runs, {bad} of them not as they should be",
                self.rows.len()
            );
            ExitCode::FAILURE
        }
    }
}

const HEADINGS: &str = "  passed  failed  other";

fn numbers(findings: &Findings) -> String {
    format!(
        "{:>8}{:>8}{:>7}",
        findings.passed(),
        findings.failed(),
        findings.others()
    )
}
