//! A store in memory that takes from us no more than a bucket does, and complains of what a bucket would not do: parts that
//! are too short or of different lengths, copies, renames, and reliance on a put that fails when there is something.

use std::{
    fmt::{self, Display, Formatter},
    ops::Range,
    sync::Arc,
};

use async_trait::async_trait;
use bytes::Bytes;
use domain::{BlobId, PortalId};
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result as Stored, UploadPart,
    memory::InMemory, path::Path,
};
use sealed::FileKey;

use super::{Abandoned, Store};
use crate::{
    error::Result,
    storage::{Blobs, Buffers, Chunks, Plain, SealedBlob, SealingWriter},
};

const MIB: usize = 1 << 20;
const LEAST_PART: usize = 5 * MIB;

#[derive(Debug)]
struct Bucket(Arc<dyn ObjectStore>);

#[derive(Debug)]
struct Strict(InMemory);

#[derive(Debug)]
struct StrictParts {
    inner: Box<dyn MultipartUpload>,
    lengths: Vec<usize>,
}

impl Display for Strict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a strict bucket")
    }
}

#[async_trait]
impl Store for Bucket {
    fn objects(&self) -> &Arc<dyn ObjectStore> {
        &self.0
    }

    fn part_len(&self) -> usize {
        LEAST_PART
    }

    async fn abandoned(&self) -> Result<Vec<Abandoned>> {
        Ok(Vec::new())
    }

    async fn discard(&self, _: &Abandoned) -> Result<()> {
        Ok(())
    }

    async fn upgrade(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl ObjectStore for Strict {
    async fn put_opts(&self, location: &Path, payload: PutPayload, mut opts: PutOptions) -> Stored<PutResult> {
        // There are buckets that take such a put and overwrite.
        opts.mode = PutMode::Overwrite;
        self.0.put_opts(location, payload, opts).await
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Stored<Box<dyn MultipartUpload>> {
        let inner = self.0.put_multipart_opts(location, opts).await?;
        Ok(Box::new(StrictParts { inner, lengths: Vec::new() }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Stored<GetResult> {
        self.0.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Stored<Vec<Bytes>> {
        self.0.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Stored<Path>>) -> BoxStream<'static, Stored<Path>> {
        self.0.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Stored<ObjectMeta>> {
        self.0.list(prefix).boxed()
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> Stored<ListResult> {
        panic!("a bucket has no folders");
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Stored<()> {
        panic!("nothing is copied within a store");
    }

    async fn rename_opts(&self, _: &Path, _: &Path, _: RenameOptions) -> Stored<()> {
        panic!("a bucket renames nothing");
    }
}

#[async_trait]
impl MultipartUpload for StrictParts {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.lengths.push(data.content_length());
        self.inner.put_part(data)
    }

    async fn complete(&mut self) -> Stored<PutResult> {
        let (last, before) = self.lengths.split_last().expect("there is a part");
        assert!(before.iter().all(|len| *len == LEAST_PART), "{before:?}");
        assert!(*last <= LEAST_PART);
        self.inner.complete().await
    }

    async fn abort(&mut self) -> Stored<()> {
        self.inner.abort().await
    }
}

fn bucket() -> Blobs {
    Blobs::over(Arc::new(Bucket(Arc::new(Strict(InMemory::new())))))
}

fn blob(last: u8) -> BlobId {
    BlobId::new(uuid::Uuid::from_bytes([last; 16]))
}

fn plain(len: usize) -> Vec<u8> {
    (0..len).map(|place| (place / 251) as u8).collect()
}

async fn sealing(blobs: &Blobs, id: BlobId, bytes: &[u8]) -> SealingWriter {
    let mut writer = SealingWriter::begin(blobs, [3; 32], id, &FileKey::from_bytes([7; 32])).expect("begins");
    for step in bytes.chunks(SealingWriter::STEP) {
        writer.write(step).await.expect("written");
    }
    writer
}

#[tokio::test]
async fn what_is_sealed_into_a_bucket_comes_back() {
    let blobs = bucket();
    for (number, len) in [0, 1, LEAST_PART - 100, LEAST_PART, 2 * LEAST_PART, 13 * MIB + 7].into_iter().enumerate() {
        let (id, bytes) = (blob(number as u8), plain(len));
        assert_eq!(sealing(&blobs, id, &bytes).await.complete().await.expect("is whole"), len as u64);
        let sealed = SealedBlob { id, key: FileKey::from_bytes([7; 32]), size: len as u64 };
        for range in [0..sealed.size, sealed.size / 3..sealed.size] {
            let opened = Plain::open(blobs.clone(), &sealed, range.clone()).await.expect("opens");
            let chunks: Vec<_> = Chunks::new(opened, Buffers::new()).try_collect().await.expect("is sound");
            assert!(chunks.concat() == bytes[range.start as usize..], "{len}");
        }
    }
    assert_eq!(blobs.list().try_collect::<Vec<_>>().await.expect("lists").len(), 6);
    for number in 0..6 {
        blobs.delete(blob(number)).await.expect("is removed");
        blobs.delete(blob(number)).await.expect("is removed already");
        assert_eq!(blobs.size(blob(number)).await.expect("asked"), None);
    }
}

#[tokio::test]
async fn what_is_given_up_in_a_bucket_was_never_there() {
    let blobs = bucket();
    for (number, len) in [10, 7 * MIB].into_iter().enumerate() {
        sealing(&blobs, blob(number as u8), &plain(len)).await.abort().await;
    }
    assert_eq!(blobs.list().try_collect::<Vec<_>>().await.expect("lists"), []);
}

#[tokio::test]
async fn a_bucket_knows_its_portal() {
    let (blobs, ours) = (bucket(), PortalId::new(uuid::Uuid::from_bytes([1; 16])));
    blobs.ping().await.expect("takes a file and gives it up");
    assert_eq!(blobs.portal().await.expect("asked"), None);
    assert!(blobs.belong_to(ours).await.expect("written"));
    assert_eq!(blobs.portal().await.expect("asked"), Some(ours));
}
