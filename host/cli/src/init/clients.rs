//! Which clients there are, and in what form they keep their tool servers.

use super::variables::Variables;

/// A client whose files are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Client {
    /// Claude Desktop.
    ClaudeDesktop,
    /// Claude Code.
    ClaudeCode,
    /// Cursor.
    Cursor,
    /// Visual Studio Code, and what is built from it.
    VsCode,
    /// Windsurf.
    Windsurf,
    /// Zed.
    Zed,
    /// Gemini CLI.
    GeminiCli,
}

impl Client {
    /// What people call it.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::ClaudeDesktop => "Claude Desktop",
            Self::ClaudeCode => "Claude Code",
            Self::Cursor => "Cursor",
            Self::VsCode => "VS Code",
            Self::Windsurf => "Windsurf",
            Self::Zed => "Zed",
            Self::GeminiCli => "Gemini CLI",
        }
    }

    /// The member of its file that holds the tool servers.
    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::VsCode => "servers",
            Self::Zed => "context_servers",
            Self::ClaudeDesktop
            | Self::ClaudeCode
            | Self::Cursor
            | Self::Windsurf
            | Self::GeminiCli => "mcpServers",
        }
    }

    /// Members of an entry that hold the URL of a Streamable HTTP endpoint.
    pub(super) const fn urls(self) -> &'static [&'static str] {
        match self {
            Self::ClaudeDesktop => &[],
            Self::ClaudeCode | Self::Cursor | Self::VsCode | Self::Zed => &["url"],
            Self::Windsurf => &["serverUrl", "url"],
            // `url` is that of an older protocol there.
            Self::GeminiCli => &["httpUrl"],
        }
    }

    /// What it puts in the place of variables.
    pub(super) const fn variables(self) -> Variables {
        match self {
            Self::ClaudeDesktop | Self::Zed => Variables::None,
            Self::ClaudeCode => Variables::Named,
            Self::Cursor | Self::VsCode | Self::Windsurf => Variables::OfKinds,
            Self::GeminiCli => Variables::OfShell,
        }
    }
}
