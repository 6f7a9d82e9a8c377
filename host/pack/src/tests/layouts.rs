//! Folders that are not the layout of a pack, one reason at a time.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::fixture::{signed, unsigned};
use crate::{
    BLOB_BYTES_MAX, BLOBS_MAX, Descriptor, INDEX_BYTES_MAX, ImageManifest, LAYOUT_BYTES_MAX,
    Layout, LayoutError, OCI_MANIFEST_BYTES_MAX, PACK_MANIFEST_BYTES_MAX, Sha256,
};

fn written() -> (TempDir, Layout) {
    let folder = tempfile::tempdir().unwrap();
    let layout = signed(1);
    layout.write_folder(folder.path()).unwrap();
    (folder, layout)
}

fn error(folder: &TempDir) -> LayoutError {
    Layout::read(folder.path()).unwrap_err()
}

/// Changes `index.json`.
fn index(folder: &TempDir, change: impl FnOnce(&mut Value)) {
    let path = folder.path().join("index.json");
    let mut index: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut index);
    fs::write(path, serde_json::to_vec(&index).unwrap()).unwrap();
}

/// The same blobs with another image manifest.
fn assembled(change: impl FnOnce(&mut ImageManifest)) -> Result<Layout, LayoutError> {
    let layout = unsigned(1);
    let mut image = layout.manifest().clone();
    change(&mut image);
    let blobs = layout.blobs().map(|(_, blob)| blob.to_vec());
    let blobs: Vec<_> = blobs.collect();
    Layout::assemble(None, serde_json::to_vec(&image).unwrap(), Vec::new(), blobs)
}

fn blob(folder: &Path, digest: &Sha256) -> std::path::PathBuf {
    folder.join("blobs/sha256").join(digest.hex())
}

#[test]
fn a_folder_and_a_tar_are_the_same_pack() {
    let (folder, layout) = written();
    let read = Layout::read(folder.path()).unwrap();
    assert_eq!(read.image(), layout.image());
    assert_eq!(read.reference(), Some("1.1.0"));
    assert!(read.blobs().eq(layout.blobs()));
    let tar = folder.path().join("pack.tar");
    layout.write_tar(fs::File::create(&tar).unwrap()).unwrap();
    let read = Layout::read(&tar).unwrap();
    assert!(read.blobs().eq(layout.blobs()));
    assert_eq!(read.image(), layout.image());
}

#[test]
fn writing_over_a_pack_leaves_nothing_of_it() {
    let (folder, _) = written();
    let other = signed(2);
    other.write_folder(folder.path()).unwrap();
    let read = Layout::read(folder.path()).unwrap();
    assert!(read.blobs().eq(other.blobs()));
    let there = fs::read_dir(folder.path().join("blobs/sha256")).unwrap();
    assert_eq!(there.count(), other.blobs().count());
}

#[test]
fn a_missing_blob_is_named() {
    let (_, layout) = written();
    for (digest, _) in layout.blobs() {
        let (folder, _) = written();
        fs::remove_file(blob(folder.path(), digest)).unwrap();
        let error = error(&folder);
        assert!(
            matches!(error, LayoutError::Missing { digest: missing, .. } if missing == *digest),
            "{error}"
        );
    }
}

#[test]
fn a_wrong_media_type_is_named() {
    type Change = fn(&mut ImageManifest);
    let changes: [(&str, Change); 5] = [
        ("the image manifest", |image| {
            image.media_type = "application/json".to_owned();
        }),
        ("the image manifest", |image| {
            image.artifact_type = "application/vnd.gatewright.pack.v2+json".to_owned();
        }),
        ("the config", |image| {
            image.config.media_type = "application/vnd.oci.image.config.v1+json".to_owned();
        }),
        ("the first layer", |image| {
            image.layers[0].media_type = "application/wasm".to_owned();
        }),
        ("a layer", |image| {
            image.layers[2].media_type = "application/vnd.wasmtime.cwasm".to_owned();
        }),
    ];
    for (part, change) in changes {
        let error = assembled(change).unwrap_err();
        assert!(
            matches!(error, LayoutError::MediaType { what, .. } if what == part),
            "{part}: {error}"
        );
    }
    let (folder, _) = written();
    index(&folder, |index| {
        index["manifests"][0]["mediaType"] = "application/vnd.oci.image.index.v1+json".into();
    });
    assert!(matches!(error(&folder), LayoutError::MediaType { .. }));
}

#[test]
fn two_packs_or_none_are_refused() {
    let (folder, _) = written();
    index(&folder, |index| {
        index["manifests"].as_array_mut().unwrap().truncate(0);
    });
    assert_eq!(error(&folder), LayoutError::Packs(0));
    let (folder, _) = written();
    index(&folder, |index| {
        let first = index["manifests"][0].clone();
        index["manifests"].as_array_mut().unwrap().push(first);
    });
    assert_eq!(error(&folder), LayoutError::Packs(2));
}

#[test]
fn unknown_members_are_refused() {
    let (folder, _) = written();
    index(&folder, |index| index["subject"] = json!({}));
    assert!(matches!(error(&folder), LayoutError::Shape { .. }));
    let (folder, _) = written();
    index(&folder, |index| {
        index["manifests"][0]["urls"] = json!(["https://example.com/"]);
    });
    assert!(matches!(error(&folder), LayoutError::Shape { .. }));
}

#[test]
fn a_size_that_is_not_the_blobs_is_refused() {
    for change in [-1_i64, 1, 1 << 40] {
        let error = assembled(|image| {
            image.layers[1].size = image.layers[1].size.saturating_add_signed(change);
        })
        .unwrap_err();
        assert!(
            matches!(
                error,
                LayoutError::Size { .. } | LayoutError::TooLarge { .. }
            ),
            "{error}"
        );
    }
}

