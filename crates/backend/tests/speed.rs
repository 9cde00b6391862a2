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
