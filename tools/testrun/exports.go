package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
)

// exportModules is the folder whose Node modules run exported models.
const exportModules = "tools/exportcheck"

// pythonPackages are those of Debian that run and check exported models.
var pythonPackages = []string{"python3-torch", "python3-onnx"}

// findExports begins to look for what runs exported models, and to install what is
// missing. It gives environment variables for the tests. What is not to be had is
// named there with the reason, and the tests that need it are skipped.
func (r *runner) findExports(ctx context.Context) chan []string {
	found := make(chan []string, 1)
	go func() {
		limited, cancel := context.WithTimeoutCause(ctx, installLimit, fmt.Errorf("ended after %v", installLimit))
		defer cancel()
		var env []string
		tell := func(name, path string, err error) {
			if err != nil {
				path = ""
				env = append(env, name+"_MISSING="+err.Error())
			}
			env = append(env, name+"="+path)
		}
		tell("EXPORT_NODE", r.node, r.installModules(limited, exportModules))
		python, err := r.findPyTorch(limited)
		tell("EXPORT_PYTHON", python, err)
		found <- env
	}()
	return found
}

// findPyTorch returns the path of a Python with PyTorch: the one that PYTHON names, else
// one that has it, else Debian's after installing it. Its error says in one line why
// there is none.
func (r *runner) findPyTorch(ctx context.Context) (string, error) {
	names := []string{"python3", "/usr/bin/python3"}
	named := os.Getenv("PYTHON")
	if named != "" {
		names = []string{named}
	}
	search := func() (string, error) {
		for _, name := range names {
			path, err := exec.LookPath(name)
			if err == nil && r.command(path, "-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)").Run() == nil {
				return path, nil
			}
		}
		return "", fmt.Errorf("no Python among %q has PyTorch", names)
	}
	path, missing := search()
	if missing == nil || named != "" {
		return path, missing
	}
	if err := r.aptInstall(ctx, pythonPackages...); err != nil {
		return "", fmt.Errorf("%w, and %w", missing, err)
	}
	return search()
}

// exportTests runs exported models in ONNX Runtime and PyTorch.
func (r *runner) exportTests(ctx context.Context, t *tally) {
	if r.node == "" || !r.needsDist(t) {
		t.fail("nothing was run: Node or dist/ is missing", "")
		return
	}
	env := append(os.Environ(), "EXPORT_DIST="+r.path("dist"))
	select {
	case found := <-r.exports:
		env = append(env, found...)
	case <-ctx.Done():
		t.fail("stopped while PyTorch was being installed", "")
		return
	}
	cmd := r.command(r.goTool, slices.Concat(testArguments, []string{"-tags=exportcheck", "./" + exportModules})...)
	cmd.Env = env
	r.runGo(ctx, t, "", cmd)
}
