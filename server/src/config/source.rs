//! Where settings come from: flags before environment before file before default.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};

/// The names of every setting, as in the file. In the environment they are upper-case behind `STRONGROOM_`.
pub const KEYS: &[&str] = &[
    "data",
    "listen",
    "base_url",
    "keep_alive",
    "hsts_subdomains",
    "portal_name",
    "database_url",
    "link_ttl",
    "max_upload",
    "max_inflated",
    "max_part",
    "max_parts",
    "max_embedded",
    "session_idle",
    "session_life",
    "token_life",
    "activity_retention",
    "mail_retention",
    "download_retention",
    "link_retention",
    "smtp_url",
    "mail_from",
    "mail_hello",
    "mail_connections",
    "mail_retry_for",
    "trusted_proxies",
    "forwarded_header",
    "strict_inspection",
    "worker_threads",
    "log",
    "log_format",
];

const PREFIX: &str = "STRONGROOM_";

/// Variables with the same prefix that belong to the tests.
const FOREIGN: [&str; 5] =
    ["STRONGROOM_BIN", "STRONGROOM_CHROMIUM", "STRONGROOM_PYTHON", "STRONGROOM_CORPUS", "STRONGROOM_CONFIG"];

/// Why a configuration cannot be used: one sentence that names the setting.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(super) String);

/// Where one value was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// On the command line.
    Flag,
    /// In the environment.
    Env,
    /// In a file.
    File(PathBuf),
}

/// A value as text, and where it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub(super) key: &'static str,
    pub(super) text: String,
    pub(super) source: Source,
}

/// Every value that was given, the strongest source of each.
#[derive(Clone, Debug, Default)]
pub struct Layers(BTreeMap<&'static str, Given>);

impl Layers {
    /// Gathers the settings of a file, of `env` and of `flags`, which win.
    ///
    /// # Errors
    /// A file that cannot be read, and a key or variable that is not a setting.
    pub fn gather(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
        flags: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Result<Self, ConfigError> {
        let mut layers = Self::default();
        if let Some(path) = file {
            layers.read_file(path)?;
        }
        layers.read_env(env)?;
        for (key, text) in flags {
            layers.set(key, text, Source::Flag);
        }
        Ok(layers)
    }

    /// The value of a setting, if it was given. An empty text means not given.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Given> {
        self.0.get(key).filter(|given| !given.text.trim().is_empty())
    }

    fn set(&mut self, key: &'static str, text: String, source: Source) {
        self.0.insert(key, Given { key, text, source });
    }

    fn read_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let shown = path.display();
        let text = fs::read_to_string(path)
            .map_err(|error| ConfigError(format!("The configuration file {shown} cannot be read: {error}.")))?;
        self.read_toml(&text, path)
    }

    fn read_toml(&mut self, text: &str, path: &Path) -> Result<(), ConfigError> {
        let shown = path.display();
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            ConfigError(format!("The configuration file {shown} is not valid TOML: {}.", error.message()))
        })?;
        for (name, value) in table {
            let key = known(&name).ok_or_else(|| {
                ConfigError(format!("The setting {name} in {shown} is not known. Known are: {}.", KEYS.join(", ")))
            })?;
            let text = plain(&value).ok_or_else(|| {
                ConfigError(format!(
                    "The setting {name} in {shown} must be a text, a number, true, false or a list of texts."
                ))
            })?;
            self.set(key, text, Source::File(path.to_owned()));
        }
        Ok(())
    }

    fn read_env(&mut self, env: impl IntoIterator<Item = (String, String)>) -> Result<(), ConfigError> {
        for (name, text) in env {
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            if rest.starts_with("TEST_") || FOREIGN.contains(&name.as_str()) {
                continue;
            }
            let key =
                known(&rest.to_ascii_lowercase()).filter(|key| key.to_ascii_uppercase() == rest).ok_or_else(|| {
                    let names: Vec<_> = KEYS.iter().map(|key| variable(key)).collect();
                    ConfigError(format!("The variable {name} is not a setting. Known are: {}.", names.join(", ")))
                })?;
            self.set(key, text, Source::Env);
        }
        Ok(())
    }
}

impl Given {
    /// The sentence about a value that is not what is `expected`. Secrets in URLs are left out.
    #[must_use]
    pub fn wrong(&self, expected: &str) -> ConfigError {
        ConfigError(format!("The setting {self} is {:?}; expected is {expected}.", shown(self.key, &self.text)))
    }
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::Flag => write!(f, "--{}", self.key.replace('_', "-")),
            Source::Env => write!(f, "{} (environment)", variable(self.key)),
            Source::File(path) => write!(f, "{} (in {})", self.key, path.display()),
        }
    }
}

/// The name of a setting in the environment.
#[must_use]
pub fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase())
}

fn known(name: &str) -> Option<&'static str> {
    KEYS.iter().copied().find(|key| *key == name)
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(yes) => Some(yes.to_string()),
        toml::Value::Array(items) => {
            let texts: Option<Vec<_>> = items.iter().map(toml::Value::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

/// A value as it may be printed: user name and password of a URL are left out.
pub(super) fn shown(key: &str, text: &str) -> String {
    match (key.ends_with("_url"), text.split_once("://"), text.rsplit_once('@')) {
        (true, Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
        (true, None, Some(_)) => "…".to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn flags_win_over_environment_over_file() {
        let mut layers = Layers::default();
        layers.read_toml("listen = '1'\ndata = '1'\nlog = '1'", Path::new("s.toml")).expect("known keys");
        layers.read_env(env(&[("STRONGROOM_LISTEN", "2"), ("STRONGROOM_DATA", "2")])).expect("known variables");
        layers.set("listen", "3".to_owned(), Source::Flag);
        let value = |key| layers.get(key).map(|given| given.text.as_str());
        assert_eq!((value("listen"), value("data"), value("log")), (Some("3"), Some("2"), Some("1")));
    }

    #[test]
    fn what_is_not_a_setting_is_named() {
        let mut layers = Layers::default();
        let error = layers.read_toml("lisen = '1'", Path::new("s.toml")).expect_err("unknown key");
        assert!(error.to_string().starts_with("The setting lisen in s.toml is not known."));
        let error = layers.read_env(env(&[("STRONGROOM_LISEN", "1")])).expect_err("unknown variable");
        assert!(error.to_string().starts_with("The variable STRONGROOM_LISEN is not a setting."));
        let error = layers.read_toml("[listen]\nport = 1", Path::new("s.toml")).expect_err("a table");
        assert!(error.to_string().contains("listen"));
    }

    #[test]
    fn variables_of_the_tests_and_of_others_are_left_alone() {
        let mut layers = Layers::default();
        let others = [("STRONGROOM_TEST_POSTGRES", "x"), ("STRONGROOM_BIN", "x"), ("PATH", "x")];
        layers.read_env(env(&others)).expect("ignored");
        assert!(layers.0.is_empty());
    }

    #[test]
    fn passwords_in_urls_are_not_printed() {
        let given = Given { key: "smtp_url", text: "smtp://ana:secret@mail.example.com".into(), source: Source::Env };
        let sentence = given.wrong("an address").to_string();
        assert!(sentence.contains("STRONGROOM_SMTP_URL (environment)"));
        assert!(sentence.contains("smtp://…@mail.example.com") && !sentence.contains("secret"), "{sentence}");
    }
}
