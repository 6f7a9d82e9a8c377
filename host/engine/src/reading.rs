//! What policies read of the budgets of their binding: what one lacks is looked up, and it
//! is asked again, from the beginning.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gatewright_policy::record::KeptBudget;
use gatewright_policy::{BudgetRead, Context, Fault, NoBudget, Request, Timestamp};
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

/// A policy that lacks something, and its answer, which is none yet.
pub(crate) struct Lacking<'a, T> {
    pub(crate) reading: Reading<'a>,
    pub(crate) answer: Answer<T>,
    wanted: BudgetRead,
}

/// What came of asking a policy once.
pub(crate) enum Asked<'a, T> {
    /// It answered.
    Heard(Reading<'a>, Answer<T>),
    /// It is to be asked again.
    Lacks(Lacking<'a, T>),
}

/// Tells each of them what it lacks, with one look at what the gate remembers.
pub(crate) async fn tell_all<T>(
    lacking: &mut [Lacking<'_, T>],
    recorder: &Recorder,
    at: Timestamp,
) -> Result<(), Fault> {
    let wanted = lacking.iter();
    let wanted = wanted.map(|it| (it.reading.binding, &it.wanted));
    let spent = spent(wanted, recorder, at).await?;
    for (lacking, spent) in lacking.iter_mut().zip(spent) {
        lacking.wanted.spent = spent;
        lacking.reading.tell(lacking.wanted.clone());
    }
    Ok(())
}

/// What is spent of each, in their order.
async fn spent(
    wanted: impl ExactSizeIterator<Item = (&Binding, &BudgetRead)>,
    recorder: &Recorder,
    at: Timestamp,
) -> Result<Vec<u64>, Fault> {
    let quota = |(binding, read): (&Binding, &BudgetRead)| {
        (binding.name.to_string(), recorder.keys.quota(&read.quota()))
    };
    let budgets: Vec<_> = wanted.map(quota).collect();
    let unread = || Fault::GaveUp("what is spent of a budget cannot be read".to_owned());
    let spent = recorder.memory.spent(&budgets, at).await;
    let spent = spent.map_err(|error| {
        tracing::error!(%error, "what is spent of a budget cannot be read");
        unread()
    })?;
    match spent.len() == budgets.len() {
        true => Ok(spent),
        false => Err(unread()),
    }
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

    /// Who is asked.
    pub(crate) const fn binding(&self) -> &'a Binding {
        self.binding
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
        let Some(wanted) = self.lacks(&mut answer) else {
            return Some(answer);
        };
        match self.look_up(wanted, spending).await {
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

    /// The same for a policy that is one of many, which are told together.
    pub(crate) fn asked<T>(self, mut answer: Answer<T>) -> Asked<'a, T> {
        match self.lacks(&mut answer) {
            Some(wanted) => Asked::Lacks(Lacking {
                reading: self,
                answer,
                wanted,
            }),
            None => Asked::Heard(self, answer),
        }
    }

    /// What it was told.
    pub(crate) fn read(&self) -> &[BudgetRead] {
        &self.request.context.budgets
    }

    /// What it has to be told before it answers. What nobody can tell it is its fault.
    fn lacks<T>(&self, answer: &mut Answer<T>) -> Option<BudgetRead> {
        let Unread { budget, key } = answer.unread.take()?;
        let Some(window) = self.binding.budgets.get(&budget) else {
            answer.result = Err(Fault::BadOutput(NoBudget(budget).to_string()));
            return None;
        };
        Some(BudgetRead {
            budget,
            key,
            limit: window.limit,
            window_seconds: window.window_seconds,
            spent: 0,
        })
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
        mut wanted: BudgetRead,
        spending: &Spending<'_>,
    ) -> Result<BudgetRead, Fault> {
        wanted.spent = match spending {
            Spending::Now(recorder) => {
                let one = std::iter::once((self.binding, &wanted));
                let spent = spent(one, recorder, self.request.context.at).await?;
                // Of the one that was asked for.
                spent.into_iter().sum()
            }
            Spending::Then { read, lacks } => {
                let same = |kept: &&KeptBudget| {
                    kept.binding == *self.binding.name
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
