//! Variables with values, messages about what is missing, and what is said about the rest. What the template looks like is compared with a
//! peer's in tests/it/template.rs.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::diagnostic::Place;
use crate::serverless::template::{Compiled, Lookups, Options, Problem, compile};

struct Deployed;

impl Lookups for Deployed {
    fn ssm(&self, region: &str, path: &str) -> Option<Value> {
        match (region, path) {
            ("eu-west-1", "/there/dev/URL") => Some(json!("https://there")),
            ("eu-central-1", "/there/dev/URL") => Some(json!("https://elsewhere")),
            ("eu-west-1", "/list") => Some(json!(["a", "b"])),
            _ => None,
        }
    }

    fn output(&self, region: &str, stack: &str, output: &str) -> Option<String> {
        (region == "eu-west-1" && stack == "fleet-dev" && output == "Url").then(|| "https://fleet".to_owned())
    }
}

fn options() -> Options {
    Options {
        account: "123456789012".to_owned(),
        instance_id: "17".to_owned(),
        environment: BTreeMap::from([("SET".to_owned(), "from env".to_owned()), ("FLAG".to_owned(), "1".to_owned())]),
        options: BTreeMap::from([("level".to_owned(), "debug".to_owned())]),
        parameters: BTreeMap::from([("given".to_owned(), "by hand".to_owned())]),
        ..Options::default()
    }
}

const FILES: &[(&str, &str)] = &[
    ("s/part.yml", "a: {b: in yaml, c: '${self:custom.number}'}\n"),
    ("s/part.json", "{\"n\": 5, \"list\": [1, 2]}"),
    ("s/part.txt", "plain"),
    ("s/part.js", "module.exports = {}"),
    ("shared.yml", "key: shared"),
    ("s/loop.yml", "x: ${file(loop.yml):y}\ny: ${file(loop.yml):x}\n"),
];

fn with(text: &str, options: &Options) -> Result<Compiled, Vec<Problem>> {
    let files = |path: &str| FILES.iter().find(|(name, _)| *name == path).map(|(_, text)| *text);
    compile("s/serverless.yml", text, &files, options, &Deployed)
}

const HEAD: &str = "service: demo\nprovider:\n  name: aws\n  region: eu-west-1\n  stage: dev\nparams:\n  default: {p: default, q: 7}\n  dev: {p: for dev}\n\
                    custom:\n  number: 3\n  flag: true\n  nothing: null\n  map: {dev: {v: deep}}\n  list: [first, second]\n  one: '${self:custom.two}'\n  two: one\n";

/// What a value comes to in an output of the stack, or the first problem.
fn value(written: &str) -> Result<Value, String> {
    let text = format!("{HEAD}resources: {{Outputs: {{X: {{Value: {written}}}}}}}\n");
    match with(&text, &options()) {
        Ok(compiled) => Ok(compiled.template["Outputs"]["X"]["Value"].clone()),
        Err(problems) => Err(problems[0].message.clone()),
    }
}

