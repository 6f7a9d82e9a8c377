//go:build wasip1

package gatewright

import (
	"runtime"
	"strconv"
	"strings"
)

// exit ends the instance with a trap: that is what the stub of WASI makes of it.
//
//go:wasmimport wasi_snapshot_preview1 proc_exit
func exit(code int32)

// reportPanic logs a panic before it becomes a trap, which has no text.
func reportPanic() {
	if panicked := recover(); panicked != nil {
		fault("panic: " + describe(panicked) + panicPlace())
	}
}

// fault logs why there is no answer, and traps.
func fault(message string) {
	Warn(message)
	exit(2)
}

func describe(panicked any) string {
	switch panicked := panicked.(type) {
	case error:
		return panicked.Error()
	case string:
		return panicked
	case interface{ String() string }:
		return panicked.String()
	case int:
		return strconv.Itoa(panicked)
	}
	return "a value that is no text"
}

// panicPlace is where the panic began: the nearest frame below the runtime's own.
func panicPlace() string {
	var counters [64]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(2, counters[:])])
	isBelowPanic := false
	for {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			isBelowPanic = true
		case isBelowPanic && !strings.HasPrefix(frame.Function, "runtime."):
			return " at " + frame.File + ":" + strconv.Itoa(frame.Line)
		}
		if !more {
			return ""
		}
	}
}
