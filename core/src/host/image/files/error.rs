//! Why a file cannot be read as an image: what is wrong, where, and what to do.

use core::fmt;

/// Why a file cannot be read. `Display` says it to people; the page translates by [`FileError::code`] and fills in the fields.
/// Lines are counted from 1, and so are an ELF file's segments: the entries of its program header table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "a variant's sentence names its fields")]
pub enum FileError {
    /// The file is longer than any of its kind.
    TooLarge { len: usize, len_max: usize },
    /// The file is of no kind that says where its bytes belong, and nobody said it.
    NoAddress,
    /// A file without a byte of data.
    NoData,
    /// A line does not begin as a record.
    RecordStart { line: u32, records: Records },
    /// A character of a record is no hexadecimal digit. `column` counts from 1, the record's first character.
    RecordCharacter { line: u32, column: u32 },
    /// A record has an odd number of digits, or too few or too many for any record.
    RecordDigits { line: u32 },
    /// A record's checksum is `found`, and its bytes add up to `computed`.
    RecordChecksum { line: u32, found: u8, computed: u8 },
    /// A record's length is not what it says, or not what its type must have.
    RecordLength { line: u32 },
    /// A record type that there is not.
    RecordType { line: u32, records: Records, record_type: u8 },
    /// A record says that there are so many data records before it, and there are `found`.
    RecordCount { line: u32, says: u32, found: u32 },
    /// No end record; `line` is the last one.
    RecordNoEnd { line: u32 },
    /// Something follows the end record.
    RecordAfterEnd { line: u32 },
    /// Two lines give one address different bytes. `lines` are in the file's order.
    RecordOverlap { lines: [u32; 2], address: u32 },
    /// A record reaches past the 32-bit address space.
    RecordAddress { line: u32 },
    /// An ELF file's header, or a table that it names, is cut off or makes no sense.
    ElfForm,
    /// An ELF file for a machine that is no ARM of 32 bits.
    ElfTarget { target: ElfTarget },
    /// An ELF file that is no linked program.
    ElfKind { kind: u16 },
    /// An ELF file with more loadable segments than any program has.
    ElfSegments { count: usize, count_max: usize },
    /// A segment, to be loaded to `address`, reaches out of the file, is longer in the file than in memory, or has a section
    /// partly outside.
    ElfSegment { segment: u32, address: u32 },
    /// A segment, to be loaded to `address`, reaches past the 32-bit address space.
    ElfAddress { segment: u32, address: u32 },
    /// Two segments give one address different bytes. `segments` are in the file's order.
    ElfOverlap { segments: [u32; 2], address: u32 },
}

/// The kinds of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Records {
    /// Intel HEX.
    IntelHex,
    /// Motorola S-record.
    SRecord,
}

/// What is not as on a chip of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ElfTarget {
    /// Addresses of 64 bits.
    Bits64,
    /// The high byte first.
    BigEndian,
    /// Another machine than ARM, by ELF's number.
    Machine(u16),
}

impl FileError {
    /// A name that never changes, for translations and scripts.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "file-too-large",
            Self::NoAddress => "no-address",
            Self::NoData => "no-data",
            Self::RecordStart { .. } => "record-start",
            Self::RecordCharacter { .. } => "record-character",
            Self::RecordDigits { .. } => "record-digits",
            Self::RecordChecksum { .. } => "record-checksum",
            Self::RecordLength { .. } => "record-length",
            Self::RecordType { .. } => "record-type",
            Self::RecordCount { .. } => "record-count",
            Self::RecordNoEnd { .. } => "record-no-end",
            Self::RecordAfterEnd { .. } => "record-after-end",
            Self::RecordOverlap { .. } => "record-overlap",
            Self::RecordAddress { .. } => "record-address",
            Self::ElfForm => "elf-form",
            Self::ElfTarget { .. } => "elf-target",
            Self::ElfKind { .. } => "elf-kind",
            Self::ElfSegments { .. } => "elf-segments",
            Self::ElfSegment { .. } => "elf-segment",
            Self::ElfAddress { .. } => "elf-address",
            Self::ElfOverlap { .. } => "elf-overlap",
        }
    }

    /// The line that is wrong; of two that contradict each other the second.
    pub const fn line(&self) -> Option<u32> {
        match *self {
            Self::RecordStart { line, .. }
            | Self::RecordCharacter { line, .. }
            | Self::RecordDigits { line }
            | Self::RecordChecksum { line, .. }
            | Self::RecordLength { line }
            | Self::RecordType { line, .. }
            | Self::RecordCount { line, .. }
            | Self::RecordNoEnd { line }
            | Self::RecordAfterEnd { line }
            | Self::RecordOverlap { lines: [_, line], .. }
            | Self::RecordAddress { line } => Some(line),
            _ => None,
        }
    }

    /// The address where it is wrong.
    pub const fn address(&self) -> Option<u32> {
        match *self {
            Self::RecordOverlap { address, .. }
            | Self::ElfSegment { address, .. }
            | Self::ElfAddress { address, .. }
            | Self::ElfOverlap { address, .. } => Some(address),
            _ => None,
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.what(f)?;
        f.write_str(self.what_to_do())
    }
}

