//! The bytes of messages as they are kept: compressed. Never here: what of a message is kept.
use super::StoreError;
use super::rows::Tx;
use flate2::{Compress, Compression, FlushCompress, Status};
use rusqlite::params;
use std::cell::RefCell;

/// Octets of a raw message that are kept at most, before compression.
pub(super) const RAW_MOST: usize = 1024 * 1024;
/// How a message begins of which only the header fields are kept: its text stands nowhere then.
const HEADERS_ALONE: &[u8] = b"X-Fuseau-Kept: headers";

/// The bytes of a message, compressed: made outside a transaction where many are recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    bytes: Vec<u8>,
    whole: bool,
    headers_alone: bool,
}

impl Packed {
    /// Compresses; `whole` unless the bytes are only the beginning of the message.
    ///
    /// # Errors
    /// Only if the compressor fails.
    pub fn new(raw: &[u8], whole: bool) -> Result<Self, StoreError> {
        let kept = raw.get(..RAW_MOST).unwrap_or(raw);
        let bytes = pack(kept).map_err(|error| StoreError::Io(error.to_string()))?;
        Ok(Self { bytes, whole: whole && kept.len() == raw.len(), headers_alone: raw.starts_with(HEADERS_ALONE) })
    }
}

impl Tx<'_> {
    pub(super) fn keep_packed(&self, seq: i64, packed: &Packed) -> Result<(), StoreError> {
        self.change(
            "INSERT INTO raw (exchange, whole, bytes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            params![seq, packed.whole, packed.bytes],
        )?;
        if packed.headers_alone {
            self.change("UPDATE exchange SET excerpt = '' WHERE seq = ?", [seq])?;
        }
        Ok(())
    }
}

/// Compresses as zlib (RFC 1950). The compressor is kept: making one costs more than a mail does.
fn pack(bytes: &[u8]) -> Result<Vec<u8>, flate2::CompressError> {
    thread_local!(static PACKER: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), true)));
    PACKER.with_borrow_mut(|packer| {
        packer.reset();
        // zlib's own bound: stored blocks and the frame.
        let mut packed = Vec::with_capacity(bytes.len() + bytes.len() / 1000 + 64);
        let mut read = 0;
        loop {
            let rest = bytes.get(read..).unwrap_or_default();
            let state = packer.compress_vec(rest, &mut packed, FlushCompress::Finish)?;
            if state == Status::StreamEnd {
                packed.shrink_to_fit();
                return Ok(packed);
            }
            read = usize::try_from(packer.total_in()).unwrap_or(bytes.len());
            packed.reserve(4096);
        }
    })
}
