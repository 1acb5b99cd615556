//! Looks at what is deployed, so that the tasks that ask for it can be graded.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::UnboundedSender;

use super::Setup;
use crate::check::Deployments;
use crate::cloud::{Reach, Rides, look_at_sandbox, stage};
use crate::sandbox::DEFAULT_REGION;
use crate::tui::message::Message;

/// What was seen last, shared between the host, which looks, and whoever grades.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// One look at a time: an older one must not overwrite a newer one.
    turn: Arc<tokio::sync::Mutex<()>>,
    last: Arc<Mutex<Option<Deployments>>>,
}

impl Standing {
    /// What was seen last; none if there is no sandbox.
    pub fn last(&self) -> Option<Deployments> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes what is seen now; true if it is something else than before.
    pub(super) fn put(&self, seen: Option<Deployments>) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = *last != seen;
        *last = seen;
        is_new
    }
}

/// Looks, and tells if something changed.
pub(super) async fn look(
    reach: Arc<Reach>,
    setup: Setup,
    standing: Standing,
    rides: Rides,
    messages: UnboundedSender<Message>,
) {
    let _turn = standing.turn.lock().await;
    let region = setup.region.as_deref().unwrap_or(DEFAULT_REGION);
    let found = look_at_sandbox(&setup.root, &reach, region, &stage(setup.stage.as_deref()), rides).await;
    if standing.put(Some(found)) {
        let _ = messages.send(Message::Looked);
    }
}
