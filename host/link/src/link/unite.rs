//! Fewer core instances for a component that is about to be loaded: each is registered,
//! allocated and given back in every call.

use std::collections::HashSet;

use wasmparser::{Parser, Payload, Validator, WasmFeatures};

use super::plan::Plan;
use super::rewritten;
use crate::error::{Context as _, LinkError, Result};

/// The most core instances, lists among them. What a toolchain leaves has a dozen, and a
/// name may be handed on from each to the next.
const INSTANCES_MAX: usize = 64;

/// The same component with one core instance for all that can be linked, as
/// [`link`](crate::link()) does: of what `wit-component` makes, the shim goes, and the
/// module that it stood before has its table and its trampolines. No function and no
/// global is left out; they stand in the order of the modules' instances.
///
/// For components of which nothing is known. Refused is what is not valid, or is not
/// worth it, or would become a module with more than one memory. What came of it has yet
/// to be validated as any component has, before it is compiled.
pub fn unite(component: &[u8]) -> Result<Vec<u8>> {
    let united = check_sections(component).and_then(|()| united(component));
    united.context("the core instances of the component are not united")
}

fn united(component: &[u8]) -> Result<Vec<u8>> {
    check_size(component)?;
    let mut plan = Plan::read(component)?;
    plan.is_whole = true;
    plan.check_united()?;
    // Bodies of functions last: that takes the longest.
    validator().validate_all(component)?;
    let united = rewritten::rewrite(&plan)?;
    check_sections(&united)?;
    Ok(united)
}

fn validator() -> Validator {
    Validator::new_with_features(WasmFeatures::default().difference(WasmFeatures::THREADS))
}

/// Whether all is valid but the bodies of functions.
fn check_sections(component: &[u8]) -> Result<()> {
    let mut validator = validator();
    for payload in Parser::new(0).parse_all(component) {
        validator.payload(&payload?)?;
    }
    Ok(())
}

/// Before anything is followed from one instance to the next.
fn check_size(component: &[u8]) -> Result<()> {
    let mut instances = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        if let Payload::InstanceSection(section) = payload? {
            instances = instances.saturating_add(usize::try_from(section.count())?);
        }
    }
    match instances {
        0..=INSTANCES_MAX => Ok(()),
        _ => Err(LinkError::refused("it has too many core instances")),
    }
}

// === impl Plan ===

