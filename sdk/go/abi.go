//go:build wasip1

package gatewright

import "unsafe"

// Memory as the canonical ABI sees it, the only file that is unsafe. A Go
// pointer has 64 bits and WebAssembly's memory 32, so places are numbers here,
// and `kept` holds what they point to. Where things stand says abi_layout.go,
// which is generated from the contract.

// address is a place in memory.
type address uint32

// kept holds memory that only numbers point to. Go does not move the heap, but
// it frees what nobody holds.
var kept []unsafe.Pointer

// release lets go of what only numbers pointed to, once it is lifted.
func release() {
	clear(kept)
	kept = kept[:0]
}

// lentBytes is the size of a block that memory.wat hands out pieces of: more
// than a few facts and arguments need.
const lentBytes = 64 << 10

// firstLent is no part of the heap, so that it costs nothing until it is used.
var firstLent [lentBytes / 8]uint64

// lent is the block that pieces are handed out of: memory.wat goes on with it
// after what is in it was lifted and let go of.
var lent = unsafe.Pointer(&firstLent)

//go:wasmimport gatewright:go/memory lend
func lend(block unsafe.Pointer, size uint32)

func init() { lend(lent, lentBytes) }

// realloc gives the gate memory when the lent block is used up.
//
//go:wasmexport gatewright_realloc
func realloc(old unsafe.Pointer, oldSize, align, size uint32) unsafe.Pointer {
	isPiece := size <= lentBytes/8
	bytes := size
	if isPiece {
		bytes = lentBytes
	}
	block := words(bytes)
	kept = append(kept, block)
	if isPiece {
		kept = append(kept, lent)
		lent = block
		used := (size + 7) &^ 7
		lend(unsafe.Add(block, used), bytes-used)
	}
	copy(unsafe.Slice((*byte)(block), size), unsafe.Slice((*byte)(old), oldSize))
	return block
}

// words is memory that is aligned for everything, and empty.
func words(bytes uint32) unsafe.Pointer {
	return unsafe.Pointer(unsafe.SliceData(make([]uint64, (uint64(bytes)+7)/8)))
}

// resultArea is where the gate writes what an import gives. It is a variable of
// the package and not on the stack, which Go may move meanwhile.
var resultArea [(abiImportResultSizeMax + 7) / 8]uint64

// result is the place for what the next import gives.
func result() address { return address(uintptr(unsafe.Pointer(&resultArea))) }

// at is what stands there.
func at[T any](place address) *T { return (*T)(unsafe.Add(unsafe.Pointer(nil), place)) }

// --- reading ---

func (place address) byte() uint8 { return *at[uint8](place) }

func (place address) uint32() uint32 { return *at[uint32](place) }

func (place address) uint64() uint64 { return *at[uint64](place) }

// text gives the string without copying it: it lives in memory of realloc.
func (place address) text() string {
	data, size := (place + abiStringData).uint32(), (place + abiStringLength).uint32()
	if size == 0 {
		return ""
	}
	return unsafe.String(at[byte](address(data)), size)
}

// --- writing ---

// room is memory for an answer, kept until the call ends.
func room(bytes uint32) address {
	block := words(bytes)
	kept = append(kept, block)
	return address(uintptr(block))
}

func (place address) putByte(value uint8) { *at[uint8](place) = value }

func (place address) putUint16(value uint16) { *at[uint16](place) = value }

func (place address) putUint32(value uint32) { *at[uint32](place) = value }

func (place address) putUint64(value uint64) { *at[uint64](place) = value }

func (place address) putText(text string) {
	data := unsafe.Pointer(unsafe.StringData(text))
	kept = append(kept, data)
	(place + abiStringData).putUint32(uint32(uintptr(data)))
	(place + abiStringLength).putUint32(uint32(len(text)))
}
