//! What is refused and what may be described where the settings do not say.

use gatewright_sdk::Pattern;

fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().map(|text| Pattern::new(*text)).collect()
}

/// Tables of the database itself that hold secrets or raw pages.
pub(crate) fn system_tables() -> Vec<Pattern> {
    patterns(&[
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
        "mysql.*",
        "sys.*",
        "performance_schema.*",
        "information_schema.processlist",
        "information_schema.user_privileges",
        "sqlite_dbpage",
        "dbstat",
    ])
}

/// Pragmas that only describe.
pub(crate) fn pragmas() -> Vec<Pattern> {
    patterns(&[
        "table_info",
        "table_xinfo",
        "table_list",
        "index_list",
        "index_info",
        "index_xinfo",
        "foreign_key_list",
    ])
}

/// Functions that reach outside the data: files, network, server, time.
pub(crate) fn functions_denied() -> Vec<Pattern> {
    patterns(&[
        "load_extension",
        "readfile",
        "writefile",
        "edit",
        "fsdir",
        "lsmode",
        "zipfile",
        "fts3_tokenizer",
        "sqlite3_*",
        "pg_read_*",
        "pg_write_*",
        "pg_ls_*",
        "pg_stat_file",
        "pg_current_logfile",
        "pg_file_*",
        "pg_logdir_ls",
        "pg_logfile_*",
        "lo_*",
        "lowrite",
        "loread",
        "dblink*",
        "query_to_*",
        "table_to_*",
        "cursor_to_*",
        "schema_to_*",
        "database_to_*",
        "ts_stat",
        "ts_rewrite",
        "set_config",
        "setval",
        "nextval",
        "pg_sleep*",
        "pg_terminate_backend",
        "pg_cancel_backend",
        "pg_reload_conf",
        "pg_rotate_logfile",
        "pg_promote",
        "pg_switch_wal",
        "pg_create_*",
        "pg_drop_*",
        "pg_replication_*",
        "pg_logical_*",
        "pg_copy_*",
        "pg_export_snapshot",
        "pg_advisory_*",
        "pg_try_advisory_*",
        "pg_notify",
        "pg_import_*",
        "pg_backup_*",
        "pg_start_backup",
        "pg_stop_backup",
        "pg_wal_*",
        "pg_execute_server_program",
        "crosstab*",
        "connectby",
        "xpath_table",
        "http_*",
        "http",
        "load_file",
        "sleep",
        "benchmark",
        "sys_exec",
        "sys_eval",
        "sys_get",
        "sys_set",
        "sys_*",
        "get_lock",
        "release_lock*",
        "master_pos_wait",
        "source_pos_wait",
        "wait_for_executed_gtid_set",
        "extractvalue",
        "updatexml",
    ])
}
