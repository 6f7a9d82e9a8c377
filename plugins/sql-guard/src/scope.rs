//! The tables that a condition is about, and how much text may still be written
//! to compare its expressions.

use std::cell::Cell;
use std::rc::Rc;

use sqlparser::ast::{Expr, GroupByExpr, Query, SetExpr, TableFactor, TableWithJoins};

use crate::correlation::name_of;
use crate::dialect::Dialect;
use crate::expression::column_of;
use crate::outcome::Outcomes;
use crate::reading::Reading;
use crate::truth::Holds;

/// The tables that a condition is about.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    /// Names and aliases of the table whose rows are chosen, in lower case.
    pub(crate) selves: Vec<String>,
    /// The names of that table without aliases.
    pub(crate) tables: Vec<String>,
    pub(crate) dialect: Dialect,
    pub(crate) reading: Reading,
    /// Names of other tables of the statement, where no join links them.
    pub(crate) others: Vec<String>,
    /// The groups that the condition is about, where it is one of groups.
    pub(crate) group: Group,
    /// What columns of a query within a query can be: `row_number() OVER () AS n`.
    pub(crate) given: Vec<(String, Outcomes)>,
    /// Whether columns are what they are in nearly every row.
    pub(crate) is_usual: bool,
    /// Whether branches are judged one by one, and not by what they say together: within
    /// a test, and beside each element of a list.
    pub(crate) is_one_by_one: bool,
    /// A condition of a query that is looked at, and what was told of it.
    told: Option<(*const Expr, Holds)>,
    budget: Budget,
    judge: Judge,
}

/// The groups of a query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    /// How many rows each has at least.
    pub(crate) rows_least: f64,
    /// Whether in most tables each has one row: `GROUP BY id`.
    pub(crate) is_single: bool,
    /// What they are grouped by, as canonical texts.
    pub(crate) keys: Vec<String>,
}

/// For which rows a condition holds, or with `true` does not.
type Judge = fn(&Expr, bool, &Scope) -> Holds;

/// The text that may still be written to compare expressions, so that a long
/// condition costs no more than a long statement.
#[derive(Clone, Debug)]
struct Budget(Rc<Cell<usize>>);

impl Default for Budget {
    fn default() -> Self {
        /// Bytes, and what a text costs beside its bytes.
        const TEXT_MAX: usize = 30_000;

        Self(Rc::new(Cell::new(TEXT_MAX)))
    }
}

impl Scope {
    /// For which rows the condition holds, or with `negated` does not. Values
    /// hold conditions (`CASE`) as conditions hold values: this is the way back.
    pub(crate) fn holds(&self, condition: &Expr, negated: bool) -> Holds {
        (self.judge)(condition, negated, self)
    }

    /// The same, where this was told of a condition that lives longer than the scope.
    pub(crate) fn knowing(&self, condition: &Expr, told: Holds) -> Self {
        Self {
            told: Some((std::ptr::from_ref(condition), told)),
            ..self.clone()
        }
    }

    /// For which rows the condition of a query holds, which may have been told before.
    pub(crate) fn keeps(&self, condition: &Expr) -> Holds {
        match self.told {
            Some((known, told)) if std::ptr::eq(known, condition) => told,
            Some(_) | None => self.holds(condition, false),
        }
    }

    /// Whether it was told before that the condition keeps some row.
    pub(crate) fn keeps_some(&self, condition: &Expr) -> bool {
        self.told
            .is_some_and(|(known, told)| std::ptr::eq(known, condition) && told != Holds::Never)
    }

    /// For which rows the test of a branch holds.
    pub(crate) fn holds_test(&self, test: &Expr, negated: bool) -> Holds {
        let is_plain = |side: &Expr| column_of(side).is_some() || matches!(side, Expr::Value(_));
        let has_no_branches = match test {
            Expr::BinaryOp { left, right, .. } => is_plain(left) && is_plain(right),
            // The enum is the parser's.
            _ => column_of(test).is_some(),
        };
        match self.is_one_by_one || has_no_branches {
            true => self.holds(test, negated),
            false => self.one_by_one().holds(test, negated),
        }
    }

    /// The same, and what databases read differently read like this.
    pub(crate) fn read_as(&self, reading: Reading) -> Self {
        Self {
            reading,
            ..self.clone()
        }
    }

    /// The same, where the condition is about groups.
    pub(crate) fn of_group(&self, group: Group) -> Self {
        Self {
            group,
            ..self.clone()
        }
    }

    /// The same, where columns are what they usually are.
    pub(crate) fn usually(&self) -> Self {
        Self {
            is_usual: true,
            ..self.clone()
        }
    }

