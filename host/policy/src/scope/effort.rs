//! How much a comparison of scopes may cost: whoever delegates writes both sides of it.

/// Steps that a comparison may still take. Where none is left the answer is no.
#[derive(Debug)]
pub struct Effort(u32);

/// Steps of one comparison: a few milliseconds.
const STEPS_MAX: u32 = 1 << 17;

impl Default for Effort {
    fn default() -> Self {
        Self(STEPS_MAX)
    }
}

impl Effort {
    /// Takes steps; false where they are not there.
    pub(super) fn take(&mut self, steps: usize) -> bool {
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        match self.0.checked_sub(steps) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => {
                self.0 = 0;
                false
            }
        }
    }
}
