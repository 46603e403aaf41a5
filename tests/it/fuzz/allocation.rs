//! How much memory a piece of work takes, measured at the allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, which keeps count for each thread.
struct Counted;

#[global_allocator]
static COUNTED: Counted = Counted;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    HELD.set(HELD.get() + bytes);
    MOST.set(MOST.get().max(HELD.get()));
}

fn size(layout: Layout) -> isize {
    isize::try_from(layout.size()).unwrap_or(isize::MAX)
}

// SAFETY: everything is the system's allocator's; the cells need no memory and no destructor.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(size(layout));
        // SAFETY: as our caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-size(layout));
        // SAFETY: as our caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// The most bytes that this thread had at a time during some work, beyond what it had before.
pub fn most(work: impl FnOnce()) -> usize {
    HELD.set(0);
    MOST.set(0);
    work();
    usize::try_from(MOST.get()).unwrap_or(0)
}

#[test]
fn the_most_is_counted_and_not_what_is_left() {
    let megabytes = |work: fn()| most(work) >> 20;
    assert_eq!(megabytes(|| drop(std::hint::black_box(vec![1_u8; 5 << 20]))), 5);
    assert_eq!(megabytes(|| (0..9).for_each(|_| drop(std::hint::black_box(vec![1_u8; 3 << 20])))), 3);
}
