//! gatewright-engine.
