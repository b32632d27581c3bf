//! The Python module `alipes._core`: one file per area, conversions and errors only. Logic lives in the other crates.
#![allow(
    missing_docs,
    reason = "what Python sees is documented, word for word as in python/alipes/_core.pyi"
)]

mod account;
mod argument;
mod arrays;
mod bars;
mod book;
mod capture;
mod columns;
mod error;
mod features;
mod feed;
mod gate;
mod instrument;
mod live;
mod market_events;
mod number;
mod probe;
mod raw;
mod shared;
mod sim;
mod state;
mod sync;
mod synth;
mod view;

use pyo3::prelude::*;

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<book::PyOrderBook>()?;
    module.add_class::<instrument::PyInstrumentSpec>()?;
    module.add_class::<capture::CaptureReader>()?;
    module.add_class::<synth::SynthMarket>()?;
    module.add("SyncState", state::class(module.py())?)?;
    module.add_class::<sync::PyBookSync>()?;
    module.add_function(wrap_pyfunction!(probe::_decode, module)?)?;
    module.add_class::<feed::PyFeedDecoder>()?;
    module.add_class::<view::PyBookView>()?;
    module.add_class::<account::PyLedger>()?;
    module.add_class::<gate::PyGate>()?;
    module.add_class::<sim::PySimExchange>()?;
    module.add_class::<live::PyLiveExchange>()?;
    module.add_class::<features::FeatureSet>()?;
    module.add_function(wrap_pyfunction!(columns::columns, module)?)?;
    module.add_function(wrap_pyfunction!(columns::event_log, module)?)?;
    module.add_function(wrap_pyfunction!(features::feature_catalogue, module)?)?;
    module.add_function(wrap_pyfunction!(features::parse_duration, module)?)?;
    module.add_class::<bars::BarProgram>()?;
    module.add_class::<bars::BarRecords>()?;
    module.add_class::<bars::BarStream>()?;
    module.add_class::<bars::BarAccount>()?;
    module.add_function(wrap_pyfunction!(bars::bar_evaluate, module)?)?;
    module.add_function(wrap_pyfunction!(bars::bar_fault, module)?)?;
    module.add_function(wrap_pyfunction!(bars::bar_steps, module)?)?;
    module.add_function(wrap_pyfunction!(bars::bar_gaps, module)?)?;
    module.add_function(wrap_pyfunction!(bars::bar_metrics, module)?)?;
    module.add_function(wrap_pyfunction!(bars::bar_equity, module)?)?;
    module.add_function(wrap_pyfunction!(bars::bar_run, module)?)?;
    module.add_function(wrap_pyfunction!(bars::bar_signals, module)?)?;
    module.add_function(wrap_pyfunction!(bars::bar_sweep, module)?)?;
    Ok(())
}
