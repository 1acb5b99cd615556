//! `http` events: the REST API with its resources, methods, pre-flight answers, permissions and deployment.

use serde_json::{Map, Value, json};

use super::build::{Build, at, items, set, tags, truthy};
use super::compiled::Remark;
use super::names;
use super::options::Problem;
use crate::serverless::yaml::Location;

const METHODS: &[&str] = &["get", "post", "put", "patch", "options", "head", "delete", "any"];
/// Headers that a browser may send to an API with `cors: true`.
const HEADERS: &[&str] = &[
    "Content-Type",
    "X-Amz-Date",
    "Authorization",
    "X-Api-Key",
    "X-Amz-Security-Token",
    "X-Amz-User-Agent",
    "X-Amzn-Trace-Id",
];

/// One `http` event.
struct Endpoint {
    function: String,
    /// In lower case.
    method: String,
    /// Without slashes at its ends.
    path: String,
    settings: Value,
    location: Location,
}

/// What the pre-flight of a path answers.
#[derive(Default)]
struct Preflight {
    headers: Vec<String>,
    methods: Vec<String>,
    origins: Vec<String>,
    origin: Option<String>,
    credentials: bool,
    max_age: Option<Value>,
    cache: Option<String>,
    location: Option<Location>,
}

impl Build<'_> {
    /// The REST API, if any function has an `http` event.
    pub(super) fn rest_api(&mut self) {
        let endpoints = self.endpoints();
        let Some(first) = endpoints.first().map(|endpoint| endpoint.location.clone()) else { return };
        if truthy(&self.provider, &["apiGateway", "restApiId"]).is_some() {
            let location = self.location(&["provider", "apiGateway"]);
            let message = "an API of another stack (`provider.apiGateway.restApiId`) is not run: no route is made for the `http` events";
            return self.skipped.push(Remark { message: message.to_owned(), location });
        }
        let named = truthy(&self.provider, &["apiName"]).and_then(Value::as_str).map(ToOwned::to_owned);
        let service_first = truthy(&self.provider, &["apiGateway", "shouldStartNameWithService"]).is_some();
        let name = named.unwrap_or_else(|| {
            if service_first {
                format!("{}-{}", self.service, self.stage)
            } else {
                format!("{}-{}", self.stage, self.service)
            }
        });
        let endpoint =
            truthy(&self.provider, &["endpointType"]).and_then(Value::as_str).unwrap_or("EDGE").to_uppercase();
        let mut properties = json!({"Name": name});
        set(&mut properties, "BinaryMediaTypes", truthy(&self.provider, &["apiGateway", "binaryMediaTypes"]).cloned());
        set(&mut properties, "EndpointConfiguration", Some(json!({"Types": [endpoint]})));
        set(&mut properties, "Tags", tags(&[at(&self.provider, &["tags"])]));
        set(&mut properties, "Policy", Some(json!("")));
        self.add(
            "ApiGatewayRestApi",
            json!({"Type": "AWS::ApiGateway::RestApi", "Properties": properties}),
            Some(&first),
        );
        for endpoint in &endpoints {
            self.path_resources(endpoint);
        }
        let mut methods = Vec::new();
        for (path, preflight) in preflights(&endpoints) {
            let id = names::method(&names::path(&path), "options");
            methods.push(id.clone());
            let location = preflight.location.clone();
            self.add(id, preflight.resource(&resource_id(&path)), location.as_ref());
        }
        for endpoint in &endpoints {
            let id = names::method(&names::path(&endpoint.path), &endpoint.method);
            methods.push(id.clone());
            let mut method = self.method(endpoint);
            if truthy(&endpoint.settings, &["request", "parameters"]).is_some() {
                let id = self.validator(&endpoint.location);
                set(&mut method["Properties"], "RequestValidatorId", Some(json!({"Ref": id})));
            }
            self.add(id, method, Some(&endpoint.location));
        }
        let stage = truthy(&self.provider, &["apiGateway", "stage"]).cloned().unwrap_or_else(|| json!(self.stage));
        let mut deployment = json!({"RestApiId": rest_api(), "StageName": stage});
        set(&mut deployment, "Description", truthy(&self.provider, &["apiGateway", "description"]).cloned());
        let instance: String = self.options.instance_id.chars().filter(char::is_ascii_alphanumeric).collect();
        self.add(
            format!("ApiGatewayDeployment{instance}"),
            json!({"Type": "AWS::ApiGateway::Deployment", "Properties": deployment, "DependsOn": methods}),
            Some(&first),
        );
        let url = json!(["https://", rest_api(), ".execute-api.", {"Ref": "AWS::Region"}, ".", {"Ref": "AWS::URLSuffix"}, format!("/{}", self.stage)]);
        let output = json!({"Description": "URL of the service endpoint", "Value": {"Fn::Join": ["", url]}});
        self.outputs.insert("ServiceEndpoint".to_owned(), output);
        for endpoint in &endpoints {
            let parts = json!(["arn:", {"Ref": "AWS::Partition"}, ":execute-api:", {"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}, ":", rest_api(), "/*/*"]);
            let permission =
                permission(&endpoint.function, "apigateway.amazonaws.com", &json!({"Fn::Join": ["", parts]}));
            let id = format!("{}LambdaPermissionApiGateway", names::function(&endpoint.function));
            self.add(id, permission, Some(&endpoint.location));
        }
    }

    /// What refuses requests without their required parameters.
    fn validator(&mut self, location: &Location) -> String {
        let id = format!("ApiGateway{}RequestValidator", names::letters(&self.service));
        let name = format!("{}-{} | Validate request body and querystring parameters", self.service, self.stage);
        let properties = json!({"RestApiId": rest_api(), "ValidateRequestBody": true, "ValidateRequestParameters": true, "Name": name});
        self.add(
            id.clone(),
            json!({"Type": "AWS::ApiGateway::RequestValidator", "Properties": properties}),
            Some(location),
        );
        id
    }

    fn endpoints(&mut self) -> Vec<Endpoint> {
        let mut endpoints = Vec::new();
        for (function, event, location) in self.events("http") {
            let (method, path, settings) = match &event {
                Value::String(text) => match text.split_once(' ') {
                    Some((method, path)) => (method.to_owned(), path.to_owned(), Value::Null),
                    None => (String::new(), text.clone(), Value::Null),
                },
                settings => {
                    let text = |key| settings.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                    (text("method"), text("path"), settings.clone())
                }
            };
            let method = if method.trim() == "*" { "any".to_owned() } else { method.trim().to_lowercase() };
            let path = path.trim();
            if !METHODS.contains(&method.as_str())
                || settings.is_object() && settings.get("path").is_none_or(|path| !path.is_string())
            {
                let message = format!("the `http` event of `{function}` needs a method and a path");
                let problem = Problem::at(Some(location), message);
                self.problems.push(problem.help("Write `http: POST /ride`, or `method` and `path` below `http`."));
                continue;
            }
            let path = path.strip_prefix('/').unwrap_or(path);
            let path = path.strip_suffix('/').unwrap_or(path).to_owned();
            if truthy(&settings, &["authorizer"]).is_some() {
                let message = format!("the authorizer of `{method} /{path}` is not run: everybody may call it here");
                self.skipped.push(Remark { message, location: Some(location.clone()) });
            }
            if let Some(other) =
                truthy(&settings, &["integration"]).and_then(Value::as_str).filter(|name| !is_proxy(name))
            {
                let message = format!("the integration `{other}` of `{method} /{path}` is run as `lambda-proxy`");
                self.skipped.push(Remark { message, location: Some(location.clone()) });
            }
            endpoints.push(Endpoint { function, method, path, settings, location });
        }
        endpoints
    }

    /// The resources for the parts of a path.
    fn path_resources(&mut self, endpoint: &Endpoint) {
        let mut so_far = String::new();
        for part in endpoint.path.split('/').filter(|part| !part.is_empty()) {
            let parent = resource_id(&so_far);
            so_far = if so_far.is_empty() { part.to_owned() } else { format!("{so_far}/{part}") };
            let id = format!("ApiGatewayResource{}", names::path(&so_far));
            if !self.resources.contains_key(&id) {
                let properties = json!({"ParentId": parent, "PathPart": part, "RestApiId": rest_api()});
                self.add(
                    id,
                    json!({"Type": "AWS::ApiGateway::Resource", "Properties": properties}),
                    Some(&endpoint.location),
                );
            }
        }
    }

    fn method(&self, endpoint: &Endpoint) -> Value {
        let function = Self::target(&endpoint.function);
        let uri = json!(["arn:", {"Ref": "AWS::Partition"}, ":apigateway:", {"Ref": "AWS::Region"}, ":lambda:path/2015-03-31/functions/", function, "/invocations"]);
        let mut integration = json!({"IntegrationHttpMethod": "POST", "Type": "AWS_PROXY"});
        let timeout = truthy(&endpoint.settings, &["timeoutInMillis"])
            .or_else(|| truthy(&self.provider, &["apiGateway", "timeoutInMillis"]));
        set(&mut integration, "TimeoutInMillis", timeout.cloned());
        set(&mut integration, "Uri", Some(json!({"Fn::Join": ["", uri]})));
        let mut parameters = Map::new();
        for (place, kind) in [("querystrings", "querystring"), ("paths", "path"), ("headers", "header")] {
            for (name, value) in super::build::entries(at(&endpoint.settings, &["request", "parameters", place])) {
                let required = if value.is_object() {
                    value.get("required").cloned().unwrap_or(json!(true))
                } else {
                    value.clone()
                };
                parameters.insert(format!("method.request.{kind}.{name}"), required);
            }
        }
        let mut properties = json!({
            "HttpMethod": endpoint.method.to_uppercase(), "RequestParameters": parameters, "ResourceId": resource_id(&endpoint.path),
            "RestApiId": rest_api(), "ApiKeyRequired": truthy(&endpoint.settings, &["private"]).is_some(), "AuthorizationType": "NONE",
        });
        set(&mut properties, "OperationName", truthy(&endpoint.settings, &["operationId"]).cloned());
        set(&mut properties, "Integration", Some(integration));
        set(&mut properties, "MethodResponses", Some(json!([])));
        let depends = [format!("{}LambdaPermissionApiGateway", names::function(&endpoint.function))];
        json!({"Type": "AWS::ApiGateway::Method", "Properties": properties, "DependsOn": depends})
    }
}

/// Lets `principal` invoke a function of the service.
pub(super) fn permission(function: &str, principal: &str, source: &Value) -> Value {
    json!({"Type": "AWS::Lambda::Permission", "Properties": {
        "FunctionName": Build::target(function), "Action": "lambda:InvokeFunction", "Principal": principal, "SourceArn": source,
    }})
}

fn is_proxy(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().replace('_', "-").as_str(), "lambda-proxy" | "aws-proxy")
}

fn rest_api() -> Value {
    json!({"Ref": "ApiGatewayRestApi"})
}

fn resource_id(path: &str) -> Value {
    if path.is_empty() {
        return json!({"Fn::GetAtt": ["ApiGatewayRestApi", "RootResourceId"]});
    }
    json!({"Ref": format!("ApiGatewayResource{}", names::path(path))})
}

/// The pre-flight answers by path, in the order of the file.
fn preflights(endpoints: &[Endpoint]) -> Vec<(String, Preflight)> {
    let mut all: Vec<(String, Preflight)> = Vec::new();
    for endpoint in endpoints {
        let Some(cors) = truthy(&endpoint.settings, &["cors"]) else { continue };
        let index = all.iter().position(|(path, _)| *path == endpoint.path).unwrap_or_else(|| {
            all.push((
                endpoint.path.clone(),
                Preflight { location: Some(endpoint.location.clone()), ..Preflight::default() },
            ));
            all.len() - 1
        });
        if let Some((_, preflight)) = all.get_mut(index) {
            preflight.add(cors, &endpoint.method.to_uppercase());
        }
    }
    all
}

fn texts(value: Option<&Value>) -> Vec<String> {
    items(value).iter().filter_map(|item| item.as_str().map(ToOwned::to_owned)).collect()
}

/// Puts `new` before what is there, each once.
fn join(known: &mut Vec<String>, new: Vec<String>) {
    let mut all: Vec<String> = Vec::new();
    for item in new.into_iter().chain(std::mem::take(known)) {
        if !all.contains(&item) {
            all.push(item);
        }
    }
    *known = all;
}

impl Preflight {
    fn add(&mut self, cors: &Value, method: &str) {
        let own = texts(at(cors, &["headers"]));
        let standard = || HEADERS.iter().map(|header| (*header).to_owned()).collect();
        let headers = match at(cors, &["headers"]) {
            Some(Value::String(one)) => vec![one.clone()],
            _ if own.is_empty() => standard(),
            _ => own,
        };
        join(&mut self.headers, headers);
        let mut methods = texts(at(cors, &["methods"]));
        if at(cors, &["methods"]).is_none() {
            methods.push("OPTIONS".to_owned());
        }
        for needed in ["OPTIONS", method] {
            if !methods.iter().any(|known| known == needed) {
                methods.push(needed.to_owned());
            }
        }
        join(&mut self.methods, methods);
        join(&mut self.origins, texts(at(cors, &["origins"])));
        let own = truthy(cors, &["origin"]).and_then(Value::as_str).map(ToOwned::to_owned);
        self.origin = own.or_else(|| at(cors, &["origins"]).is_none().then(|| "*".to_owned()));
        self.credentials |= truthy(cors, &["allowCredentials"]).is_some();
        self.max_age = truthy(cors, &["maxAge"]).cloned().or(self.max_age.take());
        self.cache =
            truthy(cors, &["cacheControl"]).and_then(Value::as_str).map(ToOwned::to_owned).or(self.cache.take());
    }

    fn resource(&self, resource: &Value) -> Value {
        let listed: Vec<String> = match &self.origin {
            Some(origin) if origin.contains(',') => origin.split(',').map(|origin| origin.trim().to_owned()).collect(),
            _ => self.origins.clone(),
        };
        let origin = listed.first().or(self.origin.as_ref()).cloned().unwrap_or_else(|| "*".to_owned());
        let methods = self.methods.join(",").replace("ANY", "DELETE,GET,HEAD,PATCH,POST,PUT");
        let mut headers = vec![
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Allow-Headers", self.headers.join(",")),
            ("Access-Control-Allow-Methods", methods),
        ];
        if self.credentials {
            headers.push(("Access-Control-Allow-Credentials", "true".to_owned()));
        }
        if let Some(age) = &self.max_age {
            headers.push(("Access-Control-Max-Age", age.to_string()));
        }
        if let Some(cache) = &self.cache {
            headers.push(("Cache-Control", cache.clone()));
        }
        let (mut declared, mut values) = (Map::new(), Map::new());
        for (name, value) in headers {
            declared.insert(format!("method.response.header.{name}"), json!(true));
            values.insert(format!("method.response.header.{name}"), json!(format!("'{value}'")));
        }
        let template = if listed.is_empty() { String::new() } else { choose_origin(&listed) };
        let answer = json!({"StatusCode": "200", "ResponseParameters": values, "ResponseTemplates": {"application/json": template}});
        let integration = json!({
            "Type": "MOCK", "RequestTemplates": {"application/json": "{statusCode:200}"}, "ContentHandling": "CONVERT_TO_TEXT",
            "IntegrationResponses": [answer],
        });
        json!({"Type": "AWS::ApiGateway::Method", "Properties": {
            "AuthorizationType": "NONE", "HttpMethod": "OPTIONS",
            "MethodResponses": [{"StatusCode": "200", "ResponseParameters": declared, "ResponseModels": {}}],
            "RequestParameters": {}, "Integration": integration, "ResourceId": resource, "RestApiId": rest_api(),
        }})
    }
}

/// A mapping template that answers with the caller's origin where it is one of those allowed.
fn choose_origin(origins: &[String]) -> String {
    let tests: Vec<String> = origins
        .iter()
        .map(|origin| format!("$caller.matches(\"{}\")", origin.replace('.', "[.]").replace('*', ".+")))
        .collect();
    format!(
        "#set($caller = $input.params(\"Origin\"))#if({})#set($context.responseOverride.header.Access-Control-Allow-Origin = $caller)#end",
        tests.join(" || ")
    )
}
