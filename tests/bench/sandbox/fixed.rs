//! The reference: warp with a static answer, about as large as a message resource, and a receiver of
//! callbacks.

use std::io::Write;

use warp::Filter;

/// The child's main: prints where it listens, then serves until it is killed.
pub fn child() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{{\"base\":\"http://{}\"}}", listener.local_addr().unwrap());
        std::io::stdout().flush().unwrap();
        let answer = warp::path("status")
            .and(warp::body::bytes())
            .map(|_| String::new())
            .or(warp::body::bytes().map(|_| "x".repeat(1_000)))
            .unify();
        warp::serve(answer).incoming(listener).run().await;
    });
}