#[test]
fn variables_have_values_of_their_own_type() {
    let cases = [
        ("${self:custom.number}", json!(3)),
        ("'${self:custom.number}'", json!(3)),
        ("a${self:custom.number}", json!("a3")),
        ("${self:custom.flag}", json!(true)),
        ("${self:custom.map}", json!({"dev": {"v": "deep"}})),
        ("${self:custom.map.${sls:stage}.v}", json!("deep")),
        ("${self:custom.map.${self:provider.stage}.v}", json!("deep")),
        ("${self:custom.list.1}", json!("second")),
        ("${self:custom.one}", json!("one")),
        ("${self:service}-${self:provider.region}", json!("demo-eu-west-1")),
        ("${self:custom.nope, 'd'}", json!("d")),
        ("${self:custom.nope, 3}", json!(3)),
        ("${self:custom.nope, 1.5}", json!(1.5)),
        ("${self:custom.nope, true}", json!(true)),
        ("${self:custom.nope, self:custom.two}", json!("one")),
        ("${self:custom.nope, ${self:custom.two}}", json!("one")),
        ("${opt:stage, env:NOPE, 'dev'}", json!("dev")),
        ("${opt:level}", json!("debug")),
        ("${env:SET}", json!("from env")),
        ("${env:NOPE, null}", Value::Null),
        ("${sls:instanceId}", json!("17")),
        ("${aws:accountId}/${aws:region}", json!("123456789012/eu-west-1")),
        ("${param:p}", json!("for dev")),
        ("${param:q}", json!(7)),
        ("${param:given}", json!("by hand")),
        ("${param:nope, 'd'}", json!("d")),
        ("${ssm:/there/${sls:stage}/URL}", json!("https://there")),
        ("${ssm:/there/dev/URL~true}", json!("https://there")),
        ("${ssm(eu-central-1):/there/dev/URL}", json!("https://elsewhere")),
        ("${ssm.eu-central-1:/there/dev/URL}", json!("https://elsewhere")),
        ("${ssm:/list}", json!(["a", "b"])),
        ("${ssm:/gone/dev/x, 'd'}", json!("d")),
        ("${cf:fleet-${sls:stage}.Url}", json!("https://fleet")),
        ("${cf:gone-dev.Url, 'd'}", json!("d")),
        ("${file(part.yml):a.b}", json!("in yaml")),
        ("${file(./part.yml):a.c}", json!(3)),
        ("${file(part.json):n}", json!(5)),
        ("${file(part.json)}", json!({"n": 5, "list": [1, 2]})),
        ("${file(part.txt)}", json!("plain")),
        ("${file(../shared.yml):key}", json!("shared")),
        ("${file(gone.yml), 'd'}", json!("d")),
        ("${strToBool(${env:FLAG})}", json!(true)),
        ("!Sub '${AWS::Region}-${self:custom.two}'", json!({"Fn::Sub": "${AWS::Region}-one"})),
        (
            "!Join ['', [!Ref AWS::Region, '${self:custom.two}']]",
            json!({"Fn::Join": ["", [{"Ref": "AWS::Region"}, "one"]]}),
        ),
        ("\\${self:custom.two}", json!("${self:custom.two}")),
        ("0x1F", json!(31)),
        ("1_000", json!(1000)),
        ("3.0", json!(3)),
    ];
    for (written, expected) in cases {
        let written = if written.starts_with(['!', '\'']) {
            written.to_owned()
        } else {
            format!("\"{}\"", written.replace('\\', "\\\\"))
        };
        let written = if expected == json!(31) || expected == json!(1000) || written == "\"3.0\"" {
            written.replace('"', "")
        } else {
            written
        };
        assert_eq!(value(&written), Ok(expected), "{written}");
    }
}

#[test]
fn what_is_missing_says_what_to_do() {
    let cases = [
        ("${self:custom.nope}", "names `custom.nope`, which is not there"),
        ("${self:custom.nothing}", "which is empty"),
        ("${env:NOPE}", "the environment variable `NOPE` is not set"),
        ("${opt:nope}", "the option `--nope` was not given"),
        ("${param:nope}", "`params` says none for the stage `dev`"),
        ("${ssm:/gone/dev/URL}", "there is no SSM parameter `/gone/dev/URL` in eu-west-1"),
        ("${cf:gone-dev.Url}", "there is no stack `gone-dev` with an output `Url`"),
        ("${cf:gone}", "must name a stack and one of its outputs"),
        ("${file(gone.yml):a}", "there is no file `s/gone.yml`"),
        ("${file(part.js):a}", "is a program"),
        ("${file(loop.yml):x}", "lead back to itself"),
        ("${s3:bucket/key}", "does not read variables from `s3`"),
        ("${git:sha1}", "does not read variables from `git`"),
        ("${magic:x}", "no variable source `magic`"),
        ("${self:custom.nope, dev}", "`dev` stands without quotes"),
        ("a${self:custom.map}", "cannot be part of a text"),
        ("${strToBool(maybe)}", "must be given `true`"),
        ("#{x}", ""),
    ];
    for (written, part) in cases {
        match value(&format!("\"{written}\"")) {
            Err(message) => assert!(message.contains(part), "{written}: {message}"),
            Ok(value) => assert_eq!((part, value), ("", json!(written)), "{written}"),
        }
    }
}