impl Plan<'_> {
    fn check_united(&self) -> Result<()> {
        if self.linked.len() < 2 {
            return Err(LinkError::refused("there is nothing to unite"));
        }
        let mut modules = HashSet::new();
        let mut memories = 0;
        for &instance in &self.linked {
            if !modules.insert(self.module(instance)?) {
                return Err(LinkError::refused("it instantiates modules twice"));
            }
            memories += self.outline(instance)?.memories.len();
        }
        if memories > 1 {
            return Err(LinkError::refused("it has more than one memory"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasmparser::ValType;

    use super::*;

    /// Text to bytes.
    fn component(text: &str) -> Vec<u8> {
        wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    /// What `wit-component` makes: a function of the host that needs the memory comes
    /// through the shim's table, one that does not comes at once. `$main` stands for
    /// what else there is in the main module, `$fixup` in the last one, `$more` behind.
    fn made(main: &str, fixup: &str, more: &str) -> Vec<u8> {
        component(&format!(
            r#"(component
            (import "log" (func $log (param "text" string)))
            (import "level" (func $level (result u32)))
            (core module $main
                (type $log (func (param i32 i32)))
                (import "host" "level" (func $level (result i32)))
                (import "host" "log" (func $log (type $log)))
                (memory (export "memory") 1)
                (table 2 2 funcref)
                (global $count (mut i32) (i32.const 0))
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
                (func $run (export "run") (result i32)
                    (call $log (i32.const 0) (i32.const 4))
                    (global.set $count (call $level))
                    (call_indirect (result i32) (i32.const 1)))
                (func $two (result i32) (i32.const 2))
                (func (export "initialize"))
                (elem (i32.const 1) func $two)
                (data (i32.const 0) "main")
                {main})
            (core module $shim
                (type $log (func (param i32 i32)))
                (table (export "$imports") 1 1 funcref)
                (func (export "0") (type $log)
                    (call_indirect (type $log) (local.get 0) (local.get 1) (i32.const 0))))
            (core module $fixup
                (import "shim" "$imports" (table 1 1 funcref))
                (import "actual" "0" (func $log (param i32 i32)))
                (import "main" "initialize" (func $initialize))
                (elem (i32.const 0) func $log)
                {fixup})
            (core instance $shim (instantiate $shim))
            (core func $level (canon lower (func $level)))
            (core instance $host
                (export "log" (func $shim "0"))
                (export "level" (func $level)))
            (core instance $main (instantiate $main (with "host" (instance $host))))
            (alias core export $main "memory" (core memory $memory))
            (core func $log (canon lower (func $log) (memory (core memory $memory)) (realloc (core func $main "realloc"))))
            (core instance $actual (export "0" (func $log)))
            (core instance $fixup (instantiate $fixup
                (with "shim" (instance $shim))
                (with "main" (instance $main))
                (with "actual" (instance $actual))))
            (func $run (result u32) (canon lift (core func $main "run")))
            (export "run" (func $run))
            {more})"#
        ))
    }

    /// For each core module the functions and tables that it defines, and whether one
    /// runs at its start. All of it is valid.
    fn shape(component: &[u8]) -> Vec<(u32, u32, bool)> {
        validator().validate_all(component).unwrap();
        let mut shape = Vec::new();
        for payload in Parser::new(0).parse_all(component) {
            match payload.unwrap() {
                Payload::ModuleSection { .. } => shape.push((0, 0, false)),
                Payload::FunctionSection(section) => shape.last_mut().unwrap().0 = section.count(),
                Payload::TableSection(section) => shape.last_mut().unwrap().1 = section.count(),
                Payload::StartSection { .. } => shape.last_mut().unwrap().2 = true,
                _ => {}
            }
        }
        shape
    }

    #[test]
    fn the_shim_goes_and_the_main_module_has_its_table() {
        let made = made("", "", "");
        assert_eq!(shape(&made), [(4, 1, false), (1, 1, false), (0, 0, false)]);
        // Its trampoline is a function still: a call costs what it cost.
        let united = unite(&made).unwrap();
        assert_eq!(shape(&united), [(5, 2, false), (0, 0, false)]);
        // Once.
        let error = unite(&united).unwrap_err().to_string();
        assert!(error.contains("nothing to unite"), "{error}");
    }

    #[test]
    fn globals_stay_in_their_order() {
        let made = made(
            "(global (mut i64) (i64.const 7)) (global f32 (f32.const 1))",
            "",
            "(core module $m (global (mut f64) (f64.const 2))) (core instance (instantiate $m))",
        );
        let mut types = Vec::new();
        for payload in Parser::new(0).parse_all(&unite(&made).unwrap()) {
            if let Payload::GlobalSection(section) = payload.unwrap() {
                types.extend(section.into_iter().map(|global| global.unwrap().ty));
            }
        }
        let types: Vec<_> = types
            .iter()
            .map(|it| (it.content_type, it.mutable))
            .collect();
        let expected = [
            (ValType::I32, true),
            (ValType::I64, true),
            (ValType::F32, false),
            (ValType::F64, true),
        ];
        assert_eq!(types, expected);
    }

    #[test]
    fn a_function_that_nobody_calls_stays() {
        let united = unite(&made("(func)", "", "")).unwrap();
        assert_eq!(shape(&united), [(6, 2, false), (0, 0, false)]);
    }

    #[test]
    fn what_the_toolchain_makes_has_one_core_instance_less() {
        for made in [
            &include_bytes!("../../../../tests/contracts/0.1.0/policy.wasm")[..],
            include_bytes!("../../../../tests/contracts/0.2.0/policy.wasm"),
            include_bytes!("../../../../tests/contracts/0.2.0/editor.wasm"),
            include_bytes!("../../../../tests/contracts/0.2.0/reviewer.wasm"),
        ] {
            assert_eq!(shape(made).len(), 3);
            assert_eq!(shape(&unite(made).unwrap()).len(), 2);
        }
    }

    #[test]
    fn what_runs_at_the_start_runs_when_it_ran() {
        let last = unite(&made("", "(start $initialize)", "")).unwrap();
        assert_eq!(shape(&last), [(5, 2, false), (0, 0, true)]);
        // Nothing that is united comes behind it.
        let main = unite(&made("(func $f) (start $f)", "", "")).unwrap();
        assert_eq!(shape(&main), [(6, 2, true), (0, 0, false)]);

        let behind = "(core module $behind) (core instance (instantiate $behind))";
        for (main, fixup) in [("(func $f) (start $f)", ""), ("", "(start $initialize)")] {
            let error = unite(&made(main, fixup, behind)).unwrap_err().to_string();
            assert!(error.contains("too soon or too late"), "{error}");
        }
        // Nor does anything that stays come before.
        let behind =
            "(core module $behind (func $f) (start $f)) (core instance (instantiate $behind))";
        let error = unite(&made("", "", behind)).unwrap_err().to_string();
        assert!(error.contains("too soon or too late"), "{error}");
    }

    /// As what reads the state of all others.
    #[test]
    fn what_is_given_and_not_used_does_not_keep_a_module_back() {
        let reads = r#"
            (core module $reads
                (import "main" "realloc" (func $f (param i32 i32 i32 i32) (result i32)))
                (func (export "read") (result i32)
                    (call $f (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
            (core instance $reads (instantiate $reads
                (with "fixup" (instance $fixup)) (with "main" (instance $main))))
            (func $read (result u32) (canon lift (core func $reads "read")))
            (export "read" (func $read))"#;
        let made = made("", "", reads);
        assert_eq!(shape(&made).len(), 4);
        assert_eq!(
            shape(&unite(&made).unwrap()),
            [(6, 2, false), (0, 0, false)]
        );
    }

    #[test]
    fn what_is_not_plain_is_left_alone() {
        let many = "(core instance)".repeat(INSTANCES_MAX);
        for (main, more, problem) in [
            ("", many.as_str(), "too many core instances"),
            (
                "",
                "(core module $m (memory 1)) (core instance (instantiate $m))",
                "more than one memory",
            ),
            (
                "",
                "(core module $m) (core instance (instantiate $m)) (core instance (instantiate $m))",
                "modules twice",
            ),
            (
                "",
                "(core module $m (tag)) (core instance (instantiate $m))",
                "tags",
            ),
            (
                "",
                "(type $t u8) (component (alias outer 1 $t (type)))",
                "what is around it",
            ),
            (
                "",
                "(core module $m) (export \"m\" (core module $m))",
                "modules",
            ),
            ("(func (result i32))", "", "type mismatch"),
            ("(memory 1 1 shared)", "", "threads"),
            ("", "(core module (func (result i32)))", "type mismatch"),
        ] {
            let error = unite(&made(main, "", more)).unwrap_err();
            assert!(error.to_string().contains(problem), "{problem}: {error}");
        }
        for nothing in [&b""[..], b"\0asm\x01\0\0\0", b"\0asm\x0d\0\x01\0"] {
            assert!(unite(nothing).is_err());
        }
    }

    /// The guest's own code names its own table as before, and nothing else in it can
    /// name the one of the shim.
    #[test]
    fn the_code_names_the_tables_that_it_named() {
        let united = unite(&made("", "", "")).unwrap();
        let mut called = Vec::new();
        for payload in Parser::new(0).parse_all(&united) {
            if let Payload::CodeSectionEntry(body) = payload.unwrap() {
                for operator in body.get_operators_reader().unwrap() {
                    if let wasmparser::Operator::CallIndirect { table_index, .. } =
                        operator.unwrap()
                    {
                        called.push(table_index);
                    }
                }
            }
        }
        // The trampoline, of the shim's table; `run`, of its own.
        assert_eq!(called, [0, 1]);
    }
}
