//! What Strongroom writes to people: one template pair (plain text and HTML) for all letters.

use std::time::Duration;

use askama::Template;
use domain::{
    Email, PersonName, PlainSecret, Timestamp,
    account::{CODE_LIFE, LINK_LIFE},
    mail::MailKind,
};
use serde::{Deserialize, Serialize};

use super::{Correspondent, caps::Cause};
use crate::accounts::{INVITATION_LIFE, RESET_LIFE};

/// A letter to one person, before it is put into words.
///
/// What strangers type stands in no letter to an address that is not verified: a name is a good place for a sentence
/// with a link.
#[derive(Serialize, Deserialize)]
pub(crate) enum Letter {
    /// Proves the address of a sign-up.
    Verify { secret: PlainSecret, code: String },
    /// To an address that has an account already and was used to sign up.
    AlreadyRegistered,
    /// Lets a new password be chosen.
    ResetPassword { name: PersonName, secret: PlainSecret },
    /// Tells that the password is another one now.
    PasswordChanged { name: PersonName },
    /// Invites to ops.
    Invitation { from: PersonName, reply_to: Email, secret: PlainSecret },
    /// Put into words before letters were sealed.
    Written { subject: String, text: String, html: String },
}

/// A letter put into words.
pub(super) struct Written {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// What is known when a letter is put into words.
#[derive(Clone, Copy)]
pub(super) struct Sheet<'a> {
    pub(super) portal: &'a str,
    pub(super) base_url: &'a str,
    /// When the letter was caused; its link and code count from there.
    pub(super) created_at: Timestamp,
    pub(super) now: Timestamp,
}

impl Letter {
    pub(super) fn kind(&self) -> MailKind {
        match self {
            Self::Verify { .. } => MailKind::Verify,
            Self::AlreadyRegistered => MailKind::AlreadyRegistered,
            Self::ResetPassword { .. } => MailKind::ResetPassword,
            Self::PasswordChanged { .. } => MailKind::PasswordChanged,
            Self::Invitation { .. } => MailKind::Invitation,
            Self::Written { .. } => MailKind::Written,
        }
    }

    /// Who can cause it.
    pub(super) fn cause(&self) -> Cause {
        match self {
            Self::Verify { .. } | Self::AlreadyRegistered => Cause::Stranger,
            Self::ResetPassword { .. } => Cause::Reset,
            Self::PasswordChanged { .. } | Self::Invitation { .. } | Self::Written { .. } => Cause::Known,
        }
    }

    /// The person who gets the replies.
    pub(super) fn reply_to(&self) -> Option<Correspondent> {
        match self {
            Self::Invitation { from, reply_to, .. } => {
                Some(Correspondent { name: from.clone(), email: reply_to.clone() })
            }
            _ => None,
        }
    }

    pub(super) fn write(self, sheet: Sheet<'_>) -> Result<Written, askama::Error> {
        match self {
            Self::Written { subject, text, html } => Ok(Written { subject, text, html }),
            Self::Verify { secret, code } => verify(sheet, &secret, &code).write(sheet.portal),
            Self::AlreadyRegistered => already_registered(sheet).write(sheet.portal),
            Self::ResetPassword { name, secret } => reset_password(sheet, &name, &secret).write(sheet.portal),
            Self::PasswordChanged { name } => password_changed(sheet, &name).write(sheet.portal),
            Self::Invitation { from, secret, .. } => invitation(sheet, &from, &secret).write(sheet.portal),
        }
    }
}

fn verify(sheet: Sheet<'_>, secret: &PlainSecret, code: &str) -> Content {
    let Sheet { portal, base_url, .. } = sheet;
    let Some(link_lasts) = sheet.lasts(LINK_LIFE) else {
        return Content {
            subject: format!("Your link for {portal} has run out"),
            greeting: HELLO.to_owned(),
            before: format!(
                "Someone signed up at {portal} with this e-mail address. Our mail about it was held up for so long that its link would not work any more. Sign up again to get a fresh one."
            ),
            code: None,
            button: Some(("Sign up again", format!("{base_url}/signup"))),
            after: "If you did not sign up, do nothing: no account was made.".to_owned(),
        };
    };
    let button = Some(("Confirm the address", format!("{base_url}/confirm/{}", secret.expose())));
    let stranger = "If you did not sign up, do nothing: without them no account is made.";
    match sheet.lasts(CODE_LIFE) {
        Some(code_lasts) => Content {
            subject: format!("{code} is your code for {portal}"),
            greeting: HELLO.to_owned(),
            before: format!(
                "Confirm your e-mail address to see your documents at {portal}. Enter this code on the page where you signed up:"
            ),
            code: Some(code.to_owned()),
            button,
            after: format!("The code is good {code_lasts}, the link {link_lasts}. Each works once. {stranger}"),
        },
        None => Content {
            subject: format!("Confirm your address for {portal}"),
            greeting: HELLO.to_owned(),
            before: format!(
                "Confirm your e-mail address to see your documents at {portal}. This mail was held up, so the code that belongs to it is over; the link still works."
            ),
            code: None,
            button,
            after: format!(
                "The link works once, {link_lasts}. If you did not sign up, do nothing: without it no account is made."
            ),
        },
    }
}

