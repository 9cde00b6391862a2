//! The program is killed at random instants in the middle of uploads, fifty times over (or as often as
//! STRONGROOM_TEST_KILLS says), on one data folder.
//! Whatever the instant: nothing half-visible, nothing lost that was answered for, and the sweep leaves no orphan.

use std::{
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use backend::{
    Backend, Parts,
    clock::ManualClock,
    db::Database,
    random::{OsRandom, Random},
    storage::{Blobs, KeyRing},
};
use domain::Timestamp;
use testkit::program::{Portal, Program};

/// Unless STRONGROOM_TEST_KILLS says otherwise.
const KILLS: usize = 50;

/// A genuine document of about a megabyte that no two calls make alike.
fn document() -> Vec<u8> {
    let mut bytes = vec![0; 500_000];
    OsRandom::default().fill(&mut bytes);
    let text: String = bytes.iter().map(|byte| char::from(b'a' + byte % 26)).collect();
    testkit::office::docx(&text)
}

/// The name of every listed document, whose bytes are all there.
fn whole_documents(portal: &Portal, token: &str) -> Vec<String> {
    portal.collect(token).map(|(name, _)| name).collect()
}

/// Instants between nothing and a little more than a whole upload takes.
fn random_instant(whole: Duration) -> Duration {
    let mut bytes = [0; 4];
    OsRandom::default().fill(&mut bytes);
    whole.mul_f64(1.2 * f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}

#[test]
fn killed_at_any_instant_of_an_upload_it_keeps_what_it_answered_for_and_shows_nothing_half() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let program = Program::new(env!("CARGO_BIN_EXE_strongroom"), &data);
    program.create_ops();

    let portal = program.serve();
    let token = portal.token();
    let begun = Instant::now();
    assert_eq!(portal.upload(&token, "first.docx", &document()).status, 201);
    let whole = begun.elapsed();
    drop(portal);

    let mut promised = vec!["first.docx".to_owned()];
    let kills = std::env::var("STRONGROOM_TEST_KILLS").map_or(KILLS, |kills| kills.parse().expect("a number"));
    for round in 0..kills {
        let portal = program.serve();
        let (client, sender, name) = (portal.client(), token.clone(), format!("round {round}.docx"));
        let sent = name.clone();
        let sending = thread::spawn(move || client.try_upload(&sender, &sent, &document()));
        thread::sleep(random_instant(whole));
        drop(portal);
        if sending.join().expect("the sender ends").is_some_and(|answer| answer.status == 201) {
            promised.push(name);
        }
    }

    let portal = program.serve();
    let visible = whole_documents(&portal, &token);
    for name in &promised {
        assert!(visible.contains(name), "{name} was answered for and is gone");
    }
    drop(portal);
    println!("{kills} kills within {whole:?}: {} answered for, {} visible and whole", promised.len(), visible.len());

    let (blobs, documents) = testkit::run(swept_after_weeks(&data));
    assert_eq!(blobs, documents, "an orphan was left, or a blob was swept that a document needs");
    let portal = program.serve();
    assert_eq!(whole_documents(&portal, &token).len(), visible.len());
}

/// Sweeps as an instance does that comes by when every claim is over; counts the blobs left, and the documents.
async fn swept_after_weeks(data: &Path) -> (usize, usize) {
    let url = format!("sqlite://{}", data.join("strongroom.db").display());
    let random = Arc::new(OsRandom::default());
    let db = Database::connect(&url, random.clone()).await.expect("opens");
    let clock = Arc::new(ManualClock::new(next_week()));
    let backend = Backend::new(Parts {
        db: db.clone(),
        blobs: Blobs::in_folder(&data.join("blobs")).expect("opens"),
        keys: KeyRing::open(&data.join("keys"), random.as_ref()).expect("opens"),
        clock: clock.clone(),
        random,
        transport: Arc::new(testkit::MemoryTransport::default()),
        settings: testkit::TestBackend::settings(),
    });
    println!("swept: {:?}", backend.sweep().await.expect("sweeps"));
    clock.advance(Duration::from_secs(14 * 24 * 3600));
    println!("and two weeks later: {:?}", backend.sweep().await.expect("sweeps"));
    println!("blobs removed: {}", backend.purge_due().await.expect("purges"));
    db.close().await;
    let pool = sqlx::AnyPool::connect(&url).await.expect("opens");
    let (versions,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM document_versions").fetch_one(&pool).await.expect("counts");
    pool.close().await;
    // One of them says which portal it is.
    (files_below(&data.join("blobs")) - 1, usize::try_from(versions).expect("a count"))
}

#[expect(clippy::disallowed_methods, reason = "the program under test runs by the machine's clock")]
fn next_week() -> Timestamp {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    Timestamp::from_millis(i64::try_from(now.as_millis()).expect("fits")).after(Duration::from_secs(7 * 24 * 3600))
}

fn files_below(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}
