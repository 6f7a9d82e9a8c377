//! The body of an answer as it was before it was compressed. The gate asks for none that
//! is, and some servers, and what stands before them, compress all that they send.

use std::io::{self, BufRead, Read};

use bytes::{Buf as _, Bytes};
use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use gatewright_policy::Trouble;
use http_body_util::BodyExt as _;
use hyper::Response;
use hyper::body::{Body as _, Incoming};
use hyper::header::CONTENT_ENCODING;
use tokio::task::coop::consume_budget;

use crate::upstream::UpstreamError;
use crate::upstream::dialer::causes;

/// How much is taken to be unpacked at once. Deflate makes at most 1032 bytes of one.
const SLICE_BYTES: usize = 32;

/// Room for all that comes of a slice: nothing stays in the decoder until more comes.
const ROOM_BYTES: usize = 64 << 10;

/// So much may come out of anything, however little went in.
const FREE_BYTES: u64 = 1 << 20;

/// How much longer than what was sent it may become beyond that. Text that repeats itself
/// becomes some fifty times shorter; a bomb is a thousand times.
const RATIO_MAX: u64 = 200;

/// How much of the name of an encoding the operator is shown.
const SHOWN_BYTES: usize = 32;

/// A body, piece by piece.
pub(super) struct UnpackedBody {
    body: Incoming,
    packed: Option<Packed>,
}

/// A body that was compressed.
struct Packed {
    unpacked: Unpacked,
    room: Box<[u8]>,
    into: u64,
    out: u64,
    has_ended: bool,
}

enum Unpacked {
    Gzip(MultiGzDecoder<Pieces>),
    Deflate(ZlibDecoder<Pieces>),
}

/// What has come, and is not unpacked yet.
#[derive(Default)]
struct Pieces {
    piece: Bytes,
    is_all: bool,
}

impl UnpackedBody {
    /// The body of an answer in an encoding that the gate knows.
    pub(super) fn of(response: Response<Incoming>) -> Result<Self, UpstreamError> {
        let mut encodings = response.headers().get_all(CONTENT_ENCODING).iter();
        let encoding = encodings
            .next()
            .map_or(&b"identity"[..], |one| one.as_bytes());
        let is = |name: &str| encoding.eq_ignore_ascii_case(name.as_bytes());
        let unpacked = match encodings.next() {
            Some(_) => return Err(unknown(b"more than one")),
            None if is("identity") || is("") => None,
            None if is("gzip") || is("x-gzip") => {
                Some(Unpacked::Gzip(MultiGzDecoder::new(Pieces::default())))
            }
            None if is("deflate") => Some(Unpacked::Deflate(ZlibDecoder::new(Pieces::default()))),
            None => return Err(unknown(encoding)),
        };
        Ok(Self {
            body: response.into_body(),
            packed: unpacked.map(|unpacked| Packed {
                unpacked,
                room: vec![0; ROOM_BYTES].into(),
                into: 0,
                out: 0,
                has_ended: false,
            }),
        })
    }

    /// So long it is at least, as far as that is known.
    pub(super) fn bytes_min(&self) -> u64 {
        match self.packed {
            None => self.body.size_hint().lower(),
            Some(_) => 0,
        }
    }

    /// The next piece, or nothing at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, UpstreamError> {
        loop {
            if let Some(packed) = &mut self.packed {
                // Little that was sent may be much to unpack: others on this thread go on.
                consume_budget().await;
                match packed.next()? {
                    Next::Piece(piece) => return Ok(Some(piece)),
                    Next::End => return Ok(None),
                    Next::Wanting => {}
                }
            }
            let frame = match self.body.frame().await {
                Some(frame) => frame.map_err(|error| broken(&error))?.into_data().ok(),
                None => match &mut self.packed {
                    Some(packed) => {
                        packed.pieces().is_all = true;
                        continue;
                    }
                    None => return Ok(None),
                },
            };
            let Some(piece) = frame.filter(|piece| !piece.is_empty()) else {
                continue;
            };
            match &mut self.packed {
                Some(packed) => packed.take(piece),
                None => return Ok(Some(piece)),
            }
        }
    }
}

/// What can be had of a compressed body now.
enum Next {
    Piece(Bytes),
    /// Nothing before more of it has come.
    Wanting,
    End,
}

impl Packed {
    fn pieces(&mut self) -> &mut Pieces {
        match &mut self.unpacked {
            Unpacked::Gzip(gzip) => gzip.get_mut(),
            Unpacked::Deflate(deflate) => deflate.get_mut(),
        }
    }

    /// Takes in what has come. All before it is unpacked.
    fn take(&mut self, piece: Bytes) {
        self.into += piece.len() as u64;
        self.pieces().piece = piece;
    }

