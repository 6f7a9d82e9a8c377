//! Makes one core module of two: what a compiler made, and a small one of ours
//! that answers some of its imports. The sandbox keeps snapshots of components
//! with one module best, and inside of one module a call costs nothing.

use crate::error::{Context as _, Result};
mod moved;
mod parts;
mod sections;
mod segments;

use moved::{MovedCore, MovedStub};
use parts::Parts;
use sections::Sections;

/// The core module with its imports from `name` answered by the functions that
/// `stub` exports. An import that the stub does not know stays an import; a
/// core module that imports nothing from `name` stays as it is.
///
/// A stub has functions and globals. It may import the core module's memory,
/// and from `core` functions that the core module exports; those exports then
/// end. Only what is needed of it is taken.
pub fn merge(core: &[u8], name: &str, stub: &[u8]) -> Result<Vec<u8>> {
    let parts = Parts::read(core).context("the core module cannot be read")?;
    let stub = Parts::read(stub).with_context(|| format!("the stub of `{name}` cannot be read"))?;
    if !parts.imports.iter().any(|import| import.module == name) {
        return Ok(core.to_vec());
    }
    stub.check_stub(name)?;

    let answers = parts.answers(name, &stub)?;
    let taken = stub.needed(&answers)?;
    let mut core_code = MovedCore::new(&parts, &answers, &taken)?;
    let mut stub_code = MovedStub::new(&parts, &stub, &taken, &mut core_code)?;
    let mut sections = Sections::default();
    sections.add_core(core, &mut core_code)?;
    sections.add_imports_and_exports(&parts, &stub, &answers, &mut core_code)?;
    sections.add_stub(&stub, &taken, &mut stub_code)?;
    Ok(sections.finish())
}

#[cfg(test)]
mod tests {
    type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
    use wasmparser::{Parser, Payload};

    use super::merge;

    const CORE_MODULE: &str = r#"(module
        (type $unused (func (param f64)))
        (import "host" "log" (func $log (param i32)))
        (import "clock" "now" (func $now (result i32)))
        (import "host" "end" (func $end))
        (import "clock" "unknown" (func $unknown))
        (memory (export "memory") 1)
        (global $state (mut i32) (i32.const 7))
        (table 2 funcref)
        (elem (i32.const 0) $now $run)
        (func $run (export "run") (call $log (call $now)) (call $end) (call $unknown))
        (func (export "grow") (param i32) (result i32) (global.get $state))
        (data (i32.const 40) "b") (data (i32.const 10) "a"))"#;
    const STUB: &str = r#"(module
        (import "env" "memory" (memory 0))
        (import "core" "grow" (func $grow (param i32) (result i32)))
        (global $time (mut i32) (i32.const 0))
        (func $tick (result i32)
            (global.set $time (i32.add (global.get $time) (i32.const 1))) (global.get $time))
        (func (export "never") (result i64) (i64.const 1))
        (func (export "now") (result i32) (i32.store (i32.const 0) (call $tick)) (call $tick))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (call $grow (local.get 3))))"#;

    fn merged(core: &str, stub: &str) -> Result<String> {
        let merged = merge(&wat::parse_str(core)?, "clock", &wat::parse_str(stub)?)?;
        wasmparser::validate(&merged)?;
        let mut names = Vec::new();
        for payload in Parser::new(0).parse_all(&merged) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        names.push(format!("import {} {}", import.module, import.name));
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        names.push(format!("export {} {}", export.name, export.index));
                    }
                }
                Payload::DataSection(section) => names.push(format!("data {}", section.count())),
                _ => {}
            }
        }
        Ok(names.join(", "))
    }

    #[test]
    fn imports_are_answered_and_functions_move() {
        assert_eq!(
            merged(CORE_MODULE, STUB).unwrap(),
            "import host log, import host end, import clock unknown, export memory 0, export run 3, \
             export cabi_realloc 6, data 1"
        );
    }

    #[test]
    fn a_module_that_asks_for_nothing_stays_as_it_is() {
        let core = wat::parse_str("(module (func))").unwrap();
        assert_eq!(merge(&core, "clock", b"\0asm\x01\0\0\0").unwrap(), core);
    }

    #[test]
    fn a_stub_that_does_not_fit_is_refused() {
        for (stub, error) in [
            (
                r#"(module (func (export "now") (result i64) (i64.const 0)))"#,
                "another type",
            ),
            (
                r#"(module (memory 1) (func (export "now") (result i32) (i32.const 0)))"#,
                "has more than",
            ),
            (
                r#"(module (import "env" "f" (func)) (func (export "now") (result i32) (i32.const 0)))"#,
                "has more than",
            ),
            (
                r#"(module (import "core" "f" (func $f)) (func (export "now") (result i32) (call $f) (i32.const 0)))"#,
                "exports no `f`",
            ),
        ] {
            let refused = merged(CORE_MODULE, stub).unwrap_err().to_string();
            assert!(refused.contains(error), "{refused}");
        }
    }
}
