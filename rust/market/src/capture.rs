//! Captures: recorded frames as lines `<receive time, ns since 1970> <JSON>`, plain or gzipped.
//!
//! A recording made by Alipes starts with a header line `{"alipes": {...}}` that says of what it is. This file knows
//! lines, not messages: what a frame means is the decoder's business.

use crate::types::Ns;
use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Seek, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Reads are of this many bytes; one frame of a deep snapshot is about 50 kB.
const BUFFER_BYTES: usize = 1 << 17;

/// A capture that cannot be read.
#[derive(Debug, Error)]
pub enum CaptureError {
    /// The file is missing or cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The compressed data ends early or is damaged.
    #[error("{}: the gzip data is cut off or damaged after line {line}: {source}", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// The last line that was read whole.
        line: u64,
        /// What the decompressor said.
        source: io::Error,
    },
    /// There is no frame in it.
    #[error("{}: the capture holds no frame", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A line of another form.
    #[error("{}: line {line} is no capture line: {reason}; expected `<receive time, ns> <JSON>`, found {text:?}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        reason: &'static str,
        /// Its first characters.
        text: String,
    },
}

/// One frame of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Counted from 1, the header included.
    pub number: u64,
    /// When the frame was received.
    pub ts_recv: Ns,
    /// The frame's JSON.
    pub frame: &'a [u8],
}

/// Reads a capture line by line.
pub struct Capture {
    path: PathBuf,
    reader: Box<dyn BufRead + Send + Sync>,
    /// A second handle on the file: it shares the read position.
    file: File,
    bytes: u64,
    is_compressed: bool,
    line: Vec<u8>,
    number: u64,
    is_pending: bool,
    header: Option<String>,
}

