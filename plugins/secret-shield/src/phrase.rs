//! Secrets that stand behind a word instead of a sign: `--password x`,
//! `-u user:password`, `IDENTIFIED BY 'x'`, netrc, `<password>x</password>`.

use crate::assignment::Value;
use crate::header::{cookies, is_credential, is_credentials};
use crate::kind::Kind;
use crate::names::{NAME_MAX, Strength};
use crate::secret::{Rest, Secret, run};
use crate::value::{Values, Writing};

const BLANKS_MAX: usize = 8;
/// A flag is no longer than this.
const FLAG_MAX: usize = 40;
/// The attributes of an element are no longer than this.
const TAG_MAX: usize = 160;
/// A short flag stands at most so far behind its program.
const PROGRAM_MAX: usize = 120;
/// `machine` and `login` of a netrc stand at most so far before.
const NETRC_MAX: usize = 200;

/// Words, and how the secret behind them is written.
const WORDS: [(&str, Behind); 13] = [
    ("bearer ", Behind::Credentials),
    ("identified by ", Behind::QuotedOrRandom),
    ("identified with ", Behind::By),
    ("with password ", Behind::Quoted),
    ("encrypted password ", Behind::Quoted),
    ("password ", Behind::Password),
    ("passwd ", Behind::Password),
    ("requirepass ", Behind::Random),
    ("masterauth ", Behind::Random),
    ("bindpw ", Behind::Random),
    ("key ", Behind::Variable),
    ("token ", Behind::Variable),
    ("secret ", Behind::Variable),
];

#[derive(Clone, Copy)]
enum Behind {
    /// What `Authorization` carries.
    Credentials,
    Quoted,
    /// The same, or a random word.
    QuotedOrRandom,
    /// A plugin, `BY`, a text in quotes.
    By,
    /// A text in quotes, or a random word of a netrc.
    Password,
    Random,
    /// What a statement gives a variable whose name ends so.
    Variable,
}

/// Whether one of the words may begin at a byte, in any case.
pub(crate) fn may_begin(bytes: &[u8], at: usize) -> bool {
    let Some([first, second]) = bytes.get(at..at + 2) else {
        return false;
    };
    matches!(
        [first | 0x20, second | 0x20],
        [b'b' | b'r' | b'k' | b's', b'e']
            | [b'i', b'd']
            | [b'w' | b'b', b'i']
            | [b'e', b'n']
            | [b'p' | b'm', b'a']
            | [b't', b'o']
    )
}

/// The secret behind the word that begins at a byte.
pub(crate) fn at(rest: Rest<'_>, at: usize, values: &Values) -> Option<Secret> {
    let tail = rest.text.as_bytes().get(at..)?;
    let first = tail.first()? | 0x20;
    let (word, behind) = WORDS
        .iter()
        .filter(|(word, _)| word.as_bytes().first() == Some(&first))
        .find(|(word, _)| {
            let head = tail.get(..word.len()).and_then(<[u8]>::split_last);
            word.as_bytes().split_last().is_some_and(|(_, word)| {
                head.is_some_and(|(last, head)| {
                    matches!(last, b' ' | b'\t') && head.eq_ignore_ascii_case(word)
                })
            })
        })?;
    let begin = at + word.len();
    let begin = begin + run(rest.text, begin, BLANKS_MAX, |byte| byte == b' ');
    let value = Value::at(rest, begin);
    let strength = match behind {
        Behind::Credentials => return credentials(rest, begin, values),
        Behind::By => {
            let by = rest
                .text
                .get(begin..rest.text.floor_char_boundary(begin + NAME_MAX))?;
            let place = by.to_ascii_lowercase().find(" by '")?;
            return secret(
                rest,
                &Value::at(rest, begin + place + " by ".len()),
                Strength::Password,
                values,
            );
        }
        Behind::Quoted | Behind::QuotedOrRandom if value.is_quoted() => Strength::Password,
        Behind::Quoted => return None,
        Behind::QuotedOrRandom => Strength::Secret,
        Behind::Variable if is_variable(rest.text, at) => Strength::Weak,
        // `Your API key is 9f8e7d6c5b4a3928`
        Behind::Variable if is_told(rest.text, begin) && is_name(rest.text, begin, values) => {
            let told = Value::at(rest, begin + 3);
            return secret(rest, &told, Strength::Weak, values)
                .filter(|secret| !rest.text.get(secret.place.clone()).is_some_and(is_compound));
        }
        Behind::Variable => return None,
        Behind::Password if is_variable(rest.text, at) => Strength::Secret,
        Behind::Password if value.is_quoted() => {
            // Of SQL: elsewhere a text in quotes is a label.
            rest.text
                .as_bytes()
                .get(begin)
                .filter(|byte| **byte == b'\'')?;
            Strength::Secret
        }
        Behind::Password if is_netrc(rest.text, at) => Strength::Secret,
        // `The password is s3cretPw99`
        Behind::Password if is_told(rest.text, begin) => {
            let told = Value::at(rest, begin + 3);
            let strength = match told.is_quoted() {
                true => Strength::Weak,
                false => Strength::Secret,
            };
            return secret(rest, &told, strength, values);
        }
        Behind::Password => return None,
        Behind::Random => Strength::Secret,
    };
    secret(rest, &value, strength, values)
}

