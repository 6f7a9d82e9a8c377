//! What an author types before `gatewright build`, by language.

/// A command with its arguments; the folder it is run in is the caller's.
pub(crate) type Step = &'static [&'static str];

/// One language, as the tests meet it.
pub(crate) struct Language {
    /// As `gatewright new --lang` knows it.
    pub(crate) name: &'static str,
    /// The folder of its SDK in `sdk/`.
    pub(crate) sdk: &'static str,
    /// What makes sure of the SDK itself, in its folder.
    pub(crate) sdk_steps: &'static [Step],
    /// The same for the reference policy.
    pub(crate) reference_steps: &'static [Step],
    /// What the README of a new policy says before it is built.
    pub(crate) policy_steps: &'static [Step],
}

/// Both are members of the workspace, whose tests run with all others.
pub(crate) const RUST: Language = Language {
    name: "rust",
    sdk: "rust",
    sdk_steps: &[],
    reference_steps: &[],
    policy_steps: &[&["cargo", "test", "--quiet"]],
};

pub(crate) const GO: Language = Language {
    name: "go",
    sdk: "go",
    sdk_steps: &[&["go", "vet", "./..."], &["go", "test", "./..."]],
    reference_steps: &[&["go", "test", "./..."]],
    policy_steps: &[&["go", "test", "./..."]],
};

pub(crate) const ASSEMBLYSCRIPT: Language = Language {
    name: "assemblyscript",
    sdk: "assemblyscript",
    sdk_steps: &[&["npm", "install"], &["npm", "test"]],
    reference_steps: &[&["npm", "install"], &["npm", "test"]],
    policy_steps: &[&["npm", "install"], &["npm", "test"]],
};

pub(crate) const JAVASCRIPT: Language = Language {
    name: "javascript",
    sdk: "javascript",
    sdk_steps: &[&["npm", "ci"], &["npm", "test"]],
    reference_steps: &[],
    policy_steps: &[&["npm", "install"], &["npm", "test"]],
};

/// Its SDK is that of JavaScript, and so is the reference policy.
pub(crate) const TYPESCRIPT: Language = Language {
    name: "typescript",
    ..JAVASCRIPT
};

pub(crate) const PYTHON: Language = Language {
    name: "python",
    sdk: "python",
    sdk_steps: &[
        &[
            "env",
            "PYTHONPATH=src",
            "python3",
            "-m",
            "unittest",
            "discover",
            "--start-directory",
            "tests",
            "--top-level-directory",
            ".",
        ],
        // The types hold, by the settings in pyproject.toml.
        &["mypy", "--cache-dir=/dev/null"],
    ],
    reference_steps: &[],
    // In place of `pip install -r requirements.txt`: componentize-py is on the path.
    policy_steps: &[&[
        "env",
        "PYTHONPATH=gatewright/sdk/python/src",
        "python3",
        "-m",
        "unittest",
    ]],
};

pub(crate) const C: Language = Language {
    name: "c",
    sdk: "c",
    sdk_steps: &[&["make", "test"]],
    reference_steps: &[],
    policy_steps: &[&["make", "test"]],
};
