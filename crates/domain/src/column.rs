//! Parsed types as columns: written as the one text (or integer) that they are, and parsed again when a row is read.
//!
//! The impls are for every database of sqlx that knows texts and integers, because the orphan rule wants them here;
//! without the feature `sqlx` there are none, and nothing of it comes into the browser's module.

/// A type kept in TEXT columns: with `Display` and `FromStr`; or with `as_str` and `FromStr`; or with `as_str` and the
/// function that reads what is kept.
macro_rules! text_column {
    ($name:ident) => {
        $crate::column::text_column!($name, ToString::to_string, str::parse::<$name>);
    };
    ($name:ident as_str) => {
        $crate::column::text_column!($name as_str, str::parse::<$name>);
    };
    ($name:ident as_str, $read:expr) => {
        $crate::column::text_column!($name, |one: &$name| one.as_str().to_owned(), $read);
    };
    ($name:ident, $write:expr, $read:expr) => {
        $crate::column::column!($name, String, &'r str, $write, |text| {
            ($read)(text).map_err(|_| $crate::column::Unreadable(stringify!($name)).into())
        });
    };
}

/// A type around an `i64`, kept in BIGINT columns: made from the integer, and back to it.
macro_rules! integer_column {
    ($name:ident, $from:expr, $to:expr) => {
        $crate::column::column!($name, i64, i64, |one: &$name| ($to)(*one), |integer| Ok(($from)(integer)));
    };
}

/// What both have in common: written as one of the types that every column is of, and read as one.
macro_rules! column {
    ($name:ident, $written:ty, $stored:ty, $write:expr, $read:expr) => {
        #[cfg(feature = "sqlx")]
        const _: () = {
            use sqlx::{Database, Decode, Encode, Type, encode::IsNull, error::BoxDynError};

            impl<DB: Database> Type<DB> for $name
            where
                $written: Type<DB>,
            {
                fn type_info() -> DB::TypeInfo {
                    <$written as Type<DB>>::type_info()
                }

                fn compatible(ty: &DB::TypeInfo) -> bool {
                    <$written as Type<DB>>::compatible(ty)
                }
            }

            impl<'q, DB: Database> Encode<'q, DB> for $name
            where
                $written: Encode<'q, DB>,
            {
                fn encode_by_ref(&self, buf: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
                    ($write)(self).encode(buf)
                }
            }

            impl<'r, DB: Database> Decode<'r, DB> for $name
            where
                $stored: Decode<'r, DB>,
            {
                fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
                    <$stored as Decode<DB>>::decode(value).and_then($read)
                }
            }
        };
    };
}

pub(crate) use {column, integer_column, text_column};

/// A stored text that is none of its type. It names the type and never the text, which may be an address or worse.
#[cfg(feature = "sqlx")]
#[derive(Debug, thiserror::Error)]
#[error("what is stored is no {0}")]
pub(crate) struct Unreadable(pub(crate) &'static str);
