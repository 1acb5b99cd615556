//! How fast a feed asks: less often after each failure, and never more than its share of what AWS allows.

use std::time::Duration;

use tokio::time::Instant;

/// Pauses between attempts that grow, each drawn by lot below its bound, so that many clients do not come back at the same moment.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    least: Duration,
    most: Duration,
    failures: u32,
}

impl Backoff {
    /// The bound of the first pause, which doubles up to `most`.
    pub(super) fn new(least: Duration, most: Duration) -> Self {
        Self { least, most, failures: 0 }
    }

    /// An attempt went well.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// An attempt failed: how long to wait for the next one.
    pub(super) fn next(&mut self) -> Duration {
        let bound = self.bound();
        self.failures = self.failures.saturating_add(1);
        // At least a tenth: a lot of zero would be no pause at all.
        bound.mul_f64(0.1 + 0.9 * fastrand::f64())
    }

    fn bound(&self) -> Duration {
        self.least.saturating_mul(2_u32.saturating_pow(self.failures.min(20))).min(self.most)
    }
}

/// A share of a quota: fills at a steady rate, is drawn from by each call, and may go into debt when a call cost more than was thought.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    /// What it may fill by in a second.
    share: f64,
    /// What it fills by in a second now: less for a while after AWS said that it was too much.
    rate: f64,
    /// What it holds when it is full.
    size: f64,
    level: f64,
    filled: Instant,
}

/// The least part of its share that throttling leaves.
const LEAST: f64 = 1.0 / 16.0;
/// The part of its share by which it recovers in a second.
const RECOVERY: f64 = 1.0 / 60.0;

impl Bucket {
    /// A full one that fills by `share` a second up to `size`.
    pub(super) fn new(share: f64, size: f64) -> Self {
        Self { share, rate: share, size, level: size, filled: Instant::now() }
    }

    /// Draws; it may go below empty.
    pub(super) fn draw(&mut self, amount: f64) {
        self.fill();
        self.level -= amount;
    }

    /// How long until `amount` can be drawn without debt.
    pub(super) fn until(&mut self, amount: f64) -> Duration {
        self.fill();
        let missing = amount.min(self.size) - self.level;
        Duration::try_from_secs_f64(missing / self.rate).unwrap_or_default()
    }

    /// What it may fill by in a second.
    pub(super) fn share(&self) -> f64 {
        self.share
    }

    /// AWS said that it was too much: half as much from now on, until it recovers.
    pub(super) fn halve(&mut self) {
        self.fill();
        self.rate = (self.rate / 2.0).max(self.share * LEAST);
        self.level = self.level.min(0.0);
    }

    /// Another share from now on.
    pub(super) fn set_share(&mut self, share: f64, size: f64) {
        self.fill();
        self.rate *= share / self.share;
        (self.share, self.size) = (share, size);
        self.level = self.level.min(size);
    }

    fn fill(&mut self) {
        let passed = self.filled.elapsed().as_secs_f64();
        self.filled += Duration::try_from_secs_f64(passed).unwrap_or_default();
        self.level = (self.level + passed * self.rate).min(self.size);
        self.rate = (self.rate + passed * self.share * RECOVERY).min(self.share);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_bound_and_start_over_after_a_success() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(3));
        for bound in [100, 200, 400, 800, 1600, 3000, 3000] {
            let pause = backoff.next().as_millis();
            assert!(pause >= bound / 10 && pause <= bound, "{pause} of {bound}");
        }
        backoff.reset();
        assert!(backoff.next() <= Duration::from_millis(100));
        for _ in 0..1000 {
            backoff.next();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_share_is_kept_and_debts_are_paid() {
        let mut bucket = Bucket::new(5.0, 10.0);
        assert_eq!(bucket.until(10.0), Duration::ZERO);
        bucket.draw(10.0);
        assert_eq!(bucket.until(1.0).as_millis(), 200);
        bucket.draw(5.0);
        assert_eq!(bucket.until(1.0).as_millis(), 1200);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(bucket.until(10.0), Duration::ZERO, "full, and no more than that");
        bucket.draw(10.0);
        assert_eq!(bucket.until(100.0).as_secs(), 2, "what is more than it can hold waits for a full one");
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_halves_the_rate_for_a_while() {
        let mut bucket = Bucket::new(4.0, 4.0);
        bucket.draw(4.0);
        bucket.halve();
        assert_eq!(bucket.until(2.0).as_secs(), 1);
        for _ in 0..20 {
            bucket.halve();
        }
        assert_eq!(bucket.until(1.0).as_secs(), 4, "it never stops");
        tokio::time::advance(Duration::from_secs(60)).await;
        bucket.draw(4.0);
        assert_eq!(bucket.until(4.0).as_millis(), 1000, "it recovers");
        bucket.set_share(8.0, 8.0);
        assert_eq!(bucket.until(8.0).as_millis(), 1000);
    }
}
