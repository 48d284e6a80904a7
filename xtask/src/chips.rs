//! What core needs of a chip's flash and RAM: links the loader and the executor for their chips, with stand-ins for the
//! hardware (`firmware`), and weighs them. Refuses a loader above its limits.
//!
//! RAM is what runs while the flash works (code, its tables, the vectors), what is zeroed, and the stack. The compiler tells
//! each function's own part of it; who calls whom is read off the code. The interrupt is shut but in `wait`, so that it lies
//! on top of a path to that, and of no other.

use std::{collections::HashMap, fs};

use anyhow::{Context, Result, bail, ensure};
use object::{File, Object, ObjectSection, ObjectSymbol, SymbolKind};

use crate::{
    size::Limit,
    toolchain::{BASE, MODULE, Target, Toolchain},
    workspace::{run, target_dir},
};

/// The loader may have so much flash: less than the two sectors that are write-protected together with it, 8 KB.
const LOADER_FLASH_MAX: u64 = 7 * 1024;
/// And so much RAM besides its ring: with a ring of 32 frames it leaves an STM32L07x half of its 20 KB.
const LOADER_RAM_MAX: u64 = 3 * 1024;
/// As `firmware` has it.
const RING_FRAMES: u32 = 32;
/// What the chip itself puts on the stack at an interrupt: eight registers (ARMv6-M, B1.5.6).
const EXCEPTION_LEN: u64 = 32;
/// The words of a module's vector table, which lies before its code.
const VECTORS_LEN: usize = 16 + 24;
/// How many of the largest symbols are shown.
const SHOWN: usize = 25;

/// What one binary needs, in bytes.
#[derive(Debug)]
struct Weight {
    name: &'static str,
    flash: u64,
    /// Of the flash, and of the RAM: what is copied there.
    copied: u64,
    /// What is in RAM beside it, without the ring.
    data: u64,
    /// Not known of a ready-made compiler's code.
    stack: Option<u64>,
    ring: u64,
}

impl Weight {
    fn ram(&self) -> Option<u64> {
        Some(self.copied + self.data + self.stack?)
    }
}

/// Whether the largest symbols are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbols {
    Shown,
    Left,
}

/// Builds and weighs both; writes target/size.json. A ready-made compiler tells no stack, so that its RAM is `null` there.
pub(crate) fn weigh(symbols: Symbols) -> Result<()> {
    let (loader, limit) = one(MODULE, "module-loader", symbols)?;
    let (base, _) = one(BASE, "base-executor", symbols)?;
    let told = |bytes: Option<u64>| bytes.map_or_else(|| "unknown".to_owned(), |it| it.to_string());
    println!("{:>9} {:>9} {:>9} {:>9} {:>9}  bytes", "flash", "RAM", "copied", "stack", "ring");
    for weight in [&loader, &base] {
        let Weight { name, flash, copied, stack, ring, .. } = weight;
        let (ram, stack) = (told(weight.ram()), told(*stack));
        println!("{flash:>9} {ram:>9} {copied:>9} {stack:>9} {ring:>9}  {name}");
    }
    println!(
        "RAM counts what is copied there and the stack, and leaves out the ring: {RING_FRAMES} page frames"
    );
    let json = [&loader, &base].map(|weight| {
        let ram = weight.ram().map_or_else(|| "null".to_owned(), |ram| ram.to_string());
        let (name, flash) = (weight.name, weight.flash);
        format!("{{\"name\": \"{name}\", \"flash_bytes\": {flash}, \"ram_bytes\": {ram}}}")
    });
    fs::write(target_dir().join("size.json"), format!("[{}]\n", json.join(", ")))?;
    if limit == Limit::IsTold {
        println!(
            "a ready-made standard library is made for speed: the limits of the loader are held with Debian's compiler"
        );
    }
    let parts =
        [("flash", Some(loader.flash), LOADER_FLASH_MAX), ("RAM", loader.ram(), LOADER_RAM_MAX)];
    for (part, needs, max) in parts {
        let Some(needs) = needs else { continue };
        ensure!(
            needs <= max || limit == Limit::IsTold,
            "the loader needs {needs} bytes of {part}, above its limit of {max}; \
             `cargo xtask size --symbols` shows where they are"
        );
    }
    Ok(())
}

