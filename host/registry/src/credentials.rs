//! Whose name to say to a registry: the Docker configuration, with its credential
//! helpers.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

/// Where credentials come from.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// From nowhere: registries are asked without a name.
    Anonymous,
    /// From this file, in the form of Docker's `config.json`. A file that does not
    /// exist is an empty one.
    Docker(PathBuf),
}

/// What is said to one registry.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Login {
    Anonymous,
    Password {
        user: String,
        password: String,
    },
    /// Exchanged for a token where the registry says.
    Identity(String),
}

/// Why the credentials for a registry are not known.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The configuration is damaged or not readable.
    #[error("`{}` gives no credentials: {why}; hint: mend it, or `docker login <registry>`", path.display())]
    Configuration {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The helper failed.
    #[error(
        "the credential helper `{helper}` gave nothing for `{registry}`: {why}; hint: run it by hand: echo {registry} | {helper} get"
    )]
    Helper {
        /// The program.
        helper: String,
        /// The registry.
        registry: String,
        /// What went wrong.
        why: String,
    },
}

/// Longest configuration, and longest answer of a helper, in bytes.
const BYTES_MAX: u64 = 1 << 20;

/// A helper must answer within this time. Some ask a person.
const HELPER_MAX: Duration = Duration::from_secs(60);

/// The user by which helpers mean that the secret is an identity token.
const TOKEN_USER: &str = "<token>";

/// What helpers say when they know nothing (docker-credential-helpers).
const UNKNOWN: &str = "credentials not found";

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct File {
    auths: BTreeMap<String, Entry>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Helped {
    username: String,
    secret: String,
}

impl Credentials {
    /// The Docker configuration of whoever runs this: `config.json` in
    /// `DOCKER_CONFIG`, else in `.docker` of the home folder.
    #[must_use]
    pub fn of_this_user() -> Self {
        let folder = std::env::var_os("DOCKER_CONFIG").filter(|folder| !folder.is_empty());
        let folder = folder.map(PathBuf::from);
        let folder = folder.or_else(|| Some(std::env::home_dir()?.join(".docker")));
        folder.map_or(Self::Anonymous, |folder| {
            Self::Docker(folder.join("config.json"))
        })
    }

    /// What to say to a registry, from its own helper, else from the store, else
    /// from the file.
    pub(crate) async fn login(&self, registry: &str) -> Result<Login, CredentialError> {
        let Self::Docker(path) = self else {
            return Ok(Login::Anonymous);
        };
        let file = read(path)?;
        let entry = |key: &String| is_key_of(key, registry);
        if let Some((_, helper)) = file.cred_helpers.iter().find(|(key, _)| entry(key)) {
            return helped(&program(helper, registry)?, registry, HELPER_MAX).await;
        }
        if let Some(helper) = &file.creds_store {
            let login = helped(&program(helper, registry)?, registry, HELPER_MAX).await?;
            if login != Login::Anonymous {
                return Ok(login);
            }
        }
        match file.auths.iter().find(|(key, _)| entry(key)) {
            Some((_, entry)) => entry.login().map_err(|why| CredentialError::Configuration {
                path: path.clone(),
                why: format!("the entry of `{registry}` {why}"),
            }),
            None => Ok(Login::Anonymous),
        }
    }
}

impl Entry {
    fn login(&self) -> Result<Login, &'static str> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = given(&self.identitytoken) {
            return Ok(Login::Identity(token));
        }
        if let Some(auth) = given(&self.auth) {
            let text = STANDARD.decode(auth.trim()).ok();
            let text = text.and_then(|bytes| String::from_utf8(bytes).ok());
            let text = text.ok_or("is not base64 of text")?;
            let (user, password) = text.split_once(':').ok_or("is not `user:password`")?;
            return Ok(Login::Password {
                user: user.to_owned(),
                password: password.trim_end_matches('\0').to_owned(),
            });
        }
        match (given(&self.username), given(&self.password)) {
            (Some(user), Some(password)) => Ok(Login::Password { user, password }),
            (None, None) => Ok(Login::Anonymous),
            (Some(_), None) | (None, Some(_)) => Err("has a user or a password alone"),
        }
    }
}