#[test]
fn a_missing_value_points_at_the_variable_and_names_the_service_to_deploy_first() {
    let text = "service: wild-rydes\nprovider: {name: aws, region: eu-west-1}\nfunctions:\n  F:\n    handler: a.b\n    environment:\n      URL: ${self:custom.url}\n\
                custom:\n  url: x${ssm:/wild-rydes-ride-record/${sls:stage}/URL}\n  fleet: ${cf:wild-rydes-ride-fleet-${sls:stage}.RequestUnicornUrl}\n  own: ${ssm:/wild-rydes/dev/Topic}\n";
    let problems = with(text, &options()).unwrap_err();
    let seen: Vec<(usize, usize, Option<&str>)> = problems
        .iter()
        .map(|problem| {
            let place = Place::of(problem.location.as_ref().unwrap().span, text);
            (place.line, place.column, problem.deploy_first.as_deref())
        })
        .collect();
    assert_eq!(seen, [(9, 9, Some("wild-rydes-ride-record")), (10, 10, Some("wild-rydes-ride-fleet")), (11, 8, None)]);
    assert_eq!(
        problems[0].help.as_deref(),
        Some("Deploy `wild-rydes-ride-record` first, which writes the parameter `/wild-rydes-ride-record/dev/URL`.")
    );
    assert!(problems[2].help.as_deref().unwrap().contains("only its own deploy makes"));
}

#[test]
fn stage_and_region_come_from_options_first() {
    let named = |text: &str, stage: Option<&str>, region: Option<&str>| {
        let options = Options { stage: stage.map(str::to_owned), region: region.map(str::to_owned), ..options() };
        let compiled = with(text, &options).unwrap();
        (
            compiled.stack_name,
            compiled.region,
            compiled.warnings.iter().map(|warning| warning.message.clone()).collect::<Vec<_>>(),
        )
    };
    let bare = "service: a\nprovider: aws\n";
    assert_eq!(named(bare, None, None), ("a-dev".to_owned(), "us-east-1".to_owned(), vec![]));
    assert_eq!(named(bare, Some("prod"), Some("eu-west-1")), ("a-prod".to_owned(), "eu-west-1".to_owned(), vec![]));
    let both = "service: a\nprovider: {name: aws, stage: \"${opt:stage, env:SLS_STAGE, 'dev'}\", region: '${opt:region, env:SET}'}\n";
    assert_eq!(named(both, Some("prod"), Some("eu-west-1")), ("a-prod".to_owned(), "eu-west-1".to_owned(), vec![]));
    let deaf = "service: a\ncustom: {stage: \"${env:SLS_STAGE, 'dev'}\"}\nprovider: {name: aws, stage: '${self:custom.stage}'}\n";
    assert_eq!(named(deaf, Some("dev"), None).2, Vec::<String>::new());
    let (stack, _, warnings) = named(deaf, Some("prod"), None);
    assert_eq!((stack.as_str(), warnings.len()), ("a-prod", 1));
    assert!(warnings[0].contains("stays `dev`") && warnings[0].contains("`SLS_STAGE`"), "{}", warnings[0]);
}

