//go:build wasip1

package gatewright

// What the gate gives: the imports of the contract. Answers are written to
// variables of the package and not to the stack, which Go may move meanwhile.

var (
	valueArea  wireValue
	optionArea wireOption
	listArea   wireList
)

//go:wasmimport gatewright:policy/arguments@0.1.0 get
func argumentsGet(pointer string, into *wireValue)

//go:wasmimport gatewright:policy/arguments@0.1.0 keys
func argumentsKeys(pointer string, into *wireList)

//go:wasmimport gatewright:policy/arguments@0.1.0 json
func argumentsJSON(pointer string, into *wireOption)

//go:wasmimport gatewright:policy/response@0.1.0 is-error
func responseIsError() bool

//go:wasmimport gatewright:policy/response@0.1.0 get
func responseGet(pointer string, into *wireValue)

//go:wasmimport gatewright:policy/response@0.1.0 keys
func responseKeys(pointer string, into *wireList)

//go:wasmimport gatewright:policy/response@0.1.0 json
func responseJSON(pointer string, into *wireOption)

//go:wasmimport gatewright:policy/history@0.1.0 recent
func historyRecent(limit uint32, into *wireList)

//go:wasmimport gatewright:policy/log@0.1.0 write
func logWrite(level level, message string)

// hostArguments are the arguments of the call that is judged.
type hostArguments struct{}

func (hostArguments) get(pointer string) Value {
	argumentsGet(pointer, &valueArea)
	return liftedValue()
}

func (hostArguments) keys(pointer string) []string {
	argumentsKeys(pointer, &listArea)
	return liftedList()
}

func (hostArguments) json(pointer string) (string, bool) {
	argumentsJSON(pointer, &optionArea)
	return liftedOption()
}

// hostResponse is the result that is reviewed.
type hostResponse struct{}

func (hostResponse) get(pointer string) Value {
	responseGet(pointer, &valueArea)
	return liftedValue()
}

func (hostResponse) keys(pointer string) []string {
	responseKeys(pointer, &listArea)
	return liftedList()
}

func (hostResponse) json(pointer string) (string, bool) {
	responseJSON(pointer, &optionArea)
	return liftedOption()
}

func liftedValue() Value {
	defer release()
	return valueArea.lift()
}

func liftedList() []string {
	defer release()
	return listArea.lift()
}

func liftedOption() (string, bool) {
	defer release()
	return optionArea.lift(), uint8(optionArea.some) != 0
}

func recent(_ *Request, limit int) []PastCall {
	defer release()
	historyRecent(uint32(limit), &listArea)
	return lift(listArea, wirePastCall.lift)
}

func write(level level, message string) { logWrite(level, message) }
