//! Variables that a command may set.

use gatewright_sdk::Pattern;
use serde::Deserialize;

/// Variables that may be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Environment {
    allowed: Vec<Pattern>,
}

/// Names that load code, choose programs or move files; only a setting that
/// names one exactly allows it.
const STEERING: &[&str] = &[
    "LD_*",
    "DYLD_*",
    "PATH",
    "IFS",
    "ENV",
    "BASH*",
    "SHELL*",
    "PS?",
    "PS4",
    "PROMPT_COMMAND",
    "GIT_*",
    "*PAGER*",
    "*EDITOR",
    "VISUAL",
    "BROWSER",
    "PYTHON*",
    "PERL*",
    "RUBY*",
    "NODE_*",
    "npm_*",
    "NPM_*",
    "JAVA*",
    "_JAVA*",
    "JDK_*",
    "MAVEN_*",
    "GRADLE_*",
    "CARGO*",
    "RUSTC*",
    "RUSTFLAGS",
    "RUSTDOC*",
    "GO*",
    "CC",
    "CXX",
    "*FLAGS",
    "LESS*",
    "MAN*",
    "HOME",
    "XDG_*",
    "TMPDIR",
    "*_proxy",
    "*_PROXY",
    "SSH*",
    "DOCKER_*",
    "KUBE*",
    "AWS_*",
    "GCONV*",
    "LOCPATH",
    "NLSPATH",
    "TERMINFO*",
    "HIST*",
    "MAKE*",
    "ZDOTDIR",
    "PWD",
    "CDPATH",
    "path",
    "fpath",
    "cdpath",
    "GCC_*",
    "COMPILER_PATH",
    "CPATH",
    "LIBRARY_PATH",
    "OPENSSL_*",
    "LUA_*",
    "TAR_OPTIONS",
    "GREP_OPTIONS",
    "RIPGREP_*",
    "CURL_*",
    "WGETRC",
    "SSL_*",
    "INPUTRC",
    "TERMCAP",
    "PSMODULEPATH",
    "COMSPEC",
    "PATHEXT",
    "APPDATA",
    "LOCALAPPDATA",
    "USERPROFILE",
    "SYSTEMROOT",
    "COR_*",
    "CORECLR_*",
    "DOTNET_*",
    "VIRTUAL_ENV",
    "UV_*",
    "PIP_*",
    "YARN_*",
    "COREPACK_*",
    "GEM_*",
    "BUNDLE_*",
    "PHP*",
    "TF_*",
    "ANSIBLE_*",
    "VIM*",
    "MYVIMRC",
    "EXINIT",
    "GLIBC_*",
    "MALLOC_*",
    "JQ_*",
    "TSC_*",
    "ESLINT_*",
    "PYTEST_*",
    "NIX_*",
];

/// Variables that name a program to page with: none, and `cat`, do no harm.
const PAGERS: [&str; 7] = [
    "PAGER",
    "GIT_PAGER",
    "MANPAGER",
    "SYSTEMD_PAGER",
    "GH_PAGER",
    "AWS_PAGER",
    "BAT_PAGER",
];

impl Default for Environment {
    fn default() -> Self {
        let harmless = [
            "CI",
            "LANG",
            "LANGUAGE",
            "LC_*",
            "TZ",
            "TERM",
            "COLUMNS",
            "LINES",
            "NO_COLOR",
            "FORCE_COLOR",
            "CLICOLOR",
            "CLICOLOR_FORCE",
            "RUST_BACKTRACE",
            "RUST_LOG",
            "NODE_ENV",
            "DEBIAN_FRONTEND",
            "DEBUG",
            "VERBOSE",
            "CARGO_INCREMENTAL",
            "CARGO_TERM_COLOR",
            "GIT_OPTIONAL_LOCKS",
            "GIT_TERMINAL_PROMPT",
            "PYTHONDONTWRITEBYTECODE",
            "PYTHONUNBUFFERED",
        ];
        Self {
            allowed: harmless.map(Pattern::new).to_vec(),
        }
    }
}

impl Environment {
    /// Whether the variable may be set: to this value, where it is known.
    pub(crate) fn allows(&self, name: &str, value: Option<&str>) -> bool {
        if PAGERS.contains(&name) && matches!(value, Some("" | "cat")) {
            return true;
        }
        // Windows and some programs do not tell capitals from small letters.
        let capital = name.to_ascii_uppercase();
        let steers = STEERING.iter().any(|pattern| {
            let pattern = Pattern::new(*pattern);
            pattern.matches(name) || pattern.matches(&capital)
        });
        self.allowed.iter().any(|pattern| {
            pattern.matches(name)
                && (!steers || pattern.as_str() == name || pattern.as_str() == "LC_*")
        })
    }
}
