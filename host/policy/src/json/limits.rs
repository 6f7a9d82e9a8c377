//! How much JSON is read.

/// Bounds for one document.
#[derive(Clone, Copy, Debug)]
pub struct JsonLimits {
    /// Longest text, in bytes.
    pub bytes_max: usize,
    /// Deepest nesting of arrays and objects.
    pub depth_max: usize,
    /// Most values and member names together: bounds the size of the index.
    pub nodes_max: usize,
}

impl Default for JsonLimits {
    /// 4 MiB, 64 levels, 262,144 nodes.
    fn default() -> Self {
        Self {
            bytes_max: 4 << 20,
            depth_max: 64,
            nodes_max: 1 << 18,
        }
    }
}
