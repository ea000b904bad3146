package main

import (
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"inkdrift/tools/internal/assets"
)

// policy is what the page may do: its own files, WebAssembly, and workers and
// pictures that it made itself. In a sandboxed frame the worker of the engine
// comes from a blob.
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; img-src 'self' blob: data:; " +
	"object-src 'none'; base-uri 'none'; form-action 'none'"

// unframed forbids other sites to show the page in a frame. No other directive
// would let it into every frame: * leaves out those without an origin.
const unframed = "; frame-ancestors 'self'"

// framed are the pages that other sites may show in a frame, if their address
// asks for that with embed=1: the page, and the stage in it.
var framed = map[string]bool{"index.html": true, "stage.html": true}

// encodings are the precompressed forms, best first.
var encodings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

// A site serves the files of a folder. The folder may be replaced at any time.
type site struct {
	dir    string
	prefix string // of every address, without a slash at its end

	mu     sync.Mutex
	hashes map[hashKey]string
}

// hashKey identifies the content of a file.
type hashKey struct {
	name     string
	size     int64
	modified time.Time
}

func newSite(dir, prefix string) *site {
	return &site{dir: dir, prefix: prefix, hashes: make(map[hashKey]string)}
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy+unframed)
	// A sandboxed frame has an origin of its own, so that to it all files are of
	// another one. Nothing here is secret.
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	if isTrusted(r) {
		// Workers of a page that is isolated from others may share memory.
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	}
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "405 only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	if r.URL.Path == s.prefix && s.prefix != "" {
		redirectToFolder(w, r)
		return
	}
	name, ok := strings.CutPrefix(r.URL.Path, s.prefix+"/")
	if !ok {
		notFound(w)
		return
	}
	// One os.Root for the whole request: all files are of the same build, and no
	// link leads out of the folder.
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		notFound(w)
		return
	}
	defer root.Close()

	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	if !isPlain(name) || isCompressedForm(root, name) {
		notFound(w)
		return
	}
	if isFolder(root, name) && isFile(root, name+"/index.html") {
		redirectToFolder(w, r)
		return
	}
	if framed[name] && r.URL.Query().Get("embed") == "1" {
		h.Set("Content-Security-Policy", policy)
		h.Del("Cross-Origin-Opener-Policy") // a frame is as isolated as the page around it
		h.Del("Cross-Origin-Embedder-Policy")
	}
	if err := s.serveFile(w, r, root, name); err != nil {
		notFound(w)
	}
}

// isTrusted reports whether the browser takes the connection of a request for
// secure: over TLS, or to this machine by a name that says so. Of others it would
// complain that they cannot isolate the page.
func isTrusted(r *http.Request) bool {
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return true
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

// serveFile sends the form of a file that the browser prefers. An error means
// that nothing has been sent.
func (s *site) serveFile(w http.ResponseWriter, r *http.Request, root *os.Root, name string) error {
	plain, err := openFile(root, name)
	if err != nil {
		return err
	}
	defer plain.Close()
	version, err := s.hash(name, plain)
	if err != nil {
		return err
	}

	chosen, tag, coding := plain, version, ""
	h := w.Header()
	accepted := parseAcceptEncoding(r.Header.Values("Accept-Encoding"))
	var offers []string
	for _, e := range encodings {
		if isFile(root, name+e.suffix) {
			offers = append(offers, e.name)
		}
	}
	if len(offers) > 0 {
		h.Set("Vary", "Accept-Encoding")
	}
	if best := accepted.best(offers); best != "" {
		for _, e := range encodings {
			if e.name != best {
				continue
			}
			packed, err := openFile(root, name+e.suffix)
			if err != nil {
				return err
			}
			defer packed.Close()
			sum, err := s.hash(name+e.suffix, packed)
			if err != nil {
				return err
			}
			chosen, tag, coding = packed, sum+"-"+e.name, e.name
		}
	}

	if v := r.URL.Query().Get("v"); v == version {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Content-Type", contentType(name))
	h.Set("ETag", `"`+tag+`"`)
	if coding != "" {
		info, err := chosen.Stat()
		if err != nil {
			return err
		}
		h.Set("Content-Encoding", coding)
		// Ranges of compressed files are of no use, and net/http leaves the length of
		// a whole one to the caller.
		r.Header.Del("Range")
		h.Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	}
	http.ServeContent(w, r, name, time.Time{}, chosen)
	return nil
}

// hash returns assets.Version of a file's content.
func (s *site) hash(name string, f *os.File) (string, error) {
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	key := hashKey{name, info.Size(), info.ModTime()}
	s.mu.Lock()
	known, ok := s.hashes[key]
	s.mu.Unlock()
	if ok {
		return known, nil
	}
	content, err := io.ReadAll(f)
	if err != nil {
		return "", err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	version := assets.Version(content)
	s.mu.Lock()
	s.hashes[key] = version
	s.mu.Unlock()
	return version, nil
}

// isPlain reports whether name is a path inside the folder that may be asked for:
// slashes only, no way up, nothing hidden.
func isPlain(name string) bool {
	if !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00") {
		return false
	}
	for element := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(element, ".") {
			return false
		}
	}
	return true
}

// isCompressedForm reports whether a file is the compressed form of the one beside
// it, which has no address of its own. One that lies alone is what it is, such as
// MNIST's files.
func isCompressedForm(root *os.Root, name string) bool {
	for _, e := range encodings {
		if stem, ok := strings.CutSuffix(name, e.suffix); ok && isFile(root, stem) {
			return true
		}
	}
	return false
}

func isFile(root *os.Root, name string) bool {
	info, err := root.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

func isFolder(root *os.Root, name string) bool {
	info, err := root.Stat(name)
	return err == nil && info.IsDir()
}

// openFile opens a regular file; pipes and the like would block.
func openFile(root *os.Root, name string) (*os.File, error) {
	if !isFile(root, name) {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return root.Open(name)
}

// redirectToFolder adds the slash that makes relative addresses in the page work.
func redirectToFolder(w http.ResponseWriter, r *http.Request) {
	to := url.URL{Path: path.Base(r.URL.Path) + "/", RawQuery: r.URL.RawQuery}
	w.Header().Set("Location", to.String())
	w.WriteHeader(http.StatusTemporaryRedirect)
}

func notFound(w http.ResponseWriter) {
	http.Error(w, "404 there is no such file", http.StatusNotFound)
}

// types are the media types of the files of a build. The tables of the machine are
// not asked: they differ.
var types = map[string]string{
	".css":         "text/css; charset=utf-8",
	".gif":         "image/gif",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/x-icon",
	".jpg":         "image/jpeg",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".md":          "text/markdown; charset=utf-8",
	".mjs":         "text/javascript; charset=utf-8",
	".png":         "image/png",
	".safetensors": "application/octet-stream",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".wasm":        "application/wasm",
	".webmanifest": "application/manifest+json",
	".woff2":       "font/woff2",
}

func contentType(name string) string {
	if t, ok := types[strings.ToLower(path.Ext(name))]; ok {
		return t
	}
	return "application/octet-stream"
}
