//! The first page of ops.

use testkit::office;

use crate::harness::App;

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_carries_no_more_than_it_shows() {
    let app = App::new().await;
    for number in 1..=12 {
        app.deposit(&format!("report {number}.docx"), &office::docx(&format!("report {number}"))).await;
    }
    let cookie = app.cookie_of(&app.ops().await).await;
    let html = app.get("/ops").html().cookie(&cookie).send().await.text();
    assert!(html.contains("report 12.docx"), "{html}");
    assert!(!html.contains("report 1.docx"), "what is drawn is also there for the browser, and nothing else: {html}");
}
