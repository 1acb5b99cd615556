//! Functions: the Lambda function, its version, and how failed invocations are kept.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::build::{Build, at, entries, items, numbered, set, tags, texted, truthy};
use super::compiled::CompiledFunction;
use super::names;
use super::options::Problem;
use crate::serverless::yaml::Location;

/// What Serverless takes where neither function nor provider names one. The sandbox runs Python; the rest is said by whoever runs it.
const DEFAULT_RUNTIME: &str = "nodejs20.x";

impl Build<'_> {
    /// All functions.
    pub(super) fn compile_functions(&mut self) {
        for (key, function, location) in self.declared.clone() {
            match truthy(&function, &["handler"]).and_then(Value::as_str) {
                Some(handler) => self.function(&key, &function, handler, &location),
                None if truthy(&function, &["image"]).is_some() => {
                    let message = format!("the function `{key}` is a container image, which the sandbox does not run");
                    self.skipped.push(super::compiled::Remark { message, location: Some(location) });
                }
                None => {
                    let problem = Problem::at(Some(location), format!("the function `{key}` has no `handler`"));
                    self.problems
                        .push(problem.help("Name the file and the function in it: `handler: handlers/file.function`."));
                }
            }
        }
    }

    fn setting(&self, function: &Value, key: &str) -> Option<Value> {
        truthy(function, &[key]).or_else(|| truthy(&self.provider, &[key])).cloned()
    }

    fn function(&mut self, key: &str, function: &Value, handler: &str, location: &Location) {
        let name = self.function_name(key, function);
        let runtime = self.setting(function, "runtime").and_then(|runtime| runtime.as_str().map(ToOwned::to_owned));
        let runtime = runtime.unwrap_or_else(|| DEFAULT_RUNTIME.to_owned());
        let individually =
            at(function, &["package", "individually"]).or_else(|| at(&self.provider, &["__individually"]));
        let artifact = if individually == Some(&Value::Bool(true)) { key.to_owned() } else { self.service.clone() };
        let memory = self.setting(function, "memorySize").unwrap_or(json!(1024));
        let timeout = self.setting(function, "timeout").unwrap_or(json!(6));
        let mut properties = json!({
            "Code": self.code(&artifact), "Handler": handler, "Runtime": runtime, "FunctionName": name,
            "MemorySize": numbered(&memory), "Timeout": numbered(&timeout),
        });
        set(&mut properties, "Architectures", self.setting(function, "architecture").map(|name| json!([name])));
        let description = truthy(function, &["description"]).map(texted);
        set(&mut properties, "Description", description.clone());
        set(&mut properties, "Tags", tags(&[at(&self.provider, &["tags"]), at(function, &["tags"])]));
        let storage = truthy(function, &["ephemeralStorageSize"]).map(|size| json!({"Size": numbered(size)}));
        set(&mut properties, "EphemeralStorage", storage);
        if let Some(arn) = truthy(function, &["onError"]) {
            set(&mut properties, "DeadLetterConfig", Some(json!({"TargetArn": arn})));
            if arn.is_string() {
                self.allow(json!({"Effect": "Allow", "Action": ["sns:Publish"], "Resource": [arn]}), false);
            }
        }
        if let Some(key) = self.setting(function, "kmsKeyArn") {
            if key.is_string() {
                self.allow(json!({"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": [key]}), true);
            }
            set(&mut properties, "KmsKeyArn", Some(key));
        }
        if let Some(tracing) =
            truthy(function, &["tracing"]).or_else(|| truthy(&self.provider, &["tracing", "lambda"])).cloned()
        {
            let mode = if tracing.is_boolean() { json!("Active") } else { tracing };
            set(&mut properties, "TracingConfig", Some(json!({"Mode": mode})));
            let actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];
            self.allow(json!({"Effect": "Allow", "Action": actions, "Resource": ["*"]}), true);
        }
        set(&mut properties, "Environment", self.environment(function));
        let mut depends = Vec::new();
        if truthy(function, &["disableLogs"]).is_none() {
            depends.push(json!(names::log_group(key)));
        }
        depends.extend(match at(function, &["dependsOn"]) {
            Some(Value::Array(others)) => others.clone(),
            Some(other) => vec![other.clone()],
            None => Vec::new(),
        });
        self.function_role(key, function, &mut properties, &mut depends);
        let network = |name: &str| {
            let unset = matches!(function.get("vpc"), Some(Value::Null | Value::Bool(false)));
            let found = truthy(function, &["vpc", name]).or_else(|| truthy(&self.provider, &["vpc", name]));
            found.filter(|_| !unset).cloned()
        };
        if let (Some(groups), Some(subnets)) = (network("securityGroupIds"), network("subnetIds")) {
            set(&mut properties, "VpcConfig", Some(json!({"SecurityGroupIds": groups, "SubnetIds": subnets})));
        }
        set(&mut properties, "ReservedConcurrentExecutions", at(function, &["reservedConcurrency"]).map(numbered));
        let layers = truthy(function, &["layers"]).or_else(|| truthy(&self.provider, &["layers"])).cloned();
        set(&mut properties, "Layers", layers);
        let mut resource = json!({"Type": "AWS::Lambda::Function", "Properties": properties});
        set(&mut resource, "DependsOn", (!depends.is_empty()).then(|| Value::Array(depends)));
        set(&mut resource, "Condition", truthy(function, &["condition"]).cloned());
        let id = names::lambda(key);
        let versioned = at(function, &["versionFunction"]).or_else(|| at(&self.provider, &["versionFunctions"]));
        let version = (versioned != Some(&Value::Bool(false))).then(|| self.version_hash(&resource["Properties"]));
        self.add(id.clone(), resource, Some(location));
        if let Some(hash) = version {
            self.version(key, &hash, description, location);
        }
        self.invocations(key, function, location);
        let handler = handler.to_owned();
        self.functions.push(CompiledFunction {
            key: key.to_owned(),
            logical_id: id,
            name,
            handler,
            runtime,
            location: location.clone(),
        });
    }

    /// Variables of the provider and of the function, which win. Numbers and booleans become text, as Lambda wants it.
    fn environment(&self, function: &Value) -> Option<Value> {
        let sources = [at(&self.provider, &["environment"]), at(function, &["environment"])];
        if sources.iter().all(Option::is_none) {
            return None;
        }
        let mut variables = Map::new();
        for (name, value) in sources.into_iter().flat_map(entries) {
            variables.insert(name.clone(), texted(value));
        }
        Some(json!({"Variables": variables}))
    }

    fn function_role(&self, key: &str, function: &Value, properties: &mut Value, depends: &mut Vec<Value>) {
        let arn = |id: &str| json!({"Fn::GetAtt": [id, "Arn"]});
        let own = truthy(function, &["role"]);
        if own.is_none() && self.has_own_role(key) {
            let id = format!("{}IamRoleLambdaExecution", names::function(key));
            depends.push(json!(id));
            return set(properties, "Role", Some(arn(&id)));
        }
        let role = match own.or_else(|| self.foreign_role()) {
            None => arn("IamRoleLambdaExecution"),
            Some(Value::String(text)) if text.starts_with("arn:") => json!(text),
            Some(Value::String(id)) => {
                if id != "IamRoleLambdaExecution" {
                    depends.push(json!(id));
                }
                arn(id)
            }
            Some(other) => {
                depends.extend(items(other.get("Fn::GetAtt")).first().cloned());
                other.clone()
            }
        };
        set(properties, "Role", Some(role));
    }

    /// Adds a statement to the generated role, if there is one; `once` where several functions ask for the same.
    fn allow(&mut self, statement: Value, once: bool) {
        if let Some(statements) = self.statements().filter(|statements| !once || !statements.contains(&statement)) {
            statements.push(statement);
        }
    }

    /// Changes with the function's code and settings: a version cannot be updated, only made anew.
    fn version_hash(&self, properties: &Value) -> String {
        let mut hash = Sha256::new();
        hash.update(&self.options.code_hash);
        let settings = entries(Some(properties));
        for (key, value) in
            settings.filter(|(key, _)| !matches!(key.as_str(), "Code" | "Tags" | "ReservedConcurrentExecutions"))
        {
            hash.update(format!("{key}={value};"));
        }
        hash.finalize().iter().take(20).map(|byte| format!("{byte:02x}")).collect()
    }

    fn version(&mut self, key: &str, hash: &str, description: Option<Value>, location: &Location) {
        let id = format!("{}LambdaVersion{hash}", names::function(key));
        let mut properties = json!({"FunctionName": {"Ref": names::lambda(key)}, "CodeSha256": self.options.code_hash});
        set(&mut properties, "Description", description);
        let version = json!({"Type": "AWS::Lambda::Version", "DeletionPolicy": "Retain", "Properties": properties});
        self.add(id.clone(), version, Some(location));
        let output = json!({"Description": "Current Lambda function version", "Value": {"Ref": id}});
        self.outputs.insert(format!("{}QualifiedArn", names::lambda(key)), output);
    }

    /// Destinations, age and retries of asynchronous invocations.
    fn invocations(&mut self, key: &str, function: &Value, location: &Location) {
        let destinations = truthy(function, &["destinations"]);
        let age = truthy(function, &["maximumEventAge"]);
        let retries = at(function, &["maximumRetryAttempts"]);
        if destinations.is_none() && age.is_none() && retries.is_none() {
            return;
        }
        let mut config = json!({});
        for (from, to) in [("onSuccess", "OnSuccess"), ("onFailure", "OnFailure")] {
            let Some(target) = destinations.and_then(|destinations| truthy(destinations, &[from])) else { continue };
            match self.destination(target) {
                Some((arn, statement)) => {
                    if truthy(function, &["role"]).or_else(|| self.foreign_role()).is_none() {
                        self.allow(statement, true);
                    }
                    set(&mut config, to, Some(json!({"Destination": arn})));
                }
                None => self.problems.push(
                    Problem::at(Some(location.clone()), format!("the destination `{from}` of the function `{key}` is neither an ARN nor a function of the service"))
                        .help("Write an ARN, the name of a function, or `type` and `arn`."),
                ),
            }
        }
        let mut properties =
            json!({"FunctionName": {"Ref": names::lambda(key)}, "DestinationConfig": config, "Qualifier": "$LATEST"});
        set(&mut properties, "MaximumEventAgeInSeconds", age.map(numbered));
        set(&mut properties, "MaximumRetryAttempts", retries.map(numbered));
        let id = format!("{}LambdaEvConf", names::function(key));
        self.add(id, json!({"Type": "AWS::Lambda::EventInvokeConfig", "Properties": properties}), Some(location));
    }

    /// The ARN of a destination, and the statement that lets the role use it.
    fn destination(&self, target: &Value) -> Option<(Value, Value)> {
        let allow = |action: &str, resource: Value| json!({"Effect": "Allow", "Action": action, "Resource": resource});
        if let Some(kind) = target.get("type").and_then(Value::as_str) {
            let action = match kind {
                "function" => "lambda:InvokeFunction",
                "sqs" => "sqs:SendMessage",
                "sns" => "sns:Publish",
                "eventBus" => "events:PutEvents",
                _ => return None,
            };
            let arn = target.get("arn")?.clone();
            return Some((arn.clone(), allow(action, arn)));
        }
        let text = target.as_str()?;
        if !text.starts_with("arn:") {
            let (_, function, _) = self.declared.iter().find(|(key, _, _)| key == text)?;
            let arn = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:";
            let own = json!({"Fn::Sub": format!("{arn}{}", self.function_name(text, function))});
            return Some((Self::target(text), allow("lambda:InvokeFunction", own)));
        }
        let kinds = [
            (":function:", "lambda:InvokeFunction"),
            (":sqs:", "sqs:SendMessage"),
            (":sns:", "sns:Publish"),
            (":event-bus/", "events:PutEvents"),
        ];
        let (_, action) = kinds.iter().find(|(part, _)| text.contains(part))?;
        Some((json!(text), allow(action, json!(text))))
    }
}
