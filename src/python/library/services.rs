//! Names that boto3 knows: services, and what their clients and resources offer.

/// Services of `boto3.client`.
const SERVICES: &str = "
accessanalyzer account acm acm-pca aiops amp amplify amplifybackend amplifyuibuilder apigateway
apigatewaymanagementapi apigatewayv2 appconfig appconfigdata appfabric appflow appintegrations
application-autoscaling application-insights application-signals applicationcostprofiler appmesh
apprunner appstream appsync arc-region-switch arc-zonal-shift artifact athena auditmanager
autoscaling autoscaling-plans b2bi backup backup-gateway backupsearch batch bcm-dashboards bcm-data-
exports bcm-pricing-calculator bcm-recommended-actions bedrock bedrock-agent bedrock-agent-runtime
bedrock-agentcore bedrock-agentcore-control bedrock-data-automation bedrock-data-automation-runtime
bedrock-runtime billing billingconductor braket budgets ce chatbot chime chime-sdk-identity chime-
sdk-media-pipelines chime-sdk-meetings chime-sdk-messaging chime-sdk-voice cleanrooms cleanroomsml
cloud9 cloudcontrol clouddirectory cloudformation cloudfront cloudfront-keyvaluestore cloudhsm
cloudhsmv2 cloudsearch cloudsearchdomain cloudtrail cloudtrail-data cloudwatch codeartifact
codebuild codecatalyst codecommit codeconnections codedeploy codeguru-reviewer codeguru-security
codeguruprofiler codepipeline codestar-connections codestar-notifications cognito-identity cognito-
idp cognito-sync comprehend comprehendmedical compute-optimizer compute-optimizer-automation config
connect connect-contact-lens connectcampaigns connectcampaignsv2 connectcases connecthealth
connectparticipant controlcatalog controltower cost-optimization-hub cur customer-profiles databrew
dataexchange datapipeline datasync datazone dax deadline detective devicefarm devops-agent devops-
guru directconnect discovery dlm dms docdb docdb-elastic drs ds ds-data dsql dynamodb
dynamodbstreams ebs ec2 ec2-instance-connect ecr ecr-public ecs efs eks eks-auth elasticache
elasticbeanstalk elb elbv2 elementalinference emr emr-containers emr-serverless entityresolution es
events evs finspace finspace-data firehose fis fms forecast forecastquery frauddetector freetier fsx
gamelift gameliftstreams geo-maps geo-places geo-routes glacier globalaccelerator glue grafana
greengrass greengrassv2 groundstation guardduty health healthlake iam identitystore imagebuilder
importexport inspector inspector-scan inspector2 interconnect internetmonitor invoicing iot iot-data
iot-jobs-data iot-managed-integrations iotdeviceadvisor iotevents iotevents-data iotfleetwise
iotsecuretunneling iotsitewise iotthingsgraph iottwinmaker iotwireless ivs ivs-realtime ivschat
kafka kafkaconnect kendra kendra-ranking keyspaces keyspacesstreams kinesis kinesis-video-archived-
media kinesis-video-media kinesis-video-signaling kinesis-video-webrtc-storage kinesisanalytics
kinesisanalyticsv2 kinesisvideo kms lakeformation lambda launch-wizard lex-models lex-runtime
lexv2-models lexv2-runtime license-manager license-manager-linux-subscriptions license-manager-user-
subscriptions lightsail location logs lookoutequipment m2 machinelearning macie2 mailmanager
managedblockchain managedblockchain-query marketplace-agreement marketplace-catalog marketplace-
deployment marketplace-discovery marketplace-entitlement marketplace-reporting
marketplacecommerceanalytics mediaconnect mediaconvert medialive mediapackage mediapackage-vod
mediapackagev2 mediastore mediastore-data mediatailor medical-imaging memorydb meteringmarketplace
mgh mgn migration-hub-refactor-spaces migrationhub-config migrationhuborchestrator
migrationhubstrategy mpa mq mturk mwaa mwaa-serverless neptune neptune-graph neptunedata network-
firewall networkflowmonitor networkmanager networkmonitor notifications notificationscontacts nova-
act oam observabilityadmin odb omics opensearch opensearchserverless organizations osis outposts
panorama partnercentral-account partnercentral-benefits partnercentral-channel partnercentral-
selling payment-cryptography payment-cryptography-data pca-connector-ad pca-connector-scep pcs
personalize personalize-events personalize-runtime pi pinpoint pinpoint-email pinpoint-sms-voice
pinpoint-sms-voice-v2 pipes polly pricing proton qapps qbusiness qconnect quicksight ram rbin rds
rds-data redshift redshift-data redshift-serverless rekognition repostspace resiliencehub resource-
explorer-2 resource-groups resourcegroupstaggingapi rolesanywhere route53 route53-recovery-cluster
route53-recovery-control-config route53-recovery-readiness route53domains route53globalresolver
route53profiles route53resolver rtbfabric rum s3 s3control s3files s3outposts s3tables s3vectors
sagemaker sagemaker-a2i-runtime sagemaker-edge sagemaker-featurestore-runtime sagemaker-geospatial
sagemaker-metrics sagemaker-runtime savingsplans scheduler schemas sdb secretsmanager security-ir
securityagent securityhub securitylake serverlessrepo service-quotas servicecatalog servicecatalog-
appregistry servicediscovery ses sesv2 shield signer signer-data signin simpledbv2 simspaceweaver
sms-voice snow-device-management snowball sns socialmessaging sqs ssm ssm-contacts ssm-guiconnect
ssm-incidents ssm-quicksetup ssm-sap sso sso-admin sso-oidc stepfunctions storagegateway sts
supplychain support support-app sustainability swf synthetics taxsettings textract timestream-
influxdb timestream-query timestream-write tnb transcribe transfer translate trustedadvisor uxc
verifiedpermissions voice-id vpc-lattice waf waf-regional wafv2 wellarchitected wickr wisdom
workdocs workmail workmailmessageflow workspaces workspaces-instances workspaces-thin-client
workspaces-web xray
";

