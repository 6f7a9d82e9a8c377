//! An artefact that was found whole, and the code it is.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};

use gatewright_policy::Digest;
use wasmtime::component::Component;
use wasmtime::{Engine, Module};

use crate::open;

/// Longest artefact, in bytes: the most that data becomes, and code of the largest language
/// runtime, several times.
pub(crate) const ARTIFACT_BYTES_MAX: u64 = 3 << 29;

/// Where the files stand that this process has open, by number.
const OPEN_FILES: &str = if cfg!(target_os = "linux") {
    "/proc/self/fd"
} else {
    "/dev/fd"
};

/// An artefact that is what its digest says: the open file that was compared with it, whatever
/// has its name later.
#[derive(Debug)]
pub struct Artifact {
    digest: Digest,
    file: File,
    /// The open file, by a name that leads to no other one.
    path: PathBuf,
}

// === impl Artifact ===

impl Artifact {
    /// The artefact in this file, if it is what the digest says.
    pub(crate) fn open(path: &Path, digest: Digest) -> io::Result<Self> {
        let file = open::regular(path, ARTIFACT_BYTES_MAX)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader((&file).take(ARTIFACT_BYTES_MAX))?;
        if hasher.finalize().as_bytes() != digest.as_bytes() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("`{}` is not what its name says", path.display()),
            ));
        }
        let path = Path::new(OPEN_FILES).join(file.as_raw_fd().to_string());
        Ok(Self { digest, file, path })
    }

    /// Of what is in it.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The component that it is. One of another wasmtime, of other settings of the engine or
    /// for another processor is an error.
    pub fn component(&self, engine: &Engine) -> wasmtime::Result<Component> {
        let mapped = self.mapped_component(engine);
        mapped.or_else(|_| self.component_in_memory(engine))
    }

    /// The module that it is, with the same errors.
    pub fn module(&self, engine: &Engine) -> wasmtime::Result<Module> {
        let mapped = self.mapped_module(engine);
        mapped.or_else(|_| self.module_in_memory(engine))
    }

    #[expect(unsafe_code, reason = "what the artefact holds is code")]
    fn mapped_component(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: wasmtime wrote what is in this file, and it does not change: see the top of
        // this crate.
        unsafe { Component::deserialize_file(engine, &self.path) }
    }

    #[expect(unsafe_code, reason = "what the artefact holds is code")]
    fn mapped_module(&self, engine: &Engine) -> wasmtime::Result<Module> {
        // SAFETY: as for a component.
        unsafe { Module::deserialize_file(engine, &self.path) }
    }

    /// Where the file system is one from which nothing may be executed.
    #[expect(unsafe_code, reason = "what the artefact holds is code")]
    fn component_in_memory(&self, engine: &Engine) -> wasmtime::Result<Component> {
        let bytes = self.bytes()?;
        // SAFETY: wasmtime wrote these bytes: see the top of this crate.
        unsafe { Component::deserialize(engine, &bytes) }
    }

    #[expect(unsafe_code, reason = "what the artefact holds is code")]
    fn module_in_memory(&self, engine: &Engine) -> wasmtime::Result<Module> {
        let bytes = self.bytes()?;
        // SAFETY: as for a component.
        unsafe { Module::deserialize(engine, &bytes) }
    }

    /// What is in it, from its beginning. Whoever reads compares it once more.
    pub(crate) fn reader(&self) -> io::Result<impl io::Read> {
        let mut file = &self.file;
        file.rewind()?;
        Ok(file.take(ARTIFACT_BYTES_MAX))
    }

    /// What is in it, compared once more.
    fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.reader()?.read_to_end(&mut bytes)?;
        match Digest::of(&bytes) == self.digest {
            true => Ok(bytes),
            false => Err(io::Error::from(io::ErrorKind::InvalidData)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::Artifacts;

    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
    const MODULE: &[u8] = b"\0asm\x01\0\0\0";

    struct Kept {
        engine: Engine,
        folder: TempDir,
        artifacts: Artifacts,
        component: Digest,
        module: Digest,
    }

    fn kept() -> Kept {
        let folder = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::open(&folder.path().join("code")).unwrap();
        let engine = Engine::default();
        let component = Component::new(&engine, COMPONENT).unwrap();
        let module = Module::new(&engine, MODULE).unwrap();
        Kept {
            component: artifacts.keep_component(&component).unwrap(),
            module: artifacts.keep_module(&module).unwrap(),
            engine,
            folder,
            artifacts,
        }
    }

    /// Whether a file of the folder is mapped into this process.
    fn is_mapped(folder: &TempDir) -> bool {
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        maps.contains(folder.path().to_str().unwrap())
    }

    #[test]
    fn code_is_mapped_and_each_is_loaded_as_what_it_is_alone() {
        let kept = kept();
        let component = kept.artifacts.find(kept.component).unwrap();
        let module = kept.artifacts.find(kept.module).unwrap();
        assert!(component.module(&kept.engine).is_err());
        assert!(module.component(&kept.engine).is_err());
        assert!(!is_mapped(&kept.folder));
        let mapped = component.component(&kept.engine).unwrap();
        assert!(is_mapped(&kept.folder));
        drop(mapped);
        assert!(!is_mapped(&kept.folder));
        let _mapped = module.module(&kept.engine).unwrap();
        assert!(is_mapped(&kept.folder));
    }

    /// As in a file system from which nothing may be executed.
    #[test]
    fn what_cannot_be_mapped_is_read() {
        let kept = kept();
        let mut component = kept.artifacts.find(kept.component).unwrap();
        let mut module = kept.artifacts.find(kept.module).unwrap();
        (component.path, module.path) = (PathBuf::new(), PathBuf::new());
        let _read = component.component(&kept.engine).unwrap();
        let _read = module.module(&kept.engine).unwrap();
        assert!(!is_mapped(&kept.folder));
    }

    #[test]
    fn code_for_another_engine_is_not_loaded() {
        let kept = kept();
        let other = Engine::new(wasmtime::Config::new().consume_fuel(true)).unwrap();
        let component = kept.artifacts.find(kept.component).unwrap();
        let module = kept.artifacts.find(kept.module).unwrap();
        assert!(component.component(&other).is_err());
        assert!(module.module(&other).is_err());
    }

    #[test]
    fn what_was_compared_is_what_is_loaded_whatever_has_its_name() {
        let kept = kept();
        let artifact = kept.artifacts.find(kept.component).unwrap();
        let other = r#"(component (core module (func)) (import "other" (func)))"#;
        let other = Component::new(&kept.engine, wat::parse_str(other).unwrap()).unwrap();
        let other = kept.artifacts.keep_component(&other).unwrap();
        let place = kept.artifacts.path(kept.component);
        fs::rename(kept.artifacts.path(other), &place).unwrap();
        for loaded in [
            artifact.mapped_component(&kept.engine),
            artifact.component_in_memory(&kept.engine),
        ] {
            let kind = loaded.unwrap().component_type();
            assert_eq!(kind.imports(&kept.engine).len(), 0);
        }
        let error = kept.artifacts.find(kept.component).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
