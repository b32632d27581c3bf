//! 128-bit integers as text, for formats whose numbers are shorter.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub fn serialize<S: Serializer>(value: &i128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i128, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// Two of them.
pub mod pair {
    use super::{Deserialize, Deserializer, Error, Serialize, Serializer};

    pub fn serialize<S: Serializer>(values: &[i128; 2], serializer: S) -> Result<S::Ok, S::Error> {
        values.map(|value| value.to_string()).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[i128; 2], D::Error> {
        let [a, b] =
            <[String; 2]>::deserialize(deserializer)?.map(|text| text.parse().map_err(D::Error::custom));
        Ok([a?, b?])
    }
}
