//! Code that is mapped is what was kept, byte for byte, whatever has its name.

use std::fs;
use std::sync::LazyLock;

use gatewright_artifact::Artifacts;
use wasmtime::component::Component;
use wasmtime::{Config, Engine};

/// With functions, data and a name that some mutations hit.
const COMPONENT: &str = r#"(component
    (core module $m
        (memory (export "memory") 1)
        (data (i32.const 16) "what a policy remembers")
        (func (export "judge") (param i32) (result i32)
            local.get 0
            i32.load8_u))
    (core instance $i (instantiate $m))
    (func (export "judge") (param "at" s32) (result s32)
        (canon lift (core func $i "judge"))))"#;

struct Kept {
    engine: Engine,
    component: Component,
    artifact: Vec<u8>,
}

static KEPT: LazyLock<Kept> = LazyLock::new(|| {
    let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
    let component = wat::parse_str(COMPONENT).unwrap();
    let component = Component::new(&engine, component).unwrap();
    Kept {
        artifact: component.serialize().unwrap(),
        engine,
        component,
    }
});

pub(super) fn run(bytes: &[u8]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let artifacts = Artifacts::open(&folder.path().join("code")).unwrap();
    let digest = artifacts.keep_component(&KEPT.component).unwrap();
    fs::write(artifacts.path(digest), bytes).unwrap();
    let found = artifacts.find(digest);
    assert_eq!(found.is_ok(), bytes == KEPT.artifact);
    match found {
        Ok(artifact) => artifact.component(&KEPT.engine).is_ok(),
        Err(_) => false,
    }
}

pub(super) fn seed() -> Vec<u8> {
    KEPT.artifact.clone()
}