/// Services of `boto3.resource`.
const RESOURCES: &[&str] = &["cloudformation", "cloudwatch", "dynamodb", "ec2", "glacier", "iam", "s3", "sns", "sqs"];

/// What every client has.
const CLIENT: &str = "can_paginate close exceptions generate_presigned_url get_paginator get_waiter meta waiter_names";

/// Operations of `boto3.client('sns')`.
const SNS: &str = "
add_permission check_if_phone_number_is_opted_out confirm_subscription create_platform_application
create_platform_endpoint create_sms_sandbox_phone_number create_topic delete_endpoint
delete_platform_application delete_sms_sandbox_phone_number delete_topic get_data_protection_policy
get_endpoint_attributes get_platform_application_attributes get_sms_attributes
get_sms_sandbox_account_status get_subscription_attributes get_topic_attributes
list_endpoints_by_platform_application list_origination_numbers list_phone_numbers_opted_out
list_platform_applications list_sms_sandbox_phone_numbers list_subscriptions
list_subscriptions_by_topic list_tags_for_resource list_topics opt_in_phone_number publish
publish_batch put_data_protection_policy remove_permission set_endpoint_attributes
set_platform_application_attributes set_sms_attributes set_subscription_attributes
set_topic_attributes subscribe tag_resource unsubscribe untag_resource
verify_sms_sandbox_phone_number
";

/// Operations of `boto3.client('dynamodb')`.
const DYNAMODB: &str = "
batch_execute_statement batch_get_item batch_write_item create_backup create_global_table
create_table delete_backup delete_item delete_resource_policy delete_table describe_backup
describe_continuous_backups describe_contributor_insights describe_endpoints describe_export
describe_global_table describe_global_table_settings describe_import
describe_kinesis_streaming_destination describe_limits describe_table
describe_table_replica_auto_scaling describe_time_to_live disable_kinesis_streaming_destination
enable_kinesis_streaming_destination execute_statement execute_transaction
export_table_to_point_in_time get_item get_resource_policy import_table list_backups
list_contributor_insights list_exports list_global_tables list_imports list_tables
list_tags_of_resource put_item put_resource_policy query restore_table_from_backup
restore_table_to_point_in_time scan tag_resource transact_get_items transact_write_items
untag_resource update_continuous_backups update_contributor_insights update_global_table
update_global_table_settings update_item update_kinesis_streaming_destination update_table
update_table_replica_auto_scaling update_time_to_live
";

