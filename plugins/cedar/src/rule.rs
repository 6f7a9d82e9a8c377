//! The policies, ready to be evaluated: each with its condition worked out and
//! its annotations read.

use cedar_policy::{
    ActionConstraint, Effect, Policy, PolicyId, PolicySet, PrincipalConstraint, ResourceConstraint,
};
use cedar_policy_core::ast::{EntityUID, Expr, Literal, SlotEnv, ValueKind};
use cedar_policy_core::evaluator::Evaluator;
use cedar_policy_core::parser::Loc;
use miette::Diagnostic;

use crate::foreign::Known;
use crate::place;

/// A policy. Cedar would put scope and conditions together for every request.
#[derive(Debug)]
pub(crate) struct Rule {
    /// What messages for the operator begin with.
    name: String,
    pub(crate) answer: Answer,
    scope: Scope,
    condition: Expr,
}

/// What the scope of a policy compares by `==`. It cannot fail, and most
/// policies of a set are about another tool.
#[derive(Debug)]
struct Scope {
    principal: Option<EntityUID>,
    action: Option<EntityUID>,
    resource: Option<EntityUID>,
    /// Nothing else stands in the scope.
    is_whole: bool,
}

/// What a policy says where its condition holds.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// With what the agent reads.
    Forbid(String),
    Permit,
    /// A permit that a person must agree with.
    Ask(Ask),
}

/// What an approver is shown, and who may approve.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) title: String,
    pub(crate) reason: Option<String>,
    pub(crate) approvers: Approvers,
}

/// Who may approve, and for how long that holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Approvers {
    pub(crate) roles: Vec<String>,
    pub(crate) quorum: Option<u8>,
    pub(crate) ttl_seconds: Option<u32>,
}

/// One text of policies, and what messages call it.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// The policies of all texts, with identifiers of their own: `@id`, or
/// `policy0` and so on in the order in which they are written.
pub(crate) fn parse(sources: &[Source]) -> Result<PolicySet, String> {
    let mut all = PolicySet::new();
    let mut count = 0;
    for source in sources {
        for policy in policies(source)? {
            let id = match policy.annotation("id") {
                Some(id) => id.to_owned(),
                None => format!("policy{count}"),
            };
            count += 1;
            all.add(policy.new_id(PolicyId::new(&id)))
                .map_err(|_| format!("{}: two policies are called `{id}`", source.name))?;
        }
    }
    match all.is_empty() {
        true => Err("`policies` has no policy\nhint: without a `permit` no call is allowed".into()),
        false => Ok(all),
    }
}

/// The policies of one text, in their order.
fn policies(source: &Source) -> Result<Vec<Policy>, String> {
    let Source { name, text } = source;
    let set: PolicySet = text.parse().map_err(|errors: cedar_policy::ParseErrors| {
        let errors = errors.iter();
        let described: Vec<_> = errors
            .map(|error| place::describe(name, text, error))
            .collect();
        described.join("\n")
    })?;
    if let Some(template) = set.templates().next() {
        return Err(format!(
            "{}: a template, which nothing links\nhint: write the entity in place of `?principal` and `?resource`",
            place_of(source, template.as_ref().loc())
        ));
    }
    let mut policies: Vec<Policy> = set.policies().cloned().collect();
    policies.sort_by_key(|policy| policy.as_ref().loc().map(Loc::start));
    Ok(policies)
}

/// The rules, in the order of the policies.
pub(crate) fn rules(
    policies: &PolicySet,
    sources: &[Source],
    known: &Known,
) -> Result<Vec<Rule>, String> {
    policies
        .policies()
        .map(|policy| {
            let place = match source_of(policy, sources) {
                Some(source) => place_of(source, policy.as_ref().loc()),
                None => "policies".to_owned(),
            };
            let name = format!("`{}` ({place})", policy.id());
            known
                .check(policy)
                .map_err(|error| format!("{name}: {error}"))?;
            let scope = Scope::of(policy);
            Ok(Rule {
                answer: Answer::of(policy).map_err(|error| format!("{name}: {error}"))?,
                condition: scope.rest(policy),
                scope,
                name,
            })
        })
        .collect()
}

/// What the validator found, with the place in the text it is about.
pub(crate) fn describe(
    error: &dyn Diagnostic,
    id: &PolicyId,
    policies: &PolicySet,
    sources: &[Source],
) -> String {
    let policy = policies.policy(id);
    match policy.and_then(|policy| source_of(policy, sources)) {
        Some(source) => place::describe(&source.name, &source.text, error),
        None => error.to_string(),
    }
}

fn source_of<'a>(policy: &Policy, sources: &'a [Source]) -> Option<&'a Source> {
    let location = policy.as_ref().loc()?;
    sources.iter().find(|source| *source.text == *location.src)
}

