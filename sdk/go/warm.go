//go:build wasip1

package gatewright

// warmBytesMax is the largest object that is warmed up for.
const warmBytesMax = 2048

// warmStackDepth is how many kilobytes of stack are warmed up for.
const warmStackDepth = 40

// warmed keeps the compiler from leaving the allocations out.
var warmed any

// warm allocates something of every size once. The gate takes a snapshot after
// the settings are read, and every call starts from it: what the allocator has
// set up by then is not set up in each call, which makes calls several times
// cheaper.
func warm() {
	for size := 8; size <= warmBytesMax; size += max(8, size/8) {
		warmed = make([]byte, size)
		warmed = make([]*byte, size/8)
	}
	warmed = nil
	deepen(warmStackDepth)
}

// deepen makes the stack grow, and what it grows into stays with the allocator.
//
//go:noinline
func deepen(depth int) (filled byte) {
	var frame [1024]byte
	frame[depth%len(frame)] = byte(depth)
	if depth > 0 {
		filled = deepen(depth - 1)
	}
	return filled + frame[depth/2]
}