fn one(target: Target, name: &'static str, symbols: Symbols) -> Result<(Weight, Limit)> {
    let toolchain = Toolchain::find(target)?;
    run(toolchain.firmware().args(["--bin", name]))?;
    let path = toolchain.output_dir("release").join(name);
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let weight = weight(name, &bytes, symbols)
        .with_context(|| format!("{} is not as it was linked", path.display()))?;
    Ok((weight, toolchain.limit()))
}

fn weight(name: &'static str, elf: &[u8], symbols: Symbols) -> Result<Weight> {
    let file = File::parse(elf)?;
    let len = |name| file.section_by_name(name).map_or(0, |section| section.size());
    let code = Code::read(&file)?;
    if symbols == Symbols::Shown {
        code.print();
    }
    let ring = file.symbol_by_name("ring_len").map_or(0, |symbol| symbol.address());
    ensure_no_flash(&file)?;
    let copied = len(".ram") + len(".data");
    Ok(Weight {
        name,
        flash: len(".vectors") + len(".text") + len(".rodata") + copied,
        copied,
        data: len(".bss") - ring,
        stack: file.section_by_name(".stack_sizes").map(|_| code.stack()),
        ring,
    })
}

/// What runs while the flash works must not need it: a fetch or a read there waits until the operation has ended (RM0367,
/// 3.3.3). Code of a Cortex-M0+ reaches from RAM to flash only over a word that holds an address.
fn ensure_no_flash(file: &File<'_>) -> Result<()> {
    let Some(ram) = file.section_by_name(".ram") else { return Ok(()) };
    let flash: Vec<_> = [".text", ".rodata"]
        .iter()
        .filter_map(|name| file.section_by_name(name))
        .map(|section| section.address()..section.address() + section.size())
        .collect();
    for (at, word) in ram.data()?.as_chunks::<4>().0.iter().enumerate().skip(VECTORS_LEN) {
        let word = u64::from(u32::from_le_bytes(*word));
        if flash.iter().any(|flash| flash.contains(&word)) {
            let at = ram.address() + 4 * u64::try_from(at)?;
            let name = |address| name_at(file, address);
            bail!("{} lies in RAM, but needs {} of the flash", name(at), name(word));
        }
    }
    Ok(())
}

/// The symbol that this address lies in.
fn name_at(file: &File<'_>, address: u64) -> String {
    let before = file.symbols().filter(|symbol| {
        symbol.address() & !1 <= address && !symbol.name().unwrap_or("$").starts_with('$')
    });
    let nearest = before.max_by_key(ObjectSymbol::address);
    let name = nearest.and_then(|symbol| symbol.name().ok()).unwrap_or("something");
    format!("{:#}", rustc_demangle::demangle(name))
}

/// The functions of a binary.
#[derive(Debug)]
struct Code {
    functions: HashMap<u64, Function>,
}

#[derive(Debug)]
struct Function {
    name: String,
    len: u64,
    stack: u64,
    calls: Vec<u64>,
}

