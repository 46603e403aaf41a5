//! Promise: the simulator serves 10,000 functions in 200 MB, and lists them page by page.
//!
//! Creating 10,000 functions takes an unoptimised server half a minute: here they are loaded from disk, and
//! `cargo bench --bench simulator_scale` creates them.

#[path = "../bench/many_functions.rs"]
mod many_functions;

use crate::server::{Connection, Server, package};

#[test]
fn a_thousand_functions_take_little_memory_and_list_in_pages() {
    let server = Server::start(&["--settle", "0"]);
    let mut connection = Connection::open(&server.url).unwrap();
    let mut call = |method: &str, path: &str, body: &serde_json::Value| connection.call(method, path, body).unwrap();
    many_functions::create(&mut call, &package("x = 1"), 0..100);
    many_functions::list(&mut call);
    let before = server.peak_memory();
    many_functions::create(&mut call, &package("x = 1"), 100..1000);
    let listed = many_functions::list(&mut call);
    assert_eq!((listed.functions, listed.pages), (1000, 20));
    // 10,000 may take 200 MB, so a thousand 20. The first hundred load what the program needs to serve any.
    if let Some((before, after)) = before.zip(server.peak_memory()) {
        println!("100 functions: {before} MB, 1,000 functions: {after} MB");
        assert!(after - before <= 20, "900 functions take {} MB", after - before);
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
        0..1,
    );
    server.kill();
    // The other functions are copies of the first one's file.
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
