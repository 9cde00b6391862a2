//! The derivation of a container's key, nonces and commitment, and the sealing of single chunks.

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, Tag, UnboundKey},
    error::Unspecified,
    hkdf::{self, HKDF_SHA256, Prk},
    hmac,
};
use zeroize::Zeroizing;

use crate::{
    context::Context,
    key::{FileKey, KEY_LEN},
    layout::HEADER_LEN,
};

/// Bytes of the salt in the header.
pub const SALT_LEN: usize = 32;

/// The format version that this code writes, and the only one that it reads.
pub(crate) const FORMAT: u8 = 1;

const MAGIC: [u8; 7] = *b"SRSEAL\0";
const COMMITMENT_LEN: usize = 32;
const DERIVED_LEN: usize = KEY_LEN + NONCE_LEN + COMMITMENT_LEN;
/// The bytes keep these derivations apart from any other use of HKDF; the zero ends the name.
const DERIVATION_LABEL: &[u8] = b"strongroom.container@v1+AEAD_AES_256_GCM\0";

const SALT_AT: usize = MAGIC.len() + 1;
const COMMITMENT_AT: usize = SALT_AT + SALT_LEN;
const _: () = assert!(COMMITMENT_AT + COMMITMENT_LEN == HEADER_LEN, "the header is what it says it is");

/// The parts of a header whose magic was right.
pub(crate) struct Header {
    pub(crate) format: u8,
    pub(crate) salt: [u8; SALT_LEN],
    pub(crate) commitment: Commitment,
}

/// Proof that file key, salt, format and context are those of the sealing. Without it, AES-GCM would let one
/// ciphertext open under two keys.
#[derive(Clone, Copy)]
pub(crate) struct Commitment([u8; COMMITMENT_LEN]);

/// The key of one container with its base nonce. Invariant: it seals each chunk at most once.
pub(crate) struct ChunkCipher {
    key: LessSafeKey,
    base_nonce: [u8; NONCE_LEN],
}

/// A chunk by its place, which is all that its nonce and associated data depend on.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// One of the full chunks, counted from 0.
    Full(u64),
    /// The shorter chunk at the end, which answers for the length of the whole.
    Last { chunk: u64, plain_len: u64 },
}

/// What the base nonce is XORed with: three zero bytes, the counter (big-endian), the last flag. Different places have
/// different masks, so no nonce occurs twice under a key.
struct NonceMask([u8; NONCE_LEN]);

impl Header {
    /// Takes the header apart; `None` when it is not one.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; HEADER_LEN] = bytes.try_into().ok()?;
        let (magic, rest) = bytes.split_first_chunk()?;
        let (&[format], rest) = rest.split_first_chunk()?;
        let (salt, rest) = rest.split_first_chunk()?;
        let commitment = Commitment(rest.try_into().ok()?);
        (*magic == MAGIC).then_some(Self { format, salt: *salt, commitment })
    }

    pub(crate) fn to_bytes(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[..MAGIC.len()].copy_from_slice(&MAGIC);
        bytes[MAGIC.len()] = self.format;
        bytes[SALT_AT..COMMITMENT_AT].copy_from_slice(&self.salt);
        bytes[COMMITMENT_AT..].copy_from_slice(&self.commitment.0);
        bytes
    }
}

impl Commitment {
    /// Equality in constant time. `hmac::verify` is the comparison that ring offers for it.
    pub(crate) fn is(&self, found: &Self) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[]);
        hmac::verify(&key, &self.0, hmac::sign(&key, &found.0).as_ref()).is_ok()
    }
}

