//! What asks a program to end: Ctrl-C, SIGTERM, a closed terminal.

/// The signals, noticed from now on.
#[cfg(unix)]
pub(super) struct Signals([tokio::signal::unix::Signal; 3]);

#[cfg(unix)]
impl Signals {
    /// Notices them in place of ending at once. Needs a runtime.
    pub(super) fn install() -> anyhow::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let all = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];
        let [Ok(terminate), Ok(interrupt), Ok(hangup)] = all.map(signal) else {
            anyhow::bail!("the system does not let this program notice signals");
        };
        Ok(Self([terminate, interrupt, hangup]))
    }

    /// Waits for one of them.
    pub(super) async fn end(&mut self) {
        let [terminate, interrupt, hangup] = &mut self.0;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

/// The signals, noticed from now on.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Notices them in place of ending at once. Needs a runtime.
    pub(super) fn install() -> anyhow::Result<Self> {
        Ok(Self)
    }

    /// Waits for one of them.
    pub(super) async fn end(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
