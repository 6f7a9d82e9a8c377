//! `gatewright completions`: scripts by which shells complete the command line.

use anyhow::Result;
use clap_complete::Shell;

use crate::failure::Exit;
use crate::output::print_line;

/// What the shell completes.
const NAME: &str = "gatewright";

/// Print the script by which a shell completes this command.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright completions bash > \\
      ~/.local/share/bash-completion/completions/gatewright
  gatewright completions zsh > ~/.zfunc/_gatewright
  gatewright completions fish > ~/.config/fish/completions/gatewright.fish")]
pub(crate) struct Arguments {
    /// Which shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// `whole` is the whole command line, as it is parsed. What it hides, people do not type.
pub(crate) fn run(arguments: &Arguments, whole: &clap::Command) -> Result<Exit> {
    let shown = whole.get_subcommands().filter(|it| !it.is_hide_set());
    let mut typed = clap::Command::new(NAME)
        .version(env!("CARGO_PKG_VERSION"))
        .subcommands(shown.cloned());
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut typed, NAME, &mut script);
    print_line(String::from_utf8(script)?.trim_end())?;
    Ok(Exit::Fine)
}