fn already_registered(Sheet { portal, base_url, .. }: Sheet<'_>) -> Content {
    Content {
        subject: format!("You have an account at {portal} already"),
        greeting: HELLO.to_owned(),
        before: format!(
            "Someone signed up at {portal} with this e-mail address. It has an account already, and nothing was changed. Sign in, or choose a new password there if you forgot yours."
        ),
        code: None,
        button: Some(("Go to the sign-in page", format!("{base_url}/login"))),
        after: "If it was not you, do nothing.".to_owned(),
    }
}

fn reset_password(sheet: Sheet<'_>, name: &PersonName, secret: &PlainSecret) -> Content {
    let Sheet { portal, base_url, .. } = sheet;
    let subject = format!("Choose a new password for {portal}");
    let greeting = format!("Hello {name},");
    let unasked = "If it was not you, do nothing: your password stays as it is.";
    match sheet.lasts(RESET_LIFE) {
        Some(lasts) => Content {
            subject,
            greeting,
            before: format!("Someone asked for a new password for your account at {portal}."),
            code: None,
            button: Some(("Choose a new password", format!("{base_url}/reset/{}", secret.expose()))),
            after: format!("The link works once, {lasts}. {unasked}"),
        },
        None => Content {
            subject,
            greeting,
            before: format!(
                "Someone asked for a new password for your account at {portal}. Our mail about it was held up for so long that its link would not work any more. Ask for a fresh one."
            ),
            code: None,
            button: Some(("Ask again", format!("{base_url}/forgot"))),
            after: unasked.to_owned(),
        },
    }
}

fn password_changed(sheet: Sheet<'_>, name: &PersonName) -> Content {
    let Sheet { portal, base_url, created_at, .. } = sheet;
    Content {
        subject: format!("Your password for {portal} was changed"),
        greeting: format!("Hello {name},"),
        before: format!(
            "The password of your account at {portal} was changed on {}. Every other session and every API token was ended.",
            created_at.words()
        ),
        code: None,
        button: Some(("It was not me", format!("{base_url}/forgot"))),
        after: "If it was you, there is nothing to do.".to_owned(),
    }
}

fn invitation(sheet: Sheet<'_>, from: &PersonName, secret: &PlainSecret) -> Content {
    let Sheet { portal, base_url, .. } = sheet;
    let lasts = sheet.lasts(INVITATION_LIFE);
    Content {
        subject: format!("{from} invites you to {portal}"),
        greeting: HELLO.to_owned(),
        before: format!("{from} invites you to deliver documents with {portal} as one of its ops. Choose your own password to begin."),
        code: None,
        button: lasts.is_some().then(|| ("Accept the invitation", format!("{base_url}/invite/{}", secret.expose()))),
        after: match lasts {
            Some(lasts) => format!("The link works once, {lasts}."),
            None => "This mail was held up for so long that the link would not work any more. Reply to it to be invited again.".to_owned(),
        },
    }
}

/// The test letter of `strongroom doctor`.
pub(super) fn trial(portal: &str, base_url: &str) -> Result<Written, askama::Error> {
    let content = Content {
        subject: format!("Mail from {portal} arrives"),
        greeting: HELLO.to_owned(),
        before: format!(
            "Somebody who looks after {portal} has asked for this mail, to see whether mail arrives. It does."
        ),
        code: None,
        button: Some(("Go to the portal", base_url.to_owned())),
        after: "There is nothing to do.".to_owned(),
    };
    content.write(portal)
}

/// How somebody is greeted whose name is not known, or was not typed by them.
const HELLO: &str = "Hello,";

