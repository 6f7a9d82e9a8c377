//! `gatewright approvals list`.

use gatewright_policy::approval::Stand;

use super::gate::{GateArguments, Waiting};
use crate::failure::Exit;
use crate::output::{Format, Paint, Tone, print_json, print_line, visible};

/// List the held calls that wait for you, oldest first.
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    gate: GateArguments,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let waiting = arguments.gate.open()?.list()?;
    match arguments.format {
        Format::Json => print_json(&waiting)?,
        Format::Text => {
            for call in &waiting {
                print_line(&line(call, Paint::stdout()))?;
            }
            if waiting.is_empty() {
                eprintln!("nothing waits for you");
            }
        }
    }
    Ok(Exit::Fine)
}

/// A call on one line.
pub(super) fn line(call: &Waiting, paint: Paint) -> String {
    let (tone, word) = match call.stand {
        Stand::Requested => (Tone::Warning, "waits"),
        Stand::Granted { .. } => (Tone::Good, "granted"),
        Stand::Rejected { .. } => (Tone::Bad, "rejected"),
        Stand::Expired | Stand::Consumed { .. } | Stand::Void { .. } => (Tone::Faint, "over"),
    };
    let what = call.names.join(", ");
    let title = call.asks.first().map_or("", |ask| ask.ask.title.as_str());
    let principal = call.principal.as_deref();
    let principal = principal.map_or(String::new(), |name| format!(" for {}", visible(name)));
    format!(
        "{} {} {}:{} {}{principal} \"{}\" until {}",
        visible(&call.id),
        paint.tone(tone, word),
        visible(&call.server),
        visible(&what),
        visible(&call.agent),
        visible(title),
        call.decide_by
    )
}
