//! How often a list looks at what the gate remembers.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::counting::Counting;
use crate::gate::{Gate, binding, grant};
use crate::spenders::curious;

#[tokio::test]
async fn a_list_looks_once_for_all_that_its_policies_lack() {
    let budgets = "budgets = { calls = { limit = 2, window = \"1h\" } }";
    let both = [binding("curious", budgets), binding("other", budgets)].concat();
    for (reads, config, looks) in [
        (0, binding("curious", budgets), 0),
        (1, both.replace("other.wasm", "curious.wasm"), 1),
        // It knows what it wants to know next when it was told what it asked before.
        (3, both.replace("other.wasm", "curious.wasm"), 3),
    ] {
        let mut gate = Gate::new(&config, &[("curious.wasm", curious(reads))]);
        let memory = Counting::new(gate.folder.path());
        let counted = Arc::clone(&memory.looks);
        memory.start(&mut gate).await;
        let snapshot = gate.engine().snapshot();
        let server = snapshot.server("files").unwrap();
        let names: Vec<_> = (0..50).map(|tool| format!("tool-{tool}")).collect();
        let (grant, at) = (grant(&["files:*"]), gate.engine().now());
        let visible = gate
            .engine()
            .visible(&snapshot, &grant, server, "tools/list", &names, at)
            .await;
        assert_eq!(visible, [true; 50]);
        assert_eq!(counted.load(Ordering::Relaxed), looks, "{reads} reads");
    }
}
