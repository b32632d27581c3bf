//! `SyncState`, a string enum made once per process so that it is a real `enum.StrEnum` in Python.

use alipes_market::sync::State;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::IntoPyDict;

const STATES: [State; 4] = [State::Empty, State::Buffering, State::Synced, State::Stale];

/// The class and its members in the order of [`State`].
struct States {
    class: Py<PyAny>,
    members: [Py<PyAny>; 4],
}

fn states(py: Python<'_>) -> PyResult<&'static States> {
    static MADE: PyOnceLock<States> = PyOnceLock::new();
    MADE.get_or_try_init(py, || {
        let names = STATES.map(|state| (state.name().to_uppercase(), state.name())).to_vec();
        let options = [("module", "alipes._core")].into_py_dict(py)?;
        let class = py.import("enum")?.getattr("StrEnum")?.call(("SyncState", names), Some(&options))?;
        class.setattr("__doc__", "How far a book can be trusted.")?;
        let [empty, buffering, synced, stale] = STATES.map(|state| class.call1((state.name(),)));
        let members = [empty?.unbind(), buffering?.unbind(), synced?.unbind(), stale?.unbind()];
        Ok(States { class: class.unbind(), members })
    })
}

/// The class, for the module.
pub fn class(py: Python<'_>) -> PyResult<Py<PyAny>> {
    Ok(states(py)?.class.clone_ref(py))
}

/// The member of a state.
#[inline]
pub fn member(py: Python<'_>, state: State) -> PyResult<Py<PyAny>> {
    Ok(states(py)?.members[state as usize].clone_ref(py))
}
