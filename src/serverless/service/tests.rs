//! What variables come to, included files, and limits.

use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Service {
    with_files(text, &[])
}

fn with_files(text: &str, files: &[(&'static str, &'static str)]) -> Service {
    let files = |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| *text);
    Service::parse("s/serverless.yml", text, &files).unwrap_or_else(|error| panic!("{error:?}"))
}

/// What `custom.x` comes to, shown as a person would write it.
fn value(text: &str) -> String {
    let service = parse(text);
    service.text(service.at(&["custom", "x"]).unwrap()).map_or("nothing".to_owned(), |text| text.to_string())
}

#[test]
fn variables_come_to() {
    let cases = [
        ("${self:custom.a}", "one"),
        ("${self:custom.a}-${self:custom.n}", "one-3"),
        ("${self:service}", "demo"),
        ("${self:service.name}", "demo"),
        ("${self:custom.list.1}", "second"),
        ("${self:custom.nope, 'fallback'}", "fallback"),
        ("${self:custom.nope, self:custom.a}", "one"),
        ("${self:custom.nope, ${self:custom.a}}", "one"),
        ("${self:custom.null, 'fallback'}", "fallback"),
        ("${self:custom.byStage.${self:provider.stage}.v}", "for dev"),
        ("${self:custom.byStage.${opt:stage, 'x'}.v}", "for dev"),
        ("/a/${self:provider.stage}/b", "/a/STAGE/b"),
        ("/a/${self:custom.stage}/b", "/a/STAGE/b"),
        ("/a/${opt:stage, env:SLS_STAGE, 'dev'}/b", "/a/STAGE/b"),
        ("/a/${sls:stage}/b", "/a/STAGE/b"),
        ("/a/${env:SLS_STAGE}/b", "/a/STAGE/b"),
        ("/a/${env:MY_STAGE}/b", "/a/STAGE/b"),
        ("${self:provider.region}", "REGION"),
        ("${aws:region}/${aws:accountId}", "REGION/ACCOUNT"),
        ("${env:OTHER, 'd'}", "${env:OTHER}"),
        ("${ssm:/a/${self:custom.stage}/b~true}", "${ssm:/a/STAGE/b}"),
        ("${cf:s-${sls:stage}.Out}", "${cf:s-STAGE.Out}"),
        ("!Sub '${AWS::Region}-${Name}-${Name.Arn}-${!Kept}'", "REGION-Ref Name-GetAtt Name.Arn-${Kept}"),
        ("!Join ['-', [a, !Ref B, '${sls:stage}']]", "a-Ref B-STAGE"),
        ("!Select [1, !Split ['/', 'a/b/c']]", "b"),
        ("!If [C, same, same]", "same"),
        ("{'Fn::ImportValue': !Sub 'a-${AWS::Region}'}", "ImportValue a-REGION"),
        ("!Ref AWS::NoValue", "nothing"),
        ("'{{resolve:ssm:/a/${sls:stage}:3}}'", "${ssm:/a/STAGE}"),
        ("!Ref AWS::StackName", "demo-STAGE"),
        ("\\${self:custom.a}", "${self:custom.a}"),
        ("${self:custom.loop}", "its variables lead back to itself"),
        ("${self:custom.nope}", "${self:custom.nope} names `custom.nope`, which is not there"),
    ];
    for (written, expected) in cases {
        let text = format!(
            "service: demo\nprovider:\n  stage: ${{self:custom.stage}}\n  region: us-east-1\ncustom:\n  stage: ${{opt:stage, env:MY_STAGE, 'dev'}}\n  a: one\n  n: 3\n  \
             'null':\n  list: [first, second]\n  byStage: {{dev: {{v: for dev}}}}\n  loop: ${{self:custom.pool}}\n  pool: ${{self:custom.loop}}\n  x: {written}\n"
        );
        assert_eq!(value(&text), expected, "{written}");
    }
}

