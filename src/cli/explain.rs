//! `rydes explain`: the manual page of one check.

use std::io::Write;

use anyhow::bail;

use crate::check::{all, find};

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Code (RY201) or name (topic-resource) of the check; all are listed without one
    code: Option<String>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let mut out = anstream::stdout();
    let Some(code) = &arguments.code else {
        for rule in all() {
            writeln!(out, "{}  {}", rule.code, rule.name)?;
        }
        return Ok(0);
    };
    let Some(rule) = find(code.trim()) else {
        let names = all().flat_map(|rule| [rule.code, rule.name]);
        let near =
            names.map(|name| (strsim::jaro_winkler(name, code), name)).max_by(|one, other| one.0.total_cmp(&other.0));
        let near = near
            .filter(|(score, _)| *score > 0.8)
            .map(|(_, name)| format!(" Did you mean {name}?"))
            .unwrap_or_default();
        bail!("there is no check {code}.{near} `rydes explain` lists them all.");
    };
    writeln!(out, "{} {}\n\n{}", rule.code, rule.name, rule.manual())?;
    Ok(0)
}
