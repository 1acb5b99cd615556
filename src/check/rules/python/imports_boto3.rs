//! # boto3 is imported
//!
//! ## What it asks
//! The handler's module imports boto3, the AWS SDK for Python, at its top level. `import boto3`, `import boto3 as aws`, `from boto3 import client`
//! and a session of `boto3.session` are all as good.
//!
//! ## Why
//! boto3 is how Python code talks to AWS. Lambda has it on board, so nothing needs to be packaged. An import at the top runs once, when Lambda loads the
//! function, and not with every request.
//!
//! ## Passes
//! ```python
//! import boto3
//! ```
//!
//! ## Fails
//! ```python
//! # import boto3        (a comment imports nothing)
//! import botocore       (the layer below boto3)
//! ```

use serde::Deserialize;

use super::say::{self, error, near, unsure, warning};
use super::subject::{Setup, Subject, publishes};
use crate::check::Evidence;
use crate::check::rule::{Findings, Parameters, Rule};
use crate::diagnostic::{Edit, Span};
use crate::python::data::{Data, Native};
use crate::python::effect::{At, Failure, Path};

pub(super) static RULE: Rule =
    Rule { code: CODE, name: "imports-boto3", source: include_str!("imports_boto3.rs"), judge };
const CODE: &str = "RY251";

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    file: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self { file: "wild-rydes/handlers/request_ride.py".to_owned() }
    }
}

fn judge(evidence: &Evidence, parameters: &Parameters) -> Findings {
    let asked: Asked = parameters.read()?;
    let subject = match Subject::open(evidence, &asked.file) {
        Ok(subject) => subject,
        Err(finding) => return Ok(vec![*finding]),
    };
    let import = subject.run(None, Setup::default());
    let imports = subject.file.imports();
    let own = |failure: &&Failure| {
        let places = imports.iter().filter(|(name, ..)| name == "boto3" || name.starts_with("boto3."));
        *failure.at.file == *asked.file
            && places
                .into_iter()
                .any(|(_, span, _)| span.start <= failure.at.span.start && failure.at.span.end <= span.end)
    };
    if let Some(failed) = import.paths.iter().find_map(|path| path.import_failures.iter().find(own)) {
        let finding = say::failure(CODE, "the import of the module", failed, subject.file);
        return Ok(vec![
            finding.help("`import boto3` is all that is needed: `boto3.client('sns')` finds the service."),
        ]);
    }
    let has = |path: &Path| path.globals.iter().any(|(_, value)| is_boto3(value));
    if import.paths.iter().all(has) {
        return Ok(Vec::new());
    }
    let start = At { file: asked.file.as_str().into(), span: Span::at(0) };
    if import.paths.iter().any(has) {
        let at = import.paths.iter().find_map(|path| path.supposed.first().cloned()).unwrap_or(start);
        return Ok(vec![unsure(CODE, &at, "whether boto3 is imported depends on this condition")]);
    }
    let at = |span: Span| At { file: asked.file.as_str().into(), span };
    if let Some((_, span, _)) =
        imports.iter().find(|(name, _, top)| !top && (name == "boto3" || name.starts_with("boto3.")))
    {
        return Ok(vec![
            warning(CODE, &at(*span), "boto3 is imported inside a function only")
                .help("It works there. The client of the next task belongs at module level, so the import does too: move it to the top."),
        ]);
    }
    if let Some((name, span, _)) =
        imports.iter().find(|(name, ..)| near(name, "boto3") || name == "boto" || name == "aws")
    {
        let mut finding =
            error(CODE, &at(*span), format!("`{name}` is imported; the AWS SDK for Python is called boto3"));
        if subject.file.text().get(span.start..span.end) == Some(name) {
            let title = "rename to boto3".to_owned();
            finding = finding.edit(Edit { title, file: asked.file.clone(), span: *span, text: "boto3".to_owned() });
        }
        return Ok(vec![finding]);
    }
    if let Some((name, span, _)) = imports.iter().find(|(name, ..)| name.starts_with("botocore") || name == "aioboto3")
    {
        return Ok(vec![error(
            CODE,
            &at(*span),
            format!("{name} is imported, and boto3 itself is not: `import boto3` is missing"),
        )]);
    }
    let message = if subject.is_commented_out("import boto3") {
        "`import boto3` stands in a comment only, and a comment imports nothing"
    } else {
        "boto3, the AWS SDK for Python, is not imported"
    };
    let mut finding = error(CODE, &start, message).help("Put `import boto3` with the other imports at the top.");
    // A module of someone else's: PEP 8 lists boto3 before requests, after the standard library.
    let neighbour = imports.iter().find(|(name, _, top)| *top && name == "requests");
    if let Some((.., span)) = neighbour.map(|(name, span, _)| (name, *span)) {
        let line = subject.file.text()[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
        let title = "import boto3".to_owned();
        finding = finding.at(span).edit(Edit {
            title,
            file: asked.file,
            span: Span::at(line),
            text: "import boto3\n".to_owned(),
        });
    }
    Ok(vec![finding])
}

fn is_boto3(value: &Data) -> bool {
    let Data::Native(native) = value else { return false };
    match &**native {
        Native::Lib(path) => &**path == "boto3" || path.starts_with("boto3."),
        Native::Session => true,
        _ => publishes(value),
    }
}
