//! Whether `[memory]` says where, and nothing that belongs elsewhere.

use super::Loaded;
use super::name::is_name;
use super::problem::Problems;

pub(super) fn check(loaded: &Loaded, problems: &mut Problems<'_>) {
    let Some(memory) = &loaded.config.memory else {
        return;
    };
    let (url, span) = (memory.url.get_ref(), memory.url.span());
    let is_file = url.starts_with("sqlite:");
    let server = url.strip_prefix("postgres://");
    let server = server.or_else(|| url.strip_prefix("postgresql://"));
    match server {
        None if is_file => {}
        None => problems.at(
            span,
            "`memory.url` is of no kind that the gate knows".to_owned(),
            "write `sqlite:state/memory.db`, or `postgres://user@host/database`".to_owned(),
        ),
        Some(server) => {
            let authority = server.split(['/', '?']).next().unwrap_or_default();
            let user = authority.rsplit_once('@').map_or("", |(user, _host)| user);
            if user.contains(':') || server.contains("password=") {
                problems.at(
                    span.clone(),
                    "`memory.url` holds a password".to_owned(),
                    "write it into a file of its own, and its path as `password_file`".to_owned(),
                );
            }
            if memory.salt.is_none() || memory.gate.is_none() {
                problems.at(
                    span,
                    "gates that share a memory need `gate` and `salt`".to_owned(),
                    "give each gate its own name, and all of them the same file; the first one \
                     makes it"
                        .to_owned(),
                );
            }
        }
    }
    if is_file && memory.password_file.is_some() {
        problems.at(
            memory.url.span(),
            "`memory.password_file` is for PostgreSQL".to_owned(),
            "leave it out: a file has no password".to_owned(),
        );
    }
    if let Some(gate) = &memory.gate
        && !is_name(gate.get_ref())
    {
        problems.at(
            gate.span(),
            format!("`{}` is not the name of a gate", gate.get_ref()),
            "use letters, digits, `-`, `_` and `.`".to_owned(),
        );
    }
}
