// Serve is a web server for the folder that tools/build makes. It sends
// precompressed files, lets browsers keep what cannot change, and forbids the page
// everything it has no need for.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"inkdrift/tools/internal/assets"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

func run() error {
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), `Serve is a web server for the folder that tools/build makes.

  go run ./tools/serve -dir dist -port 8080
  go run ./tools/serve -dir dist -addr 0.0.0.0 -hosts classroom.local

The folder can be put on any other web server as well: docs/hosting.md has the few
lines for nginx, Caddy, GitHub Pages and Python. A browser gives a page what it needs for
offline use and locks between tabs only over https, or from localhost: over plain http
from another machine the page works, with these left out.

Flags:
`)
		flag.PrintDefaults()
	}
	dir := flag.String("dir", "dist", "`folder` to serve")
	addr := flag.String("addr", "127.0.0.1", "`address` to listen on; only this machine can reach 127.0.0.1, any machine 0.0.0.0")
	port := flag.Int("port", 8080, "port; 0: any that is free")
	names := flag.String("hosts", "", "further `names` that the server answers to, separated by commas; it answers to localhost and to its address")
	prefix := flag.String("prefix", "", "`path` under which the folder appears, as /some/path")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("no arguments are taken besides flags, got %q", flag.Args())
	}
	if *port < 0 || *port > 65535 {
		return fmt.Errorf("port %d: give a port from 0 to 65535", *port)
	}
	base, err := cleanPrefix(*prefix)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(*dir, "index.html")); err != nil {
		return fmt.Errorf("there is no page in %s: make it with go run ./tools/build -out %s", *dir, *dir)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", net.JoinHostPort(*addr, strconv.Itoa(*port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %d on %s is in use by another program: end that, or choose another port (make run PORT=%d)", *port, *addr, *port%65535+1)
	}
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           newHosts(*names, newSite(*dir, base)),
		ReadHeaderTimeout: 10 * time.Second,
		WriteTimeout:      10 * time.Minute, // the largest file, on a line of a telephone
		IdleTimeout:       2 * time.Minute,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(limit(listener, maxConnections)) }()

	fmt.Printf("http://%s%s/\n", listener.Addr(), base)
	if line, err := firstVisit(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
	} else {
		fmt.Println(line)
	}

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop() // a second Ctrl-C ends at once
	closing, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := server.Shutdown(closing); err != nil {
		return server.Close() // a download is still running
	}
	return nil
}

// cleanPrefix returns the prefix without a slash at its end, empty for the root.
func cleanPrefix(prefix string) (string, error) {
	trimmed := strings.TrimSuffix(prefix, "/")
	if trimmed == "" {
		return "", nil
	}
	if name, ok := strings.CutPrefix(trimmed, "/"); !ok || !isPlain(name) {
		return "", fmt.Errorf("-prefix %q: give a path as /some/path", prefix)
	}
	return trimmed, nil
}

// firstVisit says what a first visit downloads.
func firstVisit(dir string) (string, error) {
	root := os.DirFS(dir)
	list, err := assets.Read(root)
	if err != nil {
		return "", err
	}
	sizes, err := assets.FirstVisit(root, list)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("A first visit downloads %v. End with Ctrl-C.", sizes), nil
}
