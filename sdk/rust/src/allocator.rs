//! Memory for small things: policies read texts into thousands of short-lived pieces,
//! and finding room for them took a quarter to a third of a call.
//!
//! A freed piece waits in the list of its size for the next of that size; new ones
//! are cut from a chunk, one beside the other. What is large goes to the
//! allocator of the standard library. Memory of a size is never given to another:
//! an instance lives for one call, and its memory has a limit.
//!
//! A policy with data of megabytes keeps what its calls write apart from that data
//! ([`Pieces::set_near`]): its host gives every written page back after a call, and looks
//! for them in all that was ever read.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ptr::{NonNull, null_mut};

/// Sizes are rounded up to a multiple of this, and aligned to it.
const STEP: usize = 16;

/// The largest size that is kept in a list.
const SMALL_MAX: usize = 1024;

/// One list for each multiple of the step, and one for nothing.
const LISTS: usize = SMALL_MAX / STEP + 1;

/// What is taken from the standard library's allocator to be cut: room for many of
/// the largest pieces.
#[repr(align(16))]
struct Chunk(#[expect(dead_code, reason = "only its layout is used")] [u8; 64 * 1024]);

const CHUNK: Layout = Layout::new::<Chunk>();

/// What is near, where there are data: room for what a policy makes of its settings beside
/// them.
const NEAR_BYTES: usize = 1 << 20;

/// Room for the pieces of a call, behind that.
const CALL_BYTES: usize = 128 << 10;

/// Pages behind it, of which every other one is written in each call. The host's look for
/// written pages ends where it found so many that lie apart (32, with those of the call
/// itself), and what comes then is given back unseen: without them, it would look at every
/// page of the data that any call ever read.
const BORDER_PAGES: usize = 28;

const PAGE_BYTES: usize = 4096;

/// Near memory, and the border behind it.
#[repr(align(4096))]
struct Near(
    #[expect(dead_code, reason = "only its layout is used")]
    [u8; NEAR_BYTES + CALL_BYTES + 2 * BORDER_PAGES * PAGE_BYTES],
);

/// Lists of free pieces by size.
pub(crate) struct Pieces(UnsafeCell<All>);

/// Those that are used, and those of the data.
struct All {
    used: Lists,
    other: Lists,
    /// Where the border begins; null where there is none.
    border: *mut u8,
    /// Something lies beyond it.
    has_data: bool,
}

struct Lists {
    free: [Option<NonNull<Free>>; LISTS],
    /// What is left of the chunk that is cut.
    rest: *mut u8,
    rest_bytes: usize,
}

/// A piece that nobody has: the next one of its size stands in it.
struct Free(Option<NonNull<Free>>);

// SAFETY: a component has one thread: `threads` is not among what the gate runs.
// Elsewhere this allocator is not used but by a test, each with one of its own.
unsafe impl Sync for Pieces {}

// === impl Pieces ===

impl Pieces {
    pub(crate) const fn new() -> Self {
        Self(UnsafeCell::new(All {
            used: Lists::new(),
            other: Lists::new(),
            border: null_mut(),
            has_data: false,
        }))
    }

    /// From here on, pieces lie near each other, but for those of [`Self::change`].
    pub(crate) fn set_near(&self) {
        // SAFETY: it is not empty.
        let near = unsafe { System.alloc(Layout::new::<Near>()) };
        // SAFETY: one thread, and no reference leaves this function.
        let all = unsafe { &mut *self.0.get() };
        if !near.is_null() && all.border.is_null() {
            all.used = Lists::new();
            all.used.rest = near;
            all.used.rest_bytes = NEAR_BYTES;
            // SAFETY: the border lies behind.
            all.border = unsafe { near.add(NEAR_BYTES + CALL_BYTES) };
        }
    }

    /// Goes over to the other lists, where some memory is near.
    pub(crate) fn change(&self) {
        // SAFETY: one thread, and no reference leaves this function.
        let all = unsafe { &mut *self.0.get() };
        if !all.border.is_null() {
            std::mem::swap(&mut all.used, &mut all.other);
            all.has_data = true;
        }
    }

    /// Forgets the pieces that were freed, which may lie anywhere: those of calls lie side
    /// by side, so that the host has few written pages to give back.
    pub(crate) fn settle(&self) {
        // SAFETY: one thread, and no reference leaves this function.
        let all = unsafe { &mut *self.0.get() };
        if !all.has_data {
            all.border = null_mut();
        }
        if all.border.is_null() {
            // Not within a call: that would have to grow its memory first.
            // SAFETY: a chunk is not empty.
            let chunk = unsafe { System.alloc(CHUNK) };
            if !chunk.is_null() {
                all.used = Lists::new();
                all.used.rest = chunk;
                all.used.rest_bytes = CHUNK.size();
            }
        } else {
            all.used = Lists::new();
            // SAFETY: that much lies before the border.
            all.used.rest = unsafe { all.border.sub(CALL_BYTES) };
            all.used.rest_bytes = CALL_BYTES;
        }
    }

    /// Writes the border, where there is one.
    pub(crate) fn write_border(&self) {
        // SAFETY: one thread, and no reference leaves this function.
        let border = unsafe { (*self.0.get()).border };
        if border.is_null() {
            return;
        }
        for page in 0..BORDER_PAGES {
            // SAFETY: twice as many pages are there, and nobody else has them. Volatile:
            // nobody reads what is written.
            unsafe { border.add((2 * page + 1) * PAGE_BYTES).write_volatile(1) };
        }
    }
}

/// The list for such a piece, if there is one.
#[inline(always)]
fn list_of(layout: Layout) -> Option<usize> {
    (layout.size() <= SMALL_MAX && layout.align() <= STEP).then(|| layout.size().div_ceil(STEP))
}

// SAFETY: a piece is at least as large as its list's multiple of the step and
// aligned to the step; it is in a list or with its owner, never both. `list_of`
// gives the same for the same layout, so that a piece goes back to where it came
// from, and never to the other allocator.
unsafe impl GlobalAlloc for Pieces {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(list) = list_of(layout) else {
            // SAFETY: as promised by the caller.
            return unsafe { System.alloc(layout) };
        };
        // SAFETY: one thread, and no reference leaves this function.
        let lists = unsafe { &mut (*self.0.get()).used };
        let Some(first) = lists.free.get_mut(list) else {
            return null_mut();
        };
        match *first {
            Some(piece) => {
                // SAFETY: whoever freed it wrote the next one there.
                *first = unsafe { piece.read() }.0;
                piece.as_ptr().cast()
            }
            None => lists.cut(list * STEP),
        }
    }

    #[inline]
    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        let Some(list) = list_of(layout) else {
            // SAFETY: it came from there, and as promised by the caller.
            return unsafe { System.dealloc(piece, layout) };
        };
        // SAFETY: one thread, and no reference leaves this function.
        let lists = unsafe { &mut (*self.0.get()).used };
        if let (Some(first), Some(piece)) = (lists.free.get_mut(list), NonNull::new(piece.cast())) {
            // SAFETY: nobody has it any more, and a step has room for a pointer.
            unsafe { piece.write(Free(*first)) };
            *first = Some(piece);
        }
    }

    #[inline]
    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        // SAFETY: the caller promises a size that does not overflow.
        let wanted = unsafe { Layout::from_size_align_unchecked(bytes, layout.align()) };
        match (list_of(layout), list_of(wanted)) {
            (Some(had), Some(wanted)) if had == wanted => piece,
            // SAFETY: it came from there, and stays there.
            (None, None) => unsafe { System.realloc(piece, layout, bytes) },
            (Some(_) | None, Some(_) | None) => {
                // SAFETY: two pieces do not overlap, and both have so many bytes;
                // the rest as promised by the caller.
                unsafe {
                    let moved = self.alloc(wanted);
                    if !moved.is_null() {
                        moved.copy_from_nonoverlapping(piece, layout.size().min(bytes));
                        self.dealloc(piece, layout);
                    }
                    moved
                }
            }
        }
    }
}

