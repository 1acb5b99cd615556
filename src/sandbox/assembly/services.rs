//! The services of a sandbox: made in the order in which they need each other, and listed for the wire.

use std::sync::Arc;

use crate::sandbox::account::Account;
use crate::sandbox::dynamodb::DynamoDb;
use crate::sandbox::front::Front;
use crate::sandbox::gateway::Gateway;
use crate::sandbox::interpreter::Interpreter;
use crate::sandbox::invoke::Invoke;
use crate::sandbox::lambda::{Lambda, LogSink};
use crate::sandbox::logs::Logs;
use crate::sandbox::service::Service;
use crate::sandbox::sns::Sns;
use crate::sandbox::sqs::Sqs;
use crate::sandbox::ssm::Ssm;
use crate::sandbox::sts::Sts;

/// All services of one sandbox.
#[derive(Clone)]
pub struct Services {
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
}

impl Services {
    pub(super) fn new(account: &Arc<Account>) -> Self {
        let own = || Arc::clone(account);
        let sqs = Arc::new(Sqs::new(own()));
        let logs = Arc::new(Logs::new(own()));
        let sink: Arc<dyn LogSink> = Arc::clone(&logs) as _;
        let lambda = Arc::new(Lambda::new(own(), sink, Arc::new(Interpreter::default())));
        let invoke: Arc<dyn Invoke> = Arc::clone(&lambda) as _;
        let sns = Arc::new(Sns::new(own(), Arc::clone(&sqs), Arc::clone(&invoke)));
        let topics: Arc<dyn Service> = Arc::clone(&sns) as _;
        lambda.connect(&sqs, Arc::downgrade(&topics));
        Self {
            dynamodb: Arc::new(DynamoDb::new(own())),
            gateway: Arc::new(Gateway::new(own(), invoke)),
            logs,
            sns,
            sqs,
            ssm: Arc::new(Ssm::new(own())),
            sts: Arc::new(Sts),
            lambda,
        }
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
            Arc::clone(&self.sts) as _,
        ]
    }

    /// Those that answer plain HTTP.
    pub(super) fn fronts(&self) -> Vec<Arc<dyn Front>> {
        vec![Arc::clone(&self.gateway) as _]
    }
}

impl std::fmt::Debug for Services {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.all().iter().map(|service| service.name())).finish()
    }
}
