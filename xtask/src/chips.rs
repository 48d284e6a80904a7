//! What core needs of a chip's flash and RAM: links the loader and the executor for their chips, with stand-ins for the
//! hardware (`firmware`), and weighs them. Refuses a loader above its limits.
//!
//! RAM is what is initialised, what is zeroed, and the stack: the deepest path of calls from the reset, and on top of it
//! the deepest from the interrupt. The compiler tells each function's own part; who calls whom is read off the code.

use std::{collections::HashMap, fs};

use anyhow::{Context, Result, ensure};
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
/// How many of the largest symbols are shown.
const SHOWN: usize = 25;

/// What one binary needs, in bytes.
#[derive(Debug)]
struct Weight {
    name: &'static str,
    flash: u64,
    data: u64,
    stack: u64,
    ring: u64,
}

impl Weight {
    fn ram(&self) -> u64 {
        self.data + self.stack - self.ring
    }
}

/// Whether the largest symbols are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbols {
    Shown,
    Left,
}

/// Builds and weighs both; writes target/size.json. A ready-made compiler tells no stack, and is not held to the limits.
pub(crate) fn weigh(symbols: Symbols) -> Result<()> {
    let (loader, limit) = one(MODULE, "module-loader", symbols)?;
    let (base, _) = one(BASE, "base-executor", symbols)?;
    println!("{:>9} {:>9} {:>9} {:>9}  bytes", "flash", "RAM", "stack", "ring");
    for weight in [&loader, &base] {
        let Weight { name, flash, stack, ring, .. } = weight;
        println!("{flash:>9} {:>9} {stack:>9} {ring:>9}  {name}", weight.ram());
    }
    println!("RAM counts the stack, and leaves out the ring: {RING_FRAMES} page frames");
    let json = [&loader, &base].map(|weight| {
        let (name, flash, ram) = (weight.name, weight.flash, weight.ram());
        format!("{{\"name\": \"{name}\", \"flash_bytes\": {flash}, \"ram_bytes\": {ram}}}")
    });
    fs::write(target_dir().join("size.json"), format!("[{}]\n", json.join(", ")))?;
    let parts = [("flash", loader.flash, LOADER_FLASH_MAX), ("RAM", loader.ram(), LOADER_RAM_MAX)];
    for (part, needs, max) in parts {
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
    let data = len(".data");
    Ok(Weight {
        name,
        flash: len(".vectors") + len(".text") + len(".rodata") + data,
        data: data + len(".bss"),
        stack: code.depth("reset") + code.depth("i2c"),
        ring: file.symbol_by_name("ring_len").map_or(0, |symbol| symbol.address()),
    })
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
        let text = file.section_by_name(".text").context("no code")?;
        let (start, bytes) = (text.address(), text.data()?);
        let is_code = |symbol: &object::Symbol<'_, '_>| {
            symbol.kind() == SymbolKind::Text && symbol.section_index() == Some(text.index())
        };
        // Bit 0 says Thumb.
        let mut functions: HashMap<u64, Function> = file
            .symbols()
            .filter(is_code)
            .map(|symbol| {
                let name = symbol.name().unwrap_or_default().to_owned();
                let function = Function { name, len: symbol.size(), stack: 0, calls: Vec::new() };
                (symbol.address() & !1, function)
            })
            .collect();
        for (address, stack) in stack_sizes(file) {
            if let Some(function) = functions.get_mut(&(address & !1)) {
                function.stack = stack;
            }
        }
        let known: Vec<u64> = functions.keys().copied().collect();
        for (address, function) in &mut functions {
            let at = usize::try_from(address - start)?;
            let body = bytes.get(at..at + usize::try_from(function.len)?).context("no body")?;
            function.calls = calls(body, *address, &known);
        }
        Ok(Self { functions })
    }

    /// The stack that `name` needs, and what it calls.
    fn depth(&self, name: &str) -> u64 {
        let entry = self.functions.iter().find(|(_, function)| function.name == name);
        let Some((address, _)) = entry else { return 0 };
        let exception = if name == "reset" { 0 } else { EXCEPTION_LEN };
        exception + self.below(*address, &mut HashMap::new())
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
