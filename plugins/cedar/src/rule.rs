//! The policies, ready to be evaluated: each with its condition worked out and
//! its annotations read.

use cedar_policy::{
    ActionConstraint, Effect, Policy, PolicySet, PrincipalConstraint, ResourceConstraint,
};
use cedar_policy_core::ast::{EntityUID, Expr, Literal, SlotEnv, ValueKind};
use cedar_policy_core::evaluator::Evaluator;
use gatewright_sdk::{Ask, Denial, Refusal};

use crate::annotation::{self, ABOUT_ASKING};
use crate::foreign::Known;
use crate::owed::{OWING, Owed, number, pointers, texts, words};
use crate::reached;
use crate::source::{Source, place_of, source_of};

/// Longest id of a rule in a note, and longest text there, in bytes.
const ID_BYTES_MAX: usize = 128;

/// A policy. Cedar would put scope and conditions together for every request.
#[derive(Debug)]
pub(crate) struct Rule {
    /// `@id`, or `policy0` and so on.
    pub(crate) id: String,
    /// What messages for the operator begin with.
    name: String,
    pub(crate) answer: Answer,
    pub(crate) owed: Vec<Owed>,
    scope: Scope,
    condition: Expr,
    /// What a link puts into its template.
    slots: SlotEnv,
    /// The entities that the condition names.
    pub(crate) named: Vec<EntityUID>,
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
    Forbid(Denial),
    Permit,
    /// A permit that a person must agree with. The reason may be empty.
    Ask(Ask),
    /// A permit that only owes what it says, and leaves the verdict to others.
    Abstain,
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
            annotation::check(policy).map_err(|error| format!("{name}: {error}"))?;
            let scope = Scope::of(policy);
            let owed = Owed::of(policy).map_err(|error| format!("{name}: {error}"))?;
            let id = policy.id().to_string();
            if id.len() > ID_BYTES_MAX {
                return Err(format!("{name}: `@id` is longer than {ID_BYTES_MAX} bytes"));
            }
            let condition = scope.rest(policy);
            let slots = policy.as_ref().env().clone();
            Ok(Rule {
                named: reached::named(&condition, &slots),
                answer: Answer::of(policy, &owed).map_err(|error| format!("{name}: {error}"))?,
                owed,
                id,
                condition,
                scope,
                name,
                slots,
            })
        })
        .collect()
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
    pub(crate) fn applies(&self, evaluator: &Evaluator<'_>) -> Result<bool, String> {
        let value = evaluator
            .interpret(&self.condition, &self.slots)
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
    fn of(policy: &Policy, owed: &[Owed]) -> Result<Self, String> {
        let has = |name: &&&str| policy.annotation(name).is_some();
        let asks = policy.annotation("ask");
        let abstains = policy.annotation("abstain").is_some();
        let about_asking = || ABOUT_ASKING.iter().chain(&["reason"]);
        if let (None, Some(name)) = (asks, about_asking().find(has)) {
            return Err(format!("`@{name}` without `@ask` asks nobody"));
        }
        match policy.effect() {
            Effect::Forbid => {
                if let Some(name) = ["ask", "abstain"].iter().chain(&OWING).find(has) {
                    return Err(format!("`@{name}` is for a permit"));
                }
                Ok(Self::Forbid(denial(policy)?))
            }
            Effect::Permit => {
                if let Some(name) = ["message", "refusal", "scopes"].iter().find(has) {
                    return Err(format!("`@{name}` is for a forbid"));
                }
                match (asks, abstains) {
                    (Some(_), true) => Err("`@abstain` and `@ask` are both there".to_owned()),
                    (None, true) if owed.is_empty() => {
                        Err("`@abstain` without anything that is owed says nothing".to_owned())
                    }
                    (None, true) => Ok(Self::Abstain),
                    (None, false) => Ok(Self::Permit),
                    (Some(title), false) => Ok(Self::Ask(ask(policy, title)?)),
                }
            }
        }
    }
}

fn denial(policy: &Policy) -> Result<Denial, String> {
    let message = match policy.annotation("message") {
        Some(message) if !message.is_empty() => message.to_owned(),
        Some(_) | None => format!("the policy `{}` forbids this call", policy.id()),
    };
    let scopes = words(policy, "scopes")?.unwrap_or_default();
    let refusal = match policy.annotation("refusal") {
        None | Some("forbidden") => Refusal::Forbidden,
        Some("insufficient-scope") => Refusal::InsufficientScope,
        Some("invalid-arguments") => Refusal::InvalidArguments,
        Some("unsafe-context") => Refusal::UnsafeContext,
        Some(other) => {
            return Err(format!(
                "`@refusal(\"{other}\")` is none of `forbidden`, `insufficient-scope`, `invalid-arguments` and `unsafe-context`"
            ));
        }
    };
    if !scopes.is_empty() && refusal != Refusal::InsufficientScope {
        return Err("`@scopes` goes with `@refusal(\"insufficient-scope\")`".to_owned());
    }
    Ok(Denial {
        refusal,
        message,
        scopes,
    })
}

fn ask(policy: &Policy, title: &str) -> Result<Ask, String> {
    let title = match title {
        "" => "a call needs approval",
        _ => title,
    };
    let asked = Ask::new(title, policy.annotation("reason").unwrap_or_default());
    let use_within = number(policy, "use_within_seconds")?;
    // The name that it once had.
    let ttl = number(policy, "ttl_seconds")?;
    if use_within.is_some() && ttl.is_some() {
        return Err("`@ttl_seconds` and `@use_within_seconds` are both there".to_owned());
    }
    let use_within = use_within.or(ttl);
    let ask = Ask {
        show: pointers(policy, "show")?.unwrap_or_default(),
        // A role may be of several words.
        roles: texts(policy, "roles")?.unwrap_or_default(),
        quorum: number(policy, "quorum")?.unwrap_or(asked.quorum),
        exclude_requester: policy.annotation("exclude_requester").is_some(),
        exclude: words(policy, "exclude")?.unwrap_or_default(),
        decide_within_seconds: number(policy, "decide_within_seconds")?
            .unwrap_or(asked.decide_within_seconds),
        use_within_seconds: use_within.unwrap_or(asked.use_within_seconds),
        ..asked
    };
    ask.check()?;
    Ok(ask)
}
