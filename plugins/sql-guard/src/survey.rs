//! Walks a statement once: which kinds of statements it holds, which tables it
//! reads and writes, which functions it calls, and what is refused outright.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use gatewright_sdk::Pattern;
use sqlparser::ast::{
    Expr, FromTable, Function, FunctionArguments, Ident, Insert, ObjectName, ObjectType,
    OnConflictAction, OnInsert, Query, Select, SetExpr, Statement, TableFactor, TableObject,
    TableWithJoins, UpdateTableFromKind, Visitor,
};

use crate::Refused;
use crate::condition::holds_for_every_row;
use crate::settings::{Kind, Settings, Unbounded};
use crate::tables::{Use, idents};
use crate::with::WithNames;

/// What has been found so far.
pub(crate) struct Survey<'a> {
    settings: &'a Settings,
    with: WithNames,
    /// Names that are written, by address: they are judged as such, once.
    targets: BTreeSet<usize>,
    /// Every kind of statement, nested ones too.
    pub(crate) kinds: BTreeSet<Kind>,
    /// An `UPDATE` or `DELETE` that every row fits.
    pub(crate) unbounded: Option<Kind>,
}

type Walk = ControlFlow<Refused>;

impl<'a> Survey<'a> {
    pub(crate) fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            with: WithNames::default(),
            targets: BTreeSet::new(),
            kinds: BTreeSet::new(),
            unbounded: None,
        }
    }

    fn kind(&mut self, kind: Kind) -> Walk {
        self.kinds.insert(kind);
        if self.settings.kinds.contains(&kind) {
            Walk::Continue(())
        } else {
            Walk::Break(Refused::Kind(kind))
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

    fn bounded(&mut self, kind: Kind, condition: Option<&Expr>) -> Walk {
        let unbounded =
            condition.is_none_or(|condition| holds_for_every_row(condition, self.settings.dialect));
        if !unbounded {
            return Walk::Continue(());
        }
        self.unbounded = Some(kind);
        match self.settings.without_where {
            Unbounded::Deny => Walk::Break(Refused::EveryRow(kind)),
            Unbounded::Ask | Unbounded::Allow => Walk::Continue(()),
        }
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

    fn statement(&mut self, statement: &Statement) -> Walk {
        match statement {
            Statement::Query(_) => Walk::Continue(()),
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => {
                self.kind(Kind::Update)?;
                self.targets(std::slice::from_ref(&update.table))?;
                if let Some(UpdateTableFromKind::BeforeSet(_)) = update.from {
                    return Walk::Break(Refused::Unsupported("FROM before SET"));
                }
                self.bounded(Kind::Update, update.selection.as_ref())
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
                self.bounded(Kind::Delete, delete.selection.as_ref())
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
            | Statement::ShowDatabases { .. }
            | Statement::ShowSchemas { .. } => self.kind(Kind::Show),
            Statement::Pragma { name, value, is_eq } => {
                self.kind(Kind::Pragma)?;
                self.pragma(name, value.as_ref().map(ToString::to_string), *is_eq)
            }
            // The enum is the parser's: whatever is not named above is refused.
            _ => Walk::Break(Refused::OtherKind),
        }
    }

    fn pragma(&mut self, name: &ObjectName, value: Option<String>, assigns: bool) -> Walk {
        let word =
            idents(name).and_then(|parts| parts.last().map(|part| part.value.to_lowercase()));
        let listed = word.is_some_and(|word| {
            self.settings
                .pragmas
                .iter()
                .any(|pattern| pattern.matches(&word))
        });
        if assigns || !listed {
            return Walk::Break(Refused::Pragma);
        }
        let Some(table) = value else {
            return Walk::Continue(());
        };
        let table = Ident::new(table.trim_matches(['\'', '"', '`', '[', ']']));
        self.read(&ObjectName::from(vec![table]))
    }

    fn read(&self, name: &ObjectName) -> Walk {
        if self.with.knows(name) || self.settings.tables.allow(name, Use::Read) {
            Walk::Continue(())
        } else {
            Walk::Break(Refused::Table(Use::Read, name.to_string()))
        }
    }

    fn call(&self, name: &ObjectName) -> Walk {
        let Some(word) =
            idents(name).and_then(|parts| parts.last().map(|part| part.value.to_lowercase()))
        else {
            return Walk::Break(Refused::Unsupported("a computed name"));
        };
        let listed = |list: &[Pattern]| list.iter().any(|pattern| pattern.matches(&word));
        let allowed = self
            .settings
            .functions_allowed
            .as_ref()
            .is_none_or(|list| listed(list));
        if allowed && !listed(&self.settings.functions_denied) {
            Walk::Continue(())
        } else {
            Walk::Break(Refused::Function(word))
        }
    }

    fn function(&self, function: &Function) -> Walk {
        match function.args {
            FunctionArguments::None
            | FunctionArguments::Subquery(_)
            | FunctionArguments::List(_) => self.call(&function.name),
        }
    }

    fn select(&self, select: &Select) -> Walk {
        let odd = !select.lateral_views.is_empty()
            || select.prewhere.is_some()
            || select.value_table_mode.is_some();
        if select.into.is_some() {
            Walk::Break(Refused::SelectInto)
        } else if odd || !select.optimizer_hints.is_empty() {
            Walk::Break(Refused::Unsupported("a clause of another database"))
        } else {
            Walk::Continue(())
        }
    }

    fn body(&mut self, query: &Query) -> Walk {
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
        if query.settings.is_some()
            || query.format_clause.is_some()
            || !query.pipe_operators.is_empty()
        {
            return Walk::Break(Refused::Unsupported("a clause of another database"));
        }
        Walk::Continue(())
    }
}

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
                args: Some(_),
                ..
            } => {
                // A function in the place of a table: not a table to look up.
                self.targets.insert(address(name));
                self.call(name)
            }
            TableFactor::Function { name, .. } => self.call(name),
            TableFactor::Table { .. }
            | TableFactor::Derived { .. }
            | TableFactor::NestedJoin { .. }
            | TableFactor::UNNEST { .. }
            | TableFactor::JsonTable { .. } => Walk::Continue(()),
            // The enum is the parser's.
            _ => Walk::Break(Refused::Unsupported("this kind of table")),
        }
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> Walk {
        match expr {
            Expr::Function(function) => self.function(function),
            // The enum is the parser's.
            _ => Walk::Continue(()),
        }
    }
}

pub(crate) fn address<T>(value: &T) -> usize {
    std::ptr::from_ref(value).addr()
}
