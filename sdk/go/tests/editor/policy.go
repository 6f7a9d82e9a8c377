// An editor that puts paths below a root: every kind of edit, and every way not
// to answer.
package main

import (
	"errors"

	gatewright "gatewright.dev/sdk/go"
)

type settings struct {
	Root string `json:"root"`
}

func revise(settings *settings, request *gatewright.Request) (gatewright.Revision, error) {
	path, err := request.Argument("/path").Text()
	switch {
	case err != nil:
		return gatewright.Revision{}, err
	case path == "/":
		return gatewright.Revision{}, errors.New("name a file")
	case path == "nothing":
		return gatewright.Revise(gatewright.SetJSON("/path", "")), nil
	}
	return gatewright.Revise(
		gatewright.SetText("/path", settings.Root+path),
		gatewright.SetJSON("/tags/-", `{"by":["editor"]}`),
		gatewright.Remove("/draft"),
	).Because("below", path), nil
}

func init() {
	gatewright.Editor(revise, gatewright.Description{
		Powers: gatewright.PowerEdit,
		Rules:  []gatewright.Rule{{ID: "below", Title: "Paths are below the root"}},
	})
}

func main() {}
