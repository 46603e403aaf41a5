//! Counts what a piece of work allocates, at the allocator.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;

use mimalloc::MiMalloc;

/// The allocator of the program, which keeps count for each thread.
struct CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

thread_local! {
    static ALLOCATED: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<u64> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    if let Ok(bytes) = u64::try_from(bytes) {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        BYTES.set(BYTES.get() + bytes);
    }
    ALLOCATED.set(ALLOCATED.get() + bytes);
    PEAK.set(PEAK.get().max(ALLOCATED.get()));
}

fn size(layout: Layout) -> isize {
    isize::try_from(layout.size()).unwrap_or(isize::MAX)
}

// SAFETY: the program's allocator does the work; the cells need no memory and no destructor.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(size(layout));
        // SAFETY: as our caller promised.
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-size(layout));
        // SAFETY: as our caller promised.
        unsafe { MiMalloc.dealloc(pointer, layout) }
    }
}

/// The allocations of a thread during some work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// The number of allocations, growing ones included.
    pub allocations: u64,
    /// The sum of their bytes.
    pub bytes: u64,
    /// The most bytes that were allocated at a time, those from before the work included.
    pub peak: usize,
    /// The same without those from before the work.
    pub additional_peak: usize,
}

/// Returns the result of some work, and what this thread allocated during it.
pub fn usage<T>(work: impl FnOnce() -> T) -> (T, Usage) {
    let (before, allocations, bytes) = (ALLOCATED.get(), ALLOCATIONS.get(), BYTES.get());
    PEAK.set(before);
    let result = work();
    let size = |count: isize| usize::try_from(count).unwrap_or(0);
    let usage = Usage {
        allocations: ALLOCATIONS.get() - allocations,
        bytes: BYTES.get() - bytes,
        peak: size(PEAK.get()),
        additional_peak: size(PEAK.get() - before),
    };
    (result, usage)
}

#[test]
fn the_peak_is_neither_the_sum_nor_what_was_there_before() {
    let megabytes = |work: fn()| usage(work).1.additional_peak >> 20;
    assert_eq!(megabytes(|| drop(std::hint::black_box(vec![1_u8; 5 << 20]))), 5);
    assert_eq!(megabytes(|| (0..9).for_each(|_| drop(std::hint::black_box(vec![1_u8; 3 << 20])))), 3);
    let held = std::hint::black_box(vec![1_u8; 4 << 20]);
    let ((), both) = usage(|| drop(std::hint::black_box(vec![1_u8; 3 << 20])));
    assert_eq!((held.len() >> 20, both.additional_peak >> 20, both.peak >= 7 << 20), (4, 3, true));
}

#[test]
fn allocations_are_counted_and_their_bytes_summed() {
    let ((), nine) = usage(|| (0..9).for_each(|_| drop(std::hint::black_box(vec![1_u8; 1000]))));
    assert_eq!((nine.allocations, nine.bytes), (9, 9000));
}
