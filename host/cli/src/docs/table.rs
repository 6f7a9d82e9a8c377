//! Tables as columns where they fit, and as blocks where they do not.

use textwrap::core::display_width;

use super::wrapped::wrapped;

/// Between two columns.
const GAP: usize = 2;

/// The last column has at least so many characters where it needs them, or the table is
/// no table.
const LAST_MIN: usize = 32;

/// Rows of cells; the first is the heading.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

// === impl Table ===

impl Table {
    pub(super) fn begin_row(&mut self) {
        self.rows.push(Vec::new());
    }

    pub(super) fn push(&mut self, cell: String) {
        if let Some(row) = self.rows.last_mut() {
            row.push(cell);
        }
    }

    /// The table in lines of at most this width, where no word is longer.
    pub(super) fn lines(&self, width: usize) -> Vec<String> {
        let widths = self.widths();
        let Some((widest, before)) = widths.split_last() else {
            return Vec::new();
        };
        let before: usize = before.iter().map(|column| column + GAP).sum();
        let needed = LAST_MIN.min(*widest).max(self.longest_word());
        match width.checked_sub(before) {
            Some(last) if last >= needed => self.columns(&widths, before, last),
            Some(_) | None => self.blocks(width),
        }
    }

    /// Of the last column, which is the one that wraps.
    fn longest_word(&self) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.last());
        let words = cells.flat_map(|cell| cell.split(' '));
        words.map(display_width).max().unwrap_or_default()
    }

    /// The widest cell of each column.
    fn widths(&self) -> Vec<usize> {
        let mut widths = Vec::new();
        for row in &self.rows {
            widths.resize(widths.len().max(row.len()), 0);
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = display_width(cell).max(*widest);
            }
        }
        widths
    }

    /// The last column is as wide as what is left.
    fn columns(&self, widths: &[usize], before: usize, last: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for (place, row) in self.rows.iter().enumerate() {
            let Some((text, cells)) = row.split_last() else {
                continue;
            };
            let mut start = String::new();
            for (cell, column) in cells.iter().zip(widths) {
                let missing = column.saturating_sub(display_width(cell)) + GAP;
                start.push_str(cell);
                start.push_str(&" ".repeat(missing));
            }
            let indent = " ".repeat(before);
            for (number, line) in wrapped(text, last).iter().enumerate() {
                let start = if number == 0 { &start } else { &indent };
                lines.push(format!("{start}{line}").trim_end().to_owned());
            }
            if place == 0 {
                let widest = widths.last().copied().unwrap_or_default().min(last);
                lines.push("-".repeat(before + widest));
            }
        }
        lines
    }

    /// Each row on its own: its first cell, and below it the others with the name of
    /// their column.
    fn blocks(&self, width: usize) -> Vec<String> {
        let Some((names, rows)) = self.rows.split_first() else {
            return Vec::new();
        };
        let mut lines = Vec::new();
        for row in rows {
            let Some((first, cells)) = row.split_first() else {
                continue;
            };
            lines.extend(wrapped(first, width));
            for (name, cell) in names.iter().skip(1).zip(cells) {
                let text = match name.is_empty() {
                    true => cell.clone(),
                    false => format!("{name}: {cell}"),
                };
                let text = wrapped(&text, width.saturating_sub(GAP));
                lines.extend(text.iter().map(|line| format!("{:GAP$}{line}", "")));
            }
        }
        lines
    }
}
