//! A stack becomes what a template says, resource by resource; if one fails, it becomes what it was.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;
use uuid::Uuid;

use super::progress::Progress;
use super::resource::{self, Context, Made, Wanted};
use super::stack::{Resource, Stack, StackEvent};
use crate::serverless::template::{Environment, evaluate, order};

/// A change that goes on: the stack so far, and how to go back.
pub(super) struct Changing<'a> {
    pub context: Context<'a>,
    pub stack: Stack,
    pub progress: &'a UnboundedSender<Progress>,
    undo: Vec<Undo>,
    /// What the stack is going through: `CREATE` or `UPDATE`, once something changes.
    begun: Option<&'static str>,
    pub created: usize,
    pub updated: usize,
    pub deleted: usize,
}

/// How to take one step back.
enum Undo {
    Created(String),
    Updated(String, Box<Resource>),
    /// The old one is still there; the new one goes.
    Replaced(String, Box<Resource>),
}

/// Why a step failed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Failure {
    /// Logical id.
    pub logical: String,
    /// Why.
    pub message: String,
}

impl<'a> Changing<'a> {
    pub fn new(context: Context<'a>, stack: Stack, progress: &'a UnboundedSender<Progress>) -> Self {
        Self { context, stack, progress, undo: Vec::new(), begun: None, created: 0, updated: 0, deleted: 0 }
    }

    /// Makes the stack what `template` says.
    ///
    /// # Errors
    /// The first resource that failed; everything is as it was then.
    pub async fn apply(&mut self, template: &Value, mut environment: Environment) -> Result<(), Failure> {
        let is_new = !self.stack.is_live();
        let before = self.stack.resources.clone();
        match self.forward(template, &mut environment).await {
            Ok(replaced) => {
                self.clean(template, &environment, replaced).await;
                if let Some(verb) = self.begun {
                    self.stack.status = format!("{verb}_COMPLETE");
                    self.stack.reason = None;
                    self.tell_stack(&format!("{verb}_COMPLETE"), None);
                }
                Ok(())
            }
            Err(failure) => {
                let rolling = if is_new { "ROLLBACK" } else { "UPDATE_ROLLBACK" };
                let reason = format!("{} failed: {}", failure.logical, failure.message);
                self.tell_stack(&format!("{rolling}_IN_PROGRESS"), Some(reason.clone()));
                self.back().await;
                self.stack.resources = if is_new { BTreeMap::new() } else { before };
                self.stack.status = format!("{rolling}_COMPLETE");
                self.stack.reason = Some(reason);
                self.tell_stack(&format!("{rolling}_COMPLETE"), None);
                Err(failure)
            }
        }
    }

    /// Makes and changes; gives what was replaced and must go.
    async fn forward(
        &mut self,
        template: &Value,
        environment: &mut Environment,
    ) -> Result<Vec<(String, Resource)>, Failure> {
        let whole = |error: crate::serverless::template::TemplateError| Failure {
            logical: self.stack.name.clone(),
            message: error.message,
        };
        let order = order(template).map_err(whole)?;
        let asked = resource::attributes_asked(template);
        let mut replaced = Vec::new();
        for logical in order {
            let definition = &template["Resources"][&logical];
            let fail = |message: String| Failure { logical: logical.clone(), message };
            if !environment.is_wanted(definition).map_err(|error| fail(error.message))? {
                continue;
            }
            let kind = definition["Type"].as_str().unwrap_or_default().to_owned();
            let given = definition.get("Properties").cloned().unwrap_or_else(|| json!({}));
            let mut properties = evaluate(&given, environment).map_err(|error| fail(error.message))?;
            self.context.localise(&mut properties, &self.stack);
            let old = self.stack.resources.get(&logical).cloned();
            let outcome = self.step(&logical, &kind, properties.clone(), old.clone()).await;
            let now = self.context.account.clock.millis();
            let updated = match (&outcome, &old) {
                (Ok(Step::Same), Some(old)) => old.updated,
                _ => now,
            };
            let made = match outcome {
                Ok(Step::Same) => old.map(|old| Made { physical: old.physical, attributes: old.attributes }),
                Ok(Step::Made(made)) => {
                    self.undo.push(Undo::Created(logical.clone()));
                    self.created += usize::from(counts(&kind));
                    Some(made)
                }
                Ok(Step::Changed(made)) => {
                    self.undo.extend(old.map(|old| Undo::Updated(logical.clone(), Box::new(old))));
                    self.updated += 1;
                    Some(made)
                }
                Ok(Step::Replaced(made)) => {
                    if let Some(old) = old {
                        replaced.push((logical.clone(), old.clone()));
                        self.undo.push(Undo::Replaced(logical.clone(), Box::new(old)));
                    }
                    self.updated += 1;
                    Some(made)
                }
                Err(message) => return Err(Failure { logical, message }),
            };
            let Some(made) = made else { continue };
            let attributes = resource::attributes(&kind, &made, asked.get(&logical));
            let reference = made.attributes.get(resource::REFERENCE).cloned();
            environment.refs.insert(logical.clone(), reference.unwrap_or_else(|| json!(made.physical)));
            environment.attributes.insert(logical.clone(), attributes.clone());
            let status = self.stack.resources.get(&logical).map(|known| known.status.clone()).unwrap_or_default();
            let resource = Resource {
                retained: definition["DeletionPolicy"] == "Retain",
                status,
                updated,
                kind,
                physical: made.physical,
                properties,
                attributes: made.attributes,
            };
            self.stack.resources.insert(logical.clone(), resource);
        }
        Ok(replaced)
    }