impl Capture {
    /// Opens a capture and reads its header, if it has one. Compression is told by content, not by name.
    ///
    /// # Errors
    /// [`CaptureError`]: a missing file, no frame in it, or a first line of another form.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, CaptureError> {
        let path = path.as_ref().to_path_buf();
        let io_error = |source| CaptureError::Io { path: path.clone(), source };
        let opened = File::open(&path).map_err(io_error)?;
        let bytes = opened.metadata().map_err(io_error)?.len();
        let handle = opened.try_clone().map_err(io_error)?;
        let mut file = BufReader::with_capacity(BUFFER_BYTES, opened);
        let is_compressed = file.fill_buf().map_err(io_error)?.starts_with(&[0x1f, 0x8b]);
        let reader: Box<dyn BufRead + Send + Sync> = if is_compressed {
            Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(file)))
        } else {
            Box::new(file)
        };
        let line = Vec::with_capacity(1 << 12);
        let mut capture = Self {
            path,
            reader,
            file: handle,
            bytes,
            is_compressed,
            line,
            number: 0,
            is_pending: false,
            header: None,
        };
        capture.read_start()?;
        Ok(capture)
    }

    fn read_start(&mut self) -> Result<(), CaptureError> {
        let mut has_line = self.read_line()?;
        if has_line && self.line.starts_with(b"{") {
            self.header = Some(self.parse_header()?);
            has_line = self.read_line()?;
        }
        if !has_line {
            return Err(CaptureError::Empty { path: self.path.clone() });
        }
        self.is_pending = true;
        self.split().map(|_| ())
    }

    fn parse_header(&self) -> Result<String, CaptureError> {
        #[derive(serde::Deserialize)]
        struct Header<'a> {
            #[serde(borrow)]
            alipes: &'a serde_json::value::RawValue,
        }
        let parsed: Result<Header<'_>, _> = serde_json::from_slice(&self.line);
        match parsed {
            Ok(header) if header.alipes.get().starts_with('{') => Ok(header.alipes.get().to_owned()),
            _ => Err(self.malformed("a header line must be {\"alipes\": {...}}")),
        }
    }

    /// The header's inner object as JSON text, where the capture was recorded by Alipes.
    #[must_use]
    pub fn header(&self) -> Option<&str> {
        self.header.as_deref()
    }

    /// The file it reads.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of the last line read, counted from 1.
    #[must_use]
    pub const fn line_number(&self) -> u64 {
        self.number
    }

    /// How much of the file has been read, 0 to 1; 0 where that cannot be told, as of a pipe.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        let position = (&self.file).stream_position().unwrap_or(0);
        if self.bytes == 0 { 0.0 } else { position as f64 / self.bytes as f64 }
    }

    /// The next frame; `None` at the end.
    ///
    /// # Errors
    /// [`CaptureError`]: a damaged file or a line of another form.
    pub fn next_frame(&mut self) -> Result<Option<Line<'_>>, CaptureError> {
        if !self.is_pending && !self.read_line()? {
            return Ok(None);
        }
        self.is_pending = false;
        let (ts_recv, start) = self.split()?;
        Ok(Some(Line { number: self.number, ts_recv, frame: &self.line[start..] }))
    }

    fn read_line(&mut self) -> Result<bool, CaptureError> {
        self.line.clear();
        match self.reader.read_until(b'\n', &mut self.line) {
            Ok(0) => Ok(false),
            Ok(_) => {
                self.number += 1;
                while matches!(self.line.last(), Some(b'\n' | b'\r')) {
                    self.line.pop();
                }
                Ok(true)
            }
            Err(source) => Err(self.io_error(source)),
        }
    }

    fn io_error(&self, source: io::Error) -> CaptureError {
        let path = self.path.clone();
        let is_damage = matches!(
            source.kind(),
            ErrorKind::UnexpectedEof | ErrorKind::InvalidInput | ErrorKind::InvalidData
        );
        if self.is_compressed && is_damage {
            CaptureError::Truncated { path, line: self.number, source }
        } else {
            CaptureError::Io { path, source }
        }
    }

    /// Receive time of the current line and where its frame starts.
    fn split(&self) -> Result<(Ns, usize), CaptureError> {
        let space = self.line.iter().position(|&byte| byte == b' ');
        let Some(space) = space.filter(|&at| at > 0) else {
            return Err(self.malformed("no receive time before a space"));
        };
        let mut time: Ns = 0;
        for &byte in &self.line[..space] {
            let digit = byte.wrapping_sub(b'0');
            let next = time.checked_mul(10).and_then(|t| t.checked_add(Ns::from(digit)));
            time = match next {
                Some(next) if digit <= 9 => next,
                _ => return Err(self.malformed("the receive time is no whole number of nanoseconds")),
            };
        }
        if matches!(self.line.get(space + 1), Some(b'{' | b'[')) {
            Ok((time, space + 1))
        } else {
            Err(self.malformed("no JSON after the receive time"))
        }
    }

    #[cold]
    fn malformed(&self, reason: &'static str) -> CaptureError {
        let text = String::from_utf8_lossy(&self.line[..self.line.len().min(80)]).into_owned();
        CaptureError::Malformed { path: self.path.clone(), line: self.number, reason, text }
    }
}

/// Writes a capture; the same frames always give the same bytes.
pub struct CaptureWriter {
    path: PathBuf,
    sink: Sink,
}

enum Sink {
    Plain(BufWriter<File>),
    Gzip(Box<GzEncoder<BufWriter<File>>>),
}

impl Sink {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(writer) => writer.write_all(bytes),
            Self::Gzip(writer) => writer.write_all(bytes),
        }
    }
}

impl CaptureWriter {
    /// Creates the file (gzipped where its name ends in `.gz`), starting with a header where one is given: the JSON
    /// text of an object.
    ///
    /// # Errors
    /// [`CaptureError::Io`].
    pub fn create(path: impl AsRef<Path>, header: Option<&str>) -> Result<Self, CaptureError> {
        let path = path.as_ref().to_path_buf();
        let file = File::create(&path).map_err(|source| CaptureError::Io { path: path.clone(), source })?;
        let file = BufWriter::with_capacity(BUFFER_BYTES, file);
        let is_gzip = path.extension().is_some_and(|name| name == "gz");
        let sink = if is_gzip {
            Sink::Gzip(Box::new(GzEncoder::new(file, Compression::new(6))))
        } else {
            Sink::Plain(file)
        };
        let mut writer = Self { path, sink };
        if let Some(header) = header {
            writer.put(format!("{{\"alipes\":{header}}}\n").as_bytes())?;
        }
        Ok(writer)
    }

