//! Which kind a statement is, which tables it writes and whether its condition
//! keeps any row out.

use sqlparser::ast::{
    Expr, FromTable, Insert, ObjectName, ObjectType, OnConflictAction, OnInsert, Statement,
    TableFactor, TableObject, TableWithJoins, UpdateTableFromKind,
};

use super::found::{Survey, Walk};
use crate::address::address;
use crate::condition::holds;
use crate::kept::kept_rows;
use crate::kind::Kind;
use crate::reading::Reading;
use crate::refused::Refused;
use crate::scope::{Scope, again, beside, scope_of};
use crate::settings::Unbounded;
use crate::tables::Use;
use crate::truth::Holds;

impl Survey<'_> {
    pub(super) fn statement(&mut self, statement: &Statement) -> Walk {
        match statement {
            Statement::Query(_) => Walk::Continue(()),
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => {
                self.kind(Kind::Update)?;
                self.targets(std::slice::from_ref(&update.table))?;
                if let Some(UpdateTableFromKind::BeforeSet(_)) = update.from {
                    return Walk::Break(Refused::Unsupported("FROM before SET"));
                }
                let mut scope = self.scope(std::slice::from_ref(&update.table));
                if let Some(UpdateTableFromKind::AfterSet(from)) = &update.from {
                    again(&mut scope, from);
                    beside(&mut scope, std::slice::from_ref(&update.table), from);
                }
                self.bounded(Kind::Update, update.selection.as_ref(), &scope)
            }
            Statement::Delete(delete) => {
                self.kind(Kind::Delete)?;
                let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) =
                    &delete.from;
                self.targets(from)?;
                // MySQL names the tables of `USING` (or their aliases) as targets.
                if !delete.tables.is_empty() {
                    for table in delete.using.iter() {
                        self.targets(table)?;
                    }
                }
                let mut scope = self.scope(from);
                for tables in delete.using.iter() {
                    again(&mut scope, tables);
                    beside(&mut scope, from, tables);
                }
                self.bounded(Kind::Delete, delete.selection.as_ref(), &scope)
            }
            Statement::Truncate(truncate) => {
                self.kind(Kind::Truncate)?;
                truncate
                    .table_names
                    .iter()
                    .try_for_each(|target| self.target(&target.name))
            }
            Statement::CreateTable(create) => {
                self.kind(Kind::CreateTable)?;
                let odd = create.or_replace
                    || create.external
                    || create.location.is_some()
                    || create.file_format.is_some()
                    || create.like.is_some()
                    || create.clone.is_some()
                    || create.inherits.is_some();
                if odd {
                    return Walk::Break(Refused::Unsupported("this form of CREATE TABLE"));
                }
                self.target(&create.name)
            }
            Statement::Drop {
                object_type: ObjectType::Table,
                names,
                cascade: false,
                ..
            } => {
                self.kind(Kind::DropTable)?;
                names.iter().try_for_each(|name| self.target(name))
            }
            Statement::StartTransaction {
                statements,
                exception: None,
                ..
            } if statements.is_empty() => self.kind(Kind::Transaction),
            Statement::Commit { .. } | Statement::Rollback { .. } => self.kind(Kind::Transaction),
            Statement::Explain { .. } => self.kind(Kind::Explain),
            Statement::ExplainTable { .. }
            | Statement::ShowTables { .. }
            | Statement::ShowViews { .. }
            | Statement::ShowDatabases { .. }
            | Statement::ShowSchemas { .. } => self.kind(Kind::Show),
            Statement::Pragma { .. } => {
                self.kind(Kind::Pragma)?;
                Walk::Break(Refused::Pragma)
            }
            Statement::ShowVariable { .. } => {
                self.kind(Kind::Show)?;
                Walk::Break(Refused::Setting)
            }
            // The enum is the parser's: whatever is not named above is refused.
            _ => Walk::Break(Refused::OtherKind),
        }
    }

    /// The table whose rows are chosen, and `WITH` names that give all its rows.
    fn scope(&self, tables: &[TableWithJoins]) -> Scope {
        let mut scope = scope_of(tables, self.settings.dialect, holds);
        let copies: Vec<String> = self.with.copies_of(&scope.tables).collect();
        scope.tables.extend(copies);
        scope
    }

    fn insert(&mut self, insert: &Insert) -> Walk {
        self.kind(Kind::Insert)?;
        let overwrites = match &insert.on {
            None => insert.replace_into || insert.overwrite || insert.or.is_some(),
            Some(OnInsert::OnConflict(conflict)) => match &conflict.action {
                OnConflictAction::DoNothing => insert.or.is_some(),
                OnConflictAction::DoUpdate(_) => true,
            },
            // The enum is the parser's and may grow.
            Some(_) => true,
        };
        if overwrites {
            self.kind(Kind::Update)?;
        }
        if insert.multi_table_insert_type.is_some()
            || insert.format_clause.is_some()
            || insert.settings.is_some()
        {
            return Walk::Break(Refused::Unsupported("this form of INSERT"));
        }
        match &insert.table {
            TableObject::TableName(name) => self.target(name),
            TableObject::TableFunction(_) | TableObject::TableQuery(_) => Walk::Break(
                Refused::Unsupported("an INSERT into something that is no table"),
            ),
        }
    }

    /// Judges a name that is written. It is never a `WITH` name.
    fn target(&mut self, name: &ObjectName) -> Walk {
        self.targets.insert(address(name));
        if self.settings.tables.allow(name, Use::Write) {
            Walk::Continue(())
        } else {
            Walk::Break(Refused::Table(Use::Write, name.to_string()))
        }
    }

    fn targets(&mut self, tables: &[TableWithJoins]) -> Walk {
        for table in tables {
            let joined = table.joins.iter().map(|join| &join.relation);
            for factor in std::iter::once(&table.relation).chain(joined) {
                self.target_factor(factor)?;
            }
        }
        Walk::Continue(())
    }

    fn target_factor(&mut self, factor: &TableFactor) -> Walk {
        match factor {
            TableFactor::Table {
                name, args: None, ..
            } => self.target(name),
            TableFactor::NestedJoin {
                table_with_joins, ..
            } => self.targets(std::slice::from_ref(table_with_joins)),
            TableFactor::Derived { .. } => Walk::Continue(()),
            // The enum is the parser's.
            _ => Walk::Break(Refused::Unsupported("this kind of table")),
        }
    }

    fn bounded(&mut self, kind: Kind, condition: Option<&Expr>, scope: &Scope) -> Walk {
        let dialect = self.settings.dialect;
        let kept = condition.map_or(Holds::Always, |condition| {
            Reading::all(dialect, condition)
                .into_iter()
                .map(|reading| kept_rows(condition, dialect, &scope.read_as(reading)))
                .reduce(Holds::or)
                .unwrap_or(Holds::Always)
        });
        if scope.is_exhausted() {
            return Walk::Break(Refused::TooNested);
        }
        match kept {
            Holds::Always | Holds::Alike => {
                self.unbounded = Some(kind);
                match self.settings.without_where {
                    Unbounded::Deny => Walk::Break(Refused::EveryRow(kind)),
                    Unbounded::Ask | Unbounded::Allow => Walk::Continue(()),
                }
            }
            Holds::Probably => {
                self.doubtful = Some(kind);
                Walk::Continue(())
            }
            Holds::Never | Holds::Hardly | Holds::Depends => Walk::Continue(()),
        }
    }
}
