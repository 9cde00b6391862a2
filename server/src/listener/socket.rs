//! Where clients come in: addresses of the network, or a socket in the file system.

use std::{
    fs,
    future::poll_fn,
    io,
    net::{IpAddr, SocketAddr},
    os::unix::{
        fs::{FileTypeExt as _, PermissionsExt as _},
        net::UnixStream as StdUnixStream,
    },
    path::{Path, PathBuf},
    task::Poll,
};

use axum::extract::ConnectInfo;
use backend::network;
use http::Extensions;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use crate::config::Listen;

/// Open for whoever comes.
pub struct Listener {
    tcp: Vec<TcpListener>,
    unix: Option<(UnixListener, SocketFile)>,
}

/// Who has come in.
pub(super) enum Client {
    Tcp(TcpStream, SocketAddr),
    Unix(UnixStream),
}

/// Who speaks at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Somebody in the network.
    Address(SocketAddr),
    /// A proxy on this machine that may open the socket.
    Socket,
}

impl Peer {
    /// The addresses that one client can choose among; `None` for a proxy at the socket.
    pub(super) fn network(self) -> Option<IpAddr> {
        match self {
            Self::Address(address) => Some(network(address.ip())),
            Self::Socket => None,
        }
    }

    pub(super) fn introduce(self, extensions: &mut Extensions) {
        extensions.insert(self);
        if let Self::Address(address) = self {
            extensions.insert(ConnectInfo(address));
        }
    }
}

/// Others than the owner and the group of the socket's file stay out.
const MODE: u32 = 0o660;

/// A socket's file, which goes with whoever made it.
struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Listener {
    /// Opens what the configuration names.
    ///
    /// # Errors
    /// The address or the socket is somebody else's, or not for this program to take.
    pub async fn bind(listen: &Listen) -> io::Result<Self> {
        if let Listen::Socket(path) = listen {
            remove_stale(path)?;
            let socket = UnixListener::bind(path)?;
            let file = SocketFile(path.clone());
            fs::set_permissions(path, fs::Permissions::from_mode(MODE))?;
            return Ok(Self { tcp: Vec::new(), unix: Some((socket, file)) });
        }
        let mut tcp: Vec<TcpListener> = Vec::new();
        for mut address in listen.addresses() {
            // A port that the system chooses is the same on every address.
            if let Some(first) = tcp.first() {
                address.set_port(first.local_addr()?.port());
            }
            match TcpListener::bind(address).await {
                Ok(socket) => tcp.push(socket),
                // A machine without IPv6 has no ::1.
                Err(error) if !tcp.is_empty() && error.kind() != io::ErrorKind::AddrInUse => {
                    tracing::info!(%error, %address, "not listened on");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Self { tcp, unix: None })
    }

    /// The first address in the network; `None` for a socket.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.tcp.first()?.local_addr().ok()
    }

    pub(super) async fn accept(&self) -> io::Result<Client> {
        poll_fn(|context| {
            for listener in &self.tcp {
                if let Poll::Ready(accepted) = listener.poll_accept(context) {
                    return Poll::Ready(accepted.map(|(stream, peer)| Client::Tcp(stream, peer)));
                }
            }
            match &self.unix {
                Some((listener, _)) => {
                    listener.poll_accept(context).map(|accepted| accepted.map(|(stream, _)| Client::Unix(stream)))
                }
                None => Poll::Pending,
            }
        })
        .await
    }
}

impl From<TcpListener> for Listener {
    fn from(listener: TcpListener) -> Self {
        Self { tcp: vec![listener], unix: None }
    }
}

/// Removes the socket of a portal that has ended without removing it. Nothing else is ever removed.
fn remove_stale(path: &Path) -> io::Result<()> {
    let is_socket = match fs::symlink_metadata(path) {
        Ok(about) => about.file_type().is_socket(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !is_socket {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "there is a file of that name that is no socket"));
    }
    match StdUnixStream::connect(path) {
        Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "somebody listens there already")),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
    }
}