impl ChunkCipher {
    /// HKDF-Expand(file key, label ‖ salt ‖ format ‖ version id) = key ‖ base nonce ‖ commitment. There is no extract
    /// step: the file key is uniformly random already.
    pub(crate) fn derive(
        file_key: &FileKey,
        salt: &[u8; SALT_LEN],
        format: u8,
        context: &Context,
    ) -> Result<(Self, Commitment), Unspecified> {
        let mut derived = Zeroizing::new([0; DERIVED_LEN]);
        Prk::new_less_safe(HKDF_SHA256, file_key.bytes())
            .expand(&[DERIVATION_LABEL, salt, &[format], context.version()], DerivedLen)?
            .fill(derived.as_mut())?;
        let (key, rest) = derived.split_at(KEY_LEN);
        let (base_nonce, commitment) = rest.split_at(NONCE_LEN);
        let cipher = Self {
            key: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?),
            base_nonce: base_nonce.try_into().map_err(|_| Unspecified)?,
        };
        Ok((cipher, Commitment(commitment.try_into().map_err(|_| Unspecified)?)))
    }

    /// Encrypts a chunk where it lies.
    pub(crate) fn seal(&self, place: Place, chunk: &mut [u8]) -> Result<Tag, Unspecified> {
        self.key.seal_in_place_separate_tag(self.nonce(place), Aad::from(place.associated_data().as_ref()), chunk)
    }

    /// Decrypts a chunk and its tag where they lie. When it fails, the content of the buffer is of no use.
    pub(crate) fn open<'a>(&self, place: Place, sealed: &'a mut [u8]) -> Result<&'a mut [u8], Unspecified> {
        self.key.open_in_place(self.nonce(place), Aad::from(place.associated_data().as_ref()), sealed)
    }

    fn nonce(&self, place: Place) -> Nonce {
        let NonceMask(mut nonce) = NonceMask::of(place);
        for (byte, base) in nonce.iter_mut().zip(self.base_nonce) {
            *byte ^= base;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}

impl Place {
    fn associated_data(self) -> impl AsRef<[u8]> {
        match self {
            Self::Full(_) => AssociatedData::None,
            Self::Last { plain_len, .. } => AssociatedData::PlainLen(plain_len.to_be_bytes()),
        }
    }
}

impl NonceMask {
    fn of(place: Place) -> Self {
        let (chunk, last_flag) = match place {
            Place::Full(chunk) => (chunk, 0),
            Place::Last { chunk, .. } => (chunk, 1),
        };
        let [a, b, c, d, e, f, g, h] = chunk.to_be_bytes();
        Self([0, 0, 0, a, b, c, d, e, f, g, h, last_flag])
    }
}

enum AssociatedData {
    None,
    PlainLen([u8; 8]),
}

impl AsRef<[u8]> for AssociatedData {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::None => &[],
            Self::PlainLen(bytes) => bytes,
        }
    }
}

/// Tells ring how much to expand.
struct DerivedLen;

impl hkdf::KeyType for DerivedLen {
    fn len(&self) -> usize {
        DERIVED_LEN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derive(salt: u8, format: u8, version: u8) -> (ChunkCipher, Commitment) {
        ChunkCipher::derive(&FileKey::from_bytes([1; 32]), &[salt; 32], format, &Context::new([version; 16]))
            .expect("all sizes are right")
    }

    #[test]
    fn salt_format_and_version_id_all_change_the_derivation() {
        let (cipher, commitment) = derive(2, 1, 3);
        assert!(commitment.is(&derive(2, 1, 3).1));
        for (salt, format, version) in [(9, 1, 3), (2, 2, 3), (2, 0, 3), (2, 1, 9)] {
            let (other, other_commitment) = derive(salt, format, version);
            assert!(!commitment.is(&other_commitment));
            assert_ne!(cipher.base_nonce, other.base_nonce);
        }
    }

    #[test]
    fn no_two_places_share_a_nonce() {
        let (cipher, _) = derive(2, 1, 3);
        let mut seen = std::collections::HashSet::new();
        for chunk in (0..600).chain([u64::from(u32::MAX), 1 << 35, (1 << 36) - 1]) {
            assert!(seen.insert(*cipher.nonce(Place::Full(chunk)).as_ref()));
            assert!(seen.insert(*cipher.nonce(Place::Last { chunk, plain_len: 0 }).as_ref()));
        }
    }

    #[test]
    fn a_header_survives_its_bytes() {
        let header = Header { format: 1, salt: [5; 32], commitment: Commitment([6; 32]) };
        let parsed = Header::parse(&header.to_bytes()).expect("a header");
        assert_eq!((parsed.format, parsed.salt, parsed.commitment.0), (1, [5; 32], [6; 32]));
    }
}
