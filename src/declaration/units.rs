//! The units of numbers, and values that were written in another one: `1 GB`, `30s`, or milliseconds for seconds.

use serde_json::Value;

use crate::resource::field_traits;

/// The unit of a field, as its schema names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Megabytes,
    Seconds,
    Days,
}

/// The names of a unit and its size.
type UnitRow = (&'static [&'static str], f64);

/// Sizes, in MB.
const SIZES: [UnitRow; 4] = [
    (&["b", "byte", "bytes"], 1.0 / 1_048_576.0),
    (&["k", "kb", "ki", "kib"], 1.0 / 1024.0),
    (&["m", "mb", "mi", "mib"], 1.0),
    (&["g", "gb", "gi", "gib"], 1024.0),
];
/// Times, in seconds.
const TIMES: [UnitRow; 5] = [
    (&["ms", "millisecond", "milliseconds"], 0.001),
    (&["s", "sec", "secs", "second", "seconds"], 1.0),
    (&["m", "min", "mins", "minute", "minutes"], 60.0),
    (&["h", "hr", "hrs", "hour", "hours"], 3600.0),
    (&["d", "day", "days"], 86_400.0),
];

impl Unit {
    /// Returns the unit that the schema of a field names.
    pub fn of(schema: &Value) -> Option<Unit> {
        let name = |schema: &Value| schema.get(field_traits::UNIT).and_then(Value::as_str).map(str::to_owned);
        match name(schema).or_else(|| name(field_traits::present(schema)))?.as_str() {
            "MB" => Some(Unit::Megabytes),
            "seconds" => Some(Unit::Seconds),
            "days" => Some(Unit::Days),
            _ => None,
        }
    }

    /// Returns the name of the unit in messages.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Megabytes => "MB",
            Unit::Seconds => "seconds",
            Unit::Days => "days",
        }
    }

    /// Returns the number to write for a text that names a unit, such as 1024 for `1 GB`.
    pub fn number(self, text: &str) -> Option<i64> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, name) = text.split_at(digits);
        let name = name.trim().to_ascii_lowercase();
        let factor = self.rows().iter().find(|(names, _)| names.contains(&name.as_str())).map(|(_, factor)| *factor)?;
        whole(number.parse::<f64>().ok()? * factor / self.own())
    }

    /// Returns the unit in which a number out of range was probably written, and the number to write instead. `fits` tests
    /// whether a number is in range.
    pub fn meant(self, number: f64, fits: impl Fn(f64) -> bool) -> Option<(&'static str, i64)> {
        let name = |names: &[&'static str]| *names.last().unwrap_or(&"");
        let others: &[(&str, f64)] = match self {
            Unit::Megabytes => &[("bytes", SIZES[0].1), ("GB", SIZES[3].1)],
            Unit::Seconds => &[(name(TIMES[0].0), TIMES[0].1)],
            Unit::Days => &[("seconds", 1.0 / 86_400.0), ("hours", 1.0 / 24.0)],
        };
        others.iter().find_map(|(name, factor)| {
            let value = number * factor;
            Some((*name, whole(value).filter(|_| number != 0.0 && fits(value))?))
        })
    }

    fn rows(self) -> &'static [UnitRow] {
        match self {
            Unit::Megabytes => &SIZES,
            Unit::Seconds | Unit::Days => &TIMES,
        }
    }

    /// Returns the factor of the unit itself among its rows.
    fn own(self) -> f64 {
        match self {
            Unit::Megabytes | Unit::Seconds => 1.0,
            Unit::Days => 86_400.0,
        }
    }
}

/// Returns the integer that a number is, but for rounding errors.
#[expect(clippy::cast_possible_truncation, reason = "the number is whole and small")]
fn whole(number: f64) -> Option<i64> {
    let rounded = number.round();
    let is_whole = (number - rounded).abs() < 1e-6 && rounded.abs() < 1e12;
    is_whole.then_some(rounded as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_with_a_unit_are_converted() {
        let rows = [
            (Unit::Megabytes, "1GB", Some(1024)),
            (Unit::Megabytes, "512 MB", Some(512)),
            (Unit::Megabytes, "0.5Gi", Some(512)),
            (Unit::Megabytes, "1KB", None),
            (Unit::Seconds, "5m", Some(300)),
            (Unit::Seconds, "1.5 min", Some(90)),
            (Unit::Seconds, "30000ms", Some(30)),
            (Unit::Seconds, "1 GB", None),
            (Unit::Seconds, "soon", None),
            (Unit::Seconds, "", None),
            (Unit::Days, "48h", Some(2)),
            (Unit::Days, "7 days", Some(7)),
        ];
        for (unit, text, want) in rows {
            assert_eq!(unit.number(text), want, "{text}");
        }
    }

    #[test]
    fn numbers_of_another_unit_are_recognised_only_where_they_fit() {
        let within = |least: f64, most: f64| move |value: f64| (least..=most).contains(&value);
        assert_eq!(Unit::Seconds.meant(30_000.0, within(1.0, 900.0)), Some(("milliseconds", 30)));
        assert_eq!(Unit::Seconds.meant(1500.0, within(1.0, 900.0)), None);
        assert_eq!(Unit::Seconds.meant(9_000_000.0, within(1.0, 900.0)), None);
        assert_eq!(Unit::Megabytes.meant(2.0, within(128.0, 10_240.0)), Some(("GB", 2048)));
        assert_eq!(Unit::Megabytes.meant(536_870_912.0, within(128.0, 10_240.0)), Some(("bytes", 512)));
        assert_eq!(Unit::Days.meant(604_800.0, within(1.0, 90.0)), Some(("seconds", 7)));
    }
}
