//! Where the data of a policy lie: apart from what its calls write.

/// Settings that are longer than this hold data: the gate keeps them as such, too.
const SETTINGS_BYTES_MAX: usize = 64 << 10;

/// Reads data that the policy holds for its calls, which look them up and do not write to
/// them. In a component with the feature `allocator` and long settings, what is made here
/// lies apart from all else, so that a call costs the same however much there is.
pub fn apart<T>(read: impl FnOnce() -> T) -> T {
    change();
    let data = read();
    change();
    data
}

#[cfg(all(target_family = "wasm", feature = "allocator"))]
mod memory {
    use super::SETTINGS_BYTES_MAX;
    use crate::allocator::PIECES;

    pub(crate) fn begin_settings(text: &str) {
        if text.len() > SETTINGS_BYTES_MAX {
            PIECES.set_near();
        }
    }

    pub(crate) fn change() {
        PIECES.change();
    }

    pub(crate) fn end_settings() {
        PIECES.settle();
    }

    #[doc(hidden)]
    pub fn begin_call() {
        PIECES.write_border();
    }
}

#[cfg(not(all(target_family = "wasm", feature = "allocator")))]
mod memory {
    pub(crate) const fn begin_settings(text: &str) {
        let _is_data = text.len() > super::SETTINGS_BYTES_MAX;
    }

    pub(crate) const fn change() {}

    pub(crate) const fn end_settings() {}

    #[doc(hidden)]
    pub const fn begin_call() {}
}

#[doc(hidden)]
pub use memory::begin_call;
use memory::change;
pub(crate) use memory::{begin_settings, end_settings};
