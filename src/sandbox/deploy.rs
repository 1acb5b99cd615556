//! Deploys: the folder of a service becomes a stack, as `sls deploy` and CloudFormation would make it.
//!
//! `serverless.yml` is compiled by [`crate::serverless::template`]; here the template's resources are made, changed and removed by
//! difference from what is there, with everything taken back if one fails.

mod change;
mod compile;
mod progress;
mod resource;
mod source;
mod stack;
mod stacks;
mod standing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use tokio::sync::Mutex;
use tokio::sync::mpsc::UnboundedSender;
use uuid::Uuid;

use self::change::Changing;
use self::compile::place_of;
pub use self::progress::{Outcome, Progress};
pub use self::resource::Answers;
use self::resource::Context;
pub use self::source::{Sources, edited};
pub use self::stack::{Output, Stack, StackEvent};
pub use self::stacks::Stacks;
use super::account::{ACCOUNT_ID, Account};
use super::activity::Happening;
use super::dynamodb::DynamoDb;
use super::gateway::Gateway;
use super::lambda::Lambda;
use super::logs::Logs;
use super::sns::Sns;
use super::sqs::Sqs;
use super::ssm::Ssm;
use crate::serverless::template::{Compiled, Environment, Lookups, Place, evaluate, ssm_parameters};
use crate::serverless::yaml::Location;

/// The services that resources are made in.
pub struct Parts {
    /// Parameters.
    pub ssm: Arc<Ssm>,
    /// Topics.
    pub sns: Arc<Sns>,
    /// Queues.
    pub sqs: Arc<Sqs>,
    /// Tables.
    pub dynamodb: Arc<DynamoDb>,
    /// Log groups.
    pub logs: Arc<Logs>,
    /// Functions.
    pub lambda: Arc<Lambda>,
    /// APIs.
    pub gateway: Arc<Gateway>,
    /// What was deployed.
    pub stacks: Arc<Stacks>,
    /// Where custom resources answer.
    pub answers: Arc<Answers>,
}

/// What to deploy.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Order {
    /// Folder of the service, from the workshop folder: `wild-rydes`.
    pub service: String,
    /// `--stage`.
    pub stage: Option<String>,
    /// `--region`.
    pub region: Option<String>,
    /// `--param`.
    pub parameters: BTreeMap<String, String>,
    /// The shell's environment, for `${env:…}`; what is AWS's is not taken.
    pub environment: BTreeMap<String, String>,
}

/// Why a deploy failed. The stack is as it was.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct DeployError {
    /// What failed and why.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// `wild-rydes/serverless.yml:12:3`, where there is a place.
    pub place: Option<String>,
}

/// Deploys the services of one workshop folder.
pub struct Deploy {
    account: Arc<Account>,
    parts: Parts,
    workspace: PathBuf,
    /// One deploy at a time: services read what others have published.
    turn: Mutex<()>,
}

impl Deploy {
    /// Deploys from the workshop folder `workspace`.
    pub fn new(account: Arc<Account>, parts: Parts, workspace: PathBuf) -> Self {
        Self { account, parts, workspace, turn: Mutex::default() }
    }

    /// What was deployed.
    pub fn stacks(&self) -> &Arc<Stacks> {
        &self.parts.stacks
    }

    /// Deploys, telling each step; [`Progress::Done`] or [`Progress::Failed`] comes last.
    ///
    /// # Errors
    /// It failed, and the stack is as it was before.
    pub async fn deploy(&self, order: &Order, progress: &UnboundedSender<Progress>) -> Result<Outcome, DeployError> {
        let _turn = self.turn.lock().await;
        let done = self.run(order, progress).await;
        // Whoever asked may have left.
        let _ = progress.send(last_step(&done));
        let note = match &done {
            Ok(outcome) if outcome.is_unchanged() => {
                format!("{} is deployed as it was: nothing changed", outcome.stack)
            }
            Ok(outcome) => format!("{} is deployed", outcome.stack),
            Err(error) => format!("{} could not be deployed: {}", order.service, error.message),
        };
        self.account.tell(Happening::Note(note));
        done
    }

