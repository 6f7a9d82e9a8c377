//! Tars that want to be something else than a layout.

use tar::{Builder, EntryType, Header};

use super::fixture::signed;
use crate::{BLOBS_MAX, Layout, LayoutError, Sha256};

/// A tar of one entry, with whatever its header says.
fn tar(path: &str, kind: EntryType, claimed: u64, bytes: &[u8]) -> Vec<u8> {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(claimed);
    // Not `set_path`, which refuses what an attacker writes.
    let name = &mut header.as_mut_bytes()[..100];
    name[..path.len()].copy_from_slice(path.as_bytes());
    header.set_cksum();
    let mut tar = header.as_bytes().to_vec();
    tar.extend_from_slice(bytes);
    tar.resize(tar.len().next_multiple_of(512), 0);
    tar.resize(tar.len() + 1024, 0);
    tar
}

fn error(tar: &[u8]) -> LayoutError {
    Layout::from_tar(tar).unwrap_err()
}

#[test]
fn a_path_that_leaves_the_layout_is_refused() {
    let blob = Sha256::of(b"x").hex();
    for path in [
        "../index.json",
        "/index.json",
        "blobs/../index.json",
        "blobs/sha256/../../index.json",
        &format!("blobs/sha256/../sha256/{blob}"),
        &format!("/blobs/sha256/{blob}"),
        &format!("blobs//sha256/{blob}"),
        &format!("blobs\\sha256\\{blob}"),
        "././index.json",
        "etc/passwd",
        "blobs/sha256/x",
        "index.json/",
        "",
    ] {
        let error = error(&tar(path, EntryType::Regular, 1, b"x"));
        assert!(
            matches!(&error, LayoutError::Foreign { .. }),
            "{path}: {error}"
        );
    }
}

#[test]
fn what_is_not_a_file_is_refused() {
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Char,
        EntryType::Block,
        EntryType::Fifo,
        EntryType::Continuous,
        EntryType::GNUSparse,
        EntryType::GNULongName,
        EntryType::GNULongLink,
        EntryType::XHeader,
        EntryType::XGlobalHeader,
    ] {
        let error = error(&tar("index.json", kind, 0, b""));
        assert!(
            matches!(&error, LayoutError::Foreign { .. }),
            "{kind:?}: {error}"
        );
    }
    let error = error(&tar("blobs/other/", EntryType::Directory, 0, b""));
    assert!(matches!(error, LayoutError::Foreign { .. }), "{error}");
}

#[test]
fn the_same_file_twice_is_refused() {
    let mut bytes = Vec::new();
    signed(1).write_tar(&mut bytes).unwrap();
    let second = bytes.clone();
    // Without the end of the first.
    bytes.truncate(bytes.len() - 1024);
    bytes.extend(second);
    let error = error(&bytes);
    assert!(matches!(error, LayoutError::Duplicate(_)), "{error}");
}

/// A few bytes of tar that stand for terabytes: nothing is reserved for what is
/// only claimed, and nothing over a bound is read.
#[test]
fn an_entry_that_claims_much_is_refused() {
    for claimed in [1 << 33, (1 << 33) - 1] {
        let path = format!("blobs/sha256/{}", Sha256::of(b"x").hex());
        let error = error(&tar(&path, EntryType::Regular, claimed, b"x"));
        assert!(matches!(error, LayoutError::TooLarge { .. }), "{error}");
    }
}

/// What a folder claims would be read through to reach the entry after it.
#[test]
fn a_folder_that_claims_contents_is_refused_unread() {
    for path in ["./", "blobs/", "blobs/sha256/"] {
        let tar = tar(path, EntryType::Directory, (1 << 33) - 1, b"x");
        let mut rest = tar.as_slice();
        let error = Layout::from_tar(&mut rest).unwrap_err();
        assert!(
            matches!(&error, LayoutError::Foreign { .. }),
            "{path}: {error}"
        );
        assert_eq!(rest.len(), tar.len() - 512, "{path}: only its header");
    }
}

/// Small entries that together are more than a pack may be. The bytes are made
/// while they are read, so that only a reader that keeps them would need memory.
#[test]
fn a_tar_without_end_is_not_read_to_its_end() {
    struct Endless {
        next: u64,
        block: Vec<u8>,
        given: usize,
    }
    impl std::io::Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            if self.block.is_empty() {
                let path = format!(
                    "blobs/sha256/{}",
                    Sha256::of(&self.next.to_le_bytes()).hex()
                );
                let bytes = vec![0; 16 << 20];
                self.block = tar(&path, EntryType::Regular, 16 << 20, &bytes);
                self.block.truncate(self.block.len() - 1024);
                self.next += 1;
            }
            let length = into.len().min(self.block.len());
            into[..length].copy_from_slice(&self.block[..length]);
            self.block.drain(..length);
            self.given += length;
            Ok(length)
        }
    }
    let mut endless = Endless {
        next: 0,
        block: Vec::new(),
        given: 0,
    };
    let error = Layout::from_tar(std::io::BufReader::with_capacity(1 << 20, &mut endless));
    let error = error.unwrap_err();
    assert!(matches!(error, LayoutError::TooLarge { .. }), "{error}");
    assert!(endless.given <= crate::LAYOUT_BYTES_MAX + (32 << 20));
}

#[test]
fn too_many_entries_are_refused() {
    let mut builder = Builder::new(Vec::new());
    for number in 0..BLOBS_MAX + 16 {
        let path = format!("blobs/sha256/{}", Sha256::of(&number.to_le_bytes()).hex());
        let mut header = Header::new_ustar();
        header.set_size(0);
        header.set_mode(0o644);
        builder.append_data(&mut header, path, &b""[..]).unwrap();
    }
    let error = error(&builder.into_inner().unwrap());
    assert!(matches!(error, LayoutError::TooMany { .. }), "{error}");
}

/// As `tar --format=ustar -C layout .` writes it.
#[test]
fn folders_and_a_leading_dot_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let layout = signed(1);
    layout.write_folder(folder.path()).unwrap();
    let mut builder = Builder::new(Vec::new());
    builder.mode(tar::HeaderMode::Deterministic);
    builder.append_dir_all("./", folder.path()).unwrap();
    let bytes = builder.into_inner().unwrap();
    let read = Layout::from_tar(&bytes[..]).unwrap();
    assert!(read.blobs().eq(layout.blobs()));
}
