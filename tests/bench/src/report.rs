//! Figures: what was measured, against what, and whether it is good enough.

use serde::Serialize;

use crate::rounds::Summary;

/// Everything that one run measured.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    seed: u64,
    figures: Vec<Figure>,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    /// The value in a good and in a bad round.
    #[serde(skip_serializing_if = "Option::is_none")]
    spread: Option<[f64; 2]>,
    /// The figure of the same run that it is compared with.
    against: Option<String>,
    ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio_spread: Option<[f64; 2]>,
    /// What the ratio must be; the value itself where there is no ratio.
    bound: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bound_is: Option<Side>,
    meets: Option<bool>,
}

/// On which side of the bound it is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Side {
    AtMost,
    AtLeast,
}

// === impl Figure ===

impl Figure {
    pub(crate) fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self {
            name: name.into(),
            value,
            unit,
            spread: None,
            against: None,
            ratio: None,
            ratio_spread: None,
            bound: None,
            bound_is: None,
            meets: None,
        }
    }

    pub(crate) fn of(name: impl Into<String>, summary: Summary, unit: &'static str) -> Self {
        let mut figure = Self::new(name, summary.median, unit);
        figure.spread = Some([summary.low, summary.high]);
        figure
    }

    pub(crate) fn against(mut self, peer: impl Into<String>, ratio: Summary) -> Self {
        self.against = Some(peer.into());
        self.ratio = Some(ratio.median);
        self.ratio_spread = Some([ratio.low, ratio.high]);
        self
    }

    pub(crate) fn at_most(self, bound: f64) -> Self {
        self.bounded(bound, Side::AtMost)
    }

    pub(crate) fn at_least(self, bound: f64) -> Self {
        self.bounded(bound, Side::AtLeast)
    }

    fn bounded(mut self, bound: f64, side: Side) -> Self {
        let measured = self.ratio.unwrap_or(self.value);
        self.bound = Some(bound);
        self.bound_is = Some(side);
        // What could not be measured meets nothing.
        self.meets = Some(match side {
            Side::AtMost => measured <= bound,
            Side::AtLeast => measured >= bound,
        });
        self
    }

    /// The cells of its line in a table.
    fn cells(&self) -> [String; 7] {
        let range = |range: &Option<[f64; 2]>| {
            range.map_or_else(String::new, |[low, high]| {
                format!("{}-{}", number(low), number(high))
            })
        };
        let side = match self.bound_is {
            Some(Side::AtMost) => "<= ",
            Some(Side::AtLeast) => ">= ",
            None => "",
        };
        [
            self.name.clone(),
            format!("{} {}", number(self.value), self.unit),
            range(&self.spread),
            self.against.clone().unwrap_or_default(),
            self.ratio.map_or_else(String::new, |ratio| {
                format!("{} ({})", number(ratio), range(&self.ratio_spread))
            }),
            self.bound
                .map_or_else(String::new, |bound| format!("{side}{}", number(bound))),
            match self.meets {
                Some(true) => "yes".to_owned(),
                Some(false) => "NO".to_owned(),
                None => String::new(),
            },
        ]
    }
}

/// What stands above the columns.
const HEADINGS: [&str; 7] = [
    "figure",
    "value",
    "spread",
    "against",
    "ratio (spread)",
    "bound",
    "meets",
];

// === impl Report ===