    fn next(&mut self) -> Result<Next, UpstreamError> {
        // An empty body is no compressed one, and is empty all the same.
        if self.has_ended || (self.into == 0 && self.pieces().is_all) {
            return Ok(Next::End);
        }
        let read = match &mut self.unpacked {
            Unpacked::Gzip(gzip) => gzip.read(&mut self.room),
            Unpacked::Deflate(deflate) => deflate.read(&mut self.room),
        };
        match read {
            Ok(0) => {
                self.has_ended = true;
                Ok(Next::End)
            }
            Ok(length) => {
                self.out += length as u64;
                if self.out > FREE_BYTES.saturating_add(self.into.saturating_mul(RATIO_MAX)) {
                    return Err(invalid(format!(
                        "it becomes over {RATIO_MAX} times longer when it is unpacked"
                    )));
                }
                let piece = self.room.get(..length).unwrap_or_default();
                Ok(Next::Piece(Bytes::copy_from_slice(piece)))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Next::Wanting),
            Err(error) => Err(invalid(format!("it cannot be unpacked: {error}"))),
        }
    }
}

impl BufRead for Pieces {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self.piece.is_empty() && !self.is_all {
            true => Err(io::ErrorKind::WouldBlock.into()),
            false => {
                let length = self.piece.len().min(SLICE_BYTES);
                Ok(self.piece.get(..length).unwrap_or_default())
            }
        }
    }

    fn consume(&mut self, length: usize) {
        self.piece.advance(length.min(self.piece.len()));
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let slice = self.fill_buf()?;
        let length = slice.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), slice.get(..length)) {
            to.copy_from_slice(from);
        }
        self.consume(length);
        Ok(length)
    }
}

fn unknown(encoding: &[u8]) -> UpstreamError {
    let shown = encoding.get(..SHOWN_BYTES).unwrap_or(encoding);
    invalid(format!(
        "it is compressed (`{}`), and the gate asked for one that is not; hint: gzip and \
         deflate are read all the same, so let the server, or what stands before it, use \
         those or none",
        shown.escape_ascii()
    ))
}

fn invalid(problem: String) -> UpstreamError {
    UpstreamError::Invalid(problem)
}

/// The connection broke.
fn broken(error: &hyper::Error) -> UpstreamError {
    UpstreamError::Trouble(Trouble::Unreachable, causes(error))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    fn packed(unpacked: Unpacked) -> Packed {
        Packed {
            unpacked,
            room: vec![0; ROOM_BYTES].into(),
            into: 0,
            out: 0,
            has_ended: false,
        }
    }

    fn gzip() -> Packed {
        packed(Unpacked::Gzip(MultiGzDecoder::new(Pieces::default())))
    }

    fn gzipped(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// All that comes of these pieces, and nothing more than there is room for at once.
    fn all(mut packed: Packed, pieces: &[&[u8]]) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        let mut pieces = pieces.iter();
        loop {
            match packed.next().map_err(|error| error.to_string())? {
                Next::Piece(piece) => {
                    assert!(piece.len() <= ROOM_BYTES);
                    out.extend_from_slice(&piece);
                }
                Next::End => return Ok(out),
                Next::Wanting => match pieces.next() {
                    Some(piece) => packed.take(Bytes::copy_from_slice(piece)),
                    None => packed.pieces().is_all = true,
                },
            }
        }
    }

    #[test]
    fn what_was_compressed_is_as_it_was_however_it_comes() {
        let text = br#"{"jsonrpc":"2.0","id":1,"result":{}}"#.repeat(500);
        let whole = gzipped(&text);
        assert_eq!(all(gzip(), &[&whole]).unwrap(), text);
        let bytes: Vec<_> = whole.chunks(1).collect();
        assert_eq!(all(gzip(), &bytes).unwrap(), text);
        let twice = [whole.clone(), whole].concat();
        assert_eq!(all(gzip(), &[&twice]).unwrap(), text.repeat(2));
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&text).unwrap();
        let deflated = encoder.finish().unwrap();
        let deflate = packed(Unpacked::Deflate(ZlibDecoder::new(Pieces::default())));
        assert_eq!(all(deflate, &[&deflated]).unwrap(), text);
        assert_eq!(all(gzip(), &[]).unwrap(), b"");
    }

    #[test]
    fn what_was_flushed_is_there_before_more_comes() {
        let event = format!("data: {}\n\n", "x".repeat(40_000));
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(event.as_bytes()).unwrap();
        encoder.flush().unwrap();
        let mut gzip = gzip();
        let mut out = Vec::new();
        assert!(matches!(gzip.next().unwrap(), Next::Wanting));
        gzip.take(Bytes::from(encoder.get_ref().clone()));
        while let Next::Piece(piece) = gzip.next().unwrap() {
            out.extend_from_slice(&piece);
        }
        assert_eq!(out.len(), event.len());
    }

    #[test]
    fn a_bomb_a_part_and_what_is_damaged_are_no_answers() {
        let bomb = gzipped(&vec![b' '; 64 << 20]);
        let error = all(gzip(), &[&bomb]).unwrap_err();
        assert!(error.contains("over 200 times longer"), "{error}");
        let whole = gzipped(&b"abc".repeat(100));
        for length in 1..whole.len() {
            assert!(all(gzip(), &[&whole[..length]]).is_err(), "{length}");
        }
        for position in 10..whole.len() {
            let mut damaged = whole.clone();
            damaged[position] ^= 0xff;
            assert!(all(gzip(), &[&damaged]).is_err(), "{position}");
        }
        let followed = [&whole[..], b"more"].concat();
        assert!(all(gzip(), &[&followed]).is_err());
    }
}
