//! Joins the data segments of a module. Go's linker makes a segment of every
//! run of bytes between zeros, some 28,000, and each costs time in every
//! instance of a snapshot.

use wasm_encoder::{ConstExpr, DataSection};
use wasmparser::{DataKind, DataSectionReader, Operator};

use crate::error::Result;

/// Zeros between two segments that are written out to make one of them.
const GAP_BYTES_MAX: usize = 4096;

/// A data section with the same effect and few segments, or nothing when the
/// segments are not plain: at fixed places of the one memory, without overlap.
/// Only for a module whose code does not refer to segments (it has no data
/// count section).
pub(super) fn joined(section: DataSectionReader<'_>) -> Result<Option<DataSection>> {
    let mut segments = Vec::new();
    for data in section {
        let data = data?;
        let DataKind::Active {
            memory_index: 0,
            offset_expr,
        } = data.kind
        else {
            return Ok(None);
        };
        let mut operators = offset_expr.get_operators_reader();
        let Operator::I32Const { value } = operators.read()? else {
            return Ok(None);
        };
        if !matches!(operators.read()?, Operator::End) {
            return Ok(None);
        }
        segments.push((value.cast_unsigned() as usize, data.data));
    }
    segments.sort_by_key(|(start, _)| *start);

    let mut runs: Vec<(usize, Vec<u8>)> = Vec::new();
    for (start, data) in segments {
        match runs.last_mut() {
            Some((run, bytes)) if start < *run + bytes.len() => return Ok(None),
            Some((run, bytes)) if start - *run - bytes.len() <= GAP_BYTES_MAX => {
                bytes.resize(start - *run, 0);
                bytes.extend_from_slice(data);
            }
            _ => runs.push((start, data.to_vec())),
        }
    }
    let mut joined = DataSection::new();
    for (start, bytes) in runs {
        let start = u32::try_from(start)?.cast_signed();
        joined.active(0, &ConstExpr::i32_const(start), bytes);
    }
    Ok(Some(joined))
}
