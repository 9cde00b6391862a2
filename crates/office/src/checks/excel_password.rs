//! Whether a workbook is encrypted with the password that is built into Excel.
//!
//! Excel encrypts with it where a person has set no password to open a file but has protected something in it, and
//! enters it by itself. Whoever is told to remove the password then looks for one that does not exist. The formats are
//! those of [MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.13: the file holds a random value and its hash, both encrypted, so that a
//! password can be tried.

use aes::{
    Aes128, Aes256,
    cipher::{BlockCipherDecrypt, KeyInit},
};
use sha1::Sha1;
use sha2::{Digest, Sha512};

use crate::{
    base64,
    xml::{self, Rigour, Token},
    zip::bytes::{index, u16_at, u32_at},
};

/// [MS-OFFCRYPTO] 2.4.2.
const PASSWORD: &str = "VelvetSweatshop";
/// How often the older of the two formats hashes the password, and the most that is done for the newer one, which says
/// so itself.
const STANDARD_SPINS: u32 = 50_000;
const MOST_SPINS: u32 = 100_000;
const BLOCK: usize = 16;

/// Whether the stream `EncryptionInfo` is made for this password. `None` and `false` are the same for a reader.
pub(super) fn fits(info: &[u8]) -> bool {
    let outcome = match (u16_at(info, 0), u16_at(info, 2)) {
        (2..=4, 2) => standard(info),
        (4, 4) => agile(info.get(8..).unwrap_or_default()),
        _ => None,
    };
    outcome.unwrap_or(false)
}

/// The format of Excel 2007.
fn standard(info: &[u8]) -> Option<bool> {
    let header = info.get(12..)?;
    let bits = index(u32_at(header, 16));
    let verifier = header.get(index(u32_at(info, 8))..)?;
    let (salt, value, hash) = (verifier.get(4..20)?, verifier.get(20..36)?, verifier.get(40..72)?);
    let spun = spin::<Sha1>(salt, STANDARD_SPINS);
    let last = hashed::<Sha1>(&[&spun, &[0; 4]]);
    let half = |pad: u8| {
        let mut block = [pad; 64];
        block.iter_mut().zip(&last).for_each(|(to, from)| *to ^= from);
        hashed::<Sha1>(&[&block])
    };
    let key = [half(0x36), half(0x5C)].concat();
    let key = Key::new(key.get(..bits / 8)?)?;
    let (value, hash) = (key.decrypt(value, None)?, key.decrypt(hash, None)?);
    Some(hash.starts_with(&hashed::<Sha1>(&[&value])))
}

/// What the newer format says about the key of a password.
#[derive(Default)]
struct Encryptor {
    spins: u32,
    bits: usize,
    hash: String,
    salt: Vec<u8>,
    value: Vec<u8>,
    value_hash: Vec<u8>,
}

/// The format since Excel 2010.
fn agile(text: &[u8]) -> Option<bool> {
    let mut found = None;
    let mut input = text;
    let walked = xml::walk(&mut input, Rigour::Strict, &mut |token| {
        if let Token::Open(tag) = token
            && tag.name() == "encryptedKey"
        {
            let text = |name| tag.attribute(name).map(Option::unwrap_or_default);
            found = Some(Encryptor {
                spins: text("spinCount")?.parse().unwrap_or(u32::MAX),
                bits: text("keyBits")?.parse().unwrap_or_default(),
                hash: text("hashAlgorithm")?.to_ascii_uppercase(),
                salt: base64::decoded(text("saltValue")?.bytes()),
                value: base64::decoded(text("encryptedVerifierHashInput")?.bytes()),
                value_hash: base64::decoded(text("encryptedVerifierHashValue")?.bytes()),
            });
        }
        Ok(())
    });
    let encryptor = found.filter(|encryptor| walked.is_ok() && encryptor.spins <= MOST_SPINS)?;
    // No Excel has used another one by itself, and each costs the browser's module.
    match encryptor.hash.replace('-', "").as_str() {
        "SHA1" => encryptor.fits::<Sha1>(),
        "SHA512" => encryptor.fits::<Sha512>(),
        _ => None,
    }
}

