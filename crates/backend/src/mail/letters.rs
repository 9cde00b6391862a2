//! What Strongroom writes to people: one template pair (plain text and HTML) a letter.

use askama::Template;
use domain::{PersonName, PlainSecret};

/// A letter to one person.
#[derive(Clone, Copy)]
pub(crate) enum Letter<'a> {
    /// Proves the address of a sign-up. It goes to somebody who may not have signed up, so it says nothing that was
    /// typed there.
    Verify { secret: &'a PlainSecret, code: &'a str },
    /// To an address that has an account already and was used to sign up.
    AlreadyRegistered,
    /// Lets a new password be chosen.
    ResetPassword { name: &'a PersonName, secret: &'a PlainSecret },
    /// Tells that the password is another one now.
    PasswordChanged { name: &'a PersonName },
    /// Invites to ops.
    Invitation { from: &'a PersonName, secret: &'a PlainSecret },
}

/// A letter put into words.
pub(crate) struct Written {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// The one layout of all letters: a greeting, paragraphs, at most one button and one code, a closing note.
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

struct Content {
    subject: String,
    greeting: String,
    before: String,
    code: Option<String>,
    button: Option<(&'static str, String)>,
    after: String,
}

impl Letter<'_> {
    pub(crate) fn write(self, portal: &str, base_url: &str) -> Result<Written, askama::Error> {
        let content = self.content(portal, base_url);
        Ok(Written {
            text: Text { portal, content: &content }.render()?,
            html: Html { portal, content: &content }.render()?,
            subject: content.subject,
        })
    }

    fn content(self, portal: &str, base_url: &str) -> Content {
        match self {
            Self::Verify { secret, code } => Content {
                subject: format!("{code} is your code for {portal}"),
                greeting: "Hello,".to_owned(),
                before: format!("Confirm your e-mail address to see your documents at {portal}. Enter this code on the page where you signed up:"),
                code: Some(code.to_owned()),
                button: Some(("Confirm the address", format!("{base_url}/confirm/{}", secret.expose()))),
                after: "The code works for 10 minutes, the link for 24 hours, and each once. If you did not sign up, do nothing: without them no account is made.".to_owned(),
            },
            Self::AlreadyRegistered => Content {
                subject: format!("You have an account at {portal} already"),
                greeting: "Hello,".to_owned(),
                before: format!("Someone signed up at {portal} with this e-mail address. It has an account already, and nothing was changed. Sign in, or choose a new password there if you forgot yours."),
                code: None,
                button: Some(("Go to the sign-in page", format!("{base_url}/login"))),
                after: "If it was not you, do nothing.".to_owned(),
            },
            Self::ResetPassword { name, secret } => Content {
                subject: format!("Choose a new password for {portal}"),
                greeting: format!("Hello {name},"),
                before: format!("Someone asked for a new password for your account at {portal}."),
                code: None,
                button: Some(("Choose a new password", format!("{base_url}/reset/{}", secret.expose()))),
                after: "The link works once, for 30 minutes. If it was not you, do nothing: your password stays as it is.".to_owned(),
            },
            Self::PasswordChanged { name } => Content {
                subject: format!("Your password for {portal} was changed"),
                greeting: format!("Hello {name},"),
                before: format!("The password of your account at {portal} was changed just now. Every other session and every API token was ended."),
                code: None,
                button: Some(("It was not me", format!("{base_url}/forgot"))),
                after: "If it was you, there is nothing to do.".to_owned(),
            },
            Self::Invitation { from, secret } => Content {
                subject: format!("{from} invites you to {portal}"),
                greeting: "Hello,".to_owned(),
                before: format!("{from} invites you to deliver documents with {portal} as one of its ops. Choose your own password to begin."),
                code: None,
                button: Some(("Accept the invitation", format!("{base_url}/invite/{}", secret.expose()))),
                after: "The link works once, for three days.".to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_html_say_the_same_and_html_is_escaped() {
        let name = PersonName::kept("Ana <b>").expect("valid");
        let secret = PlainSecret::presented("s3cret");
        let letter = Letter::Verify { secret: &secret, code: "012345" };
        let written = letter.write("Acme", "https://docs.example.com").expect("renders");
        assert_eq!(written.subject, "012345 is your code for Acme");
        for body in [&written.text, &written.html] {
            assert!(body.contains("https://docs.example.com/confirm/s3cret"), "{body}");
            assert!(body.contains("012345"));
        }
        let letter = Letter::ResetPassword { name: &name, secret: &secret };
        let written = letter.write("Acme", "https://docs.example.com").expect("renders");
        assert!(written.text.contains("Hello Ana <b>,"));
        assert!(!written.html.contains("<b>,"));
    }
}
