//! Links the core modules of a component into one. Toolchains that put a component
//! together of shared libraries leave a core module for each, with function tables
//! that every instance fills anew; of one module, the sandbox prepares them once.

use crate::error::{Context as _, Result};
mod items;
mod joined;
mod moved;
mod outline;
mod outside;
mod plan;
mod reach;
mod rewritten;
mod unite;

use plan::Plan;
pub use unite::unite;

/// The same component with one instance of one core module in the place of all that
/// can be linked; functions that nobody reaches are left out, and globals that nobody
/// sets become constants.
///
/// Modules that need functions of the host which work in the memory of others stay:
/// they can only come after them.
pub fn link(component: &[u8]) -> Result<Vec<u8>> {
    let linked = Plan::read(component).and_then(|plan| rewritten::rewrite(&plan));
    linked.context("the core modules of the component cannot be linked")
}

#[cfg(test)]
mod tests {
    type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
    use wasmparser::{Operator, Parser, Payload, Validator, WasmFeatures};

    use super::link;

    /// Two libraries that share memory and table, as a dynamic linker leaves them:
    /// functions of the host that need the memory come through a table that is filled
    /// last.
    const SHARED: &str = r#"(component
        (import "log" (func $log (param "text" string)))
        (import "level" (func $level (result u32)))
        (core module $shim
            (type $log (func (param i32 i32)))
            (table (export "$imports") 1 1 funcref)
            (func (export "log") (type $log)
                (call_indirect (type $log) (local.get 0) (local.get 1) (i32.const 0))))
        (core module $main
            (memory (export "memory") 1)
            (table (export "table") 4 funcref)
            (global (export "base") i32 (i32.const 2))
            (global (export "address") (mut i32) (i32.const 77))
            (global (export "count") (mut i32) (i32.const 0))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
            (func (export "nobody calls this"))
            (data (i32.const 8) "main"))
        (core module $library
            (import "env" "memory" (memory 1))
            (import "env" "table" (table 4 funcref))
            (import "env" "base" (global $base i32))
            (import "env" "address" (global $address (mut i32)))
            (import "env" "count" (global $count (mut i32)))
            (import "host" "log" (func $log (param i32 i32)))
            (import "host" "level" (func $level (result i32)))
            (func $in_the_table (call $log (global.get $address) (global.get $base)))
            (func (export "run") (result i32)
                (global.set $count (call $level))
                (global.get $count))
            (elem (global.get $base) func $in_the_table)
            (data (global.get $base) "library"))
        (core module $fixup
            (import "shim" "$imports" (table 1 1 funcref))
            (import "host" "log" (func $log (param i32 i32)))
            (elem (i32.const 0) func $log))
        (core instance $shim (instantiate $shim))
        (core instance $main (instantiate $main))
        (alias core export $main "memory" (core memory $memory))
        (core func $level (canon lower (func $level)))
        (core instance $host
            (export "log" (func $shim "log"))
            (export "level" (func $level)))
        (core instance $library (instantiate $library
            (with "env" (instance $main))
            (with "host" (instance $host))))
        (core func $log (canon lower (func $log) (memory (core memory $memory)) (realloc (core func $main "realloc"))))
        (core instance $bound (export "log" (func $log)))
        (core instance $fixup (instantiate $fixup
            (with "shim" (instance $shim))
            (with "host" (instance $bound))))
        (func $run (result u32) (canon lift (core func $library "run")))
        (export "run" (func $run)))"#;

    /// Modules, imports, functions and globals of a component, and the segments'
    /// offsets.
    #[derive(Debug, Default, PartialEq, Eq)]
    struct Shape {
        modules: u32,
        imports: u32,
        functions: u32,
        globals: u32,
        offsets: Vec<i32>,
    }

    fn shape(component: &[u8]) -> Result<Shape> {
        let mut shape = Shape::default();
        let mut add_offset = |operator: Operator<'_>| {
            if let Operator::I32Const { value } = operator {
                shape.offsets.push(value);
            }
        };
        for payload in Parser::new(0).parse_all(component) {
            match payload? {
                Payload::ModuleSection { .. } => shape.modules += 1,
                Payload::ImportSection(section) => shape.imports += section.count(),
                Payload::FunctionSection(section) => shape.functions += section.count(),
                Payload::GlobalSection(section) => shape.globals += section.count(),
                Payload::ElementSection(section) => {
                    for element in section {
                        if let wasmparser::ElementKind::Active { offset_expr, .. } = element?.kind {
                            add_offset(offset_expr.get_operators_reader().read()?);
                        }
                    }
                }
                Payload::DataSection(section) => {
                    for data in section {
                        if let wasmparser::DataKind::Active { offset_expr, .. } = data?.kind {
                            add_offset(offset_expr.get_operators_reader().read()?);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(shape)
    }

    #[test]
    fn libraries_become_one_module() -> Result<()> {
        let linked = link(&wat::parse_str(SHARED)?)?;
        Validator::new_with_features(WasmFeatures::default()).validate_all(&linked)?;
        let expected = Shape {
            // The fixup needs a function that works in the memory: it comes after.
            modules: 2,
            // `level`; the table and the function of the fixup.
            imports: 3,
            // `log` of the shim, `realloc`, `in_the_table` and `run`.
            functions: 4,
            // `count`; nobody sets the others.
            globals: 1,
            offsets: vec![2, 8, 2, 0],
        };
        assert_eq!(shape(&linked)?, expected);
        Ok(())
    }

    #[test]
    fn what_is_linked_stays_as_it_is() -> Result<()> {
        let once = link(&wat::parse_str(SHARED)?)?;
        assert_eq!(shape(&link(&once)?)?, shape(&once)?);
        Ok(())
    }

    #[test]
    fn what_cannot_be_linked_is_refused_with_a_reason() -> Result<()> {
        for (content, reason) in [
            ("(func $f) (start $f)", "start function"),
            ("(tag (param i32))", "tags"),
            (r#"(import "env" "f" (func))"#, "nothing is given for `env`"),
        ] {
            let component = format!(
                "(component (core module $m {content}) (core instance (instantiate $m)) \
                 (core module $n) (core instance (instantiate $n)))"
            );
            let refused = link(&wat::parse_str(component)?).unwrap_err();
            let refused = format!("{refused:#}");
            assert!(refused.contains(reason), "{refused}");
        }
        Ok(())
    }

    /// The fixup stays; what comes behind it and writes to the same table must still do
    /// so last.
    #[test]
    fn the_order_in_which_a_table_is_filled_stays() -> Result<()> {
        for (table, modules) in [("$imports", 3), ("$own", 2)] {
            let end = SHARED.rfind("(func $run (result").unwrap_or_default();
            let (before, after) = SHARED.split_at(end);
            let component = format!(
                r#"{before}
                (core module $more (table (export "$own") 1 funcref))
                (core module $last
                    (import "more" "{table}" (table 1 funcref))
                    (func $f)
                    (elem (i32.const 0) func $f))
                (core instance $more (instantiate $more))
                (core instance $both
                    (export "$own" (table $more "$own"))
                    (export "$imports" (table $shim "$imports")))
                (core instance (instantiate $last (with "more" (instance $both))))
                {after}"#
            );
            let linked = link(&wat::parse_str(component)?)?;
            assert_eq!(shape(&linked)?.modules, modules, "{table}");
        }
        Ok(())
    }
}
