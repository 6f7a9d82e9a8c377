//! Copies that people, editors, package managers and archives leave beside a file:
//! `.npmrc.bak`, `.pgpass~`, `.credentials.json.swp`, `.env copy`, `credentials (1).json`,
//! `Copy of .netrc`, `credentials.json.gz`.

use crate::glob::Names;

/// How often the name of a copy is taken off: `.npmrc.bak.gz`, `a - Copy (2).json`.
pub(crate) const STEPS_MAX: usize = 4;

/// How the names of copies begin.
const BEGINNINGS: [&str; 4] = ["copy of ", "kopie von ", "copie de ", "copia de "];

/// How files end in which an editor keeps what is not written yet, or what was undone.
const SWAP_ENDINGS: [&str; 7] = [".swp", ".swo", ".swn", ".swm", ".swx", ".kate-swp", ".un~"];

/// The names of what the place is a copy of, or lies in a copy of; none where it is none.
/// The swap file of `a` is `.a.swp`, and that of `.a` too: both are said. The names of the
/// root are the operator's choice.
pub(crate) fn originals(names: &Names) -> Vec<Names> {
    let below = names.all.get(names.of_root..).unwrap_or_default();
    let known: Vec<Option<(String, bool)>> = below.iter().map(|name| original(name)).collect();
    if known.iter().all(Option::is_none) {
        return Vec::new();
    }
    let with_points = |has_point: bool| {
        let root = names.all.iter().take(names.of_root).cloned();
        let rest = below.iter().zip(&known).map(|(name, known)| match known {
            Some((original, true)) if has_point => format!(".{original}"),
            Some((original, _)) => original.clone(),
            None => name.clone(),
        });
        Names {
            all: root.chain(rest).collect(),
            of_root: names.of_root,
        }
    };
    let mut all = vec![with_points(false)];
    if known
        .iter()
        .flatten()
        .any(|(_, may_have_point)| *may_have_point)
    {
        all.push(with_points(true));
    }
    all
}

/// What a copy is one of, by its name in its widest spelling, and whether that may begin
/// with a point that the name does not tell.
fn original(name: &str) -> Option<(String, bool)> {
    if !name
        .bytes()
        .any(|byte| matches!(byte, b'~' | b'#' | b' ' | b'.' | b'-' | b'_'))
    {
        return None;
    }
    let emacs = name
        .strip_prefix('#')
        .and_then(|rest| rest.strip_suffix('#'))
        .or_else(|| name.strip_prefix(".#"));
    let swap = || {
        let hidden = name.strip_prefix('.')?;
        let mut endings = SWAP_ENDINGS.iter();
        endings.find_map(|ending| hidden.strip_suffix(ending))
    };
    let begun = || {
        let mut beginnings = BEGINNINGS.iter();
        beginnings.find_map(|beginning| name.strip_prefix(beginning))
    };
    if let Some(original) = emacs.filter(|original| !original.is_empty()) {
        return Some((original.to_owned(), false));
    }
    if let Some(original) = swap().filter(|original| !original.is_empty()) {
        return Some((original.to_owned(), !original.starts_with('.')));
    }
    if let Some(original) = begun().or_else(|| without_ending(name)) {
        return (!original.is_empty()).then(|| (original.to_owned(), false));
    }
    // `credentials (1).json`, `wp-config.bak.php`
    let (stem, ending) = name.rsplit_once('.')?;
    let stem = without_ending(stem)?;
    Some((format!("{stem}.{ending}"), false))
}

fn without_ending(name: &str) -> Option<&str> {
    let stem = match name.bytes().next_back()? {
        b')' => without_brackets(name),
        b'~' => without_tilde(name),
        b'0'..=b'9' => {
            // `.npmrc.bak1`, `.npmrc.bak-2024-01-31`, `.env copy 2`
            let is_number = |letter: char| letter.is_ascii_digit() || "-_. ".contains(letter);
            without_word(name.trim_end_matches(is_number))
        }
        _ => without_word(name),
    };
    stem.filter(|stem| !stem.is_empty())
}

