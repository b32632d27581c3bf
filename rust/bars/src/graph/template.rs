//! A graph as Python gives it: nodes in topological order, parameters not yet bound.

use super::GraphError;
use super::op::{Arg, Gives, Kind, Op};

/// A node's own value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// None.
    None,
    /// A number.
    Number(f64),
    /// A name, or a span in ns as text.
    Text(String),
}

/// One node.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it does.
    pub op: Op,
    /// Nodes before it.
    pub args: Vec<usize>,
    /// Its own value.
    pub value: Value,
    /// What it gives.
    pub kind: Kind,
}

/// A checked graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    nodes: Vec<Node>,
}

impl Template {
    /// Checks nodes, given as (operator's name, arguments, value).
    ///
    /// # Errors
    /// An unknown operator, an argument that does not come before its node or is of the wrong kind, a missing value.
    pub fn new(given: impl IntoIterator<Item = (String, Vec<usize>, Value)>) -> Result<Self, GraphError> {
        let mut nodes: Vec<Node> = Vec::new();
        for (at, (name, args, value)) in given.into_iter().enumerate() {
            let op = Op::parse(&name).ok_or_else(|| GraphError::UnknownOp(name.clone()))?;
            let kind = check(&nodes, op, &args, &value).map_err(|problem| GraphError::Node {
                node: at,
                op: name,
                problem,
            })?;
            nodes.push(Node { op, args, value, kind });
        }
        Ok(Self { nodes })
    }

    /// The nodes.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Names of parameters, in order of appearance.
    #[must_use]
    pub fn params(&self) -> Vec<&str> {
        self.names(Op::Param)
    }

    /// Names of columns, in order of appearance.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        self.names(Op::Col)
    }

    fn names(&self, op: Op) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for node in &self.nodes {
            if let (true, Value::Text(name)) = (node.op == op, &node.value)
                && !names.contains(&name.as_str())
            {
                names.push(name);
            }
        }
        names
    }
}

/// The node's kind, or what is wrong with it.
fn check(before: &[Node], op: Op, args: &[usize], value: &Value) -> Result<Kind, String> {
    let wanted = op.args();
    if args.len() > wanted.len() || args.len() + op.optional() < wanted.len() {
        return Err(format!("takes {} arguments, got {}", wanted.len(), args.len()));
    }
    for (&arg, &want) in args.iter().zip(wanted) {
        let node = before.get(arg).ok_or_else(|| format!("argument {arg} does not come before it"))?;
        match (want, node.kind) {
            (Arg::Num | Arg::Const(_), Kind::Bool) => {
                return Err(format!("argument {arg} ({}) is boolean, a number is needed", node.op.name()));
            }
            (Arg::Bool, Kind::Num) => {
                return Err(format!(
                    "argument {arg} ({}) is a number, a condition is needed",
                    node.op.name()
                ));
            }
            _ => {}
        }
    }
    match (op, value) {
        (Op::Const, Value::Number(_))
        | (Op::Col | Op::Param | Op::NewBucket | Op::Tf | Op::Other, Value::Text(_)) => {}
        (Op::Const, _) => return Err("needs a number".to_owned()),
        (Op::Col | Op::Param | Op::NewBucket | Op::Tf | Op::Other, _) => {
            return Err("needs a text value".to_owned());
        }
        _ => {}
    }
    Ok(match op.gives() {
        Gives::Num => Kind::Num,
        Gives::Bool => Kind::Bool,
        Gives::Same => args.first().and_then(|&arg| before.get(arg)).map_or(Kind::Num, |node| node.kind),
    })
}