#[test]
fn what_no_stack_can_be_made_of() {
    let cases = [
        ("service: [a]\nprovider: aws\n", "the service has no name"),
        ("service: a b\nprovider: aws\n", "no name for a service"),
        ("service: a\n", "the provider is not `aws`"),
        ("- a\n", "the file is a list"),
        ("a: *x\n", ""),
        (
            "service: a\nprovider: {name: aws, stage: '${self:custom.s}'}\ncustom: {s: '${self:provider.stage}'}\n",
            "leads back to itself",
        ),
        ("service: a\nprovider: {name: aws, stage: a/b}\n", "comes to `a/b`, which is no stage"),
        ("service: a\nprovider: aws\nfunctions: x\n", "`functions` is text"),
        ("service: a\nprovider: aws\nfunctions: {f: x}\n", "the function `f` is text"),
        ("service: a\nprovider: aws\nfunctions: {f: {}}\n", "has no `handler`"),
        (
            "service: a\nprovider: aws\nfunctions: {f: {handler: a.b, events: [http: /ride]}}\n",
            "needs a method and a path",
        ),
        (
            "service: a\nprovider: aws\nfunctions: {f: {handler: a.b, events: [sns: {arn: !Ref T}]}}\nresources: {Resources: {T: {Type: AWS::SNS::Topic}}}\n",
            "has no `topicName`",
        ),
        (
            "service: a\nprovider: aws\nfunctions: {f: {handler: a.b, destinations: {onFailure: nobody}}}\n",
            "neither an ARN nor a function",
        ),
        ("service: a\nprovider: aws\nresources: {Resources: {T: {Properties: {}}}}\n", "`T` has no `Type`"),
        ("service: a\nprovider: aws\nresources: {Resources: {T: null}}\n", "`T` is empty"),
        (
            "service: a\nprovider: aws\nresources: {Resources: {my-t: {Type: AWS::SNS::Topic}}}\n",
            "more than letters and digits",
        ),
        (
            "service: a\nprovider: aws\nresources: {Resources: {T: {Type: X, Properties: {A: !Ref Gone}}}}\n",
            "`Gone` is no resource",
        ),
        (
            "service: a\nprovider: aws\nresources: {Outputs: {T: {Value: !Sub '${Gone.Arn}'}}}\n",
            "`Gone` is no resource",
        ),
        (
            "service: a\nprovider: aws\nresources: {Resources: {T: {Type: X, DependsOn: U}, U: {Type: X, DependsOn: T}}}\n",
            "in a ring",
        ),
        ("service: a\nprovider: aws\nresources: {extensions: {Gone: {Condition: X}}}\n", "`extensions` names `Gone`"),
        ("service: a\nprovider: aws\nresources: [x]\n", "neither a mapping"),
    ];
    for (text, part) in cases {
        let problems = with(text, &options()).map(|_| ()).unwrap_err();
        assert!(problems[0].message.contains(part), "{text}: {problems:?}");
    }
}

#[test]
fn what_is_left_out_is_named() {
    let text = "service: a\nprovider: {name: aws, runtime: python3.13}\nplugins: [serverless-python-requirements, serverless-domain-manager, serverless-iam-roles-per-function]\n\
                functions:\n  F:\n    handler: a.b\n    iamRoleStatements: [{Effect: Allow, Action: sns:Publish, Resource: '*'}]\n    events: [schedule: rate(1 day), sqs: 'arn:aws:sqs:x', http: GET /a]\n\
                \x20 G:\n    handler: a.c\n";
    let compiled = with(text, &options()).unwrap();
    let skipped: Vec<&str> = compiled.skipped.iter().map(|remark| remark.message.as_str()).collect();
    assert_eq!(
        skipped,
        [
            "the plugin `serverless-python-requirements` is skipped: functions run with the companion's own set of packages",
            "the plugin `serverless-domain-manager` is skipped: plugins are not run",
            "the event `schedule` of `F` is not run in the sandbox",
            "the event `sqs` of `F` is not run in the sandbox",
        ]
    );
    assert!(compiled.skipped.iter().all(|remark| remark.location.is_some()));
    let role = |function: &str| compiled.template["Resources"][function]["Properties"]["Role"]["Fn::GetAtt"][0].clone();
    assert_eq!(
        (role("FLambdaFunction"), role("GLambdaFunction")),
        (json!("FIamRoleLambdaExecution"), json!("IamRoleLambdaExecution"))
    );
    let keys: Vec<(&str, &str)> =
        compiled.functions.iter().map(|function| (function.name.as_str(), function.handler.as_str())).collect();
    assert_eq!(keys, [("a-dev-F", "a.b"), ("a-dev-G", "a.c")]);
}

