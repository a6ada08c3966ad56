//! Reproducible randomness: SplitMix64 (Steele, Lea, Flood 2014). The same seed gives the same mailbox everywhere.

/// A stream of numbers.
#[derive(Clone, Debug)]
pub struct Noise(u64);

impl Noise {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `limit` - 1.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// One of several.
    pub fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        let count = u64::try_from(of.len()).unwrap_or(1);
        let index = usize::try_from(self.below(count)).unwrap_or(0);
        of.get(index).copied().unwrap_or_else(|| unreachable!("a list is never empty here"))
    }

    /// From 0 to 1, without 0.
    pub fn part(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit exactly")]
        let mantissa = (self.next() >> 11) as f64;
        (mantissa + 1.0) / 9_007_199_254_740_993.0
    }

    /// True in `percent` of all cases.
    pub fn chance(&mut self, percent: f64) -> bool {
        self.part() * 100.0 <= percent
    }

    /// Log-normal around `median`, at most `most`.
    pub fn log_normal(&mut self, median: f64, sigma: f64, most: f64) -> usize {
        // Box and Muller 1958.
        let z = (-2.0 * self.part().ln()).sqrt() * (std::f64::consts::TAU * self.part()).cos();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and `most`")]
        let size = (median.ln() + sigma * z).exp().min(most) as usize;
        size
    }
}
