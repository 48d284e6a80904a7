//! The base's memory for operations: blocks of equal size in queues, one queue a lane. Refuses what does not fit; the
//! host's credit counts these blocks.

use crate::wire::message::BLOCK_LEN;

/// Room for the operations of one submission.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    next: Option<u16>,
    first: u32,
    len: u16,
    bytes: [u8; BLOCK_LEN],
}

impl Block {
    /// Unused.
    pub const EMPTY: Self = Self { next: None, first: 0, len: 0, bytes: [0; BLOCK_LEN] };

    /// The number of its first operation.
    pub(super) fn first(&self) -> u32 {
        self.first
    }

    /// The operations in it.
    pub(super) fn ops(&self) -> &[u8] {
        self.bytes.get(..self.len.into()).unwrap_or_default()
    }
}

/// Where the blocks are: an array in a chip's RAM, a vector in a simulator.
pub trait Memory: AsRef<[Block]> + AsMut<[Block]> {}

impl<M: AsRef<[Block]> + AsMut<[Block]>> Memory for M {}

/// A queue of blocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Queue {
    head: Option<u16>,
    tail: Option<u16>,
}

impl Queue {
    pub(super) const EMPTY: Self = Self { head: None, tail: None };

    pub(super) fn is_empty(&self) -> bool {
        self.head.is_none()
    }
}

/// All blocks: in a lane's queue, or free.
#[derive(Debug)]
pub(super) struct Pool<M> {
    memory: M,
    free: Queue,
    free_count: u16,
}

impl<M: Memory> Pool<M> {
    pub(super) fn new(memory: M) -> Self {
        let mut pool = Self { memory, free: Queue::EMPTY, free_count: 0 };
        for index in 0..pool.len() {
            pool.release(index);
        }
        pool
    }

    pub(super) fn len(&self) -> u16 {
        u16::try_from(self.memory.as_ref().len()).unwrap_or(u16::MAX)
    }

    pub(super) fn free(&self) -> u16 {
        self.free_count
    }

    /// The first block of a queue.
    pub(super) fn head(&self, queue: &Queue) -> Option<&Block> {
        self.memory.as_ref().get(usize::from(queue.head?))
    }

    /// Copies operations into a free block behind a queue; returns whether there was one.
    pub(super) fn push(&mut self, queue: &mut Queue, first: u32, ops: &[u8]) -> bool {
        let Some(index) = self.free.head else { return false };
        let memory = self.memory.as_mut();
        let Some(block) = memory.get_mut(usize::from(index)) else { return false };
        let Some(bytes) = block.bytes.get_mut(..ops.len()) else { return false };
        bytes.copy_from_slice(ops);
        self.free.head = block.next;
        if self.free.head.is_none() {
            self.free.tail = None;
        }
        (block.next, block.first) = (None, first);
        block.len = u16::try_from(ops.len()).unwrap_or_default();
        self.free_count = self.free_count.saturating_sub(1);
        append(memory, queue, index);
        true
    }

    /// Frees the first block of a queue.
    pub(super) fn pop(&mut self, queue: &mut Queue) -> bool {
        let Some(index) = queue.head else { return false };
        queue.head = self.memory.as_ref().get(usize::from(index)).and_then(|block| block.next);
        if queue.head.is_none() {
            queue.tail = None;
        }
        self.release(index);
        true
    }

    fn release(&mut self, index: u16) {
        let memory = self.memory.as_mut();
        if let Some(block) = memory.get_mut(usize::from(index)) {
            block.next = None;
        }
        append(memory, &mut self.free, index);
        self.free_count = self.free_count.saturating_add(1);
    }
}

fn append(memory: &mut [Block], queue: &mut Queue, index: u16) {
    match queue.tail.and_then(|tail| memory.get_mut(usize::from(tail))) {
        Some(last) => last.next = Some(index),
        None => queue.head = Some(index),
    }
    queue.tail = Some(index);
}
