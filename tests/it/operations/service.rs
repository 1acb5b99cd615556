//! STS, SSM, Lambda and CloudFormation.

use aws_config::SdkConfig;
use aws_sdk_cloudformation::types::StackStatus;
use aws_sdk_lambda::types::LogType;
use aws_sdk_ssm::types::{ParameterType, ResourceTypeForTagging, Tag};

use super::{Driven, drive};

pub(super) async fn parameters(settings: &SdkConfig, driven: &mut Driven) {
    let sts = aws_sdk_sts::Client::new(settings);
    let identity = drive!(driven, "sts" "GetCallerIdentity", sts.get_caller_identity());
    assert_eq!(identity.account(), Some("123456789012"));
    let ssm = aws_sdk_ssm::Client::new(settings);
    let put = ssm.put_parameter().name("/a/b").value("v").r#type(ParameterType::String);
    assert_eq!(drive!(driven, "ssm" "PutParameter", put).version, 1);
    let got = drive!(driven, "ssm" "GetParameter", ssm.get_parameter().name("/a/b"));
    assert_eq!(got.parameter.unwrap().value(), Some("v"));
    let got = drive!(driven, "ssm" "GetParameters", ssm.get_parameters().names("/a/b").names("/c"));
    assert_eq!((got.parameters().len(), got.invalid_parameters()), (1, &["/c".to_owned()][..]));
    let got = drive!(driven, "ssm" "GetParametersByPath", ssm.get_parameters_by_path().path("/a"));
    assert_eq!(got.parameters().len(), 1);
    let got = drive!(driven, "ssm" "GetParameterHistory", ssm.get_parameter_history().name("/a/b"));
    assert_eq!(got.parameters().len(), 1);
    assert_eq!(drive!(driven, "ssm" "DescribeParameters", ssm.describe_parameters()).parameters().len(), 1);
    let kind = ResourceTypeForTagging::Parameter;
    let tag = Tag::builder().key("k").value("v").build().unwrap();
    let add = ssm.add_tags_to_resource().resource_type(kind.clone()).resource_id("/a/b").tags(tag);
    drive!(driven, "ssm" "AddTagsToResource", add);
    let list = ssm.list_tags_for_resource().resource_type(kind.clone()).resource_id("/a/b");
    assert_eq!(drive!(driven, "ssm" "ListTagsForResource", list).tag_list()[0].value(), "v");
    let remove = ssm.remove_tags_from_resource().resource_type(kind).resource_id("/a/b").tag_keys("k");
    drive!(driven, "ssm" "RemoveTagsFromResource", remove);
    drive!(driven, "ssm" "DeleteParameter", ssm.delete_parameter().name("/a/b"));
    let gone = drive!(driven, "ssm" "DeleteParameters", ssm.delete_parameters().names("/a/b"));
    assert_eq!(gone.invalid_parameters().len(), 1);
}

pub(super) async fn functions(settings: &SdkConfig, driven: &mut Driven) {
    let lambda = aws_sdk_lambda::Client::new(settings);
    let names: Vec<String> = drive!(driven, "lambda" "ListFunctions", lambda.list_functions())
        .functions
        .unwrap_or_default()
        .into_iter()
        .filter_map(|function| function.function_name)
        .collect();
    assert_eq!(names, ["echo", "fails", "publishes"]);
    let got = drive!(driven, "lambda" "GetFunction", lambda.get_function().function_name("echo"));
    assert_eq!(got.configuration().and_then(|about| about.handler()), Some("handlers/echo.handler"));
    let about = lambda.get_function_configuration().function_name("echo");
    let arn = drive!(driven, "lambda" "GetFunctionConfiguration", about).function_arn.unwrap();
    let invoke = lambda.invoke().function_name("echo").log_type(LogType::Tail);
    let answer = drive!(driven, "lambda" "Invoke", invoke.payload(b"{\"a\": 1}".to_vec().into()));
    let body: serde_json::Value = serde_json::from_slice(answer.payload.unwrap().as_ref()).unwrap();
    assert_eq!((&body["event"]["a"], answer.status_code), (&1.into(), 200));
    assert!(answer.log_result.is_some());
    drive!(driven, "lambda" "ListTags", lambda.list_tags().resource(arn));
    let put = lambda.put_function_event_invoke_config().function_name("echo").maximum_retry_attempts(0);
    drive!(driven, "lambda" "PutFunctionEventInvokeConfig", put);
    let update = lambda.update_function_event_invoke_config().function_name("echo").maximum_event_age_in_seconds(60);
    drive!(driven, "lambda" "UpdateFunctionEventInvokeConfig", update);
    let get = lambda.get_function_event_invoke_config().function_name("echo");
    assert_eq!(drive!(driven, "lambda" "GetFunctionEventInvokeConfig", get).maximum_retry_attempts, Some(0));
    let list = lambda.list_function_event_invoke_configs().function_name("echo");
    let list = drive!(driven, "lambda" "ListFunctionEventInvokeConfigs", list);
    assert_eq!(list.function_event_invoke_configs().len(), 1);
    let delete = lambda.delete_function_event_invoke_config().function_name("echo");
    drive!(driven, "lambda" "DeleteFunctionEventInvokeConfig", delete);
}

pub(super) async fn stacks(settings: &SdkConfig, driven: &mut Driven) {
    let cloud = aws_sdk_cloudformation::Client::new(settings);
    let name = "shop-dev";
    let described = drive!(driven, "cloudformation" "DescribeStacks", cloud.describe_stacks().stack_name(name));
    assert_eq!(described.stacks()[0].stack_status(), Some(&StackStatus::CreateComplete));
    let listed = drive!(driven, "cloudformation" "ListStacks", cloud.list_stacks());
    assert_eq!(listed.stack_summaries()[0].stack_name(), Some(name));
    let exports = drive!(driven, "cloudformation" "ListExports", cloud.list_exports());
    assert!(exports.exports().iter().any(|export| export.name() == Some("rides")), "{exports:?}");
    let resources = cloud.describe_stack_resources().stack_name(name);
    let resources = drive!(driven, "cloudformation" "DescribeStackResources", resources);
    let is_topic = |kind: Option<&str>| kind == Some("AWS::SNS::Topic");
    assert!(resources.stack_resources().iter().any(|found| is_topic(found.resource_type())));
    let one = cloud.describe_stack_resource().stack_name(name).logical_resource_id("Topic");
    let one = drive!(driven, "cloudformation" "DescribeStackResource", one);
    assert!(is_topic(one.stack_resource_detail().and_then(|found| found.resource_type())));
    let list = cloud.list_stack_resources().stack_name(name);
    let list = drive!(driven, "cloudformation" "ListStackResources", list);
    assert!(list.stack_resource_summaries().iter().any(|found| is_topic(found.resource_type())));
    let events = cloud.describe_stack_events().stack_name(name);
    assert!(!drive!(driven, "cloudformation" "DescribeStackEvents", events).stack_events().is_empty());
    let template = drive!(driven, "cloudformation" "GetTemplate", cloud.get_template().stack_name(name));
    assert!(template.template_body().is_some_and(|body| body.contains("AWS::SNS::Topic")));
}
