//! What one module remembers, as a module that holds it and does nothing.

use wasm_encoder::{
    ConstExpr, DataSection, DataSegment, DataSegmentMode, Encode as _, EntityType, ExportKind,
    ExportSection, GlobalSection, GlobalType, Ieee32, Ieee64, MemorySection, MemoryType, Module,
    ModuleType, SectionId, ValType,
};

use crate::error::{Context as _, LinkError, Result};

/// Where the code imports its state from.
pub(super) const FROM_IMAGE: &str = "gatewright:image";

/// What the names of images begin with.
pub(super) const IMAGE: &str = "image";

/// The name of the memory.
pub(super) const MEMORY: &str = "memory";

/// Bytes of a page of memory.
const PAGE_BYTES: u64 = 1 << 16;

/// What a module remembers: its memory, and its globals that change.
#[derive(Debug)]
pub struct Image {
    /// What the component calls the module that it imports.
    pub name: String,
    pub(super) memory: Option<MemoryType>,
    pub(super) globals: Vec<ValType>,
    pub(super) initial: Vec<u8>,
}

/// What a global holds: a number, or the bits of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Global {
    /// 32 bits of an integer.
    I32(i32),
    /// 64 bits of an integer.
    I64(i64),
    /// The bits of a float.
    F32(u32),
    /// The bits of a double.
    F64(u64),
}

// === impl Image ===

impl Image {
    /// The module that holds what the component remembers before it ran.
    pub fn initial(&self) -> &[u8] {
        &self.initial
    }

    /// Whether it has a memory.
    pub fn has_memory(&self) -> bool {
        self.memory.is_some()
    }

    /// How many globals it has, in their order.
    pub fn globals(&self) -> usize {
        self.globals.len()
    }

    /// The module that holds this instead: its globals in their order, and the whole of its
    /// memory.
    pub fn holding(&self, globals: &[Global], memory: Option<&[u8]>) -> Result<Vec<u8>> {
        let memory = match (self.memory, memory) {
            (Some(memory), Some(held)) => {
                let bytes = u64::try_from(held.len())?;
                let pages = bytes / PAGE_BYTES;
                let fits = bytes % PAGE_BYTES == 0
                    && pages >= memory.minimum
                    && memory.maximum.is_none_or(|maximum| pages <= maximum);
                if !fits {
                    return Err(LinkError::refused("the memory is of another size"));
                }
                let minimum = pages;
                Some((MemoryType { minimum, ..memory }, held))
            }
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                return Err(LinkError::refused("a memory is there or missing"));
            }
        };
        let types = globals.iter().map(|global| global.of_type());
        if !types.eq(self.globals.iter().copied()) {
            return Err(LinkError::refused("the globals are of other types"));
        }
        module(memory, globals)
    }

    /// What the component says of the module that it imports.
    pub(super) fn module_type(&self) -> ModuleType {
        let mut module = ModuleType::new();
        if let Some(memory) = self.memory {
            module.export(MEMORY, EntityType::Memory(memory));
        }
        for (index, of_type) in self.globals.iter().enumerate() {
            module.export(&global(index), EntityType::Global(changing(*of_type)));
        }
        module
    }
}

/// The name of a global.
pub(super) fn global(index: usize) -> String {
    format!("global{index}")
}

pub(super) const fn changing(val_type: ValType) -> GlobalType {
    GlobalType {
        val_type,
        mutable: true,
        shared: false,
    }
}

/// A module that holds this. Its data is one piece, from the first byte to the last that is
/// not zero: it becomes memory as it lies there.
pub(super) fn module(memory: Option<(MemoryType, &[u8])>, holds: &[Global]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    let mut exports = ExportSection::new();
    if let Some((of_type, _)) = memory {
        let mut memories = MemorySection::new();
        memories.memory(of_type);
        module.section(&memories);
        exports.export(MEMORY, ExportKind::Memory, 0);
    }
    let mut globals = GlobalSection::new();
    for (index, held) in holds.iter().enumerate() {
        globals.global(changing(held.of_type()), &held.expression());
        exports.export(&global(index), ExportKind::Global, u32::try_from(index)?);
    }
    if !globals.is_empty() {
        module.section(&globals);
    }
    module.section(&exports);
    let mut bytes = module.finish();
    if let Some((_, memory)) = memory {
        add_data(&mut bytes, memory)?;
    }
    Ok(bytes)
}

/// Adds the section of data by hand: it is long, and a copy would be one too many.
fn add_data(module: &mut Vec<u8>, memory: &[u8]) -> Result<()> {
    let Some(first) = memory.iter().position(|byte| *byte != 0) else {
        return Ok(());
    };
    let last = memory.iter().rposition(|byte| *byte != 0).unwrap_or(first);
    let data = memory.get(first..=last).unwrap_or_default();
    // The same section, with nothing in it: what stands before the data.
    let mut empty = DataSection::new();
    let offset = i32::from_ne_bytes(u32::try_from(first)?.to_ne_bytes());
    empty.segment(DataSegment {
        mode: DataSegmentMode::Active {
            memory_index: 0,
            offset: &ConstExpr::i32_const(offset),
        },
        data: [],
    });
    let mut section = Vec::new();
    empty.encode(&mut section);
    // Its length in bytes, the number of segments, the segment, and the length of no data.
    let (_, segment) = split_length(&section).context("a section has no length")?;
    let (_no_data, segment) = segment.split_last().context("a segment has no length")?;
    let mut length = Vec::new();
    data.len().encode(&mut length);
    module.reserve_exact(data.len() + segment.len() + 2 * length.len() + 2 * size_of::<u64>());
    module.push(SectionId::Data.into());
    (segment.len() + length.len() + data.len()).encode(module);
    module.extend_from_slice(segment);
    module.extend_from_slice(&length);
    module.extend_from_slice(data);
    Ok(())
}

/// A number in LEB128, and what is behind it.
fn split_length(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| byte & 0x80 == 0)?;
    bytes.split_at_checked(end + 1)
}

// === impl Global ===

impl Global {
    pub(super) const fn of_type(self) -> ValType {
        match self {
            Self::I32(_) => ValType::I32,
            Self::I64(_) => ValType::I64,
            Self::F32(_) => ValType::F32,
            Self::F64(_) => ValType::F64,
        }
    }

    fn expression(self) -> ConstExpr {
        match self {
            Self::I32(number) => ConstExpr::i32_const(number),
            Self::I64(number) => ConstExpr::i64_const(number),
            Self::F32(bits) => ConstExpr::f32_const(Ieee32::new(bits)),
            Self::F64(bits) => ConstExpr::f64_const(Ieee64::new(bits)),
        }
    }
}
