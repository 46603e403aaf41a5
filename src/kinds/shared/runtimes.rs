//! The runtimes that AWS's service model knows, and which of them are deprecated.

/// Runtimes that functions can have.
const SUPPORTED: [&str; 27] = [
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
    "java8.al2",
    "java11",
    "java17",
    "java21",
    "java25",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "dotnet8",
    "dotnet10",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "ruby4.0",
    "provided.al2",
    "provided.al2023",
    "nodejs26.x",
    "python3.15",
    "java8.al2023",
    "java11.al2023",
    "java17.al2023",
    "custom",
];

/// Runtimes that can neither be created nor updated any more.
/// [AWS: deprecated runtimes](https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html), November 2026.
const DEPRECATED: [&str; 25] = [
    "nodejs",
    "nodejs4.3",
    "nodejs4.3-edge",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs16.x",
    "java8",
    "python2.7",
    "python3.6",
    "python3.7",
    "python3.8",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "dotnet6",
    "go1.x",
    "ruby2.5",
    "ruby2.7",
    "provided",
    "nodejs18.x",
    "python3.9",
];

/// Every runtime of the model: layers may name deprecated ones too.
pub fn all() -> Vec<&'static str> {
    [&SUPPORTED[..], &DEPRECATED].concat()
}

/// Returns true if functions can no longer be created with the runtime.
pub fn is_deprecated(runtime: &str) -> bool {
    DEPRECATED.contains(&runtime)
}
