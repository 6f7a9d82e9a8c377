//! Tasks, of 2025-11-25 and of the extension `io.modelcontextprotocol/tasks`: whose each
//! one is, and which tool works on it. A task id is a handle, not authority: what is
//! done with it is judged as a call of that tool, for the caller that made it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::owner::Owner;

/// All tasks that the gate has seen made.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    tasks: Mutex<HashMap<(Arc<str>, String), Task>>,
}

#[derive(Debug)]
struct Task {
    owner: Owner,
    tool: String,
    made_at: Instant,
}

/// The gate cannot keep whose a task is.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TaskError {
    /// Too many, or too long an id.
    #[error("the gate keeps as many tasks as it can")]
    Full,
    /// The tool server gave one id to two callers.
    #[error("the tool server gave a task to two callers")]
    Taken,
}

/// Most tasks at once.
const TASKS_MAX: usize = 8192;

/// Most tasks of one caller.
const TASKS_EACH_MAX: usize = TASKS_MAX / 8;

/// A task is forgotten after this long.
const LIFE: Duration = Duration::from_secs(24 * 3600);

/// Longest task id, in bytes.
const ID_BYTES_MAX: usize = 512;

impl Tasks {
    /// Binds a new task to its caller and its tool.
    pub(crate) fn note(
        &self,
        server: &Arc<str>,
        id: &str,
        owner: &Owner,
        tool: &str,
    ) -> Result<(), TaskError> {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        if tasks.len() >= TASKS_MAX {
            tasks.retain(|_, task| task.made_at.elapsed() < LIFE);
        }
        if tasks.len() >= TASKS_MAX || id.len() > ID_BYTES_MAX {
            return Err(TaskError::Full);
        }
        // Nobody has its share while there are fewer in all.
        if tasks.len() >= TASKS_EACH_MAX {
            let lives = |task: &&Task| task.owner == *owner && task.made_at.elapsed() < LIFE;
            if tasks.values().filter(lives).count() >= TASKS_EACH_MAX {
                return Err(TaskError::Full);
            }
        }
        let key = (Arc::clone(server), id.to_owned());
        match tasks.get(&key) {
            Some(known) if known.owner != *owner => Err(TaskError::Taken),
            Some(_) | None => {
                let task = Task {
                    owner: owner.clone(),
                    tool: tool.to_owned(),
                    made_at: Instant::now(),
                };
                tasks.insert(key, task);
                Ok(())
            }
        }
    }

    /// The tool of a task, for the caller that made it.
    pub(crate) fn tool(&self, server: &Arc<str>, id: &str, owner: &Owner) -> Option<String> {
        let tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let task = tasks.get(&(Arc::clone(server), id.to_owned()))?;
        (task.owner == *owner && task.made_at.elapsed() < LIFE).then(|| task.tool.clone())
    }
}
