//! Signing up, proving an address, signing in and passwords, on both databases.

mod confirming;
mod keeping;
mod passwords;
mod racing;
mod signing_in;
mod signing_up;
mod throttling;

use backend::{
    Result,
    accounts::{Admission, Chosen},
};
use domain::{Email, ErrorCode, PlainPassword, PlainSecret, account::SignUp};
use testkit::TestBackend;

const PASSWORD: &str = "correct horse battery staple";

/// Where a stranger is.
const STRANGER: &str = "203.0.113.9";

fn sign_up(email: &str) -> SignUp {
    SignUp::parse("Ana López", email, PASSWORD.to_owned()).expect("a valid sign-up")
}

fn password(text: &str) -> PlainPassword {
    PlainPassword::parse(text).expect("a valid password")
}

fn address(text: &str) -> Email {
    Email::parse(text).expect("a valid address")
}

/// What is chosen outside the browser that signed up.
fn chosen(text: &str) -> Option<Chosen> {
    Some(Chosen { password: password(text), name: None })
}

/// The secret at the end of the link in a mail, which starts with `path`.
fn secret_in(text: &str, path: &str) -> PlainSecret {
    let at = text.find(path).unwrap_or_else(|| panic!("no {path} in {text}")) + path.len();
    PlainSecret::of_link(text[at..].split_whitespace().next().expect("a secret"))
}

/// The six digits in a mail.
fn code_in(text: &str) -> String {
    let mut words = text.split_whitespace();
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    words.find(is_code).unwrap_or_else(|| panic!("no code in {text}")).to_owned()
}

/// The code of a refusal.
fn refusal<T: std::fmt::Debug>(outcome: Result<T>) -> Option<ErrorCode> {
    outcome.expect_err("refused").code()
}

/// Signs in from the usual place.
async fn enter(t: &TestBackend, email: &str, password: &str) -> Result<Admission> {
    t.accounts.sign_in(&TestBackend::origin(), email, password).await
}

/// Asks for a reset and gives the secret of its link.
async fn reset_link(t: &TestBackend, email: &str) -> PlainSecret {
    t.accounts.request_reset(&TestBackend::origin(), &address(email)).await.expect("asks");
    secret_in(&t.newest_mail().await.text, "/reset/")
}
