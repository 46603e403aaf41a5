//! An account with many functions: how much memory the server takes, and that a list of them costs what it holds.
//!
//! The full size, 10,000 functions, is measured by `cargo bench --bench many`.

#[path = "../bench/crowd.rs"]
mod crowd;

use crate::server::{Connection, Server, package};

#[test]
fn a_thousand_functions_take_little_memory_and_list_in_pages() {
    let server = Server::start(&["--settle", "0"]);
    let mut connection = Connection::open(&server.url).unwrap();
    let mut call = |method: &str, path: &str, body: &serde_json::Value| connection.call(method, path, body).unwrap();
    crowd::create(&mut call, &package("x = 1"), 1000);
    let listed = crowd::list(&mut call);
    assert_eq!((listed.functions, listed.pages), (1000, 20));
    // What 10,000 may take is 200 MB, and a tenth of them has to fit in a tenth beside the program itself.
    if let Some(peak) = server.peak_memory() {
        println!("1,000 functions: {peak} MB");
        assert!(peak < 60, "the server has taken {peak} MB");
    }
}
