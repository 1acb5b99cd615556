//! The values that a deployment has for variables; what it misses is kept with the advice that belongs to it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::options::{Lookups, Options};
use crate::diagnostic::Span;
use crate::serverless::text::{Symbol, Text};
use crate::serverless::variables::{Found, Outside, Variable};
use crate::serverless::yaml::{Location, Node, Value};

/// What is missing, by the reason that stands in its place in the tree.
#[derive(Clone, Debug, Default)]
pub(super) struct Missing {
    /// The variable as written.
    pub(super) written: String,
    pub(super) help: Option<String>,
    pub(super) deploy_first: Option<String>,
}

/// Answers variables from the options and from what is deployed.
pub(super) struct Known<'k> {
    pub(super) options: &'k Options,
    pub(super) lookups: &'k dyn Lookups,
    /// Name of the service, where it is text.
    pub(super) service: &'k str,
    pub(super) stage: String,
    pub(super) region: String,
    pub(super) missing: RefCell<BTreeMap<String, Missing>>,
}

impl Known<'_> {
    fn miss(&self, variable: &Variable, reason: String, help: Option<String>, deploy_first: Option<String>) -> Found {
        let missing = Missing { written: variable.written.clone(), help, deploy_first };
        self.missing.borrow_mut().entry(reason.clone()).or_insert(missing);
        Found::Missing(reason)
    }

    fn parameter_of_ssm(&self, parameters: &[Text], address: &str, variable: &Variable) -> Found {
        // `~true` asked older versions to decrypt; now they always do.
        let path = address.split('~').next().unwrap_or_default();
        let region = self.region(parameters);
        if let Some(value) = self.lookups.ssm(&region, path) {
            return value_of(&value);
        }
        let service = service_of_path(path, &self.stage);
        let (help, deploy_first) = self.advice(service, &format!("which writes the parameter `{path}`"));
        let help = help.or_else(|| Some(format!("Write it by hand with `aws ssm put-parameter --type String --name {path} --value …`, or deploy the service that does.")));
        self.miss(
            variable,
            format!("{} has no value: there is no SSM parameter `{path}` in {region}", variable.written),
            help,
            deploy_first,
        )
    }

    fn output(&self, parameters: &[Text], address: &str, variable: &Variable) -> Found {
        let Some((stack, output)) = address.split_once('.') else {
            let reason =
                format!("{} must name a stack and one of its outputs: `${{cf:stack.Output}}`", variable.written);
            return self.miss(variable, reason, None, None);
        };
        let region = self.region(parameters);
        if let Some(value) = self.lookups.output(&region, stack, output) {
            return Found::Text(Text::literal(value));
        }
        let service =
            stack.strip_suffix(&format!("-{}", self.stage)).filter(|name| !name.is_empty()).map(ToOwned::to_owned);
        let (help, deploy_first) = self.advice(service, &format!("whose stack has the output `{output}`"));
        let reason = format!(
            "{} has no value: there is no stack `{stack}` with an output `{output}` in {region}",
            variable.written
        );
        self.miss(variable, reason, help, deploy_first)
    }

    fn advice(&self, service: Option<String>, what: &str) -> (Option<String>, Option<String>) {
        match service {
            Some(own) if own == self.service => {
                let help = "The service asks for what only its own deploy makes. Refer to the resource with `Ref` or `Fn::GetAtt`, or give the variable a fallback.";
                (Some(help.to_owned()), None)
            }
            Some(other) => (Some(format!("Deploy `{other}` first, {what}.")), Some(other)),
            None => (None, None),
        }
    }

    fn region(&self, parameters: &[Text]) -> String {
        let given = parameters.first().and_then(Text::as_literal).map(str::trim);
        given.filter(|region| is_region(region)).unwrap_or(&self.region).to_owned()
    }

    fn text(&self, value: Option<&String>, variable: &Variable, reason: String, help: &str) -> Found {
        match value {
            Some(value) => Found::Text(Text::literal(value)),
            None => self.miss(variable, reason, Some(help.to_owned()), None),
        }
    }
}

