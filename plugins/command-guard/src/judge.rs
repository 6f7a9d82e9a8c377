//! What a parsed command may do under the settings.

use crate::letters;
use crate::options::{harmless, operands, options};
use crate::program::{self, Inner, Program, name_of};
use crate::refusal::{Refusal, hint_for, shown};
use crate::rule::Rule;
use crate::script::{Command, Redirection, Script, Word};
use crate::settings::{Choice, Settings, Shell};
use crate::{posix, windows};

/// Programs that run programs that run programs; nobody needs more.
const WRAPPERS_MAX: usize = 8;

/// Judges the texts of one call, and remembers what a person must approve.
pub(crate) struct Judge<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) asked: Option<String>,
}

impl Judge<'_> {
    /// A text that a shell reads.
    pub(crate) fn text(&mut self, shell: Shell, text: &str, level: usize) -> Result<(), Refusal> {
        if text.len() > self.settings.command_bytes_max {
            return Err(Refusal::new(
                "a command that is too long",
                1,
                "send a shorter one",
            ));
        }
        letters::check(text)?;
        let script = match shell {
            Shell::Posix => posix::parse(text)?,
            Shell::PowerShell => windows::parse(windows::Dialect::PowerShell, text)?,
            Shell::Cmd => windows::parse(windows::Dialect::Cmd, text)?,
        };
        self.script(shell, &script, level)
    }

    fn script(&mut self, shell: Shell, script: &Script, level: usize) -> Result<(), Refusal> {
        for (construct, at) in &script.constructs {
            let (choice, name) = self.settings.constructs.of(*construct);
            match choice {
                Choice::Allow => {}
                Choice::Ask => self.ask(name),
                Choice::Deny => {
                    return Err(Refusal::new(
                        format!("{name} is not allowed"),
                        *at,
                        hint_for(*construct),
                    ));
                }
            }
        }
        if script.commands.is_empty() {
            return Err(Refusal::new("no command", 1, "name a program"));
        }
        script
            .commands
            .iter()
            .try_for_each(|command| self.command(shell, command, level))
    }

    fn command(&mut self, shell: Shell, command: &Command, level: usize) -> Result<(), Refusal> {
        for (name, value) in &command.assignments {
            self.assignment(name, value.plain(), value.at)?;
        }
        for redirection in &command.redirections {
            self.redirection(redirection)?;
        }
        if command.words.is_empty() {
            return Ok(());
        }
        self.words(shell, &command.words, level)
    }

    /// A variable that is set for a command.
    pub(crate) fn assignment(
        &self,
        name: &str,
        value: Option<&str>,
        at: usize,
    ) -> Result<(), Refusal> {
        if self.settings.environment.allows(name, value) {
            return Ok(());
        }
        Err(Refusal::new(
            format!("setting {} is not allowed", shown(name, "this variable")),
            at,
            "leave the variable out, or ask the operator to list it in `environment`",
        ))
    }

    fn redirection(&self, redirection: &Redirection) -> Result<(), Refusal> {
        let patterns = if redirection.writes {
            &self.settings.redirections.write
        } else {
            &self.settings.redirections.read
        };
        let name = redirection.file.certain();
        let network = name.starts_with("/dev/tcp") || name.starts_with("/dev/udp");
        let climbs = name.split(['/', '\\']).any(|part| part == "..");
        let open = redirection.file.plain().is_none();
        let fits = patterns
            .iter()
            .any(|pattern| pattern.as_str() == "*" || (!climbs && !open && pattern.matches(name)));
        if fits && !network && !(open && name.is_empty()) {
            return Ok(());
        }
        let verb = if redirection.writes {
            "writing to"
        } else {
            "reading from"
        };
        Err(Refusal::new(
            format!("{verb} this file by redirection is not allowed"),
            redirection.file.at,
            "leave the redirection out, or use `/dev/null`",
        ))
    }

    /// A program and its arguments, as the operating system gets them.
    pub(crate) fn words(
        &mut self,
        shell: Shell,
        words: &[Word],
        level: usize,
    ) -> Result<(), Refusal> {
        if level > WRAPPERS_MAX {
            let at = words.first().map_or(1, |word| word.at);
            return Err(Refusal::new(
                "programs within programs",
                at,
                "run it directly",
            ));
        }
        let Some((first, rest)) = words.split_first() else {
            return Err(Refusal::new("no command", 1, "name a program"));
        };
        let Some(text) = first.plain().filter(|text| !text.is_empty()) else {
            return Err(Refusal::new(
                "a program whose name is not written out",
                first.at,
                "write the name of the program without variables and patterns",
            ));
        };
        let folded = folded(shell, text);
        let name = name_of(&folded);
        let unknown = Program::default();
        let programs = &self.settings.programs;
        let with_subcommand = rest
            .first()
            .and_then(Word::plain)
            .and_then(|sub| programs.get(&format!("{name} {sub}")));
        let program = program::known(programs, name).unwrap_or(&unknown);
        if let Some((module, behind)) = module(program, rest) {
            harmless(
                module,
                behind,
                program::known(programs, module).unwrap_or(&unknown),
                None,
            )?;
        }
        // What a subcommand takes for an option, another one does not.
        let behind_globals = program.behind_globals(rest);
        let own = match behind_globals.len() == rest.len() {
            true => with_subcommand,
            false => behind_globals
                .first()
                .and_then(Word::plain)
                .and_then(|sub| programs.get(&format!("{name} {sub}"))),
        };
        if let Some(own) = own {
            harmless(name, behind_globals.get(1..).unwrap_or_default(), own, None)?;
        }
        self.refused_by_list(name, first, rest, program)?;
        if let Some(wrapper) = with_subcommand.and_then(|program| program.wrapper.as_ref()) {
            let behind = rest.get(1..).unwrap_or_default();
            return self.wrapped(shell, name, first, wrapper, behind, level);
        }
        match &program.wrapper {
            Some(wrapper) if wrapper.inner == Inner::Find => {
                self.find(shell, name, first, rest, program, level)
            }
            Some(wrapper) if !wrapper.runs_file(rest) && !wrapper.is_lookup(rest) => {
                self.wrapped(shell, name, first, wrapper, rest, level)
            }
            _ => self.by_rules(name, first, rest, program),
        }
    }

    fn refused_by_list(
        &mut self,
        name: &str,
        first: &Word,
        rest: &[Word],
        program: &Program,
    ) -> Result<(), Refusal> {
        if self.settings.denied.is_empty() && self.settings.ask.is_empty() {
            return Ok(());
        }
        // What is refused is refused by every name that it has.
        let names = program::spellings(name);
        let speaks = |rules: &[Rule]| {
            rules
                .iter()
                .any(|rule| names.iter().any(|name| rule.may_apply(name, rest, program)))
        };
        let excepted = self
            .settings
            .except
            .iter()
            .any(|rule| self.fits(rule, name, first, rest, program) == Some(Ok(())));
        if excepted {
            return Ok(());
        }
        if speaks(&self.settings.denied) {
            return Err(Refusal::new(
                format!("{} is refused in this form", shown(name, "this program")),
                first.at,
                "do without it; the operator denied it",
            ));
        }
        if speaks(&self.settings.ask) {
            self.ask(&shown(name, "this program"));
        }
        Ok(())
    }

    fn ask(&mut self, what: &str) {
        self.asked.get_or_insert_with(|| what.to_owned());
    }

    pub(crate) fn by_rules(
        &mut self,
        name: &str,
        first: &Word,
        rest: &[Word],
        program: &Program,
    ) -> Result<(), Refusal> {
        // The rule that names most says best what is wrong.
        let mut nearest: Option<(usize, Refusal)> = None;
        let mut most = 0;
        for rule in &self.settings.allowed {
            let length = rule.words_for(name);
            if length == 0 {
                continue;
            }
            most = most.max(length);
            match self.fits(rule, name, first, rest, program) {
                None => {}
                Some(Ok(())) => return Ok(()),
                Some(Err(refusal)) => {
                    nearest = nearest
                        .filter(|(before, _)| *before >= length)
                        .or(Some((length, refusal)));
                }
            }
        }
        // One that names the program only has nothing to say about a subcommand
        // where others name some.
        if let Some((_, refusal)) = nearest.filter(|(length, _)| *length > 1 || most == 1) {
            return Err(refusal);
        }
        let asked = self
            .settings
            .ask
            .iter()
            .any(|rule| rule.may_apply(name, rest, program));
        let otherwise = if asked {
            Choice::Ask
        } else {
            self.settings.otherwise
        };
        if otherwise == Choice::Deny || (program.runs_operands && !asked) {
            let subcommand = rest.first().and_then(Word::plain).filter(|_| most > 1);
            let called = subcommand.map_or_else(|| name.to_owned(), |sub| format!("{name} {sub}"));
            return Err(Refusal::new(
                format!(
                    "{} is not allowed in this form",
                    shown(&called, "this program")
                ),
                first.at,
                "use a program that is allowed, with its subcommand right behind its name",
            ));
        }
        harmless(name, rest, program, None)?;
        if otherwise == Choice::Ask {
            self.ask(&shown(name, "this program"));
        }
        Ok(())
    }

    /// Whether a rule is about the call, and then what it says.
    fn fits(
        &self,
        rule: &Rule,
        name: &str,
        first: &Word,
        rest: &[Word],
        program: &Program,
    ) -> Option<Result<(), Refusal>> {
        let behind = rule.applies(name, rest, program)?;
        Some(options(rule, name, behind, program).and_then(|()| {
            let operands = operands(behind, program);
            let too_many = rule.operands_max.is_some_and(|most| operands.len() > most);
            let other = operands.iter().find(|word| !rule.takes(word));
            if too_many || other.is_some() {
                return Err(Refusal::new(
                    format!(
                        "{} with these words is not allowed",
                        shown(name, "this program")
                    ),
                    other.map_or(first.at, |word| word.at),
                    "leave the words behind its options out",
                ));
            }
            harmless(name, rest, program, Some(rule))
        }))
    }
}

/// What `python -m` runs, and its words.
fn module<'a>(program: &Program, words: &'a [Word]) -> Option<(&'a str, &'a [Word])> {
    match words {
        [option, module, behind @ ..] if program.runs_modules && option.plain() == Some("-m") => {
            Some((module.plain()?, behind))
        }
        _ => None,
    }
}

fn folded(shell: Shell, text: &str) -> String {
    match shell {
        Shell::Posix => text.to_owned(),
        Shell::PowerShell | Shell::Cmd => {
            let lower = text.to_ascii_lowercase();
            lower.strip_suffix(".exe").unwrap_or(&lower).to_owned()
        }
    }
}