    async fn run(&self, order: &Order, progress: &UnboundedSender<Progress>) -> Result<Outcome, DeployError> {
        let began = Instant::now();
        let (compiled, sources) = self.compile(order)?;
        let place = |location: &Location| place_of(location, &order.service, &sources);
        let _ =
            progress.send(Progress::Started { stack: compiled.stack_name.clone(), region: compiled.region.clone() });
        for (remark, skipped) in compiled
            .skipped
            .iter()
            .map(|remark| (remark, true))
            .chain(compiled.warnings.iter().map(|remark| (remark, false)))
        {
            let place = remark.location.as_ref().and_then(place);
            let _ = progress.send(Progress::Remark { skipped, message: remark.message.clone(), place });
        }
        for function in compiled.functions.iter().filter(|function| !sources.has_handler(&function.handler)) {
            let message = format!("there is no file for the handler {}: {} will fail", function.handler, function.key);
            let _ = progress.send(Progress::Remark { skipped: false, message, place: place(&function.location) });
        }
        for message in left_out(&compiled.template) {
            let _ = progress.send(Progress::Remark { skipped: true, message, place: None });
        }
        let region = compiled.region.clone();
        let stack = self.open(&compiled, order, &region);
        let code_changed = changed_code(&stack.files, &sources.hashes);
        let code_hash = sources.code_hash();
        let context = Context { code_changed, code_hash, ..self.context(&region, &order.service, began) };
        let environment = self.environment_of(&compiled, &stack).map_err(|message| DeployError {
            message,
            help: None,
            place: None,
        })?;
        let mut changing = Changing::new(context, stack, progress);
        let applied = changing.apply(&compiled.template, environment).await;
        if let Err(failure) = applied {
            self.parts.stacks.put(&region, changing.stack);
            self.account.changed();
            return Err(DeployError {
                place: compiled.places.get(&failure.logical).and_then(place),
                message: format!("{}: {}", failure.logical, failure.message),
                help: Some("Everything is as it was before this deploy.".to_owned()),
            });
        }
        let (created, updated, deleted) = (changing.created, changing.updated, changing.deleted);
        let Changing { context, mut stack, .. } = changing;
        self.conclude(&context, &mut stack, &compiled, &sources).map_err(|message| DeployError {
            message,
            help: None,
            place: None,
        })?;
        if created + updated + deleted > 0 && stack.status == "UPDATE_COMPLETE" {
            stack.updated = Some(self.account.clock.millis());
        }
        let outcome = Outcome {
            stack: stack.name.clone(),
            region: region.clone(),
            stage: stack.stage.clone(),
            created,
            updated,
            deleted,
            endpoints: self.settle(&context, &stack),
            functions: compiled.functions.iter().map(|function| function.name.clone()).collect(),
            outputs: stack.outputs.iter().map(|output| (output.key.clone(), output.value.clone())).collect(),
            elapsed: began.elapsed().as_secs_f64() * 1000.0,
        };
        self.parts.stacks.put(&region, stack);
        self.account.changed();
        Ok(outcome)
    }

    /// The stack as it is, or the beginnings of one.
    fn open(&self, compiled: &Compiled, order: &Order, region: &str) -> Stack {
        let known = self.parts.stacks.get(region, &compiled.stack_name).filter(|stack| stack.is_live());
        let mut stack = known.map(|stack| (*stack).clone()).unwrap_or_else(|| {
            let path = format!("stack/{}/{}", compiled.stack_name, Uuid::new_v4());
            Stack {
                name: compiled.stack_name.clone(),
                id: format!("arn:aws:cloudformation:{region}:{ACCOUNT_ID}:{path}"),
                created: self.account.clock.millis(),
                ..Stack::default()
            }
        });
        stack.service.clone_from(&compiled.service);
        stack.folder.clone_from(&order.service);
        stack.stage.clone_from(&compiled.stage);
        stack
    }

    fn environment_of(&self, compiled: &Compiled, stack: &Stack) -> Result<Environment, String> {
        let place = Place {
            region: compiled.region.clone(),
            account: ACCOUNT_ID.to_owned(),
            stack_name: stack.name.clone(),
            stack_id: stack.id.clone(),
        };
        let text = |value: Value| match value {
            Value::String(text) => text,
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
            other => other.to_string(),
        };
        let ssm = ssm_parameters(&compiled.template);
        let ssm = ssm.into_iter().filter_map(|path| Some((path.clone(), text(self.ssm(&compiled.region, &path)?))));
        let exports = self.parts.stacks.exports(&compiled.region, &stack.name);
        Environment::of(&compiled.template, place, ssm.collect(), exports).map_err(|error| error.message)
    }

    /// Outputs and what the next deploy compares with.
    fn conclude(
        &self,
        context: &Context<'_>,
        stack: &mut Stack,
        compiled: &Compiled,
        sources: &Sources,
    ) -> Result<(), String> {
        let mut environment = self.environment_of(compiled, stack)?;
        let asked = resource::attributes_asked(&compiled.template);
        for (logical, resource) in &stack.resources {
            let made = resource::Made { physical: resource.physical.clone(), attributes: resource.attributes.clone() };
            let attributes = resource::attributes(&resource.kind, &made, asked.get(logical));
            environment.attributes.insert(logical.clone(), attributes);
            environment.refs.insert(logical.clone(), Value::String(resource.physical.clone()));
        }
        let mut outputs = Vec::new();
        for (key, definition) in compiled.template["Outputs"].as_object().into_iter().flatten() {
            if !environment.is_wanted(definition).map_err(|error| error.message)? {
                continue;
            }
            let mut value = evaluate(&definition["Value"], &environment)
                .map_err(|error| format!("the output {key}: {}", error.message))?;
            context.localise(&mut value, stack);
            let export = match &definition["Export"]["Name"] {
                Value::Null => None,
                name => evaluate(name, &environment).ok().and_then(|name| name.as_str().map(str::to_owned)),
            };
            let description = definition["Description"].as_str().map(str::to_owned);
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            outputs.push(Output { key: key.clone(), value, description, export });
        }
        stack.outputs = outputs;
        stack.tags.clone_from(&compiled.stack_tags);
        stack.tags.insert("STAGE".to_owned(), compiled.stage.clone());
        stack.files.clone_from(&sources.hashes);
        stack.template = compiled.template.clone();
        Ok(())
    }

