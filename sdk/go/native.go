//go:build !wasip1

package gatewright

import "os"

// recent gives what the test said.
func recent(request *Request, limit int) []PastCall {
	return request.past[:min(limit, len(request.past))]
}

func write(level level, message string) {
	os.Stderr.WriteString(word(uint8(level), "debug", "info", "warn") + ": " + message + "\n")
}