/// `a (1)`, `a (copy)`, `a (another copy)`.
fn without_brackets(name: &str) -> Option<&str> {
    let (stem, inner) = name.strip_suffix(')')?.rsplit_once(" (")?;
    let is_number = (1..=2).contains(&inner.len()) && inner.bytes().all(|b| b.is_ascii_digit());
    let is_copy = inner.split(' ').any(|word| word == "copy");
    (is_number || is_copy).then_some(stem)
}

/// `a~`, `a.~1~`.
fn without_tilde(name: &str) -> Option<&str> {
    let stem = name.strip_suffix('~')?;
    let numbered = stem.rsplit_once(".~").filter(|(_, number)| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    Some(numbered.map_or(stem, |(stem, _)| stem))
}

/// The name without the word behind its last sign, if that is how copies end.
fn without_word(name: &str) -> Option<&str> {
    let sign = name.rfind(['.', '_', '-', ' '])?;
    let (stem, ending) = name.split_at_checked(sign)?;
    match ending {
        ".bak" | ".bkp" | ".bk" | ".bck" | ".backup" | ".old" | ".orig" | ".original" | ".save"
        | ".saved" | ".copy" | ".prev" | ".tmp" | ".temp" | ".new" | ".rpmsave" | ".rpmnew"
        | ".rpmorig" | ".pacsave" | ".pacnew" | ".pacorig" | ".dpkg" | ".ucf" | "_bak" | "-bak"
        | "_old" | "-old" | "-orig" | "_orig" | "_backup" | "-backup" | "_copy" | "-copy"
        | ".gz" | ".bz2" | ".xz" | ".zst" | ".zip" | ".tar" | ".tgz" | ".7z" | ".b64"
        | ".base64" => Some(stem),
        // Of `.dpkg-new` and its like: `.dpkg` goes in the next step.
        "-dist" | "-new" | "-tmp" => {
            (stem.ends_with(".dpkg") || stem.ends_with(".ucf")).then_some(stem)
        }
        " copy" | " kopie" | " copie" | " copia" => Some(stem.strip_suffix(" -").unwrap_or(stem)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_called_like_its_original() {
        for (copy, name) in [
            (".npmrc.bak", Some(".npmrc")),
            (".pgpass~", Some(".pgpass")),
            (".credentials.json.swp", Some("credentials.json")),
            ("..env.swp", Some(".env")),
            ("#.env#", Some(".env")),
            (".#.env", Some(".env")),
            (".env copy", Some(".env")),
            (".env - copy", Some(".env")),
            (".env (2)", Some(".env")),
            ("credentials (1).json", Some("credentials.json")),
            ("credentials copy.json", Some("credentials.json")),
            ("wp-config.bak.php", Some("wp-config.php")),
            ("id_x_old", Some("id_x")),
            ("copy of .netrc", Some(".netrc")),
            (".netrc.bak1", Some(".netrc")),
            (".netrc.bak-2024-01-31", Some(".netrc")),
            (".netrc.~12~", Some(".netrc")),
            (".env copy 2", Some(".env")),
            (".env (another copy)", Some(".env")),
            ("a.json.gz", Some("a.json")),
            (".pgpass.dpkg-new", Some(".pgpass.dpkg")),
            (".pgpass.dpkg", Some(".pgpass")),
            ("a-new", None),
            ("a-2024", None),
            ("a.b2", None),
            ("2024", None),
            ("a.txt", None),
            ("bold", None),
            ("copy", None),
            ("~", None),
            (".bak", None),
            ("a (2024).txt", None),
            ("a (b).txt", None),
        ] {
            let original = original(copy).map(|(name, _)| name);
            assert_eq!(original.as_deref(), name, "{copy}");
        }
    }

    #[test]
    fn a_swap_file_tells_no_point() {
        let names = |all: &[&str]| Names {
            all: all.iter().map(|name| (*name).to_owned()).collect(),
            of_root: 1,
        };
        let all: Vec<_> = originals(&names(&["r.bak", ".npmrc.swp"]))
            .into_iter()
            .map(|names| names.all)
            .collect();
        assert_eq!(all, [["r.bak", "npmrc"], ["r.bak", ".npmrc"]]);
        assert!(originals(&names(&["r.bak", "a.txt"])).is_empty());
    }
}
