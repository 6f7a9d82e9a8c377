//! One call: a store that lives as long as the call.

use std::time::Duration;

use gatewright_policy::Fault;
use wasmtime::Store;

use crate::answer::{Answer, Log};
use crate::fault::fault_of;
use crate::limits::Limits;
use crate::machine::Machine;
use crate::state::{CallState, FIRST_TICKS};
use crate::ticker::Running;

/// Fuel for one turn, a twentieth to a quarter of a millisecond: what most policies
/// need for a whole call, those in JavaScript and ten rules of Rego too. Who needs
/// more goes on in the slow lane.
const TURN_FUEL: u64 = 500_000;

/// One call in flight.
pub(crate) struct Call<'a> {
    pub(crate) store: Store<CallState>,
    limits: Limits,
    _running: Running<'a>,
}

// === impl Call ===

impl<'a> Call<'a> {
    /// A store with these limits. Whoever polls the call holds it to its deadline.
    pub(crate) fn new(machine: &'a Machine, limits: Limits) -> Self {
        let mut store = Store::new(&machine.engine, CallState::new(&limits));
        store.limiter(|state| &mut state.memory);
        store.set_hostcall_fuel(limits.output_bytes);
        store.set_epoch_deadline(FIRST_TICKS);
        store.epoch_deadline_callback(|mut store| Ok(store.data_mut().end_of_turn()));
        let yields = store.fuel_async_yield_interval(Some(TURN_FUEL));
        // As below: without fuel no guest runs.
        debug_assert!(yields.is_ok());
        let mut call = Self {
            store,
            limits,
            _running: machine.ticker.running(),
        };
        call.refuel();
        call
    }

    /// How long the call may run.
    pub(crate) const fn deadline(&self) -> Duration {
        self.limits.deadline
    }

    /// What it may use.
    pub(crate) const fn limits(&self) -> Limits {
        self.limits
    }

    fn refuel(&mut self) {
        let filled = self.store.set_fuel(self.limits.fuel);
        // Fails only in an engine without fuel. If it did, the tank would stay
        // empty and no guest would run.
        debug_assert!(filled.is_ok());
    }

    /// Why a step of the call failed.
    pub(crate) fn fault(&self, error: &wasmtime::Error) -> Fault {
        fault_of(error, self.store.data().memory.exceeded)
    }

    /// What it may use from here on, whatever it used until now.
    pub(crate) fn begin(&mut self, limits: Limits) {
        self.limits = limits;
        self.store.set_hostcall_fuel(limits.output_bytes);
        self.refuel();
    }

    /// Lets the host read the whole of the guest's state, once it has run.
    pub(crate) fn unlimit_reading(&mut self) {
        self.store.set_hostcall_fuel(usize::MAX);
        self.refuel();
    }

    pub(crate) fn take_log(&mut self) -> Log {
        std::mem::take(&mut self.store.data_mut().log)
    }

    /// Ends the call.
    pub(crate) fn answer<T>(mut self, result: wasmtime::Result<T>) -> Answer<T> {
        let result = result.map_err(|error| self.fault(&error));
        let is_fault = result.is_err();
        let left = self.store.get_fuel().unwrap_or_default();
        let log = self.take_log();
        let unread = self.store.data_mut().unread.take();
        Answer {
            result,
            fuel: self.limits.fuel.saturating_sub(left),
            log: log.lines,
            log_dropped: log.dropped,
            unread: unread.filter(|_| is_fault),
        }
    }
}
