//! What a listener or a console asks of the engine about approvals.

use gatewright_policy::approval::{Approver, NotTaken, Signed, Stand};
use tokio::sync::{mpsc, watch};

use super::approvers::Accounts;
use super::decide;
use super::found::Found;
use super::news::News;
use super::show::{ApprovalPage, Shown, page};
use crate::engine::Engine;
use crate::held::HeldError;
use crate::memory::HeldLook;

impl Engine {
    /// Calls on which this approver may decide by role, in the order of their ids, which
    /// is that of their age, after an id. At most so many are looked at, and never more
    /// than [`PAGE_MAX`](super::PAGE_MAX).
    pub async fn approvals(
        &self,
        approver: &Approver,
        after: Option<&str>,
        count_max: usize,
    ) -> Result<ApprovalPage, HeldError> {
        let snapshot = self.snapshot();
        page(
            (&self.recorder, &snapshot.approvers),
            Some(approver),
            after.unwrap_or_default(),
            count_max,
        )
        .await
    }

    /// One of them; none where there is none of this id, its time is over, or the
    /// approver has no role for it.
    pub async fn approval(
        &self,
        approver: &Approver,
        id: &str,
    ) -> Result<Option<Shown>, HeldError> {
        let now = self.now();
        let found = Found::by_id(&self.recorder, id, now).await?;
        let found = found.filter(|found| found.is_for(approver));
        let snapshot = self.snapshot();
        let approvers = &snapshot.approvers;
        Ok(found.map(|found| Shown::of((&self.recorder, approvers), found, now)))
    }

    /// Where a request stands, for whoever waits for it; none where there is none, or
    /// none any more.
    pub async fn approval_stand(&self, id: &str) -> Result<Option<Stand>, HeldError> {
        let now = self.now();
        let found = Found::by_id(&self.recorder, id, now).await?;
        let snapshot = self.snapshot();
        let approvers = &snapshot.approvers;
        Ok(found.map(|found| found.stand(approvers, now)))
    }

    /// The same in short, for whoever asks again and again; none where nothing of it counts
    /// any more.
    pub async fn approval_look(&self, id: &str) -> Result<Option<HeldLook>, HeldError> {
        Ok(self.recorder.memory.look(id, self.now()).await?)
    }

    /// Whether other gates may decide too: [`Engine::approvals_changed`] does not tell then.
    pub fn approvals_elsewhere(&self) -> bool {
        self.recorder.memory.place().is_some()
    }

    /// Takes a decision that is signed with a key of a configured approver: checks and
    /// records it, and wakes who waits for it. It is taken or not even where nobody
    /// waits for the answer any more.
    pub async fn decide(&self, signed: Signed) -> Result<Stand, NotTaken> {
        let (recorder, snapshot) = (self.recorder.clone(), self.snapshot());
        let taking = tokio::spawn(decide::decide(recorder, snapshot, signed));
        taking.await.unwrap_or(Err(NotTaken::NotRecorded))
    }

    /// The same for an account whose signature the caller has verified: of a passkey its
    /// assertion, with the challenge of the statement. Everything else is checked here.
    pub async fn decide_as(&self, approver: &Approver, signed: Signed) -> Result<Stand, NotTaken> {
        let (recorder, snapshot) = (self.recorder.clone(), self.snapshot());
        let taking = decide::decide_as(recorder, snapshot, approver.clone(), signed);
        let taking = tokio::spawn(taking);
        taking.await.unwrap_or(Err(NotTaken::NotRecorded))
    }

    /// The configured approver with this did:key.
    pub fn approver(&self, key: &str) -> Option<Approver> {
        self.snapshot().approvers.of_key(key).cloned()
    }

    /// Says how the roles of an account are looked up when a grant is used to which its
    /// passkey agreed. Without it such votes do not count. Once, before anybody is served:
    /// false where it was said before.
    pub fn set_accounts(&self, accounts: Accounts) -> bool {
        self.recorder.accounts.set(accounts).is_ok()
    }

    /// A held call as everybody may see it who is told of it; none where there is none of
    /// this id any more.
    pub async fn approval_told(&self, id: &str) -> Result<Option<Shown>, HeldError> {
        let now = self.now();
        let found = Found::by_id(&self.recorder, id, now).await?;
        let snapshot = self.snapshot();
        let approvers = &snapshot.approvers;
        Ok(found.map(|found| Shown::of((&self.recorder, approvers), found, now)))
    }

    /// Some of all held calls, for whoever tells people of them; as [`Engine::approvals`].
    pub async fn approvals_told(
        &self,
        after: &str,
        count_max: usize,
    ) -> Result<ApprovalPage, HeldError> {
        let snapshot = self.snapshot();
        page(
            (&self.recorder, &snapshot.approvers),
            None,
            after,
            count_max,
        )
        .await
    }

    /// From now on, what becomes of held calls at this gate, so many of them unheard at the
    /// most; none where somebody listens already.
    pub fn approval_news(&self, unheard_max: usize) -> Option<mpsc::Receiver<News>> {
        let (tells, news) = mpsc::channel(unheard_max);
        self.recorder.news.set(tells).ok().map(|()| news)
    }

    /// Changes whenever something became of a held call at this gate. Other gates on the
    /// same memory do not show in it.
    pub fn approvals_changed(&self) -> watch::Receiver<u64> {
        self.recorder.approvals.subscribe()
    }
}
