//! `gatewright man`: its manual pages, made of what `--help` says.

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use clap_mangen::Man;

use crate::failure::{Advise as _, Exit};
use crate::output::print_line;
use crate::whole_file;

/// Print a manual page, or write all of them into a folder.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright man | man -l -
  gatewright man credential issue | man -l -
  gatewright man --out ~/.local/share/man/man1")]
pub(crate) struct Arguments {
    /// The command, with what stands under it; none is `gatewright` itself.
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    command: Vec<String>,
    /// Write every page into this folder, as `gatewright.1`, `gatewright-serve.1`
    /// and so on.
    #[arg(short, long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// `whole` is the whole command line, as it is parsed.
pub(crate) fn run(arguments: &Arguments, whole: clap::Command) -> Result<Exit> {
    let mut whole = whole.disable_help_subcommand(true);
    // Gives each command its full name.
    whole.build();
    let Some(folder) = &arguments.out else {
        let command = find(&whole, &arguments.command)?;
        print_line(page(command)?.trim_end())?;
        return Ok(Exit::Fine);
    };
    std::fs::create_dir_all(folder)
        .with_context(|| format!("`{}` cannot be made", folder.display()))?;
    let mut open = vec![&whole];
    while let Some(command) = open.pop() {
        let name = command.get_display_name().unwrap_or(command.get_name());
        let file = folder.join(format!("{name}.1"));
        whole_file::write(&file, page(command)?.as_bytes())
            .with_context(|| format!("`{}` cannot be written", file.display()))?;
        open.extend(
            command
                .get_subcommands()
                .filter(|command| !command.is_hide_set()),
        );
    }
    print_line(&folder.display().to_string())?;
    Ok(Exit::Fine)
}

fn find<'a>(whole: &'a clap::Command, words: &[String]) -> Result<&'a clap::Command> {
    let mut command = whole;
    for word in words {
        command = command
            .find_subcommand(word)
            .ok_or_else(|| anyhow!("there is no command `{}`", words.join(" ")))
            .hint(format!(
                "`{} --help` lists them",
                command.get_bin_name().unwrap_or_default()
            ))?;
    }
    Ok(command)
}

/// A page, with its examples as they are to be typed: line by line.
fn page(command: &clap::Command) -> Result<String> {
    let mut page = Vec::new();
    let source = concat!("gatewright ", env!("CARGO_PKG_VERSION"));
    Man::new(command.clone()).source(source).render(&mut page)?;
    let page = String::from_utf8(page)?;
    let Some((before, after)) = page.split_once(".SH EXTRA\n") else {
        return Ok(page);
    };
    let end = after.find("\n.SH ").map_or(after.len(), |end| end + 1);
    let (examples, after) = after.split_at(end);
    let examples = examples.strip_prefix("Examples:\n").unwrap_or(examples);
    Ok(format!("{before}.SH EXAMPLES\n.nf\n{examples}.fi\n{after}"))
}
