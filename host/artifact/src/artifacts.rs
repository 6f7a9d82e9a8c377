//! The folder in which artefacts lie.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use gatewright_policy::Digest;
use wasmtime::Module;
use wasmtime::component::Component;

use crate::artifact::Artifact;
use crate::private;

/// A private folder of artefacts.
#[derive(Debug)]
pub struct Artifacts(PathBuf);

// === impl Artifacts ===

impl Artifacts {
    /// A folder, which is made if it is not there. An error where somebody else could change
    /// what lies there, or replace it ([`private_folder`](crate::private_folder)).
    pub fn open(folder: &Path) -> io::Result<Self> {
        private::make(folder)?;
        Ok(Self(folder.to_owned()))
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The file of an artefact, whether or not it is there.
    pub fn path(&self, digest: Digest) -> PathBuf {
        let mut name = String::with_capacity(2 * digest.as_bytes().len());
        for byte in digest.as_bytes() {
            // Writing to a string does not fail.
            let _ = write!(name, "{byte:02x}");
        }
        self.0.join(name)
    }

    /// Keeps the code of a component.
    pub fn keep_component(&self, component: &Component) -> io::Result<Digest> {
        self.keep(&component.serialize().map_err(io::Error::other)?)
    }

    /// Keeps the code of a module.
    pub fn keep_module(&self, module: &Module) -> io::Result<Digest> {
        self.keep(&module.serialize().map_err(io::Error::other)?)
    }

    fn keep(&self, artifact: &[u8]) -> io::Result<Digest> {
        let digest = Digest::of(artifact);
        match self.find(digest) {
            // The same, from before.
            Ok(_kept) => {}
            Err(_) => drop(self.write(digest, artifact)?),
        }
        Ok(digest)
    }

    /// The artefact of this digest, which is read and compared. An error where it is not there,
    /// or is another one.
    pub fn find(&self, digest: Digest) -> io::Result<Artifact> {
        Artifact::open(&self.path(digest), digest)
    }

    /// Takes an artefact over from another folder, if it is there: a copy, so that who has it open
    /// there has nothing open here. Who has it here already keeps that one.
    pub fn take(&self, from: &Self, digest: Digest) -> io::Result<Artifact> {
        match self.find(digest) {
            Ok(kept) => Ok(kept),
            Err(_) => self.write(digest, from.find(digest)?.reader()?),
        }
    }

    /// Writes a file that is new, compares it, and puts it in the place of what has its name.
    fn write(&self, digest: Digest, mut content: impl io::Read) -> io::Result<Artifact> {
        let part = NewFile::create(&self.0)?;
        io::copy(&mut content, &mut &part.file)?;
        let written = Artifact::open(&part.path, digest)?;
        fs::rename(&part.path, self.path(digest))?;
        Ok(written)
    }
}

/// A file that nobody else has, and that goes unless it is given a name.
struct NewFile {
    path: PathBuf,
    file: File,
}

// === impl NewFile ===

impl NewFile {
    fn create(folder: &Path) -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{}-{count}.part", std::process::id()));
        // What a process of this number left that was killed.
        let _ = fs::remove_file(&path);
        let mut options = OpenOptions::new();
        let file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Self { path, file })
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // Where it has a name it is not there.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> (tempfile::TempDir, Artifacts) {
        let folder = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::open(&folder.path().join("code")).unwrap();
        (folder, artifacts)
    }

    fn content(artifacts: &Artifacts, digest: Digest) -> Vec<u8> {
        artifacts.find(digest).unwrap();
        fs::read(artifacts.path(digest)).unwrap()
    }

    #[test]
    fn what_is_not_whole_is_not_found() {
        let (_folder, artifacts) = open();
        let digest = artifacts.keep(b"code").unwrap();
        assert_eq!(artifacts.find(digest).unwrap().digest(), digest);
        for other in [&b""[..], b"cod", b"codf", b"codes"] {
            fs::write(artifacts.path(digest), other).unwrap();
            let error = artifacts.find(digest).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
        fs::remove_file(artifacts.path(digest)).unwrap();
        let error = artifacts.find(digest).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn what_is_taken_is_a_copy_that_replaces_what_is_damaged() {
        use std::io::Write as _;
        let ((_one, here), (_other, there)) = (open(), open());
        let digest = there.keep(b"code").unwrap();
        // Whoever compiled has it open, and goes on to write.
        let mut open = OpenOptions::new()
            .append(true)
            .open(there.path(digest))
            .unwrap();
        fs::write(here.path(digest), "damaged").unwrap();
        here.take(&there, digest).unwrap();
        open.write_all(b"more").unwrap();
        assert_eq!(content(&here, digest), b"code");
        // What is there stays, whatever the other folder has.
        here.take(&there, digest).unwrap();
        assert_eq!(content(&here, digest), b"code");
        fs::remove_file(here.path(digest)).unwrap();
        assert!(here.take(&there, digest).is_err());
        assert_eq!(fs::read_dir(here.folder()).unwrap().count(), 0);
    }

    #[test]
    fn a_link_is_not_taken_wherever_it_leads() {
        let ((_one, here), (other, there)) = (open(), open());
        let digest = there.keep(b"code").unwrap();
        let elsewhere = other.path().join("elsewhere");
        fs::rename(there.path(digest), &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, there.path(digest)).unwrap();
        assert!(here.take(&there, digest).is_err());
        assert_eq!(fs::read_dir(here.folder()).unwrap().count(), 0);
    }

    #[test]
    fn what_was_cut_off_is_kept_again() {
        let (_folder, artifacts) = open();
        let digest = artifacts.keep(b"code").unwrap();
        fs::write(artifacts.path(digest), "co").unwrap();
        assert_eq!(artifacts.keep(b"code").unwrap(), digest);
        assert_eq!(content(&artifacts, digest), b"code");
    }

    #[test]
    fn a_folder_that_others_may_write_to_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let (folder, artifacts) = open();
        fs::set_permissions(artifacts.folder(), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(Artifacts::open(&folder.path().join("code")).is_err());
    }
}
