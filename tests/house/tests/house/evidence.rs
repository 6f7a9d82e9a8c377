//! The verifier of records shares no code with what writes them: a fault in one must not
//! hide in the other.

use std::path::Path;

use gatewright_house::{files, nothing_in, text};

const CRATE: &str = "host/evidence/src/";

const VERIFIER: &str = "host/evidence/src/verify/";

#[test]
fn the_verifier_shares_no_code_with_the_writer() {
    let mut found = Vec::new();
    let mut count = 0;
    for file in files() {
        let name = file.to_string_lossy().into_owned();
        if !name.starts_with(CRATE) {
            continue;
        }
        let text = text(Path::new(&name));
        let code = text.split("\n#[cfg(test)]").next().unwrap_or_default();
        let lines = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let is_verifier = name.starts_with(VERIFIER);
        count += usize::from(is_verifier);
        for line in lines {
            let shares = match is_verifier {
                true => ["crate::", "super::super", "gatewright_"]
                    .iter()
                    .any(|it| line.contains(it)),
                // Handing it on is no use of it.
                false => line.contains("verify::") || line.contains("use verify"),
            };
            if shares {
                found.push(format!("{name}: {}", line.trim()));
            }
        }
    }
    assert!(count > 8, "the verifier is found");
    nothing_in(&found, "write it a second time: that is what it is for");
}
