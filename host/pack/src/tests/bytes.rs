//! A flipped byte anywhere in a pack.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::fixture::{acme, now, signed, trust};
use crate::{Age, Layout, Refusal, VerifiedPack, verify};

/// Every file of a layout, by its path.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for file in ["oci-layout", "index.json"] {
        let path = folder.join(file);
        files.insert(path.clone(), fs::read(path).unwrap());
    }
    for entry in fs::read_dir(folder.join("blobs/sha256")).unwrap() {
        let path = entry.unwrap().path();
        files.insert(path.clone(), fs::read(path).unwrap());
    }
    files
}

fn verified(layout: Result<Layout, crate::LayoutError>) -> Result<VerifiedPack, Refusal> {
    verify(layout?, &trust(acme()), Age::NotBelow(None), now())
}

/// Where the contents of each file are in a tar: its path, and the range.
fn contents(tar: &[u8]) -> Vec<(String, std::ops::Range<usize>)> {
    let mut archive = tar::Archive::new(tar);
    let entries = archive.entries().unwrap().map(Result::unwrap);
    let range = |entry: tar::Entry<'_, &[u8]>| {
        let path = entry.path().unwrap().display().to_string();
        let start = usize::try_from(entry.raw_file_position()).unwrap();
        (path, start..start + usize::try_from(entry.size()).unwrap())
    };
    entries.map(range).collect()
}

/// Changes each byte of each file in turn, in one bit or in all of them. In a
/// blob that is always refused. In `index.json` and `oci-layout` a change may
/// mean nothing (a space, a label): then it is the same pack with the same
/// signatures.
#[test]
fn a_flipped_byte_anywhere_is_refused_or_means_nothing() {
    let layout = signed(1);
    let mut tar = Vec::new();
    layout.write_tar(&mut tar).unwrap();
    let whole = verified(Layout::from_tar(&tar[..])).unwrap();
    let (mut refused, mut void) = (0, 0);
    for (path, range) in contents(&tar) {
        for place in range {
            for mask in [0x01, 0x20, 0xff] {
                tar[place] ^= mask;
                match verified(Layout::from_tar(&tar[..])) {
                    Err(_) => refused += 1,
                    Ok(pack) => {
                        assert!(!path.starts_with("blobs"), "{path}: {place} ^ {mask:#x}");
                        assert_eq!(pack.digest(), whole.digest(), "{path}: {place}");
                        assert_eq!(pack.signers(), whole.signers());
                        assert_eq!(pack.layout().image().digest, layout.image().digest);
                        void += 1;
                    }
                }
                tar[place] ^= mask;
            }
        }
    }
    assert!(refused > 5_000, "{refused} refused");
    assert!(void < refused / 10, "{void} of {refused} meant nothing");
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    signed(1).write_folder(folder.path()).unwrap();
    for (path, bytes) in files(folder.path()) {
        for length in 0..bytes.len() {
            fs::write(&path, &bytes[..length]).unwrap();
            let result = verified(Layout::read(folder.path()));
            assert!(result.is_err(), "{}: {length} bytes", path.display());
        }
        fs::write(&path, &bytes).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Several changes at once, in the tar. proptest prints the values and its
    /// seed when one fails.
    #[test]
    fn a_damaged_tar_never_gives_another_pack(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..6),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let layout = signed(1);
        let mut tar = Vec::new();
        layout.write_tar(&mut tar).unwrap();
        for (place, mask) in changes {
            let place = place.index(tar.len());
            tar[place] ^= mask;
        }
        if let Some(cut) = cut {
            tar.truncate(cut.index(tar.len()));
        }
        if let Ok(pack) = verified(Layout::from_tar(&tar[..])) {
            prop_assert_eq!(pack.layout().image().digest, layout.image().digest);
            prop_assert_eq!(pack.layout().pack_manifest(), layout.pack_manifest());
        }
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..2048)) {
        prop_assert!(Layout::from_tar(&bytes[..]).is_err());
        prop_assert!(crate::PackManifest::parse(&bytes).is_err());
        prop_assert!(crate::Envelope::parse(&bytes).is_err());
    }
}
