//! Buttons, and links that look like them.

use leptos::prelude::*;

use super::icon::{Icon, IconMark};
use crate::live::{flag, mark, on};

/// How much a button asks to be pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonStyle {
    /// The one thing to do here.
    #[default]
    Primary,
    /// One among several.
    Quiet,
    /// Destroys something.
    Danger,
}

impl ButtonStyle {
    const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button",
            Self::Quiet => "button quiet",
            Self::Danger => "button danger",
        }
    }
}

/// Sends the form that it stands in. While that is under way it cannot be pressed again.
#[component]
pub fn SubmitButton(
    /// What it says.
    #[prop(into)]
    label: String,
    /// How it looks.
    #[prop(optional)]
    style: ButtonStyle,
    /// Whether the form is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// A reason not to be pressed yet.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// An icon before the label.
    #[prop(optional)]
    icon: Option<Icon>,
    /// For readers, where the label alone is ambiguous on the page.
    #[prop(optional, into)]
    described: Option<String>,
) -> impl IntoView {
    view! {
        <button
            type="submit"
            class=style.class()
            class:busy=busy
            disabled=flag(move || busy.get() || disabled.get())
            aria-busy=mark(move || busy.get())
            aria-label=described
        >
            {icon.map(|icon| view! { <IconMark icon/> }.into_any())}
            <span>{label}</span>
        </button>
    }
}

/// Something that can be done with one thing among several; `name` tells readers which. A function, because a page
/// has many of them: as components each would be compiled anew.
pub fn move_button(label: &'static str, name: &str, hidden: Signal<bool>, press: impl Fn() + 'static) -> AnyView {
    move_button_as(ButtonStyle::Quiet, label, name, hidden, Box::new(press))
}

/// The same with another look.
pub fn move_button_as(
    style: ButtonStyle,
    label: &'static str,
    name: &str,
    hidden: Signal<bool>,
    press: Box<dyn Fn()>,
) -> AnyView {
    let class = format!("{} small", style.class());
    let described = format!("{label}: {name}");
    view! {
        <button type="button" class=class hidden=hidden aria-label=described on:click=on(move |_| press())>{label}</button>
    }
    .into_any()
}

/// Leads to another page.
#[component]
pub fn LinkButton(
    /// Where to.
    #[prop(into)]
    href: String,
    /// What it says.
    #[prop(into)]
    label: String,
    /// How it looks.
    #[prop(optional)]
    style: ButtonStyle,
    /// An icon before the label.
    #[prop(optional)]
    icon: Option<Icon>,
) -> impl IntoView {
    view! {
        <a href=href class=style.class()>
            {icon.map(|icon| view! { <IconMark icon/> }.into_any())}
            <span>{label}</span>
        </a>
    }
}
