//! The folders of the project, and cargo called inside them.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::process::{Failure, Outcome};

/// Where a Node.js of the project's own lies among the tools, if the system's is too old.
pub(crate) const OWN_NODE: &str = "nodejs";

/// The repository.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace that this program was built from.
    pub(crate) fn find() -> Outcome<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .ok_or_else(|| Failure::new("xtask does not lie inside the workspace."))?
            .to_owned();
        // The server embeds this folder: it must exist for the crate to compile, even before there is a site.
        create_folder(&root.join("target/site"))?;
        create_folder(&root.join("target/tools/bin"))?;
        Ok(Self { root })
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    pub(crate) fn tool(&self, relative: &str) -> PathBuf {
        self.root.join("target/tools").join(relative)
    }

    /// The server as the development profile builds it.
    pub(crate) fn server(&self) -> PathBuf {
        self.root.join("target/debug/strongroom")
    }

    /// A program that runs in the root of the repository.
    ///
    /// `cargo run` describes xtask to it in variables such as `CARGO_PKG_NAME`. A build script that watches one of them
    /// (ring's does) would run again in every build if they reached the inner cargo.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        let about_xtask = |name: &str| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "LD_LIBRARY_PATH"
        };
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(about_xtask)) {
            command.env_remove(name);
        }
        let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
        // Debian's npm does not link the programs of packages that are for one kind of machine.
        let own_node = self.tool(OWN_NODE).join(format!("node_modules/node-linux-{machine}/bin"));
        if own_node.is_dir() {
            let path = env::var_os("PATH").unwrap_or_default();
            let folders = std::iter::once(own_node).chain(env::split_paths(&path));
            if let Ok(path) = env::join_paths(folders) {
                command.env("PATH", path);
            }
        }
        command
    }

    /// cargo, always with the workspace's own `target` folder: the paths in this crate count on it.
    pub(crate) fn cargo<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).env("CARGO_TARGET_DIR", self.root.join("target"));
        command
    }
}

/// Creates a folder and those above it.
pub(crate) fn create_folder(path: &Path) -> Outcome {
    fs::create_dir_all(path).map_err(|error| Failure::doing(format!("create {}", path.display()), error))
}

/// Copies one file.
pub(crate) fn copy(from: &Path, to: &Path) -> Outcome {
    let refused = |error| Failure::doing(format!("copy {} to {}", from.display(), to.display()), error);
    fs::copy(from, to).map(|_length| ()).map_err(refused)
}

/// Whether `result` exists and was made after `input`.
pub(crate) fn is_newer(result: &Path, input: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
    matches!((modified(result), modified(input)), (Ok(result), Ok(input)) if result > input)
}

/// Runs `work` unless the stamp says that it was done with exactly these inputs.
pub(crate) fn once(stamp: &Path, inputs: &[PathBuf], work: impl FnOnce() -> Outcome) -> Outcome {
    let mut contents = String::new();
    for input in inputs {
        contents.push_str(&read(input)?);
        contents.push('\n');
    }
    if fs::read_to_string(stamp).is_ok_and(|done| done == contents) {
        return Ok(());
    }
    work()?;
    fs::write(stamp, contents).map_err(|error| Failure::doing(format!("write {}", stamp.display()), error))
}

/// A text file of the project.
pub(crate) fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| Failure::doing(format!("read {}", path.display()), error))
}

/// The first of these programs that is found on PATH.
pub(crate) fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamped_work_is_done_again_only_when_an_input_changes() {
        let folder = env::temp_dir().join(format!("strongroom-once-{}", std::process::id()));
        create_folder(&folder).expect("a folder for the test");
        let (stamp, input) = (folder.join("stamp"), folder.join("input"));
        let mut runs = 0;
        for contents in ["one", "one", "two"] {
            fs::write(&input, contents).expect("the input is written");
            once(&stamp, std::slice::from_ref(&input), || {
                runs += 1;
                Ok(())
            })
            .expect("the work succeeds");
        }
        fs::remove_dir_all(&folder).expect("the folder is removed");
        assert_eq!(runs, 2);
    }

    #[test]
    fn a_program_is_found_by_the_first_name_that_exists() {
        let found = on_path(&["strongroom-no-such-program", "sh"]).expect("every system has sh");
        assert!(found.ends_with("sh"));
        assert_eq!(on_path(&["strongroom-no-such-program"]), None);
    }
}
