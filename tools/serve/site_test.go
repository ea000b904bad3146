package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkdrift/tools/internal/assets"
)

var content = map[string]string{
	"index.html":               "<!doctype html>plain",
	"index.html.gz":            "html as gzip",
	"index.html.br":            "html as brotli",
	"engine-studio.wasm":       "\x00asm plain",
	"engine-studio.wasm.gz":    "wasm as gzip",
	"engine-studio.wasm.br":    "wasm as brotli",
	"only-gzip.js":             "plain js",
	"only-gzip.js.gz":          "js as gzip",
	"models/one.safetensors":   "0123456789",
	"sub/index.html":           "page of sub",
	"empty/x.txt":              "x",
	"with space.txt":           "space",
	".secret":                  "secret",
	".git/config":              "secret",
	"locales/zh-CN.json":       "{}",
	"manifest.webmanifest":     "{}",
	"noextension":              "bytes",
	"lonely.gz":                "compressed by itself",
	"icon.svg":                 "<svg/>",
	"models/one.md":            "# Card",
	"models/folder.md/x.txt":   "x",
	"css/page.css":             "body{}",
	"deep/er/and/deeper/a.mjs": "1",
}

// folder writes content and returns its folder, in which a file lies beside it.
func folder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "dist")
	for name, text := range content {
		put(t, filepath.Join(dir, name), text)
	}
	put(t, filepath.Join(filepath.Dir(dir), "outside.txt"), "secret")
	return dir
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// ask sends a request straight to the handler: no client tidies the path.
func ask(s *site, method, target string, header ...string) *http.Response {
	r := httptest.NewRequest(method, "/", nil)
	u, err := url.Parse("http://127.0.0.1" + target)
	if err != nil {
		panic(err)
	}
	r.URL, r.Host = u, "127.0.0.1:8080"
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestFilesAndTypes(t *testing.T) {
	s := newSite(folder(t), "")
	for target, want := range map[string][2]string{
		"/":                         {"index.html", "text/html; charset=utf-8"},
		"/index.html":               {"index.html", "text/html; charset=utf-8"},
		"/engine-studio.wasm":       {"engine-studio.wasm", "application/wasm"},
		"/only-gzip.js":             {"only-gzip.js", "text/javascript; charset=utf-8"},
		"/deep/er/and/deeper/a.mjs": {"deep/er/and/deeper/a.mjs", "text/javascript; charset=utf-8"},
		"/models/one.safetensors":   {"models/one.safetensors", "application/octet-stream"},
		"/models/one.md":            {"models/one.md", "text/markdown; charset=utf-8"},
		"/locales/zh-CN.json":       {"locales/zh-CN.json", "application/json"},
		"/manifest.webmanifest":     {"manifest.webmanifest", "application/manifest+json"},
		"/icon.svg":                 {"icon.svg", "image/svg+xml"},
		"/css/page.css":             {"css/page.css", "text/css; charset=utf-8"},
		"/sub/":                     {"sub/index.html", "text/html; charset=utf-8"},
		"/with%20space.txt":         {"with space.txt", "text/plain; charset=utf-8"},
		"/noextension":              {"noextension", "application/octet-stream"},
		"/css%2fpage.css":           {"css/page.css", "text/css; charset=utf-8"},
		"/lonely.gz":                {"lonely.gz", "application/octet-stream"},
	} {
		r := ask(s, "GET", target)
		if r.StatusCode != 200 || body(t, r) != content[want[0]] || r.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: status %d or other content", target, r.StatusCode)
		}
		if got := r.Header.Get("Content-Type"); got != want[1] {
			t.Errorf("%s: type %q, want %q", target, got, want[1])
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	s := newSite(folder(t), "")
	for _, target := range []string{"/", "/engine-studio.wasm", "/nothing", "/sub"} {
		h := ask(s, "GET", target).Header
		csp := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'self'; script-src 'self' 'wasm-unsafe-eval';") || strings.Contains(csp, "unsafe-inline") {
			t.Errorf("%s: policy %q", target, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: headers %v", target, h)
		}
	}
}

// Other sites may show the embedded page in a frame, and nothing else.
func TestFrames(t *testing.T) {
	dir := folder(t)
	put(t, filepath.Join(dir, "stage.html"), "<!doctype html>stage")
	s := newSite(dir, "/ink")
	for target, want := range map[string]bool{
		"/ink/?embed=1":                       true,
		"/ink/index.html?embed=1":             true,
		"/ink/?title=x&embed=1&play=1":        true,
		"/ink/stage.html?v=1&embed=1":         true,
		"/ink/":                               false,
		"/ink/?embed=0":                       false,
		"/ink/?embed":                         false,
		"/ink/?embed=0&embed=1":               false, // the page reads the first
		"/ink/?Embed=1":                       false,
		"/ink/stage.html":                     false,
		"/ink/sub/?embed=1":                   false,
		"/ink/sub/index.html?embed=1":         false,
		"/ink/nothing?embed=1":                false,
		"/ink/engine-studio.wasm?embed=1":     false,
		"/ink?embed=1":                        false, // goes on to the folder
		"/ink/css/page.css?embed=1":           false,
		"/ink/index.html%3fembed=1":           false,
		"/ink/?note=embed%3D1":                false,
		"/ink/stage.html?renderer=canvas2d":   false,
		"/ink/locales/zh-CN.json?v=x&embed=1": false,
	} {
		h := ask(s, "GET", target).Header
		policy := h.Get("Content-Security-Policy")
		if got := !strings.Contains(policy, "frame-ancestors 'self'"); got != want {
			t.Errorf("%s: may be framed: %v, want %v (%s)", target, got, want, policy)
		}
		if isolated := h.Get("Cross-Origin-Opener-Policy") == "same-origin" && h.Get("Cross-Origin-Embedder-Policy") == "require-corp"; isolated == want {
			t.Errorf("%s: isolated: %v", target, isolated)
		}
		if strings.Count(policy, "frame-ancestors") > 1 || h.Get("X-Frame-Options") != "" {
			t.Errorf("%s: headers %v", target, h)
		}
		if !strings.Contains(policy, "script-src 'self' 'wasm-unsafe-eval';") {
			t.Errorf("%s: policy %q", target, policy)
		}
		// A sandboxed frame has another origin than its files.
		if h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Access-Control-Allow-Credentials") != "" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("%s: headers %v", target, h)
		}
	}
}

// A page is isolated where the browser trusts the connection.
func TestIsolation(t *testing.T) {
	s := newSite(folder(t), "")
	for host, want := range map[string]bool{
		"localhost:8080": true, "ink.localhost": true, "127.0.0.1": true, "[::1]:8080": true, "10.0.0.7:8080": false, "host.test": false, "localhost.test": false,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if got := w.Header().Get("Cross-Origin-Opener-Policy") != ""; got != want {
			t.Errorf("%s: isolated: %v", host, got)
		}
	}
	if ask(s, "GET", "/", "X-Forwarded-Proto", "https").Header.Get("Cross-Origin-Embedder-Policy") == "" {
		t.Error("behind a proxy with TLS it is not isolated")
	}
}

func TestNotThere(t *testing.T) {
	dir := folder(t)
	for name, to := range map[string]string{"link.txt": "../outside.txt", "absolute.txt": filepath.Join(filepath.Dir(dir), "outside.txt"), "up": ".."} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	s := newSite(dir, "")
	for _, target := range []string{
		"/nothing", "/empty/", "/empty", "/models/", "/models", "/models/folder.md", "/index.html/", "/index.html/x", "//", "//index.html",
		"/../outside.txt", "/%2e%2e/outside.txt", "/..%2foutside.txt", "/%2e%2e%2foutside.txt", "/css/../../outside.txt", "/css/../index.html",
		"/..%5coutside.txt", "/css%5cpage.css", "/./index.html", "/index.html%00", "/index.html%00.png", "/css//page.css",
		"/.secret", "/.git/config", "/link.txt", "/absolute.txt", "/up/outside.txt", "/up/dist/index.html",
		"/index.html.gz", "/index.html.br", "/only-gzip.js.gz", "/empty.gz", "/" + strings.Repeat("a", 5000), "/etc/passwd", "//etc/passwd",
	} {
		r := ask(s, "GET", target)
		if text := body(t, r); r.StatusCode != 404 || strings.Contains(text, "secret") || strings.Contains(text, "html") {
			t.Errorf("%s: status %d, %.80q", target, r.StatusCode, text)
		}
		if cc := r.Header.Get("Cache-Control"); cc != "no-cache" {
			t.Errorf("%s: Cache-Control %q", target, cc)
		}
	}
}

func TestLinkInside(t *testing.T) {
	dir := folder(t)
	if err := os.Symlink("index.html", filepath.Join(dir, "same.html")); err != nil {
		t.Fatal(err)
	}
	if r := ask(newSite(dir, ""), "GET", "/same.html"); r.StatusCode != 200 {
		t.Errorf("status %d", r.StatusCode)
	}
}

func TestMethods(t *testing.T) {
	s := newSite(folder(t), "")
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"} {
		r := ask(s, method, "/index.html")
		if r.StatusCode != 405 || r.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: status %d, Allow %q", method, r.StatusCode, r.Header.Get("Allow"))
		}
	}
	r := ask(s, "HEAD", "/index.html", "Accept-Encoding", "br")
	if r.StatusCode != 200 || body(t, r) != "" || r.ContentLength != int64(len(content["index.html.br"])) {
		t.Errorf("HEAD: status %d, length %d", r.StatusCode, r.ContentLength)
	}
}

