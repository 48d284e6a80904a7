//! Programs as a linker leaves them (GNU ld): the same bytes at the same addresses as `objcopy` (Debian: binutils) finds in
//! them, whichever format it writes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use rackflash_core::host::image::Image;
use rackflash_tests::firmware::field;
use rackflash_tests::numbers::Numbers;

/// One part of a program.
struct Piece {
    loaded_at: u32,
    runs_at: u32,
    bytes: Vec<u8>,
}

/// Where the linker may put its own headers: into the first segment, below the program.
const PAGE_LENS: [&str; 3] = ["0x4", "0x1000", "0x10000"];

#[test]
#[cfg(target_arch = "x86_64")]
fn thirty_programs() {
    for seed in 0..30 {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("linked-{seed}"));
        fs::create_dir_all(&folder).unwrap();
        check(&folder, &mut Numbers::new(seed));
        fs::remove_dir_all(folder).unwrap();
    }
}

fn check(folder: &Path, numbers: &mut Numbers) {
    let program = link(folder, &pieces(numbers), numbers.pick(&PAGE_LENS));
    let [hex, srec, binary] = ["ihex", "srec", "binary"].map(|format| {
        let file = folder.join(format);
        run(Command::new("objcopy").args(["-O", format]).arg(&program).arg(&file));
        fs::read(file).unwrap()
    });
    let mut elf = fs::read(&program).unwrap();
    // No linker for ARM is everywhere; the tables are the same.
    assert_eq!(elf[field::MACHINE], 3, "no i386");
    elf[field::MACHINE] = 40;
    let image = Image::parse(&elf, None).unwrap();
    assert_eq!(Image::parse(&hex, None).as_ref(), Ok(&image), "as HEX");
    assert_eq!(Image::parse(&srec, None).as_ref(), Ok(&image), "as S-record");
    assert_eq!(image.to_binary(), Ok(binary), "as binary");
    // The section header table is the last thing in it.
    for len in (0..elf.len()).step_by(1 + elf.len() / 200) {
        Image::from_elf(&elf[..len]).unwrap_err();
    }
}

/// One behind the other, some with a gap between them; some run in RAM.
fn pieces(numbers: &mut Numbers) -> Vec<Piece> {
    let mut next = 0x0800_0000 + 0x100 * u32::from(numbers.byte());
    let count = 1 + numbers.below(4);
    let made = (0..count).map(|n| {
        let mut bytes = numbers.bytes(600);
        bytes.push(1);
        let loaded_at = next;
        let gap = if numbers.percent(50) { 0 } else { u32::from(numbers.byte()) };
        next += u32::try_from(bytes.len()).unwrap() + gap;
        let in_ram = 0x2000_0000 + 0x1000 * u32::try_from(n).unwrap();
        let runs_at = if numbers.percent(40) { in_ram } else { loaded_at };
        Piece { loaded_at, runs_at, bytes }
    });
    made.collect()
}

fn link(folder: &Path, pieces: &[Piece], page_len: &str) -> PathBuf {
    let mut script = String::new();
    let mut ld = Command::new("ld");
    let options = ["-m", "elf_i386", "-T", "script", "-o", "program", "-z"];
    ld.args(options).arg(format!("max-page-size={page_len}")).current_dir(folder);
    for (n, Piece { loaded_at, runs_at, bytes }) in pieces.iter().enumerate() {
        fs::write(folder.join(format!("{n}.bin")), bytes).unwrap();
        let to_object = ["-I", "binary", "-O", "elf32-i386", "-B", "i386"];
        let object = format!("{n}.o");
        run(Command::new("objcopy")
            .args(to_object)
            .args([&format!("{n}.bin"), &object])
            .current_dir(folder));
        script += &format!(".p{n} {runs_at:#x} : AT({loaded_at:#x}) {{ {object}(.data) }}\n");
        ld.arg(object);
    }
    // And what is in RAM alone.
    script += ".bss 0x20008000 (NOLOAD) : { . += 64; }\n";
    fs::write(folder.join("script"), format!("SECTIONS {{\n{script}}}\n")).unwrap();
    run(&mut ld);
    folder.join("program")
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
