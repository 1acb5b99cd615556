//! Functions, conditions and the order of resources.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::serverless::template::{Environment, Place, dependencies, evaluate, order, ssm_parameters};

fn place() -> Place {
    Place {
        region: "us-east-2".to_owned(),
        account: "123456789012".to_owned(),
        stack_name: "demo-dev".to_owned(),
        stack_id: "arn:aws:cloudformation:us-east-2:123456789012:stack/demo-dev/1".to_owned(),
    }
}

fn environment() -> Environment {
    let template = json!({
        "Parameters": {
            "Color": {"Type": "String", "Default": "gold"},
            "Zones": {"Type": "CommaDelimitedList", "Default": "a, b"},
            "Url": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/demo/dev/URL"},
        },
        "Mappings": {"Sizes": {"us-east-2": {"Small": 1, "List": ["x", "y"]}}},
        "Conditions": {
            "Golden": {"Fn::Equals": [{"Ref": "Color"}, "gold"]},
            "Plain": {"Fn::Not": [{"Condition": "Golden"}]},
            "Either": {"Fn::Or": [{"Condition": "Plain"}, {"Condition": "Golden"}]},
            "Both": {"Fn::And": [{"Condition": "Plain"}, {"Condition": "Golden"}]},
        },
    });
    let ssm = BTreeMap::from([("/demo/dev/URL".to_owned(), "https://x".to_owned())]);
    let exports = BTreeMap::from([("other-Arn".to_owned(), "arn:other".to_owned())]);
    let mut environment = Environment::of(&template, place(), ssm, exports).unwrap();
    environment.refs.insert("Topic".to_owned(), json!("arn:aws:sns:us-east-2:123456789012:t"));
    environment.attributes.insert(
        "Topic".to_owned(),
        BTreeMap::from([("TopicName".to_owned(), json!("t")), ("Outputs.Url".to_owned(), json!("u"))]),
    );
    environment
}

