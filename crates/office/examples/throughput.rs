//! How long the inspection of a file takes: `throughput FILE [RUNS]` prints the median of so many runs, in seconds.
//!
//! The file is read through the file system's cache, as the server reads a blob that has just arrived.

use std::{
    error::Error,
    fs::File,
    path::Path,
    time::{Duration, Instant},
};

use office::{Kind, Policy, Verdict};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("throughput FILE [RUNS]")?;
    let runs: usize = arguments.next().map_or(Ok(9), |runs| runs.parse())?;
    let extension = Path::new(&path).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let kind = Kind::from_extension(extension).ok_or("the file is no docx, xlsx or pptx")?;
    let mut times = (0..runs.max(1)).map(|_| time(&path, kind)).collect::<Result<Vec<_>, _>>()?;
    times.sort();
    println!("{:.6}", times[times.len() / 2].as_secs_f64());
    Ok(())
}

fn time(path: &str, kind: Kind) -> Result<Duration, Box<dyn Error>> {
    let file = File::open(path)?;
    let begun = Instant::now();
    let report = office::inspect(file, kind, &Policy::default())?;
    let took = begun.elapsed();
    match report.verdict() {
        Verdict::Refused => Err(format!("the file is refused: {:?}", report.deciding()).into()),
        Verdict::Accept | Verdict::Flagged => Ok(took),
    }
}
