//! Feeds of each kind, and bodies that are not feeds.

use super::read;
use crate::data::write_table;

fn shown(body: &str) -> String {
    match read(body.into()) {
        Ok(table) => String::from_utf8(write_table(&table, 100_000).unwrap()).unwrap(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn rss_has_the_keys_of_krakend_rss() {
    let body = r#"<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
        xmlns:c="http://purl.org/rss/1.0/modules/content/"><channel><title>News &amp; more</title>
        <link>http://a</link><description><![CDATA[<b>x</b>]]></description><language>en</language>
        <image><url>http://a/i.png</url><title>i</title></image><pubDate>Mon, 02 Jan 2006 15:04:05 GMT</pubDate>
        <managingEditor>e@x.org (Ed)</managingEditor><category>c1</category>
        <item><title>One&nbsp;<i>!</i></title><link>http://a/1</link><guid>g1</guid><c:encoded>long</c:encoded>
        <dc:creator>Ann</dc:creator><pubDate>Mon, 02 Jan 2006 15:04:05 -0700</pubDate><rank>7</rank>
        <enclosure url="u" length="3" type="audio/mpeg"/></item></channel></rss>"#;
    let found = shown(body);
    let begins = r#"{"author":{"email":"e@x.org","name":"Ed"},"categories":["c1"],"copyright":"","custom":null,"description":"\u003cb\u003ex\u003c/b\u003e","img_url":"http://a/i.png","items":[{"author":{"name":"Ann"},"authors":[{"name":"Ann"}],"content":"long","custom":{"rank":"7"},"dcExt":{"creator":["Ann"]},"enclosures":[{"length":"3","type":"audio/mpeg","url":"u"}],"extensions":{"dc":{"creator":[{"attrs":{},"children":{},"name":"creator","value":"Ann"}]}},"guid":"g1","link":"http://a/1","links":["http://a/1"],"published":"Mon, 02 Jan 2006 15:04:05 -0700","publishedParsed":"2006-01-02T22:04:05Z","title":"One"#;
    assert!(found.starts_with(begins), "{found}");
    let ends = r#"}],"language":"en","published":"Mon, 02 Jan 2006 15:04:05 GMT","title":"News \u0026 more","type":"rss","updated":""}"#;
    assert!(found.ends_with(ends), "{found}");
}

#[test]
fn atom_has_the_same_keys() {
    let body = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><updated>2024-05-01T10:00:00Z</updated>
        <author><name>Ann</name><email>a@x</email></author><entry><id>1</id><title type="html">&lt;b&gt;E</title>
        <link href="http://a/1"/><link rel="enclosure" href="u" type="t"/><updated>2024-05-01T12:00:00+02:00</updated></entry></feed>"#;
    assert_eq!(
        shown(body),
        r#"{"author":{"email":"a@x","name":"Ann"},"categories":null,"copyright":"","custom":null,"description":"","items":[{"enclosures":[{"type":"t","url":"u"}],"guid":"1","link":"http://a/1","links":["http://a/1"],"published":"2024-05-01T12:00:00+02:00","publishedParsed":"2024-05-01T10:00:00Z","title":"\u003cb\u003eE","updated":"2024-05-01T12:00:00+02:00","updatedParsed":"2024-05-01T10:00:00Z"}],"language":"","published":"","title":"T","type":"atom","updated":"2024-05-01T10:00:00Z"}"#
    );
}

#[test]
fn a_json_feed_has_the_same_keys() {
    let body = r#"{"version":"https://jsonfeed.org/version/1","title":"T","author":{"name":"Ann"},
        "items":[{"id":"1","url":"http://a/1","content_text":"c","date_published":"2024-05-01","tags":["x"]}]}"#;
    assert_eq!(
        shown(body),
        r#"{"author":{"name":"Ann"},"categories":null,"copyright":"","custom":null,"description":"","items":[{"categories":["x"],"content":"c","guid":"1","link":"http://a/1","links":["http://a/1"],"published":"2024-05-01","publishedParsed":"2024-05-01T00:00:00Z"}],"language":"","published":"2024-05-01","title":"T","type":"json","updated":""}"#
    );
}

#[test]
fn what_is_no_feed_is_an_error() {
    let rows = [
        ("", "there is no element"),
        ("<html/>", "the body is no feed"),
        ("[1]", "there is no element"),
        ("<rss><channel>", "the text ends while an element is open"),
        ("{\"a\":", "the JSON ends too early"),
    ];
    for (body, words) in rows {
        let told = shown(body);
        assert!(told.contains(words), "{body}: {told}");
    }
}
