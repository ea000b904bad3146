package main

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// maxConnections is how many connections are open at most; others wait. A browser has
// six to a server.
const maxConnections = 256

// hosts answers only requests for names of this machine: any site can give itself a
// name with this machine's address, and would then have the page's origin (DNS
// rebinding).
type hosts struct {
	names []string // lower case, besides those of the loopback interface
	next  http.Handler
}

// newHosts takes further names, separated by commas.
func newHosts(names string, next http.Handler) *hosts {
	h := &hosts{next: next}
	for name := range strings.SplitSeq(names, ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			h.names = append(h.names, name)
		}
	}
	return h
}

func (h *hosts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !h.knows(hostname(r.Host), local) {
		http.Error(w, "421 this server does not know the name "+hostname(r.Host)+": name it with -hosts", http.StatusMisdirectedRequest)
		return
	}
	h.next.ServeHTTP(w, r)
}

// knows reports whether a request for host that came in at local is for this machine.
// An address is, if it is the one at which it came in.
func (h *hosts) knows(host string, local net.Addr) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || slices.Contains(h.names, host) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	if ip.IsLoopback() {
		return true
	}
	tcp, ok := local.(*net.TCPAddr)
	return ok && tcp.AddrPort().Addr().Unmap() == ip.Unmap()
}

// hostname is a Host header without its port, in lower case.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// limited accepts so many connections at a time.
type limited struct {
	net.Listener
	free chan struct{}
}

func limit(l net.Listener, n int) net.Listener { return &limited{l, make(chan struct{}, n)} }

func (l *limited) Accept() (net.Conn, error) {
	l.free <- struct{}{}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.free
		return nil, err
	}
	return &counted{Conn: c, release: func() { <-l.free }}, nil
}

// counted frees its place when it is closed.
type counted struct {
	net.Conn
	once    sync.Once
	release func()
}

func (c *counted) Close() error {
	c.once.Do(c.release)
	return c.Conn.Close()
}
