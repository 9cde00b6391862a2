//! What was sealed, in whatever pieces, comes back, in whatever ranges.

use std::io::{BufRead, Cursor, ErrorKind, Read, Seek, SeekFrom};

use proptest::prelude::*;
use sealed::{CHUNK, HEADER_LEN, OpenReader, Opener};

use crate::samples::{context, key, open, open_range, plaintext, seal, seal_in_pieces};

/// 2,000 cases of each property, or as many as `PROPTEST_CASES` says.
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Lengths and offsets up to three chunks, most of them near a boundary.
fn near_a_boundary() -> impl Strategy<Value = usize> {
    let around = |chunks: usize| (chunks * CHUNK).saturating_sub(20)..chunks * CHUNK + 20;
    prop_oneof![3 => 0..40_usize, 3 => around(1), 3 => around(2), 2 => 0..3 * CHUNK]
}

fn reader(plain_len: usize) -> OpenReader<Cursor<Vec<u8>>> {
    let container = Cursor::new(seal(plaintext(plain_len)));
    OpenReader::new(container, &key(), context(), plain_len as u64).expect("a reader")
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_opened_range_is_the_slice_of_the_plaintext(
        len in near_a_boundary(), pieces in prop::collection::vec(near_a_boundary(), 0..4),
        start in near_a_boundary(), end in near_a_boundary(),
    ) {
        let plain = plaintext(len);
        let container = seal_in_pieces(plain, &pieces);
        prop_assert_eq!(container.len() as u64, Opener::sealed_len(len as u64).expect("a short plaintext"));
        let opener = Opener::new(&key(), &container[..HEADER_LEN], context(), len as u64).expect("an opener");
        let opened = open_range(&opener, &container, start as u64..end as u64).expect("sound chunks");
        prop_assert!(opened == plain[start.min(len)..end.min(len).max(start.min(len))]);
    }

    #[test]
    fn the_reader_agrees_with_a_cursor_over_the_plaintext(
        len in near_a_boundary(), steps in prop::collection::vec((near_a_boundary(), 0..100_usize), 1..6),
    ) {
        let mut reader = reader(len);
        let mut plain = Cursor::new(plaintext(len));
        for (position, count) in steps {
            let (mut found, mut expected) = (vec![0; count], vec![0; count]);
            reader.seek(SeekFrom::Start(position as u64)).expect("a seek");
            plain.seek(SeekFrom::Start(position as u64)).expect("a seek");
            let outcome = reader.read_exact(&mut found).map_err(|error| error.kind());
            prop_assert_eq!(outcome, plain.read_exact(&mut expected).map_err(|error| error.kind()));
            if outcome.is_ok() {
                prop_assert!(found == expected);
            }
        }
    }

    #[test]
    fn no_length_or_range_panics(
        plain_len in any::<u64>(), chunk in any::<u64>(), start in any::<u64>(), end in any::<u64>(),
    ) {
        let header = seal(&[])[..HEADER_LEN].to_vec();
        let Ok(opener) = Opener::new(&key(), &header, context(), plain_len >> (chunk % 64)) else { return Ok(()) };
        let chunks = opener.chunks_for(start..end);
        prop_assert!(chunks.is_empty() || opener.chunk_range(chunks.end - 1).is_ok());
        let part = opener.within(chunk, start..end);
        prop_assert!(part.start <= part.end && part.end <= CHUNK);
        prop_assert_eq!(opener.chunk_range(chunk).is_ok(), chunk <= opener.last_chunk());
    }
}

#[test]
fn every_length_around_the_boundaries_comes_back() {
    for len in [0, 1, 15, 16, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1, 3_000_000] {
        assert!(open(&seal(plaintext(len)), len).expect("a sound container") == plaintext(len), "{len} bytes");
        let mut plain = Vec::new();
        reader(len).read_to_end(&mut plain).expect("a sound container");
        assert!(plain == plaintext(len), "{len} bytes");
    }
}

#[test]
fn full_chunks_are_handed_out_as_soon_as_they_are_complete() {
    let mut sealer = sealed::Sealer::new(&key(), [0x22; 32], context()).expect("a sealer");
    let mut out = Vec::new();
    sealer.seal(plaintext(CHUNK - 1), &mut out).expect("a short plaintext");
    assert_eq!(out.len(), 0);
    sealer.seal(&[0], &mut out).expect("a short plaintext");
    assert_eq!(out.len(), sealed::SEALED_CHUNK);
}

#[test]
fn the_reader_seeks_as_a_file_does() {
    let len = CHUNK + 100;
    let mut reader = reader(len);
    assert_eq!(reader.seek(SeekFrom::End(-100)).expect("a seek"), CHUNK as u64);
    assert_eq!(reader.seek(SeekFrom::Current(-1)).expect("a seek"), CHUNK as u64 - 1);
    assert_eq!(reader.fill_buf().expect("a chunk"), &plaintext(CHUNK)[CHUNK - 1..]);
    for target in [SeekFrom::End(i64::MIN), SeekFrom::Current(-(CHUNK as i64))] {
        assert_eq!(reader.seek(target).expect_err("before the beginning").kind(), ErrorKind::InvalidInput);
        assert_eq!(reader.stream_position().expect("a position"), CHUNK as u64 - 1);
    }
    assert_eq!(reader.seek(SeekFrom::Start(u64::MAX)).expect("a seek"), u64::MAX);
    assert_eq!(reader.read(&mut [0; 8]).expect("the end"), 0);
    assert_eq!(reader.seek(SeekFrom::Current(1)).expect_err("an overflow").kind(), ErrorKind::InvalidInput);
}