func TestEncodings(t *testing.T) {
	s := newSite(folder(t), "")
	tags := make(map[string]string)
	for accept, want := range map[string]string{
		"":                                   "",
		"gzip, deflate, br, zstd":            "br",
		"gzip":                               "gzip",
		"x-gzip":                             "gzip",
		"GZIP":                               "gzip",
		"br;q=0.5, gzip;q=0.8":               "gzip",
		"br;q=0, gzip;q=0.001":               "gzip",
		"br ; q = 0 , gzip":                  "gzip",
		"br;q=0, gzip;q=0":                   "",
		"*":                                  "br",
		"*;q=0":                              "",
		"br;q=0, *;q=0.5":                    "gzip",
		"identity":                           "",
		"identity;q=1, br;q=0.9":             "",
		"identity;q=0.5, br;q=0.9":           "br",
		"deflate, zstd":                      "",
		"br;q=nonsense":                      "",
		"br;q=2":                             "",
		"br;q=NaN":                           "",
		";;;,,,q=1,=":                        "",
		"gzip;q=1.0, identity; q=0.5, *;q=0": "gzip",
	} {
		r := ask(s, "GET", "/engine-studio.wasm", "Accept-Encoding", accept)
		coding := r.Header.Get("Content-Encoding")
		if coding != want {
			t.Errorf("%q: coding %q, want %q", accept, coding, want)
			continue
		}
		file := "engine-studio.wasm" + map[string]string{"": "", "br": ".br", "gzip": ".gz"}[want]
		if got := body(t, r); got != content[file] {
			t.Errorf("%q: content %q", accept, got)
		}
		if r.Header.Get("Content-Length") != fmt.Sprint(len(content[file])) {
			t.Errorf("%q: length %s", accept, r.Header.Get("Content-Length"))
		}
		if r.Header.Get("Vary") != "Accept-Encoding" || r.Header.Get("Content-Type") != "application/wasm" {
			t.Errorf("%q: headers %v", accept, r.Header)
		}
		tags[r.Header.Get("ETag")] = want
	}
	if len(tags) != 3 {
		t.Errorf("tags of the three forms: %v", tags)
	}

	if r := ask(s, "GET", "/only-gzip.js", "Accept-Encoding", "br;q=1, gzip;q=0.1"); r.Header.Get("Content-Encoding") != "gzip" {
		t.Error("where there is no brotli, gzip is not sent")
	}
	if r := ask(s, "GET", "/only-gzip.js", "Accept-Encoding", "br", "Accept-Encoding", "gzip"); r.Header.Get("Content-Encoding") != "gzip" {
		t.Error("the second header line is not read")
	}
	if r := ask(s, "GET", "/css/page.css", "Accept-Encoding", "br"); r.Header.Get("Vary") != "" || r.Header.Get("Content-Encoding") != "" {
		t.Error("a file without other forms varies")
	}
}

