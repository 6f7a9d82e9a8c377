//! What a query may bring along: aliases, locks, settings, parts of other kinds.

use sqlparser::ast::{Expr, Ident, PipeOperator, Query, Select, SelectItem, SetExpr};

use super::found::{Survey, Walk};
use crate::address::address;
use crate::expression::function_name;
use crate::kind::Kind;
use crate::names::Place;
use crate::refused::Refused;
use crate::stacked::begins_a_statement;

impl Survey<'_> {
    pub(super) fn select(&self, select: &Select) -> Walk {
        if select.into.is_some() {
            return Walk::Break(Refused::SelectInto);
        }
        let aliases = select.projection.iter().filter_map(|item| match item {
            SelectItem::ExprWithAlias { alias, .. } => Some(alias),
            // The enum is the parser's.
            _ => None,
        });
        for alias in aliases {
            self.alias(alias)?;
        }
        Walk::Continue(())
    }

    /// A word in the place of an alias may begin a statement of T-SQL:
    /// `SELECT 1 SHUTDOWN`.
    pub(super) fn alias(&self, alias: &Ident) -> Walk {
        if alias.quote_style.is_none() && begins_a_statement(self.settings.dialect, &alias.value) {
            Walk::Break(Refused::Stacked)
        } else {
            Walk::Continue(())
        }
    }

    /// `WITH (XLOCK)` of T-SQL locks what is read; `WITH (INDEX(i))` names an index, and
    /// calls nothing.
    pub(super) fn table_hint(&mut self, hint: &Expr) -> Walk {
        const LOCKS: [&str; 5] = ["HOLDLOCK", "TABLOCK", "TABLOCKX", "UPDLOCK", "XLOCK"];

        if let Expr::Function(function) = hint
            && ["index", "forceseek"].contains(&function_name(function).as_str())
        {
            self.table_calls.insert(address(function));
        }

        let locks = matches!(hint, Expr::Identifier(name)
            if LOCKS.iter().any(|lock| name.value.eq_ignore_ascii_case(lock)));
        if locks && self.settings.read_only {
            Walk::Break(Refused::Lock)
        } else {
            Walk::Continue(())
        }
    }

    pub(super) fn body(&mut self, query: &Query) -> Walk {
        let mut open = vec![query.body.as_ref()];
        while let Some(body) = open.pop() {
            match body {
                SetExpr::Select(_) | SetExpr::Values(_) => self.kind(Kind::Select)?,
                SetExpr::SetOperation { left, right, .. } => {
                    open.extend([left.as_ref(), right.as_ref()])
                }
                // Their own visits judge them.
                SetExpr::Query(_)
                | SetExpr::Insert(_)
                | SetExpr::Update(_)
                | SetExpr::Delete(_) => {}
                SetExpr::Merge(_) => return Walk::Break(Refused::OtherKind),
                SetExpr::Table(_) => {
                    return Walk::Break(Refused::Unsupported(
                        "TABLE as a query; write SELECT * FROM",
                    ));
                }
            }
        }
        if self.settings.read_only && !query.locks.is_empty() {
            return Walk::Break(Refused::Lock);
        }
        for setting in query.settings.iter().flatten() {
            if !is_harmless_setting(&setting.key.value) {
                return Walk::Break(Refused::Setting);
            }
        }
        for operator in &query.pipe_operators {
            if let PipeOperator::Call { function, .. } = operator {
                self.call(&function.name, Place::Table)?;
            }
        }
        Walk::Continue(())
    }
}

/// Settings of ClickHouse that a query may bring along: they bound it.
fn is_harmless_setting(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "max_",
        "timeout_",
        "join_algorithm",
        "optimize_",
        "use_query_cache",
        "final",
        "output_format_",
        "date_time_",
        "group_by_",
        "distributed_product_mode",
        "allow_experimental_analyzer",
        "enable_analyzer",
        "prefer_",
        "min_bytes_to_use",
        "read_overflow_mode",
        "result_overflow_mode",
        "join_use_nulls",
        "aggregate_functions_null",
        "transform_null_in",
        "cast_keep_nullable",
        "union_default_mode",
    ]
    .iter()
    .any(|beginning| name.starts_with(beginning))
}
