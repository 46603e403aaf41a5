//! The format of a file, as its first bytes show it: what decides if Linux can run it.

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// Nothing is in it.
    Empty,
    /// A program or library for Linux.
    Elf(Machine),
    /// A text that begins with `#!` and the path of its interpreter.
    Script {
        /// True if the first line ends as on Windows, so that the interpreter's name ends in a carriage return.
        carriage_return: bool,
    },
    /// A program or library for Windows.
    Windows,
    /// A program or library for macOS.
    MacOs,
    /// Anything else.
    Other,
}

/// The processor that a program is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// 64-bit x86: `x86_64` of Lambda.
    X86_64,
    /// 64-bit Arm: `arm64` of Lambda.
    Arm64,
    /// Another one, which Lambda does not have.
    Other,
}

impl FileFormat {
    /// The number of bytes at the start of a file that decide its format: as many as Linux reads of a `#!` line.
    pub const HEAD: usize = 256;

    /// Returns the format of the file that begins with these bytes.
    pub fn of(head: &[u8]) -> FileFormat {
        match head {
            [] => FileFormat::Empty,
            [0x7f, b'E', b'L', b'F', ..] => FileFormat::Elf(machine(head)),
            [b'#', b'!', line @ ..] => {
                let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
                FileFormat::Script { carriage_return: line.last() == Some(&b'\r') }
            }
            [b'M', b'Z', ..] => FileFormat::Windows,
            // Thin Mach-O files of either width in either byte order, and universal ones. Java's classes begin like these.
            [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => FileFormat::MacOs,
            [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, architectures, ..] if *architectures < 20 => FileFormat::MacOs,
            _ => FileFormat::Other,
        }
    }

    /// Tests whether the file is made to be run on Linux, whatever its mode says.
    pub fn is_program(self) -> bool {
        matches!(self, FileFormat::Elf(_) | FileFormat::Script { .. })
    }
}

/// Returns the processor that the header of an ELF file names.
fn machine(head: &[u8]) -> Machine {
    const LITTLE_ENDIAN: u8 = 1;
    const WIDE: u8 = 2;
    match (head.get(4), head.get(5), head.get(18..20)) {
        (Some(&WIDE), Some(&LITTLE_ENDIAN), Some([62, 0])) => Machine::X86_64,
        (Some(&WIDE), Some(&LITTLE_ENDIAN), Some([183, 0])) => Machine::Arm64,
        _ => Machine::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide_the_format() {
        let elf = |machine: u8| {
            let mut head = b"\x7fELF\x02\x01\x01".to_vec();
            head.resize(18, 0);
            head.extend([machine, 0]);
            head
        };
        for (head, format) in [
            (Vec::new(), FileFormat::Empty),
            (elf(62), FileFormat::Elf(Machine::X86_64)),
            (elf(183), FileFormat::Elf(Machine::Arm64)),
            (elf(40), FileFormat::Elf(Machine::Other)),
            (b"\x7fELF".to_vec(), FileFormat::Elf(Machine::Other)),
            (b"#!/bin/sh\nexit\r\n".to_vec(), FileFormat::Script { carriage_return: false }),
            (b"#!/bin/sh\r\n".to_vec(), FileFormat::Script { carriage_return: true }),
            (b"MZ\x90".to_vec(), FileFormat::Windows),
            (b"\xcf\xfa\xed\xfe\x0c".to_vec(), FileFormat::MacOs),
            (b"\xca\xfe\xba\xbe\0\0\0\x02".to_vec(), FileFormat::MacOs),
            (b"\xca\xfe\xba\xbe\0\0\0\x3d".to_vec(), FileFormat::Other),
            (b"import os".to_vec(), FileFormat::Other),
        ] {
            assert_eq!(FileFormat::of(&head), format, "{head:?}");
        }
    }
}
