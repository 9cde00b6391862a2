//! nginx with the same bytes, unsealed, to anybody who asks: the yardstick for downloads.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use crate::{
    process::{Failure, Outcome},
    setup,
    workspace::create_folder,
};

/// A server that runs. Dropping it ends it.
pub(super) struct Nginx {
    process: Child,
    pub(super) address: SocketAddr,
}

/// Starts nginx over a folder; `None` where it is not installed.
pub(super) fn start(folder: &Path, files: &Path) -> Outcome<Option<Nginx>> {
    let Some(program) = setup::nginx() else { return Ok(None) };
    let refused = |error| Failure::doing("start nginx", error);
    create_folder(folder)?;
    let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).map_err(refused)?;
    let configuration = folder.join("nginx.conf");
    fs::write(&configuration, text(folder, files, address)).map_err(refused)?;
    let mut command = Command::new(program);
    command.arg("-p").arg(folder).arg("-e").arg(folder.join("error.log")).arg("-c").arg(configuration);
    let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(refused)?;
    let nginx = Nginx { process, address };
    for _ in 0..100 {
        if TcpStream::connect(address).is_ok() {
            return Ok(Some(nginx));
        }
        thread::sleep(Duration::from_millis(50));
    }
    Err(Failure::new(format!("nginx did not start; see {}.", folder.join("error.log").display())))
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // As one process without a master it has no children to leave behind, and stays the user that it was started as.
        let _ = self.process.kill().and_then(|()| self.process.wait());
    }
}

/// As a person would set it up for speed: sendfile, full packets, no log.
fn text(folder: &Path, files: &Path, address: SocketAddr) -> String {
    let folder = folder.display();
    format!(
        "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n\
         events {{ worker_connections 64; }}\n\
         http {{\n  access_log off; sendfile on; tcp_nopush on; default_type application/octet-stream;\n  \
         client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;\n  \
         uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;\n  \
         server {{ listen {address}; root {}; }}\n}}\n",
        files.display()
    )
}
