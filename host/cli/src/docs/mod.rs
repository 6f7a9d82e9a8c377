//! `gatewright docs`: the pages that the program carries.

mod layout;
mod table;
mod wrapped;

use anyhow::{Result, anyhow};

use crate::failure::{Advise as _, Exit};
use crate::output::{Paint, print_line, width};
use crate::pages::{self, Page};

/// Read the documentation, which is in the program.
///
/// Without a page, lists them. On a terminal a page is laid out for its width;
/// elsewhere it comes as it was written, in Markdown. The pages of the shipped
/// policies and of the SDKs are among them.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright docs
  gatewright docs configuration
  gatewright docs plugins/path-guard
  gatewright docs reasons | grep denied")]
pub(crate) struct Arguments {
    /// The page: a name, or its end.
    #[arg(value_name = "PAGE")]
    page: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let Some(name) = &arguments.page else {
        return list();
    };
    let found = pages::named(name);
    let page = match found.as_slice() {
        [page] => page,
        [] => {
            return Err(anyhow!("there is no page `{name}`"))
                .hint("`gatewright docs` lists the pages");
        }
        several => {
            let names: Vec<_> = several.iter().map(Page::quoted).collect();
            return Err(anyhow!("`{name}` is the end of several names"))
                .hint(format!("one of {}", names.join(", ")));
        }
    };
    match width() {
        Some(width) => {
            for line in layout::lines(page, width, Paint::stdout()) {
                print_line(&line)?;
            }
        }
        None => print_line(page.text.trim_end())?,
    }
    Ok(Exit::Fine)
}

fn list() -> Result<Exit> {
    let pages = pages::all();
    let longest = pages.iter().map(|page| page.name.len()).max();
    for page in &pages {
        let name = &page.name;
        print_line(&format!(
            "{name:<longest$}  {}",
            page.title(),
            longest = longest.unwrap_or_default()
        ))?;
    }
    eprintln!("`gatewright docs <page>` shows one");
    Ok(Exit::Fine)
}
