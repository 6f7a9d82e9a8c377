//! Copies that people, editors and package managers leave beside a file: `.npmrc.bak`,
//! `.pgpass~`, `.credentials.json.swp`, `.env copy`, `credentials (1).json`.

use crate::glob::Names;

/// How the name of a copy ends.
const ENDINGS: &[&str] = &[
    "~",
    ".bak",
    ".bkp",
    ".backup",
    ".old",
    ".orig",
    ".save",
    ".copy",
    ".prev",
    ".rpmsave",
    ".rpmnew",
    ".dpkg-old",
    ".dpkg-dist",
    "_bak",
    "-bak",
    "_old",
    "-old",
    "_backup",
    "-backup",
    " copy",
    " - copy",
    " (copy)",
];

/// Files in which an editor keeps what is not written yet.
const SWAP_ENDINGS: [&str; 3] = [".swp", ".swo", ".swn"];

/// The names of what the place is a copy of, or lies in a copy of; none where it is none.
/// The names of the root are the operator's choice.
pub(crate) fn originals(names: &Names) -> Option<Names> {
    let below = names.all.get(names.of_root..).unwrap_or_default();
    if !below.iter().any(|name| original(name).is_some()) {
        return None;
    }
    let all = names.all.iter().enumerate().map(|(at, name)| {
        let original = (at >= names.of_root).then(|| original(name)).flatten();
        original.unwrap_or_else(|| name.clone())
    });
    Some(Names {
        all: all.collect(),
        of_root: names.of_root,
    })
}

/// What a copy is one of, by its name in its widest spelling.
fn original(name: &str) -> Option<String> {
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
        SWAP_ENDINGS
            .iter()
            .find_map(|ending| hidden.strip_suffix(ending))
    };
    if let Some(original) = emacs.or_else(swap).or_else(|| without_ending(name)) {
        return (!original.is_empty()).then(|| original.to_owned());
    }
    // `credentials (1).json`, `wp-config.bak.php`
    let (stem, ending) = name.rsplit_once('.')?;
    let stem = without_ending(stem)?;
    Some(format!("{stem}.{ending}"))
}

fn without_ending(name: &str) -> Option<&str> {
    let is_number = |text: &str| {
        (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let numbered = || {
        let (stem, number) = name.strip_suffix(')')?.rsplit_once(" (")?;
        is_number(number).then_some(stem)
    };
    let last = name.bytes().next_back()?;
    // Most names end here, many of them with `.md`.
    let is_known = match last {
        b'd' => name.ends_with("old"),
        b'~' | b'k' | b'p' | b'g' | b'e' | b'y' | b'v' | b'w' | b't' | b')' => true,
        _ => false,
    };
    if !is_known {
        return None;
    }
    let plain = || {
        let fitting = ENDINGS
            .iter()
            .filter(|ending| ending.bytes().next_back() == Some(last));
        fitting
            .filter_map(|ending| name.strip_suffix(ending))
            .min_by_key(|stem| stem.len())
    };
    numbered().or_else(plain).filter(|stem| !stem.is_empty())
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
            ("a.txt", None),
            ("bold", None),
            ("copy", None),
            ("~", None),
            (".bak", None),
            ("a (2024).txt", None),
            ("a (b).txt", None),
        ] {
            assert_eq!(original(copy).as_deref(), name, "{copy}");
        }
    }
}