/// `boto3.resource('sns')`.
const SNS_RESOURCE: &str =
    "PlatformApplication PlatformEndpoint Subscription Topic create_platform_application create_topic
get_available_subresources meta platform_applications subscriptions topics";

/// `boto3.resource('dynamodb')`.
const DYNAMODB_RESOURCE: &str =
    "Table batch_get_item batch_write_item create_table get_available_subresources meta tables";

/// `boto3.resource('sns').Topic(…)`.
const TOPIC: &str =
    "add_permission arn attributes confirm_subscription delete get_available_subresources load meta publish
reload remove_permission set_attributes subscribe subscriptions";

/// `boto3.resource('dynamodb').Table(…)`.
const TABLE: &str = "archival_summary attribute_definitions batch_writer billing_mode_summary creation_date_time delete
delete_item deletion_protection_enabled get_available_subresources get_item global_secondary_indexes
global_table_settings_replication_mode global_table_version global_table_witnesses item_count key_schema
latest_stream_arn latest_stream_label load local_secondary_indexes meta multi_region_consistency name
on_demand_throughput provisioned_throughput put_item query reload replicas restore_summary scan sse_description
stream_specification table_arn table_class_summary table_id table_name table_size_bytes table_status update
update_item wait_until_exists wait_until_not_exists warm_throughput";

/// `table.batch_writer()`.
const BATCH: &str = "put_item delete_item";

/// A session.
const SESSION: &str = "available_profiles client events get_available_partitions get_available_regions
get_available_resources get_available_services get_credentials get_partition_for_region profile_name region_name
resource resource_factory";

/// Objects of boto3 whose attributes are known in full.
#[derive(Clone, Copy)]
pub(super) enum Has<'a> {
    Client(&'a str),
    Resource(&'a str),
    Topic,
    Table,
    Batch,
    Session,
}

impl Has<'_> {
    /// Whether the object has the attribute; none where that is not known.
    pub fn attribute(self, name: &str) -> Option<bool> {
        let own = match self {
            Self::Client("sns") => SNS,
            Self::Client("dynamodb") => DYNAMODB,
            Self::Resource("sns") => SNS_RESOURCE,
            Self::Resource("dynamodb") => DYNAMODB_RESOURCE,
            Self::Topic => TOPIC,
            Self::Table => TABLE,
            Self::Batch => BATCH,
            Self::Session => SESSION,
            Self::Client(_) | Self::Resource(_) => return None,
        };
        let general = if matches!(self, Self::Client(_)) { CLIENT } else { "" };
        Some(
            name.starts_with("__")
                || own.split_whitespace().chain(general.split_whitespace()).any(|known| known == name),
        )
    }

    /// The attribute that a wrong name was likely meant to be.
    pub fn meant(self, name: &str) -> Option<&'static str> {
        let likely: &[&'static str] = match self {
            Self::Client("sns") => &["publish", "publish_batch"],
            Self::Client("dynamodb") => &["put_item", "transact_write_items", "batch_write_item"],
            Self::Table | Self::Batch => &["put_item", "batch_writer"],
            Self::Topic => &["publish"],
            Self::Resource("sns") => &["Topic"],
            Self::Resource("dynamodb") => &["Table"],
            Self::Session => &["client", "resource"],
            Self::Client(_) | Self::Resource(_) => &[],
        };
        let flat = |text: &str| text.replace('_', "").to_lowercase();
        likely.iter().copied().find(|known| {
            let (known, name) = (flat(known), flat(name));
            strsim::levenshtein(&known, &name) <= 2
                || name.starts_with(&known)
                || name.len() > 2 && known.starts_with(&name)
        })
    }
}

/// Whether boto3 has a client, or a resource, for a service of this name.
pub(super) fn is_service(kind: &str, name: &str) -> bool {
    if kind == "resource" { RESOURCES.contains(&name) } else { SERVICES.split_whitespace().any(|known| known == name) }
}