func TestConditional(t *testing.T) {
	dir := folder(t)
	s := newSite(dir, "")
	for _, accept := range []string{"", "br", "gzip"} {
		tag := ask(s, "GET", "/", "Accept-Encoding", accept).Header.Get("ETag")
		if !strings.HasPrefix(tag, `"`) {
			t.Fatalf("tag %s is not a strong one", tag)
		}
		r := ask(s, "GET", "/", "Accept-Encoding", accept, "If-None-Match", `"other", `+tag)
		if r.StatusCode != 304 || body(t, r) != "" || r.Header.Get("ETag") != tag {
			t.Errorf("%q: status %d", accept, r.StatusCode)
		}
		if r := ask(s, "GET", "/", "Accept-Encoding", accept, "If-None-Match", `"other"`); r.StatusCode != 200 {
			t.Errorf("%q, other tag: status %d", accept, r.StatusCode)
		}
	}
	br := ask(s, "GET", "/", "Accept-Encoding", "br").Header.Get("ETag")
	if r := ask(s, "GET", "/", "Accept-Encoding", "gzip", "If-None-Match", br); r.StatusCode != 200 {
		t.Errorf("the tag of another form: status %d", r.StatusCode)
	}

	// The same content at another place or time has the same tag, other content
	// another, without a restart.
	other := ask(newSite(folder(t), ""), "GET", "/", "Accept-Encoding", "br").Header.Get("ETag")
	if other != br {
		t.Errorf("tags of the same content: %s, %s", br, other)
	}
	put(t, filepath.Join(dir, "index.html.br"), "html changed")
	r := ask(s, "GET", "/", "Accept-Encoding", "br", "If-None-Match", br)
	if r.StatusCode != 200 || body(t, r) != "html changed" {
		t.Errorf("after a change: status %d", r.StatusCode)
	}
}

