//! gatewright-bench.