fn is_region(text: &str) -> bool {
    text.contains('-') && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// The service that writes `/service/stage/Name`, as this workshop's services call their parameters.
fn service_of_path(path: &str, stage: &str) -> Option<String> {
    let mut parts = path.strip_prefix('/')?.split('/');
    let service = parts.next().filter(|name| !name.is_empty())?;
    (parts.next() == Some(stage) && parts.next().is_some()).then(|| service.to_owned())
}

fn typed(value: Value) -> Found {
    let location = Location { file: Arc::from(""), span: Span::at(0) };
    Found::Node(Arc::new(Node { location, tag: None, value }))
}

fn value_of(value: &Json) -> Found {
    match value {
        Json::String(text) => Found::Text(Text::literal(text)),
        Json::Array(items) => {
            let location = Location { file: Arc::from(""), span: Span::at(0) };
            let item = |item: &Json| {
                let text = item.as_str().map_or_else(|| item.to_string(), ToOwned::to_owned);
                Arc::new(Node { location: location.clone(), tag: None, value: Value::Text(Text::literal(text)) })
            };
            typed(Value::List(items.iter().map(item).collect()))
        }
        other => Found::Text(Text::literal(other.to_string())),
    }
}

impl Outside for Known<'_> {
    fn own(&self, _: &str) -> Option<Found> {
        None
    }

    fn concrete(&self, address: &Text) -> Option<String> {
        address.as_literal().map(|path| path.trim().to_owned())
    }

    fn source(&self, kind: &str, parameters: &[Text], address: &Text, variable: &Variable) -> Found {
        let written = &variable.written;
        let first = parameters.first().and_then(Text::as_literal);
        match (kind, address.as_literal()) {
            ("env", Some(name)) => {
                let reason = format!("{written} has no value: the environment variable `{name}` is not set");
                let help = format!("Set it (`export {name}=…`), or give a fallback: `${{env:{name}, 'value'}}`.");
                self.text(self.options.environment.get(name), variable, reason, &help)
            }
            ("opt", Some(name)) => {
                let value = match name {
                    "stage" => self.options.stage.as_ref(),
                    "region" => self.options.region.as_ref(),
                    name => self.options.options.get(name),
                };
                let reason = format!("{written} has no value: the option `--{name}` was not given");
                self.text(
                    value,
                    variable,
                    reason,
                    &format!("Give the option, or a fallback: `${{opt:{name}, 'value'}}`."),
                )
            }
            ("sls", Some("stage")) => Found::Text(Text::literal(&self.stage)),
            ("sls", Some("instanceId")) => Found::Text(Text::literal(&self.options.instance_id)),
            ("aws", Some("region")) => Found::Text(Text::literal(&self.region)),
            ("aws", Some("accountId")) => Found::Text(Text::literal(&self.options.account)),
            ("ssm", Some(path)) if !path.is_empty() => self.parameter_of_ssm(parameters, path, variable),
            ("cf", Some(address)) => self.output(parameters, address, variable),
            ("strToBool", _) => match first.map(|text| text.trim().to_ascii_lowercase()).as_deref() {
                Some("true" | "1") => typed(Value::Bool(true)),
                Some("false" | "0") => typed(Value::Bool(false)),
                _ => self.miss(variable, format!("{written} must be given `true`, `false`, `1` or `0`"), None, None),
            },
            ("s3" | "git" | "terraform" | "vault" | "doppler" | "output" | "state", _) => {
                let reason = format!("{written} cannot be resolved: the sandbox does not read variables from `{kind}`");
                self.miss(variable, reason, Some("Give the value here, or through `${env:NAME}`.".to_owned()), None)
            }
            _ => {
                let reason = format!(
                    "{written} cannot be resolved: Serverless has no variable source `{kind}` with this address"
                );
                let help = "Its sources are self, opt, env, ssm, cf, file, param, sls, aws and strToBool.";
                self.miss(variable, reason, Some(help.to_owned()), None)
            }
        }
    }

    fn literal(&self, text: Option<&str>, _: &Variable) -> Found {
        text.map_or_else(|| typed(Value::Null), |text| Found::Text(Text::literal(text)))
    }

    fn bare(&self, word: &str, variable: &Variable) -> Found {
        match word {
            "true" => typed(Value::Bool(true)),
            "false" => typed(Value::Bool(false)),
            number if number.parse::<f64>().is_ok() => typed(Value::Number(Arc::from(number))),
            // Serverless refuses it whatever the other sources say.
            word => {
                let reason = format!("{} cannot be resolved: `{word}` stands without quotes", variable.written);
                self.miss(
                    variable,
                    reason.clone(),
                    Some(format!("Text needs quotes in a variable: `'{word}'`.")),
                    None,
                );
                Symbol::Broken(reason).into()
            }
        }
    }

    fn absent(&self, path: &str, variable: &Variable) -> Found {
        self.miss(variable, format!("{} has no value: there is no file `{path}`", variable.written), None, None)
    }

    fn program(&self, path: &str, variable: &Variable) -> Found {
        let reason = format!(
            "{} cannot be resolved: `{path}` is a program, and the sandbox runs none to read a configuration",
            variable.written
        );
        self.miss(variable, reason, Some("Write its result into a YAML or JSON file.".to_owned()), None)
    }

    fn stage(&self) -> Option<&str> {
        Some(&self.stage)
    }

    fn parameter(&self, name: &str) -> Option<Found> {
        self.options.parameters.get(name).map(|value| Found::Text(Text::literal(value)))
    }
}

/// The text that a symbol stands for in a tree that was to be fully resolved: why it is not.
pub(super) fn unresolved(symbol: &Symbol) -> String {
    match symbol {
        Symbol::Broken(reason) => reason.clone(),
        other => format!("{other} cannot be resolved"),
    }
}
