//! What tools and their members are, by their names.

use crate::settings::Tool;

/// Tools that run commands, in small letters and without separators.
pub(crate) const COMMAND_TOOLS: &[&str] = &[
    "bash",
    "bashcommand",
    "bashexec",
    "cmd",
    "command",
    "containerexec",
    "exec",
    "execcommand",
    "execincontainer",
    "execute",
    "executebash",
    "executecommand",
    "executecommandline",
    "executeinterminal",
    "executepowershell",
    "executescript",
    "executeshell",
    "executeshellcommand",
    "executeterminalcommand",
    "interactwithprocess",
    "localshell",
    "powershell",
    "process",
    "pwsh",
    "remoteexec",
    "runbash",
    "runbashcommand",
    "runcmd",
    "runcommand",
    "runcommandinterminal",
    "runcommands",
    "runincontainer",
    "runinterminal",
    "runpowershell",
    "runprocess",
    "runscript",
    "runshell",
    "runshellcommand",
    "runsshcommand",
    "runterminal",
    "runterminalcmd",
    "runterminalcommand",
    "sendinput",
    "sendtoterminal",
    "sh",
    "shell",
    "shellcommand",
    "shellexec",
    "shellexecute",
    "shellrun",
    "shelltool",
    "sshexec",
    "sshexeccommand",
    "sshexecute",
    "startprocess",
    "systemrun",
    "terminal",
    "terminalexec",
    "unifiedexec",
    "writetoterminal",
];

/// What a member is, by its name.
pub(crate) enum Role {
    Command,
    Args,
    Folder,
    Environment,
    Shell,
    Background,
    Number,
    Harmless,
    Unknown,
}

pub(crate) fn plain_name(name: &str) -> String {
    if name.is_ascii() {
        let letters = name
            .bytes()
            .filter(|letter| !matches!(letter, b'_' | b'-' | b'.' | b' '));
        return letters
            .map(|letter| char::from(letter.to_ascii_lowercase()))
            .collect();
    }
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
        if tool.except.iter().any(|one| one == name) {
            return Role::Harmless;
        }
    }
    match plain_name(name).as_str() {
        "command" | "cmd" | "commands" | "script" | "commandline" | "shellcommand" | "argv"
        | "program" | "executable" | "code" | "input" => Role::Command,
        "args" | "arguments" | "params" => Role::Args,
        "cwd" | "workdir" | "workingdir" | "workingdirectory" | "directory" | "dir" | "folder" => {
            Role::Folder
        }
        "env" | "environment" | "envvars" => Role::Environment,
        "shell" | "interpreter" | "language" | "lang" | "runtime" | "kernel" => Role::Shell,
        "background" | "isbackground" | "runinbackground" | "detach" | "detached" => {
            Role::Background
        }
        "timeout" | "timeoutms" | "timeoutseconds" | "maxoutputtokens" | "yieldtimems" => {
            Role::Number
        }
        "description" | "explanation" | "reason" | "justification" | "goal" | "purpose"
        | "title" | "stdin" => Role::Harmless,
        _ => Role::Unknown,
    }
}
