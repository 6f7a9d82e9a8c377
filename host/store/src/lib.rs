//! The memory of gates in SQL: what sessions carry, what is spent of budgets, and the
//! record, in a file of SQLite for one gate or in PostgreSQL for several.
//!
//! Read it in this order: [`memory`](SqlMemory), `writer`, `batch`, `dialect`. What a
//! commit changes is decided by the engine ([`Excerpt`](gatewright_engine::memory::Excerpt));
//! this crate reads it, locks it and writes it.

mod agents;
mod batch;
mod batch_error;
mod connection;
mod dialect;
mod disk;
mod entries;
mod error;
mod head;
mod held;
mod kept;
mod kept_call;
mod let_go;
mod memory;
mod open;
mod place;
mod readers;
mod salt;
mod schema;
mod sealed;
mod set_clock;
mod shared;
mod sweeping;
mod thread;
mod unheard;
mod used;
mod watching;
mod wish;
mod writer;

pub use entries::Entries;
pub use error::StoreError;
pub use memory::SqlMemory;
pub use place::MemoryAt;
pub use salt::{operator, record_keys};
