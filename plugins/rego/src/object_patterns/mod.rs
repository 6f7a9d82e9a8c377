//! Objects that values are taken apart with, as `{"id": x} = input.y`: in OPA one fits an object
//! of the same members alone, and the interpreter lets more members through. The members are
//! asked for beside each: `{"id": x} = whole; whole := input.y`, and no other member in `whole`.
//!
//! Lines stay where they are, so that messages name the right one.

mod parameters;
mod pattern;
mod refused;
mod statement;

use std::collections::{BTreeMap, BTreeSet};

use regorus::PolicyLengthConfig;
use regorus::unstable::{AssignOp, Expr, Literal, LiteralStmt, Query, Ref, Rule};

use crate::bodies::{is_movable, parsed, parts, queries};
use crate::edits::Edits;
use crate::places::Places;
use crate::syntax::path;
use crate::token::tokens;
use pattern::{
    are_written, conditions, conditions_of_both, has_name, has_object, has_wildcard, names,
    takes_apart,
};
use statement::Statement;

/// What values are called that are taken apart.
const WHOLE: &str = "whole__";

/// The module, with what its patterns ask for; the error is that a pattern cannot be answered.
/// One that cannot be parsed is left as it is, for a better message.
pub(crate) fn translated(text: String, lengths: &PolicyLengthConfig) -> Result<String, String> {
    let Some(module) = parsed(&text, lengths) else {
        return Ok(text);
    };
    let tokens = tokens(&text);
    let places = Places::new(&text, &tokens);
    let mut patterns = Patterns {
        places,
        whole: places.unused(WHOLE),
        count: 0,
        begins: BTreeMap::new(),
        answered: BTreeSet::new(),
        edits: Edits::default(),
    };
    let imported = module.imports.iter();
    let imported = imported.filter_map(|it| match &it.r#as {
        Some(alias) => Some(alias.text().to_owned()),
        None => path(&it.refr)?.pop(),
    });
    let imported: BTreeSet<String> = imported.collect();
    for rule in &module.policy {
        patterns.rule(rule, &imported);
    }
    for query in queries(&module) {
        patterns.query(query);
    }
    refused::check(&module, &patterns.answered)?;
    Ok(patterns.edits.applied(&text))
}

/// The patterns of a module, and what is asked for them.
struct Patterns<'a> {
    places: Places<'a>,
    /// What the names of whole values begin with, and how many have one.
    whole: String,
    count: usize,
    /// What bodies begin with, by their numbers.
    begins: BTreeMap<u32, String>,
    /// The expressions that patterns stand in.
    answered: BTreeSet<u32>,
    edits: Edits,
}

// === impl Patterns ===

