//! From the text of `serverless.yml` to a template, step by step.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::build::{Build, at};
use super::compiled::{Compiled, Remark};
use super::core::stack_tags;
use super::document;
use super::known::{Known, unresolved};
use super::options::{Lookups, Options, Problem};
use super::source;
use crate::serverless::variables::{Chain, resolve_with};
use crate::serverless::yaml::{Location, Node, read};

/// Files of the workshop folder, by their path from it.
type Files<'f, 'a> = &'f dyn Fn(&str) -> Option<&'a str>;

/// The stage of a service that names none.
const DEFAULT_STAGE: &str = "dev";
/// The region of a service that names none: Serverless' own default.
const DEFAULT_REGION: &str = "us-east-1";

/// Compiles the configuration `text` at `path`. `files` gives the text of other files in the workshop folder, for `${file(…)}`.
///
/// # Errors
/// All that keeps the service from being deployed, in the order of the file where that is known; never empty.
pub fn compile<'a>(
    path: &str,
    text: &str,
    files: Files<'_, 'a>,
    options: &Options,
    lookups: &dyn Lookups,
) -> Result<Compiled, Vec<Problem>> {
    let file: Arc<str> = Arc::from(path);
    let place = |span| Some(Location { file: Arc::clone(&file), span });
    let raw =
        read(&file, text).map_err(|error| vec![Problem::at(place(error.span), error.message).help(error.help)])?;
    if raw.as_map().is_none() {
        return Err(vec![Problem::at(
            place(raw.location.span),
            format!("the file is {} where Serverless wants a mapping", raw.kind()),
        )]);
    }
    let service = service_name(&raw)?;
    let known = Known {
        options,
        lookups,
        service: &service,
        stage: options.stage.clone().unwrap_or_else(|| DEFAULT_STAGE.to_owned()),
        region: options.region.clone().unwrap_or_else(|| DEFAULT_REGION.to_owned()),
        missing: RefCell::default(),
    };
    let resolution = Resolution { raw: &raw, text, path: &file, files };
    // What the stage is must be known before anything that asks for it.
    let stage = resolution.scalar("stage", &known)?;
    let known = Known {
        stage: options.stage.clone().or_else(|| stage.clone()).unwrap_or_else(|| DEFAULT_STAGE.to_owned()),
        missing: RefCell::default(),
        ..known
    };
    let region = resolution.scalar("region", &known)?;
    let known = Known {
        region: options.region.clone().or_else(|| region.clone()).unwrap_or_else(|| DEFAULT_REGION.to_owned()),
        missing: RefCell::default(),
        ..known
    };
    let root = resolution.resolve(&raw, &known)?;
    let Some(config) = document::json(&root) else {
        return Err(vec![Problem::at(
            place(raw.location.span),
            "the configuration grows past all reason once its variables and aliases are written out",
        )]);
    };
    let mut warnings = stage_warnings(&raw, options, stage.as_deref(), &known.stage);
    let mut build = build(&root, &config, &service, &known.stage, &known.region, options)?;
    build.plugins(&config);
    build.bucket();
    build.log_groups();
    build.role();
    build.own_roles();
    build.compile_functions();
    build.rest_api();
    build.http_api();
    build.topics();
    build.other_events();
    build.exports();
    let template = build.with_additions(config.get("resources").unwrap_or(&Value::Null));
    if !build.problems.is_empty() {
        return Err(build.problems);
    }
    warnings.append(&mut build.warnings);
    let stack_name = at(&build.provider, &["stackName"]).and_then(Value::as_str).map(ToOwned::to_owned);
    Ok(Compiled {
        stack_name: stack_name.unwrap_or_else(|| format!("{}-{}", build.service, build.stage)),
        stack_tags: stack_tags(&build.provider),
        service: build.service,
        stage: build.stage,
        region: build.region,
        template,
        functions: build.functions,
        places: build.places,
        skipped: build.skipped,
        warnings,
    })
}

