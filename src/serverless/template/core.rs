//! What every stack of Serverless holds: the bucket that it deploys from, and the role that its functions run with.

use serde_json::{Value, json};

use super::build::{Build, at, entries, items, tags, truthy};
use super::names;

impl Build<'_> {
    /// The bucket for the code, and its output; a bucket of one's own takes its place.
    pub(super) fn bucket(&mut self) {
        let location = self.location(&["service"]);
        let configured = at(&self.provider, &["deploymentBucket"]).cloned().unwrap_or(Value::Null);
        let own = configured
            .as_str()
            .map(ToOwned::to_owned)
            .or_else(|| at(&configured, &["name"])?.as_str().map(ToOwned::to_owned));
        if let Some(name) = own {
            self.outputs.insert("ServerlessDeploymentBucketName".to_owned(), json!({"Value": name}));
            return;
        }
        let encryption = json!({"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]});
        self.add(
            "ServerlessDeploymentBucket",
            json!({"Type": "AWS::S3::Bucket", "Properties": {"BucketEncryption": encryption}}),
            location.as_ref(),
        );
        let bucket = json!({"Ref": "ServerlessDeploymentBucket"});
        let arn = |rest: &[Value]| {
            let mut parts = vec![json!("arn:"), json!({"Ref": "AWS::Partition"}), json!(":s3:::"), bucket.clone()];
            parts.extend_from_slice(rest);
            json!({"Fn::Join": ["", parts]})
        };
        let statement = json!({
            "Action": "s3:*", "Effect": "Deny", "Principal": "*", "Resource": [arn(&[json!("/*")]), arn(&[])],
            "Condition": {"Bool": {"aws:SecureTransport": false}},
        });
        self.add(
            "ServerlessDeploymentBucketPolicy",
            json!({"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": bucket, "PolicyDocument": {"Statement": [statement]}}}),
            location.as_ref(),
        );
        self.outputs.insert("ServerlessDeploymentBucketName".to_owned(), json!({"Value": bucket}));
    }

    /// Where the code of functions comes from.
    pub(super) fn code(&self, artifact: &str) -> Value {
        let configured = at(&self.provider, &["deploymentBucket"]);
        let own = configured.and_then(|bucket| bucket.as_str().or_else(|| at(bucket, &["name"])?.as_str()));
        let bucket = own.map_or_else(|| json!({"Ref": "ServerlessDeploymentBucket"}), |name| json!(name));
        let prefix = at(&self.provider, &["deploymentPrefix"]).and_then(Value::as_str).unwrap_or("serverless");
        let key = format!("{prefix}/{}/{}/{}/{artifact}.zip", self.service, self.stage, self.options.instance_id);
        json!({"S3Bucket": bucket, "S3Key": key})
    }

    /// The groups that functions log to.
    pub(super) fn log_groups(&mut self) {
        for (name, function, location) in self.declared.clone() {
            if truthy(&function, &["disableLogs"]).is_some() {
                continue;
            }
            let mut properties =
                json!({"LogGroupName": format!("/aws/lambda/{}", self.function_name(&name, &function))});
            let retention =
                truthy(&function, &["logRetentionInDays"]).or_else(|| truthy(&self.provider, &["logRetentionInDays"]));
            super::build::set(&mut properties, "RetentionInDays", retention.cloned());
            self.add(
                names::log_group(&name),
                json!({"Type": "AWS::Logs::LogGroup", "Properties": properties}),
                Some(&location),
            );
        }
    }

    /// A function's name in Lambda.
    pub(super) fn function_name(&self, key: &str, function: &Value) -> String {
        let own = truthy(function, &["name"]).and_then(Value::as_str).map(ToOwned::to_owned);
        own.unwrap_or_else(|| format!("{}-{}-{key}", self.service, self.stage))
    }

    /// Whether a role that exists elsewhere takes the place of the generated one for all functions.
    pub(super) fn foreign_role(&self) -> Option<&Value> {
        let is_role = |role: &&Value| {
            role.is_string() || role.as_object().is_some_and(|role| role.keys().any(|key| key.contains("::")))
        };
        at(&self.provider, &["iam", "role"]).filter(is_role).or_else(|| at(&self.provider, &["role"]))
    }

    /// The role that functions run with, unless all of them have one of their own.
    pub(super) fn role(&mut self) {
        let all_own = self.declared.iter().all(|(_, function, _)| function.get("role").is_some());
        if self.declared.is_empty() || all_own || self.foreign_role().is_some() {
            return;
        }
        let prefix = format!("{}-{}", self.service, self.stage);
        let mut groups = Vec::new();
        let (mut canonical, mut silent) = (false, Vec::new());
        for (key, function, _) in &self.declared {
            let name = self.function_name(key, function);
            let logs = truthy(function, &["disableLogs"]).is_none();
            match (name.starts_with(&prefix), logs) {
                (true, true) => canonical = true,
                (true, false) => silent.push(name),
                (false, true) => groups.push(name),
                (false, false) => {}
            }
        }
        if canonical {
            groups.push(format!("{prefix}*"));
        }
        let mut statements = log_statements(&groups);
        if canonical && !silent.is_empty() {
            let denied: Vec<Value> = silent.iter().map(|name| log_arn(name, ":*")).collect();
            statements.push(json!({"Effect": "Deny", "Action": "logs:PutLogEvents", "Resource": denied}));
        }
        let settings = at(&self.provider, &["iam", "role"]).cloned().unwrap_or(Value::Null);
        let own = at(&settings, &["statements"]).or_else(|| at(&self.provider, &["iamRoleStatements"]));
        if own.is_some_and(|own| !own.is_array() && !own.is_null()) {
            let location = self.location(&["provider", "iamRoleStatements"]);
            let location = location.or_else(|| self.location(&["provider", "iam", "role", "statements"]));
            let message = "the statements of the role are no list, so the role is granted none of them".to_owned();
            self.warnings.push(super::compiled::Remark { message, location });
        }
        statements.extend(items(own).iter().cloned().map(with_lists));
        let mut managed =
            items(at(&settings, &["managedPolicies"]).or_else(|| at(&self.provider, &["iamManagedPolicies"]))).to_vec();
        let in_network = self.declared.iter().any(|(_, function, _)| function.get("vpc").is_some());
        if in_network || truthy(&self.provider, &["vpc"]).is_some() {
            let arn = ["arn:", ":iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"];
            managed.push(json!({"Fn::Join": ["", [arn[0], {"Ref": "AWS::Partition"}, arn[1]]]}));
        }
        let join = |parts: Value| json!({"Fn::Join": ["-", parts]});
        let policy = join(json!([self.service, self.stage, "lambda"]));
        let name = truthy(&settings, &["name"])
            .cloned()
            .unwrap_or_else(|| join(json!([self.service, self.stage, {"Ref": "AWS::Region"}, "lambdaRole"])));
        let mut role = role(&policy, &statements, truthy(&settings, &["path"]).unwrap_or(&json!("/")), &name);
        let properties = &mut role["Properties"];
        super::build::set(properties, "Tags", tags(&[at(&settings, &["tags"])]));
        let boundary = ["permissionsBoundary", "permissionBoundary"].iter().find_map(|key| truthy(&settings, &[key]));
        let boundary = boundary.or_else(|| truthy(&self.provider, &["rolePermissionsBoundary"]));
        super::build::set(properties, "PermissionsBoundary", boundary.cloned());
        super::build::set(properties, "ManagedPolicyArns", (!managed.is_empty()).then(|| Value::Array(managed)));
        let place = [&["provider", "iam"][..], &["provider", "iamRoleStatements"], &["provider"]];
        let place = place.iter().find_map(|path| self.location(path));
        self.add("IamRoleLambdaExecution", role, place.as_ref());
    }

    /// Roles of functions with statements of their own, as the plugin `serverless-iam-roles-per-function` makes them.
    pub(super) fn own_roles(&mut self) {
        let plugin = at(&self.provider, &["__perFunction"]).cloned();
        let Some(settings) = plugin else { return };
        for (key, function, location) in self.declared.clone() {
            let Some(own) = at(&function, &["iamRoleStatements"]).filter(|own| own.is_array()) else { continue };
            if function.get("role").is_some() {
                continue;
            }
            let mut statements = log_statements(&[self.function_name(&key, &function)]);
            statements.extend(items(Some(own)).iter().cloned().map(with_lists));
            let inherits = at(&function, &["iamRoleStatementsInherit"]).or_else(|| at(&settings, &["defaultInherit"]));
            if inherits == Some(&Value::Bool(true)) {
                let shared = at(&self.provider, &["iam", "role", "statements"])
                    .or_else(|| at(&self.provider, &["iamRoleStatements"]));
                statements.extend(items(shared).iter().cloned().map(with_lists));
            }
            if let Some(arn) = at(&function, &["onError"]) {
                statements.push(json!({"Effect": "Allow", "Action": ["sns:Publish"], "Resource": arn}));
            }
            let join = |parts: Value| json!({"Fn::Join": ["-", parts]});
            let name = truthy(&function, &["iamRoleStatementsName"])
                .cloned()
                .unwrap_or_else(|| join(json!([self.service, self.stage, key, {"Ref": "AWS::Region"}, "lambdaRole"])));
            let policy = join(json!([self.service, self.stage, key, "lambda"]));
            let id = format!("{}IamRoleLambdaExecution", names::function(&key));
            self.add(id, role(&policy, &statements, &json!("/"), &name), Some(&location));
        }
    }

    /// Whether `function` runs with a role made by [`Build::own_roles`].
    pub(super) fn has_own_role(&self, key: &str) -> bool {
        self.resources.contains_key(&format!("{}IamRoleLambdaExecution", names::function(key)))
    }

    /// Names the exports of the outputs made so far.
    pub(super) fn exports(&mut self) {
        let prefix = format!("sls-{}-{}", self.service, self.stage);
        for (name, output) in &mut self.outputs {
            super::build::set(output, "Export", Some(json!({"Name": format!("{prefix}-{name}")})));
        }
    }
}

