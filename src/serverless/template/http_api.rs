//! `httpApi` events: the HTTP API with its stage, integrations, routes and permissions.

use serde_json::{Value, json};

use super::build::{Build, at, items, set, truthy};
use super::compiled::Remark;
use super::http::permission;
use super::names;

const HEADERS: &[&str] = &[
    "Content-Type",
    "X-Amz-Date",
    "Authorization",
    "X-Api-Key",
    "X-Amz-Security-Token",
    "X-Amz-User-Agent",
    "X-Amzn-Trace-Id",
];

impl Build<'_> {
    /// The HTTP API, if any function has an `httpApi` event.
    pub(super) fn http_api(&mut self) {
        let mut routes = Vec::new();
        for (function, event, location) in self.events("httpApi") {
            let key = match &event {
                Value::String(text) => text.clone(),
                settings => {
                    let text = |key| settings.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                    let (method, path) = (text("method"), text("path"));
                    if truthy(settings, &["authorizer"]).is_some() {
                        let message =
                            format!("the authorizer of `{method} {path}` is not run: everybody may call it here");
                        self.skipped.push(Remark { message, location: Some(location.clone()) });
                    }
                    if path == "*" { path } else { format!("{method} {path}") }
                }
            };
            let key = key.trim();
            let (method, path) = key.split_once(' ').unwrap_or(("", key));
            let method =
                if matches!(method.trim(), "" | "*") { "ANY".to_owned() } else { method.trim().to_uppercase() };
            let key = if path.trim() == "*" { "*".to_owned() } else { format!("{method} {}", path.trim()) };
            routes.push((function, key, method, location));
        }
        let Some((_, _, _, first)) = routes.first().cloned() else { return };
        let api = json!({"Ref": "HttpApi"});
        let settings = at(&self.provider, &["httpApi"]).cloned().unwrap_or(Value::Null);
        let name = truthy(&settings, &["name"]).cloned().unwrap_or_else(|| {
            let service_first = truthy(&settings, &["shouldStartNameWithService"]).is_some();
            json!(if service_first {
                format!("{}-{}", self.service, self.stage)
            } else {
                format!("{}-{}", self.stage, self.service)
            })
        });
        let mut properties = json!({"Name": name, "ProtocolType": "HTTP"});
        if let Some(cors) = truthy(&settings, &["cors"]) {
            let methods: Vec<&str> = routes.iter().map(|(_, _, method, _)| method.as_str()).collect();
            set(&mut properties, "CorsConfiguration", Some(cors_of(cors, &methods)));
        }
        set(&mut properties, "Description", truthy(&settings, &["description"]).cloned());
        self.add("HttpApi", json!({"Type": "AWS::ApiGatewayV2::Api", "Properties": properties}), Some(&first));
        let metrics = truthy(&settings, &["metrics"]).is_some();
        let stage = json!({"ApiId": api, "StageName": "$default", "AutoDeploy": true, "DefaultRouteSettings": {"DetailedMetricsEnabled": metrics}});
        self.add("HttpApiStage", json!({"Type": "AWS::ApiGatewayV2::Stage", "Properties": stage}), Some(&first));
        let url = json!(["https://", api, ".execute-api.", {"Ref": "AWS::Region"}, ".", {"Ref": "AWS::URLSuffix"}]);
        self.outputs.insert("HttpApiId".to_owned(), json!({"Description": "Id of the HTTP API", "Value": api}));
        self.outputs.insert(
            "HttpApiUrl".to_owned(),
            json!({"Description": "URL of the HTTP API", "Value": {"Fn::Join": ["", url]}}),
        );
        for (function, key, _, location) in &routes {
            let source = json!(["arn:", {"Ref": "AWS::Partition"}, ":execute-api:", {"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}, ":", api, "/*"]);
            let permission = permission(function, "apigateway.amazonaws.com", &json!({"Fn::Join": ["", source]}));
            self.add(format!("{}LambdaPermissionHttpApi", names::function(function)), permission, Some(location));
            let integration = format!("HttpApiIntegration{}", names::function(function));
            let payload = truthy(&settings, &["payload"]).cloned().unwrap_or(json!("2.0"));
            let properties = json!({
                "ApiId": api, "IntegrationType": "AWS_PROXY", "IntegrationUri": Self::target(function), "PayloadFormatVersion": payload,
                "TimeoutInMillis": 30000,
            });
            self.add(
                integration.clone(),
                json!({"Type": "AWS::ApiGatewayV2::Integration", "Properties": properties}),
                Some(location),
            );
            let (id, route) =
                if key == "*" { ("Default".to_owned(), "$default") } else { (names::path(key), key.as_str()) };
            let target = json!({"Fn::Join": ["/", ["integrations", {"Ref": integration}]]});
            let properties = json!({"ApiId": api, "RouteKey": route, "Target": target});
            self.add(
                format!("HttpApiRoute{id}"),
                json!({"Type": "AWS::ApiGatewayV2::Route", "Properties": properties, "DependsOn": integration}),
                Some(location),
            );
        }
    }
}

fn cors_of(cors: &Value, methods: &[&str]) -> Value {
    let listed =
        |key: &str| at(cors, &[key]).map(|value| if value.is_array() { value.clone() } else { json!([value]) });
    let mut all = vec!["OPTIONS"];
    for method in methods {
        let spelt: &[&str] = if *method == "ANY" {
            &["GET", "POST", "PUT", "PATCH", "HEAD", "DELETE"]
        } else {
            std::slice::from_ref(method)
        };
        all.extend(spelt.iter().filter(|method| !all.contains(method)).copied().collect::<Vec<_>>());
    }
    let mut result = json!({
        "AllowHeaders": listed("allowedHeaders").unwrap_or_else(|| json!(HEADERS)),
        "AllowMethods": listed("allowedMethods").unwrap_or_else(|| json!(all)),
        "AllowOrigins": listed("allowedOrigins").unwrap_or_else(|| json!(["*"])),
    });
    set(&mut result, "AllowCredentials", truthy(cors, &["allowCredentials"]).cloned());
    set(&mut result, "ExposeHeaders", listed("exposedResponseHeaders").filter(|list| !items(Some(list)).is_empty()));
    set(&mut result, "MaxAge", at(cors, &["maxAge"]).cloned());
    result
}
