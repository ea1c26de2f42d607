//! A place on the web that has files: it does what a test says with one request after the other.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of the next request.
#[derive(Debug, Clone)]
pub enum Then {
    /// A file of this type.
    Send(&'static str, Vec<u8>),
    /// No answer, ever.
    Silence,
}

/// See the module. It ends with its runtime.
pub struct Files {
    pub base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Files {
    pub async fn start(script: impl IntoIterator<Item = Then>) -> Files {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let (mut script, heard): (VecDeque<Then>, _) = (script.into_iter().collect(), asked.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let then = script.pop_front().unwrap_or(Then::Silence);
                tokio::spawn(serve(stream, then, heard.clone()));
            }
        });
        Files { base, asked }
    }

    /// The heads of all requests, in small letters.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, then: Then, heard: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    let mut part = [0; 1024];
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        match stream.read(&mut part).await {
            Ok(n) if n > 0 => head.extend_from_slice(&part[..n]),
            _ => return,
        }
    }
    heard.lock().unwrap().push(String::from_utf8_lossy(&head).to_lowercase());
    match then {
        Then::Send(kind, bytes) => {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                bytes.len()
            );
            let _ = stream.write_all(&[head.as_bytes(), &bytes].concat()).await;
        }
        // Until whoever asked has hung up.
        Then::Silence => while stream.read(&mut part).await.is_ok_and(|n| n > 0) {},
    }
}