impl Code {
    fn read(file: &File<'_>) -> Result<Self> {
        let mut functions: HashMap<u64, Function> = HashMap::new();
        for symbol in file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text) {
            let name = symbol.name().unwrap_or_default().to_owned();
            let function = Function { name, len: symbol.size(), stack: 0, calls: Vec::new() };
            // Bit 0 says Thumb. Of several names, that with a length is the function's own.
            let known = functions.entry(symbol.address() & !1).or_insert(function);
            if known.len < symbol.size() {
                (known.name, known.len) =
                    (symbol.name().unwrap_or_default().to_owned(), symbol.size());
            }
        }
        for (address, stack) in stack_sizes(file) {
            if let Some(function) = functions.get_mut(&(address & !1)) {
                function.stack = stack;
            }
        }
        let known: Vec<u64> = functions.keys().copied().collect();
        for (address, function) in &mut functions {
            let section = file.sections().find(|section| {
                (section.address()..section.address() + section.size()).contains(address)
            });
            let body = section.context("a function of no section")?;
            let body = body.data_range(*address, function.len)?.context("no body")?;
            function.calls = calls(body, *address, &known);
        }
        Ok(Self { functions })
    }

    /// The deepest that there can be.
    fn stack(&self) -> u64 {
        let waiting = self.own("main") + self.depth("wait") + EXCEPTION_LEN + self.depth("i2c");
        if self.find("i2c").is_some() {
            waiting.max(self.depth("reset"))
        } else {
            self.depth("reset")
        }
    }

    fn find(&self, name: &str) -> Option<(&u64, &Function)> {
        self.functions.iter().find(|(_, function)| function.name == name)
    }

    fn own(&self, name: &str) -> u64 {
        self.find(name).map_or(0, |(_, function)| function.stack)
    }

    /// The stack that `name` needs, and what it calls.
    fn depth(&self, name: &str) -> u64 {
        self.find(name).map_or(0, |(address, _)| self.below(*address, &mut HashMap::new()))
    }

    /// Nothing of core calls itself: what seems to counts once.
    fn below(&self, address: u64, seen: &mut HashMap<u64, u64>) -> u64 {
        if let Some(depth) = seen.get(&address) {
            return *depth;
        }
        seen.insert(address, 0);
        let Some(function) = self.functions.get(&address) else { return 0 };
        let deepest = function.calls.iter().map(|callee| self.below(*callee, seen)).max();
        let depth = function.stack + deepest.unwrap_or(0);
        seen.insert(address, depth);
        depth
    }

    fn print(&self) {
        let mut functions: Vec<&Function> = self.functions.values().collect();
        functions.sort_by_key(|function| core::cmp::Reverse(function.len));
        println!("{:>9} {:>9}", "bytes", "stack");
        for function in functions.iter().take(SHOWN) {
            let name = rustc_demangle::demangle(&function.name);
            println!("{:>9} {:>9}  {name:#}", function.len, function.stack);
        }
    }
}

/// Each function's own part of the stack, as the compiler tells it: its address, and a number of seven bits a byte.
fn stack_sizes(file: &File<'_>) -> Vec<(u64, u64)> {
    let section = file.section_by_name(".stack_sizes");
    let mut bytes = section.and_then(|section| section.data().ok()).unwrap_or_default();
    let mut sizes = Vec::new();
    while let Some((address, rest)) = bytes.split_first_chunk::<4>() {
        let len = rest.iter().take_while(|byte| **byte & 0x80 != 0).count() + 1;
        let Some((size, rest)) = rest.split_at_checked(len) else { break };
        let size = size.iter().rev().fold(0, |size, byte| size << 7 | u64::from(byte & 0x7f));
        sizes.push((u32::from_le_bytes(*address).into(), size));
        bytes = rest;
    }
    sizes
}

/// The functions that a body calls: by `BL`, by a jump at its end, or by an address that lies behind it.
fn calls(body: &[u8], start: u64, known: &[u64]) -> Vec<u64> {
    let halves: Vec<u16> =
        body.as_chunks().0.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect();
    let mut calls = Vec::new();
    for (at, pair) in halves.windows(2).enumerate() {
        let [first, second] = [i64::from(pair[0]), i64::from(pair[1])];
        let next = start.cast_signed() + 2 * i64::try_from(at).unwrap_or(0) + 4;
        // BL and B.W (ARMv7-M, A7.7.18 and A7.7.12): sign, ten bits; two bits that are the sign's if they are 1, eleven bits.
        let long = (first >> 11 == 0b11110 && second & 0x9000 == 0x9000).then(|| {
            let sign = first >> 10 & 1;
            let [one, two] = [second >> 13, second >> 11].map(|bit| (bit ^ sign ^ 1) & 1);
            let high = (-sign) << 24 | one << 23 | two << 22 | (first & 0x3ff) << 12;
            next + (high | (second & 0x7ff) << 1)
        });
        let short = (first >> 11 == 0b11100).then(|| next + ((first & 0x7ff) << 53 >> 52));
        let literal = Some((second << 16 | first) & !1);
        let inside =
            start.cast_signed()..start.cast_signed() + i64::try_from(body.len()).unwrap_or(0);
        calls.extend(
            [long, short, literal]
                .into_iter()
                .flatten()
                .filter(|target| !inside.contains(target))
                .map(i64::cast_unsigned)
                .filter(|target| known.contains(target)),
        );
    }
    calls
}
