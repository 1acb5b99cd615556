//! How fast a feed asks: less often after each failure.

use std::time::Duration;

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
}
