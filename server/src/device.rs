//! The device cookie: by it an account knows a browser in which its owner has signed in before. It signs nobody in;
//! it only keeps their tries at the password apart from those of strangers (docs/adr/0011).

use backend::accounts::KNOWN_FOR;
use domain::PlainSecret;
use http::{HeaderMap, HeaderValue, header};

const fn name(https: bool) -> &'static str {
    if https { "__Host-strongroom_device" } else { "strongroom_device" }
}

/// The secret that the browser has sent.
#[must_use]
pub(crate) fn read(headers: &HeaderMap, https: bool) -> Option<PlainSecret> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let value = cookies
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name(https))?.strip_prefix('='))?;
    let is_one = value.len() == PlainSecret::LINK_CHARS && value.bytes().all(|byte| byte.is_ascii_graphic());
    is_one.then(|| PlainSecret::presented(value))
}

/// The `Set-Cookie` value that leaves the secret with the browser, for as long as the account remembers it.
#[must_use]
pub(crate) fn cookie(secret: &PlainSecret, https: bool) -> Option<HeaderValue> {
    let secure = if https { "; Secure" } else { "" };
    let (name, value, seconds) = (name(https), secret.expose(), KNOWN_FOR.as_secs());
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_is_read_back_and_nothing_else() {
        let secret = PlainSecret::presented("a".repeat(PlainSecret::LINK_CHARS));
        for https in [true, false] {
            let cookie = cookie(&secret, https).expect("a value");
            let pair = cookie.to_str().expect("ASCII").split(';').next().expect("a pair").to_owned();
            let sent = |line: String| HeaderMap::from_iter([(header::COOKIE, line.parse().expect("a header"))]);
            assert_eq!(read(&sent(format!("theme=dark; {pair}")), https), Some(secret.clone()));
            assert_eq!(read(&sent(pair.clone()), !https), None, "the name says how it was sent");
            assert_eq!(read(&sent(format!("{pair}b")), https), None, "too long");
        }
        assert_eq!(read(&HeaderMap::new(), true), None);
    }
}
