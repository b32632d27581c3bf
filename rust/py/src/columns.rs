//! Columns and event logs of captures, batch features on a decoder: the Python side of `alipes_market::columns`.

use crate::argument::{integer, text};
use crate::arrays::describe;
use crate::error::{DataError, DecodeError, InputError, IntoPyErr};
use crate::feed::grids;
use crate::raw::Raw;
use alipes_market::capture::{Capture, Line};
use alipes_market::columns::{Columns, ColumnsError, Recording, Series, Subject};
use alipes_market::features::FeatureError;
use alipes_market::types::Ns;
use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator};
use std::path::PathBuf;

/// So many frames are decoded without the GIL before signals are looked at.
const BATCH: usize = 8192;

impl IntoPyErr for FeatureError {
    fn into_py_err(self) -> PyErr {
        InputError::new_err(self.to_string())
    }
}

impl IntoPyErr for ColumnsError {
    fn into_py_err(self) -> PyErr {
        let text = self.to_string();
        match self {
            Self::Feature(error) => error.into_py_err(),
            Self::Venue(error) => error.into_py_err(),
            Self::Rows(_) => InputError::new_err(text),
            Self::Decode { .. } => DecodeError::new_err(text),
            Self::OtherInstrument { .. } | Self::NoBook { .. } => DataError::new_err(text),
        }
    }
}

/// What takes in a capture's frames.
trait Sink: Send {
    fn push(&mut self, ts_recv: Ns, raw: &[u8], place: impl Fn() -> String) -> Result<(), ColumnsError>;
}

impl Sink for Columns {
    fn push(&mut self, ts_recv: Ns, raw: &[u8], place: impl Fn() -> String) -> Result<(), ColumnsError> {
        Self::push(self, ts_recv, raw, place)
    }
}

impl Sink for Recording {
    fn push(&mut self, ts_recv: Ns, raw: &[u8], place: impl Fn() -> String) -> Result<(), ColumnsError> {
        Self::push(self, ts_recv, raw, place)
    }
}

/// Gives every frame of a capture (a path, or an iterable of `(ts_recv, frame)`) to a sink.
fn drain(source: &Bound<'_, PyAny>, sink: &mut impl Sink) -> PyResult<()> {
    match source.extract::<PathBuf>() {
        Ok(path) => drain_file(source.py(), path, sink),
        Err(_) => {
            let frames = source.try_iter().map_err(|_| {
                let text = "a path or an iterable of (ts_recv: int ns, frame: bytes)";
                InputError::new_err(format!("capture must be {text}, got {}", describe(source)))
            })?;
            drain_frames(&frames, sink)
        }
    }
}

fn drain_file(py: Python<'_>, path: PathBuf, sink: &mut impl Sink) -> PyResult<()> {
    let mut capture = Capture::open(path).map_err(IntoPyErr::into_py_err)?;
    while py.detach(|| take_batch(&mut capture, sink))? {
        py.check_signals()?;
    }
    Ok(())
}

/// Takes a batch of frames; false at the end.
fn take_batch(capture: &mut Capture, sink: &mut impl Sink) -> PyResult<bool> {
    let name = capture.path().display().to_string();
    for _ in 0..BATCH {
        let Some(Line { number, ts_recv, frame }) = capture.next_frame().map_err(IntoPyErr::into_py_err)?
        else {
            return Ok(false);
        };
        sink.push(ts_recv, frame, || format!("{name}, line {number}")).map_err(IntoPyErr::into_py_err)?;
    }
    Ok(true)
}

/// Frames copied out of Python, to be decoded without the GIL.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    /// Receive time of each frame and where it ends in `bytes`.
    frames: Vec<(Ns, usize)>,
    /// Frames in the batches before.
    before: usize,
}

