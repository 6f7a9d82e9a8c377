//! Hints for the planner, which stand in comments: `/*+ INDEX(t i) */`.

use crate::refused::Refused;

/// Hints that change how a statement is planned and nothing else: those of
/// MySQL, pg_hint_plan, Oracle and Spark. `SET_VAR`, `RESOURCE_GROUP`, `Set`,
/// `OPT_PARAM` and whatever else changes a setting is not among them.
const HARMLESS: &[&str] = &[
    "ALL_ROWS",
    "BITMAPSCAN",
    "BKA",
    "BNL",
    "BROADCAST",
    "BROADCASTJOIN",
    "CARDINALITY",
    "CLUSTER",
    "COALESCE",
    "DERIVED_CONDITION_PUSHDOWN",
    "DRIVING_SITE",
    "DYNAMIC_SAMPLING",
    "FACT",
    "FIRST_ROWS",
    "FULL",
    "GATHER_PLAN_STATISTICS",
    "GROUP_INDEX",
    "HASH",
    "HASHJOIN",
    "HASH_AJ",
    "HASH_JOIN",
    "HASH_SJ",
    "INDEX",
    "INDEXONLYSCAN",
    "INDEXSCAN",
    "INDEX_ASC",
    "INDEX_COMBINE",
    "INDEX_DESC",
    "INDEX_FFS",
    "INDEX_JOIN",
    "INDEX_MERGE",
    "INDEX_RS_ASC",
    "INDEX_SS",
    "JOIN_FIXED_ORDER",
    "JOIN_INDEX",
    "JOIN_ORDER",
    "JOIN_PREFIX",
    "JOIN_SUFFIX",
    "LEADING",
    "MAPJOIN",
    "MATERIALIZE",
    "MAX_EXECUTION_TIME",
    "MEMOIZE",
    "MERGE",
    "MERGEJOIN",
    "MONITOR",
    "MRR",
    "NATIVE_FULL_OUTER_JOIN",
    "NESTLOOP",
    "NL_SJ",
    "NOCACHE",
    "NO_BITMAPSCAN",
    "NO_BKA",
    "NO_BNL",
    "NO_DERIVED_CONDITION_PUSHDOWN",
    "NO_EXPAND",
    "NO_GROUP_INDEX",
    "NO_HASHJOIN",
    "NO_HASH_JOIN",
    "NO_ICP",
    "NO_INDEX",
    "NO_INDEXSCAN",
    "NO_INDEX_MERGE",
    "NO_JOIN_INDEX",
    "NO_MERGE",
    "NO_MERGEJOIN",
    "NO_MONITOR",
    "NO_MRR",
    "NO_NESTLOOP",
    "NO_ORDER_INDEX",
    "NO_PARALLEL",
    "NO_PUSH_PRED",
    "NO_PUSH_SUBQ",
    "NO_QUERY_TRANSFORMATION",
    "NO_RANGE_OPTIMIZATION",
    "NO_RESULT_CACHE",
    "NO_REWRITE",
    "NO_SEMIJOIN",
    "NO_SEQSCAN",
    "NO_SKIP_SCAN",
    "NO_STAR_TRANSFORMATION",
    "NO_SUBQUERY",
    "NO_TIDSCAN",
    "NO_UNNEST",
    "NO_USE_HASH",
    "NO_USE_MERGE",
    "NO_USE_NL",
    "OPTIMIZER_FEATURES_ENABLE",
    "ORDERED",
    "ORDER_INDEX",
    "PARALLEL",
    "PARALLEL_INDEX",
    "PQ_DISTRIBUTE",
    "PUSH_PRED",
    "PUSH_SUBQ",
    "QB_NAME",
    "REBALANCE",
    "REPARTITION",
    "REPARTITION_BY_RANGE",
    "RESULT_CACHE",
    "REWRITE",
    "ROWS",
    "RULE",
    "SEMIJOIN",
    "SEQSCAN",
    "SHUFFLE_HASH",
    "SHUFFLE_MERGE",
    "SHUFFLE_REPLICATE_NL",
    "SKIP_SCAN",
    "STAR_TRANSFORMATION",
    "STREAMTABLE",
    "SUBQUERY",
    "SWAP_JOIN_INPUTS",
    "TIDSCAN",
    "UNNEST",
    "USE_CONCAT",
    "USE_HASH",
    "USE_INVISIBLE_INDEXES",
    "USE_MERGE",
    "USE_NL",
    "USE_NL_WITH_INDEX",
];

/// Refuses a comment with a hint that is not listed, or with anything that is
/// no hint.
pub(crate) fn harmless(hint: &str) -> Result<(), Refused> {
    let mut depth = 0usize;
    let mut word = String::new();
    for letter in hint.chars().chain([' ']) {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1).ok_or(Refused::Hint)?,
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' if depth == 0 => {
                word.push(letter.to_ascii_uppercase());
                continue;
            }
            'a'..='z'
            | 'A'..='Z'
            | '0'..='9'
            | '_'
            | '@'
            | '.'
            | ','
            | '"'
            | '`'
            | '#'
            | '*'
            | '+'
            | '-'
            | '='
            | '\''
            | '$'
            | ' '
            | '\t'
            | '\n'
            | '\r' => {}
            // A letter that no hint needs.
            _ => return Err(Refused::Hint),
        }
        if !word.is_empty() {
            if HARMLESS.binary_search(&word.as_str()).is_err() {
                return Err(Refused::Hint);
            }
            word.clear();
        }
    }
    if depth == 0 && !lifts_the_limit(hint) {
        Ok(())
    } else {
        Err(Refused::Hint)
    }
}

/// `MAX_EXECUTION_TIME(0)`: without a limit.
fn lifts_the_limit(hint: &str) -> bool {
    let upper = hint.to_ascii_uppercase();
    upper
        .split("MAX_EXECUTION_TIME")
        .skip(1)
        .filter_map(|rest| rest.trim_start().strip_prefix('(')?.split(')').next())
        .any(|number| number.trim().parse().ok().is_none_or(|ms: u64| ms == 0))
}
