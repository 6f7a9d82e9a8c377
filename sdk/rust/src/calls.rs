//! Which calls something of the settings is about: a limit, a payment, a question.

use serde::Deserialize;

use crate::{Hints, Pattern, Request};

/// Which calls something is about. A list that is empty fits everything.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// Agents; whom one of them handed its rights on to is meant too.
    pub agents: Vec<Pattern>,
    /// Whom agents act for; a call for nobody fits none.
    pub principals: Vec<Pattern>,
    /// Tool servers.
    pub servers: Vec<Pattern>,
    /// Tools, prompts and URIs of resources.
    pub tools: Vec<Pattern>,
    /// Those of them that are not meant.
    pub except: Vec<Pattern>,
    /// What the operator pinned about the tool: one of these.
    pub hints: Vec<Hint>,
}

/// What the operator pinned about a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hint {
    /// It changes nothing.
    ReadOnly,
    /// Nobody pinned that it changes nothing.
    NotReadOnly,
    /// It can destroy or overwrite.
    Destructive,
    /// Twice is as good as once.
    Idempotent,
    /// It reaches beyond its system.
    OpenWorld,
    /// Anybody may have written what it answers.
    Untrusted,
    /// What it answers must not leave.
    Sensitive,
    /// Nobody pinned anything.
    Unpinned,
}

impl Calls {
    /// Whether it is about this call. What no list asks for is not read.
    pub fn include(&self, request: &Request) -> bool {
        (self.tools.is_empty() && self.except.is_empty() || self.names_tool(&request.name()))
            && (self.servers.is_empty() || any(&self.servers, &request.server()))
            && self.names_agent(request)
            && (self.principals.is_empty()
                || request
                    .principal()
                    .is_some_and(|principal| any(&self.principals, &principal)))
            && (self.hints.is_empty() || {
                let pinned = request.hints();
                self.hints.iter().any(|hint| hint.is_of(pinned))
            })
    }

    /// Whether it is about this tool of this server, whoever calls it and whatever is
    /// pinned about it.
    pub fn include_tool(&self, server: &str, name: &str) -> bool {
        self.names_tool(name) && (self.servers.is_empty() || any(&self.servers, server))
    }

    fn names_tool(&self, name: &str) -> bool {
        (self.tools.is_empty() || any(&self.tools, name)) && !any(&self.except, name)
    }

    /// Whether it names the agent, or one that handed its rights on to it: a delegate's
    /// new name escapes nothing.
    fn names_agent(&self, request: &Request) -> bool {
        self.agents.is_empty()
            || any(&self.agents, &request.agent())
            || request
                .chain()
                .iter()
                .any(|above| any(&self.agents, &above.id))
    }
}

impl Hint {
    /// Whether it is among what is pinned.
    pub fn is_of(self, pinned: Hints) -> bool {
        match self {
            Self::ReadOnly => pinned.contains(Hints::READ_ONLY),
            Self::NotReadOnly => !pinned.contains(Hints::READ_ONLY),
            Self::Destructive => pinned.contains(Hints::DESTRUCTIVE),
            Self::Idempotent => pinned.contains(Hints::IDEMPOTENT),
            Self::OpenWorld => pinned.contains(Hints::OPEN_WORLD),
            Self::Untrusted => pinned.contains(Hints::UNTRUSTED),
            Self::Sensitive => pinned.contains(Hints::SENSITIVE),
            Self::Unpinned => pinned.is_empty(),
        }
    }
}

impl Request {
    /// Issuer and id of the first agent of the chain. An agent can make up as many
    /// delegates as it likes, and gets no new counter for any; another issuer's agent of
    /// the same id is another agent.
    pub fn first_agent(&self) -> (String, String) {
        match self.chain().into_iter().next() {
            Some(first) => (first.issuer.unwrap_or_else(|| self.issuer()), first.id),
            None => (self.issuer(), self.agent()),
        }
    }
}

fn any(patterns: &[Pattern], name: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(texts: &[&str]) -> Vec<Pattern> {
        texts.iter().map(|text| Pattern::new(*text)).collect()
    }

    #[test]
    fn what_a_list_does_not_name_is_not_meant() {
        let calls = Calls {
            tools: patterns(&["delete_*"]),
            except: patterns(&["delete_draft"]),
            servers: patterns(&["files"]),
            ..Calls::default()
        };
        for (server, tool, is_meant) in [
            ("files", "delete_file", true),
            ("files", "delete_draft", false),
            ("files", "read_file", false),
            ("mail", "delete_file", false),
        ] {
            assert_eq!(
                calls.include_tool(server, tool),
                is_meant,
                "{server}/{tool}"
            );
            let request = Request::tool(tool).with_server(server);
            assert_eq!(calls.include(&request), is_meant, "{server}/{tool}");
        }
        assert!(Calls::default().include(&Request::tool("anything")));
        let only_except = Calls {
            except: patterns(&["x"]),
            ..Calls::default()
        };
        assert!(!only_except.include(&Request::tool("x")));
    }

    #[test]
    fn nothing_pinned_is_neither_read_only_nor_destructive() {
        let nothing = Hints::empty();
        assert!(Hint::Unpinned.is_of(nothing) && Hint::NotReadOnly.is_of(nothing));
        assert!(!Hint::ReadOnly.is_of(nothing) && !Hint::Destructive.is_of(nothing));
        assert!(!Hint::Unpinned.is_of(Hints::READ_ONLY));
    }
}
