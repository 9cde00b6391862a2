//! Whether a client has taken the bytes of an answer. What a socket accepts lies in buffers of two machines; only the
//! client's own next step says that it came for them.
//!
//! Over HTTP/1 an answer that counts ends its connection: the portal closes its side, and the client, once it has read
//! everything, closes the other. A client that closes with bytes unread, or goes away, resets the connection instead.
//! Over HTTP/2, where a connection goes on, it is the next frame that the client sends after the last byte has left, at
//! the latest its answer to the ping of an idle connection, or that it closes.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use backend::documents::Receipt;
use futures::FutureExt as _;
use http::Version;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, UnixStream},
    sync::oneshot,
    time::{Sleep, sleep},
};

/// What answers know of their connection. Cheap to clone; every request carries it.
#[derive(Clone)]
pub(crate) struct Handovers(Arc<Shared>);

struct Shared {
    is_multiplexed: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: Vec<Waiting>,
    is_over: bool,
}

/// An answer whose last byte was given to the connection.
struct Waiting {
    tell: oneshot::Sender<bool>,
    is_written: bool,
    is_flushed: bool,
}

/// A stream that can say whether it was reset.
pub(crate) trait Resettable: AsyncRead + AsyncWrite + Unpin {
    /// The error that waits on it, if one does.
    fn take_error(&self) -> io::Result<Option<io::Error>>;
}

/// The bytes of a connection, watched.
pub(crate) struct Watched<S> {
    stream: S,
    handovers: Handovers,
    farewell: Option<Farewell>,
}

/// The portal has closed its side, and waits for the client to close the other.
struct Farewell {
    until: Pin<Box<Sleep>>,
    heard: usize,
    /// The client has closed, too. A reset may still follow, for bytes that came too late for it.
    has_closed: bool,
}

/// How long a client may take to read what lies in buffers and close.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a reset may be on its way behind a close.
const RESET: Duration = Duration::from_secs(1);
/// What a client may still send while the portal waits for it to close.
const CHATTER: usize = 64 * 1024;

impl Handovers {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Shared { is_multiplexed: AtomicBool::new(false), state: Mutex::default() }))
    }

    /// A request has come in this version of HTTP, which is that of all on the connection.
    pub(crate) fn speak(&self, version: Version) {
        self.0.is_multiplexed.store(version == Version::HTTP_2, Ordering::Relaxed);
    }

    /// Whether an answer that counts has to end the connection.
    pub(crate) fn end_the_connection(&self) -> bool {
        !self.is_multiplexed()
    }

    /// What the connection will say of an answer.
    pub(crate) fn receipt(&self) -> Receipt {
        let handovers = self.clone();
        Receipt::by_connection(move || handovers.wait().map(|outcome| outcome.unwrap_or(false)).boxed())
    }

    fn wait(&self) -> oneshot::Receiver<bool> {
        let (tell, outcome) = oneshot::channel();
        let mut state = self.state();
        if !state.is_over {
            state.waiting.push(Waiting { tell, is_written: false, is_flushed: false });
        }
        outcome
    }

    fn is_multiplexed(&self) -> bool {
        self.0.is_multiplexed.load(Ordering::Relaxed)
    }

    fn are_awaited(&self) -> bool {
        !self.state().waiting.is_empty()
    }

    fn written(&self) {
        self.state().waiting.iter_mut().for_each(|waiting| waiting.is_written = true);
    }

    fn flushed(&self) {
        self.state().waiting.iter_mut().for_each(|waiting| waiting.is_flushed = waiting.is_written);
    }

    /// The client has sent something, or has closed its side: had it left bytes unread, it would have reset instead.
    fn heard(&self) {
        if self.is_multiplexed() {
            let mut state = self.state();
            let (taken, waiting) = state.waiting.drain(..).partition(|waiting| waiting.is_flushed);
            state.waiting = waiting;
            tell(taken, true);
        }
    }

    fn over(&self, taken: bool) {
        let mut state = self.state();
        state.is_over = true;
        tell(std::mem::take(&mut state.waiting), taken);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nobody may be listening any more.
fn tell(waiting: Vec<Waiting>, taken: bool) {
    for Waiting { tell, .. } in waiting {
        let _ = tell.send(taken);
    }
}

impl Resettable for TcpStream {
    fn take_error(&self) -> io::Result<Option<io::Error>> {
        Self::take_error(self)
    }
}

impl Resettable for UnixStream {
    fn take_error(&self) -> io::Result<Option<io::Error>> {
        Self::take_error(self)
    }
}

impl<S: Resettable> Watched<S> {
    pub(crate) fn new(stream: S, handovers: Handovers) -> Self {
        Self { stream, handovers, farewell: None }
    }

    /// Waits for the client to close, and says whether it did, and well.
    fn poll_farewell(&mut self, context: &mut Context<'_>) -> Poll<bool> {
        let Some(farewell) = &mut self.farewell else { return Poll::Ready(true) };
        let mut buffer = [0; 4096];
        while !farewell.has_closed {
            let mut read = ReadBuf::new(&mut buffer);
            match Pin::new(&mut self.stream).poll_read(context, &mut read) {
                Poll::Ready(Ok(())) if read.filled().is_empty() => {
                    farewell.has_closed = true;
                    farewell.until = Box::pin(sleep(RESET));
                }
                Poll::Ready(Ok(())) if farewell.heard + read.filled().len() <= CHATTER => {
                    farewell.heard += read.filled().len();
                }
                Poll::Ready(_) => return Poll::Ready(false),
                Poll::Pending => break,
            }
        }
        ready!(farewell.until.as_mut().poll(context));
        Poll::Ready(farewell.has_closed && matches!(self.stream.take_error(), Ok(None)))
    }
}

impl<S> Drop for Watched<S> {
    fn drop(&mut self) {
        self.handovers.over(false);
    }
}

impl<S: Resettable> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.handovers.heard();
        Poll::Ready(Ok(()))
    }
}

impl<S: Resettable> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.handovers.written();
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.handovers.written();
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        self.handovers.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.farewell.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            if !self.handovers.are_awaited() {
                return Poll::Ready(Ok(()));
            }
            self.farewell = Some(Farewell { until: Box::pin(sleep(PATIENCE)), heard: 0, has_closed: false });
        }
        let taken = ready!(self.poll_farewell(context));
        self.handovers.over(taken);
        Poll::Ready(Ok(()))
    }
}
