//! The pre-check of the archive, and the content of every entry, over any bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use office::{Budget, Code, fuzzing};

fuzz_target!(|bytes: &[u8]| {
    let small = Budget { inflated: 1 << 20, entries: 100, ..Budget::default() };
    let outcome = fuzzing::read_archive(bytes, &small);
    // What passes with a small budget passes with a larger one, and is of the same size.
    if let Ok(inflated) = outcome {
        assert_eq!(fuzzing::read_archive(bytes, &Budget::default()), Ok(inflated));
    }
    // Whatever follows a file makes it another file, except for one line end.
    if outcome.is_ok() && !bytes.ends_with(b"\n") {
        let longer = [bytes, b"x"].concat();
        assert_eq!(fuzzing::read_archive(&longer, &small), Err(Code::ZipExtraData));
    }
});
