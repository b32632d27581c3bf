//! Values of expressions on every bar.

use crate::dataset::{Columns, Dataset};
use crate::eval::{Layout, Machine, Values};
use crate::graph::{Binder, Bound, GraphError, Resolved, Template};
use std::collections::BTreeMap;

/// Evaluates outputs of a graph: (n,) numbers each, NaN where undefined; conditions give 1, 0 and NaN.
///
/// # Errors
/// A parameter without a value, a missing column or instrument, a number that is out of range.
pub fn evaluate(
    template: &Template,
    outputs: &[usize],
    own: &Columns<'_>,
    others: &BTreeMap<String, Columns<'_>>,
    params: &BTreeMap<String, f64>,
    block: usize,
) -> Result<Vec<Vec<f64>>, GraphError> {
    let resolved = Resolved::new(template, outputs)?;
    let data = Dataset::new(own, others, &resolved)?;
    let mut binder = Binder::new(&resolved, data.domains.iter().map(|domain| domain.step).collect());
    let bound = binder.bind(&values(resolved.params(), params)?)?;
    let nodes = bound.iter().filter_map(|bound| match bound {
        Bound::Node(node) => Some(*node),
        Bound::Const(_) => None,
    });
    let readers = [(binder.len(), nodes.collect())];
    let graph = binder.into_graph();
    let layout = Layout::new(&graph, &readers, &data.block_sizes(block))?;
    let mut machine = Machine::new(data.domains.len(), &graph, layout);
    let bars = own.ts.len();
    let mut found = vec![Vec::with_capacity(bars); outputs.len()];
    let mut from = 0;
    while from < bars {
        let to = (from + block).min(bars);
        machine.block(&data, from, to, |_, machine| {
            for (found, &bound) in found.iter_mut().zip(&bound) {
                append(found, bound, machine, &data, to - from);
            }
            Ok::<_, GraphError>(())
        })?;
        from = to;
    }
    Ok(found)
}

/// The values of parameters, in the order of their names.
///
/// # Errors
/// One has none.
pub fn values(names: &[String], params: &BTreeMap<String, f64>) -> Result<Vec<f64>, GraphError> {
    let value =
        |name: &String| params.get(name).copied().ok_or_else(|| GraphError::MissingParam(name.clone()));
    names.iter().map(value).collect()
}

fn append(found: &mut Vec<f64>, bound: Bound, machine: &Machine, data: &Dataset<'_>, len: usize) {
    match bound {
        Bound::Const(value) => found.resize(found.len() + len, value),
        Bound::Node(node) => match machine.values(data, node) {
            Values::Numbers(values) => found.extend_from_slice(values),
            Values::Mask(mask) => found.extend((0..len).map(|at| match mask.at(at) {
                Some(true) => 1.0,
                Some(false) => 0.0,
                None => f64::NAN,
            })),
        },
    }
}