fn read(path: &Path) -> Result<File, CredentialError> {
    use io::Read as _;
    let refused = |why: String| CredentialError::Configuration {
        path: path.to_owned(),
        why,
    };
    let file = match std::fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(File::default()),
        other => other.map_err(|error| refused(error.to_string()))?,
    };
    let mut bytes = Vec::new();
    let read = file.take(BYTES_MAX).read_to_end(&mut bytes);
    read.map_err(|error| refused(error.to_string()))?;
    // The parser's message names a place and no content.
    serde_json::from_slice(&bytes).map_err(|error| refused(error.to_string()))
}

/// Whether an entry of the file is for a registry: its name, or the address that
/// `docker login` of long ago wrote.
fn is_key_of(key: &str, registry: &str) -> bool {
    let host = key.strip_prefix("https://").or(key.strip_prefix("http://"));
    let host = host.unwrap_or(key);
    let host = host.split('/').next().unwrap_or_default();
    host == registry || registry == "docker.io" && host == "index.docker.io"
}

/// The program that a name in the configuration stands for.
fn program(name: &str, registry: &str) -> Result<String, CredentialError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let helper = format!("docker-credential-{name}");
    if name.bytes().all(plain) {
        return Ok(helper);
    }
    Err(CredentialError::Helper {
        helper: helper.escape_debug().to_string(),
        registry: registry.to_owned(),
        why: "no program is called so".to_owned(),
    })
}

/// Asks a helper: the registry on its stdin, JSON on its stdout.
async fn helped(helper: &str, registry: &str, limit: Duration) -> Result<Login, CredentialError> {
    let failed = |why: &str| CredentialError::Helper {
        helper: helper.to_owned(),
        registry: registry.to_owned(),
        why: why.to_owned(),
    };
    let key = if registry == "docker.io" {
        "https://index.docker.io/v1/"
    } else {
        registry
    };
    let (good, answer) = tokio::time::timeout(limit, run(helper, key))
        .await
        .map_err(|_| failed(&format!("no answer within {limit:?}")))?
        .map_err(|error| failed(&error.to_string()))?;
    if !good {
        let said = String::from_utf8_lossy(&answer);
        if said.contains(UNKNOWN) {
            return Ok(Login::Anonymous);
        }
        let said: String = said.trim().chars().take(200).collect();
        return Err(failed(&said.escape_debug().to_string()));
    }
    // What the helper said is a secret: no error repeats it.
    let Helped { username, secret } =
        serde_json::from_slice(&answer).map_err(|_| failed("it did not say it in JSON"))?;
    Ok(if username == TOKEN_USER {
        Login::Identity(secret)
    } else {
        Login::Password {
            user: username,
            password: secret,
        }
    })
}

