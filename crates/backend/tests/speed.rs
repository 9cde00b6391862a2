use backend::documents::Begun;
use bytes::Bytes;
use futures::StreamExt;
use std::time::Instant;
use testkit::{TestBackend, office};
#[test]
fn speed() {
    testkit::run(async {
        let t = TestBackend::sqlite().await;
        let ops = t.ops().await;
        let bytes = Bytes::from(office::package(&[("[Content_Types].xml".into(), r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="png" ContentType="image/png"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#.into()),("_rels/.rels".into(), r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#.into()),("word/document.xml".into(), r#"<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p/></w:body></w:document>"#.into()),("word/media/image1.png".into(), "figure 12345678 ".repeat(256<<20 >> 4))]));
        let Begun::Started(mut u) = t.uploads.begin(&ops, "a.docx", None).await.expect("b") else { panic!() };
        let n = Instant::now();
        let mut rest = bytes.clone();
        while !rest.is_empty() {
            let k = rest.len().min(64 * 1024);
            u.write(rest.split_to(k)).await.expect("w");
        }
        eprintln!("write {} MB/s", bytes.len() as f64 / 1e6 / n.elapsed().as_secs_f64());
        let n = Instant::now();
        let v = u.finish().await.expect("f");
        eprintln!("finish {:?}", n.elapsed());
        let backend::documents::Verdict::Deposited(f) = v else { panic!("{v:?}") };
        for _ in 0..3 {
            let link = t.links.mint(&ops, f.id).await.expect("m");
            let token = link.url.rsplit('/').next().expect("t").to_owned();
            let o = t.links.open(&ops, &token).await.expect("o");
            let n = Instant::now();
            let size = o.size;
            let mut d = o.start(0..size).await.expect("s");
            let mut total = 0;
            while let Some(b) = d.next().await {
                total += b.expect("b").len();
            }
            eprintln!("read {} MB/s {total}", total as f64 / 1e6 / n.elapsed().as_secs_f64());
        }
    });
}
async fn list_speed(t: TestBackend) {
    let ops = t.ops().await; let ana = t.client().await;
    let Begun::Started(mut u) = t.uploads.begin(&ops, "a.docx", None).await.expect("b") else { panic!() };
    u.write(Bytes::from(office::docx("x"))).await.expect("w"); let backend::documents::Verdict::Deposited(f) = u.finish().await.expect("f") else {panic!()};
    let mut tx = t.sql.begin().await.expect("tx");
    for n in 0..100_000i64 {
        let id = format!("0198c0de-0000-7000-8000-{n:012x}"); let kind = ["docx","xlsx","pptx"][(n%3) as usize]; let name = format!("report {}.{kind}", (n * 7919) % 100_000);
        sqlx::query("INSERT INTO documents (id, name, name_folded, kind, size, current_version, uploaded_at) VALUES ($1,$2,$2,$3,$4,$1,$5)").bind(id.clone()).bind(name).bind(kind).bind((n*31)%77777).bind(1_700_000_000_000+n).execute(&mut *tx).await.expect("i");
        sqlx::query("INSERT INTO document_versions SELECT $1,$1,1,size,sha256,key_id,wrapped_key,findings,uploaded_by,uploaded_at FROM document_versions WHERE document_id = $2").bind(id.clone()).bind(f.id.to_string()).execute(&mut *tx).await.expect("i");
        sqlx::query("INSERT INTO document_audiences VALUES ($1,'everyone',0)").bind(id).execute(&mut *tx).await.expect("i");
    }
    tx.commit().await.expect("c");
    for analyzed in [false, true] {
        if analyzed { sqlx::query("ANALYZE").execute(&t.sql).await.expect("a"); }
        for who in [&ana, &ops] { for sort in domain::DocumentSort::ALL { for (kind,q) in [(None,""),(Some(domain::DocumentKind::Pptx),""),(None,"report 77"),(None,"zzz")] {
            let mut query = domain::DocumentQuery { sort, kind, q: q.into(), ..Default::default() };
            let n = Instant::now(); let p = t.documents.list(who, &query).await.expect("l"); let first = n.elapsed();
            query.cursor = p.next; let n = Instant::now(); for _ in 0..5 { t.documents.list(who, &query).await.expect("l"); } let next = n.elapsed() / 5;
            if first.as_millis() > 20 || next.as_millis() > 8 { eprintln!("analyzed {analyzed} {:?} {sort:?} {kind:?} {q:?}: first {first:?} next {next:?}", who.person().expect("p").me.role); }
        }}}
        let n = Instant::now(); for _ in 0..200 { t.documents.list(&ana, &Default::default()).await.expect("l"); } eprintln!("list: {:?} each", n.elapsed()/200);
    }
}
#[test] fn list_sqlite() { testkit::run(async { list_speed(TestBackend::sqlite().await).await }) }
#[test] fn list_postgres() { testkit::run(async { list_speed(TestBackend::postgres().await.expect("pg")).await }) }
