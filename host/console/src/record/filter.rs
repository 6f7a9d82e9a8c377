//! Which decisions are wanted.

use gatewright_policy::pattern::{Pattern, Scope};
use gatewright_policy::record::Decided;
use gatewright_policy::{DecisionKind, Reason};

/// Longest value that is looked for, in bytes.
const VALUE_BYTES_MAX: usize = 256;

/// Everything that is given must fit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    decision: Option<DecisionKind>,
    reason: Option<Reason>,
    agent: Option<Pattern>,
    tool: Option<Scope>,
    /// As it was written, for the form and for links.
    pub(crate) written: Written,
}

/// A filter that cannot be understood.
#[derive(Debug)]
pub(crate) struct Unread {
    pub(crate) filter: Filter,
    /// Why, in words.
    pub(crate) wrong: &'static str,
}

/// The values of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) decision: String,
    pub(crate) reason: String,
    pub(crate) agent: String,
    pub(crate) tool: String,
}

impl Filter {
    /// Reads the query of a URL; what was written and what is wrong with it, in words.
    pub(crate) fn read(query: &str) -> Result<Self, Box<Unread>> {
        let mut filter = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "decision" => &mut filter.written.decision,
                "reason" => &mut filter.written.reason,
                "agent" => &mut filter.written.agent,
                "tool" => &mut filter.written.tool,
                _other => continue,
            };
            value.trim().clone_into(place);
        }
        match filter.understand() {
            Ok(()) => Ok(filter),
            Err(wrong) => Err(Box::new(Unread { filter, wrong })),
        }
    }

    fn understand(&mut self) -> Result<(), &'static str> {
        let written = &self.written;
        let values = [
            &written.decision,
            &written.reason,
            &written.agent,
            &written.tool,
        ];
        if values.iter().any(|value| value.len() > VALUE_BYTES_MAX) {
            return Err("That is longer than anything there is to find.");
        }
        if !written.decision.is_empty() {
            let kinds = [DecisionKind::Allow, DecisionKind::Hold, DecisionKind::Deny];
            let kind = kinds
                .into_iter()
                .find(|kind| kind.as_str() == written.decision);
            self.decision = Some(kind.ok_or("A decision is allow, hold or deny.")?);
        }
        if !written.reason.is_empty() {
            let mut all = Reason::ALL.iter();
            let reason = all.find(|reason| reason.code() == written.reason);
            self.reason = Some(*reason.ok_or("There is no such reason.")?);
        }
        if !written.agent.is_empty() {
            self.agent = Some(Pattern::new(&*written.agent));
        }
        if !written.tool.is_empty() {
            let tool = match written.tool.contains(':') {
                true => written.tool.clone(),
                false => format!("*:{}", written.tool),
            };
            let scope = Scope::parse(&tool);
            self.tool =
                Some(scope.map_err(|_| "Write a tool as server:tool; * stands for anything.")?);
        }
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.written == Written::default()
    }

    pub(crate) fn wants(&self, decided: &Decided) -> bool {
        let agent = decided.caller.as_ref().map_or("", |caller| &caller.agent);
        self.decision.is_none_or(|kind| decided.decision == kind)
            && self.reason.is_none_or(|it| decided.reason == Some(it))
            && self.agent.as_ref().is_none_or(|it| it.matches(agent))
            && self.tool.as_ref().is_none_or(|tool| {
                let parts = decided.parts.iter().map(|part| &part.name);
                let mut names = std::iter::once(&decided.name).chain(parts);
                names.any(|name| tool.covers(&decided.server, name))
            })
    }

    /// The query of a link to the same, from another place on.
    pub(crate) fn query(&self, before: Option<u64>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let written = &self.written;
        for (name, value) in [
            ("decision", &written.decision),
            ("reason", &written.reason),
            ("agent", &written.agent),
            ("tool", &written.tool),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if let Some(before) = before {
            query.append_pair("before", &before.to_string());
        }
        query.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::{decided, denied};

    #[test]
    fn everything_that_is_given_must_fit() {
        let allow = decided("1", "did:example:bot", "read");
        let deny = denied("2", "did:example:other", "write");
        let cases = [
            ("", [true, true]),
            ("decision=&reason=&agent=&tool=", [true, true]),
            ("decision=deny", [false, true]),
            ("reason=forbidden", [false, true]),
            ("agent=*%3Abot", [true, false]),
            ("tool=files%3Aw*", [false, true]),
            ("tool=read", [true, false]),
            ("decision=allow&tool=write", [false, false]),
        ];
        for (query, expected) in cases {
            let filter = Filter::read(query).unwrap();
            let wanted = [filter.wants(&allow), filter.wants(&deny)];
            assert_eq!(wanted, expected, "{query}");
        }
        for query in [
            "decision=maybe",
            "reason=none",
            &format!("agent={}", "a".repeat(300)),
        ] {
            assert!(Filter::read(query).is_err(), "{query}");
        }
    }

    #[test]
    fn a_link_goes_on_with_the_same_filter() {
        let filter = Filter::read("tool=a%26b&agent=x").unwrap();
        assert_eq!(filter.query(Some(7)), "agent=x&tool=a%26b&before=7");
    }
}