func TestCaching(t *testing.T) {
	s := newSite(folder(t), "")
	v := assets.Version([]byte(content["engine-studio.wasm"]))
	const forever = "public, max-age=31536000, immutable"
	for target, want := range map[string]string{
		"/engine-studio.wasm?v=" + v:                forever,
		"/engine-studio.wasm?bytes=3&v=" + v:        forever,
		"/engine-studio.wasm":                       "no-cache",
		"/engine-studio.wasm?v=":                    "no-cache",
		"/engine-studio.wasm?v=0123456789abcdef":    "no-cache",
		"/engine-studio.wasm?v=" + v[:15]:           "no-cache",
		"/engine-studio.wasm?V=" + v:                "no-cache",
		"/engine-studio.wasm?v=" + v + "&%zz;;v=no": "no-cache or " + forever,
		"/": "no-cache",
	} {
		for _, accept := range []string{"", "br"} {
			r := ask(s, "GET", target, "Accept-Encoding", accept)
			if got := r.Header.Get("Cache-Control"); r.StatusCode != 200 || got == "" || !strings.Contains(want, got) {
				t.Errorf("%s, %q: status %d, Cache-Control %q", target, accept, r.StatusCode, got)
			}
		}
	}
}

func TestRange(t *testing.T) {
	s := newSite(folder(t), "")
	r := ask(s, "GET", "/models/one.safetensors", "Range", "bytes=2-4")
	if r.StatusCode != 206 || body(t, r) != "234" || r.Header.Get("Content-Range") != "bytes 2-4/10" {
		t.Errorf("status %d, %q", r.StatusCode, r.Header.Get("Content-Range"))
	}
	if r := ask(s, "GET", "/models/one.safetensors", "Range", "bytes=20-"); r.StatusCode != 416 {
		t.Errorf("beyond the end: status %d", r.StatusCode)
	}
	r = ask(s, "GET", "/engine-studio.wasm", "Range", "bytes=2-4", "Accept-Encoding", "br")
	if r.StatusCode != 200 || body(t, r) != content["engine-studio.wasm.br"] {
		t.Errorf("part of a compressed file: status %d", r.StatusCode)
	}
}

