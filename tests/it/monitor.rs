//! The feeds of the monitor on two clouds: the sandbox, and an implementation of AWS that is not ours.

/// A test that runs on both clouds.
macro_rules! on_both {
    ($sandbox:ident $moto:ident: $($name:ident => $body:ident)*) => {
        $(mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_the_sandbox() {
                let cloud = $crate::monitor::Cloud::$sandbox().await;
                $body(&cloud).await;
                cloud.close().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_moto() {
                let cloud = $crate::monitor::Cloud::$moto().await;
                $body(&cloud).await;
                cloud.close().await;
            }
        })*
    };
}

mod clouds;
mod faults;
mod killed;
mod logs;
mod table;
mod topic;
mod troubles;

pub(crate) use clouds::{Cloud, Seen};