/// Whether the program ended well, and what it wrote. Dropped, it is ended.
async fn run(program: &str, input: &str) -> io::Result<(bool, Vec<u8>)> {
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(input.as_bytes()).await {
            // It answers without having read, or fails: its output tells.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written?,
        }
    }
    let mut output = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(BYTES_MAX).read_to_end(&mut output).await?;
    }
    Ok((child.wait().await?.success(), output))
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Anonymous => "Anonymous",
            Self::Password { .. } => "Password(..)",
            Self::Identity(_) => "Identity(..)",
        })
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entry(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Credentials, Login, helped};
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;
    use std::time::{Duration, Instant};

    const LONG: Duration = Duration::from_secs(30);

    fn wait<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(work)
    }

    fn script(folder: &Path, text: &str) -> String {
        let path = folder.join("docker-credential-test");
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        path.display().to_string()
    }

    fn password(user: &str, password: &str) -> Login {
        Login::Password {
            user: user.to_owned(),
            password: password.to_owned(),
        }
    }

    fn login(config: &str, registry: &str) -> Result<Login, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.json");
        fs::write(&file, config).unwrap();
        let login = wait(Credentials::Docker(file).login(registry));
        login.map_err(|error| error.to_string())
    }

    #[test]
    fn an_entry_is_for_its_registry_alone() {
        // `gate:word`
        let config = r#"{"auths": {
            "registry.example.com": {"auth": "Z2F0ZTp3b3Jk"},
            "https://old.example.com/v1/": {"username": "a", "password": "b"},
            "https://index.docker.io/v1/": {"identitytoken": "t"}}}"#;
        let ours = password("gate", "word");
        assert_eq!(login(config, "registry.example.com"), Ok(ours));
        assert_eq!(login(config, "old.example.com"), Ok(password("a", "b")));
        assert_eq!(
            login(config, "docker.io"),
            Ok(Login::Identity("t".to_owned()))
        );
        for other in [
            "registry.example.com:5000",
            "example.com",
            "evil-registry.example.com",
        ] {
            assert_eq!(login(config, other), Ok(Login::Anonymous), "{other}");
        }
    }

    #[test]
    fn a_damaged_configuration_is_an_error_and_tells_no_secret() {
        for config in [
            "",
            "[]x",
            r#"{"auths": {"r.example.com": {"auth": "secret!"}}}"#,
            r#"{"auths": {"r.example.com": {"auth": "c2VjcmV0"}}}"#,
            r#"{"auths": {"r.example.com": {"password": "secret"}}}"#,
            r#"{"credHelpers": {"r.example.com": "../secret"}, "auths": 1}"#,
        ] {
            let error = login(config, "r.example.com").unwrap_err();
            assert!(
                error.contains("hint: ") && !error.contains("secret!"),
                "{error}"
            );
        }
        let helper = r#"{"credHelpers": {"r.example.com": "../../bin/evil"}}"#;
        let error = login(helper, "r.example.com").unwrap_err();
        assert!(error.contains("no program is called so"), "{error}");
        let missing = Credentials::Docker("/nowhere/config.json".into());
        assert_eq!(
            wait(missing.login("r.example.com")).unwrap(),
            Login::Anonymous
        );
    }

    #[test]
    fn a_helper_speaks_the_protocol_of_docker() {
        let folder = tempfile::tempdir().unwrap();
        let ask = |text: &str| wait(helped(&script(folder.path(), text), "r.example.com", LONG));
        let given = r#"printf '{"ServerURL":"x","Username":"%s","Secret":"%s"}' "$1" "$(cat)""#;
        assert_eq!(ask(given).unwrap(), password("get", "r.example.com"));
        let token = r#"echo '{"ServerURL":"x","Username":"<token>","Secret":"t"}'"#;
        assert_eq!(ask(token).unwrap(), Login::Identity("t".to_owned()));
        let unknown = "echo 'credentials not found in native keychain'; exit 1";
        assert_eq!(ask(unknown).unwrap(), Login::Anonymous);
        for broken in ["echo locked; exit 1", "echo secret", "exit 3"] {
            let error = ask(broken).unwrap_err().to_string();
            assert!(
                error.contains("hint: ") && !error.contains("secret"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_helper_that_hangs_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        let hang = format!("echo $$ > {}; exec sleep 1000", pid.display());
        let program = script(folder.path(), &hang);
        let error = wait(async {
            let error = helped(&program, "r.example.com", Duration::from_millis(500)).await;
            let process = fs::read_to_string(&pid).unwrap();
            let state = format!("/proc/{}/stat", process.trim());
            let deadline = Instant::now() + LONG;
            // A zombie has ended too.
            while fs::read_to_string(&state).is_ok_and(|state| !state.contains(") Z ")) {
                assert!(Instant::now() < deadline, "the helper lives on");
                tokio::task::yield_now().await;
            }
            error.unwrap_err().to_string()
        });
        assert!(error.contains("no answer within"), "{error}");
    }
}
