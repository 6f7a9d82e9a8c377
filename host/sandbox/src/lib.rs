//! gatewright-sandbox.
