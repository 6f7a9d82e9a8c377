//! Whether anything on disk changed that a snapshot is made from.

use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use gatewright_pack::WANTED_FILE;
use gatewright_policy::Digest;
use toml::Spanned;

use crate::config::Loaded;

/// A digest over the configuration and every file that it names: their bytes,
/// and which files they are. As long as it is the same, nothing was replaced, not
/// even by something else and back again, and there is nothing to build.
pub(crate) fn fingerprint(path: &Path) -> Option<Digest> {
    let text = std::fs::read_to_string(path).ok()?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(text.as_bytes());
    identify(path, &mut hasher);
    let Ok(loaded) = Loaded::read(path) else {
        hasher.update(b"refused");
        return Some(Digest::from_bytes(*hasher.finalize().as_bytes()));
    };
    let wanted = (!loaded.config.packs_used.is_empty())
        .then(|| loaded.resolve(&loaded.config.packs.store).join(WANTED_FILE));
    let of_bindings = loaded.config.bindings.iter().flat_map(|binding| {
        let policy = binding.pack.is_none().then(|| binding.policy.get_ref());
        let settings = binding.settings_file.as_ref().map(Spanned::get_ref);
        policy.into_iter().chain(settings)
    });
    let of_bindings = of_bindings.map(|file| loaded.resolve(file));
    let agents = loaded.config.agents.as_ref();
    let agents = agents.and_then(|agents| agents.file.as_ref());
    let agents = agents.map(|file| loaded.resolve(file.get_ref()));
    let issuers = loaded.config.issuers.iter();
    let keys = issuers.filter_map(|issuer| issuer.jwks_file.as_ref());
    let keys = keys.map(|file| loaded.resolve(file.get_ref()));
    let named = agents.into_iter().chain(keys);
    for file in wanted.into_iter().chain(named).chain(of_bindings) {
        read(&file, &mut hasher);
    }
    let bindings = loaded.config.bindings.iter();
    for (_, on_disk) in bindings.flat_map(|binding| loaded.on_disk(binding)) {
        // Their names count too: settings call what they hold by them.
        for (name, file) in on_disk.unwrap_or_default().files {
            hasher.update(blake3::hash(name.as_bytes()).as_bytes());
            read(&loaded.resolve(&file), &mut hasher);
        }
    }
    Some(Digest::from_bytes(*hasher.finalize().as_bytes()))
}

fn read(file: &Path, hasher: &mut blake3::Hasher) {
    identify(file, hasher);
    // Piece by piece: one that is too long to be loaded is looked at all the same.
    let mut bytes = blake3::Hasher::new();
    let read = File::open(file).and_then(|mut file| std::io::copy(&mut file, &mut bytes));
    match read {
        Ok(_) => hasher.update(bytes.finalize().as_bytes()),
        Err(_) => hasher.update(b"unreadable"),
    };
}

/// Which file stands there, and since when it is as it is.
fn identify(path: &Path, hasher: &mut blake3::Hasher) {
    if let Ok(file) = std::fs::metadata(path) {
        hasher.update(&file.ino().to_le_bytes());
        hasher.update(&file.mtime().to_le_bytes());
        hasher.update(&file.mtime_nsec().to_le_bytes());
    }
}
