//! What tools and their members are, by their names.

use crate::settings::Tool;

/// Tools that run commands, in small letters and without separators.
pub(crate) const COMMAND_TOOLS: &[&str] = &[
    "bash",
    "cmd",
    "command",
    "containerexec",
    "exec",
    "execcommand",
    "execute",
    "executebash",
    "executecommand",
    "executepowershell",
    "executescript",
    "executeshell",
    "executeshellcommand",
    "executeterminalcommand",
    "localshell",
    "powershell",
    "process",
    "pwsh",
    "runbash",
    "runbashcommand",
    "runcmd",
    "runcommand",
    "runcommands",
    "runinterminal",
    "runpowershell",
    "runprocess",
    "runscript",
    "runshell",
    "runshellcommand",
    "runterminalcmd",
    "runterminalcommand",
    "sh",
    "shell",
    "shellcommand",
    "shellexec",
    "shellexecute",
    "shelltool",
    "sshexec",
    "startprocess",
    "terminal",
    "terminalexec",
    "unifiedexec",
];

/// What a member is, by its name.
pub(crate) enum Role {
    Command,
    Args,
    Folder,
    Environment,
    Shell,
    Background,
    Harmless,
    Unknown,
}

pub(crate) fn plain_name(name: &str) -> String {
    name.chars()
        .filter(|letter| !matches!(letter, '_' | '-' | '.' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

pub(crate) fn role_of(name: &str, tool: Option<&Tool>) -> Role {
    if let Some(tool) = tool {
        if tool.command.iter().any(|one| one == name) {
            return Role::Command;
        }
        if tool.harmless.iter().any(|one| one == name) {
            return Role::Harmless;
        }
    }
    match plain_name(name).as_str() {
        "command" | "cmd" | "commands" | "script" | "commandline" | "shellcommand" | "argv"
        | "program" | "executable" | "code" => Role::Command,
        "args" | "arguments" | "params" => Role::Args,
        "cwd" | "workdir" | "workingdir" | "workingdirectory" | "directory" | "dir" | "folder" => {
            Role::Folder
        }
        "env" | "environment" | "envvars" => Role::Environment,
        "shell" | "interpreter" => Role::Shell,
        "background" | "isbackground" | "runinbackground" | "detach" | "detached" => {
            Role::Background
        }
        "description" | "explanation" | "reason" | "justification" | "goal" | "purpose"
        | "title" | "timeout" | "timeoutms" | "timeoutseconds" | "maxoutputtokens"
        | "yieldtimems" | "stdin" => Role::Harmless,
        _ => Role::Unknown,
    }
}
