//! A page as lines of a terminal.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use textwrap::core::display_width;

use super::table::Table;
use super::wrapped::wrapped;
use crate::output::{Paint, Tone};
use crate::pages::Page;

/// How far code stands to the right.
const CODE_INDENT: &str = "    ";

/// Lines of at most this width, but for code and for words that are longer.
pub(super) fn lines(page: &Page, width: usize, paint: Paint) -> Vec<String> {
    let mut layout = Layout {
        page,
        width,
        paint,
        lines: Vec::new(),
        text: String::new(),
        blocks: Vec::new(),
        links: Vec::new(),
        table: None,
    };
    for event in Parser::new_ext(page.text, Options::ENABLE_TABLES) {
        layout.take(event);
    }
    layout.lines
}

struct Layout<'a> {
    page: &'a Page,
    width: usize,
    paint: Paint,
    lines: Vec<String>,
    /// What is not laid out yet.
    text: String,
    /// What stands around it.
    blocks: Vec<Block>,
    /// Where the links lead that are open.
    links: Vec<String>,
    table: Option<Table>,
}

/// A block that moves what is in it to the right.
enum Block {
    Quote,
    /// A list, and the number of its next item if it has numbers.
    List(Option<u64>),
    /// An item: its mark, until that is written.
    Item {
        mark: String,
        is_written: bool,
    },
}

// === impl Layout ===

impl Layout<'_> {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text.push_str(&text),
            Event::Code(text) => {
                self.text.push('`');
                self.text.push_str(&text);
                self.text.push('`');
            }
            Event::SoftBreak => self.text.push(' '),
            Event::HardBreak => self.paragraph(),
            Event::Rule => {
                self.gap();
                self.lines.push("-".repeat(self.width));
            }
            Event::Html(_)
            | Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } => self.gap(),
            Tag::BlockQuote(_) => {
                self.gap();
                self.blocks.push(Block::Quote);
            }
            Tag::CodeBlock(_) => {
                self.paragraph();
                self.gap();
            }
            Tag::List(first) => {
                self.paragraph();
                if !self.is_in_item() {
                    self.gap();
                }
                self.blocks.push(Block::List(first));
            }
            Tag::Item => {
                let mark = self.mark();
                let is_written = false;
                self.blocks.push(Block::Item { mark, is_written });
            }
            Tag::Table(_) => {
                self.gap();
                self.table = Some(Table::default());
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.begin_row();
                }
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.links.push(dest_url.into_string());
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.paragraph(),
            TagEnd::Heading(level) => self.heading(level),
            TagEnd::CodeBlock => self.code(),
            TagEnd::Item => {
                self.paragraph();
                self.blocks.pop();
            }
            TagEnd::BlockQuote(_) | TagEnd::List(_) => {
                self.blocks.pop();
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.text);
                if let Some(table) = &mut self.table {
                    table.push(cell);
                }
            }
            TagEnd::Table => {
                let table = self.table.take().unwrap_or_default();
                for line in table.lines(self.room()) {
                    self.push(&line);
                }
            }
            TagEnd::Link | TagEnd::Image => self.link(),
            _ => {}
        }
    }

    /// Says where a link leads: to a page, by the command that shows it, or out.
    fn link(&mut self) {
        let link = self.links.pop().unwrap_or_default();
        if let Some(page) = self.page.linked(&link) {
            if page.name != self.page.name {
                self.text
                    .push_str(&format!(" (gatewright docs {})", page.name));
            }
        } else if link.contains("://") && !self.text.ends_with(&link) {
            self.text.push_str(&format!(" <{link}>"));
        }
    }

    fn heading(&mut self, level: HeadingLevel) {
        let text = std::mem::take(&mut self.text);
        let line = match level {
            HeadingLevel::H1 => Some('='),
            HeadingLevel::H2 => Some('-'),
            _ => None,
        };
        let mut widest = 0;
        for line in wrapped(&text, self.room()) {
            widest = display_width(&line).max(widest);
            let line = self.paint.tone(Tone::Strong, &line);
            self.push(&line);
        }
        if let Some(line) = line {
            self.push(&line.to_string().repeat(widest));
        }
    }

    fn paragraph(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.is_empty() {
            return;
        }
        for line in wrapped(&text, self.room()) {
            self.push(&line);
        }
    }

    /// Code stays as it is: a reader copies it.
    fn code(&mut self) {
        let text = std::mem::take(&mut self.text);
        for line in text.lines() {
            self.push(&format!("{CODE_INDENT}{line}"));
        }
    }

    /// An empty line, where there is none yet.
    fn gap(&mut self) {
        let is_first_of_item = matches!(
            self.blocks.last(),
            Some(Block::Item {
                is_written: false,
                ..
            })
        );
        let is_open = self.lines.last().is_some_and(|line| !line.is_empty());
        if is_open && !is_first_of_item {
            self.lines.push(String::new());
        }
    }

    fn push(&mut self, line: &str) {
        let mut start = String::new();
        for block in &mut self.blocks {
            match block {
                Block::Quote => start.push_str("| "),
                Block::List(_) => {}
                Block::Item { mark, is_written } if *is_written => {
                    start.push_str(&" ".repeat(mark.len()));
                }
                Block::Item { mark, is_written } => {
                    start.push_str(mark);
                    *is_written = true;
                }
            }
        }
        start.push_str(line);
        self.lines.push(start.trim_end().to_owned());
    }

    /// What is left of a line beside the blocks around it.
    fn room(&self) -> usize {
        let taken: usize = self.blocks.iter().map(Block::width).sum();
        self.width.saturating_sub(taken).max(1)
    }

    fn is_in_item(&self) -> bool {
        let mut blocks = self.blocks.iter();
        blocks.any(|block| matches!(block, Block::Item { .. }))
    }

    /// The mark of the next item of the innermost list.
    fn mark(&mut self) -> String {
        let lists = self.blocks.iter_mut().rev();
        let mut numbers = lists.filter_map(|block| match block {
            Block::List(number) => Some(number),
            Block::Quote | Block::Item { .. } => None,
        });
        match numbers.next() {
            Some(Some(number)) => {
                let mark = format!("{number}. ");
                *number += 1;
                mark
            }
            Some(None) | None => "- ".to_owned(),
        }
    }
}

