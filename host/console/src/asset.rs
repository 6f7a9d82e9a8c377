//! What pages are dressed with: in the binary, under names that change with what is in
//! them, so that a browser keeps them.

use gatewright_policy::Digest;

/// A file that is not a page.
pub(crate) struct Asset {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: &'static [u8],
    /// Where it is.
    pub(crate) path: String,
}

/// All of them.
pub(crate) struct Assets {
    pub(crate) style: Asset,
    pub(crate) script: Asset,
    pub(crate) icon: Asset,
}

impl Assets {
    pub(crate) fn new() -> Self {
        Self {
            style: Asset::new(
                "css",
                "text/css; charset=utf-8",
                include_bytes!("assets/console.css"),
            ),
            script: Asset::new(
                "js",
                "text/javascript; charset=utf-8",
                include_bytes!("assets/console.js"),
            ),
            icon: Asset::new("svg", "image/svg+xml", include_bytes!("assets/icon.svg")),
        }
    }

    pub(crate) fn find(&self, path: &str) -> Option<&Asset> {
        let all = [&self.style, &self.script, &self.icon];
        all.into_iter().find(|asset| asset.path == path)
    }
}

impl Asset {
    fn new(extension: &str, content_type: &'static str, bytes: &'static [u8]) -> Self {
        let name = Digest::of(bytes).short();
        Self {
            content_type,
            bytes,
            path: format!("/assets/{name}.{extension}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    const STYLE: &str = include_str!("assets/console.css");

    /// The colours of a palette, by name.
    fn palette(text: &str) -> HashMap<&str, [u8; 3]> {
        let end = text.split("\n}").next().unwrap();
        let lines = end
            .lines()
            .filter_map(|line| line.trim().strip_prefix("--"));
        let colours = lines.filter_map(|line| line.split_once(": #"));
        colours
            .map(|(name, hex)| {
                let part = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
                (name, [part(0), part(2), part(4)])
            })
            .collect()
    }

    /// WCAG 2.2, relative luminance.
    fn luminance(colour: [u8; 3]) -> f64 {
        let linear = |part: u8| match f64::from(part) / 255.0 {
            low if low <= 0.04045 => low / 12.92,
            high => ((high + 0.055) / 1.055).powf(2.4),
        };
        let [red, green, blue] = colour.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    #[test]
    fn every_text_stands_out_from_what_is_behind_it() {
        let (light, rest) = STYLE.split_once(":root {").unwrap();
        assert!(!light.contains('{'), "the light palette comes first");
        let (_, dark) = rest.split_once("prefers-color-scheme: dark").unwrap();
        let pairs = [
            ("ink", "page"),
            ("ink", "card"),
            ("ink", "sunk"),
            ("soft", "page"),
            ("soft", "card"),
            ("soft", "sunk"),
            ("accent", "page"),
            ("accent", "card"),
            ("accent-ink", "accent"),
            ("good", "good-wash"),
            ("wait", "wait-wash"),
            ("bad", "bad-wash"),
            ("bad", "card"),
            ("odd", "odd-wash"),
        ];
        for (scheme, colours) in [("light", palette(rest)), ("dark", palette(dark))] {
            for (text, behind) in pairs {
                let (one, other) = (luminance(colours[text]), luminance(colours[behind]));
                let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
                // AA for text of any size.
                assert!(
                    contrast >= 4.5,
                    "{scheme}: {text} on {behind} is {contrast:.2}"
                );
            }
        }
    }
}