impl Report {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            figures: Vec::new(),
        }
    }

    pub(crate) fn extend(&mut self, figures: Vec<Figure>) {
        self.figures.extend(figures);
    }

    pub(crate) fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// A table for a terminal.
    pub(crate) fn to_text(&self) -> String {
        let lines = self.lines();
        let mut widths = [0; 7];
        for line in &lines {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = cell.chars().count().max(*width);
            }
        }
        let mut text = format!("seed {}\n", self.seed);
        for line in &lines {
            let cells = line.iter().zip(widths);
            let padded: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            text.push_str(padded.join("  ").trim_end());
            text.push('\n');
        }
        text
    }

    /// The same as Markdown.
    pub(crate) fn to_markdown(&self) -> String {
        markdown(&self.lines())
    }

    /// The figures with a bound, in few columns: what a first reader wants to know.
    pub(crate) fn bounds_to_markdown(&self) -> String {
        let lines = self.lines();
        let short: Vec<_> = lines
            .iter()
            .filter(|[.., meets]| !meets.is_empty())
            .map(|[figure, value, _, against, ratio, bound, meets]| {
                let ratio = ratio.split(' ').next().unwrap_or_default().to_owned();
                [figure, value, against, &ratio, bound, meets].map(String::clone)
            })
            .collect();
        markdown(&short)
    }

    fn lines(&self) -> Vec<[String; 7]> {
        let mut lines = vec![HEADINGS.map(str::to_owned)];
        lines.extend(self.figures.iter().map(Figure::cells));
        lines
    }
}

/// Three digits that matter.
fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ if value == value.trunc() => format!("{value:.0}"),
        _ => format!("{value:.2}"),
    }
}

fn markdown<const COLUMNS: usize>(lines: &[[String; COLUMNS]]) -> String {
    let mut text = String::new();
    for (place, line) in lines.iter().enumerate() {
        text.push_str(&format!("| {} |\n", line.join(" | ")));
        if place == 0 {
            text.push_str(&format!("|{}\n", "---|".repeat(COLUMNS)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(median: f64) -> Summary {
        Summary {
            median,
            low: median,
            high: median,
        }
    }

    #[test]
    fn the_ratio_is_held_against_the_bound_where_there_is_one() {
        let figure = Figure::new("f", 900.0, "us").against("peer", at(1.01));
        assert_eq!(figure.clone().at_most(1.0).meets, Some(false));
        assert_eq!(figure.clone().at_most(1.02).meets, Some(true));
        assert_eq!(figure.clone().at_least(1.0).meets, Some(true));
        assert_eq!(figure.at_least(1.02).meets, Some(false));
        assert_eq!(
            Figure::new("f", 1.0, "calls").at_most(0.0).meets,
            Some(false)
        );
        assert_eq!(
            Figure::new("f", 0.0, "calls").at_most(0.0).meets,
            Some(true)
        );
    }

    #[test]
    fn what_could_not_be_measured_meets_no_bound() {
        let figure = Figure::of("f", Summary::of([]), "us");
        assert_eq!(figure.clone().at_most(1.0).meets, Some(false));
        assert_eq!(figure.at_least(1.0).meets, Some(false));
    }

    #[test]
    fn the_json_has_the_members_that_readers_look_for() {
        let mut report = Report::new(7);
        let compared = Figure::of("decide", at(11.25), "us").against("cedar", at(0.5));
        report.extend(vec![compared.at_most(1.0), Figure::new("plain", 3.0, "us")]);
        let json: serde_json::Value = serde_json::from_str(&report.to_json().unwrap()).unwrap();
        let expected = serde_json::json!({"seed": 7, "figures": [
            {"name": "decide", "value": 11.25, "unit": "us", "spread": [11.25, 11.25],
             "against": "cedar", "ratio": 0.5, "ratio_spread": [0.5, 0.5],
             "bound": 1.0, "bound_is": "at-most", "meets": true},
            {"name": "plain", "value": 3.0, "unit": "us",
             "against": null, "ratio": null, "bound": null, "meets": null},
        ]});
        assert_eq!(json, expected);
    }

    #[test]
    fn a_missed_bound_stands_out_in_the_tables() {
        let mut report = Report::new(7);
        report.extend(vec![Figure::new("late", 2.0, "us").at_most(1.0)]);
        assert!(
            report.to_text().contains("late    2 us"),
            "{}",
            report.to_text()
        );
        assert!(report.to_markdown().contains("| <= 1 | NO |"));
    }
}
