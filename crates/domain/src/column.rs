//! Parsed types as columns: written as the one text (or integer) that they are, and parsed again when a row is read.
//!
//! The impls are for every database of sqlx that knows texts and integers, because the orphan rule wants them here;
//! without the feature `sqlx` there are none, and nothing of it comes into the browser's module.

/// Types with `Display` and `FromStr`, kept in TEXT columns.
macro_rules! text_columns {
    ($($name:ty),* $(,)?) => {$(
        #[cfg(feature = "sqlx")]
        const _: () = {
            use sqlx::{Database, Decode, Encode, Type, encode::IsNull, error::BoxDynError};

            impl<DB: Database> Type<DB> for $name
            where
                String: Type<DB>,
            {
                fn type_info() -> DB::TypeInfo {
                    <String as Type<DB>>::type_info()
                }

                fn compatible(ty: &DB::TypeInfo) -> bool {
                    <String as Type<DB>>::compatible(ty)
                }
            }

            impl<'q, DB: Database> Encode<'q, DB> for $name
            where
                String: Encode<'q, DB>,
            {
                fn encode_by_ref(&self, buf: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
                    self.to_string().encode(buf)
                }
            }

            impl<'r, DB: Database> Decode<'r, DB> for $name
            where
                &'r str: Decode<'r, DB>,
            {
                fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
                    let text = <&str as Decode<DB>>::decode(value)?;
                    text.parse().map_err(|_| $crate::column::Unreadable(stringify!($name)).into())
                }
            }
        };
    )*};
}

/// Types around an `i64`, kept in BIGINT columns: `name, from the integer, to the integer`.
macro_rules! integer_columns {
    ($($name:ty, $from:expr, $to:expr);* $(;)?) => {$(
        #[cfg(feature = "sqlx")]
        const _: () = {
            use sqlx::{Database, Decode, Encode, Type, encode::IsNull, error::BoxDynError};

            impl<DB: Database> Type<DB> for $name
            where
                i64: Type<DB>,
            {
                fn type_info() -> DB::TypeInfo {
                    <i64 as Type<DB>>::type_info()
                }

                fn compatible(ty: &DB::TypeInfo) -> bool {
                    <i64 as Type<DB>>::compatible(ty)
                }
            }

            impl<'q, DB: Database> Encode<'q, DB> for $name
            where
                i64: Encode<'q, DB>,
            {
                fn encode_by_ref(&self, buf: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
                    ($to)(*self).encode(buf)
                }
            }

            impl<'r, DB: Database> Decode<'r, DB> for $name
            where
                i64: Decode<'r, DB>,
            {
                fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
                    <i64 as Decode<DB>>::decode(value).map($from)
                }
            }
        };
    )*};
}

pub(crate) use {integer_columns, text_columns};

/// A stored text that is none of its type. It names the type and never the text, which may be an address or worse.
#[cfg(feature = "sqlx")]
#[derive(Debug, thiserror::Error)]
#[error("what is stored is no {0}")]
pub(crate) struct Unreadable(pub(crate) &'static str);
