//! One entry: what a component became with its settings, and which code is of it.

use std::io;
use std::path::{Path, PathBuf};

use gatewright_policy::Digest;
use serde::{Deserialize, Serialize};

use super::checked;
use crate::answer::LogLine;
use crate::built::{Built, ImageModule, Snapshot};
use crate::limits::IMAGE_BYTES_MAX;

/// Longest header: the log of `configure`, escaped.
pub(super) const HEADER_BYTES_MAX: usize = 1 << 20;

/// Largest snapshot with what stands apart from it: the most that data becomes, and the most
/// memory and code that there is beside it.
const CONTENT_BYTES_MAX: usize = (512 << 20) + IMAGE_BYTES_MAX;

/// Length of the length of the header, in bytes.
const LENGTH_BYTES: usize = 4;

/// What stands before the images of the snapshot, and its component.
#[derive(Serialize, Deserialize)]
struct Header {
    code: Vec<Code>,
    is_snapshotted: bool,
    /// The name and the length of each.
    images: Vec<(String, usize)>,
    log: Vec<LogLine>,
}

/// A file of machine code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Code {
    /// As a path from the folder.
    pub(super) path: PathBuf,
    /// What is in it.
    pub(super) digest: Digest,
}

pub(super) fn write(path: &Path, key: Digest, built: &Built, code: Vec<Code>) -> io::Result<()> {
    let mut content = Vec::new();
    let mut images = Vec::new();
    if let Some(snapshot) = &built.snapshot {
        for image in &snapshot.images {
            images.push((image.name.clone(), image.module.len()));
            content.push(image.module.as_slice());
        }
        content.push(&snapshot.component);
    }
    if content.iter().map(|part| part.len()).sum::<usize>() > CONTENT_BYTES_MAX {
        return Err(io::Error::other("what was configured is too large"));
    }
    let header = serde_json::to_vec(&Header {
        code,
        is_snapshotted: built.snapshot.is_some(),
        images,
        log: built.log.clone(),
    })?;
    let length = u32::try_from(header.len()).map_err(io::Error::other)?;
    let length = length.to_le_bytes();
    content.splice(0..0, [length.as_slice(), &header]);
    checked::write(path, key, &content)
}

/// What is kept of this key, and the code of it, if it is whole.
pub(super) fn read(path: &Path, key: Digest) -> Option<(Built, Vec<Code>)> {
    let limit = LENGTH_BYTES + HEADER_BYTES_MAX + CONTENT_BYTES_MAX;
    let mut content = checked::read(path, key, limit)?;
    let (length, rest) = content.split_at_checked(LENGTH_BYTES)?;
    let length = usize::try_from(u32::from_le_bytes(length.try_into().ok()?)).ok()?;
    let header: Header = serde_json::from_slice(rest.get(..length)?).ok()?;
    content.drain(..LENGTH_BYTES + length);
    let snapshot = snapshot(content, header.images)?;
    let built = Built {
        snapshot: header.is_snapshotted.then_some(snapshot),
        log: header.log,
    };
    Some((built, header.code))
}

/// What was written: the images, and the component behind them.
fn snapshot(mut content: Vec<u8>, images: Vec<(String, usize)>) -> Option<Snapshot> {
    let split_off =
        |content: &mut Vec<u8>, at| (at <= content.len()).then(|| content.split_off(at));
    let mut lengths = images.iter().map(|(_, length)| *length);
    let mut end = lengths.try_fold(0_usize, usize::checked_add)?;
    let component = split_off(&mut content, end)?;
    let mut modules = Vec::with_capacity(images.len());
    for (name, length) in images.into_iter().rev() {
        end = end.checked_sub(length)?;
        let module = match end {
            // The first, and often the only one, is long: it stays where it is.
            0 => std::mem::take(&mut content),
            _ => split_off(&mut content, end)?,
        };
        modules.push(ImageModule { name, module });
    }
    modules.reverse();
    Some(Snapshot {
        component,
        images: modules,
    })
}