#[test]
fn links_are_not_followed() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    let (_, layout) = written();
    for file in ["oci-layout", "index.json"] {
        let (folder, _) = written();
        let path = folder.path().join(file);
        fs::rename(&path, folder.path().join("moved")).unwrap();
        symlink(folder.path().join("moved"), path).unwrap();
        let error = error(&folder);
        assert!(matches!(error, LayoutError::Foreign { .. }), "{error}");
    }
    let (folder, _) = written();
    let path = blob(folder.path(), &layout.image().digest);
    fs::remove_file(&path).unwrap();
    symlink(secret.path(), &path).unwrap();
    assert!(matches!(error(&folder), LayoutError::Foreign { .. }));
    let (folder, _) = written();
    let blobs = folder.path().join("blobs");
    fs::rename(&blobs, folder.path().join("moved")).unwrap();
    symlink(folder.path().join("moved"), blobs).unwrap();
    assert!(matches!(error(&folder), LayoutError::Foreign { .. }));
}

#[test]
fn files_that_no_layout_has_are_named() {
    for name in ["x", &"A".repeat(64), &format!("{}.json", "a".repeat(64))] {
        let (folder, _) = written();
        fs::write(folder.path().join("blobs/sha256").join(name), b"").unwrap();
        let error = error(&folder);
        assert!(matches!(error, LayoutError::Foreign { .. }), "{error}");
    }
}

#[test]
fn a_place_without_a_layout_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let error = error(&folder);
    assert_eq!(error, LayoutError::NotALayout("oci-layout"));
    assert!(error.to_string().contains("hint: "), "{error}");
    let nowhere = Layout::read(&folder.path().join("nowhere")).unwrap_err();
    assert!(matches!(nowhere, LayoutError::Unreadable { .. }));
}

/// The sizes are looked at before anything is read: the files here are holes.
#[test]
fn files_that_are_too_large_are_not_read() {
    let hole = |path: &Path, bytes: usize| {
        let file = fs::File::create(path).unwrap();
        file.set_len(bytes as u64).unwrap();
    };
    let (folder, layout) = written();
    hole(&folder.path().join("index.json"), INDEX_BYTES_MAX + 1);
    assert!(matches!(error(&folder), LayoutError::TooLarge { .. }));
    let (folder, _) = written();
    hole(
        &blob(folder.path(), &layout.image().digest),
        BLOB_BYTES_MAX + 1,
    );
    assert!(matches!(error(&folder), LayoutError::TooLarge { .. }));
    let (folder, _) = written();
    for number in 0..=LAYOUT_BYTES_MAX / BLOB_BYTES_MAX {
        let digest = Sha256::of(&number.to_le_bytes());
        hole(&blob(folder.path(), &digest), BLOB_BYTES_MAX);
    }
    let error = error(&folder);
    assert!(error.to_string().starts_with("the layout has"), "{error}");
}

#[test]
fn too_many_files_are_not_read() {
    let (folder, _) = written();
    for number in 0..BLOBS_MAX {
        let digest = Sha256::of(&number.to_le_bytes());
        fs::write(blob(folder.path(), &digest), b"").unwrap();
    }
    assert!(matches!(error(&folder), LayoutError::TooMany { .. }));
}

#[test]
fn each_part_has_its_own_bound() {
    let part = |media_type: &str, bytes: usize| Descriptor::of(&vec![b' '; bytes], media_type);
    let error = assembled(|image| {
        image.layers[0] = part(&image.layers[0].media_type, PACK_MANIFEST_BYTES_MAX + 1);
    })
    .unwrap_err();
    assert!(matches!(error, LayoutError::TooLarge { .. }), "{error}");
    let error = assembled(|image| {
        image.config = part(&image.config.media_type, OCI_MANIFEST_BYTES_MAX + 1);
    })
    .unwrap_err();
    assert!(matches!(error, LayoutError::TooLarge { .. }), "{error}");
    let error = assembled(|image| {
        let layer = image.layers[1].clone();
        image.layers.resize(crate::POLICIES_MAX + 2, layer);
    })
    .unwrap_err();
    assert!(matches!(error, LayoutError::TooMany { .. }), "{error}");
    let padding = "x".repeat(OCI_MANIFEST_BYTES_MAX);
    let error = assembled(|image| {
        image.annotations.insert("padding".to_owned(), padding);
    })
    .unwrap_err();
    assert!(matches!(error, LayoutError::TooLarge { .. }), "{error}");
}

#[test]
fn layers_without_a_policy_are_refused() {
    let layout = assembled(|image| {
        image.layers.pop();
    });
    let refused = super::fixture::refusal(layout.unwrap(), super::fixture::acme());
    assert!(
        matches!(
            refused,
            crate::Refusal::Components {
                layers: 1,
                policies: 2
            }
        ),
        "{refused}"
    );
    let error = assembled(|image| image.layers.clear()).unwrap_err();
    assert!(matches!(error, LayoutError::Shape { .. }), "{error}");
}

/// Opened, a pipe or a device might be waited for without end.
#[test]
fn what_is_neither_a_file_nor_a_folder_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for path in [socket.as_path(), Path::new("/dev/null")] {
        let error = Layout::read(path).unwrap_err().to_string();
        assert!(error.contains("neither a file nor a folder"), "{error}");
        assert!(error.contains(path.to_str().unwrap()), "{error}");
    }
}
