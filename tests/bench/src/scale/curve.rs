//! What something costs at several sizes, and how fast that grows.

use anyhow::Result;

use crate::report::Figure;
use crate::rounds::Summary;

/// No worse than a straight line: an exponent of one, and what the noise of a round adds.
pub(crate) const LINE_MAX: f64 = 1.1;

/// Hardly at all: a thousand times the size costs four times as much, at the most. What is
/// looked up by name costs a little more where more is known, since less of that is in
/// the caches of the processor.
pub(crate) const FLAT_MAX: f64 = 0.2;

/// What grows, and how it may.
#[derive(Clone, Copy)]
pub(crate) struct Axis {
    pub(crate) name: &'static str,
    /// What is measured of each size, in microseconds.
    pub(crate) cost: &'static str,
    pub(crate) exponent_max: f64,
}

/// What each size cost, in each round.
pub(crate) struct Curve {
    axis: Axis,
    sizes: Vec<usize>,
    rounds: Vec<Vec<f64>>,
}

// === impl Axis ===

impl Axis {
    /// Measures all sizes in turns, round by round; `cost` gives that of one size, in
    /// microseconds.
    pub(crate) fn measure<S>(
        self,
        rounds: usize,
        subjects: &mut [(usize, S)],
        mut cost: impl FnMut(usize, &mut S) -> Result<f64>,
    ) -> Result<Curve> {
        let mut curve = Curve {
            axis: self,
            sizes: subjects.iter().map(|(size, _)| *size).collect(),
            rounds: Vec::new(),
        };
        // The first round warms up and does not count.
        for round in 0..=rounds {
            let mut costs = Vec::new();
            for (size, subject) in &mut *subjects {
                costs.push(cost(*size, subject)?);
            }
            if round > 0 {
                curve.rounds.push(costs);
            }
        }
        Ok(curve)
    }
}

// === impl Curve ===

impl Curve {
    /// The cost of each size, how steep the curve is where it is steepest, and as a whole.
    pub(crate) fn figures(&self) -> Vec<Figure> {
        let Axis {
            name,
            cost,
            exponent_max,
        } = self.axis;
        let mut figures = Vec::new();
        for (place, size) in self.sizes.iter().enumerate() {
            let costs = self.rounds.iter().filter_map(|costs| costs.get(place));
            let costs = Summary::of(costs.copied());
            figures.push(Figure::of(
                format!("scale.{name}.{size}.{cost}"),
                costs,
                "us",
            ));
        }
        let of_rounds = |of: fn(&[(f64, f64)]) -> f64| {
            let points = self.rounds.iter().map(|costs| self.points(costs));
            Summary::of(points.map(|points| of(&points)))
        };
        figures.push(Figure::of(
            format!("scale.{name}.steepest"),
            of_rounds(steepest),
            "",
        ));
        let exponent = Figure::of(format!("scale.{name}.exponent"), of_rounds(exponent), "");
        figures.push(exponent.at_most(exponent_max));
        figures
    }

    /// What each unit of the largest size cost, in nanoseconds.
    pub(crate) fn of_each(&self) -> Summary {
        let size = self.sizes.last().map_or(f64::NAN, |size| *size as f64);
        let largest = self.rounds.iter().filter_map(|costs| costs.last());
        Summary::of(largest.map(|cost| cost * 1e3 / size))
    }

    /// Size and cost, both as logarithms.
    fn points(&self, costs: &[f64]) -> Vec<(f64, f64)> {
        let pairs = self.sizes.iter().zip(costs);
        pairs
            .map(|(size, cost)| ((*size as f64).ln(), cost.ln()))
            .collect()
    }
}

/// The slope of the straight line that is nearest to all points (least squares): of a cost
/// that is some power of the size, that power.
fn exponent(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let size = points.iter().map(|(size, _)| size).sum::<f64>() / count;
    let cost = points.iter().map(|(_, cost)| cost).sum::<f64>() / count;
    let together = points.iter().map(|(x, y)| (x - size) * (y - cost));
    let alone = points.iter().map(|(x, _)| (x - size) * (x - size));
    together.sum::<f64>() / alone.sum::<f64>()
}

/// The highest slope between two neighbours: where the curve has a cliff.
fn steepest(points: &[(f64, f64)]) -> f64 {
    let neighbours = points.iter().zip(points.iter().skip(1));
    let slopes = neighbours.map(|((x, y), (next_x, next_y))| (next_y - y) / (next_x - x));
    slopes.fold(f64::NAN, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(costs: fn(f64) -> f64) -> Curve {
        let axis = Axis {
            name: "things",
            cost: "p50",
            exponent_max: LINE_MAX,
        };
        let mut sizes = [(1, ()), (10, ()), (100, ()), (1000, ())];
        let measured = axis.measure(3, &mut sizes, |size, _| Ok(costs(size as f64)));
        measured.unwrap()
    }

    fn slopes(costs: fn(f64) -> f64) -> [f64; 2] {
        let curve = curve(costs);
        let points = curve.points(curve.rounds.first().unwrap());
        [exponent(&points), steepest(&points)]
    }

    fn is_near(slopes: [f64; 2], expected: [f64; 2]) -> bool {
        let mut pairs = slopes.iter().zip(expected);
        pairs.all(|(slope, expected)| (slope - expected).abs() < 0.01)
    }

    #[test]
    fn the_exponent_is_the_power_of_the_size() {
        assert!(is_near(slopes(|_| 7.0), [0.0, 0.0]));
        assert!(is_near(slopes(|size| 3.0 * size), [1.0, 1.0]));
        assert!(is_near(slopes(|size| size * size), [2.0, 2.0]));
        assert!(is_near(slopes(|size| 5.0 * size.sqrt()), [0.5, 0.5]));
    }

    #[test]
    fn a_cliff_shows_where_the_whole_is_no_steeper_than_a_line() {
        let cliff = |size: f64| if size < 1000.0 { 10.0 } else { 1000.0 };
        let [exponent, steepest] = slopes(cliff);
        assert!(
            exponent < LINE_MAX && steepest > 1.9,
            "{exponent} {steepest}"
        );
    }

    #[test]
    fn each_round_counts_but_the_first_and_each_size_has_a_figure() {
        let curve = curve(|size| 2.0 * size);
        assert_eq!(curve.rounds.len(), 3);
        assert!((curve.of_each().median - 2000.0).abs() < 0.1);
        assert_eq!(curve.figures().len(), 6);
    }
}