fn role(policy: &Value, statements: &[Value], path: &Value, name: &Value) -> Value {
    let assume =
        json!({"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com"]}, "Action": ["sts:AssumeRole"]});
    json!({"Type": "AWS::IAM::Role", "Properties": {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [assume]},
        "Policies": [{"PolicyName": policy, "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}],
        "Path": path,
        "RoleName": name,
    }})
}

/// A statement whose actions are a list, as Serverless writes them.
fn with_lists(mut statement: Value) -> Value {
    for key in ["Action", "NotAction"] {
        if let Some(action) = statement.get(key).filter(|action| action.is_string()).cloned() {
            super::build::set(&mut statement, key, Some(json!([action])));
        }
    }
    statement
}

fn log_arn(group: &str, rest: &str) -> Value {
    let place = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/";
    json!({"Fn::Sub": format!("{place}{group}{rest}")})
}

/// What every function may do: write its log.
fn log_statements(groups: &[String]) -> Vec<Value> {
    let arns = |rest: &str| -> Value { groups.iter().map(|group| log_arn(group, rest)).collect() };
    vec![
        json!({"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:CreateLogGroup", "logs:TagResource"], "Resource": arns(":*")}),
        json!({"Effect": "Allow", "Action": ["logs:PutLogEvents"], "Resource": arns(":*:*")}),
    ]
}

/// The text of stack tags.
pub(super) fn stack_tags(provider: &Value) -> std::collections::BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    entries(at(provider, &["stackTags"])).map(|(key, value)| (key.clone(), text(value))).collect()
}
