//! Calls with which labels come off, once people approved them.

use gatewright_sdk::{Ask, Pattern};
use serde::Deserialize;

use crate::approval::Approval;
use crate::sink::Call;

/// Calls with which labels come off.
#[derive(Clone, Debug)]
pub(crate) struct Declassify {
    servers: Vec<Pattern>,
    tools: Vec<Pattern>,
    pub(crate) labels: Vec<String>,
    approval: Approval,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct WrittenDeclassify {
    #[serde(default)]
    servers: Vec<Pattern>,
    tools: Vec<Pattern>,
    labels: Vec<String>,
    roles: Option<Vec<String>>,
    quorum: Option<u8>,
    ttl_seconds: Option<u32>,
}

impl Declassify {
    /// Checks what the operator wrote.
    pub(crate) fn read(written: WrittenDeclassify, approval: &Approval) -> Result<Self, String> {
        if written.tools.is_empty() {
            return Err("`tools` is empty; hint: name the call that people approve".to_owned());
        }
        if written.labels.is_empty() {
            return Err("`labels` is empty: nothing would come off".to_owned());
        }
        let approval = approval.with(written.roles, written.quorum, written.ttl_seconds);
        approval.check()?;
        Ok(Self {
            servers: written.servers,
            tools: written.tools,
            labels: written.labels,
            approval,
        })
    }

    /// Whether a call takes something off that the session carries.
    pub(crate) fn is_by(&self, call: &Call, carried: &[String]) -> bool {
        call.is_of(&self.servers, &self.tools) && !self.takes_off(carried).is_empty()
    }

    pub(crate) fn takes_off(&self, carried: &[String]) -> Vec<String> {
        let off = carried.iter().filter(|label| self.labels.contains(label));
        off.cloned().collect()
    }

    pub(crate) fn question(&self, call: &Call, labels: &[String]) -> Ask {
        let labels = labels.join(", ");
        let title = format!("Take off {labels} with `{}`", call.name);
        let reason = format!(
            "With this call of `{}` on `{}` the session no longer counts as one that has read {labels} data.",
            call.name, call.server
        );
        self.approval.question(title, reason)
    }
}
