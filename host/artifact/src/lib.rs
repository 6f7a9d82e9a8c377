//! Machine code of policies in files of a private folder, each named by the digest of what
//! is in it, and mapped from there: pages that nobody touched take no memory, and those
//! that were touched can be read again.
//!
//! This is the only crate of the gate that has `unsafe`: in [`Artifact::component`] and
//! [`Artifact::module`], where bytes of a file become code that this process runs. wasmtime
//! asks two things of them that it cannot check, and this is why they hold:
//!
//! 1. *They are what wasmtime wrote.* An artefact is what `serialize` gave, in the process that
//!    this program starts to compile ([`Artifacts::keep_component`], [`Artifacts::keep_module`]). An
//!    [`Artifact`] is made in one place (`Artifact::open`), where the whole file is read and compared
//!    with the digest that it is asked for, and what is mapped is that open file. Who asks has the
//!    digest from the process that compiled, and keeps it in files that nobody else can write.
//! 2. *Nobody changes them while they are mapped.* The folder belongs to this user, with mode
//!    0700, and nobody but this user and root can put another one in its place
//!    ([`private_folder`]). A file in it is new when it is written, by the process that owns the folder,
//!    is given its name when it is whole, and is never opened for writing again. What a process that
//!    compiled has open is in another folder, and is copied ([`Artifacts::take`]).
//!
//! That they are for this wasmtime, its settings and this processor is written in the artefact, and
//! compared by wasmtime before it believes anything else in it.
//!
//! What is left: a component that takes over the process that compiles it decides what its own
//! code is, as it always did, and no more than that by way of these files; that process runs as this
//! user, though. This user, or root, could write to this process as well. And a disk that gives
//! other bytes than it took, or none, ends the process (`SIGBUS`), and then nothing passes the gate.

mod artifact;
mod artifacts;
mod open;
mod private;

pub use artifact::Artifact;
pub use artifacts::Artifacts;
pub use open::read as read_regular;
pub use private::make as private_folder;
