//! The role that a function runs with, and what it allows.

use std::sync::Arc;

use super::arn::Coverage;
use super::iam::{Effect, Statement};
use super::{Function, Key, Resource, Service};
use crate::serverless::intrinsics::Intrinsic;
use crate::serverless::text::{Symbol, Text};
use crate::serverless::yaml::{Entry, Location, Node, Value};

/// What decides the role of a function.
#[derive(Clone, Debug)]
pub enum RoleSource {
    /// The role that Serverless makes from the provider's statements.
    Generated,
    /// Statements under the function, through the plugin `serverless-iam-roles-per-function`.
    PerFunction(Key),
    /// A role that is a resource of the service.
    Resource(Key, Location),
    /// A role from elsewhere: what it allows is not known here.
    External(Location),
}

/// What a function may do.
#[derive(Clone, Debug)]
pub struct Permissions {
    /// Where they come from.
    pub source: RoleSource,
    /// All statements that count.
    pub statements: Vec<Statement>,
    /// Managed policies, by ARN where that is known.
    pub managed: Vec<(Option<Text>, Location)>,
    /// Parts that only a deployment knows.
    pub unknown: Vec<Location>,
}

/// A statement or managed policy that allows what was asked.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Where it stands.
    pub location: Location,
    /// Which topics it covers.
    pub coverage: Coverage,
    /// The resource pattern that covers the topic, if a statement does.
    pub pattern: Option<Location>,
    /// The action pattern, if a statement does.
    pub action: Option<(String, Location)>,
    /// Whether the statement is about nothing else: other actions on the same resources would be narrowed with it, and the other way round.
    pub alone: bool,
}

/// Whether something is allowed.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Yes, by these.
    Allowed(Vec<Grant>),
    /// A `Deny` stands against it.
    Denied(Location),
    /// No.
    No,
    /// Only a deployment knows, for a reason that stands there.
    Unknown(Location, &'static str),
}

/// Managed policies of AWS that allow publishing.
const PUBLISHING_POLICIES: &[&str] =
    &["AmazonSNSFullAccess", "AdministratorAccess", "PowerUserAccess", "AmazonSNSRole"];

impl Service {
    /// What `function` may do; without one, what the role that Serverless makes allows.
    pub fn permissions(&self, function: Option<&Function>) -> Permissions {
        let provider_role = self.provider_role();
        let own_role = function.and_then(|function| function.entry("role")).filter(|entry| !entry.value.is_null());
        let own_statements = function.and_then(|function| function.entry("iamRoleStatements"));
        if let Some(entry) = own_role.or(provider_role.filter(|_| own_statements.is_none() || !self.per_function())) {
            return self.custom_role(entry);
        }
        match own_statements.filter(|_| self.per_function()) {
            Some(entry) => {
                let key = Key { name: Arc::clone(&entry.key), location: entry.key_location.clone() };
                let inherits = function.and_then(|function| function.entry("iamRoleStatementsInherit"));
                let inherits =
                    inherits.map_or_else(|| self.inherits_by_default(), |entry| entry.value.value == Value::Bool(true));
                let mut permissions = if inherits { self.generated() } else { Permissions::new(RoleSource::Generated) };
                permissions.source = RoleSource::PerFunction(key);
                permissions.add(self, &entry.value);
                permissions
            }
            None => self.generated(),
        }
    }

    /// Whether statements under a function count.
    pub fn per_function(&self) -> bool {
        self.has_plugin("serverless-iam-roles-per-function")
    }

    fn inherits_by_default(&self) -> bool {
        let path = ["custom", "serverless-iam-roles-per-function", "defaultInherit"];
        self.at(&path).is_some_and(|flag| flag.value == Value::Bool(true))
    }

    /// A role that `provider` names for all functions, in place of the generated one.
    pub fn provider_role(&self) -> Option<&Entry> {
        let provider = self.root.get("provider")?;
        let modern = provider.get("iam").and_then(|iam| iam.entry("role")).filter(|entry| {
            // As Serverless decides it: text, or an intrinsic with `Fn::` in its name. A mapping describes the generated role.
            let existing = matches!(entry.value.value, Value::Text(_)) && entry.value.tag.is_none();
            existing || Intrinsic::of(&entry.value).is_some()
        });
        modern.or_else(|| provider.entry("role")).filter(|entry| !entry.value.is_null())
    }

    /// Where the provider's statements stand that count, and those that do not because both spellings are used.
    pub fn provider_statements(&self) -> (Option<&Entry>, Option<&Entry>) {
        let provider = self.root.get("provider");
        let modern =
            provider.and_then(|provider| provider.at(&["iam", "role"])).and_then(|role| role.entry("statements"));
        let old = provider.and_then(|provider| provider.entry("iamRoleStatements"));
        match modern.filter(|entry| !entry.value.is_null()) {
            Some(modern) => (Some(modern), old.filter(|entry| !entry.value.is_null())),
            None => (old, None),
        }
    }

