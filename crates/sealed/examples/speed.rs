//! Seals and opens 2 GiB in memory and prints the throughput of one thread:
//! `cargo run --release -p strongroom-sealed --example speed`.

use std::{error::Error, time::Instant};

use sealed::{CHUNK, Context, FileKey, Opener, SEALED_CHUNK, Sealer};

/// What an upload hands over at once: not a multiple of the chunk, so that the buffered path is measured too.
const PIECE: usize = 1_000_000;
const ROUNDS: usize = 2_147;

fn main() -> Result<(), Box<dyn Error>> {
    let (key, context) = (FileKey::from_bytes([1; 32]), Context::new([2; 16]));
    let plain = vec![3; PIECE];
    let mut out = Vec::with_capacity(PIECE + 20 * SEALED_CHUNK);

    let mut sealer = Sealer::new(&key, [4; 32], context)?;
    let begun = Instant::now();
    for _ in 0..ROUNDS {
        out.clear();
        sealer.seal(&plain, &mut out)?;
    }
    report("seal, pieces of 1 MB", PIECE * ROUNDS, begun);

    let mut sealer = Sealer::new(&key, [5; 32], context)?;
    let header = sealer.header();
    let first_chunk = {
        out.clear();
        sealer.seal(&plain[..CHUNK], &mut out)?;
        out.clone()
    };
    let opener = Opener::new(&key, &header, context, CHUNK as u64)?;
    let rounds = PIECE * ROUNDS / CHUNK;
    let mut sealed = first_chunk.clone();
    let begun = Instant::now();
    for _ in 0..rounds {
        sealed.copy_from_slice(&first_chunk);
        opener.open_chunk(0, &mut sealed)?;
    }
    report("open, with one copy", CHUNK * rounds, begun);
    Ok(())
}

fn report(what: &str, bytes: usize, begun: Instant) {
    println!("{what:<24} {:6.2} GB/s", bytes as f64 / begun.elapsed().as_secs_f64() / 1e9);
}