impl Batch {
    /// Takes the next frames; false where there is none.
    fn fill(&mut self, frames: &mut Bound<'_, PyIterator>) -> PyResult<bool> {
        self.before += self.frames.len();
        self.bytes.clear();
        self.frames.clear();
        for item in frames.take(BATCH) {
            let (ts_recv, frame): (Ns, Bound<'_, PyAny>) = item?.extract().map_err(|_| {
                InputError::new_err("a capture is a path or an iterable of (ts_recv: int ns, frame: bytes)")
            })?;
            self.bytes.extend_from_slice(Raw::of(&frame)?.bytes()?);
            self.frames.push((ts_recv, self.bytes.len()));
        }
        Ok(!self.frames.is_empty())
    }

    fn give(&self, sink: &mut impl Sink) -> Result<(), ColumnsError> {
        let mut start = 0;
        for (at, &(ts_recv, end)) in self.frames.iter().enumerate() {
            sink.push(ts_recv, &self.bytes[start..end], || format!("frame {}", self.before + at))?;
            start = end;
        }
        Ok(())
    }
}

fn drain_frames(frames: &Bound<'_, PyIterator>, sink: &mut impl Sink) -> PyResult<()> {
    let (py, mut frames, mut batch) = (frames.py(), frames.clone(), Batch::default());
    while batch.fill(&mut frames)? {
        py.detach(|| batch.give(sink)).map_err(IntoPyErr::into_py_err)?;
        py.check_signals()?;
    }
    Ok(())
}

/// Compute features over a capture; see `alipes.columns`, which documents it.
#[pyfunction]
#[pyo3(signature = (capture, names, *, venue, instrument, tick_size, lot_size, every_ns=None))]
pub fn columns<'py>(
    capture: &Bound<'py, PyAny>,
    names: Vec<String>,
    venue: &Bound<'py, PyAny>,
    instrument: &Bound<'py, PyAny>,
    tick_size: &Bound<'py, PyAny>,
    lot_size: &Bound<'py, PyAny>,
    every_ns: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = capture.py();
    let (venue, instrument) = (text(venue, "venue")?, text(instrument, "instrument")?);
    let subject = Subject { venue, symbol: instrument, grids: grids(tick_size, lot_size)? };
    let every = every_ns.map(|every| integer(every, "every")).transpose()?;
    let mut columns = Columns::new(&subject, &names, every).map_err(IntoPyErr::into_py_err)?;
    drain(capture, &mut columns)?;
    let series = columns.finish().map_err(IntoPyErr::into_py_err)?;
    let table = PyDict::new(py);
    for (name, series) in names.iter().zip(series) {
        match series {
            Series::Integers(values) => table.set_item(name, values.into_pyarray(py))?,
            Series::Floats(values) => table.set_item(name, values.into_pyarray(py))?,
        }
    }
    Ok(table)
}

/// Decode a capture into its event log; see `alipes.data.event_log`, which documents it.
#[pyfunction]
#[pyo3(signature = (capture, *, venue, instrument, tick_size, lot_size))]
pub fn event_log<'py>(
    capture: &Bound<'py, PyAny>,
    venue: &Bound<'py, PyAny>,
    instrument: &Bound<'py, PyAny>,
    tick_size: &Bound<'py, PyAny>,
    lot_size: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = capture.py();
    let (venue, instrument) = (text(venue, "venue")?, text(instrument, "instrument")?);
    let subject = Subject { venue, symbol: instrument, grids: grids(tick_size, lot_size)? };
    let mut recording = Recording::new(&subject).map_err(IntoPyErr::into_py_err)?;
    drain(capture, &mut recording)?;
    let log = recording.finish().map_err(IntoPyErr::into_py_err)?;
    let prices = py.detach(|| log.prices());
    let table = PyDict::new(py);
    table.set_item("ts_event", log.ts_event.into_pyarray(py))?;
    table.set_item("ts_recv", log.ts_recv.into_pyarray(py))?;
    table.set_item("instrument", log.instrument.into_pyarray(py))?;
    table.set_item("kind", log.kind.into_pyarray(py))?;
    table.set_item("flags", log.flags.into_pyarray(py))?;
    table.set_item("price", prices.into_pyarray(py))?;
    table.set_item("size", log.size.into_pyarray(py))?;
    table.set_item("aux", log.aux.into_pyarray(py))?;
    Ok(table)
}
