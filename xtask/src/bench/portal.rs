//! The server under test: the release, over a data folder of its own.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use super::client::{Answer, Connection, Request};
use crate::{
    process::{Failure, Outcome, run},
    workspace::{Workspace, create_folder, read},
};

/// A data folder, with or without a server over it.
pub(super) struct Portal {
    program: PathBuf,
    data: PathBuf,
    log: PathBuf,
    settings: Vec<(&'static str, String)>,
}

/// A server that runs. Dropping it ends it.
pub(super) struct Running {
    process: Child,
    pub(super) address: SocketAddr,
    /// Open for as long as the server runs: it has more to say than its address.
    _output: Option<BufReader<ChildStdout>>,
}

/// Somebody who has signed in twice: as a browser and as a program.
pub(super) struct SignedIn {
    cookie: String,
    token: String,
}

pub(super) const OPS: &str = "ana@example.com";
pub(super) const CLIENT: &str = "ben@example.com";
pub(super) const PASSWORD: &str = "eight small boats at dawn";

/// On a port that the system chooses.
const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

impl Portal {
    /// An empty portal of the release in a folder, with one ops account.
    pub(super) fn create(workspace: &Workspace, folder: &Path) -> Outcome<Self> {
        Self::of(&workspace.path("target/release/strongroom"), folder, &[])
    }

    /// An empty portal of this program, with these variables in its environment.
    pub(super) fn of(program: &Path, folder: &Path, settings: &[(&'static str, &str)]) -> Outcome<Self> {
        let portal = Self {
            program: program.to_owned(),
            data: folder.join("data"),
            log: folder.join("server.log"),
            settings: settings.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        };
        create_folder(&portal.data)?;
        portal.create_ops(OPS)?;
        Ok(portal)
    }

    /// Makes an ops account.
    pub(super) fn create_ops(&self, email: &str) -> Outcome {
        let refused = |error| Failure::doing("make the ops account", error);
        let mut ops =
            self.command(["ops", "create", "--email", email]).stdin(Stdio::piped()).spawn().map_err(refused)?;
        if let Some(mut input) = ops.stdin.take() {
            writeln!(input, "{PASSWORD}").map_err(refused)?;
        }
        if !ops.wait().map_err(refused)?.success() {
            return Err(Failure::new("`strongroom ops create` failed."));
        }
        Ok(())
    }

    /// The program without the settings that a person may have in the environment.
    fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        self.prepared(Command::new(&self.program), arguments)
    }

    fn prepared<'a>(&self, mut command: Command, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("STRONGROOM_")) {
            command.env_remove(name);
        }
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.args(arguments).arg("--data").arg(&self.data);
        command
    }

    /// Where the embedded database is.
    pub(super) fn database(&self) -> PathBuf {
        self.data.join("strongroom.db")
    }

    /// Starts a server on a port that the system chooses.
    pub(super) fn start(&self) -> Outcome<Running> {
        self.run(self.command(SERVE))
    }

