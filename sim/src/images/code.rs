//! Code that looks like a Cortex-M0+ application: functions of Thumb-1 halfwords as a compiler mixes them, literal pools,
//! strings, tables, zeros at the end. It compresses, repeats and differs as real firmware does; no CPU will run it.
//!
//! Refuses to know headers and vectors: see the parent.

use crate::chip::{RAM_LEN, RAM_START};
use crate::rng::Rng;

/// Instructions as a compiler mixes them: opcode, the bits of its operands, how often.
const INSTRUCTIONS: [(u16, u16, u8); 22] = [
    (0x2000, 0x073f, 9),  // movs rd, #imm8
    (0x4600, 0x003f, 8),  // mov rd, rm
    (0x6800, 0x01ff, 14), // ldr rt, [rn, #imm5]
    (0x6000, 0x01ff, 10), // str rt, [rn, #imm5]
    (0x7800, 0x00ff, 6),  // ldrb rt, [rn, #imm5]
    (0x7000, 0x00ff, 4),  // strb rt, [rn, #imm5]
    (0x8800, 0x00ff, 4),  // ldrh rt, [rn, #imm5]
    (0x4800, 0x071f, 9),  // ldr rt, [pc, #imm8]
    (0x9800, 0x0707, 5),  // ldr rt, [sp, #imm8]
    (0x9000, 0x0707, 5),  // str rt, [sp, #imm8]
    (0x1c00, 0x01ff, 4),  // adds rd, rn, #imm3
    (0x3000, 0x071f, 5),  // adds rdn, #imm8
    (0x3800, 0x071f, 3),  // subs rdn, #imm8
    (0x1800, 0x01ff, 5),  // adds rd, rn, rm
    (0x2800, 0x071f, 6),  // cmp rn, #imm8
    (0x4280, 0x003f, 4),  // cmp rn, rm
    (0xd000, 0x0d1f, 9),  // b<cond>
    (0xe000, 0x003f, 3),  // b
    (0x0000, 0x07ff, 4),  // lsls rd, rm, #imm5
    (0x4340, 0x003f, 2),  // muls rdm, rn
    (0x4000, 0x003f, 3),  // ands rdn, rm
    (0xb2c0, 0x003f, 2),  // uxtb rd, rm
];

/// All of them.
const WEIGHTS: u64 = {
    let (mut all, mut index) = (0, 0);
    while index < INSTRUCTIONS.len() {
        all += INSTRUCTIONS[index].2 as u64;
        index += 1;
    }
    all
};

const STRINGS: [&str; 12] = [
    "gate",
    "pitch %d cents",
    "calibrating",
    "CV in %u",
    "tune",
    "cutoff",
    "resonance",
    "attack",
    "release",
    "preset %u saved",
    "EEPROM: bad checksum",
    "I2C timeout",
];

/// Makes `image` `len` bytes long: behind what is there functions, in three quarters of it, then data from another seed.
/// Returns where the functions begin, as offsets.
pub(super) fn fill(image: &mut Vec<u8>, len: usize, base: u32, text: u64, data: u64) -> Vec<usize> {
    let mut writer = Writer { image, base, rng: Rng::new(text), functions: Vec::new() };
    while writer.image.len() < len / 4 * 3 {
        writer.function();
    }
    let room = len.saturating_sub(writer.image.len()) / 8;
    let strings = writer.image.len() + room;
    while writer.image.len() < strings {
        writer.string();
    }
    writer.align();
    writer.rng = Rng::new(data);
    writer.table(256);
    writer.rng = Rng::new(text ^ 1);
    while writer.image.len() < len - room {
        writer.table(128);
    }
    writer.image.resize(len, 0);
    writer.functions
}

struct Writer<'a> {
    image: &'a mut Vec<u8>,
    base: u32,
    rng: Rng,
    functions: Vec<usize>,
}

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) {
        self.image.extend_from_slice(bytes);
    }

    fn half(&mut self, half: u16) {
        self.put(&half.to_le_bytes());
    }

    fn align(&mut self) {
        self.image.resize(self.image.len().next_multiple_of(4), 0);
    }

    fn function(&mut self) {
        self.functions.push(self.image.len());
        let saved = u16::from(self.rng.byte()) & 0xf0;
        self.half(0xb500 | saved);
        for _ in 0..8 + self.rng.below(56) {
            if self.rng.below(12) == 0 {
                self.call();
            } else {
                self.instruction();
            }
        }
        self.half(0xbd00 | saved);
        self.align();
        for _ in 0..self.rng.below(5) {
            self.literal();
        }
    }

    fn instruction(&mut self) {
        let mut left = self.rng.below(WEIGHTS);
        // Low registers and small numbers are the most common: a bit of an operand is set one time in four.
        let [a, b, c, d, ..] = self.rng.u64().to_le_bytes();
        let operands = u16::from_le_bytes([a, b]) & u16::from_le_bytes([c, d]);
        for (opcode, mask, weight) in &INSTRUCTIONS {
            match left.checked_sub((*weight).into()) {
                Some(rest) => left = rest,
                None => return self.half(opcode | operands & mask),
            }
        }
    }

    /// `bl` to a function before.
    fn call(&mut self) {
        let to = self.functions[self.rng.index(self.functions.len())];
        let halves = (to as i64 - self.image.len() as i64 - 4) >> 1;
        let bits = |value: i64| u16::try_from(value & 0x7ff).unwrap_or(0);
        self.half(0xf000 | bits(halves >> 11));
        self.half(0xf800 | bits(halves));
    }

    fn literal(&mut self) {
        let word = self.rng.word();
        let literal = match word >> 30 {
            0 => 0x4000_0000 | word & 0x1_fc7c,
            1 => RAM_START + ((word % RAM_LEN) & !3),
            2 => {
                let index = word as usize % self.functions.len();
                super::code_pointer(self.base, self.functions[index])
            }
            _ => word & 0xffff,
        };
        self.put(&literal.to_le_bytes());
    }

    fn string(&mut self) {
        let text = STRINGS[self.rng.index(STRINGS.len())];
        self.put(text.as_bytes());
        self.put(&[0]);
    }

    /// A curve: 16-bit values that change little from one to the next.
    fn table(&mut self, len: usize) {
        let (mut value, mut step) = (u16::from(self.rng.byte()) << 8, 0u16);
        for _ in 0..len {
            step = step.wrapping_add(u16::from(self.rng.byte() & 0xf)).wrapping_sub(7);
            value = value.wrapping_add(step);
            self.half(value);
        }
    }
}
