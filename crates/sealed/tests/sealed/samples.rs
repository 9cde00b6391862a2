//! A key, a context and containers made with them.

use std::sync::LazyLock;

use sealed::{CHUNK, Context, FileKey, HEADER_LEN, OpenError, Opener, Sealer};

pub(crate) const VERSION: [u8; 16] = [0x33; 16];

static PATTERN: LazyLock<Vec<u8>> = LazyLock::new(|| (0..=250).cycle().take(4_000_000).collect());

/// Plaintext whose byte i is i mod 251.
pub(crate) fn plaintext(len: usize) -> &'static [u8] {
    &PATTERN[..len]
}

pub(crate) fn key() -> FileKey {
    FileKey::from_bytes([0x11; 32])
}

pub(crate) fn context() -> Context {
    Context::new(VERSION)
}

/// Seals in one go.
pub(crate) fn seal(plain: &[u8]) -> Vec<u8> {
    seal_in_pieces(plain, &[])
}

/// Seals in pieces of the given sizes, and the rest at once.
pub(crate) fn seal_in_pieces(plain: &[u8], pieces: &[usize]) -> Vec<u8> {
    let mut sealer = Sealer::new(&key(), [0x22; 32], context()).expect("a sealer");
    let mut out = sealer.header().to_vec();
    let mut rest = plain;
    for piece in pieces {
        let (head, tail) = rest.split_at((*piece).min(rest.len()));
        sealer.seal(head, &mut out).expect("a short plaintext");
        rest = tail;
    }
    sealer.seal(rest, &mut out).expect("a short plaintext");
    let summary = sealer.finish(&mut out).expect("a short plaintext");
    assert_eq!((summary.plain_len, summary.sealed_len), (plain.len() as u64, out.len() as u64));
    out
}

/// Opens a container from first to last chunk, as a download does.
pub(crate) fn open(container: &[u8], plain_len: usize) -> Result<Vec<u8>, OpenError> {
    open_with(&key(), context(), container, plain_len)
}

pub(crate) fn open_with(
    key: &FileKey,
    context: Context,
    container: &[u8],
    plain_len: usize,
) -> Result<Vec<u8>, OpenError> {
    let header = &container[..HEADER_LEN.min(container.len())];
    let opener = Opener::new(key, header, context, plain_len as u64)?;
    opener.check_len(container.len() as u64)?;
    open_range(&opener, container, 0..plain_len as u64)
}

/// Opens the chunks of a range and returns the range.
pub(crate) fn open_range(
    opener: &Opener,
    container: &[u8],
    wanted: std::ops::Range<u64>,
) -> Result<Vec<u8>, OpenError> {
    let mut plain = Vec::new();
    for chunk in opener.chunks_for(wanted.clone()) {
        let mut sealed = stored_chunk(opener, container, chunk);
        let opened = opener.open_chunk(chunk, &mut sealed)?;
        plain.extend_from_slice(&opened[opener.within(chunk, wanted.clone())]);
    }
    Ok(plain)
}

/// The bytes of a chunk as they lie in the container.
pub(crate) fn stored_chunk(opener: &Opener, container: &[u8], chunk: u64) -> Vec<u8> {
    let place = opener.chunk_range(chunk).expect("a chunk of the container");
    container[place.start as usize..place.end as usize].to_vec()
}

/// A container of two full chunks and a short one, and the length of its plaintext.
pub(crate) fn three_chunks() -> (Vec<u8>, usize) {
    let plain_len = 2 * CHUNK + 1_000;
    (seal(plaintext(plain_len)), plain_len)
}
