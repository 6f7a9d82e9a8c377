//! A file of messages that nobody took: the newest ones, up to a size.

use std::io;
use std::path::Path;

use gatewright_disk::{Access, Disk as _, Files, Target, replace};

/// Longest file, in bytes; the oldest lines give way.
const BYTES_MAX: usize = 1 << 20;

/// Adds a line, which has no line end of its own. When it answers, it is on disk. One
/// writer at a time. Blocks.
pub fn keep(path: &Path, line: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        Files.create_folder(folder)?;
    }
    let before = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let mut lines: Vec<_> = before.lines().chain([line]).collect();
    let mut bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
    let gone = lines.iter().take_while(|line| {
        let is_over = bytes > BYTES_MAX;
        bytes = bytes.saturating_sub(line.len() + 1);
        is_over
    });
    let gone = gone.count();
    lines.drain(..gone);
    let mut text = lines.join("\n");
    text.push('\n');
    replace(&Files, Target::new(path, Access::Owner), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_lines_are_kept_up_to_a_size() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/letters.jsonl");
        let long = "x".repeat(BYTES_MAX / 4);
        for number in 0..9 {
            keep(&path, &format!("{number}{long}")).unwrap();
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.len() <= BYTES_MAX, "{}", text.len());
        let firsts: String = text.lines().filter_map(|it| it.chars().next()).collect();
        assert_eq!(firsts, "678");
    }
}
