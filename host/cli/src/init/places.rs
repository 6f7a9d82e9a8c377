//! Where clients keep their files.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::clients::Client;

/// What the folders of a user look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    /// By the XDG Base Directory Specification.
    Linux,
    /// macOS.
    Mac,
    /// Windows.
    Windows,
}

/// The folders of a user.
#[derive(Clone, Debug)]
pub(super) struct Folders {
    system: System,
    /// The user's own.
    pub(super) home: PathBuf,
    /// Where programs keep their configuration: `$XDG_CONFIG_HOME`, or `%APPDATA%`.
    settings: PathBuf,
}

/// A file that may be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) client: Client,
    pub(super) path: PathBuf,
    /// The folder of the project, where the file belongs to one.
    pub(super) project: Option<PathBuf>,
}

impl System {
    /// The one that this program runs on.
    pub(super) fn here() -> Self {
        match std::env::consts::OS {
            "macos" => Self::Mac,
            "windows" => Self::Windows,
            _ => Self::Linux,
        }
    }
}

impl Folders {
    /// Those of whoever runs this program; none where there is no home.
    pub(super) fn here() -> Option<Self> {
        let home = std::env::home_dir().filter(|home| home.is_absolute())?;
        let system = System::here();
        let named = match system {
            System::Windows => std::env::var_os("APPDATA"),
            System::Linux | System::Mac => std::env::var_os("XDG_CONFIG_HOME"),
        };
        Some(Self::of(system, home, named))
    }

    fn of(system: System, home: PathBuf, named: Option<OsString>) -> Self {
        let named = named.map(PathBuf::from);
        let named = named.filter(|path| system == System::Windows || path.is_absolute());
        let usual = match system {
            System::Windows => "AppData/Roaming",
            System::Linux | System::Mac => ".config",
        };
        Self {
            settings: named.unwrap_or_else(|| home.join(usual)),
            system,
            home,
        }
    }

    /// Where the gate's own configuration goes.
    pub(super) fn gate(&self) -> PathBuf {
        self.settings.join("gatewright").join("gatewright.toml")
    }

    /// The files of the user.
    pub(super) fn of_user(&self) -> Vec<Place> {
        // Where desktop programs are at home.
        let desktop = match self.system {
            System::Mac => self.home.join("Library/Application Support"),
            System::Linux | System::Windows => self.settings.clone(),
        };
        let zed = match self.system {
            System::Windows => "Zed/settings.json",
            System::Linux | System::Mac => "zed/settings.json",
        };
        let place = |client, folder: &Path, file: &str| Place {
            client,
            path: folder.join(file),
            project: None,
        };
        let home = &self.home;
        vec![
            place(
                Client::ClaudeDesktop,
                &desktop,
                "Claude/claude_desktop_config.json",
            ),
            place(Client::ClaudeCode, home, ".claude.json"),
            place(Client::Cursor, home, ".cursor/mcp.json"),
            place(Client::VsCode, &desktop, "Code/User/mcp.json"),
            place(Client::VsCode, &desktop, "Code - Insiders/User/mcp.json"),
            place(Client::VsCode, &desktop, "VSCodium/User/mcp.json"),
            place(Client::Windsurf, home, ".codeium/windsurf/mcp_config.json"),
            place(Client::Zed, &self.settings, zed),
            place(Client::GeminiCli, home, ".gemini/settings.json"),
        ]
    }
}

/// The files of a project.
pub(super) fn of_project(folder: &Path) -> Vec<Place> {
    let files = [
        (Client::ClaudeCode, ".mcp.json"),
        (Client::Cursor, ".cursor/mcp.json"),
        (Client::VsCode, ".vscode/mcp.json"),
        (Client::Zed, ".zed/settings.json"),
        (Client::GeminiCli, ".gemini/settings.json"),
    ];
    let place = |(client, file): (Client, &str)| Place {
        client,
        path: folder.join(file),
        project: Some(folder.to_owned()),
    };
    files.into_iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(system: System, named: Option<&str>) -> Vec<String> {
        let folders = Folders::of(system, PathBuf::from("/me"), named.map(OsString::from));
        let places = folders.of_user().into_iter();
        let mut paths: Vec<_> = places
            .map(|place| place.path.to_str().unwrap().to_owned())
            .collect();
        paths.push(folders.gate().to_str().unwrap().to_owned());
        paths
    }

    #[test]
    fn each_system_has_its_folders() {
        let linux = user(System::Linux, None);
        for path in [
            "/me/.config/Claude/claude_desktop_config.json",
            "/me/.claude.json",
            "/me/.cursor/mcp.json",
            "/me/.config/Code/User/mcp.json",
            "/me/.codeium/windsurf/mcp_config.json",
            "/me/.config/zed/settings.json",
            "/me/.gemini/settings.json",
            "/me/.config/gatewright/gatewright.toml",
        ] {
            assert!(linux.iter().any(|found| found == path), "{path}: {linux:?}");
        }
        let named = user(System::Linux, Some("/xdg"));
        assert!(named.contains(&"/xdg/zed/settings.json".to_owned()));
        assert_eq!(user(System::Linux, Some("relative")), linux);
        let mac = user(System::Mac, None);
        for path in [
            "/me/Library/Application Support/Claude/claude_desktop_config.json",
            "/me/Library/Application Support/Code/User/mcp.json",
            "/me/.config/zed/settings.json",
            "/me/.config/gatewright/gatewright.toml",
        ] {
            assert!(mac.iter().any(|found| found == path), "{path}: {mac:?}");
        }
        let windows = user(System::Windows, Some("C:/Users/me/AppData/Roaming"));
        for path in [
            "C:/Users/me/AppData/Roaming/Claude/claude_desktop_config.json",
            "C:/Users/me/AppData/Roaming/Code/User/mcp.json",
            "C:/Users/me/AppData/Roaming/Zed/settings.json",
            "/me/.codeium/windsurf/mcp_config.json",
        ] {
            assert!(windows.iter().any(|found| found == path), "{path}");
        }
    }
}
