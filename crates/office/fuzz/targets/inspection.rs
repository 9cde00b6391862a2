//! The whole inspection, and the X-ray of what it accepts, over any bytes.

#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use office::{Budget, Kind, Policy, Verdict, examine};

fuzz_target!(|bytes: &[u8]| {
    let budget = Budget { inflated: 4 << 20, entries: 200, ..Budget::default() };
    let policy = Policy { strict: false, budget };
    for kind in [Kind::Docx, Kind::Xlsx, Kind::Pptx] {
        let examination = examine(Cursor::new(bytes), kind, &policy).expect("a cursor never fails");
        assert_eq!(examination.xray.is_none(), examination.verdict == Verdict::Refused);
    }
});
