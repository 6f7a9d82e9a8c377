package gatewright

// Debug logs what helps to debug the policy. Lines go to the operator and never
// reach the agent; the gate keeps a bounded number of them for a call. In
// native tests they go to stderr.
func Debug(message string) { write(levelDebug, message) }

// Info logs what an operator may want to know.
func Info(message string) { write(levelInfo, message) }

// Warn logs what an operator should look at.
func Warn(message string) { write(levelWarn, message) }

type level uint8

const (
	levelDebug level = abiLevelCaseDebug
	levelInfo  level = abiLevelCaseInfo
	levelWarn  level = abiLevelCaseWarn
)
