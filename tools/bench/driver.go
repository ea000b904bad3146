package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// driver is drive.mjs, which runs workers in Node, Chromium and Firefox.
type driver struct {
	in   io.WriteCloser
	out  *bufio.Reader
	next int
	end  func() error
}

// startDriver starts drive.mjs. mounts are the folders that workers see.
func startDriver(ctx context.Context, node, script, chrome, firefox string, mounts map[string]string) (*driver, error) {
	settings, err := json.Marshal(map[string]any{"mounts": mounts, "chrome": chrome, "firefox": firefox})
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, node, script, string(settings))
	cmd.Stderr = os.Stderr
	cmd.WaitDelay = 10 * time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	// It ends, and browsers with it, when its input does.
	cmd.Cancel = in.Close
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &driver{in: in, out: bufio.NewReader(out), end: func() error {
		return errors.Join(in.Close(), cmd.Wait())
	}}, nil
}

// answerError is what the driver says of a request that failed.
type answerError string

func (e answerError) Error() string { return string(e) }

// ask sends a request and reads its answer into result, unless that is nil. An
// answerError concerns the request alone; after any other error the driver
// cannot be used any more.
func (d *driver) ask(call string, fields map[string]any, result any) error {
	d.next++
	request := map[string]any{"id": d.next, "call": call}
	for k, v := range fields {
		request[k] = v
	}
	b, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err := d.in.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("the driver has ended: %w", err)
	}
	line, err := d.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("the driver has ended: %w", err)
	}
	var answer struct {
		ID     int
		Result json.RawMessage
		Error  string
	}
	if err := json.Unmarshal(line, &answer); err != nil || answer.ID != d.next {
		return fmt.Errorf("the driver answers request %d with %.200q", d.next, line)
	}
	if answer.Error != "" {
		return answerError(answer.Error)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(answer.Result, result)
}
