//! Another protocol through a no-op endpoint, such as a websocket: the switch passes, and after it bytes in both directions.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use serde_json::{Value, json};
use tests::envoy::{Gateway, Running};

// A service that switches protocols, then sends each text back in capitals until the client ends.
fn switching() -> (String, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let serving = thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut stream = BufReader::new(connection.try_clone().unwrap());
            let head = head(&mut stream);
            if head.starts_with("GET /end ") {
                return;
            }
            if !head.to_ascii_lowercase().contains("upgrade: websocket") {
                connection.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").unwrap();
                continue;
            }
            let switch = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Mine: 1\r\n\r\nhello ";
            connection.write_all(switch.as_bytes()).unwrap();
            thread::spawn(move || {
                let mut piece = [0; 1024];
                while let Ok(length @ 1..) = stream.read(&mut piece) {
                    let _ = connection.write_all(&piece[..length].to_ascii_uppercase());
                }
                let _ = connection.shutdown(Shutdown::Both);
            });
        }
    });
    (at, serving)
}

fn head(stream: &mut impl BufRead) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).unwrap() > 0 {}
    head
}

fn gateway(at: &str) -> Running {
    let endpoint = |path: &str, encoding: &str, scripts: Value| {
        let backend = json!({"host": ["http://api"], "url_pattern": "/ws", "encoding": encoding});
        json!({
            "endpoint": path, "output_encoding": encoding, "input_headers": ["*"], "backend": [backend],
            "extra_config": {"modifier/lua-proxy": scripts},
        })
    };
    let endpoints = json!([
        endpoint("/plain", "no-op", json!({"pre": "local a = 1"})),
        endpoint(
            "/scripted",
            "no-op",
            json!({
                "pre": "http_response.new('http://wait/'); request.load():body()",
                "post": "local r = response.load(); r:headers('X-Ours', tostring(r:statusCode()) .. r:body())",
            })
        ),
        endpoint("/status", "no-op", json!({"post": "response.load():statusCode(200)"})),
        endpoint("/body", "no-op", json!({"post": "response.load():body('mine')"})),
        endpoint("/json", "json", json!({"pre": "local a = 1"})),
    ]);
    let configuration = json!({
        "version": 3, "timeout": "1s", "endpoints": endpoints,
        "extra_config": {
            "router": {"return_error_msg": true},
            "envoy/lua-modifier": {"clusters": {"http://api": "api", "http://wait": "api"}},
        },
    });
    let manager = json!({"upgrade_configs": [{"upgrade_type": "websocket"}]});
    Gateway { manager, ..Gateway::new(configuration, &[("api", at)]) }.start()
}

fn ask(port: u16, path: &str) -> (String, BufReader<TcpStream>) {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    connection.write_all(request.as_bytes()).unwrap();
    let mut stream = BufReader::new(connection);
    (head(&mut stream).to_ascii_lowercase(), stream)
}

#[test]
fn a_switch_of_protocols_passes_a_no_op_endpoint_and_bytes_go_both_ways() {
    let (at, serving) = switching();
    let gateway = gateway(&at);
    for (path, ours) in [("/plain", None), ("/scripted", Some("x-ours: 101\r\n"))] {
        let (head, mut stream) = ask(gateway.port(), path);
        assert!(head.starts_with("http/1.1 101"), "{head}");
        for line in ["connection: upgrade\r\n", "upgrade: websocket\r\n", "x-mine: 1\r\n"].into_iter().chain(ours) {
            assert!(head.contains(line), "{path} {line} {head}");
        }
        let mut said = [0; 6];
        stream.read_exact(&mut said).unwrap();
        assert_eq!(&said, b"hello ");
        for word in ["one", "two"] {
            stream.get_mut().write_all(word.as_bytes()).unwrap();
            let mut said = [0; 3];
            stream.read_exact(&mut said).unwrap();
            assert_eq!(said, *word.to_uppercase().as_bytes());
        }
        stream.get_mut().shutdown(Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        assert!(rest.is_empty());
    }
    let words = "the service switched protocols (101)";
    for path in ["/status", "/body"] {
        let (head, mut stream) = ask(gateway.port(), path);
        assert!(head.starts_with("http/1.1 500"), "{path} {head}");
        let mut text = vec![0; words.len()];
        stream.read_exact(&mut text).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), words, "{path}");
    }
    let (head, _stream) = ask(gateway.port(), "/json");
    assert!(head.starts_with("http/1.1 500"), "{head}");
    assert!(gateway.logs("invalid status code 101").is_some());
    drop(gateway);
    TcpStream::connect(&at).unwrap().write_all(b"GET /end HTTP/1.1\r\n\r\n").unwrap();
    serving.join().unwrap();
}
