//! The device cookie: by it an account knows a browser in which its owner has signed in before. It signs nobody in;
//! it only keeps their tries at the password apart from those of strangers (docs/adr/0011).

use backend::accounts::KNOWN_FOR;
use domain::PlainSecret;
use http::{HeaderMap, HeaderValue, header};
use tower_sessions::cookie::Cookie;

const fn name(https: bool) -> &'static str {
    if https { "__Host-strongroom_device" } else { "strongroom_device" }
}

/// The secret that the browser has sent.
#[must_use]
pub(crate) fn read(headers: &HeaderMap, https: bool) -> Option<PlainSecret> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(Cookie::split_parse).flatten();
    let cookie = cookies.find(|cookie| cookie.name() == name(https))?;
    let value = cookie.value();
    let is_one = value.len() == PlainSecret::LINK_CHARS && value.bytes().all(|byte| byte.is_ascii_graphic());
    is_one.then(|| PlainSecret::presented(value))
}

/// The `Set-Cookie` value that leaves the secret with the browser, for as long as the account remembers it.
#[must_use]
pub(crate) fn cookie(secret: &PlainSecret, https: bool) -> Option<HeaderValue> {
    let cookie = crate::session::guarded(name(https), secret.expose(), https);
    let mut line = HeaderValue::try_from(cookie.max_age(KNOWN_FOR.try_into().ok()?).to_string()).ok()?;
    line.set_sensitive(true);
    Some(line)
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