func TestPrefixAndFolders(t *testing.T) {
	s := newSite(folder(t), "/some/path")
	for target, want := range map[string]int{
		"/some/path/": 200, "/some/path/engine-studio.wasm": 200, "/some/path/sub/": 200,
		"/": 404, "/engine-studio.wasm": 404, "/some/": 404, "/some/pathengine-studio.wasm": 404, "/some/path/../path/engine-studio.wasm": 404,
		"/some/path": 307, "/some/path/sub": 307,
	} {
		if r := ask(s, "GET", target); r.StatusCode != want {
			t.Errorf("%s: status %d, want %d", target, r.StatusCode, want)
		}
	}
	for target, want := range map[string]string{"/some/path": "path/", "/some/path?a=1": "path/?a=1", "/some/path/sub": "sub/"} {
		if got := ask(s, "GET", target).Header.Get("Location"); got != want {
			t.Errorf("%s: redirected to %q, want %q", target, got, want)
		}
	}
}

func TestCleanPrefix(t *testing.T) {
	for in, want := range map[string]string{"": "", "/": "", "/a": "/a", "/a/": "/a", "/some/path": "/some/path"} {
		if got, err := cleanPrefix(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"a", "a/b", "//a", "/../a", "/a//b", `/a\b`} {
		if got, err := cleanPrefix(in); err == nil {
			t.Errorf("%q: %q, no error", in, got)
		}
	}
}

// TestOverTheWire sends what no client would, through a real server.
func TestOverTheWire(t *testing.T) {
	server := httptest.NewServer(newSite(folder(t), ""))
	defer server.Close()
	for line, want := range map[string]int{
		"GET / HTTP/1.1":                           200,
		"GET /../outside.txt HTTP/1.1":             404,
		"GET /css/../../outside.txt HTTP/1.1":      404,
		"GET http://elsewhere/index.html HTTP/1.1": 200,
		"GET outside.txt HTTP/1.1":                 400,
		"CONNECT / HTTP/1.1":                       405,
		"GET /%zz HTTP/1.1":                        400,
	} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "%s\r\nHost: localhost\r\nConnection: close\r\n\r\n", line)
		r, err := http.ReadResponse(bufio.NewReader(conn), nil)
		conn.Close()
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if r.StatusCode != want {
			t.Errorf("%s: status %d, want %d", line, r.StatusCode, want)
		}
	}
}

// TestFolderIsReplaced stands for a build while the server runs.
func TestFolderIsReplaced(t *testing.T) {
	dir := folder(t)
	s := newSite(dir, "")
	if r := ask(s, "GET", "/"); r.StatusCode != 200 {
		t.Fatalf("status %d", r.StatusCode)
	}
	if err := os.Rename(dir, dir+".old"); err != nil {
		t.Fatal(err)
	}
	if r := ask(s, "GET", "/"); r.StatusCode != 404 {
		t.Errorf("without a folder: status %d", r.StatusCode)
	}
	put(t, filepath.Join(dir, "index.html"), "new")
	if r := ask(s, "GET", "/"); r.StatusCode != 200 || body(t, r) != "new" {
		t.Errorf("new folder: status %d", r.StatusCode)
	}
}
