//! Texts with expressions in them: `$"pay {amount}"`. Each expression becomes a set, which
//! is empty where it is undefined.

use crate::builtins::TEMPLATE;

/// Deepest that such texts stand in one another.
const DEPTH_MAX: usize = 8;

/// What the value of an expression is called.
const VALUE: &str = "v__";

/// The module with calls in place of these texts.
pub(super) fn translated(module: &str, depth: usize) -> Result<String, String> {
    if !module.contains('$') {
        return Ok(module.to_owned());
    }
    if depth > DEPTH_MAX {
        return Err("texts with expressions stand too deep in one another".to_owned());
    }
    let mut written = String::with_capacity(module.len());
    let mut at = 0;
    while let Some(letter) = letter(module, at) {
        let rest = module.get(at..).unwrap_or_default();
        let quote = match rest.as_bytes() {
            [b'$', b'"', ..] => Some('"'),
            [b'$', b'`', ..] => Some('`'),
            _ => None,
        };
        let length = match (quote, letter) {
            (Some(quote), _) => {
                let (call, length) = template(rest, quote, depth)
                    .map_err(|error| format!("line {}: {error}", line(module, at)))?;
                written.push_str(&call);
                at += length;
                continue;
            }
            (None, '#') => rest.find('\n').unwrap_or(rest.len()),
            (None, '"' | '`') => text(rest, letter),
            (None, _) => letter.len_utf8(),
        };
        written.push_str(rest.get(..length).unwrap_or_default());
        at += length;
    }
    Ok(written)
}

/// The call for a text that begins with `$`, and the bytes of the text.
fn template(text: &str, quote: char, depth: usize) -> Result<(String, usize), String> {
    let mut parts: Vec<String> = Vec::new();
    let mut plain = String::new();
    let mut at = 2;
    loop {
        let letter = letter(text, at).ok_or("a text with expressions is not closed")?;
        let rest = text.get(at..).unwrap_or_default();
        at += letter.len_utf8();
        if letter == quote {
            break;
        }
        match letter {
            '\n' if quote == '"' => return Err("a text with expressions is not closed".into()),
            '\\' if rest.starts_with("\\{") => {
                plain.push('{');
                at += 1;
            }
            '\\' if quote == '"' => {
                // What it stands for is read by the parser of texts.
                plain.push(letter);
                if let Some(escaped) = self::letter(text, at) {
                    plain.push(escaped);
                    at += escaped.len_utf8();
                }
            }
            '{' => {
                parts.extend(literal(&plain, quote)?);
                plain.clear();
                let inner = text.get(at..).unwrap_or_default();
                let length = expression(inner)?;
                let inner = inner.get(..length).unwrap_or_default();
                if inner.trim().is_empty() {
                    return Err("an expression in a text is empty".to_owned());
                }
                let inner = translated(inner, depth + 1)?;
                parts.push(format!("{{{VALUE} | {VALUE} := {inner}}}"));
                at += length + 1;
            }
            _ => plain.push(letter),
        }
    }
    parts.extend(literal(&plain, quote)?);
    // As many lines as before: those of expressions are there, those of plain parts are not.
    let call = format!("{TEMPLATE}([{}])", parts.join(", "));
    let before = text.get(..at).unwrap_or_default().matches('\n').count();
    let missing = before.saturating_sub(call.matches('\n').count());
    Ok((format!("{call}{}", "\n".repeat(missing)), at))
}

/// A plain part as a text of its own.
fn literal(plain: &str, quote: char) -> Result<Option<String>, String> {
    if plain.is_empty() {
        return Ok(None);
    }
    let text = match quote {
        '"' => format!("\"{plain}\""),
        _ => serde_json::to_string(plain).map_err(|error| error.to_string())?,
    };
    Ok(Some(text))
}

/// The bytes of an expression, up to the brace that closes it.
fn expression(text: &str) -> Result<usize, String> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(letter) = letter(text, at) {
        let rest = text.get(at..).unwrap_or_default();
        match letter {
            '"' | '`' => {
                at += self::text(rest, letter);
                continue;
            }
            '#' => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            '$' if rest.starts_with("$\"") || rest.starts_with("$`") => {
                let quote = if rest.starts_with("$\"") { '"' } else { '`' };
                let (_, length) = template(rest, quote, 0)?;
                at += length;
                continue;
            }
            '{' | '[' | '(' => depth += 1,
            '}' if depth == 0 => return Ok(at),
            '}' | ']' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += letter.len_utf8();
    }
    Err("an expression in a text is not closed".to_owned())
}

/// The bytes of a text with its quotes.
fn text(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (place, letter) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if letter == '\\' && quote == '"' {
            escaped = true;
        } else if letter == quote {
            return place + 1;
        }
    }
    rest.len()
}

fn letter(text: &str, at: usize) -> Option<char> {
    text.get(at..).and_then(|rest| rest.chars().next())
}

fn line(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    before.matches('\n').count() + 1
}
