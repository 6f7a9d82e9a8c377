//! Walks a statement once: which kinds of statements it holds, which tables it
//! reads and writes, which functions it calls, and what is refused outright.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use gatewright_sdk::Pattern;
use sqlparser::ast::{
    Expr, FromTable, Function, Ident, Insert, ObjectName, ObjectType, OnConflictAction, OnInsert,
    PipeOperator, Query, Select, SelectItem, SetExpr, Statement, TableFactor, TableFunctionArgs,
    TableObject, TableWithJoins, UpdateTableFromKind, Value as Literal, Visitor,
};

use crate::Refused;
use crate::condition::kept_rows;
use crate::names::{Listed, Place, Takes, listed, may_be_shown, pragma_takes};
use crate::settings::{Kind, Settings, Unbounded};
use crate::tables::{Use, idents};
use crate::truth::Holds;
use crate::value::{Scope, arguments};
use crate::with::WithNames;

/// What has been found so far.
pub(crate) struct Survey<'a> {
    settings: &'a Settings,
    with: WithNames,
    /// Names that are written, by address: they are judged as such, once.
    targets: BTreeSet<usize>,
    /// Calls that stand in the place of a table, by address: judged already.
    table_calls: BTreeSet<usize>,
    /// Every kind of statement, nested ones too.
    pub(crate) kinds: BTreeSet<Kind>,
    /// An `UPDATE` or `DELETE` that every row fits.
    pub(crate) unbounded: Option<Kind>,
    /// One that nearly every row of most tables fits.
    pub(crate) doubtful: Option<Kind>,
}

type Walk = ControlFlow<Refused>;