impl Encryptor {
    fn fits<D: Digest>(&self) -> Option<bool> {
        const FOR_VALUE: [u8; 8] = [0xFE, 0xA7, 0xD2, 0x76, 0x3B, 0x4B, 0x9E, 0x79];
        const FOR_HASH: [u8; 8] = [0xD7, 0xAA, 0x0F, 0x6D, 0x30, 0x61, 0x34, 0x4E];
        let spun = spin::<D>(&self.salt, self.spins);
        let key = |purpose: &[u8]| {
            let mut key = hashed::<D>(&[&spun, purpose]);
            key.resize(self.bits / 8, 0x36);
            Key::new(&key)
        };
        let mut start = self.salt.clone();
        start.resize(BLOCK, 0x36);
        let value = key(&FOR_VALUE)?.decrypt(&self.value, Some(&start))?;
        let hash = key(&FOR_HASH)?.decrypt(&self.value_hash, Some(&start))?;
        let value = value.get(..self.salt.len())?;
        Some(!value.is_empty() && hash.starts_with(&hashed::<D>(&[value])))
    }
}

/// The password and the salt, hashed over and over.
fn spin<D: Digest>(salt: &[u8], times: u32) -> Vec<u8> {
    let password: Vec<u8> = PASSWORD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut hash = hashed::<D>(&[salt, &password]);
    for round in 0..times {
        hash = hashed::<D>(&[&round.to_le_bytes(), &hash]);
    }
    hash
}

fn hashed<D: Digest>(pieces: &[&[u8]]) -> Vec<u8> {
    let mut digest = D::new();
    pieces.iter().for_each(|piece| digest.update(piece));
    digest.finalize().to_vec()
}

/// A key of AES, in the lengths that Excel uses by itself.
enum Key {
    Short(Aes128),
    Long(Aes256),
}

// Not inlined, because the browser loads every copy.
impl Key {
    #[inline(never)]
    fn new(bytes: &[u8]) -> Option<Self> {
        match bytes.len() {
            16 => Aes128::new_from_slice(bytes).ok().map(Self::Short),
            32 => Aes256::new_from_slice(bytes).ok().map(Self::Long),
            _ => None,
        }
    }

    /// Whole blocks, each for itself, or chained from `start`.
    #[inline(never)]
    fn decrypt(&self, bytes: &[u8], start: Option<&[u8]>) -> Option<Vec<u8>> {
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        let mut before = start.map(<[u8; BLOCK]>::try_from).transpose().ok()?;
        let mut plain = Vec::with_capacity(bytes.len());
        for block in blocks {
            let mut out = (*block).into();
            match self {
                Self::Short(key) => key.decrypt_block(&mut out),
                Self::Long(key) => key.decrypt_block(&mut out),
            }
            if let Some(before) = &mut before {
                out.iter_mut().zip(*before).for_each(|(to, from)| *to ^= from);
                *before = *block;
            }
            plain.extend_from_slice(&out);
        }
        rest.is_empty().then_some(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Streams of both formats with the built-in password, and one with another; see `crafted.py`.
    const STREAMS: &str = include_str!("../../tests/corpus/excel_password.txt");

    fn stream(name: &str) -> Vec<u8> {
        let line = STREAMS.lines().find_map(|line| line.strip_prefix(name)).expect("there is one").trim();
        let byte = |at: usize| u8::from_str_radix(&line[at..at + 2], 16).expect("two digits");
        (0..line.len()).step_by(2).map(byte).collect()
    }

    #[test]
    fn the_built_in_password_is_known_in_both_formats() {
        assert!(fits(&stream("standard")) && fits(&stream("agile")));
        assert!(!fits(&stream("other")));
    }

    #[test]
    fn what_cannot_be_read_has_another_password() {
        for name in ["standard", "agile"] {
            let whole = stream(name);
            for length in [0, 4, 8, 13, 100, whole.len() - 30] {
                assert!(!fits(&whole[..length]), "{name} {length}");
            }
        }
        let text = String::from_utf8(stream("agile")[8..].to_vec()).expect("XML");
        let spinning = text.replace("spinCount=\"100000\"", "spinCount=\"100001\"");
        assert!(spinning != text && !fits(&[&[4, 0, 4, 0, 64, 0, 0, 0], spinning.as_bytes()].concat()));
    }

    #[test]
    fn bytes_are_read_from_base_64() {
        for (text, bytes) in [("", &b""[..]), ("TQ==", b"M"), ("TWE=", b"Ma"), ("TWFu", b"Man"), ("+/8=", b"\xfb\xff")]
        {
            assert_eq!(base64::decoded(text.bytes()), bytes, "{text}");
        }
    }
}
