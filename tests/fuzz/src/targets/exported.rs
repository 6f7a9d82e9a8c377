//! `export_globals`: valid in, valid out, whatever comes in.

pub(super) fn run(bytes: &[u8]) -> bool {
    super::wasm::holds(bytes, gatewright_link::export_globals(bytes))
}