    async fn step(
        &mut self,
        logical: &str,
        kind: &str,
        properties: Value,
        old: Option<Resource>,
    ) -> Result<Step, String> {
        let (verb, replace) = match &old {
            None => ("CREATE", false),
            Some(old) if old.kind == kind && old.properties == properties && !self.context.is_touched(kind) => {
                return Ok(Step::Same);
            }
            Some(old) => ("UPDATE", old.kind != kind || resource::replaces(kind, &old.properties, &properties)),
        };
        self.begin();
        self.tell(logical, kind, old.as_ref(), &format!("{verb}_IN_PROGRESS"), None);
        let wanted = Wanted { stack: &self.stack, logical, kind, properties: &properties };
        let done = match &old {
            Some(old) if !replace => resource::update(&self.context, wanted, old).await.map(Step::Changed),
            Some(_) => resource::create(&self.context, wanted).await.map(Step::Replaced),
            None => resource::create(&self.context, wanted).await.map(Step::Made),
        };
        match done {
            Ok(step) => {
                let (Step::Made(made) | Step::Changed(made) | Step::Replaced(made)) = &step else { return Ok(step) };
                let note = made.attributes.get(resource::NOTE).and_then(Value::as_str).map(str::to_owned);
                let stand = Resource { physical: made.physical.clone(), ..Resource::default() };
                self.tell(logical, kind, Some(&stand), &format!("{verb}_COMPLETE"), note);
                let status = format!("{verb}_COMPLETE");
                self.stack.resources.entry(logical.to_owned()).or_default().status = status;
                Ok(step)
            }
            Err(message) => {
                self.tell(logical, kind, old.as_ref(), &format!("{verb}_FAILED"), Some(message.clone()));
                if old.is_none() {
                    self.stack.resources.remove(logical);
                }
                Err(message)
            }
        }
    }

    /// Removes what was replaced and what the template does not have any more.
    async fn clean(&mut self, template: &Value, environment: &Environment, replaced: Vec<(String, Resource)>) {
        for (logical, old) in replaced.into_iter().rev() {
            self.remove(&logical, &old).await;
        }
        let gone: Vec<String> = self
            .stack
            .order
            .iter()
            .rev()
            .filter(|logical| {
                let definition = &template["Resources"][logical.as_str()];
                definition.is_null() || !environment.is_wanted(definition).unwrap_or(true)
            })
            .cloned()
            .collect();
        for logical in gone {
            if let Some(old) = self.stack.resources.remove(&logical) {
                self.begin();
                self.remove(&logical, &old).await;
                self.deleted += usize::from(counts(&old.kind) && !old.retained);
            }
        }
        if let Ok(order) = order(template) {
            self.stack.order = order.into_iter().filter(|logical| self.stack.resources.contains_key(logical)).collect();
        }
    }

