//! Choices that are stored, filtered by and sent under a text that never changes, and shown under another.

/// An enum of such choices. One that is none of them is an [`InvalidQuery`](crate::ErrorCode::InvalidQuery) on the field.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident on $field:literal { $($(#[$of:meta])* $variant:ident = $text:tt, $label:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {$(
            $(#[$of])*
            #[serde(rename = $text)]
            $variant,
        )*}

        impl $name {
            /// All of them, in the order in which they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stored text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// What people read.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::problem::Problem;

            fn from_str(text: &str) -> Result<Self, $crate::problem::Problem> {
                let named = Self::ALL.iter().copied().find(|one| one.as_str() == text);
                named.ok_or_else(|| {
                    $crate::problem::Problem::new($crate::problem::ErrorCode::InvalidQuery).on($field)
                })
            }
        }

        $crate::column::text_column!($name as_str);
    };
}

pub(crate) use named;
