use std::io::Read;
use gatewright_sdk::{Finding, Request, Response};
use gatewright_secret_shield::{Settings, review};
use serde_json::{Value, json};

// lines: {settings, request:{result}} -> JSON list of edits
fn main() {
    let mut all = String::new();
    std::io::stdin().read_to_string(&mut all).unwrap();
    for line in all.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let settings: Settings = serde_json::from_value(line["settings"].clone()).unwrap();
        let mut result = line["request"]["result"].clone();
        match review(&settings, &Request::tool("read"), &Response::new(result.clone())).unwrap() {
            Finding::Pass(p) => {
                for e in p.edits {
                    match e.json {
                        Some(j) => {
                            let v: Value = serde_json::from_str(&j).unwrap();
                            if let Some(x) = result.pointer_mut(&e.pointer) { *x = v; } else {
                                let (parent, name) = e.pointer.rsplit_once('/').unwrap();
                                result.pointer_mut(parent).unwrap()[name.replace("~1","/").replace("~0","~")] = v;
                            }
                        }
                        None => {
                            let (parent, name) = e.pointer.rsplit_once('/').unwrap();
                            result.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(&name.replace("~1","/").replace("~0","~"));
                        }
                    }
                }
                println!("{}", result);
            }
            Finding::Block(m) => println!("{}", json!({"BLOCK": m})),
        }
    }
}
