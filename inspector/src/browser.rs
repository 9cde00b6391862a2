//! What the worker asks of the browser: slices of a file, a file out of parts, and a word to the page.

use std::io::{self, Write};

use js_sys::{Array, JsString, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, DedicatedWorkerGlobalScope, File, FilePropertyBag, FileReaderSync};

use crate::window::Source;

/// Posts a message to the page.
pub(crate) fn tell(message: &JsValue) {
    let worker: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    // Fails only for what cannot be cloned, such as a function.
    _ = worker.post_message(message);
}

/// A file, slice by slice; one that is not large is read in one go, for a call into the browser takes longer than the
/// bytes of a small part.
pub(crate) struct Slices<'a> {
    file: &'a File,
    len: u64,
    /// All of it, outside of the memory of the module.
    whole: Option<Uint8Array>,
}

impl<'a> Slices<'a> {
    /// What a phone has to spare as well.
    const NOT_LARGE: u64 = 64 << 20;

    pub(crate) fn of(file: &'a File) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of bytes, told as a double"
        )]
        Self { file, len: file.size() as u64, whole: None }
    }

    fn read(&self, start: u64, end: u64) -> io::Result<Uint8Array> {
        #[expect(clippy::cast_precision_loss, reason = "no file reaches 2^53 bytes")]
        let slice = self.file.slice_with_f64_and_f64(start as f64, end as f64).map_err(io_error)?;
        let bytes = FileReaderSync::new().and_then(|reader| reader.read_as_array_buffer(&slice)).map_err(io_error)?;
        Ok(Uint8Array::new(&bytes))
    }
}

impl Source for Slices<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn fetch(&mut self, start: u64, most: usize, bytes: &mut Vec<u8>) -> io::Result<()> {
        let end = start.saturating_add(most as u64).min(self.len);
        let fetched = if self.len <= Self::NOT_LARGE {
            let whole = match self.whole.take() {
                Some(whole) => whole,
                None => self.read(0, self.len)?,
            };
            // Both are below the bound.
            let fetched = whole.subarray(start as u32, end as u32);
            self.whole = Some(whole);
            fetched
        } else {
            self.read(start, end)?
        };
        bytes.resize(fetched.length() as usize, 0);
        fetched.copy_to(bytes);
        Ok(())
    }
}

/// A file in the making. Full chunks are handed to the browser, which keeps many of them on the disk.
#[derive(Default)]
pub(crate) struct Parts {
    chunk: Vec<u8>,
    blobs: Array,
}

impl Parts {
    const CHUNK: usize = 4 << 20;

    /// The file, with the name and the type of the one that it is a copy of.
    pub(crate) fn into_file(mut self, original: &File) -> io::Result<File> {
        self.hand_over()?;
        let options = FilePropertyBag::new();
        options.set_type(&original.type_());
        File::new_with_blob_sequence_and_options(&self.blobs, &original.name(), &options).map_err(io_error)
    }

    fn hand_over(&mut self) -> io::Result<()> {
        let bytes = Array::of1(&Uint8Array::from(self.chunk.as_slice()));
        self.chunk.clear();
        self.blobs.push(&Blob::new_with_u8_array_sequence(&bytes).map_err(io_error)?.into());
        Ok(())
    }
}

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.chunk.extend_from_slice(bytes);
        if self.chunk.len() >= Self::CHUNK {
            self.hand_over()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the browser says when it fails, such as that a file has been changed since it was chosen.
fn io_error(error: JsValue) -> io::Error {
    let said: JsString = js_sys::Object::from(error).to_string();
    io::Error::other(String::from(said))
}
