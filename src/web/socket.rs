//! The listening socket, and room for everybody who knocks at the same time.

use std::net::SocketAddr;

use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpSocket};

/// Connections that may wait to be taken; the system lowers it to what it allows (`somaxconn`). Twilio tries
/// once more at most when it cannot connect, so nobody is turned away at the door.
const WAITING: u32 = 16_384;
/// Each connection is an open file. Below this a busy hour may find the node without one.
const ENOUGH_FILES: u64 = 4_096;

/// Binds an address; says in a sentence why it cannot. Also lets this process open as many files as the
/// system allows it.
///
/// # Errors
/// The sentence.
pub async fn bind(listen: SocketAddr) -> Result<TcpListener, String> {
    raise_open_files();
    socket(listen).map_err(|e| match e.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!(
                "{listen} is in use by another program: choose another with --listen, or 127.0.0.1:0 for a free one"
            )
        }
        std::io::ErrorKind::PermissionDenied => {
            format!("this user may not listen on {listen}: choose a port above 1023 with --listen")
        }
        _ => format!("{listen} cannot be listened on: {e}"),
    })
}

fn socket(listen: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if listen.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A node that is started again must not wait for connections that are long over.
    socket.set_reuseaddr(true)?;
    socket.bind(listen)?;
    socket.listen(WAITING)
}

/// Raises the limit of open files to the most that this user may have, which is often far above the usual
/// one. Answers the limit; `None` when there is none.
pub fn raise_open_files() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let usual = limit.current;
        limit.current = limit.maximum;
        if let Err(e) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(error = %e, "the limit of open files stays as it is");
            limit.current = usual;
        }
    }
    if let Some(few) = limit.current.filter(|files| *files < ENOUGH_FILES) {
        tracing::warn!(
            "this process may open {few} files, and each webhook that comes is one: raise the limit (`ulimit -Hn`, or LimitNOFILE of the service) to {ENOUGH_FILES} or more"
        );
    }
    limit.current
}
