//! What a change makes of the tools that are pinned.

use std::collections::HashMap;

use super::change::{ChangeError, ToolDiffers, ToolPin};
use super::draft::{Draft, full};
use super::row::{Changed, PinnedTool, Row};

/// Most tools of one server that are pinned.
pub const PINS_MAX: usize = 1024;

/// Most bytes of definitions that are kept for one server: of what is beyond, the digest is.
pub const PINNED_BYTES_MAX: usize = 4 << 20;

impl Draft<'_> {
    /// Pins tools. What an operator pins takes the place of what was pinned before; what the
    /// gate sees for the first time does not.
    pub(super) fn pin(
        &self,
        tools: &[ToolPin],
        first_sight: bool,
    ) -> Result<Vec<Row>, ChangeError> {
        let mut rows: Vec<PinnedTool> = Vec::new();
        let mut room = HashMap::new();
        for tool in tools {
            let known = self.registry.tool(&tool.server, &tool.name);
            let is_so = known.is_some_and(|known| {
                let row = &known.row;
                let is_kept = first_sight || (row.changed.is_none() && !row.first_sight);
                is_kept && row.digest == tool.digest
            });
            let is_twice = rows
                .iter()
                .any(|row| row.server == tool.server && row.name == tool.name);
            if is_so || is_twice || first_sight && known.is_some() {
                continue;
            }
            let (count, bytes) = room.entry(tool.server.as_str()).or_insert_with(|| {
                let all = self.registry.tools_of(&tool.server);
                all.fold((0, 0), |(count, bytes), it| {
                    (count + 1, bytes + it.row.definition.len())
                })
            });
            if known.is_none() {
                if self.strict {
                    full("pinned tools of one server", *count, PINS_MAX)?;
                }
                *count += 1;
            }
            *bytes += tool.definition.len();
            let definition = match *bytes > PINNED_BYTES_MAX {
                true => String::new(),
                false => tool.definition.clone(),
            };
            rows.push(PinnedTool {
                server: tool.server.clone(),
                name: tool.name.clone(),
                digest: tool.digest,
                definition,
                first_sight,
                since: self.at,
                by: self.change.by.clone(),
                why: self.change.why.clone(),
                changed: None,
            });
        }
        Ok(rows.into_iter().map(Row::Tool).collect())
    }

    /// Notes that tool servers say otherwise: the first other word is what is noted.
    pub(super) fn differ(&self, tools: &[ToolDiffers]) -> Vec<Row> {
        let differ = tools.iter().filter_map(|tool| {
            let known = &self.registry.tool(&tool.server, &tool.name)?.row;
            let is_news =
                known.digest == tool.pinned && known.digest != tool.seen && known.changed.is_none();
            is_news.then(|| {
                Row::Tool(PinnedTool {
                    changed: Some(Changed {
                        digest: tool.seen,
                        at: self.at,
                    }),
                    ..known.clone()
                })
            })
        });
        differ.collect()
    }
}
