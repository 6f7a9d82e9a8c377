//! What the name of an argument says about what it holds.

/// What an argument holds, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A path, in whatever form.
    Path,
    /// Where something comes from or goes to: a path for some tools.
    Place,
    /// A glob over paths.
    Pattern,
    /// Text to write or to compare with: never looked at, however deep.
    Content,
    /// Words for people, or to look for: not looked at, but members below are.
    Remark,
    /// An option that many tools have: judged by its form.
    Option,
    /// Anything: judged by its form.
    Unknown,
}

const PATH_WORDS: &[&str] = &[
    "path",
    "paths",
    "file",
    "files",
    "filename",
    "filenames",
    "filepath",
    "filepaths",
    "dir",
    "dirs",
    "directory",
    "directories",
    "folder",
    "folders",
    "dirname",
    "pathname",
    "cwd",
    "workdir",
    "workingdir",
    "symlink",
    "hardlink",
];

/// Endings of names that are written without a break: `targetfile`, `ROOTDIR`.
const PATH_ENDINGS: &[&str] = &[
    "path",
    "paths",
    "file",
    "files",
    "filename",
    "dir",
    "directory",
    "folder",
];

/// They end like paths, and are none.
const NO_PATHS: &[&str] = &[
    "profile", "profiles", "xpath", "jsonpath", "jmespath", "keypath",
];

const PLACE_WORDS: &[&str] = &[
    "root",
    "roots",
    "source",
    "sources",
    "src",
    "destination",
    "destinations",
    "dest",
    "dst",
    "target",
    "targets",
];

const PATTERN_WORDS: &[&str] = &[
    "pattern", "patterns", "glob", "globs", "include", "includes", "exclude", "excludes", "ignore",
    "ignores", "filter", "filters", "mask", "wildcard", "match",
];

const CONTENT_WORDS: &[&str] = &[
    "content", "contents", "text", "texts", "body", "code", "snippet", "markdown", "html", "blob",
    "base64", "bytes", "diff", "patch", "lines",
];

/// Content, written without a break.
const CONTENT_NAMES: &[&str] = &[
    "filecontent",
    "filecontents",
    "filetext",
    "newtext",
    "oldtext",
    "newstr",
    "oldstr",
    "newstring",
    "oldstring",
    "newcontent",
    "oldcontent",
    "inserttext",
    "codeedit",
    "replacement",
    "replace",
    "replacewith",
    "search",
    "find",
];

const REMARK_WORDS: &[&str] = &[
    "message",
    "title",
    "description",
    "comment",
    "comments",
    "reason",
    "note",
    "notes",
    "explanation",
    "instruction",
    "instructions",
    "summary",
    "label",
    "labels",
    "tag",
    "tags",
    "author",
    "line",
    "data",
    "regex",
    "regexp",
];

const OPTION_WORDS: &[&str] = &[
    "head",
    "tail",
    "limit",
    "offset",
    "length",
    "size",
    "count",
    "max",
    "min",
    "depth",
    "page",
    "start",
    "end",
    "range",
    "timeout",
    "ms",
    "seconds",
    "encoding",
    "charset",
    "eol",
    "newline",
    "indentation",
    "format",
    "type",
    "mime",
    "mode",
    "permissions",
    "language",
    "lang",
    "locale",
    "sort",
    "order",
    "recursive",
    "overwrite",
    "force",
    "dry",
    "append",
    "create",
    "hidden",
    "follow",
    "only",
    "sensitive",
    "insensitive",
    "id",
    "uuid",
    "version",
    "checksum",
    "hash",
    "sha256",
    "md5",
    "date",
    "time",
    "timestamp",
    "user",
    "verbose",
    "preview",
];

/// What the name of an argument says.
pub(crate) fn kind(name: &str) -> Kind {
    let words = words(name);
    let joined = words.concat();
    let joined = joined.as_str();
    let last = words.last().map(String::as_str).unwrap_or_default();
    let before = words.len().checked_sub(2).and_then(|at| words.get(at));
    let before = before.map(String::as_str).unwrap_or_default();
    let is = |list: &[&str], word: &str| list.contains(&word);
    if is(NO_PATHS, joined) || is(NO_PATHS, last) {
        return Kind::Unknown;
    }
    let names_a_path = matches!(
        last,
        "name" | "names" | "list" | "url" | "urls" | "uri" | "uris" | "ref"
    );
    if is(PATH_WORDS, last)
        || PATH_ENDINGS.iter().any(|ending| last.ends_with(ending))
        || (names_a_path && is(PATH_WORDS, before))
    {
        return Kind::Path;
    }
    if is(CONTENT_WORDS, last) || is(CONTENT_NAMES, joined) {
        return Kind::Content;
    }
    if is(REMARK_WORDS, last) {
        return Kind::Remark;
    }
    if is(OPTION_WORDS, last) {
        return Kind::Option;
    }
    if words.iter().any(|word| is(PATTERN_WORDS, word)) {
        return Kind::Pattern;
    }
    if is(PLACE_WORDS, last) {
        return Kind::Place;
    }
    Kind::Unknown
}

/// The words of a name in small letters, however they are joined: `filePath`,
/// `file_path`, `File-Path`, `FILE PATH`, `URLPath`.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for (at, letter) in letters.iter().enumerate() {
        if !letter.is_alphanumeric() {
            open = false;
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let begins = letter.is_uppercase()
            && (before.is_some_and(|c| c.is_lowercase() || c.is_numeric())
                || (before.is_some_and(|c| c.is_uppercase())
                    && after.is_some_and(|c| c.is_lowercase())));
        if !open || begins {
            words.push(String::new());
            open = true;
        }
        match words.last_mut() {
            Some(word) if letter.is_ascii() => word.push(letter.to_ascii_lowercase()),
            Some(word) => word.extend(letter.to_lowercase()),
            None => {}
        }
    }
    // `path2`, `file_1`: a number at the end says nothing.
    while words.len() > 1
        && words
            .last()
            .is_some_and(|word| word.chars().all(char::is_numeric))
    {
        words.pop();
    }
    if let Some(word) = words.last_mut() {
        let bare = word.trim_end_matches(char::is_numeric);
        if !bare.is_empty() && !matches!(word.as_str(), "base64" | "sha256" | "md5") {
            *word = bare.to_owned();
        }
    }
    words
}
