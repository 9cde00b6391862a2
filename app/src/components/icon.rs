//! Line icons, drawn here: 20 by 20, in the colour of the text around them.

use leptos::prelude::*;

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// A house.
    Overview,
    /// An arrow out of a tray.
    Upload,
    /// A stack of sheets.
    Documents,
    /// A card with a face.
    Clients,
    /// Two people.
    Team,
    /// A line that beats.
    Activity,
    /// One person.
    Account,
    /// A magnifying glass.
    Search,
    /// An arrow into a tray.
    Download,
    /// Two sheets, one behind the other.
    Copy,
    /// A tick.
    Check,
    /// A circle with an i.
    Info,
    /// A triangle with an exclamation mark.
    Warning,
    /// A letter.
    Mail,
    /// A key.
    Key,
    /// A door with an arrow.
    SignOut,
    /// An angle to the right.
    Next,
    /// A cross.
    Close,
}

impl Icon {
    /// Every icon, for the page of parts.
    pub const ALL: [Self; 18] = [
        Self::Overview,
        Self::Upload,
        Self::Documents,
        Self::Clients,
        Self::Team,
        Self::Activity,
        Self::Account,
        Self::Search,
        Self::Download,
        Self::Copy,
        Self::Check,
        Self::Info,
        Self::Warning,
        Self::Mail,
        Self::Key,
        Self::SignOut,
        Self::Next,
        Self::Close,
    ];

    const fn path(self) -> &'static str {
        match self {
            Self::Overview => "M3 9.2 10 3.5l7 5.7M5 8v8.5h10V8M8.3 16.5v-5h3.4v5",
            Self::Upload => "M10 12.5v-9M6.3 7 10 3.3 13.7 7M3.5 12.5v4h13v-4",
            Self::Documents => "M6.5 3.5H12l3.5 3.5v7h-9zM12 3.5V7h3.5M4.5 6v10.5h8.5",
            Self::Clients => {
                "M2.5 4.5h15v11h-15zM7 10.1a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2M4.4 13.3c.3-1.5 1.3-2.1 2.6-2.1s2.3.6 2.6 2.1M12 8.3h3M12 11.3h3"
            }
            Self::Team => {
                "M7.5 9.5a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6M2.5 16c.3-2.8 2.3-4.4 5-4.4s4.7 1.6 5 4.4M13 4.2a2.6 2.6 0 0 1 0 5M15 11.9c1.4.6 2.3 2 2.5 4.1"
            }
            Self::Activity => "M2.5 10.5h3.3L8 4.5l4 11 2.2-5h3.3",
            Self::Account => {
                "M10 9.8a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4M3.8 16.6c.4-3 2.9-4.6 6.2-4.6s5.8 1.6 6.2 4.6"
            }
            Self::Search => "M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11M13 13l3.8 3.8",
            Self::Download => "M10 3.5v9M6.3 8.8 10 12.5l3.7-3.7M3.5 13.5v3h13v-3",
            Self::Copy => "M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4",
            Self::Check => "M4 10.5 8.3 14.7 16 6",
            Self::Info => "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14M10 9.2v4.3M10 6.4v.2",
            Self::Warning => "M10 3.2 17.6 16.5H2.4zM10 8v4.2M10 14.3v.2",
            Self::Mail => "M2.8 4.8h14.4v10.4H2.8zM3 5.2l7 5.8 7-5.8",
            Self::Key => "M7 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M10.5 10h7M15 10v3",
            Self::SignOut => "M12 4.5v-1H4.5v13H12v-1M8.5 10h8.5M14 7l3 3-3 3",
            Self::Next => "M8 5l5 5-5 5",
            Self::Close => "M5 5l10 10M15 5 5 15",
        }
    }
}

/// An icon beside a text that says the same; readers skip it.
#[component]
pub fn IconMark(
    /// Which.
    icon: Icon,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d=icon.path()></path>
        </svg>
    }
}
