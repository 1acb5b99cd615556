//! APIs: their pieces have ids, and together they are what the gateway answers.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use super::Made;
use crate::sandbox::deploy::stack::{Resource, Stack};
use crate::sandbox::gateway::{Api, Cors, Route};

pub(super) fn is_api(kind: &str) -> bool {
    kind == "AWS::ApiGateway::RestApi" || kind == "AWS::ApiGatewayV2::Api"
}

pub(super) fn create(kind: &str) -> Made {
    // Ids of APIs are ten letters and digits in lower case.
    let random = Uuid::new_v4().simple().to_string();
    if is_api(kind) {
        Made::new(&random[..10]).with("RootResourceId", &random[10..16]).with("RestApiId", &random[..10])
    } else {
        Made::new(&random[..6])
    }
}

/// What the gateway answers for a stack: REST APIs, then HTTP APIs.
pub(in crate::sandbox::deploy) fn apis(stack: &Stack) -> (Vec<Api>, Vec<Api>) {
    let of = |kind: &str| stack.resources.values().filter(move |resource| resource.kind == kind).collect::<Vec<_>>();
    let rest = of("AWS::ApiGateway::RestApi").into_iter().map(|api| Api {
        id: api.physical.clone(),
        name: api.properties["Name"].as_str().unwrap_or(&stack.name).to_owned(),
        stage: rest_stage(stack, &api.physical),
        routes: rest_routes(stack, &api.physical),
    });
    let http = of("AWS::ApiGatewayV2::Api").into_iter().map(|api| Api {
        id: api.physical.clone(),
        name: api.properties["Name"].as_str().unwrap_or(&stack.name).to_owned(),
        stage: "$default".to_owned(),
        routes: http_routes(stack, &api.physical),
    });
    (rest.collect(), http.collect())
}

fn belongs(resource: &Resource, member: &str, id: &str) -> bool {
    resource.properties[member].as_str() == Some(id)
}

fn rest_stage(stack: &Stack, id: &str) -> String {
    let named = stack.resources.values().filter(|resource| {
        matches!(resource.kind.as_str(), "AWS::ApiGateway::Stage" | "AWS::ApiGateway::Deployment")
            && belongs(resource, "RestApiId", id)
    });
    named.filter_map(|resource| resource.properties["StageName"].as_str()).next().unwrap_or(&stack.stage).to_owned()
}

fn rest_routes(stack: &Stack, id: &str) -> Vec<Route> {
    let pieces: BTreeMap<&str, &Resource> = stack
        .resources
        .values()
        .filter(|resource| resource.kind == "AWS::ApiGateway::Resource" && belongs(resource, "RestApiId", id))
        .map(|resource| (resource.physical.as_str(), resource))
        .collect();
    let methods: Vec<&Resource> = stack
        .resources
        .values()
        .filter(|resource| resource.kind == "AWS::ApiGateway::Method" && belongs(resource, "RestApiId", id))
        .collect();
    let place = |method: &Resource| method.properties["ResourceId"].as_str().unwrap_or_default().to_owned();
    let preflight = |at: &str| {
        let options = methods.iter().find(|method| {
            place(method) == at
                && method.properties["HttpMethod"] == "OPTIONS"
                && method.properties["Integration"]["Type"] == "MOCK"
        })?;
        Some(cors(&options.properties["Integration"]))
    };
    let route = |method: &&Resource| {
        let function = function_of(method.properties["Integration"]["Uri"].as_str()?)?;
        let at = place(method);
        Some(Route {
            method: method.properties["HttpMethod"].as_str().unwrap_or("ANY").to_uppercase(),
            path: path(&pieces, &at),
            function,
            cors: preflight(&at),
        })
    };
    methods.iter().filter_map(route).collect()
}

/// `/record/{id}` from the chain of path parts that ends at `at`.
fn path(pieces: &BTreeMap<&str, &Resource>, at: &str) -> String {
    let mut parts = Vec::new();
    let mut at = at;
    // No chain is longer than there are pieces: a ring ends here.
    while let Some(piece) = pieces.get(at).filter(|_| parts.len() <= pieces.len()) {
        parts.push(piece.properties["PathPart"].as_str().unwrap_or_default());
        at = piece.properties["ParentId"].as_str().unwrap_or_default();
    }
    parts.reverse();
    format!("/{}", parts.join("/"))
}

/// The ARN of the function in the URI of an integration.
fn function_of(uri: &str) -> Option<String> {
    let (_, rest) = uri.split_once("/functions/")?;
    Some(rest.strip_suffix("/invocations").unwrap_or(rest).to_owned())
}

/// What the mock of `OPTIONS` answers.
fn cors(integration: &Value) -> Cors {
    let parameters = integration["IntegrationResponses"][0]["ResponseParameters"].as_object();
    let header = |name: &str| {
        let value = parameters?.get(&format!("method.response.header.Access-Control-{name}"))?.as_str()?;
        Some(value.trim_matches('\'').to_owned())
    };
    let list = |text: String| text.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>();
    let default = Cors::default();
    Cors {
        origins: header("Allow-Origin").map_or(default.origins, list),
        headers: header("Allow-Headers").map_or(default.headers, list),
        methods: header("Allow-Methods").map_or(default.methods, list),
        allow_credentials: header("Allow-Credentials").as_deref() == Some("true"),
        max_age: header("Max-Age").and_then(|age| age.parse().ok()),
    }
}

fn http_routes(stack: &Stack, id: &str) -> Vec<Route> {
    let of = |kind: &'static str| {
        stack.resources.values().filter(move |resource| resource.kind == kind && belongs(resource, "ApiId", id))
    };
    let integrations: BTreeMap<&str, &str> = of("AWS::ApiGatewayV2::Integration")
        .filter_map(|resource| Some((resource.physical.as_str(), resource.properties["IntegrationUri"].as_str()?)))
        .collect();
    let route = |resource: &Resource| {
        let key = resource.properties["RouteKey"].as_str()?;
        let (method, path) = key.split_once(' ').unwrap_or(("ANY", "/{proxy+}"));
        let target = resource.properties["Target"].as_str()?.rsplit('/').next()?;
        let uri = *integrations.get(target)?;
        Some(Route {
            method: method.to_uppercase(),
            path: path.to_owned(),
            function: function_of(uri).unwrap_or_else(|| uri.to_owned()),
            cors: None,
        })
    };
    of("AWS::ApiGatewayV2::Route").filter_map(route).collect()
}