// === impl Lists ===

impl Lists {
    const fn new() -> Self {
        Self {
            free: [None; LISTS],
            rest: null_mut(),
            rest_bytes: 0,
        }
    }

    /// A new piece; null where no memory is left.
    fn cut(&mut self, bytes: usize) -> *mut u8 {
        if self.rest_bytes < bytes {
            // SAFETY: a chunk is not empty.
            let chunk = unsafe { System.alloc(CHUNK) };
            if chunk.is_null() {
                return chunk;
            }
            self.rest = chunk;
            self.rest_bytes = CHUNK.size();
        }
        let piece = self.rest;
        // SAFETY: so many bytes are left, as was seen above.
        self.rest = unsafe { piece.add(bytes) };
        self.rest_bytes -= bytes;
        piece
    }
}

#[cfg(all(target_family = "wasm", feature = "allocator"))]
#[global_allocator]
pub(crate) static PIECES: Pieces = Pieces::new();

#[cfg(test)]
mod tests {
    use super::*;

    /// A piece, what it was asked for, and the byte it is full of.
    type Owned = (*mut u8, Layout, u8);

    /// The same numbers every time; a failure names the step.
    struct Random(u32);

    impl Random {
        fn below(&mut self, end: usize) -> usize {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            usize::try_from(self.0 >> 8).unwrap_or_default() % end
        }

