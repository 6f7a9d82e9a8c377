//! gatewright-harness.
