//! The folder in which artefacts lie.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

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
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        match options.open(self.path(digest)) {
            Ok(mut file) => file.write_all(artifact)?,
            // The same, from before.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        Ok(digest)
    }

    /// The artefact of this digest, which is read and compared. An error where it is not there,
    /// or is another one.
    pub fn find(&self, digest: Digest) -> io::Result<Artifact> {
        Artifact::open(&self.path(digest), digest)
    }

    /// Takes an artefact from another folder, whose file is moved if it is what its name says.
    /// Who has it here already keeps that one.
    pub fn take(&self, from: &Self, digest: Digest) -> io::Result<Artifact> {
        if let Ok(kept) = self.find(digest) {
            return Ok(kept);
        }
        let taken = from.find(digest)?;
        fs::rename(from.path(digest), self.path(digest))?;
        Ok(taken)
    }

    /// Gives another folder a copy: who writes there does not write here.
    pub fn lend(&self, to: &Self, digest: Digest) -> io::Result<()> {
        to.keep(&self.find(digest)?.bytes()?)?;
        Ok(())
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
    fn what_is_taken_replaces_what_is_damaged_and_nothing_else() {
        let ((_one, here), (_other, there)) = (open(), open());
        let digest = there.keep(b"code").unwrap();
        fs::write(here.path(digest), "damaged").unwrap();
        here.take(&there, digest).unwrap();
        assert_eq!(here.find(digest).unwrap().bytes().unwrap(), b"code");
        assert!(!there.path(digest).exists());
        // What is there stays, whatever the other folder has.
        fs::write(there.path(digest), "damaged").unwrap();
        here.take(&there, digest).unwrap();
        assert_eq!(here.find(digest).unwrap().bytes().unwrap(), b"code");
        fs::remove_file(here.path(digest)).unwrap();
        assert!(here.take(&there, digest).is_err());
        assert!(!here.path(digest).exists());
    }

    #[test]
    fn what_is_lent_is_a_copy() {
        let ((_one, here), (_other, there)) = (open(), open());
        let digest = here.keep(b"code").unwrap();
        here.lend(&there, digest).unwrap();
        fs::write(there.path(digest), "other").unwrap();
        assert_eq!(here.find(digest).unwrap().bytes().unwrap(), b"code");
        assert!(here.lend(&there, Digest::of(b"none")).is_err());
    }

    #[test]
    fn a_folder_that_others_may_write_to_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let (folder, artifacts) = open();
        fs::set_permissions(artifacts.folder(), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(Artifacts::open(&folder.path().join("code")).is_err());
    }
}
