//! Which functions a statement calls, in the place of values and of tables.

use sqlparser::ast::{Expr, Function, Ident, ObjectName, TableFunctionArgs, Value as Literal};

use super::found::{Survey, Walk};
use crate::callable::may_call;
use crate::expression::{arguments, function_name};
use crate::names::{Place, Takes, pragma_takes};
use crate::refused::Refused;
use crate::tables::idents;

/// What `get_ddl` writes out with passwords, or what they became.
const HAVE_PASSWORDS: [&str; 6] = [
    "USER",
    "ROLE",
    "DB_LINK",
    "PUBLIC_DB_LINK",
    "CREDENTIAL",
    "PASSWORD_HISTORY",
];

impl Survey<'_> {
    pub(super) fn call(&self, name: &ObjectName, place: Place) -> Walk {
        let Some(parts) = idents(name) else {
            return Walk::Break(Refused::Unsupported("a computed name"));
        };
        let parts: Vec<String> = parts.iter().map(|part| part.value.to_lowercase()).collect();
        match may_call(self.settings, &parts, place) {
            Ok(()) => Walk::Continue(()),
            Err(refused) => Walk::Break(refused),
        }
    }

    /// `@@datadir`, `@@global.ssl_key`: variables of the server that tell of its
    /// files and keys.
    pub(super) fn variable(&self, parts: &[Ident]) -> Walk {
        const ENDINGS: [&str; 8] = [
            "dir", "_file", "_path", "_key", "_cert", "_auth", "_error", "socket",
        ];
        const PARTS: [&str; 3] = ["passw", "secure_file", "init_"];

        let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
            return Walk::Continue(());
        };
        if first.quote_style.is_some() || !first.value.starts_with("@@") {
            return Walk::Continue(());
        }
        let whole = last.value.to_ascii_lowercase();
        let name = whole.trim_start_matches('@');
        let tells = ENDINGS.iter().any(|ending| name.ends_with(ending))
            || PARTS.iter().any(|part| name.contains(part));
        if tells && !self.may_show(name) {
            return Walk::Break(Refused::Setting);
        }
        Walk::Continue(())
    }

    pub(super) fn function(&self, function: &Function) -> Walk {
        self.call(&function.name, Place::Value)?;
        let last = function_name(function);
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
        // `dbms_metadata.get_ddl('USER', 'X')` shows the password.
        if last == "get_ddl" {
            let kind = arguments(function)
                .and_then(|arguments| arguments.first().and_then(|kind| text_of(kind)));
            let is_known = kind.is_some_and(|kind| {
                !HAVE_PASSWORDS
                    .iter()
                    .any(|secret| kind.trim().eq_ignore_ascii_case(secret))
            });
            if !is_known {
                return Walk::Break(Refused::Function(last));
            }
        }
        Walk::Continue(())
    }

    /// A function in the place of a table.
    pub(super) fn table_function(&self, name: &ObjectName, arguments: &TableFunctionArgs) -> Walk {
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
