module gatewright.dev/sdk/go

go 1.26
