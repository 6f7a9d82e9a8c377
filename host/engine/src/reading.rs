//! What policies read of the budgets of their binding: what one lacks is looked up, and it
//! is asked again, from the beginning.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gatewright_policy::record::KeptBudget;
use gatewright_policy::{BudgetRead, Context, Fault, NoBudget, Request};
use gatewright_sandbox::{Answer, Unread};

use crate::binding::Binding;
use crate::recorder::Recorder;

/// Where it is known what is spent.
pub(crate) enum Spending<'a> {
    /// In what the gate remembers.
    Now(&'a Recorder),
    /// In what was read when the call was recorded.
    Then {
        read: &'a [KeptBudget],
        /// Somebody wants to know more than was read then.
        lacks: &'a AtomicBool,
    },
}

/// A policy that is asked, with what it was told of budgets.
pub(crate) struct Reading<'a> {
    binding: &'a Binding,
    request: Arc<Request>,
}

// === impl Reading ===

impl<'a> Reading<'a> {
    /// It was told nothing yet.
    pub(crate) fn new(binding: &'a Binding, request: &Arc<Request>) -> Self {
        Self {
            binding,
            request: Arc::clone(request),
        }
    }

    /// What it is to be asked.
    pub(crate) const fn request(&self) -> &Arc<Request> {
        &self.request
    }

    /// The answer; none where the policy is to be asked again, with what it lacked.
    pub(crate) async fn heard<T>(
        &mut self,
        mut answer: Answer<T>,
        spending: &Spending<'_>,
    ) -> Option<Answer<T>> {
        let Some(unread) = answer.unread.take() else {
            return Some(answer);
        };
        match self.look_up(unread, spending).await {
            Ok(read) => {
                self.tell(read);
                None
            }
            Err(fault) => {
                answer.result = Err(fault);
                Some(answer)
            }
        }
    }

    /// What it was told.
    pub(crate) fn read(&self) -> &[BudgetRead] {
        &self.request.context.budgets
    }

    fn tell(&mut self, read: BudgetRead) {
        let request = Request::clone(&self.request);
        let mut budgets = request.context.budgets;
        budgets.push(read);
        self.request = Arc::new(Request {
            context: Context {
                budgets,
                ..request.context
            },
            ..request
        });
    }

    async fn look_up(
        &self,
        Unread { budget, key }: Unread,
        spending: &Spending<'_>,
    ) -> Result<BudgetRead, Fault> {
        let binding = &self.binding.name;
        let Some(window) = self.binding.budgets.get(&budget) else {
            return Err(Fault::BadOutput(NoBudget(budget).to_string()));
        };
        let mut wanted = BudgetRead {
            budget,
            key,
            limit: window.limit,
            window_seconds: window.window_seconds,
            spent: 0,
        };
        wanted.spent = match spending {
            Spending::Now(recorder) => {
                let quota = recorder.keys.quota(&wanted.quota());
                let at = self.request.context.at;
                let spent = recorder.memory.spent(binding, &quota, at).await;
                spent.map_err(|error| {
                    tracing::error!(%binding, %error, "what is spent of a budget cannot be read");
                    Fault::GaveUp("what is spent of a budget cannot be read".to_owned())
                })?
            }
            Spending::Then { read, lacks } => {
                let same = |kept: &&KeptBudget| {
                    kept.binding == **binding
                        && kept.read.is_of(&wanted.budget, &wanted.key)
                        && kept.read.window_seconds == wanted.window_seconds
                };
                let found = read.iter().find(same).map(|kept| kept.read.spent);
                found.ok_or_else(|| {
                    lacks.store(true, Ordering::Relaxed);
                    Fault::GaveUp("it reads a budget that nobody read then".to_owned())
                })?
            }
        };
        Ok(wanted)
    }
}
