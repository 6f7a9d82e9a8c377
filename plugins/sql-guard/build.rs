//! Turns the lists in `data/` into sorted tables that the guard looks names up
//! in, and gives the component a stack that the parser fits into: it takes
//! several kilobytes for each level of nesting, more than components have by
//! default.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The dialects, in the order of their bits. `src/dialect.rs` has the same.
const DIALECTS: [&str; 10] = [
    "sqlite",
    "postgres",
    "mysql",
    "duckdb",
    "clickhouse",
    "mssql",
    "oracle",
    "snowflake",
    "bigquery",
    "generic",
];

/// Names, each with the dialects (as bits) that it belongs to.
type Names = BTreeMap<String, u16>;

/// Sections of a file: a heading and the lines under it.
type Sections = Vec<(String, Vec<String>)>;

fn sections(file: &str) -> Result<Sections, Box<dyn Error>> {
    let path = Path::new("data").join(file);
    println!("cargo::rerun-if-changed={}", path.display());
    let text = fs::read_to_string(&path).map_err(|error| format!("{file}: {error}"))?;
    let mut all: Sections = vec![(String::new(), Vec::new())];
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(heading) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .filter(|heading| !heading.contains(['(', '|']))
        {
            all.push((heading.to_owned(), Vec::new()));
        } else if let (Some((_, lines)), false) = (all.last_mut(), line.trim().is_empty()) {
            lines.push(line.to_owned());
        }
    }
    Ok(all)
}

fn bits(heading: &str) -> Result<u16, Box<dyn Error>> {
    if heading == "all" {
        return Ok(u16::MAX);
    }
    heading.split(' ').try_fold(0, |bits, name| {
        let at = DIALECTS
            .iter()
            .position(|dialect| *dialect == name)
            .ok_or_else(|| format!("`{name}` is no dialect"))?;
        Ok(bits | 1 << at)
    })
}

fn add(names: &mut Names, lines: &[String], bits: u16) {
    for word in lines.iter().flat_map(|line| line.split_whitespace()) {
        *names.entry(word.to_owned()).or_default() |= bits;
    }
}

/// Two tables: whole names, and the beginnings of those that end in `*`.
fn tables(code: &mut String, name: &str, names: &Names) -> Result<(), Box<dyn Error>> {
    let whole = names.iter().filter(|(word, _)| !word.ends_with('*'));
    let beginnings = names
        .iter()
        .filter_map(|(word, bits)| Some((word.strip_suffix('*')?, bits)));
    writeln!(code, "pub(crate) static {name}: Names = Names {{")?;
    writeln!(code, "    whole: &[")?;
    for (word, bits) in whole {
        writeln!(code, "        ({word:?}, {bits}),")?;
    }
    writeln!(code, "    ],\n    beginnings: &[")?;
    for (word, bits) in beginnings {
        writeln!(code, "        ({word:?}, {bits}),")?;
    }
    writeln!(code, "    ],\n}};")?;
    Ok(())
}

fn generate() -> Result<String, Box<dyn Error>> {
    let mut kinds: BTreeMap<&str, Names> = BTreeMap::new();
    for (at, dialect) in DIALECTS.iter().enumerate() {
        for (heading, lines) in sections(&format!("{dialect}.txt"))? {
            let kind = match heading.as_str() {
                "" => continue,
                "functions" => "PURE",
                "tables" => "TABLES",
                "schemas" => "SCHEMAS",
                "methods" => "METHODS",
                "aggregates" => "AGGREGATES",
                "combinators" => "COMBINATORS",
                other => return Err(format!("{dialect}: `[{other}]` is no section").into()),
            };
            add(kinds.entry(kind).or_default(), &lines, 1 << at);
        }
    }
    for (heading, lines) in sections("denied.txt")? {
        match heading.as_str() {
            "" => {}
            "schemas" => add(kinds.entry("DENIED_SCHEMAS").or_default(), &lines, u16::MAX),
            dialects => add(kinds.entry("DENIED").or_default(), &lines, bits(dialects)?),
        }
    }
    for (_, lines) in sections("settings.txt")? {
        add(kinds.entry("SHOWN_SETTINGS").or_default(), &lines, u16::MAX);
    }
    let pragmas = ["table", "index", "number", "alone"];
    for (heading, lines) in sections("pragmas.txt")? {
        if let Some(at) = pragmas.iter().position(|pragma| *pragma == heading) {
            add(kinds.entry("PRAGMAS").or_default(), &lines, 1 << at);
        }
    }
    let mut code = String::new();
    for (name, names) in &kinds {
        tables(&mut code, name, names)?;
    }
    writeln!(code, "pub(crate) static TEMPLATES: &[(u16, &str)] = &[")?;
    for (heading, lines) in sections("describes.txt")? {
        for line in lines {
            writeln!(code, "    ({}, {line:?}),", bits(&heading)?)?;
        }
    }
    writeln!(code, "];")?;
    Ok(code)
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("names.rs"), generate()?)?;
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size=524288");
    }
    Ok(())
}