impl Patterns<'_> {
    fn next_whole(&mut self) -> String {
        self.count += 1;
        format!("{}{}", self.whole, self.count)
    }

    /// Parameters get names, and are taken apart in each body.
    fn rule(&mut self, rule: &Rule, imported: &BTreeSet<String>) {
        let places = self.places;
        let moved = parameters::moved(rule, &places, imported, &mut || self.next_whole());
        if let Some(moved) = moved {
            self.edits.extend(moved.edits);
            self.begins.extend(moved.begins);
            self.answered.extend(moved.answered);
        }
    }

    fn query(&mut self, query: &Query) {
        let Some(first) = query.stmts.first() else {
            return;
        };
        let begin = self.begins.remove(&query.qidx);
        let mut edits = Edits::default();
        for statement in &query.stmts {
            edits.extend(self.statement(statement));
        }
        let (from, to) = (
            self.places.begin(first.span.start),
            self.places.end(query.span.end),
        );
        // One statement may stand without braces.
        let is_braced = query.span.start < first.span.start;
        let is_alone = !is_braced && (begin.is_some() || !edits.is_empty());
        let begin = begin.map(|begin| begin + "; ").unwrap_or_default();
        if is_alone {
            self.edits.insert(from, format!("{{ {begin}"));
        } else if !begin.is_empty() {
            self.edits.insert(from, begin);
        }
        self.edits.extend(edits);
        if is_alone {
            self.edits.insert(to, " }");
        }
    }

    fn statement(&mut self, statement: &LiteralStmt) -> Edits {
        let Some(replaced) = self.places.replaced(statement) else {
            return Edits::default();
        };
        let mut open = Statement {
            statement,
            replaced,
            edits: Edits::default(),
            behind: Vec::new(),
        };
        match &statement.literal {
            Literal::Expr { expr, .. } => {
                match expr.as_ref() {
                    Expr::AssignExpr { op, lhs, rhs, .. } => {
                        self.assigned(&mut open, expr, (op, lhs, rhs));
                    }
                    Expr::Call { fcn, params, .. } => self.walk(&mut open, expr, fcn, params),
                    _ => {}
                }
                self.indices(&mut open, expr);
            }
            Literal::NotExpr { expr, .. } => self.negated(&mut open, expr),
            Literal::SomeIn { key, value, .. } => {
                self.iterated(&mut open, key.as_ref(), value);
            }
            Literal::SomeVars { .. } | Literal::Every { .. } => {}
        }
        open.closed(&self.places)
    }

    fn assigned(
        &mut self,
        open: &mut Statement<'_>,
        expression: &Ref<Expr>,
        (op, lhs, rhs): (&AssignOp, &Ref<Expr>, &Ref<Expr>),
    ) {
        let is_unified = *op == AssignOp::Eq;
        let are_both = is_unified && has_name(lhs) && has_name(rhs) && are_written(lhs, rhs);
        let (pattern, value) = match (takes_apart(lhs), is_unified && takes_apart(rhs)) {
            (false, false) => return,
            _ if are_both => {
                if let Some(asked) = conditions_of_both(lhs, rhs) {
                    open.behind.extend(asked);
                    self.answered.insert(expression.eidx());
                }
                return;
            }
            (true, _) => (lhs, rhs),
            (false, true) => (rhs, lhs),
        };
        let from = self.places.begin(open.statement.span.start);
        let Some((operator, behind)) = self.places.operator(from) else {
            return;
        };
        let name = match value.as_ref() {
            Expr::Var { span, .. } => Some(span.text()),
            _ => None,
        };
        let whole = match name {
            // Whatever has no name fits.
            Some("_") => {
                self.answered.insert(expression.eidx());
                return;
            }
            Some(name) => name.to_owned(),
            None => self.next_whole(),
        };
        let Some(asked) = conditions(pattern, &whole) else {
            return;
        };
        if name.is_none() {
            let to = self.places.end(expression.span().end);
            let is_left = std::ptr::eq(pattern, lhs);
            let (begin, end) = if is_left {
                (from, operator)
            } else {
                (behind, to)
            };
            let moved = self.places.moved(begin, end);
            let Some(moved) = moved.filter(|_| is_movable(pattern)) else {
                return;
            };
            if is_left {
                let given = format!("{whole} :=");
                let lines = self.places.lines(from, behind);
                open.edits.replace(from, behind, given + &lines);
            } else {
                open.edits.insert(from, format!("{whole} := "));
                let lines = self.places.lines(operator, to);
                open.edits.replace(operator, to, lines);
            }
            let sign = if is_unified { "=" } else { ":=" };
            open.behind.push(format!("{moved} {sign} {whole}"));
        }
        open.behind.extend(asked);
        self.answered.insert(expression.eidx());
    }

    /// `walk(x, [path, {"id": v}])`
    fn walk(
        &mut self,
        open: &mut Statement<'_>,
        expression: &Ref<Expr>,
        fcn: &Ref<Expr>,
        params: &[Ref<Expr>],
    ) {
        let is_walk = path(fcn).is_some_and(|it| it == ["walk"]);
        let [_, pattern] = params else {
            return;
        };
        if !is_walk || !has_object(pattern) {
            return;
        }
        let places = self.places.arguments(self.places.end(fcn.span().end));
        let [_, (from, to)] = *places.as_slice() else {
            return;
        };
        if self.moved(open, pattern, (from, to)) {
            self.answered.insert(expression.eidx());
        }
    }

    /// `xs[{"id": v}]`, wherever it stands in a statement.
    fn indices(&mut self, open: &mut Statement<'_>, expression: &Ref<Expr>) {
        if let Expr::RefBrack { refr, index, .. } = expression.as_ref()
            && takes_apart(index)
            && let Some(place) = self.places.index(self.places.end(refr.span().end))
            && self.moved(open, index, place)
        {
            self.answered.insert(expression.eidx());
        }
        if matches!(
            expression.as_ref(),
            Expr::ArrayCompr { .. } | Expr::SetCompr { .. } | Expr::ObjectCompr { .. }
        ) {
            return;
        }
        for part in parts(expression) {
            self.indices(open, part);
        }
    }

    /// Puts a name in the place of a pattern, and the pattern behind the statement.
    fn moved(
        &mut self,
        open: &mut Statement<'_>,
        pattern: &Ref<Expr>,
        (from, to): (usize, usize),
    ) -> bool {
        let whole = self.next_whole();
        let moved = self.places.moved(from, to).filter(|_| is_movable(pattern));
        let (Some(moved), Some(asked)) = (moved, conditions(pattern, &whole)) else {
            return false;
        };
        let operator = if has_name(pattern) { "=" } else { "==" };
        open.behind.push(format!("{moved} {operator} {whole}"));
        open.behind.extend(asked);
        open.edits
            .replace(from, to, whole + &self.places.lines(from, to));
        true
    }

    /// There, all names have values, and `==` compares.
    fn negated(&mut self, open: &mut Statement<'_>, expression: &Ref<Expr>) {
        let Expr::AssignExpr {
            op: AssignOp::Eq,
            lhs,
            rhs,
            ..
        } = expression.as_ref()
        else {
            return;
        };
        if !takes_apart(lhs) && !takes_apart(rhs) {
            return;
        }
        let has_wildcard = [lhs, rhs].into_iter().any(has_wildcard);
        let operator = self
            .places
            .operator(self.places.begin(open.statement.span.start));
        if let (false, Some((_, behind))) = (has_wildcard, operator) {
            open.edits.insert(behind, "=");
            self.answered.insert(expression.eidx());
        }
    }

    /// `some key, {"id": v} in xs`
    fn iterated(&mut self, open: &mut Statement<'_>, key: Option<&Ref<Expr>>, value: &Ref<Expr>) {
        let patterns: Vec<_> = key.into_iter().chain([value]).collect();
        if !patterns.iter().any(|it| has_object(it)) {
            return;
        }
        let mut given = Vec::new();
        patterns.iter().for_each(|it| names(it, &mut given));
        let distinct: BTreeSet<_> = given.iter().collect();
        let (from, to) = (
            self.places.begin(open.statement.span.start),
            self.places.end(open.statement.span.end),
        );
        let Some((some, commas, within)) = self.places.iteration(from, to) else {
            return;
        };
        // A name of the collection is another, or the same.
        let is_plain = distinct.len() == given.len()
            && commas.len() + 1 == patterns.len()
            && !self.places.mentions(within, to, &given);
        if !is_plain {
            return;
        }
        let wholes: Vec<String> = patterns.iter().map(|_| self.next_whole()).collect();
        let mut asked = Vec::new();
        for (pattern, whole) in patterns.iter().zip(&wholes) {
            let Some(conditions) = conditions(pattern, whole) else {
                return;
            };
            asked.extend(conditions);
        }
        let ends = commas.iter().copied().chain([within]);
        let mut begin = some + "some".len();
        for ((pattern, whole), end) in patterns.iter().zip(&wholes).zip(ends) {
            let moved = self.places.moved(begin, end);
            let Some(moved) = moved.filter(|_| is_movable(pattern)) else {
                return;
            };
            let sign = if has_name(pattern) { ":=" } else { "==" };
            open.behind.push(format!("{moved} {sign} {whole}"));
            begin = end + 1;
        }
        let begin = some + "some".len();
        let lines = self.places.lines(begin, within);
        let given = format!(" {} {lines}", wholes.join(", "));
        open.edits.replace(begin, within, given);
        open.behind.extend(asked);
        self.answered.extend(patterns.iter().map(|it| it.eidx()));
    }
}
