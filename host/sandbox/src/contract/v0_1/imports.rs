//! The host functions of the contract. They read the call and write its log;
//! nothing else is within a guest's reach.

use std::sync::Arc;

use gatewright_policy::Fault;
use gatewright_policy::json::{Document, Pointer, Value};
use wasmtime::Engine;
use wasmtime::component::{Linker, LinkerInstance};

use super::super::fuel::{Host, charge, note, subject};
use super::bindings::gatewright::policy::{history, log, types};
use super::values;
use crate::answer::LogLevel;
use crate::fault::detail;
use crate::state::CallState;

/// A lookup walks through the document: one unit of fuel for this many bytes of it.
const BYTES_WALKED_PER_FUEL: usize = 64;

/// Calls that `recent` gives at the most, whatever the guest asks for.
const RECENT_MAX: usize = 64;

/// A document that a guest may read.
#[derive(Clone, Copy)]
enum Source {
    Arguments,
    Response,
}

/// Links every interface of the version.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<CallState>> {
    let mut linker = Linker::new(engine);
    let mut arguments = linker.instance("gatewright:policy/arguments@0.1.0")?;
    link_document(&mut arguments, Source::Arguments)?;
    let mut response = linker.instance("gatewright:policy/response@0.1.0")?;
    link_document(&mut response, Source::Response)?;
    response.func_wrap("is-error", |mut host: Host<'_>, ()| {
        charge(&mut host, 0)?;
        let response = subject(&host)?.response.as_ref();
        let is_error = response.is_some_and(|response| response.is_error);
        Ok((is_error,))
    })?;
    let mut history = linker.instance("gatewright:policy/history@0.1.0")?;
    history.func_wrap("recent", |mut host: Host<'_>, (limit,): (u32,)| {
        let count = RECENT_MAX.min(usize::try_from(limit).unwrap_or(RECENT_MAX));
        let request = Arc::clone(&subject(&host)?.request);
        let calls: Vec<history::PastCall> = request
            .context
            .history
            .iter()
            .take(count)
            .map(|call| values::past_call(call))
            .collect();
        let copied = calls
            .iter()
            .map(|call| call.method.len() + call.server.len() + call.name.len());
        charge(&mut host, copied.sum())?;
        note(&mut host, |_| Some(("history".to_owned(), None)));
        Ok((calls,))
    })?;
    let mut log = linker.instance("gatewright:policy/log@0.1.0")?;
    log.func_wrap(
        "write",
        |mut host: Host<'_>, (level, message): (log::Level, String)| {
            charge(&mut host, message.len())?;
            let level = match level {
                log::Level::Debug => LogLevel::Debug,
                log::Level::Info => LogLevel::Info,
                log::Level::Warn => LogLevel::Warn,
            };
            host.data_mut().log.push(level, message);
            Ok(())
        },
    )?;
    Ok(linker)
}

fn link_document(
    interface: &mut LinkerInstance<'_, CallState>,
    source: Source,
) -> wasmtime::Result<()> {
    interface.func_wrap("get", move |mut host: Host<'_>, (pointer,): (String,)| {
        let document = source.document(&host)?;
        note(&mut host, |_| {
            Some((source.name().to_owned(), Some(pointer.clone())))
        });
        let found = lookup(&mut host, &document, &pointer)?.map(values::value);
        if let Some(types::Value::Text(text) | types::Value::Number(text)) = &found {
            charge(&mut host, text.len())?;
        }
        Ok((found,))
    })?;
    interface.func_wrap("keys", move |mut host: Host<'_>, (pointer,): (String,)| {
        let document = source.document(&host)?;
        note(&mut host, |_| {
            Some((source.name().to_owned(), Some(pointer.clone())))
        });
        let names: Vec<String> = lookup(&mut host, &document, &pointer)?
            .map(|value| value.members().map(|(name, _)| name.into_owned()).collect())
            .unwrap_or_default();
        charge(&mut host, names.iter().map(|name| name.len() + 1).sum())?;
        Ok((names,))
    })?;
    interface.func_wrap("json", move |mut host: Host<'_>, (pointer,): (String,)| {
        let document = source.document(&host)?;
        note(&mut host, |_| {
            Some((source.name().to_owned(), Some(pointer.clone())))
        });
        let found = lookup(&mut host, &document, &pointer)?.map(|value| value.json().to_owned());
        charge(&mut host, found.as_ref().map_or(0, String::len))?;
        Ok((found,))
    })
}

fn lookup<'a>(
    host: &mut Host<'_>,
    document: &'a Document,
    pointer: &str,
) -> wasmtime::Result<Option<Value<'a>>> {
    charge(
        host,
        pointer.len() + document.text().len() / BYTES_WALKED_PER_FUEL,
    )?;
    let pointer =
        Pointer::parse(pointer).map_err(|error| Fault::BadPointer(detail(error.to_string())))?;
    Ok(document.at(&pointer))
}

// === impl Source ===

impl Source {
    const fn name(self) -> &'static str {
        match self {
            Self::Arguments => "arguments",
            Self::Response => "response",
        }
    }

    fn document(self, host: &Host<'_>) -> Result<Document, Fault> {
        let subject = subject(host)?;
        Ok(match self {
            Self::Arguments => subject.request.arguments.clone(),
            // Only reviewers can import the interface, and they always have one.
            Self::Response => subject
                .response
                .as_ref()
                .map_or_else(Document::empty_object, |it| it.document.clone()),
        })
    }
}
