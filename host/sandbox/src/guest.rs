//! A component that is ready to be called.

use std::fmt;
use std::sync::Arc;

use gatewright_policy::{Digest, Fault, Opinion, Report, Request, Response, Revision, Subject};
use wasmtime::component::Instance;

use crate::answer::{Answer, Log, LogLine};
use crate::call::Call;
use crate::contract::{Contract, Description, SettingsError, World};
use crate::fault::detail;
use crate::lane::Unanswered;
use crate::limits::Limits;
use crate::machine::Machine;
use crate::program::Program;
use crate::reads::Reads;
use crate::state::CallSubject;

/// A checked, configured and compiled policy. Cheap to clone; calls may run at
/// the same time, each in an instance of its own.
#[derive(Clone)]
pub struct Guest(Arc<Loaded>);

/// What [`Guest`] shares.
pub(crate) struct Loaded {
    pub(crate) machine: Arc<Machine>,
    pub(crate) digest: Digest,
    pub(crate) world: World,
    pub(crate) contract: Contract,
    pub(crate) description: Option<Description>,
    pub(crate) limits: Limits,
    pub(crate) program: Arc<Program>,
    pub(crate) configured: Configured,
    pub(crate) configure_log: Vec<LogLine>,
}

/// When `configure` runs.
pub(crate) enum Configured {
    /// It ran once: calls start from a snapshot of what it left.
    Before,
    /// In every call, within its limits: no snapshot could be taken.
    InCalls(String),
    /// In every call, before its limits begin.
    BeforeCalls(String),
}

// === impl Guest ===

impl Guest {
    pub(crate) fn new(loaded: Loaded) -> Self {
        Self(Arc::new(loaded))
    }

    /// Asks a judge about a call.
    pub async fn judge(&self, request: &Arc<Request>) -> Answer<Opinion> {
        let (loaded, request) = (Arc::clone(&self.0), Arc::clone(request));
        let (caller, limits) = (Arc::clone(&request.subject), loaded.limits);
        self.run(&caller, limits, async move {
            let mut call = loaded.call(limits);
            let result = match loaded.start(&mut call, &request, None, limits).await {
                Ok(instance) => {
                    let entry = &loaded.program.entry;
                    entry.judge(&mut call.store, &instance, &request).await
                }
                Err(error) => Err(error),
            };
            call.answer(result)
        })
        .await
    }

    /// Asks an editor for changes to the arguments.
    pub async fn revise(&self, request: &Arc<Request>) -> Answer<Revision> {
        let (loaded, request) = (Arc::clone(&self.0), Arc::clone(request));
        let (caller, limits) = (Arc::clone(&request.subject), loaded.limits);
        self.run(&caller, limits, async move {
            let mut call = loaded.call(limits);
            let result = match loaded.start(&mut call, &request, None, limits).await {
                Ok(instance) => {
                    let entry = &loaded.program.entry;
                    entry.revise(&mut call.store, &instance, &request).await
                }
                Err(error) => Err(error),
            };
            call.answer(result)
        })
        .await
    }

    /// Asks a reviewer about what came back.
    pub async fn review(&self, request: &Arc<Request>, response: &Response) -> Answer<Report> {
        let (loaded, request) = (Arc::clone(&self.0), Arc::clone(request));
        let limits = loaded.limits.for_result(response.document.text().len());
        let response = Some(response.clone());
        let caller = Arc::clone(&request.subject);
        self.run(&caller, limits, async move {
            let mut call = loaded.call(limits);
            let result = match loaded.start(&mut call, &request, response, limits).await {
                Ok(instance) => {
                    let entry = &loaded.program.entry;
                    entry.review(&mut call.store, &instance, &request).await
                }
                Err(error) => Err(error),
            };
            call.answer(result)
        })
        .await
    }

