//! Walks a statement once: which kinds of statements it holds, which tables it
//! reads and writes, which functions it calls, and what is refused outright.

mod call;
mod found;
mod query;
mod statement;

use sqlparser::ast::{
    Expr, Ident, ObjectName, Query, Select, Statement, TableFactor, TableFunctionArgs, Visitor,
};

use crate::address::address;
use crate::names::{Listed, Place, listed};
use crate::refused::Refused;
pub(crate) use found::Survey;
use found::Walk;

impl Visitor for Survey<'_> {
    type Break = Refused;

    fn pre_visit_statement(&mut self, statement: &Statement) -> Walk {
        self.statement(statement)
    }

    fn pre_visit_query(&mut self, query: &Query) -> Walk {
        self.with.enter(query);
        self.body(query)
    }

    fn post_visit_query(&mut self, query: &Query) -> Walk {
        self.with.leave(query);
        Walk::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> Walk {
        self.select(select)
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> Walk {
        if self.targets.contains(&address(relation)) {
            Walk::Continue(())
        } else {
            self.read(relation)
        }
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> Walk {
        match factor {
            TableFactor::Table {
                name,
                args: Some(args),
                alias,
                ..
            } => {
                // A function in the place of a table: not a table to look up.
                self.targets.insert(address(name));
                alias.iter().try_for_each(|alias| self.alias(&alias.name))?;
                self.table_function(name, args)
            }
            TableFactor::Table {
                alias, with_hints, ..
            } => {
                with_hints
                    .iter()
                    .try_for_each(|hint| self.table_hint(hint))?;
                alias.iter().try_for_each(|alias| self.alias(&alias.name))
            }
            TableFactor::Function { name, args, .. } => self.table_function(
                name,
                &TableFunctionArgs {
                    args: args.clone(),
                    settings: None,
                },
            ),
            TableFactor::TableFunction { expr, .. } => match expr {
                Expr::Function(function) => {
                    self.table_calls.insert(address(function));
                    self.call(&function.name, Place::Table)
                }
                // A value that holds rows. The enum is the parser's.
                _ => Walk::Continue(()),
            },
            TableFactor::SemanticView { name, .. } => self.read(name),
            TableFactor::Derived { alias, .. } => {
                alias.iter().try_for_each(|alias| self.alias(&alias.name))
            }
            TableFactor::NestedJoin { .. }
            | TableFactor::UNNEST { .. }
            | TableFactor::JsonTable { .. }
            | TableFactor::OpenJsonTable { .. }
            | TableFactor::XmlTable { .. }
            | TableFactor::Pivot { .. }
            | TableFactor::Unpivot { .. }
            | TableFactor::UnpivotExpr { .. }
            | TableFactor::MatchRecognize { .. } => Walk::Continue(()),
        }
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> Walk {
        match expr {
            Expr::Function(function) if self.table_calls.contains(&address(function)) => {
                Walk::Continue(())
            }
            Expr::Function(function) => self.function(function),
            Expr::Identifier(name) => self.variable(std::slice::from_ref(name)),
            Expr::CompoundIdentifier(parts)
                if parts
                    .first()
                    .is_some_and(|first| first.value.starts_with("@@")) =>
            {
                self.variable(parts)
            }
            // A sequence moves on when it is read so.
            Expr::CompoundIdentifier(parts)
                if self.settings.read_only
                    && self.settings.dialect.has_sequence_columns()
                    && parts
                        .last()
                        .is_some_and(|part| part.value.eq_ignore_ascii_case("nextval")) =>
            {
                Walk::Break(Refused::Function("nextval".to_owned()))
            }
            // Oracle calls `dbms_x.f` without parentheses too.
            Expr::CompoundIdentifier(parts)
                if self.settings.dialect.has_sequence_columns() && is_in_a_package(parts) =>
            {
                let parts: Vec<String> =
                    parts.iter().map(|part| part.value.to_lowercase()).collect();
                match listed(self.settings.dialect, &parts, Place::Value) {
                    Listed::Denied => Walk::Break(Refused::Function(parts.join("."))),
                    Listed::Pure | Listed::Unknown => Walk::Continue(()),
                }
            }
            // The enum is the parser's.
            _ => Walk::Continue(()),
        }
    }
}

fn is_in_a_package(parts: &[Ident]) -> bool {
    parts.split_last().is_some_and(|(_, qualifiers)| {
        qualifiers.iter().any(|part| {
            let name = part.value.to_ascii_lowercase();
            name.starts_with("dbms_") || name.starts_with("utl_")
        })
    })
}
