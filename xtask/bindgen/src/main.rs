//! The `wasm-bindgen` command, reduced to the options that the project's build uses.
//!
//! The generator and the `wasm-bindgen` crate inside the module must be of the same version. Building the generator
//! from the workspace's own lock file makes any other pairing impossible, and no second lock file is trusted.

use std::{env, error::Error, path::PathBuf, process::ExitCode};

use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str =
    "usage: wasm-bindgen --target=web --out-name=NAME --out-dir=DIR [--debug] [--keep-debug] MODULE.wasm";

/// What the command line asks for.
#[derive(Debug, Default, PartialEq)]
struct Options {
    out_name: String,
    out_dir: PathBuf,
    module: PathBuf,
    debug: bool,
    keep_debug: bool,
}

fn main() -> ExitCode {
    match parse(env::args().skip(1)).and_then(|options| generate(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wasm-bindgen: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: impl Iterator<Item = String>) -> Result<Options, Box<dyn Error>> {
    let mut options = Options::default();
    for argument in arguments {
        match argument.split_once('=') {
            Some(("--target", "web")) => {}
            Some(("--out-name", name)) => options.out_name = name.to_owned(),
            Some(("--out-dir", folder)) => options.out_dir = folder.into(),
            None if argument == "--debug" => options.debug = true,
            None if argument == "--keep-debug" => options.keep_debug = true,
            _ if argument.starts_with('-') => return Err(format!("unknown option {argument}\n{USAGE}").into()),
            _ => options.module = argument.into(),
        }
    }
    let complete = !options.out_name.is_empty()
        && !options.out_dir.as_os_str().is_empty()
        && !options.module.as_os_str().is_empty();
    complete.then_some(options).ok_or_else(|| USAGE.into())
}

fn generate(options: &Options) -> Result<(), Box<dyn Error>> {
    Bindgen::new()
        .input_path(&options.module)
        .web(true)?
        .out_name(&options.out_name)
        .debug(options.debug)
        .keep_debug(options.keep_debug)
        // Names of generic views are half of a development module, and every page load would fetch them.
        .remove_name_section(!options.keep_debug)
        .typescript(false)
        .generate(&options.out_dir)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Options, String> {
        parse(line.split(' ').map(str::to_owned)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_line_of_the_build_is_understood() {
        let options = parsed("--target=web --out-name=strongroom --out-dir=site/pkg module.wasm").expect("a full line");
        assert_eq!(options.out_name, "strongroom");
        assert_eq!(options.out_dir, PathBuf::from("site/pkg"));
        assert_eq!(options.module, PathBuf::from("module.wasm"));
        assert!(!options.debug && !options.keep_debug);
    }

    #[test]
    fn another_target_an_unknown_option_and_a_missing_part_are_refused() {
        assert!(parsed("--target=nodejs --out-name=a --out-dir=b c.wasm").is_err());
        assert!(parsed("--target=web --out-name=a --out-dir=b --weak-refs c.wasm").is_err());
        assert!(parsed("--target=web --out-name=a c.wasm").is_err());
    }
}
