//! Wrapped keys: they open in their own context with their own master key, and nowhere else.

use sealed::{CHUNK, Context, FileKey, MasterKey, OpenError, WrappedKey};

use crate::samples::{VERSION, context, key, open_with, plaintext, seal};

const PLAIN_LEN: usize = CHUNK + 5;

fn master() -> MasterKey {
    MasterKey::from_bytes([0x44; 32])
}

fn bound() -> Context {
    context().with_plain_len(PLAIN_LEN as u64)
}

fn wrapped() -> WrappedKey {
    WrappedKey::wrap(&master(), &key(), [0x55; 12], &bound()).expect("a wrapped key")
}

/// Keys do not show their bytes, so what a key is shows in what it opens.
fn opens(key: &FileKey) -> bool {
    let plain = plaintext(PLAIN_LEN);
    open_with(key, bound(), &seal(plain), PLAIN_LEN).is_ok_and(|opened| opened == plain)
}

#[test]
fn a_wrapped_key_survives_its_column() {
    let stored = WrappedKey::from_bytes(wrapped().as_bytes()).expect("61 bytes");
    assert!(opens(&stored.unwrap(&master(), &bound()).expect("the key")));
}

#[test]
fn a_key_can_be_wrapped_anew_under_another_master_key() {
    let key = wrapped().unwrap(&master(), &bound()).expect("the key");
    let next = MasterKey::from_bytes([0x45; 32]);
    let rotated = WrappedKey::wrap(&next, &key, [0x56; 12], &bound()).expect("a wrapped key");
    assert_eq!(rotated.unwrap(&master(), &bound()).err(), Some(OpenError::WrappedKeyRefused));
    assert!(opens(&rotated.unwrap(&next, &bound()).expect("the key")));
}

#[test]
fn a_wrapped_key_moved_to_another_document_is_refused() {
    let elsewhere = Context::new([0x34; 16]).with_plain_len(PLAIN_LEN as u64);
    assert_eq!(wrapped().unwrap(&master(), &elsewhere).err(), Some(OpenError::WrappedKeyRefused));
}

#[test]
fn a_wrapped_key_is_refused_when_the_length_in_the_row_was_changed() {
    for context in [Context::new(VERSION), bound().with_plain_len(PLAIN_LEN as u64 - 1), bound().with_plain_len(0)] {
        assert_eq!(wrapped().unwrap(&master(), &context).err(), Some(OpenError::WrappedKeyRefused));
    }
}

#[test]
fn a_wrapped_key_with_any_bit_flipped_is_refused() {
    for bit in 0..wrapped().as_bytes().len() * 8 {
        let mut bytes = wrapped().as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let outcome = WrappedKey::from_bytes(&bytes).and_then(|key| key.unwrap(&master(), &bound()));
        let expected = if bit < 8 { OpenError::WrappedKeyMalformed } else { OpenError::WrappedKeyRefused };
        assert_eq!(outcome.err(), Some(expected), "bit {bit}");
    }
}

#[test]
fn a_wrapped_key_of_another_length_is_malformed() {
    let bytes = wrapped().as_bytes().to_vec();
    for len in (0..bytes.len()).chain([bytes.len() + 1]) {
        let mut other = bytes.clone();
        other.resize(len, 0);
        assert_eq!(WrappedKey::from_bytes(&other).err(), Some(OpenError::WrappedKeyMalformed), "{len} bytes");
    }
}

const FACTS: [u8; 32] = [0x66; 32];

fn with_facts() -> WrappedKey {
    WrappedKey::wrap(&master(), &key(), [0x55; 12], &bound().with_facts(FACTS)).expect("a wrapped key")
}

#[test]
fn a_key_bound_to_facts_opens_with_these_facts_alone() {
    let stored = WrappedKey::from_bytes(with_facts().as_bytes()).expect("61 bytes");
    assert_eq!(stored.version(), 2);
    assert!(opens(&stored.unwrap(&master(), &bound().with_facts(FACTS)).expect("the key")));
    for context in [bound(), bound().with_facts([0x67; 32]), context().with_facts(FACTS)] {
        assert_eq!(stored.unwrap(&master(), &context).err(), Some(OpenError::WrappedKeyRefused));
    }
}

#[test]
fn facts_cannot_be_stripped_from_a_key_or_given_to_one() {
    for (wrapped, other) in [(with_facts(), 1), (wrapped(), 2)] {
        let mut bytes = wrapped.as_bytes().to_vec();
        bytes[0] = other;
        let outcome = WrappedKey::from_bytes(&bytes).and_then(|key| key.unwrap(&master(), &bound().with_facts(FACTS)));
        assert_eq!(outcome.err(), Some(OpenError::WrappedKeyRefused));
    }
}

#[test]
fn a_key_of_before_opens_whatever_the_facts_are() {
    assert_eq!(wrapped().version(), 1);
    assert!(opens(&wrapped().unwrap(&master(), &bound().with_facts(FACTS)).expect("the key")));
}
