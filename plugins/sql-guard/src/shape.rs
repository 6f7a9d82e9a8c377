//! What a text looks like: prose, a query, or a statement that changes something.

/// Whether the text begins like a statement that only describes.
pub(crate) fn describes(text: &str) -> bool {
    first_words(text)
        .first()
        .is_some_and(|first| matches!(first.as_str(), "SHOW" | "DESCRIBE" | "DESC"))
}

/// What a text looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// No SQL.
    Prose,
    /// Perhaps a query, perhaps prose that begins like one.
    Query,
    /// A statement: two of its words are where only SQL has them.
    Statement,
}

pub(crate) fn shape(text: &str) -> Shape {
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
        | "LOAD" | "UNINSTALL" | "SAVEPOINT" | "COMMIT" | "ROLLBACK" | "BEGIN" | "DECLARE"
        | "RESET" | "USE" | "HANDLER" => short || text.contains(';'),
        "PREPARE" => short || text.contains(';') || later("AS") || later("FROM"),
        "SET" => {
            (short && next == "ROLE") || text.contains('=') || later("TO") || later("AUTHORIZATION")
        }
        "BACKUP" | "RESTORE" => matches!(next, "DATABASE" | "LOG" | "TABLE"),
        "EXPORT" | "IMPORT" => matches!(next, "DATABASE" | "DATA" | "FOREIGN"),
        "REFRESH" => next == "MATERIALIZED" || object,
        "SECURITY" => next == "LABEL",
        "REASSIGN" => next == "OWNED",
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
