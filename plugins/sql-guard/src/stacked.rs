//! Words that begin another statement where no semicolon stands.

use crate::dialect::Dialect;

/// Words that begin a statement of T-SQL, and are no names.
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

/// Whether the word, in the place of an alias, may begin a statement:
/// `SELECT 1 SHUTDOWN`.
pub(crate) fn begins_a_statement(dialect: Dialect, word: &str) -> bool {
    dialect.stacks_without_semicolon()
        && BEGINNINGS
            .iter()
            .any(|beginning| word.eq_ignore_ascii_case(beginning))
}