fn place_of(source: &Source, location: Option<&Loc>) -> String {
    let offset = location.map_or(0, Loc::start);
    place::of(&source.name, &source.text, offset)
}

// === impl Rule ===

impl Rule {
    /// Whether the scope may cover this; the condition says if it does.
    pub(crate) fn may_cover(
        &self,
        principal: &EntityUID,
        action: &EntityUID,
        resource: &EntityUID,
    ) -> bool {
        let fits = |wanted: &Option<EntityUID>, asked| wanted.as_ref().is_none_or(|it| it == asked);
        let scope = &self.scope;
        fits(&scope.resource, resource)
            && fits(&scope.action, action)
            && fits(&scope.principal, principal)
    }

    /// Whether the policy applies. The error is for the operator.
    pub(crate) fn applies(
        &self,
        evaluator: &Evaluator<'_>,
        no_slots: &SlotEnv,
    ) -> Result<bool, String> {
        let value = evaluator
            .interpret(&self.condition, no_slots)
            .map_err(|error| format!("{} cannot be evaluated: {error}", self.name))?;
        match value.value_kind() {
            ValueKind::Lit(Literal::Bool(applies)) => Ok(*applies),
            ValueKind::Lit(_)
            | ValueKind::Set(_)
            | ValueKind::Record(_)
            | ValueKind::ExtensionValue(_) => {
                Err(format!("{} is neither true nor false", self.name))
            }
        }
    }
}

// === impl Scope ===

impl Scope {
    fn of(policy: &Policy) -> Self {
        let mut is_whole = true;
        let mut other = || {
            is_whole = false;
            None
        };
        let principal = match policy.principal_constraint() {
            PrincipalConstraint::Any => None,
            PrincipalConstraint::Eq(principal) => Some(principal.as_ref().clone()),
            PrincipalConstraint::In(_)
            | PrincipalConstraint::Is(_)
            | PrincipalConstraint::IsIn(..) => other(),
        };
        let action = match policy.action_constraint() {
            ActionConstraint::Any => None,
            ActionConstraint::Eq(action) => Some(action.as_ref().clone()),
            ActionConstraint::In(_) => other(),
        };
        let resource = match policy.resource_constraint() {
            ResourceConstraint::Any => None,
            ResourceConstraint::Eq(resource) => Some(resource.as_ref().clone()),
            ResourceConstraint::In(_)
            | ResourceConstraint::Is(_)
            | ResourceConstraint::IsIn(..) => other(),
        };
        Self {
            principal,
            action,
            resource,
            is_whole,
        }
    }

    /// What is left to evaluate where this scope covers the question.
    fn rest(&self, policy: &Policy) -> Expr {
        let policy = policy.as_ref();
        match (self.is_whole, policy.non_scope_constraints()) {
            (true, Some(conditions)) => conditions.clone(),
            (true, None) => Expr::val(true),
            (false, _) => policy.condition(),
        }
    }
}

// === impl Answer ===

impl Answer {
    fn of(policy: &Policy) -> Result<Self, String> {
        let texts = |name: &str| -> Vec<String> {
            let list = policy.annotation(name).unwrap_or_default();
            list.split([',', ' '])
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let ask = policy.annotation("ask");
        let about_asking = ["reason", "roles", "quorum", "ttl_seconds"];
        match (policy.effect(), ask) {
            (Effect::Forbid, Some(_)) => Err("`@ask` is for a permit".to_owned()),
            (Effect::Forbid, None) => Ok(Self::Forbid(match policy.annotation("message") {
                Some(message) if !message.is_empty() => message.to_owned(),
                Some(_) | None => format!("the policy `{}` forbids this call", policy.id()),
            })),
            (Effect::Permit, None) => {
                let mut lonely = about_asking.iter();
                match lonely.find(|name| policy.annotation(name).is_some()) {
                    Some(name) if *name != "reason" => {
                        Err(format!("`@{name}` without `@ask` asks nobody"))
                    }
                    Some(_) | None => Ok(Self::Permit),
                }
            }
            (Effect::Permit, Some(title)) => Ok(Self::Ask(Ask {
                title: match title {
                    "" => "a call needs approval".to_owned(),
                    _ => title.to_owned(),
                },
                reason: policy.annotation("reason").map(str::to_owned),
                approvers: Approvers {
                    roles: texts("roles"),
                    quorum: number(policy, "quorum")?,
                    ttl_seconds: number(policy, "ttl_seconds")?,
                },
            })),
        }
    }
}

fn number<N: std::str::FromStr + PartialOrd + From<u8>>(
    policy: &Policy,
    name: &str,
) -> Result<Option<N>, String> {
    let Some(text) = policy.annotation(name) else {
        return Ok(None);
    };
    match text.parse() {
        Ok(number) if number >= N::from(1) => Ok(Some(number)),
        Ok(_) | Err(_) => Err(format!("`@{name}(\"{text}\")` is not a number from 1")),
    }
}
