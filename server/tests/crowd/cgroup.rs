//! A group of processes that may have so much memory and no more (cgroups, version 2 or 1).

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{self, Command},
};

/// A group below that of the test, or as near to it as can be; removed when dropped, when nothing runs in it any more.
pub(crate) struct Group {
    folder: PathBuf,
    /// The file that counts what was killed for want of memory.
    events: &'static str,
}

impl Group {
    /// Makes one that may have `bytes` of memory, what the kernel keeps of files for it included.
    ///
    /// # Errors
    /// Why there is none: the test may not make one, or the system has none.
    pub(crate) fn with_memory(bytes: u64) -> Result<Self, String> {
        let own = fs::read_to_string("/proc/self/cgroup").map_err(|error| format!("/proc/self/cgroup: {error}"))?;
        let version_1 = own.lines().find_map(|line| line.split_once(":memory:"));
        let (parent, limit, events) = match version_1 {
            Some((_, path)) => (below("/sys/fs/cgroup/memory", path), "memory.limit_in_bytes", "memory.oom_control"),
            None => {
                let path = own.lines().find_map(|line| line.strip_prefix("0::")).ok_or("the test is in no group")?;
                (nearest_with_memory(&below("/sys/fs/cgroup", path))?, "memory.max", "memory.events")
            }
        };
        let folder = parent.join(format!("strongroom-test-{}", process::id()));
        fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let group = Self { folder, events };
        fs::write(group.folder.join(limit), bytes.to_string()).map_err(|error| format!("{limit}: {error}"))?;
        Ok(group)
    }

    /// The same program, started in the group: a shell joins it and becomes the program.
    pub(crate) fn around(&self, program: &Command) -> Command {
        let mut inside = Command::new("sh");
        inside.args(["-c", r#"echo $$ > "$0" && exec "$@""#]).arg(self.folder.join("cgroup.procs"));
        inside.arg(program.get_program()).args(program.get_args());
        let set = program.get_envs().filter_map(|(name, value)| Some((name, value?)));
        inside.envs(set.map(|(name, value)| (OsString::from(name), OsString::from(value))));
        inside
    }

    /// Whether a process is in it.
    pub(crate) fn holds(&self, id: u32) -> bool {
        let all = fs::read_to_string(self.folder.join("cgroup.procs")).expect("the group can be looked at");
        all.lines().any(|line| line == id.to_string())
    }

    /// How many processes were killed because the group had no memory left.
    pub(crate) fn killed(&self) -> u64 {
        let events = fs::read_to_string(self.folder.join(self.events)).expect("the group can be looked at");
        let count = events.lines().find_map(|line| line.strip_prefix("oom_kill ")).expect("a count");
        count.parse().expect("a number")
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir(&self.folder) {
            eprintln!("{} is left behind: {error}", self.folder.display());
        }
    }
}

fn below(root: &str, path: &str) -> PathBuf {
    Path::new(root).join(path.trim_start_matches('/'))
}

/// Under version 2 a group has groups with limits below it only where it hands the controller down.
fn nearest_with_memory(own: &Path) -> Result<PathBuf, String> {
    let hands_down = |folder: &&Path| {
        let controllers = fs::read_to_string(folder.join("cgroup.subtree_control")).unwrap_or_default();
        controllers.split_whitespace().any(|controller| controller == "memory")
    };
    let nearest = own.ancestors().find(hands_down);
    nearest.map(Path::to_owned).ok_or_else(|| format!("no group from {} up hands memory down", own.display()))
}
