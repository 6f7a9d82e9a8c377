//! Text from elsewhere: inert, whole or cut with a notice, and nothing in it invisible.
//! The template escapes it; what a page could not show stands in it by its number.

use gatewright_policy::approval::is_hidden;
use gatewright_policy::counted;
use maud::{Markup, html};
use unicode_script::{Script, UnicodeScript as _};

/// Longest text in a line, in characters.
pub(crate) const LINE_MAX: usize = 200;

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    /// What it looks like.
    Plain(&'a str),
    /// A character that nobody sees, or that moves others.
    Hidden(char),
    /// A letter of another alphabet than those beside it.
    Foreign(char),
}

/// A name, an id, a reason: one line.
pub(crate) fn line(text: &str) -> Markup {
    cut(text, LINE_MAX, false)
}

/// Several lines, which stay lines.
pub(crate) fn block(text: &str, characters_max: usize) -> Markup {
    cut(text, characters_max, true)
}

/// The same for a place that takes no markup.
pub(crate) fn flat(text: &str) -> String {
    let mut flat = String::new();
    for (place, character) in text.chars().enumerate() {
        if place == LINE_MAX {
            flat.push('…');
            break;
        }
        match is_hidden(character) {
            true => flat.push_str(&format!("[{}]", number(character))),
            false => flat.push(character),
        }
    }
    flat
}

fn cut(text: &str, characters_max: usize, is_block: bool) -> Markup {
    let end = text.char_indices().nth(characters_max).map(|(at, _)| at);
    let shown = end.and_then(|end| text.get(..end)).unwrap_or(text);
    html! {
        bdi.text {
            @for piece in pieces(shown, is_block) {
                @match piece {
                    Piece::Plain(text) => (text),
                    Piece::Hidden(character) => {
                        span.hidden title=(describe(character)) { (number(character)) }
                    }
                    Piece::Foreign(character) => {
                        span.foreign title=(describe(character)) { (character) }
                    }
                }
            }
        }
        @if end.is_some() {
            " " span.cut { "cut here: " (counted(text.len(), "byte")) " in all" }
        }
    }
}

fn pieces(text: &str, is_block: bool) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut plain = 0;
    for (from, word) in words(text) {
        let mixes = mixes(word);
        for (at, character) in word.char_indices() {
            let at = from + at;
            let odd = if is_hidden(character) && !(is_block && character == '\n') {
                Piece::Hidden(character)
            } else if mixes && !character.is_ascii() && is_letter(character) {
                Piece::Foreign(character)
            } else {
                continue;
            };
            pieces.extend(text.get(plain..at).map(Piece::Plain));
            pieces.push(odd);
            plain = at + character.len_utf8();
        }
    }
    pieces.extend(text.get(plain..).map(Piece::Plain));
    pieces.retain(|piece| *piece != Piece::Plain(""));
    pieces
}

/// Runs of letters, digits and what joins them, with everything between them.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive(|character: char| !character.is_alphanumeric() && character != '_')
        .map(move |word| {
            let from = at;
            at += word.len();
            (from, word)
        })
}

/// Whether a word has letters that look like those of another alphabet in it.
fn mixes(word: &str) -> bool {
    let alike = [
        Script::Latin,
        Script::Cyrillic,
        Script::Greek,
        Script::Armenian,
        Script::Cherokee,
        Script::Coptic,
    ];
    let scripts = word.chars().filter_map(|character| {
        let script = character.script();
        alike.contains(&script).then_some(script)
    });
    let mut scripts = scripts.peekable();
    let first = scripts.peek().copied();
    scripts.any(|script| Some(script) != first)
}

fn is_letter(character: char) -> bool {
    !matches!(
        character.script(),
        Script::Latin | Script::Common | Script::Inherited
    )
}

fn number(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

fn describe(character: char) -> String {
    let what = match character {
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' => {
            "changes the direction of the text"
        }
        '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => "takes no room",
        '\u{e0000}'..='\u{e0fff}' => "a tag, which nobody sees",
        _ if character.is_control() => "a control character",
        _ if is_hidden(character) => "is not seen",
        _ => return format!("{}: a letter of another alphabet", number(character)),
    };
    format!("{}: {what}", number(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_is_text() {
        let page = line("<script>alert(1)</script>\"'&").into_string();
        assert!(!page.contains("<script>"), "{page}");
        assert!(page.contains("&lt;script&gt;"), "{page}");
    }

    #[test]
    fn what_nobody_sees_is_shown() {
        for (text, shown) in [
            ("a\u{202e}gpj.exe", "U+202E"),
            ("a\u{200b}b", "U+200B"),
            ("a\u{1b}[2J", "U+001B"),
            ("a\u{e0041}", "U+E0041"),
            ("a\u{feff}", "U+FEFF"),
            ("a\0", "U+0000"),
            ("a\u{a0}b", "U+00A0"),
            ("a\nb", "U+000A"),
        ] {
            let page = line(text).into_string();
            assert!(page.contains(shown), "{page}");
            let raw = text.chars().find(|it| is_hidden(*it)).unwrap();
            assert!(!page.contains(raw), "{page}");
        }
        assert_eq!(
            block("a\nb", 10).into_string(),
            "<bdi class=\"text\">a\nb</bdi>"
        );
    }

    #[test]
    fn letters_of_another_alphabet_stand_out_among_those_they_look_like() {
        let foreign = |text| {
            let pieces = pieces(text, false);
            let foreign = pieces.into_iter().filter_map(|piece| match piece {
                Piece::Foreign(character) => Some(character),
                Piece::Plain(_) | Piece::Hidden(_) => None,
            });
            foreign.collect::<String>()
        };
        assert_eq!(foreign("p\u{430}ypal.com"), "\u{430}");
        assert_eq!(foreign("write_f\u{456}le"), "\u{456}");
        assert_eq!(foreign("\u{3b1}dmin"), "\u{3b1}");
        for text in ["plain", "привет мир", "日本語 text", "naïve café", "ταξίδι"]
        {
            assert_eq!(foreign(text), "", "{text}");
        }
    }

    #[test]
    fn what_takes_no_markup_is_as_visible() {
        assert_eq!(flat("a\u{202e}b\n"), "a[U+202E]b[U+000A]");
        assert_eq!(
            flat(&"a".repeat(LINE_MAX + 1)).chars().count(),
            LINE_MAX + 1
        );
    }

    #[test]
    fn megabytes_are_cut_and_said_to_be() {
        let page = line(&"a".repeat(3 << 20)).into_string();
        assert!(page.len() < 1000, "{}", page.len());
        assert!(page.contains("3145728 bytes in all"), "{page}");
    }
}
