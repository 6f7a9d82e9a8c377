//! What came back, kept in full where the operator wants that.

use std::collections::BTreeSet;

use gatewright_policy::json::Document;
use gatewright_policy::record::{PayloadHead, PayloadKind};
use gatewright_policy::{Reason, Request, Response, ResponseKind};

use super::{Pending, Reviewed};
use crate::call::Kind;
use crate::payloads::PayloadStore;

impl Pending {
    /// Keeps a result as it came, if that is wanted. What cannot be kept is withheld.
    pub(super) fn keep(&mut self, response: &Response) -> Result<(), Reviewed> {
        let Some(store) = self.recorder.payloads.as_ref() else {
            return Ok(());
        };
        match &response.kind {
            ResponseKind::Final | ResponseKind::Error => {}
            // What comes on the way is not the result.
            ResponseKind::Notification(_) => return Ok(()),
        }
        let Some(masks) = self.masks(store) else {
            return Ok(());
        };
        let kept = self.keep_masked(store, &response.document, masks);
        self.kept = Some(kept.map_err(|error| {
            tracing::error!(%error, "a result is not kept in full");
            Reviewed::Withheld {
                reason: Reason::AuditUnavailable,
                message: "the result could not be kept for the record".to_owned(),
            }
        })?);
        Ok(())
    }

    fn keep_masked(
        &self,
        store: &PayloadStore,
        result: &Document,
        masks: BTreeSet<String>,
    ) -> std::io::Result<gatewright_policy::record::Kept> {
        let (text, masked) = PayloadStore::masked(result, masks)?;
        let keys = &self.recorder.keys;
        let request = self.request();
        let head = PayloadHead::of(
            keys,
            (self.id(), PayloadKind::Result),
            &request.subject,
            request.context.at,
        );
        store.keep(keys, &head, (&text, !masked.is_empty()))
    }

    /// What is masked of the result; none where it is not kept: of a message that names
    /// several things it is kept where that is wanted of all of them.
    fn masks(&self, store: &PayloadStore) -> Option<BTreeSet<String>> {
        if self.approved.kind != Kind::Judged {
            return None;
        }
        let further = self.approved.further.iter();
        let requests = std::iter::once(&self.approved.request).chain(further);
        let mut masks = BTreeSet::new();
        for request in requests {
            let Request { action, .. } = &**request;
            masks.extend(store.wish(&action.server, &action.name)?.results?);
        }
        Some(masks)
    }
}
