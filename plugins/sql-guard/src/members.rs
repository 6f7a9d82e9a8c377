//! Arguments that no rule names: which of them are SQL, by their name or their
//! text, at any depth.

use serde_json::Value;

use crate::answer::{Answer, judged};
use crate::check::check;
use crate::refused::Refused;
use crate::settings::Settings;

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

/// What a text looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// No SQL.
    Prose,
    /// Perhaps a query, perhaps prose that begins like one.
    Query,
    /// A statement: two of its words are where only SQL has them.
    Statement,
}

fn shape(text: &str) -> Shape {
    let words = first_words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((first, rest)) = words.split_first() else {
        return Shape::Prose;
    };
    let next = rest.first().copied().unwrap_or_default();
    let later = |word: &str| rest.contains(&word);
    let object = matches!(
        next,
        "TABLE"
            | "DATABASE"
            | "SCHEMA"
            | "VIEW"
            | "INDEX"
            | "USER"
            | "ROLE"
            | "FUNCTION"
            | "PROCEDURE"
            | "TRIGGER"
            | "SEQUENCE"
            | "EXTENSION"
            | "MATERIALIZED"
            | "TYPE"
            | "TEMP"
            | "TEMPORARY"
            | "UNIQUE"
            | "OR"
            | "LOGIN"
            | "SYSTEM"
            | "OWNED"
            | "EVENT"
            | "SERVER"
            | "POLICY"
            | "PUBLICATION"
            | "SUBSCRIPTION"
            | "STAGE"
            | "PIPE"
            | "TASK"
            | "WAREHOUSE"
            | "EXTERNAL"
            | "VIRTUAL"
            | "DOMAIN"
            | "RULE"
            | "DEFAULT"
            | "SESSION"
            | "COLUMN"
            | "CONSTRAINT"
            | "TABLESPACE"
            | "FOREIGN"
            | "GLOBAL"
            | "SECRET"
            | "MACRO"
    );
    let short = words.len() <= 4;
    let statement = match *first {
        "DELETE" => later("FROM") || later("WHERE"),
        "INSERT" => later("INTO") || matches!(next, "OR" | "OVERWRITE" | "IGNORE"),
        "REPLACE" | "MERGE" => later("INTO") || later("USING"),
        "UPDATE" => later("SET"),
        "DROP" | "ALTER" | "CREATE" | "UNDROP" => object,
        "TRUNCATE" => next == "TABLE" || short,
        "RENAME" | "LOCK" | "UNLOCK" | "OPTIMIZE" | "REPAIR" | "FLUSH" => {
            matches!(next, "TABLE" | "TABLES" | "USER" | "PRIVILEGES" | "LOGS") || object
        }
        "GRANT" => later("TO"),
        "REVOKE" => later("FROM"),
        "DENY" => later("TO"),
        "COPY" | "UNLOAD" => later("FROM") || later("TO"),
        "CALL" | "EXEC" | "EXECUTE" => short || text.contains('('),
        "DO" => text.contains("$$") || text.contains('\''),
        "ATTACH" | "DETACH" => short || next == "DATABASE" || text.contains('\''),
        "PRAGMA" | "VACUUM" | "REINDEX" | "CHECKPOINT" | "SHUTDOWN" | "RECONFIGURE" | "KILL"
        | "LISTEN" | "UNLISTEN" | "NOTIFY" | "DEALLOCATE" | "DISCARD" | "DBCC" | "INSTALL"
        | "LOAD" | "UNINSTALL" | "SAVEPOINT" | "COMMIT" | "ROLLBACK" | "BEGIN" | "PREPARE"
        | "DECLARE" | "RESET" | "USE" | "HANDLER" => short || text.contains(';'),
        "SET" => {
            (short && next == "ROLE") || text.contains('=') || later("TO") || later("AUTHORIZATION")
        }
        "BACKUP" | "RESTORE" => matches!(next, "DATABASE" | "LOG" | "TABLE"),
        "EXPORT" | "IMPORT" => matches!(next, "DATABASE" | "DATA" | "FOREIGN"),
        "REFRESH" => next == "MATERIALIZED" || object,
        "SECURITY" => next == "LABEL",
        "COMMENT" => next == "ON",
        "EXPLAIN" | "WITH" => {
            later("DELETE") || later("INSERT") || later("UPDATE") || later("MERGE")
        }
        _ => false,
    };
    if statement {
        Shape::Statement
    } else if matches!(
        *first,
        "SELECT" | "WITH" | "VALUES" | "TABLE" | "FROM" | "EXPLAIN" | "SHOW" | "DESCRIBE"
    ) {
        Shape::Query
    } else {
        Shape::Prose
    }
}

/// The first words in upper case, without comments and parentheses before them.
fn first_words(text: &str) -> Vec<String> {
    /// More words than a shape is told from.
    const WORDS_MAX: usize = 60;

    let mut rest = text
        .trim_start_matches(|letter: char| letter.is_whitespace() || "(;\u{feff}".contains(letter));
    loop {
        let after = if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map(|(_, after)| after)
        } else if rest.starts_with("--") || rest.starts_with('#') {
            rest.split_once('\n').map(|(_, after)| after)
        } else {
            None
        };
        match after {
            Some(after) => {
                rest = after.trim_start_matches(|letter: char| {
                    letter.is_whitespace() || "(;".contains(letter)
                });
            }
            None => break,
        }
    }
    rest.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .filter(|word| !word.is_empty())
        .take(WORDS_MAX)
        .map(str::to_uppercase)
        .collect()
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

    #[test]
    fn a_statement_is_told_from_prose() {
        let cases = [
            ("DROP TABLE x", Shape::Statement),
            (" /* a */ (DELETE FROM x", Shape::Statement),
            ("update t set a = 1", Shape::Statement),
            ("TRUNCATE x", Shape::Statement),
            ("with x as (delete from t) select 1", Shape::Statement),
            ("SELECT 1", Shape::Query),
            ("Drop me a line", Shape::Prose),
            ("Update the report", Shape::Prose),
            ("Create a chart of sales", Shape::Prose),
            ("public", Shape::Prose),
            ("", Shape::Prose),
        ];
        for (text, expected) in cases {
            assert_eq!(shape(text), expected, "{text}");
        }
    }
}