    /// Removes everything, the last made first.
    pub async fn remove_all(&mut self) {
        self.tell_stack("DELETE_IN_PROGRESS", None);
        for logical in self.stack.order.clone().into_iter().rev() {
            if let Some(old) = self.stack.resources.remove(&logical) {
                self.remove(&logical, &old).await;
                self.deleted += usize::from(counts(&old.kind) && !old.retained);
            }
        }
        self.stack.order.clear();
        self.stack.outputs.clear();
        self.stack.status = "DELETE_COMPLETE".to_owned();
        self.tell_stack("DELETE_COMPLETE", None);
    }

    async fn remove(&mut self, logical: &str, old: &Resource) {
        if old.retained {
            self.tell(logical, &old.kind, Some(old), "DELETE_SKIPPED", None);
            return;
        }
        self.tell(logical, &old.kind, Some(old), "DELETE_IN_PROGRESS", None);
        // What cannot be removed must not keep the rest: it is told, as AWS tells it.
        match resource::delete(&self.context, &self.stack, logical, old).await {
            Ok(()) => self.tell(logical, &old.kind, Some(old), "DELETE_COMPLETE", None),
            Err(message) => self.tell(logical, &old.kind, Some(old), "DELETE_FAILED", Some(message)),
        }
    }

    /// Takes all steps back, the last first.
    async fn back(&mut self) {
        while let Some(undo) = self.undo.pop() {
            match undo {
                Undo::Created(logical) => {
                    if let Some(made) = self.stack.resources.remove(&logical) {
                        self.remove(&logical, &made).await;
                    }
                }
                Undo::Replaced(logical, old) => {
                    if let Some(made) = self.stack.resources.insert(logical.clone(), *old) {
                        self.remove(&logical, &made).await;
                    }
                }
                Undo::Updated(logical, old) => {
                    let now = self.stack.resources.get(&logical).cloned().unwrap_or_else(|| (*old).clone());
                    self.tell(&logical, &old.kind, Some(&old), "UPDATE_IN_PROGRESS", None);
                    let before =
                        Wanted { stack: &self.stack, logical: &logical, kind: &old.kind, properties: &old.properties };
                    let back = resource::update(&self.context, before, &now).await;
                    let (status, reason) = match back {
                        Ok(_) => ("UPDATE_COMPLETE", None),
                        Err(message) => ("UPDATE_FAILED", Some(message)),
                    };
                    self.tell(&logical, &old.kind, Some(&old), status, reason);
                    self.stack.resources.insert(logical, *old);
                }
            }
        }
    }

    /// The stack changes: told once. A deploy that changes nothing leaves no trace.
    fn begin(&mut self) {
        if self.begun.is_none() {
            let verb = if self.stack.is_live() { "UPDATE" } else { "CREATE" };
            self.begun = Some(verb);
            self.tell_stack(&format!("{verb}_IN_PROGRESS"), None);
        }
    }

    fn tell_stack(&mut self, status: &str, reason: Option<String>) {
        let stand = Resource { physical: self.stack.id.clone(), ..Resource::default() };
        let name = self.stack.name.clone();
        self.tell(&name, "AWS::CloudFormation::Stack", Some(&stand), status, reason);
    }

    fn tell(&mut self, logical: &str, kind: &str, resource: Option<&Resource>, status: &str, reason: Option<String>) {
        let event = StackEvent {
            id: Uuid::new_v4().to_string(),
            millis: self.context.account.clock.millis(),
            logical: logical.to_owned(),
            physical: resource.map(|resource| resource.physical.clone()).unwrap_or_default(),
            kind: kind.to_owned(),
            status: status.to_owned(),
            reason: reason.clone(),
        };
        self.stack.remember(event);
        // Whoever asked for the deploy may have left; the deploy goes on.
        let _ = self.progress.send(Progress::Resource {
            elapsed: self.context.began.elapsed().as_secs_f64() * 1000.0,
            status: status.to_owned(),
            kind: kind.to_owned(),
            logical: logical.to_owned(),
            reason,
        });
    }
}

/// Whether a resource is one that people count: each change of a function leaves a version behind, and another one comes.
fn counts(kind: &str) -> bool {
    kind != "AWS::Lambda::Version"
}

/// What happened to one resource.
enum Step {
    Same,
    Made(Made),
    Changed(Made),
    Replaced(Made),
}
