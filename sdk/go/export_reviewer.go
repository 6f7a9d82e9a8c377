//go:build wasip1 && gatewright_reviewer

package gatewright

var (
	configureArea wireResult
	findingArea   wireFinding
)

//go:wasmexport gatewright:policy/reviewing@0.1.0#configure
func exportConfigure(settings string) *wireResult {
	configureArea = configure("reviewer", settings)
	return &configureArea
}

//go:wasmexport gatewright:policy/reviewing@0.1.0#review
func exportReview(request *wireRequest) *wireFinding {
	defer reportPanic()
	response := &Response{result: hostResponse{}, IsError: responseIsError()}
	finding, err := component.review(request.lift(), response)
	if err != nil {
		finding = Block(err.Error())
	}
	findingArea = lowerFinding(finding)
	return &findingArea
}