        /// Small ones, and now and then one that is not.
        fn bytes(&mut self) -> usize {
            let end = match self.below(16) {
                0 => 4 * SMALL_MAX,
                1..4 => SMALL_MAX + 2,
                _ => 100,
            };
            1 + self.below(end)
        }
    }

    fn holds(&(piece, layout, byte): &Owned, bytes: usize) -> bool {
        // SAFETY: it has so many bytes, and all of them were written.
        let content = unsafe { std::slice::from_raw_parts(piece, bytes.min(layout.size())) };
        content.iter().all(|it| *it == byte)
    }

    #[test]
    fn a_piece_keeps_what_is_written_there_until_it_is_freed() {
        let pieces = Pieces::new();
        let mut random = Random(1);
        let mut owned: Vec<Owned> = Vec::new();
        for step in 0..20_000_usize {
            let byte = u8::try_from(step % 251).unwrap_or_default();
            let choice = if owned.is_empty() { 0 } else { random.below(5) };
            if choice < 2 || (choice == 2 && owned.len() < 300) {
                let align = 1 << random.below(7);
                let Ok(layout) = Layout::from_size_align(random.bytes(), align) else {
                    continue;
                };
                // SAFETY: the size is not zero.
                let piece = unsafe { pieces.alloc(layout) };
                assert!(
                    !piece.is_null() && piece.addr().is_multiple_of(align),
                    "{step}"
                );
                // SAFETY: it has so many bytes.
                unsafe { piece.write_bytes(byte, layout.size()) };
                owned.push((piece, layout, byte));
            } else {
                let index = random.below(owned.len());
                let had = owned.swap_remove(index);
                let (piece, layout, _) = had;
                assert!(holds(&had, layout.size()), "{step}: {layout:?}");
                if choice == 3 {
                    // SAFETY: it came from there, with this layout.
                    unsafe { pieces.dealloc(piece, layout) };
                    continue;
                }
                let bytes = random.bytes();
                let Ok(wanted) = Layout::from_size_align(bytes, layout.align()) else {
                    continue;
                };
                // SAFETY: it came from there, with this layout; the size is not zero.
                let moved = unsafe { pieces.realloc(piece, layout, bytes) };
                assert!(!moved.is_null() && moved.addr().is_multiple_of(layout.align()));
                assert!(holds(&(moved, layout, had.2), bytes), "{step}: to {bytes}");
                // SAFETY: it has so many bytes.
                unsafe { moved.write_bytes(byte, bytes) };
                owned.push((moved, wanted, byte));
            }
        }
        for had in owned {
            assert!(holds(&had, had.1.size()));
            // SAFETY: it came from there, with this layout.
            unsafe { pieces.dealloc(had.0, had.1) };
        }
    }

    #[test]
    fn a_freed_piece_is_the_next_of_its_size() {
        let pieces = Pieces::new();
        let layout = |bytes| Layout::from_size_align(bytes, 8).unwrap_or(Layout::new::<u64>());
        // SAFETY: no size is zero, and each piece is freed with its layout.
        unsafe {
            let first = pieces.alloc(layout(40));
            let other = pieces.alloc(layout(40));
            assert_ne!(first, other);
            pieces.dealloc(first, layout(40));
            assert_ne!(pieces.alloc(layout(50)), first);
            assert_eq!(pieces.alloc(layout(33)), first);
        }
    }

    #[test]
    fn what_calls_write_lies_near_each_other() {
        let pieces = Pieces::new();
        let layout = Layout::new::<[u64; 8]>();
        // SAFETY: the size is not zero.
        let cut = || unsafe { pieces.alloc(layout) }.addr();
        pieces.change();
        cut();
        pieces.set_near();
        let near = cut();
        pieces.change();
        let far: Vec<usize> = (0..20_000).map(|_| cut()).collect();
        pieces.change();
        let made: Vec<usize> = (0..1000).map(|_| cut()).collect();
        for piece in &made {
            assert!(piece.abs_diff(near) < NEAR_BYTES);
        }
        // What is free now is forgotten, wherever it lies.
        // SAFETY: the size is not zero, and the piece is freed with its layout.
        let freed = unsafe {
            let piece = pieces.alloc(layout);
            pieces.dealloc(piece, layout);
            piece.addr()
        };
        pieces.settle();
        let of_calls: Vec<usize> = (0..1000).map(|_| cut()).collect();
        assert!(!of_calls.contains(&freed));
        for piece in &of_calls {
            assert!(*piece >= near + NEAR_BYTES && *piece < near + NEAR_BYTES + CALL_BYTES);
        }
        let end = near + size_of::<Near>();
        assert!(far.iter().all(|piece| *piece < near || *piece >= end));
        pieces.write_border();
    }
}
