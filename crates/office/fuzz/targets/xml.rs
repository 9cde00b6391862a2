//! The walk through an XML part, over any bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use office::{
    Code,
    fuzzing::{judge, walk},
};

fuzz_target!(|bytes: &[u8]| {
    let [strictly, leniently] = [false, true].map(|lenient| shown(bytes, lenient, usize::MAX));
    if strictly.is_ok() {
        assert_eq!(strictly, leniently);
    }
    // How the bytes arrive makes no difference.
    for piece in [2, 3, 64] {
        assert_eq!(shown(bytes, false, piece), strictly, "pieces of {piece}");
        assert_eq!(shown(bytes, true, piece), leniently, "pieces of {piece}");
    }
    // What is left out is judged nevertheless.
    assert_eq!(judge(bytes, 64, false), judge(bytes, usize::MAX, true));
});

/// What was seen of a part, or why it is refused.
fn shown(bytes: &[u8], lenient: bool, piece: usize) -> Result<String, Code> {
    let (seen, outcome) = walk(bytes, lenient, piece);
    outcome.map(|()| seen)
}
