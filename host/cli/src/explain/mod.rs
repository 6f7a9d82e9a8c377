//! `gatewright explain`: which rule spoke, and what the gate makes of it.

mod explanation;
mod said;
mod text;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use gatewright_engine::binding::Binding;
use gatewright_policy::json::JsonLimits;
use gatewright_policy::question::Question;
use gatewright_sandbox::{Reads, World};

use self::explanation::{Explanation, Spoken};
use crate::eval::{self, component, configured};
use crate::failure::{Advise as _, Exit};
use crate::output::{Format, Paint, print_json, print_line};

/// What every component begins with.
const WASM: &[u8; 4] = b"\0asm";

/// What the one policy is called where it is asked alone.
const ALONE: &str = "policy";

/// Show which rule spoke about one request, and why.
///
/// Asks a component, or every policy that a configuration has for the call, and shows of each,
/// in the order in which the gate asks them: its verdict, the rules that spoke, what it wants
/// done, what it asked about the call, what that cost in fuel; and what the gate decides.
/// Nothing is served, recorded or sent to a tool. Exit code 0 means allowed, 3 denied, 4 held
/// for a person.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright explain path-guard.wasm request.json --settings settings.json
  gatewright explain gatewright.toml request.toml
  gatewright explain gatewright.toml request.toml --binding countries --json

A request is written as for `gatewright eval`.")]
pub(crate) struct Arguments {
    /// A component, or a configuration.
    #[arg(value_name = "POLICY")]
    policy: PathBuf,
    /// The request, as JSON or TOML (`.toml`).
    request: PathBuf,
    /// Settings for the component, as JSON or TOML (`.toml`).
    #[arg(long, value_name = "FILE", conflicts_with = "binding")]
    settings: Option<PathBuf>,
    /// Only what this binding of the configuration said.
    #[arg(long, value_name = "NAME")]
    binding: Option<String>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The same as `--format json`.
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let question: Question = eval::read(
        &arguments.request,
        "`gatewright explain --help` shows a request",
    )?;
    let runtime = crate::runtime::runtime()?;
    let (explanation, exit) = match is_component(&arguments.policy)? {
        true => runtime.block_on(of_component(arguments, &question))?,
        false => runtime.block_on(of_configuration(arguments, &question))?,
    };
    match (arguments.json, arguments.format) {
        (true, _) | (false, Format::Json) => print_json(&explanation)?,
        (false, Format::Text) => print_line(&text::of(&explanation, Paint::stdout()))?,
    }
    Ok(exit)
}

fn is_component(path: &Path) -> anyhow::Result<bool> {
    let name = path.display();
    let file = File::open(path)
        .with_context(|| format!("`{name}` cannot be read"))
        .hint("name a component, or a configuration such as `gatewright.toml`")?;
    let mut first = Vec::new();
    file.take(WASM.len() as u64)
        .read_to_end(&mut first)
        .with_context(|| format!("`{name}` cannot be read"))?;
    Ok(first == WASM)
}

async fn of_component(
    arguments: &Arguments,
    question: &Question,
) -> anyhow::Result<(Explanation, Exit)> {
    if arguments.binding.is_some() {
        return Err(anyhow!("`--binding` is about a configuration"))
            .hint("name the configuration in the place of the component");
    }
    let settings = arguments.settings.as_deref().map(eval::read_settings);
    let settings = settings.transpose()?;
    let guest = component::load(&arguments.policy, settings.as_deref()).await?;
    let mut answer = component::ask(&guest, question).await?;
    let exit = eval::exit(&answer);
    let limits = JsonLimits::default();
    let request = Arc::new(question.to_request(&limits)?);
    let response = question.to_response(&limits)?;
    let reads = guest.reads(&request, response.as_ref()).await;
    let opinion = answer.opinions.pop();
    let mut spoken = Spoken::new(ALONE.to_owned(), &guest, opinion);
    spoken.reads = reads;
    Ok((Explanation::new(answer, vec![spoken]), exit))
}

async fn of_configuration(
    arguments: &Arguments,
    question: &Question,
) -> anyhow::Result<(Explanation, Exit)> {
    if arguments.settings.is_some() {
        return Err(anyhow!("a configuration has the settings of its policies"))
            .hint("`--settings` is for a component alone");
    }
    let judgement = configured::judge(&arguments.policy, question).await?;
    let answer = configured::answer(&judgement, question)?;
    let exit = eval::exit(&answer);
    let is_changed = answer.arguments.is_some();
    let bound = wanted(judgement.bound(), arguments)?;
    let mut spoken = Vec::with_capacity(bound.len());
    for binding in bound {
        let mut opinions = answer.opinions.iter();
        let opinion = opinions.find(|opinion| *binding.name == *opinion.binding);
        let mut spoke = Spoken::new(binding.name.to_string(), &binding.guest, opinion.cloned());
        // An editor was asked about the arguments as they came, which are gone where one
        // of them was changed.
        let is_asked_again = match binding.guest.world() {
            World::Policy => opinion.is_some(),
            World::Editor => opinion.is_some() && !is_changed,
            World::Reviewer => false,
        };
        spoke.reads = match (is_asked_again, opinion) {
            (true, Some(opinion)) => {
                // What it was told of budgets, it is told again.
                let mut request = (**judgement.request()).clone();
                request.context.budgets.clone_from(&opinion.budgets);
                binding.guest.reads(&Arc::new(request), None).await
            }
            (true, None) | (false, _) => Reads::default(),
        };
        spoken.push(spoke);
    }
    Ok((Explanation::new(answer, spoken), exit))
}

/// The bindings to show.
fn wanted(
    mut bound: Vec<Arc<Binding>>,
    arguments: &Arguments,
) -> anyhow::Result<Vec<Arc<Binding>>> {
    if let Some(wanted) = &arguments.binding {
        bound.retain(|binding| *binding.name == **wanted);
        if bound.is_empty() {
            return Err(anyhow!("the call meets no binding `{wanted}`"))
                .hint("without `--binding` all that it meets are shown");
        }
    }
    Ok(bound)
}