fn secret(rest: Rest<'_>, value: &Value, strength: Strength, values: &Values) -> Option<Secret> {
    value.is_secret(rest, strength, values).then(|| Secret {
        kind: Kind::PASSWORD,
        place: value.begin..value.end(rest, usize::MAX),
    })
}

fn credentials(rest: Rest<'_>, begin: usize, values: &Values) -> Option<Secret> {
    let end = begin + run(rest.text, begin, usize::MAX, is_credential);
    let value = rest
        .text
        .get(begin..end)?
        .trim_end_matches([',', ';', '.', ')']);
    (value.len() >= 16 && is_credentials(value, values)).then(|| Secret {
        kind: Kind::PASSWORD,
        place: begin..begin + value.len(),
    })
}

/// Whether a `password` belongs to a netrc.
fn is_netrc(text: &str, at: usize) -> bool {
    let before = text.floor_char_boundary(at.saturating_sub(NETRC_MAX));
    text.get(before..at)
        .is_some_and(|before| before.contains("login ") || before.contains("machine "))
}

/// Whether a statement sets a variable of this name: `ENV DB_PASSWORD x`.
fn is_variable(text: &str, at: usize) -> bool {
    let before = text.get(text.floor_char_boundary(at.saturating_sub(NAME_MAX))..at);
    let line = before.and_then(|before| before.rsplit('\n').next());
    line.is_some_and(|line| {
        let statement = line.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '_');
        [
            "ENV ",
            "config set ",
            "configure set ",
            "#define ",
            "setx ",
            "SetEnv ",
            "set -x ",
            "set -gx ",
            "set -Ux ",
            "fastcgi_param ",
            "setenv ",
        ]
        .iter()
        .any(|word| statement.ends_with(word))
    })
}

/// Whether the words before a byte are the name of a secret.
fn is_name(text: &str, end: usize, values: &Values) -> bool {
    text.get(text.floor_char_boundary(end.saturating_sub(FLAG_MAX))..end)
        .and_then(|before| {
            before
                .rsplit(|c: char| !c.is_ascii_alphabetic() && c != ' ')
                .next()
        })
        .is_some_and(|name| values.names.strength(name).is_some())
}

/// `sha256-hashed`: prose says so of a secret.
fn is_compound(value: &str) -> bool {
    value.rsplit_once('-').is_some_and(|(_, last)| {
        last.len() >= 4 && last.bytes().all(|byte| byte.is_ascii_lowercase())
    })
}

/// Whether `is` and a value follow.
fn is_told(text: &str, begin: usize) -> bool {
    text.get(begin..)
        .is_some_and(|tail| tail.starts_with("is "))
}

/// The value of the flag whose first `-` is at a byte: `--password x`,
/// `-Password x`, `-u user:x`.
pub(crate) fn flag(rest: Rest<'_>, at: usize, values: &Values) -> Option<Secret> {
    let text = rest.text;
    let dashes = run(text, at, 3, |byte| byte == b'-');
    let name = at + dashes;
    let length = run(text, name, FLAG_MAX, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
    });
    let flag = text.get(name..name + length)?;
    let end = name + length;
    // `"--password", "x"` in a list of arguments.
    let list = text.get(end..).filter(|tail| {
        tail.starts_with("\", \"") || tail.starts_with("\",\"") || tail.starts_with("', '")
    });
    let blanks = match list {
        Some(tail) => tail.find(',').map_or(0, |comma| {
            comma + 1 + run(tail, comma + 1, 2, |byte| byte == b' ')
        }),
        None => run(text, end, BLANKS_MAX, |byte| byte == b' '),
    };
    if dashes > 2 || length == 0 || (blanks == 0 && !flag.starts_with('u')) {
        return None;
    }
    let begin = end + blanks;
    if dashes == 1 && flag == "u" || dashes == 2 && (flag == "user" || flag == "proxy-user") {
        return user(rest, begin, values);
    }
    if dashes == 1 && flag.starts_with('u') && text.as_bytes().get(end) == Some(&b':') {
        return user(rest, name + 1, values);
    }
    if dashes == 1 && flag == "b" || dashes == 2 && flag == "cookie" {
        return cookies(text, begin - 1, values);
    }
    let strength = values
        .names
        .strength(flag)
        .or_else(|| is_short(text, at, flag).then_some(Strength::Secret))?;
    if text.get(begin..)?.starts_with('-') {
        return None;
    }
    let value = Value::at(rest, begin);
    secret(rest, &value, strength, values)
}

