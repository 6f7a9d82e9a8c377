//! The labels that end public names.

/// The top-level domains of the IANA root zone, as of October 2025, one a
/// line in byte order; those of other scripts in both spellings.
const TLDS: &str = include_str!("../data/tlds.txt");

/// Whether public DNS has names that end in this label (lower case).
pub(crate) fn is_public(label: &str) -> bool {
    // `.example` names nothing, and documents are full of it.
    label == "example" || find(label)
}

/// Binary search among lines, so that nothing is built when the policy starts.
fn find(label: &str) -> bool {
    if label.is_empty() || label.contains('\n') {
        return false;
    }
    let bytes = TLDS.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = (low + high) / 2;
        let start = bytes
            .get(..middle)
            .and_then(|before| before.iter().rposition(|byte| *byte == b'\n'))
            .map_or(0, |at| at + 1);
        let line = bytes.get(start..).unwrap_or_default();
        let end = line
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(line.len());
        match label.as_bytes().cmp(line.get(..end).unwrap_or_default()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => high = start,
            std::cmp::Ordering::Greater => low = start + end + 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_and_what_lies_between_is_not() {
        let lines: Vec<&str> = TLDS.lines().collect();
        assert!(lines.len() > 1400);
        for pair in lines.windows(2) {
            let [before, after] = pair else { continue };
            assert!(before < after, "{before} {after}");
            assert!(find(before) && find(after), "{before}");
            assert!(!find(&format!("{before}-0")), "{before}");
        }
        assert!(!find("") && !find("zzz") && !find("a") && !find("com\nnet"));
    }
}
