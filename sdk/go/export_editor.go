//go:build wasip1 && gatewright_editor

package gatewright

var configureArea, editsArea wireResult

//go:wasmexport gatewright:policy/revising@0.1.0#configure
func exportConfigure(settings string) *wireResult {
	configureArea = configure("editor", settings)
	return &configureArea
}

//go:wasmexport gatewright:policy/revising@0.1.0#revise
func exportRevise(request *wireRequest) *wireResult {
	defer reportPanic()
	edits, err := component.revise(request.lift())
	if err != nil {
		editsArea = lowerError(err)
	} else {
		editsArea = wireResult{value: wireString(lowerList(edits, lowerEdit))}
	}
	return &editsArea
}
