//! The command line.

mod descriptors;
mod doctor;
mod keys;
mod mail;
mod office;
mod ops;
mod people;
mod serve;
mod services;
mod store;

use std::{fmt, future::Future, io::IsTerminal as _, path::PathBuf, process::ExitCode};

use backend::{documents::AuditScope, log_cause_of};
use clap::{Args, Parser, Subcommand};
use domain::{Email, Problem};
use rustix::{fs::Mode, process::umask};

use crate::config::{Config, ConfigError, Layers};

/// Deliver Office documents to clients, through links that work for one account alone.
#[derive(Parser)]
#[command(name = "strongroom", version)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    /// Without one the portal is served, which is how `cargo leptos watch` starts it.
    #[command(subcommand)]
    command: Option<Command>,
}

/// What can be set here; everything else is set in the file or the environment.
#[derive(Args)]
#[command(next_help_heading = "Settings of the portal")]
struct Settings {
    /// The configuration file (TOML); also STRONGROOM_CONFIG
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<String>,
    /// Where to listen [default: 127.0.0.1:3000]
    #[arg(long, global = true, value_name = "ADDR")]
    listen: Option<String>,
    /// The address that people type [default: http:// and the listening address]
    #[arg(long, global = true, value_name = "URL")]
    base_url: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Portal(Portal),
    /// Look into Office files, and write clean copies of them
    #[command(subcommand)]
    Office(office::Office),
}

/// What is done with the portal, as it is configured.
#[derive(Subcommand)]
enum Portal {
    /// Serve the portal
    Serve,
    /// Bring the database up to date and stop
    Migrate,
    /// Look after ops accounts
    #[command(subcommand)]
    Ops(Ops),
    /// Look after everybody's account: list, disable and enable, sign out, revoke links
    #[command(subcommand)]
    People(people::People),
    /// Look after the master keys
    #[command(subcommand)]
    Keys(Keys),
    /// Look after the store of files
    #[command(subcommand)]
    Storage(Storage),
    /// Check configuration, database, storage, documents, mail, clock and proxy, and say what to mend
    Doctor {
        /// Compare so many documents with their keys and files, drawn by lot [default: all]
        #[arg(long, value_name = "N")]
        sample: Option<u32>,
        /// Decrypt every byte of the documents that are compared, and compare its SHA-256
        #[arg(long)]
        hashes: bool,
        /// Send one mail to this address and say how it went
        #[arg(long, value_name = "ADDRESS")]
        mail: Option<String>,
    },
}

#[derive(Subcommand)]
enum Keys {
    /// Make a fresh master key the active one, and wrap the keys of all documents under it; the portal may be running
    Rotate,
    /// Tell which keys there are and what is sealed under them
    Status,
}

#[derive(Subcommand)]
enum Storage {
    /// Say that the files in the data folder and the configured database are one portal
    Adopt,
}

#[derive(Subcommand)]
enum Ops {
    /// Make an ops account; the password is read from standard input, or asked for on a terminal
    Create {
        /// The address to sign in with
        #[arg(long)]
        email: String,
        /// The person's name [default: the part of the address before the @]
        #[arg(long)]
        name: Option<String>,
    },
}

/// Why a command did not do what it was asked: one sentence for the terminal.
#[derive(Debug)]
pub struct Failure(String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(problem.message)
    }
}

impl Failure {
    /// What a service did not do: why goes to the log, what to do next to the terminal.
    fn of(mut problem: Problem) -> Self {
        log_cause_of(&mut problem);
        problem.into()
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self(error.to_string())
    }
}

/// Runs the command that the arguments name.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match execute(&cli) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("strongroom: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn execute(cli: &Cli) -> Result<ExitCode, Failure> {
    match &cli.command {
        Some(Command::Office(command)) => Ok(office::run(command)),
        Some(Command::Portal(command)) => look_after(&cli.settings, command),
        None => look_after(&cli.settings, &Portal::Serve),
    }
}

fn look_after(settings: &Settings, command: &Portal) -> Result<ExitCode, Failure> {
    let config = configuration(settings)?;
    // Whatever the portal writes is its owner's alone, also what a library writes. No other thread is running yet.
    umask(Mode::RWXG | Mode::RWXO);
    start_log(&config);
    match command {
        Portal::Serve => block_on(&config, serve::serve(config.clone())).map(|()| ExitCode::SUCCESS),
        Portal::Migrate => block_on(&config, migrate(&config)).map(|()| ExitCode::SUCCESS),
        Portal::Ops(Ops::Create { email, name }) => {
            block_on(&config, ops::create(&config, email, name.as_deref())).map(|()| ExitCode::SUCCESS)
        }
        Portal::Keys(Keys::Rotate) => block_on(&config, keys::rotate(&config)).map(|()| ExitCode::SUCCESS),
        Portal::Keys(Keys::Status) => block_on(&config, keys::status(&config)).map(|()| ExitCode::SUCCESS),
        Portal::Storage(Storage::Adopt) => block_on(&config, store::adopt(&config)).map(|()| ExitCode::SUCCESS),
        Portal::People(command) => block_on(&config, people::run(&config, command)).map(|()| ExitCode::SUCCESS),
        Portal::Doctor { sample, hashes, mail } => {
            let to = mail.as_deref().map(Email::parse).transpose().map_err(|problem| Failure(problem.message))?;
            let scope = AuditScope { sample: *sample, hashes: *hashes };
            block_on(&config, async { Ok(doctor::examine(&config, scope, to.as_ref()).await) })
        }
    }
}

fn configuration(settings: &Settings) -> Result<Config, Failure> {
    let file = settings.config.clone().or_else(|| std::env::var_os("STRONGROOM_CONFIG").map(PathBuf::from));
    let env = std::env::vars_os().filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)));
    let flags = [("data", &settings.data), ("listen", &settings.listen), ("base_url", &settings.base_url)];
    let flags = flags.into_iter().filter_map(|(key, text)| Some((key, text.clone()?)));
    let layers = Layers::gather(file.as_deref(), env, flags)?;
    Ok(Config::parse(&layers)?)
}

/// Logs go to standard error, one line an event.
fn start_log(config: &Config) {
    let log = tracing_subscriber::fmt().with_env_filter(config.log_filter()).with_writer(std::io::stderr);
    // A log that cannot be written, on a full disk for instance, must not end the request that it tells of: the word
    // about it would go to the same place, and panic.
    let log = log.log_internal_errors(false);
    if config.log_json {
        log.json().init();
    } else {
        log.with_ansi(std::io::stderr().is_terminal()).with_target(false).init();
    }
}

fn block_on<T>(config: &Config, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.worker_threads)
        .enable_all()
        .build()
        .map_err(|error| Failure(format!("The threads that answer requests could not be started: {error}.")))?
        .block_on(work)
}

async fn migrate(config: &Config) -> Result<(), Failure> {
    services::prepare_data(config)?;
    services::open_database(config).await?.close().await;
    println!("The database is up to date.");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_are_taken_before_and_after_the_command() {
        for arguments in [["strongroom", "--data", "d", "serve"], ["strongroom", "serve", "--data", "d"]] {
            let cli = Cli::try_parse_from(arguments).expect("parses");
            assert_eq!(cli.settings.data.as_deref(), Some("d"));
        }
    }
}
