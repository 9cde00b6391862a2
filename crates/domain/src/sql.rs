//! Columns.
use crate::{Timestamp, id::*};
use sqlx::{Database, Decode, Encode, Type, encode::IsNull, error::BoxDynError};
macro_rules! text { ($($t:ty)*) => {$(
    impl<DB: Database> Type<DB> for $t where String: Type<DB> {
        fn type_info() -> DB::TypeInfo { <String as Type<DB>>::type_info() }
        fn compatible(ty: &DB::TypeInfo) -> bool { <String as Type<DB>>::compatible(ty) }
    }
    impl<'q, DB: Database> Encode<'q, DB> for $t where String: Encode<'q, DB> {
        fn encode_by_ref(&self, buf: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
            <String as Encode<DB>>::encode(self.to_string(), buf)
        }
    }
    impl<'r, DB: Database> Decode<'r, DB> for $t where String: Decode<'r, DB> {
        fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
            let text = <String as Decode<DB>>::decode(value)?;
            text.parse().map_err(|_| format!("not a {}", stringify!($t)).into())
        }
    }
)*}}
text! { AccountId ActivityId ApiTokenId BlobId DeliveryId DocumentId InvitationId LinkId MailId PortalId SessionHandle SignUpId UploadId VersionId }
impl<DB: Database> Type<DB> for Timestamp
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
impl<'q, DB: Database> Encode<'q, DB> for Timestamp
where
    i64: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buf: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        self.millis().encode_by_ref(buf)
    }
}
impl<'r, DB: Database> Decode<'r, DB> for Timestamp
where
    i64: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self::from_millis(<i64 as Decode<DB>>::decode(value)?))
    }
}
