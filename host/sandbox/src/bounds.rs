//! Whether a component is within its bounds. Read from its bytes before anything is
//! compiled: some shapes of a few kilobytes take a compiler minutes and gigabytes.

use wasmparser::{CompositeInnerType, FunctionBody, Operator, Parser, Payload, SubType};

use crate::excess::{
    ARITY_MAX, CALLS_MAX, CODE_BYTES_MAX, Excess, FUNCTIONS_MAX, INSTRUCTIONS_MAX,
    JUMP_TARGETS_MAX, LOCALS_MAX, LOOP_MERGES_MAX, MERGES_MAX, NESTING_MAX,
};
use crate::load_error::LoadError;

/// What a component is made of so far.
#[derive(Default)]
struct Sum {
    functions: usize,
    code_bytes: usize,
}

/// What one function is made of.
#[derive(Clone, Copy, Debug, Default)]
struct Shape {
    locals: usize,
    instructions: usize,
    calls: usize,
    blocks: usize,
    loops: usize,
    nesting: usize,
    jump_targets: usize,
}

/// Refuses a component that is out of bounds. What is not WebAssembly at all is left to
/// the compiler to refuse: it says why.
pub(crate) fn check(component: &[u8]) -> Result<(), LoadError> {
    let mut sum = Sum::default();
    let mut function = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::TypeSection(types) => {
                for group in types {
                    for subtype in group?.types() {
                        check_arity(subtype)?;
                    }
                }
            }
            Payload::CodeSectionStart { .. } => function = 0,
            Payload::CodeSectionEntry(body) => {
                sum.add(&body)?;
                let shape = Shape::of(&body)?;
                shape.check(function)?;
                function += 1;
            }
            // Nothing else is compiled.
            _ => {}
        }
    }
    Ok(())
}

fn check_arity(subtype: &SubType) -> Result<(), Excess> {
    match &subtype.composite_type.inner {
        CompositeInnerType::Func(function)
            if function.params().len() + function.results().len() > ARITY_MAX =>
        {
            Err(Excess::Arity)
        }
        // Types that are not enabled are refused when the component is compiled.
        _ => Ok(()),
    }
}

// === impl Sum ===

impl Sum {
    fn add(&mut self, body: &FunctionBody<'_>) -> Result<(), Excess> {
        self.functions += 1;
        self.code_bytes = self.code_bytes.saturating_add(body.range().len());
        if self.functions > FUNCTIONS_MAX {
            return Err(Excess::Functions);
        }
        if self.code_bytes > CODE_BYTES_MAX {
            return Err(Excess::Code);
        }
        Ok(())
    }
}

// === impl Shape ===

impl Shape {
    fn of(body: &FunctionBody<'_>) -> wasmparser::Result<Self> {
        let mut shape = Self::default();
        for group in body.get_locals_reader()? {
            let (count, _) = group?;
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            shape.locals = shape.locals.saturating_add(count);
        }
        let mut depth = 0_usize;
        for operator in body.get_operators_reader()? {
            shape.instructions += 1;
            match operator? {
                Operator::Block { .. } | Operator::If { .. } | Operator::TryTable { .. } => {
                    shape.blocks += 1;
                    depth += 1;
                }
                Operator::Loop { .. } => {
                    shape.blocks += 1;
                    shape.loops += 1;
                    depth += 1;
                }
                Operator::End => depth = depth.saturating_sub(1),
                Operator::BrTable { targets } => {
                    let count = usize::try_from(targets.len()).unwrap_or(usize::MAX);
                    shape.jump_targets = shape.jump_targets.saturating_add(count);
                }
                Operator::Call { .. }
                | Operator::CallIndirect { .. }
                | Operator::ReturnCall { .. }
                | Operator::ReturnCallIndirect { .. } => shape.calls += 1,
                // Costs what it is long.
                _ => {}
            }
            shape.nesting = shape.nesting.max(depth);
        }
        Ok(shape)
    }

    fn check(self, function: usize) -> Result<(), Excess> {
        let Self {
            locals,
            instructions,
            calls,
            blocks,
            loops,
            nesting,
            jump_targets,
        } = self;
        let excess = match () {
            () if calls > CALLS_MAX => Excess::Calls { function },
            () if instructions > INSTRUCTIONS_MAX => Excess::Instructions { function },
            () if locals > LOCALS_MAX => Excess::Locals { function },
            () if nesting > NESTING_MAX => Excess::Nesting { function },
            () if jump_targets > JUMP_TARGETS_MAX => Excess::JumpTargets { function },
            () if locals.saturating_mul(loops) > LOOP_MERGES_MAX => Excess::LoopMerges {
                function,
                locals,
                loops,
            },
            () if locals.saturating_mul(blocks) > MERGES_MAX => Excess::Merges {
                function,
                locals,
                blocks,
            },
            () => return Ok(()),
        };
        Err(excess)
    }
}
