//! Something shown once on the next page, for browsers without JavaScript: the result of a form that cannot stand
//! in a URL. It travels in a cookie that scripts cannot read, lives a minute, and is cleared when it is shown.

use domain::upload::UploadReport;
use serde::{Serialize, de::DeserializeOwned};

/// What is carried, each in a cookie of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flash {
    /// The secret of a fresh bearer token, for the account page.
    Token,
    /// The verdict on an upload, for the upload page.
    Upload,
}

impl Flash {
    /// Its name. Over TLS browsers vouch by the prefix that no other host has planted it.
    const fn name(self, is_https: bool) -> &'static str {
        match (self, is_https) {
            (Self::Token, true) => "__Host-strongroom_token",
            (Self::Token, false) => "strongroom_token",
            (Self::Upload, true) => "__Host-strongroom_upload",
            (Self::Upload, false) => "strongroom_upload",
        }
    }

    /// The `Set-Cookie` value that carries `value`. `base_url` is the configured address of the portal.
    #[must_use]
    pub fn set(self, value: impl Serialize, base_url: &str) -> String {
        let json = leptos::serde_json::to_string(&value).unwrap_or_default();
        self.cookie(&crate::paths::encode(&json), 60, base_url)
    }

    /// The `Set-Cookie` value that clears it.
    #[must_use]
    pub fn clear(self, base_url: &str) -> String {
        self.cookie("", 0, base_url)
    }

    fn cookie(self, value: &str, seconds: u32, base_url: &str) -> String {
        let is_https = is_https(base_url);
        let secure = if is_https { "; Secure" } else { "" };
        format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", self.name(is_https))
    }

    /// Reads the value from a `Cookie` header.
    #[must_use]
    pub fn read<T: DeserializeOwned>(self, cookies: &str, base_url: &str) -> Option<T> {
        let name = self.name(is_https(base_url));
        let value = cookies.split(';').find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))?;
        leptos::serde_json::from_str(&decode(value)?).ok()
    }
}

fn is_https(base_url: &str) -> bool {
    base_url.starts_with("https:")
}

/// The largest cookie that every browser keeps is 4,096 bytes; the encoded report stays below this.
const REPORT_BYTES: usize = 3_600;

/// The `Set-Cookie` value with the verdict on an upload. Of a long report the findings go first, then the files
/// at the end: the activity log has them all.
#[must_use]
pub fn upload_cookie(report: &UploadReport, base_url: &str) -> String {
    let mut report = report.clone();
    let fits = |report: &UploadReport| Flash::Upload.set(report, base_url).len() <= REPORT_BYTES;
    if !fits(&report) {
        report.rejected.iter_mut().for_each(|file| file.findings.clear());
    }
    while !fits(&report) && (report.files.pop().is_some() || report.rejected.pop().is_some()) {}
    Flash::Upload.set(&report, base_url)
}

fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let pair = std::str::from_utf8(bytes.get(at + 1..at + 3)?).ok()?;
            decoded.push(u8::from_str_radix(pair, 16).ok()?);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::upload::RejectedFile;

    const HTTPS: &str = "https://portal.example.com";
    const HTTP: &str = "http://127.0.0.1:3000";

    fn sent_back(cookie: &str) -> String {
        format!("theme=dark; {}; other=1", cookie.split(';').next().expect("a pair"))
    }

    #[test]
    fn what_was_set_is_read_back() {
        for base_url in [HTTPS, HTTP] {
            let cookie = Flash::Token.set("sr_ä; \"quoted\"=1", base_url);
            let read = Flash::Token.read::<String>(&sent_back(&cookie), base_url);
            assert_eq!(read.as_deref(), Some("sr_ä; \"quoted\"=1"));
            assert_eq!(Flash::Upload.read::<String>(&sent_back(&cookie), base_url), None);
        }
    }

    #[test]
    fn over_tls_no_other_host_can_plant_one() {
        for cookie in [Flash::Token.set("a", HTTPS), Flash::Upload.set("a", HTTPS), Flash::Token.clear(HTTPS)] {
            assert!(cookie.starts_with("__Host-"), "{cookie}");
            assert!(cookie.contains("; Path=/;") && cookie.ends_with("; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
        }
        let planted = sent_back(&Flash::Token.set("a", HTTP));
        assert_eq!(Flash::Token.read::<String>(&planted, HTTPS), None);
    }

    #[test]
    fn nonsense_is_nothing() {
        for cookies in [
            "",
            "strongroom_token",
            "strongroom_token=%",
            "strongroom_token=%zz",
            "strongroom_token=%ff",
            "strongroom_token=x",
        ] {
            assert_eq!(Flash::Token.read::<String>(cookies, HTTP), None, "{cookies}");
        }
    }

    #[test]
    fn a_long_report_is_cut_to_what_a_cookie_holds() {
        let file = RejectedFile {
            name: "Überblick.docx".into(),
            code: "unsupported_kind".into(),
            message: "Only .docx, .xlsx and .pptx files can be deposited.".into(),
            findings: Vec::new(),
        };
        let report = UploadReport { files: Vec::new(), rejected: vec![file; 100], stopped: None };
        let cookie = upload_cookie(&report, HTTPS);
        assert!(cookie.len() <= 4_096);
        let read: UploadReport = Flash::Upload.read(&sent_back(&cookie), HTTPS).expect("reads");
        assert!(!read.rejected.is_empty() && read.rejected.len() < 100);
    }
}