/// Whether a short flag takes a password, of the program that stands before it.
fn is_short(text: &str, at: usize, flag: &str) -> bool {
    let programs: &[&str] = match flag {
        "p" => &["sshpass", "mongo", " login", "mysqlsh", "ipmitool"],
        "P" => &["sqlcmd", "bcp", "zip", "ipmitool"],
        "a" => &["redis-cli"],
        "w" => &["ldapsearch", "ldapmodify", "ldapadd", "ldapwhoami"],
        "k" => &["openssl enc"],
        _ => return false,
    };
    let before = text.get(text.floor_char_boundary(at.saturating_sub(PROGRAM_MAX))..at);
    let line = before.and_then(|before| before.rsplit(['\n', ';', '|', '&']).next());
    line.is_some_and(|line| programs.iter().any(|program| line.contains(program)))
}

/// The password in `user:password`.
fn user(rest: Rest<'_>, begin: usize, values: &Values) -> Option<Secret> {
    let value = Value::at(rest, begin);
    let both = rest.text.get(value.begin..value.end(rest, 256))?;
    let (user, password) = both.split_once(':')?;
    let is_user = !user.is_empty()
        && user
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-@+\\".contains(&byte));
    if !is_user {
        return None;
    }
    let start = value.begin + user.len() + 1;
    let writing = if value.is_quoted() {
        Writing::Quoted
    } else {
        Writing::Bare
    };
    let is_numbers = both
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b':');
    (!is_numbers && password.len() >= 4 && values.is_secret(password, Strength::Secret, writing))
        .then(|| Secret {
            kind: Kind::PASSWORD,
            place: start..start + password.len(),
        })
}

/// The text of the element whose first tag ends at a byte.
pub(crate) fn element(rest: Rest<'_>, at: usize, values: &Values) -> Option<Secret> {
    let text = rest.text;
    let before = text.get(text.floor_char_boundary(at.saturating_sub(TAG_MAX))..at)?;
    let (_, tag) = before.rsplit_once('<')?;
    if tag.starts_with(['/', '!', '?']) || tag.ends_with('/') {
        return None;
    }
    let name = tag.split([' ', '\n', '\t']).next()?;
    let name = name.rsplit(':').next()?;
    let strength = values
        .names
        .strength(name)
        .or_else(|| {
            // `<string name="api_key">`.
            let named = tag
                .split_once("name=")
                .or_else(|| tag.split_once("key="))?
                .1;
            values
                .names
                .strength(named.trim_matches(['"', '\'']).split(['"', '\'']).next()?)
        })
        .or_else(|| plist(text, at, name, values))?;
    let begin = at + 1;
    let begin = begin + run(text, begin, BLANKS_MAX, |byte| byte.is_ascii_whitespace());
    let end = begin + run(text, begin, 1024, |byte| byte != b'<' && byte != b'\n');
    let cdata = "<![CDATA[";
    let (begin, end) = match text.get(begin..)?.strip_prefix(cdata) {
        Some(inner) => (
            begin + cdata.len(),
            begin + cdata.len() + inner.find("]]>")?,
        ),
        None => (begin, end),
    };
    let value = text.get(begin..end)?.trim_end();
    let behind = text.get(end..)?.trim_start();
    let is_closed = behind.starts_with("</") || behind.starts_with(']');
    (is_closed && values.is_secret(value, strength, Writing::Quoted)).then(|| Secret {
        kind: Kind::PASSWORD,
        place: begin..begin + value.len(),
    })
}

/// `<key>Password</key><string>`, `<name>x</name><value>`.
fn plist(text: &str, at: usize, name: &str, values: &Values) -> Option<Strength> {
    if !["string", "value", "Value"].contains(&name) {
        return None;
    }
    let before =
        text.get(text.floor_char_boundary(at.saturating_sub(TAG_MAX))..at - name.len() - 1)?;
    let before = before.trim_end();
    let before = ["</key>", "</name>", "</Name>", "</Key>"]
        .iter()
        .find_map(|end| before.strip_suffix(end))?;
    values.names.strength(before.rsplit('>').next()?)
}
