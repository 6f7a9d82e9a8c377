//! What becomes of a commit once the ledger has said whether there is an entry.

use super::commit::NotCommitted;
use super::reserved::Reserved;
use super::stepping::Stepping;
use crate::ledger::{LedgerError, Receipt};

/// Makes it count or not, as the ledger says.
pub(super) fn settle(
    reserved: Reserved<'_>,
    stepping: Option<Stepping<'_>>,
    written: Result<Receipt, LedgerError>,
) -> Result<Receipt, NotCommitted> {
    match written {
        Ok(receipt) => {
            reserved.keep();
            if let Some(stepping) = stepping {
                stepping.keep();
            }
            Ok(receipt)
        }
        Err(error) => {
            give_up(reserved, stepping);
            Err(error.into())
        }
    }
}

/// Nothing of it counts.
pub(super) fn give_up(reserved: Reserved<'_>, stepping: Option<Stepping<'_>>) {
    reserved.give_up();
    if let Some(stepping) = stepping {
        stepping.give_up();
    }
}
