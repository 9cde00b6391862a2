//! A document bears the name its sender gave, whatever client sent it, or the refusal says why it cannot.

use axum::body::Body;
use domain::upload::UploadReport;
use http::StatusCode;
use testkit::office;

use crate::harness::{App, Reply, content_type, multipart};

const NAME: &str = "Übersicht.docx";

/// Uploads a file whose part says this of it, byte for byte.
async fn upload(app: &App, parameters: &[u8]) -> Reply {
    let usual = b"filename=\"a.docx\"";
    let body = multipart(&[("a.docx", &office::docx("a report"))], true);
    let at = body.windows(usual.len()).position(|window| window == usual).expect("a file name");
    let body = [&body[..at], parameters, &body[at + usual.len()..]].concat();
    let bearer = app.bearer_of(&app.ops().await).await;
    let ask = app.post("/api/v1/upload").header("authorization", &bearer).header("content-type", &content_type());
    ask.body(Body::from(body)).send().await
}

testkit::on_both! {
    async fn a_document_bears_the_name_that_its_sender_gave(t: TestBackend) {
        let app = App::over(t);
        for (says, parameters) in [
            ("a browser", "filename=\"Übersicht.docx\"".as_bytes()),
            (".NET", b"filename=\"=?utf-8?B?w5xiZXJzaWNodC5kb2N4?=\"; filename*=utf-8''%C3%9Cbersicht.docx"),
            ("an extended name alone", b"filename*=UTF-8''%C3%9Cbersicht.docx"),
            ("with a stand-in", b"filename=\"_bersicht.docx\"; filename*=UTF-8''%C3%9Cbersicht.docx"),
            ("Latin-1", b"filename=\"\xDCbersicht.docx\""),
            ("a path", "filename=\"C:\\Berichte\\Übersicht.docx\"".as_bytes()),
        ] {
            let reply = upload(&app, parameters).await;
            assert_eq!(reply.status, StatusCode::CREATED, "{says}: {}", reply.text());
            assert_eq!(reply.json::<UploadReport>().files[0].name.as_str(), NAME, "{says}");
        }
        for name in ["می\u{200C}خواهم.docx", "क्\u{200D}ष.docx", "שלום\u{200F} 2.docx", "U\u{308}bersicht.docx", "東京📈.docx"] {
            let reply = upload(&app, format!("filename=\"{name}\"").as_bytes()).await;
            assert_eq!(reply.json::<UploadReport>().files[0].name.as_str(), name, "{}", reply.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_name_is_refused_with_its_true_reason() {
    let app = App::new().await;
    let long = format!("filename*=UTF-8''{}.docx", "%C3%A9".repeat(126));
    for (parameters, reason) in [
        (&*long, "has 257 bytes in UTF-8"),
        ("filename=\"invoice\u{202E}xcod.docx\"", "changes the direction of text (U+202E)"),
        ("filename=\"in\u{200B}voice.docx\"", "that nobody sees (U+200B)"),
        ("filename=\"a%22b.docx\"", "the character \" which"),
        ("filename=\"a%0D%0Ab.docx\"", "a control character (U+000D)"),
        ("filename=\"../a.docx\"", "the character / which"),
    ] {
        let reply = upload(&app, parameters.as_bytes()).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{parameters}");
        let rejected = reply.json::<UploadReport>().rejected.remove(0);
        assert_eq!(rejected.code, "invalid_file_name");
        assert!(rejected.message.contains(reason), "{}", rejected.message);
        assert!(!rejected.name.contains(['\u{202E}', '\u{200B}', '\r']), "{:?}", rejected.name);
    }
    let log = app.everything_stored().await;
    assert!(!log.contains('\u{202E}'), "a character that turns the direction is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_looks_like_a_parameter_is_a_name() {
    let app = App::new().await;
    let reply = upload(&app, b"filename=\"a; name=b.docx\"").await;
    assert_eq!(reply.json::<UploadReport>().files[0].name.as_str(), "a; name=b.docx");
}