    /// Appends one frame.
    ///
    /// # Errors
    /// [`CaptureError::Io`].
    pub fn write(&mut self, ts_recv: Ns, frame: &[u8]) -> Result<(), CaptureError> {
        self.put(format!("{ts_recv} ").as_bytes())?;
        self.put(frame)?;
        self.put(b"\n")
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), CaptureError> {
        self.sink.write_all(bytes).map_err(|source| CaptureError::Io { path: self.path.clone(), source })
    }

    /// Completes the file. Without this call a gzipped capture is cut off.
    ///
    /// # Errors
    /// [`CaptureError::Io`].
    pub fn finish(self) -> Result<(), CaptureError> {
        let path = self.path;
        let flushed = match self.sink {
            Sink::Plain(mut writer) => writer.flush(),
            Sink::Gzip(writer) => writer.finish().and_then(|mut inner| inner.flush()),
        };
        flushed.map_err(|source| CaptureError::Io { path, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(name: &str, bytes: &[u8]) -> PathBuf {
        let path = std::env::temp_dir().join(format!("alipes-capture-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn all(path: &Path) -> Result<Vec<(Ns, Vec<u8>)>, CaptureError> {
        let mut capture = Capture::open(path)?;
        let mut frames = Vec::new();
        while let Some(Line { ts_recv, frame, .. }) = capture.next_frame()? {
            frames.push((ts_recv, frame.to_vec()));
        }
        Ok(frames)
    }

    #[test]
    fn what_was_written_is_read_back_plain_and_gzipped() {
        for name in ["round.jsonl", "round.jsonl.gz"] {
            let path = file(name, b"");
            let mut writer = CaptureWriter::create(&path, Some(r#"{"venue":"binanceusdm"}"#)).unwrap();
            writer.write(7, b"{}").unwrap();
            writer.write(9, b"{\"a\":1}").unwrap();
            writer.finish().unwrap();
            assert_eq!(Capture::open(&path).unwrap().header(), Some(r#"{"venue":"binanceusdm"}"#));
            assert_eq!(all(&path).unwrap(), [(7, b"{}".to_vec()), (9, b"{\"a\":1}".to_vec())]);
        }
    }

    #[test]
    fn a_malformed_line_is_named_by_number() {
        let frames = b"1 {}\n2 {}\nx {}\n";
        let error = all(&file("bad.jsonl", frames)).unwrap_err();
        assert!(matches!(error, CaptureError::Malformed { line: 3, .. }), "{error}");
        for line in ["", "12", "12 ", "-1 {}", "99999999999999999999 {}", "1 x"] {
            let bytes = format!("1 {{}}\n{line}\n");
            let error = all(&file("bad2.jsonl", bytes.as_bytes())).unwrap_err();
            assert!(matches!(error, CaptureError::Malformed { line: 2, .. }), "{line:?}: {error}");
        }
    }

    #[test]
    fn missing_empty_and_header_only_files_are_told_apart() {
        assert!(matches!(Capture::open("/nonexistent/x.jsonl"), Err(CaptureError::Io { .. })));
        assert!(matches!(Capture::open(file("empty.jsonl", b"")), Err(CaptureError::Empty { .. })));
        let only_header = file("header.jsonl", b"{\"alipes\":{}}\n");
        assert!(matches!(Capture::open(only_header), Err(CaptureError::Empty { .. })));
        let other = file("other.jsonl", b"{\"foo\":1}\n1 {}\n");
        assert!(matches!(Capture::open(other), Err(CaptureError::Malformed { line: 1, .. })));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_capture_or_an_error(
            mut bytes in proptest::collection::vec(any::<u8>(), 0..200), is_gzip in any::<bool>(),
        ) {
            if is_gzip {
                bytes.splice(0..0, [0x1f, 0x8b, 8]);
            }
            let _ = all(&file("any.jsonl", &bytes));
        }
    }

    #[test]
    fn a_cut_gzip_is_an_error_at_every_length() {
        let path = file("whole.jsonl.gz", b"");
        let mut writer = CaptureWriter::create(&path, None).unwrap();
        (0..200).for_each(|i| writer.write(i, format!("{{\"i\":{i}}}").as_bytes()).unwrap());
        writer.finish().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        for length in 2..bytes.len() {
            let error = all(&file("cut.jsonl.gz", &bytes[..length])).unwrap_err();
            assert!(matches!(error, CaptureError::Truncated { .. }), "{length}: {error}");
        }
    }
}
