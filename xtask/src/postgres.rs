//! A PostgreSQL server for the tests: in a folder of its own, on a Unix socket only, gone with the process.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    os::unix::{
        fs::{DirBuilderExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::{
    process::{Failure, Outcome, output_of},
    workspace::on_path,
};

/// A running server. Dropping it stops the server and removes its folder.
pub(crate) struct Postgres {
    guardian: Child,
    folder: PathBuf,
}

/// Starts the server, waits until standard input closes, stops it and removes its folder.
///
/// The pipe closes whenever and however xtask ends, kill -9 included. The guardian has a process group of its own, so
/// that Ctrl-C at the terminal does not end it before its work.
const GUARDIAN: &str = r#"
bin=$1 folder=$2
cd "$folder"
"$bin/initdb" -D data -U strongroom -A trust -E UTF8 --locale=C --no-sync >log 2>&1 &&
"$bin/pg_ctl" -D data -l log -w -t 60 start >/dev/null -o "-c listen_addresses='' -c unix_socket_directories='$folder' \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300" &&
echo ready || cat log
exec >/dev/null 2>&1
cat
"$bin/pg_ctl" -D data -m immediate -w stop
cd / && rm -rf "$folder"
"#;

impl Postgres {
    /// Creates a cluster and starts it.
    pub(crate) fn start() -> Outcome<Self> {
        let binaries = binaries().ok_or_else(|| Failure::new("the PostgreSQL server is not installed."))?;
        let folder = private_folder()?;
        let mut command = Command::new("sh");
        command.args(["-c", GUARDIAN, "postgres"]).arg(binaries).arg(&folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0).current_dir("/");
        if let Some((user, group)) = unprivileged()? {
            chown(&folder, Some(user), Some(group)).map_err(|error| Failure::doing("give the folder away", error))?;
            command.uid(user).gid(group);
        }
        let guardian = command.spawn().map_err(|error| Failure::doing("start PostgreSQL", error))?;
        let mut server = Self { guardian, folder };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// Where the tests connect to; the server trusts whoever reaches the socket.
    pub(crate) fn url(&self) -> String {
        format!("postgres:///postgres?host={}&user=strongroom", self.folder.display())
    }

    fn wait_until_ready(&mut self) -> Outcome {
        let mut log = String::new();
        if let Some(output) = self.guardian.stdout.take() {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if line == "ready" {
                    return Ok(());
                }
                log.push_str(&line);
                log.push('\n');
            }
        }
        Err(Failure::new(format!("PostgreSQL did not start:\n{log}")))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        // Nothing is left to do for a guardian that cannot be waited for.
        let _ = self.guardian.wait();
    }
}

/// The folder of `initdb` and `postgres`: Debian keeps it off PATH, one for each version.
pub(crate) fn binaries() -> Option<PathBuf> {
    let version = |folder: &Path| folder.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let mut versions: Vec<PathBuf> =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    versions.sort_by_key(|folder| version(folder));
    let packaged = versions.into_iter().rev().map(|folder| folder.join("bin"));
    let found = on_path(&["initdb"]).and_then(|file| file.parent().map(Path::to_owned));
    packaged.chain(found).find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

/// A new folder that only its owner may enter. Its path becomes part of a URL and of a socket's address, which has at
/// most 107 bytes, so an unusual TMPDIR is left alone.
fn private_folder() -> Outcome<PathBuf> {
    let plain = |text: &str| {
        text.len() < 60 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte))
    };
    let base = Some(env::temp_dir()).filter(|path| path.to_str().is_some_and(plain)).unwrap_or_else(|| "/tmp".into());
    let folder = base.join(format!("strongroom-postgres-{}", std::process::id()));
    // Not recursive: a folder that is there already is not ours.
    fs::DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .map_err(|error| Failure::doing(format!("create {}", folder.display()), error))?;
    Ok(folder)
}

/// User and group for the server when this process is root, which PostgreSQL refuses to run as.
fn unprivileged() -> Outcome<Option<(u32, u32)>> {
    if output_of(Command::new("id").arg("-u")).is_none_or(|id| id != "0") {
        return Ok(None);
    }
    let id = |option: &str, user: &str| output_of(Command::new("id").args([option, user]))?.parse::<u32>().ok();
    ["postgres", "nobody"].into_iter().find_map(|user| Some((id("-u", user)?, id("-g", user)?))).map(Some).ok_or_else(
        || Failure::new("PostgreSQL does not run as root, and there is neither a user postgres nor nobody."),
    )
}