    /// Functions and APIs as the whole stack says; gives method and address of each route.
    fn settle(&self, context: &Context<'_>, stack: &Stack) -> Vec<(String, String)> {
        for function in resource::functions(context, stack) {
            let known = self.parts.lambda.function(&context.region, &function.name);
            if known.is_none_or(|known| *known != function) {
                self.parts.lambda.put_function(&context.region, function);
            }
        }
        let (rest, http) = resource::apis(stack);
        let mut endpoints = Vec::new();
        for api in rest.iter().chain(&http) {
            let base = self.parts.gateway.url(&api.id, &api.stage);
            endpoints.extend(api.routes.iter().map(|route| (route.method.clone(), format!("{base}{}", route.path))));
        }
        rest.into_iter().for_each(|api| self.parts.gateway.put_api(&context.region, api));
        http.into_iter().for_each(|api| self.parts.gateway.put_http_api(&context.region, api));
        endpoints
    }

    /// Brings functions and APIs of earlier runs back.
    pub fn revive(&self) {
        for (region, stack) in self.parts.stacks.everywhere() {
            let context = self.context(&region, &stack.folder, Instant::now());
            self.settle(&context, &stack);
        }
    }

    /// Removes the stack of a service and everything in it, telling each step; [`Progress::Done`] or [`Progress::Failed`] comes last.
    ///
    /// # Errors
    /// There is no such stack.
    pub async fn remove(&self, order: &Order, progress: &UnboundedSender<Progress>) -> Result<Outcome, DeployError> {
        let _turn = self.turn.lock().await;
        let done = self.take_down(order, progress).await;
        // Whoever asked may have left.
        let _ = progress.send(last_step(&done));
        done
    }

    async fn take_down(&self, order: &Order, progress: &UnboundedSender<Progress>) -> Result<Outcome, DeployError> {
        let began = Instant::now();
        // The files may not compile any more, or be gone: what was deployed from the folder is what counts.
        let stage = order.stage.as_deref();
        let found = self.parts.stacks.everywhere().into_iter().find(|(region, stack)| {
            stack.folder == order.service
                && stage.is_none_or(|stage| stack.stage == stage)
                && order.region.as_ref().is_none_or(|wanted| wanted == region)
        });
        let Some((region, stack)) = found else {
            return Err(DeployError { message: format!("{} is not deployed", order.service), help: None, place: None });
        };
        let context = self.context(&region, &order.service, began);
        let mut changing = Changing::new(context, (*stack).clone(), progress);
        changing.remove_all().await;
        changing.stack.updated = Some(self.account.clock.millis());
        let outcome = Outcome {
            stack: stack.name.clone(),
            region: region.clone(),
            stage: stack.stage.clone(),
            deleted: changing.deleted,
            elapsed: began.elapsed().as_secs_f64() * 1000.0,
            ..Outcome::default()
        };
        self.parts.stacks.put(&region, changing.stack);
        self.account.changed();
        Ok(outcome)
    }

    fn context(&self, region: &str, service: &str, began: Instant) -> Context<'_> {
        Context {
            account: &self.account,
            parts: &self.parts,
            region: region.to_owned(),
            folder: self.workspace.join(service),
            code_changed: false,
            code_hash: String::new(),
            began,
        }
    }
}

/// The step that tells how it ended.
fn last_step(done: &Result<Outcome, DeployError>) -> Progress {
    match done {
        Ok(outcome) => Progress::Done(outcome.clone()),
        Err(error) => {
            let DeployError { message, help, place } = error.clone();
            Progress::Failed { message, help, place }
        }
    }
}

/// What the sandbox does not run of a template, a sentence for each type.
fn left_out(template: &Value) -> Vec<String> {
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (logical, definition) in template["Resources"].as_object().into_iter().flatten() {
        let kind = definition["Type"].as_str().unwrap_or_default();
        if resource::is_not_run(kind, logical) {
            kinds.entry(kind).or_default().push(logical);
        }
    }
    let sentence = |(kind, names): (&str, Vec<&str>)| {
        format!("the sandbox does not run {kind}: {} will not be there", names.join(", "))
    };
    kinds.into_iter().map(sentence).collect()
}

/// Whether a file of code is not what was deployed.
fn changed_code(deployed: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> bool {
    !deployed.is_empty() && edited(deployed, now).iter().any(|path| !path.starts_with("serverless.y"))
}
