//! What a parsed command may do under the settings.

use crate::inner;
use crate::letters;
use crate::program::{Inner, Program, Wrapper, flag_is, flag_listed, name_of};
use crate::rule::Rule;
use crate::script::{Command, Construct, ParseError, Redirection, Script, Word};
use crate::settings::{Choice, Settings, Shell};
use crate::{posix, windows};

/// Programs that run programs that run programs; nobody needs more.
const WRAPPERS_MAX: usize = 8;

/// Names longer than this are not shown.
const SHOWN_MAX: usize = 40;

/// Why something is refused, for the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub problem: String,
    /// Where, in characters from 1.
    pub at: usize,
    /// What to do.
    pub hint: &'static str,
}

impl Refusal {
    pub(crate) fn new(problem: impl Into<String>, at: usize, hint: &'static str) -> Self {
        Self {
            problem: problem.into(),
            at,
            hint,
        }
    }
}

impl From<ParseError> for Refusal {
    fn from(error: ParseError) -> Self {
        Self::new(error.problem, error.at, "write it in a plainer way")
    }
}

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
                Choice::Refuse => {
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
            self.assignment(name, value.at)?;
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
    pub(crate) fn assignment(&self, name: &str, at: usize) -> Result<(), Refusal> {
        if self.settings.environment.allows(name) {
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
        let with_subcommand = rest
            .first()
            .and_then(Word::plain)
            .and_then(|sub| self.settings.programs.get(&format!("{name} {sub}")));
        let program = self.settings.programs.get(name).unwrap_or(&unknown);
        self.refused_by_list(name, first, rest, program)?;
        if let Some(wrapper) = with_subcommand.and_then(|program| program.wrapper.as_ref()) {
            let behind = rest.get(1..).unwrap_or_default();
            return self.wrapped(shell, name, first, wrapper, behind, level);
        }
        match &program.wrapper {
            Some(wrapper) if wrapper.inner == Inner::Find => {
                self.find(shell, name, first, rest, program, level)
            }
            Some(wrapper) if !runs_file(wrapper, rest) => {
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
        let speaks = |rules: &[Rule]| rules.iter().any(|rule| rule.may_apply(name, rest, program));
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

    fn by_rules(
        &mut self,
        name: &str,
        first: &Word,
        rest: &[Word],
        program: &Program,
    ) -> Result<(), Refusal> {
        let mut nearest = None;
        for rule in &self.settings.allowed {
            match self.fits(rule, name, first, rest, program) {
                None => {}
                Some(Ok(())) => return Ok(()),
                Some(Err(refusal)) => nearest = nearest.or(Some(refusal)),
            }
        }
        if let Some(refusal) = nearest {
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
        if otherwise == Choice::Refuse || program.runs_operands {
            return Err(Refusal::new(
                format!(
                    "{} is not allowed in this form",
                    shown(name, "this program")
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
            let operands = behind.iter().filter(|word| !is_option(word)).count();
            if rule.operands_max.is_some_and(|most| operands > most) {
                return Err(Refusal::new(
                    format!(
                        "{} with these words is not allowed",
                        shown(name, "this program")
                    ),
                    first.at,
                    "leave the words behind its options out",
                ));
            }
            harmless(name, rest, program, Some(rule))
        }))
    }

    fn wrapped(
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
        while let Some((word, behind)) = inner.split_first().filter(|_| wrapper.assignments) {
            let Some((variable, _)) = word.certain().split_once('=') else {
                break;
            };
            self.assignment(variable, word.at)?;
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
    fn find(
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

/// Whether a shell or a language is given a file instead of a text.
fn runs_file(wrapper: &Wrapper, rest: &[Word]) -> bool {
    match wrapper.inner {
        Inner::Shell => rest
            .first()
            .is_none_or(|word| !word.text.starts_with(['-', '+']) && word.plain().is_some()),
        Inner::PowerShell | Inner::Cmd => rest.is_empty(),
        Inner::Words | Inner::Script | Inner::Find => false,
    }
}

fn is_option(word: &Word) -> bool {
    word.text.len() > 1 && word.text.starts_with('-')
}

/// The options that a rule lists.
fn options(rule: &Rule, name: &str, words: &[Word], program: &Program) -> Result<(), Refusal> {
    for word in words {
        let unlisted = rule
            .flags
            .as_ref()
            .is_some_and(|flags| is_option(word) && !flag_listed(flags, &word.text, program));
        let open =
            word.may_become_option() && (rule.flags.is_some() || !rule.flags_denied.is_empty());
        let denied = rule
            .flags_denied
            .iter()
            .any(|flag| flag_is(flag, &word.text, program));
        if unlisted || open || denied {
            return Err(option_refused(name, word));
        }
    }
    Ok(())
}

fn option_refused(name: &str, word: &Word) -> Refusal {
    if word.may_become_option() {
        return Refusal::new(
            format!(
                "a word that could become an option of {}",
                shown(name, "this program")
            ),
            word.at,
            "write it out, or start a pattern with `./`",
        );
    }
    Refusal::new(
        format!(
            "this option of {} is not allowed",
            shown(name, "this program")
        ),
        word.at,
        "leave the option out",
    )
}

/// What is known to run programs or write files, unless the rule names it.
fn harmless(
    name: &str,
    words: &[Word],
    program: &Program,
    rule: Option<&Rule>,
) -> Result<(), Refusal> {
    let named = |word: &Word| {
        rule.and_then(|rule| rule.flags.as_ref())
            .is_some_and(|flags| flag_listed(flags, &word.text, program))
    };
    for word in words {
        if program.hazards.is_empty() || program.is_harmless(&word.text) || named(word) {
            continue;
        }
        let runs = program
            .hazards
            .iter()
            .any(|flag| flag_is(flag, &word.text, program));
        // An option that is only half written could be any.
        let half = word.open_from.is_some() && is_option(word);
        if runs || half || word.may_become_option() {
            return Err(option_refused(name, word));
        }
    }
    match program.language {
        Some(language) => inner::check(language, words),
        None => Ok(()),
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

/// A name for a message, if it is one that can be shown.
fn shown(name: &str, otherwise: &str) -> String {
    let plain = name
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || "._-/+[:".contains(letter));
    if plain && !name.is_empty() && name.len() <= SHOWN_MAX {
        format!("`{name}`")
    } else {
        otherwise.to_owned()
    }
}

fn hint_for(construct: Construct) -> &'static str {
    match construct {
        Construct::Sequence | Construct::Pipe | Construct::Group => "send one command in one call",
        Construct::Background => "run it in the foreground",
        Construct::Control | Construct::Function => "send the commands one by one",
        Construct::Substitution => "run the inner command first, and write its answer out",
        Construct::Variable => "write the value out",
        Construct::HereDocument => "give the text in a file",
    }
}