    /// What the role that Serverless makes allows, whether or not a function runs with it.
    pub fn generated_permissions(&self) -> Permissions {
        self.generated()
    }

    fn generated(&self) -> Permissions {
        let mut permissions = Permissions::new(RoleSource::Generated);
        // Serverless takes a list here and nothing else.
        if let Some(entry) = self.provider_statements().0.filter(|entry| entry.value.as_map().is_none()) {
            permissions.add(self, &entry.value);
        }
        let provider = self.root.get("provider");
        let managed = provider.and_then(|provider| {
            provider.at(&["iam", "role", "managedPolicies"]).or_else(|| provider.get("iamManagedPolicies"))
        });
        if let Some(managed) = managed {
            permissions.managed(self, managed);
        }
        // Resources may add to the generated role, or replace parts of it.
        if let Some(role) = self.resources.get("IamRoleLambdaExecution") {
            permissions.role(self, role);
        }
        permissions.attached(self, "IamRoleLambdaExecution");
        // Versions differ in whether an extension adds to the list of policies or takes its place.
        let extended = self.at(&["resources", "extensions", "IamRoleLambdaExecution", "Properties"]);
        permissions.unknown.extend(extended.map(|properties| properties.location.clone()));
        permissions
    }

    fn custom_role(&self, entry: &Entry) -> Permissions {
        let location = entry.location();
        let id = match Intrinsic::of(&entry.value) {
            Some(Intrinsic::GetAtt(id, _) | Intrinsic::Ref(id)) => id.as_literal().map(ToOwned::to_owned),
            Some(Intrinsic::Sub(..)) => self.text(&entry.value).and_then(|text| match text.as_symbol() {
                Some(Symbol::Attribute(id, _)) => Some(id.clone()),
                _ => None,
            }),
            _ => entry.value.as_str().map(ToOwned::to_owned),
        };
        match id.as_deref() {
            Some("IamRoleLambdaExecution") => self.generated(),
            Some(id) => match self.resources.get(id).filter(|resource| resource.is("AWS::IAM::Role")) {
                Some(role) => {
                    let mut permissions = Permissions::new(RoleSource::Resource(role.key.clone(), location));
                    permissions.role(self, role);
                    permissions.attached(self, id);
                    permissions
                }
                None => Permissions::new(RoleSource::External(location)),
            },
            None => Permissions::new(RoleSource::External(location)),
        }
    }
}

impl Permissions {
    fn new(source: RoleSource) -> Self {
        Self { source, statements: Vec::new(), managed: Vec::new(), unknown: Vec::new() }
    }

    /// Adds the statements that `node` holds: a list, or one on its own.
    fn add(&mut self, service: &Service, node: &Arc<Node>) {
        let one = std::slice::from_ref(node);
        for item in node.as_list().unwrap_or(one) {
            if let Some(Intrinsic::If(_, yes, no)) = Intrinsic::of(item) {
                self.unknown.extend([yes.location.clone(), no.location.clone()]);
            } else if let Some(statement) = Statement::of(service, item) {
                self.statements.push(statement);
            } else if item.as_list().is_none() && !item.is_null() {
                self.unknown.push(item.location.clone());
            }
        }
    }

    fn managed(&mut self, service: &Service, node: &Arc<Node>) {
        for item in node.as_list().unwrap_or(std::slice::from_ref(node)) {
            let text = service.text(item);
            let own = text.as_ref().and_then(Text::as_symbol).and_then(|symbol| match symbol {
                Symbol::Ref(id) => service.resources.get(id),
                _ => None,
            });
            match own {
                Some(policy) => self.document(service, policy.property("PolicyDocument")),
                None => self.managed.push((text, item.location.clone())),
            }
        }
    }

    fn document(&mut self, service: &Service, document: Option<&Arc<Node>>) {
        if let Some(statements) = document.and_then(|document| document.get("Statement")) {
            self.add(service, statements);
        }
    }

    fn role(&mut self, service: &Service, role: &Resource) {
        let policies = role.property("Policies");
        for policy in policies.and_then(|policies| policies.as_list()).unwrap_or_default() {
            self.document(service, policy.get("PolicyDocument"));
        }
        if let Some(managed) = role.property("ManagedPolicyArns") {
            self.managed(service, managed);
        }
    }

    /// Adds policies that are resources and name the role `id`.
    fn attached(&mut self, service: &Service, id: &str) {
        for policy in &service.resources.list {
            if !policy.is("AWS::IAM::Policy")
                && !policy.is("AWS::IAM::ManagedPolicy")
                && !policy.is("AWS::IAM::RolePolicy")
            {
                continue;
            }
            let roles = policy.property("Roles").or_else(|| policy.property("RoleName"));
            let Some(roles) = roles else { continue };
            let items = roles.as_list().unwrap_or(std::slice::from_ref(roles));
            let names = items.iter().filter_map(|item| service.text(item));
            if names.into_iter().any(|name| name.as_symbol() == Some(&Symbol::Ref(id.to_owned()))) {
                self.document(service, policy.property("PolicyDocument"));
            }
        }
    }

