//! Packages of directories: what is packed, with which modes, and what is refused.

use super::*;

#[test]
fn the_same_files_give_the_same_bytes_in_any_order_and_at_any_time() {
    let folders = [["b.py", "a.py", "sub/c.py"], ["sub/c.py", "a.py", "b.py"]].map(|names| {
        let folder = folder(&names.map(|name| (name, name)));
        fs::write(folder.path().join(".lambdaignore"), "*.log\n").unwrap();
        fs::write(folder.path().join("noise.log"), format!("{:?}", folder.path())).unwrap();
        folder
    });
    let packages = folders.each_ref().map(|folder| packed(folder, LinkPolicy::Follow).unwrap());
    assert_eq!(packages[0], packages[1]);
    assert_eq!(names(&folders[0]), ["a.py", "b.py", "sub/c.py"]);
}

#[test]
fn modes_are_those_that_lambda_needs_whatever_the_umask_was() {
    let folder = folder(&[("bootstrap", "#!/bin/sh\n"), ("conf.json", "{}"), ("lib/x.py", ""), ("uploads/", "")]);
    let chmod = |modes: [(&str, u32); 4]| {
        for (name, mode) in modes {
            fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        packed(&folder, LinkPolicy::Follow).unwrap()
    };
    let tight = chmod([("bootstrap", 0o700), ("conf.json", 0o600), ("lib", 0o700), ("uploads", 0o700)]);
    assert_eq!(
        listed(&tight.contents),
        ["bootstrap 0755 file", "conf.json 0644 file", "lib/x.py 0644 file", "uploads 0755 directory"]
    );
    assert_eq!(tight, chmod([("bootstrap", 0o6755), ("conf.json", 0o666), ("lib", 0o777), ("uploads", 0o1777)]));
    let plain = chmod([("bootstrap", 0o644), ("conf.json", 0o600), ("lib", 0o700), ("uploads", 0o700)]);
    assert_ne!(tight.contents, plain.contents);
}

#[test]
fn links_are_followed_within_the_directory_and_refused_outside() {
    let inside = folder(&[("src/app.py", "1"), ("run", "#!/bin/sh\n")]);
    fs::set_permissions(inside.path().join("run"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("src", inside.path().join("lib")).unwrap();
    symlink("run", inside.path().join("bootstrap")).unwrap();
    let package = packed(&inside, LinkPolicy::Follow).unwrap();
    assert_eq!(
        listed(&package.contents),
        ["bootstrap 0755 file", "lib/app.py 0644 file", "run 0755 file", "src/app.py 0644 file"]
    );
    for (target, wrong) in [
        ("/etc/hostname", "leads out of the directory, to /etc/hostname"),
        ("../..", "leads out of the directory, to "),
        ("gone.py", "leads to gone.py, which does not exist"),
        ("link", "leads to link, which does not exist"),
        (".", "leads to a directory that contains it"),
        ("../src", "leads to a directory that contains it"),
    ] {
        let folder = folder(&[("src/app.py", "1")]);
        symlink(target, folder.path().join("src/link")).unwrap();
        let error = refusal(&folder, LinkPolicy::Follow);
        assert!(error.contains(wrong), "{target}: {error}");
        fs::write(folder.path().join(".lambdaignore"), "link/\n").unwrap();
        assert_eq!(names(&folder), ["src/app.py"], "{target}");
    }
}

#[test]
fn links_are_kept_as_links_on_demand() {
    let folder = folder(&[("lib/a.so.1", "1")]);
    symlink("a.so.1", folder.path().join("lib/a.so")).unwrap();
    symlink("/opt/nodejs/node_modules", folder.path().join("node_modules")).unwrap();
    let package = packed(&folder, LinkPolicy::Keep).unwrap();
    assert_eq!(
        listed(&package.contents),
        ["lib/a.so 0777 link to a.so.1", "lib/a.so.1 0644 file", "node_modules 0777 link to /opt/nodejs/node_modules"]
    );
    let zip = folder.path().join("kept.zip");
    fs::write(&zip, &package.bytes).unwrap();
    assert_eq!(build(&PackageSource::ZipFile(zip.clone()), folder.path(), Confinement::default()).unwrap(), package);
    fs::remove_file(zip).unwrap();
    symlink(folder.path().join("lib/a.so.1"), folder.path().join("here")).unwrap();
    assert!(refusal(&folder, LinkPolicy::Keep).contains("a path of this machine; make it relative"));
    fs::remove_file(folder.path().join("here")).unwrap();
    fs::write(folder.path().join(".lambdaignore"), "*.so.1\n").unwrap();
    let wrong = "the link lib/a.so leads to a.so.1, which is not in the package";
    assert_eq!(refusal(&folder, LinkPolicy::Keep), wrong);
}

#[test]
fn what_is_no_file_is_refused_and_never_opened() {
    let folder = folder(&[("app.py", "1")]);
    let fifo = folder.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let zip = |path: &str| {
        build(&PackageSource::ZipFile(path.into()), folder.path(), Confinement::default()).unwrap_err().to_string()
    };
    assert!(zip("fifo").ends_with("fifo is a named pipe, not a zip file"));
    assert!(zip("/dev/zero").ends_with("is a device, not a zip file"));
    assert!(zip(".").ends_with("is a directory; use `dir`"));
    assert!(refusal(&folder, LinkPolicy::Follow).contains("fifo is a named pipe, and only files"));
    symlink("fifo", folder.path().join("first")).unwrap();
    fs::write(folder.path().join(".lambdaignore"), "/fifo\n").unwrap();
    assert!(refusal(&folder, LinkPolicy::Follow).contains("first is a named pipe"));
    fs::write(folder.path().join(".lambdaignore"), "f*\n").unwrap();
    assert_eq!(names(&folder), ["app.py"]);
    let _socket = UnixListener::bind(folder.path().join("socket")).unwrap();
    assert!(refusal(&folder, LinkPolicy::Follow).contains("socket is a socket"));
    fs::remove_file(folder.path().join(".lambdaignore")).unwrap();
    fs::rename(fifo, folder.path().join(".lambdaignore")).unwrap();
    assert!(refusal(&folder, LinkPolicy::Follow).contains(".lambdaignore is a named pipe"));
    let file = build(
        &PackageSource::Directory { path: "app.py".into(), links: LinkPolicy::Follow },
        folder.path(),
        Confinement::default(),
    );
    assert!(file.unwrap_err().to_string().ends_with("app.py is not a directory; for a zip file use `zip`"));
}

#[test]
fn files_are_left_out_by_the_default_list_and_by_the_patterns_nearest_to_them() {
    let all = [
        ("app.py", ""),
        (".env", "SECRET=1"),
        (".git/HEAD", ""),
        (".venv/x", ""),
        ("lib/__pycache__/a.pyc", ""),
        ("node_modules/.cache/x", ""),
        ("node_modules/a/index.js", ""),
        ("docs/a.md", ""),
        ("lib/docs/a.md", ""),
        ("only/out.log", ""),
        ("empty/", ""),
    ];
    let folder = folder(&all);
    let ignore = |path: &str, text: &str| fs::write(folder.path().join(path), text).unwrap();
    ignore(".lambdaignore", "\u{feff}# what nobody runs\r\n/docs/\r\n*.log\r\n!.env\r\n");
    assert_eq!(names(&folder), [".env", "app.py", "empty", "lib/docs/a.md", "node_modules/a/index.js"]);
    ignore("lib/.lambdaignore", "*.md\n");
    ignore("only/.lambdaignore", "!out.log\n");
    assert_eq!(names(&folder), [".env", "app.py", "empty", "node_modules/a/index.js", "only/out.log"]);
    ignore("lib/.lambdaignore", "# one\na{b\n");
    let error = refusal(&folder, LinkPolicy::Follow);
    assert!(error.contains("line 2 of ") && error.contains("lib/.lambdaignore is not a pattern"), "{error}");
    fs::remove_file(folder.path().join("lib/.lambdaignore")).unwrap();
    ignore(".lambdaignore", "*\n");
    assert!(refusal(&folder, LinkPolicy::Follow).ends_with("has no files to deploy"));
}

#[test]
fn a_name_that_is_not_utf8_is_refused_in_a_directory() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder(&[("app.py", "1")]);
    fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"a\xff\x1b.py")), "").unwrap();
    let error = refusal(&folder, LinkPolicy::Follow);
    assert!(error.ends_with(r"a\xff\u{1b}.py is not UTF-8; rename it"), "{error}");
}

#[test]
fn links_that_double_at_each_step_end_at_a_limit() {
    let folder = folder(&[("app.py", "1")]);
    for level in 0..20 {
        let path = folder.path().join(format!("d{level}"));
        fs::create_dir(&path).unwrap();
        for link in ["a", "b"] {
            symlink(format!("../d{}", level + 1), path.join(link)).unwrap();
        }
    }
    fs::create_dir(folder.path().join("d20")).unwrap();
    let error = directory::zip_at_most(
        1000,
        folder.path(),
        LinkPolicy::Follow,
        Confinement::default(),
        &PackageCache::default(),
        &NotCode::default(),
    )
    .unwrap_err();
    assert!(matches!(error, PackageError::TooManyFiles), "{error}");
}