fn service_name(raw: &Arc<Node>) -> Result<String, Vec<Problem>> {
    let node = raw.get("service").map(|service| service.get("name").unwrap_or(service));
    let name = node.and_then(|node| node.as_text()).and_then(|text| text.as_literal().map(ToOwned::to_owned));
    let location = node.map(|node| node.location.clone());
    match name {
        Some(name) if name.contains("${") || is_name(&name) => Ok(name),
        Some(name) => Err(vec![
            Problem::at(location, format!("`{name}` is no name for a service"))
                .help("Letters, digits and `-`, a letter first."),
        ]),
        None => Err(vec![
            Problem::at(location, "the service has no name").help("Write `service: wild-rydes` in the first column."),
        ]),
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

struct Resolution<'r, 'a> {
    raw: &'r Arc<Node>,
    text: &'r str,
    path: &'r Arc<str>,
    files: Files<'r, 'a>,
}

impl Resolution<'_, '_> {
    /// `provider.stage` or `provider.region`, if it is there.
    fn scalar(&self, key: &str, known: &Known) -> Result<Option<String>, Vec<Problem>> {
        let Some(node) = self.raw.at(&["provider", key]) else { return Ok(None) };
        let chain = Chain::follow(self.raw, &format!("provider.{key}"));
        if chain.cycle.is_some() {
            let problem = Problem::at(chain.cycle, format!("`provider.{key}` leads back to itself"));
            return Err(vec![problem.help("Write a value at one of the places that name each other.")]);
        }
        let resolved = self.resolve(node, known)?;
        let text = resolved.as_text().and_then(|text| text.as_literal().map(ToOwned::to_owned));
        match text.filter(|text| !text.is_empty()) {
            Some(text) if text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) => Ok(Some(text)),
            Some(text) => Err(vec![
                Problem::at(
                    Some(node.location.clone()),
                    format!("`provider.{key}` comes to `{text}`, which is no {key}"),
                )
                .help("Letters, digits, `-` and `_`."),
            ]),
            None => Ok(None),
        }
    }

    /// `part` with its variables resolved.
    fn resolve(&self, part: &Arc<Node>, known: &Known) -> Result<Arc<Node>, Vec<Problem>> {
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let root = resolve_with(self.raw, part, folder, self.files, known).map_err(|finding| {
            let file = finding.file.as_deref().map(Arc::<str>::from);
            let location = file.zip(finding.span).map(|(file, span)| Location { file, span });
            vec![Problem { help: finding.help.clone(), ..Problem::at(location, finding.message.clone()) }]
        })?;
        let mut problems: BTreeMap<String, Problem> = BTreeMap::new();
        let mut order = Vec::new();
        let missing = known.missing.borrow();
        for (symbol, location) in document::symbols(&root) {
            let reason = unresolved(&symbol);
            let details = missing.get(&reason).cloned().unwrap_or_default();
            let text = if location.file == *self.path { Some(self.text) } else { (self.files)(&location.file) };
            // Others lead to it: the place that counts is where the variable itself is written.
            let exact = source::within(&location, &details.written, text).filter(|_| !details.written.is_empty());
            if !problems.contains_key(&reason) {
                order.push(reason.clone());
            } else if exact.is_none() {
                continue;
            }
            let is_better = problems.get(&reason).is_none_or(|known| known.deploy_first.is_none() || exact.is_some());
            if is_better {
                let problem = Problem {
                    help: details.help,
                    deploy_first: details.deploy_first,
                    ..Problem::at(exact.or(Some(location)), reason.clone())
                };
                problems.insert(reason, problem);
            }
        }
        if order.is_empty() {
            return Ok(root);
        }
        Err(order.iter().filter_map(|reason| problems.remove(reason)).collect())
    }
}

/// Where `--stage` and what the file says part ways.
fn stage_warnings(raw: &Arc<Node>, options: &Options, own: Option<&str>, stage: &str) -> Vec<Remark> {
    let (Some(given), Some(own)) = (options.stage.as_deref(), own) else { return Vec::new() };
    if given == own {
        return Vec::new();
    }
    let chain = Chain::follow(raw, "provider.stage");
    let how = match chain.environment.first() {
        Some(variable) => format!("set the environment variable `{variable}` instead"),
        None => "write `${opt:stage, 'dev'}` there".to_owned(),
    };
    let message = format!(
        "`--stage {given}` names the stack, and the file takes its stage from elsewhere: `${{self:provider.stage}}` stays `{own}`, so names made from \
         it are those of `{own}`. To deploy all of it to `{stage}`, {how}"
    );
    vec![Remark { message, location: raw.at(&["provider", "stage"]).map(|node| node.location.clone()) }]
}

fn build<'o>(
    root: &Arc<Node>,
    config: &Value,
    service: &str,
    stage: &str,
    region: &str,
    options: &'o Options,
) -> Result<Build<'o>, Vec<Problem>> {
    let resolved =
        root.get("service").map(|service| service.get("name").unwrap_or(service)).and_then(|node| node.as_text());
    let service =
        resolved.and_then(|text| text.as_literal().map(ToOwned::to_owned)).unwrap_or_else(|| service.to_owned());
    if !is_name(&service) {
        let location = root.get("service").map(|node| node.location.clone());
        return Err(vec![Problem::at(location, format!("`{service}` is no name for a service"))]);
    }
    let provider = config.get("provider").cloned().unwrap_or(Value::Null);
    if provider.as_str().or_else(|| at(&provider, &["name"])?.as_str()) != Some("aws") {
        let location = root.get("provider").map(|node| node.location.clone());
        return Err(vec![
            Problem::at(location, "the provider is not `aws`").help("Write `name: aws` below `provider:`."),
        ]);
    }
    let mut provider = if provider.is_object() { provider } else { json!({}) };
    let individually = at(config, &["package", "individually"]).cloned();
    super::build::set(&mut provider, "__individually", individually);
    let mut build = Build {
        options,
        service,
        stage: stage.to_owned(),
        region: region.to_owned(),
        root: Arc::clone(root),
        provider,
        declared: Vec::new(),
        resources: Map::new(),
        outputs: Map::new(),
        functions: Vec::new(),
        places: BTreeMap::new(),
        skipped: Vec::new(),
        warnings: Vec::new(),
        problems: Vec::new(),
    };
    build.declare();
    Ok(build)
}

