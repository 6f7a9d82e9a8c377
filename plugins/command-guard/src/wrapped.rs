//! Programs that run another one: what stands behind their options is judged
//! as if it stood alone.

use crate::inner;
use crate::judge::Judge;
use crate::program::{Inner, Program, Wrapper};
use crate::refusal::{Refusal, shown};
use crate::script::Word;
use crate::settings::Shell;

impl Judge<'_> {
    pub(crate) fn wrapped(
        &mut self,
        shell: Shell,
        name: &str,
        first: &Word,
        wrapper: &Wrapper,
        rest: &[Word],
        level: usize,
    ) -> Result<(), Refusal> {
        self.may_wrap(name, first)?;
        let unknown = || {
            Refusal::new(
                format!(
                    "{} with options that are not judged",
                    shown(name, "this program")
                ),
                first.at,
                "run the inner program directly",
            )
        };
        match wrapper.inner {
            Inner::Shell => {
                let script = inner::shell_text(rest).ok_or_else(unknown)?;
                return self.text(Shell::Posix, script, level + 1);
            }
            Inner::PowerShell => {
                let script = inner::powershell_text(rest).ok_or_else(unknown)?;
                return self.text(Shell::PowerShell, &script, level + 1);
            }
            Inner::Cmd => {
                let script = inner::cmd_text(rest).ok_or_else(unknown)?;
                return self.text(Shell::Cmd, &script, level + 1);
            }
            Inner::Words | Inner::Script | Inner::Find => {}
        }
        let mut inner = wrapper.behind_options(rest).ok_or_else(unknown)?;
        let options = rest.get(..rest.len() - inner.len()).unwrap_or_default();
        let stand_ins = wrapper.stand_ins(options);
        if stand_ins.iter().any(|text| text.is_empty()) {
            return Err(unknown());
        }
        while let Some((word, behind)) = inner.split_first().filter(|_| wrapper.assignments) {
            let Some((variable, _)) = word.certain().split_once('=') else {
                break;
            };
            let value = word
                .plain()
                .and_then(|text| text.split_once('='))
                .map(|(_, value)| value);
            self.assignment(variable, value, word.at)?;
            inner = behind;
        }
        if inner.is_empty() {
            return Err(unknown());
        }
        if wrapper.inner == Inner::Script {
            let texts: Option<Vec<&str>> = inner.iter().map(Word::plain).collect();
            let script = texts.ok_or_else(unknown)?.join(" ");
            return self.text(Shell::Posix, &script, level + 1);
        }
        let mut inner = inner.to_vec();
        for word in &mut inner {
            // What is put in there may be anything.
            let from = stand_ins
                .iter()
                .filter_map(|text| word.text.find(text))
                .min();
            word.open_from = word.open_from.into_iter().chain(from).min();
        }
        if wrapper.adds_words {
            inner.push(Word {
                splits: true,
                at: first.at,
                ..Word::default()
            });
        }
        self.words(shell, &inner, level + 1)
    }

    fn may_wrap(&self, name: &str, first: &Word) -> Result<(), Refusal> {
        if self
            .settings
            .wrappers
            .iter()
            .any(|pattern| pattern.matches(name))
        {
            return Ok(());
        }
        Err(Refusal::new(
            format!(
                "{} runs another program and is not allowed",
                shown(name, "this program")
            ),
            first.at,
            "run the inner program directly",
        ))
    }

    /// `find`, whose `-exec` holds commands between its own words.
    pub(crate) fn find(
        &mut self,
        shell: Shell,
        name: &str,
        first: &Word,
        rest: &[Word],
        program: &Program,
        level: usize,
    ) -> Result<(), Refusal> {
        let mut own = Vec::new();
        let mut words = rest.iter();
        while let Some(word) = words.next() {
            if !matches!(word.plain(), Some("-exec" | "-execdir" | "-ok" | "-okdir")) {
                own.push(word.clone());
                continue;
            }
            self.may_wrap(name, first)?;
            let mut inner = Vec::new();
            loop {
                let Some(word) = words.next() else {
                    return Err(Refusal::new(
                        "an `-exec` without its end",
                        word.at,
                        "end it with `\\;`",
                    ));
                };
                match word.plain() {
                    Some(";") => break,
                    Some("+")
                        if inner
                            .last()
                            .is_some_and(|last: &Word| last.text.contains("{}")) =>
                    {
                        break;
                    }
                    // A path below one of the folders that are searched.
                    Some(text) if text.contains("{}") => inner.push(Word {
                        text: text.replacen("{}", "./{}", 1),
                        open_from: text.find("{}").map(|at| at + "./".len()),
                        splits: false,
                        at: word.at,
                    }),
                    _ => inner.push(word.clone()),
                }
            }
            self.words(shell, &inner, level + 1)?;
        }
        self.by_rules(name, first, &own, program)
    }
}