    /// The same, begun with a soft limit of so many open files.
    pub(super) fn start_limited(&self, files: u32) -> Outcome<Running> {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -Sn {files}; exec \"$0\" \"$@\"")]).arg(&self.program);
        self.run(self.prepared(shell, SERVE))
    }

    fn run(&self, mut serve: Command) -> Outcome<Running> {
        let refused = |error| Failure::doing("start the server", error);
        let log = fs::OpenOptions::new().create(true).append(true).open(&self.log).map_err(refused)?;
        let mut process = serve.stdout(Stdio::piped()).stderr(log).spawn().map_err(refused)?;
        let mut announced = String::new();
        let mut output = process.stdout.take().map(BufReader::new);
        if let Some(output) = &mut output {
            output.read_line(&mut announced).map_err(refused)?;
        }
        let address = announced.trim().rsplit_once("http://").and_then(|(_, address)| address.parse().ok());
        match address {
            Some(address) => Ok(Running { process, address, _output: output }),
            None => {
                let _ = process.kill().and_then(|()| process.wait());
                Err(Failure::new(format!("the server did not say where it is; see {}.", self.log.display())))
            }
        }
    }

    /// Signs a client up and confirms the address with the link in the mail.
    pub(super) fn sign_up(&self, server: &Running) -> Outcome {
        let body = format!(r#"{{"name":"Ben","email":"{CLIENT}","password":"{PASSWORD}"}}"#);
        server.expect(202, &Request::post("/api/v1/signup", "application/json", body))?;
        let secret = self.secret_from_mail("/confirm/")?;
        let chosen = format!(r#"{{"password":"{PASSWORD}"}}"#);
        server.expect(200, &Request::post(format!("/api/v1/confirm/{secret}"), "application/json", chosen)).map(|_| ())
    }

    /// What follows `path` in the first mail that has such a link, once the outbox has written it.
    pub(super) fn secret_from_mail(&self, path: &str) -> Outcome<String> {
        let refused = |error| Failure::doing("read the mail folder", error);
        for _ in 0..100 {
            for file in fs::read_dir(self.data.join("mail")).map_err(refused)? {
                let file = file.map_err(refused)?.path();
                if file.extension().is_some_and(|extension| extension == "eml") {
                    // Long lines of a mail are folded with a `=` at their end.
                    let mail = read(&file)?.replace("=\r\n", "").replace("=\n", "");
                    let secret = mail.split_once(path).map(|(_, rest)| rest);
                    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                    if let Some(secret) = secret.and_then(|rest| rest.split(|c| !is_part(c)).next()) {
                        return Ok(secret.to_owned());
                    }
                }
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(Failure::new(format!("no mail with a link to {path} came within ten seconds.")))
    }

    /// Adds rows of documents with nothing behind them. No server may run.
    pub(super) fn seed(&self, workspace: &Workspace, python: &Path, rows: u32) -> Outcome {
        let script = workspace.path("xtask/python/seed.py");
        let mut seed = workspace.command(python);
        run(seed.arg(script).arg(self.data.join("strongroom.db")).arg(rows.to_string()))
    }
}

impl Running {
    /// Asks on a connection of its own.
    pub(super) fn ask(&self, request: &Request) -> Outcome<Answer> {
        let asked = Connection::open(self.address).and_then(|mut connection| connection.ask(request));
        asked.map_err(|error| Failure::doing("ask the server", error))
    }

    /// Asks, and insists on a status.
    pub(super) fn expect(&self, status: u16, request: &Request) -> Outcome<Answer> {
        let answer = self.ask(request)?;
        if answer.status == status {
            return Ok(answer);
        }
        Err(Failure::new(format!("the server answered {} instead of {status}: {}", answer.status, answer.text())))
    }

    /// Signs somebody in, as a browser and as a program.
    pub(super) fn sign_in(&self, email: &str) -> Outcome<SignedIn> {
        let form = format!("email={}&password={}", email.replace('@', "%40"), PASSWORD.replace(' ', "+"));
        let form = Request::post("/api/fn/sign_in", "application/x-www-form-urlencoded", form);
        let answer = self.ask(&form.with("Accept", "application/json"))?;
        let mut cookies = answer.headers("set-cookie").filter_map(|cookie| cookie.split(';').next());
        let cookie = cookies.find(|cookie| cookie.starts_with("strongroom=")).map(str::to_owned);
        let cookie = cookie.ok_or_else(|| Failure::new(format!("no session cookie came with {}.", answer.status)))?;
        let body = format!(r#"{{"email":"{email}","password":"{PASSWORD}"}}"#);
        let answer = self.expect(200, &Request::post("/api/v1/login", "application/json", body))?;
        Ok(SignedIn { cookie, token: json_text(&answer.text(), "token")? })
    }

    /// Mebibytes of memory in use now.
    pub(super) fn memory(&self) -> Outcome<f64> {
        self.memory_line("VmRSS:")
    }

    /// The most that was in use since [`Self::forget_peak`].
    pub(super) fn peak_memory(&self) -> Outcome<f64> {
        self.memory_line("VmHWM:")
    }

    pub(super) fn forget_peak(&self) -> Outcome {
        let path = format!("/proc/{}/clear_refs", self.process.id());
        fs::write(path, "5").map_err(|error| Failure::doing("reset the peak of memory", error))
    }

    /// Time for which it has kept a core busy. Unlike the rate of its answers, it does not depend on what else runs.
    pub(super) fn cpu(&self) -> Outcome<Duration> {
        let stat = read(Path::new(&format!("/proc/{}/stat", self.process.id())))?;
        cpu_of(&stat).ok_or_else(|| Failure::new("this system does not tell the time of a process."))
    }

    /// Asks it to end, and tells how long that took.
    pub(super) fn stop(mut self) -> Outcome<Duration> {
        let begun = Instant::now();
        run(Command::new("kill").arg(self.process.id().to_string()))?;
        self.process.wait().map_err(|error| Failure::doing("wait for the server", error))?;
        Ok(begun.elapsed())
    }

    fn memory_line(&self, name: &str) -> Outcome<f64> {
        let status = read(Path::new(&format!("/proc/{}/status", self.process.id())))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kib.map(|kib| kib / 1024.0).ok_or_else(|| Failure::new("this system does not tell the memory of a process."))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The database is made to survive this.
        let _ = self.process.kill().and_then(|()| self.process.wait());
    }
}

impl SignedIn {
    /// As the browser asks.
    pub(super) fn by_session(&self, request: Request) -> Request {
        request.with("Cookie", &self.cookie)
    }

    /// As a program asks.
    pub(super) fn by_token(&self, request: Request) -> Request {
        request.with("Authorization", format!("Bearer {}", self.token))
    }
}

/// Fields 14 and 15 of `/proc/PID/stat`, in hundredths of a second (proc(5)). The second field, the program's name in
/// parentheses, may hold anything.
fn cpu_of(stat: &str) -> Option<Duration> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut ticks = after_name.split_whitespace().skip(11).map(str::parse::<u64>);
    let (user, system) = (ticks.next()?.ok()?, ticks.next()?.ok()?);
    Some(Duration::from_millis(10 * (user + system)))
}

/// The value of the first field of that name. Only for values without escapes.
pub(super) fn json_text(json: &str, name: &str) -> Outcome<String> {
    let start = format!("\"{name}\":\"");
    let found = json.split_once(&start).and_then(|(_, rest)| rest.split_once('"'));
    found
        .map(|(value, _)| value.to_owned())
        .ok_or_else(|| Failure::new(format!("there is no `{name}` in the answer {json}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_process_is_read_whatever_its_name_is() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 900 0 3 0 250 50 0 0 20 0 9 0 5000";
        assert_eq!(cpu_of(stat), Some(Duration::from_secs(3)));
        assert_eq!(cpu_of("7 (a) S 1"), None);
    }

    #[test]
    fn a_field_is_found_by_its_name() {
        let json = r#"{"files":[{"id":"a","name":"b"},{"id":"c"}]}"#;
        assert_eq!(json_text(json, "id").expect("there is one"), "a");
        assert!(json_text(json, "i").is_err());
    }
}
