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
            let account = owner.account();
            let lives =
                |task: &&Task| task.owner.account() == account && task.made_at.elapsed() < LIFE;
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

#[cfg(test)]
mod tests {
    use gatewright_policy::Grant;

    use super::*;

    /// An agent, with rights of its own or handed on by another one.
    fn owner(agent: &str, by: Option<&str>) -> Owner {
        let mut grant = Grant::local(agent, None, Vec::new(), "t".into());
        let subject = Arc::make_mut(&mut grant.subject);
        subject.delegation = by.into_iter().map(str::to_owned).collect();
        Owner::of(&grant)
    }

    #[test]
    fn delegates_have_no_more_tasks_together_than_one_agent() {
        let (tasks, server) = (Tasks::default(), Arc::from("files"));
        let note =
            |number: usize, owner: &Owner| tasks.note(&server, &number.to_string(), owner, "t");
        for number in 0..TASKS_EACH_MAX {
            let delegate = owner(&format!("d{}", number % 8), Some("a"));
            assert_eq!(note(number, &delegate), Ok(()));
        }
        let full = Err(TaskError::Full);
        assert_eq!(note(9000, &owner("another", Some("a"))), full);
        assert_eq!(note(9000, &owner("a", None)), full);
        assert_eq!(note(9000, &owner("b", None)), Ok(()));
    }

    #[test]
    fn a_task_is_its_own_callers_alone() {
        let (tasks, server) = (Tasks::default(), Arc::from("files"));
        let (one, other) = (owner("a", None), owner("b", None));
        assert_eq!(tasks.note(&server, "1", &one, "t"), Ok(()));
        let taken = Err(TaskError::Taken);
        assert_eq!(tasks.note(&server, "1", &other, "t"), taken);
        assert_eq!(tasks.tool(&server, "1", &other), None);
        assert_eq!(tasks.tool(&Arc::from("mail"), "1", &one), None);
        assert_eq!(tasks.tool(&server, "1", &one).as_deref(), Some("t"));
    }
}
