//! A template with every node placed in the domain it is evaluated in: what one pass per parameter set can bind.

use super::GraphError;
use super::domain::Domain;
use super::op::{Kind, Op};
use super::template::{Template, Value};
use rustc_hash::FxHashMap;

/// A node in its domain.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub op: Op,
    pub kind: Kind,
    pub domain: u16,
    /// Steps before it; for `Tf` and `Other` one of another domain.
    pub args: Vec<u32>,
    /// Number of a constant, index of a parameter or column, ns of a bucket.
    pub number: f64,
    pub index: u32,
}

/// A template with its outputs, ready to be bound.
#[derive(Clone, Debug)]
pub struct Resolved {
    pub(super) steps: Vec<Step>,
    /// Step of each output.
    pub(super) outputs: Vec<u32>,
    domains: Vec<Domain>,
    params: Vec<String>,
    columns: Vec<String>,
}

impl Resolved {
    /// Places what the outputs need.
    ///
    /// # Errors
    /// An output that is no node; a timeframe or instrument that cannot be read.
    pub fn new(template: &Template, outputs: &[usize]) -> Result<Self, GraphError> {
        let mut placing = Placing {
            template,
            known: FxHashMap::default(),
            resolved: Self {
                steps: Vec::new(),
                outputs: Vec::new(),
                domains: vec![Domain::OWN],
                params: template.params().into_iter().map(str::to_owned).collect(),
                columns: template.columns().into_iter().map(str::to_owned).collect(),
            },
        };
        for &output in outputs {
            let step = placing.place(output, 0)?;
            placing.resolved.outputs.push(step);
        }
        Ok(placing.resolved)
    }

    /// The domains, that of the bars themselves first.
    #[must_use]
    pub fn domains(&self) -> &[Domain] {
        &self.domains
    }

    /// Parameter names, in the order in which values are given.
    #[must_use]
    pub fn params(&self) -> &[String] {
        &self.params
    }

    /// Column names, by the index that steps use.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The columns that a domain's steps read.
    #[must_use]
    pub fn columns_of(&self, domain: usize) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::new();
        for step in &self.steps {
            if step.op == Op::Col && step.domain as usize == domain && !found.contains(&step.index) {
                found.push(step.index);
            }
        }
        found
    }

    /// The (reader, source) pairs of domains in which one reads the other.
    #[must_use]
    pub fn reads(&self) -> Vec<(u16, u16)> {
        let mut found: Vec<(u16, u16)> = Vec::new();
        for step in &self.steps {
            if matches!(step.op, Op::Tf | Op::Other) {
                let pair = (step.domain, self.steps[step.args[0] as usize].domain);
                if !found.contains(&pair) {
                    found.push(pair);
                }
            }
        }
        found
    }

    /// Kind of each output.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        self.outputs.iter().map(|&output| self.steps[output as usize].kind).collect()
    }
}

struct Placing<'t> {
    template: &'t Template,
    known: FxHashMap<(usize, u16), u32>,
    resolved: Resolved,
}

impl Placing<'_> {
    /// Places the nodes that one output needs, depth first with a stack of its own: a graph may be deep.
    fn place(&mut self, node: usize, domain: u16) -> Result<u32, GraphError> {
        let mut waiting = vec![(node, domain)];
        while let Some(&(node, domain)) = waiting.last() {
            if self.known.contains_key(&(node, domain)) {
                waiting.pop();
                continue;
            }
            let of_args = self.domain_of_args(node, domain)?;
            let missing: Vec<_> = self.node(node)?.args.iter().map(|&arg| (arg, of_args)).collect();
            let before = waiting.len();
            waiting.extend(missing.into_iter().filter(|key| !self.known.contains_key(key)));
            if waiting.len() == before {
                waiting.pop();
                self.add(node, domain, of_args)?;
            }
        }
        Ok(self.known[&(node, domain)])
    }

    fn node(&self, node: usize) -> Result<&super::Node, GraphError> {
        self.template.nodes().get(node).ok_or_else(|| GraphError::Node {
            node,
            op: "output".to_owned(),
            problem: "no such node".to_owned(),
        })
    }

    fn domain_of_args(&mut self, node: usize, domain: u16) -> Result<u16, GraphError> {
        let node = self.node(node)?;
        let wanted = match (node.op, &node.value) {
            (Op::Tf, Value::Text(text)) => self.resolved.domains[domain as usize].timeframe(text)?,
            (Op::Other, Value::Text(text)) => Domain::other(text)?,
            _ => return Ok(domain),
        };
        let domains = &mut self.resolved.domains;
        let found = domains.iter().position(|known| *known == wanted);
        let index = found.unwrap_or_else(|| {
            domains.push(wanted);
            domains.len() - 1
        });
        Ok(u16::try_from(index).unwrap_or(u16::MAX))
    }

    fn add(&mut self, at: usize, domain: u16, of_args: u16) -> Result<(), GraphError> {
        let node = self.node(at)?.clone();
        let args = node.args.iter().map(|&arg| self.known[&(arg, of_args)]).collect();
        let position = |names: &[String], name: &str| {
            u32::try_from(names.iter().position(|known| known == name).unwrap_or(0)).unwrap_or(0)
        };
        let (number, index) = match (node.op, &node.value) {
            (Op::Const, Value::Number(number)) => (*number, 0),
            (Op::Param, Value::Text(name)) => (0.0, position(&self.resolved.params, name)),
            (Op::Col, Value::Text(name)) => (0.0, position(&self.resolved.columns, name)),
            (Op::NewBucket, Value::Text(ns)) => match ns.parse::<i64>() {
                Ok(ns) if ns > 0 => (ns as f64, 0),
                _ => {
                    return Err(GraphError::Constant {
                        op: "new_bucket",
                        what: "bucket",
                        expected: "a positive number of ns",
                        got: format!("{ns:?}"),
                    });
                }
            },
            _ => (0.0, 0),
        };
        let step = u32::try_from(self.resolved.steps.len()).unwrap_or(u32::MAX);
        self.resolved.steps.push(Step { op: node.op, kind: node.kind, domain, args, number, index });
        self.known.insert((at, domain), step);
        Ok(())
    }
}
