//! ELF, as linkers write it: a program's bytes at the addresses where they are loaded. Refuses what was not linked for a chip
//! like the modules', and a file it cannot place to the last byte.
//!
//! After the System V ABI, "Object Files" and "Program Loading". The crate `object` reads the tables; this file takes from
//! each loadable segment what belongs to the program, to its physical address (`p_paddr`): there the flash has it, wherever
//! it runs. What debuggers want is passed over.

use alloc::vec::Vec;

use object::LittleEndian as LE;
use object::elf::{
    EM_ARM, ET_EXEC, FileHeader32, PT_LOAD, ProgramHeader32, SHF_ALLOC, SectionHeader32,
};
use object::read::FileKind;
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};

use super::pile::{PastEnd, Pile};
use super::{ELF_LEN_MAX, ElfTarget, FileError};
use crate::host::image::{ImageError, Segment, check_len};

/// The most segments that are loaded. Linkers make two or three, hardly ever ten; each is held against all sections.
const SEGMENTS_MAX: usize = 64;

/// The segments an ELF file describes: in order, with a gap between any two, none empty.
pub(super) fn read(file: &[u8]) -> Result<Vec<Segment>, ImageError> {
    if file.len() > ELF_LEN_MAX {
        return Err(FileError::TooLarge { len: file.len(), len_max: ELF_LEN_MAX }.into());
    }
    let (segments, sections) = tables(file)?;
    let is_loaded =
        |segment: &ProgramHeader32<LE>| segment.p_type(LE) == PT_LOAD && segment.p_filesz(LE) > 0;
    let count = segments.iter().filter(|segment| is_loaded(segment)).count();
    if count > SEGMENTS_MAX {
        return Err(FileError::ElfSegments { count, count_max: SEGMENTS_MAX }.into());
    }
    let mut pile = Pile::default();
    // Segments of a hostile file may all name the same bytes of it: they are counted before they are copied.
    let mut len = 0_u64;
    for (number, segment) in (1..).zip(segments).filter(|(_, segment)| is_loaded(segment)) {
        let address = segment.p_paddr(LE);
        let damaged = FileError::ElfSegment { segment: number, address };
        let Ok(bytes) = segment.data(LE, file) else { return Err(damaged.into()) };
        if segment.p_filesz(LE) > segment.p_memsz(LE) {
            return Err(damaged.into());
        }
        for content in contents(segment, bytes, sections) {
            let Some((behind, content)) = content else { return Err(damaged.into()) };
            len = len.saturating_add(content.len() as u64);
            check_len(len)?;
            let past_end = FileError::ElfAddress { segment: number, address };
            let Some(address) = address.checked_add(behind) else { return Err(past_end.into()) };
            pile.put(number, address, content).map_err(|PastEnd| past_end)?;
        }
    }
    pile.assemble(|segments, address| FileError::ElfOverlap { segments, address })
}

/// Whether a file is ELF: its first four bytes say so, and no Cortex-M binary begins with them. They would be the stack pointer,
/// which is a multiple of 4.
pub(super) fn is_elf(file: &[u8]) -> bool {
    file.starts_with(b"\x7fELF")
}

type Tables<'a> = (&'a [ProgramHeader32<LE>], &'a [SectionHeader32<LE>]);

/// What is loaded, and what it is made of, if it is a program for a chip like the modules'.
fn tables(file: &[u8]) -> Result<Tables<'_>, FileError> {
    let damaged = |_| FileError::ElfForm;
    if FileKind::parse(file).map_err(damaged)? == FileKind::Elf64 {
        return Err(FileError::ElfTarget { target: ElfTarget::Bits64 });
    }
    let header = FileHeader32::<LE>::parse(file).map_err(damaged)?;
    if header.is_big_endian() {
        return Err(FileError::ElfTarget { target: ElfTarget::BigEndian });
    }
    let machine = header.e_machine(LE);
    if machine != EM_ARM {
        return Err(FileError::ElfTarget { target: ElfTarget::Machine(machine.0) });
    }
    let kind = header.e_type(LE);
    if kind != ET_EXEC {
        return Err(FileError::ElfKind { kind: kind.0 });
    }
    let segments = header.program_headers(LE, file).map_err(damaged)?;
    Ok((segments, header.section_headers(LE, file).map_err(damaged)?))
}

/// What of a segment's bytes belongs to the program, and how far behind the segment's start: its sections, as for
/// `objcopy`. A linker that is not told otherwise (`--nmagic`) puts the file's own headers and what fills up a page into the
/// first segment, too: below the program, where a flash may have the loader. A file without sections has nothing but
/// segments. `None` is a section that lies partly outside.
fn contents<'a>(
    segment: &ProgramHeader32<LE>,
    bytes: &'a [u8],
    sections: &'a [SectionHeader32<LE>],
) -> impl Iterator<Item = Option<(u32, &'a [u8])>> {
    let (start, len) = segment.file_range(LE);
    let all = sections.is_empty().then_some((start, len));
    let here = sections
        .iter()
        .filter(|section| section.sh_flags(LE).0 & SHF_ALLOC.0 != 0)
        .filter_map(|section| section.file_range(LE))
        .filter(move |(at, section_len)| {
            let [end, section_end] =
                [(start, len), (*at, *section_len)].map(|(start, len)| start.saturating_add(len));
            *section_len > 0 && *at < end && section_end > start
        });
    all.into_iter().chain(here).map(move |(at, len)| {
        let behind = u32::try_from(at.checked_sub(start)?).ok()?;
        let bytes = bytes.get(behind as usize..)?.get(..usize::try_from(len).ok()?)?;
        Some((behind, bytes))
    })
}
