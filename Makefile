# GNU make; needs git and Go, nothing else. `make test` fetches what it needs besides.

PORT ?= 8080
BROTLI ?= 9
# Where make models finds MNIST's four IDX files, plain or gzipped.
MNIST ?= data/mnist
# And the pen digits, pendigits-orig.tra.
PENS ?= data/pendigits
# One of web/models; empty: all.
MODEL ?=
BIN := .cache/bin

# Stamping commits into tools fails where git distrusts a folder's owner.
GO_BUILD := go build -trimpath -buildvcs=false

# Flags of make bench; BENCH=-h lists them.
BENCH ?=

# Of make soak.
MINUTES ?= 60

# With OpenBLAS for C installed, TAGS=netlib trains many times faster.
TAGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test lint build data bench soak models go

help: ## list these commands
	@sed -n 's/^\([a-z]*\): .*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: build ## build the page and serve it at http://127.0.0.1:8080/ (PORT= changes that); Ctrl-C ends it
	@$(GO_BUILD) -o $(BIN)/ ./tools/serve
	@exec $(BIN)/serve -dir dist -port $(PORT)

test: go ## run all tests; installs Node, Node modules and browsers where they are missing
	@$(GO_BUILD) -o $(BIN)/ ./tools/testrun
	@exec $(BIN)/testrun

lint: go ## check formats, vet, staticcheck, go.mod, generated files, types and Biome; a part of test
	@$(GO_BUILD) -o $(BIN)/ ./tools/testrun
	@exec $(BIN)/testrun -only lint

build: go ## make dist/, a folder for any web server; BROTLI=11 packs it smaller, slowly
	@go run -buildvcs=false ./tools/build -out dist -brotli $(BROTLI)

data: go ## put MNIST beside the built page, for the Train view; FROM= names a folder that has it, else it is downloaded
	@[ -f dist/assets.json ] || $(MAKE) --no-print-directory build
	@go run -buildvcs=false ./tools/data -out dist -from "$(FROM)"

bench: go ## measure speed beside TensorFlow.js and jax-js (about ten minutes); BENCH="-only train" and so on
	@go run -buildvcs=false ./tools/build -out dist -brotli $(BROTLI) >&2
	@go run -buildvcs=false ./tools/bench $(BENCH)

soak: go ## make storage fail for an hour (MINUTES= less), in a simulation and in Chromium; writes docs/reliability.md
	@$(GO_BUILD) -o $(BIN)/ ./tools/serve ./tools/testrun
	@$(BIN)/testrun -only build
	@SERVE=$(BIN)/serve node tools/soak/soak.mjs -minutes $(MINUTES) -report docs/reliability.md

models: go ## train every shipped model again (hours); MODEL= makes one, MNIST= and PENS= name the folders of their files
	@$(if $(filter netlib,$(TAGS)),CGO_LDFLAGS=-lopenblas) go run -buildvcs=false ./tools/models -data "$(MNIST)" -pens "$(PENS)" -only "$(MODEL)" -tags "$(TAGS)"

go:
	@command -v go >/dev/null || { echo "Go is missing: install it from https://go.dev/dl/ and try again." >&2; exit 1; }
