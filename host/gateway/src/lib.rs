//! gatewright-gateway.
