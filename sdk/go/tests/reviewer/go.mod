module reviewer

go 1.26

require gatewright.dev/sdk/go v0.0.0

replace gatewright.dev/sdk/go => ../../
