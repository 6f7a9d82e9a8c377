//! Arguments that no rule names: which of them are SQL, by their name or their
//! text, at any depth.

use serde_json::Value;

use crate::answer::{Answer, judged};
use crate::check::check;
use crate::refused::Refused;
use crate::settings::Settings;
use crate::shape::{Shape, describes, shape};

/// Names of arguments that are SQL, without case and separators.
const SQL_NAMES: &[&str] = &[
    "cleanupsql",
    "createsql",
    "customsql",
    "ddl",
    "dml",
    "finalsql",
    "initsql",
    "maintenancesql",
    "migrationsql",
    "postsql",
    "presql",
    "queries",
    "query",
    "querysql",
    "querystring",
    "querytext",
    "rawquery",
    "rawsql",
    "rollbacksql",
    "setupsql",
    "sql",
    "sqlbatch",
    "sqlcode",
    "sqlcommand",
    "sqlcommands",
    "sqlqueries",
    "sqlquery",
    "sqlquerystring",
    "sqls",
    "sqlscript",
    "sqlstatement",
    "sqlstatements",
    "sqlstmt",
    "sqlstring",
    "sqltext",
    "sqltoexecute",
    "sqltorun",
    "statement",
    "statements",
    "stmt",
    "stmts",
    "teardownsql",
    "updatesql",
    "usersql",
];

/// Names of arguments whose members are values of the statement.
const VALUE_NAMES: &[&str] = &[
    "args",
    "arguments",
    "bindings",
    "binds",
    "parameters",
    "params",
    "values",
    "variables",
];

/// Names of arguments that are prose.
const PROSE_NAMES: &[&str] = &[
    "comment",
    "description",
    "explanation",
    "goal",
    "intent",
    "label",
    "message",
    "name",
    "note",
    "notes",
    "purpose",
    "question",
    "rationale",
    "reason",
    "reasoning",
    "summary",
    "thought",
    "title",
];

/// JSON within texts within JSON: no server unpacks more.
const UNPACKED_MAX: usize = 3;

/// The pointer of a member.
pub(crate) fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// How a text is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// By its name it is SQL.
    Sql,
    /// It is SQL where it looks like it.
    Open,
    /// It is SQL where it can be nothing else.
    Prose,
    /// A value of the statement.
    Value,
}

struct Walk<'a> {
    settings: &'a Settings,
    is_named: &'a dyn Fn(&str) -> bool,
}

/// Judges what of the JSON text at the pointer is SQL.
pub(crate) fn judge(
    settings: &Settings,
    pointer: &str,
    json: &str,
    is_named: &dyn Fn(&str) -> bool,
) -> Answer {
    let Ok(value) = serde_json::from_str::<Value>(json) else {
        return Answer::Refused(format!(
            "`{pointer}` cannot be read; hint: send plain JSON, less deeply nested"
        ));
    };
    let walk = Walk { settings, is_named };
    let name = pointer.rsplit('/').next().unwrap_or_default();
    let look = look_of(name, Look::Open);
    walk.value(pointer, &value, look, UNPACKED_MAX)
}

fn look_of(name: &str, around: Look) -> Look {
    let plain: String = name
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let among = |names: &[&str]| names.binary_search(&plain.as_str()).is_ok();
    match around {
        // A value that is bound by this name; what is SQL shows it.
        Look::Value if among(SQL_NAMES) => Look::Open,
        Look::Value => Look::Value,
        Look::Sql | Look::Open | Look::Prose if among(SQL_NAMES) => Look::Sql,
        Look::Sql | Look::Open | Look::Prose if among(VALUE_NAMES) => Look::Value,
        Look::Sql | Look::Open | Look::Prose if among(PROSE_NAMES) => Look::Prose,
        Look::Sql | Look::Open | Look::Prose => Look::Open,
    }
}

impl Walk<'_> {
    fn value(&self, pointer: &str, value: &Value, look: Look, unpack: usize) -> Answer {
        if (self.is_named)(pointer) {
            return Answer::NotMine;
        }
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => Answer::NotMine,
            Value::String(text) => self.text(pointer, text, look, unpack),
            Value::Array(elements) => elements
                .iter()
                .enumerate()
                .map(|(at, element)| self.value(&format!("{pointer}/{at}"), element, look, unpack))
                .fold(Answer::NotMine, both),
            Value::Object(members) => members
                .iter()
                .map(|(name, member)| {
                    let look = look_of(name, look);
                    self.value(&child(pointer, name), member, look, unpack)
                })
                .fold(Answer::NotMine, both),
        }
    }

    fn text(&self, pointer: &str, text: &str, look: Look, unpack: usize) -> Answer {
        let packed = text.trim_start().starts_with(['{', '[']) && unpack > 0;
        if packed
            && let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text)
        {
            return self.value(pointer, &value, look, unpack - 1);
        }
        match look {
            Look::Sql => judged(self.settings, pointer, text),
            Look::Value => Answer::NotMine,
            Look::Open | Look::Prose => match shape(text) {
                Shape::Prose if look == Look::Open => self.parts(pointer, text),
                Shape::Prose => Answer::NotMine,
                // `Show me the orders`.
                Shape::Query if look == Look::Prose && describes(text) => Answer::NotMine,
                Shape::Query => match check(self.settings, text) {
                    Err(Refused::Unreadable(_)) => Answer::NotMine,
                    Ok(_) | Err(_) => judged(self.settings, pointer, text).silent(),
                },
                Shape::Statement => match check(self.settings, text) {
                    Err(Refused::Unreadable(_)) if look == Look::Prose => Answer::NotMine,
                    Ok(_) | Err(_) => judged(self.settings, pointer, text).silent(),
                },
            },
        }
    }
}

impl Walk<'_> {
    /// Statements behind a semicolon: `1 = 1; DROP TABLE x`.
    fn parts(&self, pointer: &str, text: &str) -> Answer {
        text.split(';')
            .skip(1)
            .filter(|part| shape(part) == Shape::Statement)
            .filter(|part| !matches!(check(self.settings, part), Err(Refused::Unreadable(_))))
            .map(|part| judged(self.settings, pointer, part).silent())
            .fold(Answer::NotMine, both)
    }
}

fn both(one: Answer, other: Answer) -> Answer {
    one.with(other)
}

impl Answer {
    /// A text that nobody called SQL is none of the SQL that must be there.
    fn silent(self) -> Self {
        match self {
            Self::Fine => Self::NotMine,
            other @ (Self::NotMine | Self::Ask { .. } | Self::Refused(_)) => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_names_are_sorted() {
        for list in [SQL_NAMES, VALUE_NAMES, PROSE_NAMES] {
            assert!(list.is_sorted());
        }
    }
}
