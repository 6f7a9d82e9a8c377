//! Who may go on: what operators said about agents, as every call sees it, and what the
//! agents did that were seen.

mod engine;
mod file;
mod floors;
mod inventory;
mod known_list;
mod listing;
mod operator;
mod statuses;
mod view;

pub use file::AgentsFileError;
pub(crate) use file::import as import_file;
pub use file::read as read_file;
pub(crate) use floors::set_clock as set_list_clock;
pub(crate) use inventory::Sighting;
pub use inventory::{Inventory, SEEN_MAX, USED_MAX};
pub use known_list::{ListError, ListKey};
pub use listing::{Listed, Listing, Selection};
pub(crate) use operator::make;
pub use operator::{Asked, AskedWhat, OperatorError};
pub use statuses::{LISTS_MAX, Looked, Statuses};
pub use view::Agents;