impl Build<'_> {
    /// Reads `functions`: a mapping, or a list of mappings of which later ones win.
    fn declare(&mut self) {
        let Some(functions) = self.root.get("functions").cloned() else { return };
        let parts = functions.as_list().map_or_else(|| vec![functions.clone()], <[_]>::to_vec);
        for part in parts.iter().filter(|part| !part.is_null()) {
            let Some(map) = part.as_map() else {
                let message = format!("`functions` is {} where Serverless wants a mapping of names", part.kind());
                self.problems.push(Problem::at(Some(part.location.clone()), message));
                continue;
            };
            for entry in &map.entries {
                let location = entry.key_location.clone();
                if entry.value.as_map().is_none() {
                    let message = format!("the function `{}` is {}", entry.key, entry.value.kind());
                    self.problems.push(Problem::at(Some(location), message).help("It needs a `handler`."));
                    continue;
                }
                if !entry.key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
                    || entry.key.is_empty()
                {
                    let message = format!("`{}` is no name for a function", entry.key);
                    self.problems.push(Problem::at(Some(location), message).help("Letters, digits, `-` and `_`."));
                    continue;
                }
                let Some(value) = document::json(&entry.value) else { continue };
                self.declared.retain(|(name, _, _)| **name != *entry.key);
                self.declared.push((entry.key.to_string(), value, location));
            }
        }
    }

    /// Names the plugins, which are not run; the one for roles of functions is done without.
    fn plugins(&mut self, config: &Value) {
        let Some(node) = self.root.get("plugins").map(|plugins| plugins.get("modules").unwrap_or(plugins)).cloned()
        else {
            return;
        };
        for plugin in node.as_list().unwrap_or_default() {
            let Some(name) = plugin.as_str() else { continue };
            let why = match name {
                "serverless-iam-roles-per-function" => {
                    let settings = at(config, &["custom", name]).cloned().unwrap_or_else(|| json!({}));
                    super::build::set(&mut self.provider, "__perFunction", Some(settings));
                    continue;
                }
                // Its `#{AWS::Region}` is understood where variables are resolved.
                "serverless-pseudo-parameters" => continue,
                "serverless-python-requirements" => "functions run with the companion's own set of packages",
                _ => "plugins are not run",
            };
            let message = format!("the plugin `{name}` is skipped: {why}");
            self.skipped.push(Remark { message, location: Some(plugin.location.clone()) });
        }
    }
}