#[test]
fn the_old_pseudo_parameters_plugin() {
    let text = "service: demo\nplugins: [serverless-pseudo-parameters]\ncustom:\n  x: 'arn:aws:sns:#{AWS::Region}:#{AWS::AccountId}:x'\n";
    let service = parse(text);
    let text = service.at(&["custom", "x"]).unwrap().as_text().unwrap();
    assert_eq!(text.to_string(), "arn:aws:sns:REGION:ACCOUNT:x");
}

#[test]
fn included_files() {
    let files = [
        (
            "s/parts/topic.yml",
            "Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: ${self:custom.name}\n",
        ),
        ("s/functions.yml", "F:\n  handler: a.b\n"),
        ("shared.json", "{\"key\": {\"deep\": \"v\"}}"),
    ];
    let text = "service: demo\ncustom:\n  name: rides\n  x: ${file(../shared.json):key.deep}\n  y: ${file(./gone.yml), 'd'}\nfunctions:\n  - ${file(functions.yml)}\nresources:\n  - ${file(./parts/topic.yml)}\n";
    let service = with_files(text, &files);
    let topic = service.resources.get("T").unwrap();
    assert_eq!(&*topic.key.location.file, "s/parts/topic.yml");
    assert_eq!(topic.property("DisplayName").unwrap().as_str(), Some("rides"));
    assert!(service.functions.get("F").is_some());
    assert_eq!(service.at(&["custom", "x"]).unwrap().as_str(), Some("v"));
    let broken = |path: &str| (path == "s/functions.yml").then_some("a: *\n");
    let finding = Service::parse("s/serverless.yml", text, &broken).map(|_| ()).unwrap_err();
    assert_eq!((finding.code, finding.file.as_deref()), ("RY002", Some("s/functions.yml")));
}

#[test]
fn a_stage_that_leads_in_circles_is_known() {
    let service =
        parse("service: a\nprovider: {stage: '${self:custom.stage}'}\ncustom: {stage: '${self:provider.stage}'}\n");
    assert!(service.stage.cycle.is_some());
}

#[test]
fn variable_bombs_end() {
    let mut text = "service: demo\ncustom:\n  a0: ${ssm:/x}${ssm:/y}\n".to_owned();
    for n in 1..60 {
        text.push_str(&format!("  a{n}: ${{self:custom.a{}}}${{self:custom.a{}}}\n", n - 1, n - 1));
    }
    for n in 1..300 {
        text.push_str(&format!("  l{n}: ['${{self:custom.l{}}}', '${{self:custom.l{}}}']\n", n + 1, n + 1));
    }
    text.push_str("  l300: x\n");
    let _ = parse(&text);
}

proptest! {
    #[test]
    fn any_configuration(lines in prop::collection::vec(
        prop::sample::select(vec![
            "service: x", "custom:", "  a: ${self:custom.b}", "  b: ${self:custom}", "  c: &c {x: 1}", "  d: *c", "  <<: *c",
            "provider:", "  stage: ${self:custom.a, 'd'}", "  iamRoleStatements:", "    - Effect: Allow", "      Action: sns:*", "      Resource: !Ref T",
            "functions:", "  F:", "    handler: ${file(x.yml):y}", "    events:", "      - sns: ${ssm:/a}", "      - http: POST", "    environment: ${self:}",
            "resources:", "  Resources:", "    T:", "      Type: AWS::SNS::Topic", "      Properties: !Sub ['${a}', {a: !Ref T}]", "  - ${self:custom.c}",
            "    P: {Type: AWS::SSM::Parameter, Properties: {Name: '${sls:stage', Value: !GetAtt P.Value}}",
        ]), 0..24)) {
        let text = lines.join("\n");
        let files = |path: &str| (path == "s/x.yml").then_some("y: ${file(x.yml):z}\nz: ${file(x.yml):y}\n");
        let _ = Service::parse("s/serverless.yml", &text, &files);
    }
}
