//! Damage: every kind of it is refused, and no plaintext of a damaged chunk comes out.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use sealed::{CHUNK, Context, FileKey, HEADER_LEN, MAX_PLAIN_LEN, OpenError, OpenReader, Opener, SEALED_CHUNK};

use crate::samples::{context, key, open, open_range, open_with, plaintext, seal, stored_chunk, three_chunks};

fn opener(container: &[u8], plain_len: usize) -> Opener {
    Opener::new(&key(), &container[..HEADER_LEN], context(), plain_len as u64).expect("the header is sound")
}

/// The error of the format inside an I/O error.
fn inner(error: &io::Error) -> Option<OpenError> {
    error.get_ref()?.downcast_ref().copied()
}

/// Reads all of a container through the reader.
fn read(container: Vec<u8>, plain_len: usize) -> Result<Vec<u8>, OpenError> {
    let mut plain = Vec::new();
    OpenReader::new(Cursor::new(container), &key(), context(), plain_len as u64)
        .and_then(|mut reader| reader.read_to_end(&mut plain))
        .map(|_| plain)
        .map_err(|error| inner(&error).expect("an error of the format"))
}

/// Both ways of reading refuse it with the same error.
fn assert_refused(container: &[u8], plain_len: usize, expected: OpenError) {
    assert_eq!(open(container, plain_len), Err(expected));
    assert_eq!(read(container.to_vec(), plain_len), Err(expected));
}

/// The container with its chunks in another order, or some of them twice or not at all.
fn rearranged(container: &[u8], plain_len: usize, order: &[u64]) -> Vec<u8> {
    let opener = opener(container, plain_len);
    let mut other = container[..HEADER_LEN].to_vec();
    other.extend(order.iter().flat_map(|chunk| stored_chunk(&opener, container, *chunk)));
    other
}

#[test]
fn any_bit_flipped_in_a_small_container_is_refused() {
    let container = seal(plaintext(40));
    for bit in 0..container.len() * 8 {
        let mut other = container.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        let expected = match bit / 8 {
            0..7 => OpenError::NotSealed,
            7 => OpenError::UnknownFormat { found: other[7] },
            8..HEADER_LEN => OpenError::WrongKey,
            _ => OpenError::Damaged { chunk: 0 },
        };
        assert_refused(&other, 40, expected);
    }
}

#[test]
fn a_bit_flipped_in_a_chunk_or_its_tag_is_refused_and_spares_the_others() {
    let (container, plain_len) = three_chunks();
    let second = HEADER_LEN + SEALED_CHUNK;
    for at in [second, second + CHUNK / 2, second + CHUNK - 1, second + CHUNK, second + SEALED_CHUNK - 1] {
        let mut other = container.clone();
        other[at] ^= 0x80;
        assert_refused(&other, plain_len, OpenError::Damaged { chunk: 1 });
        let first = open_range(&opener(&other, plain_len), &other, 0..CHUNK as u64);
        assert_eq!(first.expect("the first chunk is sound"), plaintext(CHUNK));
    }
}

#[test]
fn swapped_chunks_are_refused() {
    let (container, plain_len) = three_chunks();
    assert_refused(&rearranged(&container, plain_len, &[1, 0, 2]), plain_len, OpenError::Damaged { chunk: 0 });
}

#[test]
fn a_duplicated_chunk_is_refused() {
    let (container, plain_len) = three_chunks();
    let longer = rearranged(&container, plain_len, &[0, 0, 1, 2]);
    let (expected, found) = (container.len() as u64, longer.len() as u64);
    assert_refused(&longer, plain_len, OpenError::Length { expected, found });
    assert_refused(&longer, plain_len + CHUNK, OpenError::Damaged { chunk: 1 });
    assert_refused(&rearranged(&container, plain_len, &[0, 0, 2]), plain_len, OpenError::Damaged { chunk: 1 });
}

#[test]
fn a_dropped_chunk_is_refused_even_if_the_row_agrees() {
    let (container, plain_len) = three_chunks();
    let shorter = rearranged(&container, plain_len, &[0, 2]);
    let (expected, found) = (container.len() as u64, shorter.len() as u64);
    assert_refused(&shorter, plain_len, OpenError::Length { expected, found });
    assert_refused(&shorter, plain_len - CHUNK, OpenError::Damaged { chunk: 1 });
}

#[test]
fn a_container_cut_anywhere_is_refused() {
    let container = seal(plaintext(40));
    for len in 0..container.len() {
        let cut = &container[..len];
        let expected = OpenError::Length { expected: container.len() as u64, found: len as u64 };
        let opened = open(cut, 40);
        assert_eq!(opened, Err(if len < HEADER_LEN { OpenError::NotSealed } else { expected }), "{len} bytes");
        assert_eq!(read(cut.to_vec(), 40), Err(expected), "{len} bytes");
    }
}

#[test]
fn a_container_with_bytes_behind_its_end_is_refused() {
    let mut container = seal(plaintext(40));
    container.push(0);
    let found = container.len() as u64;
    assert_refused(&container, 40, OpenError::Length { expected: found - 1, found });
    assert_refused(&container, 41, OpenError::Damaged { chunk: 0 });
}

#[test]
fn the_last_chunk_removed_at_a_chunk_boundary_is_refused() {
    let (container, plain_len) = three_chunks();
    let shorter = rearranged(&container, plain_len, &[0, 1]);
    let (expected, found) = (container.len() as u64, shorter.len() as u64);
    assert_refused(&shorter, plain_len, OpenError::Length { expected, found });
    // No plaintext has a container of this size: the empty last chunk of 131,072 bytes would be missing.
    let expected = Opener::sealed_len(2 * CHUNK as u64).expect("a short plaintext");
    assert_refused(&shorter, 2 * CHUNK, OpenError::Length { expected, found });
}

