//! The tables that are refused where the settings do not say.

use gatewright_sdk::Pattern;

use crate::dialect::Dialect;

/// Tables of the databases that hold secrets, other people's statements or raw
/// pages, wherever they exist.
const EVERYWHERE: &[&str] = &[
    "pg_authid",
    "pg_shadow",
    "pg_user_mapping*",
    "pg_largeobject*",
    "pg_hba_file_rules",
    "pg_file_settings",
    "pg_ident_file_mappings",
    "pg_subscription",
    "pg_statistic*",
    "pg_stats*",
    "pg_stat_activity",
    "pg_stat_wal_receiver",
    "pg_stat_replication",
    "pg_stat_ssl",
    "pg_stat_gssapi",
    "pg_backend_memory_contexts",
    "pg_config",
    "pg_shmem_allocations*",
    "mysql.*",
    "performance_schema.*",
    "information_schema.processlist",
    "information_schema.user_privileges",
    "information_schema.user_attributes",
    "information_schema.user_mapping_options",
    "sqlite_dbpage",
    "sqlite_dbdata",
    "sqlite_dbptr",
    "dbstat",
];

const POSTGRES: &[&str] = &["vault.*", "pg_dist_authinfo", "pg_dist_poolinfo"];

const DUCKDB: &[&str] = &["duckdb_secrets*", "duckdb_settings*", "duckdb_logs*"];

const CLICKHOUSE: &[&str] = &[
    "system.*_log",
    "system.processes",
    "system.users",
    "system.named_collections",
    "system.zookeeper",
    "system.*settings",
    "system.remote_*",
    "system.clusters",
    "system.certificates",
];

const MSSQL: &[&str] = &[
    "sys.sysusers",
    "sys.syslogins",
    "sys.sysxlogins",
    "sys.sysprocesses",
    "sys.sql_logins",
    "sys.server_principals",
    "sys.linked_logins",
    "sys.sysremotelogins",
    "sys.credentials",
    "sys.configurations",
    "sys.certificates",
    "sys.asymmetric_keys",
    "sys.symmetric_keys",
    "sys.dm_exec_*",
    "sys.dm_os_*",
    "sys.servers",
    "syslogins",
    "sysxlogins",
    "sysprocesses",
];

const ORACLE: &[&str] = &[
    "dba_users",
    "dba_users_with_defpwd",
    "user$",
    "link$",
    "dba_hist_*",
    "v$sql*",
    "v$session*",
    "v$parameter*",
    "gv$*",
    "*_db_links",
    "sys.*$",
    "*_credentials",
];

const SNOWFLAKE: &[&str] = &["account_usage.*", "organization_usage.*", "snowflake.*"];

const BIGQUERY: &[&str] = &[
    "information_schema.jobs*",
    "*.information_schema.jobs*",
    "information_schema.sessions*",
];

/// Views of T-SQL that describe tables. In `generic`, where `sys` may be the
/// schema of MySQL that shows the statements of others, they pass by name.
pub(crate) const DESCRIBING: [&str; 22] = [
    "all_columns",
    "all_objects",
    "check_constraints",
    "columns",
    "computed_columns",
    "databases",
    "default_constraints",
    "extended_properties",
    "foreign_key_columns",
    "foreign_keys",
    "identity_columns",
    "index_columns",
    "indexes",
    "key_constraints",
    "objects",
    "parameters",
    "partitions",
    "procedures",
    "schemas",
    "tables",
    "types",
    "views",
];

/// What holds for the dialect; in `generic`, what holds for one that may be
/// meant.
pub(crate) fn system_tables(dialect: Dialect) -> Vec<Pattern> {
    let more: &[&[&str]] = match dialect {
        Dialect::Sqlite => &[],
        Dialect::Postgres => &[POSTGRES],
        Dialect::Mysql => &[&["sys.*"]],
        Dialect::Duckdb => &[DUCKDB],
        Dialect::Clickhouse => &[CLICKHOUSE],
        Dialect::Mssql => &[MSSQL],
        Dialect::Oracle => &[ORACLE],
        Dialect::Snowflake => &[SNOWFLAKE],
        Dialect::Bigquery => &[BIGQUERY],
        Dialect::Generic => &[
            &["sys.*", "syslogins", "sysxlogins", "sysprocesses"],
            POSTGRES,
            DUCKDB,
            CLICKHOUSE,
            ORACLE,
            SNOWFLAKE,
            BIGQUERY,
        ],
    };
    std::iter::once(&EVERYWHERE)
        .chain(more)
        .flat_map(|list| list.iter().copied())
        .map(Pattern::new)
        .collect()
}