#[test]
fn the_old_plugin_for_pseudo_parameters_is_done_without() {
    let text = "service: a\nprovider: aws\nplugins: [serverless-pseudo-parameters]\nresources: {Outputs: {X: {Value: 'arn:#{AWS::Region}:#{AWS::AccountId}'}}}\n";
    let compiled = with(text, &options()).unwrap();
    assert_eq!(compiled.template["Outputs"]["X"]["Value"], json!({"Fn::Sub": "arn:${AWS::Region}:${AWS::AccountId}"}));
}

#[test]
fn a_version_is_new_when_code_or_settings_are() {
    let id = |text: &str, hash: &str| {
        let compiled = with(text, &Options { code_hash: hash.to_owned(), ..options() }).unwrap();
        let resources = compiled.template["Resources"].as_object().unwrap().clone();
        resources.keys().find(|id| id.starts_with("FLambdaVersion")).unwrap().clone()
    };
    let text = "service: a\nprovider: aws\nfunctions: {F: {handler: a.b}}\n";
    assert_eq!(id(text, "1"), id(text, "1"));
    assert_ne!(id(text, "1"), id(text, "2"));
    assert_ne!(id(text, "1"), id(&text.replace("a.b", "a.c"), "1"));
}

#[test]
fn bombs_end() {
    let mut text = "service: demo\nprovider: aws\ncustom:\n  a0: ${env:SET}${env:SET}\n".to_owned();
    for n in 1..60 {
        text.push_str(&format!("  a{n}: ['${{self:custom.a{}}}', '${{self:custom.a{}}}']\n", n - 1, n - 1));
    }
    assert!(with(&text, &options()).is_err());
}

proptest! {
    #[test]
    fn any_configuration(lines in prop::collection::vec(
        prop::sample::select(vec![
            "service: x", "custom:", "  a: ${self:custom.b}", "  b: ${self:custom}", "  c: &c {x: 1}", "  d: *c", "  <<: *c",
            "provider:", "  name: aws", "  stage: ${self:custom.a, 'd'}", "  iamRoleStatements:", "    - Effect: Allow", "      Resource: !Ref T", "provider: aws",
            "functions:", "  F:", "    handler: ${file(part.yml):a.b}", "    handler: a.b", "    events:", "      - sns: ${ssm:/list}", "      - http: POST /a/{b",
            "      - http: {path: /, method: any, cors: {origins: [a], methods: x}}", "      - sns: {arn: 3, redrivePolicy: {deadLetterTargetArn: x}}",
            "    environment: ${self:}", "    destinations: {onFailure: 3}", "    onError: {a: 1}", "    role: [x]", "    timeout: x", "  - x",
            "resources:", "  Resources:", "    T:", "      Type: AWS::SNS::Topic", "      Properties: !Sub ['${a}', {a: !Ref T}]", "  - ${self:custom.c}",
            "    IamRoleLambdaExecution: x", "    IamRoleLambdaExecution: {Properties: [1]}", "  extensions: {T: {Properties: 3, DependsOn: [1]}}",
            "    P: {Type: AWS::SSM::Parameter, Properties: {Name: '${sls:stage', Value: !GetAtt P.Value}}", "plugins: [a, !Ref b, serverless-iam-roles-per-function]",
        ]), 0..28)) {
        let _ = with(&lines.join("\n"), &options());
    }
}