#[test]
fn the_empty_last_chunk_of_a_full_plaintext_cannot_be_removed_or_changed() {
    let mut container = seal(plaintext(CHUNK));
    let without = &container[..HEADER_LEN + SEALED_CHUNK];
    let (expected, found) = (container.len() as u64, without.len() as u64);
    assert_refused(without, CHUNK, OpenError::Length { expected, found });
    *container.last_mut().expect("a tag") ^= 1;
    assert_refused(&container, CHUNK, OpenError::Damaged { chunk: 1 });
}

#[test]
fn a_full_chunk_cut_short_does_not_pass_for_the_last_one() {
    let (container, _) = three_chunks();
    let cut = &container[..HEADER_LEN + SEALED_CHUNK - 1];
    assert_refused(cut, CHUNK - 1, OpenError::Damaged { chunk: 0 });
}

#[test]
fn a_chunk_of_another_container_is_refused() {
    let (container, plain_len) = three_chunks();
    let mut sealer = sealed::Sealer::new(&key(), [0x23; 32], context()).expect("a sealer");
    let mut other = sealer.header().to_vec();
    sealer.seal(plaintext(plain_len), &mut other).expect("a short plaintext");
    sealer.finish(&mut other).expect("a short plaintext");
    other[..HEADER_LEN].copy_from_slice(&container[..HEADER_LEN]);
    assert_refused(&other, plain_len, OpenError::Damaged { chunk: 0 });
}

#[test]
fn a_header_of_an_earlier_or_later_format_is_refused() {
    for found in [0, 2, b'1', u8::MAX] {
        let mut container = seal(plaintext(40));
        container[7] = found;
        assert_refused(&container, 40, OpenError::UnknownFormat { found });
    }
}

#[test]
fn a_commitment_of_zeros_or_of_another_container_is_refused() {
    let mut container = seal(plaintext(40));
    container[40..HEADER_LEN].fill(0);
    assert_refused(&container, 40, OpenError::WrongKey);
    let other = sealed::Sealer::new(&key(), [0x23; 32], context()).expect("a sealer").header();
    container[40..HEADER_LEN].copy_from_slice(&other[40..]);
    assert_refused(&container, 40, OpenError::WrongKey);
}

#[test]
fn another_key_or_document_version_is_refused() {
    let container = seal(plaintext(40));
    let stranger = FileKey::from_bytes([0x12; 32]);
    assert_eq!(open_with(&stranger, context(), &container, 40), Err(OpenError::WrongKey));
    assert_eq!(open_with(&key(), Context::new([0x34; 16]), &container, 40), Err(OpenError::WrongKey));
}

#[test]
fn another_length_is_refused() {
    let (container, plain_len) = three_chunks();
    let found = container.len() as u64;
    for wrong in [0, plain_len - 1, plain_len + 1, plain_len + CHUNK, MAX_PLAIN_LEN as usize] {
        let expected = Opener::sealed_len(wrong as u64).expect("a possible length");
        assert_refused(&container, wrong, OpenError::Length { expected, found });
    }
    let bound = context().with_plain_len(plain_len as u64);
    let (expected, found) = (plain_len as u64, plain_len as u64 - 1);
    assert_eq!(open_with(&key(), bound, &container, plain_len - 1), Err(OpenError::Length { expected, found }));
}

#[test]
fn impossible_lengths_are_refused_without_a_panic() {
    let container = seal(plaintext(40));
    for plain_len in [MAX_PLAIN_LEN + 1, u64::MAX - 1, u64::MAX] {
        assert_eq!(Opener::sealed_len(plain_len), Err(OpenError::TooLong));
        let outcome = Opener::new(&key(), &container[..HEADER_LEN], context(), plain_len);
        assert_eq!(outcome.err(), Some(OpenError::TooLong));
        let outcome = OpenReader::new(Cursor::new(&container), &key(), context(), plain_len);
        assert_eq!(outcome.err().as_ref().and_then(inner), Some(OpenError::TooLong));
    }
}

#[test]
fn a_chunk_that_does_not_exist_or_has_another_length_is_refused() {
    let (container, plain_len) = three_chunks();
    let opener = opener(&container, plain_len);
    let mut first = stored_chunk(&opener, &container, 0);
    for chunk in [3, u64::MAX] {
        assert_eq!(opener.open_chunk(chunk, &mut first), Err(OpenError::NoSuchChunk { chunk }));
        assert_eq!(opener.chunk_range(chunk), Err(OpenError::NoSuchChunk { chunk }));
    }
    for found in [0, 15, 16, SEALED_CHUNK - 1] {
        let expected = OpenError::Length { expected: SEALED_CHUNK as u64, found: found as u64 };
        assert_eq!(opener.open_chunk(0, &mut first[..found]), Err(expected));
    }
}

#[test]
fn a_failed_chunk_leaves_no_plaintext_to_read_later() {
    let (mut container, plain_len) = three_chunks();
    container[HEADER_LEN] ^= 1;
    let mut reader = OpenReader::new(Cursor::new(container), &key(), context(), plain_len as u64).expect("a reader");
    let mut byte = [0];
    for _ in 0..2 {
        let error = reader.read(&mut byte).expect_err("the chunk is damaged");
        assert_eq!(inner(&error), Some(OpenError::Damaged { chunk: 0 }));
    }
    reader.seek(SeekFrom::Start(CHUNK as u64)).expect("a seek");
    reader.read_exact(&mut byte).expect("the second chunk is sound");
    assert_eq!(byte[0], plaintext(CHUNK + 1)[CHUNK]);
}
