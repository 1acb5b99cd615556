//! From a service's folder to its template: files, the shell's environment, and what is deployed already.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::source::Sources;
use super::{Deploy, DeployError, Order};
use crate::diagnostic;
use crate::sandbox::account::{ACCOUNT_ID, DEFAULT_REGION};
use crate::serverless::template::{Compiled, Lookups, Options, Problem, compile};
use crate::serverless::yaml::Location;

/// Variables that only the website of the original services reads, with what stands in for them.
const STAND_INS: [(&str, &str); 3] = [
    ("/route53/root/ServerlessOpsDomain", "wildrydes.example"),
    ("/route53/root/ServerlessOpsHostedZoneId", "Z0000000SANDBOX"),
    ("/route53/root/ServerlessOpsZoneId", "Z0000000SANDBOX"),
];

impl Deploy {
    /// What would be deployed, with the files that it comes from.
    ///
    /// # Errors
    /// Why `serverless.yml` cannot be compiled.
    pub fn compile(&self, order: &Order) -> Result<(Compiled, Sources), DeployError> {
        let folder = self.folder(&order.service)?;
        let sources = Sources::read(&folder).map_err(|error| DeployError {
            message: format!("cannot read {}: {error}", folder.display()),
            help: None,
            place: None,
        })?;
        let name = ["serverless.yml", "serverless.yaml"].into_iter().find(|name| sources.texts.contains_key(*name));
        let name = name.ok_or_else(|| DeployError {
            message: format!("{} has no serverless.yml", order.service),
            help: Some("Name the folder of a service: it holds a serverless.yml.".to_owned()),
            place: None,
        })?;
        let path = format!("{}/{name}", order.service);
        let files = |wanted: &str| {
            let inside = wanted.strip_prefix(&order.service)?.strip_prefix('/')?;
            sources.texts.get(inside).map(String::as_str)
        };
        let options = Options {
            stage: order.stage.clone(),
            region: order.region.clone(),
            parameters: order.parameters.clone(),
            environment: environment(&order.environment),
            account: ACCOUNT_ID.to_owned(),
            instance_id: "sandbox".to_owned(),
            code_hash: sources.code_hash(),
            ..Options::default()
        };
        let compiled = compile(&path, &sources.texts[name], &files, &options, self)
            .map_err(|problems| explain(&problems, &files))?;
        Ok((compiled, sources))
    }

    fn folder(&self, service: &str) -> Result<PathBuf, DeployError> {
        let is_inside =
            !service.is_empty() && !Path::new(service).is_absolute() && !service.split('/').any(|part| part == "..");
        let folder = self.workspace.join(service);
        if is_inside && folder.is_dir() {
            return Ok(folder);
        }
        Err(DeployError {
            message: format!("there is no service {service:?} in {}", self.workspace.display()),
            help: Some("Name the folder of a service in the workshop folder, such as wild-rydes.".to_owned()),
            place: None,
        })
    }
}

impl Lookups for Deploy {
    fn ssm(&self, region: &str, path: &str) -> Option<Value> {
        let found = self.parts.ssm.value(region, path);
        found.or_else(|| {
            STAND_INS.iter().find(|(known, _)| *known == path).map(|(_, value)| Value::String((*value).to_owned()))
        })
    }

    fn output(&self, region: &str, stack: &str, output: &str) -> Option<String> {
        let stack = self.parts.stacks.get(region, stack).filter(|stack| stack.is_live())?;
        stack.output(output).map(str::to_owned)
    }
}

/// The shell's environment without what is AWS's: the sandbox is another account, and its handlers must not see the learner's keys.
fn environment(shell: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let ours = |name: &str| !name.starts_with("AWS_");
    let mut environment: BTreeMap<String, String> =
        shell.iter().filter(|(name, _)| ours(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    for (name, value) in
        [("AWS_REGION", DEFAULT_REGION), ("AWS_DEFAULT_REGION", DEFAULT_REGION), ("AWS_ACCOUNT", ACCOUNT_ID)]
    {
        environment.insert(name.to_owned(), value.to_owned());
    }
    environment
}

/// `wild-rydes/serverless.yml:12:3`.
pub(super) fn place_of(location: &Location, service: &str, sources: &Sources) -> Option<String> {
    let inside = location.file.strip_prefix(service)?.strip_prefix('/')?;
    let place = diagnostic::Place::of(location.span, sources.texts.get(inside)?);
    Some(format!("{}:{}:{}", location.file, place.line, place.column))
}

/// All problems of a compilation as one error: the first leads.
fn explain<'a>(problems: &[Problem], files: &dyn Fn(&str) -> Option<&'a str>) -> DeployError {
    let place = |problem: &Problem| {
        let location = problem.location.as_ref()?;
        let place = diagnostic::Place::of(location.span, files(&location.file)?);
        Some(format!("{}:{}:{}", location.file, place.line, place.column))
    };
    let Some((first, rest)) = problems.split_first() else {
        return DeployError { message: "it cannot be compiled".to_owned(), help: None, place: None };
    };
    let mut message = first.message.clone();
    for problem in rest {
        message.push_str(&format!(
            "\n{}{}",
            place(problem).map(|place| format!("{place}: ")).unwrap_or_default(),
            problem.message
        ));
    }
    let first_deploy =
        first.deploy_first.as_ref().map(|service| format!("Deploy {service} first: `rydes deploy {service}`."));
    DeployError { message, help: first.help.clone().or(first_deploy), place: place(first) }
}
