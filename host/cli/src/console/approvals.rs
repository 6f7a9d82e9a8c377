//! The held calls, as the engine keeps them, for the console.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gatewright_console::{
    Accounts, Approval, Approvals, ApprovalsError, Approver, Assertion, Choice, NotTaken, Page,
    Right, Stand, Statement, Subject, Voted,
};
use gatewright_engine::{Engine, Shown};
use gatewright_policy::{Digest, approval};
use tokio::sync::watch;

/// An engine that takes decisions.
pub(super) struct EngineApprovals(Arc<Engine>);

impl EngineApprovals {
    pub(super) fn new(engine: Arc<Engine>) -> Self {
        Self(engine)
    }
}

/// How the engine looks up what an account is when a grant is used to which it agreed:
/// none where it is gone, may not approve any more, lost the passkey, or is of people for whom
/// another identity provider vouched than people sign in at now.
pub(super) fn roles_of(
    accounts: Arc<Accounts>,
    issuer: Option<String>,
) -> gatewright_engine::Accounts {
    Arc::new(move |name, credential| {
        let account = accounts.find(name)?;
        let vouches = |subject: &Subject| issuer.as_ref() == Some(&subject.issuer);
        if !account.subject.as_ref().is_none_or(vouches) {
            return None;
        }
        let is_its = |id: &[u8]| STANDARD.encode(id) == credential;
        let has = account.passkeys.iter().any(|passkey| is_its(&passkey.id));
        (has && account.may(Right::Approve)).then_some(account.roles)
    })
}

impl Approvals for EngineApprovals {
    fn waiting<'a>(
        &'a self,
        by: &'a Approver,
        after: Option<&'a str>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Page, ApprovalsError>> {
        let by = approver(by);
        async move {
            let page = self.0.approvals(&by, after, limit).await;
            let page = page.map_err(|error| ApprovalsError(error.to_string()))?;
            Ok(Page {
                approvals: page.approvals.into_iter().map(shown).collect(),
                next: page.next,
            })
        }
        .boxed()
    }

    fn find<'a>(
        &'a self,
        by: &'a Approver,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Approval>, ApprovalsError>> {
        let by = approver(by);
        async move {
            let found = self.0.approval(&by, id).await;
            let found = found.map_err(|error| ApprovalsError(error.to_string()))?;
            Ok(found.map(shown))
        }
        .boxed()
    }

    fn challenge(&self, statement: &Statement) -> Digest {
        signed_by_engine(statement.clone()).challenge()
    }

    fn decide<'a>(
        &'a self,
        by: &'a Approver,
        statement: Statement,
        assertion: Assertion,
    ) -> BoxFuture<'a, Result<Stand, NotTaken>> {
        let by = approver(by);
        let signed = approval::Signed {
            statement: signed_by_engine(statement),
            signature: approval::Signature::Webauthn {
                credential: STANDARD.encode(assertion.id),
                authenticator_data: STANDARD.encode(assertion.authenticator_data),
                client_data: STANDARD.encode(assertion.client_data),
                signature: STANDARD.encode(assertion.signature),
            },
        };
        async move {
            match self.0.decide_as(&by, signed).await {
                Ok(at) => Ok(stand(at)),
                Err(refused) => Err(NotTaken {
                    code: refused.code(),
                    message: refused.to_string(),
                }),
            }
        }
        .boxed()
    }

    fn changed(&self) -> watch::Receiver<u64> {
        self.0.approvals_changed()
    }
}

fn approver(by: &Approver) -> approval::Approver {
    approval::Approver {
        name: by.name.clone(),
        roles: by.roles.clone(),
    }
}

fn signed_by_engine(statement: Statement) -> approval::Statement {
    approval::Statement {
        actions: statement.actions,
        approver: statement.approver,
        at: statement.at,
        choice: match statement.choice {
            Choice::Approve => approval::Choice::Approve,
            Choice::Reject => approval::Choice::Reject,
        },
        held: statement.held,
        reason: statement.reason,
        shown: statement.shown,
        version: approval::STATEMENT_VERSION,
    }
}

fn shown(shown: Shown) -> Approval {
    let votes = shown.votes.into_iter().map(|vote| Voted {
        by: vote.signed.statement.approver,
        choice: match vote.signed.statement.choice {
            approval::Choice::Approve => Choice::Approve,
            approval::Choice::Reject => Choice::Reject,
        },
        reason: vote.signed.statement.reason,
        at: vote.at,
    });
    Approval {
        votes: votes.collect(),
        id: shown.id,
        received_at: shown.received_at,
        decide_by: shown.decide_by,
        agent: shown.agent,
        issuer: shown.issuer,
        principal: shown.principal,
        delegation: shown.delegation,
        server: shown.server,
        method: shown.method,
        names: shown.names,
        actions: shown.actions,
        asks: shown.asks,
        allowed: shown.allowed,
        stand: stand(shown.stand),
        text: shown.text,
        shown: shown.digest,
    }
}

const fn stand(stand: approval::Stand) -> Stand {
    match stand {
        approval::Stand::Requested => Stand::Requested,
        approval::Stand::Granted { use_by, .. } => Stand::Granted { use_by },
        approval::Stand::Rejected { .. } => Stand::Rejected,
        approval::Stand::Expired => Stand::Expired,
        approval::Stand::Consumed { .. } => Stand::Used,
        approval::Stand::Void { .. } => Stand::Void,
    }
}
