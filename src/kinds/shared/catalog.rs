//! The rules that several kinds share.

use crate::model::rules;

rules! {
    V096 {
        severity: Error,
        title: "Invalid tag key",
        meaning: "The key of a tag has 1 to 128 characters: letters, digits, spaces and `_.:/=+-@`. AWS reserves keys that \
                  begin with `aws:`, and trueup those that begin with `trueup:`. Choose another key.",
        bad: function_with!("
    tags: {\"aws:team\": orders}
"),
        good: function_with!("
    tags: {team: orders}
"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html"),
    }
    V139 {
        severity: Warning,
        title: "File name in a package that is another one on Linux",
        meaning: "On Linux `\\` is part of a name, so `lib\\x.py` is a file at the top, not a file in `lib`. A name that is \
                  not UTF-8 may be unpacked under another name. Such zip files are mostly made on Windows. Use a tool that \
                  writes `/` and UTF-8, or let trueup zip the directory.",
        bad: function_with!(zip "backslash.zip"),
        good: function_with!("\n"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-function-zip.html"),
    }
    V140 {
        severity: Warning,
        title: "File in a package that Lambda cannot read or execute",
        meaning: "Functions run as a user of their own, so every user must be able to read each file and to enter each \
                  directory: 0644 for files, 0755 for directories and programs. A zip file keeps the modes of the machine \
                  on which it is made. Run `chmod -R a+rX` first, or let trueup zip the directory, which corrects modes.",
        bad: function_with!(zip "unreadable.zip"),
        good: function_with!("\n"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-function-zip.html"),
    }
    V143 {
        severity: Warning,
        title: "Link in a package that leads out of it",
        meaning: "Lambda unpacks the package alone, so a link to another directory of your machine leads nowhere there. \
                  Links into layers (`/opt`), file systems (`/mnt`) and the runtime's own directories are fine. Add the \
                  files themselves, or move them into the directory and use `links: follow`.",
        bad: function_with!(zip "links.zip"),
        good: function_with!("\n"),
        aws_page: Some("https://docs.aws.amazon.com/lambda/latest/dg/configuration-function-zip.html"),
    }
}