impl core::error::Error for FileError {}

impl FileError {
    fn what(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { len, len_max } => {
                write!(
                    f,
                    "The file has {len} bytes; firmware files like it have at most {len_max}."
                )
            }
            Self::NoAddress => write!(f, "This is no ELF, Intel HEX or S-record file."),
            Self::NoData => write!(f, "The file holds nothing for a flash."),
            Self::RecordStart { line, records } => {
                let start = match records {
                    Records::IntelHex => "a colon",
                    Records::SRecord => "an S and a digit",
                };
                write!(f, "Line {line} does not begin with {start}.")
            }
            Self::RecordCharacter { line, column } => {
                write!(f, "Line {line}: character {column} is not a hexadecimal digit.")
            }
            Self::RecordDigits { line } => {
                write!(f, "Line {line} is no whole record: it has too few or too many digits.")
            }
            Self::RecordChecksum { line, found, computed } => {
                write!(
                    f,
                    "Line {line}: the checksum is {found:02X}, but the record adds up to {computed:02X}."
                )
            }
            Self::RecordLength { line } => {
                write!(
                    f,
                    "Line {line}: the record is not as long as it says, or as its type must be."
                )
            }
            Self::RecordType { line, records: Records::IntelHex, record_type } => {
                write!(f, "Line {line}: record type {record_type:02X} is not one of Intel HEX.")
            }
            Self::RecordType { line, records: Records::SRecord, record_type } => {
                write!(f, "Line {line}: S{record_type} is not a type of S-record that is used.")
            }
            Self::RecordCount { line, says, found } => {
                write!(f, "Line {line} counts {says} data records before it; there are {found}.")
            }
            Self::RecordNoEnd { line } => {
                write!(f, "The file stops after line {line} without an end record.")
            }
            Self::RecordAfterEnd { line } => write!(f, "Line {line} follows the end record."),
            Self::RecordOverlap { lines: [first, second], address } => {
                write!(
                    f,
                    "Lines {first} and {second} give address {address:#010x} different bytes."
                )
            }
            Self::RecordAddress { line } => {
                write!(f, "Line {line} reaches past address 0xffffffff.")
            }
            _ => self.what_of_elf(f),
        }
    }

    fn what_of_elf(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ElfForm => {
                write!(f, "The ELF file's header or a table of it is damaged or cut off.")
            }
            Self::ElfTarget { target } => {
                match target {
                    ElfTarget::Bits64 => write!(f, "The ELF file is for a machine of 64 bits")?,
                    ElfTarget::BigEndian => write!(f, "The ELF file is for a big-endian machine")?,
                    ElfTarget::Machine(number) => {
                        write!(f, "The ELF file is for machine number {number}")?;
                    }
                }
                write!(f, ", not for a little-endian ARM of 32 bits (number 40).")
            }
            Self::ElfKind { kind } => {
                write!(f, "The ELF file is of type {kind}; a linked program is of type 2.")
            }
            Self::ElfSegments { count, count_max } => {
                write!(
                    f,
                    "The ELF file loads {count} segments; programs for modules load at most {count_max}."
                )
            }
            Self::ElfSegment { segment, address } => {
                write!(
                    f,
                    "Segment {segment} of the ELF file, for {address:#010x}, is not as long as the file says."
                )
            }
            Self::ElfAddress { segment, address } => {
                write!(
                    f,
                    "Segment {segment} of the ELF file, for {address:#010x}, reaches past address 0xffffffff."
                )
            }
            Self::ElfOverlap { segments: [first, second], address } => {
                write!(
                    f,
                    "Segments {first} and {second} of the ELF file give address {address:#010x} different bytes."
                )
            }
            // `what` has said it.
            _ => Ok(()),
        }
    }

    fn what_to_do(&self) -> &'static str {
        match self {
            Self::RecordStart { .. }
            | Self::RecordCharacter { .. }
            | Self::RecordDigits { .. }
            | Self::RecordChecksum { .. }
            | Self::RecordLength { .. }
            | Self::RecordCount { .. }
            | Self::RecordNoEnd { .. }
            | Self::ElfSegment { .. } => " The file is damaged; download it again.",
            Self::ElfForm => " Download it again.",
            Self::RecordAfterEnd { .. } => {
                " The file is damaged, or two were joined; download it again."
            }
            Self::RecordType { .. } => " Ask the firmware's maker for a plain file.",
            Self::RecordOverlap { .. }
            | Self::RecordAddress { .. }
            | Self::NoData
            | Self::ElfAddress { .. }
            | Self::ElfOverlap { .. } => " Ask the firmware's maker for a correct file.",
            Self::NoAddress => {
                " If it is a raw binary, say at which address it belongs; else choose another file."
            }
            Self::ElfKind { .. } => " Choose the file that the linker has made.",
            Self::TooLarge { .. } | Self::ElfTarget { .. } | Self::ElfSegments { .. } => {
                " Choose a file made for this module."
            }
        }
    }
}
