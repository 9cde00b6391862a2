//! The vectors of `tests/vectors.py`, an implementation that shares no code with this one.

use std::{collections::HashMap, io::Read};

use ring::digest::{SHA256, digest};
use sealed::{Context, FileKey, HEADER_LEN, MasterKey, OpenReader, Opener, Sealer, WrappedKey};

use crate::samples::{open_range, plaintext};

struct Vector(HashMap<&'static str, &'static str>);

impl Vector {
    fn text(&self, field: &str) -> &'static str {
        self.0.get(field).unwrap_or_else(|| panic!("the vector has no {field}"))
    }

    fn number(&self, field: &str) -> u64 {
        self.text(field).parse().expect("a number")
    }

    fn bytes<const N: usize>(&self, field: &str) -> [u8; N] {
        from_hex(self.text(field)).try_into().expect("bytes of the right length")
    }
}

fn vectors(file: &'static str) -> Vec<Vector> {
    let blocks = file.split("\n\n").filter(|block| !block.starts_with('#'));
    let vectors: Vec<_> =
        blocks.map(|block| Vector(block.lines().filter_map(|line| line.split_once(" = ")).collect())).collect();
    assert!(!vectors.is_empty());
    vectors
}

fn from_hex(text: &str) -> Vec<u8> {
    assert_eq!(text.len() % 2, 0);
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal")).collect()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn containers_are_those_of_the_other_implementation() {
    for vector in vectors(include_str!("../vectors/container.txt")) {
        let plain = plaintext(vector.number("plain_len") as usize);
        let key = FileKey::from_bytes(vector.bytes("key"));
        let context = Context::new(vector.bytes("version"));

        let mut sealer = Sealer::new(&key, vector.bytes("salt"), context).expect("a sealer");
        let mut container = sealer.header().to_vec();
        sealer.seal(plain, &mut container).expect("a short plaintext");
        sealer.finish(&mut container).expect("a short plaintext");

        assert_eq!(to_hex(&container[..HEADER_LEN]), vector.text("header"));
        assert_eq!(container.len() as u64, vector.number("sealed_len"));
        assert_eq!(to_hex(digest(&SHA256, &container).as_ref()), vector.text("sealed_sha256"));

        let opener = Opener::new(&key, &container[..HEADER_LEN], context, plain.len() as u64).expect("an opener");
        assert_eq!(open_range(&opener, &container, 0..u64::MAX).expect("all chunks"), plain);
    }
}

#[test]
fn containers_of_the_other_implementation_open() {
    let whole: Vec<_> =
        vectors(include_str!("../vectors/container.txt")).into_iter().filter(|v| v.0.contains_key("sealed")).collect();
    assert_eq!(whole.len(), 3);
    for vector in whole {
        let container = std::io::Cursor::new(from_hex(vector.text("sealed")));
        let key = FileKey::from_bytes(vector.bytes("key"));
        let context = Context::new(vector.bytes("version"));
        let plain_len = vector.number("plain_len");
        let mut plain = Vec::new();
        OpenReader::new(container, &key, context, plain_len)
            .and_then(|mut reader| reader.read_to_end(&mut plain))
            .expect("the container opens");
        assert_eq!(plain, plaintext(plain_len as usize));
    }
}

#[test]
fn wrapped_keys_are_those_of_the_other_implementation() {
    for vector in vectors(include_str!("../vectors/wrapped-key.txt")) {
        let master = MasterKey::from_bytes(vector.bytes("master"));
        assert_eq!(master.id().as_str(), vector.text("master_id"));

        let context = match vector.text("plain_len") {
            "unknown" => Context::new(vector.bytes("version")),
            plain_len => Context::new(vector.bytes("version")).with_plain_len(plain_len.parse().expect("a number")),
        };
        let key = FileKey::from_bytes(vector.bytes("key"));
        let wrapped = WrappedKey::wrap(&master, &key, vector.bytes("nonce"), &context).expect("a wrapped key");
        assert_eq!(to_hex(wrapped.as_bytes()), vector.text("wrapped"));
    }
}