impl Sheet<'_> {
    /// How long something works that began with the letter, as the end of a sentence; `None` once it is over.
    fn lasts(self, life: Duration) -> Option<String> {
        let age = self.now.since(self.created_at);
        match age {
            _ if age >= life => None,
            // "For ten minutes" is true of a mail that is read soon after it was caused.
            _ if age < life / 10 => Some(format!("for {}", span_words(life))),
            _ => Some(format!("until {}", self.created_at.after(life).words())),
        }
    }
}

/// `30 minutes`, `24 hours`, `3 days`.
fn span_words(span: Duration) -> String {
    const HOUR: u64 = 3600;
    const DAY: u64 = 24 * HOUR;
    match span.as_secs() {
        seconds if seconds > DAY && seconds.is_multiple_of(DAY) => format!("{} days", seconds / DAY),
        seconds if seconds > HOUR && seconds.is_multiple_of(HOUR) => format!("{} hours", seconds / HOUR),
        seconds => format!("{} minutes", seconds / 60),
    }
}

/// What every letter is made of: a greeting, a paragraph, at most one code and one button, a closing note.
struct Content {
    subject: String,
    greeting: String,
    before: String,
    code: Option<String>,
    button: Option<(&'static str, String)>,
    after: String,
}

impl Content {
    fn write(self, portal: &str) -> Result<Written, askama::Error> {
        Ok(Written {
            text: Text { portal, content: &self }.render()?,
            html: Html { portal, content: &self }.render()?,
            subject: self.subject,
        })
    }
}

/// The one layout of all letters.
#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    portal: &'a str,
    content: &'a Content,
}

/// The same letter for readers of plain text.
#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct Text<'a> {
    portal: &'a str,
    content: &'a Content,
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATED: Timestamp = Timestamp::from_millis(1_795_356_300_000);

    fn written(letter: Letter, age: Duration) -> Written {
        let sheet = Sheet {
            portal: "Acme",
            base_url: "https://docs.example.com",
            created_at: CREATED,
            now: CREATED.after(age),
        };
        letter.write(sheet).expect("renders")
    }

    fn verify() -> Letter {
        Letter::Verify { secret: PlainSecret::presented("s3cret"), code: "012345".to_owned() }
    }

    fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(minutes * 60)
    }

    #[test]
    fn text_and_html_say_the_same_and_html_is_escaped() {
        let letter = verify();
        let mail = written(letter, Duration::ZERO);
        assert_eq!(mail.subject, "012345 is your code for Acme");
        for body in [&mail.text, &mail.html] {
            assert!(body.contains("https://docs.example.com/confirm/s3cret"), "{body}");
            assert!(body.contains("012345"));
            assert!(body.contains("The code is good for 10 minutes, the link for 24 hours."), "{body}");
        }
        let name = PersonName::kept("Ana <b>").expect("valid");
        let mail = written(Letter::PasswordChanged { name }, Duration::ZERO);
        assert!(mail.text.contains("Hello Ana <b>,"));
        assert!(!mail.html.contains("<b>,"));
    }

    #[test]
    fn a_letter_that_was_held_up_promises_what_is_still_true() {
        let late = written(verify(), minutes(5));
        assert!(
            late.text.contains("The code is good until 22 November 2026, 14:15 UTC, the link for 24 hours."),
            "{}",
            late.text
        );
        let later = written(verify(), minutes(10));
        assert!(!later.subject.contains("012345") && !later.text.contains("012345"));
        assert!(later.text.contains("/confirm/s3cret"));
        let too_late = written(verify(), minutes(24 * 60));
        assert!(!too_late.text.contains("s3cret") && too_late.text.contains("https://docs.example.com/signup"));
    }

    #[test]
    fn a_link_that_is_over_is_not_sent_but_the_way_to_a_fresh_one_is() {
        let name = || PersonName::parse("Ana").expect("valid");
        let secret = || PlainSecret::presented("s3cret");
        let reset = || Letter::ResetPassword { name: name(), secret: secret() };
        assert!(written(reset(), minutes(1)).text.contains("The link works once, for 30 minutes."));
        let late = written(reset(), minutes(30)).text;
        assert!(!late.contains("s3cret") && late.contains("/forgot"), "{late}");
        let reply_to = Email::parse("ops@example.com").expect("valid");
        let invitation = |age| {
            let letter = Letter::Invitation { from: name(), reply_to: reply_to.clone(), secret: secret() };
            written(letter, age).text
        };
        assert!(invitation(Duration::ZERO).contains("The link works once, for 3 days."));
        assert!(!invitation(INVITATION_LIFE).contains("s3cret"));
    }
}
