//! `wild-rydes-ride-record`: two functions, two events.

use super::{judge, status, words};
use crate::check::Status::{self, Blocked, Fail, Pass, Warn};

type Case = (&'static str, Status, &'static str);

/// The service with `custom` and `functions` as a case writes them.
fn service(custom: &str, functions: &str) -> String {
    format!(
        "service: wild-rydes-ride-record\ncustom:\n  stage: ${{opt:stage, env:SLS_STAGE, 'dev'}}\n  sevrice_url_path_base: /record\n{custom}\n\
         provider:\n  name: aws\n  runtime: python3.6\n  stage: ${{self:custom.stage}}\n\
         {functions}\n\
         resources:\n  Resources:\n    RideRecordTable:\n      Type: AWS::DynamoDB::Table\n    UrlParam:\n      Type: AWS::SSM::Parameter\n      \
         Properties:\n        Type: String\n        Name: /x\n        Value: !Sub 'https://${{ApiGatewayRestApi}}.example'\n"
    )
}

fn table(code: &str, parameters: &str, cases: &[Case], build: impl Fn(&str) -> String) {
    let mut wrong = Vec::new();
    for (variant, expected, says) in cases {
        let findings = judge(code, parameters, "wild-rydes-ride-record", &build(variant));
        let said = words(&findings);
        if status(&findings) != *expected || !said.contains(says) {
            wrong
                .push(format!("{variant}\n--- expected {expected:?} {says:?}, found {:?}:\n{said}", status(&findings)));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
}

#[test]
fn function_handler() {
    let cases: &[Case] = &[
        ("functions:\n  PutRideRecordHttp:\n    handler: handlers/put_ride_record.handler_http", Pass, ""),
        ("functions:\n  PutRideRecordHttp: {handler: 'handlers/put_ride_record.handler_http'}", Pass, ""),
        ("functions:\n  - PutRideRecordHttp:\n      handler: handlers/put_ride_record.handler_http", Pass, ""),
        ("functions:\n  - ${self:custom.functions}\n", Pass, ""),
        ("functions: ${self:custom.functions}", Pass, ""),
        ("functions:\n  PutRideRecordHttp:\n    handler: handlers/${self:custom.module}.handler_http", Pass, ""),
        ("functions:\n  PutRideRecordHttp:\n    handler: handlers.put_ride_record.handler_http", Pass, ""),
        (
            "functions:\n  \"PutRideRecordHttp\":\n    \"handler\": \"handlers/put_ride_record.handler_http\"\n    timeout: 10",
            Pass,
            "",
        ),
        (
            "functions:\n    PutRideRecordHttp:\n          handler: >-\n            handlers/put_ride_record.handler_http",
            Pass,
            "",
        ),
        (
            "functions:\n  PutRideRecordHttp: &f\n    handler: handlers/put_ride_record.handler_http\n  PutRideRecordSns:\n    <<: *f\n    handler: handlers/put_ride_record.handler_sns",
            Pass,
            "",
        ),
        (
            "functions:\n  PutRideRecord:\n    handler: handlers/put_ride_record.handler_http",
            Fail,
            "still called `PutRideRecord`",
        ),
        (
            "functions:\n  PutRideRecordHTTP:\n    handler: handlers/put_ride_record.handler_http",
            Fail,
            "called `PutRideRecordHTTP`",
        ),
        (
            "functions:\n  PutRideRecordhttp:\n    handler: handlers/put_ride_record.handler_http",
            Fail,
            "called `PutRideRecordhttp`",
        ),
        (
            "functions:\n  PutRideRecordHttp:\n    handler: handlers/put_ride_record.handler",
            Fail,
            "should call `handler_http`",
        ),
        (
            "functions:\n  PutRideRecordHttp:\n    handler: handlers/put_ride_record.handler_sns",
            Fail,
            "should call `handler_http`",
        ),
        ("functions:\n  PutRideRecordHttp:\n    handler: handlers/put_ride_record.py", Fail, "`.py`"),
        ("functions:\n  PutRideRecordHttp:\n    handler: handlers/put_ride_record.py.handler_http", Fail, "`.py`"),
        ("functions:\n  PutRideRecordHttp:\n    handler: handlers/put_ride_record/handler_http", Fail, "a dot"),
        ("functions:\n  PutRideRecordHttp:\n    handler: handlers/put_ride_record:handler_http", Fail, "a dot"),
        ("functions:\n  PutRideRecordHttp:\n    handler: put_ride_record.handler_http", Fail, "folder is missing"),
        ("functions:\n  PutRideRecordHttp:\n    handler: handlers/put_ride_record", Fail, "module only"),
        ("functions:\n  PutRideRecordHttp:\n    handler: handlers/put_ride_records.handler_http", Fail, "should be"),
        ("functions:\n  PutRideRecordHttp:\n    handler:", Fail, "empty"),
        ("functions:\n  PutRideRecordHttp:\n    memorySize: 1", Fail, "no `handler`"),
        (
            "functions:\n  PutRideRecordHttp:\n    hander: handlers/put_ride_record.handler_http",
            Fail,
            "`hander` is not known",
        ),
        (
            "functions:\n  PutRideRecord:\n    handler: handlers/put_ride_record.handler\n  PutRideRecordHttp:\n    handler: handlers/put_ride_record.handler_http",
            Fail,
            "still there beside",
        ),
        (
            "functions:\n  Other:\n    handler: a.b\n    PutRideRecordHttp:\n      handler: handlers/put_ride_record.handler_http",
            Fail,
            "slipped inside the function `Other`",
        ),
        (
            "PutRideRecordHttp:\n  handler: handlers/put_ride_record.handler_http\nfunctions: {}",
            Fail,
            "at the top level",
        ),
        (
            "functions:\n  # PutRideRecordHttp:\n  #   handler: handlers/put_ride_record.handler_http\n  Other: {handler: a.b}",
            Fail,
            "commented out",
        ),
        ("functions:", Fail, "there is no function"),
        ("functions: ${file(functions.js)}", Blocked, "not certain"),
        ("functions:\n  PutRideRecordHttp:\n    handler: ${env:HANDLER}", Blocked, "not certain"),
        ("functions:\n  PutRideRecordHttp:\n    handler: ${self:custom.nope}", Fail, "cannot be worked out"),
    ];
    let custom = "  module: put_ride_record\n  functions:\n    PutRideRecordHttp:\n      handler: handlers/put_ride_record.handler_http";
    table("RY401", "", cases, |functions| {
        let custom = if functions.contains("custom.functions") { custom } else { "  module: put_ride_record" };
        service(custom, functions)
    });
    let sns = "function = 'PutRideRecordSns'\nhandler = 'handlers/put_ride_record.handler_sns'\nrenamed_from = ''";
    let cases: &[Case] = &[
        ("functions:\n  PutRideRecordSns:\n    handler: handlers/put_ride_record.handler_sns", Pass, ""),
        ("functions:\n  PutRideRecordHttp: {handler: a.b}", Fail, "there is no function `PutRideRecordSns`"),
        ("functions:\n  PutRideRecord: {handler: a.b}", Fail, "there is no function `PutRideRecordSns`"),
        ("functions:\n  PutRideRecordSNS: {handler: a.b}", Fail, "called `PutRideRecordSNS`"),
        ("functions:\n  PutRideRecordSns:\n    handler: handlers/put_ride_record.handler_http", Fail, "`handler_sns`"),
    ];
    table("RY401", sns, cases, |functions| service("", functions));
}

#[test]
fn http_event() {
    let cases: &[Case] = &[
        ("    events:\n      - http: POST /record", Pass, ""),
        ("    events:\n      - http: post record", Pass, ""),
        ("    events:\n      - http:\n          path: /record\n          method: post", Pass, ""),
        ("    events:\n    - http: {path: record, method: POST, cors: true}", Pass, ""),
        ("    events: [{http: 'POST /record'}]", Pass, ""),
        (
            "    events:\n      - http:\n          path: ${self:custom.sevrice_url_path_base}\n          method: post",
            Pass,
            "",
        ),
        ("    events:\n      - schedule: rate(1 day)\n      - http: POST /record", Pass, ""),
        ("    events:\n      - http: GET /health\n      - http: POST /record", Pass, ""),
        ("    events:\n      - http: &h\n          path: /record\n          method: post", Pass, ""),
        ("    events: ${self:custom.events}", Pass, ""),
        ("    events:\n      - http: ANY /record", Warn, "every method"),
        ("", Fail, "lost its HTTP event"),
        ("    events:", Fail, "lost its HTTP event"),
        ("    events: []", Fail, "lost its HTTP event"),
        ("    events:\n      - http: GET /record", Fail, "takes `GET`"),
        ("    events:\n      - http: POST /records", Fail, "at `/records`"),
        ("    events:\n      - http: POST /ride", Fail, "at `/ride`"),
        ("    events:\n      - http:\n          path: /record", Fail, "it was `POST`"),
        ("    events:\n      - http:\n        path: /record\n        method: post", Fail, ""),
        ("    events:\n      http:\n        path: /record\n        method: post", Fail, "a dash is missing"),
        ("    http:\n      path: /record\n      method: post", Fail, "directly under"),
        ("    event:\n      - http: POST /record", Fail, "`event` is not known"),
        ("    events:\n      - sns: x", Fail, "lost its HTTP event"),
        ("    events:\n      - httpApi: POST /record", Fail, "another kind of API"),
        (
            "    environment:\n      A: b\n      events:\n        - http: POST /record",
            Fail,
            "slipped inside `environment`",
        ),
        ("  Other:\n    handler: c.d\n    events:\n      - http: POST /record", Fail, "is on `Other`"),
        (
            "    events:\n      - http: POST /record\n  Other:\n    handler: c.d\n    events:\n      - http: POST /record",
            Fail,
            "same HTTP event",
        ),
        ("    events: ${file(events.js)}", Blocked, "not certain"),
        ("    events:\n      - http: POST /${env:PATH}", Blocked, "not certain"),
    ];
    table("RY402", "", cases, |events| {
        service(
            "  events:\n    - http: POST /record",
            &format!("functions:\n  PutRideRecordHttp:\n    handler: a.b\n{events}"),
        )
    });
    table("RY402", "", &[("functions:\n  PutRideRecord: {handler: a.b}", Fail, "still called")], |functions| {
        service("", functions)
    });
}

#[test]
fn sns_event() {
    let cases: &[Case] = &[
        ("    events:\n      - sns: ${self:custom.wild_rydes_sns_topic_arn}", Pass, ""),
        ("    events:\n      - sns: ${ssm:/wild-rydes/${self:provider.stage}/SnsTopicArn}", Pass, ""),
        ("    events:\n      - sns: ${ssm:/wild-rydes/${self:custom.stage}/SnsTopicArn~true}", Pass, ""),
        ("    events:\n      - sns: ${ssm(us-east-1):/wild-rydes/${sls:stage}/SnsTopicArn}", Pass, ""),
        ("    events:\n      - sns: ${ssm.us-east-1:/wild-rydes/${opt:stage, 'dev'}/SnsTopicArn}", Pass, ""),
        ("    events:\n      - sns:\n          arn: ${self:custom.wild_rydes_sns_topic_arn}", Pass, ""),
        ("    events:\n      - sns: {arn: '${self:custom.wild_rydes_sns_topic_arn}', topicName: rides}", Pass, ""),
        ("    events: [{sns: '${self:custom.wild_rydes_sns_topic_arn}'}]", Pass, ""),
        ("    events:\n    - sns: \"${ssm:/wild-rydes/${env:SLS_STAGE, 'dev'}/SnsTopicArn}\"", Pass, ""),
        ("    events:\n      - schedule: rate(1 day)\n      - sns: ${self:custom.nested.topic}", Pass, ""),
        ("    events:\n      - sns: ${ssm:/wild-rydes/dev/SnsTopicArn}", Warn, "written out as `dev`"),
        ("    events:\n      - sns: ${self:custom.wild_rydes_sns_topic_arn}\n      - sns: rides", Warn, "new topic"),
        ("    events:\n      - sns: RidesSnsTopic", Fail, "new topic called `RidesSnsTopic`"),
        ("    events:\n      - sns: wild_rydes_sns_topic_arn", Fail, "new topic"),
        ("    events:\n      - sns: arn:aws:sns:us-east-1:123456789012:rides", Fail, "written out"),
        ("    events:\n      - sns: /wild-rydes/dev/SnsTopicArn", Fail, "the parameter's name"),
        ("    events:\n      - sns: !Ref RidesSnsTopic", Fail, "resource of the other service"),
        ("    events:\n      - sns:\n          Ref: RidesSnsTopic", Fail, "resource of the other service"),
        ("    events:\n      - sns:\n          topicName: rides", Fail, "makes a new topic"),
        ("    events:\n      - sns:\n          arn: !Ref RidesSnsTopic", Fail, "topicName"),
        ("    events:\n      - sns: ${ssm:/wild-rydes/STAGE/SnsTopicArn}", Fail, "placeholder"),
        ("    events:\n      - sns: ${ssm:/wild-rydes/${self:provider.stage}/SnsTopicARN}", Fail, "capital letters"),
        ("    events:\n      - sns: ${ssm:wild-rydes/${self:provider.stage}/SnsTopicArn}", Fail, "no `/`"),
        ("    events:\n      - sns: ${ssm:/wild-rydes/${self:provider.stage}/URL}", Fail, "`URL`"),
        (
            "    events:\n      - sns: ${ssm:/${self:service}/${self:provider.stage}/SnsTopicArn}",
            Fail,
            "`wild-rydes-ride-record` where `wild-rydes` belongs",
        ),
        (
            "    events:\n      - sns: ${cf:wild-rydes-${self:custom.stage}.RidesSnsTopicArn}",
            Fail,
            "output of the other stack",
        ),
        ("    events:\n      - sns: ${self:custom.wild_rydes_sns_topic}", Fail, "not there"),
        ("    events:\n      - sns: '{{resolve:ssm:/wild-rydes/dev/SnsTopicArn}}'", Fail, "name of a new topic"),
        ("    events:\n      sns: ${self:custom.wild_rydes_sns_topic_arn}", Fail, "a dash is missing"),
        ("    sns: ${self:custom.wild_rydes_sns_topic_arn}", Fail, "directly under"),
        ("    events:\n      - sns:\n        arn: ${self:custom.wild_rydes_sns_topic_arn}", Fail, "empty"),
        ("    events:\n      - SNS: ${self:custom.wild_rydes_sns_topic_arn}", Fail, "small letters"),
        ("    events:\n      - http: POST /record", Fail, "has the event `http`"),
        ("    events:\n      # - sns: ${self:custom.wild_rydes_sns_topic_arn}", Fail, "commented out"),
        ("", Fail, "no `sns` event"),
        (
            "  PutRideRecordHttp:\n    handler: a.b\n    events:\n      - sns: ${self:custom.wild_rydes_sns_topic_arn}",
            Fail,
            "is on `PutRideRecordHttp`",
        ),
        ("    events:\n      - sns: ${env:TOPIC}", Blocked, "not certain"),
        ("    events: ${file(events.js)}", Blocked, "not certain"),
        (
            "    events:\n      - sns: {arn: '{{resolve:ssm:/wild-rydes/${sls:stage}/SnsTopicArn}}', topicName: rides}",
            Blocked,
            "not certain",
        ),
    ];
    let custom = "  wild_rydes_sns_topic_arn: ${ssm:/wild-rydes/${self:provider.stage}/SnsTopicArn}\n  nested: {topic: '${self:custom.wild_rydes_sns_topic_arn}'}";
    table("RY404", "", cases, |events| {
        service(custom, &format!("functions:\n  PutRideRecordSns:\n    handler: a.b\n{events}"))
    });
}

#[test]
fn table_variable() {
    let parameters = "service = 'wild-rydes-ride-record'\nfunction = 'PutRideRecordSns'\nvariable = 'DDB_TABLE_NAME'\nresource = 'RideRecordTable'";
    let cases: &[Case] = &[
        ("      DDB_TABLE_NAME: !Ref RideRecordTable", Pass, ""),
        ("      DDB_TABLE_NAME:\n        Ref: RideRecordTable", Pass, ""),
        ("      DDB_TABLE_NAME: !Sub '${RideRecordTable}'", Pass, ""),
        ("      DDB_TABLE_NAME: !GetAtt RideRecordTable.Arn", Fail, "its name is wanted"),
        ("      DDB_TABLE_NAME: RideRecordTable", Fail, "the text"),
        ("      DDB_TABLE: !Ref RideRecordTable", Fail, "called `DDB_TABLE`"),
        ("      A: b", Fail, "has no `DDB_TABLE_NAME`"),
    ];
    table("RY206", parameters, cases, |environment| {
        service("", &format!("functions:\n  PutRideRecordSns:\n    handler: a.b\n    environment:\n{environment}"))
    });
}

#[test]
fn stages_from_different_sources_are_said() {
    use super::find;
    use crate::check::{Evidence, Parameters};
    use crate::workshop::Source;
    let own = service(
        "",
        "functions:\n  PutRideRecordSns:\n    events:\n      - sns: ${ssm:/wild-rydes/${sls:stage}/SnsTopicArn}",
    );
    let other = "service: wild-rydes\nprovider: {stage: \"${env:SLS_STAGE, 'dev'}\"}\n";
    let files = [("wild-rydes-ride-record", own.as_str()), ("wild-rydes", other)];
    let files = files.map(|(folder, text)| (format!("{folder}/serverless.yml"), Source::Text(text.into())));
    let findings = (find("RY404").unwrap().judge)(&Evidence::new(files), &Parameters::default()).unwrap();
    assert_eq!(status(&findings), Pass);
    assert!(words(&findings).contains("from `--stage` or `SLS_STAGE`, the one that publishes from `SLS_STAGE`"));
}
