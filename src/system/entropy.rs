//! Ids and jitter. Seeded in a rehearsal, so that the same seed gives the same run.
use std::sync::{Arc, Mutex, PoisonError};

/// A source of unique ids and of random numbers.
#[derive(Clone, Debug, Default)]
pub struct Ids(Option<Arc<Mutex<u64>>>);

impl Ids {
    /// From the operating system.
    #[must_use]
    pub fn random() -> Self {
        Self(None)
    }

    /// A repeatable sequence.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Some(Arc::new(Mutex::new(seed))))
    }

    /// 64 random bits.
    #[must_use]
    pub fn bits(&self) -> u64 {
        match &self.0 {
            None => uuid::Uuid::new_v4().as_u64_pair().1,
            Some(state) => {
                // SplitMix64 (Steele, Lea, Flood 2014): tiny, and good enough for ids and jitter in tests.
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let z = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                z ^ (z >> 31)
            }
        }
    }

    /// A new id that sorts by `now` (UUID version 7, RFC 9562 5.7).
    #[must_use]
    pub fn next(&self, now: chrono::DateTime<chrono::Utc>) -> String {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        let random = [self.bits().to_be_bytes(), self.bits().to_be_bytes()].concat();
        let mut tail = [0_u8; 10];
        tail.iter_mut().zip(random).for_each(|(t, r)| *t = r);
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid().to_string()
    }

    /// A number in `0..=max` (full jitter).
    #[must_use]
    pub fn up_to(&self, max: u64) -> u64 {
        match max.checked_add(1) {
            Some(range) => self.bits() % range,
            None => self.bits(),
        }
    }
}