#[test]
fn functions_come_to() {
    let environment = environment();
    let cases = [
        (json!({"Ref": "Topic"}), json!("arn:aws:sns:us-east-2:123456789012:t")),
        (json!({"Ref": "AWS::Region"}), json!("us-east-2")),
        (json!({"Ref": "AWS::AccountId"}), json!("123456789012")),
        (json!({"Ref": "AWS::StackName"}), json!("demo-dev")),
        (json!({"Ref": "AWS::NoValue"}), Value::Null),
        (json!({"Ref": "Color"}), json!("gold")),
        (json!({"Ref": "Zones"}), json!(["a", "b"])),
        (json!({"Ref": "Url"}), json!("https://x")),
        (json!({"a": {"Ref": "AWS::NoValue"}, "b": [1, {"Ref": "AWS::NoValue"}]}), json!({"b": [1]})),
        (json!({"Fn::GetAtt": ["Topic", "TopicName"]}), json!("t")),
        (json!({"Fn::GetAtt": "Topic.Outputs.Url"}), json!("u")),
        (json!({"Fn::Sub": "a-${Topic.TopicName}-${ AWS::Region }-${!Kept}-$x"}), json!("a-t-us-east-2-${Kept}-$x")),
        (json!({"Fn::Sub": ["${A}${Color}${", {"A": {"Ref": "AWS::URLSuffix"}}]}), json!("amazonaws.comgold${")),
        (json!({"Fn::Sub": ["${Color}", {"Color": 3}]}), json!("3")),
        (json!({"Fn::Join": ["", ["https://", {"Ref": "Color"}, 1, true]]}), json!("https://gold1true")),
        (json!({"Fn::Join": [",", {"Fn::Split": ["/", "a/b"]}]}), json!("a,b")),
        (json!({"Fn::Select": [1, {"Fn::GetAZs": ""}]}), json!("us-east-2b")),
        (json!({"Fn::Select": ["0", ["x"]]}), json!("x")),
        (json!({"Fn::If": ["Golden", "yes", {"Ref": "Nowhere"}]}), json!("yes")),
        (json!([{"Fn::If": ["Plain", "yes", {"Ref": "AWS::NoValue"}]}]), json!([])),
        (json!({"Fn::ImportValue": {"Fn::Sub": "other-Arn"}}), json!("arn:other")),
        (json!({"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "Small"]}), json!(1)),
        (json!({"Fn::FindInMap": ["Sizes", "x", "Small", {"DefaultValue": 9}]}), json!(9)),
        (json!({"Fn::Base64": "rides"}), json!("cmlkZXM=")),
        (json!({"Fn::Length": {"Ref": "Zones"}}), json!(2)),
        (json!({"Fn::ToJsonString": {"a": {"Ref": "Color"}}}), json!("{\"a\":\"gold\"}")),
        (json!("{{resolve:ssm:/demo/dev/URL:1}}/ride"), json!("https://x/ride")),
        (json!({"Condition": {"StringEquals": {"a": "b"}}}), json!({"Condition": {"StringEquals": {"a": "b"}}})),
        (json!({"Statement": [{"Condition": "free text"}]}), json!({"Statement": [{"Condition": "free text"}]})),
    ];
    for (written, expected) in cases {
        assert_eq!(evaluate(&written, &environment).map_err(|error| error.message), Ok(expected), "{written}");
    }
    let held: Vec<(&str, bool)> = environment.conditions.iter().map(|(name, holds)| (name.as_str(), *holds)).collect();
    assert_eq!(held, [("Both", false), ("Either", true), ("Golden", true), ("Plain", false)]);
    assert!(environment.is_wanted(&json!({"Condition": "Golden"})).unwrap());
    assert!(!environment.is_wanted(&json!({"Condition": "Plain"})).unwrap());
}

#[test]
fn what_cannot_be_computed_says_why() {
    let environment = environment();
    let cases = [
        (json!({"Ref": "Nowhere"}), "`Ref` names `Nowhere`"),
        (json!({"Ref": ["x"]}), "`Ref` takes the name"),
        (json!({"Fn::GetAtt": ["Nowhere", "Arn"]}), "`Fn::GetAtt` names `Nowhere`"),
        (json!({"Fn::GetAtt": ["Topic", "Arn"]}), "`Topic` has no attribute `Arn`"),
        (json!({"Fn::GetAtt": "Topic"}), "`Fn::GetAtt` takes"),
        (json!({"Fn::Sub": "${Nowhere}"}), "`Ref` names `Nowhere`"),
        (json!({"Fn::Sub": {"a": 1}}), "`Fn::Sub` takes"),
        (json!({"Fn::Sub": "${Zones}"}), "where a list stands"),
        (json!({"Fn::Join": ["-", "x"]}), "`Fn::Join` takes"),
        (json!({"Fn::Select": [7, ["a"]]}), "item 7 of a list of 1"),
        (json!({"Fn::If": ["Unknown", 1, 2]}), "no condition `Unknown`"),
        (json!({"Fn::ImportValue": "gone"}), "no stack exports `gone`"),
        (json!({"Fn::FindInMap": ["Sizes", "a", "b"]}), "Sizes → a → b"),
        (json!({"Fn::Split": ["", "x"]}), "not empty"),
        (json!({"Fn::Cidr": ["10.0.0.0/8", 1, 1]}), "does not compute the function `Fn::Cidr`"),
        (json!("{{resolve:ssm:/gone}}"), "no SSM parameter `/gone`"),
    ];
    for (written, part) in cases {
        let error = evaluate(&written, &environment).unwrap_err();
        assert!(error.message.contains(part), "{written}: {error}");
    }
}

#[test]
fn conditions_and_parameters_that_cannot_be_known() {
    let cases = [
        (
            json!({"Conditions": {"A": {"Fn::Not": [{"Condition": "B"}]}, "B": {"Fn::Not": [{"Condition": "A"}]}}}),
            "leads back to itself",
        ),
        (json!({"Conditions": {"A": {"Fn::Not": [{"Condition": "B"}]}}}), "no condition `B`"),
        (json!({"Conditions": {"A": {"Fn::Equals": [{"Ref": "Topic"}, "x"]}}}), "`Ref` names `Topic`"),
        (json!({"Conditions": {"A": "x"}}), "neither true nor false"),
        (json!({"Parameters": {"P": {"Type": "String"}}}), "`P` has no `Default`"),
        (
            json!({"Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/x"}}}),
            "no SSM parameter `/x`",
        ),
    ];
    for (template, part) in cases {
        let error = Environment::of(&template, place(), BTreeMap::new(), BTreeMap::new()).unwrap_err();
        assert!(error.message.contains(part), "{template}: {error}");
    }
}

#[test]
fn parameters_that_cloudformation_reads_itself() {
    let template = json!({
        "Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a"}, "Q": {"Type": "String", "Default": "/no"}},
        "Resources": {"T": {"Properties": {"X": ["{{resolve:ssm:/b:2}}-{{resolve:ssm-secure:/c}}", "{{resolve:secretsmanager:d}}"]}}},
    });
    assert_eq!(ssm_parameters(&template).into_iter().collect::<Vec<_>>(), ["/a", "/b", "/c"]);
}

