//! The services of a sandbox: made in the order in which they need each other, and listed for the wire.

use std::path::PathBuf;
use std::sync::Arc;

use crate::sandbox::account::Account;
use crate::sandbox::cloudformation::CloudFormation;
use crate::sandbox::deploy::{Answers, Deploy, Parts, Stacks};
use crate::sandbox::dynamodb::DynamoDb;
use crate::sandbox::front::Front;
use crate::sandbox::gateway::Gateway;
use crate::sandbox::interpreter::Interpreter;
use crate::sandbox::invoke::Invoke;
use crate::sandbox::lambda::Lambda;
use crate::sandbox::logs::Logs;
use crate::sandbox::service::Service;
use crate::sandbox::sns::Sns;
use crate::sandbox::sqs::Sqs;
use crate::sandbox::ssm::Ssm;
use crate::sandbox::sts::Sts;

/// All services of one sandbox.
#[derive(Clone)]
pub struct Services {
    /// CloudFormation, to be read.
    pub cloudformation: Arc<CloudFormation>,
    /// Deploys.
    pub deploy: Arc<Deploy>,
    /// DynamoDB and its streams.
    pub dynamodb: Arc<DynamoDb>,
    /// The API Gateway front.
    pub gateway: Arc<Gateway>,
    /// Lambda.
    pub lambda: Arc<Lambda>,
    /// CloudWatch Logs.
    pub logs: Arc<Logs>,
    /// SNS.
    pub sns: Arc<Sns>,
    /// SQS.
    pub sqs: Arc<Sqs>,
    /// SSM Parameter Store.
    pub ssm: Arc<Ssm>,
    /// STS.
    pub sts: Arc<Sts>,
    answers: Arc<Answers>,
}

impl Services {
    /// Services of `account`, whose deploys read the folders of services in `workspace`.
    pub(crate) fn new(account: &Arc<Account>, workspace: PathBuf) -> Self {
        let own = || Arc::clone(account);
        let logs = Arc::new(Logs::new(own()));
        let lambda = Arc::new(Lambda::new(own(), Arc::clone(&logs) as _, Interpreter::shared()));
        let invoke: Arc<dyn Invoke> = Arc::clone(&lambda) as _;
        let sqs = Arc::new(Sqs::new(own()));
        let sns = Arc::new(Sns::new(own(), Arc::clone(&sqs), Arc::clone(&invoke)));
        let topics: Arc<dyn Service> = Arc::clone(&sns) as _;
        lambda.connect(&sqs, Arc::downgrade(&topics));
        let gateway = Arc::new(Gateway::new(own(), invoke));
        let dynamodb = Arc::new(DynamoDb::new(own()));
        let ssm = Arc::new(Ssm::new(own()));
        let stacks = Arc::new(Stacks::default());
        let answers = Arc::new(Answers::default());
        let parts = Parts {
            ssm: Arc::clone(&ssm),
            sns: Arc::clone(&sns),
            sqs: Arc::clone(&sqs),
            dynamodb: Arc::clone(&dynamodb),
            logs: Arc::clone(&logs),
            lambda: Arc::clone(&lambda),
            gateway: Arc::clone(&gateway),
            stacks: Arc::clone(&stacks),
            answers: Arc::clone(&answers),
        };
        let deploy = Arc::new(Deploy::new(own(), parts, workspace));
        let cloudformation = Arc::new(CloudFormation::new(stacks));
        let sts = Arc::new(Sts);
        Self { cloudformation, deploy, dynamodb, gateway, lambda, logs, sns, sqs, ssm, sts, answers }
    }

    /// Those that speak AWS's protocols, the busiest first.
    pub(super) fn all(&self) -> Vec<Arc<dyn Service>> {
        vec![
            Arc::clone(&self.sns) as _,
            Arc::clone(&self.sqs) as _,
            Arc::clone(&self.dynamodb) as _,
            Arc::clone(&self.logs) as _,
            Arc::clone(&self.lambda) as _,
            Arc::clone(&self.ssm) as _,
            Arc::clone(&self.cloudformation) as _,
            Arc::clone(&self.sts) as _,
        ]
    }

    /// Those that answer plain HTTP.
    pub(super) fn fronts(&self) -> Vec<Arc<dyn Front>> {
        vec![Arc::clone(&self.gateway) as _, Arc::new(Arc::clone(&self.answers)) as _]
    }
}

impl std::fmt::Debug for Services {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.all().iter().map(|service| service.name())).finish()
    }
}
