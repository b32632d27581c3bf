//! Where each node's values lie: in the data, in a buffer of its own where somebody looks back at them, else in a
//! buffer that is passed on after the last reader.

use super::operator::Exec;
use crate::graph::{ConcreteGraph, GraphError, Key, Kind, Op};

/// A node's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Column of the domain.
    Column(usize),
    /// Numbers: buffer, and how many earlier values it keeps before the block.
    Numbers { buffer: usize, history: usize },
    /// Conditions.
    Mask(usize),
}

/// One thing to do in every block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Evaluate a node.
    Node(usize),
    /// Hand a reader its outputs.
    Reader(usize),
}

/// The order of work of a block, with a place for every node.
pub struct Layout {
    pub(super) tasks: Vec<Task>,
    pub(super) places: Vec<Place>,
    pub(super) execs: Vec<Exec>,
    /// Capacity of each buffer of numbers, and of each mask, in bars.
    pub(super) buffers: Vec<usize>,
    pub(super) masks: Vec<usize>,
}

struct Free {
    domain: u16,
    is_mask: bool,
    at: usize,
}

impl Layout {
    /// Lays out a graph.
    ///
    /// Args: `readers`: per reader how many nodes the graph had when it was bound, and the nodes it reads;
    /// `block`: per domain the most bars that a block has.
    ///
    /// # Errors
    /// A node that cannot be made.
    pub fn new(
        graph: &ConcreteGraph,
        readers: &[(usize, Vec<u32>)],
        block: &[usize],
    ) -> Result<Self, GraphError> {
        let keys = graph.keys();
        let execs = keys.iter().map(Exec::new).collect::<Result<Vec<_>, _>>()?;
        let mut history = vec![0_usize; keys.len()];
        for (key, exec) in keys.iter().zip(&execs) {
            for input in key.inputs() {
                history[input as usize] = history[input as usize].max(exec.lookback());
            }
        }
        let tasks = tasks(keys, readers);
        let last = last_uses(keys, &tasks, readers);
        let mut layout = Self { tasks, places: Vec::new(), execs, buffers: Vec::new(), masks: Vec::new() };
        layout.place(keys, &history, &last, block);
        Ok(layout)
    }

    fn place(&mut self, keys: &[Key], history: &[usize], last: &[usize], block: &[usize]) {
        let mut ending: Vec<Vec<usize>> = vec![Vec::new(); self.tasks.len() + 1];
        let mut free: Vec<Free> = Vec::new();
        self.places = vec![Place::Column(0); keys.len()];
        for at in 0..self.tasks.len() {
            if let Task::Node(node) = self.tasks[at] {
                let place = self.place_node(&keys[node], history[node], block, &mut free);
                self.places[node] = place;
                let is_passed_on = keys[node].op != Op::Const
                    && match place {
                        Place::Numbers { history, .. } => history == 0,
                        Place::Mask(_) => true,
                        Place::Column(_) => false,
                    };
                if is_passed_on {
                    ending[last[node].max(at)].push(node);
                }
            }
            for node in std::mem::take(&mut ending[at]) {
                let domain = keys[node].domain;
                match self.places[node] {
                    Place::Numbers { buffer, .. } => free.push(Free { domain, is_mask: false, at: buffer }),
                    Place::Mask(mask) => free.push(Free { domain, is_mask: true, at: mask }),
                    Place::Column(_) => {}
                }
            }
        }
    }

    fn place_node(&mut self, key: &Key, history: usize, block: &[usize], free: &mut Vec<Free>) -> Place {
        if key.op == Op::Col {
            return Place::Column(key.args[0] as usize);
        }
        let is_mask = key.kind == Kind::Bool;
        let bars = block[key.domain as usize];
        // A constant is written once and must not lie where others write.
        let may_share = history == 0 && key.op != Op::Const;
        let found = free.iter().rposition(|free| free.domain == key.domain && free.is_mask == is_mask);
        let reused = found.filter(|_| may_share || is_mask).map(|found| free.swap_remove(found).at);
        if is_mask {
            return Place::Mask(reused.unwrap_or_else(|| {
                self.masks.push(bars);
                self.masks.len() - 1
            }));
        }
        let buffer = reused.unwrap_or_else(|| {
            self.buffers.push(history + bars);
            self.buffers.len() - 1
        });
        Place::Numbers { buffer, history }
    }
}

fn tasks(keys: &[Key], readers: &[(usize, Vec<u32>)]) -> Vec<Task> {
    let mut tasks = Vec::with_capacity(keys.len() + readers.len());
    let mut done = 0;
    for (reader, (nodes, _)) in readers.iter().enumerate() {
        tasks.extend((done..*nodes).map(Task::Node));
        done = (*nodes).max(done);
        tasks.push(Task::Reader(reader));
    }
    tasks
}

/// The task after which each node's values are no longer needed.
fn last_uses(keys: &[Key], tasks: &[Task], readers: &[(usize, Vec<u32>)]) -> Vec<usize> {
    let mut last = vec![0; keys.len()];
    for (at, task) in tasks.iter().enumerate() {
        match *task {
            Task::Node(node) => keys[node].inputs().for_each(|input| last[input as usize] = at),
            Task::Reader(reader) => readers[reader].1.iter().for_each(|&node| last[node as usize] = at),
        }
    }
    last
}