#[test]
fn resources_come_after_what_they_name() {
    let template = json!({"Resources": {
        "Url": {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Fn::Sub": "https://${Api}/${AWS::Region}/${Bound}"}}},
        "Function": {"DependsOn": ["Logs"], "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Topic": {"Ref": "Topic"}}},
        "Logs": {}, "Role": {"Properties": {"Policies": [{"Fn::If": ["C", {"Fn::GetAtt": "Table.Arn"}, {"Ref": "AWS::NoValue"}]}]}},
        "Api": {"DependsOn": "Function"}, "Topic": {}, "Table": {},
    }});
    assert_eq!(order(&template).unwrap(), ["Logs", "Table", "Role", "Topic", "Function", "Api", "Url"]);
    assert_eq!(dependencies(&template)["Function"].iter().collect::<Vec<_>>(), ["Logs", "Role", "Topic"]);
    assert_eq!(order(&json!({})).unwrap(), Vec::<String>::new());
}

#[test]
fn a_ring_is_named() {
    let template = json!({"Resources": {
        "A": {"Properties": {"X": {"Ref": "B"}}}, "B": {"Properties": {"X": {"Fn::GetAtt": ["C", "Arn"]}}},
        "C": {"Properties": {"X": {"Fn::Sub": "${B}"}}}, "D": {"DependsOn": "D"},
    }});
    assert_eq!(order(&template).unwrap_err().message, "resources depend on each other in a ring: B → C → B");
    let alone = json!({"Resources": {"D": {"DependsOn": "D"}}});
    assert_eq!(order(&alone).unwrap_err().message, "resources depend on each other in a ring: D → D");
}

#[test]
fn long_chains_and_bombs_end() {
    let mut resources = serde_json::Map::new();
    for n in 0..20_000 {
        resources.insert(format!("R{n}"), json!({"DependsOn": format!("R{}", n + 1)}));
    }
    assert_eq!(order(&json!({"Resources": resources})).unwrap().len(), 20_000);
    let mut bomb = json!("xxxxxxxxxxxxxxxx");
    for _ in 0..24 {
        bomb = json!({"Fn::Sub": ["${a}${a}", {"a": bomb}]});
    }
    assert!(evaluate(&bomb, &environment()).is_err());
    let mut deep = json!("x");
    for _ in 0..400 {
        deep = json!([deep]);
    }
    assert!(evaluate(&deep, &environment()).is_err());
}

fn any_template() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "A",
        "B",
        "AWS::Region",
        "AWS::NoValue",
        "C.Arn",
        "x",
        "${A}",
        "${A.Arn}${!b}",
        "{{resolve:ssm:/x}}",
        "${",
    ]);
    let leaf = prop_oneof![name.prop_map(|text| json!(text)), Just(json!(1)), Just(json!(null)), Just(json!(true))];
    let function = prop::sample::select(vec![
        "Ref",
        "Fn::GetAtt",
        "Fn::Sub",
        "Fn::Join",
        "Fn::Select",
        "Fn::Split",
        "Fn::If",
        "Fn::Equals",
        "Fn::And",
        "Fn::Not",
        "Condition",
        "Fn::FindInMap",
        "Fn::Base64",
        "Fn::ImportValue",
        "Resources",
        "Properties",
        "DependsOn",
        "A",
        "B",
        "Conditions",
        "Parameters",
        "Default",
    ]);
    leaf.prop_recursive(5, 40, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((function.clone(), inner), 0..3).prop_map(|entries| {
                Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_template_ends(template in any_template()) {
        let _ = evaluate(&template, &environment());
        let _ = order(&template);
        let _ = order(&json!({"Resources": template}));
        let _ = Environment::of(&template, place(), BTreeMap::new(), BTreeMap::new());
        let _ = Environment::of(&json!({"Conditions": template}), place(), BTreeMap::new(), BTreeMap::new());
        let _ = ssm_parameters(&template);
    }
}
