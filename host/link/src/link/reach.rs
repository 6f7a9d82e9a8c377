//! What of the linked modules is needed, and which globals never change.

use std::collections::{BTreeSet, HashMap, HashSet};

use wasm_encoder::Instruction;
use wasmparser::{ConstExpr, ElementItems, Operator};

use crate::error::{Context as _, Result};

use super::outline::Kind;
use super::plan::{Definition, Plan};

/// What each index of a linked module stands for: what it imports, and behind
/// that what it defines.
pub(super) struct Meanings(HashMap<(u32, Kind), Vec<Definition>>);

/// What is reached from outside.
#[derive(Default)]
pub(super) struct Reach {
    pub(super) functions: BTreeSet<Definition>,
    /// The value of each global that nobody sets.
    pub(super) constants: HashMap<Definition, Instruction<'static>>,
    set: HashSet<Definition>,
    waiting: Vec<Definition>,
}

// === impl Meanings ===

impl Meanings {
    pub(super) fn of(plan: &Plan<'_>) -> Result<Self> {
        let mut meanings = HashMap::new();
        for &instance in &plan.linked {
            let outline = plan.outline(instance)?;
            for kind in Kind::ALL {
                let count = outline.imported(kind).len() + outline.defined_count(kind);
                let indices = 0..u32::try_from(count)?;
                let definitions = indices.map(|index| plan.definition(instance, kind, index));
                meanings.insert((instance, kind), definitions.collect::<Result<_>>()?);
            }
        }
        Ok(Self(meanings))
    }

    pub(super) fn all(&self, instance: u32, kind: Kind) -> &[Definition] {
        self.0.get(&(instance, kind)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn at(&self, instance: u32, kind: Kind, index: u32) -> Result<Definition> {
        let definition = self.all(instance, kind).get(index as usize).copied();
        definition.with_context(|| format!("there is no {kind:?} {index}"))
    }
}

// === impl Reach ===

impl Reach {
    pub(super) fn of(
        plan: &Plan<'_>,
        meanings: &Meanings,
        wanted: impl IntoIterator<Item = Definition>,
    ) -> Result<Self> {
        let mut reach = Self::default();
        if plan.is_whole {
            for &instance in &plan.linked {
                reach.functions.extend(meanings.all(instance, Kind::Func));
            }
            return Ok(reach);
        }
        for definition in wanted {
            match definition {
                Definition::Host(_) | Definition::Defined(_, Kind::Func, _) => {
                    reach.add(definition);
                }
                // Who has it from outside may set it.
                definition => {
                    reach.set.insert(definition);
                }
            }
        }
        for &instance in &plan.linked {
            reach.add_roots(plan, meanings, instance)?;
        }
        while let Some(definition) = reach.waiting.pop() {
            reach.add_body(plan, meanings, definition)?;
        }
        for &instance in &plan.linked {
            reach.add_constants(plan, meanings, instance)?;
        }
        Ok(reach)
    }

    /// Whether it is in the result.
    pub(super) fn needs(&self, definition: Definition) -> bool {
        match definition {
            Definition::Host(_) | Definition::Defined(_, Kind::Func, _) => {
                self.functions.contains(&definition)
            }
            Definition::Defined(_, Kind::Global, _) => !self.constants.contains_key(&definition),
            Definition::Defined(_, Kind::Table | Kind::Memory, _) => true,
        }
    }

    /// For each global of a module its value, where it has one for ever.
    pub(super) fn constants_of(
        &self,
        meanings: &Meanings,
        instance: u32,
    ) -> Vec<Option<Instruction<'static>>> {
        let globals = meanings.all(instance, Kind::Global).iter();
        globals.map(|it| self.constants.get(it).cloned()).collect()
    }

    fn add(&mut self, function: Definition) {
        if self.functions.insert(function) {
            self.waiting.push(function);
        }
    }

    /// What stands in tables and globals can be called from anywhere, and something may
    /// run at the start.
    fn add_roots(&mut self, plan: &Plan<'_>, meanings: &Meanings, instance: u32) -> Result<()> {
        let outline = plan.outline(instance)?;
        if let Some(start) = outline.start {
            self.add(meanings.at(instance, Kind::Func, start)?);
        }
        for global in &outline.globals {
            self.add_expression(meanings, instance, &global.init_expr)?;
        }
        for element in &outline.elements {
            match element.items.clone() {
                ElementItems::Functions(functions) => {
                    for function in functions {
                        self.add(meanings.at(instance, Kind::Func, function?)?);
                    }
                }
                ElementItems::Expressions(_, expressions) => {
                    for expression in expressions {
                        self.add_expression(meanings, instance, &expression?)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn add_expression(
        &mut self,
        meanings: &Meanings,
        instance: u32,
        expression: &ConstExpr<'_>,
    ) -> Result<()> {
        for operator in expression.get_operators_reader() {
            self.add_operator(meanings, instance, &operator?)?;
        }
        Ok(())
    }

    fn add_body(
        &mut self,
        plan: &Plan<'_>,
        meanings: &Meanings,
        function: Definition,
    ) -> Result<()> {
        let Definition::Defined(instance, _, index) = function else {
            return Ok(());
        };
        let body = plan.outline(instance)?.bodies.get(index as usize);
        let body = body.context("a function has no body")?;
        for operator in body.get_operators_reader()? {
            self.add_operator(meanings, instance, &operator?)?;
        }
        Ok(())
    }

    fn add_operator(
        &mut self,
        meanings: &Meanings,
        instance: u32,
        operator: &Operator<'_>,
    ) -> Result<()> {
        match operator {
            Operator::Call { function_index }
            | Operator::ReturnCall { function_index }
            | Operator::RefFunc { function_index } => {
                self.add(meanings.at(instance, Kind::Func, *function_index)?);
            }
            Operator::GlobalSet { global_index } => {
                let global = meanings.at(instance, Kind::Global, *global_index)?;
                self.set.insert(global);
            }
            _ => {}
        }
        Ok(())
    }

    fn add_constants(&mut self, plan: &Plan<'_>, meanings: &Meanings, instance: u32) -> Result<()> {
        for (index, global) in (0..).zip(&plan.outline(instance)?.globals) {
            let definition = Definition::Defined(instance, Kind::Global, index);
            let mut operators = global.init_expr.get_operators_reader();
            let value = match operators.read()? {
                Operator::I32Const { value } => Some(Instruction::I32Const(value)),
                Operator::I64Const { value } => Some(Instruction::I64Const(value)),
                Operator::F32Const { value } => Some(Instruction::F32Const(value.into())),
                Operator::F64Const { value } => Some(Instruction::F64Const(value.into())),
                Operator::GlobalGet { global_index } => {
                    let other = meanings.at(instance, Kind::Global, global_index)?;
                    self.constants.get(&other).cloned()
                }
                _ => None,
            };
            let is_whole = operators.is_end_then_eof();
            if let (Some(value), true, false) = (value, is_whole, self.set.contains(&definition)) {
                self.constants.insert(definition, value);
            }
        }
        Ok(())
    }
}
