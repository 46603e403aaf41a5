//! Many functions in one account, created and listed over HTTP.

use std::ops::Range;

use serde_json::{Value, json};

const FUNCTIONS: &str = "/2015-03-31/functions";

/// The size of a list of all functions.
pub struct Listed {
    pub functions: usize,
    pub pages: usize,
}

/// Creates functions with an environment, tags, a version and an alias.
pub fn create(call: &mut impl FnMut(&str, &str, &Value) -> (u16, Value), package: &str, numbers: Range<usize>) {
    for number in numbers {
        let name = format!("function-{number:05}");
        let made = json!({"FunctionName": name, "Runtime": "python3.13", "Handler": "app.handler", "Publish": true,
            "Role": "arn:aws:iam::123456789012:role/function", "Description": "One of many.", "Code": {"ZipFile": package},
            "Environment": {"Variables": {"STAGE": "test", "TABLE": format!("table-{number}"), "LEVEL": "info"}},
            "Tags": {"team": "shop", "number": number.to_string()}});
        let (status, answer) = call("POST", FUNCTIONS, &made);
        assert_eq!(status, 201, "{answer}");
        let alias = json!({"Name": "live", "FunctionVersion": "1"});
        let (status, answer) = call("POST", &format!("{FUNCTIONS}/{name}/aliases"), &alias);
        assert_eq!(status, 201, "{answer}");
    }
}

/// Reads the list of all functions, page by page.
pub fn list(call: &mut impl FnMut(&str, &str, &Value) -> (u16, Value)) -> Listed {
    let mut listed = Listed { functions: 0, pages: 0 };
    let mut marker = String::new();
    loop {
        let (status, page) = call("GET", &format!("{FUNCTIONS}?Marker={marker}"), &Value::Null);
        assert_eq!(status, 200, "{page}");
        listed.functions += page["Functions"].as_array().map_or(0, Vec::len);
        listed.pages += 1;
        match page["NextMarker"].as_str() {
            Some(next) => next.clone_into(&mut marker),
            None => return listed,
        }
    }
}
