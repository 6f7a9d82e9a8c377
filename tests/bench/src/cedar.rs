//! Cedar as a peer: policies parsed once, the context built from the JSON text of
//! each call.

use anyhow::Result;
use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityId, EntityTypeName, EntityUid, PolicySet,
    Request,
};

use crate::rule::{self, Sample, TOOL};

pub(crate) struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    user: EntityTypeName,
    action: EntityUid,
    tool: EntityTypeName,
}

impl Cedar {
    pub(crate) fn new(rules: usize) -> Result<Self> {
        Ok(Self {
            authorizer: Authorizer::new(),
            policies: rule::cedar(rules).parse()?,
            entities: Entities::empty(),
            user: "User".parse()?,
            action: "Action::\"call\"".parse()?,
            tool: "Tool".parse()?,
        })
    }

    pub(crate) fn allows(&mut self, sample: &Sample) -> Result<bool> {
        let context = Context::from_json_str(&sample.arguments, None)?;
        let entity = |kind: &EntityTypeName, id: &str| {
            EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
        };
        let request = Request::new(
            entity(&self.user, "alice"),
            self.action.clone(),
            entity(&self.tool, TOOL),
            context,
            None,
        )?;
        let response = self
            .authorizer
            .is_authorized(&request, &self.policies, &self.entities);
        Ok(response.decision() == Decision::Allow)
    }
}
