//! What has been found in a statement so far, and what may be read.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::ObjectName;

use crate::kind::Kind;
use crate::names::{Takes, may_be_shown, pragma_takes};
use crate::refused::Refused;
use crate::settings::Settings;
use crate::tables::Use;
use crate::with::WithNames;

/// What has been found so far.
pub(crate) struct Survey<'a> {
    pub(super) settings: &'a Settings,
    pub(super) with: WithNames,
    /// Names that are written, by address: they are judged as such, once.
    pub(super) targets: BTreeSet<usize>,
    /// Calls that stand in the place of a table, by address: judged already.
    pub(super) table_calls: BTreeSet<usize>,
    /// Every kind of statement, nested ones too.
    pub(crate) kinds: BTreeSet<Kind>,
    /// An `UPDATE` or `DELETE` that every row fits.
    pub(crate) unbounded: Option<Kind>,
    /// One that nearly every row of most tables fits.
    pub(crate) doubtful: Option<Kind>,
}

pub(super) type Walk = ControlFlow<Refused>;

impl<'a> Survey<'a> {
    pub(crate) fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            with: WithNames::default(),
            targets: BTreeSet::new(),
            table_calls: BTreeSet::new(),
            kinds: BTreeSet::new(),
            unbounded: None,
            doubtful: None,
        }
    }

    pub(crate) fn kind(&mut self, kind: Kind) -> Walk {
        self.kinds.insert(kind);
        if self.settings.kinds.contains(&kind) {
            Walk::Continue(())
        } else {
            Walk::Break(Refused::Kind(kind))
        }
    }

    pub(crate) fn read(&self, name: &ObjectName) -> Walk {
        let pragma = name
            .0
            .last()
            .and_then(|part| part.as_ident())
            .map(|last| last.value.to_lowercase())
            .and_then(|last| last.strip_prefix("pragma_").map(str::to_owned));
        if let Some(pragma) = pragma
            && self.settings.dialect.has_pragmas()
            && !self.with.knows(name)
            && !pragma_takes(&pragma, Takes::Alone)
            && !pragma_takes(&pragma, Takes::Table)
        {
            return Walk::Break(Refused::Pragma);
        }
        if self.with.knows(name) || self.settings.tables.allow(name, Use::Read) {
            Walk::Continue(())
        } else {
            Walk::Break(Refused::Table(Use::Read, name.to_string()))
        }
    }

    pub(super) fn may_show(&self, setting: &str) -> bool {
        may_be_shown(setting)
            || self
                .settings
                .shown_settings
                .iter()
                .any(|pattern| pattern.matches(setting))
    }
}
