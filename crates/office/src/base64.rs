//! Base64 (RFC 4648, section 4), as far as a text is that: what follows the first other character is left out.

/// The bytes that these characters stand for.
pub(crate) fn decoded(characters: impl Iterator<Item = u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for character in characters {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_standard_are_read() {
        let vectors =
            [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmE=", "fooba"), ("Zm9v!Zm9v", "foo")];
        for (text, bytes) in vectors {
            assert_eq!(decoded(text.bytes()), bytes.as_bytes(), "{text}");
        }
        assert_eq!(decoded("+/+/".bytes()), [0xfb, 0xff, 0xbf]);
    }
}