    /// The same, where branches are judged one by one.
    pub(crate) fn one_by_one(&self) -> Self {
        Self {
            is_one_by_one: true,
            ..self.clone()
        }
    }

    /// The same, where the chosen table is known by these names.
    pub(crate) fn known_as(&self, selves: Vec<String>) -> Self {
        Self {
            selves,
            ..self.clone()
        }
    }

    /// Whether the condition was too long to be read to its end.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.budget.0.get() == 0
    }

    pub(crate) fn spend(&self, bytes: usize) {
        /// What a text costs however short it is, in bytes.
        const EACH: usize = 32;

        self.spend_bytes(bytes + EACH);
    }

    /// For a text that costs no more than its bytes.
    pub(crate) fn spend_bytes(&self, bytes: usize) {
        let left = self.budget.0.get();
        self.budget.0.set(left.saturating_sub(bytes));
    }
}

/// The tables whose rows a statement chooses, and who judges its conditions.
pub(crate) fn scope_of(tables: &[TableWithJoins], dialect: Dialect, judge: Judge) -> Scope {
    let mut scope = Scope {
        selves: Vec::new(),
        tables: Vec::new(),
        dialect,
        reading: Reading::of(dialect),
        others: Vec::new(),
        group: Group::default(),
        given: Vec::new(),
        is_usual: false,
        is_one_by_one: false,
        told: None,
        budget: Budget::default(),
        judge,
    };
    if let Some(first) = tables.first()
        && let TableFactor::Table { name, alias, .. } = &first.relation
    {
        let name = name.0.last().and_then(|part| part.as_ident());
        scope
            .tables
            .extend(name.map(|name| name.value.to_lowercase()));
        scope.selves.clone_from(&scope.tables);
        scope
            .selves
            .extend(alias.iter().map(|alias| alias.name.value.to_lowercase()));
    }
    for table in tables.iter().take(1) {
        for join in &table.joins {
            again_factor(&mut scope, &join.relation);
        }
    }
    again(&mut scope, tables.get(1..).unwrap_or_default());
    scope
}

/// Remembers the tables beside the chosen one (`FROM u`, `USING u`). Where a join
/// may link them, nothing is known.
pub(crate) fn beside(scope: &mut Scope, chosen: &[TableWithJoins], tables: &[TableWithJoins]) {
    let joined = chosen
        .iter()
        .chain(tables)
        .any(|table| !table.joins.is_empty());
    if !joined {
        let names = tables.iter().filter_map(|table| name_of(&table.relation));
        scope.others.extend(names);
        scope.others.retain(|name| !scope.selves.contains(name));
    }
}

/// Adds the aliases by which the same table is joined again.
pub(crate) fn again(scope: &mut Scope, tables: &[TableWithJoins]) {
    for table in tables {
        again_factor(scope, &table.relation);
        for join in &table.joins {
            again_factor(scope, &join.relation);
        }
    }
}

fn again_factor(scope: &mut Scope, factor: &TableFactor) {
    let table = match factor {
        TableFactor::Table { name, .. } => {
            let name = name.0.last().and_then(|part| part.as_ident());
            name.map(|name| name.value.to_lowercase())
        }
        TableFactor::Derived { subquery, .. } => copied(subquery),
        // The enum is the parser's.
        _ => return,
    };
    if table.is_some_and(|table| scope.tables.contains(&table)) {
        // Without an alias it is known by its name, which a `WITH` may give.
        scope.selves.extend(name_of(factor));
    }
}

/// The table that the query gives every row of: `SELECT id FROM t`.
pub(crate) fn copied(query: &Query) -> Option<String> {
    if query.limit_clause.is_some() || query.fetch.is_some() {
        return None;
    }
    match query.body.as_ref() {
        SetExpr::Query(inner) => copied(inner),
        SetExpr::Select(select) => match select.from.as_slice() {
            [from]
                if from.joins.is_empty()
                    && select.selection.is_none()
                    && select.having.is_none()
                    && select.qualify.is_none()
                    && select.top.is_none()
                    && matches!(&select.group_by, GroupByExpr::Expressions(all, _) if all.is_empty()) =>
            {
                match &from.relation {
                    TableFactor::Table {
                        name, args: None, ..
                    } => name
                        .0
                        .last()
                        .and_then(|part| part.as_ident())
                        .map(|name| name.value.to_lowercase()),
                    TableFactor::Derived { subquery, .. } => copied(subquery),
                    // The enum is the parser's.
                    _ => None,
                }
            }
            _ => None,
        },
        // The enum is the parser's.
        _ => None,
    }
}
