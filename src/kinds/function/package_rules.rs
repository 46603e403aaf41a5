//! The rules of a function's package: the file that its runtime runs first is there and can be run.
//!
//! With layers that file may come from one of them, and then its absence is no finding.

use super::catalog::package::{V137, V138, V142};
use super::spec::Function;
use crate::kinds::shared::package_rules::{self, why_it_cannot_run};
use crate::model::{ByteCount, Contents, EntryName, FieldPath, Findings, Lookup, Package, UNZIPPED_LIMIT};
use crate::resource::UsedPackage;

/// The directory into which Lambda unpacks the package.
const MOUNT: &str = "/var/task";

/// The file that an operating system runtime runs.
const BOOTSTRAP: &str = "bootstrap";

/// Reports what cannot work in the function's package.
pub fn check(spec: &Function, contents: &Contents, findings: &mut Findings) {
    let runtime = spec.runtime.as_deref().unwrap_or_default();
    let handler = spec.handler.as_deref().unwrap_or_default();
    if runtime.starts_with("provided") {
        program(BOOTSTRAP, spec, contents, findings);
    } else if runtime == "go1.x" {
        program(handler, spec, contents, findings);
    } else if let Some(paths) = handler_files(runtime, handler, contents) {
        handler_file(handler, &paths, spec, contents, findings);
    }
    package_rules::check(contents, MOUNT, findings);
}

