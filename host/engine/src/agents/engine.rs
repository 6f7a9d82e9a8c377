//! What a listener asks of the engine about agents.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gatewright_policy::credential::CredentialError;
use gatewright_policy::credential::status::{StatusError, StatusList};
use gatewright_policy::{Grant, Stopped, Timestamp};

use super::known_list::{Fetched, ListError, ListKey, not_older};
use super::listing::{Listing, Selection};
use super::operator::{Asked, OperatorError, ask, list};
use super::view::Agents;
use crate::engine::{Engine, StartError};

/// While time stands still, status lists are fetched so often: what their issuers take back
/// is heard of all the same.
const STILL_EVERY: Duration = Duration::from_secs(30);

impl Engine {
    /// Who may go on, and which agents were seen.
    pub fn agents(&self) -> &Agents {
        self.recorder.memory.agents()
    }

    /// Keeps how old status lists may not be in a file beside this ledger, from where it is
    /// known now.
    pub(crate) fn keep_list_ages(&self, ledger: &Path) -> Result<(), StartError> {
        let kept = self.agents().statuses().keep_beside(ledger);
        kept.map_err(StartError::StatusLists)
    }

    /// Brings that file up to what is known.
    pub(crate) fn write_list_ages(&self) {
        if let Err(error) = self.agents().statuses().write() {
            tracing::error!(%error, "how old status lists may not be is not kept");
        }
    }

    /// Whether whoever has a grant may reach a tool server now. To be asked again whenever
    /// [`Agents::changes`] hears of something.
    pub fn admits(&self, grant: &Grant, server: &Arc<str>) -> Result<(), Stopped> {
        let asker = self.snapshot().asker(grant, server);
        self.agents().admits(&asker)?;
        self.agents().statuses().keeps(&grant.status)
    }

    /// The status lists that are to be fetched now (`at`, by a clock that nobody sets). By a
    /// time that stands still none becomes due: then all of them are every half a minute.
    /// `all_at`: when they were last, or when somebody began to ask.
    pub fn lists_due(&self, all_at: &mut Instant, at: Instant) -> Vec<ListKey> {
        let due = self.agents().lists_due(self.now());
        let stands_still = self.recorder.clock_behind_seconds().is_some();
        if !stands_still || at.saturating_duration_since(*all_at) < STILL_EVERY {
            return due;
        }
        *all_at = at;
        self.agents().statuses().all()
    }

    /// What came of fetching a status list. It counts where it is signed as the credentials
    /// of its issuer are, and is not older than one that any gate knew that shares the memory;
    /// where it may be for want of the newest keys that it does not, they are looked for.
    pub async fn put_status(
        &self,
        key: &ListKey,
        fetched: Result<&str, String>,
    ) -> Result<(), ListError> {
        let now = self.now();
        let list = self.as_new(key, fetched, now).await;
        self.agents().put_status(key, list, now)
    }

    async fn as_new(
        &self,
        key: &ListKey,
        fetched: Result<&str, String>,
        now: Timestamp,
    ) -> Result<Fetched, ListError> {
        let snapshot = self.snapshot();
        let list = key.verify(fetched, snapshot.anchor(&key.issuer).as_ref(), now);
        if let Err(ListError::Invalid(StatusError::BadSignature)) = &list {
            let unknown = CredentialError::UnknownKey(key.issuer.to_string());
            // The list is fetched again soon, whether the look has ended or not.
            drop(snapshot.look_for_keys(&unknown, now));
        }
        let list = list?;
        let newest = self.recorder.memory.newest_list(key, list.issued).await;
        let list = not_older(list, newest.map_err(ListError::Unsure)?)?;
        self.in_place(key, list).await
    }

    /// A list for the place of the one that is kept here: also of one that was made later, where
    /// an operator told the memory meanwhile that a wrong clock made that.
    async fn in_place(&self, key: &ListKey, list: StatusList) -> Result<Fetched, ListError> {
        let disowned = match (self.agents().statuses().issued(key), list.issued) {
            (Some(kept), Some(issued)) if issued < kept => {
                let asked = self.recorder.memory.has_disowned(key, kept, issued).await;
                asked.map_err(ListError::Unsure)?.then_some(kept)
            }
            (_, _) => None,
        };
        Ok(Fetched {
            disowned,
            ..Fetched::from(list)
        })
    }

    /// The same grant with who answers for its agent, as the registry says: policies see it.
    /// For a delegate, that is whoever answers for the agent that the issuer knows: an agent
    /// may call its delegates what it likes, also as another one is registered.
    pub fn owned(&self, mut grant: Grant) -> Grant {
        let subject = &grant.subject;
        let owner = self.agents().owner(subject.account(), &subject.issuer);
        if grant.subject.owner != owner {
            Arc::make_mut(&mut grant.subject).owner = owner;
        }
        grant
    }

    /// The agents that an operator asks to see.
    pub fn list_agents(&self, selection: &Selection) -> Listing {
        list(&self.recorder, selection)
    }

    /// Whether this is the secret that whoever may read the salt of the record can make.
    pub fn is_operator(&self, secret: &str) -> bool {
        self.recorder.keys.is_operator(secret)
    }

    /// Does what an operator asks about agents, and gives how much of it changed. Once
    /// begun it goes on, whether anybody waits for it or not.
    pub async fn ask_about_agents(&self, asked: Asked) -> Result<usize, OperatorError> {
        ask(&self.recorder, asked).await
    }
}
