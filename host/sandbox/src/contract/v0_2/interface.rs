//! How the contract names its interfaces.

use crate::contract::Contract;

/// The full name of an interface.
pub(super) fn interface(name: &str) -> String {
    Contract::V0_2.interface(name)
}
