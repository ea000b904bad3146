# GNU make; needs git and Go, nothing else. `make test` fetches what it needs besides.

PORT ?= 8080
BROTLI ?= 9
BIN := .cache/bin

# Stamping commits into tools fails where git distrusts a folder's owner.
GO_BUILD := go build -buildvcs=false

.DEFAULT_GOAL := help
.PHONY: help run test build

help: ## list these commands
	@sed -n 's/^\([a-z]*\): .*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: build ## build the page and serve it at http://127.0.0.1:8080/ (PORT= changes that); Ctrl-C ends it
	@$(GO_BUILD) -o $(BIN)/ ./tools/serve
	@exec $(BIN)/serve -dir dist -port $(PORT)

test: go ## run all tests; installs Node, Node modules and Chromium where they are missing
	@$(GO_BUILD) -o $(BIN)/ ./tools/testrun
	@exec $(BIN)/testrun

build: go ## make dist/, a folder for any web server; BROTLI=11 packs it smaller, slowly
	@go run -buildvcs=false ./tools/build -out dist -brotli $(BROTLI)

.PHONY: go
go:
	@command -v go >/dev/null || { echo "Go is missing: install it from https://go.dev/dl/ and try again." >&2; exit 1; }
