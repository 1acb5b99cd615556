//! The clock of the sandbox: it can run faster than the one on the wall, so that a retry after two minutes can be watched.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// Time as the sandbox has it. Timestamps of events are the wall's as long as the speed is 1.
#[derive(Debug)]
pub struct Clock {
    origin: Mutex<Origin>,
    speed: watch::Sender<f64>,
}

#[derive(Clone, Copy, Debug)]
struct Origin {
    wall: Instant,
    /// Sandbox time since the epoch at `wall`.
    time: Duration,
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl Clock {
    /// A clock that runs `speed` times as fast as the wall's.
    pub fn new(speed: f64) -> Self {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            origin: Mutex::new(Origin { wall: Instant::now(), time }),
            speed: watch::channel(speed.clamp(0.01, 100_000.0)).0,
        }
    }

    /// Since the epoch.
    pub fn now(&self) -> Duration {
        let origin = *self.origin.lock().unwrap_or_else(PoisonError::into_inner);
        origin.time + origin.wall.elapsed().mul_f64(*self.speed.borrow())
    }

    /// Milliseconds since the epoch, as AWS's timestamps.
    pub fn millis(&self) -> i64 {
        i64::try_from(self.now().as_millis()).unwrap_or(i64::MAX)
    }

    /// How many times as fast as the wall's.
    pub fn speed(&self) -> f64 {
        *self.speed.borrow()
    }

    /// Runs at another speed from now on; waits in progress follow.
    pub fn set_speed(&self, speed: f64) {
        let now = self.now();
        *self.origin.lock().unwrap_or_else(PoisonError::into_inner) = Origin { wall: Instant::now(), time: now };
        self.speed.send_replace(speed.clamp(0.01, 100_000.0));
    }

    /// Jumps ahead, for tests; waits in progress follow.
    #[cfg(test)]
    pub fn advance(&self, span: Duration) {
        self.origin.lock().unwrap_or_else(PoisonError::into_inner).time += span;
        let speed = self.speed();
        self.speed.send_replace(speed);
    }

    /// Waits for a span of sandbox time, also when the speed changes meanwhile.
    pub async fn sleep(&self, span: Duration) {
        let until = self.now() + span;
        let mut speed = self.speed.subscribe();
        loop {
            let left = until.saturating_sub(self.now());
            if left.is_zero() {
                return;
            }
            let wait = left.div_f64(*speed.borrow_and_update());
            tokio::select! {
                () = tokio::time::sleep(wait) => return,
                _ = speed.changed() => {}
            }
        }
    }
}
