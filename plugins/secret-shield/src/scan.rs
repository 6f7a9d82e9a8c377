//! Finds secrets in a text, in time linear in its length.

use std::collections::BTreeSet;

use crate::form::{FormError, Forms, WrittenForm};
use crate::kind::Kind;
use crate::reading::Reading;
use crate::secret::{Rest, Secret, run};
use crate::stops::Stops;
use crate::value::Values;
use crate::{argument, assignment, binding, connection, jwt, key, phrase, signed};

/// Bytes of the shortest token that is looked for behind an escape.
const TOKEN_MIN: usize = 8;

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Scanner {
    forms: Forms,
    stops: Stops,
    assignments: Option<Values>,
    /// For placeholders where assignments are not looked for.
    values: Values,
    skip: BTreeSet<Kind>,
}

impl Scanner {
    /// Looks for all kinds but those to skip, and for forms of one's own; for
    /// values that only their name gives away (`password = …`) if wanted.
    pub(crate) fn new(
        assignments: bool,
        forms: Vec<WrittenForm>,
        skip: BTreeSet<String>,
    ) -> Result<Self, FormError> {
        let forms = Forms::with(forms)?;
        let known: BTreeSet<&Kind> = forms.kinds().chain(&Kind::BUILT_IN).collect();
        let skip: BTreeSet<Kind> = skip.into_iter().map(Kind::named).collect();
        if let Some(unknown) = skip.iter().find(|kind| !known.contains(kind)) {
            let known: Vec<_> = known.iter().map(|kind| format!("`{kind}`")).collect();
            return Err(FormError(format!(
                "unknown variant `{unknown}`, expected one of {}",
                known.join(", ")
            )));
        }
        let values = Values::new();
        let assignments = assignments && !skip.contains(&Kind::PASSWORD);
        Ok(Self {
            stops: Stops::new(&forms, assignments),
            forms,
            assignments: assignments.then(|| values.clone()),
            values,
            skip,
        })
    }

    /// The tables for values that only their name gives away, if wanted.
    pub(crate) fn assignments(&self) -> Option<&Values> {
        self.assignments.as_ref()
    }

    pub(crate) fn skips(&self, kind: &Kind) -> bool {
        self.skip.contains(kind)
    }

    /// The secrets that a text says, from left to right; they do not overlap.
    pub(crate) fn scan(&self, reading: &Reading<'_>) -> Vec<Secret> {
        let mut secrets = Vec::new();
        let mut begin = 0;
        while let Some(text) = reading.said.get(begin..) {
            let rest = Rest {
                text,
                begin,
                reading,
            };
            let Some(secret) = self.first(rest) else {
                break;
            };
            let place = begin + secret.place.start..begin + secret.place.end;
            // A secret is never empty, so that this comes to an end.
            begin = place.end.max(begin + 1);
            secrets.push(Secret { place, ..secret });
        }
        secrets
    }

    /// The secrets of a form of their own that begin within an escape, as it is written.
    pub(crate) fn scan_escapes(&self, reading: &Reading<'_>) -> Vec<Secret> {
        let text = reading.written;
        let mut secrets: Vec<Secret> = Vec::new();
        let (mut end, mut no_jwt_before) = (0, 0);
        for at in reading.escaped().flatten() {
            if at < end {
                continue;
            }
            let found = self.forms.at(text, at).or_else(|| {
                let jwt = (at >= no_jwt_before).then(|| jwt::at(text, at))?;
                jwt.map_err(|end| no_jwt_before = end).ok()
            });
            let found = found.filter(|secret| !self.skips(&secret.kind));
            if let Some(secret) = found.filter(|secret| !secret.place.is_empty()) {
                end = secret.place.end;
                secrets.push(secret);
            }
        }
        secrets
    }

    /// The first secret. Each detector reads on only as far as what it reads can
    /// belong to the one secret, so that no byte is read more often than the
    /// longest prefix is long.
    fn first(&self, rest: Rest<'_>) -> Option<Secret> {
        let bytes = rest.text.as_bytes();
        // No JSON Web Token begins before this byte.
        let mut no_jwt_before = 0;
        for stop in self.stops.of(bytes) {
            let at = terminal_end(bytes, stop);
            let found = match bytes.get(at).copied() {
                Some(byte) if byte.is_ascii_alphanumeric() => {
                    self.word(rest, at, byte, &mut no_jwt_before)
                }
                Some(byte) if at == stop => self.sign(rest, at, byte),
                Some(_) | None => None,
            };
            if let Some(secret) =
                found.filter(|secret| !self.skips(&secret.kind) && !secret.place.is_empty())
            {
                return Some(secret);
            }
        }
        None
    }

    /// The secret that a word begins.
    fn word(
        &self,
        rest: Rest<'_>,
        at: usize,
        byte: u8,
        no_jwt_before: &mut usize,
    ) -> Option<Secret> {
        if let Some(secret) = self.forms.at(rest.text, at) {
            return Some(secret);
        }
        if byte == b'e' && at >= *no_jwt_before {
            match jwt::at(rest.text, at) {
                Ok(secret) => return Some(secret),
                Err(end) => *no_jwt_before = end,
            }
        }
        if byte == b'a'
            && let Some(secret) = signed::terraform(rest.text, at)
        {
            return Some(secret);
        }
        if let Some(secret) = signed::azure_word(rest.text, at) {
            return Some(secret);
        }
        if byte == b'P'
            && !self.skips(&Kind::PRIVATE_KEY)
            && let Some(secret) = key::putty(rest.text, at)
        {
            return Some(secret);
        }
        self.assignments
            .as_ref()
            .filter(|_| phrase::may_begin(rest.text.as_bytes(), at))
            .and_then(|values| phrase::at(rest, at, values))
            .filter(|secret| !self.is_known(rest, secret))
    }

