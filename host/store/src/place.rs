//! Where a memory is, and how it is reached.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, SqliteConnection};
use tokio::time::sleep;

use crate::connection::Connection;
use crate::dialect::{Dialect, POSTGRES, SQLITE};
use crate::disk::{beside, open_private};
use crate::error::{StoreError, told};

/// What an operator says about a memory.
#[derive(Clone, Debug)]
pub struct MemoryAt {
    /// `sqlite:<file>` or `postgres://...`, without a password.
    pub url: String,
    /// The folder that the file of SQLite is seen from.
    pub folder: PathBuf,
    /// Holds the password for PostgreSQL.
    pub password_file: Option<PathBuf>,
    /// Which of the gates that share it this is.
    pub gate: String,
    /// The file of the salt; beside the file of SQLite by default.
    pub salt: Option<PathBuf>,
    /// How long anything that is asked of it may take.
    pub patience: Duration,
}

/// A place that was understood.
#[derive(Clone)]
pub(crate) struct Place {
    reached: Reached,
    pub(crate) salt: PathBuf,
    pub(crate) patience: Duration,
    /// For an operator.
    pub(crate) name: String,
}

#[derive(Clone)]
enum Reached {
    File(PathBuf),
    Server(Box<PgConnectOptions>),
}

/// What a commit over a connection survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Survives {
    /// The death of the gate.
    Gate,
    /// The death of the machine.
    Machine,
}

/// Longest password, in bytes.
const PASSWORD_BYTES_MAX: u64 = 4096;

/// What SQLite says where others hold the file.
const SQLITE_BUSY: u32 = 5;

/// How soon that is asked again.
const LOCKED_PAUSE: Duration = Duration::from_millis(5);

// === impl Place ===

impl Place {
    pub(crate) fn of(at: &MemoryAt) -> Result<Self, StoreError> {
        let (reached, name) = match at.url.strip_prefix("sqlite:") {
            Some(path) => file(at, path)?,
            None => server(at)?,
        };
        let salt = match (&at.salt, &reached) {
            (Some(salt), _) => at.folder.join(salt),
            (None, Reached::File(path)) => beside(path, ".salt"),
            (None, Reached::Server(_)) => {
                let problem = "needs `memory.salt`, the file that all gates have";
                return Err(StoreError::Url(problem.to_owned()));
            }
        };
        Ok(Self {
            reached,
            salt,
            patience: at.patience,
            name,
        })
    }

    /// Makes the folder and the file, for the gate's own user alone.
    pub(crate) fn prepare(&self) -> Result<(), StoreError> {
        let Reached::File(path) = &self.reached else {
            return Ok(());
        };
        let failed = |cause| StoreError::Io {
            path: path.clone(),
            cause,
        };
        if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        open_private(path).map(drop).map_err(failed)
    }

    /// Refuses a file that nobody made yet.
    pub(crate) fn must_exist(&self) -> Result<(), StoreError> {
        let Reached::File(path) = &self.reached else {
            return Ok(());
        };
        let there = std::fs::metadata(path).map(drop);
        there.map_err(|cause| StoreError::Io {
            path: path.clone(),
            cause,
        })
    }

    /// How statements are written there.
    pub(crate) const fn dialect(&self) -> &'static Dialect {
        match self.reached {
            Reached::File(_) => &SQLITE,
            Reached::Server(_) => &POSTGRES,
        }
    }

    /// A new connection. Gives up when the time is over.
    pub(crate) async fn connect(&self, survives: Survives) -> Result<Connection, sqlx::Error> {
        match tokio::time::timeout(self.patience, self.reach(survives)).await {
            Ok(connected) => connected,
            Err(_elapsed) => Err(late()),
        }
    }

    async fn reach(&self, survives: Survives) -> Result<Connection, sqlx::Error> {
        match &self.reached {
            Reached::File(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(match survives {
                        Survives::Gate => SqliteSynchronous::Normal,
                        Survives::Machine => SqliteSynchronous::Full,
                    })
                    .busy_timeout(self.patience)
                    .disable_statement_logging();
                loop {
                    match SqliteConnection::connect_with(&options).await {
                        Err(error) if is_locked(&error) => sleep(LOCKED_PAUSE).await,
                        connected => return connected.map(Connection::Sqlite),
                    }
                }
            }
            Reached::Server(options) => {
                let connection = PgConnection::connect_with(options).await?;
                let mut connection = Connection::Postgres(connection);
                let millis = self.patience.as_millis();
                let kept = match survives {
                    Survives::Gate => "off",
                    Survives::Machine => "on",
                };
                // What the server would do by itself if the gate vanished, too.
                let said = format!(
                    "SET statement_timeout = {millis}; SET lock_timeout = {millis}; \
                     SET idle_in_transaction_session_timeout = {millis}; \
                     SET default_transaction_isolation = 'read committed'; \
                     SET synchronous_commit = {kept}"
                );
                connection.run(&said).await?;
                Ok(connection)
            }
        }
    }

    /// An error of the database, with where it is.
    pub(crate) fn failed(&self, error: &sqlx::Error) -> StoreError {
        StoreError::Database {
            place: self.name.clone(),
            problem: told(error),
        }
    }
}

/// Whether others hold the file just now. SQLite does not wait for them while it changes how
/// a new file is written, whatever the timeout.
fn is_locked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    let code = code.and_then(|code| code.parse::<u32>().ok());
    // The primary code of an extended one.
    code.is_some_and(|code| code & 0xff == SQLITE_BUSY)
}

/// Nobody answered in time.
pub(crate) fn late() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::from(std::io::ErrorKind::TimedOut))
}

fn file(at: &MemoryAt, path: &str) -> Result<(Reached, String), StoreError> {
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.contains(['?', '#']) || path.starts_with(':') {
        return Err(StoreError::Url("names no file".to_owned()));
    }
    if at.password_file.is_some() {
        let problem = "is a file, which has no password".to_owned();
        return Err(StoreError::Url(problem));
    }
    let path = at.folder.join(path);
    let name = format!("`{}`", path.display());
    Ok((Reached::File(path), name))
}

fn server(at: &MemoryAt) -> Result<(Reached, String), StoreError> {
    let url = &at.url;
    if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
        return Err(StoreError::Url("is of no known kind".to_owned()));
    }
    // The error may quote a password.
    let options = PgConnectOptions::from_str(url);
    let options = options.map_err(|_| StoreError::Url("cannot be read".to_owned()))?;
    let mut options = options
        .application_name(&format!("gatewright {}", at.gate))
        .disable_statement_logging();
    if let Some(path) = &at.password_file {
        options = options.password(&password(&at.folder.join(path))?);
    }
    let says_mode = url.contains("sslmode=") || url.contains("ssl-mode=");
    if !says_mode && !is_on_this_machine(&options) {
        // What is not said is not sent to whoever answers.
        options = options.ssl_mode(PgSslMode::VerifyFull);
    }
    let name = format!(
        "`{}:{}/{}`",
        options.get_host(),
        options.get_port(),
        options.get_database().unwrap_or_default()
    );
    Ok((Reached::Server(Box::new(options)), name))
}

fn is_on_this_machine(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

fn password(path: &Path) -> Result<String, StoreError> {
    use std::io::Read as _;
    let mut text = String::new();
    let read = std::fs::File::open(path)
        .and_then(|file| file.take(PASSWORD_BYTES_MAX).read_to_string(&mut text));
    read.map_err(|cause| StoreError::Io {
        path: path.to_owned(),
        cause,
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