// === impl Block ===

impl Block {
    fn width(&self) -> usize {
        match self {
            Self::Quote => 2,
            Self::List(_) => 0,
            Self::Item { mark, .. } => mark.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use textwrap::core::display_width;

    use super::{CODE_INDENT, lines};
    use crate::output::Paint;
    use crate::pages::{Page, all};

    const TEXT: &str = "\
# A page

One line that is
two, with `code` and [a link](configuration.md#gate), [another](https://example.com/).

- first
  goes on
- second
  1. deeper

| key | default | meaning |
|---|---|---|
| `listen` | none | Where agents connect to, at any time. |

```sh test=never
gatewright check   # stays
```
";

    const LAID_OUT: &str = "\
A page
======

One line that is two, with `code` and a link
(gatewright docs configuration), another
<https://example.com/>.

- first goes on
- second
  1. deeper

key       default  meaning
----------------------------------------------------
`listen`  none     Where agents connect to, at any
                   time.

    gatewright check   # stays
";

    #[test]
    fn a_page_is_laid_out_for_a_width() {
        let page = Page::of("docs/page.md", TEXT.as_bytes()).unwrap();
        let lines = lines(&page, 52, Paint::none()).join("\n") + "\n";
        assert_eq!(lines, LAID_OUT);
    }

    /// Only code, and single words, may be longer than a terminal.
    #[test]
    fn every_page_fits_a_terminal() {
        for page in all() {
            for width in [40, 80] {
                for line in lines(&page, width, Paint::none()) {
                    let is_code = line.starts_with(CODE_INDENT);
                    let words = line.split(' ').map(display_width);
                    let longest = words.max().unwrap_or_default();
                    assert!(
                        display_width(&line) <= width || is_code || longest + 12 > width,
                        "{}: {line}",
                        page.name
                    );
                }
            }
        }
    }
}