/// Reports code that is too large together with the layers that are built here. Other layers can only add to it.
pub fn check_size(own: Option<&Package>, used: &[UsedPackage<'_>], findings: &mut Findings) {
    let layers = || used.iter().filter(|used| used.field.within(&FieldPath::from("layers")));
    let own = own.map_or(0, |package| package.contents.size());
    let total = layers().map(|used| used.package.contents.size()).fold(own, u64::saturating_add);
    if total <= UNZIPPED_LIMIT {
        return;
    }
    let parts = layers().map(|used| format!("{} of {}", ByteCount(used.package.contents.size()), used.address));
    let parts: Vec<String> = parts.collect();
    findings
        .error(
            V142,
            "layers",
            format!(
                "code and layers have {} unzipped together, and Lambda allows {}: {} of the code, {}",
                ByteCount(total),
                ByteCount(UNZIPPED_LIMIT),
                ByteCount(own),
                parts.join(", ")
            ),
        )
        .help("leave out what the function does not need, or deploy a container image, which may have 10 GB");
}

/// Warns of a program that is missing or cannot be run.
fn program(path: &str, spec: &Function, contents: &Contents, findings: &mut Findings) {
    let runtime = spec.runtime.as_deref().unwrap_or_default();
    let wrong = match contents.find(path.as_bytes(), MOUNT) {
        Lookup::Outside => return,
        Lookup::Missing => match below_a_folder(&[path.to_owned()], contents) {
            Some(folder) => {
                Some(format!("is in the folder `{folder}` of the package, and {runtime} runs it at the top"))
            }
            None if spec.layers.is_empty() => Some(format!("is not in the package, and {runtime} runs it")),
            None => None,
        },
        Lookup::Directory => Some("is a directory".to_owned()),
        Lookup::File(_, entry) => why_it_cannot_run(entry, spec.architectures.first().map(String::as_str)),
    };
    if let Some(wrong) = wrong {
        findings
            .warning(V138, "code", format!("`{path}` {wrong}"))
            .help(format!("put an executable `{path}` for Linux at the top of the package, with the mode 0755"));
    }
}

/// Warns if none of the files is there that could have the handler.
fn handler_file(handler: &str, paths: &[String], spec: &Function, contents: &Contents, findings: &mut Findings) {
    let is_there = |path: &String| matches!(contents.find(path.as_bytes(), MOUNT), Lookup::File(..) | Lookup::Outside);
    if paths.iter().any(is_there) {
        return;
    }
    let Some(wanted) = paths.first() else { return };
    match below_a_folder(paths, contents) {
        Some(folder) => findings
            .warning(
                V137,
                "handler",
                format!("the handler `{handler}` needs `{wanted}`, which is in the folder `{folder}` of the package"),
            )
            .help(format!("zip what is in `{folder}`, without the folder")),
        None if spec.layers.is_empty() => findings
            .warning(V137, "handler", format!("the handler `{handler}` needs `{wanted}`, which is not in the package"))
            .help(format!("correct `handler`, or add the file; the package has {}", at_the_top(contents))),
        None => {}
    }
}

/// Returns the paths of which one has the handler, the usual one first; `None` if its place is not known by its name.
fn handler_files(runtime: &str, handler: &str, contents: &Contents) -> Option<Vec<String>> {
    let family = runtime.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
    let is = |name: &str| family.starts_with(name);
    if is("python") {
        let module = handler.rsplit_once('.')?.0.replace('.', "/");
        let file = format!("{module}.");
        let compiled = contents.entries().filter_map(|(name, _)| name.text());
        let compiled = compiled.filter(|name| name.starts_with(&file) && name.ends_with(".so")).map(str::to_owned);
        let files = ["py", "pyc"].map(|end| format!("{module}.{end}"));
        let packages = ["py", "pyc"].map(|end| format!("{module}/__init__.{end}"));
        return Some(files.into_iter().chain(packages).chain(compiled).collect());
    }
    if is("nodejs") {
        let (folder, file) = handler.rsplit_once('/').map_or(("", handler), |(folder, file)| (folder, file));
        let file = file.split_once('.')?.0;
        let module = if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
        let ends = [".js", ".mjs", ".cjs", "", "/index.js", "/package.json"];
        let packages = [format!("node_modules/{module}.js"), format!("node_modules/{module}/package.json")];
        return Some(ends.iter().map(|end| format!("{module}{end}")).chain(packages).collect());
    }
    if is("ruby") {
        return Some(vec![format!("{}.rb", handler.split_once('.')?.0)]);
    }
    if is("java") {
        let has_libraries = contents.entries().any(|(name, _)| name.bytes().ends_with(b".jar"));
        let class = handler.split("::").next()?.replace('.', "/");
        return (!has_libraries).then(|| vec![format!("{class}.class")]);
    }
    is("dotnet").then(|| vec![format!("{}.dll", handler.split("::").next().unwrap_or(handler))])
}

/// Returns the folder at the top of the package in which one of the files lies that should be at the top.
fn below_a_folder(paths: &[String], contents: &Contents) -> Option<String> {
    let mut folders: Vec<&[u8]> = contents.entries().map(|(name, _)| name.top()).collect();
    folders.dedup();
    let has = |folder: &&[u8]| {
        paths.iter().any(|path| {
            let path = [folder, path.as_bytes()].join(&b'/');
            matches!(contents.find(&path, MOUNT), Lookup::File(..))
        })
    };
    folders.into_iter().find(has).map(shown)
}

/// Returns what lies at the top of the package.
fn at_the_top(contents: &Contents) -> String {
    const NAMES: usize = 5;
    let mut tops: Vec<&[u8]> = contents.entries().map(|(name, _)| name.top()).collect();
    tops.dedup();
    let more = if tops.len() > NAMES { ", …" } else { "" };
    let names: Vec<String> = tops.into_iter().take(NAMES).map(shown).collect();
    format!("{}{more} at its top", names.join(", "))
}

fn shown(name: &[u8]) -> String {
    EntryName::parse(name).map_or_else(|_| crate::model::escaped(name), |name| name.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::{Entry, EntryKind, FileFormat, Machine, Mode};

    const SCRIPT: FileFormat = FileFormat::Script { carriage_return: false };

    fn entry(format: FileFormat, mode: Mode) -> Entry {
        Entry { kind: EntryKind::File { size: 1, sha256: [0; 32], format }, mode }
    }

    fn contents(entries: Vec<(&str, Entry)>) -> Contents {
        Contents::new(entries.into_iter().map(|(name, it)| (EntryName::parse(name.as_bytes()).unwrap(), it))).unwrap()
    }

    /// Returns the rules that a function with this package breaks, and the messages.
    fn broken(function: Value, contents: &Contents) -> Vec<String> {
        let mut spec = json!({"role": "r", "code": {"zip": "z"}});
        spec.as_object_mut().unwrap().extend(function.as_object().unwrap().clone());
        let mut findings = Findings::default();
        check(&serde_json::from_value(spec).unwrap(), contents, &mut findings);
        findings.0.into_iter().map(|finding| format!("{}: {}", finding.code, finding.message)).collect()
    }

    #[test]
    fn the_file_of_a_handler_is_where_the_runtime_looks_for_it() {
        for (runtime, handler, good, bad) in [
            ("python3.13", "app.handler", "app.py", "apps.py"),
            ("python3.13", "src.app.handler", "src/app/__init__.py", "src/app/main.py"),
            ("python3.13", "src/app.handler", "src/app.cpython-313-x86_64-linux-gnu.so", "app.py2"),
            ("nodejs22.x", "index.handler", "index.mjs", "index.ts"),
            ("nodejs22.x", "dist/main.api.handler", "dist/main.cjs", "main.cjs"),
            ("nodejs22.x", "node_modules/x/dist/h.handler", "node_modules/x/dist/h.js", "x/dist/h.js"),
            ("ruby3.4", "app.Shop::Handler.process", "app.rb", "app/handler.rb"),
            ("java21", "shop.Handler::handle", "shop/Handler.class", "shop/Other.class"),
            ("java21", "shop.Handler::handle", "lib/shop.jar", "lib/shop.txt"),
            ("dotnet8", "Shop::Shop.Function::Handle", "Shop.dll", "Shops.dll"),
            ("dotnet8", "Shop", "Shop.dll", "Shop"),
        ] {
            let function = |layers: &[&str]| json!({"runtime": runtime, "handler": handler, "layers": layers});
            let package = |file| contents(vec![(file, entry(FileFormat::Other, Mode::PLAIN))]);
            assert_eq!(broken(function(&[]), &package(good)), [""; 0], "{handler}");
            let found = broken(function(&[]), &package(bad));
            assert!(found.len() == 1 && found[0].starts_with("V137"), "{handler} {bad}: {found:?}");
            // A layer may have it.
            assert_eq!(broken(function(&["l:1"]), &package("zzz")), [""; 0], "{handler}");
        }
    }

    #[test]
    fn a_package_with_its_folder_around_it_is_recognised() {
        let python = json!({"runtime": "python3.13", "handler": "app.handler", "layers": ["l:1"]});
        let package = contents(vec![("src/app.py", entry(FileFormat::Other, Mode::PLAIN))]);
        let wanted = "V137: the handler `app.handler` needs `app.py`, which is in the folder `src` of the package";
        assert_eq!(broken(python, &package), [wanted]);
        let package = contents(vec![("out/bootstrap", entry(SCRIPT, Mode::EXECUTABLE))]);
        let found = broken(json!({"runtime": "provided.al2023", "handler": "x"}), &package);
        assert!(found[0].contains("`bootstrap` is in the folder `out` of the package"), "{found:?}");
    }

    #[test]
    fn a_bootstrap_is_one_that_linux_can_run() {
        let arm = |format, mode| {
            let function = json!({"runtime": "provided.al2023", "handler": "x", "architectures": ["arm64"]});
            broken(function, &contents(vec![("bootstrap", entry(format, mode))]))
        };
        assert_eq!(arm(SCRIPT, Mode::EXECUTABLE), [""; 0]);
        assert_eq!(arm(FileFormat::Elf(Machine::Arm64), Mode::Unix(0o555)), [""; 0]);
        for (format, mode, wrong) in [
            (SCRIPT, Mode::PLAIN, "cannot be executed: its mode is 0644"),
            (SCRIPT, Mode::Unix(0o700), "cannot be executed: its mode is 0700"),
            (SCRIPT, Mode::Unset, "cannot be executed: the zip file has no modes"),
            (FileFormat::Elf(Machine::X86_64), Mode::EXECUTABLE, "is built for x86_64, not for arm64"),
            (FileFormat::Script { carriage_return: true }, Mode::EXECUTABLE, "ends as on Windows"),
            (FileFormat::Empty, Mode::EXECUTABLE, "is empty"),
            (FileFormat::Windows, Mode::EXECUTABLE, "is a program for Windows"),
            (FileFormat::MacOs, Mode::EXECUTABLE, "is a program for macOS"),
            (FileFormat::Other, Mode::EXECUTABLE, "is neither an ELF program nor a script"),
        ] {
            let found = arm(format, mode);
            assert!(found[0].starts_with("V138: `bootstrap` ") && found[0].contains(wrong), "{found:?}");
        }
        let provided = json!({"runtime": "provided.al2023", "handler": "x"});
        let without = contents(vec![("main", entry(SCRIPT, Mode::EXECUTABLE))]);
        assert_eq!(
            broken(provided, &without),
            ["V138: `bootstrap` is not in the package, and provided.al2023 runs it"]
        );
    }

    fn package(sizes: &[u64]) -> Package {
        let file = |size: &u64| Entry {
            kind: EntryKind::File { size: *size, sha256: [0; 32], format: FileFormat::Other },
            mode: Mode::PLAIN,
        };
        let names: Vec<String> = (0..sizes.len()).map(|number| format!("{number}.bin")).collect();
        let entries = names.iter().map(String::as_str).zip(sizes.iter().map(file));
        Package { bytes: Vec::new().into(), sha256: String::new(), contents: contents(entries.collect()) }
    }

    #[test]
    fn code_and_the_layers_that_are_built_here_have_one_limit() {
        const MB: u64 = 1024 * 1024;
        let address = crate::model::Address::new(crate::model::KindId::Layer, &["common".to_owned()]);
        let broken = |own: Option<&[u64]>, field: &str, layer: &[u64]| {
            let (own, layer, field) = (own.map(package), package(layer), FieldPath::from("layers").then(field));
            let used = UsedPackage { field: &field, address: &address, package: &layer };
            let mut findings = Findings::default();
            check_size(own.as_ref(), &[used], &mut findings);
            findings.0.into_iter().map(|finding| finding.message).collect::<Vec<_>>()
        };
        assert_eq!(broken(Some(&[100 * MB]), "0", &[100 * MB, 50 * MB]), [""; 0]);
        assert_eq!(
            broken(Some(&[100 * MB, 1]), "0", &[100 * MB, 50 * MB]),
            ["code and layers have 262144001 bytes (250.0 MB) unzipped together, and Lambda allows 262144000 bytes \
              (250.0 MB): 104857601 bytes (100.0 MB) of the code, 157286400 bytes (150.0 MB) of layer/common"]
        );
        assert_eq!(broken(None, "1", &[251 * MB]).len(), 1);
    }

    #[test]
    fn links_may_lead_to_what_every_function_has_and_to_layers() {
        let link = |target: &str| {
            let kind = EntryKind::Link { target: target.into() };
            broken(
                json!({"runtime": "python3.13", "handler": "app.handler"}),
                &contents(vec![
                    ("app.py", entry(FileFormat::Other, Mode::PLAIN)),
                    ("lib/x", Entry { kind, mode: Mode::Unix(0o777) }),
                ]),
            )
        };
        for target in
            ["../app.py", "/var/task/app.py", "/opt/lib/x", "../../../opt/x", "/mnt/data", "/usr/lib64/libz.so.1"]
        {
            assert_eq!(link(target), [""; 0], "{target}");
        }
        for (target, path) in [
            ("../../../home/me/x", "/home/me/x"),
            ("../../shared/x.py", "/var/shared/x.py"),
            ("/Users/me/x", "/Users/me/x"),
            ("/optional", "/optional"),
            ("/var/tasks", "/var/tasks"),
            ("../../../../../x", "/x"),
            ("/home/\u{1b}[1m", r"/home/\u{1b}[1m"),
        ] {
            let message = format!("V143: links that lead out of the package: lib/x → {path}");
            assert_eq!(link(target), [message], "{target}");
        }
    }

    #[test]
    fn names_and_modes_with_which_files_cannot_be_used_are_named() {
        let function = json!({"runtime": "python3.13", "handler": "app.handler"});
        let package = contents(vec![
            ("app.py", entry(FileFormat::Other, Mode::PLAIN)),
            ("lib\\x.py", entry(FileFormat::Other, Mode::Unset)),
            ("conf\x1b.json", entry(FileFormat::Other, Mode::Unix(0o600))),
            ("data/", Entry { kind: EntryKind::Directory, mode: Mode::Unix(0o700) }),
            ("bin/tool", entry(FileFormat::Elf(Machine::X86_64), Mode::Unset)),
            ("bin/run.sh", entry(SCRIPT, Mode::Unset)),
            ("lib/a.so.1", entry(FileFormat::Elf(Machine::X86_64), Mode::Unset)),
        ]);
        assert_eq!(
            broken(function, &package),
            [
                r"V139: file names with `\` in the package: lib\x.py",
                r"V140: Lambda's user cannot read conf\u{1b}.json (mode 0600), data/ (mode 0700)",
                "V140: bin/run.sh, bin/tool cannot be executed: the zip file has no modes",
            ]
        );
    }
}
