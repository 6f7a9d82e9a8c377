//! Everything that can be wrong with a configuration.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use gatewright_policy::json::Pointer;
use gatewright_policy::{Digest, Mode};

use super::name::{NAME_BYTES_MAX, is_name, is_server_name};
use super::{
    ConfigError, Loaded, Problems, ServerConfig, agents_check, approvers, audit_check, budgets_set,
    console_check, credential_check, issuers, limits_check, memory_check, packs_check, pinned,
    webhooks_check,
};

pub(super) fn check(loaded: &Loaded) -> Result<(), ConfigError> {
    let config = &loaded.config;
    let mut problems = loaded.problems();
    if !config.gate.admin.ip().is_loopback() {
        problems.whole_file(
            format!(
                "`gate.admin` is `{}`, which is not a loopback address",
                config.gate.admin
            ),
            "use `127.0.0.1:8701`, and a tunnel to reach it from elsewhere".to_owned(),
        );
    }
    limits_check::check(loaded, &mut problems);
    audit_check::check(loaded, &mut problems);
    issuers::check(loaded, &mut problems);
    approvers::check(loaded, &mut problems);
    memory_check::check(loaded, &mut problems);
    agents_check::check(loaded, &mut problems);
    console_check::check(loaded, &mut problems);
    webhooks_check::check(loaded, &mut problems);
    let mut names = HashSet::new();
    for server in &config.servers {
        let (name, span) = (server.name.get_ref(), server.name.span());
        check_name("server", name, span.clone(), &mut names, &mut problems);
        if is_name(name) && !is_server_name(name) {
            problems.at(
                span.clone(),
                format!("server `{name}` has `__` in its name, or `_` at its end"),
                "rename it: at `/mcp` its tools are called `<server>__<tool>`".to_owned(),
            );
        }
        pinned::check(server, &span, &mut problems);
        check_server(server, span, &mut problems);
    }
    let mut names = HashSet::new();
    for binding in &config.bindings {
        let (name, span) = (binding.name.get_ref(), binding.name.span());
        check_name("binding", name, span.clone(), &mut names, &mut problems);
        let policy = loaded.resolve(binding.policy.get_ref());
        if binding.pack.is_none() && !policy.is_file() {
            problems.at(
                binding.policy.span(),
                format!("policy file `{}` does not exist", policy.display()),
                "build it with `gatewright build`, or mend the path (it starts at the folder of this file)".to_owned(),
            );
        }
        if let Some(digest) = &binding.digest
            && let Err(error) = digest.get_ref().parse::<Digest>()
        {
            problems.at(
                digest.span(),
                error.to_string(),
                "`gatewright build` prints it".to_owned(),
            );
        }
        for pattern in &binding.servers {
            let fits = |server: &ServerConfig| pattern.get_ref().matches(server.name.get_ref());
            if !config.servers.iter().any(fits) {
                problems.at(
                    pattern.span(),
                    format!("pattern `{}` matches no server", pattern.get_ref()),
                    format!("the servers are: {}", config.server_names()),
                );
            }
        }
        if let (Mode::Observe, Some(canary)) = (binding.mode, &binding.canary) {
            problems.at(
                canary.span(),
                format!("binding `{name}` is observed, and has a `canary`"),
                "leave `mode` out: a canary counts for its share and is observed for the others"
                    .to_owned(),
            );
        }
        budgets_set::check(binding, &mut problems);
        for mask in &binding.mask {
            if let Err(error) = Pointer::parse(mask.get_ref()) {
                problems.at(
                    mask.span(),
                    error.to_string(),
                    "write where it stands in the arguments, for example `/card/number`".to_owned(),
                );
            }
        }
        if binding.tools.is_empty() || binding.servers.is_empty() {
            problems.at(
                span.clone(),
                format!("binding `{name}` judges nothing: `servers` or `tools` is empty"),
                "leave the key out for all of them".to_owned(),
            );
        }
        if binding.settings.is_some() && binding.settings_file.is_some() {
            problems.at(
                span,
                format!("binding `{name}` has both `settings` and `settings_file`"),
                "keep one".to_owned(),
            );
        }
        for (span, on_disk) in loaded.on_disk(binding) {
            if let Err(problem) =
                on_disk.and_then(|on_disk| on_disk.check(&loaded.resolve(Path::new(""))))
            {
                problems.at(
                    span,
                    format!("files of `{name}`: {problem}"),
                    "mend the path (it starts at the folder of this file)".to_owned(),
                );
            }
        }
        if let Some(file) = &binding.settings_file
            && !loaded.resolve(file.get_ref()).is_file()
        {
            let path = loaded.resolve(file.get_ref());
            problems.at(
                file.span(),
                format!("settings file `{}` does not exist", path.display()),
                "mend the path (it starts at the folder of this file)".to_owned(),
            );
        }
    }
    packs_check::check(config, &mut problems);
    problems.into_result()
}

fn check_server(server: &ServerConfig, span: Range<usize>, problems: &mut Problems<'_>) {
    let name = server.name.get_ref();
    match (&server.command, &server.url) {
        (Some(command), None) => {
            if command.get_ref().first().is_none_or(String::is_empty) {
                problems.at(
                    command.span(),
                    "`command` is empty".to_owned(),
                    "write program and arguments: `command = [\"npx\", \"server\"]`".to_owned(),
                );
            }
            if let Some(credential) = &server.credential {
                problems.at(
                    credential.span(),
                    "`credential` is for servers with a `url`".to_owned(),
                    "hand it to the program with `env_pass` instead".to_owned(),
                );
            }
        }
        (None, Some(url)) => {
            if !(url.get_ref().starts_with("http://") || url.get_ref().starts_with("https://")) {
                problems.at(
                    url.span(),
                    format!("`{}` is not an http or https URL", url.get_ref()),
                    "write the server's MCP endpoint, for example `http://127.0.0.1:9000/mcp`"
                        .to_owned(),
                );
            }
        }
        (None, None) | (Some(_), Some(_)) => problems.at(
            span,
            format!("server `{name}` needs exactly one of `command` and `url`"),
            "`command` runs it over stdio, `url` reaches it over HTTP".to_owned(),
        ),
    }
    for pattern in &server.notifications {
        if !pattern.get_ref().as_str().starts_with("notifications/") {
            problems.at(
                pattern.span(),
                format!("`{}` names no notifications", pattern.get_ref()),
                "begin with `notifications/`, for example `notifications/example/*`".to_owned(),
            );
        }
    }
    if server.timeout.0.is_zero() {
        problems.at(
            server.name.span(),
            format!("server `{name}` has no time to answer: `timeout` is 0"),
            "leave the key out for its default".to_owned(),
        );
    }
    credential_check::check(server, problems);
}

fn check_name<'a>(
    what: &str,
    name: &'a str,
    span: Range<usize>,
    names: &mut HashSet<&'a str>,
    problems: &mut Problems<'_>,
) {
    if !is_name(name) {
        problems.at(
            span,
            format!("`{name}` is not a {what} name"),
            format!("use letters, digits, `-`, `_` and `.`; at most {NAME_BYTES_MAX} of them"),
        );
    } else if !names.insert(name) {
        problems.at(
            span,
            format!("there are two {what}s with the name `{name}`"),
            "rename one".to_owned(),
        );
    }
}
