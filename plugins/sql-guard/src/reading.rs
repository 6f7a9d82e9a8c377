//! What two databases read differently, where nobody knows which of them is meant.

use sqlparser::ast::{BinaryOperator, Expr};

use crate::dialect::Dialect;
use crate::expression::{any_within, function_name};

/// One way to read what databases read differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// `a ^ b` is a power, and not the bits that differ.
    pub(crate) caret_is_power: bool,
    /// `md5(a)` gives bytes, and not their digits.
    pub(crate) digests_are_bytes: bool,
}

impl Reading {
    /// How the dialect reads; of `generic`, how most do.
    pub(crate) fn of(dialect: Dialect) -> Self {
        Self {
            caret_is_power: matches!(dialect, Dialect::Postgres | Dialect::Duckdb),
            digests_are_bytes: matches!(dialect, Dialect::Bigquery | Dialect::Clickhouse),
        }
    }

    /// Every way in which the condition may be read.
    pub(crate) fn all(dialect: Dialect, condition: &Expr) -> Vec<Self> {
        let mut all = vec![Self::of(dialect)];
        if dialect != Dialect::Generic {
            return all;
        }
        let has_caret = any_within(condition, &mut |expr| {
            matches!(
                expr,
                Expr::BinaryOp {
                    op: BinaryOperator::BitwiseXor,
                    ..
                }
            )
        });
        let has_digest = any_within(condition, &mut |expr| match expr {
            Expr::Function(function) => {
                let name = function_name(function);
                name == "md5" || name.starts_with("sha")
            }
            // The enum is the parser's.
            _ => false,
        });
        if has_caret {
            all.extend(all.clone().iter().map(|reading| Self {
                caret_is_power: true,
                ..*reading
            }));
        }
        if has_digest {
            all.extend(all.clone().iter().map(|reading| Self {
                digests_are_bytes: true,
                ..*reading
            }));
        }
        all
    }
}