    /// Whether `action` (in lower case) on the topic `id` is allowed.
    pub fn allows(&self, service: &Service, action: &str, id: &str) -> Answer {
        let mut grants = Vec::new();
        let mut unsure = self.unknown.first().map(|place| (place.clone(), "part of the permissions"));
        for statement in &self.statements {
            let speaks = statement.speaks_of(action);
            let coverage = statement.covers(service, id);
            if statement.contradiction.is_some()
                || statement.principal.is_some()
                || speaks == Some(false)
                || !coverage.is_covered() && coverage != Coverage::Unknown
            {
                continue;
            }
            let certain = speaks.is_some() && coverage.is_covered() && !statement.conditional;
            match statement.effect {
                Effect::Allow | Effect::Deny | Effect::Unknown if !certain => {
                    let why = if statement.conditional { "a condition" } else { "a value in this statement" };
                    unsure = Some((statement.location.clone(), why));
                }
                Effect::Deny => return Answer::Denied(statement.location.clone()),
                Effect::Allow => grants.push(statement.grant(service, action, id, coverage)),
                Effect::Unknown => unsure = Some((statement.location.clone(), "the effect of this statement")),
                Effect::Invalid(_) => {}
            }
        }
        for (policy, location) in &self.managed {
            let known = policy.as_ref().and_then(Text::as_literal);
            let name = known.and_then(|arn| arn.rsplit('/').next()).unwrap_or_default();
            let is_arn = known.is_some_and(|arn| arn.starts_with("arn:"));
            if PUBLISHING_POLICIES.contains(&name) && is_arn {
                grants.push(Grant {
                    location: location.clone(),
                    coverage: Coverage::Wide,
                    pattern: None,
                    action: None,
                    alone: true,
                });
            } else if !known.is_some_and(|arn| arn.contains(":aws:policy/")) {
                unsure.get_or_insert((location.clone(), "a managed policy"));
            }
        }
        match (&self.source, unsure) {
            _ if !grants.is_empty() => Answer::Allowed(grants),
            (RoleSource::External(location), _) => {
                Answer::Unknown(location.clone(), "a role that is described elsewhere")
            }
            (_, Some((location, why))) => Answer::Unknown(location, why),
            _ => Answer::No,
        }
    }
}

impl Statement {
    /// How its resources stand to the topic `id`.
    pub fn covers(&self, service: &Service, id: &str) -> Coverage {
        let covered = |text: &Option<Text>| text.as_ref().map_or(Coverage::No, |text| service.covers_topic(text, id));
        let all: Vec<Coverage> = self.resources.list.iter().map(|(text, _)| covered(text)).collect();
        if self.resources.inverted {
            return if all.iter().any(|coverage| coverage.is_covered()) { Coverage::No } else { Coverage::Wide };
        }
        let order = [Coverage::Wide, Coverage::Exact, Coverage::HardCoded, Coverage::Unknown];
        order.into_iter().find(|wanted| all.contains(wanted)).unwrap_or(Coverage::No)
    }

    fn grant(&self, service: &Service, wanted: &str, id: &str, coverage: Coverage) -> Grant {
        let pattern = self
            .resources
            .list
            .iter()
            .find(|(text, _)| text.as_ref().is_some_and(|text| service.covers_topic(text, id) == coverage));
        let single = |node: &Arc<Node>, text: &str| {
            let alone = Self {
                actions: super::iam::Patterns {
                    list: vec![(Some(Text::literal(text)), Arc::clone(node))],
                    ..self.actions.clone()
                },
                ..self.clone()
            };
            alone.speaks_of(wanted) == Some(true)
        };
        let action = self.actions.list.iter().find_map(|(text, node)| {
            let text = text.as_ref()?.as_literal()?;
            (!self.actions.inverted && single(node, text)).then(|| (text.to_owned(), node.location.clone()))
        });
        let pattern = pattern.map(|(_, node)| node.location.clone());
        let prefix = action_service(wanted);
        let same_service = self.actions.list.iter().all(|(text, _)| {
            text.as_ref().and_then(Text::as_literal).is_some_and(|text| text.to_lowercase().starts_with(prefix))
        });
        let same_resource = self
            .resources
            .list
            .iter()
            .all(|(text, _)| text.as_ref().is_some_and(|text| service.covers_topic(text, id).is_covered()));
        let alone = same_service && same_resource;
        Grant { location: self.location.clone(), coverage, pattern, action, alone }
    }
}

/// `sns:` of `sns:publish`.
fn action_service(action: &str) -> &str {
    action.find(':').map_or(action, |colon| &action[..=colon])
}
