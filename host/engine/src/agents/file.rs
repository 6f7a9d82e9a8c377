//! The file of agents that a configuration names: TOML with a table `[[agent]]` for each,
//! or the same as JSON.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gatewright_policy::agent::{
    AGENTS_MAX, AgentState, CHANGED_MAX, Change, Registration, Target, Turn, What,
};
use serde::Deserialize;

use super::operator::{self, OperatorError};
use crate::recorder::Recorder;

/// Longest file, in bytes.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Who says what the file says, in the record.
const BY: &str = "agents file";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "agent")]
    agents: Vec<Registration>,
}

/// Why a file of agents cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("agents file `{path}`: {problem}")]
pub struct AgentsFileError {
    path: PathBuf,
    problem: String,
}

/// Reads and checks a file; its name says whether it is TOML or JSON.
pub fn read(path: &Path) -> Result<Vec<Registration>, AgentsFileError> {
    let failed = |problem: String| AgentsFileError {
        path: path.to_owned(),
        problem,
    };
    let read = || {
        let length = std::fs::metadata(path)?.len();
        if length > FILE_BYTES_MAX {
            let problem = format!("it is larger than {FILE_BYTES_MAX} bytes");
            return Err(std::io::Error::other(problem));
        }
        std::fs::read_to_string(path)
    };
    let text = read().map_err(|error| failed(error.to_string()))?;
    let is_json = path.extension().is_some_and(|end| end == "json");
    let file: File = match is_json {
        true => serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?,
        false => toml::from_str(&text).map_err(|error| failed(error.to_string()))?,
    };
    if file.agents.len() > AGENTS_MAX {
        return Err(failed(format!("it has more than {AGENTS_MAX} agents")));
    }
    let mut names = std::collections::HashSet::new();
    for agent in &file.agents {
        if let Err(error) = agent.check() {
            return Err(failed(format!("agent `{}`: {error}", agent.id)));
        }
        if !names.insert((&agent.id, &agent.issuer)) {
            return Err(failed(format!("agent `{}` is there twice", agent.id)));
        }
    }
    Ok(file.agents)
}

/// Makes what the file says count. What it said before and says no more is suspended.
pub(crate) async fn import(
    recorder: &Arc<Recorder>,
    agents: Vec<Registration>,
) -> Result<usize, OperatorError> {
    let registry = recorder.memory.agents().registry();
    let listed: std::collections::HashSet<_> = agents
        .iter()
        .map(|agent| (agent.id.as_str(), agent.issuer.as_str()))
        .collect();
    let gone = registry.agents().filter(|it| {
        let agent = &it.agent;
        it.in_file
            && it.state == AgentState::Active
            && !listed.contains(&(agent.id.as_str(), agent.issuer.as_str()))
    });
    let gone: Vec<_> = gone.map(|it| it.agent.clone()).collect();
    let mut changed = 0;
    for gone in gone.chunks(CHANGED_MAX) {
        let what = What::Turn {
            turn: Turn::Suspend,
            target: Target::Agents(gone.to_vec()),
        };
        changed += operator::make(recorder, said("it is in the file no more", what)).await?;
    }
    // Only what changes goes into the record.
    let now = recorder.now();
    let mut news = Vec::new();
    for agent in &agents {
        let what = What::Import(vec![agent.clone()]);
        let rows = registry.draft(&said("the file says so", what), now)?;
        if !rows.is_empty() {
            news.push(agent.clone());
        }
    }
    for news in news.chunks(CHANGED_MAX) {
        let what = What::Import(news.to_vec());
        changed += operator::make(recorder, said("the file says so", what)).await?;
    }
    Ok(changed)
}

fn said(why: &str, what: What) -> Change {
    Change {
        by: BY.to_owned(),
        why: why.to_owned(),
        from_file: true,
        what,
    }
}
