package main

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"inkdrift/tools/internal/assets"
)

// The test binary is the server when this is set.
const beServer = "INKDRIFT_TEST_BE_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(beServer) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func serverCommand(ctx context.Context, t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Env = append(os.Environ(), beServer+"=1")
	return cmd
}

func TestProgram(t *testing.T) {
	dir := folder(t)
	list := &assets.List{Files: []assets.File{{Path: "index.html", Bytes: 3_000_000, Gzip: 2_000_000, Brotli: 1_000_000}}}
	text, err := list.Encode()
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, assets.Name), string(text))
	put(t, filepath.Join(dir, "models/index.json"), `[{"file":"one.safetensors"}]`)

	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		cmd := serverCommand(ctx, t, "-dir", dir, "-port", "0", "-prefix", "/page")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		lines.Scan()
		address := lines.Text()
		if !strings.HasPrefix(address, "http://127.0.0.1:") || !strings.HasSuffix(address, "/page/") {
			t.Fatalf("first line %q", address)
		}
		r, err := http.Get(address) // the connection stays open, idle
		if err != nil || r.StatusCode != 200 {
			t.Fatalf("the page: %v, %v", r, err)
		}
		r.Body.Close()
		lines.Scan()
		if !strings.HasPrefix(lines.Text(), "A first visit downloads 1.00 MB (brotli) or 2.00 MB (gzip) in 2 files") {
			t.Errorf("second line %q", lines.Text())
		}
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		if lines.Scan() {
			t.Errorf("a line at the end: %q", lines.Text())
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", sig, err)
		}
	}
}

func TestProgramErrors(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	dir := folder(t)
	for _, c := range []struct {
		name, want string
		args       []string
	}{
		{"port in use", "port " + port + " on 127.0.0.1 is in use", []string{"-dir", dir, "-port", port}},
		{"no folder", "there is no page in", []string{"-dir", filepath.Join(dir, "nothing")}},
		{"no page", "there is no page in", []string{"-dir", filepath.Join(dir, "css")}},
		{"bad port", "give a port from 0 to 65535", []string{"-dir", dir, "-port", "70000"}},
		{"bad prefix", "give a path as /some/path", []string{"-dir", dir, "-prefix", "x"}},
		{"argument", "no arguments are taken", []string{"dist"}},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		out, err := serverCommand(ctx, t, c.args...).CombinedOutput()
		cancel()
		code := -1
		if e, ok := err.(*exec.ExitError); ok {
			code = e.ExitCode()
		}
		if code != 1 || !strings.Contains(string(out), c.want) || strings.Count(string(out), "\n") != 1 {
			t.Errorf("%s: status %d, %q", c.name, code, out)
		}
	}
}