    /// The secret that a sign gives away.
    fn sign(&self, rest: Rest<'_>, at: usize, byte: u8) -> Option<Secret> {
        let text = rest.text;
        let bytes = text.as_bytes();
        let next = bytes.get(at + 1).copied().unwrap_or_default();
        let by_form = match (byte, next) {
            (b'-', b'-') if !self.skips(&Kind::PRIVATE_KEY) => key::at(text, at),
            (b'-', b'u' | b'0'..=b'9' | b'a'..=b'f') => signed::hex_key(text, at),
            (b'~', _) => signed::entra(text, at),
            (b':', b'/') => connection::at(rest, at, &self.values),
            (b':', b'A') => signed::telegram(text, at),
            (b':', b'0'..=b'9' | b'a'..=b'f') => signed::pair_of_fal(text, at),
            (b':', b'"' | b' ' | b'\n' | b'\r') => key::jwk(text, at),
            (b'=', b'0'..=b'9' | b'A'..=b'F' | b'a'..=b'f') => self.behind_mail_escape(text, at),
            (b'=', _) => signed::azure_key(text, at),
            _ => None,
        };
        if by_form.is_some() {
            return by_form;
        }
        let values = self.assignments.as_ref()?;
        match byte {
            // `password :x` is an assignment all the same.
            b':' => begins_keyword(bytes, at)
                .then(|| binding::keyword(rest, at, values))
                .flatten()
                .or_else(|| assignment::at(rest, at, values))
                .or_else(|| connection::pgpass(rest, at, values)),
            b'=' => assignment::at(rest, at, values),
            b'-' if at > 0 && bytes.get(at - 1) == Some(&b'<') => binding::arrow(rest, at, values),
            b'(' if matches!(next, b'd' | b's') => binding::definition(rest, at, values),
            b',' | b'(' if may_be_argument(bytes, at) => argument::at(rest, at, values),
            b'-' if at == 0
                || !text
                    .as_bytes()
                    .get(at - 1)
                    .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') =>
            {
                phrase::flag(rest, at, values)
            }
            b'>' => phrase::element(rest, at, values),
            _ => None,
        }
        .filter(|secret| !self.is_known(rest, secret))
    }

    /// A token behind a line end, a blank or a sign as mail writes them: `=0A`, `=20`, `=3A`.
    /// They are no escapes everywhere, for a password may begin so.
    fn behind_mail_escape(&self, text: &str, at: usize) -> Option<Secret> {
        // `status=200 took=12ms`: no form is as short as that, and what steers a terminal counts.
        let is_long = |byte: u8| !byte.is_ascii_whitespace();
        if run(text, at + 3, TOKEN_MIN, is_long) < TOKEN_MIN {
            return signed::azure_key(text, at);
        }
        let escape = text.as_bytes().get(at + 1..at + 3)?;
        let number = std::str::from_utf8(escape)
            .ok()
            .map(|it| u8::from_str_radix(it, 16));
        let is_escape = matches!(number, Some(Ok(byte)) if !byte.is_ascii_alphanumeric());
        let token = || {
            self.forms
                .at(text, at + 3)
                .or_else(|| jwt::at(text, at + 3).ok())
        };
        is_escape
            .then(token)
            .flatten()
            .or_else(|| signed::azure_key(text, at))
    }

    /// Whether the value has a form of its own: it gets its own name.
    fn is_known(&self, rest: Rest<'_>, secret: &Secret) -> bool {
        let at = secret.place.start;
        self.forms
            .at(rest.text, at)
            .is_some_and(|token| !self.skips(&token.kind))
            || (!self.skips(&Kind::JWT) && jwt::at(rest.text, at).is_ok())
    }
}

/// Whether a text in quotes may stand beside a `,` or `(`.
fn may_be_argument(bytes: &[u8], at: usize) -> bool {
    let is_quote = |place: usize| matches!(bytes.get(place), Some(b'"' | b'\''));
    is_quote(at + 1) || (is_quote(at.wrapping_sub(1)) && is_quote(at + 2))
}

/// Whether a `:` stands before a name, and behind a blank or a bracket.
fn begins_keyword(bytes: &[u8], at: usize) -> bool {
    let is_open = at.checked_sub(1).and_then(|before| bytes.get(before));
    is_open.is_none_or(|byte| {
        matches!(
            byte,
            b' ' | b'\t' | b'\n' | b'\r' | b'{' | b'(' | b'[' | b','
        )
    }) && bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic)
}

/// The byte after the `32m` of a terminal whose escape character was lost.
fn terminal_end(bytes: &[u8], at: usize) -> usize {
    if at == 0 || bytes.get(at - 1) != Some(&b'[') {
        return at;
    }
    let tail = bytes.get(at..).unwrap_or_default().iter();
    let digits = tail
        .take(12)
        .take_while(|byte| byte.is_ascii_digit() || **byte == b';')
        .count();
    if digits > 0 && bytes.get(at + digits) == Some(&b'm') {
        return at + digits + 1;
    }
    at
}