    /// What it asks about on its way to an answer, in its world. The same question once
    /// more: a guest has no other way to be told.
    pub async fn reads(&self, request: &Arc<Request>, response: Option<&Response>) -> Reads {
        let (loaded, request) = (Arc::clone(&self.0), Arc::clone(request));
        let limits = response.map_or(loaded.limits, |response| {
            loaded.limits.for_result(response.document.text().len())
        });
        let response = response.cloned();
        let caller = Arc::clone(&request.subject);
        let answer = self.run(&caller, limits, async move {
            let mut call = loaded.call(limits);
            call.store.data_mut().reads = Some(Box::default());
            // What it answers is not asked here, nor why it does not.
            if let Ok(instance) = loaded.start(&mut call, &request, response, limits).await {
                let (entry, store) = (&loaded.program.entry, &mut call.store);
                let asked = match loaded.world {
                    World::Policy => entry.judge(store, &instance, &request).await.map(drop),
                    World::Editor => entry.revise(store, &instance, &request).await.map(drop),
                    World::Reviewer => entry.review(store, &instance, &request).await.map(drop),
                };
                let _answered = asked.is_ok();
            }
            let reads = call.store.data_mut().reads.take().unwrap_or_default();
            call.answer(Ok(*reads))
        });
        let mut reads = answer.await.result.unwrap_or_default();
        if self.contract() == Contract::V0_1 {
            // It is handed over as a whole.
            reads.push("request".to_owned(), None);
        }
        reads
    }

    /// One call: its first turn on this thread, further ones in the slow lane.
    async fn run<T: Send + 'static>(
        &self,
        caller: &Arc<Subject>,
        limits: Limits,
        call: impl Future<Output = Answer<T>> + Send + 'static,
    ) -> Answer<T> {
        let Loaded { machine, .. } = &*self.0;
        let (deadline, data_bytes) = match &self.0.configured {
            Configured::Before | Configured::InCalls(_) => {
                (limits.deadline, self.0.program.data_bytes())
            }
            Configured::BeforeCalls(settings) => {
                let before = limits.for_configure(settings.len()).deadline;
                let deadline = limits.deadline.saturating_add(before);
                (deadline, limits.data_bytes(settings.len()))
            }
        };
        let who = (caller, data_bytes);
        let answered = machine.lane.run(who, deadline, call).await;
        answered.unwrap_or_else(|unanswered| Answer {
            result: Err(match unanswered {
                Unanswered::Overdue => Fault::TimedOut,
                Unanswered::Crowded => Fault::NoInstance,
                Unanswered::Broken => Fault::Trapped("the host broke off".to_owned()),
            }),
            fuel: limits.fuel,
            log: Vec::new(),
            log_dropped: 0,
            unread: None,
        })
    }

    /// BLAKE3 of the component as it was loaded.
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    /// What it is for.
    pub fn world(&self) -> World {
        self.0.world
    }

    /// The version of the contract that it was built against.
    pub fn contract(&self) -> Contract {
        self.0.contract
    }

    /// What it says about itself; none where its contract does not let it say.
    pub fn description(&self) -> Option<&Description> {
        self.0.description.as_ref()
    }

    /// What each call may use.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Whether calls start from a snapshot taken after `configure`. Where not,
    /// every call runs `configure` first, within its own limits.
    pub fn is_snapshotted(&self) -> bool {
        matches!(self.0.configured, Configured::Before)
    }

    /// What the guest logged while it was configured.
    pub fn configure_log(&self) -> &[LogLine] {
        &self.0.configure_log
    }
}

// === impl Loaded ===

impl Loaded {
    fn call(&self, limits: Limits) -> Call<'_> {
        let limits = match &self.configured {
            Configured::Before | Configured::InCalls(_) => self.program.limits(limits),
            Configured::BeforeCalls(settings) => limits.for_configure(settings.len()),
        };
        Call::new(&self.machine, limits)
    }

    /// A fresh, configured instance that sees the request.
    async fn start(
        &self,
        call: &mut Call<'_>,
        request: &Arc<Request>,
        response: Option<Response>,
        limits: Limits,
    ) -> wasmtime::Result<Instance> {
        let instance = self
            .program
            .instance_pre
            .instantiate_async(&mut call.store)
            .await?;
        if let Configured::InCalls(settings) | Configured::BeforeCalls(settings) = &self.configured
        {
            let entry = &self.program.entry;
            let configured = entry.configure(&mut call.store, &instance, settings);
            let refused = |error: SettingsError| Fault::GaveUp(detail(error.to_string()));
            configured.await?.map_err(refused)?;
            // Its lines were shown when the guest was loaded.
            call.store.data_mut().log = Log::default();
        }
        if let Configured::BeforeCalls(_) = &self.configured {
            call.begin(limits);
        }
        call.store.data_mut().subject = Some(CallSubject {
            request: Arc::clone(request),
            response,
        });
        Ok(instance)
    }
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guest")
            .field("digest", &self.digest())
            .field("world", &self.world())
            .field("snapshotted", &self.is_snapshotted())
            .finish_non_exhaustive()
    }
}
