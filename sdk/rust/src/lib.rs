//! gatewright-sdk.
