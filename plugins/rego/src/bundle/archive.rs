//! Files of a `.tar.gz`: RFC 1952, and the tar of POSIX.

use std::collections::BTreeMap;

use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// Most files of a bundle.
const FILES_MAX: usize = 10_000;

/// Size of a record of an archive, in bytes.
const RECORD_BYTES: usize = 512;

/// What is behind the deflated bytes: a checksum and a length.
const TRAILER_BYTES: usize = 8;

/// What follows the ten bytes of a gzip header, by bits of its fourth.
const FLAG_CHECKSUM: u8 = 2;
const FLAG_EXTRA: u8 = 4;
const FLAG_NAME: u8 = 8;
const FLAG_COMMENT: u8 = 16;

const NOT_GZIP: &str = "it is not a `.tar.gz`";

/// What is compressed, of at most so many bytes.
pub(super) fn unpacked(bytes: &[u8], bytes_max: usize) -> Result<Vec<u8>, String> {
    let (deflated, trailer) = deflated(bytes).ok_or(NOT_GZIP)?;
    let unpacked = decompress_to_vec_with_limit(deflated, bytes_max)
        .map_err(|_| format!("it is damaged, or larger than {bytes_max} bytes"))?;
    let (checksum, length) = trailer.split_at_checked(4).ok_or(NOT_GZIP)?;
    let is_whole = checksum == crc32(&unpacked).to_le_bytes()
        && u32::try_from(unpacked.len()).is_ok_and(|it| length == it.to_le_bytes());
    match is_whole {
        true => Ok(unpacked),
        false => Err("it is damaged: its checksum is another".to_owned()),
    }
}

/// The deflated bytes of a gzip member, and its trailer.
fn deflated(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (header, mut rest) = bytes.split_at_checked(10)?;
    let [0x1f, 0x8b, 8, flags, ..] = header else {
        return None;
    };
    if flags & FLAG_EXTRA != 0 {
        let (length, behind) = rest.split_first_chunk::<2>()?;
        rest = behind.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    for flag in [FLAG_NAME, FLAG_COMMENT] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    if flags & FLAG_CHECKSUM != 0 {
        rest = rest.get(2..)?;
    }
    rest.split_at_checked(rest.len().checked_sub(TRAILER_BYTES)?)
}

/// CRC-32 of RFC 1952.
fn crc32(bytes: &[u8]) -> u32 {
    let mut table = [0_u32; 256];
    for (entry, index) in table.iter_mut().zip(0_u32..) {
        *entry = (0..8).fold(index, |value, _| match value & 1 {
            1 => 0xedb8_8320 ^ (value >> 1),
            _ => value >> 1,
        });
    }
    !bytes.iter().fold(!0, |value: u32, byte| {
        let place = usize::from((value as u8) ^ byte);
        table.get(place).copied().unwrap_or_default() ^ (value >> 8)
    })
}

/// The files by path, without what a path begins with.
pub(super) fn files(archive: &[u8]) -> Result<BTreeMap<String, &[u8]>, String> {
    let mut files = BTreeMap::new();
    let mut rest = archive;
    let mut long_name = None;
    while let Some((header, behind)) = rest.split_at_checked(RECORD_BYTES) {
        if header.iter().all(|byte| *byte == 0) {
            break;
        }
        let field = |from: usize, to: usize| header.get(from..to).unwrap_or_default();
        let size = octal(field(124, 136)).ok_or("it is no tar archive")?;
        let content = behind.get(..size).ok_or("a file in it is cut off")?;
        let padded = size.div_ceil(RECORD_BYTES).saturating_mul(RECORD_BYTES);
        rest = behind.get(padded..).unwrap_or_default();
        match header.get(156) {
            Some(b'0' | 0) => {
                let name = match long_name.take() {
                    Some(name) => name,
                    None => name(field(0, 100), field(345, 500), field(257, 262))?,
                };
                let path = clean(&name)?;
                if files.len() >= FILES_MAX {
                    return Err(format!("it has more than {FILES_MAX} files"));
                }
                if files.insert(path, content).is_some() {
                    return Err(format!("`{name}` is there twice"));
                }
            }
            Some(b'5') => long_name = None,
            Some(b'x') => long_name = path_of_pax(content)?,
            Some(b'g') => {}
            _ => return Err("it has a member that is no file".to_owned()),
        }
    }
    Ok(files)
}

fn name(name: &[u8], prefix: &[u8], magic: &[u8]) -> Result<String, String> {
    let text = |bytes: &[u8]| {
        let end = bytes.iter().position(|byte| *byte == 0);
        let bytes = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
        let text = std::str::from_utf8(bytes).map(str::to_owned);
        text.map_err(|_| "the name of a file in it is not UTF-8".to_owned())
    };
    let name = text(name)?;
    match text(prefix)? {
        prefix if magic == b"ustar" && !prefix.is_empty() => Ok(format!("{prefix}/{name}")),
        _ => Ok(name),
    }
}

/// The path of an extended header: records of `length name=value`.
fn path_of_pax(records: &[u8]) -> Result<Option<String>, String> {
    let wrong = || "an extended header in it cannot be read".to_owned();
    let mut rest = std::str::from_utf8(records).map_err(|_| wrong())?;
    let mut path = None;
    while !rest.is_empty() {
        let (length, _) = rest.split_once(' ').ok_or_else(wrong)?;
        let digits = length.len() + 1;
        let length: usize = length.parse().map_err(|_| wrong())?;
        let record = rest.get(digits..length).ok_or_else(wrong)?;
        if let Some(value) = record.strip_prefix("path=") {
            path = Some(value.trim_end_matches('\n').to_owned());
        }
        rest = rest.get(length..).ok_or_else(wrong)?;
    }
    Ok(path)
}

/// `/a/b.rego` and `./a/b.rego` are `a/b.rego`.
fn clean(name: &str) -> Result<String, String> {
    let path = name.trim_start_matches("./").trim_start_matches('/');
    let is_plain = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    match is_plain {
        true => Ok(path.to_owned()),
        false => Err(format!("`{name}` is no path in a bundle")),
    }
}

fn octal(field: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(field).ok()?;
    let text = text.trim_matches(|letter: char| letter == '\0' || letter == ' ');
    usize::from_str_radix(text, 8).ok()
}
