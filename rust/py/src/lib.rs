//! The Python module `alipes._core`: one file per area, conversions and errors only. Logic lives in the other crates.
#![allow(missing_docs, reason = "documented in python/alipes/_core.pyi, which stubtest holds to this module")]

mod capture;
mod error;
mod instrument;
mod number;
mod synth;

use pyo3::prelude::*;

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<instrument::PyInstrumentSpec>()?;
    module.add_class::<capture::CaptureReader>()?;
    module.add_class::<synth::SynthMarket>()?;
    Ok(())
}