impl<'a> Survey<'a> {
    pub(crate) fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            with: WithNames::default(),
            targets: BTreeSet::new(),
            table_calls: BTreeSet::new(),
            kinds: BTreeSet::new(),
            unbounded: None,
            doubtful: None,
        }
    }

    pub(crate) fn kind(&mut self, kind: Kind) -> Walk {
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

    fn bounded(&mut self, kind: Kind, condition: Option<&Expr>, scope: &Scope) -> Walk {
        let kept = condition.map_or(Holds::Always, |condition| {
            kept_rows(condition, self.settings.dialect, scope)
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
                let mut scope = scope_of(std::slice::from_ref(&update.table));
                if let Some(UpdateTableFromKind::AfterSet(from)) = &update.from {
                    again(&mut scope, from);
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
                let mut scope = scope_of(from);
                for tables in delete.using.iter() {
                    again(&mut scope, tables);
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

    pub(crate) fn read(&self, name: &ObjectName) -> Walk {
        let pragma = name
            .0
            .last()
            .and_then(|part| part.as_ident())
            .map(|last| last.value.to_lowercase())
            .and_then(|last| last.strip_prefix("pragma_").map(str::to_owned));
        if let Some(pragma) = pragma
            && self.settings.dialect.has_pragmas()
            && !self.with.knows(name)
            && !pragma_takes(&pragma, Takes::Alone)
            && !pragma_takes(&pragma, Takes::Table)
        {
            return Walk::Break(Refused::Pragma);
        }
        if self.with.knows(name) || self.settings.tables.allow(name, Use::Read) {
            Walk::Continue(())
        } else {
            Walk::Break(Refused::Table(Use::Read, name.to_string()))
        }
    }

    fn call(&self, name: &ObjectName, place: Place) -> Walk {
        let Some(parts) = idents(name) else {
            return Walk::Break(Refused::Unsupported("a computed name"));
        };
        let parts: Vec<String> = parts.iter().map(|part| part.value.to_lowercase()).collect();
        let whole = parts.join(".");
        let last = parts.last().map(String::as_str).unwrap_or_default();
        let fits = |list: &[Pattern]| {
            list.iter().any(|pattern| {
                pattern.matches(if pattern.as_str().contains('.') {
                    &whole
                } else {
                    last
                })
            })
        };
        let functions = &self.settings.functions;
        if fits(&functions.denied) {
            return Walk::Break(Refused::Function(whole));
        }
        if fits(&functions.except) {
            return Walk::Continue(());
        }
        let built_in = listed(self.settings.dialect, &parts, place);
        let closed = self.settings.read_only
            || (place == Place::Table && self.settings.dialect.lists_table_functions());
        match (built_in, &functions.allowed) {
            (Listed::Denied, _) => Walk::Break(Refused::Function(whole)),
            (Listed::Pure | Listed::Unknown, Some(allowed)) if fits(allowed) => Walk::Continue(()),
            (Listed::Pure | Listed::Unknown, Some(_)) => Walk::Break(Refused::Function(whole)),
            (Listed::Pure, None) => Walk::Continue(()),
            (Listed::Unknown, None) if closed => Walk::Break(Refused::UnknownFunction(whole)),
            (Listed::Unknown, None) => Walk::Continue(()),
        }
    }

    fn function(&self, function: &Function) -> Walk {
        self.call(&function.name, Place::Value)?;
        let last = crate::value::function_name(function);
        if last == "current_setting" && self.settings.read_only {
            let shown = arguments(function).is_some_and(|arguments| {
                arguments
                    .first()
                    .and_then(|argument| text_of(argument))
                    .is_some_and(|name| self.may_show(&name.to_lowercase()))
            });
            if !shown {
                return Walk::Break(Refused::Setting);
            }
        }
        Walk::Continue(())
    }

    fn may_show(&self, setting: &str) -> bool {
        may_be_shown(setting)
            || self
                .settings
                .shown_settings
                .iter()
                .any(|pattern| pattern.matches(setting))
    }

    /// A function in the place of a table.
    fn table_function(&self, name: &ObjectName, arguments: &TableFunctionArgs) -> Walk {
        self.call(name, Place::Table)?;
        let pragma = idents(name)
            .and_then(|parts| Some(parts.last()?.value.to_lowercase()))
            .and_then(|name| name.strip_prefix("pragma_").map(str::to_owned));
        if let Some(pragma) = pragma {
            let patterns = self.settings.pragmas.as_ref();
            let listed = patterns
                .is_none_or(|patterns| patterns.iter().any(|pattern| pattern.matches(&pragma)));
            let table = arguments.args.first().map(|argument| argument.to_string());
            return match table {
                _ if !listed => Walk::Break(Refused::Pragma),
                None if pragma_takes(&pragma, Takes::Alone)
                    || pragma_takes(&pragma, Takes::Table) =>
                {
                    Walk::Continue(())
                }
                Some(table) if pragma_takes(&pragma, Takes::Table) => {
                    let table = table.trim_matches(['\'', '"']);
                    self.read(&ObjectName::from(vec![Ident::with_quote('"', table)]))
                }
                Some(_)
                    if pragma_takes(&pragma, Takes::Index)
                        || pragma_takes(&pragma, Takes::Number) =>
                {
                    Walk::Continue(())
                }
                Some(_) | None => Walk::Break(Refused::Pragma),
            };
        }
        Walk::Continue(())
    }

    fn select(&self, select: &Select) -> Walk {
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
    fn alias(&self, alias: &Ident) -> Walk {
        /// Words that begin a statement there, and are no names.
        const BEGINNINGS: [&str; 48] = [
            "ALTER",
            "BACKUP",
            "BEGIN",
            "BREAK",
            "BULK",
            "CHECKPOINT",
            "CLOSE",
            "COMMIT",
            "CONTINUE",
            "CREATE",
            "DBCC",
            "DEALLOCATE",
            "DECLARE",
            "DELETE",
            "DENY",
            "DROP",
            "ENABLE",
            "EXEC",
            "EXECUTE",
            "GOTO",
            "GRANT",
            "IF",
            "INSERT",
            "KILL",
            "MERGE",
            "OPEN",
            "PRINT",
            "RAISERROR",
            "READTEXT",
            "RECONFIGURE",
            "RESTORE",
            "RETURN",
            "REVERT",
            "REVOKE",
            "ROLLBACK",
            "SAVE",
            "SEND",
            "SET",
            "SETUSER",
            "SHUTDOWN",
            "THROW",
            "TRUNCATE",
            "UPDATE",
            "UPDATETEXT",
            "USE",
            "WAITFOR",
            "WHILE",
            "WRITETEXT",
        ];
        let begins = self.settings.dialect.stacks_without_semicolon()
            && alias.quote_style.is_none()
            && BEGINNINGS
                .iter()
                .any(|word| alias.value.eq_ignore_ascii_case(word));
        if begins {
            Walk::Break(Refused::Stacked)
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

/// The text of a literal.
fn text_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Value(value) => match &value.value {
            Literal::SingleQuotedString(text) => Some(text.clone()),
            // The enum is the parser's.
            _ => None,
        },
        // The enum is the parser's.
        _ => None,
    }
}

/// The tables whose rows a statement chooses.
fn scope_of(tables: &[TableWithJoins]) -> Scope {
    let mut scope = Scope::default();
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

/// Adds the aliases by which the same table is joined again.
fn again(scope: &mut Scope, tables: &[TableWithJoins]) {
    for table in tables {
        again_factor(scope, &table.relation);
        for join in &table.joins {
            again_factor(scope, &join.relation);
        }
    }
}

fn again_factor(scope: &mut Scope, factor: &TableFactor) {
    if let TableFactor::Table { name, alias, .. } = factor
        && let Some(name) = name.0.last().and_then(|part| part.as_ident())
        && scope.tables.contains(&name.value.to_lowercase())
    {
        scope
            .selves
            .extend(alias.iter().map(|alias| alias.name.value.to_lowercase()));
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
                args: Some(args),
                alias,
                ..
            } => {
                // A function in the place of a table: not a table to look up.
                self.targets.insert(address(name));
                alias.iter().try_for_each(|alias| self.alias(&alias.name))?;
                self.table_function(name, args)
            }
            TableFactor::Table { alias, .. } => {
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

pub(crate) fn address<T>(value: &T) -> usize {
    std::ptr::from_ref(value).addr()
}
