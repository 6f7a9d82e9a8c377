//! What a component may be made of, and what it has more of.
//!
//! The bounds are far above what language runtimes are made of, and keep what a compile
//! costs in proportion to the size of the component. What they let through is held by
//! the limits of the process that compiles.

use serde::{Deserialize, Serialize};

/// Functions of all modules together. Each costs kilobytes, however empty it is; the
/// largest known runtime, CPython with its libraries, has 13,500.
pub(crate) const FUNCTIONS_MAX: usize = 50_000;

/// Instructions of one function: some steps of the compiler take longer than in
/// proportion. The function that puts CPython's pointers in place, the largest there is,
/// has 167,000.
pub(crate) const INSTRUCTIONS_MAX: usize = 300_000;

/// Calls in one function. Each holds on to registers around it, and costs the compiler
/// many times what other instructions cost; the main loop of CPython has 3,100.
pub(crate) const CALLS_MAX: usize = 20_000;

/// Locals of one function, its parameters not counted. Compilers of languages reuse
/// them; the most seen are 271.
pub(crate) const LOCALS_MAX: usize = 4_000;

/// Locals times blocks of one function: at the end of each block the compiler may have
/// to merge the values of all locals. The most seen is 67,000.
pub(crate) const MERGES_MAX: usize = 2_000_000;

/// Locals times loops of one function: at the beginning of a loop the compiler does not
/// know yet which locals it changes, and prepares for all of them. The most seen is
/// 8,400.
pub(crate) const LOOP_MERGES_MAX: usize = 100_000;

/// Blocks within blocks. A `switch` of a language is a block for each case; the most seen
/// are 781.
pub(crate) const NESTING_MAX: usize = 4_000;

/// Targets of all jump tables of one function. The main loop of CPython has 15,800.
pub(crate) const JUMP_TARGETS_MAX: usize = 60_000;

/// Parameters and results of one function or block: each call copies all of them. The
/// most seen are 19.
pub(crate) const ARITY_MAX: usize = 200;

/// Code of all modules together, in bytes. CPython with its libraries has 6.5 million.
pub(crate) const CODE_BYTES_MAX: usize = 32 << 20;

/// What a component has more of than is compiled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Excess {
    /// Too many functions.
    #[error(
        "it has more than {FUNCTIONS_MAX} functions; \
         hint: leave out libraries that the policy does not use"
    )]
    Functions,
    /// Too much code.
    #[error(
        "its code is longer than {CODE_BYTES_MAX} bytes; \
         hint: leave out libraries that the policy does not use"
    )]
    Code,
    /// Too many instructions.
    #[error(
        "function {function} has more than {INSTRUCTIONS_MAX} instructions; \
         hint: make what is generated a table that code reads"
    )]
    Instructions {
        /// Its number in the code of its module.
        function: usize,
    },
    /// Too many calls.
    #[error(
        "function {function} has more than {CALLS_MAX} calls; \
         hint: make what is generated a table that code reads"
    )]
    Calls {
        /// Its number in the code of its module.
        function: usize,
    },
    /// Too many locals.
    #[error(
        "function {function} has more than {LOCALS_MAX} locals; \
         hint: build it with optimisation"
    )]
    Locals {
        /// Its number in the code of its module.
        function: usize,
    },
    /// Too many blocks for so many locals.
    #[error(
        "function {function} has {locals} locals in {blocks} blocks; their product may be \
         {MERGES_MAX} at most; hint: build it with optimisation, or split the function"
    )]
    Merges {
        /// Its number in the code of its module.
        function: usize,
        /// Its locals.
        locals: usize,
        /// Its blocks, loops among them.
        blocks: usize,
    },
    /// Too many loops for so many locals.
    #[error(
        "function {function} has {locals} locals in {loops} loops; their product may be \
         {LOOP_MERGES_MAX} at most; hint: build it with optimisation, or split the function"
    )]
    LoopMerges {
        /// Its number in the code of its module.
        function: usize,
        /// Its locals.
        locals: usize,
        /// Its loops.
        loops: usize,
    },
    /// Blocks within blocks within blocks.
    #[error(
        "function {function} has blocks nested deeper than {NESTING_MAX}; \
         hint: make what is generated a table that code reads"
    )]
    Nesting {
        /// Its number in the code of its module.
        function: usize,
    },
    /// Jump tables too long.
    #[error(
        "function {function} has jump tables of more than {JUMP_TARGETS_MAX} targets; \
         hint: make what is generated a table that code reads"
    )]
    JumpTargets {
        /// Its number in the code of its module.
        function: usize,
    },
    /// A type of too many values.
    #[error(
        "a function or block has more than {ARITY_MAX} parameters and results; \
         hint: pass them in memory"
    )]
    Arity,
}
