//! An account with many functions: how much memory the server takes, and that a list of them costs what it holds.
//!
//! Making 10,000 functions takes an unoptimised server half a minute: here they are found on disk, and `cargo bench --bench simulator_scale`
//! makes them.

#[path = "../bench/many_functions.rs"]
mod many_functions;

use crate::server::{Connection, Server, package};

#[test]
fn a_thousand_functions_take_little_memory_and_list_in_pages() {
    let server = Server::start(&["--settle", "0"]);
    let mut connection = Connection::open(&server.url).unwrap();
    let mut call = |method: &str, path: &str, body: &serde_json::Value| connection.call(method, path, body).unwrap();
    many_functions::create(&mut call, &package("x = 1"), 1000);
    let listed = many_functions::list(&mut call);
    assert_eq!((listed.functions, listed.pages), (1000, 20));
    // What 10,000 may take is 200 MB, and a tenth of them has to fit in a tenth beside the program itself.
    if let Some(peak) = server.peak_memory() {
        println!("1,000 functions: {peak} MB");
        assert!(peak < 60, "the server has taken {peak} MB");
    }
}

#[test]
fn ten_thousand_functions_fit_in_200_megabytes_and_list_in_pages() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--settle", "0", "--data", folder.path().to_str().unwrap()];
    let mut server = Server::start(&arguments);
    let mut connection = Connection::open(&server.url).unwrap();
    many_functions::create(
        &mut |method, path, body| connection.call(method, path, body).unwrap(),
        &package("x = 1"),
        1,
    );
    server.kill();
    // All the others are like the first one, which stands in a file.
    let functions = folder.path().join("us-east-1/functions");
    let first = std::fs::read_to_string(functions.join("function-00000.json")).unwrap();
    for number in 1..10_000 {
        let name = format!("function-{number:05}");
        std::fs::write(functions.join(format!("{name}.json")), first.replace("function-00000", &name)).unwrap();
    }
    let server = Server::start(&arguments);
    let mut connection = Connection::open(&server.url).unwrap();
    let listed = many_functions::list(&mut |method, path, body| connection.call(method, path, body).unwrap());
    assert_eq!((listed.functions, listed.pages), (10_000, 200));
    if let Some(peak) = server.peak_memory() {
        println!("10,000 functions: {peak} MB");
        assert!(peak <= 200, "the server has taken {peak} MB");
    }
}
