package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestHosts(t *testing.T) {
	local := &net.TCPAddr{IP: net.IPv4(192, 168, 1, 5), Port: 8080}
	h := newHosts("school.example, Other.example", nil)
	for host, want := range map[string]bool{
		"localhost:8080": true, "LOCALHOST": true, "localhost.": true, "a.localhost:1": true, "127.0.0.1:8080": true, "127.9.9.9": true, "[::1]:8080": true,
		"school.example:80": true, "OTHER.example": true, "192.168.1.5:8080": true,
		"evil.example:8080": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false, "192.168.1.6": false, "notlocalhost": false, "": false, "[::1": true,
	} {
		if got := h.knows(hostname(host), local); got != want {
			t.Errorf("%q: %v, want %v", host, got, want)
		}
	}
	if h.knows("192.168.1.5", nil) {
		t.Error("an address is known without the one at which the request came in")
	}
}

func TestUnknownHost(t *testing.T) {
	server := httptest.NewServer(newHosts("", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "page") })))
	defer server.Close()
	for host, want := range map[string]int{"": http.StatusOK, "evil.example": http.StatusMisdirectedRequest} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host // empty: that of the address
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != want || want != http.StatusOK && !strings.Contains(string(body), "-hosts") {
			t.Errorf("%q: %d %s", host, answer.StatusCode, body)
		}
	}
}

func TestLimit(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := limit(inner, 2)
	defer l.Close()
	accepted := make(chan net.Conn)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- c
		}
	}()
	for range 3 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first := <-accepted
	defer (<-accepted).Close()
	select {
	case <-accepted:
		t.Fatal("a third connection was taken")
	case <-time.After(50 * time.Millisecond):
	}
	first.Close()
	first.Close() // frees one place all the same
	select {
	case c := <-accepted:
		c.Close()
	case <-time.After(5 * time.Second):
		t.Fatal("nothing more was taken after one was closed")
	}
}
