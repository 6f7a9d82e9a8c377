//! One key of a log follows another: a note that both signed.

use crate::key::{KeyError, LogKey};

/// Begins the text that both keys sign.
const TITLE: &str = "gatewright log key";

/// The note that says that `new` signs the checkpoints of a log from now on, in the place
/// of `old`. Both have the name of the log.
pub fn rotation(old: &LogKey, new: &LogKey) -> Result<String, KeyError> {
    if old.name() != new.name() {
        return Err(KeyError::Name("is that of another log"));
    }
    let (from, to) = (old.public_text(), new.public_text());
    let text = format!("{TITLE}\n{}\n{from}\n{to}\n", old.name());
    let signatures = old.sign(&text) + &new.sign(&text);
    Ok(format!("{text}\n{signatures}"))
}
